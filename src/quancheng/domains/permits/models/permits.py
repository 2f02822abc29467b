"""One permit of special work (作业票) and the people on it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.loops.permit import PERMIT, RUNNING
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.training.models import Person
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Kind(models.TextChoices):
    """The eight kinds of special work (特殊作业类别) of GB 30871-2022, 3."""

    HW = "HW", _("动火作业")
    CS = "CS", _("受限空间作业")
    BL = "BL", _("盲板抽堵作业")
    WH = "WH", _("高处作业")
    LF = "LF", _("吊装作业")
    TE = "TE", _("临时用电作业")
    EX = "EX", _("动土作业")
    RC = "RC", _("断路作业")


class PermitQuerySet(ScopedQuerySet["Permit"]):
    """Permits, those that bind their people told from the rest."""

    def running(self) -> PermitQuerySet:
        return self.filter(status__in=RUNNING)


class Permit(LoopRow):
    """One permit (作业票) of one kind. Retention class: 3 years after its end (GB 30871-2022, B.3: at least one year).

    Its text may change as a draft alone, what is prepared until it is presented for signing; then ``seal``, the digest
    of both, tells whether anything was altered (4.17, 4.18). There is no extension: what changes needs a new permit,
    which names the former as ``supersedes``.
    """

    loop_code: ClassVar[str] = "permits.permit"

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices)
    #: As entered; what the facts demand stands in ``base`` and ``effective``. Empty for kinds without levels.
    level = models.CharField(_("申请级别"), max_length=3, blank=True)
    base = models.CharField(_("判定级别"), max_length=3, blank=True)
    effective = models.CharField(_("升级后级别"), max_length=3, blank=True)
    is_upgraded = models.BooleanField(_("升级管理"), default=False)
    #: Rules by which the level was found: code, clause, both sentences.
    level_why = models.JSONField(default=list, editable=False)
    #: Given when the request is submitted; kept by what is cancelled or void.
    number = models.CharField(_("作业票编号"), max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(_("作业地点和部位"), max_length=200)
    content = models.CharField(_("作业内容"), max_length=500)
    apply_unit = models.CharField(_("申请单位"), max_length=80)
    work_unit = models.CharField(_("作业单位"), max_length=80)
    window_start = models.DateTimeField(_("作业开始时间"))
    window_end = models.DateTimeField(_("作业结束时间"))
    #: Planned slots inside the window, each [start, end] with its offset; empty: all of the window is work.
    slots = models.JSONField(default=list, blank=True)
    #: Where the work is: its middle in degrees (CGCS2000), how far it reaches, between which heights, and names of the
    #: line, space, dike, structure or system that it touches.
    lon = models.DecimalField(_("作业点经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("作业点纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    radius_m = models.DecimalField(_("作业范围半径，m"), max_digits=5, decimal_places=1, null=True, blank=True)
    z_min_m = models.DecimalField(_("作业面最低标高，m"), max_digits=5, decimal_places=1, null=True, blank=True)
    z_max_m = models.DecimalField(_("作业面最高标高，m"), max_digits=5, decimal_places=1, null=True, blank=True)
    ties = models.JSONField(default=dict, blank=True)
    #: Facts of the job as keys of ``standards.gb30871.facts.PermitFacts``, read by it whenever they are written.
    work = models.JSONField(default=dict)
    #: Fields of the form (annex A) that no check asks for, by their code in ``standards.gb30871.tickets``: words.
    particulars = models.JSONField(_("票面事项"), default=dict, blank=True)
    #: Digest of the picture that the form's box for a drawing holds; the file itself is held by the permit.
    sketch = models.CharField(max_length=72, blank=True, editable=False)
    requester = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    related = models.ManyToManyField("self", symmetrical=True, blank=True)
    supersedes = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    #: Who approves by the risk of the job (F-15) as it was reckoned when it was presented: score, role, the role of
    #: table B.1 and reasons; empty where the enterprise did not ask for it.
    approval_risk = models.JSONField(default=dict, blank=True, editable=False)
    #: Digest of all that is signed, from the moment at which it is presented.
    seal = models.CharField(max_length=64, blank=True, editable=False)
    issued_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    started_at = models.DateTimeField(_("实际开始时间"), null=True, blank=True)
    #: Since when work stands, and why: a code of ``standards.gb30871.endings.STOP_REASONS``.
    stopped_at = models.DateTimeField(_("暂停时间"), null=True, blank=True)
    stop_reason = models.CharField(_("暂停原因"), max_length=20, blank=True)
    finished_at = models.DateTimeField(_("完工时间"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    #: How it ended where it was cancelled or void: a code of ``data/endings`` of the standard, and the words for it.
    #: Since when the head is told that it stands suspended past its window, or finished and not accepted, for a day.
    escalated_at = models.DateTimeField(_("上报负责人时间"), null=True, blank=True)
    #: Since when the guardian's next look is told to be overdue; empty again with the look.
    guard_told_at = models.DateTimeField(null=True, blank=True)
    end_event = models.CharField(max_length=20, blank=True)
    end_reason = models.CharField(_("撤销、作废原因"), max_length=500, blank=True)
    #: When it was booked (预约): first asked for, with a start no later than the present one; of what follows a permit
    #: that ended undone, when that was.
    booked_at = models.DateTimeField(_("预约时间"), null=True, blank=True)
    #: Booked later than a house asks (AQ 3064.2, 5.3.1), with why, who said so and when.
    is_emergency = models.BooleanField(_("紧急预约"), default=False)
    emergency_reason = models.CharField(_("紧急预约原因"), max_length=300, blank=True)
    emergency_by = models.CharField(_("紧急预约申报人"), max_length=130, blank=True)
    emergency_at = models.DateTimeField(_("紧急预约申报时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    #: What a search of the list looks through; kept by the database itself.
    words = models.TextField(editable=False, default="")
    created_at = models.DateTimeField()

    objects = PermitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="permit_kind_known"),
            models.CheckConstraint(condition=Q(status__in=PERMIT.codes), name="permit_status_known"),
            models.CheckConstraint(condition=Q(window_end__gt=F("window_start")), name="permit_window_in_order"),
            models.CheckConstraint(
                condition=Q(is_emergency=False) | (~Q(emergency_reason="") & Q(emergency_at__isnull=False)),
                name="permit_emergency_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(*RUNNING, "FINISHED", "ACCEPTED", "CLOSED"))
                | (Q(issued_at__isnull=False) & ~Q(seal="") & ~Q(number="")),
                name="permit_runs_only_when_issued",
            ),
            models.CheckConstraint(
                condition=~Q(status="WORKING") | Q(started_at__isnull=False), name="permit_works_since"
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="permit_point",
            ),
            models.UniqueConstraint(fields=["file", "number"], condition=~Q(number=""), name="permit_number_once"),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-window_start"], name="permit_by_enterprise"),
            models.Index(fields=["status", "window_end"], name="permit_by_status"),
            models.Index(fields=["-window_start", "id"], name="permit_by_window"),
            models.Index(fields=["file", "booked_at"], name="permit_by_booking"),
            models.Index(fields=["lon", "lat"], condition=Q(lon__isnull=False), name="permit_by_point"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="permit_by_end"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="permit_words_trgm"),
        ]

    def __str__(self) -> str:
        return self.number or self.content

    @property
    def title(self) -> str:
        return f"{self.get_kind_display()} {self.number} {self.content}"[:300]

    @property
    def risk_approver(self) -> str:
        """The role that approves by the risk of what was presented; empty where it is that of table B.1."""
        told = self.approval_risk if self.seal else {}
        role = str(told.get("role", ""))
        return role if role != told.get("table") else ""


class Part(models.TextChoices):
    """What somebody is on a permit (作业票人员)."""

    WORKER = "WORKER", _("作业人")
    GUARDIAN = "GUARDIAN", pgettext_lazy("special work", "监护人")
    LEADER = "LEADER", _("作业负责人")


class PermitPerson(models.Model):
    """Somebody on a permit. Read through the permit. Retention class: as the permit.

    Certificates, age, health, education and his company's admission come from registers at each check; the day of
    education counts where none speaks of him. The medical's day and a guardian's exam and experience are as told.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    part = models.CharField(_("身份"), max_length=8, choices=Part.choices)
    #: Running number of the person on this permit, by which refusals and the journal name him.
    number = models.PositiveSmallIntegerField()
    #: As in ``data/certificates.csv`` of the standard.
    tasks = models.JSONField(_("分工"), default=list, blank=True)
    educated_on = models.DateField(_("入厂教育日期"), null=True, blank=True)
    medical_on = models.DateField(_("体检日期"), null=True, blank=True)
    #: Of a guardian: marks of his exam, of 100, and years in which he worked; the file of certificates keeps neither.
    exam_score = models.DecimalField(_("监护人考核成绩"), max_digits=5, decimal_places=2, null=True, blank=True)
    experience_years = models.DecimalField(
        _("监护人实践经验，年"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    #: Name and blind index of the identity number as they stood when the permit was presented: both are in its seal.
    sealed_name = models.CharField(max_length=60, blank=True)
    sealed_identity = models.CharField(max_length=80, blank=True)
    #: Since and until when he counted, where he was changed while the permit ran (T18).
    joined_at = models.DateTimeField(_("到岗时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("离岗时间"), null=True, blank=True)

    class Meta:
        constraints = [
            # Whoever handed over may come back.
            models.UniqueConstraint(
                fields=["permit", "person", "part"], condition=Q(ended_at__isnull=True), name="permit_person_part_once"
            ),
            models.UniqueConstraint(
                fields=["permit"], condition=Q(part="LEADER"), name="permit_one_leader"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="permit_person_where")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"P{self.number}"
