"""A town's key points with three parts and two annexed charts: imported as one plan, each row tied to what it serves.

The document is ``tests/cases/plans/town_parts_charts``; what each row must come to was counted by hand from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import unescape
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.domains.duty.town import YEAR, Town, import_plan, make_town, split_and_commit
from tests.factories import NOW, client_of, make_actor, make_file

from quancheng.domains.duty.documents.read import read_document
from quancheng.domains.duty.models import Assignment, Campaign, CampaignUnit, Instalment, Meeting, Task
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.tasks import complete_if_closed
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town with its plan imported, reviewed and issued by pages, once for the module; each test undoes its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        town = make_town()
        import_plan(town)
        split_and_commit(town)
        yield town
        transaction.set_rollback(True)


@pytest.fixture
def town(whole: Town, db: None) -> Town:
    return whole


def page_of(town: Town, task: Task, tab: str = "") -> str:
    return unescape(town.client.get(reverse("duty:task", args=[task.pk]), {"tab": tab} if tab else {}).content.decode())


def act(client: Client, url: str, name: str, **given: Any) -> int:
    return client.post(url, {"act": name, "client_id": str(uuid7()), **given}).status_code


@pytest.mark.clause("S4-0")
def test_a_town_imports_one_plan_with_its_parts_and_annexes_and_its_villages_owe_receipts(town: Town) -> None:
    """A plan of three parts with two annexed charts is one plan; the town's villages and committee members get it."""
    plan = town.plan
    assert (plan.status, plan.title) == ("RUNNING", f"云溪镇{YEAR}年安全生产重点行业领域工作要点")
    parts = [section.title for section in plan.sections.filter(level=0).order_by("order")]
    assert parts == [
        f"云溪镇{YEAR}年安全生产综合监管工作要点",
        f"云溪镇{YEAR}年工贸行业安全监管工作要点",
        f"附件：云溪镇{YEAR}年工贸行业安全监管挂图作战责任表",
        f"云溪镇{YEAR}年危险化学品和烟花爆竹安全监管工作要点",
        f"附件：云溪镇{YEAR}年危险化学品和烟花爆竹安全监管挂图作战责任表",
    ]
    assert plan.tasks.filter(in_chart=True).count() == 20 + 33
    receivers = {receipt.org for receipt in plan.receipts.all()}
    assert receivers == {*town.villages, town.police}
    page = town.client.get(reverse("duty:plan", args=[plan.pk]), {"tab": "receipts"}).content.decode()
    assert page.count("待签收") >= 3


