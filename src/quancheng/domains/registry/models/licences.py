"""Licences and permits (证照): what an enterprise may do, with how much, until when; their renewal, and the exit."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.loops.licence import LICENCE_EXIT, LICENCE_RENEWAL
from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class LicenceState(models.TextChoices):
    """Where a licence stands on a day (证照状态). The first three follow from dates and are never typed."""

    VALID = "valid", _("有效")
    DUE = "due", _("应申请延续")
    EXPIRED = "expired", _("已过期")
    SUSPENDED = "suspended", _("已暂扣")
    REVOKED = "revoked", _("已吊销")
    CANCELLED = "cancelled", _("已注销")
    REPLACED = "replaced", _("已换证")


class Decision(models.TextChoices):
    """What an office decided about a licence (证照处理决定)."""

    SUSPENDED = "suspended", _("暂扣")
    REVOKED = "revoked", _("吊销")
    CANCELLED = "cancelled", _("注销")


#: States in which a licence gives a right.
IN_FORCE = (LicenceState.VALID, LicenceState.DUE)


class LicenceQuerySet(ScopedQuerySet["Licence"]):
    """Licences with their state on a day."""

    def standing(self) -> Self:
        """Those that no newer one replaced and no office ended."""
        return self.filter(replaced_by__isnull=True).exclude(decision__in=(Decision.REVOKED, Decision.CANCELLED))

    def with_state(self, *, on: date) -> Self:
        """Annotate ``state``, one of :class:`LicenceState`; the same rule as :meth:`Licence.state_on`."""
        return self.annotate(
            state=Case(
                When(replaced_by__isnull=False, then=Value(LicenceState.REPLACED.value)),
                When(~Q(decision=""), then=F("decision")),
                When(valid_to__lt=on, then=Value(LicenceState.EXPIRED.value)),
                When(renew_date__lte=on, then=Value(LicenceState.DUE.value)),
                default=Value(LicenceState.VALID.value),
                output_field=models.CharField(),
            )
        )


class Licence(Scoped):
    """One licence or permit (证照) as it is printed. Retention class: as the file.

    Without ``valid_to`` it is without end. ``kind`` is a code of ``standards.licences``.
    """

    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="licences")
    kind = models.CharField(_("证照种类"), max_length=30)
    number = models.CharField(_("证号"), max_length=80)
    #: Printed on it; the unified social credit code joins it with the business licence.
    holder_name = models.CharField(_("证载企业名称"), max_length=120, blank=True)
    holder_code = models.CharField(_("证载统一社会信用代码"), max_length=18, blank=True)
    scope = models.TextField(_("许可范围"), blank=True)
    #: A code of ``standards.licences.WAYS_OF_TRADE``.
    way_of_trade = models.CharField(_("经营方式"), max_length=20, blank=True)
    registered_address = models.CharField(_("证载注册地址"), max_length=200, blank=True)
    trading_address = models.CharField(_("证载经营（生产）地址"), max_length=200, blank=True)
    storage_address = models.CharField(_("证载储存地址"), max_length=200, blank=True)
    legal_representative = models.CharField(_("证载法定代表人"), max_length=60, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=120, blank=True)
    issued_date = models.DateField(_("发证日期"), null=True, blank=True)
    valid_from = models.DateField(_("有效期起"), null=True, blank=True)
    valid_to = models.DateField(_("有效期止"), null=True, blank=True)
    #: From here on renewal is due; follows from ``valid_to`` and the rule of the kind.
    renew_date = models.DateField(_("应申请延续日期"), null=True, blank=True, editable=False)
    decision = models.CharField(_("处理决定"), max_length=10, choices=Decision.choices, blank=True)
    decided_date = models.DateField(_("决定日期"), null=True, blank=True)
    decided_reason = models.CharField(_("决定依据和理由"), max_length=500, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    #: The last reminder that was sent, in days before expiry; -1 after the one that told of the expiry.
    reminded_days = models.SmallIntegerField(null=True, editable=False)
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    verified_by = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=("", *Decision.values)), name="licence_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="") | (Q(decided_date__isnull=False) & ~Q(decided_reason="")),
                name="licence_decided_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="licence_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(renew_date__isnull=True) | Q(valid_to__isnull=False), name="licence_renew_date"
            ),
            models.UniqueConstraint(
                fields=["file", "kind", "number", "valid_to"],
                condition=Q(replaced_by__isnull=True),
                name="licence_once",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_to", "id"], name="licence_by_expiry"),
            models.Index(fields=["file", "kind"], name="licence_by_file"),
        ]

    def __str__(self) -> str:
        return self.number

    def state_on(self, day: date) -> str:
        """One of :class:`LicenceState` on a day; the same rule as :meth:`LicenceQuerySet.with_state`."""
        if self.replaced_by_id is not None:
            return LicenceState.REPLACED
        if self.decision:
            return self.decision
        if self.valid_to is not None and self.valid_to < day:
            return LicenceState.EXPIRED
        return LicenceState.DUE if self.renew_date is not None and self.renew_date <= day else LicenceState.VALID


class LicenceItem(models.Model):
    """One chemical of a licence's scope (许可品种), with its quantity if one is set. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    licence = models.ForeignKey(Licence, models.CASCADE, related_name="items")
    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="+")
    #: Tonnes that may be there at once; empty where the licence sets none.
    permitted_t = models.DecimalField(_("许可量（吨）"), max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["licence", "chemical"], name="licence_item_once"),
            models.CheckConstraint(
                condition=Q(permitted_t__isnull=True) | Q(permitted_t__gte=0), name="licence_item_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence_id} {self.chemical_id}"


class LicenceRule(models.Model):
    """How a district warns of one kind's expiry, where not as the standard has it. Retention class: register,
    permanent.
    """

    kind = models.CharField(_("证照种类"), max_length=30, primary_key=True)
    warn_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("提前提醒天数"))
    renewal_days = models.PositiveSmallIntegerField(_("应提前申请延续天数"))
    #: Whether who lets it lapse must leave the trade.
    exits = models.BooleanField(_("过期后启动退出程序"))
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


