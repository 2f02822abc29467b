"""Report duties arise by themselves, come filled, are submitted, returned, accepted, merged; late ones climb."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, District, client_of, make_actor, make_district, make_member, make_org

from quancheng.domains.duty.models import Assignment, Report, ReportDuty, Reporter
from quancheng.domains.duty.queries import reports as queries
from quancheng.domains.duty.services import reports as services
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.reports import ReportText
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.people.models import User
from quancheng.kernel.schedule.models import Occurrence
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
WRITTEN = ReportText(progress="已完成责任清单调整。", problems="专业力量不足。", next_steps="继续推进。")


@pytest.fixture
def district() -> District:
    return make_district()


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 2, tzinfo=UTC)


def report_of(district: District, period: str = "2026-09") -> Report:
    return Report.objects.get(org=district.department_org, period=period)


def due_today(district: District) -> Report:
    """A report of the department that is open and not yet late by the clock of the pages, whatever the day."""
    now = timezone.now()
    commit(district, now - timedelta(days=1), period_to=date(now.year + 1, 12, 31))
    generate(now=now + timedelta(days=40))
    return Report.objects.filter(org=district.department_org).order_by("due_date")[0]


@pytest.mark.clause("S5-G4b")
def test_monthly_reports_fall_due_on_the_20th_for_every_named_unit(district: District) -> None:
    """Monthly reports arise by themselves for each unit, due on the 20th, and are listed when late."""
    commit(district, NOW)
    generate(now=at(12, 2))
    found = Report.objects.filter(duty__kind="monthly", org=district.department_org).order_by("due_date")
    assert [row.due_date for row in found] == [date(2026, month, 20) for month in (9, 10, 11, 12)]
    assert [row.label for row in found][:2] == ["2026年9月", "2026年10月"]
    items = WorkItem.objects.filter(subject_type="duty.report", owner_org=district.department_org, done_at=None)
    assert {item.ladder for item in items} == {"report"}
    page = client_of(district.director).get(reverse("duty:reports"), {"kind": "monthly"}).content.decode()
    assert page.count("2026年10月") >= 3
    assert "2026-10-20" in page
    today = timezone.localdate()
    Report.objects.update(due_date=today + timedelta(days=1))
    Report.objects.filter(pk=found[0].pk).update(due_date=today - timedelta(days=1))
    late = client_of(district.director).get(reverse("duty:reports"), {"kind": "monthly", "late": "1"})
    assert late.context["last_number"] == 1
    assert district.department_org.label in late.content.decode()


@pytest.mark.clause("S5-G4c")
def test_quarterly_summaries_fall_due_on_the_20th_of_the_quarters_last_month(district: District) -> None:
    """Quarterly summaries arise by themselves, due on the 20th of the quarter's last month, and stand in the ledger."""
    commit(district, NOW)
    generate(now=at(12, 2))
    found = Report.objects.filter(duty__kind="quarterly", org=district.town_org).order_by("due_date")
    assert [(row.period, row.due_date) for row in found] == [
        ("2026-Q3", date(2026, 9, 20)),
        ("2026-Q4", date(2026, 12, 20)),
    ]
    page = client_of(district.director).get(reverse("duty:reports"), {"kind": "quarterly"}).content.decode()
    assert "2026年第4季度" in page


def test_the_yearly_summary_falls_due_in_mid_november(district: District) -> None:
    """The yearly summary of mid-November arises by itself for each unit, and stands in the ledger."""
    commit(district, NOW)
    generate(now=at(11, 1))
    found = Report.objects.get(duty__kind="yearly", org=district.department_org)
    assert (found.due_date, found.label) == (date(2026, 11, 20), "2026年度")
    assert "2026年度" in client_of(district.director).get(reverse("duty:reports"), {"kind": "yearly"}).content.decode()


