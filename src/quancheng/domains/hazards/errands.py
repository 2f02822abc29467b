"""What of this domain is owed in such numbers that it is counted and not listed on Today."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.hazards.models import CheckDue, RecordFlag, SelfCheck, StatisticsReport
from quancheng.domains.hazards.queries.check_records import list_open_flags
from quancheng.domains.hazards.queries.checks import list_owed
from quancheng.domains.hazards.queries.self_checks import open_checks
from quancheng.domains.hazards.queries.signed_statistics import unsigned
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errands import Errand, register

#: A sign that nobody looked at for so long is late. [D]
FLAG_LATE = timedelta(days=7)
#: What an enterprise still owes so long after its day is late for who supervises it. [D]
OWED_LATE = timedelta(days=15)

#: 项, as what is counted.
_ITEMS = pgettext_lazy("counted", "项")


def _owed(actor: Actor, now: datetime) -> QuerySet[CheckDue]:
    if not actor.has("hazards.checks.record"):
        return CheckDue.objects.none()
    return list_owed(actor=actor, now=now)


def _flags(actor: Actor, now: datetime) -> QuerySet[RecordFlag]:
    if not actor.has("hazards.checks.judge"):
        return RecordFlag.objects.none()
    return list_open_flags(actor=actor)


def _missed_checks(actor: Actor, now: datetime) -> QuerySet[SelfCheck]:
    """Periods without a check led by the main person, for who supervises the enterprises."""
    if not actor.has("hazards.checks.judge"):
        return SelfCheck.objects.none()
    return open_checks(actor=actor).filter(side="enterprise", last_date__lt=Calendar().local_date(now))


def _unsigned(actor: Actor, now: datetime) -> QuerySet[StatisticsReport]:
    """Statistics that are not signed though their day is over, for who supervises the enterprises."""
    if not actor.has("hazards.signed_statistics.judge"):
        return StatisticsReport.objects.none()
    return unsigned(actor=actor).filter(due_date__lt=Calendar().local_date(now))


def register_all() -> None:
    """Offer them; called once, when the app is ready."""
    register(Errand(
        "hazards.checks", _("待排查"), "hazards:checks_today", "checklist", unit=_ITEMS, open=_owed,
        late=lambda actor, now: _owed(actor, now).filter(due_at__lt=now),
    ))  # fmt: skip
    register(Errand(
        "hazards.flags", _("排查记录异常待核查"), "hazards:record_flags", "alert", unit=_("条"), open=_flags,
        late=lambda actor, now: _flags(actor, now).filter(found_at__lt=now - FLAG_LATE),
    ))  # fmt: skip
    register(Errand(
        "hazards.self_checks", _("企业主要负责人未按期带队排查"), "hazards:self_checks", "user-check", unit=_ITEMS,
        open=_missed_checks,
        late=lambda actor, now: _missed_checks(actor, now).filter(
            last_date__lt=Calendar().local_date(now) - OWED_LATE),
    ))  # fmt: skip
    register(Errand(
        "hazards.statistics_reports", _("企业逾期未报隐患统计报表"), "hazards:statistics_reports", "chart",
        unit=_("份"), open=_unsigned,
        late=lambda actor, now: _unsigned(actor, now).filter(due_date__lt=Calendar().local_date(now) - OWED_LATE),
    ))  # fmt: skip
