"""A plan and its parents, what its tasks inherit, whom it is sent to inside and outside the house."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.factories import make_task
from tests.domains.duty.plan_text import commit, text_of
from tests.factories import NOW, District, client_of, house_actor, make_district, make_file, make_org

from quancheng.domains.duty.models import Assignment, OutsideReceipt, Plan, Receipt, Task, TaskLink
from quancheng.domains.duty.queries.parents import list_parents
from quancheng.domains.duty.services import parents as services
from quancheng.domains.duty.services import work
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Share
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.ids import uuid7
from quancheng.kernel.people.services import create_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def act(client: Client, plan: Plan, move: str, **given: Any) -> int:
    url = reverse("duty:plan", args=[plan.pk])
    return client.post(url, {"act": move, "client_id": str(uuid7()), **given}).status_code


def imported(client: Client, text: str) -> Plan:
    """Import a pasted document by the page; it stands in review."""
    assert client.post(reverse("duty:import"), {"text": text, "kind": "key_points"}).status_code == 303
    return Plan.objects.order_by("-imported_at", "-pk")[0]


def below(district: District) -> tuple[Plan, Plan]:
    """A plan of the year before, and one of this year that carries out some of it."""
    return commit(district, NOW - timedelta(days=300)), commit(district, NOW)


@pytest.mark.clause("S2-0a")
def test_a_plan_shows_which_tasks_of_its_parent_it_carries_out_and_which_it_leaves_out(district: District) -> None:
    """A plan is linked to its parent plan; each inherited task shows who carries it out, those left out are flagged."""
    upper, plan = below(district)
    office = client_of(district.director)
    assert act(office, plan, "link_parent", parent=str(upper.pk)) == 303
    first, second, third = Task.objects.filter(plan=upper).order_by("order")
    own = Task.objects.filter(plan=plan).order_by("order")
    url = reverse("duty:plan", args=[plan.pk]) + "?tab=parents"
    page = office.get(url).content.decode()
    assert "有 3 项上级任务尚无本计划的任务承接" in page
    assert page.count("未承接") == 3
    children = [str(own[0].pk), str(own[1].pk)]
    assert act(office, plan, "carry_out", parent=str(first.pk), children=children) == 303
    page = office.get(url).content.decode()
    assert "有 2 项上级任务尚无本计划的任务承接" in page
    assert page.count("未承接") == 2
    assert own[0].code in page
    assert upper.title in office.get(reverse("duty:plan", args=[plan.pk])).content.decode()
    assert first.code in office.get(reverse("duty:task", args=[own[0].pk])).content.decode()
    assert own[1].code in office.get(reverse("duty:task", args=[first.pk])).content.decode()
    # What is chosen anew replaces what stood.
    assert act(office, plan, "carry_out", parent=str(first.pk), children=[children[1]]) == 303
    assert list(TaskLink.objects.values_list("child", "parent")) == [(own[1].pk, first.pk)]
    answer = office.get(reverse("api:list_plan_parents", args=[plan.pk])).json()
    assert [(one["title"], one["missing"]) for one in answer] == [(upper.title, 2)]
    assert {second.code, third.code} <= {one["task"]["code"] for one in answer[0]["tasks"] if not one["carriers"]}


def test_what_is_carried_out_beyond_ones_sight_is_no_gap_and_what_a_cancelled_task_carries_is(
    district: District,
) -> None:
    upper, plan = below(district)
    given: dict[str, Any] = {"actor": district.director, "plan": plan, "now": NOW}
    services.link_parent(**given, parent=upper)
    theirs = Task.objects.get(plan=upper, assignments__org=district.town_org)
    own = Task.objects.get(plan=plan, title__contains="油气储存企业")
    services.carry_out(**given, parent=theirs, children=[own])
    [line] = list_parents(actor=district.town, plan=plan)
    assert [(one.task, one.carriers, one.is_carried) for one in line.tasks] == [(theirs, [], True)]
    url = reverse("duty:plan", args=[plan.pk]) + "?tab=parents"
    assert "已由您查看范围以外的任务承接" in client_of(district.town).get(url).content.decode()
    Task.objects.filter(pk=own.pk).update(status="CANCELLED")
    assert list_parents(actor=district.director, plan=plan)[0].missing == 3


@pytest.mark.clause("S5-0")
def test_a_plan_has_three_parents_one_of_them_in_the_house(district: District) -> None:
    """A document cites two parents on import, of which the house knows one; a third is named by number and issuer."""
    upper = commit(district, NOW - timedelta(days=300))
    cited = (
        f"根据《{upper.title}》（{upper.number}）和《全市危险化学品安全风险集中治理方案》（示市安〔2026〕2号），"
        "结合实际，制定本方案。\n一、重点任务\n"
    )
    office = client_of(district.director)
    plan = imported(office, text_of(2026).replace("一、重点任务\n", cited))
    assert act(office, plan, "link_parent") == 422
    third = {"title": "区安全生产专项整治三年行动计划", "number": "示政办发〔2024〕8号", "issuer": "示例区人民政府"}
    assert act(office, plan, "link_parent", **third) == 303
    assert [(one.parent, one.number) for one in plan.parents.order_by("pk")] == [
        (upper, upper.number),
        (None, "示市安〔2026〕2号"),
        (None, "示政办发〔2024〕8号"),
    ]
    page = office.get(reverse("duty:plan", args=[plan.pk])).content.decode()
    assert reverse("duty:plan", args=[upper.pk]) in page
    for text in ("全市危险化学品安全风险集中治理方案", "示市安〔2026〕2号", *third.values()):
        assert text in page
    assert act(office, plan, "link_parent", **third) == 409
    link = plan.parents.get(number="示政办发〔2024〕8号")
    assert act(office, plan, "drop_parent", link=str(link.pk)) == 303
    assert plan.parents.count() == 2


def test_a_parent_below_itself_or_of_others_or_still_carried_out_is_refused(district: District) -> None:
    upper, plan = below(district)
    given: dict[str, Any] = {"actor": district.director, "now": NOW}
    link = services.link_parent(**given, plan=plan, parent=upper)
    with pytest.raises(Invalid):
        services.link_parent(**given, plan=upper, parent=plan)
    with pytest.raises(NotPermitted):
        services.link_parent(actor=district.department_head, plan=plan, parent=upper, now=NOW)
    theirs, own = Task.objects.filter(plan=upper)[0], Task.objects.filter(plan=plan)[0]
    services.carry_out(**given, plan=plan, parent=theirs, children=[own])
    with pytest.raises(Conflict):
        services.drop_parent(**given, link=link)
    with pytest.raises(Invalid):
        services.carry_out(**given, plan=plan, parent=theirs, children=[make_task(district)])
    with pytest.raises(Invalid):
        services.carry_out(**given, plan=plan, parent=own, children=[own])


@pytest.mark.django_db(transaction=True)
def test_of_two_plans_made_each_others_parent_at_once_one_is_refused(district: District) -> None:
    upper, plan = below(district)
    told: list[str] = []

    def second() -> None:
        try:
            services.link_parent(actor=district.director, plan=upper, parent=plan, now=NOW)
        except Invalid as refused:
            told.extend(map(str, refused.fields.values()))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        services.link_parent(actor=district.director, plan=plan, parent=upper, now=NOW)
        thread.start()
        with connection.cursor() as cursor:
            waiting = False
            while not waiting and thread.is_alive():
                cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
                waiting = cursor.fetchone()[0]
    thread.join(timeout=60)
    assert len(told) == 1
    assert not upper.parents.exists()


MEASURES = """示例区安全生产委员会办公室
关于印发YEAR年危险化学品安全工作安排的通知
示安办〔YEAR〕12号

