"""Times and numbers by which alarms are answered (报警处置参数): as shipped, or as the district set them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import AlarmTerms
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.responses import MOST_SHELVED, SHELF_S, UNSHELVE_EVERY_S


@dataclass(frozen=True, slots=True)
class Terms:
    """Seconds and counts by priority 1 to 4, all [D] until the district sets its own.

    ``respond_p1`` …: seconds until an alarm should be acknowledged. ``feedback_p1`` …: until reason and measures are
    told. ``shelf_p1`` …: how long it may be shelved. ``most_shelved``: alarms shelved at one site at once.
    ``unshelve_every``: seconds between two that come back at one site. ``longest_oos_days``: out of service.
    ``repeats_day``, ``repeats_week``: so many of one alarm make a hidden danger. ``standing_hours``: so does one that
    stands so long. ``instrument_hours``: a fault of a safety-critical instrument. ``longest_bypass_hours``: how long
    an interlock or a detector may be bypassed; so many minutes before its end and so many hours after it the next is
    told. ``lightning_…``: a flash within so many km, or a field of so many kV/m, warns by that colour; the warning ends
    ``lightning_calm_minutes`` after the last.
    """

    respond_p1: int = 60
    respond_p2: int = 180
    respond_p3: int = 900
    respond_p4: int = 3600
    feedback_p1: int = 4 * 3600
    feedback_p2: int = 24 * 3600
    feedback_p3: int = 72 * 3600
    feedback_p4: int = 72 * 3600
    shelf_p1: int = SHELF_S[1]
    shelf_p2: int = SHELF_S[2]
    shelf_p3: int = SHELF_S[3]
    shelf_p4: int = SHELF_S[4]
    most_shelved: int = MOST_SHELVED
    unshelve_every: int = UNSHELVE_EVERY_S
    longest_oos_days: int = 30
    repeats_day: int = 5
    repeats_week: int = 10
    standing_hours: int = 24
    instrument_hours: int = 24
    longest_bypass_hours: int = 72
    bypass_notice_minutes: int = 60
    bypass_office_hours: int = 24
    lightning_yellow_km: int = 30
    lightning_orange_km: int = 15
    lightning_red_km: int = 8
    lightning_yellow_kv_m: int = 2
    lightning_orange_kv_m: int = 5
    lightning_red_kv_m: int = 8
    lightning_calm_minutes: int = 30

    def respond(self, priority: int) -> timedelta:
        return timedelta(seconds=getattr(self, f"respond_p{priority}"))

    def feedback(self, priority: int) -> timedelta:
        return timedelta(seconds=getattr(self, f"feedback_p{priority}"))

    def shelf(self, priority: int) -> timedelta:
        return timedelta(seconds=getattr(self, f"shelf_p{priority}"))


NAMES: tuple[str, ...] = tuple(one.name for one in fields(Terms))


def list_terms() -> QuerySet[AlarmTerms]:
    """Every table that was set, the newest first."""
    return AlarmTerms.objects.select_related("entered_by").order_by("-from_date", "-entered_at")


def terms_on(day: date) -> Terms:
    """The numbers that are in force on a day."""
    found = list_terms().filter(from_date__lte=day).first()
    if found is None:
        return Terms()
    return Terms(**{name: value for name, value in found.figures.items() if name in NAMES})


def terms_at(now: datetime) -> Terms:
    """The numbers that are in force now."""
    return terms_on(Calendar().local_date(now))
