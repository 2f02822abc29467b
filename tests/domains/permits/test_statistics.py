"""Permits counted by month: every number opens exactly the rows that it counts, and only what one may see."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from tests.domains.permits.factories import NOW, START, crew_of, make_draft, make_permit, prepare
from tests.domains.training.factories import own_file
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import OutsidePermit, Permit
from quancheng.domains.permits.services import auditing, preparing, working
from quancheng.domains.permits.services.alarms import raise_alarm
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
PAGE = "/permits/statistics"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=30))


def lines(client, **asked):
    answer = client.get(PAGE, asked)
    return {str(one.name): one for _title, held in answer.context["tables"] for one in held}


def opened(client, url):
    """How many permits a list shows."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return len(set(re.findall(r'href="/permits/([0-9a-f-]{36})"', answer.content.decode())))


def test_every_number_opens_exactly_the_rows_that_it_counts():
    district = make_district()
    crew = crew_of(district, "BL")
    make_permit(district, "BL", crew=crew, to="WORKING")
    begin = START + timedelta(hours=9)
    contractor = {"is_contractor": True, "contractor": {
        "is_admitted": True, "admitted_to": "2027-01-01", "agreement_signed": True, "is_blacklisted": False
    }}  # fmt: skip
    other = make_draft(
        district, "EX", crew, window_start=begin, window_end=begin + timedelta(hours=12), place="东侧",
        work_unit="示例检修公司", work=contractor,
    )  # fmt: skip
    prepare(crew, other)
    working.cancel_permit(actor=crew.head, permit=other, reason="改期", now=NOW + timedelta(minutes=8))
    client = client_of(district.town)
    told = lines(client)
    assert {name: told[name].now for name in ("申请的作业票", "已签发", "一次通过签发", "承包商作业", "涉及夜间")} == {
        "申请的作业票": 2, "已签发": 1, "一次通过签发": 1, "承包商作业": 1, "涉及夜间": 1,
    }  # fmt: skip
    assert told["示例检修公司"].now == 1
    assert told["一次通过率"].now == "100.0%"
    assert told["平均审批时间（从申请到签发）"].now == "0小时7分"
    for one in told.values():
        if one.url:
            assert opened(client, one.url) == one.now, one.name
    assert lines(client, month="2026-08")["申请的作业票"].now == 0
    assert client.get(PAGE).context["enterprises"][0][0]["number"] == 2
    assert lines(client_of(district.other_town))["申请的作业票"].now == 0


def test_management_figures_open_their_rows_and_stand_beside_the_month_before():
    """F-28: permits audited and conforming, overdue, suspended by reason, stopped by people."""
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    working.suspend_work(
        actor=crew.safety, permit=permit, stop_reason="VIOLATION", now=permit.started_at + timedelta(minutes=2)
    )
    auditing.audit_permit(permit=permit, moment="NIGHT", now=permit.started_at + timedelta(minutes=3))
    Permit.objects.filter(pk=permit.pk).update(escalated_at=NOW)
    client = client_of(district.town)
    told = lines(client)
    assert (told["已审计"].now, told["审计率"].now) == (1, "100.0%")
    audit = permit.audits.get(is_newest=True)
    assert told["审计无问题"].now == (0 if audit.failed else 1)
    assert told["审计符合率"].now == ("0.0%" if audit.failed else "100.0%")
    assert (told["超时作业"].now, told["超时作业"].before) == (1, 0)
    assert (told["逾期未验收"].now, told["逾期未验收率"].now, told["逾期未验收率"].before) == (0, "0.0%", "无数据")
    assert told["审计无问题但有无数据项"].now == (0 if audit.failed or not audit.no_data_count else 1)
    assert told["员工叫停"].now == 1
    assert told["暂停原因：违章"].now == 1
    for name in ("已审计", "审计无问题", "超时作业", "逾期未验收", "员工叫停", "暂停原因：违章"):
        assert opened(client, told[name].url) == told[name].now, name
    counts = client.get("/api/v1/permits/permit-statistics").json()["counts"]
    assert (counts["audited"], counts["overrun"], counts["stop_work"], counts["suspended:VIOLATION"]) == (1, 1, 1, 1)
    assert counts["suspended:BREAK"] == 0


def test_what_is_finished_and_not_accepted_is_no_overrun_and_a_refused_window_neither():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    done = permit.started_at + timedelta(minutes=40)
    working.finish_work(actor=crew.safety, permit=permit, note="人员、工具已清点", now=done)
    Permit.objects.filter(pk=permit.pk).update(escalated_at=done + timedelta(days=1))
    raise_alarm(permit=permit, code="10", source="REFUSED", now=done, words="超过最长有效期", refused="issue")
    told = lines(client_of(district.town))
    assert (told["逾期未验收"].now, told["超时作业"].now) == (1, 0)


