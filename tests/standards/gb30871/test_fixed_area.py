"""Fixed hot-work areas, and the hand-over of a guardian."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.standards.gb30871.made import TUESDAY, when

from quancheng.standards.gb30871.fixed_area import FixedHotWorkArea, problems
from quancheng.standards.gb30871.guardians import GuardianCertificate, HandOver, hand_over_problems

DAY = date(2026, 3, 3)
AREA = FixedHotWorkArea(
    approved_on=date(2024, 1, 1), reviewed_on=date(2025, 3, 3), in_hazard_place=False, nearest_m=Decimal(30),
    well_placed_to_wind=True, is_marked=True, has_combustibles=False, responsible="head of the workshop",
)  # fmt: skip


def test_an_area_in_order_counts():
    assert problems(AREA, DAY) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"approved_on": None}, "APPROVED"), ({"approved_on": date(2026, 3, 4)}, "APPROVED"),
        ({"reviewed_on": date(2025, 3, 2)}, "REVIEW"), ({"reviewed_on": None}, "REVIEW"),
        ({"reviewed_on": date(2026, 3, 4)}, "REVIEW"), ({"in_hazard_place": True}, "PLACE"),
        ({"in_hazard_place": None}, "PLACE"), ({"nearest_m": Decimal("29.9")}, "DISTANCE"),
        ({"nearest_m": None}, "DISTANCE"), ({"well_placed_to_wind": None}, "WIND"),
        ({"is_marked": False}, "MARKED"), ({"has_combustibles": None}, "COMBUSTIBLES"),
        ({"responsible": " "}, "RESPONSIBLE"), ({"is_indoor": True}, "WALL"), ({"in_unit": True}, "DETECTOR"),
    ],
)  # fmt: skip
def test_each_condition_keeps_an_area_from_counting(change, code):
    (why,) = problems(replace(AREA, **change), DAY)
    assert why.code == f"HW-FIX-{code}"
    assert why.clause.startswith("GB 30871-2022, 5.5")


def test_a_review_on_the_29th_of_february_counts_through_the_28th():
    assert problems(replace(AREA, reviewed_on=date(2027, 2, 28)), date(2028, 2, 29)) == ()


HANDED = HandOver(
    at=when(f"{TUESDAY} 12:00"),
    incoming=GuardianCertificate(number="G-TEST-2", kinds=frozenset({"HW"}), valid_to=DAY),
    outgoing_signed=True, incoming_signed=True, is_work_stopped=True, is_checklist_done=True, is_incoming_briefed=True,
)  # fmt: skip


def test_a_whole_hand_over_relieves_the_guardian():
    assert hand_over_problems(HANDED, "HW") == ()


@pytest.mark.parametrize(
    "fact", ["outgoing_signed", "incoming_signed", "is_work_stopped", "is_checklist_done", "is_incoming_briefed"]
)
def test_half_a_hand_over_does_not(fact):
    assert [why.fact for why in hand_over_problems(replace(HANDED, **{fact: False}), "HW")] == [fact]


def test_nobody_hands_over_to_somebody_without_certificate():
    assert hand_over_problems(replace(HANDED, incoming=None), "HW")[0].code == "GUARD-NONE"
    assert hand_over_problems(HANDED, "CS")[0].code == "GUARD-KIND"
