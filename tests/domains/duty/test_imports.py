"""This domain's registers from spreadsheets: problems, lists, task lists, reporters, demands, attendance."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.plan_text import commit as commit_plan
from tests.factories import NOW, District, client_of, make_actor, make_district, make_member
from tests.kernel.exchange.importing import book, checked, commit, exported, imported, reasons, undo, upload

from quancheng.domains.duty.models import Assignment, Attendee, DutyList, Plan, Problem, Report, ReportDuty, Reporter
from quancheng.domains.duty.services import meetings
from quancheng.domains.duty.services.governance import file_duty_list
from quancheng.domains.duty.services.meetings import MeetingSpec
from quancheng.kernel.people.models import User

pytestmark = pytest.mark.django_db
PROBLEM_HEADS = ["问题", "问题描述", "问题所在单位", "清单", "行业领域", "发现途径", "发现日期"]
# fmt: off
PROBLEM = [
    "液位报警未投用",
    "三号罐。",
    "示例甲化工有限公司",
    "安全生产问题清单",
    "危险化学品",
    "联合检查",
    "2026-03-05",
]
# fmt: on
CHART_HEADS = ["一级任务", "二级任务", "措施", "责任人", "责任单位", "配合单位", "分管领导", "时限"]


@pytest.fixture
def district() -> District:
    return make_district()


def test_problems_are_entered_compared_with_their_export_and_taken_back(district: District) -> None:
    client = client_of(district.director)
    run = imported(client, "duty.problems", book(PROBLEM_HEADS, PROBLEM))
    problem = Problem.objects.get()
    assert (problem.unit, problem.enterprise, problem.status) == (
        district.enterprise_org, district.enterprise_org, "FOUND",
    )  # fmt: skip
    export = exported(client, reverse("duty:problems") + "?export=xlsx")
    same = checked(client, "duty.problems", book(*export))
    assert (same.state, same.counts["unchanged"]) == ("checked", 1), same.errors
    again = checked(client, "duty.problems", book(PROBLEM_HEADS, PROBLEM))
    assert again.counts["unchanged"] == 1
    assert undo(client, run).status_code == 303
    problem.refresh_from_db()
    assert problem.status == "DISCARDED"


def test_a_problem_that_moved_on_keeps_the_import(district: District) -> None:
    client = client_of(district.director)
    run = imported(client, "duty.problems", book(PROBLEM_HEADS, PROBLEM))
    problem = Problem.objects.get()
    assert client.post(reverse("duty:problem", args=[problem.pk]), {"act": "enlist"}).status_code == 303
    assert undo(client, run).status_code == 409
    problem.refresh_from_db()
    assert problem.status == "LISTED"


def test_what_a_town_may_not_know_is_neither_taken_nor_proposed(district: District) -> None:
    """Another town's enterprise is unknown to this town, also as a likely spelling."""
    client = client_of(district.town)
    row = [*PROBLEM]
    for name in ("示例乙气体有限公司", "示例乙气体公司"):
        row[2] = name
        run = checked(client, "duty.problems", book(PROBLEM_HEADS, row))
        assert reasons(run) == [("C2", "unknown_organisation")]
        page = client.get(f"/exchange/imports/{run.pk}").content.decode()
        assert page.count("示例乙气体有限公司") <= (name == "示例乙气体有限公司") * 3
    row[2], row[6] = "示例甲化工有限公司", (timezone.localdate() + timedelta(days=2)).isoformat()
    assert reasons(checked(client, "duty.problems", book(PROBLEM_HEADS, row))) == [("G2", "rule")]
    row = ["甲", "", "", "", "", "", ""]
    assert len(reasons(checked(client, "duty.problems", book(PROBLEM_HEADS, row)))) == 6


def test_a_units_lists_are_replaced_whole_and_restored_in_their_order(district: District) -> None:
    client = client_of(district.department)
    heads = ["序号", "年度", "清单类别", "清单内容"]
    first = imported(
        client, "duty.lists",
        book(heads, [1, 2026, "职责清单", "甲"], [2, 2026, "工作职责清单", "乙"], [1, 2026, "年度任务清单", "丙"]),
    )  # fmt: skip
    duties = DutyList.objects.get(owner_org=district.department_org, kind="duties")
    assert duties.entries == ["甲", "乙"]
    second = checked(client, "duty.lists", book(heads, ["", 2026, "职责清单", "乙"], ["", 2026, "职责清单", "丁"]))
    assert (second.counts["gone"], second.counts["new"], second.counts["unchanged"]) == (1, 1, 1)
    assert commit(client, second).status_code == 303
    duties.refresh_from_db()
    assert duties.entries == ["乙", "丁"]
    assert undo(client, first).status_code == 409
    assert undo(client, second).status_code == 303
    duties.refresh_from_db()
    assert duties.entries == ["甲", "乙"]
    assert undo(client, first).status_code == 303
    assert not DutyList.objects.exists()


