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
from quancheng.domains.permits.queries.booking import emergency_share
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


def test_the_office_sets_how_far_ahead_and_from_when_and_never_less_than_the_standard(district, crew):
    client, url = client_of(district.director), reverse("permits:booking_rule")
    given = {"lead_days": "2", "from_day": "2030-01-01", "reason": "本区规定"}
    assert client_of(crew.safety).get(url).status_code == 403
    assert client.post(url, {**given, "lead_days": "0"}).status_code == 422
    assert client.post(url, {**given, "from_day": "2020-01-01"}).status_code == 422
    assert client.post(url, given).status_code == 303
    assert "本区规定" in client.get(url).content.decode()
    rule = {"actor": district.director, "reason": "企业系统上线前", "now": NOW, "from_day": NOW.date()}
    with pytest.raises(Invalid):
        booking.set_booking_rule(**rule, lead_days=0)
    with pytest.raises(NotPermitted):
        booking.set_booking_rule(**{**rule, "actor": crew.safety}, lead_days=2)
    tomorrow = {"window_start": START + DAY, "window_end": START + DAY + timedelta(hours=6)}
    permit = unbooked(district, crew, **tomorrow)
    earlier = unbooked(district, crew, **tomorrow, place="南门")
    submit(crew, earlier, NOW - timedelta(minutes=1))
    drafting.send_back(actor=crew.head, permit=earlier, reason="补充", now=NOW)
    booking.set_booking_rule(**rule, lead_days=2)
    submit(crew, earlier, NOW + timedelta(minutes=1))
    with pytest.raises(Refused):
        submit(crew, permit)
    booking.set_booking_rule(**rule, lead_days=1)
    assert BookingRuleChange.objects.count() == 3
    submit(crew, permit)


def test_what_follows_a_permit_that_ended_undone_is_the_job_that_was_booked(district, crew):
    former = make_permit(district, "EX", crew=crew, to="PREPARING")
    working.cancel_permit(actor=crew.head, permit=former, reason="改期", now=NOW)
    new = drafting.renew_permit(actor=crew.safety, former=former, draft=draft_of("EX"), now=NOW)
    assert new.booked_at == former.booked_at is not None
    elsewhere = {"place": "北门"}, {"content": "挖电缆沟"}
    for number, told in enumerate(elsewhere):
        other = make_permit(district, "EX", crew=crew, to="PREPARING", place=f"{number}号门")
        working.cancel_permit(actor=crew.head, permit=other, reason="改期", now=NOW)
        draft = draft_of("EX", **{"place": other.place, **told})
        assert drafting.renew_permit(actor=crew.safety, former=other, draft=draft, now=NOW).booked_at is None
    old = make_permit(district, "EX", crew=crew, to="PREPARING", place="旧址")
    working.cancel_permit(actor=crew.head, permit=old, reason="改期", now=NOW)
    late = old.window_end + DAY + timedelta(minutes=1)
    put_off = draft_of("EX", place="旧址", window_start=late + DAY, window_end=late + DAY + timedelta(hours=6))
    assert drafting.renew_permit(actor=crew.safety, former=old, draft=put_off, now=late).booked_at is None
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
    idle = filings.file_permit(actor=crew.safety, permit=permit, now=START + timedelta(minutes=30), **late)
    assert (idle.doubts, idle.is_late) == ([], False), "the work has not begun"
    assert _verdict(permit, START + timedelta(minutes=31)) == "PASS"
    Permit.objects.filter(pk=permit.pk).update(started_at=START + timedelta(minutes=5))
    filings.keep_filings(now=START + timedelta(minutes=35))
    row = WorkFiling.objects.get(permit=permit)
    assert row.doubts == ["PHONE"]
    assert row.is_late
    listed = client_of(district.director).get(reverse("permits:filings"), {"late": "1"}).content.decode()
    assert "电话报告晚于作业开始" in listed
    assert _verdict(permit, START + timedelta(hours=1)) == "FAIL"


def _verdict(permit, now, rule="A-048"):
    """What a rule says of a permit at a moment."""
    auditing.audit_permit(permit=permit, moment="NIGHT", now=now)
    row = PermitAudit.objects.get(permit=permit, is_newest=True)
    told = {one["code"]: one["outcome"] for one in row.verdicts}
    return told.get(rule, "PASS" if rule in row.passed else "NOT_APPLICABLE")


