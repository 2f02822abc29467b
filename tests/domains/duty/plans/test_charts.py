"""Wall charts and task tables that text extraction has flattened."""

from __future__ import annotations

from quancheng.domains.duty.plans import parse_plan

STACKED = """附件2
南湖区2023年危险化学品安全监管重点工作“挂图作战”表
\t序号
\t一级任务
\t二级任务
\t工作措施
\t责任人员
\t责任领导
\t1
\t压实安全责任
\t落实监管责任
\t1.落实联席会议制度，每季度召开1次。
\t2落实“三个责任人”职责。
\t张一山 李二水
\t王三石
\t落实企业责任
\t1.推行总工程师制度。
\t赵四海
\t王三石
\t2
\t整治重大隐患
\t专项整治
\t1.3月底前召开推进会1次。
\t李二水赵四海
\t王三石
"""

CATEGORIES = """附件1

丰县危险化学品安全风险集中治理重点任务分工表

序号\t重点任务\t具体措施\t牵头单位\t配合单位\t完成时限
一、健全责任体系
1\t落实党政领导责任\t（1）每半年至少听取1次危险化学品安全工作汇报。（2）带队检查不少于2次。\t县委办、县政府办\t县应急局\t2022年12月31日
2\t压实部门责任\t编制部门权责清单\t县委编办\t各有关部门\t2022.6
二、提升本质安全
3\t推进自动化改造\t完成5家企业自动化控制改造，改造率达到100%\t县应急局\t县工信局\t2022年9月底前，长期坚持
\t\t开展老旧装置评估\t\t\t2022年三季度
4\t强化运输管理\t建立电子运单制度\t县交通运输局\t县公安局\t即时完成并长期坚持
"""


def test_a_chart_with_one_cell_per_line_is_put_together_again():
    tasks = parse_plan(STACKED).tasks
    assert [(task.body, task.persons, task.leading_official) for task in tasks] == [
        ("落实联席会议制度，每季度召开1次。", ("张一山", "李二水"), "王三石"),
        ("落实“三个责任人”职责。", ("张一山", "李二水"), "王三石"),
        ("推行总工程师制度。", ("赵四海",), "王三石"),
        ("3月底前召开推进会1次。", ("李二水", "赵四海"), "王三石"),
    ]
    assert [task.path[-1] for task in tasks] == ["落实监管责任", "落实监管责任", "落实企业责任", "专项整治"]
    assert all("odd_row" in [doubt.code for doubt in task.doubts] for task in tasks)


def test_rows_of_one_cell_are_headings_inside_the_table():
    tasks = parse_plan(CATEGORIES).tasks
    assert [task.path[0] for task in tasks] == ["一、健全责任体系"] * 3 + ["二、提升本质安全"] * 3
    assert [task.lead_units for task in tasks][:2] == [("县委办", "县政府办")] * 2
    assert [str(task.deadline.date) for task in tasks] == [
        "2022-12-31",
        "2022-12-31",
        "2022-06-30",
        "2022-09-30",
        "2022-09-30",
        "None",
    ]


def test_a_list_of_contacts_is_no_chart_of_tasks():
    assert parse_plan("联系表\n姓名\t电话\t单位\n王一山\t000-55501234\t区应急局\n").tasks == ()
