"""Spot checks of running permits (作业抽查): rates, each draw with its seed, each check with what was seen; and what
enterprises confirm of their own rules for dangerous work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.loops.spot import SPOT
from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class SpotRate(models.Model):
    """How many running permits are drawn a day (抽查比例). Retention class: permanent. Only ever added: the newest
    counts."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    high = models.PositiveSmallIntegerField(_("高分界限"))
    middle = models.PositiveSmallIntegerField(_("中分界限"))
    high_percent = models.PositiveSmallIntegerField(_("高分抽查比例（%）"))
    middle_percent = models.PositiveSmallIntegerField(_("中分抽查比例（%）"))
    low_percent = models.PositiveSmallIntegerField(_("其余抽查比例（%）"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(high_percent__lte=100, middle_percent__lte=100, low_percent__lte=100)
                & Q(middle__lte=F("high")),
                name="permit_spot_rate_in_bounds",
            ),
        ]
        indexes = [models.Index(fields=["-entered_at", "-id"], name="permit_spot_rate_newest")]

    def __str__(self) -> str:
        return f"{self.high_percent}/{self.middle_percent}/{self.low_percent}"


class SpotDraw(Scoped):
    """One draw of an office (随机抽取): its seed, rates, and every permit that stood in it with its score, so that
    anybody draws the same again. Retention class: permanent."""

    drawn_date = models.DateField(_("抽取日期"))
    seed = models.CharField(_("随机种子"), max_length=64)
    rates = models.JSONField(_("抽查比例"))
    #: ``{permit, number, score, lines: [[code, points]], chosen}`` of each.
    scored = models.JSONField(default=list)
    chosen_count = models.PositiveIntegerField(_("抽中张数"), default=0)
    is_extra = models.BooleanField(_("加抽"), default=False)
    drawn_at = models.DateTimeField(_("抽取时间"))
    drawn_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet["SpotDraw"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_org", "drawn_date"], condition=Q(is_extra=False), name="permit_spot_draw_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["-drawn_at", "id"], name="permit_spot_draw_newest")]

    def __str__(self) -> str:
        return f"{self.drawn_date} {self.chosen_count}"


class SpotMode(models.TextChoices):
    """How a permit is looked at (抽查方式)."""

    ONLINE = "online", _("线上（规则和视频）")
    ON_SITE = "on_site", _("现场")


class SpotCheck(LoopRow):
    """One permit that an inspector looks at (作业抽查). ``owner_org`` is his office; the enterprise reads it once it is
    recorded. Retention class: as the permit."""

    loop_code: ClassVar[str] = SPOT.code

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="spot_checks")
    draw = models.ForeignKey(SpotDraw, models.PROTECT, null=True, blank=True, related_name="checks")
    title = models.CharField(_("抽查事项"), max_length=300)
    score = models.PositiveSmallIntegerField(_("抽取得分"), null=True, blank=True)
    due_date = models.DateField(_("抽查日期"))
    mode = models.CharField(_("抽查方式"), max_length=8, choices=SpotMode.choices, blank=True)
    passed = models.BooleanField(_("是否合格"), null=True, blank=True)
    #: What the rules said of the permit at that moment.
    audit_score = models.PositiveSmallIntegerField(_("审计得分"), null=True, blank=True)
    # Of an online check: which camera showed what, when.
    camera = models.CharField(_("摄像头"), max_length=100, blank=True)
    seen_at = models.DateTimeField(_("查看时刻"), null=True, blank=True)
    seen = models.CharField(_("视频所见"), max_length=1000, blank=True)
    #: Of one on the spot: ``{code of a question: [YES, NO or NA, note]}``.
    answers = models.JSONField(_("检查项"), default=dict, blank=True)
    note = models.CharField(_("抽查说明"), max_length=1000, blank=True)
    checker = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    checker_name = models.CharField(_("抽查人"), max_length=130, blank=True)
    checked_at = models.DateTimeField(_("抽查时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SpotCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SPOT.codes), name="permit_spot_check_status_known"),
            models.CheckConstraint(
                condition=~Q(status="DONE") | Q(passed__isnull=False, checked_at__isnull=False) & ~Q(mode=""),
                name="permit_spot_check_done_says_what",
            ),
            models.UniqueConstraint(fields=["permit"], condition=Q(status="DUE"), name="permit_spot_check_one_open"),
        ]
        indexes = [
            models.Index(F("checked_at").desc(nulls_first=True), F("due_date").desc(), F("id"),
                         name="permit_spot_check_open_first"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Matter(models.TextChoices):
    """What an enterprise sets up for dangerous work (危险作业机制)."""

    RULES = "rules", _("危险作业管理制度")
    TRAINING = "training", pgettext_lazy("dangerous work", "危险作业培训")
    SELF_CHECK = "self_check", _("危险作业自查机制")


class WorkMechanism(models.Model):
    """An enterprise confirms that its rules, training or self-checks of dangerous work stand, with documents
    (危险作业机制确认). The newest of a matter counts. Read through the enterprise's file. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="work_mechanisms")
    matter = models.CharField(_("机制类别"), max_length=10, choices=Matter.choices)
    title = models.CharField(_("制度名称"), max_length=200)
    issued_date = models.DateField(_("印发日期"))
    text = models.CharField(_("主要内容"), max_length=1000, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"))
    confirmed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("确认人"), max_length=130)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(matter__in=Matter.values), name="work_mechanism_matter_known"),
        ]
        indexes = [models.Index(fields=["file", "matter", "-confirmed_at"], name="work_mechanism_newest")]

    def __str__(self) -> str:
        return self.title


class MechanismDue(models.Model):
    """By which day enterprises confirm (危险作业机制确认期限). Retention class: permanent. Only ever added: the newest
    counts."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    due_date = models.DateField(_("确认期限"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-entered_at", "-id"], name="mechanism_due_newest")]

    def __str__(self) -> str:
        return str(self.due_date)