def test_leaders_lists_are_neither_taken_from_a_sheet_nor_shown_as_gone(district: District) -> None:
    head = make_actor(district.department_org, "department.head")
    person = User.objects.get(pk=head.user_id)
    file_duty_list(actor=head, year=2026, kind="leader", entries=["一"], person=person, now=NOW)
    client = client_of(district.department)
    heads = ["年度", "清单类别", "清单内容"]
    refused = checked(client, "duty.lists", book(heads, [2026, "领导责任清单", "一"]))
    assert [cell for cell, _code in reasons(refused)] == ["B2"]
    fine = imported(client, "duty.lists", book(heads, [2026, "职责清单", "一"]))
    assert (fine.counts["new"], fine.counts["gone"]) == (1, 0)


@pytest.mark.clause("S5-X")
def test_departments_annexed_duty_and_task_lists_are_taken_with_the_fields_of_tasks(district: District) -> None:
    """A department's duty and task list is taken as an annex of the plan and becomes tasks with the same fields."""
    plan = commit_plan(district, NOW)
    client = client_of(district.director)
    common = {"issued": "2026-09-01", "period_from": "2026-09-01", "period_to": "2026-12-31", "parent": str(plan.pk)}
    rows = {
        district.department_org: [
            "落实监管责任", "专项检查", "开展储存企业专项检查", "边知行", "", "甲街道办事处", "甄一鸣", "2026-10-31",
        ],
        district.town_org: ["落实属地责任", "日常巡查", "每季度巡查1次加油站", "荀乐山", "", "", "甄一鸣", "每季度"],
    }  # fmt: skip
    for org, row in rows.items():
        title = f"{org.name}职责及任务清单"
        run = imported(
            client, "duty.chart", book(CHART_HEADS, row), title=title, department=str(org.pk), **common
        )  # fmt: skip
        annex = Plan.objects.get(title=title)
        assert (annex.kind, annex.parents.get().parent) == ("annex", plan)
        review = reverse("duty:review", args=[annex.pk])
        assert review in client.get(f"/exchange/imports/{run.pk}").content.decode()
        answer = client.post(review, {"act": "commit"})
        assert answer.status_code == 303, answer.content.decode()[:3000]
        assert undo(client, run).status_code == 409, "an annex that was issued stays"
    task = Assignment.objects.get(org=district.department_org, task__plan__title__startswith="示例区应急").task
    assert (task.level1, task.level2, task.persons, task.leading_official) == (
        "落实监管责任", "专项检查", "边知行", "甄一鸣",
    )  # fmt: skip
    assert task.due_date == date(2026, 10, 31)
    page = client_of(district.town).get(reverse("duty:own")).content.decode()
    assert "巡查1次加油站" in page


def test_an_annex_in_review_is_thrown_away_by_the_undo(district: District) -> None:
    client = client_of(district.director)
    given = {"title": "附件", "issued": "2026-09-01", "period_from": "2026-09-01", "period_to": "2026-12-31"}
    row = ["一", "二", "开展检查", "", "区应急局", "", "", "2026-10-31"]
    run = imported(client, "duty.chart", book(CHART_HEADS, row), **given)
    again = checked(client, "duty.chart", book(CHART_HEADS, row), **given)
    assert again.sha256 != run.sha256 or "导入过" in client.get(f"/exchange/imports/{again.pk}").content.decode()
    assert undo(client, run).status_code == 303
    assert Plan.objects.get().status == "DISCARDED"


