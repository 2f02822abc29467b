"""Meetings: a year planned, one held with its status sheet, minutes sent, decisions carried out."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.duty.models import Assignment, Meeting, MeetingReceipt, MeetingSeries, Task
from quancheng.domains.duty.models.meetings import Attendance
from quancheng.domains.duty.services import meetings as services
from quancheng.domains.duty.services.meetings import MeetingSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
LATER = date(2030, 3, 31)


@pytest.fixture
def district() -> District:
    return make_district()


def make_meeting(district: District, **given: Any) -> Meeting:
    """A dispatch meeting of the office with the department and the first town, due on 2030-03-31."""
    fields: dict[str, Any] = {
        "title": "危险化学品安全调度会",
        "kind": "dispatch",
        "due_date": LATER,
        "orgs": [district.department_org, district.town_org],
        **given,
    }
    return services.plan_meeting(actor=fields.pop("actor", district.director), spec=MeetingSpec(**fields), now=NOW)


def held(district: District, **given: Any) -> Meeting:
    """A meeting that was held, everybody present."""
    meeting = make_meeting(district, **given)
    services.hold(actor=district.director, meeting=meeting, held_at=NOW, place="", chair="甄一鸣", now=NOW)
    entries = {one.pk: (Attendance.PRESENT, "") for one in meeting.attendees.all()}
    services.record_attendance(actor=district.director, meeting=meeting, entries=entries, now=NOW)
    return meeting


def act(client: Client, meeting: Meeting, name: str, **given: Any) -> int:
    url = reverse("duty:meeting", args=[meeting.pk])
    return client.post(url, {"act": name, "client_id": str(uuid7()), **given}).status_code


@pytest.mark.clause("S4-A2.1.2a")
def test_a_quarterly_dispatch_is_planned_for_the_year_with_the_theme_of_each_quarter(district: District) -> None:
    client = client_of(make_actor(district.town_org, "town.head"))
    year = timezone.localdate().year + 1
    answer = client.post(
        reverse("duty:meeting_series_new"),
        {
            "title": "季度调度会", "kind": "dispatch", "frequency": "quarterly",
            "themes": "开门红\n夯基础\n促攻坚\n保目标", "orgs": [str(district.town_org.pk)],
        },
    )  # fmt: skip
    assert answer.status_code == 303
    series = MeetingSeries.objects.get()
    for _again in range(2):
        assert client.post(answer["Location"], {"act": "plan_year", "year": year}).status_code == 303
    planned = Meeting.objects.filter(series=series).order_by("due_date")
    assert [(one.theme, one.due_date.isoformat()) for one in planned] == [
        ("开门红", f"{year}-03-31"),
        ("夯基础", f"{year}-06-30"),
        ("促攻坚", f"{year}-09-30"),
        ("保目标", f"{year}-12-31"),
    ]
    page = client.get(reverse("duty:meeting", args=[planned[0].pk])).content.decode()
    assert "围绕“开门红”部署下一步工作" in page
    assert "超期任务" in page
    assert WorkItem.objects.open().filter(subject_id=planned[0].pk, owner_org=district.town_org).exists()


@pytest.mark.clause("S4-A2.1.1b")
def test_a_yearly_meeting_is_planned_and_its_record_kept(district: District) -> None:
    """A meeting is planned once a year, is late when it is not held, and keeps who came and its minutes."""
    client = client_of(make_actor(district.town_org, "town.head"))
    year = timezone.localdate().year
    series = {"title": "年度一号文件解读会", "kind": "full", "frequency": "yearly", "themes": "",
              "orgs": [str(district.town_org.pk)]}  # fmt: skip
    answer = client.post(reverse("duty:meeting_series_new"), series)
    assert answer.status_code == 303
    assert client.post(answer["Location"], {"act": "plan_year", "year": year}).status_code == 303
    meeting = Meeting.objects.get()
    assert meeting.due_date == date(year, 12, 31)
    item = WorkItem.objects.open().get(subject_id=meeting.pk)
    assert (item.owner_org, item.ladder) == (district.town_org, "task")
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    assert act(client, meeting, "hold", held_at=moment, chair="甄一鸣", place="镇会议室") == 303
    (town,) = meeting.attendees.all()
    assert act(client, meeting, "attendance", **{f"attendance_{town.pk}": "present", f"person_{town.pk}": ""}) == 303
    assert act(client, meeting, "minute", minutes="逐条解读了年度一号文件。") == 303
    page = client.get(reverse("duty:meeting", args=[meeting.pk]) + "?tab=minutes").content.decode()
    assert "逐条解读了年度一号文件。" in page
    assert "镇会议室" in page


def test_a_series_with_another_number_of_themes_than_quarters_is_refused(district: District) -> None:
    with pytest.raises(Invalid) as refused:
        services.found_series(
            actor=district.director, title="季度调度会", kind="dispatch", frequency="quarterly", themes=["开门红"],
            orgs=[district.town_org], now=NOW,
        )  # fmt: skip
    assert set(refused.value.fields) == {"themes"}


@pytest.mark.parametrize(
    ("frequency", "first", "count"),
    [
        ("monthly", ("2028-M1", date(2028, 1, 31)), 12),
        ("quarterly", ("2028-Q1", date(2028, 3, 31)), 4),
        ("half_yearly", ("2028-H1", date(2028, 6, 30)), 2),
        ("yearly", ("2028-Y1", date(2028, 12, 31)), 1),
    ],
)
def test_periods_end_on_the_last_day_of_their_months(frequency: str, first: tuple[str, date], count: int) -> None:
    found = services.periods_of(frequency, 2028)
    assert (found[0], found[-1][1], len(found)) == (first, date(2028, 12, 31), count)


@pytest.mark.clause("S4-A2.1.2b")
def test_an_extraordinary_dispatch_is_called_with_its_trigger_and_refused_without(district: District) -> None:
    client = client_of(make_actor(district.town_org, "town.head"))
    given = {"title": "高温时段研判会", "kind": "adhoc", "due_date": "2030-07-10", "orgs": [str(district.town_org.pk)]}
    refused = client.post(reverse("duty:meeting_new"), given)
    assert refused.status_code == 422
    assert "临时调度会须写明触发原因" in refused.content.decode()
    assert not Meeting.objects.exists()
    called = client.post(reverse("duty:meeting_new"), {**given, "trigger": "连续高温橙色预警"})
    assert called.status_code == 303
    page = client.get(called["Location"]).content.decode()
    assert "研判：连续高温橙色预警" in page


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("dispatch", marks=pytest.mark.clause("S2-G2b")),
        pytest.param("joint", marks=pytest.mark.clause("S1-1a")),
        pytest.param("consultation", marks=pytest.mark.clause("S3-3.0c")),
    ],
)
def test_a_meeting_goes_from_its_status_sheet_to_tasks_in_the_hands_of_units(district: District, kind: str) -> None:
    """A meeting is scheduled with its status sheet, keeps attendance and minutes, and its decisions become tasks."""
    late = make_assignment(district, due_date=date(2026, 9, 30), title="储罐区专项检查")
    office, department = client_of(district.director), client_of(district.department)
    called = office.post(
        reverse("duty:meeting_new"),
        {"title": "九月会议", "kind": kind, "due_date": "2030-03-31",
         "orgs": [str(district.department_org.pk), str(district.town_org.pk)]},
    )  # fmt: skip
    meeting = Meeting.objects.get()
    assert "储罐区专项检查" in office.get(called["Location"]).content.decode()
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    assert act(office, meeting, "hold", held_at=moment, chair="甄一鸣", place="三楼会议室") == 303
    meeting.refresh_from_db()
    assert [row["id"] for row in meeting.sheet["overdue"]["rows"]] == [str(late.pk)]
    # Minutes say who was there: before that they are not written.
    assert act(office, meeting, "minute", minutes="纪要") == 409
    first, second = meeting.attendees.order_by("org__pinyin")
    entries = {
        f"attendance_{first.pk}": "substitute", f"person_{first.pk}": "",
        f"attendance_{second.pk}": "leave", f"person_{second.pk}": "",
    }  # fmt: skip
    assert act(office, meeting, "attendance", **entries) == 422
    assert act(office, meeting, "attendance", **{**entries, f"person_{first.pk}": "纪若谷"}) == 303
    decided = {"text": "限期完成储罐区隐患整改。", "leads": [str(district.department_org.pk)], "due_date": "2030-05-31"}
    assert act(office, meeting, "decide", **decided) == 303
    draft = office.get(reverse("duty:meeting", args=[meeting.pk]) + "?act=minute").content.decode()
    assert "限期完成储罐区隐患整改" in draft
    assert "委托他人到会" not in draft.split("出席：")[0]
    assert act(office, meeting, "minute", minutes="会议研究了超期任务。") == 303
    assert act(office, meeting, "circulate") == 303
    meeting.refresh_from_db()
    assert meeting.number == f"示安办纪〔{timezone.localdate().year}〕1号"
    task = Task.objects.get(origin="meeting")
    assert (task.origin_id, task.due_date) == (meeting.pk, date(2030, 5, 31))
    # Settled only when the minutes have arrived everywhere and the unit has taken its task.
    assert act(office, meeting, "close") == 409
    for who in (department, client_of(district.town)):
        receipt = MeetingReceipt.objects.get(org__in=_orgs_of(who, district))
        assert who.post(reverse("duty:meeting_receipt", args=[receipt.pk]), {"act": "receive"}).status_code == 303
    assert act(office, meeting, "close") == 409
    assignment = Assignment.objects.get(task=task)
    assert department.post(reverse("duty:assignment", args=[assignment.pk]), {"act": "accept"}).status_code == 303
    assert act(office, meeting, "close") == 303
    meeting.refresh_from_db()
    assert meeting.is_closed
    acts = set(JournalEntry.objects.filter(subject_id=meeting.pk).values_list("act", flat=True))
    assert {"duty.meeting.hold", "duty.meeting.decide", "duty.meeting.circulate", "duty.meeting.close"} <= acts


def _orgs_of(client: Client, district: District) -> list[Any]:
    return [district.town_org] if "甲街道" in client.get("/").content.decode() else [district.department_org]


def test_the_minutes_can_be_taken_along_as_a_word_document(district: District) -> None:
    meeting = held(district)
    services.decide(
        actor=district.director, meeting=meeting, text="开展联合检查。", leads=[district.town_org], due_date=LATER,
        now=NOW,
    )  # fmt: skip
    url = reverse("duty:meeting_minutes", args=[meeting.pk])
    assert client_of(district.town).get(url).status_code == 404
    services.write_minutes(actor=district.director, meeting=meeting, minutes="会议听取了汇报。", now=NOW)
    answer = client_of(district.town).get(url)
    document = Document(BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "会议听取了汇报。" in text
    assert "开展联合检查。" in cells


def test_only_those_invited_see_a_meeting_and_only_its_office_changes_it(district: District) -> None:
    meeting = make_meeting(district)
    url = reverse("duty:meeting", args=[meeting.pk])
    assert client_of(district.town).get(url).status_code == 200
    assert client_of(district.other_town).get(url).status_code == 404
    assert act(client_of(district.town), meeting, "hold", held_at="2026-09-08T09:00", chair="甲") == 403
    with pytest.raises(NotPermitted):
        services.invite(actor=district.town, meeting=meeting, orgs=[district.other_town_org], now=NOW)


def test_an_enterprise_that_was_invited_does_not_see_what_is_late_elsewhere(district: District) -> None:
    make_assignment(district, due_date=date(2026, 9, 10), title="区里的事")
    meeting = make_meeting(district, orgs=[district.enterprise_org, district.department_org])
    services.hold(
        actor=district.director, meeting=meeting, held_at=NOW, place="", chair="甲", now=NOW + timedelta(days=30)
    )
    url = reverse("duty:meeting", args=[meeting.pk])
    assert "区里的事" in client_of(district.department).get(url).content.decode()
    page = client_of(district.enterprise).get(url)
    assert page.status_code == 200
    assert "区里的事" not in page.content.decode()


def test_the_status_sheet_stays_as_it_stood_when_the_meeting_was_held(district: District) -> None:
    make_assignment(district, due_date=date(2026, 9, 10), title="迟了的事")
    meeting = make_meeting(district)
    after = NOW + timedelta(days=10)
    services.hold(actor=district.director, meeting=meeting, held_at=after, place="", chair="甲", now=after)
    assert meeting.sheet["lights"]["red"] == 1
    Assignment.objects.update(due_date=date(2031, 1, 1))
    page = client_of(district.director).get(reverse("duty:meeting", args=[meeting.pk])).content.decode()
    assert "迟了的事" in page
    assert "已固定" in page


def test_of_a_frozen_sheet_others_read_the_figures_and_only_the_rows_in_their_scope(district: District) -> None:
    make_assignment(district, due_date=date(2026, 9, 10), title="部门迟了的事")
    make_assignment(district, due_date=date(2026, 9, 10), title="街道迟了的事", leads=[(district.town_org, "甲街道")])
    meeting = make_meeting(district)
    after = NOW + timedelta(days=10)
    services.hold(actor=district.director, meeting=meeting, held_at=after, place="", chair="甲", now=after)
    page = client_of(district.town).get(reverse("duty:meeting", args=[meeting.pk])).content.decode()
    assert "街道迟了的事" in page
    assert "部门迟了的事" not in page
    assert "研究超期任务 2 项" in page


def test_the_next_meeting_hears_what_became_of_the_last_ones_decisions(district: District) -> None:
    first = held(district)
    services.decide(
        actor=district.director, meeting=first, text="建立联动机制", leads=[district.town_org], due_date=LATER, now=NOW
    )
    services.write_minutes(actor=district.director, meeting=first, minutes="纪要", now=NOW)
    services.circulate(actor=district.director, meeting=first, now=NOW)
    second = make_meeting(district, title="下一次调度会")
    page = client_of(district.director).get(reverse("duty:meeting", args=[second.pk])).content.decode()
    assert "建立联动机制" in page
    assert "甲街道办事处：待接收 0%" in page


def test_a_decision_can_be_struck_out_only_before_the_minutes_go_out(district: District) -> None:
    meeting = held(district)
    given: dict[str, Any] = {"actor": district.director, "meeting": meeting, "now": NOW}
    wrong = services.decide(**given, text="写错了", leads=[district.town_org], due_date=LATER)
    services.withdraw_decision(**given, decision=wrong)
    right = services.decide(**given, text="开展检查", leads=[district.town_org], due_date=LATER)
    services.write_minutes(**given, minutes="纪要")
    services.circulate(**given)
    right.refresh_from_db()
    with pytest.raises(StaleState):
        services.withdraw_decision(**given, decision=right)
    assert Task.objects.filter(origin="meeting").count() == 1


def test_circulating_twice_sends_and_assigns_once(district: District) -> None:
    meeting = held(district)
    given: dict[str, Any] = {"actor": district.director, "meeting": meeting, "now": NOW}
    services.decide(**given, text="开展检查", leads=[district.town_org], due_date=LATER)
    services.write_minutes(**given, minutes="纪要")
    key = uuid7()
    for _again in range(2):
        services.circulate(**given, client_id=key)
    assert Task.objects.filter(origin="meeting").count() == 1
    assert meeting.receipts.count() == 2


def test_whoever_may_not_assign_tasks_prepares_minutes_but_does_not_send_them(district: District) -> None:
    officer: Actor = make_actor(district.town_org, "town.officer")
    meeting = make_meeting(district, actor=officer, orgs=[district.department_org])
    services.hold(actor=officer, meeting=meeting, held_at=NOW, place="", chair="甲", now=NOW)
    attendee = meeting.attendees.get()
    services.record_attendance(actor=officer, meeting=meeting, entries={attendee.pk: ("present", "")}, now=NOW)
    services.write_minutes(actor=officer, meeting=meeting, minutes="纪要", now=NOW)
    with pytest.raises(NotPermitted):
        services.circulate(actor=officer, meeting=meeting, now=NOW)


@pytest.mark.parametrize("rows", [1, 8])
def test_the_ledger_of_meetings_costs_the_same_whatever_its_length(
    district: District, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        make_meeting(district, title=f"第{number}次会议")
    client = client_of(district.director)
    client.get(reverse("duty:meetings"))
    with django_assert_max_num_queries(16):
        assert client.get(reverse("duty:meetings")).status_code == 200


def test_a_point_of_too_many_characters_is_refused_and_not_cut(district: District) -> None:
    client = client_of(district.director)
    given = {
        "title": "调度会", "kind": "dispatch", "due_date": "2099-01-01", "orgs": [str(district.town_org.pk)],
        "points": "议题一\n" + "检" * 201,
    }  # fmt: skip
    refused = client.post(reverse("duty:meeting_new"), given)
    assert refused.status_code == 422
    assert "每项不超过 200 字" in refused.content.decode()
    assert client.post(reverse("duty:meeting_new"), {**given, "points": "检" * 200}).status_code == 303
    meeting = Meeting.objects.get()
    assert meeting.points == ["检" * 200]
    with pytest.raises(Invalid):
        services.add_points(actor=district.director, meeting=meeting, points=["检" * 201], now=timezone.now())
