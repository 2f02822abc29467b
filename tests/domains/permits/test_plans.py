"""The plan meeting: a day's jobs by zone with quotas and conflicts, decided one by one, minutes sealed, exported."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from tests.domains.permits.factories import (
    ELSEWHERE,
    NOW,
    PLACE,
    START,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    own_file,
    prepare,
    sign_all,
)
from tests.domains.registry.factories import make_unit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PlanDecision, WorkPlan
from quancheng.domains.permits.queries.plans import day_plan, is_whole
from quancheng.domains.permits.queries.quotas import most_at_once
from quancheng.domains.permits.services import drafting, figures, plans, preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.domains.permits.services.positions import place_permit
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


def in_unit(district, name="加氢单元"):
    return make_unit(district.enterprise, own_file(district), name=name)


def plan_on(crew, district, day=DAY):
    return day_plan(actor=crew.head, file=own_file(district), day=day, now=NOW)


def test_a_zone_takes_no_more_at_a_time_than_its_quota(district):
    crew, unit = crew_of(district, "EX"), in_unit(district)
    first = make_permit(district, "EX", crew=crew, to="PREPARING", unit=unit)
    second = make_permit(district, "EX", crew=crew, to="PREPARING", at=ELSEWHERE, place="另一地点", unit=unit)
    set_figure(crew, district, "zone_jobs_max", 1)
    (quota,) = plan_on(crew, district).zones[0].quotas
    assert (quota.count, quota.limit, quota.is_over) == (2, 1, True)
    decide(crew, first)
    with pytest.raises(Invalid) as full:
        decide(crew, second)
    assert "F-13" in str(full.value.fields["choice"])
    decide(crew, second, "REFUSED", reason="名额已满")
    (quota,) = plan_on(crew, district).zones[0].quotas
    assert not quota.is_over
    assert most_at_once([first, second], START, START + timedelta(hours=1)) == 2
    assert most_at_once([first], first.window_end, first.window_end + timedelta(hours=1)) == 0


def test_what_was_agreed_to_in_the_plan_of_another_day_takes_its_place_on_every_day_of_its_window(district):
    crew, unit, next_day = crew_of(district, "EX"), in_unit(district), DAY + timedelta(days=1)
    long = make_permit(district, "EX", crew=crew, to="PREPARING", unit=unit, window_end=START + timedelta(hours=32))
    late = {"window_start": START + timedelta(hours=24), "window_end": START + timedelta(hours=28)}
    other = make_permit(district, "EX", crew=crew, to="PREPARING", at=ELSEWHERE, place="北侧", unit=unit, **late)
    set_figure(crew, district, "zone_jobs_max", 1)
    decide(crew, long)
    with pytest.raises(Invalid) as full:
        decide(crew, other, day=next_day)
    assert "choice" in full.value.fields


def test_a_quota_is_asked_again_at_the_issue_and_no_job_hides_without_a_unit(district):
    crew, unit = crew_of(district, "EX"), in_unit(district)
    make_permit(district, "EX", crew=crew, unit=unit)
    second = make_permit(
        district, "EX", crew=crew_of(district, "EX", order=760), to="APPROVING", at=ELSEWHERE, unit=unit, place="北侧",
    )  # fmt: skip
    nowhere = make_permit(
        district, "EX", crew=crew_of(district, "EX", order=780), to="APPROVING", at=ELSEWHERE, place="第三处",
        window_start=START + timedelta(days=1), window_end=START + timedelta(days=1, hours=8),
    )  # fmt: skip
    decide(crew, second)
    set_figure(crew, district, "zone_jobs_max", 1)
    with pytest.raises(Refused) as refused:
        sign_all(crew, second, now=NOW + timedelta(minutes=31))
    (answer,) = refused.value.facts["answers"]
    assert (answer["code"], answer["limit"]) == ("C-73", "1")
    assert "F-13" in answer["clause"]
    with pytest.raises(Refused) as refused:
        sign_all(crew, nowhere, now=NOW + timedelta(minutes=31))
    assert [one["code"] for one in refused.value.facts["answers"]] == ["C-73"]
    with pytest.raises(Invalid) as unnamed:
        decide(crew, nowhere, day=DAY + timedelta(days=1))
    assert "单元" in str(unnamed.value.fields["choice"])
    draft = make_draft(district, "EX", crew, at=ELSEWHERE, place="第四处")
    with pytest.raises(Refused) as early:
        drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert "C-73" in [one["code"] for one in early.value.facts["answers"]]


def written_anew(crew, permit, **known):
    """Sent back, changed and asked for again."""
    drafting.send_back(actor=crew.head, permit=permit, reason="写清内容", now=NOW)
    drafting.change_draft(
        actor=crew.safety, permit=permit, version=permit.version, draft=draft_of("EX", **known), now=NOW
    )
    to_approval(crew, permit)


def to_approval(crew, permit):
    """Booked in time, though it is another job now."""
    Permit.objects.filter(pk=permit.pk).update(booked_at=NOW - timedelta(days=1))
    permit.refresh_from_db()
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))


def test_an_agreement_counts_for_the_job_that_was_agreed_to_alone(district, at):
    crew = crew_of(district, "EX")
    set_figure(crew, district, "plan_required", 1)
    permit = make_draft(district, "EX", crew)
    drafting.submit_permit(actor=crew.safety, permit=permit, now=NOW)
    decide(crew, permit)
    written_anew(crew, permit, content="开挖电缆沟")
    with pytest.raises(Refused) as refused:
        sign_all(crew, permit, now=NOW + timedelta(minutes=31))
    assert [one["code"] for one in refused.value.facts["answers"]] == ["C-70"]
    at[0] = NOW + timedelta(minutes=32)
    page = client_of(crew.head).get(reverse("permits:plan", args=[permit.file_id, DAY.isoformat()]))
    assert "作业内容已变更" in page.content.decode()
    decide(crew, permit, now=NOW + timedelta(minutes=33))
    sign_all(crew, permit, now=NOW + timedelta(minutes=50))
    assert permit.status == "ISSUED"


def test_a_refusal_follows_the_job_to_the_permit_that_replaces_it(district):
    crew = crew_of(district, "EX")
    former = make_permit(district, "EX", crew=crew, to="APPROVING")
    decide(crew, former, "REFUSED", reason="与卸车冲突")
    working.cancel_permit(actor=crew.head, permit=former, reason="重新办票", now=NOW + timedelta(minutes=31))
    later = NOW + timedelta(minutes=32)
    new = drafting.renew_permit(
        actor=crew.safety, former=former, draft=draft_of("EX", content="更换支架和垫板"), now=later
    )
    place_permit(actor=crew.safety, permit=new, place=PLACE, now=later)
    to_approval(crew, new)
    with pytest.raises(Refused) as refused:
        sign_all(crew, new, now=later)
    assert [one["code"] for one in refused.value.facts["answers"]] == ["C-70"]
    decide(crew, new, now=later)
    sign_all(crew, new, now=NOW + timedelta(minutes=50))
    assert new.status == "ISSUED"


def test_each_day_of_a_window_is_decided_for_itself(district):
    crew, next_day = crew_of(district, "EX"), DAY + timedelta(days=1)
    permit = make_permit(district, "EX", crew=crew, to="APPROVING", window_end=START + timedelta(hours=32))
    decide(crew, permit, "REFUSED", reason="当日卸车")
    decide(crew, permit, day=next_day, now=NOW + timedelta(minutes=31))
    with pytest.raises(Refused) as refused:
        sign_all(crew, permit, now=NOW + timedelta(minutes=32))
    (answer,) = refused.value.facts["answers"]
    assert (answer["code"], DAY.isoformat() in answer["value"]) == ("C-70", True)
    set_figure(crew, district, "plan_required", 1)
    decide(crew, permit, now=NOW + timedelta(minutes=50))
    sign_all(crew, permit, now=NOW + timedelta(minutes=51))
    assert permit.status == "ISSUED"


def test_where_a_meeting_is_asked_for_no_day_of_the_window_is_left_out(district):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING", window_end=START + timedelta(hours=32))
    set_figure(crew, district, "plan_required", 1)
    decide(crew, permit)
    with pytest.raises(Refused) as refused:
        sign_all(crew, permit, now=NOW + timedelta(minutes=32))
    (answer,) = refused.value.facts["answers"]
    assert (DAY + timedelta(days=1)).isoformat() in answer["value"]


def test_conflicts_between_planned_jobs_are_foreseen(district, at):
    crew = crew_of(district, "EX")
    make_permit(district, "EX", crew=crew, to="PREPARING")
    make_permit(district, "EX", crew=crew, to="PREPARING", place="相邻地点")
    found = plan_on(crew, district)
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
    rows = [[str(cell.value) for cell in row] for row in sheet.iter_rows()]
    told_rows = [row for row in rows if "更换支架" in row]
    assert ["同意" in row and "已封存" in row for row in told_rows] == [True, False]
    assert "未纳入封存" in told_rows[1]
    assert "下午大风" in told_rows[1]
    row = PlanDecision.objects.filter(choice="AGREED")
    row.update(decided_at=NOW + timedelta(minutes=29))
    assert not is_whole(plan)
    row.update(decided_at=NOW + timedelta(minutes=30))
    assert is_whole(plan)
    WorkPlan.objects.filter(pk=plan.pk).update(minutes="改过的纪要")
    assert not is_whole(WorkPlan.objects.get())
    assert "内容被改动" in client.get(reverse("permits:plan", args=args)).content.decode()
    told = client_of(district.director).get("/api/v1/permits/work-plans").json()["items"]
    assert told[0]["jobs"][0]["number"] == permit.number
    assert client_of(district.other_enterprise).get("/api/v1/permits/work-plans").json()["items"] == []


def test_a_day_that_is_past_shows_the_jobs_that_ended_since(district, at):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="WORKING")
    working.finish_work(
        actor=crew.safety, permit=permit, note="人员、工具已清点", now=permit.started_at + timedelta(minutes=40)
    )
    assert permit.status == "FINISHED"
    at[0] = NOW + timedelta(days=2)
    url = reverse("permits:plan", args=[permit.file_id, DAY.isoformat()])
    assert permit.number in client_of(crew.head).get(url).content.decode()
    plans.seal_plan(
        actor=crew.head, file=permit.file, day=DAY, minutes="补记", participants=["某主要负责人"], now=at[0]
    )
    assert [one["number"] for one in WorkPlan.objects.get().jobs] == [permit.number]


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
