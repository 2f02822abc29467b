"""Booking a day ahead: what is booked too late is an emergency with its reason, is told as one, and is counted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse
from tests.domains.permits.factories import NOW, START, Crew, crew_of, draft_of, make_draft, make_permit
from tests.factories import District, client_of, make_district

from quancheng.domains.permits.models import BookingRuleChange, Permit, PermitAudit, WorkFiling
from quancheng.domains.permits.queries.audit_facts import audited
from quancheng.domains.permits.queries.booking import emergency_percent
from quancheng.domains.permits.queries.filings import class_of_permit
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import auditing, booking, drafting, filings, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHY = "管线泄漏，须当班抢修"
PHONE = {"phoned_at": START - timedelta(minutes=20), "phoned_to": "区应急管理局值班室"}


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def crew(district: District) -> Crew:
    return crew_of(district, "EX")


def unbooked(district: District, crew: Crew, **known: object) -> Permit:
    """A draft of excavation that nobody asked for yet."""
    permit = make_draft(district, "EX", crew, **known)
    Permit.objects.filter(pk=permit.pk).update(booked_at=None)
    permit.refresh_from_db()
    return permit


def submit(crew: Crew, permit: Permit, now=NOW) -> Permit:
    return drafting.submit_permit(actor=crew.safety, permit=permit, now=now)


def test_work_of_the_same_day_is_refused_with_the_clause_and_the_way_out(district, crew):
    permit = unbooked(district, crew)
    with pytest.raises(Refused) as refused:
        submit(crew, permit)
    told = {one["code"]: one for one in refused.value.facts["answers"]}
    assert set(told) == {"C-58"}
    assert told["C-58"]["clause"] == "AQ 3064.2-2025, 5.3.1"
    assert "勾选紧急预约" in told["C-58"]["remedy"]
    assert "2026-09-09起" in told["C-58"]["limit"]
    page = client_of(crew.safety).get(reverse("permits:permit", args=[permit.pk]), {"tab": "blocks"}).content.decode()
    assert "C-58" in page
    # A minute before midnight it is a day ahead.
    evening = START - timedelta(hours=9, minutes=1)
    assert submit(crew, permit, evening).booked_at == evening


def test_moved_to_the_next_day_or_named_an_emergency_it_is_taken(district, crew, at):
    at[0] = NOW
    client, permit = client_of(crew.safety), unbooked(district, crew)
    url = reverse("permits:change", args=[permit.pk])
    form = client.get(url).context["form"].initial
    typed = {name: value for name, value in form.items() if value not in (None, "", False)}
    typed |= {"window_start": "2026-09-08T09:00", "window_end": "2026-09-08T17:00"}
    bare = client.post(url, {**typed, "is_emergency": "on"})
    assert bare.status_code == 422
    assert "emergency_reason" in bare.context["form"].errors
    assert bare.context["form"]["content"].value() == typed["content"], "what was typed is kept"
    assert client.post(url, {**typed, "emergency_reason": WHY}).status_code == 422
    assert client.post(url, {**typed, "is_emergency": "on", "emergency_reason": WHY}).status_code == 303
    permit.refresh_from_db()
    assert (permit.is_emergency, permit.emergency_by, permit.emergency_at) == (True, crew.safety.name, NOW)
    submit(crew, permit)
    assert WHY in client.get(reverse("permits:permit", args=[permit.pk])).content.decode()
    listed = client.get(reverse("permits:permits"), {"emergency": "1"}).content.decode()
    assert permit.number in listed
    start = START + DAY
    later = unbooked(district, crew, window_start=start, window_end=start + DAY / 4, place="北门")
    assert submit(crew, later).booked_at == NOW


def test_a_booking_holds_when_the_work_is_put_off_and_not_when_it_is_moved_forward(district, crew):
    """Sent back and asked for anew, it keeps when it was booked."""
    permit = unbooked(district, crew, window_start=START + 3 * DAY, window_end=START + 3 * DAY + timedelta(hours=6))
    submit(crew, permit)
    drafting.send_back(actor=crew.head, permit=permit, reason="改期", now=NOW)
    later = draft_of("EX", window_start=START + 4 * DAY, window_end=START + 4 * DAY + timedelta(hours=6))
    drafting.change_draft(actor=crew.safety, permit=permit, version=permit.version, draft=later, now=NOW + DAY)
    assert permit.booked_at == NOW
    earlier = draft_of("EX", window_start=START + DAY, window_end=START + DAY + timedelta(hours=6))
    drafting.change_draft(actor=crew.safety, permit=permit, version=permit.version, draft=earlier, now=NOW + DAY)
    assert permit.booked_at is None
    with pytest.raises(Refused):
        submit(crew, permit, NOW + DAY)


def test_the_office_sets_how_far_ahead_from_when_and_whether_it_is_asked(district, crew):
    client, url = client_of(district.director), reverse("permits:booking_rule")
    given = {"lead_days": "2", "is_on": "on", "from_day": "2030-01-01", "reason": "本区规定"}
    assert client_of(crew.safety).get(url).status_code == 403
    assert client.post(url, {**given, "lead_days": "0"}).status_code == 422
    assert client.post(url, {**given, "from_day": "2020-01-01"}).status_code == 422
    assert client.post(url, given).status_code == 303
    assert "本区规定" in client.get(url).content.decode()
    rule = {"actor": district.director, "reason": "企业系统上线前", "now": NOW, "from_day": NOW.date()}
    with pytest.raises(Invalid):
        booking.set_booking_rule(**rule, lead_days=0, is_on=True)
    with pytest.raises(NotPermitted):
        booking.set_booking_rule(**{**rule, "actor": crew.safety}, lead_days=2, is_on=True)
    tomorrow = {"window_start": START + DAY, "window_end": START + DAY + timedelta(hours=6)}
    permit = unbooked(district, crew, **tomorrow)
    booking.set_booking_rule(**rule, lead_days=2, is_on=True)
    with pytest.raises(Refused):
        submit(crew, permit)
    booking.set_booking_rule(**rule, lead_days=1, is_on=False)
    assert BookingRuleChange.objects.count() == 3
    submit(crew, permit)
    same_day = unbooked(district, crew, place="北门")
    submit(crew, same_day)


def test_what_follows_a_permit_that_ended_undone_is_the_job_that_was_booked(district, crew):
    former = make_permit(district, "EX", crew=crew, to="PREPARING")
    working.cancel_permit(actor=crew.head, permit=former, reason="改期", now=NOW)
    new = drafting.renew_permit(actor=crew.safety, former=former, draft=draft_of("EX"), now=NOW)
    assert new.booked_at == former.booked_at
    earlier = draft_of("EX", window_start=START - timedelta(hours=1), window_end=START + timedelta(hours=5))
    working.cancel_permit(actor=crew.head, permit=submit(crew, new), reason="改期", now=NOW)
    assert drafting.renew_permit(actor=crew.safety, former=new, draft=earlier, now=NOW).booked_at is None


def test_an_emergency_is_phoned_before_it_begins_and_filed_within_two_hours(district, crew, at):
    permit = make_permit(district, "EX", crew=crew, is_emergency=True, emergency_reason=WHY)
    assert permit.status == "ISSUED"
    assert class_of_permit(permit) == "F6"
    soon, late = START + timedelta(hours=1), START + timedelta(hours=3)
    assert _verdict(permit, soon) == "NOT_APPLICABLE", "two hours are not over"
    assert _verdict(permit, late) == "FAIL"
    at[0] = soon
    client, url = client_of(crew.safety), reverse("permits:file_permit", args=[permit.pk])
    bare = client.post(url, {"cameras": ""})
    assert bare.status_code == 422
    assert {"phoned_at", "phoned_to"} <= set(bare.context["form"].errors)
    typed = {"phoned_at": "2026-09-08T08:40", "phoned_to": PHONE["phoned_to"]}
    assert client.post(url, typed).status_code == 303
    row = WorkFiling.objects.get(permit=permit)
    assert (row.code, row.phoned_at, row.due_at) == ("F6", PHONE["phoned_at"], START + timedelta(hours=2))
    assert (row.doubts, row.is_late) == ([], False)
    assert PHONE["phoned_to"] in client.get(reverse("permits:filing", args=[row.pk])).content.decode()
    assert _verdict(permit, late) == "PASS"


def test_an_emergency_that_was_phoned_or_filed_late_is_found(district, crew):
    permit = make_permit(district, "EX", crew=crew, is_emergency=True, emergency_reason=WHY)
    late = {**PHONE, "phoned_at": START + timedelta(minutes=10)}
    row = filings.file_permit(actor=crew.safety, permit=permit, now=START + timedelta(minutes=30), **late)
    assert row.doubts == ["PHONE"]
    assert row.is_late
    listed = client_of(district.director).get(reverse("permits:filings"), {"late": "1"}).content.decode()
    assert "电话报告晚于作业开始" in listed
    assert _verdict(permit, START + timedelta(hours=1)) == "FAIL"


def _verdict(permit, now):
    """What A-048 says of a permit at a moment."""
    auditing.audit_permit(permit=permit, moment="NIGHT", now=now)
    row = PermitAudit.objects.get(permit=permit, is_newest=True)
    told = {one["code"]: one["outcome"] for one in row.verdicts}
    return told.get("A-048", "PASS" if "A-048" in row.passed else "NOT_APPLICABLE")


def test_too_many_emergencies_are_told_by_the_audit_and_counted_with_their_rows(district, crew, at):
    permit = make_permit(district, "EX", crew=crew, is_emergency=True, emergency_reason=WHY)
    for number in range(3):
        start = START + (number + 1) * DAY
        other = unbooked(district, crew, place=f"{number}号门", window_start=start, window_end=start + DAY / 4)
        submit(crew, other)
    assert emergency_percent(permit.file_id, NOW + DAY) == Decimal("25.0")
    assert emergency_percent(permit.file_id, NOW + 31 * DAY) is None
    assert audited(load_rows(permit), NOW + DAY).emergency_percent == Decimal("25.0")
    auditing.audit_permit(permit=permit, moment="NIGHT", now=NOW + timedelta(hours=1))
    row = PermitAudit.objects.get(permit=permit, is_newest=True)
    assert "A-049" in {one["code"] for one in row.verdicts if one["outcome"] == "FAIL"}
    at[0] = NOW + timedelta(hours=1)
    client = client_of(district.town)
    lines = {str(one.name): one for _t, held in client.get("/permits/statistics").context["tables"] for one in held}
    assert (lines["紧急预约"].now, lines["紧急预约率"].now) == (1, "25.0%")
    assert permit.number in client.get(lines["紧急预约"].url).content.decode()


def test_programs_read_emergencies_and_file_them_with_whom_they_phoned(district, crew, at):
    permit = make_permit(district, "EX", crew=crew, is_emergency=True, emergency_reason=WHY)
    at[0] = START + timedelta(minutes=30)
    client = client_of(crew.safety)
    (told,) = client.get(reverse("api:list_permits"), {"emergency": "true"}).json()["items"]
    assert (told["id"], told["emergency_reason"]) == (str(permit.pk), WHY)
    assert client.get(reverse("api:list_permits"), {"emergency": "false"}).json()["items"] == []
    url = reverse("api:file_permit", args=[permit.pk])
    sent = {"phoned_at": "2026-09-08T08:40:00+08:00"}
    assert client.post(url, sent, content_type="application/json").status_code == 422
    sent["phoned_to"] = PHONE["phoned_to"]
    answer = client.post(url, sent, content_type="application/json")
    assert answer.status_code == 201
    assert (answer.json()["phoned_to"], answer.json()["is_late"]) == (PHONE["phoned_to"], False)


def test_what_was_asked_for_before_the_upgrade_was_booked_when_it_was_asked_for_first(district, crew):
    asked, draft = make_permit(district, "EX", crew=crew, to="PREPARING"), unbooked(district, crew, place="北门")
    Permit.objects.update(booked_at=None)
    import_module("quancheng.domains.permits.migrations.0020_booking_ahead").tell_when_booked(apps, None)
    asked.refresh_from_db()
    draft.refresh_from_db()
    assert (asked.booked_at, asked.is_emergency, draft.booked_at) == (NOW, False, None)