区应急局，各街道办事处，示例甲化工有限公司：
现将《YEAR年危险化学品安全工作安排》印发你们，请认真抓好落实。

示例区安全生产委员会办公室
YEAR年1月10日

YEAR年危险化学品安全工作安排

一、重点任务
（一）统筹发展和安全，落实“三管三必须”
重点任务1：组织专题学习。
责任单位：区应急局
完成时限：YEAR年12月底前
重点任务2：印发监管责任清单。
责任单位：区应急局
完成时限：YEAR年12月底前
重点任务3：研究解决突出问题。
责任单位：区应急局、甲街道办事处
完成时限：YEAR年12月底前
重点任务4：开展履职情况检查。
责任单位：甲街道办事处
完成时限：YEAR年12月底前
（二）贯彻安全生产法，压实企业主体责任
重点任务5：公布企业主要负责人安全承诺。
责任单位：示例甲化工有限公司
完成时限：YEAR年12月底前
重点任务6：开展全员安全教育。
责任单位：示例甲化工有限公司、示例乙气体有限公司
完成时限：YEAR年12月底前
重点任务7：完善安全管理机构。
责任单位：示例乙气体有限公司
完成时限：YEAR年12月底前
"""


def arranged(district: District) -> Plan:
    """The plan of two measures, imported, confirmed and committed by the pages; due in three months."""
    now = timezone.now()
    office = client_of(district.director)
    plan = imported(office, MEASURES.replace("YEAR", str(now.year)))
    review = reverse("duty:review", args=[plan.pk])
    for draft in plan.drafts.order_by("order"):
        if draft.confirmed_at is None:
            given = {"act": "confirm", "draft": str(draft.pk), "version": str(draft.version)}
            assert office.post(review, given).status_code in (200, 302, 303)
    assert office.post(review, {"act": "commit", "client_id": str(uuid7())}).status_code == 303
    due = timezone.localdate(now) + timedelta(days=90)
    for model in (Task, Assignment):
        model.objects.update(start_date=due - timedelta(days=90), due_date=due)
    return plan


def under(page: str, heading: str) -> tuple[list[str], str]:
    """What a plan's page shows under a heading: its tasks in order, and the lights beside the heading in words."""
    after = page[page.index(heading) :]
    lights, _closed, rest = after.partition("</h3>")
    rest = rest.partition("<h3")[0].partition("</section>")[0]
    found = re.findall(r'<a href="/duty/tasks/[^"]+">([^<]+)</a>', rest)
    return found, " ".join(re.sub(r"<[^>]+>", " ", lights.removeprefix(heading)).split())


