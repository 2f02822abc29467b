"""What holds for any text: parsing is total, and blanks and character widths change nothing."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.plans.lines import lines_of

_PIECES = st.sampled_from(
    [
        "一、",
        "（一）",
        "(二)",
        "1.",
        "2．",
        "3、",
        "①",
        "重点任务1：",
        "责任单位：",
        "完成时限：",
        "区应急局",
        "、",
        "各镇〈街",
        "道》)",
        "，",
        "。",
        "；",
        "\n",
        "\n\n",
        "\t",
        "|",
        "2024年6月底前",
        "每月20日前",
        "报送",
        "区安委办",
        "100%",
        "14座",
        "开展检查",
        "（责任单位：",
        "）",
        "《",
        "》",
        "“",
        "附件",
        "序号\t工作任务\t责任人\n",
        "张三李四",
        "13月底前",
        "2024年2月30日",
        "总体要求",
        "[bookmark: _GoBack]",
        "**",
        "　",
        "每季度",
        "至",
        "—",
        "9月",
        "由",
        "牵头",
        "配合",
    ]
)
_TEXTS = st.lists(_PIECES, max_size=60).map("".join)
_WIDTHS = str.maketrans("（）：；，0123456789", "():;,０１２３４５６７８９")


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), _TEXTS))
def test_any_text_gives_a_plan_that_json_can_hold_and_whose_tasks_lie_in_the_source(text: str):
    plan = parse_plan(text)
    count = len(lines_of(text))
    json.dumps(plan.to_json(), ensure_ascii=False)
    for task in plan.tasks:
        assert 1 <= task.line <= task.end_line <= count
        assert 0 <= task.start <= task.end <= len(text)
        assert 0 < task.confidence <= 1
    for report in plan.reports:
        assert 1 <= report.line <= count
        assert list(report.dates) == sorted(report.dates)


_PLAN = """一、工作任务
（一）压实责任。修订责任清单，2024年6月底前完成。（责任单位：区应急局、区公安分局；配合单位：各镇（街道））
1.开展检查。区交通运输局要每季度组织一次检查，覆盖14座加油站，整改率100%。
（二）信息报送。各镇（街道）每月20日前将进展情况报送区安委办。
"""


def _essence(text: str) -> list[object]:
    plan = parse_plan(text)
    return [
        [
            (
                one.line,
                one.lead_units,
                one.support_units,
                [(two.kind, two.date, two.rule) for two in one.deadlines],
                [(two.value, two.unit) for two in one.targets],
            )
            for one in plan.tasks
        ],
        [(one.line, one.from_units, one.to, one.dates) for one in plan.reports],
    ]


def test_half_and_full_width_marks_mean_the_same():
    assert _essence(_PLAN.translate(_WIDTHS)) == _essence(_PLAN)


@given(st.lists(st.integers(0, len(_PLAN)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_blanks_between_chinese_characters_change_nothing(places: list[int]):
    text = list(_PLAN)
    for place in sorted(places, reverse=True):
        before, after = _PLAN[max(0, place - 1) : place], _PLAN[place : place + 1]
        if before.strip() and after.strip() and not (before.isascii() and after.isascii()):
            text.insert(place, " ")
    assert _essence("".join(text)) == _essence(_PLAN)
