"""Records of the weekly running effect for the walk: of the first enterprise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.hazards.models import RunningAction, RunningAppeal, RunningVeto, RunningWeek
from quancheng.domains.hazards.services.running import appeal
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.loops.services import enter

_VETO = {"code": "V4", "zh": "标记零分缘由", "en": "标记零分缘由"}
_SHOWN = ("planned", "done", "due", "accepted", "registered_4w", "hazards")


def _week(district: District, monday: date) -> RunningWeek:
    found, _new = RunningWeek.objects.get_or_create(
        file=own_file(district), monday=monday,
        defaults={
            "counts": dict.fromkeys(_SHOWN, 0), "vetoes": [_VETO], "e": Decimal(0), "grade": "poor",
            "is_vetoed": True, "counted_at": NOW, "frozen_at": NOW,
        },
    )  # fmt: skip
    return found


def running_week(district: District) -> Record:
    return Record({"pk": _week(district, date(2026, 8, 24)).pk}, "标记零分缘由")


def running_action(district: District) -> Record:
    """The enterprise does not hear of it before it is done."""
    week = _week(district, date(2026, 8, 17))
    file = week.file
    row = RunningAction(
        owner_org_id=file.supervisor_id, enterprise_id=file.pk, area_id=file.area_id, links=file.links, reach="chain",
        week=week, code="VISIT", title="标记处置事项", due_date=date(2026, 9, 10), created_at=NOW,
    )  # fmt: skip
    made = enter(actor=system_actor("hazards", "hazards.running.judge"), row=row, now=NOW)
    return Record({"pk": made.pk}, "标记处置事项")


def running_veto(district: District) -> Record:
    """The enterprise reads it in its week, not as the regulator's record."""
    row, _new = RunningVeto.objects.get_or_create(
        file=own_file(district), monday=date(2026, 9, 7), code="V4", cancelled_at=None,
        defaults={"reason": "标记双预防事实", "entered_at": NOW, "entered_by_id": district.department.user_id},
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记双预防事实")


def running_appeal(district: District) -> Record:
    week = _week(district, date(2026, 8, 10))
    made = appeal(actor=district.enterprise, week=week, about="V4", claimed=None, text="标记异议理由", now=NOW)
    RunningAppeal.objects.filter(pk=made.pk).update(title="标记异议理由")
    return Record({"pk": made.pk}, "标记异议理由")
