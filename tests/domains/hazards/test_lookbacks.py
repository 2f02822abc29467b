"""Looking back for responsibility: what sets it off once, records frozen, conclusions that the blamed read late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.risk.factories import make_object, make_unit
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.hazards.models import CheckRecord, Finding, Lookback
from quancheng.domains.hazards.queries.lookbacks import causes_of, changed_since
from quancheng.domains.hazards.queries.majors import list_majors
from quancheng.domains.hazards.services.lookbacks import end_lookback, open_lookback
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def missed(district: District, *, days: int = 10) -> tuple[Finding, CheckRecord]:
    """A major danger in a unit that a check called normal some days before."""
    file = own_file(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    at = NOW - timedelta(days=days)
    record = CheckRecord.objects.create(
        file=file, unit=unit, content="检查装卸口", form="daily", status=0, person_id=district.enterprise.user_id,
        person_name="示例甲", at=at, client_at=at, received_at=at,
    )  # fmt: skip
    return make_finding(district.enterprise, file, name="液氨用软管", unit=unit, is_major=True), record


def ok(answer: Any) -> None:
    assert answer.status_code in (302, 303), answer.content.decode()[-1500:]


def test_the_ledger_tells_of_a_look_back_to_who_may_see_it_alone() -> None:
    district = make_district()
    row, _record = missed(district)
    made = open_lookback(actor=district.department, finding=row, reason="查", accident="", now=NOW)
    Lookback.objects.filter(pk=made.pk).update(status="APPROVED", closed_at=NOW)

    def code(actor: Actor) -> Any:
        return list_majors(actor=actor).values_list("lookback_code", flat=True).get()

    assert code(district.department) == made.code
    assert code(district.enterprise) is None


def test_a_check_that_said_normal_sets_it_off_once_and_the_blamed_read_their_part_after_approval() -> None:
    district = make_district()
    row, _record = missed(district)
    assert [one.trigger for one in causes_of(row, today=TODAY)] == ["missed"]
    office, own = client_of(district.department), client_of(district.enterprise)
    town = client_of(district.town)
    address = reverse("hazards:lookback_new", args=[row.pk])
    assert "应查出未查出" in office.get(address).content.decode()
    assert own.get(address).status_code == 403
    kept = office.post(address, {"reason": "", "accident": "示例事故"})
    assert kept.status_code == 422
    assert "示例事故" in kept.content.decode()
    ok(office.post(address, {"reason": "检查记录正常，三日后查出"}))
    made = Lookback.objects.get()
    page = reverse("hazards:lookback", args=[made.pk])
    assert "示例甲" in office.get(page + "?tab=chain").content.decode()
    assert [own.get(page).status_code, town.get(page).status_code] == [404, 404]
    assert office.post(page, {"act": "submit", "text": "完"}).status_code == 409  # it says nothing of anybody
    add = reverse("hazards:conclusion_new", args=[made.pk])
    told = {"link": "post", "fault": "faked", "level": "unit", "org": str(row.owner_org_id), "who": "装卸班",
            "suggestion": "talk", "evidence": "当日记录为正常"}  # fmt: skip
    assert office.post(add, {**told, "evidence": ""}).status_code == 422
    assert office.post(add, {**told, "org": ""}).status_code == 422
    ok(office.post(add, told))
    ok(office.post(add, {**told, "link": "town", "fault": "unurged", "level": "authority", "who": "安监办",
                         "org": str(district.town_org.pk), "evidence": "未跟踪"}))  # fmt: skip
    ok(office.post(page, {"act": "submit", "text": "岗位假查，镇街未督"}))
    assert office.post(page, {"act": "approve"}).status_code in (403, 404, 409, 422)
    assert office.post(add, told).status_code == 409
    ok(client_of(district.department_head).post(page, {"act": "approve"}))
    theirs = own.get(page).content.decode()
    assert "装卸班" in theirs
    assert "未跟踪" not in theirs
    assert "岗位假查，镇街未督" not in theirs
    assert "未跟踪" in town.get(page).content.decode()
    assert client_of(district.other_enterprise).get(page).status_code == 404
    # The same check does not set another one off, and nothing else does.
    assert causes_of(row, today=TODAY) == []
    with pytest.raises(Conflict):
        open_lookback(actor=district.department, finding=row, reason="再查", accident="", now=NOW)
    again = open_lookback(actor=district.department, finding=row, reason="再查", accident="示例事故", now=NOW)
    end_lookback(actor=district.department, row=again, name="drop", reason="事故与此无关", now=NOW)
    with pytest.raises(Conflict), transaction.atomic():
        open_lookback(actor=district.department, finding=row, reason="再查", accident="示例事故", now=NOW)


def test_frozen_records_that_read_otherwise_later_are_told() -> None:
    district = make_district()
    row, record = missed(district)
    made = open_lookback(actor=district.department, finding=row, reason="倒查", accident="", now=NOW)
    assert changed_since(made) == []
    # The danger is said to lie elsewhere now: the frozen check is as it was.
    Finding.objects.filter(pk=row.pk).update(unit=None)
    made = Lookback.objects.get(pk=made.pk)
    assert changed_since(made) == []
    CheckRecord.objects.filter(pk=record.pk).update(note="后补的说明")
    assert changed_since(made) == [str(record.pk)]
    page = client_of(district.department).get(reverse("hazards:lookback", args=[made.pk]) + "?tab=chain")
    assert "与封存时不同" in page.content.decode()


def test_what_was_checked_too_long_ago_and_what_is_general_sets_nothing_off() -> None:
    district = make_district()
    row, _record = missed(district, days=32)
    assert causes_of(row, today=TODAY) == []
    Finding.objects.filter(pk=row.pk).update(is_repeat=True)
    fake = make_finding(district.department, row.file, name="再次发现")
    Finding.objects.filter(pk=fake.pk).update(reopens=row)
    row.refresh_from_db()
    assert [one.trigger for one in causes_of(row, today=TODAY)] == ["false_closing"]
