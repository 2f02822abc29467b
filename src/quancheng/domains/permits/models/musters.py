"""Musters after an order to leave (紧急集合点名): who must be accounted for, and who is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.muster import MUSTER
from quancheng.domains.permits.models.orders import StopOrder
from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.training.models import Person
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Muster(LoopRow):
    """A roll call of everybody at work under permits and everybody from outside who is in (紧急集合点名).

    One at a time an enterprise, called by itself or with a stop order. Retention class: 3 years after its end.
    """

    loop_code: ClassVar[str] = MUSTER.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单元"))
    order = models.ForeignKey(StopOrder, models.SET_NULL, null=True, related_name="+", verbose_name=_("停工指令"))
    point = models.CharField(_("集合点"), max_length=120, blank=True)
    reason = models.CharField(_("情况说明"), max_length=500)
    is_drill = models.BooleanField(_("演练"), default=False)
    called_by = models.CharField(_("发起人"), max_length=130)
    called_at = models.DateTimeField(_("发起时间"))
    #: When it was told that somebody is missing still.
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_by = models.CharField(_("结束人"), max_length=130, blank=True)
    end_note = models.CharField(_("结束说明"), max_length=500, blank=True)

    objects = ScopedQuerySet["Muster"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MUSTER.codes), name="muster_status_known"),
            models.CheckConstraint(
                condition=Q(status="CALLED", ended_at__isnull=True) | Q(status="ENDED", ended_at__isnull=False),
                name="muster_ended_at",
            ),
            models.UniqueConstraint(fields=["file"], condition=Q(status="CALLED"), name="muster_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["-called_at", "id"], name="muster_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return f"{self.enterprise.name if self.enterprise else ''} {self.reason}"[:300]


class RollState(models.TextChoices):
    """Where somebody is, as far as the roll knows."""

    UNKNOWN = "UNKNOWN", _("未到")
    HERE = "HERE", _("已到")
    UNDERWAY = "UNDERWAY", _("在途")
    RESCUER = "RESCUER", _("抢险，豁免")


class RollEntry(models.Model):
    """Somebody on the roll of a muster (点名册). Read through the muster. Retention class: as the muster.

    ``person`` is empty of whom somebody added by name at the place of assembly.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    muster = models.ForeignKey(Muster, models.CASCADE, related_name="roll")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("姓名"), max_length=60)
    firm = models.CharField(_("单位"), max_length=120, blank=True)
    permit = models.ForeignKey(Permit, models.SET_NULL, null=True, related_name="+")
    #: In a confined space by the register of entries when it was called.
    is_inside = models.BooleanField(_("在受限空间内"), default=False)
    state = models.CharField(_("状态"), max_length=8, choices=RollState.choices, default=RollState.UNKNOWN)
    marked_at = models.DateTimeField(_("登记时间"), null=True)
    marked_by = models.CharField(_("登记人"), max_length=130, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["muster", "person"], condition=Q(person__isnull=False), name="roll_person_once"
            ),
            models.CheckConstraint(condition=Q(state__in=RollState.values), name="roll_state_known"),
            models.CheckConstraint(
                condition=Q(state="UNKNOWN") | Q(marked_at__isnull=False), name="roll_marked_when"
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(person__isnull=False), name="roll_by_person")]

    def __str__(self) -> str:
        return self.name
