"""Hidden dangers (隐患), the reports of major ones, and what was looked at again after closing."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.finding import FINDING, MOST_EXTENSIONS
from quancheng.domains.hazards.loops.recheck import RECHECK
from quancheng.domains.hazards.loops.report import MAJOR_REPORT
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.hidden_dangers.levels import Grade, weight_of

_CODES = {name: [one.code for one in code_list(name).items] for name in (
    "source", "channel", "type", "category", "classification", "link", "manage", "stop",
)}  # fmt: skip


class Finding(LoopRow):
    """One hidden danger, on which the enterprise and the regulator work together. ``owner_org`` is the enterprise.

    Codes are those of ``standards.hidden_dangers.kinds``. Retention class: permanent.
    """

    loop_code = FINDING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="findings")
    #: The office that supervises it, cancels major ones and gets their reports.
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(_("隐患名称"), max_length=300)
    description = models.TextField(_("隐患描述"), max_length=4000, blank=True)
    object = models.ForeignKey("risk.RiskObject", models.PROTECT, null=True, blank=True, related_name="findings")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, blank=True, related_name="findings")
    #: The measure that failed; it counts as failed until the danger is closed.
    measure = models.ForeignKey("risk.Measure", models.PROTECT, null=True, blank=True, related_name="findings")
    place = models.CharField(_("部位"), max_length=200, blank=True)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    found_at = models.DateTimeField(_("发现时间"))
    finder = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    finder_name = models.CharField(_("发现人"), max_length=100)
    finder_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    is_by_regulator = models.BooleanField(_("监管部门发现"), default=False)
    source = models.CharField(_("隐患来源"), max_length=14)
    channel = models.CharField(_("来源渠道"), max_length=10)
    type = models.CharField(_("隐患类型"), max_length=12)
    category = models.CharField(_("隐患类别"), max_length=10, default="other")
    classification = models.CharField(_("管理分类"), max_length=12, blank=True)
    link = models.CharField(_("产生环节"), max_length=14, blank=True)
    manage = models.CharField(_("治理类型"), max_length=10, blank=True)
    #: Thought to be major by who found it, then as it was confirmed.
    is_major = models.BooleanField(_("重大隐患"), default=False)
    grade = models.CharField(_("内部等级"), max_length=8, blank=True)
    criterion = models.CharField(_("判定标准"), max_length=12, blank=True)
    checklist_item = models.CharField(_("检查表条目"), max_length=40, blank=True)
    #: The check that found it.
    check_record = models.ForeignKey(
        "hazards.CheckRecord", models.PROTECT, null=True, blank=True, related_name="findings"
    )
    #: The design diagnosis whose defect it is.
    diagnosis = models.ForeignKey(
        "hazards.DesignDiagnosis", models.PROTECT, null=True, blank=True, related_name="findings"
    )
    cause = models.TextField(_("原因分析"), max_length=2000, blank=True)
    rectifier = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    deadline = models.DateField(_("整改期限"), null=True, blank=True)
    #: Days given at first: of a rework the new term is at most half of them.
    span_days = models.PositiveSmallIntegerField(null=True, editable=False)
    #: The plan with its five implementations (五落实): fields of ``standards.hidden_dangers.levels.Plan``.
    plan = models.JSONField(_("治理方案"), default=dict)
    is_planned = models.BooleanField(_("五落实"), default=False)
    stop = models.CharField(_("停产范围"), max_length=4, default="none")
    #: The regulator ordered the stop: no plan makes it less.
    is_stop_ordered = models.BooleanField(_("责令停产"), default=False)
    #: When work that was stopped for it was allowed to go on; empty while it stands still.
    resumed_at = models.DateTimeField(_("恢复生产时间"), null=True, blank=True)
    cost_yuan = models.DecimalField(_("治理资金（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    extension_count = models.PositiveSmallIntegerField(_("延期次数"), default=0)
    reject_count = models.PositiveSmallIntegerField(_("返工次数"), default=0)
    result = models.TextField(_("整改情况"), max_length=4000, blank=True)
    finished_at = models.DateTimeField(_("整改完成时间"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    accepted_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    comment = models.CharField(_("验收意见"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("销号时间"), null=True, blank=True)
    is_repeat = models.BooleanField(_("重复隐患"), default=False)
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    #: The danger that was closed although it stood (虚假整改): this one takes it up again.
    reopens = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reopened_as")
    #: The same-type self-check (同类自查) in which it was found.
    push_reply = models.ForeignKey(
        "hazards.PushReply", models.PROTECT, null=True, blank=True, related_name="findings"
    )  # fmt: skip
    #: Whether it was drawn to be looked at again; empty until the draw after its closing.
    is_drawn = models.BooleanField(null=True, editable=False)
    #: What speaks against a photo or a time: ``{"zh", "en"}`` each; a person judges.
    doubts = models.JSONField(_("存疑"), default=list)
    #: The enterprise's own system that tells it (来源系统); empty where it was entered here.
    outside = models.CharField(_("来源系统"), max_length=40, blank=True)
    created_at = models.DateTimeField()
    #: Name, code and the enterprise's name, one a line, so that one index finds a word in any; triggers keep it.
    words = models.TextField(editable=False, default="")

    objects = ScopedQuerySet["Finding"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FINDING.codes), name="finding_status_known"),
            *(
                models.CheckConstraint(condition=Q(**{f"{name}__in": _CODES[name]}), name=f"finding_{name}_known")
                for name in ("source", "channel", "type", "category")
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__in": ["", *_CODES[name]]}), name=f"finding_{name}_known"
                )
                for name in ("classification", "link", "manage")
            ),
            models.CheckConstraint(
                condition=Q(grade__in=["", *(one.value for one in Grade)]), name="finding_grade_known"
            ),
            models.CheckConstraint(condition=Q(extension_count__lte=MOST_EXTENSIONS), name="finding_extensions"),
            models.CheckConstraint(
                condition=~Q(status__in=("FIXING", "ACCEPTING", "CANCELLING")) | Q(deadline__isnull=False),
                name="finding_fixing_by_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("FIXING", "CANCELLING"), is_major=True) | Q(is_planned=True),
                name="finding_major_planned",
            ),
            models.CheckConstraint(
                # Who accepts in another system need not have an account here; the move keeps his name.
                condition=~Q(status="CLOSED")
                | (Q(accepted_at__isnull=False) & (Q(accepted_by__isnull=False) | ~Q(outside=""))),
                name="finding_closed_after_acceptance",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | Q(rectifier__isnull=True) | ~Q(accepted_by=F("rectifier")),
                name="finding_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(diagnosis__isnull=False, source="design")
                | (Q(diagnosis__isnull=True) & ~Q(source="design")),
                name="finding_of_a_diagnosis",
            ),
            models.CheckConstraint(
                condition=~Q(status="MERGED") | Q(merged_into__isnull=False), name="finding_merged_into"
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-found_at"], name="finding_by_file"),
            models.Index(fields=["status", "deadline", "id"], name="finding_by_state"),
            models.Index(fields=["-found_at", "id"], name="finding_newest"),
            models.Index(fields=["criterion", "id"], condition=~Q(criterion=""), name="finding_by_criterion"),
            models.Index(
                fields=["file"], condition=~Q(stop="none") & Q(resumed_at__isnull=True), name="finding_stopped"
            ),
            models.Index(fields=["measure"], condition=Q(closed_at__isnull=True), name="finding_of_measure"),
            models.Index(fields=["supervisor", "-found_at"], name="finding_by_supervisor"),
            models.Index(
                F("closed_at").desc(nulls_first=True),
                F("found_at").desc(),
                F("id"),
                condition=Q(is_major=True),
                name="finding_majors",
            ),
            models.Index(fields=["deadline"], condition=Q(closed_at__isnull=True), name="finding_open_by_day"),
            # What was due and accepted in a period, for statistics.
            models.Index(fields=["deadline"], name="finding_by_day"),
            models.Index(fields=["accepted_at"], condition=Q(accepted_at__isnull=False), name="finding_accepted"),
            # Who may see a danger is told without a look at its row; and the one alternative that no key answers.
            models.Index(
                fields=["id"], include=["owner_org", "enterprise", "area", "links", "reach"], name="finding_scope"
            ),
            models.Index(fields=["id"], condition=Q(reach="public"), name="finding_public"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="finding_words_trgm"),
            models.Index(
                fields=["closed_at"], condition=Q(status="CLOSED", is_drawn__isnull=True), name="finding_not_drawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def needs_regulator(self) -> bool:
        """Whether only the supervising office may take it off the list: a major one, or one that it found."""
        return self.is_major or self.is_by_regulator

    @property
    def needs_review_report(self) -> bool:
        """Whether an expert's or agency's report (审查报告) must say that it is gone before the regulator cancels it.

        Of a major one, and of one for which work stopped.
        """
        return self.needs_regulator and (self.is_major or self.stop != "none")

    @property
    def is_stopped(self) -> bool:
        """Whether work still stands still for it: until the regulator allows it to go on, also after it is closed."""
        return self.stop != "none" and self.resumed_at is None and self.status not in ("DRAFT", "DISCARDED", "MERGED")

    @property
    def needs_resumption(self) -> bool:
        """Whether only the regulator may let work go on: of its dangers, and of what it ordered to stop."""
        return self.stop != "none" and (self.needs_regulator or self.is_stop_ordered)

    @property
    def weight(self) -> int:
        """How often it counts where units are scored: a repeated one twice."""
        return weight_of(is_repeated=self.is_repeat)

    @property
    def is_serious(self) -> bool:
        """Major, or 较大 inside the enterprise: a lesson is asked before it is closed."""
        return self.is_major or self.grade in (Grade.SERIOUS, Grade.MAJOR)


class ReportKind(models.TextChoices):
    """Which report of a major danger (重大隐患报告)."""

    BRIEF = "brief", _("简要报告")
    FULL = "full", _("完整报告")
    WORKERS = "workers", _("向职工大会或职工代表大会报告")


class MajorReport(LoopRow):
    """One report that a major danger calls for (重大隐患双报告). Retention class: as the danger."""

    loop_code = MAJOR_REPORT.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="reports")
    kind = models.CharField(_("报告类别"), max_length=8, choices=ReportKind.choices)
    title = models.CharField(_("报告事项"), max_length=340)
    due_at = models.DateTimeField(_("报告时限"))
    #: State and cause, harm and difficulty, plan of treatment.
    text = models.TextField(_("报告内容"), max_length=4000, blank=True)
    sent_at = models.DateTimeField(_("报告时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["MajorReport"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MAJOR_REPORT.codes), name="major_report_status_known"),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="major_report_kind_known"),
            models.CheckConstraint(condition=~Q(status="SENT") | Q(sent_at__isnull=False), name="major_report_sent_at"),
            models.UniqueConstraint(fields=["finding", "kind"], condition=~Q(status="ENDED"), name="major_report_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Recheck(LoopRow):
    """The regulator looks again at a closed danger (复查). ``owner_org`` is the office.

    Retention class: as the danger.
    """

    loop_code = RECHECK.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="rechecks")
    title = models.CharField(_("复查事项"), max_length=340)
    #: Drawn by chance from the closed general ones; every major one is looked at.
    is_drawn = models.BooleanField(_("随机抽取"), default=False)
    due_date = models.DateField(_("复查时限"))
    text = models.TextField(_("复查情况"), max_length=4000, blank=True)
    closed_at = models.DateTimeField(_("复查时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Recheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RECHECK.codes), name="recheck_status_known"),
            models.UniqueConstraint(fields=["finding"], condition=Q(closed_at__isnull=True), name="recheck_one_open"),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date"), F("id"), name="recheck_open_first"),
        ]

    def __str__(self) -> str:
        return self.title
