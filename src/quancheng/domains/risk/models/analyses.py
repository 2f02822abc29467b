"""Analyses by method (风险分析): sessions with their rows, what they recommend, layers of protection."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import AnalysisMethod, Level, Method, Occasion
from quancheng.domains.risk.loops.analysis import ANALYSIS, RECOMMENDATION
from quancheng.domains.risk.models.risks import RiskEvent, RiskUnit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Analysis(LoopRow):
    """One session of analysis of one unit by one method (风险分析), in one edition. Retention class: as the file.

    ``owner_org`` is the enterprise. ``head`` holds by name what the method's head asks; ``doubts`` in both languages
    what its check doubted when it was submitted.
    """

    loop_code = ANALYSIS.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="analyses")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    unit = models.ForeignKey(RiskUnit, models.PROTECT, related_name="analyses")
    title = models.CharField(_("分析名称"), max_length=200)
    method = models.CharField(_("分析方法"), max_length=6, choices=AnalysisMethod.choices)
    #: Method by which its rows are scored.
    rating = models.CharField(_("评价方法"), max_length=6, choices=Method.choices)
    occasion = models.CharField(_("分析时机"), max_length=10, choices=Occasion.choices)
    edition = models.PositiveSmallIntegerField(_("版次"), default=1)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    head = models.JSONField(default=dict, editable=False)
    team = models.CharField(_("分析人员"), max_length=300)
    leader = models.CharField(_("组长"), max_length=60)
    analysed_date = models.DateField(_("分析日期"))
    #: Until when it is to be done: of a draft, and of one that is to be made anew.
    due_date = models.DateField(_("完成期限"))
    doubts = models.JSONField(default=list, editable=False)
    approved_by = models.CharField(_("审核人"), max_length=130, blank=True)
    in_force_at = models.DateTimeField(_("生效时间"), null=True, blank=True)
    #: When it is to be made anew: after three years, or five.
    review_date = models.DateField(_("下次分析日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Analysis"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ANALYSIS.codes), name="analysis_status_known"),
            models.CheckConstraint(condition=Q(method__in=AnalysisMethod.values), name="analysis_method_known"),
            models.CheckConstraint(condition=Q(rating__in=Method.values), name="analysis_rating_known"),
            models.CheckConstraint(
                condition=~Q(status="IN_FORCE") | Q(in_force_at__isnull=False, review_date__isnull=False),
                name="analysis_in_force",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(status__in=["DRAFT", "REVIEW"]), name="analysis_one_next"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "method", "-created_at"], name="analysis_of_unit"),
            models.Index(fields=["file", "-created_at"], name="analysis_by_file"),
            models.Index(fields=["review_date", "id"], condition=Q(status="IN_FORCE"), name="analysis_by_review"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class AnalysisRow(models.Model):
    """One row of an analysis: a hazard of a step, an item, a deviation of a node. Read through it. Retention class: as
    the file.

    ``values`` are by the names of ``analysis_scheme.row_fields``. Once taken over, ``event`` is its risk event and
    ``taken`` what was taken, so that the same is not taken twice and a change is seen.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="rows")
    key = models.CharField(max_length=400)
    order = models.CharField(max_length=40)
    values = models.JSONField()
    #: With the existing measures, and with the suggested ones.
    level = models.PositiveSmallIntegerField(_("风险等级"), choices=Level.choices)
    residual_level = models.PositiveSmallIntegerField(_("建议措施后"), choices=Level.choices, null=True, blank=True)
    score = models.DecimalField(_("分值"), max_digits=10, decimal_places=3)
    event = models.ForeignKey(RiskEvent, models.PROTECT, null=True, blank=True, related_name="analysis_rows")
    taken = models.JSONField(null=True, editable=False)
    #: The row of the edition before from which it was copied.
    origin = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["analysis", "key"], name="analysis_row_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="analysis_row_level"),
        ]
        indexes = [models.Index(fields=["analysis", "order", "id"], name="analysis_row_in_order")]

    def __str__(self) -> str:
        return self.key


