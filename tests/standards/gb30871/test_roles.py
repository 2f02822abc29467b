"""Who signs, who guards, which permits stand together, how a permit ends."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND, SUNDAY, TUESDAY, hot_work, slot, when
from tests.standards.gb30871.permits import ANSWERED

from quancheng.standards.gb30871 import endings, guardians, kinds, related, roles
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.endings import Weather, weather_stop
from quancheng.standards.gb30871.guardians import GuardianCertificate
from quancheng.standards.gb30871.levels import hot_work_level
from quancheng.standards.gb30871.related import Questions, RelatedPermit

NOW = when(f"{TUESDAY} 09:00")


@pytest.mark.parametrize(
    ("kind", "level", "approver", "archive"),
    [
        ("HW", "S", "RESP_LEADER", "SAFETY_DEPT"), ("HW", "I", "SAFETY_DEPT", "SAFETY_DEPT"),
        ("HW", "II", "LOCAL_UNIT", "LOCAL_UNIT"), ("CS", "", "LOCAL_UNIT", "LOCAL_UNIT"),
        ("BL", "", "LOCAL_UNIT", "LOCAL_UNIT"), ("WH", "1", "LOCAL_UNIT", "LOCAL_UNIT"),
        ("WH", "2", "SPECIALIST_DEPT", "LOCAL_UNIT"), ("WH", "3", "SPECIALIST_DEPT", "LOCAL_UNIT"),
        ("WH", "4", "PLANT_DIRECTOR", "LOCAL_UNIT"), ("LF", "1", "PLANT_DIRECTOR", "LOCAL_UNIT"),
        ("LF", "2", "SPECIALIST_DEPT", "LOCAL_UNIT"), ("LF", "3", "SPECIALIST_DEPT", "LOCAL_UNIT"),
        ("TE", "", "POWER_UNIT", "ELECTRICAL_DEPT"), ("EX", "", "SPECIALIST_DEPT", "SPECIALIST_DEPT"),
        ("RC", "", "SPECIALIST_DEPT", "SPECIALIST_DEPT"),
    ],
)  # fmt: skip
def test_table_b_1_and_b_2(kind, level, approver, archive):
    row = roles.approval(kind, level)
    assert (row.approver, row.copies[0], row.copies[2]) == (approver, "GUARDIAN", archive)


def test_every_level_has_its_row_and_every_role_its_name():
    assert set(roles.approvals()) == {(kind, level) for kind in kinds.kinds() for level in kinds.levels(kind)}
    for row in roles.approvals().values():
        assert {row.approver, *row.copies, *row.steps, row.copy_2_after} <= set(roles.roles())
        assert set(row.countersign) <= set(roles.DEPARTMENTS)
        assert row.steps[-1] == "ACCEPTOR"
        assert row.steps_to_issue[-1] == row.approving_step


def test_hot_work_is_checked_by_the_shift_leader_after_the_approval():
    for level in ("S", "I", "II"):
        steps = roles.approval("HW", level).steps
        assert steps.index("SHIFT_LEADER") == steps.index("APPROVER") + 1


def test_excavation_and_roads_are_countersigned():
    assert roles.approval("EX").countersign == ("WATER", "POWER", "STEAM", "PROCESS", "EQUIPMENT", "FIRE", "SAFETY")
    assert roles.approval("RC").countersign == ("FIRE", "SAFETY")
    assert roles.approval("TE").copy_2_after == "POWER_UNIT"


def test_an_upgraded_job_is_approved_one_rung_higher():
    rack, running = hot_work(on_pipe_rack=True), hot_work(hazard_place=True, on_running_equipment=True)
    sunday = [slot(SUNDAY, "09:00", "11:00")]
    assert roles.approvers(hot_work_level(rack, sunday, AROUND)) == ("RESP_LEADER",)
    assert roles.approvers(hot_work_level(rack, sunday, replace(AROUND, mode="APPROVER_UP"))) == ("RESP_LEADER",)
    assert roles.approvers(hot_work_level(running, sunday, AROUND)) == ("RESP_LEADER", "CHIEF_ON_DUTY")


def test_a_higher_role_may_approve_and_a_lower_one_may_not():
    assert roles.may_approve("RESP_LEADER", "LOCAL_UNIT")
    assert not roles.may_approve("LOCAL_UNIT", "SAFETY_DEPT")
    assert not roles.may_approve("SPECIALIST_DEPT", "SAFETY_DEPT")
    assert not roles.may_approve("RESP_LEADER", "POWER_UNIT")
    with pytest.raises(BadInput):
        roles.may_approve("CLERK", "LOCAL_UNIT")


def test_the_analyst_of_a_confined_space_is_no_worker():
    assert ("ANALYST", "WORKER") in {pair[:2] for pair in roles.separated("CS")}
    assert ("ANALYST", "WORKER") not in {pair[:2] for pair in roles.separated("HW", "II")}


@pytest.mark.parametrize(
    ("kind", "task", "around", "certificate", "is_enough"),
    [
        ("HW", "ARC_WELD", [], "SO-2.1", True), ("HW", "ARC_WELD", [], "SO-3.1", False),
        ("HW", "GRIND", [], "COMPANY_TRAINING", True), ("TE", "WORKER", [], "SO-1.LOW", True),
        ("TE", "WORKER", ["high_voltage"], "SO-1.LOW", False),
        ("TE", "WORK_LEADER", ["hazard_place"], "SO-1.LOW", False),
        ("WH", "SCAFFOLDER", [], "SO-3.1", True), ("LF", "CRANE_OPERATOR", [], "SE-Q2", True),
        ("LF", "CRANE_OPERATOR", [], "SE-Q1", False), ("LF", "LIFT_COMMANDER", [], "SE-Q1", True),
        ("EX", "FORKLIFT_DRIVER", [], "SE-N1", True), ("HW", "PROCESS_OPERATOR", [], "SO-9.5", True),
        ("HW", "INSTRUMENT_FITTER", [], "SO-9.5", False),
    ],
)  # fmt: skip
def test_which_certificate_a_task_needs(kind, task, around, certificate, is_enough):
    rules = roles.certificates_needed(kind, [task], around)
    assert rules
    assert all(roles.satisfies(certificate, rule) for rule in rules) is is_enough


# Guardians -----------------------------------------------------------------------------------------------------------

CARD = GuardianCertificate(number="G-1", kinds=frozenset({"HW"}), valid_to=date(2026, 3, 3))


def test_a_certificate_counts_through_its_last_day_tv_20():
    assert guardians.unfit(CARD, "HW", date(2026, 3, 3)) == ()
    assert [one.alarm for one in guardians.unfit(CARD, "HW", date(2026, 3, 4))] == ["51"]


@pytest.mark.parametrize(
    ("card", "alarm"),
    [(None, "50"), (replace(CARD, number=" "), "50"), (replace(CARD, kinds=frozenset({"CS"})), "50"),
     (replace(CARD, valid_to=None), "51"), (replace(CARD, exam_score=Decimal(79)), "50"),
     (replace(CARD, experience_years=Decimal("0.5")), "50")],
)  # fmt: skip
def test_who_may_not_guard(card, alarm):
    assert [one.alarm for one in guardians.unfit(card, "HW", date(2026, 3, 3))] == [alarm]


@pytest.mark.parametrize(
    ("kind", "metres", "seconds", "stops"),
    [("HW", 15, 500, False), ("HW", 16, 120, False), ("HW", 16, 121, True), ("CS", 6, 121, True), ("CS", 5, 500, False),
     ("HW", None, 121, True)],
)  # fmt: skip
def test_work_stops_when_the_guardian_stays_away(kind, metres, seconds, stops):
    distance = None if metres is None else Decimal(metres)
    later = NOW + timedelta(seconds=seconds)
    assert (guardians.absence(kind, distance, NOW, later) is not None) is stops
    assert guardians.absence(kind, distance, NOW, later, handed_over=True) is None


def test_duties_and_numbers_of_guardians():
    assert len(guardians.duties("HW")) == 6
    assert len(guardians.duties("CS")) == 8
    assert [guardians.guardians_recommended(*one) for one in (("HW", "S"), ("HW", "I"), ("CS", ""))] == [2, 1, 2]


# Related permits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"height_m": Decimal(2)}, {"WH": 1}), ({"height_m": Decimal("1.9")}, {}),
        ({"confined_space": None}, {"CS": 1}),
        ({"pit_m": Decimal("1.3"), "dangerous_area": True}, {"CS": 1}), ({"pit_m": Decimal("1.3")}, {}),
        ({"pit_m": Decimal("1.2"), "dangerous_area": True}, {}), ({"sparks": True}, {"HW": 1}),
        ({"tool_not_ex": True, "dangerous_area": True}, {"HW": 1}), ({"tool_not_ex": True}, {}),
        ({"blinds": 3}, {"BL": 3}), ({"temporary_power": True}, {"TE": 1}), ({"lift_t": Decimal(10)}, {"LF": 1}),
        ({"lift_t": Decimal("9.9")}, {}), ({"dig_m": Decimal("0.6")}, {"EX": 1}), ({"dig_m": Decimal("0.5")}, {}),
        ({"piling_or_levelling": True}, {"EX": 1}), ({"road_blocked": True}, {"RC": 1}),
    ],
)  # fmt: skip
def test_each_question_leads_to_its_permit(answers, expected):
    assert {need.kind: need.count for need in related.needed(replace(ANSWERED, **answers))} == expected


def test_the_permit_itself_counts_for_its_kind():
    assert [need.count for need in related.needed(replace(ANSWERED, blinds=3), "BL")] == [2]
    assert related.needed(replace(ANSWERED, sparks=True), "HW") == ()


def test_related_permits_are_there_valid_and_linked():
    demanded = related.needed(replace(ANSWERED, height_m=Decimal(4)), "HW")
    day = slot(TUESDAY, "08:00", "18:00")
    permit = RelatedPermit(kind="WH", number="WH1", state="ISSUED", window=day, is_linked=True)
    assert related.problems(demanded, (permit,), NOW) == ()
    for broken, alarm in (
        ((), "61"), ((replace(permit, state="VOID"),), "61"), ((replace(permit, window=None),), "61"),
        ((replace(permit, is_linked=False),), "62"),
    ):  # fmt: skip
        assert [problem.alarm for problem in related.problems(demanded, broken, NOW)] == [alarm]
    assert related.problems(demanded, (permit,), NOW + timedelta(hours=10))[0].alarm == "61"


# Endings and weather -------------------------------------------------------------------------------------------------


def test_each_event_leads_to_a_known_state_with_its_status():
    for event, found in endings.endings().items():
        assert found.states <= set(endings.STATES)
        assert endings.STATES[found.result] == found.ticket_status
        assert endings.ending(event, "ARCHIVED") is None
    assert endings.ending("CONDITIONS_CHANGED", "WORKING").new_analysis
    assert not endings.ending("WORK_CHANGED", "WORKING").new_analysis
    with pytest.raises(BadInput):
        endings.ending("BOREDOM", "WORKING")


@pytest.mark.parametrize(
    ("kind", "weather", "stops"),
    [
        ("HW", {"wind_beaufort": 4}, False), ("HW", {"wind_beaufort": 5}, True), ("HW", {"fog": True}, False),
        ("WH", {"wind_beaufort": 5}, True), ("WH", {"fog": True}, True), ("LF", {"wind_beaufort": 5}, False),
        ("LF", {"wind_beaufort": 6}, True), ("LF", {"rainstorm": True}, True), ("LF", {"heavy_snow": True}, True),
        ("EX", {"wind_beaufort": 12}, False),
    ],
)  # fmt: skip
def test_weather_stops_work(kind, weather, stops):
    assert (weather_stop(kind, Weather(**weather)) is not None) is stops


@given(st.builds(Questions, height_m=st.none() | st.decimals(0, 50, places=1), blinds=st.integers(0, 5),
                 sparks=st.booleans(), temporary_power=st.booleans(), road_blocked=st.booleans()))  # fmt: skip
def test_one_more_yes_never_needs_fewer_permits(answers):
    before = {need.kind: need.count for need in related.needed(answers)}
    after = {need.kind: need.count for need in related.needed(replace(answers, confined_space=True, sparks=True))}
    assert all(after.get(kind, 0) >= count for kind, count in before.items())
