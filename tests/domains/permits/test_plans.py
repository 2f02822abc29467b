"""The plan meeting: a day's jobs by zone with quotas and conflicts, decided one by one, minutes sealed, exported."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from tests.domains.permits.factories import ELSEWHERE, NOW, START, crew_of, make_permit, own_file, sign_all
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import PlanDecision, WorkPlan
from quancheng.domains.permits.queries.plans import day_plan, is_whole, most_at_once
from quancheng.domains.permits.services import figures, plans
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState

pytestmark = pytest.mark.django_db
DAY = START.date()


@pytest.fixture
def district():
    return make_district()


def decide(crew, permit, choice="AGREED", **known):
    given = {"day": DAY, "now": NOW + timedelta(minutes=30), **known}
    return plans.decide_job(actor=crew.head, permit=permit, choice=choice, **given)


def set_figure(crew, district, name, value):
    figures.set_figure(
        actor=crew.head, file=own_file(district), name=name, value=str(value), from_date=NOW.date(), reason="计划会",
        now=NOW,
    )  # fmt: skip


def test_the_days_jobs_are_shown_by_zone_and_decided_by_the_leader_alone(district, at):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    at[0] = NOW
    page = client_of(district.director).get(reverse("permits:plan", args=[permit.file_id, DAY.isoformat()]))
    assert "更换支架" in page.content.decode()
    assert "作出决定" not in page.content.decode()
    assert client_of(district.other_enterprise).get(
        reverse("permits:plan", args=[permit.file_id, DAY.isoformat()])
    ).status_code == 404
    client, url = client_of(crew.head), reverse("permits:plan_decide", args=[permit.pk, DAY.isoformat()])
    bare = client.post(url, {"choice": "REFUSED"})
    assert bare.status_code == 422
    assert "reason" in bare.context["form"].errors
    assert "put_off_to" in client.post(url, {"choice": "PUT_OFF", "reason": "错开"}).context["form"].errors
    assert client_of(crew.safety).post(url, {"choice": "AGREED"}).status_code == 403
    assert client.post(url, {"choice": "AGREED"}).status_code == 303
    assert PlanDecision.objects.get().by_name == crew.head.name
    with pytest.raises(NotPermitted):
        plans.decide_job(actor=district.director, permit=permit, day=DAY, choice="AGREED", now=NOW)
    assert client.get(reverse("permits:plan", args=[permit.file_id, "2026-99-99"])).status_code == 404


@pytest.mark.parametrize("choice", ["PUT_OFF", "REFUSED"])
def test_what_is_put_off_or_refused_is_not_issued_until_the_leader_agrees(district, choice):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    later = {"put_off_to": DAY + timedelta(days=1)} if choice == "PUT_OFF" else {}
    decide(crew, permit, choice, reason="与卸车冲突", **later)
    with pytest.raises(Refused) as refused:
        sign_all(crew, permit, now=NOW + timedelta(minutes=31))
    (answer,) = refused.value.facts["answers"]
    assert answer["code"] == "C-70"
    assert "F-13" in answer["clause"]
    decide(crew, permit, now=NOW + timedelta(minutes=50))
    sign_all(crew, permit, now=NOW + timedelta(minutes=51))
    assert permit.status == "ISSUED"
    with pytest.raises(StaleState):
        decide(crew, permit, "REFUSED", reason="已签发")


def test_who_switched_it_on_issues_nothing_that_no_meeting_agreed_to(district):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    set_figure(crew, district, "plan_required", 1)
    with pytest.raises(Refused) as refused:
        sign_all(crew, permit, now=NOW + timedelta(minutes=31))
    assert [one["code"] for one in refused.value.facts["answers"]] == ["C-70"]
    decide(crew, permit)
    sign_all(crew, permit, now=NOW + timedelta(minutes=50))
    assert permit.status == "ISSUED"


def test_a_zone_takes_no_more_at_a_time_than_its_quota(district):
    crew = crew_of(district, "EX")
    first = make_permit(district, "EX", crew=crew, to="PREPARING")
    second = make_permit(district, "EX", crew=crew, to="PREPARING", at=ELSEWHERE, place="另一地点")
    set_figure(crew, district, "zone_jobs_max", 1)
    found = day_plan(actor=crew.head, file=own_file(district), day=DAY)
    (quota,) = found.zones[0].quotas
    assert (quota.count, quota.limit, quota.is_over) == (2, 1, True)
    decide(crew, first)
    with pytest.raises(Invalid) as full:
        decide(crew, second)
    assert "F-13" in str(full.value.fields["choice"])
    decide(crew, second, "REFUSED", reason="名额已满")
    (quota,) = day_plan(actor=crew.head, file=own_file(district), day=DAY).zones[0].quotas
    assert not quota.is_over
    assert most_at_once([first, second], START, START + timedelta(hours=1)) == 2
    assert most_at_once([first], first.window_end, first.window_end + timedelta(hours=1)) == 0


def test_conflicts_between_planned_jobs_are_foreseen(district, at):
    crew = crew_of(district, "EX")
    make_permit(district, "EX", crew=crew, to="PREPARING")
    make_permit(district, "EX", crew=crew, to="PREPARING", place="相邻地点")
    found = day_plan(actor=crew.head, file=own_file(district), day=DAY)
    assert all(job.met for job in found.jobs)
    at[0] = NOW
    page = client_of(crew.head).get(reverse("permits:plan", args=[own_file(district).pk, DAY.isoformat()]))
    assert page.content.decode().count("交叉作业</span>") >= 2


def test_the_minutes_are_sealed_whole_and_exported(district, at):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    at[0] = NOW
    client, args = client_of(crew.head), [permit.file_id, DAY.isoformat()]
    typed = {"minutes": "逐项讨论，同意一项", "participants": "某主要负责人\n某班长"}
    undecided = client.post(reverse("permits:plan_seal", args=args), typed)
    assert undecided.status_code == 422
    assert "未作决定" in undecided.content.decode()
    decide(crew, permit)
    assert client.post(reverse("permits:plan_seal", args=args), typed).status_code == 303
    plan = WorkPlan.objects.get()
    assert is_whole(plan)
    assert plan.jobs[0]["decision"] == "AGREED"
    assert client.post(reverse("permits:plan_seal", args=args), typed).status_code == 409
    later = decide(crew, permit, "REFUSED", reason="下午大风")
    assert later.is_later
    plan.refresh_from_db()
    assert plan.jobs[0]["decision"] == "AGREED"
    page = client.get(reverse("permits:plan", args=args)).content.decode()
    assert "封存后补充" in page
    answer = client.get(reverse("permits:plan", args=args), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "更换支架" in cells
    assert any("逐项讨论" in one for one in cells)
    assert permit.number in client.get(reverse("permits:plans")).content.decode() or "2026-09-08" in client.get(
        reverse("permits:plans")
    ).content.decode()
    WorkPlan.objects.filter(pk=plan.pk).update(minutes="改过的纪要")
    assert not is_whole(WorkPlan.objects.get())
    assert "内容被改动" in client.get(reverse("permits:plan", args=args)).content.decode()
    told = client_of(district.director).get("/api/v1/permits/work-plans").json()["items"]
    assert told[0]["jobs"][0]["number"] == permit.number
    assert client_of(district.other_enterprise).get("/api/v1/permits/work-plans").json()["items"] == []


def test_the_same_decision_sent_twice_is_kept_once_and_a_day_of_other_work_is_refused(district):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    with pytest.raises(Invalid):
        decide(crew, permit, day=DAY + timedelta(days=9))
    key = permit.pk
    for _time in range(2):
        decide(crew, permit, client_id=key)
    assert PlanDecision.objects.count() == 1
    with pytest.raises(Conflict):
        decide(crew, permit, "REFUSED", reason="另一个决定", client_id=key)
