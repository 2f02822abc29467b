"""Plans that enterprises make themselves, their yearly summaries and their final report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories import NOW, District, client_of, house_actor, make_district, make_file

from quancheng.domains.duty.models import OwnPlan, Plan, Report
from quancheng.domains.duty.queries.own_plans import get_own_plan
from quancheng.domains.duty.services import own_plans as services
from quancheng.domains.duty.services.own_plans import CallSpec, ItemSpec
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.people.services import create_group
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
TOPICS = ["本质安全改造", "隐患排查治理"]


@pytest.fixture
def district() -> District:
    return make_district()


def lines_of(plan: OwnPlan, *lines: tuple[str, str, str, str, str]) -> dict[str, Any]:
    """What the form of tasks sends."""
    given: dict[str, Any] = {"version": plan.version}
    for number, (topic, task, measure, person, due) in enumerate(lines, 1):
        given |= {
            f"topic_{number}": topic, f"task_{number}": task, f"measure_{number}": measure,
            f"person_{number}": person, f"due_date_{number}": due,
        }  # fmt: skip
    return given


def asked(office: Client, district: District) -> OwnPlan:
    """The office demands a three-year plan of both enterprises; gives the first one's."""
    today = timezone.localdate()
    given = {
        "title": "安全生产治本攻坚三年行动计划",
        "topics": "\n".join(TOPICS),
        "period_from": "2026-01-01",
        "period_to": "2028-12-31",
        "due_date": str(today + timedelta(days=20)),
        "orgs": [str(district.enterprise_org.pk), str(district.other_enterprise_org.pk)],
    }
    assert office.post(reverse("duty:plan_call_new"), {**given, "topics": " "}).status_code == 422
    # A topic of too many characters is refused and not cut; what was typed stays.
    refused = office.post(reverse("duty:plan_call_new"), {**given, "topics": "题" * 201})
    assert refused.context["form"].errors["topics"] == ["每项不超过 200 字。"]
    assert "题" * 201 in refused.content.decode()
    assert office.post(reverse("duty:plan_call_new"), given).status_code == 303
    return OwnPlan.objects.get(org=district.enterprise_org)


@pytest.mark.clause("S2-G4a")
def test_an_enterprise_makes_its_plan_which_is_checked_for_completeness_and_accepted(district: District) -> None:
    """An enterprise enters its plan's tasks, times, measures and persons; what is incomplete is refused by its gap."""
    office, unit = client_of(district.director), client_of(district.enterprise)
    plan = asked(office, district)
    page, write = (reverse(f"duty:{name}", args=[plan.pk]) for name in ("own_plan", "own_plan_write"))
    assert "安全生产治本攻坚三年行动计划" in unit.get(reverse("duty:own_plans")).content.decode()
    first = (TOPICS[0], "罐区增设紧急切断", "分两期改造", "", "2026-12-31")
    assert unit.post(write, lines_of(plan, first)).status_code == 303
    paper = {"act": "submit", "evidence": SimpleUploadedFile("计划.txt", b"plan")}
    refused = unit.post(page, paper)
    assert refused.status_code == 422
    for gap in ("没有任务对应“隐患排查治理”", "第 1 项缺责任人"):
        assert gap in refused.content.decode()
    plan.refresh_from_db()
    whole = (*first[:3], "某甲", first[4])
    late = (TOPICS[1], "每月排查", "主要负责人带队", "某乙", "2029-01-01")
    assert unit.post(write, lines_of(plan, whole, late)).status_code == 303
    assert "第 2 项完成时间不在计划期间内" in unit.get(page).content.decode()
    plan.refresh_from_db()
    assert unit.post(write, lines_of(plan, whole, (*late[:4], "2028-12-31"))).status_code == 303
    assert unit.post(page, {"act": "submit"}).status_code == 422  # without its document
    assert unit.post(page, {"act": "submit", "evidence": SimpleUploadedFile("计划.txt", b"plan")}).status_code == 303
    # The supervisor returns it once, then accepts.
    assert office.post(page, {"act": "return", "reason": "措施过于笼统"}).status_code == 303
    assert unit.post(page, {"act": "submit", "evidence": SimpleUploadedFile("计划2.txt", b"plan2")}).status_code == 303
    shown = office.get(page).content.decode()
    assert "罐区增设紧急切断" in shown
    assert "完整" in shown
    assert office.post(page, {"act": "accept"}).status_code == 303
    plan.refresh_from_db()
    assert (plan.status, plan.returned_count, plan.is_late) == ("ACCEPTED", 1, False)
    assert "计划2.txt" in office.get(page + "?tab=files").content.decode()
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_plans_not_handed_in_by_their_day_are_listed_as_late(district: District) -> None:
    office = client_of(district.director)
    plan = asked(office, district)
    OwnPlan.objects.filter(pk=plan.pk).update(due_date=timezone.localdate() - timedelta(days=1))
    page = office.get(reverse("duty:own_plans"), {"late": "1"})
    assert page.context["last_number"] == 1
    assert "示例甲化工有限公司" in page.content.decode()
    assert "逾期未交" in page.content.decode()
    item = WorkItem.objects.open().get(subject_id=plan.pk)
    assert (item.owner_org, item.duty, item.ladder) == (district.enterprise_org, "duty.own_plans.write", "task")


def called(district: District) -> OwnPlan:
    spec = CallSpec(
        title="三年计划", topics=TOPICS, period_from=date(2026, 1, 1), period_to=date(2028, 12, 31),
        due_date=date(2026, 9, 20), orgs=[district.enterprise_org],
    )  # fmt: skip
    return services.call_for_plans(actor=district.director, spec=spec, now=NOW).plans.get()