def plan_page(who: Actor, plan: Plan) -> str:
    return unescape(client_of(who).get(reverse("duty:plan", args=[plan.pk])).content.decode())


FIRST, SECOND = "（一）统筹发展和安全，落实“三管三必须”", "（二）贯彻安全生产法，压实企业主体责任"


@pytest.mark.clause("S5-M1")
def test_the_heading_on_three_manages_groups_its_four_tasks_with_the_lights_of_all_their_units(
    district: District,
) -> None:
    """The first measure's heading stands over its four tasks and no other; its lights count every unit's work."""
    plan = arranged(district)
    tasks, lights = under(plan_page(district.director, plan), FIRST)
    assert [title.split("。")[0] for title in tasks] == [
        "组织专题学习", "印发监管责任清单", "研究解决突出问题", "开展履职情况检查",
    ]  # fmt: skip
    assert lights == "正常 5"
    late = Assignment.objects.get(task__plan=plan, task__title__startswith="研究", org=district.town_org)
    Assignment.objects.filter(pk=late.pk).update(due_date=timezone.localdate() - timedelta(days=1))
    Task.objects.filter(pk=late.task_id).update(start_date=timezone.localdate() - timedelta(days=30))
    page = plan_page(district.director, plan)
    assert under(page, FIRST)[1] == "超期 1 正常 4"
    assert under(page, SECOND)[1] == "正常 4"


@pytest.mark.clause("S5-M2")
def test_the_heading_on_enterprises_duties_groups_their_three_tasks_and_follows_what_they_do(
    district: District,
) -> None:
    """The second measure's heading stands over what enterprises lead; one sees its own, and what it ends counts."""
    plan = arranged(district)
    tasks, lights = under(plan_page(district.director, plan), SECOND)
    assert [title.split("。")[0] for title in tasks] == [
        "公布企业主要负责人安全承诺", "开展全员安全教育", "完善安全管理机构",
    ]  # fmt: skip
    assert lights == "正常 4"
    mine = Assignment.objects.get(task__plan=plan, task__title__startswith="公布", org=district.enterprise_org)
    now = timezone.now()
    work.accept(actor=district.enterprise, assignment=mine, now=now)
    done = work.ProgressSpec(percent=100, text="承诺已公布。", evidence=[make_file(district.enterprise)])
    work.report_progress(actor=district.enterprise, assignment=mine, spec=done, submit=True, now=now)
    url = reverse("duty:assignment", args=[mine.pk])
    assert client_of(district.officer).post(url, {"act": "verify", "opinion": "属实"}).status_code == 303
    assert under(plan_page(district.director, plan), SECOND)[1] == "正常 3 已完成 1"
    own, tasks_of_first = plan_page(district.enterprise, plan), ["公布企业主要负责人安全承诺", "开展全员安全教育"]
    assert [title.split("。")[0] for title in under(own, SECOND)[0]] == tasks_of_first
    assert FIRST not in own


