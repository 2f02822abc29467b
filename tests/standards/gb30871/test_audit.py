"""Each rule of the audit with a permit that breaks just it, or names those that it breaks with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.audited import (
    AROUND,
    HOUR,
    MINUTE,
    NOON,
    RULES,
    START,
    certified,
    changed,
    clean,
    findings,
    guardian,
    hot,
    load,
    reading,
    remeasured,
    resigned,
    signed,
    unsigned,
    worker,
)
from tests.standards.gb30871.made import WEEK, slot

from quancheng.standards.gb30871 import facts as f
from quancheng.standards.gb30871.audit import registry, shapes
from quancheng.standards.gb30871.audit.enterprise import Figures, audit_enterprise
from quancheng.standards.gb30871.audit.papers import likeness
from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.endings import Weather
from quancheng.standards.gb30871.levels import Height
from quancheng.standards.gb30871.related import RelatedPermit
from quancheng.standards.gb30871.upgrades import OfficialCalendar, SpecialPeriod, Surroundings

Audited = shapes.AuditedPermit
KINDS = ("HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC")


def hw(**more: Any) -> Audited:
    return clean("HW", **more)


def first_level(**facts: Any) -> Audited:
    """Hot work of level I on a pipe rack."""
    permit = hot(clean("HW", facts={"level": "I"}), on_pipe_rack=True)
    return changed(replace(permit, signatures=signed("HW", "I")), **facts)


def special(**more: Any) -> Audited:
    return clean("HW", facts={"special": True}, **more)


def asked(permit: Audited, **answers: Any) -> Audited:
    assert permit.facts.questions is not None
    return changed(permit, questions=replace(permit.facts.questions, **answers))


TWO_DAYS = (Slot(START, NOON), Slot(START + 24 * HOUR, NOON + 24 * HOUR))
LATER = {"finished_at": NOON + 24 * HOUR, "accepted_at": NOON + 25 * HOUR}
LONG = slot("2026-03-03", "09:00", "16:00", "2026-03-04")


def over_days(kind: str, **facts: Any) -> Audited:
    permit = clean(kind, facts={"window": LONG, "slots": TWO_DAYS, **facts}, stretches=TWO_DAYS, **LATER)
    permit = replace(
        permit, rounds=tuple(START + n * 30 * MINUTE for n in range(60)), removed_at=LATER["finished_at"],
        reopened_at=LATER["finished_at"],
    )  # fmt: skip
    return resigned(permit, "ACCEPTOR", signed_at=LATER["accepted_at"])


#: Rule, a permit that breaks it, and which others break with it.
BROKEN: list[tuple[str, Callable[[], Audited], set[str]]] = [
    ("A-001", lambda: hw(seen=(START - HOUR,)), set()),
    # The approval is late, and so the order of annex A is broken where the shift leader signed before it.
    ("A-002", lambda: resigned(hw(), "APPROVER", signed_at=START + MINUTE), {"A-006"}),
    ("A-003", lambda: unsigned(hw(), "WORK_LEADER"), set()),
    ("A-004", lambda: resigned(first_level(), "APPROVER", role="LOCAL_UNIT"), set()),
    ("A-005", lambda: resigned(hw(), "APPROVER", distance_m=Decimal(400)), set()),
    ("A-006", lambda: resigned(hw(), "WORK_LEADER", signed_at=START - 58 * MINUTE), set()),
    ("A-007", lambda: resigned(hw(), "APPROVER", person="leader", device="", image=""), set()),
    ("A-008", lambda: resigned(hw(), "APPROVER", device="device LOCAL_UNIT"), set()),
    ("A-009", lambda: replace(hw(), elsewhere=(
        shapes.SignedElsewhere(signed_at=START - 50 * MINUTE, distance_m=Decimal(900)),)), set()),
    ("A-010", lambda: hw(applied_at=START - 59 * MINUTE), set()),
    ("A-011", lambda: changed(hw(), is_unaltered=False), set()),
    ("A-012", lambda: changed(first_level(), window=slot("2026-03-03", "09:00", "17:30")), set()),
    ("A-013", lambda: clean("HW", facts={"window": slot("2026-03-03", "09:00", "11:00")}), set()),
    ("A-014", lambda: resigned(hw(accepted_at=START + 12 * HOUR), "ACCEPTOR", signed_at=START + 12 * HOUR), set()),
    ("A-015", lambda: hw(accepted_at=NOON + 2 * MINUTE, accept_photos=0), set()),
    ("A-016", lambda: hw(hazards="小心一点"), set()),
    ("A-017", lambda: hw(alike_elsewhere=6), set()),
    ("A-018", lambda: hw(sides=frozenset({"WORK_UNIT"})), set()),
    ("A-019", lambda: worker(hw(), is_briefed=False), set()),
    ("A-020", lambda: changed(hw(), briefed_at=START + MINUTE), set()),
    ("A-021", lambda: hw(briefing_distance_m=Decimal(51)), set()),
    ("A-022", lambda: remeasured(hw(), "HW-03", applies=None), set()),
    ("A-023", lambda: remeasured(hw(), "HW-03", applies=False), set()),
    ("A-024", lambda: remeasured(hw(), "HW-08", filled=frozenset({"blankets"})), set()),
    ("A-025", lambda: remeasured(hw(), "HW-03", distance_m=Decimal(80)), set()),
    # Without a guardian nobody was briefed to guard, and nobody has a certificate: both are not applicable.
    ("A-026", lambda: changed(hw(), guardians=()), set()),
    ("A-027", lambda: guardian(hw(), certificate=None), set()),
    ("A-028", lambda: guardian(hw(), code="worker"), set()),
    ("A-029", lambda: guardian(hw(), is_elsewhere=True), set()),
    ("A-030", lambda: hw(absences=(shapes.Absence(slot=Slot(START + HOUR, START + HOUR + 3 * MINUTE)),)), set()),
    ("A-031", lambda: hw(rounds=(START + 30 * MINUTE, START + 150 * MINUTE)), set()),
    ("A-032", lambda: certified(hw(), code="SO-3.1"), set()),
    ("A-033", lambda: certified(hw(), valid_to=date(2026, 3, 2)), set()),
    ("A-034", lambda: certified(hw(), holder_matches=False), set()),
    ("A-035", lambda: hw(unlisted=1), set()),
    ("A-036", lambda: worker(hw(), entry_education_on=date(2024, 3, 3)), set()),
    ("A-037", lambda: changed(hw(), contractor=f.Contractor(
        is_admitted=False, admitted_to=date(2027, 1, 1), agreement_signed=True, is_blacklisted=False)), set()),
    ("A-038", lambda: hw(place_distance_m=Decimal(51)), set()),
    ("A-039", lambda: asked(hw(), height_m=Decimal(3)), set()),
    ("A-040", lambda: changed(hw(), related=(RelatedPermit(kind="TE", number="TE-9", state="ARCHIVED"),)), set()),
    ("A-041", lambda: changed(asked(hw(), height_m=Decimal(3)), related=(RelatedPermit(
        kind="WH", state="ARCHIVED", is_linked=True, window=slot("2026-03-03", "09:00", "10:00")),)), set()),
    ("A-042", lambda: changed(hw(), conflicts=(f.Meeting(rule="S-05", result="FORBID"),)), set()),
    ("A-043", lambda: changed(hw(), conflicts=(f.Meeting(rule="M-HW-WH", result="CONDITIONAL"),)), set()),
    ("A-044", lambda: hw(changed=True), set()),
    ("A-045", lambda: hw(breaks=(shapes.Break(stopped_at=START + HOUR, resumed_at=START + 125 * MINUTE),)), set()),
    ("A-046", lambda: hw(upsets=(shapes.Upset(slot=Slot(START + HOUR, START + 2 * HOUR), reason="UNIT_UPSET"),)),
     set()),
    ("A-047", lambda: hw(weathers=(shapes.WeatherAt(at=START + HOUR, weather=Weather(wind_beaufort=6)),)), set()),
    ("A-048", lambda: hw(filed_at=None), set()),
    ("A-049", lambda: changed(hw(emergency_percent=Decimal("20.5"), bookings=5), is_emergency=True), set()),
    ("A-050", lambda: hw(video_kept=False), set()),
    ("A-051", lambda: hw(uploads=(shapes.Upload(event_at=START, uploaded_at=START + 61 * MINUTE),)), set()),
    # Who enters too low a level also has too low an approver.
    ("A-052", lambda: hot(hw(), on_pipe_rack=True), {"A-004"}),
    ("A-053", lambda: hot(hw(downgraded=True), on_pipe_rack=True, unit_shutdown=True, cleaned=True, purged=False,
                          gas_passed=True, isolated=True, downgrade_approved_by="SAFETY_HEAD"), {"A-004"}),
    # Work that was not upgraded was approved by the lower role as well: A-004.
    ("A-054", lambda: hw(), {"A-004"}),
    ("A-055", lambda: hw(), {"A-004"}),
    ("A-056", lambda: changed(hw(), window=slot("2026-03-03", "09:00", "20:30")), {"A-004", "A-012"}),
    ("A-057", lambda: hw(), {"A-004"}),
    ("A-058", lambda: changed(hw(), gas=()), set()),
    ("A-059", lambda: changed(hw(), gas=(reading("COMBUSTIBLE", "methane", "0.1", "%VOL", "OUTSIDE", 31),)), set()),
    ("A-060", lambda: changed(hw(), gas=(reading("COMBUSTIBLE", "methane", "0.51", "%VOL", "OUTSIDE"),)), set()),
    ("A-061", lambda: changed(hw(), gas=(reading("COMBUSTIBLE", "", "3", "%LEL", "OUTSIDE"),)), set()),
    ("A-062", lambda: changed(hw(), outer_wall=True), set()),
    ("A-063", lambda: over_days("HW"), set()),
    ("A-064", lambda: special(continuous=(START + HOUR, NOON - HOUR)), set()),
    ("A-065", lambda: special(video=shapes.Video(coverage_percent=Decimal(94), is_ex_rated=True)), set()),
    ("A-066", lambda: changed(special(), plan_attached=False), set()),
    ("A-067", lambda: changed(hw(), isolations=(f.Isolation(tag="V-1", type="WATER_SEAL"),)), set()),
    ("A-068", lambda: unsigned(hw(), "SHIFT_LEADER"), set()),
    ("A-069", lambda: changed(hw(), gas=tuple(
        replace(reading("COMBUSTIBLE", "methane", "0.1", "%VOL", "OUTSIDE", 10 + n), is_manual=True, point=f"P{n}")
        for n in range(3))), set()),
    ("A-070", lambda: changed(hw(), zone=replace(
        hw().facts.zone, in_fixed_area=True, fixed_area_reviewed_on=date(2024, 1, 1))), set()),
    ("A-071", lambda: changed(clean("CS"), gas=clean("CS").facts.gas[:2]), set()),  # type: ignore[index]
    ("A-072", lambda: changed(clean("CS"), gas=(*clean("CS").facts.gas[:2],  # type: ignore[index]
                                                reading("OXYGEN", "oxygen", "19.4", "%VOL", "INSIDE"))), set()),
    ("A-073", lambda: changed(clean("CS"), records=(START + 150 * MINUTE,)), set()),
    ("A-074", lambda: changed(clean("CS"), site=replace(clean("CS").facts.site, detector_paired=False)), set()),
    ("A-075", lambda: clean("CS", counts=shapes.Counts(people_in=2, people_out=2, tools_in=5, tools_out=4)), set()),
    ("A-076", lambda: changed(clean("CS"), isolations=(f.Isolation(tag="V-1", type="VALVE_LOCK"),)), set()),
    ("A-077", lambda: changed(clean("CS"), circumstances={"rotating_parts": True}), set()),
    ("A-078", lambda: clean("CS", guardian_inside=True), set()),
    ("A-079", lambda: changed(clean("BL"), plates=2), set()),
    ("A-080", lambda: clean("BL", plate_registered=False), set()),
    ("A-081", lambda: clean("BL", blind_days=91), set()),
    ("A-082", lambda: changed(clean("WH"), height=Height(
        height_m=Decimal("5.1"), factors=frozenset(), situations=frozenset())), {"A-004"}),
    ("A-083", lambda: over_days("WH"), set()),
    ("A-084", lambda: changed(load(clean("LF"), slender=True), plan_attached=False), set()),
    ("A-085", lambda: certified(clean("LF"), code="SE-Q1"), set()),
    ("A-086", lambda: changed(clean("LF"), site=replace(clean("LF").facts.site, cranes=(
        f.Crane(load_t=Decimal(21), capacity_t=Decimal(20)),))), set()),
    ("A-087", lambda: changed(certified(clean("TE"), code="SO-1.HIGH"), hazard_place=True, workers=tuple(
        replace(one, certificates=(*one.certificates, replace(one.certificates[0], code="SO-1.EX.1")))
        for one in clean("TE").facts.workers or ())), set()),
    ("A-088", lambda: certified(clean("TE"), code="SO-2.1"), set()),
    ("A-089", lambda: changed(clean("TE"), window=slot("2026-03-03", "09:00", "10:00", "2026-03-18")), {"A-012"}),
    ("A-090", lambda: changed(clean("TE"), linked=slot("2026-03-03", "09:00", "12:00")), set()),
    ("A-091", lambda: clean("TE", removed_at=None, now=START + 40 * HOUR), set()),
    ("A-092", lambda: changed(clean("EX"), countersigned=frozenset({"FIRE"})), set()),
    ("A-093", lambda: changed(clean("EX"), depth_m=Decimal("1.5")), set()),
    ("A-094", lambda: clean("EX", sketch=False), set()),
    ("A-095", lambda: clean("RC", both_routes_closed=True), set()),
    ("A-096", lambda: clean("RC", reopened_at=NOON + 3 * HOUR), set()),
]  # fmt: skip
class RestDays(OfficialCalendar):
    """A calendar in which every day is a rest day."""

    def kind_of(self, day: date) -> str:
        return "REST"


#: Some break by what lies around: a holiday, a rest day, a special period.
AROUNDS = {
    "A-054": Surroundings(calendar=OfficialCalendar({START.date(): False}, frozenset({2026}))),
    "A-055": Surroundings(calendar=RestDays({}, frozenset({2026}))),
    "A-057": Surroundings(
        calendar=WEEK, special_periods=(SpecialPeriod("event", slot("2026-03-03", "00:00", "23:00")),)
    ),
}  # fmt: skip


def test_there_are_96_rules_each_with_a_permit_that_breaks_it() -> None:
    codes = [code for code, _permit, _more in BROKEN]
    assert codes == [one.code for one in registry.rules()] == [f"A-{n:03}" for n in range(1, 97)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_permit_passes_every_rule_and_leaves_nothing_unknown(kind: str) -> None:
    verdicts = registry.audit(clean(kind), "NIGHT", AROUND, RULES)
    assert {one.code for one in verdicts if one.outcome in ("FAIL", "NO_DATA")} == set()
    assert registry.score(verdicts) == 100
    assert sum(one.outcome == "PASS" for one in verdicts) > 40


def test_clean_special_hot_work_passes_every_rule() -> None:
    assert findings(special()) == set()
    asked_for = {"A-064", "A-065", "A-066"}
    verdicts = registry.audit(special(), "NIGHT", AROUND, RULES)
    assert {one.code for one in verdicts if one.outcome == "PASS"} >= asked_for


@pytest.mark.parametrize(("code", "permit", "more"), BROKEN, ids=[one[0] for one in BROKEN])
def test_a_permit_that_breaks_a_rule_is_found_by_it_alone(
    code: str, permit: Callable[[], Audited], more: set[str]
) -> None:
    assert findings(permit(), AROUNDS.get(code, AROUND)) == {code} | more


@given(st.permutations(list(RULES)))
def test_the_order_of_rules_does_not_matter(order: list[registry.AuditRule]) -> None:
    permit = hot(hw(filed_at=None), on_pipe_rack=True)
    found = registry.audit(permit, "NIGHT", AROUND, order)
    usual = registry.audit(permit, "NIGHT", AROUND, RULES)
    assert {one.code: one for one in found} == {one.code: one for one in usual}
    assert registry.score(found) == registry.score(usual)


@given(st.permutations(range(9)), st.permutations(range(16)))
def test_the_order_of_rows_does_not_matter(signatures: list[int], measures: list[int]) -> None:
    permit = hw()
    signed_rows, rows = permit.signatures or (), permit.measures or ()
    shuffled = replace(
        permit, signatures=tuple(signed_rows[n] for n in signatures if n < len(signed_rows)),
        measures=tuple(rows[n] for n in measures if n < len(rows)),
    )  # fmt: skip
    assert findings(shuffled) == set()


@given(st.sets(st.sampled_from([one.code for one in RULES])), st.sampled_from([one.code for one in RULES]))
def test_one_more_failure_never_raises_the_score(codes: set[str], one_more: str) -> None:
    def told(failing: set[str]) -> list[registry.Verdict]:
        usual = registry.audit(hw(), "NIGHT", AROUND, [replace(one, kinds=("*",)) for one in RULES])
        points = {one.code: one.points for one in RULES}
        return [one._replace(points=points[one.code] if one.code in failing else 0) for one in usual]

    before, after = registry.score(told(codes)), registry.score(told(codes | {one_more}))
    assert 0 <= after <= before <= 100


def test_what_nobody_tells_is_no_data_and_takes_nothing_off() -> None:
    bare = shapes.AuditedPermit(facts=f.PermitFacts(kind="CS"), state="WORKING", now=START)
    verdicts = registry.audit(bare, "INTAKE", AROUND, RULES)
    outcomes = {one.code: one.outcome for one in verdicts}
    assert outcomes["A-011"] == "NA"
    assert outcomes["A-005"] == outcomes["A-038"] == "NO_DATA"
    assert outcomes["A-016"] == "FAIL"  # no analysis at all is known to be none
    assert all(one.points == 0 for one in verdicts if one.outcome != "FAIL")


def test_rules_run_at_their_moments_in_their_days_and_as_long_as_they_are_on() -> None:
    at_issue = {one.code for one in registry.audit(hw(), "ISSUE", AROUND)}
    at_close = {one.code for one in registry.audit(hw(), "CLOSE", AROUND)}
    assert "A-004" in at_issue
    assert "A-058" not in at_issue
    assert "A-071" not in at_close
    assert at_issue < at_close
    # AQ 3064.2 is in force from 2026-07-01; the work was in March.
    assert "A-048" not in at_issue
    off = [replace(one, is_on=one.code != "A-004") for one in RULES]
    assert "A-004" not in {one.code for one in registry.audit(hw(), "ISSUE", AROUND, off)}
    ended = [replace(one, valid_to=date(2026, 3, 2)) for one in RULES]
    assert registry.audit(hw(), "ISSUE", AROUND, ended) == ()
    with pytest.raises(BadInput):
        registry.audit(hw(), "NOON", AROUND)
    with pytest.raises(BadInput):
        registry.audit(hw(), "NIGHT", AROUND, [replace(RULES[0], predicate="guess")])


def test_three_who_sign_within_a_minute_are_found_and_those_briefed_together_are_not() -> None:
    permit = hw()
    at_once = resigned(resigned(permit, "GUARDIAN", signed_at=START - 50 * MINUTE), "WORK_LEADER",
                       signed_at=START - 50 * MINUTE)  # fmt: skip
    at_once = resigned(at_once, "LOCAL_UNIT", signed_at=START - 50 * MINUTE)
    assert "A-009" in findings(at_once)
    briefed = permit.signatures or ()
    more = tuple(replace(one, person=f"p{n}", device="", image="") for one in briefed if one.step == "BRIEFED"
                 for n in range(3))  # fmt: skip
    assert findings(replace(permit, signatures=(*briefed, *more))) == set()


def test_severity_and_points_of_a_rule_may_be_changed_and_count() -> None:
    late = hw(filed_at=None)
    softer = [replace(one, points=2) if one.code == "A-048" else one for one in RULES]
    assert registry.score(registry.audit(late, "NIGHT", AROUND, RULES)) == 95
    assert registry.score(registry.audit(late, "NIGHT", AROUND, softer)) == 98


def test_equal_to_a_limit_is_allowed() -> None:
    """TV-10, TV-12, TV-14 of the field's vectors, as the audit sees them."""
    at_limit = reading("COMBUSTIBLE", "propane", "0.20", "%VOL", "OUTSIDE", 30)
    assert findings(changed(hw(), gas=(at_limit,))) == set()
    assert findings(changed(hw(), gas=(replace(at_limit, value=Decimal("0.21")),))) == {"A-060"}
    assert findings(changed(clean("CS"), records=(START + 120 * MINUTE,))) == set()
    assert findings(changed(clean("CS"), records=(START + 121 * MINUTE,))) == {"A-073"}
    assert findings(guardian(hw(), certificate=replace(
        hw().facts.guardians[0].certificate, valid_to=START.date()))) == set()  # type: ignore[index,type-var]


