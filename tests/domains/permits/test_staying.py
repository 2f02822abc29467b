"""How long people are in a confined space: told on page, board and phone, as an alarm once, gone when they are out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.domains.permits.factories import crew_of, make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import PermitPerson, SpaceEntry, WorkAlarm
from quancheng.domains.permits.services import figures, guarding, staying
from quancheng.kernel.phone.parts import pack_for

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
