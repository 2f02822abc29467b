"""Supervision by pages: groups, visits and their findings, the ladder that slow units climb, and how it was used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.duty.models import Campaign, GroupMember, Meeting, Task, Visit, VisitFinding, WorkGroup
from quancheng.domains.duty.services import visits as services
from quancheng.domains.duty.services.visits import VisitSpec
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.ids import uuid7
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.ladder.services.deciding import open_to_target
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def visited(office: Client, district: District, findings: str, *, kind: str = "open") -> Visit:
    """A visit to the first town, planned and made by the pages today."""
    today = str(timezone.localdate())
    given = {"kind": kind, "org": str(district.town_org.pk), "subject": "重大隐患整改推进情况",
             "reason": "任务推进迟缓", "planned_date": today}  # fmt: skip
    answer = office.post(reverse("duty:visit_new"), given)
    assert answer.status_code == 303
    made = {"act": "record", "visited_date": today, "inspectors": "甄一鸣、纪若谷", "text": "查阅台账，抽查两处现场。",
            "findings": findings, "evidence": SimpleUploadedFile("现场.txt", b"notes")}  # fmt: skip
    assert office.post(answer["Location"], made).status_code == 303
    return Visit.objects.order_by("-code")[0]


@pytest.mark.clause("S5-G3c")
def test_what_a_visit_finds_becomes_tasks_warnings_and_talks_for_the_unit(district: District) -> None:
    """A visit to a slow unit closes once each finding became a task, a warning notice, a talk, or was put right."""
    office, town = client_of(district.director), client_of(district.town)
    visit = visited(office, district, "台账缺失\n三处隐患逾期未改\n主要负责人未带队检查\n现场杂物堆放")
    url = reverse("duty:visit", args=[visit.pk])
    assert office.post(url, {"act": "close"}).status_code == 409  # findings wait
    first, second, third, fourth = VisitFinding.objects.order_by("order")
    due = str(timezone.localdate() + timedelta(days=30))
    settle = {"act": "settle", "finding": str(first.pk), "outcome": "task"}
    assert office.post(url, settle).status_code == 422  # no deadline
    assert office.post(url, {**settle, "due_date": due}).status_code == 303
    assert office.post(url, {"act": "settle", "finding": str(second.pk), "outcome": "warning"}).status_code == 303
    talk = {"act": "settle", "finding": str(third.pk), "outcome": "talk"}
    assert office.post(url, talk).status_code == 422  # no time and place
    assert office.post(url, {**talk, "place": "下周一上午九时，区应急指挥中心"}).status_code == 303
    assert office.post(url, {"act": "settle", "finding": str(fourth.pk), "outcome": "settled"}).status_code == 303
    assert office.post(url, {"act": "close"}).status_code == 303
    task = Task.objects.get(origin="visit", origin_id=visit.pk)
    assert (task.text, str(task.due_date)) == ("台账缺失", due)
    assert "台账缺失" in town.get(reverse("duty:own")).content.decode()
    papers = {one.template.code: one for one in Paper.objects.filter(about_id=visit.pk)}
    assert set(papers) == {"warning", "talk"}
    assert [one.org for one in papers["warning"].addressees.all()] == [district.town_org]
    assert "三处隐患逾期未改" in papers["warning"].body
    assert "下周一上午九时" in papers["talk"].body
    page = town.get(url).content.decode()
    assert "抽查两处现场" in page
    assert "任务推进迟缓" not in page  # why it was chosen stays with the office
    assert papers["warning"].title not in page  # a draft is no notice yet


def test_a_finding_of_too_many_characters_is_refused_and_not_cut(district: District) -> None:
    office = client_of(district.director)
    visit = visited(office, district, "一" * 500 + "\n二")
    answer = office.get("/api/v1/duty/visits").json()["items"]
    assert [(one["order"], one["text"]) for one in answer[0]["findings"]] == [(1, "一" * 500), (2, "二")]
    given = {"actor": district.director, "now": NOW, "visited_date": NOW.date(), "inspectors": "某甲", "text": "情况"}
    spec = VisitSpec(district.town_org, "复查", NOW.date())
    again = services.plan_visit(actor=district.director, spec=spec, now=NOW)
    with pytest.raises(Invalid) as refused:
        services.record_visit(**given, visit=again, findings=["一" * 501], evidence=[])
    assert set(refused.value.fields) == {"findings"}
    assert visit.findings.count() == 2


def test_a_secret_visit_is_not_seen_by_its_unit_before_it_was_made(district: District) -> None:
    spec = VisitSpec(district.town_org, "夜间装卸", NOW.date(), kind="secret")
    visit = services.plan_visit(actor=district.director, spec=spec, now=NOW)
    url = reverse("duty:visit", args=[visit.pk])
    town = client_of(district.town)
    assert town.get(url).status_code == 404
    given: dict[str, Any] = {"actor": district.director, "visit": visit, "now": NOW}
    with pytest.raises(Invalid):
        services.record_visit(
            **given, visited_date=NOW.date() + timedelta(days=1), inspectors="", text=" ", findings=[], evidence=[]
        )
    services.record_visit(
        **given, visited_date=NOW.date(), inspectors="某甲", text="情况", findings=["一"], evidence=[]
    )
    assert town.get(url).status_code == 200
    with pytest.raises(NotPermitted):
        services.settle_finding(
            actor=district.department_head, visit=visit, finding=visit.findings.get(), outcome="settled", now=NOW
        )
    with pytest.raises(Invalid):
        services.plan_visit(actor=district.director, spec=VisitSpec(district.office_org, "自查", NOW.date()), now=NOW)


@pytest.mark.clause("S2-0d", "S5-2a")
def test_a_leading_group_has_its_head_deputies_members_office_and_meetings(district: District) -> None:
    """A campaign's leading group is kept with head, deputies, members, the place of its office, and its meetings."""
    office = client_of(district.director)
    ordered = {"title": "集中治理", "leader": "甄一鸣", "target": "零事故", "period_from": "2030-01-01",
               "period_to": "2030-12-31", "items": "是否排查", "orgs": [str(district.town_org.pk)]}  # fmt: skip
    assert office.post(reverse("duty:campaign_new"), ordered).status_code == 303
    campaign = Campaign.objects.get()
    given = {"kind": "leading", "title": "危险化学品安全工作领导小组", "office": str(district.department_org.pk),
             "section": "监管三科", "founded_date": "2026-01-10", "duties": "统筹部署，协调解决重大问题。",
             "campaign": str(campaign.pk)}  # fmt: skip
    answer = office.post(reverse("duty:group_new"), given)
    assert answer.status_code == 303
    url = answer["Location"]
    people = (
        ("1head", district.office_org, "甄一鸣", "副区长"),
        ("2deputy", district.department_org, "纪若谷", "局长"),
        ("3member", district.town_org, "", ""),
    )
    for role, org, name, post in people:
        member = {"act": "name", "role": role, "org": str(org.pk), "name": name, "post": post}
        assert office.post(url, member).status_code == 303
    second_head = {"act": "name", "role": "1head", "org": str(district.town_org.pk), "name": "某乙", "post": ""}
    assert office.post(url, second_head).status_code == 409
    nameless = {**second_head, "role": "2deputy", "name": ""}
    assert office.post(url, nameless).status_code == 422
    group = WorkGroup.objects.get()
    meeting = {"title": "领导小组第一次会议", "kind": "joint", "due_date": "2031-01-01", "group": str(group.pk),
               "orgs": [str(district.department_org.pk), str(district.town_org.pk)]}  # fmt: skip
    assert office.post(reverse("duty:meeting_new"), meeting).status_code == 303
    assert Meeting.objects.get().group == group
    page = client_of(district.town).get(url).content.decode()
    for text in ("甄一鸣", "纪若谷", "甲街道办事处", "监管三科", "示例区应急管理局"):
        assert text in page
    assert reverse("duty:campaign", args=[campaign.pk]) in office.get(url).content.decode()
    assert "领导小组第一次会议" in office.get(url + "?tab=meetings").content.decode()
    head = GroupMember.objects.get(role="1head")
    assert office.post(url, {"act": "leave", "member": str(head.pk)}).status_code == 303
    assert office.post(url, second_head).status_code == 303


