"""Permits by their pages: typed, listed, refused with the reason on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.domains.permits.factories import (
    NOW,
    START,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    prepare,
    typed_at_place,
)
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.services import preparing
from quancheng.standards.gb30871 import tickets, watching

pytestmark = pytest.mark.django_db
LIST = "/permits/"


def hidden(client, url, name):
    """What the form of an act tells back without being typed, e.g. which signature it asks for."""
    form = client.get(f"{url}?act={name}").context["panel"].form if name in ("sign", "verify") else None
    if form is None:
        return {}
    return {**typed_at_place(timezone.now()), **{field.name: field.value() or "" for field in form.hidden_fields()}}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Pages read the clock: it stands at the beginning of the window."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_a_draft_is_typed_and_shown_again():
    district = make_district()
    crew_of(district)
    client = client_of(district.enterprise)
    typed = {
        "content": "更换支架", "place": "空压站外墙", "apply_unit": "设备部", "work_unit": "检修班", "level": "II",
        "window_start": "2026-09-08T09:00", "window_end": "2026-09-08T17:00", "methods": ["GRIND"],
        "hot_work__hazard_place": "0", "hot_work__on_pipe_rack": "1", "hot_work__under_pressure": "0",
        "needs_plan": "0", "circumstances__held_flammable": "0", "no_isolation": "on", "absent": ["tank_farm"],
        "in_vessel": "0", "sections": "1", "questions__sparks": "0", "questions__blinds": "0",
    }  # fmt: skip
    made = client.post("/permits/new/HW", typed)
    permit = Permit.objects.get()
    assert made["Location"] == f"/permits/{permit.pk}"
    # What nobody answered is nowhere said to be "no".
    assert permit.work == {
        "methods": ["GRIND"], "isolations": [], "circumstances": {"held_flammable": False, "tank_farm": False},
        "questions": {"sparks": False, "blinds": 0}, "in_vessel": False, "sections": 1, "needs_plan": False,
        "hot_work": {"hazard_place": False, "on_pipe_rack": True, "under_pressure": False},
    }  # fmt: skip
    page = client.get(f"/permits/{permit.pk}/change").content.decode()
    assert "空压站外墙" in page
    assert 'value="2026-09-08T09:00"' in page


@pytest.mark.parametrize("kind", ["CS", "BL", "WH", "LF", "TE", "EX", "RC"])
def test_every_kind_has_its_form(kind):
    district = make_district()
    crew_of(district)
    assert client_of(district.enterprise).get(f"/permits/new/{kind}").status_code == 200


@pytest.mark.clause("S1-4a")
def test_a_permit_without_gas_test_is_refused_on_its_page_with_clause_and_remedy():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="gas")
    monkey = client_of(crew.safety)
    answer = monkey.post(f"/permits/{permit.pk}", {"act": "present"})
    assert answer.status_code == 409
    assert "GB 30871-2022, 5.3.1" in answer.content.decode()
    permit.refresh_from_db()
    assert permit.status == "PREPARING"
    page = monkey.get(f"/permits/{permit.pk}?tab=blocks").content.decode()
    assert "C-01" in page
    assert "取样分析并记录结果" in page


@pytest.mark.clause("S1-4a")
@pytest.mark.clause("S4-C3.3.1a")
def test_hot_work_goes_from_typed_draft_to_close_by_pages_alone(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    safety, head = client_of(crew.safety), client_of(crew.head)
    clock = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    permit = make_draft(district, "HW", crew)
    url = f"{LIST}{permit.pk}"

    def act(client, name, minutes=1, **typed):
        clock[0] += timedelta(minutes=minutes)
        answer = client.post(url, {"act": name, **hidden(client, url, name), **typed})
        assert answer.status_code == 303, answer.content.decode()[:3000]

    act(safety, "submit")
    act(head, "take_up")
    act(safety, "analysis", steps="打磨 | 火花飞溅 | 设接火盆", participants="某负责人\n某班长")
    for row in tickets.measures("HW"):
        typed = {"applies": "1", **dict.fromkeys(row.parameters, "2")}
        assert safety.post(f"{url}/measures/{row.code}", typed).status_code == 303
    found = {
        "zone_state": "CLEAR", "zone__people": "1", "zone__capacity": "20", "zone__is_banned": "0",
        "other_work": "NONE", "identified": "1", "isolations_verified": "1", "weather__wind_beaufort": "2",
        "site__under_pressure": "0",
    }  # fmt: skip
    act(safety, "site", **found)
    act(
        safety, "gas", quantity="COMBUSTIBLE", gas="methane", value="0.05", unit="%VOL", position="OUTSIDE",
        point="动火点", phase="PRE", sampled_at="2026-09-08T09:03", instrument="JC-01", calibration_due="2027-01-01",
        analyst="某分析人",
    )  # fmt: skip
    people = {one.part: str(one.pk) for one in PermitPerson.objects.filter(permit=permit)}
    act(safety, "briefing", briefer="某班长", place="空压站", content="火花", attended=list(people.values()))
    act(safety, "present")
    act(head, "sign", person=people["GUARDIAN"])
    act(head, "sign", person=people["LEADER"])
    act(head, "sign", opinion="同意")
    act(head, "sign", opinion="同意动火")
    permit.refresh_from_db()
    assert permit.status == "ISSUED"
    act(head, "verify")
    act(safety, "start")
    act(safety, "suspend", stop_reason="BREAK")
    act(safety, "site", **found)
    act(safety, "resume")
    act(safety, "finish", note="已清理")
    clock[0] += timedelta(minutes=31)
    head, safety = client_of(crew.head), client_of(crew.safety)
    act(head, "accept", note="无残火", **{f"item_{one.key}": "1" for one in watching.acceptance_items("HW")})
    act(safety, "close")
    permit.refresh_from_db()
    assert permit.status == "CLOSED"
    page = head.get(f"{url}?tab=signatures").content.decode()
    assert "某监护人" in page
    assert "同意动火" in page
    office = client_of(district.department)
    listed = office.get(f"{LIST}?kind=HW&status=CLOSED&level=HW:II&starts_from=2026-09-08&starts_to=2026-09-08")
    assert permit.number in listed.content.decode()
    assert permit.number not in office.get(f"{LIST}?kind=CS").content.decode()
    assert client_of(district.other_enterprise).get(url).status_code == 404


@pytest.mark.clause("S1-4a")
def test_too_low_a_level_and_too_long_a_window_are_refused_on_the_page():
    district = make_district()
    crew = crew_of(district)
    client = client_of(crew.safety)
    rack = {**draft_of("HW").work["hot_work"], "on_pipe_rack": True}
    permit = make_draft(district, "HW", crew, work={"hot_work": rack})
    answer = client.post(f"{LIST}{permit.pk}", {"act": "submit"})
    assert answer.status_code == 409
    assert "C-17" in answer.content.decode()
    long = make_draft(district, "HW", crew, level="I", window_end=START + timedelta(hours=9), work={"hot_work": rack})
    prepare(crew, long)
    preparing.present_permit(actor=crew.safety, permit=long, now=NOW + timedelta(minutes=6))
    page = client.get(f"{LIST}{long.pk}?tab=blocks").content.decode()
    assert "C-19" in page
    told = client.get(f"/api/v1/permits/permits/{long.pk}").json()
    assert "C-19" in {one["code"] for one in told["blocks"]}
    assert told["is_unaltered"]


def test_what_was_altered_is_told_on_the_page():
    district = make_district()
    permit = make_permit(district)
    client = client_of(district.department)
    assert "内容被改动" not in client.get(f"{LIST}{permit.pk}").content.decode()
    Permit.objects.filter(pk=permit.pk).update(place="罐区防火堤内")
    assert "内容被改动" in client.get(f"{LIST}{permit.pk}").content.decode()


def test_people_are_put_on_a_draft_and_taken_off_by_pages():
    district = make_district()
    crew = crew_of(district)
    client = client_of(crew.safety)
    permit = make_draft(district, "HW", crew)
    row = PermitPerson.objects.get(permit=permit, part="WORKER")
    url = f"{LIST}{permit.pk}/people"
    assert client.post(f"{url}/{row.pk}/remove").status_code == 303
    typed = {"person": str(crew.worker.pk), "part": "WORKER", "tasks": ["GRIND"], "educated_on": "2026-03-02"}
    assert client.post(f"{url}/new", typed).status_code == 303
    assert "某作业人" in client.get(f"{LIST}{permit.pk}?tab=people").content.decode()
    assert client.post(f"{url}/new", typed).status_code == 409
