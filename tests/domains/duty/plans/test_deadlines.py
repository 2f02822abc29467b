"""Time phrases: every form of the vocabulary and the false friends."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.plans.dates import Calendar, check, find_deadlines, number_of
from quancheng.domains.duty.plans.reports import occurrences

YEAR = Calendar(date(2024, 1, 1), date(2024, 12, 31), date(2024, 2, 20))


@pytest.mark.parametrize(
    ("text", "kind", "day", "fuzzy"),
    [
        ("2024年6月底前完成整改", "dated", "2024-06-30", False),
        ("2024年10月底完成", "dated", "2024-10-31", False),
        ("2024年2月底前完成", "dated", "2024-02-29", False),
        ("2024年底前建成", "dated", "2024-12-31", False),
        ("力争在2023年年底前建成", "dated", "2023-12-31", False),
        ("2025年年底建成", "dated", "2025-12-31", False),
        ("2024年3月20日前完成", "dated", "2024-03-20", False),
        ("2026年11月10日前完成", "dated", "2026-11-10", False),
        ("二〇二四年六月三十日前完成", "dated", "2024-06-30", False),
        ("3月底前召开推进会", "dated", "2024-03-31", False),
        ("11月中旬开展督查", "dated", "2024-11-20", True),
        ("11月上旬前完成", "dated", "2024-11-10", True),
        ("11月下旬完成", "dated", "2024-11-30", True),
        ("上半年完成排查", "dated", "2024-06-30", False),
        ("2024年上半年完成", "dated", "2024-06-30", False),
        ("第三季度末前完成", "dated", "2024-09-30", False),
        ("2024年第一季度完成", "dated", "2024-03-31", False),
        ("年内建成平台", "dated", "2024-12-31", False),
        ("年底前完成", "dated", "2024-12-31", False),
        ("于5月20日前完成", "dated", "2024-05-20", False),
        ("到2025年底，全面建成", "dated", "2025-12-31", False),
        ("国庆节前完成一轮检查", "dated", "2024-09-30", True),
        ("6月前完成", "dated", "2024-06-30", True),
        ("2024年5月至10月开展", "dated", "2024-10-31", False),
        ("5月1日至6月15日开展", "dated", "2024-06-15", False),
        ("2022年3月底前完成并持续推进", "dated_then_continuing", "2022-03-31", False),
    ],
)
def test_a_dated_phrase_gives_its_last_day(text: str, kind: str, day: str, fuzzy: bool):
    (found,) = find_deadlines(text, YEAR)
    assert (found.deadline.kind, str(found.deadline.date), found.deadline.fuzzy) == (kind, day, fuzzy)


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("2022年10月底前并持续推进", "dated_then_continuing", "2022-10-31"),
        ("2022年4月底前并持续压紧压实", "dated_then_continuing", "2022-04-30"),
        ("2022年全年并持续推进", "dated_then_continuing", "2022-12-31"),
        ("2022年全年", "dated", "2022-12-31"),
        ("持续推进", "continuing", "None"),
        ("长期坚持", "continuing", "None"),
        ("6月", "dated", "2024-06-30"),
        ("2024年", "dated", "2024-12-31"),
        ("2024-2026年", "dated", "2026-12-31"),
    ],
)
def test_a_labelled_time_limit_may_be_shorter(text: str, kind: str, day: str):
    (found,) = find_deadlines(text, YEAR, labelled=True)
    assert (found.deadline.kind, str(found.deadline.date), found.deadline.phrase) == (kind, day, text)


@pytest.mark.parametrize(
    ("text", "phrase", "rule"),
    [
        ("每月20日前报送进展", "每月20日前", "FREQ=MONTHLY;BYMONTHDAY=20"),
        ("每季度末月20日前报送", "每季度末月20日前", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=20"),
        ("于每年11月中旬报送总结", "每年11月中旬", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20"),
        ("每季度召开1次联席会议", "每季度", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"),
        ("每半年总结一次", "每半年", "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"),
        ("每两个月开展一次夜查", "每两个月", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"),
        ("每年至少组织一次演练", "每年", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
        ("每周五前报送", "每周五前", "FREQ=WEEKLY;BYDAY=FR"),
        ("每日了解掌握", "每日", "FREQ=DAILY"),
    ],
)
def test_a_recurring_phrase_gives_a_rule(text: str, phrase: str, rule: str):
    (found,) = find_deadlines(text, YEAR)
    assert (found.deadline.kind, found.deadline.phrase, found.deadline.rule) == ("recurring", phrase, rule)


@pytest.mark.parametrize(
    "text",
    [
        "严格执行GB30871-2022和DB/T1217-2022",
        "落实市委六届二次、三次、四次全会精神",
        "整改2022年设计诊断发现问题",
        "消除2023年及以前排查发现的重大事故隐患",
        "按照津安生〔2022〕2号和长应急发〔2024〕29号要求",
        "落实《安全生产治本攻坚三年行动方案（2024—2026年）》",
        "适时派出工作组，及时研究解决",
        "24小时值班",
        "统筹发展和安全两件大事",
    ],
)
def test_false_friends_are_no_deadlines(text: str):
    assert find_deadlines(text, YEAR) == []


def test_several_milestones_stay_several_and_the_wished_one_is_marked():
    found = find_deadlines(
        "2024年推动国有加油站建设，2025年底前全部建成，2026年底前力争实现全覆盖",
        Calendar(date(2024, 1, 1), date(2026, 12, 31)),
    )
    assert [(one.deadline.date.year, one.deadline.strive) for one in found if one.deadline.date] == [
        (2024, False),
        (2025, False),
        (2026, True),
    ]


def test_a_month_without_a_year_falls_into_the_period():
    across = Calendar(date(2023, 9, 1), date(2024, 3, 31), date(2023, 9, 5))
    (found,) = find_deadlines("3月底前完成总结", across)
    assert found.deadline.date == date(2024, 3, 31)
    assert [doubt.code for doubt in found.deadline.doubts] == ["assumed_year"]


def test_a_day_that_does_not_exist_is_marked_and_not_moved():
    (found,) = find_deadlines("2024年2月30日前完成", YEAR)
    assert found.deadline.date is None
    assert "bad_date" in [doubt.code for doubt in found.deadline.doubts]


def test_a_deadline_before_the_plans_own_date_is_marked():
    (found,) = find_deadlines("2024年1月底前完成", YEAR)
    assert "before_plan_date" in [doubt.code for doubt in check(found.deadline, YEAR).doubts]


def test_a_monthly_report_on_the_31st_is_due_on_the_last_day_of_a_short_month():
    assert list(occurrences("FREQ=MONTHLY;BYMONTHDAY=31", date(2023, 1, 1), date(2023, 3, 31))) == [
        date(2023, 1, 31),
        date(2023, 2, 28),
        date(2023, 3, 31),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("二〇二四", 2024), ("三十", 30), ("十", 10), ("两", 2), ("一百二十", 120), ("12", 12), ("甲", None)],
)
def test_chinese_and_arabic_numerals_mean_the_same(text: str, value: int | None):
    assert number_of(text) == value


@given(st.integers(2020, 2035), st.integers(1, 12))
def test_the_end_of_any_month_is_its_last_day(year: int, month: int):
    (found,) = find_deadlines(f"{year}年{month}月底前完成", Calendar())
    assert found.deadline.date is not None
    assert (found.deadline.date.year, found.deadline.date.month) == (year, month)
    assert date.fromordinal(found.deadline.date.toordinal() + 1).day == 1


def test_a_campaign_from_today_on_runs_from_its_date_to_the_day_named():
    text = (
        "关于开展专项行动的通知\n东安办〔2024〕5号\n决定自即日起至2024年9月底在全县开展专项行动。\n"
        "东陵县安委办\n2024年3月25日\n一、工作要求\n（一）县应急局要加强检查。\n"
    )
    meta = parse_plan(text).meta
    assert (meta.period_from, meta.period_to) == (date(2024, 3, 25), date(2024, 9, 30))