def test_too_many_emergencies_are_told_by_the_audit_and_counted_with_their_rows(district, crew, at):
    permit = make_permit(district, "EX", crew=crew, is_emergency=True, emergency_reason=WHY)
    for number in range(3):
        start = START + (number + 1) * DAY
        other = unbooked(district, crew, place=f"{number}号门", window_start=start, window_end=start + DAY / 4)
        submit(crew, other)
    share = emergency_share(permit.file_id, NOW + DAY)
    assert (share.bookings, share.percent) == (4, Decimal("25.0"))
    assert emergency_share(permit.file_id, NOW + 31 * DAY).percent is None
    assert audited(load_rows(permit), NOW + DAY).emergency_percent == Decimal("25.0")
    assert audited(load_rows(other), NOW + DAY).emergency_percent is None, "asked of emergencies alone"
    assert _verdict(permit, NOW + timedelta(hours=1), "A-049") == "NOT_APPLICABLE", "a handful is no habit"
    at[0] = NOW + timedelta(hours=1)
    client = client_of(district.town)
    lines = {str(one.name): one for _t, held in client.get("/permits/statistics").context["tables"] for one in held}
    assert (lines["紧急预约"].now, lines["紧急预约率"].now) == (1, "25.0%")
    assert permit.number in client.get(lines["紧急预约"].url).content.decode()
    # What follows one that is counted is the same booking.
    working.cancel_permit(actor=crew.head, permit=other, reason="改期", now=NOW)
    again = draft_of("EX", place=other.place, window_start=start, window_end=start + DAY / 4)
    submit(crew, drafting.renew_permit(actor=crew.safety, former=other, draft=again, now=NOW))
    assert emergency_share(permit.file_id, NOW + DAY).bookings == 4
    last = submit(crew, unbooked(district, crew, place="末号门", window_start=start, window_end=start + DAY / 4))
    assert _verdict(permit, NOW + timedelta(hours=2), "A-049") == "PASS", "one of five"
    Permit.objects.filter(pk=last.pk).update(is_emergency=True, emergency_reason=WHY, emergency_at=NOW)
    assert _verdict(permit, NOW + timedelta(hours=3), "A-049") == "FAIL"


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


def test_what_was_sent_back_before_the_upgrade_may_be_asked_for_anew(district, crew):
    draft = submit(crew, make_draft(district, "EX", crew))
    drafting.send_back(actor=crew.head, permit=draft, reason="补充", now=NOW)
    Permit.objects.update(booked_at=None)
    import_module("quancheng.domains.permits.migrations.0020_booking_ahead").tell_when_booked(apps, None)
    draft.refresh_from_db()
    assert draft.booked_at == START - DAY
    assert submit(crew, draft).booked_at == START - DAY


def test_an_emergency_in_name_alone_lifts_no_lead_of_a_filing(district, crew):
    start = START + DAY
    told = {"is_emergency": True, "emergency_reason": WHY}
    tomorrow = {"window_start": start, "window_end": start + timedelta(hours=6)}
    with pytest.raises(Invalid) as refused:
        make_draft(district, "EX", crew, **tomorrow, **told)
    assert "5.3.1" in str(refused.value.fields["is_emergency"])
    permit = make_draft(district, "EX", crew, **told)
    assert class_of_permit(permit) == "F6"
    later = draft_of("EX", **tomorrow, **told)
    drafting.change_draft(actor=crew.safety, permit=permit, version=permit.version, draft=later, now=NOW)
    assert (permit.is_emergency, permit.emergency_reason, permit.emergency_at) == (False, "", None)
    assert class_of_permit(permit) != "F6"


def test_a_booking_is_of_its_place_and_work(district, crew):
    for number, told in enumerate(({"place": "北门"}, {"content": "挖电缆沟"})):
        permit = make_draft(district, "EX", crew, place=f"{number}号门")
        same = draft_of("EX", place=f"{number} 号门", work_unit="另一班组")
        drafting.change_draft(actor=crew.safety, permit=permit, version=permit.version, draft=same, now=NOW)
        assert permit.booked_at is not None
        other = draft_of("EX", **{"place": permit.place, **told})
        drafting.change_draft(actor=crew.safety, permit=permit, version=permit.version, draft=other, now=NOW)
        assert permit.booked_at is None


def test_a_window_from_today_is_not_booked_by_a_slot_of_tomorrow(district, crew):
    slots = [(START + DAY, START + DAY + timedelta(hours=2))]
    permit = unbooked(district, crew, window_end=START + DAY + timedelta(hours=8), slots=slots)
    with pytest.raises(Refused) as refused:
        submit(crew, permit)
    assert "C-58" in {one["code"] for one in refused.value.facts["answers"]}


def test_an_emergency_that_never_began_is_not_missed_and_one_that_ended_may_still_be_filed(district, crew, at):
    told = {"crew": crew, "is_emergency": True, "emergency_reason": WHY}
    idle = make_permit(district, "EX", **told)
    Permit.objects.filter(pk=idle.pk).update(status="VOID")
    done = make_permit(district, "EX", place="北门", **told)
    late = START + timedelta(hours=3)
    assert _verdict(idle, late) == "NOT_APPLICABLE"
    Permit.objects.filter(pk=done.pk).update(status="CLOSED", started_at=START)
    at[0] = START + timedelta(hours=1)
    client, url = client_of(crew.safety), reverse("permits:file_permit", args=[done.pk])
    assert url in client.get(reverse("permits:permit", args=[done.pk])).content.decode()
    typed = {"phoned_at": "2026-09-08T08:40", "phoned_to": PHONE["phoned_to"]}
    assert client.post(url, typed).status_code == 303
    assert client.post(reverse("permits:file_permit", args=[idle.pk]), typed).status_code == 409
    assert _verdict(done, late) == "PASS"


def test_the_blocks_of_what_is_asked_for_follow_the_rule_of_the_office(district, crew, at):
    at[0] = NOW
    start = START + 2 * DAY
    permit = unbooked(district, crew, window_start=start, window_end=start + timedelta(hours=6))
    submit(crew, permit)
    at[0] = NOW + timedelta(minutes=1)
    told = {"actor": district.director, "reason": "本区规定", "from_day": NOW.date()}
    booking.set_booking_rule(**told, lead_days=5, now=NOW - timedelta(minutes=1))
    page = client_of(crew.safety).get(reverse("permits:permit", args=[permit.pk]), {"tab": "blocks"}).content.decode()
    assert "C-58" in page