def test_a_measures_heading_groups_its_tasks_and_rolls_up_their_lights(district: District) -> None:
    """Tasks of a plan stand under the headings of its measures, each with the lights of all that belongs to it."""
    now = timezone.now()
    plan = commit(district, now.replace(month=1, day=20))
    today = timezone.localdate(now)
    Task.objects.filter(plan=plan).update(start_date=today, due_date=today + timedelta(days=90))
    Assignment.objects.filter(task__plan=plan).update(due_date=today + timedelta(days=90))
    first, second, third = Task.objects.filter(plan=plan).order_by("order")
    late = Assignment.objects.filter(task=second, org=district.town_org)
    late.update(due_date=today - timedelta(days=1))
    done = Assignment.objects.get(task=third)
    work.accept(actor=district.department, assignment=done, now=now)
    Assignment.objects.filter(pk=done.pk).update(status="DONE", closed_at=now)
    answer = client_of(district.director).get(reverse("duty:plan", args=[plan.pk]))
    found = [(one.title, one.depth, [task.pk for task in one.tasks], one.lights) for one in answer.context["groups"]]
    assert [(title.split("）")[-1], depth, tasks) for title, depth, tasks, _lights in found] == [
        ("一、重点任务", 1, []),
        ("健全责任体系", 2, [first.pk, second.pk]),
        ("深化专项整治", 2, [third.pk]),
    ]
    assert [lights for _title, _depth, _tasks, lights in found] == [
        {"red": 1, "yellow": 0, "green": 3, "done": 1},
        {"red": 1, "yellow": 0, "green": 3, "done": 0},
        {"red": 0, "yellow": 0, "green": 0, "done": 1},
    ]


@pytest.mark.clause("S3-0a")
def test_main_and_copy_recipients_owe_receipts_inside_and_outside_the_house(district: District) -> None:
    """A plan goes to main and copy recipients: those in the house give a receipt, for others the office enters it."""
    create_group(actor=house_actor(), name="各街道办事处", aliases=[], kinds=["town"], now=NOW)
    party = make_org("中共示例区委办公室", kind="government", area=district.area)
    text = text_of(2026) + "抄送：中共示例区委办公室，区人大常委会办公室，区法院，各人民团体，有关新闻单位。\n"
    office = client_of(district.director)
    plan = imported(office, text)
    review = reverse("duty:review", args=[plan.pk])
    for draft in plan.drafts.order_by("order"):
        office.post(review, {"act": "confirm", "draft": str(draft.pk), "version": draft.version})
    commit_answer = office.post(review, {"act": "commit", "client_id": str(uuid7())})
    assert commit_answer.status_code == 303, commit_answer.content.decode()[:3000]
    receipts = {row.org: row.capacity for row in Receipt.objects.filter(plan=plan)}
    assert receipts[party] == "copy"
    assert receipts[district.department_org] == receipts[district.town_org] == "main"
    outside = OutsideReceipt.objects.filter(plan=plan)
    assert {row.name: row.capacity for row in outside} == {
        "区人大常委会办公室": "copy", "区法院": "copy", "各人民团体": "copy",
    }  # fmt: skip
    assert Share.objects.filter(subject_id=plan.pk, to_org=party, why="copy").count() == 1
    # One inside acknowledges by itself, one outside through the office.
    town = Receipt.objects.get(plan=plan, org=district.town_org)
    assert client_of(district.town).post(reverse("duty:receipt", args=[town.pk]), {"act": "receive"}).status_code == 303
    court = reverse("duty:outside_receipt", args=[outside.get(name="区法院").pk])
    tomorrow = timezone.localdate() + timedelta(days=1)
    given = {"act": "register", "received_by": "纪若谷"}
    assert office.post(court, {**given, "received_date": str(tomorrow)}).status_code == 422
    assert office.post(court, {**given, "received_date": str(timezone.localdate())}).status_code == 303
    # One more is added afterwards, and not twice.
    assert act(office, plan, "send_on", capacity="copy", name="区融媒体中心") == 303
    assert act(office, plan, "send_on", capacity="copy", name="区融媒体中心") == 409
    assert act(office, plan, "send_on", capacity="copy") == 422
    page = office.get(reverse("duty:plan", args=[plan.pk]) + "?tab=receipts").content.decode()
    for text in ("区融媒体中心", "纪若谷", "中共示例区委办公室", "已回执", "已签收"):
        assert text in page
    assert client_of(district.town).get(court).status_code == 404
