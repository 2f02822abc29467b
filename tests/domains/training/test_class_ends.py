"""A class of several days ends with the last day that is held: its practice, its effect, and how plans count it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.factories import make_person
from tests.domains.training.test_sessions import course, enrolled, entered, made, signed, tomorrow_at
from tests.factories import District, client_of

from quancheng.domains.training.models import Enrolment, Person, PlanLine, TrainingPlan, TrainingSession
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services import sessions as services
from quancheng.kernel.work.models import WorkItem


@pytest.fixture
def person(district: District) -> Person:
    return make_person(district, staff_no="A001", name="张某")


def days_of(client: Client, count: int, **given: str) -> list[TrainingSession]:
    first = tomorrow_at(8)
    more = "\n".join((first + timedelta(days=n)).date().isoformat() for n in range(1, count))
    made(client, course(client, **given), first=first, more_days=more)
    return list(TrainingSession.objects.order_by("starts_at"))


def due_of(row: TrainingSession) -> WorkItem:
    return WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)


def close(district: District, row: TrainingSession) -> None:
    row.refresh_from_db()
    services.close_session(actor=district.enterprise, session=row, now=row.ends_at + timedelta(minutes=1))


def test_the_effect_of_a_class_falls_due_after_its_last_day_and_is_checked_there_for_all(
    district: District, own: Client, person: Person
) -> None:
    rows = days_of(own, 3)
    assert [one.is_last_day for one in rows] == [False, False, True]
    close(district, rows[0])
    last = timezone.localtime(rows[2].ends_at).date()
    due = due_of(rows[0]).due_at
    assert due is not None
    assert timezone.localtime(due).date() == last + timedelta(days=30)
    check = {"act": "check", "method": "抽考", "rate": "90", "text": "达到要求"}
    early = own.post(f"/training/sessions/{rows[0].pk}", check)
    assert (early.status_code, "最后一天" in early.content.decode()) == (409, True)
    close(district, rows[1])
    close(district, rows[2])
    assert own.post(f"/training/sessions/{rows[2].pk}", check).status_code == 303
    assert set(TrainingSession.objects.values_list("status", flat=True)) == {"CHECKED"}


def test_where_the_last_day_is_cancelled_practice_and_effect_move_to_the_last_day_that_is_held(
    district: District, own: Client, person: Person
) -> None:
    rows = days_of(own, 3, is_practical="on")
    assert enrolled(own, rows[0], person).status_code == 303
    cancel = {"act": "cancel", "reason": "讲师生病"}
    assert own.post(f"/training/sessions/{rows[2].pk}", cancel).status_code == 303
    rows = list(TrainingSession.objects.order_by("starts_at"))
    assert [one.is_last_day for one in rows] == [False, True, False]
    signed(rows[1], person, rows[1].starts_at)
    seat = Enrolment.objects.get(session=rows[1], person=person)
    assert own.post(f"/training/sessions/{rows[1].pk}/seats/{seat.pk}/practice", {"score": "88"}).status_code == 303
    close(district, rows[1])
    record = entered().get()
    assert (record.practice_score, record.is_practised) == (88, True)
    close(district, rows[0])
    check = {"act": "check", "method": "抽考", "rate": "90", "text": "达到要求"}
    assert own.post(f"/training/sessions/{rows[1].pk}", check).status_code == 303
    states = list(TrainingSession.objects.order_by("starts_at").values_list("status", flat=True))
    assert states == ["CHECKED", "CHECKED", "CANCELLED"]


def test_nobody_loses_his_practice_where_the_days_before_had_been_closed_already(
    district: District, own: Client, person: Person
) -> None:
    rows = days_of(own, 2, is_practical="on")
    enrolled(own, rows[0], person)
    signed(rows[0], person, rows[0].starts_at)
    close(district, rows[0])
    record = entered().get()
    assert record.practice_score is None
    seat = Enrolment.objects.get(session=rows[0], person=person)
    at = f"/training/sessions/{rows[0].pk}/seats/{seat.pk}/practice"
    assert own.post(at, {"score": "90"}).status_code == 409, "the last day is still to come"
    assert own.post(f"/training/sessions/{rows[1].pk}", {"act": "cancel", "reason": "停电"}).status_code == 303
    assert at in own.get(f"/training/sessions/{rows[0].pk}").content.decode()
    assert own.post(at, {"score": "90"}).status_code == 303
    record.refresh_from_db()
    assert (record.practice_score, record.is_practised, record.hours) == (90, True, rows[0].hours)
    # What stands is not judged again after the class was closed.
    assert at not in own.get(f"/training/sessions/{rows[0].pk}").content.decode()
    assert own.post(at, {"score": "40"}).status_code == 409
    record.refresh_from_db()
    assert record.practice_score == 90


def test_a_day_that_was_closed_as_the_last_one_takes_no_marks_afterwards(
    district: District, own: Client, person: Person
) -> None:
    rows = days_of(own, 2, is_practical="on")
    enrolled(own, rows[0], person)
    assert own.post(f"/training/sessions/{rows[1].pk}", {"act": "cancel", "reason": "停电"}).status_code == 303
    signed(rows[0], person, rows[0].starts_at)
    close(district, rows[0])
    seat = Enrolment.objects.get(session=rows[0], person=person)
    assert seat.outcome == "practice"
    at = f"/training/sessions/{rows[0].pk}/seats/{seat.pk}/practice"
    assert at not in own.get(f"/training/sessions/{rows[0].pk}").content.decode()
    assert own.post(at, {"score": "90"}).status_code == 409


def test_a_mark_typed_on_a_day_before_the_last_is_no_practice_of_the_class(
    district: District, own: Client, person: Person
) -> None:
    rows = days_of(own, 2, is_practical="on")
    enrolled(own, rows[0], person)
    for row in rows:
        signed(row, person, row.starts_at)
    # As an earlier release let it be typed.
    Enrolment.objects.filter(session=rows[0]).update(practice_score=95)
    close(district, rows[0])
    record = entered().get()
    assert (record.practice_score, record.is_practised) == (None, False)
    close(district, rows[1])
    assert Enrolment.objects.get(session=rows[1]).outcome == "practice"


def test_a_plan_counts_a_class_of_several_days_once_and_who_was_there_on_several_once(
    district: District, own: Client, person: Person
) -> None:
    office = client_of(district.town)
    answer = office.post("/training/plans/new", {"year": timezone.localdate().year, "title": "镇街年度培训计划"})
    at = answer["Location"]
    line = {
        "act": "line", "title": "应急能力班", "programme": programme_of("emergency-trade").pk, "month": 9,
        "audience": "辖区经营单位负责人", "people": 30, "hours": 8,
    }  # fmt: skip
    assert office.post(at, line).status_code == 303
    assert office.post(at, {"act": "publish"}).status_code == 303
    first = tomorrow_at(9)
    more = "\n".join((first + timedelta(days=n)).date().isoformat() for n in (1, 2))
    row = made(office, course(office, "emergency-trade"), first=first, more_days=more,
               plan_line=PlanLine.objects.get().pk)  # fmt: skip
    second = make_person(district, order=2, staff_no="A002", name="李某")
    assert enrolled(own, row, person, second).status_code == 303
    days = list(TrainingSession.objects.order_by("starts_at"))
    for one in days:
        signed(one, person, one.starts_at)
    signed(days[1], second, days[1].starts_at)
    for one in days:
        one.refresh_from_db()
        services.close_session(actor=district.town, session=one, now=one.ends_at)
    told = office.get(f"/api/v1/training/plans/{TrainingPlan.objects.get().pk}").json()
    assert [(one["held"], one["trained"]) for one in told["lines"]] == [(1, 2)]
    assert "应急能力班" in office.get(at).content.decode()
