"""Plan documents (计划文件): kept as they came, parsed, reviewed, committed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.plan import OUTSIDE_RECEIPT, PLAN, RECEIPT
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class PlanKind(models.TextChoices):
    """What sort of document orders the tasks (文件类别)."""

    KEY_POINTS = "key_points", _("工作要点")
    SCHEME = "scheme", _("工作方案")
    CAMPAIGN = "campaign", _("专项行动方案")
    ENTERPRISE = "enterprise", _("企业计划")
    ANNEX = "annex", _("任务清单附件")
    MEETING = "meeting", _("会议议定事项")


class PlanQuerySet(ScopedQuerySet["Plan"]):
    pass


class Plan(LoopRow):
    """A plan document from its import to its last closed task. Retention class: official document, permanent.

    The document is kept as it came: its bytes are a stored file held by this row (role ``source``), its text
    lines stand here, and what the parser first made of them is never changed.
    """

    loop_code = PLAN.code

    title = models.CharField(_("标题"), max_length=200)
    kind = models.CharField(_("文件类别"), max_length=20, choices=PlanKind.choices, default=PlanKind.KEY_POINTS)
    #: Short code that opens the codes of its tasks, unique, e.g. ``2026-07``.
    code = models.CharField(_("编号"), max_length=20, unique=True)
    issuer = models.CharField(_("发文机关"), max_length=120, blank=True)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    document_date = models.DateField(_("成文日期"), null=True, blank=True)
    period_from = models.DateField(_("计划起始"), null=True, blank=True)
    period_to = models.DateField(_("计划截止"), null=True, blank=True)
    addressees = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("主送"))
    copies = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("抄送"))
    openness = models.CharField(_("公开属性"), max_length=40, blank=True)
    source_name = models.CharField(_("原文件名"), max_length=200)
    source_sha256 = models.CharField(_("原文件摘要"), max_length=64)
    #: The lines of the document as read, in order; line numbers count from 1.
    lines = models.JSONField(default=list)
    #: What the parser said at import, whole.
    parsed = models.JSONField(default=dict)
    parser_version = models.CharField(max_length=20, blank=True)
    #: Rises with each change in review: whoever saves against an older number is told.
    review_version = models.PositiveIntegerField(default=1)
    committed_at = models.DateTimeField(_("下达时间"), null=True, blank=True)
    #: The plan that took its place (替代); it is no longer in force from then on.
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("替代文件")
    )
    imported_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(_("导入时间"))

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PLAN.codes), name="plan_status_known"),
            models.CheckConstraint(
                condition=Q(period_from__isnull=True) | Q(period_to__isnull=True) | Q(period_to__gte=F("period_from")),
                name="plan_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("id")), name="plan_not_its_own_successor"
            ),
            models.CheckConstraint(
                condition=~Q(status="RUNNING") | Q(committed_at__isnull=False), name="plan_committed_at"
            ),
        ]
        indexes = [models.Index(fields=["status", "document_date"], name="plan_by_status")]

    def __str__(self) -> str:
        return self.title


class PlanLink(models.Model):
    """A parent of a plan (上级文件): another plan in the house, or the text under which it is cited.

    Retention class: as the plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="children")
    title = models.CharField(_("名称"), max_length=200, blank=True)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    #: Who issued a parent that is not in the house.
    issuer = models.CharField(_("发文机关"), max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(parent__isnull=False) | ~Q(title=""), name="plan_link_says_what"),
            models.UniqueConstraint(
                fields=["plan", "parent"], condition=Q(parent__isnull=False), name="plan_link_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanSection(models.Model):
    """One heading of a plan (目标树): the tree under which tasks are grouped. Retention class: as the plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sections")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    order = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    mark = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=500)
    line = models.PositiveIntegerField()
    #: Text of a heading that is context, principle or goal and orders nothing.
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="plan_section_order")]

    def __str__(self) -> str:
        return f"{self.mark}{self.title}"


class DraftTask(models.Model):
    """One task or report duty as it stands in review (待审任务); gone from use once the plan is committed.

    ``content`` has the shape of the parser's task; ``units`` the matches of its printed units:
    ``[{"name", "role": "lead"|"support", "organisations": [id], "group": id|null, "reason", "sure": bool}]``.
    Retention class: as the plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="drafts")
    order = models.FloatField()
    is_report = models.BooleanField(default=False)
    content = models.JSONField()
    units = models.JSONField(default=list)
    #: As the parser gave it; empty for one that a reviewer added.
    original = models.JSONField(default=dict)
    dropped = models.BooleanField(default=False)
    drop_reason = models.CharField(max_length=200, blank=True)
    confirmed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    #: Where split or merge made it from.
    made_from = ArrayField(models.UUIDField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "order"], name="draft_in_order")]

    def __str__(self) -> str:
        return str(self.content.get("text", ""))[:40]


CAPACITIES = [("main", _("主送")), ("copy", _("抄送"))]


class Receipt(LoopRow):
    """One addressee's receipt of a plan (签收). Retention class: official document, permanent."""

    loop_code = RECEIPT.code

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="receipts")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: ``main`` for 主送, ``copy`` for 抄送.
    capacity = models.CharField(max_length=6, default="main", choices=CAPACITIES)
    received_at = models.DateTimeField(_("签收时间"), null=True, blank=True)

    objects = ScopedQuerySet["Receipt"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "org"], name="receipt_once"),
            models.CheckConstraint(condition=Q(status__in=RECEIPT.codes), name="receipt_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} → {self.org_id}"


class OutsideReceipt(LoopRow):
    """An addressee without an account here (系统外收文单位): the office enters its receipt.

    Party committee, congress, court, press: they get the paper another way. Retention class: official document,
    permanent.
    """

    loop_code = OUTSIDE_RECEIPT.code

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="outside_receipts")
    name = models.CharField(_("单位"), max_length=200)
    capacity = models.CharField(_("主送或抄送"), max_length=6, choices=CAPACITIES)
    received_by = models.CharField(_("签收人"), max_length=60, blank=True)
    received_date = models.DateField(_("签收日期"), null=True, blank=True)

    objects = ScopedQuerySet["OutsideReceipt"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "name"], name="outside_receipt_once"),
            models.CheckConstraint(condition=Q(status__in=OUTSIDE_RECEIPT.codes), name="outside_receipt_status_known"),
            models.CheckConstraint(
                condition=~Q(status="RECEIVED") | (~Q(received_by="") & Q(received_date__isnull=False)),
                name="outside_receipt_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} → {self.name}"
