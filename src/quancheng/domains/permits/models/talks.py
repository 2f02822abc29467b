"""Toolbox talks (班前会) and stop-and-think cards (停一停卡) of a permit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit, PermitPerson
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.ids import uuid7


class ToolboxTalk(models.Model):
    """One talk before work of a day (班前会): ``topics`` are hazards and measures of the permit as they stood then.
    Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="talks")
    day = models.DateField(_("日期"))
    #: ``{"about", "text"}`` in order.
    topics = models.JSONField(default=list)
    #: Of the permit's steps and measures, from which the questions are drawn.
    asked_of = models.JSONField(default=dict)
    led_by_id = models.UUIDField(null=True)
    led_by = models.CharField(_("主持人"), max_length=130)
    began_at = models.DateTimeField(_("开始时间"))
    #: Of the permit as it was presented: a talk about one edition says nothing of the next.
    seal = models.CharField(max_length=64)
    #: Until when people sign in.
    closes_at = models.DateTimeField(_("签到截止时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("began_at")), name="talk_closes_later"),
        ]
        indexes = [models.Index(fields=["permit", "-began_at"], name="talk_newest")]

    def __str__(self) -> str:
        return f"{self.day}"


class TalkAttendance(models.Model):
    """Somebody of the permit who was at a talk, and how he answered its questions (班前会签到). Retention class: as the
    permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    talk = models.ForeignKey(ToolboxTalk, models.CASCADE, related_name="attendances")
    person = models.ForeignKey(PermitPerson, models.RESTRICT, related_name="+")
    came_at = models.DateTimeField(_("签到时间"))
    #: How often he answered and something was wrong.
    wrong_count = models.PositiveSmallIntegerField(_("答错次数"), default=0)
    passed_at = models.DateTimeField(_("答对时间"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["talk", "person"], name="talk_attendance_once")]

    def __str__(self) -> str:
        return f"{self.came_at:%Y-%m-%d}"


class ThinkItemChange(models.Model):
    """One question of the stop-and-think card put on, written anew or taken off (停一停问题变更), by an enterprise for
    itself, or by an office for all where none is named. Only ever added: of those that have begun the newest counts,
    else what ships. Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+")
    code = models.CharField(_("问题代码"), max_length=20)
    is_on = models.BooleanField(_("列入卡片"), default=True)
    zh = models.CharField(_("问题"), max_length=200)
    en = models.CharField(_("问题（英文）"), max_length=200, blank=True)
    #: A code of ``standards.gb30871.endings.STOP_REASONS``: why work stands after a no.
    stop_reason = models.CharField(_("暂停原因"), max_length=20)
    clause = models.CharField(_("依据"), max_length=120)
    valid_from = models.DateField(_("起用日期"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        indexes = [models.Index(fields=["file", "entered_at", "id"], name="think_item_in_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> str:
        """In the reader's language."""
        return self.en if self.en and (get_language() or "").startswith("en") else self.zh


class ThinkCard(models.Model):
    """A worker's card "stop and think" (停一停卡): each question with yes or no. A no stops the work; who said it is
    not blamed, and offices read no name. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="think_cards")
    #: Who thought, where he is on the permit; None: whoever sees it.
    person = models.ForeignKey(PermitPerson, models.RESTRICT, null=True, related_name="+")
    #: ``{"code", "text", "is_yes"}`` as it was asked.
    answers = models.JSONField(default=list)
    is_clear = models.BooleanField(_("全部为是"))
    note = models.CharField(_("情况说明"), max_length=500, blank=True)
    #: Whether work ran and was stopped by it.
    has_stopped = models.BooleanField(_("暂停了作业"), default=False)
    by_user_id = models.UUIDField(null=True)
    by_name = models.CharField(_("填写人"), max_length=130)
    answered_at = models.DateTimeField(_("填写时间"))
    settled_by = models.CharField(_("处理人"), max_length=130, blank=True)
    settled_note = models.CharField(_("处理情况"), max_length=500, blank=True)
    settled_at = models.DateTimeField(_("处理时间"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["permit", "-answered_at"], name="think_card_newest"),
            models.Index(
                fields=["permit"], condition=Q(is_clear=False, settled_at__isnull=True), name="think_card_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answered_at:%Y-%m-%d %H:%M}"
