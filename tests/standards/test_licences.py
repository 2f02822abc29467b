"""Who needs which licence, and when it must be renewed."""

from datetime import date

import pytest

from quancheng.standards.enterprise_classes import FACTS, enterprise_classes
from quancheng.standards.licences import (
    PAPER_TRADE_RULES,
    PRINTED_FIELDS,
    REMINDER_DAYS,
    WAYS_OF_TRADE,
    due_for,
    licence_kinds,
    reminder_due,
    status,
)
from quancheng.standards.wording import MARKS


def codes(enterprise_class: str, **facts: bool) -> list[str]:
    return [due.kind.code for due in due_for(enterprise_class, facts)]


def test_the_data_are_whole():
    assert len({kind.code for kind in licence_kinds()}) == 12
    for kind in licence_kinds():
        assert set(kind.classes) <= set(enterprise_classes())
        assert {kind.needs, kind.unless} <= {*FACTS, ""}
        assert {kind.mark, kind.years_mark} <= set(MARKS)
        assert kind.name.en
        assert kind.office.en
        assert bool(kind.note.zh) == bool(kind.note.en)
    assert len(enterprise_classes()) == 19
    assert len(WAYS_OF_TRADE) == 5
    assert len(PAPER_TRADE_RULES) == 6
    assert "scope" in PRINTED_FIELDS


@pytest.mark.parametrize(
    ("enterprise_class", "wanted"),
    [
        ("petrol_station", ["OPERATING", "EMERGENCY_PLAN", "BUSINESS"]),
        ("carrier", ["ROAD_TRANSPORT", "EMERGENCY_PLAN", "BUSINESS"]),
        ("fireworks_retail", ["FIREWORKS_RETAIL", "BUSINESS"]),
        ("unlicensed", []),
    ],
)
def test_what_a_class_needs_without_more_facts(enterprise_class, wanted):
    due = due_for(enterprise_class)
    assert [each.kind.code for each in due] == wanted
    assert all(each.doubts == () for each in due)


def test_facts_decide():
    assert codes("producer", makes_listed_product=True) == [
        "SAFETY_PRODUCTION",
        "REGISTRATION",
        "EMERGENCY_PLAN",
        "PRODUCT_PRODUCTION",
        "BUSINESS",
    ]
    assert "PRODUCT_PRODUCTION" not in codes("producer", makes_listed_product=False)
    assert codes("user", uses_above_limit=True, imports=False, buys_highly_toxic=False) == [
        "SAFETY_USE",
        "EMERGENCY_PLAN",
        "BUSINESS",
    ]
    assert codes("user", uses_above_limit=False, imports=True, buys_highly_toxic=True, has_hazardous_licence=False) == [
        "REGISTRATION",
        "HIGHLY_TOXIC_PURCHASE",
        "BUSINESS",
    ]
    assert (
        codes("user", uses_above_limit=False, imports=False, buys_highly_toxic=True, has_hazardous_licence=True)
        == ["BUSINESS"]
    )


def test_a_fact_that_is_not_told_leaves_a_doubt():
    doubtful = {due.kind.code: [doubt.zh for doubt in due.doubts] for due in due_for("user")}
    assert doubtful["SAFETY_USE"] == ["未填写是否使用量达到规定数量"]
    assert len(doubtful["HIGHLY_TOXIC_PURCHASE"]) == 2


def test_who_issues_an_operating_licence():
    city, _ = due_for("trader_paper", {"sells_highly_toxic_or_precursor": True, "imports": False})
    county, _ = due_for("trader_paper", {"sells_highly_toxic_or_precursor": False, "imports": False})
    assert (city.kind.office.en, county.kind.office.en) == ("City emergency department", "County emergency department")
    assert due_for("trader_storage", {"imports": False})[0].kind.office.zh == "市级应急管理部门"


def test_collection_of_waste_is_licensed_for_a_shorter_time():
    years = {
        only: due_for("waste_handler", {"collects_waste_only": only, "uses_above_limit": False})[0].kind.years
        for only in (True, False)
    }
    assert years == {True: 3, False: 5}


@pytest.mark.parametrize(
    ("on", "state", "reminder"),
    [
        (date(2026, 7, 1), "valid", None),
        (date(2026, 9, 2), "valid", 120),
        (date(2026, 10, 2), "due", 90),
        (date(2026, 12, 1), "due", 30),
        (date(2026, 12, 31), "due", 7),
        (date(2027, 1, 1), "expired", None),
    ],
)
def test_renewal_and_reminders(on, state, reminder):
    expires = date(2026, 12, 31)
    assert status(expires, on=on) == state
    assert reminder_due(expires, on=on) == reminder
    assert REMINDER_DAYS == (120, 90, 60, 30, 7)


def test_bad_input_is_refused_clearly():
    with pytest.raises(ValueError, match="no enterprise class 'baker'"):
        due_for("baker")
    with pytest.raises(ValueError, match="no fact: blue"):
        due_for("producer", {"blue": True})
