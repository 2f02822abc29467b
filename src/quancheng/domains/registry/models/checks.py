"""Checks by checklist (检查记录), and what asks for them: stopped units, design re-verification, laboratories."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import CheckKind, LabKind, Life
from quancheng.domains.registry.loops.checks import REVERIFICATION, STOPPAGE
from quancheng.domains.registry.models.census import Census
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.facilities import Facility, Unit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Stoppage(LoopRow):
    """That an enterprise, or one unit of it, stands still for long (长期停产停用). Retention class: as the file."""

    loop_code = STOPPAGE.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("停产对象"), max_length=160)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="stoppages")
    #: Empty where the whole enterprise stands still.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="stoppages")
    since_date = models.DateField(_("停产日期"))
    reason = models.CharField(_("停产原因"), max_length=300)
    resume_date = models.DateField(_("预计恢复日期"), null=True, blank=True)
    #: Days between two checks.
    every_days = models.PositiveSmallIntegerField(_("检查间隔（天）"), default=30)
    next_check_date = models.DateField(_("下次检查日期"))
    #: State of life of the whole enterprise before it, which comes back when it resumes.
    life_before = models.CharField(max_length=10, choices=Life.choices, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Stoppage"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STOPPAGE.codes), name="stoppage_status_known"),
            models.CheckConstraint(condition=Q(every_days__range=(1, 366)), name="stoppage_interval"),
            models.UniqueConstraint(
                fields=["file"], condition=Q(closed_at__isnull=True, unit__isnull=True), name="stoppage_one_of_file"
            ),
            models.UniqueConstraint(fields=["unit"], condition=Q(closed_at__isnull=True), name="stoppage_one_of_unit"),
        ]
        indexes = [models.Index(fields=["status", "next_check_date", "id"], name="stoppage_by_check")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Reverification(LoopRow):
    """The three items that an office verifies anew at a chemical user (设计复核). ``owner_org`` is the office.

    Retention class: register, permanent.
    """

    loop_code = REVERIFICATION.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("复核单位"), max_length=160)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="reverifications")
    due_date = models.DateField(_("复核时限"))
    mend_date = models.DateField(_("整改时限"), null=True, blank=True)
    #: What the enterprise says of its mending.
    mended = models.TextField(_("整改情况"), blank=True)
    #: Number or address of the case (案件) that was opened.
    case = models.CharField(_("案件编号或链接"), max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Reverification"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=REVERIFICATION.codes), name="reverification_status_known"),
            models.CheckConstraint(
                condition=~Q(status="MENDING") | Q(mend_date__isnull=False), name="reverification_mending_by_a_day"
            ),
            models.CheckConstraint(condition=~Q(status="PUNISHED") | ~Q(case=""), name="reverification_names_case"),
            models.UniqueConstraint(
                fields=["file"], condition=Q(closed_at__isnull=True), name="reverification_one_open"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="reverification_by_day")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Laboratory(models.Model):
    """A laboratory (实验室) of a school, hospital or research body, over its facility. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="laboratories")
    facility = models.OneToOneField(Facility, models.PROTECT, related_name="laboratory")
    kind = models.CharField(_("实验室类别"), max_length=10, choices=LabKind.choices)
    room = models.CharField(_("楼栋和房间"), max_length=120)
    #: The college or section it belongs to.
    section = models.CharField(_("所属学院（科室）"), max_length=120, blank=True)
    head = models.CharField(_("实验室负责人"), max_length=60)
    safety_officer = models.CharField(_("安全员"), max_length=60, blank=True)
    people_count = models.PositiveIntegerField(_("常驻人数"), null=True, blank=True)
    trained_count = models.PositiveIntegerField(_("已受安全教育人数"), null=True, blank=True)
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LabKind.values), name="laboratory_kind_known"),
            models.CheckConstraint(
                condition=Q(trained_count__isnull=True) | Q(trained_count__lte=F("people_count")),
                name="laboratory_trained_of_its_people",
            ),
        ]

    def __str__(self) -> str:
        return self.room


class CheckRecord(models.Model):
    """One checklist gone through (检查记录): items as they read that day with answer and basis; who, when, evidence.

    Only ever added: who errs adds another. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("检查类别"), max_length=12, choices=CheckKind.choices)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="checks")
    stoppage = models.ForeignKey(Stoppage, models.PROTECT, null=True, blank=True, related_name="checks")
    reverification = models.ForeignKey(Reverification, models.PROTECT, null=True, blank=True, related_name="checks")
    laboratory = models.ForeignKey(Laboratory, models.PROTECT, null=True, blank=True, related_name="checks")
    census = models.ForeignKey(Census, models.PROTECT, null=True, blank=True, related_name="checks")
    #: The checklist's name and edition.
    checklist = models.CharField(_("检查清单"), max_length=200)
    #: ``{"place", "text", "basis", "answer", "note"}`` in the order of the list; answer ``yes``, ``no`` or ``none``.
    answers = models.JSONField()
    #: How many items were answered with no.
    wrong_count = models.PositiveSmallIntegerField(_("不符合项"))
    text = models.TextField(_("检查结论"), blank=True)
    day = models.DateField(_("检查日期"))
    org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    by_user = models.UUIDField(null=True)
    by_name = models.CharField(_("检查人"), max_length=130)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=CheckKind.values), name="check_kind_known")]
        indexes = [
            models.Index(fields=["file", "-recorded_at"], name="check_by_file"),
            models.Index(fields=["kind", "-recorded_at"], name="check_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"

    @property
    def is_closed(self) -> bool:
        """Its evidence stands from the first."""
        return True
