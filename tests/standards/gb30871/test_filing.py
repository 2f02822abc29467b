"""Classes of filing, by when, and what differs between a filing and its permit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.standards.gb30871.made import when

from quancheng.standards.gb30871.audit.filing import FilingFacts, class_of, doubts, due_at, filing_classes

START = when("2026-09-08 09:00")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "HW", "level": "S"}, "F1"), ({"kind": "LF", "level": "1"}, "F1"),
        ({"kind": "WH", "level": "4"}, "F1"),
        ({"kind": "CS", "has_residue": True}, "F1"), ({"kind": "CS"}, "F2"), ({"kind": "HW", "level": "I"}, "F2"),
        ({"kind": "HW", "level": "II"}, "F3"), ({"kind": "HW", "level": "II", "is_upgraded": True}, "F2"),
        ({"kind": "BL"}, "F3"), ({"kind": "BL", "on_major_hazard": True}, "F2"),
        ({"kind": "EX", "under_pressure": True}, "F1"), ({"kind": "RC", "in_special_time": True}, "F5"),
        ({"kind": "HW", "level": "S", "in_special_time": True}, "F5"), ({"kind": "CS", "is_emergency": True}, "F6"),
        ({"kind": "HW", "is_shutdown": True}, "F4"),
    ],
)  # fmt: skip
def test_each_job_has_its_class(facts, code):
    assert class_of(FilingFacts(**facts)) == code


def test_lead_times_count_back_from_the_start_and_an_emergency_forward():
    for code, hours in (("F1", 24), ("F2", 12), ("F3", 0), ("F4", 168), ("F5", 48), ("F6", -2)):
        assert due_at(code, START) == START - timedelta(hours=hours)
    assert due_at("F1", START, 36) == START - timedelta(hours=36)
    assert [one for one in filing_classes().values() if not one.is_needed] == [filing_classes()["F3"]]


def test_what_is_borne_is_no_doubt_and_what_goes_beyond_is_one():
    same = {"kind": "HW", "filed_level": "I", "filed_people": 3, "level": "I", "people": 5}
    assert doubts(**same) == ()
    assert doubts(**{**same, "people": 6}) == ("PEOPLE",)
    assert doubts(**{**same, "level": "II"}) == ("LEVEL",)
    assert doubts(**{**same, "level": "S"}) == ()
    assert doubts(**same, filed_class="F3", permit_class="F1") == ("CLASS",)
    assert doubts(**same, filed_start=START, start=START - timedelta(minutes=1)) == ("START",)
    assert doubts(**same, filed_start=START, start=START + timedelta(minutes=1)) == ()
    assert doubts(**{**same, "people": None, "filed_level": ""}) == ()