def test_nobody_else_writes_a_units_plan_nor_over_a_colleagues_newer_one(district: District) -> None:
    plan = called(district)
    item = ItemSpec(task="任务", topic=TOPICS[0])
    with pytest.raises(NotPermitted):
        services.save_items(actor=district.director, plan=plan, items=[item], version=1, now=NOW)
    strange = ItemSpec(task="任务", topic="别的")
    with pytest.raises(Invalid):
        services.save_items(actor=district.enterprise, plan=plan, items=[strange], version=1, now=NOW)
    services.save_items(actor=district.enterprise, plan=plan, items=[item], version=1, now=NOW)
    with pytest.raises(StaleState):
        services.save_items(actor=district.enterprise, plan=plan, items=[], version=1, now=NOW)


@pytest.mark.parametrize(("day", "late"), [(20, False), (21, True)])
def test_a_plan_is_late_from_the_day_after_its_day(district: District, day: int, late: bool) -> None:
    plan = called(district)
    items = [ItemSpec(topic, topic, "措施", "某甲", date(2027, 1, 1)) for topic in TOPICS]
    services.save_items(actor=district.enterprise, plan=plan, items=items, version=1, now=NOW)
    evidence = [make_file(district.enterprise)]
    at = datetime(2026, 9, day, 2, tzinfo=UTC)
    services.submit_plan(actor=district.enterprise, plan=plan, evidence=evidence, now=at)
    assert plan.is_late is late


def test_a_plan_is_looked_at_anew_when_it_is_handed_in(district: District) -> None:
    """A colleague took tasks off after the page was read."""
    plan = called(district)
    items = [ItemSpec(topic, topic, "措施", "某甲", date(2027, 1, 1)) for topic in TOPICS]
    services.save_items(actor=district.enterprise, plan=plan, items=items, version=1, now=NOW)
    read = get_own_plan(actor=district.enterprise, plan_id=plan.pk)
    services.save_items(actor=district.enterprise, plan=plan, items=items[:1], version=2, now=NOW)
    with pytest.raises(Invalid, match=TOPICS[1]):
        services.submit_plan(actor=district.enterprise, plan=read, evidence=[make_file(district.enterprise)], now=NOW)


_PLAN = """示例区应急管理局
关于印发化工和危险化学品安全生产治本攻坚三年行动实施方案的通知
各企业：
现将方案印发你们，请认真贯彻落实。

示例区应急管理局
2026年3月18日

化工和危险化学品安全生产治本攻坚三年行动实施方案（2026-2028年）

一、重点任务
重点任务1：推进本质安全改造。
责任单位：各企业
完成时限：2028年12月底前
二、保障措施
（一）加强总结。各企业每年11月中旬报送年度工作总结，2028年11月10日前报送三年行动总结评估报告。
"""


def in_force(district: District) -> Plan:
    """The three-year scheme, imported and committed by the pages."""
    create_group(actor=house_actor(), name="各企业", aliases=[], kinds=["enterprise"], now=NOW)
    office = client_of(district.director)
    assert office.post(reverse("duty:import"), {"text": _PLAN, "kind": "campaign"}).status_code == 303
    plan = Plan.objects.get()
    review = reverse("duty:review", args=[plan.pk])
    for draft in plan.drafts.order_by("order"):
        office.post(review, {"act": "confirm", "draft": str(draft.pk), "version": draft.version})
    assert office.post(review, {"act": "commit"}).status_code == 303
    return plan


@pytest.mark.clause("S2-G4b")
def test_each_enterprise_owes_a_yearly_summary_in_mid_november_whose_files_are_collected(district: District) -> None:
    """A yearly summary falls due for each enterprise on 20 November; its files stand together on the demand's page."""
    in_force(district)
    generate(now=datetime(2027, 11, 1, tzinfo=UTC))
    report = Report.objects.get(org=district.enterprise_org, due_date=date(2027, 11, 20))
    assert Report.objects.filter(duty=report.duty, due_date=report.due_date).count() == 2
    unit, office = client_of(district.enterprise), client_of(district.director)
    given = {"act": "submit", "version": report.version, "progress": "完成两项改造。"}
    given["evidence"] = [SimpleUploadedFile("年度总结.txt", b"summary"), SimpleUploadedFile("台账.txt", b"list")]
    assert unit.post(reverse("duty:report_write", args=[report.pk]), given).status_code == 303
    assert "年度总结.txt" in office.get(reverse("duty:report", args=[report.pk]) + "?tab=files").content.decode()
    page = office.get(reverse("duty:report_duty", args=[report.duty_id]) + "?tab=files").content.decode()
    for text in ("示例甲化工有限公司", "年度总结.txt", "台账.txt"):
        assert text in page
    link = client_of(district.other_enterprise).get(reverse("duty:report", args=[report.pk]))
    assert link.status_code == 404


@pytest.mark.clause("S2-G4c")
def test_the_final_assessment_report_falls_due_once_on_its_day(district: District) -> None:
    """The final assessment report of the three years arises for each enterprise, due on 10 November of the last."""
    in_force(district)
    generate(now=datetime(2028, 11, 1, tzinfo=UTC))
    found = Report.objects.filter(duty__kind="final")
    assert {(row.org, row.due_date) for row in found} == {
        (district.enterprise_org, date(2028, 11, 10)),
        (district.other_enterprise_org, date(2028, 11, 10)),
    }
    page = client_of(district.director).get(reverse("duty:reports"), {"kind": "final"}).content.decode()
    assert "2028-11-10" in page
    assert "示例乙气体有限公司" in page