def test_an_audit_of_what_was_never_issued_is_in_no_share_and_a_graver_reason_counts_as_a_stop():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    at = permit.started_at
    auditing.audit_permit(permit=permit, moment="NIGHT", now=at + timedelta(minutes=1))
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at + timedelta(minutes=2))
    client = client_of(district.town)
    assert (lines(client)["已审计"].now, lines(client)["员工叫停"].now) == (1, 0)
    working.stop_graver(
        actor=crew.safety, permit=permit, stop_reason="VIOLATION", note="", now=at + timedelta(minutes=4),
        at=at + timedelta(minutes=3),
    )  # fmt: skip
    assert lines(client)["员工叫停"].now == 1
    # As one that goes back to be prepared once more.
    Permit.objects.filter(pk=permit.pk).update(status="PREPARING", issued_at=None, started_at=None)
    told = lines(client)
    assert (told["已审计"].now, told["审计率"].now, told["员工叫停率"].now) == (0, "无数据", "无数据")


def test_a_break_is_no_stop_by_people():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    working.suspend_work(
        actor=crew.safety, permit=permit, stop_reason="BREAK", now=permit.started_at + timedelta(minutes=2)
    )
    told = lines(client_of(district.town))
    assert told["员工叫停"].now == 0
    assert told["暂停原因：中断休息"].now == 1


def test_a_refused_move_is_counted_by_its_checks_and_that_of_health_is_told_to_the_enterprise_alone():
    district = make_district()
    crew = crew_of(district, "HW")
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="gas")
    with pytest.raises(Refused) as refused:
        preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    code = refused.value.facts["answers"][0]["code"]
    client = client_of(district.enterprise)
    line = next(one for name, one in lines(client).items() if name.startswith(code))
    assert line.now == 1
    assert opened(client, line.url) == 1
    rows = "/permits/statistics/rows"
    assert client.get(rows, {"of": "refused:C-28"}).status_code == 200
    assert client_of(district.town).get(rows, {"of": "refused:C-28"}).status_code == 422


@pytest.mark.parametrize("asked", [{"month": "2020-01"}, {"town": "x"}, {"day": "1"}, {"export": "csv"}])
def test_what_the_statistics_do_not_know_is_refused(asked):
    assert client_of(make_district().director).get(PAGE, asked).status_code == 422


def test_the_statistics_are_exported_as_they_are_shown():
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    answer = client_of(district.enterprise).get(PAGE, {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)).active
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("盲板抽堵作业" in [str(cell) for cell in row] for row in told)


def test_permits_of_other_systems_are_counted_apart_and_open_their_rows():
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    for number, state in enumerate(("2", "2", "5")):
        outside(district, state=state, content=f"外部作业{number}")
    outside(district, state="2", is_deleted=True)
    client = client_of(district.town)
    told = lines(client)
    assert told["申请的作业票"].now == 1, "added to no number of our own"
    assert told["外部作业票"].now == 3, "what its system took back is not counted"
    page = client.get(told["外部作业票"].url).content.decode()
    assert [f"外部作业{number}" in page for number in range(3)] == [True] * 3
    assert page.count("/permits/outside/") == client.get("/permits/outside?kept=1").content.decode().count(
        "/permits/outside/"
    )
    assert "外部作业票" not in lines(client_of(district.other_town))


def test_programs_read_the_same_statistics():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    outside(district)
    client, url = client_of(district.town), "/api/v1/permits/permit-statistics"
    told = client.get(url).json()
    page = lines(client)
    assert told["month"] == "2026-09"
    assert told["counts"]["all"] == page["申请的作业票"].now == 1
    assert told["counts"]["status:WORKING"] == 1
    assert told["outside"]["all"] == 1
    assert [one["enterprise_id"] for one in told["enterprises"]] == [str(permit.file_id)]
    assert client.get(url, {"day": "2026-08-15"}).json()["counts"]["all"] == 0
    assert client.get(url, {"day": "2020-01-01"}).status_code == 422
    assert client_of(district.other_town).get(url).json()["counts"]["all"] == 0
    hidden = {"enterprise_id": str(permit.file_id)}
    assert client.get(url, hidden).json()["counts"]["all"] == 1
    assert client_of(district.other_town).get(url, hidden).json()["counts"]["all"] == 0


def outside(district, **known):
    """A permit of another system, as its record told it."""
    file = own_file(district)
    told = {
        "external_id": uuid7(), "kind": "HW", "state": "2", "place": "管廊", "content": "补焊支架", "told_at": NOW,
        "work_unit": "检修班", "window_start": START, "window_end": START + timedelta(hours=4), "lon": 118.5,
        "lat": 37.4, "guardians": "甲", "workers": "乙", "leader": "丙", "told_by": "外部系统", "created_at": NOW,
        "received_at": NOW,
    }  # fmt: skip
    return OutsidePermit.objects.create(**file.row_scope(), file=file, **{**told, **known})


def test_the_statistics_ask_at_most_twenty_questions(django_assert_max_num_queries):
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    client = client_of(district.town)
    client.get(PAGE)
    with django_assert_max_num_queries(20):
        client.get(PAGE)
