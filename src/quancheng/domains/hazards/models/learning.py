"""What a danger taught (举一反三): its lesson, and the same-type self-checks asked of other units."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.learning import PUSH, PUSH_REPLY
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow

#: How a self-check was answered.
ANSWERED = ("CHECKED", "FOUND", "NOT_APPLICABLE")


class Lesson(models.Model):
    """What was learnt of one graver danger (举一反三), read through the danger. Retention class: as the danger.

    ``whys`` are the answers to why, the last one the root cause; ``places`` hold ``{"place", "result"}`` of each place
    of the same kind in the unit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.OneToOneField(Finding, models.PROTECT, related_name="learned")
    whys = models.JSONField(_("逐层追问"), default=list)
    places = models.JSONField(_("同类部位排查"), default=list)
    rule = models.CharField(_("制度修订"), max_length=500, blank=True)
    procedure = models.CharField(_("操作规程修订"), max_length=500, blank=True)
    training = models.CharField(_("培训教育"), max_length=500, blank=True)
    #: Which other units of the trade should be told of it.
    tell = models.CharField(_("建议告知的单位"), max_length=500, blank=True)
    writer_name = models.CharField(_("填写人"), max_length=130)
    written_at = models.DateTimeField(_("填写时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(rule="", procedure="", training=""), name="lesson_changes_something"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.finding_id)

    @property
    def root_cause(self) -> str:
        """The last answer to why."""
        return str(self.whys[-1]) if self.whys else ""


class Push(LoopRow):
    """An office asks units to look for the same at themselves (同类自查). ``owner_org`` is the office.

    ``asked`` holds by what the units were chosen. Retention class: as the danger.
    """

    loop_code = PUSH.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("自查事项"), max_length=200)
    text = models.TextField(_("自查内容和要求"), max_length=4000)
    #: The danger from which it is learnt, where there is one in the house.
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="pushes")
    criterion = models.CharField(_("判定标准"), max_length=12, blank=True)
    asked = models.JSONField(default=dict, editable=False)
    due_date = models.DateField(_("回复期限"))
    #: The share of answers with which it is done, in percent, as it stood when it was sent.
    done_percent = models.PositiveSmallIntegerField(_("完成比例（%）"))
    closed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("推送时间"))

    objects = ScopedQuerySet["Push"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PUSH.codes), name="push_status_known"),
            models.CheckConstraint(condition=Q(done_percent__gte=1, done_percent__lte=100), name="push_percent"),
        ]
        indexes = [models.Index(fields=["-created_at", "id"], name="push_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class PushReply(LoopRow):
    """One unit's part of a same-type self-check. Retention class: as the danger."""

    loop_code = PUSH_REPLY.code

    push = models.ForeignKey(Push, models.PROTECT, related_name="replies")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="push_replies")
    title = models.CharField(_("自查事项"), max_length=240)
    #: Why the unit was chosen, in both languages: ``{"zh", "en"}``.
    because = models.JSONField(_("推送原因"), default=list)
    due_date = models.DateField(_("回复期限"))
    text = models.TextField(_("自查情况"), max_length=4000, blank=True)
    found_count = models.PositiveSmallIntegerField(_("发现隐患数"), default=0)
    closed_at = models.DateTimeField(_("回复时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["PushReply"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PUSH_REPLY.codes), name="push_reply_status_known"),
            models.CheckConstraint(
                condition=~Q(status="FOUND") | Q(found_count__gt=0), name="push_reply_found_some"
            ),
            models.UniqueConstraint(fields=["push", "file"], name="push_reply_once"),
        ]  # fmt: skip
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date"), F("id"), name="push_reply_open_first"),
        ]

    def __str__(self) -> str:
        return self.title