#: Row of the chart, words that open a measure, persons, official, words of each task of the text that it serves.
ROWS: list[Any] = [
    pytest.param(
        "每季度召开1次", "甄一鸣、荀乐山", "尉迟远", ["厘清科室职责边界"], marks=pytest.mark.clause("S4-BX1.1")
    ),
    pytest.param("按DB/T1217-2022", "荀乐山", "尉迟远", ["按地方标准DB"], marks=pytest.mark.clause("S4-BX1.2")),
    pytest.param(
        "推行“总工程师”制度", "荀乐山", "尉迟远", ["推行“总工程师”制度"], marks=pytest.mark.clause("S4-BX1.2")
    ),
    pytest.param("推动张贴“两单两卡”", "荀乐山", "尉迟远", ["推动关键岗位张贴"], marks=pytest.mark.clause("S4-BX1.2")),
    pytest.param("编制并实施年度", "边知行", "尉迟远", ["科学编制并实施"], marks=pytest.mark.clause("S4-BX2.1")),
    pytest.param(
        "落实双随机抽查", "边知行", "尉迟远", ["落实双随机抽查", "应用“互联网"], marks=pytest.mark.clause("S4-BX2.1")
    ),
    pytest.param(
        "建立事故形势分析制度", "边知行、甄一鸣", "尉迟远", ["建立事故形势"], marks=pytest.mark.clause("S4-BX2.2")
    ),
    pytest.param("开展“一号行动”", "边知行、甄一鸣", "尉迟远", ["围绕六个主题"], marks=pytest.mark.clause("S4-BX2.2")),
    pytest.param("协助组建小微企业", "闻人静", "公冶平", ["1.建立小微企业"], marks=pytest.mark.clause("S4-BX4.1")),
    pytest.param("推动有条件的企业", "闻人静", "公冶平", ["2.推广双重预防"], marks=pytest.mark.clause("S4-BX4.2")),
    pytest.param(
        "推动主要负责人", "边知行", "尉迟远", ["推动主要负责人履职尽责"], marks=pytest.mark.clause("S4-CX1.1")
    ),
    pytest.param("落实“总工程师”签字", "边知行", "尉迟远", ["在风险管控"], marks=pytest.mark.clause("S4-CX1.1")),
    pytest.param("落实三个包保", "边知行", "尉迟远", ["落实重大危险源三个"], marks=pytest.mark.clause("S4-CX1.1")),
    pytest.param("健全全员责任制", "边知行", "尉迟远", ["健全全员安全责任制"], marks=pytest.mark.clause("S4-CX1.1")),
    pytest.param("督促行业部门", "边知行、闻人静", "尉迟远", ["镇应急办统筹"], marks=pytest.mark.clause("S4-CX1.2")),
    pytest.param("建立烟花爆竹", "边知行、闻人静", "尉迟远", ["建立烟花爆竹"], marks=pytest.mark.clause("S4-CX1.2")),
    pytest.param("会同部门管好", "边知行、闻人静", "尉迟远", ["会同有关部门"], marks=pytest.mark.clause("S4-CX1.2")),
    pytest.param("实行“实名制”", "甄一鸣", "尉迟远", ["实行“实名制”监管，"], marks=pytest.mark.clause("S4-CX1.3")),
    pytest.param("复工复产、险情", "甄一鸣", "尉迟远", ["复工复产、险情"], marks=pytest.mark.clause("S4-CX1.3")),
    pytest.param("重点时段每日", "甄一鸣", "尉迟远", ["重点时段每日"], marks=pytest.mark.clause("S4-CX1.3")),
    pytest.param("开展标准化评审", "边知行", "尉迟远", ["严格标准化评审"], marks=pytest.mark.clause("S4-CX2.1")),
    pytest.param("编制年度、月度", "边知行", "尉迟远", ["按风险等级"], marks=pytest.mark.clause("S4-CX2.1")),
    pytest.param("开展执法清零", "边知行、甄一鸣", "尉迟远", ["开展执法清零"], marks=pytest.mark.clause("S4-CX2.2")),
    pytest.param("信息录入率", "边知行、甄一鸣", "尉迟远", ["信息录入率"], marks=pytest.mark.clause("S4-CX2.2")),
    pytest.param("打击非法", "边知行、甄一鸣", "尉迟远", ["严厉打击"], marks=pytest.mark.clause("S4-CX2.2")),
    pytest.param("落实吹哨人", "边知行、甄一鸣", "尉迟远", ["落实吹哨人"], marks=pytest.mark.clause("S4-CX2.2")),
    pytest.param(
        "推广电子作业票", "荀乐山", "公冶平", ["执行特殊作业", "落实监护人制度"], marks=pytest.mark.clause("S4-CX3.1")
    ),
    pytest.param(
        "严格重点工艺", "荀乐山", "公冶平", ["严格重点工艺", "开停车前"], marks=pytest.mark.clause("S4-CX3.1")
    ),
    pytest.param(
        "管好长期停产", "荀乐山", "公冶平", ["长期停产企业", "加强承包商"], marks=pytest.mark.clause("S4-CX3.1")
    ),
    pytest.param("抽查“两单两卡”", "荀乐山", "公冶平", ["检查时抽查"], marks=pytest.mark.clause("S4-CX3.1")),
    pytest.param("整改设计诊断", "荀乐山", "公冶平", ["整改2025年"], marks=pytest.mark.clause("S4-CX3.2")),
    pytest.param("老旧装置", "荀乐山", "公冶平", ["对老旧装置"], marks=pytest.mark.clause("S4-CX3.2")),
    pytest.param("推进关键岗位", "荀乐山、闻人静", "公冶平", ["推进关键岗位"], marks=pytest.mark.clause("S4-CX3.3")),
    pytest.param("配合上级开展", "荀乐山、闻人静", "公冶平", ["开展三类人员"], marks=pytest.mark.clause("S4-CX3.3")),
    pytest.param("督促配齐", "荀乐山、闻人静", "公冶平", ["配齐注册"], marks=pytest.mark.clause("S4-CX3.3")),
    pytest.param("专业监管人员", "闻人静", "公冶平", ["专业监管人员"], marks=pytest.mark.clause("S4-CX3.4")),
    pytest.param("每年参加市、区", "闻人静", "公冶平", ["每年参加市、区"], marks=pytest.mark.clause("S4-CX3.4")),
    pytest.param("推动企业运用", "闻人静", "公冶平", ["1.用好双重预防"], marks=pytest.mark.clause("S4-CX5.1")),
    pytest.param("用好风险监测", "闻人静", "公冶平", ["2.用好监管信息"], marks=pytest.mark.clause("S4-CX5.2")),
]


