"""Criteria by family and edition: whole, marked, and those of the day."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest

from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers import criteria as module
from quancheng.standards.hidden_dangers.criteria import (
    applicable,
    criteria,
    criteria_on,
    edition_on,
    editions,
    families,
    known_criterion,
)
from quancheng.standards.hidden_dangers.data import EVERY, MARKS

TODAY = date(2026, 11, 29)


def test_every_row_is_there_and_whole() -> None:
    assert Counter(one.family for one in criteria().values()) == {
        "CH": 20, "FW": 20, "GM": 65, "FIRE": 15, "GAS": 20, "SE": 5, "OG": 10, "EDU": 7,
    }  # fmt: skip
    for one in criteria().values():
        assert one.code.startswith(f"{one.family}-")
        assert all((one.text.zh, one.text.en, one.evidence.zh, one.evidence.en, one.basis, one.authority.zh))
        assert {one.mark, one.more_mark} <= set(MARKS)
        assert one.methods
        assert set(one.methods) <= set(module.methods())
        assert set(one.tags) <= set(module.tags())
        assert set(one.rules) <= set(module.rules())
        assert one.trade in {"", *module.trades()}
        assert one.kind in module.kinds()
        assert one.edition in {edition.number for edition in editions(one.family)}


def test_the_trades_sixty_four_and_the_catch_all_are_numbered_by_article_and_item() -> None:
    those = [one for one in criteria().values() if one.family == "GM"]
    assert len([one for one in those if one.item]) == 64
    assert Counter(int(one.article) for one in those if one.item) == {
        3: 3, 4: 8, 5: 13, 6: 8, 7: 7, 8: 7, 9: 2, 10: 2, 11: 10, 12: 2, 13: 2,
    }  # fmt: skip
    assert known_criterion("GM-14").item == ""
    assert len([one for one in those if one.trade]) == 47


def test_campaign_tags_are_those_of_the_district() -> None:
    tagged = {tag: {one.code for one in criteria().values() if tag in one.tags} for tag in module.tags()}
    assert {len(tagged["dust"]), len(tagged["ammonia"]), len(tagged["confined"])} == {10, 2}
    assert len(tagged["molten"]) == 4 + 10 + 4
    assert tagged["gas"] == {
        "GM-4.5", "GM-4.6", "GM-4.7", "GM-4.8", "GM-5.11", "GM-5.12", "GM-5.13", "GM-6.5", "GM-7.5", "GM-8.4",
    }  # fmt: skip


def test_rules_of_the_house_hint_at_criteria_of_chemical_units() -> None:
    hinting = {one.code for one in criteria().values() if one.rules}
    assert hinting == {"CH-01", "CH-02", "CH-05", "CH-12", "CH-15", "CH-18", "CH-20"}
    assert known_criterion("CH-20").rules == ("stock_over_licence", "incompatible_pair")


def test_priority_issues_are_no_criteria() -> None:
    assert not families()["OG"].is_criteria
    assert {one.is_criterion for one in criteria().values() if one.family == "OG"} == {False}
    assert all(one.is_criterion for one in criteria().values() if one.family != "OG")


def test_editions_of_a_family_follow_one_another_without_a_gap() -> None:
    for family in families():
        those = editions(family)
        for earlier, later in itertools.pairwise(those):
            assert earlier.ends is not None
            assert earlier.ends + timedelta(days=1) == later.starts
        assert those[-1].ends is None
        for one in those:
            assert {one.mark, one.dates_mark} <= set(MARKS)


@pytest.mark.parametrize(
    ("family", "day", "number"),
    [
        ("GM", date(2023, 5, 14), "安监总管四〔2017〕129号"),
        ("GM", date(2023, 5, 15), "应急管理部令第10号"),
        ("FIRE", date(2025, 10, 31), "GB 35181-2017"),
        ("FIRE", date(2025, 11, 1), "GB 35181-2025"),
        ("EDU", date(2024, 6, 29), None),
        ("CH", date(2010, 1, 1), None),
    ],
)
def test_the_edition_of_the_day(family: str, day: date, number: str | None) -> None:
    edition = edition_on(family, day)
    assert (edition and edition.number) == number


def test_wording_that_is_not_entered_is_replaced_by_the_older_with_a_caveat() -> None:
    before = criteria_on(date(2025, 10, 31), "FIRE")
    after = criteria_on(date(2025, 11, 1), "FIRE")
    assert [one.criterion for one in before] == [one.criterion for one in after]
    assert {one.caveat for one in before} == {None}
    assert all(one.caveat and "GB 35181-2025" in one.caveat.zh for one in after)


def test_the_replaced_wording_of_trade_criteria_is_never_used() -> None:
    assert criteria_on(date(2023, 5, 14), "GM") == ()
    assert len(criteria_on(date(2023, 5, 15), "GM")) == 65
    assert criteria_on(date(2000, 1, 1)) == ()


def test_each_class_of_enterprise_has_its_families() -> None:
    for one in families().values():
        assert one.classes == {EVERY} or one.classes <= set(enterprise_classes())
    assert [one.code for one in applicable("fireworks_retail")] == ["FW", "FIRE", "SE"]
    assert {"CH", "GM", "FIRE", "GAS", "SE"} <= {one.code for one in applicable("user")}
    assert "EDU" in {one.code for one in applicable("laboratory")}
    with pytest.raises(ValueError, match="no enterprise class"):
        applicable("circus")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="no family"):
        editions("XX")
    with pytest.raises(ValueError, match="no criterion"):
        known_criterion("CH-99")
