"""Times and numbers by which alarms are answered (报警处置参数): set by the district from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.models import AlarmTerms
from quancheng.domains.monitoring.queries.alarm_terms import NAMES, list_terms
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

MANAGE = "monitoring.terms"
#: The last day from which a table may count, in days from now: beyond it is a slip of the pen.
FARTHEST_D = 366
#: Figures that grow with the number of the priority: who is more urgent has less time.
_LADDERS = ("respond", "feedback", "shelf")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its words, its unit, and the least and most that it may be."""

    label: Text
    unit: Text
    least: int
    most: int
    #: Of which priority; 0 where it is the same for all.
    place: int = 0

    @property
    def words(self) -> str:
        if not self.place:
            return str(self.label)
        return _("%(label)s（优先级%(place)s）") % {"label": self.label, "place": self.place}


_SECONDS, _HOURS, _TIMES = gettext_lazy("秒"), gettext_lazy("小时"), gettext_lazy("次")
_MINUTES, _KM, _KV_M = gettext_lazy("分钟"), gettext_lazy("千米"), gettext_lazy("千伏/米")
_DAY_S = 86_400


def _ladder(name: str, label: Text, least: int, most: int) -> dict[str, Figure]:
    return {f"{name}_p{place}": Figure(label, _SECONDS, least, most, place) for place in range(1, 5)}


#: The figures of :class:`Terms`, in their order.
FIGURES: dict[str, Figure] = {
    **_ladder("respond", gettext_lazy("确认时限"), 10, _DAY_S),
    **_ladder("feedback", gettext_lazy("反馈时限"), 600, 30 * _DAY_S),
    **_ladder("shelf", gettext_lazy("最长搁置时间"), 60, 3 * _DAY_S),
    "most_shelved": Figure(gettext_lazy("一家企业同时搁置的报警"), gettext_lazy("项报警"), 1, 100),
    "unshelve_every": Figure(gettext_lazy("搁置到期后逐项恢复的间隔"), _SECONDS, 1, 60),
    "longest_oos_days": Figure(gettext_lazy("最长停用时间"), gettext_lazy("天"), 1, 365),
    "repeats_day": Figure(gettext_lazy("一天内重复达到即转隐患"), _TIMES, 2, 1000),
    "repeats_week": Figure(gettext_lazy("一周内重复达到即转隐患"), _TIMES, 2, 1000),
    "standing_hours": Figure(gettext_lazy("持续报警达到即转隐患"), _HOURS, 1, 720),
    "instrument_hours": Figure(gettext_lazy("安全关键仪表故障达到即转隐患"), _HOURS, 1, 720),
    "longest_bypass_hours": Figure(gettext_lazy("联锁旁路最长时间"), _HOURS, 1, 720),
    "bypass_notice_minutes": Figure(gettext_lazy("旁路到期前提醒"), _MINUTES, 5, 1440),
    "bypass_office_hours": Figure(gettext_lazy("旁路超期后告知监管部门"), _HOURS, 1, 720),
    "lightning_yellow_km": Figure(gettext_lazy("雷电黄色预警距离"), _KM, 1, 100),
    "lightning_orange_km": Figure(gettext_lazy("雷电橙色预警距离"), _KM, 1, 100),
    "lightning_red_km": Figure(gettext_lazy("雷电红色预警距离"), _KM, 1, 100),
    "lightning_yellow_kv_m": Figure(gettext_lazy("雷电黄色预警电场强度"), _KV_M, 1, 100),
    "lightning_orange_kv_m": Figure(gettext_lazy("雷电橙色预警电场强度"), _KV_M, 1, 100),
    "lightning_red_kv_m": Figure(gettext_lazy("雷电红色预警电场强度"), _KV_M, 1, 100),
    "lightning_calm_minutes": Figure(gettext_lazy("雷电预警平静后解除"), _MINUTES, 10, 240),
}


def set_terms(
    *, actor: Actor, figures: Mapping[str, int], reason: str, from_date: date, now: datetime
) -> AlarmTerms:  # fmt: skip
    """Set the table from a day on; terms of alarms that run stay as they were set. The same again is one.

    :param figures: each of :data:`FIGURES`. :raises Invalid: by field; a day that is past, figures that cannot be.
    """
    actor.require(MANAGE)
    wrong = _faults(figures)
    today = Calendar().local_date(now)
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < today:
        wrong["from_date"] = _("起用日期不能早于今天。")
    elif (from_date - today).days > FARTHEST_D:
        wrong["from_date"] = _("起用日期不能晚于一年之后。")
    if wrong:
        raise Invalid(fields=wrong)
    known = {name: int(figures[name]) for name in NAMES}
    with transaction.atomic():
        # One after the other, so that a form sent twice finds what its twin wrote.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('monitoring.terms'))")
        newest = list_terms().order_by("-entered_at", "-pk").first()
        told = (known, clean(reason)[:300], from_date)
        if newest is not None and (newest.figures, newest.reason, newest.from_date) == told:
            return newest
        made = AlarmTerms.objects.create(
            figures=known, reason=told[1], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(actor=actor, act="monitoring.terms.set", subject_type="monitoring.alarmterms", subject_id=None,
                       facts={**known, "from": from_date, "reason": told[1]}, now=now)  # fmt: skip
    return made


def _faults(figures: Mapping[str, int]) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name, figure in FIGURES.items():
        if not figure.least <= figures[name] <= figure.most:
            wrong[name] = _("须在%(least)s至%(most)s%(unit)s之间。") % {
                "least": figure.least, "most": figure.most, "unit": figure.unit
            }  # fmt: skip
    for ladder in _LADDERS:
        for place in range(2, 5):
            name = f"{ladder}_p{place}"
            if figures[name] < figures[f"{ladder}_p{place - 1}"]:
                wrong.setdefault(name, _("优先级低的时限不能短于优先级高的。"))
    for unit, order in (("km", ("red", "orange", "yellow")), ("kv_m", ("yellow", "orange", "red"))):
        for low, high in pairwise(f"lightning_{colour}_{unit}" for colour in order):
            if figures[low] > figures[high]:
                wrong.setdefault(high, _("级别高的雷电预警，距离不能更远、电场不能更弱。"))
    if figures["repeats_week"] < figures["repeats_day"]:
        wrong.setdefault("repeats_week", _("一周的次数不能少于一天的。"))
    return wrong
