"""Records of checks (排查记录) with their answers, and signs that some were made up (记录异常)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.hazards.models.checks import FORMS, CheckDue, CheckTask, WorkType
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.standards.risk.record_flags import FLAGS


class CheckStatus(models.IntegerChoices):
    """What was seen (排查结果), ``checkStatus`` of the exchange spec."""

    NORMAL = 0, pgettext_lazy("check", "正常")
    FOUND = 1, _("发现隐患")
    NOT_CHECKED = 2, _("未排查")
    OTHER = 3, _("其他")


class AnswerCode(models.IntegerChoices):
    """Answer to an item of a checklist (检查结果)."""

    CONFORMS = 0, _("符合")
    FAILS = 1, _("不符合")
    NOT_APPLICABLE = 2, _("不适用")
    UNCHECKED = 3, _("未查")


class CheckRecord(models.Model):
    """One check as it was made (排查记录). Read through the enterprise's file. Retention class: as the file.

    Never written over. ``at`` is the real time on site: the client's, put right by what its clock was off by.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="check_records")
    task = models.ForeignKey(CheckTask, models.PROTECT, null=True, related_name="records")
    #: The instance it was made for; it does that one only if it lies in its window.
    due = models.ForeignKey(CheckDue, models.SET_NULL, null=True, related_name="records")
    object = models.ForeignKey("risk.RiskObject", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, related_name="+")
    measure = models.ForeignKey("risk.Measure", models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey("risk.Post", models.PROTECT, null=True, related_name="+")
    #: The edition of the checklist that the person had in hands.
    edition = models.ForeignKey("law.Edition", models.PROTECT, null=True, related_name="+")
    #: Another edition was in force when it was made.
    is_edition_old = models.BooleanField(_("检查表已有新版"), default=False)
    content = models.CharField(_("排查内容"), max_length=1000)
    form = models.CharField(_("排查形式"), max_length=14)
    work_type = models.PositiveSmallIntegerField(_("任务类型"), choices=WorkType.choices, default=WorkType.DAILY)
    status = models.PositiveSmallIntegerField(_("排查结果"), choices=CheckStatus.choices)
    note = models.CharField(_("说明"), max_length=1000, blank=True)
    person = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    person_name = models.CharField(_("排查人"), max_length=130)
    #: Whether he held the post of the task, or was the one named.
    is_own = models.BooleanField(_("本岗人员"), default=True)
    at = models.DateTimeField(_("排查时间"))
    #: As the client told the time on site, its clock when it sent, and ours when it came.
    client_at = models.DateTimeField(_("设备记录时间"))
    sent_at = models.DateTimeField(_("设备发送时间"), null=True)
    received_at = models.DateTimeField(_("接收时间"))
    #: Seconds that the client's clock was ahead, or behind where negative; nought while within tolerance.
    clock_off_s = models.IntegerField(_("设备时钟偏差（秒）"), default=0)
    #: Made after the window of its instance had closed.
    is_late = models.BooleanField(_("逾期补记"), default=False)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(_("定位精度（米）"), null=True)
    distance_m = models.PositiveIntegerField(_("距单元（米）"), null=True)
    #: Identifier of the device, sealed, with its blind index.
    device = models.TextField(blank=True)
    device_index = models.CharField(max_length=80, blank=True)
    #: Digests of the photos as they were taken, to tell one that is used again.
    photos = ArrayField(models.CharField(max_length=80), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CheckStatus.values), name="check_record_status"),
            models.CheckConstraint(condition=Q(form__in=FORMS), name="check_record_form"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="check_record_point",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-at"], name="check_record_by_file"),
            # With the file: scope, and sums of a period, without a look at the rows.
            models.Index(fields=["-at", "id"], include=["file"], name="check_record_newest"),
            models.Index(fields=["task", "-at"], name="check_record_of_task"),
            models.Index(fields=["due"], name="check_record_of_due"),
            models.Index(fields=["person", "-at"], name="check_record_of_person"),
            models.Index(
                fields=["post", "-at"], condition=Q(post__isnull=False, is_late=False), name="check_record_of_post"
            ),
        ]

    def __str__(self) -> str:
        return self.content[:60]


class CheckAnswer(models.Model):
    """One answer of a record to one item of its checklist (检查项结果). Retention class: as the record."""

    id = models.BigAutoField(primary_key=True)
    record = models.ForeignKey(CheckRecord, models.CASCADE, related_name="answers")
    clause = models.ForeignKey("law.Clause", models.PROTECT, related_name="+")
    answer = models.PositiveSmallIntegerField(_("结果"), choices=AnswerCode.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "clause"], name="check_answer_once"),
            models.CheckConstraint(condition=Q(answer__in=AnswerCode.values), name="check_answer_known"),
        ]
        indexes = [models.Index(fields=["clause", "answer"], name="check_answer_by_item")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.clause_id} {self.answer}"


class RecordFlag(models.Model):
    """A sign that records were made up (排查记录异常): a reason to look, no proof until a regulator confirms it.

    Read through the enterprise's file. Retention class: as the file.
    """

    class Verdict(models.TextChoices):
        """What the regulator said (核查结论)."""

        OPEN = "", _("待核查")
        CONFIRMED = "confirmed", _("属实，认定造假")
        DISMISSED = "dismissed", _("排除")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="record_flags")
    code = models.CharField(_("异常类型"), max_length=16, choices=[(code, code) for code in FLAGS])
    #: ``{"zh", "en"}``: what shows it.
    text = models.JSONField()
    #: Records that show it, the earliest first; and the digest under which the same sign is told once.
    records = ArrayField(models.UUIDField(), default=list)
    digest = models.CharField(max_length=64)
    #: When the last of its records was made: the week that a confirmed one counts for.
    last_at = models.DateTimeField(_("记录时间"))
    found_at = models.DateTimeField(_("发现时间"))
    verdict = models.CharField(_("核查结论"), max_length=10, choices=Verdict.choices, default="", blank=True)
    comment = models.CharField(_("核查情况"), max_length=500, blank=True)
    judged_at = models.DateTimeField(_("核查时间"), null=True, blank=True)
    judged_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "code", "digest"], name="record_flag_once"),
            models.CheckConstraint(
                condition=Q(verdict="", judged_at__isnull=True) | (~Q(verdict="") & Q(judged_at__isnull=False)),
                name="record_flag_judged",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-last_at"], name="record_flag_by_file"),
            models.Index(fields=["-found_at", "id"], name="record_flag_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.file_id}"