def test_analyses_that_differ_in_a_word_read_alike_and_others_do_not() -> None:
    one = "清理罐内残渣，先置换再分析，合格后进入；监护人在外看护，备救生绳和空气呼吸器。" * 3
    assert likeness(one, one.replace("残渣", "积液")) > 0.8
    assert likeness(one, one) == 1
    assert likeness(one, "吊装换热器封头，先试吊，设警戒区。") < 0.2


def test_rules_over_an_enterprise_find_what_single_permits_do_not_show() -> None:
    quiet = Figures(tickets=40, failing=3, night_days=4, special_ever=1, running_repairs=5, mean_90=Decimal(41),
                    maintenance_goes_on=True, approvals_most=30, gas_values=10, gas_by_hand=9)  # fmt: skip
    assert {one.outcome for one in audit_enterprise(quiet)} == {"PASS"}
    loud = Figures(tickets=20, failing=2, repeated={"A-005": 3}, night_days=5, special_ever=0, running_repairs=2,
                   mean_90=Decimal(41), maintenance_goes_on=True, approvals_most=31, gas_values=10, gas_by_hand=10,
                   contractors={"示例承包": 2})  # fmt: skip
    assert [one.code for one in audit_enterprise(loud) if one.outcome == "FAIL"] == [f"E-{n:02}" for n in range(1, 9)]
    assert {one.outcome for one in audit_enterprise(Figures())} <= {"PASS", "NA", "NO_DATA"}
