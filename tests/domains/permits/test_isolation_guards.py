"""What keeps a point of isolation where somebody depends on it: plates that come out, people inside, a "no" said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_permit, prepare, sign_all
from tests.domains.permits.isolation_factories import PLATE, apply, link, planned, verify
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import LinkRole, Permit
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.domains.permits.services import clock, preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """The clock of pages, which a test moves on."""
    now = [NOW + timedelta(minutes=30)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now


def codes(call):
    with pytest.raises(Refused) as caught:
        call()
    return {one["code"] for one in caught.value.facts["answers"]}


def standing_plate(crew, **known):
    """A plate that stood before the register was kept, verified."""
    plate = planned(crew, **{**PLATE, "stood_since": NOW.date() - timedelta(days=40), **known})
    return verify(crew, apply(crew, plate), proof="POSITION", result="牌号与图一致")


def removal(district, crew, plate, *, to="WORKING"):
    """A permit to take a plate out, at another place; answers it and the time."""
    permit = make_permit(district, "BL", crew=crew, to="DRAFT", work={"operations": ["REMOVE"]})
    Permit.objects.filter(pk=permit.pk).update(lon=Decimal("118.512"))
    permit.refresh_from_db()
    link(crew, permit, plate, LinkRole.FITS)
    prepare(crew, permit)
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    at = sign_all(crew, permit, now=at)
    if to == "WORKING":
        working.start_work(actor=crew.safety, permit=permit, now=at)
    return permit, at


# Plates that come out -------------------------------------------------------------------------------------------------


@pytest.mark.clause("S4-C3.3.1a")
def test_nothing_starts_upon_a_plate_that_is_being_taken_out_though_it_was_named_before(at):
    district = make_district()
    crew, second = crew_of(district, "BL"), crew_of(district, "TE", order=740)
    plate = standing_plate(crew)
    waiting = make_permit(district, "TE", crew=second, to="PREPARING")
    link(crew, waiting, plate)
    out, at[0] = removal(district, crew, plate)
    plate.refresh_from_db()
    assert plate.status == "VERIFIED"
    own = client_of(crew.safety)
    for state in ("WORKING", "SUSPENDED"):
        refused = own.post(f"/permits/{waiting.pk}", {"act": "present"})
        assert refused.status_code == 409
        assert "C-34" in refused.content.decode()
        assert "盲板正在抽出" in refused.content.decode()
        if state == "WORKING":
            working.suspend_work(actor=crew.safety, permit=out, stop_reason="BREAK", now=at[0])
    working.void_permit(actor=crew.head, permit=out, event="WORK_CHANGED", reason="不抽了", now=at[0])
    assert own.post(f"/permits/{waiting.pk}", {"act": "present"}).status_code == 303


def test_issued_and_running_work_upon_a_plate_stands_when_it_comes_out_and_none_names_it_then(at):
    district = make_district()
    crew, second, third = crew_of(district, "BL"), crew_of(district, "TE", order=740), crew_of(district, order=780)
    plate = standing_plate(crew)
    issued = make_permit(district, "TE", crew=second, to="APPROVING")
    link(crew, issued, plate)
    out, at[0] = removal(district, crew, plate)
    # The other order: signed through while it comes out it is refused at each signature.
    assert "C-34" in codes(lambda: sign_all(second, issued, now=at[0]))
    other = make_permit(district, "HW", crew=third, to="DRAFT")
    with pytest.raises(Conflict, match="正在"):
        link(crew, other, plate)
    Permit.objects.filter(pk=issued.pk).update(status="WORKING", issued_at=at[0], started_at=at[0])
    clock.keep_time(now=at[0] + timedelta(minutes=1))
    issued.refresh_from_db()
    assert issued.status == "SUSPENDED"
    assert "C-34" in {one.code for one in blocks_of(issued, at[0])}
    assert out.status == "WORKING"