@pytest.mark.parametrize(("measure", "persons", "official", "served"), ROWS)
def test_a_row_becomes_a_task_of_its_persons_that_serves_the_tasks_of_the_text(
    town: Town, measure: str, persons: str, official: str, served: list[str]
) -> None:
    """The row is a task of the staff and the leading official it names, linked on both pages to what it serves."""
    task = town.task(measure, in_chart=True)
    assert (task.persons, task.leading_official) == (persons, official)
    assignment = task.assignments.get()
    assert (assignment.org, assignment.person.name) == (town.org, persons.split("、")[0])
    page = page_of(town, task, "serves")
    assert persons in page
    assert official in page
    texts = [town.task(words, in_chart=False) for words in served]
    assert {link.serves_id for link in task.serves.all()} == {text.pk for text in texts}
    for text in texts:
        assert f"{text.code} {text.title}" in page
        assert f"{task.code} {task.title}" in page_of(town, text, "rows")


def test_what_the_chart_adds_to_the_text_serves_none_of_it(town: Town) -> None:
    for words in ("全年办理行政处罚", "配合预案管理"):
        assert not town.task(words, in_chart=True).serves.exists()


@pytest.mark.clause("S4-CX2.2", "S4-CX3.4")
def test_the_numbers_of_the_rows_are_targets(town: Town) -> None:
    """Four rates of 100 % are four targets, a professional force of 75 % is one, two trainings are yearly."""
    rates = [
        (one.indicator, one.op, one.value, one.unit) for one in town.task("信息录入率", in_chart=True).targets.all()
    ]
    assert [(value, unit) for _name, _op, value, unit in rates] == [(100, "%")] * 4
    assert [name for name, *_rest in rates] == ["信息录入率", "线上执法率", "行业覆盖率", "处罚公示率"]
    force = town.task("专业监管人员", in_chart=True).targets.get()
    assert (force.op, force.value, force.unit) == (">=", 75, "%")
    training = town.task("每年参加", in_chart=True)
    assert (training.kind, [one.label for one in training.assignments.get().instalments.all()]) == (
        "recurring", [f"{YEAR} 年"],
    )  # fmt: skip


@pytest.mark.clause("S4-BX3")
def test_the_row_of_the_rectification_has_its_meeting_by_the_end_of_march(town: Town) -> None:
    """The promotion meeting of the rectification is due on 31 March, with its person and leading official."""
    task = town.task("对照判定标准", in_chart=True)
    assert (task.kind, task.due_date) == ("dated", date(YEAR, 3, 31))
    assert [link.serves for link in task.serves.all()] == [town.task("（三）整治重大隐患", in_chart=False)]
    page = page_of(town, task)
    for said in (f"{YEAR}-03-31", "荀乐山", "尉迟远"):
        assert said in page


def finish(town: Town, task: Task) -> None:
    """The named person accepts, submits with evidence; the town's head verifies."""
    one = task.assignments.get()
    url = reverse("duty:assignment", args=[one.pk])
    officer = client_of(town.staff[task.persons.split("、")[0]])
    assert act(officer, url, "accept") == 303
    given = {"text": "已完成", "problems": "", "next_steps": ""}
    assert act(officer, url, "submit", **given) == 422  # without evidence
    proof = SimpleUploadedFile("培训签到.txt", b"names")
    assert act(officer, url, "submit", **given, evidence=proof) == 303
    assert act(town.client, url, "verify", opinion="属实") == 303


@pytest.mark.clause("S4-BX4.3")
def test_two_rows_of_publicity_and_training_end_with_evidence_and_with_them_what_they_carry_out(town: Town) -> None:
    """Publicity and training are two tasks that close on evidence alone; then the tasks of the text are done too."""
    for words, text in (("完成警示教育片", "组织工贸企业"), ("完成监管人员", "组织监管人员")):
        row, served = town.task(words, in_chart=True), town.task(text, in_chart=False)
        assert [link.serves for link in row.serves.all()] == [served]
        assert not served.assignments.exists()
        finish(town, row)
        complete_if_closed(task=row, now=NOW)
        served.refresh_from_db()
        assert served.status == "DONE"
        assert "100%" in page_of(town, served, "rows")


