"""Guarantors of major hazards: named, given their tasks, done or explained by the period, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.domains.risk.factories import make_object
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import CheckDue, CheckTask, Guarantor, GuarantorRound
from quancheng.domains.hazards.queries import guarantors as queries
from quancheng.domains.hazards.services import guarantors as services
from quancheng.domains.hazards.services.check_dues import make_dues
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.registry.models import Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.schedule.services import generate
from quancheng.standards.risk.check_cycles import CHINA

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
PHONE = "13900000001"


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def hazard_of(district: District) -> Unit:
    """A registered tank farm of grade 2 with its analysis object."""
    file = own_file(district)
    unit = Unit.objects.create(file=file, code="Z1", name="示例罐区", kind="storage", legal_grade=2,
                               legal_at=NOW - timedelta(days=90), created_at=NOW)  # fmt: skip
    make_object(district.enterprise, file, code="Z1", kind="hazard", place=unit, name="示例罐区")
    return unit


def staff(district: District, name: str) -> Actor:
    return make_actor(district.enterprise_org, "enterprise.worker", name=name)


def name(district: District, unit: Unit, role: str, person: Actor, *, since: date = TODAY) -> Guarantor:
    assert person.user_id is not None
    return services.name_guarantor(
        actor=district.enterprise, hazard=unit, role=role, person_id=person.user_id, job="示例职务", phone=PHONE,
        since=since, now=NOW,
    )  # fmt: skip


@pytest.mark.usefixtures("at_now")
@pytest.mark.clause("S2-7b")
def test_an_enterprise_names_three_persons_and_their_tasks_follow_from_the_lists() -> None:
    district = make_district()
    unit = hazard_of(district)
    people = {role: staff(district, f"示例{role}") for role in ("main", "technical", "operation")}
    client = client_of(district.enterprise)
    page, new = (reverse(f"hazards:{one}", args=[unit.pk]) for one in ("guarantors_of", "guarantor_new"))
    assert "没有确定技术负责人" in client.get(page).content.decode()
    for role, person in people.items():
        given = {"role": role, "person": str(person.user_id), "job": "车间主任", "phone": PHONE, "since": "2026-09-08"}
        wrong = client.post(new, {**given, "phone": "12"})
        assert wrong.status_code == 422
        assert "车间主任" in wrong.content.decode()
        assert client.post(new, given).status_code == 303
    tasks = reverse("hazards:guarantor_tasks", args=[unit.pk])
    assert client.post(tasks, {"first": "2026-09-01"}).status_code == 422
    assert client.post(tasks, {"first": "2026-09-09"}).status_code == 303
    by_type = {kind: CheckTask.objects.filter(object__place=unit, work_type=kind).count() for kind in (1, 2, 3)}
    assert by_type == {1: 9, 2: 9, 3: 10}
    assert set(CheckTask.objects.filter(work_type=3).values_list("person", flat=True)) == {people["operation"].user_id}
    shown = client.get(page).content.decode()
    assert "示例operation" in shown
    assert PHONE not in client.get(f"{page}?tab=people").content.decode()
    assert services.build_tasks(actor=district.enterprise, hazard=unit, first=TODAY, now=NOW) == 0
    assert client_of(district.other_enterprise).get(page).status_code == 404
    assert client_of(district.department).get(page).status_code == 200
    assert client_of(district.department).post(new, {}).status_code == 403
    told = client_of(district.department).get("/api/v1/hazards/guarantors", {"hazard_id": str(unit.pk)}).json()
    assert {one["role"] for one in told["items"]} == {"main", "technical", "operation"}
    assert PHONE not in str(told)


def test_a_successor_takes_over_the_tasks_and_nobody_is_named_backwards_or_from_elsewhere() -> None:
    district = make_district()
    unit = hazard_of(district)
    first, second = staff(district, "示例甲"), staff(district, "示例乙")
    old = name(district, unit, "operation", first, since=TODAY - timedelta(days=30))
    services.build_tasks(actor=district.enterprise, hazard=unit, first=TODAY, now=NOW)
    with pytest.raises(Conflict):
        name(district, unit, "operation", first)
    with pytest.raises(Invalid) as backwards:
        name(district, unit, "operation", second, since=TODAY - timedelta(days=60))
    assert "since" in backwards.value.fields
    with pytest.raises(Invalid) as stranger:
        name(district, unit, "operation", district.other_enterprise)
    assert "person" in stranger.value.fields
    with pytest.raises(NotPermitted):
        services.name_guarantor(actor=district.other_enterprise, hazard=unit, role="main", person_id=first.user_id,
                                job="x", phone=PHONE, since=TODAY, now=NOW)  # type: ignore[arg-type] # fmt: skip
    name(district, unit, "operation", second)
    old.refresh_from_db()
    assert old.until_date == TODAY - timedelta(days=1)
    assert set(CheckTask.objects.filter(work_type=3).values_list("person", flat=True)) == {second.user_id}
    assert set(CheckDue.objects.filter(work_type=3).values_list("person", flat=True)) == {second.user_id}
    assert queries.standing_of(unit.pk, on=TODAY - timedelta(days=2))["operation"].person_id == first.user_id
    with pytest.raises(Conflict):
        services.retire_guarantors(actor=district.enterprise, hazard=unit, reason="不再需要", now=NOW)


@pytest.mark.usefixtures("at_now")
def test_guarantors_leave_a_unit_that_is_no_major_hazard_any_more_and_their_tasks_end() -> None:
    district = make_district()
    unit = hazard_of(district)
    name(district, unit, "operation", staff(district, "示例甲"), since=TODAY - timedelta(days=30))
    later = name(district, unit, "main", staff(district, "示例乙"), since=TODAY + timedelta(days=3))
    services.build_tasks(actor=district.enterprise, hazard=unit, first=TODAY, now=NOW)
    own, office = client_of(district.enterprise), client_of(district.department)
    page, leave = (reverse(f"hazards:{one}", args=[unit.pk]) for one in ("guarantors_of", "guarantors_retire"))
    assert own.get(leave).status_code == 409
    assert own.post(leave, {"reason": "不再需要"}).status_code == 409
    Unit.objects.filter(pk=unit.pk).update(legal_grade=None)
    assert leave in own.get(page).content.decode()
    assert leave not in office.get(page).content.decode()
    assert office.post(leave, {"reason": "不再需要"}).status_code == 403
    assert client_of(district.other_enterprise).get(leave).status_code == 404
    assert "责任人尚未卸任" in office.get(reverse("hazards:guarantors")).content.decode()
    assert own.post(reverse("hazards:guarantor_tasks", args=[unit.pk]), {"first": "2026-09-09"}).status_code == 409
    assert own.post(leave, {"reason": ""}).status_code == 422
    assert own.post(leave, {"reason": "储量减少，不再构成重大危险源"}).status_code == 303
    assert not Guarantor.objects.filter(until_date__isnull=True).exists()
    later.refresh_from_db()
    assert later.until_date == later.since_date
    assert not CheckTask.objects.filter(work_type__gt=0, ended_date__isnull=True).exists()
    assert own.get(page).status_code == 404


def test_the_page_of_what_was_done_leads_to_an_enterprise_of_any_name() -> None:
    district = make_district()
    unit = hazard_of(district)
    name(district, unit, "operation", staff(district, "示例甲"))
    services.build_tasks(actor=district.enterprise, hazard=unit, first=TODAY, now=NOW)
    type(unit.file.enterprise).objects.filter(pk=unit.file.enterprise_id).update(name="示例A&B化工")
    shown = client_of(district.department).get(
        reverse("hazards:guarantor_performance"), {"first": "2026-09-01", "last": "2026-09-30"}
    )
    assert "?q=%E7%A4%BA%E4%BE%8BA%26B%E5%8C%96%E5%B7%A5" in shown.content.decode()
    beyond = client_of(district.department).get(
        reverse("hazards:guarantor_performance"), {"first": "9999-12-01", "last": "9999-12-31"}
    )
    assert beyond.status_code == 422


def week(number: int) -> datetime:
    """Tuesday morning of a later week."""
    return NOW + timedelta(days=7 * number)


def test_a_week_of_the_operation_person_closes_by_his_records_or_by_a_reason() -> None:
    district = make_district()
    unit = hazard_of(district)
    person = staff(district, "示例车间主任")
    name(district, unit, "operation", person)
    services.build_tasks(actor=district.enterprise, hazard=unit, first=TODAY, now=NOW)
    assert generate(now=NOW) == 1
    row = GuarantorRound.objects.get()
    assert (row.status, row.person_id, row.last_date) == ("DUE", person.user_id, date(2026, 9, 13))
    for due in queries.dues_of(row):
        record_check(actor=person, due=due, spec=CheckSpec(status=0), now=NOW)
    assert services.close_rounds(now=NOW) == 0
    after = datetime.combine(date(2026, 9, 14), time(0, 35), CHINA)
    assert services.close_rounds(now=after) == 1
    row.refresh_from_db()
    assert (row.status, row.planned, row.done) == ("DONE", 10, 10)
    make_dues(now=week(1), hourly=False)
    assert generate(now=week(1)) == 1
    second = GuarantorRound.objects.exclude(pk=row.pk).get()
    with pytest.raises(Invalid):
        services.explain_round(actor=person, row=second, reason="请假", now=week(1))
    assert services.close_rounds(now=week(2)) == 0
    with pytest.raises(NotPermitted):
        services.explain_round(actor=district.enterprise, row=second, reason="代为说明", now=week(2))
    services.explain_round(actor=person, row=second, reason="停车检修期间集中处理", now=week(2))
    second.refresh_from_db()
    assert (second.status, second.planned, second.done) == ("EXPLAINED", 10, 0)
    told = queries.performance(actor=district.department, first=TODAY, last=TODAY + timedelta(days=13))
    assert [(one["planned"], one["done"]) for one in told] == [(20, 10)]
    page = reverse("hazards:guarantor_round", args=[row.pk])
    assert client_of(district.department).get(page).status_code == 200
    assert client_of(district.other_enterprise).get(page).status_code == 404
