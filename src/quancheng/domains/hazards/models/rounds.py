"""Government special inspection rounds (政府专项检查), units' answers, looks on site, and sub-field tags.

Source: field list of special inspection tasks of dual prevention (1.2.9) [P]; codes are those of
``standards.hidden_dangers.kinds``.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.hazards.loops.round import ROUND, ROUND_CHECK, ROUND_TARGET
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.people.models import Organisation
from quancheng.standards.hidden_dangers.kinds import code_list

_CODES = {name: [one.code for one in code_list(name).items] for name in (
    "gov_list_type", "valid_type", "item_type", "frequency", "cycle", "submit",
)}  # fmt: skip


class AgencyRule(models.TextChoices):
    """Whether a third party assesses (第三方评估)."""

    NONE = "none", _("企业自查")
    ALLOWED = "allowed", _("可委托第三方机构")
    REQUIRED = "required", _("须委托第三方机构")


class VerifyMode(models.TextChoices):
    """What a look on site tells (核查方式)."""

    ITEM = "item", _("逐项核查")
    UNIT = "unit", _("按单位核查")


class ItemResult(models.IntegerChoices):
    """What the unit saw (自查结果)."""

    NORMAL = 0, pgettext_lazy("round", "正常")
    ABNORMAL = 1, _("异常")
    NOT_APPLICABLE = 2, _("不适用")


class SeenResult(models.IntegerChoices):
    """What was seen on site (核查结果)."""

    MATCHES = 0, pgettext_lazy("round", "相符")
    DIFFERS = 1, _("不符")
    NOT_SEEN = 2, _("未核")


class InspectionRound(LoopRow):
    """An office asks units to check themselves by items, looks at a sample, and sums up (政府专项检查).

    ``owner_org`` is the office (发布机关). ``asked`` holds by what the units are chosen until it is issued, and shows
    it afterwards. Of ``submit`` "one" we decided [D]: the first unit's answer frees the others, e.g. of a shared site.
    Retention class: as the danger.
    """

    loop_code = ROUND.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("任务名称"), max_length=200)
    text = models.TextField(_("检查内容和要求"), max_length=4000)
    kind = models.CharField(_("政府清单类型"), max_length=16)
    valid_type = models.CharField(_("有效期类型"), max_length=10, default="dates")
    start_date = models.DateField(_("开始日期"))
    #: Last day of a validity by dates; empty for a long term.
    end_date = models.DateField(_("结束日期"), null=True, blank=True)
    item_type = models.CharField(_("检查方式"), max_length=14)
    #: The edition of the checklist whose items are asked; empty where they are risk points.
    edition = models.ForeignKey("law.Edition", models.PROTECT, null=True, blank=True, related_name="+")
    frequency = models.CharField(_("检查频次类型"), max_length=8, default="once")
    cycle = models.CharField(_("循环周期单位"), max_length=6, blank=True)
    cycle_number = models.PositiveSmallIntegerField(_("循环周期数"), null=True, blank=True)
    #: The rule by which the next ones are made, and the first of the series.
    rule = models.ForeignKey("schedule.RecurringRule", models.PROTECT, null=True, blank=True, related_name="+")
    series = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="later")
    submit = models.CharField(_("提交方式"), max_length=4, default="all")
    agency = models.CharField(_("第三方评估"), max_length=8, choices=AgencyRule.choices, default=AgencyRule.NONE)
    asked = models.JSONField(default=dict)
    due_date = models.DateField(_("自查反馈期限"))
    #: The share of answers that is looked at on site, in percent.
    recheck_percent = models.PositiveSmallIntegerField(_("现场核查比例（%）"), default=20)
    verify_mode = models.CharField(_("核查方式"), max_length=4, choices=VerifyMode.choices, default=VerifyMode.ITEM)
    verify_date = models.DateField(_("现场核查期限"), null=True, blank=True)
    #: The draw: the seed, and the digest of the pool that was fixed before the seed was made.
    seed = models.CharField(_("抽取种子"), max_length=64, blank=True, editable=False)
    pool_digest = models.CharField(_("抽取范围摘要"), max_length=64, blank=True, editable=False)
    drawn_at = models.DateTimeField(_("抽取时间"), null=True, blank=True)
    #: Numbers as they stood at the end, see ``queries.rounds.summary``.
    summary = models.JSONField(default=dict, editable=False)
    comment = models.CharField(_("办结意见"), max_length=2000, blank=True)
    issued_at = models.DateTimeField(_("下发时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("拟订时间"))

    objects = ScopedQuerySet["InspectionRound"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ROUND.codes), name="round_status_known"),
            models.CheckConstraint(condition=Q(kind__in=_CODES["gov_list_type"]), name="round_kind_known"),
            models.CheckConstraint(condition=Q(valid_type__in=_CODES["valid_type"]), name="round_validity_known"),
            models.CheckConstraint(condition=Q(submit__in=_CODES["submit"]), name="round_submit_known"),
            models.CheckConstraint(condition=Q(agency__in=AgencyRule.values), name="round_agency_known"),
            models.CheckConstraint(condition=Q(verify_mode__in=VerifyMode.values), name="round_verify_mode_known"),
            models.CheckConstraint(condition=Q(recheck_percent__gte=0, recheck_percent__lte=100), name="round_percent"),
            models.CheckConstraint(condition=Q(due_date__gte=F("start_date")), name="round_in_order"),
            models.CheckConstraint(
                condition=Q(valid_type="dates", end_date__gte=F("start_date"))
                | Q(valid_type="long_term", end_date__isnull=True),
                name="round_validity",
            ),
            models.CheckConstraint(
                condition=Q(frequency="once", cycle="", cycle_number__isnull=True)
                | Q(frequency="cyclic", cycle__in=_CODES["cycle"], cycle_number__gte=1),
                name="round_cycle",
            ),
            models.CheckConstraint(
                condition=Q(item_type="by_item", edition__isnull=False)
                | Q(item_type="by_risk_point", edition__isnull=True),
                name="round_items_from",
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "id"], name="round_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def inspect_status(self) -> str:
        """``inspectStatus`` of the exchange spec: ``waiting``, ``done`` or ``void``."""
        return {"CLOSED": "done", "VOID": "void"}.get(self.status, "waiting")


class RoundTarget(LoopRow):
    """One unit's part of a round (专项检查任务), frozen when it was issued. Retention class: as the danger."""

    loop_code = ROUND_TARGET.code

    round = models.ForeignKey(InspectionRound, models.PROTECT, related_name="targets")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="round_targets")
    title = models.CharField(_("任务名称"), max_length=240)
    #: Until when it is signed for, and the end of the last day of answering.
    receive_by = models.DateTimeField(_("签收时限"))
    due_date = models.DateField(_("自查反馈期限"))
    due_at = models.DateTimeField(editable=False)
    received_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    receiver_name = models.CharField(_("签收人"), max_length=130, blank=True)
    text = models.TextField(_("自查情况"), max_length=4000, blank=True)
    #: Who assessed where it was a third party (第三方机构), and the number of its report.
    agency = models.CharField(_("第三方机构"), max_length=120, blank=True)
    report_number = models.CharField(_("评估报告编号"), max_length=80, blank=True)
    item_count = models.PositiveSmallIntegerField(_("检查项数"))
    abnormal_count = models.PositiveSmallIntegerField(_("异常项数"), default=0)
    answered_at = models.DateTimeField(pgettext_lazy("round", "填报时间"), null=True, blank=True)
    answerer_name = models.CharField(_("填报人"), max_length=130, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("下发时间"))

    objects = ScopedQuerySet["RoundTarget"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ROUND_TARGET.codes), name="round_target_status_known"),
            models.CheckConstraint(
                condition=~Q(status="ANSWERED") | Q(answered_at__isnull=False, received_at__isnull=False),
                name="round_target_answered_at",
            ),
            models.CheckConstraint(
                condition=Q(abnormal_count__lte=F("item_count")), name="round_target_abnormal_of_items"
            ),
            models.UniqueConstraint(fields=["round", "file"], name="round_target_once"),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_at"), F("id"), name="round_target_open_first"),
            models.Index(fields=["file", "-created_at"], name="round_target_by_file"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def inspect_result(self) -> str:
        """``inspectResult`` of the exchange spec: ``normal``, ``abnormal`` or ``overdue``; empty while it is open."""
        if self.status == "ANSWERED":
            return "abnormal" if self.abnormal_count else "normal"
        return "overdue" if self.status == "LAPSED" else ""


class RoundItem(models.Model):
    """One item of a round as it was frozen (检查项): for all units, or a risk point of one of them.

    Read through the round or the unit's part. Retention class: as the round.
    """

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(InspectionRound, models.PROTECT, related_name="items")
    #: Whose risk point it is; empty for an item of the checklist.
    target = models.ForeignKey(RoundTarget, models.PROTECT, null=True, related_name="points")
    position = models.PositiveIntegerField()
    place = models.CharField(_("条目"), max_length=40)
    text = models.TextField(_("内容"))
    text_en = models.TextField(blank=True)
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    grade = models.CharField(_("等级"), max_length=10, blank=True)
    mark = models.CharField(_("确信程度"), max_length=1, blank=True)
    #: As ``law.Clause.asks`` says it.
    asks = models.CharField(_("作答方式"), max_length=5, blank=True, default="")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, related_name="+")
    #: Of a mandatory section: the edition that it is of. Asked of the units that have the section alone.
    section = models.ForeignKey("law.Edition", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], condition=Q(target__isnull=True),
                                    name="round_item_once"),
            models.UniqueConstraint(fields=["target", "position"], condition=Q(target__isnull=False),
                                    name="round_point_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.place


class RoundSection(models.Model):
    """A mandatory section of a unit's part (必检部分): which edition, and why the unit is asked. Never taken out.

    Read through the unit's part. Retention class: as the round.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.ForeignKey(RoundTarget, models.PROTECT, related_name="sections")
    edition = models.ForeignKey("law.Edition", models.PROTECT, related_name="+")
    #: What shows that the unit does such work: sentences in both languages.
    because = models.JSONField(default=list)
    added_at = models.DateTimeField(_("列入时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "edition"], name="round_section_once")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.edition_id}"


class RoundAnswer(models.Model):
    """A unit's answer to one item, and what was seen of it on site (逐项结果). Read through the unit's part.

    Retention class: as the round.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.ForeignKey(RoundTarget, models.PROTECT, related_name="answers")
    item = models.ForeignKey(RoundItem, models.PROTECT, related_name="answers")
    result = models.PositiveSmallIntegerField(_("自查结果"), choices=ItemResult.choices)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    #: The danger that the abnormal item became, or one found before that covers it.
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="round_answers")
    is_known = models.BooleanField(_("此前已登记"), default=False)
    seen = models.PositiveSmallIntegerField(_("核查结果"), choices=SeenResult.choices, null=True)
    seen_note = models.CharField(_("核查说明"), max_length=500, blank=True)
    #: What the verifier reported where the answer does not hold.
    seen_finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="round_seen_answers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "item"], name="round_answer_once"),
            models.CheckConstraint(condition=Q(result__in=ItemResult.values), name="round_answer_known"),
            models.CheckConstraint(
                condition=Q(seen__isnull=True) | Q(seen__in=SeenResult.values), name="round_answer_seen_known"
            ),
            models.CheckConstraint(
                condition=Q(result=ItemResult.ABNORMAL, finding__isnull=False)
                | (~Q(result=ItemResult.ABNORMAL) & Q(finding__isnull=True)),
                name="round_answer_abnormal_is_a_danger",
            ),
        ]
        indexes = [models.Index(fields=["item", "result"], name="round_answer_by_item")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.item_id} {self.result}"


