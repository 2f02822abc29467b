"""Posts that must be filled, and where they are not."""

import pytest

from quancheng.standards.enterprise_classes import FACTS, enterprise_classes
from quancheng.standards.posts import FOUR_DEPUTIES, THREE_ENGINEERS, gaps, posts, requirements
from quancheng.standards.wording import MARKS

NOTHING = {"two_key_one_major": False, "key_user": False, "loads_or_stores_hazardous": False}


def needed(enterprise_class: str, facts: dict[str, bool] | None = None, **numbers: int) -> dict[str, int]:
    told = requirements(enterprise_class, {**NOTHING, **(facts or {})}, **{"major_hazards": 0, **numbers})
    return {each.post.code: each.count for each in told}


def test_the_data_are_whole():
    for post in posts():
        assert set(post.classes) - {"*"} <= set(enterprise_classes())
        assert post.needs in {*FACTS, ""}
        assert post.mark in MARKS
        assert post.name.en
        assert bool(post.note.zh) == bool(post.note.en)
    assert {*FOUR_DEPUTIES, *THREE_ENGINEERS} <= {post.code for post in posts()}
    for enterprise_class in enterprise_classes():
        codes = [each.post.code for each in requirements(enterprise_class)]
        assert len(codes) == len(set(codes))


@pytest.mark.parametrize("enterprise_class", ["producer", "depot", "trader_storage", "fine_chemical"])
def test_producers_and_stores_name_four_deputies(enterprise_class):
    assert set(FOUR_DEPUTIES) <= set(needed(enterprise_class))


def test_users_name_them_when_they_are_key_users():
    assert not set(FOUR_DEPUTIES) & set(needed("user"))
    assert set(FOUR_DEPUTIES) <= set(needed("user", {"key_user": True}))
    assert needed("user")["SAFETY_MANAGER"] == 1


def test_two_key_points_and_one_major_ask_for_three_engineers():
    for enterprise_class in ("producer", "user", "depot", "pharmaceutical"):
        assert set(THREE_ENGINEERS) <= set(needed(enterprise_class, {"two_key_one_major": True}))
        assert not set(THREE_ENGINEERS) & set(needed(enterprise_class))


@pytest.mark.parametrize(
    ("staff", "managers", "engineers"),
    [(20, None, 1), (300, 50, 1), (301, 2, 1), (301, 7, 2), (2000, 40, 6)],
)
def test_registered_safety_engineers(staff, managers, engineers):
    numbers = {"staff": staff} | ({"safety_managers": managers} if managers else {})
    assert needed("producer", **numbers)["REGISTERED_SAFETY_ENGINEER"] == engineers


@pytest.mark.parametrize(("staff", "managers"), [(0, 1), (49, 1), (50, 1), (51, 2), (1000, 20)])
def test_safety_managers(staff, managers):
    assert needed("producer", staff=staff)["SAFETY_MANAGER"] == managers


def test_each_major_hazard_has_its_three_persons():
    assert "MAJOR_MAIN" not in needed("depot")
    told = needed("depot", major_hazards=2)
    assert told["MAJOR_MAIN"] == told["MAJOR_TECH"] == told["MAJOR_OPER"] == 2


def test_gaps():
    full = dict.fromkeys((*FOUR_DEPUTIES, "REGISTERED_SAFETY_ENGINEER", "SAFETY_MANAGER"), 1)
    assert gaps("producer", full, NOTHING, staff=40, major_hazards=0) == ()
    (gap,) = gaps("producer", {**full, "SAFETY_MANAGER": 3}, NOTHING, staff=300, major_hazards=0)
    assert (gap.requirement.post.code, gap.filled, gap.lacking) == ("SAFETY_MANAGER", 3, 3)
    assert gap.requirement.count_mark == "G"
    assert len(gaps("producer", {}, NOTHING, staff=40, major_hazards=0)) == 6


def test_more_holders_never_make_more_gaps():
    before = len(gaps("producer", {}))
    for post in posts():
        assert len(gaps("producer", {post.code: 5})) <= before


def test_what_is_not_told_leaves_a_doubt():
    doubts = {each.post.code: [doubt.zh for doubt in each.doubts] for each in requirements("producer")}
    assert doubts["ENGINEER_PROCESS"] == ["未填写是否涉及两重点一重大"]
    assert doubts["SAFETY_MANAGER"] == ["未填写职工人数，按至少1人"]
    assert doubts["MAJOR_MAIN"] == ["未填写是否有重大危险源", "未填写重大危险源个数"]
    assert doubts["DEPUTY_SAFETY"] == []


def test_bad_input_is_refused_clearly():
    with pytest.raises(ValueError, match="no enterprise class"):
        requirements("baker")
    with pytest.raises(ValueError, match="staff must not be negative"):
        requirements("producer", staff=-1)
    with pytest.raises(ValueError, match="no post: CHIEF"):
        gaps("producer", {"CHIEF": 1})
    with pytest.raises(ValueError, match="no fact"):
        gaps("producer", {}, {"blue": True})
