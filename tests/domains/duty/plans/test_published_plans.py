"""The three published plans: every count of the table in docs/plan-parsing.md. They are not part of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from quancheng.domains.duty.plans import ParsedPlan, parse_plan
from quancheng.domains.duty.plans.model import Section

SHARED = Path(__file__).resolve().parents[5] / "shared" / "plans"
FILES = {"S1": "S1-yuzhong-2024.txt", "S3": "S3-jincheng-2023.txt", "S5": "S5-nankai-2022.txt"}
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the published plans are not beside this checkout")


def _plan(code: str) -> ParsedPlan:
    return parse_plan((SHARED / FILES[code]).read_text(encoding="utf-8"))


def _walk(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _walk(section.children)


@pytest.mark.parametrize(
    ("code", "first", "second", "third", "tasks"),
    # S5 prints ten measures; numbers 6 and 7 stand on the lines of tasks 14 and 15.
    [("S1", 3, 5, 15, 0), ("S3", 7, 24, 12, 0), ("S5", 5, 12, 10, 22)],
)
def test_every_heading_of_the_published_plans_is_found(code: str, first: int, second: int, third: int, tasks: int):
    levels = [section.level for section in _walk(_plan(code).sections)]
    assert [levels.count(level) for level in (1, 2, 3, 6)] == [first, second, third, tasks]


def test_all_22_numbered_tasks_have_their_units_and_deadline():
    tasks = [task for task in _plan("S5").tasks if task.number.startswith("重点任务")]
    assert [task.number for task in tasks] == [f"重点任务{number}" for number in range(1, 23)]
    assert all(task.lead_units and not task.support_units and task.deadline.kind != "none" for task in tasks)
    by_number = {int(task.number[4:]): task for task in tasks}
    assert by_number[2].lead_units == ("区委", "区政府", "各街道办事处")
    assert by_number[14].lead_units == ("区生态环境局", "区应急局")
    assert by_number[19].lead_units == ("区应急局", "区委网信办", "相关街道办事处", "相关企业")
    kinds = [task.deadline.kind for task in tasks]
    assert [kinds.count(kind) for kind in ("dated", "dated_then_continuing", "continuing")] == [9, 6, 7]
    assert (by_number[7].deadline.phrase, by_number[7].deadline.date) == (
        "2022年10月底前并持续坚持",
        date(2022, 10, 31),
    )
    assert [one.date for one in by_number[13].deadlines] == [date(2022, 6, 30), date(2022, 12, 31)]


def test_all_16_responsibility_tails_are_found_six_with_supporting_units():
    tasks = [task for task in _plan("S3").tasks if task.units_from == "printed"]
    assert len(tasks) == 16
    assert [task.line for task in tasks if task.support_units] == [77, 79, 83, 89, 91, 121]
    assert all(task.support_units in ((), ("各镇（街道）",)) for task in tasks)
    assert tasks[2].lead_units[-1] == "各镇（街道）"
    assert tasks[8].lead_units == ("各涉危单位、企业",)


def test_duties_of_departments_are_read_from_the_grammatical_subject():
    duties = {task.line: task.lead_units for task in _plan("S3").tasks if 37 <= task.line <= 65}
    assert [duties[line][0] for line in (37, 39, 41, 43, 45, 47, 49)] == [
        "区应急管理局",
        "区公安分局",
        "区市场监管局",
        "区生态环境分局",
        "区交通运输局",
        "区卫体局",
        "区行政审批局",
    ]
    assert duties[51] == ("区发改", "教科", "工信", "民政", "住建", "民营经济", "文旅")
    assert {duties[line] for line in (55, 57, 59, 61)} == {("镇（街道）",)}
    assert duties[65] == ("村（社区）",)


def test_fifteen_points_without_units_are_tasks_and_say_so():
    plan = _plan("S1")
    assert [task.line for task in plan.tasks] == [22, 23, 24, 26, 27, 28, 30, 31, 32, 34, 35, 36, 38, 39, 40]
    assert all("no_unit" in [doubt.code for doubt in task.doubts] for task in plan.tasks)
    by_number = {task.number: task for task in plan.tasks}
    assert [one.meaning for one in by_number["8."].targets] == [
        "重点企业信息录入率",
        "执法人员信息录入率",
        "线上执法率",
        "监管行业覆盖率",
    ]
    assert len([one for one in by_number["11."].targets if one.phrase == "100%"]) == 5
    assert not by_number["3."].targets, "four responsible persons are roles, not a number to reach"


def test_monthly_and_quarterly_reports_have_every_date_of_the_year():
    monthly, quarterly = _plan("S5").reports
    assert (monthly.line, monthly.to, len(monthly.dates)) == (203, "区安委会办公室", 12)
    assert monthly.deadline.rule == "FREQ=MONTHLY;BYMONTHDAY=20"
    assert quarterly.dates == tuple(date(2022, month, 20) for month in (3, 6, 9, 12))
    assert monthly.from_units == quarterly.from_units == ("各有关部门和单位",)


def test_problems_and_goals_are_not_taken_for_tasks():
    assert not [task for task in _plan("S5").tasks if 17 <= task.line <= 30]
    goals = [passage for passage in _plan("S3").passages if passage.why == "goal"]
    assert [(one.date, one.strive) for one in goals[0].deadlines if one.date] == [(date(2023, 12, 31), True)]


@pytest.mark.parametrize("code", FILES)
def test_every_task_lies_where_it_says_in_the_source(code: str):
    source = (SHARED / FILES[code]).read_text(encoding="utf-8")
    lines = source.split("\n")
    for task in _plan(code).tasks:
        assert re.sub(r"\s", "", task.text)[:8] in re.sub(r"\s|\*\*|\[bookmark[^]]*]", "", lines[task.line - 1])
        assert source[task.start : task.end].strip()[:4] in lines[task.line - 1]
