"""The demo's permits: over the states, two refused with the reason on their page."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from quancheng.domains.hazards.models import ExchangeRow
from quancheng.domains.permits.models import (
    CaseChange,
    FieldRecord,
    FireWatch,
    IsolationPoint,
    KeptRecord,
    OutsidePermit,
    Permit,
    PermitMark,
    PermitScreen,
    PipeDrawing,
    PlanDecision,
    RescueReadiness,
    Sanction,
    WorkAlarm,
    WorkLesson,
    WorkPlan,
)
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.kernel.journal.models import JournalEntry
from quancheng.runtime import demo

#: A Saturday night: what is live then is of kinds that nothing upgrades.
NOW = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_dozen_permits_stand_over_the_states_and_two_say_why_they_are_refused(settings):
    settings.DOMAIN_APPS = [f"quancheng.domains.{name}" for name in ("registry", "training", "permits")]
    demo.load(seed=1, scale=1, now=NOW)
    states = Counter(Permit.objects.values_list("status", flat=True))
    assert states == {
        "CLOSED": 2, "WORKING": 2, "ISSUED": 1, "DRAFT": 1, "APPROVING": 1, "PREPARING": 1, "CANCELLED": 1,
        "SUSPENDED": 1, "ACCEPTED": 1, "REQUESTED": 1,
    }  # fmt: skip
    refused = JournalEntry.objects.filter(act="permits.permit.refuse")
    assert sorted(one.facts["checks"] for one in refused) == [["C-01"], ["C-17"]]
    assert PermitMark.objects.count() == 3
    assert PermitScreen.objects.count() == 3
    assert set(FieldRecord.objects.values_list("outcome", flat=True)) == {"KEPT"}
    assert Permit.objects.get(kind="CS", status="WORKING").particulars["former_medium"] == "含油废水"
    alarms = Counter(WorkAlarm.objects.values_list("code", "status"))
    assert {("31", "HANDLING"), ("10", "CLOSED"), ("WTH", "FALSE"), ("01", "RAISED")} <= set(alarms)
    assert {"rejected", "accepted"} <= set(ExchangeRow.objects.values_list("state", flat=True))
    assert sorted(OutsidePermit.objects.values_list("state", flat=True)) == ["2", "2", "3"]
    assert OutsidePermit.objects.get(kind="CS").failed
    assert KeptRecord.objects.get().code == 4002
    points = Counter(IsolationPoint.objects.values_list("status", flat=True))
    assert points == {"VERIFIED": 2, "APPLIED": 2, "PLANNED": 1, "LIFTED": 1, "REMOVED": 1, "TESTING": 1}
    drawing = PipeDrawing.objects.get()
    placed = set(drawing.spots.values_list("point__tag", flat=True))
    assert placed == set(
        IsolationPoint.objects.filter(file=drawing.file).exclude(status="REMOVED").values_list("tag", flat=True)
    )
    assert Sanction.objects.get().status == "GRANTED"
    assert sorted(RescueReadiness.objects.values_list("is_confirmed", flat=True)) == [False, True]
    assert FireWatch.objects.get().ended_at is not None
    assert set(Permit.objects.exclude(sketch="").values_list("kind", flat=True)) == {"BL", "EX", "RC"}
    assert WorkLesson.objects.filter(went_wrong="").count() == WorkLesson.objects.count() / 2 == 3
    assert set(CaseChange.objects.values_list("code", flat=True)) == {"Q-01", "D-01"}
    assert Counter(PlanDecision.objects.values_list("choice", flat=True)) == {"AGREED": 2, "PUT_OFF": 1}
    assert WorkPlan.objects.exclude(seal="").count() == 1
    found = blocks_of(Permit.objects.get(status="DRAFT"), NOW)
    assert [one.code for one in found if one.verdict == "BLOCK"] == ["C-17"]