def test_what_fell_due_before_the_commit_is_not_demanded_and_the_page_says_so(district: District) -> None:
    commit(district, NOW)
    generate(now=at(10, 1))
    assert not Report.objects.filter(due_date__lt=NOW.date()).exists()
    duty = ReportDuty.objects.get(kind="monthly")
    page = client_of(district.director).get(reverse("duty:report_duty", args=[duty.pk])).content.decode()
    assert "下达之前应报的 8 期不再补报" in page


def test_reports_missed_in_an_outage_are_caught_up_once(district: District) -> None:
    commit(district, NOW)
    assert generate(now=at(12, 2)) > 0
    assert generate(now=at(12, 2)) == 0
    assert Occurrence.objects.filter(period="2026-10", is_caught_up=True).count() == 3
    assert Report.objects.filter(period="2026-10").count() == 3


def test_a_report_tells_of_the_days_since_the_last_one_was_due(district: District) -> None:
    commit(district, NOW)
    report = report_of(district)
    assert (report.first_date, report.last_date) == (date(2026, 8, 21), date(2026, 9, 20))


def test_a_due_day_may_move_to_the_working_day_before(district: District) -> None:
    commit(district, NOW)
    duty = ReportDuty.objects.get(kind="monthly")
    services.change_duty(actor=district.director, duty=duty, adjust="previous_working", needs_approval=False, now=NOW)
    generate(now=at(12, 1))
    # 20 December 2026 is a Sunday.
    assert report_of(district, "2026-12").due_date == date(2026, 12, 18)
    with pytest.raises(NotPermitted):
        services.change_duty(actor=district.department, duty=duty, adjust="keep", needs_approval=False, now=NOW)


def test_the_page_comes_filled_with_the_periods_progress_and_locked_figures(district: District) -> None:
    report = due_today(district)
    now = timezone.now()
    for assignment in Assignment.objects.filter(org=district.department_org).order_by("task__order")[:2]:
        work.accept(actor=district.department, assignment=assignment, now=now)
        spec = work.ProgressSpec(percent=40, text="已印发清单", problems="人手不足", next_steps="公示")
        work.report_progress(actor=district.department, assignment=assignment, spec=spec, now=now)
    Report.objects.filter(pk=report.pk).update(last_date=timezone.localdate() + timedelta(days=1))
    page = client_of(district.department).get(reverse("duty:report_write", args=[report.pk])).content.decode()
    assert "调整公布监管责任清单：已印发清单（进度40%）" in page
    assert page.count("人手不足") == 1
    assert "一、工作进展" in page
    report.refresh_from_db()
    figures = queries.figures_of(actor=district.department, report=report, now=now)
    assert (figures.total, figures.done, figures.reported_in_period) == (3, 0, 2)


def test_a_unit_saves_submits_and_the_office_returns_and_accepts(district: District) -> None:
    report = due_today(district)
    unit, office = client_of(district.department), client_of(district.director)
    write = reverse("duty:report_write", args=[report.pk])
    page = reverse("duty:report", args=[report.pk])
    saved = unit.post(write, {"act": "save", "version": "1", "progress": "草稿内容"})
    assert saved.status_code == 303
    assert "草稿内容" in unit.get(write).content.decode()
    refused = unit.post(write, {"act": "submit", "version": "2", "progress": " ", "results": "成效已写"})
    assert refused.status_code == 422
    assert "成效已写" in refused.content.decode()
    assert unit.post(write, {"act": "submit", "version": "2", "progress": "完成"}).status_code == 303
    report.refresh_from_db()
    assert (report.status, report.is_late, report.figures["total"]) == ("SUBMITTED", False, 3)
    first = report.submitted_at
    assert office.post(page, {"act": "return", "reason": "请补充问题"}).status_code == 303
    assert unit.get(write).status_code == 200
    unit.post(write, {"act": "submit", "version": "2", "progress": "完成", "problems": "经费不足"})
    assert office.post(page, {"act": "accept"}).status_code == 303
    report.refresh_from_db()
    assert (report.status, report.returned_count, report.submitted_at) == ("ACCEPTED", 1, first)
    assert JournalEntry.objects.filter(act="duty.report.accept").count() == 1


