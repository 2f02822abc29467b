"""Numbers with their meaning, unit lists, subjects and names of persons."""

from __future__ import annotations

import pytest

from quancheng.domains.duty.plans.people import names_in
from quancheng.domains.duty.plans.targets import find_targets
from quancheng.domains.duty.plans.units import assign_roles, subject_of


def _targets(text: str) -> list[tuple[float, str, str]]:
    return [(one.target.value, one.target.unit, one.target.op) for one in find_targets(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人数不低于在职人员的75%", [(75, "%", ">=")]),
        ("达标率不低于80%，高风险企业达到90%以上", [(80, "%", ">="), (90, "%", ">=")]),
        ("死亡人数同比下降3%", [(-3, "%", "<=")]),
        ("实现“零死亡”", [(0, "人", "=")]),
        ("对全区14座加油站开展检查", [(14, "座", "=")]),
        ("至少开展一次检查", [(1, "次", ">=")]),
        ("开展两次全覆盖检查", [(2, "次", "="), (100, "%", "=")]),
        ("办理案件不少于1件，罚款500元以上", [(1, "件", ">="), (500, "元", ">=")]),
        ("建成农村公路防护50公里", [(50, "公里", "=")]),
        ("全部达到三级及以上", [(100, "%", "="), (3, "级", ">=")]),
        ("重大事故隐患动态清零", [(0, "项", "=")]),
        ("经费不超过20万元", [(20, "万元", "<=")]),
    ],
)
def test_a_number_is_read_with_its_unit_and_direction(text: str, expected: list[tuple[float, str, str]]):
    assert _targets(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "统一公示4个责任人",
        "落实“三个责任人”制度",
        "贯彻六届二次、三次、四次全会精神",
        "统筹发展和安全两件大事",
        "严格执行GB30871-2022",
        "坚持执法“清零”",
        "推动“四个清零”全面完成",
        "突出一、二级重大危险源",
        "在5个工作日内反馈",
        "24小时值班",
        "曝光一批典型案例",
        "一次性告知",
    ],
)
def test_what_only_looks_like_a_number_to_reach_is_none(text: str):
    assert _targets(text) == []


def test_a_percentage_behind_a_list_of_rates_belongs_to_each_rate():
    found = find_targets("做到信息录入率、线上执法率、行业覆盖率100%")
    assert [(one.target.meaning, one.target.value) for one in found] == [
        ("信息录入率", 100),
        ("线上执法率", 100),
        ("行业覆盖率", 100),
    ]


def test_rates_and_percentages_in_step_are_paired():
    found = find_targets("检查率、整改率、培训率分别达到80%、90%、100%")
    assert [(one.target.meaning, one.target.value) for one in found] == [
        ("检查率", 80),
        ("整改率", 90),
        ("培训率", 100),
    ]


@pytest.mark.parametrize(
    ("text", "lead", "support"),
    [
        ("区应急局、区公安分局", ("区应急局", "区公安分局"), ()),
        ("区应急局牵头，区公安分局、区交通局配合", ("区应急局",), ("区公安分局", "区交通局")),
        ("区生态环境局、区应急局分工负责", ("区生态环境局", "区应急局"), ()),
        ("区应急局牵头，区公安局、区商务局按职责分工负责", ("区应急局",), ("区公安局", "区商务局")),
        ("区应急局（牵头）、区公安分局", ("区应急局",), ("区公安分局",)),
        ("区委、区政府和各街道办事处", ("区委", "区政府", "各街道办事处"), ()),
        ("各涉危单位、企业", ("各涉危单位、企业",), ()),
        ("区教育局、区科技局等相关部门分工负责", ("区教育局", "区科技局"), ()),
        ("区应急局（危化科）、各镇（街道）", ("区应急局（危化科）", "各镇（街道）"), ()),
        ("区应急局、各镇（街道）按职责分工负责", ("区应急局", "各镇（街道）"), ()),
        ("区应急局牵头，会同区公安分局、区交通局", ("区应急局",), ("区公安分局", "区交通局")),
        ("区应急局、区公安局，排在第一位的为牵头单位，下同", ("区应急局",), ("区公安局",)),
    ],
)
def test_units_are_told_apart_by_their_role_words(text: str, lead: tuple[str, ...], support: tuple[str, ...]):
    units = assign_roles(text)
    assert (units.lead, units.support) == (lead, support)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("区应急局要每季度组织一次检查", ("区应急局",)),
        ("一是各镇街要落实排查责任", ("各镇街",)),
        ("2024年6月底前，区公安分局负责查处违法行为", ("区公安分局",)),
        ("各镇（街道）、各有关部门要高度重视", ("各镇（街道）", "各有关部门")),
        ("由区应急局牵头，区财政局配合，建设平台", ("区应急局",)),
        ("区安委会办公室将适时派出工作组", ("区安委会办公室",)),
    ],
)
def test_a_unit_as_grammatical_subject_owes_the_task(text: str, names: tuple[str, ...]):
    found = subject_of(text)
    assert found is not None
    assert found.names == names


@pytest.mark.parametrize(
    "text",
    [
        "推动交通运输等负有监管职责的部门落实责任",
        "组织专家开展检查",
        "督促企业认真自查",
        "发挥危化办统筹作用，加强监管",
        "重大事故隐患要动态清零",
        "应急预案要完善",
    ],
)
def test_a_verb_or_a_thing_at_the_head_is_no_responsible_unit(text: str):
    assert subject_of(text) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("赵一舟 钱二川", ["赵一舟", "钱二川"]),
        ("赵一舟、钱二川", ["赵一舟", "钱二川"]),
        ("李四平周五福", ["李四平", "周五福"]),
        ("张 三 李 四", ["张三", "李四"]),
        ("欧阳一舟", ["欧阳一舟"]),
        ("镇应急办", []),
        ("各村（社区）", []),
        ("持续推进", []),
    ],
)
def test_several_names_in_one_cell_are_told_apart(text: str, names: list[str]):
    assert names_in(text) == names