@pytest.mark.clause("S4-BX1.1")
def test_the_row_of_standard_duties_gives_a_quarterly_conference_its_agenda_and_the_check_of_three_persons(
    town: Town,
) -> None:
    """One conference a quarter as periods of the task, an agenda for each, and three persons' duty on a checklist."""
    task = town.task("每季度召开1次", in_chart=True)
    quarters = [one.due_date for one in Instalment.objects.filter(assignment__task=task).order_by("due_date")]
    assert quarters == [date(YEAR, 3, 31), date(YEAR, 6, 30), date(YEAR, 9, 30), date(YEAR, 12, 31)]
    answer = town.client.post(
        reverse("duty:meeting_series_new"),
        {"title": "工贸安全联席会议", "kind": "joint", "frequency": "quarterly", "themes": "",
         "orgs": [str(town.police.pk)]},
    )  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert act(town.client, answer["Location"], "plan_year", year=str(YEAR + 1)) == 303
    assert Meeting.objects.filter(series__title="工贸安全联席会议").count() == 4
    meeting = Meeting.objects.filter(series__title="工贸安全联席会议").order_by("due_date")[0]
    agenda = unescape(town.client.get(reverse("duty:meeting", args=[meeting.pk])).content.decode())
    assert "通报任务进展" in agenda

    checking = town.task("将三个责任人履职", in_chart=True)
    assert checking.persons == "甄一鸣"
    campaign = Campaign.objects.get(task=town.task("开展“一号行动”", in_chart=True))
    assert revise(town, campaign, items="三个责任人是否每月到岗履职\n危险作业审批是否规范") == 303
    shown = town.client.get(reverse("duty:campaign", args=[campaign.pk]), {"tab": "items"}).content.decode()
    assert "三个责任人是否每月到岗履职" in shown


def revise(town: Town, campaign: Campaign, *, items: str, **given: Any) -> int:
    known = {
        "title": campaign.title, "leader": campaign.leader, "target": campaign.target, "text": "", "items": items,
        "period_from": campaign.period_from.isoformat(), "period_to": campaign.period_to.isoformat(),
        "rounds": str(campaign.rounds), "version": str(campaign.version), "answers_itself": "on",
        "orgs": [str(one.pk) for one in town.villages], **given,
    }  # fmt: skip
    return act(town.client, reverse("duty:campaign", args=[campaign.pk]), "revise", **known)


@pytest.mark.clause("S4-CX4")
def test_the_row_of_special_campaigns_is_four_campaigns_of_which_two_have_two_rounds(town: Town) -> None:
    """Four campaigns arise with leader, period, rounds (2, 1, 1, 2) and task; each round asks every unit anew."""
    rows = list(Task.objects.filter(plan=town.plan, in_chart=True, level1="开展专项整治").order_by("order"))
    campaigns = [row.campaigns.get() for row in rows]
    assert [one.rounds for one in campaigns] == [2, 1, 1, 2]
    assert {(one.leader, one.status, one.period_to) for one in campaigns} == {("公冶平", "PLANNED", date(YEAR, 12, 31))}
    served = [[link.serves.text[:8] for link in row.serves.all()] for row in rows]
    assert served == [["联合消防救援机构"], ["排查治理带病运行"], ["摸清构成重大危险"], ["开展2次烟花爆竹"]]
    campaign = campaigns[0]
    url = reverse("duty:campaign", args=[campaign.pk])
    assert f"{rows[0].code} {rows[0].title}" in unescape(town.client.get(url).content.decode())
    assert act(town.client, url, "start") == 409  # no unit and no question yet
    assert revise(town, campaign, items="重大危险源监测系统是否在线") == 303
    assert act(town.client, url, "start") == 303
    assert CampaignUnit.objects.filter(campaign=campaign, round=1).count() == 2
    assert act(town.client, url, "report", report="提前总结") == 422
    assert act(town.client, url, "open_round") == 303
    assert CampaignUnit.objects.filter(campaign=campaign, round=2).count() == 2
    dues = sorted({one.due_date for one in CampaignUnit.objects.filter(campaign=campaign)})
    assert dues[-1] == date(YEAR, 12, 31)
    assert act(town.client, url, "open_round") == 422  # there is no third
    page = town.client.get(url).content.decode()
    assert "第 1 轮 0%（0/2）；第 2 轮 0%（0/2）" in page