@pytest.mark.clause("S2-G2a")
def test_a_late_unit_gets_a_warning_notice_and_answers_it_by_the_pages(district: District) -> None:
    """The ladder proposes a notice by its template; it is signed by page, dated for reply, served, and answered."""
    assignment = make_assignment(district, leads=[(district.town_org, "甲街道")])
    now = timezone.now()
    WorkItem.objects.filter(subject_id=assignment.pk).update(due_at=now - timedelta(days=2))
    climb(now=now)
    office, officer, town = (client_of(one) for one in (district.director, district.officer, district.town))
    listed = office.get(reverse("ladder:list")).content.decode()
    assert "警示提醒函" in listed
    row = Escalation.objects.get()
    given = {"act": "sign", "title": row.draft_title, "body": row.draft_body}
    assert office.post(reverse("ladder:escalation", args=[row.pk]), given).status_code == 303
    row.refresh_from_db()
    assert row.paper is not None
    service = Service.objects.get(paper=row.paper)
    page = reverse("papers:service", args=[service.pk])
    assert officer.post(page, {"act": "send"}).status_code == 303
    for event in Event.objects.filter(kind__startswith="papers.service."):
        open_to_target(event, now)
    assert town.post(page, {"act": "acknowledge"}).status_code == 303
    service.refresh_from_db()
    assert service.reply_due is not None
    assert service.reply_due > timezone.localdate()
    assert town.post(page, {"act": "reply", "reply": "已制定整改计划，月底前完成。"}).status_code == 303
    assert "月底前完成" in officer.get(page).content.decode()
    # It stands on the unit's own file.
    assert town.get(reverse("ladder:escalation", args=[row.pk])).status_code == 200


