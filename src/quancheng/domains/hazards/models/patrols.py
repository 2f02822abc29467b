"""Places that grid officers look at, the routes on which they do, and each walk with its results (网格巡查)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.patrol import PATROL
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class PatrolCycle(models.TextChoices):
    """How often a route is walked (巡查周期)."""

    WORKDAYS = "workdays", _("每个工作日")
    DAILY = "daily", _("每天")
    WEEKLY = "weekly", _("每周")
    MONTHLY = "monthly", _("每月")


class VisitResult(models.TextChoices):
    """What a grid officer says of a place (巡查结果)."""

    FINE = "fine", _("未发现问题")
    CLUE = "clue", _("发现线索")
    NOT_ENTERED = "not_entered", _("未能进入")


class PatrolPlace(Scoped):
    """A place that a village or town looks at (巡查点), such as a warehouse, an old house or a scrap dealer.

    ``type`` is a code of the dictionary ``patrol_place_types``, whose parts say what to look at there. Points are
    CGCS2000, degrees, six decimals. Retention class: register, permanent.
    """

    name = models.CharField(_("名称"), max_length=120)
    type = models.CharField(_("巡查点类型"), max_length=60)
    address = models.CharField(_("地址"), max_length=200)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    #: Who answers for the place there.
    person = models.CharField(_("现场负责人"), max_length=60, blank=True)
    #: The file of the enterprise that works there, where it has one.
    file = models.ForeignKey(
        "registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="patrol_places"
    )  # fmt: skip
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    ended_reason = models.CharField(_("停用原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["PatrolPlace"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="patrol_place_point",
            ),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True, ended_reason="")
                | (Q(ended_date__isnull=False) & ~Q(ended_reason="")),
                name="patrol_place_ended",
            ),
            models.UniqueConstraint(
                fields=["owner_org", "name"], condition=Q(ended_date__isnull=True), name="patrol_place_once"
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="patrol_place_by_name")]

    def __str__(self) -> str:
        return self.name


class PatrolRoute(Scoped):
    """Places in the order in which they are walked, by whom and how often (巡查路线).

    ``owner_org`` is the village or town whose officers walk it. Retention class: register, permanent.
    """

    name = models.CharField(_("路线名称"), max_length=120)
    cycle = models.CharField(_("巡查周期"), max_length=8, choices=PatrolCycle.choices, default=PatrolCycle.WORKDAYS)
    starts_date = models.DateField(_("起始日期"))
    officers = models.ManyToManyField("people.User", related_name="+", verbose_name=_("网格员"))
    #: The rule by which the schedule makes what is due; another one where the cycle changed.
    rule = models.ForeignKey("schedule.RecurringRule", models.PROTECT, null=True, blank=True, related_name="+")
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    ended_reason = models.CharField(_("停用原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["PatrolRoute"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cycle__in=PatrolCycle.values), name="patrol_route_cycle_known"),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True, ended_reason="")
                | (Q(ended_date__isnull=False) & ~Q(ended_reason="")),
                name="patrol_route_ended",
            ),
            models.UniqueConstraint(
                fields=["owner_org", "name"], condition=Q(ended_date__isnull=True), name="patrol_route_once"
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="patrol_route_by_name")]

    def __str__(self) -> str:
        return self.name


class PatrolStop(models.Model):
    """One place of a route (路线巡查点). Read through the route. Retention class: as the route, while it is part."""

    id = models.BigAutoField(primary_key=True)
    route = models.ForeignKey(PatrolRoute, models.CASCADE, related_name="stops")
    place = models.ForeignKey(PatrolPlace, models.PROTECT, related_name="stops")
    position = models.PositiveSmallIntegerField()
    #: The version of the route with which the place came onto it.
    since_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "place"], name="patrol_stop_once"),
            models.UniqueConstraint(fields=["route", "position"], name="patrol_stop_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.place_id}"


class Patrol(LoopRow):
    """A route to be walked in its period, or walked out of turn (网格巡查). ``owner_org`` is whose route it is.

    Retention class: permanent.
    """

    loop_code = PATROL.code

    route = models.ForeignKey(PatrolRoute, models.PROTECT, related_name="patrols")
    title = models.CharField(_("巡查任务"), max_length=160)
    #: The days of the period, the last of them the one on which it is due.
    first_date = models.DateField()
    due_date = models.DateField(_("巡查日期"))
    #: Who walks it where the route has one officer alone; of several, whoever takes it.
    officer = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    #: Walked besides what the cycle asks for (加巡).
    is_extra = models.BooleanField(_("加巡"), default=False)
    walker = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    walker_name = models.CharField(_("巡查人"), max_length=130, blank=True)
    walked_at = models.DateTimeField(_("巡查时间"), null=True, blank=True)
    note = models.CharField(_("巡查说明"), max_length=1000, blank=True)
    visit_count = models.PositiveSmallIntegerField(_("巡查点数"), default=0)
    clue_count = models.PositiveSmallIntegerField(_("线索数"), default=0)
    unentered_count = models.PositiveSmallIntegerField(_("未能进入数"), default=0)
    #: What speaks against a time, and places left out because the route was changed meanwhile: ``{"zh", "en"}`` each.
    doubts = models.JSONField(_("存疑"), default=list)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Patrol"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PATROL.codes), name="patrol_status_known"),
            models.CheckConstraint(condition=Q(first_date__lte=F("due_date")), name="patrol_in_order"),
            models.CheckConstraint(
                condition=~Q(status="WALKED") | Q(walked_at__isnull=False, walker__isnull=False, visit_count__gt=0),
                name="patrol_walked_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["route", "due_date"], condition=Q(is_extra=False), name="patrol_once_a_period"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date").desc(), F("id"),
                         name="patrol_open_first"),
            models.Index(fields=["due_date"], condition=Q(status="DUE"), name="patrol_due"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class PatrolVisit(models.Model):
    """One place as it was seen on a walk (排查台账): a line of the screening ledger. Read through the walk.

    Retention class: as the walk.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="visits")
    place = models.ForeignKey(PatrolPlace, models.PROTECT, related_name="visits")
    position = models.PositiveSmallIntegerField()
    result = models.CharField(_("巡查结果"), max_length=12, choices=VisitResult.choices)
    note = models.CharField(_("说明"), max_length=1000, blank=True)
    at = models.DateTimeField(_("到点时间"))
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True)
    #: Whole metres from where the place is; empty where either is unknown.
    distance_m = models.PositiveIntegerField(_("距巡查点（米）"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=VisitResult.values), name="patrol_visit_result_known"),
            models.CheckConstraint(
                condition=~Q(result="not_entered") | ~Q(note=""), name="patrol_visit_says_why_not_entered"
            ),
            models.UniqueConstraint(fields=["patrol", "place"], name="patrol_visit_once"),
        ]
        indexes = [
            models.Index(fields=["-at", "id"], name="patrol_visit_newest"),
            models.Index(fields=["place", "-at"], name="patrol_visit_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.result}"


class PatrolTermRule(models.Model):
    """Within what time grid clues are taken and answered, and when a patrol counts as missed, from a day on
    (网格线索时限).

    Only ever added: the newest that is in force counts, and terms that run stay as they were set.
    Retention class: permanent.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    take_days = models.PositiveSmallIntegerField(_("受理时限（天）"))
    answer_days = models.PositiveSmallIntegerField(_("答复时限（天）"))
    #: Of a suspected major danger.
    major_take_hours = models.PositiveSmallIntegerField(_("疑似重大隐患受理时限（小时）"))
    major_answer_days = models.PositiveSmallIntegerField(_("疑似重大隐患答复时限（天）"))
    #: A patrol that nobody walked for so many days after its day is closed as missed.
    lapse_days = models.PositiveSmallIntegerField(_("逾期多少天计为未巡查"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(take_days__gte=1, answer_days__gte=1, major_take_hours__gte=1, major_answer_days__gte=1,
                            lapse_days__gte=1),
                name="patrol_terms_given",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="patrol_terms_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.take_days}/{self.answer_days}"
