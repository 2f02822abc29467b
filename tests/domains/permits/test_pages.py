"""Permits by their pages: typed, listed, refused with the reason on the page."""

from __future__ import annotations

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_draft, prepare
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit

pytestmark = pytest.mark.django_db
LIST = "/permits/"


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
        "hot_work__hazard_place": "0", "hot_work__on_pipe_rack": "1", "no_isolation": "on", "absent": ["tank_farm"],
    }  # fmt: skip
    made = client.post("/permits/new/HW", typed)
    permit = Permit.objects.get()
    assert made["Location"] == f"/permits/{permit.pk}"
    assert permit.work == {
        "methods": ["GRIND"], "isolations": [], "circumstances": {"tank_farm": False}, "questions": {
            "confined_space": False, "sparks": False, "temporary_power": False, "road_blocked": False},
        "hot_work": {"hazard_place": False, "on_pipe_rack": True, "under_pressure": False},
        "in_vessel": False, "outer_wall": False, "large": False, "oxygen_service": False,
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
