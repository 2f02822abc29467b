"""Construction projects (建设项目) that make, store or pipe hazardous chemicals, and their reviews."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.loops.project import PROJECT
from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class ProjectKind(models.TextChoices):
    """What is done (建设性质)."""

    NEW = "new", _("新建")
    REBUILT = "rebuilt", _("改建")
    EXTENDED = "extended", _("扩建")


class ProjectLink(models.TextChoices):
    """What it is for (项目类别)."""

    PRODUCTION = "production", _("生产")
    STORAGE = "storage", _("储存")
    TRADE = "trade", _("经营")
    PIPELINE = "pipeline", _("管道")


#: The admission checklist (准入清单): what an office answers before the first review is passed. [G]
CHECKLIST: tuple[tuple[str, object], ...] = (
    ("reduction", _("符合减量化要求，总量没有不必要的净增加")),
    ("place", _("位于规划允许的园区或地块")),
    ("distance", _("外部安全防护距离符合要求")),
    ("catalogue", _("不属于禁限控目录禁止的品种和工艺")),
    ("process", _("首次使用的工艺已经论证，反应风险已经评估")),
    ("automation", _("重点监管工艺和重大危险源有自动化控制和安全仪表")),
    ("staff", _("主要负责人、安全管理和专业技术人员符合任职条件")),
    ("fire", _("消防和应急救援条件落实")),
)


class Project(LoopRow):
    """A construction project under safety review; ``owner_org`` is the enterprise.

    The steps rest on the state order on construction projects of hazardous chemicals (原安监总局令第45号), whose days
    are general knowledge [G]. Retention class: register, permanent.
    """

    loop_code = PROJECT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("项目名称"), max_length=200)
    kind = models.CharField(_("建设性质"), max_length=10, choices=ProjectKind.choices)
    purpose = models.CharField(_("项目类别"), max_length=12, choices=ProjectLink.choices)
    place = models.CharField(_("建设地点"), max_length=200)
    text = models.TextField(_("建设内容"), blank=True)
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: The consultation (决策咨询): on which day, who gave it, what it said.
    consulted_date = models.DateField(_("决策咨询日期"), null=True, blank=True)
    consulted_by = models.CharField(_("咨询专家或机构"), max_length=200, blank=True)
    consulted_text = models.TextField(_("咨询结论"), blank=True)
    #: Document by which explosives were specially approved (特别批准文号).
    special_approval = models.CharField(_("特别批准文号"), max_length=120, blank=True)
    #: Whether it has explosive chemicals: found from its chemicals, never typed.
    has_explosives = models.BooleanField(default=False, editable=False)
    #: Answers to :data:`CHECKLIST`: code to {"ok": bool, "note": text}.
    answers = models.JSONField(default=dict, editable=False)
    trial_from = models.DateField(_("试生产起始"), null=True, blank=True)
    trial_to = models.DateField(_("试生产截止"), null=True, blank=True)
    trial_plan = models.TextField(_("试生产方案"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Project"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PROJECT.codes), name="project_status_known"),
            models.CheckConstraint(condition=Q(kind__in=ProjectKind.values), name="project_kind_known"),
            models.CheckConstraint(condition=Q(purpose__in=ProjectLink.values), name="project_purpose_known"),
            models.CheckConstraint(
                condition=Q(trial_from__isnull=True, trial_to__isnull=True) | Q(trial_to__gte=F("trial_from")),
                name="project_trial_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="TRIAL") | Q(trial_to__isnull=False), name="project_trial_has_end"
            ),
            # The hard stop stands in the table too, whatever the door.
            models.CheckConstraint(
                condition=Q(has_explosives=False)
                | ~Q(special_approval="")
                | Q(status__in=("PREPARING", "CONDITION", "REFUSED", "WITHDRAWN")),
                name="project_explosives_stop",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at", "id"], name="project_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def unanswered(self) -> int:
        """How many items of the checklist nobody answered, or answered with no."""
        return sum(not self.answers.get(code, {}).get("ok") for code, _label in CHECKLIST)


class ProjectChemical(models.Model):
    """What a project will make or hold (项目涉及的化学品), by design, in tonnes. Retention class: as the project."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="chemicals")
    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="+")
    design_t = models.DecimalField(_("设计最大量（吨）"), max_digits=18, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "chemical"], name="project_chemical_once"),
            models.CheckConstraint(condition=Q(design_t__gt=0), name="project_chemical_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.chemical_id} {self.design_t}"


class TrialVisit(models.Model):
    """An office's look at a trial production (试生产检查). Retention class: as the project."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="visits")
    day = models.DateField(_("检查日期"))
    inspectors = models.CharField(_("检查人员"), max_length=200)
    text = models.TextField(_("检查情况"))
    by_user = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.project_id} {self.day}"
