"""Musters: who is at work or in is on the roll at once, each is marked by one tap, and who is missing is told."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, make_permit, own_file
from tests.domains.training.factories import make_person
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Muster, Permit, RollEntry, RollState, SpaceEntry, StopOrder
from quancheng.domains.permits.notices import MISSING
from quancheng.domains.permits.services.clock import keep_time
from quancheng.domains.training.models import GatePass
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def called(client, **given):
    typed = {"reason": "罐区泄漏，全员撤离", "client_id": str(uuid.uuid4()), **given}
    answer = client.post("/permits/musters/new", typed)
    assert answer.status_code == 303, answer.content.decode()
    return Muster.objects.get()


def names(muster):
    return set(RollEntry.objects.filter(muster=muster).values_list("name", flat=True))


def mark(client, entry, state):
    return client.post(reverse("permits:muster_mark", args=[entry.muster_id, entry.pk]), {"state": state})


def test_one_order_stops_the_work_and_calls_the_roll_of_everybody_on_it():
    district = make_district()
    permit = make_permit(district, "CS", to="WORKING")
    person = permit.people.filter(part="WORKER").first()
    SpaceEntry.objects.create(permit=permit, person=person, tools_in=0, entered_at=AT)
    client = client_of(district.department)
    answer = client.post("/permits/orders/new", {
        "file": permit.file_id, "cause": "EVACUATION", "reason": "邻近泄漏", "with_muster": "on",
        "client_id": str(uuid.uuid4()),
    })  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()
    assert Permit.objects.get(pk=permit.pk).status == "SUSPENDED"
    muster = Muster.objects.get()
    assert muster.order == StopOrder.objects.get()
    assert names(muster) == set(permit.people.values_list("person__name", flat=True))
    assert RollEntry.objects.get(muster=muster, person=person.person_id).is_inside
    page = client_of(district.enterprise).get(reverse("permits:muster", args=[muster.pk])).content.decode()
    assert "在受限空间内" in page
    assert person.person.name in page


def test_whom_the_gate_says_to_be_in_is_on_the_roll_too():
    district = make_district()
    firm = {"employer_name": "示例检修公司", "educated": False}
    guest = make_person(district, order=77, employment="contractor", name="示例外来工", **firm)
    out = make_person(district, order=78, employment="contractor", name="示例已离厂", **firm)
    for one, direction in ((guest, "in"), (out, "in"), (out, "out")):
        GatePass.objects.create(
            **own_file(district).row_scope(), file=own_file(district), person=one, direction=direction, at=AT,
            is_allowed=True,
        )  # fmt: skip
    muster = called(client_of(district.enterprise))
    assert names(muster) == {"示例外来工"}


def test_each_is_marked_by_one_tap_and_the_muster_ends_when_nobody_is_missing():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    client = client_of(district.enterprise)
    muster = called(client, point="北门集合点")
    rows = list(RollEntry.objects.filter(muster=muster))
    assert len(rows) == permit.people.values("person").distinct().count()
    url = reverse("permits:muster", args=[muster.pk])

    def end(note=""):
        return client.post(url, {"act": "end", "note": note, "client_id": str(uuid.uuid4())})

    refused = end()
    assert refused.status_code == 422
    assert f"还有{len(rows)}人未到" in refused.content.decode()
    for row in rows:
        assert mark(client, row, "HERE").status_code == 303
    assert mark(client, rows[0], "nowhere").status_code == 422
    assert JournalEntry.objects.filter(act="permits.muster.mark").count() == len(rows)
    assert not RollEntry.objects.filter(muster=muster, state=RollState.UNKNOWN).exists()
    typed = {"act": "add", "name": "示例访客", "firm": "示例物流", "client_id": str(uuid.uuid4())}
    assert client.post(url, typed).status_code == 303
    assert RollEntry.objects.get(name="示例访客").state == "HERE"
    assert end().status_code == 303
    assert Muster.objects.get().status == "ENDED"
    assert mark(client, rows[0], "UNKNOWN").status_code == 409


def test_who_is_missing_after_five_minutes_is_told_once():
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    muster = called(client_of(district.enterprise))
    keep_time(now=AT + timedelta(minutes=4))
    assert not Notice.objects.filter(kind=MISSING).exists()
    keep_time(now=AT + timedelta(minutes=6))
    told = Notice.objects.filter(kind=MISSING)
    assert district.enterprise.user_id in set(told.values_list("user_id", flat=True))
    count = told.count()
    keep_time(now=AT + timedelta(minutes=7))
    assert told.count() == count
    muster.refresh_from_db()
    assert muster.told_at is not None


def test_another_enterprise_neither_reads_nor_marks_and_an_office_only_reads():
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    muster = called(client_of(district.enterprise))
    row = RollEntry.objects.filter(muster=muster).first()
    other = client_of(district.other_enterprise)
    assert other.get(reverse("permits:muster", args=[muster.pk])).status_code == 404
    assert mark(other, row, "HERE").status_code == 404
    assert client_of(district.town).get(reverse("permits:muster", args=[muster.pk])).status_code == 200
    assert mark(client_of(district.town), row, "HERE").status_code == 403
    assert RollEntry.objects.get(pk=row.pk).state == "UNKNOWN"


def test_a_call_without_a_reason_keeps_what_was_typed_and_a_second_call_goes_on_with_the_first():
    district = make_district()
    own_file(district)
    client = client_of(district.enterprise)
    refused = client.post("/permits/musters/new", {"point": "北门", "reason": " ", "client_id": str(uuid.uuid4())})
    assert refused.status_code == 422
    assert "北门" in refused.content.decode()
    first = called(client, is_drill="on")
    make_permit(district, "BL", to="WORKING")
    again = called(client)
    assert again.pk == first.pk
    assert not again.is_drill
    assert names(again)


def test_an_order_in_earnest_takes_over_a_drill_and_who_is_missing_is_told_anew():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    called(client_of(district.enterprise), is_drill="on", reason="季度演练")
    keep_time(now=AT + timedelta(minutes=6))
    before = Notice.objects.filter(kind=MISSING).count()
    order = {"file": permit.file_id, "cause": "EVACUATION", "reason": "真实泄漏", "with_muster": "on"}
    answer = client_of(district.department).post("/permits/orders/new", {**order, "client_id": str(uuid.uuid4())})
    assert answer.status_code == 303
    muster = Muster.objects.get()
    assert not muster.is_drill
    assert muster.order == StopOrder.objects.get()
    assert "真实泄漏" in muster.reason
    keep_time(now=AT + timedelta(minutes=7))
    told = Notice.objects.filter(kind=MISSING)
    assert told.count() > before
    assert district.department.user_id in set(told.values_list("user_id", flat=True))


def test_who_is_in_a_space_under_a_permit_that_ended_is_on_the_roll():
    district = make_district()
    permit = make_permit(district, "CS", to="WORKING")
    person = permit.people.filter(part="WORKER").first()
    SpaceEntry.objects.create(permit=permit, person=person, tools_in=0, entered_at=AT)
    Permit.objects.filter(pk=permit.pk).update(status="VOID", ended_at=AT)
    muster = called(client_of(district.enterprise))
    assert names(muster) == {person.person.name}
    assert RollEntry.objects.get(muster=muster).is_inside
