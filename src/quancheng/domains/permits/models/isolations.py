"""Points of isolation (隔离点), which permits they serve, and whose personal locks hang there."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.loops.isolation import ISOLATION, OPEN_STATES, STANDING
from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.training.models import Person
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.gb30871.isolation import DEVICES, ENERGIES


class IsolationPoint(LoopRow):
    """One point at which energy is kept away from people at work (隔离点), e.g. a blind plate or a locked breaker.

    Codes are those of ``standards.gb30871.isolation``. ``enterprise`` keeps the register; a point serves any number of
    its permits. Retention class: 3 years after it was removed.
    """

    loop_code: ClassVar[str] = ISOLATION.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    #: Number of the plate or the tag: one point at a time bears it.
    tag = models.CharField(_("隔离点（盲板）编号"), max_length=40)
    device = models.CharField(_("隔离方式"), max_length=16)
    energy = models.CharField(_("能量类别"), max_length=12)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所在单元"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所在设施")
    )
    place = models.CharField(_("隔离位置"), max_length=200)
    #: Equipment or line that is isolated, as the form of annex A.3 asks.
    equipment = models.CharField(_("设备、管道名称"), max_length=120, blank=True)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    #: Whether the line must be blinded or disconnected (5.2.2, 6.1); None: nobody said, and no valve counts.
    needs_blind = models.BooleanField(_("须加盲板或拆短管"), null=True, blank=True)
    lock_no = models.CharField(_("锁号"), max_length=40, blank=True)
    key_holder = models.CharField(_("钥匙保管人"), max_length=60, blank=True)
    #: Who answers for it; of a plate 6.1 and 7.4 ask for him.
    owner = models.CharField(pgettext_lazy("isolation", "责任人"), max_length=60)
    drawing = models.CharField(_("盲板位置图号"), max_length=80, blank=True)
    plate_form = models.CharField(_("盲板型式"), max_length=10, blank=True)
    diameter_mm = models.PositiveIntegerField(_("公称直径DN，mm"), null=True, blank=True)
    rated_mpa = models.DecimalField(_("盲板压力等级，MPa"), max_digits=6, decimal_places=2, null=True, blank=True)
    material = models.CharField(_("盲板材质"), max_length=60, blank=True)
    medium = models.CharField(_("介质"), max_length=60, blank=True)
    medium_c = models.DecimalField(_("介质温度，℃"), max_digits=6, decimal_places=1, null=True, blank=True)
    medium_mpa = models.DecimalField(_("介质压力，MPa"), max_digits=6, decimal_places=2, null=True, blank=True)
    #: Since when it stood before anybody kept a register of it; empty of all others.
    stood_since = models.DateField(_("建账前已装设，装设日期"), null=True, blank=True)
    planned_by = models.CharField(_("登记人"), max_length=130)
    planned_at = models.DateTimeField(_("登记时间"))
    #: Who put it there at the place, and who showed it to be without energy: two people, neither need have an account.
    applied_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("隔离实施人")
    )
    applied_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(_("隔离时间"), null=True, blank=True)
    verified_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("验证人")
    )
    verified_at = models.DateTimeField(_("验证时间"), null=True, blank=True)
    proof = models.CharField(_("验证方法"), max_length=16, blank=True)
    proof_said = models.CharField(_("验证情况"), max_length=300, blank=True)
    #: When somebody last looked at it there, and by when somebody does again.
    looked_at = models.DateTimeField(_("最近复查时间"), null=True, blank=True)
    review_at = models.DateTimeField(_("下次复查时限"), null=True, blank=True)
    lifted_at = models.DateTimeField(pgettext_lazy("isolation", "失效时间"), null=True, blank=True)
    lift_reason = models.CharField(_("失效情况"), max_length=500, blank=True)
    removed_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("解除人")
    )
    removed_at = models.DateTimeField(pgettext_lazy("isolation", "解除时间"), null=True, blank=True)
    remove_reason = models.CharField(pgettext_lazy("isolation", "解除说明"), max_length=500, blank=True)

    objects = ScopedQuerySet["IsolationPoint"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ISOLATION.codes), name="isolation_status_known"),
            models.CheckConstraint(condition=Q(device__in=list(DEVICES)), name="isolation_device_known"),
            models.CheckConstraint(condition=Q(energy__in=list(ENERGIES)), name="isolation_energy_known"),
            models.CheckConstraint(
                condition=~Q(status__in=STANDING) | Q(applied_at__isnull=False, applied_person__isnull=False),
                name="isolation_applied_by",
            ),
            models.CheckConstraint(
                condition=~Q(status="VERIFIED")
                | (
                    Q(verified_at__isnull=False, verified_person__isnull=False, review_at__isnull=False)
                    & ~Q(verified_person=models.F("applied_person"))
                ),
                name="isolation_verified_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status="REMOVED") | Q(removed_at__isnull=False, removed_person__isnull=False),
                name="isolation_removed_by",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="isolation_point",
            ),
            models.UniqueConstraint(
                fields=["file", "tag"], condition=Q(status__in=OPEN_STATES), name="isolation_tag_once"
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "status", "tag"], name="isolation_by_enterprise"),
            models.Index(fields=["-planned_at", "id"], name="isolation_newest"),
            models.Index(fields=["removed_at"], condition=Q(removed_at__isnull=False), name="isolation_by_end"),
        ]

    def __str__(self) -> str:
        return self.tag

    @property
    def title(self) -> str:
        return f"{self.tag} {self.place}"[:300]


class LinkRole(models.TextChoices):
    """What a point is to a permit."""

    RELIES = "RELIES", pgettext_lazy("isolation", "作业依靠该隔离")
    FITS = "FITS", pgettext_lazy("isolation", "本票装设或抽出")


class IsolationLink(models.Model):
    """A permit that relies on a point, or whose work fits or takes out its plate. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="isolation_links")
    point = models.ForeignKey(IsolationPoint, models.CASCADE, related_name="uses")
    role = models.CharField(_("用途"), max_length=8, choices=LinkRole.choices)
    linked_by = models.CharField(_("关联人"), max_length=130)
    linked_at = models.DateTimeField(_("关联时间"))
    #: It was on the permit when that was presented, and is sealed with it.
    is_sealed = models.BooleanField(default=False, editable=False)
    #: Of links that a query reads for the checks: blinding at work takes the plate out now.
    is_coming_out: bool = False
    #: Likewise: a test of the point was asked for, or it is lifted for one, or was and is not proved anew; of a plate,
    #: another point of its line. And when it was proved anew after a test.
    is_under_test: bool = False
    proved_at: datetime | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["permit", "point"], name="isolation_link_once"),
            # One permit, one plate (7.11).
            models.UniqueConstraint(
                fields=["permit"], condition=Q(role="FITS"), name="isolation_link_one_plate"
            ),
            models.CheckConstraint(condition=Q(role__in=LinkRole.values), name="isolation_link_role"),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.role}"


