"""People from outside before and at the gate: the four unified steps, the card, who goes in and out (入厂管理)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.roles import WorkRole
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class StepKind(models.TextChoices):
    """The four unified steps (四个统一)."""

    TRAINING = "training", _("统一培训")
    RESPONSIBILITY = "responsibility", _("统一责任")
    INSPECTION = "inspection", _("统一检查")
    ASSESSMENT = "assessment", _("统一考核")


class SiteEntry(models.Model):
    """For what somebody from outside comes in, and his card (入厂登记). Retention class: as the person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, related_name="site_entry")
    #: The role of work whose certificates are asked at the gate; none for who does nothing that needs one.
    trade = models.ForeignKey(WorkRole, models.PROTECT, null=True, blank=True, related_name="+")
    #: Where he was taught to work; another area is taught anew.
    work_area = models.CharField(_("作业区域"), max_length=60)
    zones = models.CharField(_("准入范围"), max_length=200, blank=True)
    #: In the code on the card; says nothing of the person.
    card = models.CharField(max_length=32, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.work_area


class EntryStep(models.Model):
    """One of the four steps as it was done (四个统一落实记录). Retention class: as the person.

    The newest of each counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="entry_steps")
    kind = models.CharField(_("步骤"), max_length=14, choices=StepKind.choices)
    done_date = models.DateField(_("完成日期"))
    #: Of training: hours at plant and area level, in which area, and marks of the exam.
    plant_hours = models.DecimalField(_("公司级学时"), max_digits=5, decimal_places=1, null=True, blank=True)
    area_hours = models.DecimalField(_("车间（区域）级学时"), max_digits=5, decimal_places=1, null=True, blank=True)
    work_area = models.CharField(_("作业区域"), max_length=60, blank=True)
    score = models.DecimalField(_("成绩"), max_digits=5, decimal_places=1, null=True, blank=True)
    #: Of responsibility: who of the enterprise answers for him.
    responsible = models.CharField(_("本单位责任人"), max_length=120, blank=True)
    #: Of inspection and assessment.
    is_passed = models.BooleanField(pgettext_lazy("step", "合格"), default=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    entered_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="entry_step_kind"),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="entry_step_score"),
        ]
        indexes = [models.Index(F("person"), F("kind"), F("done_date").desc(), name="entry_step_newest")]

    def __str__(self) -> str:
        return self.kind


class Direction(models.TextChoices):
    """Through the gate which way (进出)."""

    IN = "in", pgettext_lazy("gate", "进入")
    OUT = "out", pgettext_lazy("gate", "离开")


class GatePass(Scoped):
    """Somebody at the gate: let in, refused, or gone out (进出厂记录). Retention class: as the person."""

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="gate_passes")
    direction = models.CharField(_("进出"), max_length=3, choices=Direction.choices)
    gate = models.CharField(_("门岗"), max_length=60, blank=True)
    at = models.DateTimeField(_("时间"))
    is_allowed = models.BooleanField(_("放行"))
    #: Codes of the reasons of a refusal.
    grounds = models.JSONField(default=list)
    by_name = models.CharField(_("登记人"), max_length=130)

    objects = ScopedQuerySet["GatePass"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="gate_pass_direction"),
            models.CheckConstraint(
                condition=Q(direction="in") | Q(is_allowed=True), name="gate_pass_nobody_kept_in"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(F("person"), F("at").desc(), name="gate_pass_of_person"),
            models.Index(F("enterprise"), F("at").desc(), name="gate_pass_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.at:%Y-%m-%d %H:%M}"