@pytest.mark.clause("S4-CX1.3", "S4-C3.1.3c")
def test_daily_and_weekly_duty_is_owed_in_a_key_period_alone(town: Town) -> None:
    """Outside a key period nothing is owed; opening one of ten days lays out ten days and two weeks for the person."""
    task = town.task("重点时段每日", in_chart=True)
    assert task.kind == "event"
    assert not Instalment.objects.filter(assignment__task=task).exists()
    url = reverse("duty:task", args=[task.pk])
    wrong = {"label": "国庆节", "first": "2099-10-08", "last": "2099-10-01"}
    assert act(town.client, url, "open_window", **wrong) == 422
    good = {"label": "国庆节", "first": "2099-10-01", "last": "2099-10-10"}
    assert act(town.client, url, "open_window", **good) == 303
    owed = Instalment.objects.filter(assignment__task=task)
    assert (owed.filter(key__startswith="d").count(), owed.filter(key__startswith="w").count()) == (10, 2)
    assert act(town.client, url, "open_window", **good) == 303
    assert owed.count() == 12
    assert {one.assignment.person.name for one in owed.select_related("assignment__person")} == {"甄一鸣"}
    assert act(client_of(town.officer), url, "open_window", **good) == 422  # not offered to one without the duty


def test_the_light_of_a_row_follows_from_its_tasks(town: Town) -> None:
    """What carries out a task of the text gives it its light; a group of the chart shows the worst of its measures."""
    row, text = town.task("协助组建", in_chart=True), town.task("1.建立小微企业", in_chart=False)
    Assignment.objects.filter(task=row).update(due_date=date(2099, 1, 1))
    assert "qc-light-green" in page_of(town, text, "rows")
    Assignment.objects.filter(task=row).update(due_date=date(2020, 4, 1))
    assert "qc-light-red" in page_of(town, text, "rows")
    page = town.client.get(reverse("duty:wall"), {"plan": str(town.plan.pk)}).content.decode()
    assert "1.建立小微企业互助联动机制" not in page
    # Where the reader sees nothing of the work, the page claims neither a light nor a percentage.
    Assignment.objects.filter(task=row).update(status="CANCELLED")
    unseen = page_of(town, text, "rows")
    assert "看不到承办情况" in unseen
    assert '<td class="qc-num">—</td>' in unseen


@pytest.mark.clause("S4-B1")
def test_the_overall_idea_of_the_part_is_a_tree_of_strands_measures_and_tasks_with_lights(town: Town) -> None:
    """The overall idea's five strands each carry a heading of the work; tasks stand below it with lights rolled up."""
    Assignment.objects.filter(task__plan=town.plan).update(due_date=date(2099, 1, 1))
    page = tree(town)
    assert "以大排查、大执法、大整改为主线" in page
    for strand, heading in (
        ("同步推进责任体系", "（一）健全责任体系"),
        ("执法提质", "（二）提升执法质效"),
        ("专项整治", "（三）整治重大隐患"),
        ("基础建设", "（四）夯实基础建设"),
        ("社会共治五项工作", "（五）推进社会共治"),
    ):
        assert heading in strand_of(page, strand)
        assert "按用词推定：与标题用词重合" in strand_of(page, strand)
    assert page.index("（四）夯实基础建设") < page.index("协助组建小微企业安全互助小组")
    assert "qc-light-green" in strand_of(page, "基础建设")
    Assignment.objects.filter(task=town.task("协助组建", in_chart=True)).update(due_date=date(2020, 4, 1))
    assert "qc-light-red" in strand_of(tree(town), "基础建设")


def strand_of(page: str, text: str) -> str:
    """The line of one strand of an overall idea."""
    line = page[page.index(f'<li class="qc-row"><strong>{text}</strong>') :]
    return line[: line.index("</li>")]


def tree(town: Town) -> str:
    answer = town.client.get(reverse("duty:plan", args=[town.plan.pk]), {"tab": "tree"})
    return unescape(answer.content.decode())


@pytest.mark.clause("S4-C2")
def test_the_overall_idea_of_prevention_heads_the_tree_of_its_part(town: Town) -> None:
    """The part on chemicals shows goal and idea (two roots, prevention) over its measures and tasks, rolled up."""
    page = tree(town)
    idea = page.index("坚持从根本上消除隐患、从根本上解决问题")
    assert page.index("危险化学品和烟花爆竹领域不发生生产安全事故") < idea < page.index("（一）压实各方责任")
    assert "（三）强化风险防控" in strand_of(page, "推动由事故处置向风险预防转变")
    head = page[page.index("<strong>（一）压实各方责任</strong>") :]
    assert "办结 0/" in head[: head.index("</p>")]