@pytest.mark.clause("S2-G2d")
def test_letters_notices_talks_and_visits_are_counted_by_unit_and_period(district: District) -> None:
    """A page counts each kind of letter, notice, talk and visit per unit in the days asked for."""
    office = client_of(district.director)
    visited(office, district, "", kind="secret")
    visited(office, district, "")
    assignment = make_assignment(district, leads=[(district.town_org, "甲街道")])
    now = timezone.now()
    WorkItem.objects.filter(subject_id=assignment.pk).update(due_at=now - timedelta(days=2))
    climb(now=now)
    row = Escalation.objects.get(target=district.town_org)
    given = {"act": "sign", "title": row.draft_title, "body": row.draft_body}
    assert office.post(reverse("ladder:escalation", args=[row.pk]), given).status_code == 303
    today = timezone.localdate()
    url = reverse("duty:measures")
    answer = office.get(url, {"first": str(today), "last": str(today)})
    assert [(line.org, line.counts) for line in answer.context["lines"]] == [
        (district.town_org, (1, 0, 0, 0, 0, 0, 1, 1))
    ]
    assert "甲街道" in answer.content.decode()
    # Sent to another unit as well it is one letter more to that unit, and one letter in all.
    copy = Service.objects.get(paper=Paper.objects.get(about_id=row.pk))
    copy.pk, copy.org = uuid7(), district.department_org
    copy.save(force_insert=True)
    answer = office.get(url, {"first": str(today), "last": str(today)})
    assert [line.counts[0] for line in answer.context["lines"]] == [1, 1]
    assert answer.context["totals"] == (1, 0, 0, 0, 0, 0, 1, 1)
    before = {"first": "2020-01-01", "last": str(today - timedelta(days=1))}
    assert office.get(url, before).context["lines"] == []
    # A day cleared, or in the wrong order: the form again with what was asked, and why.
    for first, last, why in (
        ("2026-03-05", "", "请选择日期"),
        ("2030-01-01", "2026-03-05", "截止日期不能早于起始日期"),
    ):
        refused = office.get(url, {"first": first, "last": last})
        assert refused.status_code == 422
        assert why in str(refused.context["form"].errors["last"])
        assert f'value="{first}"' in refused.content.decode()
    assert client_of(district.department).get(url).status_code == 403
