"""When a file is to be filed, and by which change."""

from datetime import date

import pytest

from quancheng.standards.enterprise_classes import FACTS, enterprise_classes
from quancheng.standards.filing import (
    CHANGE,
    FIRST,
    SECTIONS,
    TRIGGERS,
    UNITS,
    YEARLY,
    called_by,
    filing_rules,
    rules_for,
)
from quancheng.standards.wording import MARKS

ON = date(2026, 11, 29)


def codes(kind: str, trigger: str = CHANGE, on: date = ON, **facts: bool) -> set[str]:
    return {one.code for one in rules_for([kind], facts, on=on, trigger=trigger)}


def test_the_data_are_whole():
    first: dict[str, int] = {}
    for rule in filing_rules():
        assert set(rule.classes) - {"*"} <= set(enterprise_classes())
        assert set(rule.excepted) <= set(enterprise_classes())
        assert rule.needs in {*FACTS, ""}
        assert rule.trigger in TRIGGERS
        assert rule.unit in UNITS
        assert rule.mark in MARKS
        assert rule.days > 0
        assert rule.name.en
        assert rule.basis
        assert bool(rule.facts) == (rule.trigger == CHANGE)
        assert {fact.partition(".")[0] for fact in rule.facts} <= set(SECTIONS)
        assert bool(rule.note.zh) == bool(rule.note.en)
        assert first.setdefault(rule.code, rule.days) == rule.days


def test_rules_bind_by_class_fact_and_day():
    assert codes("petrol_station") == {"CHANGE_LICENSEE", "CHANGE_PLACES", "CHANGE_OTHER"}
    assert "CHANGE_REGISTERED" in codes("producer")
    assert "CHANGE_REGISTERED" not in codes("pharmaceutical")
    assert "CHANGE_REGISTERED" in codes("pharmaceutical", produces_hazardous=True)
    assert "CHANGE_MAJOR_PERSONS" in codes("depot", major_hazard=True)
    assert codes("unlicensed") == codes("unlicensed", FIRST) == codes("unlicensed", YEARLY) == set()
    assert codes("producer", on=date(2015, 1, 1)) == {"CHANGE_REGISTERED"}


def test_a_rule_looks_at_its_own_facts_alone():
    rule = next(one for one in filing_rules() if one.code == "CHANGE_LICENSEE")
    assert called_by(rule, {"people.head", "people.safety", "stock"}) == ("people.head",)
    other = next(one for one in filing_rules() if one.code == "CHANGE_OTHER")
    assert called_by(other, {"base.size", "stock"}) == ("base.size",)


@pytest.mark.parametrize(
    ("kinds", "trigger", "said"), [(["nothing"], CHANGE, "no enterprise class"), (["depot"], "x", "no trigger")]
)
def test_what_is_not_known_is_refused(kinds: list[str], trigger: str, said: str):
    with pytest.raises(ValueError, match=said):
        rules_for(kinds, {}, on=ON, trigger=trigger)
