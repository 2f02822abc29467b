"""Retraining orders: given, fulfilled by hours and exam, in the way of work until then."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import days_ago, entered, learn, order
from tests.domains.training.factories import make_person, make_post, role
from tests.factories import NOW, District, client_of

from quancheng.domains.training.models import Person, RetrainingOrder
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services import orders as services
from quancheng.domains.training.services.forgetting import forget
from quancheng.kernel.errors import Conflict, NotPermitted


@pytest.fixture
def person(district: District) -> Person:
    return make_person(district)


def may_work(client: Client, person: Person, code: str = "loader") -> dict[str, Any]:
    at = f"/api/v1/training/persons/{person.pk}/may-work?role={code}"
    told: dict[str, Any] = client.get(at).json()
    return told


def test_who_is_ordered_off_the_job_may_not_work_until_hours_and_exam_are_there(
    district: District, own: Client, person: Person
) -> None:
    office = client_of(district.department)
    answer = order(office, person)
    assert answer.status_code == 303
    row = RetrainingOrder.objects.get()
    assert (row.owner_org_id, row.ordered_org_id) == (person.file_id, district.department.organisation_id)
    told = may_work(own, person)
    assert told["may"] is False
    assert any(one["kind"] == "order" and row.code in one["text"] for one in told["reasons"])
    refused = own.post(
        f"/training/persons/{person.pk}/posts/new", {"role": role("loader").pk, "from_date": timezone.localdate()}
    )
    assert refused.status_code == 409
    assert row.code in refused.content.decode()
    assert learn(own, person, hours="5").status_code == 303
    assert learn(own, person, hours="3", held_date=days_ago(1)).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.hours_done) == ("OPEN", 5), "hours of a day before the order do not count"
    assert learn(own, person, hours="3").status_code == 303
    row.refresh_from_db()
    assert (row.status, row.hours_done) == ("OPEN", 8)
    at = f"/training/orders/{row.pk}"
    # The enterprise that was told to does not judge the exam itself.
    assert own.post(at, {"act": "exam", "score": 90, "reason": "自评"}).status_code == 403
    assert office.post(at, {"act": "exam", "score": 79, "reason": "9月8日区局考试"}).status_code == 422
    assert office.post(at, {"act": "exam", "score": 85, "reason": "9月8日区局考试"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.exam_score) == ("DONE", 85)
    assert not any(one["kind"] == "order" for one in may_work(own, person)["reasons"])
    assert "85分" in office.get(at).content.decode()


def test_an_exam_taken_in_the_house_closes_what_it_was_owed_for(district: District, person: Person) -> None:
    given: dict[str, Any] = {
        "actor": district.enterprise, "person": person, "reason": "spot_failed",
        "programme": programme_of("retraining"), "hours": 0, "needs_exam": True, "off_post": True,
        "due_date": NOW.date() + timedelta(days=7), "now": NOW,
        "source_type": "exams.attempt", "source_id": person.pk,
    }  # fmt: skip
    row = services.order_retraining(**given)
    assert services.order_retraining(**given).pk == row.pk, "one cause is one order"
    taken = services.note_exam_passed(
        actor=district.enterprise, person=person, programme=row.programme, score=92, now=NOW
    )
    assert [one.pk for one in taken] == [row.pk]
    row.refresh_from_db()
    assert (row.status, row.exam_score) == ("DONE", 92)


def test_a_form_with_faults_keeps_what_was_typed(own: Client, person: Person) -> None:
    late = order(own, person, due_date=days_ago(1), explained="夜班违章动火")
    assert late.status_code == 422
    assert "完成期限不能早于今天。" in late.content.decode()
    assert "夜班违章动火" in late.content.decode()
    none = order(own, person, hours=0, needs_exam="")
    assert none.status_code == 422
    many = learn(own, person, hours="8")
    assert many.status_code == 303
    again = learn(own, person, hours="2.5", content="再讲一次")
    assert again.status_code == 422
    assert "每人每天最多10学时" in again.content.decode()
    assert "再讲一次" in again.content.decode()
    assert learn(own, person, hours="0.3").status_code == 422
    assert learn(own, person, held_date=timezone.localdate() + timedelta(days=1)).status_code == 422
    assert entered().count() == 1


def test_only_who_gave_an_order_takes_it_back(district: District, own: Client, person: Person) -> None:
    order(client_of(district.department), person)
    row = RetrainingOrder.objects.get()
    at = f"/training/orders/{row.pk}"
    assert own.post(at, {"act": "withdraw", "reason": "不想学"}).status_code == 403
    office = client_of(district.department)
    assert office.post(at, {"act": "withdraw", "reason": ""}).status_code == 422
    assert office.post(at, {"act": "withdraw", "reason": "下达有误"}).status_code == 303
    assert not any(one["kind"] == "order" for one in may_work(own, person)["reasons"])
    assert client_of(district.other_town).get(at).status_code == 404
    other = client_of(district.other_enterprise)
    assert order(other, person).status_code == 404


def test_hours_struck_out_count_no_more_and_stay_to_be_read(own: Client, person: Person) -> None:
    order(own, person, needs_exam="")
    learn(own, person, hours="4")
    record = entered().get()
    at = f"/training/records/{record.pk}"
    assert own.post(at, {"act": "strike", "reason": "重复登记"}).status_code == 303
    assert own.post(at, {"act": "strike", "reason": "重复登记"}).status_code == 409
    assert RetrainingOrder.objects.get().hours_done == 0
    page = own.get(f"/training/persons/{person.pk}?tab=education").content.decode()
    assert "已作废" in page
    learn(own, person, hours="8")
    assert RetrainingOrder.objects.get().status == "DONE"
    done = entered().get(struck_at__isnull=True)
    assert own.post(f"/training/records/{done.pk}", {"act": "strike", "reason": "x"}).status_code == 409


def test_an_order_stops_when_the_person_leaves_and_goes_on_when_he_returns(
    district: District, own: Client, person: Person
) -> None:
    order(own, person)
    at = f"/training/persons/{person.pk}"
    today = timezone.localdate()
    assert own.post(at, {"act": "leave", "left_date": today, "reason": "辞职"}).status_code == 303
    row = RetrainingOrder.objects.get()
    assert row.status == "LEFT"
    with pytest.raises(Conflict):
        services.order_retraining(
            actor=district.enterprise, person=person, reason="violation", programme=row.programme, needs_exam=False,
            off_post=False, due_date=today, now=timezone.now(),
        )  # fmt: skip
    assert own.post(at, {"act": "return", "joined_date": today}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.closed_at) == ("OPEN", None)
    forget([person])
    assert RetrainingOrder.objects.count() == 0


@pytest.mark.clause("S5-3.1e")
def test_a_new_head_deputy_or_safety_manager_owes_first_training_and_an_exam(
    district: District, own: Client, person: Person
) -> None:
    other = make_person(district, order=2)

    def post(who: Person, code: str, days: int = 0) -> None:
        given = {"role": role(code).pk, "from_date": days_ago(days)}
        assert own.post(f"/training/persons/{who.pk}/posts/new", given).status_code == 303

    post(person, "main_head")
    row = RetrainingOrder.objects.get()
    general = programme_of("heads-general")
    programme = general if person.file.kind in general.kinds else programme_of("heads-unified")
    assert (row.reason, row.programme, row.needs_exam) == ("key_person", programme, True)
    assert (row.hours, row.off_post) == (programme.first_hours, False)
    assert row.due_date == timezone.localdate() + timedelta(days=programme.within_days)
    listed = own.get("/training/orders?reason=key_person").content.decode()
    assert re.search(rf"{row.code}", listed)
    post(other, "safety_head", days=200)
    made = RetrainingOrder.objects.get(person=other)
    assert made.due_date >= timezone.localdate(), "the day that is typed excuses nobody"
    post(other, "safety_manager")
    assert RetrainingOrder.objects.filter(person=other, reason="key_person").count() == 2, "each by its programme"
    assert client_of(district.town).get(f"/training/orders/{row.pk}").status_code == 200
    inbox = own.get("/inbox").content.decode() if own.get("/inbox").status_code == 200 else row.code
    assert row.code in inbox


def test_orders_and_hours_are_read_by_programs(district: District, own: Client, person: Person) -> None:
    order(own, person)
    learn(own, person, score=88)
    row, record = RetrainingOrder.objects.get(), entered().get()
    office = client_of(district.town)
    listed = office.get(f"/api/v1/training/retraining-orders?person_id={person.pk}&status=OPEN").json()["items"]
    assert [one["code"] for one in listed] == [row.code]
    one = office.get(f"/api/v1/training/retraining-orders/{row.pk}").json()
    assert (one["hours"], one["off_post"], one["programme"]) == (8, True, "retraining")
    listed = office.get("/api/v1/training/training-records?programme=retraining").json()["items"]
    assert [(one["id"], one["score"], one["order_id"]) for one in listed] == [(str(record.pk), 88, str(row.pk))]
    assert office.get(f"/api/v1/training/training-records/{record.pk}").json()["teacher"] == "讲师甲"
    hidden = client_of(district.other_enterprise)
    assert hidden.get(f"/api/v1/training/retraining-orders/{row.pk}").status_code == 404
    assert hidden.get(f"/api/v1/training/training-records/{record.pk}").status_code == 404


def test_an_enterprise_elsewhere_orders_nobody(district: District, person: Person) -> None:
    make_post(district, person)
    with pytest.raises(NotPermitted):
        services.order_retraining(
            actor=district.other_enterprise, person=person, reason="other", programme=programme_of("retraining"),
            needs_exam=False, off_post=False, due_date=NOW.date(), now=NOW,
        )  # fmt: skip
