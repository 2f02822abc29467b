"""The journal (日志): an append-only, sealed record of acts.

The application's database role may add to these tables and read them, and nothing else; only the queue of entries
that wait for their seal may be emptied.
"""

from __future__ import annotations

from django.db import models

from quancheng.kernel.ids import uuid7


class JournalEntry(models.Model):
    """One act, with the digest of its own canonical JSON. Retention class: permanent.

    ``facts`` hold no personal data in clear: fields marked personal or secret enter as keyed digests.
    """

    append_only = True

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid7, editable=False)
    #: Whose chain it belongs to: the organisation's, or null for the house's own.
    org_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    #: The user, where a person acted; names stand in the users' table alone.
    user_id = models.UUIDField(null=True)
    actor_org_id = models.UUIDField(null=True)
    #: The system actor's name, where no person acted.
    system_name = models.CharField(max_length=60, blank=True)
    act = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "seq"], name="journal_subject"),
            models.Index(fields=["org_id", "seq"], name="journal_org"),
            models.Index(fields=["user_id", "seq"], name="journal_user"),
            models.Index(fields=["at"], name="journal_at"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.id}"


class JournalWaiting(models.Model):
    """An entry that has no seal yet; written with the entry. Retention class: technical, until sealed."""

    entry = models.OneToOneField(JournalEntry, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)

    def __str__(self) -> str:
        return str(self.entry_id)


class JournalSeal(models.Model):
    """An entry's gapless number in its chain, and the chain's digest up to it. Retention class: permanent."""

    append_only = True

    entry = models.OneToOneField(JournalEntry, models.PROTECT, primary_key=True, related_name="seal")
    #: The organisation's identifier, or ``house``.
    chain = models.CharField(max_length=36)
    number = models.BigIntegerField()
    chain_digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="journal_seal_gapless")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"


class JournalRoot(models.Model):
    """The night's root over the heads of all chains; also kept outside the database. Retention class: permanent."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    made_at = models.DateTimeField()
    #: Chain to [number, digest].
    heads = models.JSONField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.digest[:12]}"