class ToldFact(models.Model):
    """A fact on which duties of an enterprise turn and that no other row shows, as somebody told it (情况填报).

    ``fact`` is a code of ``standards.enterprise_classes.FACTS``. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="told_facts")
    fact = models.CharField(max_length=40)
    holds = models.BooleanField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "fact"], name="told_fact_once")]

    def __str__(self) -> str:
        return f"{self.fact} {self.holds}"


class LicenceRenewal(LoopRow):
    """The renewal that an enterprise owes before a licence runs out (证照延续). Retention class: as the file."""

    loop_code = LICENCE_RENEWAL.code

    licence = models.ForeignKey(Licence, models.CASCADE, related_name="renewals")
    title = models.CharField(_("事项"), max_length=200)
    due_date = models.DateField(_("应申请延续日期"))
    expires_date = models.DateField(_("有效期止"))
    #: What the enterprise says of its application.
    text = models.TextField(_("申请情况"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["LicenceRenewal"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LICENCE_RENEWAL.codes), name="licence_renewal_status_known"),
            models.UniqueConstraint(fields=["licence", "expires_date"], name="licence_renewal_once"),
        ]

    def __str__(self) -> str:
        return self.title


class LicenceExit(LoopRow):
    """The way out of who has no licence or no safe conditions any more (退出程序). Retention class: as the file.

    ``owner_org`` is the supervising office. ``licence`` is empty where it was opened for unsafe conditions.
    """

    loop_code = LICENCE_EXIT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="exits")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="exits")
    title = models.CharField(_("事项"), max_length=200)
    reason = models.TextField(_("启动原因"))
    #: The enterprise's state of life before it was ordered to stop.
    life_before = models.CharField(max_length=10, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["LicenceExit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LICENCE_EXIT.codes), name="licence_exit_status_known"),
            models.UniqueConstraint(
                fields=["licence"], condition=Q(closed_at__isnull=True), name="licence_exit_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def stands_again(self) -> bool:
        """Whether a verified licence of the kind stands that runs on after the day on which the exit was opened; an
        exit for another reason is for the office alone to judge. Whether it is in force today the service asks."""
        if self.licence is None:
            return True
        same = Licence.objects.standing().filter(file=self.file_id, kind=self.licence.kind, decision="")
        runs_on = Q(valid_to__isnull=True) | Q(valid_to__gte=self.created_at.date())
        return same.filter(runs_on, verified_at__isnull=False).exists()