class RoundCheck(LoopRow):
    """A look on site at a unit that was drawn (现场核查). ``owner_org`` is who looks: the office, or whom it names.

    The unit reads of it once it is done. Retention class: as the round.
    """

    loop_code = ROUND_CHECK.code

    round = models.ForeignKey(InspectionRound, models.PROTECT, related_name="checks")
    target = models.OneToOneField(RoundTarget, models.PROTECT, related_name="check_row")
    title = models.CharField(_("核查事项"), max_length=240)
    due_date = models.DateField(_("现场核查期限"))
    seen_date = models.DateField(_("核查日期"), null=True, blank=True)
    text = models.TextField(_("核查情况"), max_length=4000, blank=True)
    seer_name = models.CharField(_("核查人"), max_length=130, blank=True)
    #: Of a look at the unit as a whole: the danger that was reported.
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="round_checks")
    closed_at = models.DateTimeField(_("核查时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("抽取时间"))

    objects = ScopedQuerySet["RoundCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ROUND_CHECK.codes), name="round_check_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=("MATCHED", "DIFFERED")) | Q(seen_date__isnull=False, closed_at__isnull=False),
                name="round_check_seen",
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date"), F("id"), name="round_check_open_first"),
        ]

    @property
    def issuer(self) -> Organisation:
        """The office that issued the round, which may drop the look (``drop``)."""
        return self.round.owner_org

    @property
    def issuer_id(self) -> uuid.UUID:
        return self.round.owner_org_id

    def __str__(self) -> str:
        return self.title


class SubFieldTag(models.Model):
    """A unit belongs to a high-risk sub-field (高危细分领域“2+X”), as the district tells. Read through the file.

    The sub-fields are those that are named: national ones and locally chosen ones. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="sub_fields")
    name = models.CharField(_("细分领域"), max_length=40)
    since_date = models.DateField(_("纳入日期"))
    ended_date = models.DateField(_("移出日期"), null=True, blank=True)
    reason = models.CharField(_("移出理由"), max_length=300, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    by_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "name"], condition=Q(ended_date__isnull=True), name="sub_field_tag_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True) | Q(ended_date__gte=F("since_date")), name="sub_field_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "file"], condition=Q(ended_date__isnull=True), name="sub_field_standing"),
            models.Index(fields=["-created_at", "id"], name="sub_field_newest"),
        ]

    def __str__(self) -> str:
        return self.name