class PersonalLock(models.Model):
    """The lock that somebody at work hung upon a point for the time of a permit (个人锁).

    He alone takes it off; where he cannot, who heads the local unit does, with a second person and a reason.
    Retention class: as the point.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    point = models.ForeignKey(IsolationPoint, models.CASCADE, related_name="locks")
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="locks")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("锁主"))
    team = models.CharField(pgettext_lazy("isolation", "班组"), max_length=60, blank=True)
    lock_no = models.CharField(_("个人锁号"), max_length=40)
    hung_by = models.CharField(_("登记人"), max_length=130)
    hung_at = models.DateTimeField(_("上锁时间"))
    taken_by = models.CharField(_("登记人"), max_length=130, blank=True)
    taken_at = models.DateTimeField(_("取锁时间"), null=True, blank=True)
    #: Of a lock that its owner did not take off himself: the second person, and why.
    is_forced = models.BooleanField(_("授权拆锁"), default=False)
    witness = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("见证人")
    )
    reason = models.CharField(_("拆锁原因"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["point", "lock_no"], condition=Q(taken_at__isnull=True), name="personal_lock_number_once"
            ),
            models.UniqueConstraint(
                fields=["point", "permit", "person"], condition=Q(taken_at__isnull=True), name="personal_lock_once"
            ),
            models.CheckConstraint(
                condition=Q(is_forced=False)
                | (Q(taken_at__isnull=False, witness__isnull=False) & ~Q(reason="") & ~Q(witness=models.F("person"))),
                name="personal_lock_forced_by_two",
            ),
        ]
        indexes = [models.Index(fields=["permit"], condition=Q(taken_at__isnull=True), name="personal_lock_hanging")]

    def __str__(self) -> str:
        return self.lock_no