def test_figures_stand_from_submission_whatever_happens_after(district: District) -> None:
    commit(district, NOW)
    report = services.submit_report(actor=district.department, report=report_of(district), text=WRITTEN, now=at(9, 19))
    before = dict(report.figures)
    assert before["red"] == 1
    assignment = Assignment.objects.get(org=district.department_org, task__title__contains="加油站")
    work.accept(actor=district.department, assignment=assignment, now=at(9, 19))
    work.close_by_office(
        actor=district.director, assignment=assignment, name="cancel", reason="合并办理", now=at(9, 20)
    )
    report.refresh_from_db()
    assert report.figures == before


@pytest.mark.parametrize(("day", "late"), [(20, False), (21, True)])
def test_a_report_is_late_from_the_day_after_its_due_day(district: District, day: int, late: bool) -> None:
    commit(district, NOW)
    report = services.submit_report(actor=district.department, report=report_of(district), text=WRITTEN, now=at(9, day))
    assert report.is_late is late


def test_a_report_that_is_returned_stays_as_punctual_as_it_first_was(district: District) -> None:
    commit(district, NOW)
    report = services.submit_report(actor=district.department, report=report_of(district), text=WRITTEN, now=at(9, 19))
    services.answer_report(actor=district.director, report=report, name="return", reason="补充", now=at(9, 25))
    services.submit_report(actor=district.department, report=report, text=WRITTEN, now=at(9, 28))
    assert (report.is_late, report.submitted_at) == (False, at(9, 19))


def test_the_office_lists_who_is_late(district: District) -> None:
    now = timezone.now()
    commit(district, now - timedelta(days=45), period_to=date(now.year + 1, 12, 31))
    generate(now=now)
    page = client_of(district.director).get(reverse("duty:reports"), {"late": "1"}).content.decode()
    assert "逾期未报" in page
    assert WorkItem.objects.filter(subject_type="duty.report").overdue(now=now).exists()


def test_a_colleagues_newer_draft_is_not_written_over(district: District) -> None:
    commit(district, NOW)
    report = report_of(district)
    services.save_report(actor=district.department, report=report, text=WRITTEN, version=1, now=NOW)
    with pytest.raises(StaleState):
        services.save_report(actor=district.department_head, report=report, text=WRITTEN, version=1, now=NOW)


def test_where_the_duty_demands_it_another_person_of_the_unit_approves(district: District) -> None:
    commit(district, NOW)
    duty = ReportDuty.objects.get(kind="monthly")
    services.change_duty(actor=district.director, duty=duty, adjust="keep", needs_approval=True, now=NOW)
    report = services.submit_report(actor=district.department_head, report=report_of(district), text=WRITTEN, now=NOW)
    assert (report.status, report.submitted_at) == ("APPROVAL", None)
    with pytest.raises(NotPermitted):
        services.answer_report(actor=district.department_head, report=report, name="approve", reason="", now=NOW)
    other = make_actor(district.department_org, "department.head")
    services.answer_report(actor=other, report=report, name="approve", reason="", now=NOW)
    assert report.status == "SUBMITTED"
    assert report.figures["total"] == 3


def test_nobody_writes_another_units_report_nor_sees_it_without_scope(district: District) -> None:
    commit(district, NOW)
    report = report_of(district)
    with pytest.raises(NotPermitted):
        services.submit_report(actor=district.town, report=report, text=WRITTEN, now=NOW)
    assert client_of(district.town).get(reverse("duty:report", args=[report.pk])).status_code == 404
    assert client_of(district.director).get(reverse("duty:report_write", args=[report.pk])).status_code == 403


def test_too_long_a_section_is_refused_beside_its_field(district: District) -> None:
    commit(district, NOW)
    with pytest.raises(Invalid) as refused:
        services.submit_report(
            actor=district.department, report=report_of(district), text=ReportText(progress="长" * 10_001), now=NOW
        )
    assert "progress" in refused.value.fields


