"""Scope (数据范围): the five columns of every scoped row, the one door to reads, and shares as its exceptions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.areas.models import Area
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quancheng.kernel.access.actor import Actor

Row = TypeVar("Row", bound="models.Model")


class Reach(models.TextChoices):
    """Who besides the owner may see a row (可见范围)."""

    OWN = "own", _("仅本单位")
    CHAIN = "chain", _("监管链条")
    PARTY = "party", _("监管链条与当事企业")
    PUBLIC = "public", _("公开")


def subject_type_of(model: type[models.Model] | models.Model) -> str:
    """How kernel tables name a kind of row, e.g. ``duty.task``."""
    return str(model._meta.label_lower)


class ShareQuerySet(models.QuerySet["Share"]):
    def live(self) -> Self:
        """Shares that count now, by the database's clock."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=Now()), ended_at__isnull=True)


class Share(models.Model):
    """One row opened to one organisation or person (共享), with why and until when: the only exception to scope.

    Retention class: record of acts, 5 years after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    to_org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    to_user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    #: A short code, e.g. ``lead``, ``support``, ``addressee``, ``expert``.
    why = models.CharField(max_length=40)
    until = models.DateTimeField(null=True, blank=True)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    #: When somebody of the addressee first opened it from the list of copies (阅知), and who.
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_org__isnull=False, to_user__isnull=True) | Q(to_org__isnull=True, to_user__isnull=False),
                name="share_to_one",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "to_org", "why"],
                condition=Q(ended_at__isnull=True, to_org__isnull=False),
                name="share_org_once",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "to_user", "why"],
                condition=Q(ended_at__isnull=True, to_user__isnull=False),
                name="share_user_once",
            ),
        ]
        indexes = [
            # What every list asks of shares is answered from these alone, without a look at the rows.
            models.Index(
                fields=["to_org", "subject_type", "subject_id"],
                include=["until"],
                condition=Q(ended_at__isnull=True),
                name="share_live_org",
            ),
            models.Index(
                fields=["to_user", "subject_type", "subject_id"],
                include=["until"],
                condition=Q(ended_at__isnull=True, to_user__isnull=False),
                name="share_live_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} → {self.to_org_id or self.to_user_id}"


@models.UUIDField.register_lookup
class Among(models.Lookup):
    """``pk__among=ArraySubquery(...)``: one of an array that is made once.

    Beside it ``IN`` with a subquery may be any half of the rows for all that the planner knows, and no index answers
    it where it is one alternative of several.
    """

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_given = self.process_lhs(compiler, connection)
        right, right_given = self.process_rhs(compiler, connection)
        return f"{left} = ANY({right})", (*left_given, *right_given)


def visible_q(actor: Actor, subject_type: str) -> Q | None:
    """The rule of scope as a condition; ``None`` where the actor sees nothing at all.

    Own organisation, or (reach and area and links), or the enterprise concerned, or public, or a live share.
    """
    if actor.is_system:
        return Q()
    if actor.administrator or actor.organisation_id is None:
        return None
    # The database asks one alternative after the other: what lets an office see most of its rows stands first.
    seen = _chain_q(actor) | Q(owner_org=actor.organisation_id) | Q(reach=Reach.PUBLIC)
    seen |= Q(enterprise=actor.organisation_id, reach=Reach.PARTY)
    for shared in _shares(actor, subject_type):
        seen |= Q(pk__in=shared) if actor.supervises else Q(pk__among=ArraySubquery(shared))
    return seen


def summed_q(actor: Actor) -> Q | None:
    """What an office sees by area, links and reach alone: the part of its scope that sums by these can tell.

    ``None`` for whoever sees rows otherwise.
    """
    chain = _chain_q(actor)
    return chain | Q(reach=Reach.PUBLIC) if chain else None


def apart_q(actor: Actor, subject_type: str) -> Q:
    """The rest of what an office sees: its own rows, and what is shared with it. Found by indexes."""
    seen = Q(owner_org=actor.organisation_id) | Q(enterprise=actor.organisation_id, reach=Reach.PARTY)
    for shared in _shares(actor, subject_type):
        seen |= Q(pk__among=ArraySubquery(shared))
    return seen


def _chain_q(actor: Actor) -> Q:
    """(Reach and area and links); empty for whoever does not supervise, which is no alternative at all."""
    if actor.administrator or not (actor.supervises and (actor.general or actor.links)):
        return Q()
    chain = Q(reach__in=(Reach.CHAIN, Reach.PARTY))
    if not actor.general:
        chain &= Q(links__overlap=sorted(actor.links))
    if not actor.whole_district:
        # No join: an UPDATE through it would ask the row's state of a snapshot, and two at once would both win.
        below = Area.objects.filter(path__startswith=actor.area_path)
        chain &= Q(area__in=below.values("pk")) if actor.area_path else Q(pk__in=[])
    return chain


def _shares(actor: Actor, subject_type: str) -> Iterator[Any]:
    """Rows shared with an organisation, then with a person: two conditions and not one with OR, so that an index alone
    answers each.

    An office looks through most rows anyway and may have thousands of shares: they are hashed. Who sees few rows in all
    has few, and indexes find each of his alternatives.
    """
    live = Share.objects.live().filter(subject_type=subject_type)
    yield live.filter(to_org=actor.organisation_id).values("subject_id")
    if actor.user_id is not None:
        yield live.filter(to_user=actor.user_id).values("subject_id")


class ScopedQuerySet(models.QuerySet[Row]):
    """Query set of scoped rows; ``visible_to`` is the only door to reads."""

    def visible_to(self, actor: Actor) -> Self:
        """Rows that the actor may see; see :func:`visible_q`."""
        condition = visible_q(actor, subject_type_of(self.model))
        return self.none() if condition is None else self.filter(condition)


class Scoped(models.Model):
    """The five columns of scope. ``area`` null means the whole district; empty ``links`` means no link of the chain."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    enterprise = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey("areas.Area", models.PROTECT, null=True, blank=True, related_name="+")
    links = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    reach = models.CharField(max_length=10, choices=Reach.choices, default=Reach.CHAIN)

    class Meta:
        abstract = True

    @classmethod
    def row_type(cls) -> str:
        """How kernel tables name this kind of row; a model may have a field ``subject_type`` beside it."""
        return subject_type_of(cls)

    def scope_columns(self, *, owner: uuid.UUID | None = None, reach: str = "") -> dict[str, Any]:
        """The five columns, for another row that hangs on this one; of another owner or reach where it is told."""
        return {
            "owner_org_id": owner or self.owner_org_id, "enterprise_id": self.enterprise_id, "area_id": self.area_id,
            "links": self.links, "reach": reach or self.reach,
        }  # fmt: skip


class ClientAct(models.Model):
    """A request identifier made by a client (客户端标识), so that the same request sent twice acts once.

    Retention class: technical, 90 days.
    """

    id = models.UUIDField(primary_key=True)
    user_id = models.UUIDField(null=True)
    act = models.CharField(max_length=80)
    body_digest = models.CharField(max_length=64)
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="client_act_at")]

    def __str__(self) -> str:
        return f"{self.act} {self.id}"


class AddressUse(models.Model):
    """One use of what is open to everybody, by an address (公开使用计数); see ``kernel.throttle``.

    Of the address only a keyed digest is kept. Retention class: technical, 2 days.
    """

    id = models.BigAutoField(primary_key=True)
    #: What was used, e.g. ``registry.apply``.
    place = models.CharField(max_length=40)
    address_digest = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["place", "address_digest", "at"], name="address_use_recent"),
            models.Index(fields=["place", "at"], name="address_use_together"),
            models.Index(fields=["at"], name="address_use_at"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.at:%Y-%m-%d %H:%M}"