def test_reporters_are_named_per_unit_by_the_office_and_by_a_unit_for_itself(district: District) -> None:
    officer = make_member(district.town_org, "town.officer", name="乐羊")
    former = make_member(district.town_org, "town.officer", name="庄周")
    office, heads = client_of(district.officer), ["单位", "信息报送员"]
    imported(office, "duty.reporters", book(heads, ["甲街道办事处", "庄周"]))
    run = imported(office, "duty.reporters", book(heads, ["甲街道办事处", "乐羊"]))
    assert Reporter.objects.get(owner_org=district.town_org, ended_at=None).user == officer.user
    assert undo(office, run).status_code == 303
    assert Reporter.objects.get(owner_org=district.town_org, ended_at=None).user == former.user
    unknown = checked(office, "duty.reporters", book(heads, ["甲街道办事处", "孟子"]))
    assert reasons(unknown) == [("B2", "rule")]
    town = upload(client_of(district.other_town), "duty.reporters", book(heads, ["甲街道办事处", "乐羊"]))
    assert town.status_code == 403
    export = exported(office, reverse("duty:reporters") + "?export=xlsx")
    same = checked(office, "duty.reporters", book(*export))
    assert (same.state, same.counts["unchanged"]) == ("checked", 1)


def test_report_demands_arise_from_a_sheet_and_are_cancelled_by_the_undo(district: District) -> None:
    now = timezone.now()
    plan = commit_plan(district, now, period_to=(now + timedelta(days=300)).date())
    before = ReportDuty.objects.count()
    heads = ["计划文件", "报告", "类型", "报送日", "报送单位", "截止日期", "须经单位内部审核", "报送日期"]
    last = (now + timedelta(days=200)).date()
    on = (now + timedelta(days=10)).date()
    row = [plan.code, "整治情况", "一次性报告", "", "区应急局、甲街道办事处", last, "是", on]
    office = client_of(district.officer)
    run = imported(office, "duty.report_duties", book(heads, row))
    duty = ReportDuty.objects.get(title="整治情况")
    assert duty.needs_approval
    assert Report.objects.filter(duty=duty).count() == 2
    same = checked(office, "duty.report_duties", book(heads, row))
    assert same.counts["unchanged"] == 1
    assert undo(office, run).status_code == 303
    assert not Report.objects.filter(duty=duty, status="DUE").exists()
    assert ReportDuty.objects.count() == before + 1
    bad = checked(office, "duty.report_duties", book(heads, ["没有的计划", "甲", "月报", 20, "区应急局", last, "", ""]))
    assert reasons(bad) == [("A2", "unknown_plan")]
    row = [plan.code, "甲", "月报", "", "区应急局", last, "", ""]
    lacking = checked(office, "duty.report_duties", book(heads, row))
    assert reasons(lacking) == [("D2", "rule")]


def test_attendance_is_recorded_for_invited_units_alone(district: District) -> None:
    now = timezone.now()
    spec = MeetingSpec(title="调度会", kind="dispatch", due_date=timezone.localdate() + timedelta(days=1),
                       orgs=[district.town_org, district.department_org])  # fmt: skip
    meeting = meetings.plan_meeting(actor=district.director, spec=spec, now=now)
    client, heads = client_of(district.director), ["单位", "出席情况", "参会人员"]
    assert upload(client, "duty.attendance", book(heads), meeting=str(meeting.pk)).status_code == 422
    meetings.hold(actor=district.director, meeting=meeting, held_at=now, place="三楼", chair="甲某", now=now)
    rows = [["甲街道办事处", "到会", "乙某"], ["区应急局", "委托他人到会", "丙某"]]
    run = imported(client, "duty.attendance", book(heads, *rows), meeting=str(meeting.pk))
    assert dict(Attendee.objects.values_list("org__name", "attendance")) == {
        "甲街道办事处": "present", "示例区应急管理局": "substitute",
    }  # fmt: skip
    bad = [["乙街道办事处", "到会", ""], ["区应急局", "代会", ""]]
    told = checked(client, "duty.attendance", book(heads, *bad), meeting=str(meeting.pk))
    assert reasons(told) == [("A2", "rule"), ("C3", "rule")]
    assert undo(client, run).status_code == 303
    assert set(Attendee.objects.values_list("attendance", flat=True)) == {""}


def test_every_register_asks_for_its_duty(district: District) -> None:
    client = client_of(district.enterprise)
    for code in ("duty.problems", "duty.chart", "duty.report_duties", "duty.attendance"):
        assert upload(client, code, book(["甲"], ["乙"])).status_code == 403, code
    # An enterprise keeps lists of its own, and only those.
    assert upload(client, "duty.lists", book(["甲"], ["乙"])).status_code == 303
