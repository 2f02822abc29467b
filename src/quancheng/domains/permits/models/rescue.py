"""Rescue for a confined space (受限空间救援准备): plan, team, air sets, last drill, and who confirmed it for when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.ids import uuid7


class RescueReadiness(models.Model):
    """What stands ready to get people out (救援准备), as it was told. Only ever added: the newest counts.

    ``since`` to ``until`` is the time for which the team was confirmed; a team that is not available any more is told
    by another row. The plan as a file is held by the permit. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="rescues")
    plan = models.CharField(_("救援方案要点"), max_length=1000)
    has_file = models.BooleanField(_("附有救援方案文件"), default=False)
    team = models.CharField(_("救援队伍"), max_length=80)
    people = models.PositiveSmallIntegerField(_("救援人数"))
    air_sets = models.PositiveSmallIntegerField(_("隔绝式呼吸器，套"))
    drill_date = models.DateField(_("最近一次演练日期"), null=True, blank=True)
    is_confirmed = models.BooleanField(_("队伍确认可到场"))
    confirmed_by = models.CharField(_("队伍确认人"), max_length=60, blank=True)
    since = models.DateTimeField(_("待命开始时间"))
    until = models.DateTimeField(_("待命结束时间"))
    told_by = models.CharField(pgettext_lazy("rescue", "登记人"), max_length=130)
    told_at = models.DateTimeField(pgettext_lazy("rescue", "登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="rescue_time_in_order"),
            models.CheckConstraint(condition=Q(is_confirmed=False) | ~Q(confirmed_by=""), name="rescue_confirmed_by"),
        ]
        indexes = [models.Index(fields=["permit", "-told_at", "-id"], name="rescue_newest")]

    def __str__(self) -> str:
        return self.team
