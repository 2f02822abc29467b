"""How long people are in a confined space: told on page, board and phone, as an alarm once, gone when they are out."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.domains.permits.factories import crew_of, make_permit
from tests.domains.training.factories import make_person
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson, SpaceEntry, WorkAlarm
from quancheng.domains.permits.queries.staying import stays_of
from quancheng.domains.permits.services import field, figures, guarding, staying
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.phone.parts import pack_for
from quancheng.kernel.phone.services import DeviceTime

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(at):
    """Somebody in a space, since a moment; what the draft told of the stay."""

    def of(stay="", **figure):
        district = make_district()
        crew = crew_of(district, "CS")
        work = {"stay_class": stay} if stay else {}
        permit = make_permit(district, "CS", crew=crew, to="WORKING", work=work)
        for name, value in figure.items():
            figures.set_figure(
                actor=crew.head, file=permit.file, name=name, value=value, from_date=at[0].date(), reason="收紧",
                now=at[0],
            )  # fmt: skip
        worker = PermitPerson.objects.get(permit=permit, part="WORKER")
        begun = permit.started_at + timedelta(minutes=1)
        entry = guarding.enter_space(actor=crew.safety, permit=permit, person=worker, tools=0, now=begun)
        return district, crew, permit, entry, begun

    return of


@pytest.mark.parametrize(
    ("stay", "minutes"), [("", 60), ("USUAL", 60), ("HOT", 30), ("APPARATUS", 30), ("HOT_APPARATUS", 30)]
)
def test_an_alarm_is_raised_once_when_somebody_stays_too_long_and_goes_when_he_is_out(inside, stay, minutes):
    _district, crew, permit, entry, begun = inside(stay)
    assert staying.watch_stays(now=begun + timedelta(minutes=minutes - 1)) == 0
    assert staying.watch_stays(now=begun + timedelta(minutes=minutes)) == 1
    assert staying.watch_stays(now=begun + timedelta(minutes=minutes + 1)) == 0
    alarm = WorkAlarm.objects.get(permit=permit, code="STAY")
    assert (alarm.count, alarm.closed_at) == (1, None)
    assert f"限{minutes}分钟" in alarm.words
    assert "某作业人" not in alarm.words
    out = begun + timedelta(minutes=minutes + 2)
    guarding.leave_space(actor=crew.safety, permit=permit, entry=entry, tools=0, now=out)
    alarm.refresh_from_db()
    assert alarm.closed_at == out
    # His next stay is another.
    guarding.enter_space(actor=crew.safety, permit=permit, person=entry.person, tools=0, now=out)
    assert staying.watch_stays(now=out + timedelta(minutes=minutes)) == 1
    assert WorkAlarm.objects.filter(permit=permit, code="STAY").count() == 2


def test_an_enterprise_sets_its_own_time(inside):
    _district, _crew, _permit, _entry, begun = inside(stay_usual_min="20")
    assert staying.watch_stays(now=begun + timedelta(minutes=19)) == 0
    assert staying.watch_stays(now=begun + timedelta(minutes=20)) == 1


def test_page_board_phone_and_rest_tell_how_long_somebody_is_inside(inside, at):
    district, crew, permit, _entry, begun = inside()
    at[0] = begun + timedelta(minutes=61)
    own = client_of(crew.safety)
    page = own.get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    assert "已61分钟，限60分钟" in page
    assert "停留超时，立即轮换" in page
    board = own.get("/permits/board").content.decode()
    assert "1人，最长61分钟" in board
    (row,) = json.loads(pack_for(actor=crew.safety, now=at[0])[0])["permits"]["permits"]
    assert row["stay_min"] == 60
    (one,) = client_of(district.department).get(f"/api/v1/permits/permits/{permit.pk}/inside").json()
    assert (one["person"], one["minutes"], one["is_late"]) == (SpaceEntry.objects.get().person.code, 61, True)
    assert client_of(district.other_enterprise).get(f"/api/v1/permits/permits/{permit.pk}/inside").status_code == 404


def told_of_stays():
    return Notice.objects.filter(kind="permits.alarm", data__alarm__startswith="STAY")


def test_who_stays_too_long_after_another_is_told_of_as_well(inside):
    district, crew, permit, first, begun = inside()
    person = make_person(district, order=780, name="某二号")
    second = PermitPerson.objects.create(permit=permit, person=person, part="WORKER", number=9)
    later = begun + timedelta(minutes=10)
    guarding.enter_space(actor=crew.safety, permit=permit, person=second, tools=0, now=later)
    assert staying.watch_stays(now=begun + timedelta(minutes=60)) == 1
    once = told_of_stays().count()
    assert once > 0
    assert staying.watch_stays(now=later + timedelta(minutes=60)) == 1
    assert told_of_stays().count() == 2 * once
    newest = told_of_stays().order_by("-created_at", "-pk").first()
    assert second.code in newest.data["alarm"]
    assert first.person.code not in newest.data["alarm"]
    assert staying.watch_stays(now=later + timedelta(minutes=61)) == 0
    assert told_of_stays().count() == 2 * once


@pytest.mark.parametrize(("minutes", "said"), [(50, "实际没有超时"), (62, "超时人员已离开空间")])
def test_an_exit_that_a_phone_tells_late_settles_with_when_it_was_and_whether_he_stayed_too_long(inside, minutes, said):
    _district, crew, permit, entry, begun = inside()
    raised = begun + timedelta(minutes=60)
    assert staying.watch_stays(now=raised) == 1
    out, now = begun + timedelta(minutes=minutes), begun + timedelta(minutes=75)
    field.tell_exit(
        actor=crew.safety, permit=permit, person=entry.person, tools=0, now=now, client_id=None,
        told=field.Told(time=DeviceTime(out, timedelta())),
    )  # fmt: skip
    alarm = WorkAlarm.objects.get(permit=permit, code="STAY")
    assert said in alarm.result
    assert (alarm.closed_at, alarm.ended_at) == (now, max(out, raised))


def test_who_was_inside_at_the_upgrade_floods_nobody_with_alarms(inside):
    _district, crew, permit, entry, begun = inside()
    name = "quancheng.domains.permits.migrations.0025_sanctions_rescue_and_watches"
    import_module(name).know_who_is_inside(apps, None)
    assert staying.watch_stays(now=begun + timedelta(hours=9)) == 0
    assert not WorkAlarm.objects.filter(code="STAY").exists()
    # His next stay is watched.
    out = begun + timedelta(hours=9)
    guarding.leave_space(actor=crew.safety, permit=permit, entry=entry, tools=0, now=out)
    guarding.enter_space(actor=crew.safety, permit=permit, person=entry.person, tools=0, now=out)
    assert staying.watch_stays(now=out + timedelta(minutes=60)) == 1


def test_stays_of_several_enterprises_are_read_by_two_queries(inside):
    district, crew, permit, entry, begun = inside(stay_usual_min="20")
    other = Permit.objects.get(pk=permit.pk)
    file = open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=begun)
    other.pk, other.file = uuid.uuid4(), file
    other.save(force_insert=True)
    worker = PermitPerson.objects.create(permit=other, person=crew.worker, part="WORKER", number=3)
    SpaceEntry.objects.create(permit=other, person=worker, tools_in=0, entered_at=entry.entered_at)
    with CaptureQueriesContext(connection) as told:
        found = stays_of([permit, other], begun + timedelta(minutes=30))
    assert len(told) == 2
    # Each by the time of its own enterprise.
    assert [(one.limit_min, one.is_late) for key in (permit.pk, other.pk) for one in found[key]] == [
        (20, True), (60, False)
    ]  # fmt: skip
