"""What processors of the signal flow keep between two runs (处理器存档)."""

from __future__ import annotations

from django.db import models


class PartitionState(models.Model):
    """How far a partition of the stream is processed, and how its limits stood there (分区处理状态).

    ``epoch`` is raised by whoever takes the partition over; what an earlier owner writes then is refused.

    Retention class: technical, until the stream has fewer partitions.
    """

    partition = models.PositiveSmallIntegerField(primary_key=True)
    epoch = models.PositiveBigIntegerField(default=0)
    #: When the stream was made: another one counts from one again.
    stream = models.CharField(max_length=40, default="")
    #: Number in the stream of the last envelope that is written down.
    seq = models.PositiveBigIntegerField(default=0)
    #: States of limits, as the processor packs them.
    content = models.BinaryField(default=b"")
    saved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.partition} {self.seq}"


class PairSplit(models.Model):
    """A tag and its partner whose clocks are too far apart to be compared (对照时钟不一致), since when.

    It says something while the tag still has that partner. Retention class: as the file.
    """

    tag = models.OneToOneField("monitoring.Tag", models.CASCADE, primary_key=True, related_name="pair_split")
    partner = models.ForeignKey("monitoring.Tag", models.CASCADE, related_name="+")
    #: By arrival.
    since_at = models.DateTimeField()
    #: How far apart the newest of both were when it was noted.
    apart_ms = models.BigIntegerField()
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.tag_id} {self.since_at}"


class UnknownKey(models.Model):
    """A name that a source tells and no tag has (未登记点位), with how often: readings under it are not kept.

    Retention class: as the source.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey("monitoring.Source", models.CASCADE, related_name="unknown_keys")
    key = models.CharField(max_length=200)
    count = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="unknown_key_once")]

    def __str__(self) -> str:
        return self.key


class AsideMessage(models.Model):
    """A message, or a reading of it, that could not be read (存疑报文), with why; the newest of each reason are kept.

    Read through its source. Retention class: 30 days after it came.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey("monitoring.Source", models.CASCADE, related_name="asides")
    at = models.DateTimeField()
    form = models.CharField(max_length=20)
    topic = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=40)
    key = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    body = models.BinaryField()
    #: Somebody asked for it to be put into the stream again after a fix; and a gateway did so.
    asked_at = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at", "id"], name="aside_due",
                condition=models.Q(asked_at__isnull=False, replayed_at__isnull=True),
            ),
            models.Index(fields=["source", "reason", "-at"], name="aside_by_reason"),
            models.Index(fields=["at"], name="aside_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.at}"
