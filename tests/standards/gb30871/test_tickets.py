"""The eight forms: every row of annex A, and which measures a job forces."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND, slot
from tests.standards.gb30871.permits import good, special

from quancheng.standards.gb30871 import basis, kinds, roles, tickets
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks.circumstances import circumstances_of
from quancheng.standards.gb30871.checks.registry import level_demanded
from quancheng.standards.gb30871.levels import Height, Lifting

ROWS = {"HW": 16, "CS": 15, "BL": 11, "WH": 15, "LF": 20, "TE": 14, "EX": 11, "RC": 4}
HARMLESS = dict.fromkeys(tickets.CIRCUMSTANCES, False)


@pytest.mark.parametrize(("kind", "count"), ROWS.items())
def test_each_form_has_all_its_measures_in_order(kind, count):
    rows = tickets.measures(kind)
    assert [row.number for row in rows] == list(range(1, count + 1))
    assert rows[-1].applies == "other"
    assert {row.applies for row in rows} <= {"always", "other", *tickets.CIRCUMSTANCES}
    assert len({row.code for row in rows}) == count
    assert all(row.text.zh and row.text.en and row.clause == f"GB 30871-2022, {tickets.FORMS[kind]}" for row in rows)


def test_every_circumstance_is_used_by_a_measure():
    used = {row.applies for kind in kinds.kinds() for row in tickets.measures(kind)}
    assert used == {"always", "other", *tickets.CIRCUMSTANCES}


@pytest.mark.parametrize("kind", ROWS)
def test_each_form_has_its_fields(kind):
    codes = [field.code for field in tickets.form_fields(kind)]
    assert len(codes) == len(set(codes))
    assert {"ticket_no", "content", "place", "workers", "guardian", "window", "measures", "acceptance"} <= set(codes)
    assert [field for field in tickets.form_fields(kind) if field.kind == kind]


def test_nothing_but_what_always_applies_is_forced_by_a_harmless_job():
    for kind in ROWS:
        assert {row.applies for row in tickets.forced(kind, HARMLESS)} == {"always"}


@pytest.mark.parametrize("code", tickets.CIRCUMSTANCES)
def test_a_circumstance_forces_its_measures_known_or_unknown(code):
    kind = next(kind for kind in ROWS if any(row.applies == code for row in tickets.measures(kind)))
    for value in (True, None):
        more = set(tickets.forced(kind, HARMLESS | {code: value})) - set(tickets.forced(kind, HARMLESS))
        assert {row.applies for row in more} == {code}


def test_an_unknown_circumstance_is_refused():
    with pytest.raises(BadInput):
        tickets.forced("HW", {"moonlight": True})


def test_special_measures_have_clauses_figures_and_both_languages():
    codes = [row["code"] for row in basis.table("special_measures")]
    assert len(codes) == len(set(codes))
    for kind in ROWS:
        for row in tickets.special_measures(kind):
            assert row.clause
            assert row.text.zh
            assert row.text.en
            assert (row.value is None) == (row.unit == "")
    figures = {row.code: row.value for row in tickets.special_measures("CS")}
    assert (figures["CS-LIGHT-1"], figures["CS-LIGHT-2"], figures["ALL-1"]) == (36, 12, 30)


def test_every_way_of_hot_work_has_its_certificate_rule():
    for method in tickets.HOT_WORK_METHODS:
        assert roles.certificates_needed("HW", [method])


TOLD = st.dictionaries(st.sampled_from(sorted(tickets.CIRCUMSTANCES)), st.sampled_from([True, False, None]))


@given(TOLD, st.sampled_from(sorted(ROWS)))
def test_to_know_less_never_forces_less(circumstances, kind):
    known = set(tickets.forced(kind, circumstances))
    assert known <= set(tickets.forced(kind, {}))
    assert set(tickets.forced(kind, HARMLESS)) <= known


def test_other_facts_of_the_permit_tell_circumstances():
    hot = good("HW", circumstances={"gas_welding": False, "tank_farm": False})
    told = circumstances_of(hot, level_demanded(hot, AROUND))
    wanted = {"gas_welding": True, "electric_welding": True, "special": False, "tank_farm": False}
    assert {name: told[name] for name in wanted} == wanted
    assert "combustible_lining" not in told
    assert circumstances_of(special(), level_demanded(special(), AROUND))["special_or_release"] is True
    night = good("HW", window=slot("2026-03-03", "19:00", "21:00"))
    assert circumstances_of(night, None)["night"] is True
    assert circumstances_of(good("WH", height=Height(height_m=Decimal(31))), None)["above_30_m"] is True
    assert circumstances_of(good("EX", depth_m=Decimal("1.3")), None)["deep_in_dangerous_area"] is True
    harmless = good("EX", depth_m=Decimal("1.3"), dangerous_lines=False)
    assert circumstances_of(harmless, None)["deep_in_dangerous_area"] is False
    lift = good("LF", lifting=Lifting(mass_t=Decimal(50)))
    assert circumstances_of(lift, level_demanded(lift))["plan_needed"] is True
