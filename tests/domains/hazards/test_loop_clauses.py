"""What the plans demand of hidden dangers, by page: five parts of each plan, fakes found out, criteria by trade."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file, told_report
from tests.domains.hazards.test_findings import act, people, picture, status, upload
from tests.domains.hazards.test_further_loop import fire_office
from tests.domains.risk.factories import make_event, make_measure, make_object, make_unit
from tests.factories import NOW, client_of, make_district

from quancheng.domains.hazards.models import Finding, Recheck
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.hand_overs import hand_over, receive
from quancheng.domains.hazards.services.rechecks import draw_rechecks, owe_recheck
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def ok(answer: Any) -> None:
    assert answer.status_code in (302, 303), (answer.status_code, answer.content.decode()[:9000])


@pytest.mark.clause("S3-6.2b")
def test_no_plan_is_accepted_without_measure_responsibility_fund_time_limit_and_emergency_plan() -> None:
    district = make_district()
    row, own = make_finding(district.enterprise, own_file(district)), client_of(district.enterprise)
    ok(act(own, row, "confirm", rectifier=str(district.enterprise.user_id), grade="general"))
    whole = {"measures": "更换探测器", "person": "示例甲", "money": "800", "due_date": TODAY.isoformat(),
             "emergency_plan": "便携仪监测"}  # fmt: skip
    for lacking in whole:
        sent = {key: value for key, value in whole.items() if key != lacking}
        answer = act(own, row, "plan", **sent)
        assert answer.status_code == 422, lacking
        assert next(value for key, value in sent.items() if key != "due_date") in answer.content.decode()
    assert status(row) == "PLANNING"
    ok(act(own, row, "plan", **whole))
    row.refresh_from_db()
    assert (row.status, row.is_planned) == ("FIXING", True)


@pytest.mark.clause("S1-6a")
def test_an_enterprise_reports_a_major_danger_itself_with_its_basis_its_plan_and_the_proof_of_its_end() -> None:
    district = make_district()
    file, staff, own = own_file(district), people(district), client_of(district.enterprise)
    sent = {"name": "液氨装卸用软管", "place": "装卸站", "source": "daily", "type": "equipment", "is_major": "on",
            "photos": picture(11)}  # fmt: skip
    ok(own.post(reverse("hazards:finding_new", args=[file.pk]), sent))
    row = Finding.objects.get()
    ok(act(own, row, "confirm", rectifier=str(staff["worker"].user_id), grade="major", criterion="CH-07"))
    worker, head = client_of(staff["worker"]), client_of(staff["head"])
    plan = {
        "goal": "改用万向管道", "measures": "更换", "person": "示例甲", "body": "储运部", "money": "9000",
        "materials": "万向管道", "due_date": (TODAY + timedelta(days=20)).isoformat(), "requirements": "二十日内",
        "safety_measures": "停止装卸", "emergency_plan": "专项预案", "interim": ["stop"],
    }  # fmt: skip
    ok(act(worker, row, "propose", **plan))
    ok(act(head, row, "approve"))
    done = {"result": "已换成万向管道", "whys": "图便宜\n制度没有规定", "places": "2号口：未见同类",
            "rule": "已修订"}  # fmt: skip
    assert act(worker, row, "finish", **done).status_code == 422  # no proof
    ok(act(worker, row, "finish", **done, evidence=picture(12)))
    ok(act(own, row, "pass", comment="合格", **told_report()))
    office = client_of(district.department)
    listed = office.get(reverse("hazards:majors")).content.decode()
    assert row.name in listed
    assert "CH-07" in listed
    page = office.get(reverse("hazards:finding", args=[row.pk]) + "?tab=photos").content.decode()
    assert "照片11.jpg" in page
    assert "照片12.jpg" in page
    ok(act(office, row, "cancel", comment="现场复核合格"))


@pytest.mark.clause("S2-G2e")
def test_a_sample_is_looked_at_again_on_site_and_what_was_faked_is_taken_up_anew_and_called_so() -> None:
    district = make_district()
    file, staff = own_file(district), people(district)
    own, office = client_of(district.enterprise), client_of(district.department)
    rows = []
    for number in range(12):
        row = make_finding(district.enterprise, file, name=f"探测器超期{number}", place=f"{number}号罐",
                           photos=(upload(district.enterprise, 5 * number),))  # fmt: skip
        services.grade_finding(actor=district.enterprise, row=row, criterion="", grade="general",
                               rectifier=district.enterprise.user_id, deadline=None, cause="", now=NOW)  # fmt: skip
        plan = {"measures": "更换", "person": "示例", "money": 1, "due_date": TODAY, "emergency_plan": "监护"}
        services.plan_finding(actor=district.enterprise, row=row, plan=plan, now=NOW)
        rows.append(row)
    # The photo of before again, byte for byte, and one whose time lies before the finding, prove nothing.
    same = act(own, rows[0], "finish", result="已更换", evidence=picture(0))
    assert "就是整改前的照片" in same.content.decode()
    old = act(own, rows[0], "finish", result="已更换", evidence=picture(250, taken="2025:09:08 08:55:00"))
    assert "拍摄于发现隐患之前" in old.content.decode()
    for number, row in enumerate(rows):
        ok(act(own, row, "finish", result="已更换", evidence=picture(70 + 12 * number)))
        ok(act(client_of(staff["head"]), row, "accept", comment="合格"))
    drawn = draw_rechecks(now=NOW, chance=random.Random(1))
    assert 0 < drawn < len(rows)
    recheck = Recheck.objects.filter(is_drawn=True).order_by("pk").first()
    assert recheck is not None
    page = reverse("hazards:recheck", args=[recheck.pk])
    assert own.get(page).status_code == 404  # nobody prepares for it
    ok(office.post(page, {"act": "fail", "text": "探测器未更换，照片系摆拍"}))
    fake = recheck.finding
    again = Finding.objects.get(reopens=fake)
    assert (again.status, again.is_by_regulator) == ("REPORTED", True)
    for who in (own, office):
        shown = who.get(reverse("hazards:finding", args=[fake.pk])).content.decode()
        assert "虚假整改" in shown
        assert again.code in shown


def test_a_body_that_took_a_danger_over_takes_it_up_again_once_and_supervises_the_new_one() -> None:
    district = make_district()
    file, fire = own_file(district), fire_office(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    measure = make_measure(district.enterprise, make_event(district.enterprise, unit))
    row = make_finding(district.enterprise, file, unit=unit, measure=measure)
    body = Organisation.objects.get(pk=fire.organisation_id)
    made = hand_over(actor=district.department, row=row, receiver=body, reason="属消防", basis="分工", now=NOW)
    receive(actor=fire, row=made, text="", now=NOW)
    Finding.objects.filter(pk=row.pk).update(
        status="CLOSED", accepted_at=NOW, accepted_by=people(district)["head"].user_id, closed_at=NOW
    )
    row.refresh_from_db()
    recheck = owe_recheck(row=row, is_drawn=True, now=NOW)
    assert recheck is not None
    said = {"act": "fail", "text": "通道仍被堵塞", "client_id": str(uuid.uuid4())}
    for _again in range(2):
        ok(client_of(fire).post(reverse("hazards:recheck", args=[recheck.pk]), said))
    again = Finding.objects.get(reopens=row)
    assert (again.supervisor_id, again.status) == (fire.organisation_id, "REPORTED")
    assert get_finding(actor=fire, finding_id=again.pk).pk == again.pk
    ok(act(client_of(fire), again, "order", grade="general"))


@pytest.mark.clause("S4-B3.3")
def test_criteria_stand_by_trade_and_what_matches_one_is_suggested_as_major() -> None:
    district = make_district()
    file, own, town = own_file(district), client_of(district.enterprise), client_of(district.town)
    for trade, code in (("machinery", "GM-7.1"), ("materials", "GM-6.1"), ("light", "GM-8.1")):
        page = town.get(reverse("hazards:criteria"), {"trade": trade}).content.decode()
        assert f'href="/hazards/criteria/{code}"' in page, trade
    row = make_finding(district.town, file, name="粉尘爆炸场所干式除尘系统没有泄爆、惰化、抑爆措施")
    page = reverse("hazards:finding", args=[row.pk])
    asked = client_of(district.department).get(page + "?act=order").content.decode()
    assert "可能符合" in asked
    assert asked.index("GM-11.3") < asked.index("全部判定标准")
    assert "系统只作提示" in asked
    found = own.get(reverse("hazards:candidates"), {"text": "有限空间作业没有审批，没有先通风再检测"}).content.decode()
    assert "/hazards/criteria/GM-13.2" in found
    ok(act(client_of(district.department), row, "order", criterion="GM-11.3"))
    row.refresh_from_db()
    assert (row.is_major, row.criterion) == (True, "GM-11.3")
