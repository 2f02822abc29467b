"""Checklists, code lists, the guide's parts and the cards of posts."""

from __future__ import annotations

from collections import Counter

import pytest

from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.checklists import (
    cards,
    checklists,
    checklists_for,
    guide_areas,
    guide_tables,
    items_of_criterion,
    known_item,
)
from quancheng.standards.hidden_dangers.criteria import criteria
from quancheng.standards.hidden_dangers.data import MARKS
from quancheng.standards.hidden_dangers.kinds import code_list, code_lists, from_upload, upload_of
from quancheng.standards.hidden_dangers.levels import Grade


def test_the_seven_checklists_and_the_mandatory_section_have_their_items() -> None:
    assert {code: len(one.items) for code, one in checklists().items()} == {
        "PS": 35, "WH": 35, "FC": 36, "TF": 36, "FP": 32, "GF": 32, "SL": 30, "SW": 24,
    }  # fmt: skip
    for one in checklists().values():
        assert set(one.classes) <= set(enterprise_classes())
        assert [item.code for item in one.items] == [f"{one.code}-{at:02}" for at in range(1, len(one.items) + 1)]
        for item in one.items:
            assert all((item.text.zh, item.text.en, item.basis))
            assert item.mark in MARKS
            assert set(item.criteria) <= set(criteria())


def test_items_carry_grade_and_criteria() -> None:
    assert (known_item("PS-06").grade, known_item("PS-06").criteria) == (Grade.MAJOR, ("FIRE-6.3",))
    assert known_item("FP-03").criteria == ("FW-14", "FW-17")
    assert known_item("GF-03").criteria == ("GAS-4.2", "GAS-4.3", "GAS-4.4")
    assert known_item("PS-13").grade is Grade.LOW
    assert known_item("SL-18").note.zh
    assert Counter(item.grade for item in checklists()["PS"].items) == {
        Grade.MAJOR: 8, Grade.SERIOUS: 13, Grade.GENERAL: 12, Grade.LOW: 2,
    }  # fmt: skip
    assert [item.code for item in items_of_criterion("CH-06")] == ["TF-10"]
    with pytest.raises(ValueError, match="no checklist item"):
        known_item("PS-99")


def test_an_item_of_the_highest_grade_names_a_criterion() -> None:
    for one in checklists().values():
        for item in one.items:
            assert item.criteria or item.grade is not Grade.MAJOR, item.code


def test_each_class_has_its_lists() -> None:
    assert [one.code for one in checklists_for("petrol_station")] == ["PS"]
    assert [one.code for one in checklists_for("fireworks_retail")] == ["FP"]
    assert [one.code for one in checklists_for("depot")] == ["WH", "TF"]
    assert checklists_for("carrier") == ()
    with pytest.raises(ValueError, match="no enterprise class"):
        checklists_for("circus")


def test_the_guide_has_fourteen_areas_and_nine_tables() -> None:
    assert [one.number for one in guide_areas()] == list(range(1, 15))
    assert [one.number for one in guide_tables()] == list(range(1, 10))
    assert "液氯" in guide_tables()[8].note.zh


def test_cards_have_their_fields() -> None:
    assert {code: len(one.fields) for code, one in cards().items()} == {
        "risk_list": 12, "duty_list": 8, "operation_card": 8, "emergency_card": 15, "knowledge_card": 7,
        "promise_card": 6, "worker_card": 4,
    }  # fmt: skip


def test_code_lists_go_out_and_come_back() -> None:
    for code, one in code_lists().items():
        assert one.items, code
        assert len({kind.code for kind in one.items}) == len(one.items)
        for kind in one.items:
            assert kind.name.zh
            assert kind.name.en
            assert kind.mark in MARKS
            assert upload_of(code, kind.code) == kind.upload
            assert upload_of(code, from_upload(code, kind.upload)) == kind.upload


def test_a_regulators_check_is_uploaded_as_other() -> None:
    assert len(code_list("source").items) == 12
    # A design diagnosis has no code of its own either, and what comes in under 8 is the experts'.
    assert (upload_of("source", "design"), from_upload("source", 8)) == (8, "expert")
    assert upload_of("source", "regulator") == 10
    assert from_upload("source", 10) == "other"
    assert [kind.upload for kind in code_list("state").items] == [0, 1, 9]
    assert [kind.upload for kind in code_list("inspect_status").items] == [1, 5, 15]


def test_unknown_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="no code list"):
        code_list("colour")
    with pytest.raises(ValueError, match="no source"):
        upload_of("source", "dream")
    with pytest.raises(ValueError, match="no source with upload code 12"):
        from_upload("source", 12)