class Recommendation(LoopRow):
    """What an analysis recommends (建议措施), until it is closed or rejected. Retention class: as the file.

    ``owner_org`` is the enterprise. Open for more than twelve months it counts as a hidden danger.
    """

    loop_code = RECOMMENDATION.code

    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="recommendations")
    row = models.ForeignKey(AnalysisRow, models.PROTECT, related_name="recommendations")
    title = models.CharField(_("建议措施"), max_length=300)
    text = models.TextField(_("建议内容"), max_length=2000)
    responsible = models.CharField(_("责任人"), max_length=200)
    due_date = models.DateField(_("完成期限"))
    raised_date = models.DateField(_("提出日期"))
    result = models.TextField(_("完成情况"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Recommendation"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RECOMMENDATION.codes), name="recommendation_status_known"),
            models.UniqueConstraint(fields=["row"], condition=~Q(status="REJECTED"), name="recommendation_once"),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="recommendation_by_due")]

    def __str__(self) -> str:
        return self.title


class LopaScenario(Scoped):
    """A scenario and its layers of protection (保护层分析). Retention class: as the file.

    ``owner_org`` is the enterprise. ``conditions`` are ``{"name", "probability"}``, ``layers`` are ``{"name",
    "kind", "pfd", "parts"}``; ``result`` is what they come to with its steps in both languages, by the typical values
    of that day.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="lopa_scenarios")
    unit = models.ForeignKey(RiskUnit, models.PROTECT, related_name="lopa_scenarios")
    event = models.ForeignKey(RiskEvent, models.PROTECT, null=True, blank=True, related_name="lopa_scenarios")
    row = models.ForeignKey(AnalysisRow, models.SET_NULL, null=True, blank=True, related_name="lopa_scenarios")
    name = models.CharField(_("场景"), max_length=500)
    initiating = models.CharField(_("初始事件"), max_length=20, blank=True)
    initiating_text = models.CharField(_("初始事件说明"), max_length=200)
    #: Per year.
    frequency = models.DecimalField(_("初始事件频率（次/年）"), max_digits=16, decimal_places=10)
    initiating_parts = models.CharField(_("初始事件涉及的部件位号"), max_length=200, blank=True)
    conditions = models.JSONField(default=list, editable=False)
    layers = models.JSONField(default=list, editable=False)
    tolerable = models.DecimalField(_("可接受频率（次/年）"), max_digits=16, decimal_places=10)
    tolerable_basis = models.CharField(_("可接受频率依据"), max_length=200)
    result = models.JSONField(editable=False)
    level = models.PositiveSmallIntegerField(_("风险等级"), choices=Level.choices, editable=False)
    #: SIL that a further function needs: 0 none, empty beyond SIL 3.
    sil_missing = models.PositiveSmallIntegerField(_("尚缺SIL等级"), null=True, editable=False)
    day = models.DateField(_("分析日期"))
    assessed_by = models.CharField(_("分析人员"), max_length=200)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["LopaScenario"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(frequency__gt=0, tolerable__gt=0), name="lopa_frequencies"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="lopa_level"),
            models.UniqueConstraint(fields=["unit", "name"], condition=Q(ended_date__isnull=True), name="lopa_once"),
        ]
        indexes = [models.Index(fields=["file", "level", "id"], name="lopa_by_file")]

    def __str__(self) -> str:
        return self.name


class LopaTypical(models.Model):
    """A typical value of the district's own (保护层典型值), from a day on. Retention class: permanent.

    Only ever added; the newest of a code that is in force counts, what ships where there is none.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: ``event`` (per year) or ``layer`` (failure probability on demand).
    kind = models.CharField(_("类别"), max_length=5, choices=(("event", _("初始事件")), ("layer", _("独立保护层"))))
    code = models.CharField(_("代码"), max_length=20)
    name = models.CharField(_("名称"), max_length=100)
    low = models.DecimalField(_("下限"), max_digits=16, decimal_places=10)
    high = models.DecimalField(_("上限"), max_digits=16, decimal_places=10)
    source = models.CharField(_("依据"), max_length=200)
    mark = models.CharField(_("可信程度"), max_length=1, choices=(("V", "V"), ("G", "G"), ("D", "D")))
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low__gt=0, high__gte=models.F("low")) & (Q(kind="event") | Q(kind="layer", high__lte=1)),
                name="lopa_typical_range",
            ),
            models.CheckConstraint(condition=Q(mark__in=("V", "G", "D")), name="lopa_typical_mark"),
        ]
        indexes = [models.Index(fields=["kind", "code", "-from_date"], name="lopa_typical_newest")]

    def __str__(self) -> str:
        return self.name
