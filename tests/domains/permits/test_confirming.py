"""Warnings that are passed with a reason, what the seal covers, and work that the clock stops."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.domains.permits.factories import (
    FOUND,
    NOW,
    START,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    prepare,
    sign_next,
)
from tests.domains.training.factories import make_person
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson, PermitWarning
from quancheng.domains.permits.queries.blocks import checks
from quancheng.domains.permits.queries.loading import is_seal_whole, load_many, load_rows
from quancheng.domains.permits.queries.permits import people_of
from quancheng.domains.permits.services import clock, drafting, preparing, working
from quancheng.domains.permits.services.checking import Refused, field_of
from quancheng.domains.training.models import Person
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)


def test_a_warning_is_passed_with_a_reason_alone_which_is_kept_and_journaled():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    sign_next(crew, permit, LATER)
    sign_next(crew, permit, LATER + timedelta(seconds=5))
    # The third within a minute: several signed within seconds (C-16).
    with pytest.raises(Invalid) as caught:
        sign_next(crew, permit, LATER + timedelta(seconds=10))
    assert [*caught.value.fields] == ["warn_C-16"]
    client = client_of(crew.head)
    url = f"/permits/{permit.pk}"
    # By the page: the field stands where the warning does, and what follows is kept.
    sign_next(crew, permit, LATER + timedelta(minutes=3))
    assert not PermitWarning.objects.exists()
    assert client.get(f"{url}?tab=blocks").status_code == 200


def test_the_page_asks_for_the_reason_and_shows_it(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    at = [LATER]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    sign_next(crew, permit, LATER)
    sign_next(crew, permit, LATER + timedelta(seconds=5))
    at[0] = LATER + timedelta(seconds=10)
    client, url = client_of(crew.head), f"/permits/{permit.pk}"
    form = client.get(f"{url}?act=sign").context["panel"].form
    where = {"lon": "118.50005", "lat": "37.4", "accuracy_m": 6, "age_s": 3, "device_ms": int(at[0].timestamp() * 1000)}
    typed = {"act": "sign", "position": json.dumps(where)}
    typed |= {field.name: field.value() or "" for field in form.hidden_fields()}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "C-16" in refused.content.decode()
    assert client.post(url, {**typed, "warn_C-16": "三人同在现场依次签字"}).status_code == 303
    kept = PermitWarning.objects.get()
    assert (kept.code, kept.move, kept.reason) == ("C-16", "sign", "三人同在现场依次签字")
    assert JournalEntry.objects.filter(act="permits.warning.confirm").count() == 1
    assert "三人同在现场依次签字" in client.get(f"{url}?tab=blocks").content.decode()


def test_a_person_whose_file_became_anothers_breaks_the_seal():
    district = make_district()
    permit = make_permit(district)
    assert is_seal_whole(permit, people_of(permit))
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    Person.objects.filter(pk=worker.person_id).update(name="另一人")
    assert not is_seal_whole(permit, people_of(permit))
    Person.objects.filter(pk=worker.person_id).update(name="某作业人", id_index="另一人的")
    assert not load_rows(permit).is_unaltered


def test_work_suspended_past_its_window_still_binds_its_people():
    district = make_district()
    crew = crew_of(district)
    make_permit(district, crew=crew, to="WORKING")
    clock.keep_time(now=START + timedelta(hours=9))
    later = {"window_start": START + timedelta(days=1), "window_end": START + timedelta(days=1, hours=4)}
    second = make_draft(district, "HW", crew, **later)
    assert crew.guardian.pk in load_rows(second).elsewhere(START + timedelta(hours=10))


@pytest.mark.parametrize(
    ("place", "field"),
    [("lifting.mass_t", "lifting__mass_t"), ("isolations[0].tag", "blinds"), ("depth_m", "depth_m"),
     ("site.cranes[0].load_t", "crane_load_t"), ("conflicts[0].result", "other_work")],
)  # fmt: skip
def test_what_the_standard_could_not_read_is_told_at_its_field(place, field):
    assert field_of(place) == field


def test_slots_and_a_successor_have_their_pages(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    client = client_of(crew.safety)
    page = client.get(f"/permits/{permit.pk}/change")
    typed = {name: value for name, value in page.context["form"].initial.items() if value not in (None, "", False)}
    typed |= {"window_start": "2026-09-08T09:00", "window_end": "2026-09-08T17:00", "hot_work__under_pressure": "0"}
    bad = client.post(f"/permits/{permit.pk}/change", {**typed, "slots": "九点"})
    assert bad.status_code == 422
    told = {**typed, "slots": "2026-09-08 09:00 至 2026-09-08 11:00\n2026-09-08 13:00 至 2026-09-08 17:00"}
    done = client.post(f"/permits/{permit.pk}/change", told)
    assert done.status_code == 303, done.context["form"].errors
    permit.refresh_from_db()
    assert len(permit.slots) == 2
    assert "2026-09-08 13:00" in client.get(f"/permits/{permit.pk}").content.decode()
    working.cancel_permit(actor=crew.head, permit=permit, reason="改期", now=NOW)
    made = client.post(f"/permits/{permit.pk}/renew", told)
    new = Permit.objects.get(supersedes=permit)
    assert made["Location"] == f"/permits/{new.pk}"
    assert new.people.count() == 3
    assert str(permit) in client.get(f"/permits/{new.pk}").content.decode()
    with pytest.raises(Conflict):
        drafting.renew_permit(actor=crew.safety, former=permit, draft=draft_of("HW"), now=NOW)


def test_measures_are_asked_and_shown_in_words():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit)
    client = client_of(crew.safety)
    assert "灭火器数量" in client.get(f"/permits/{permit.pk}/measures/HW-08").content.decode()
    page = client.get(f"/permits/{permit.pk}?tab=measures").content.decode()
    assert "灭火器数量 1" in page
    assert "blankets" not in page
    papers = client.get(f"/permits/{permit.pk}?tab=papers").content.decode()
    assert "区域限员" in papers
    assert "正常，无报警和停工指令" in papers


# The clock -----------------------------------------------------------------------------------------------------------


def running(kind="HW"):
    district = make_district()
    crew = crew_of(district, kind)
    return crew, make_permit(district, kind, crew=crew, to="WORKING")


@pytest.mark.parametrize(
    ("found", "reason"),
    [({"weather": {"wind_beaufort": 6}}, "WEATHER"), ({"zone": {"locked_by": "UNIT_UPSET"}}, "UNIT_UPSET"),
     ({"zone": {"is_banned": True}}, "INSPECTOR_ORDER")],
)  # fmt: skip
def test_what_is_found_at_the_place_while_work_runs_stops_it(found, reason):
    crew, permit = running()
    at = permit.started_at + timedelta(minutes=5)
    clock.keep_time(now=at)
    permit.refresh_from_db()
    assert permit.status == "WORKING"
    preparing.check_site(actor=crew.safety, permit=permit, found={**FOUND, **found}, now=at)
    clock.keep_time(now=at + timedelta(minutes=1))
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", reason)
    assert Notice.objects.filter(kind="permits.stopped").exists()


def test_an_altered_permit_and_a_revoked_certificate_stop_running_work():
    _crew, permit = running()
    Permit.objects.filter(pk=permit.pk).update(place="罐区")
    clock.keep_time(now=permit.started_at + timedelta(minutes=1))
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "VIOLATION")
    assert {"C-08", "C-10", "C-11", "C-28"} <= {one.code for one in checks() if "work" in one.phases}


def test_an_overdue_record_in_a_confined_space_stops_it_and_a_new_one_lets_it_go_on():
    crew, permit = running("CS")
    late = permit.started_at + timedelta(minutes=121)
    clock.keep_time(now=late)
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=late)
    with pytest.raises(Refused) as caught:
        working.resume_work(actor=crew.safety, permit=permit, now=late)
    assert "C-55" in {one["code"] for one in caught.value.facts["answers"]}


def test_the_head_is_told_once_of_what_stands_a_day_too_long():
    _crew, permit = running()
    clock.keep_time(now=permit.window_end + timedelta(minutes=1))
    clock.keep_time(now=permit.window_end + timedelta(hours=24))
    assert not Notice.objects.filter(kind="permits.overdue").exists()
    for minutes in (1, 2):
        clock.keep_time(now=permit.window_end + timedelta(hours=24, minutes=minutes))
    assert Notice.objects.filter(kind="permits.overdue").count() == 1
    permit.refresh_from_db()
    assert permit.escalated_at is not None


def test_many_running_permits_are_watched_by_a_fixed_number_of_queries(django_assert_max_num_queries):
    district = make_district()
    crew = crew_of(district)
    first = make_permit(district, crew=crew, to="WORKING")
    other = make_person(district, order=720, name="另一监护人")
    for n in range(3):
        copy = Permit.objects.get(pk=first.pk)
        copy.pk, copy.number = None, f"HW2026-9{n}"
        copy.save(force_insert=True)
        PermitPerson.objects.create(permit=copy, person=other, part="GUARDIAN", number=1)
    with django_assert_max_num_queries(34):
        rows = Permit.objects.filter(status="WORKING").select_related("file__enterprise", "file__area", "requester")
        around = clock.Around()
        for loaded in load_many(list(rows)).values():
            clock.failing(loaded, first.started_at, around)


def test_a_sealed_permits_page_asks_fifteen_queries_at_most(django_assert_max_num_queries):
    district = make_district()
    permit = make_permit(district, to="WORKING")
    client = client_of(district.enterprise)
    client.get(f"/permits/{permit.pk}")
    with django_assert_max_num_queries(15):
        client.get(f"/permits/{permit.pk}")
