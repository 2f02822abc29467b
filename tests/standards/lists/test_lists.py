"""The lists as data: every entry, once, with its numbers right."""

import re
from datetime import date

import pytest

from quancheng.standards.cas import read
from quancheng.standards.ghs import parse
from quancheng.standards.lists import (
    MEASURES,
    entries,
    find_process,
    is_watched_like_a_key_process,
    key_processes,
    regulated_lists,
)
from quancheng.standards.lists.names import content_of, normalise, parse_content
from quancheng.standards.wording import MARKS, Text, weakest

CODES = ("KEY_CHEMICAL", "HIGHLY_TOXIC", "EXPLOSIVE_PRECURSOR", "DRUG_PRECURSOR", "SPECIAL_CONTROL")


def test_the_lists_are_those_of_the_specification():
    assert tuple(regulated_lists()) == CODES
    assert [each.entries for each in regulated_lists().values()] == [74, 148, 74, 47, 20]


@pytest.mark.parametrize("code", CODES)
def test_each_list_is_whole(code):
    rows = entries(code)
    assert len(rows) == regulated_lists()[code].entries
    assert len({row.no for row in rows}) == len(rows)
    assert len({normalise(row.name) for row in rows}) == len(rows)
    for row in rows:
        assert row.name
        assert row.name_en
        assert re.fullmatch("[\x20-\x7eα-ωé]+", row.name_en.replace("≥", "").replace("≤", "")), row
        assert row.mark in MARKS
        assert row.valid_from <= date(2026, 1, 1)
        assert bool(row.content_words) == (row.content is not None)
        for cas in row.cas + row.cas_also:
            assert read(cas).number == cas
            assert read(cas).is_valid, row
        for number in row.un:
            assert re.fullmatch(r"\d{4}", number)


@pytest.mark.parametrize("code", CODES)
def test_no_number_stands_twice_in_one_list(code):
    numbers = [cas for row in entries(code) for cas in row.cas + row.cas_also]
    assert len(numbers) == len(set(numbers))


def test_the_key_chemicals_come_in_two_batches():
    batches = [row.no.split("-")[0] for row in entries("KEY_CHEMICAL")]
    assert (batches.count("1"), batches.count("2")) == (60, 14)
    assert {row.mark for row in entries("KEY_CHEMICAL") if row.no.startswith("1-")} == {"V"}
    assert {row.mark for row in entries("KEY_CHEMICAL") if row.no.startswith("2-")} == {"G"}


def test_the_explosive_precursors_come_in_nine_groups():
    rows = entries("EXPLOSIVE_PRECURSOR")
    sizes = [sum(1 for row in rows if row.no.startswith(f"{group}.")) for group in range(1, 10)]
    assert sizes == [3, 11, 3, 4, 4, 15, 16, 11, 7]
    assert len({row.subgroup for row in rows}) == 9


def test_the_hazards_of_explosive_precursors_can_be_read():
    for row in entries("EXPLOSIVE_PRECURSOR"):
        for told in row.hazards:
            words = re.sub(r"\[.*\]$", "", told.split("：")[-1])
            assert parse(words).problems == (), told
            assert len(parse(words).hazards) == 1


def test_the_drug_precursors_come_in_three_classes():
    rows = entries("DRUG_PRECURSOR")
    assert [sum(1 for row in rows if row.subgroup == name) for name in ("第一类", "第二类", "第三类")] == [19, 20, 8]
    assert [row.no for row in rows if row.pharmaceutical] == ["I-9", "I-10", "I-11", "I-12"]


def test_methanol_and_ethanol_are_controlled_in_transport_only():
    measures = {row.no: row.measures for row in entries("SPECIAL_CONTROL")}
    assert measures["19"] == measures["20"] == ("transport",)
    assert {each for told in measures.values() for each in told} == set(MEASURES)
    assert measures["5"] == ("platform", "packaging", "access", "transport", "storage")
    assert [row.subgroup for row in entries("SPECIAL_CONTROL")].count("易燃液体") == 5


def test_an_unknown_list_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match="KEY_CHEMICAL"):
        entries("KEY")


def test_the_processes_are_eighteen_in_order():
    assert list(key_processes()) == [f"P{number:02}" for number in range(1, 19)]
    assert [each.batch for each in key_processes().values()] == [1] * 15 + [2] * 3
    for each in key_processes().values():
        assert len(each.reactions) == len(each.reactions_en)
        assert len(each.parameters) >= 4 or each.code == "P05"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("P04", "P04"),
        ("硝化", "P04"),
        ("硝化工艺", "P04"),
        ("电解工艺（氯碱）", "P02"),
        ("裂化", "P06"),
        ("Polymerisation", "P14"),
        ("亚硝化", None),
        ("", None),
        ("格氏反应", None),
    ],
)
def test_a_process_is_found_by_code_or_name(text, code):
    found = find_process(text)
    assert (found.code if found else None) == code


def test_a_grignard_reaction_is_watched_though_none_of_the_eighteen():
    assert is_watched_like_a_key_process("格氏反应")
    assert not is_watched_like_a_key_process("硝化")


@pytest.mark.parametrize(
    ("text", "low", "low_counts", "high", "high_counts"),
    [
        (">20%", 0.2, False, 1, True),
        ("≤43%", 0, True, 0.43, True),
        ("52%<含量≤100%", 0.52, False, 1, True),
        ("2%~90%", 0.02, True, 0.9, True),
        ("２％～９０％", 0.02, True, 0.9, True),
        ("30%", 0.3, True, 0.3, True),
    ],
)
def test_a_content_is_read(text, low, low_counts, high, high_counts):
    assert parse_content(text) == (pytest.approx(low), low_counts, pytest.approx(high), high_counts)


@pytest.mark.parametrize("text", ["", "不燃", "含量", ">200%", "90%~2%", "%%%", "[("])
def test_what_is_no_content_is_none(text):
    assert parse_content(text) is None


def test_a_name_tells_its_content():
    assert content_of("双氧水30%").holds(0.3)
    assert content_of("硝酸") is None
    assert content_of("2,4-二硝基苯酚[含水≥15%]") is None


def test_the_weakest_mark_wins():
    assert weakest("V", "G") == "G"
    assert weakest("V~", "V") == "V~"
    with pytest.raises(ValueError, match="unknown mark"):
        weakest("X")
    with pytest.raises(ValueError, match="no mark"):
        weakest()
    assert Text("甲", "a").in_language("en-gb") == "a"
    assert str(Text("甲", "a")) == Text("甲", "a").in_language("zh-hans") == "甲"
