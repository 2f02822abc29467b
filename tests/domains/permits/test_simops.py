"""Other work that the house finds: of one enterprise and of its neighbour, operations, too much in one zone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import (
    FOUND,
    NOW,
    PLACE,
    START,
    crew_of,
    make_draft,
    make_permit,
    own_file,
    prepare,
    sign_all,
)
from tests.domains.permits.test_refusals import refused as refused_codes
from tests.domains.registry.factories import CODES, make_file, make_unit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import OperationNotice, Permit, SimopsConflict
from quancheng.domains.permits.queries.simops import all_met, met_by
from quancheng.domains.permits.services import clock, preparing, simops, working
from quancheng.kernel.errors import Conflict
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)
#: 28 m and 31 m east of the place of the factories, at its latitude.
NEAR, FAR = Decimal("118.500316"), Decimal("118.500420")


def moved(permit, **known):
    """The same permit at another point; presented anew by who calls."""
    Permit.objects.filter(pk=permit.pk).update(**known)
    permit.refresh_from_db()
    return permit


def blinding(district, *, lon=NEAR, order=740):
    crew = crew_of(district, "BL", order=order)
    permit = make_draft(district, "BL", crew, place="泵区", work={"hazard_place": True})
    moved(permit, lon=lon, radius_m=Decimal(0))
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    return crew, permit


@pytest.mark.clause("S1-4a")
@pytest.mark.parametrize(("lon", "barred"), [(NEAR, True), (FAR, False)])
def test_blinding_within_30_m_of_issued_hot_work_is_refused_on_its_page(lon, barred, monkeypatch):
    district = make_district()
    make_permit(district, "HW")
    crew, second = blinding(district, lon=lon)
    if not barred:
        sign_all(crew, second, now=LATER)
        assert second.status == "ISSUED"
        return
    assert "C-22" in refused_codes(lambda: sign_all(crew, second, now=LATER))
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    page = client_of(crew.safety).get(f"/permits/{second.pk}?tab=simops").content.decode()
    assert "空压站外墙" in page
    assert "禁止" in page
    second.refresh_from_db()
    assert second.status == "APPROVING"


def test_what_is_only_planned_bars_nothing_and_who_is_signed_through_first_goes_on():
    district = make_district()
    crew, second = blinding(district)
    hot = crew_of(district, "HW", order=700)
    make_permit(district, "HW", crew=hot, to="APPROVING")
    sign_all(crew, second, now=LATER)
    assert second.status == "ISSUED"


def test_conditional_work_needs_a_coordinator_and_joint_measures(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    make_permit(district, "HW")
    crew = crew_of(district, "TE", order=740)
    second = make_draft(district, "TE", crew, place="配电箱")
    prepare(crew, second)
    preparing.present_permit(actor=crew.safety, permit=second, now=LATER)
    assert "C-23" in refused_codes(lambda: sign_all(crew, second, now=LATER))
    found = met_by(second)
    assert [one.rule for one in found] == ["M-HW-TE"]
    url = f"/permits/{second.pk}/meetings/{found[0].other}/M-HW-TE"
    client = client_of(crew.head)
    assert client.get(url).status_code == 200
    assert client.post(url, {"coordinator": "", "measures": ""}).status_code == 422
    told = {"coordinator": "某值班长", "measures": "先接电后动火，电缆避开火花区"}
    assert client.post(url, told).status_code == 303
    assert "某值班长" in client.get(f"/permits/{second.pk}?tab=simops").content.decode()
    # It counts for both permits of the enterprise.
    assert SimopsConflict.objects.filter(decided_at__isnull=False).count() == 2
    sign_all(crew, second, now=LATER + timedelta(minutes=5))
    assert second.status == "ISSUED"
    forbidden = blinding(district, order=760)[1]
    other = next(one for one in met_by(forbidden) if one.result == "FORBID")
    words = {"coordinator": "某值班长", "measures": "错开"}
    with pytest.raises(Conflict):
        simops.coordinate(
            actor=crew.head, permit=forbidden, other=other.other, rule=other.rule, now=LATER, **words
        )


def test_a_neighbours_work_is_found_and_told_by_kind_place_and_time_alone(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    make_permit(district, "HW")
    crew, second = blinding(district)
    # The hot work is another enterprise's.
    other = make_file(
        district.department, area=district.street_area, code=CODES[1], name="乙示例有限公司"
    )
    hot = Permit.objects.get(kind="HW")
    Permit.objects.filter(pk=hot.pk).update(**other.row_scope(), file=other)
    page = client_of(crew.safety).get(f"/permits/{second.pk}?tab=simops").content.decode()
    assert "空压站外墙" in page
    assert f"/permits/{hot.pk}" not in page
    assert "更换支架" not in page.split("permits-blocks")[1]
    assert "C-22" in refused_codes(lambda: sign_all(crew, second, now=LATER))


def test_an_operation_that_is_told_stops_hot_work_and_its_end_lets_it_go_on(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = permit.started_at + timedelta(minutes=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    client = client_of(crew.safety)
    told = {
        "activity": "SAMPLING", "place": "T-101采样口", "starts_at": "2026-09-08T09:00", "ends_at": "2026-09-08T12:00",
        "lon": "118.500050", "lat": "37.400000", "contact": "当班5频道",
    }  # fmt: skip
    assert client.get("/permits/operations/new").status_code == 200
    assert client.post("/permits/operations/new", {**told, "ends_at": "2026-09-08T08:00"}).status_code == 422
    sent = {**told, "client_id": str(uuid.uuid4())}
    assert [client.post("/permits/operations/new", sent).status_code for _ in range(2)] == [303, 303]
    row = OperationNotice.objects.get()
    assert "T-101" in client.get("/permits/operations").content.decode()
    clock.keep_time(now=at + timedelta(minutes=1))
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "SIMOPS")
    resume = lambda: working.resume_work(actor=crew.safety, permit=permit, now=at + timedelta(minutes=3))  # noqa: E731
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at + timedelta(minutes=2))
    assert {"C-22", "P-04"} <= refused_codes(resume)
    assert client.post(f"/permits/operations/{row.pk}", {"act": "end"}).status_code == 303
    assert client.post(f"/permits/operations/{row.pk}", {"act": "end"}).status_code == 409
    resume()
    assert permit.status == "WORKING"


def test_the_clock_finds_what_meets_once_a_minute(django_assert_max_num_queries):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = permit.started_at + timedelta(minutes=1)
    with django_assert_max_num_queries(500) as asked:
        clock.keep_time(now=at)
    permit.refresh_from_db()
    assert permit.status == "WORKING"
    told = [one["sql"] for one in asked.captured_queries if 'FROM "permits_operationnotice"' in one["sql"]]
    assert len(told) == 1


def test_the_clock_keeps_conflicts_tells_them_and_marks_those_that_are_gone():
    district = make_district()
    make_permit(district, "HW")
    _crew, second = blinding(district)
    assert simops.record_conflicts(now=LATER)[0] == 4
    assert simops.record_conflicts(now=LATER) == (0, 0)
    assert Notice.objects.filter(kind="permits.met").exists()
    moved(second, lon=Decimal("118.6"))
    assert simops.record_conflicts(now=LATER) == (0, 4)
    assert not SimopsConflict.objects.filter(gone_at__isnull=True).exists()


def test_a_fourth_hot_work_in_one_zone_is_refused():
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    first = make_permit(district, "HW")
    for n in range(3):
        copy = Permit.objects.get(pk=first.pk)
        copy.pk, copy.number, copy.unit, copy.lon = None, f"HW2026-9{n}", unit, PLACE.lon + Decimal(n + 1) / 100
        copy.save(force_insert=True)
    crew = crew_of(district, "HW", order=740)
    fourth = make_draft(district, "HW", crew, unit=unit)
    moved(fourth, lon=Decimal("118.56"))
    found = [one for one in met_by(fourth) if one.rule == "ZONE-HOT"]
    # Two kilometres around a place are looked at; of the zone all is counted.
    assert found
    assert found[0].result == "FORBID"


def test_permits_of_one_job_need_no_coordination_with_each_other():
    district = make_district()
    hot = make_permit(district, "HW")
    crew = crew_of(district, "TE", order=740)
    second = make_draft(district, "TE", crew)
    assert met_by(second)
    hot.related.add(second)
    assert not met_by(second)
    assert not [one for rows in all_met(now=START).values() for one in rows]