@pytest.mark.clause("S4-A2.3.5c")
def test_fifty_kilometres_are_a_target_whose_progress_is_told_in_kilometres(town: Town) -> None:
    """30 of 50 km are shown as such and do not close the task; 50 do."""
    task = town.task("1.推进农村公路", in_chart=False)
    target, one = task.targets.get(), task.assignments.get()
    assert (target.op, target.value, target.unit) == (">=", 50, "公里")
    url, officer = reverse("duty:assignment", args=[one.pk]), client_of(town.officer)
    assert act(officer, url, "accept") == 303
    words = {"text": "已建成部分路段", "problems": "", "next_steps": "", "percent": "60"}
    assert act(officer, url, "report", **words, **{f"figure_{target.pk}": "30"}) == 303
    assert "30公里（目标 " in town.client.get(url).content.decode()
    proof = make_file(town.officer)
    spec = work.ProgressSpec(percent=100, text="部分完成", figures={str(target.pk): "30"}, evidence=[proof])
    one.refresh_from_db()
    work.report_progress(actor=town.officer, assignment=one, spec=spec, submit=True, now=NOW)
    assert act(town.client, url, "verify", opinion="属实") == 409
    assert act(town.client, url, "return", reason="还差20公里") == 303
    one.refresh_from_db()
    whole = work.ProgressSpec(
        percent=100, text="建成50公里", figures={str(target.pk): "50"}, evidence=[make_file(town.officer)]
    )
    work.report_progress(actor=town.officer, assignment=one, spec=whole, submit=True, now=NOW)
    assert act(town.client, url, "verify", opinion="属实") == 303


@pytest.mark.clause("S4-BX0")
def test_the_chart_form_goes_out_as_word_and_sheet_with_merged_cells_and_comes_in_the_same(town: Town) -> None:
    """The rows of two levels leave as a merged Word table and read back to the same; the sheet is merged too."""
    rows = [(one.level1, one.level2, one.text, one.persons, one.leading_official)
            for one in town.plan.tasks.filter(in_chart=True).order_by("order")]  # fmt: skip
    assert rows[3] == ("健全责任体系", "2.落实企业主体责任", "推行“总工程师”制度。", "荀乐山", "尉迟远")
    given = {"plan": str(town.plan.pk), "export": "docx"}
    word = town.client.get(reverse("duty:wall"), given).content
    table = docx.Document(BytesIO(word)).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == [
        "序号", "重点任务（一级）", "重点任务（二级）", "工作措施", "责任人", "分管领导",
    ]  # fmt: skip
    assert b"w:vMerge" in docx.Document(BytesIO(word)).element.xml.encode()
    parsed = parse_plan(read_document(name="责任表.docx", data=word).lines)
    back = [(*task.row.levels, task.body, "、".join(task.persons), task.leading_official)
            for task in parsed.tasks if task.row and len(task.row.levels) == 2]  # fmt: skip
    wanted = [row for row in rows if row[1]]
    assert [one for one in back if one[4]] == wanted
    sheet = openpyxl.load_workbook(
        BytesIO(town.client.get(reverse("duty:wall"), {**given, "export": "xlsx"}).content)
    ).active
    assert len(sheet.merged_cells.ranges) >= 10


def test_what_serves_what_is_told_by_rest_within_scope(town: Town) -> None:
    row, text = town.task("协助组建", in_chart=True), town.task("1.建立小微企业", in_chart=False)
    links = town.client.get(f"/api/v1/duty/tasks/{row.pk}/links").json()
    assert [(one["task_id"], one["serves_id"]) for one in links["serves"]] == [(str(row.pk), str(text.pk))]
    assert "协助组建小微企业安全互助小组" in links["serves"][0]["passage"]
    back = town.client.get(f"/api/v1/duty/tasks/{text.pk}/links").json()
    assert [one["task_id"] for one in back["served_by"]] == [str(row.pk)]
    assert town.client.get(f"/api/v1/duty/tasks/{row.pk}").json()["in_chart"] is True
    far = client_of(make_actor(town.other_village, "village.officer"))
    assert far.get(f"/api/v1/duty/tasks/{row.pk}/links").status_code == 404