@pytest.mark.clause("S5-G4a")
def test_each_unit_names_its_reporter_and_units_without_one_are_flagged(district: District) -> None:
    """A unit names its reporter on the page, his name stands on its reports, and units without one are flagged."""
    report = due_today(district)
    member = make_member(district.department_org, "department.reporter", name="纪明远")
    client = client_of(district.department_head)
    url = reverse("duty:reporter_name")
    assert client.post(url, {"user": str(member.user_id)}).status_code == 303
    report.refresh_from_db()
    assert report.reporter == User.objects.get(pk=member.user_id)
    page = client_of(district.director).get(reverse("duty:reporters")).content.decode()
    assert "纪明远" in page
    flagged = page.split("没有确定信息报送员")[1].split("</div>")[0]
    assert "甲街道" in flagged
    assert "应急管理局" not in flagged
    assert client.post(url, {"user": str(district.town.user_id)}).status_code == 422


def test_naming_another_reporter_ends_the_former(district: District) -> None:
    first = User.objects.get(pk=district.department.user_id)
    second = User.objects.get(pk=district.department_head.user_id)
    services.name_reporter(actor=district.department_head, user=first, now=NOW)
    services.name_reporter(actor=district.department_head, user=second, now=NOW + timedelta(days=1))
    assert Reporter.objects.filter(ended_at=None).get().user == second
    assert Reporter.objects.count() == 2


def test_all_units_reports_become_the_districts_report_under_the_standard_headings(district: District) -> None:
    commit(district, NOW)
    services.submit_report(actor=district.department, report=report_of(district), text=WRITTEN, now=NOW)
    duty = ReportDuty.objects.get(kind="monthly")
    url = reverse("duty:report_merge", args=[duty.pk])
    answer = client_of(district.director).get(url, {"period": "2026-09"})
    text = "\n".join(one.text for one in Document(BytesIO(answer.content)).paragraphs)
    places = [text.index(one) for one in ("一、工作进展", "二、主要成效", "三、存在问题", "四、下步打算")]
    assert places == sorted(places)
    assert "应报单位3个，已报1个" in text
    assert "已完成责任清单调整。" in text
    assert "甲街道" in text.split("尚未报送的单位")[1].split("。")[0]
    assert client_of(district.director).get(url, {"period": "1999-01"}).status_code == 422
    assert client_of(district.department).get(url, {"period": "2026-09"}).status_code == 403


@pytest.mark.clause("S5-G4d")
def test_the_office_drafts_the_districts_summary_of_a_period_and_a_person_signs_it(district: District) -> None:
    """All units' reports of a period become the district's report, a letter that is checked, signed and numbered."""
    report = due_today(district)
    services.submit_report(actor=district.department, report=report, text=WRITTEN, now=timezone.now())
    committee = make_org("示例市安全生产委员会办公室", kind="committee", area=district.area)
    office, officer = client_of(district.director), client_of(district.officer)
    page = reverse("duty:report_duty", args=[report.duty_id])
    given = {"act": "draft_summary", "period": report.period, "to": [str(committee.pk)]}
    assert office.post(page, {**given, "to": []}).status_code == 422
    assert office.post(page, given).status_code == 303
    paper = Paper.objects.get(about_id=report.duty_id)
    assert [one.org for one in paper.addressees.all()] == [committee]
    for text in ("一、工作进展", "已完成责任清单调整。", "专业力量不足。", "尚未报送的单位"):
        assert text in paper.body
    letter = reverse("papers:paper", args=[paper.pk])
    for client, act in ((office, "submit"), (officer, "check"), (office, "sign")):
        assert client.post(letter, {"act": act}).status_code == 303, act
    paper.refresh_from_db()
    assert paper.signed_at is not None
    assert paper.number_text.startswith("示安办函〔")
    assert paper.number_text in office.get(page + "?tab=summaries").content.decode()
    assert client_of(district.department).post(page, given).status_code == 422
    assert Paper.objects.count() == 1
