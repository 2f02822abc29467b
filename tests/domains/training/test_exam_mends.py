"""What an exam stands for and what it does not: spot exams, late papers, resits, devices, bars that law demands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.exam_factories import begin, enter, make_exam, people, programme, right, sit
from tests.domains.training.factories import make_person, make_post, own_file, role
from tests.factories import District, client_of

from quancheng.domains.training.models import (
    Exam,
    ExamPass,
    ExamSitting,
    Person,
    RetrainingOrder,
    SittingItem,
    TrainingRecord,
)
from quancheng.domains.training.queries.education import entry_education_of
from quancheng.domains.training.queries.judging import may_hold
from quancheng.domains.training.services import exam_results, exams, sitting
from quancheng.domains.training.services.orders import order_retraining
from quancheng.kernel.errors import StaleState

pytestmark = pytest.mark.django_db


def sitting_of(exam: Exam, person: Person | None = None) -> ExamSitting:
    rows = ExamSitting.objects.filter(exam=exam).select_related("exam__programme", "person__file")
    found = rows.filter(person=person).first() if person else rows.first()
    assert found is not None
    return found


def order(district: District, person: Person, reason: str, **given: Any) -> RetrainingOrder:
    now = timezone.now()
    return order_retraining(
        actor=district.department, person=person, **{
            "reason": reason, "programme": programme(), "hours": 0, "needs_exam": True, "off_post": True,
            "due_date": timezone.localdate() + timedelta(days=9), "now": now, **given,
        }
    )  # fmt: skip


def spot(district: District, count: int = 3) -> Exam:
    client = client_of(district.department)
    body = {
        "file": str(own_file(district).pk), "count": str(count), "programme": str(programme().pk), "occasion": "检查",
    }  # fmt: skip
    assert client.post("/training/exams/spot", body).status_code == 303
    return Exam.objects.get(kind="spot")


def test_a_spot_exam_stands_for_no_other_exam(district: District) -> None:
    people(district, 3)
    exam = spot(district)
    row = sitting_of(exam)
    assert row.person is not None
    other = order(district, row.person, "violation")
    mine = order(district, row.person, "spot_failed")
    before = ExamPass.objects.count()
    assert sit(exam, row).is_passed
    other.refresh_from_db()
    mine.refresh_from_db()
    assert (ExamPass.objects.count(), other.exam_passed_at, mine.status) == (before, None, "DONE")


def test_a_paper_begun_before_an_order_does_not_fulfil_it(district: District) -> None:
    person = people(district, 1)[0]
    exam = make_exam(district.department, [person])
    browser = begin(exam, sitting_of(exam))
    made = order(district, person, "violation", now=timezone.now() + timedelta(seconds=1))
    body = {"act": "hand_in", "all": "1", **right(sitting_of(exam))}
    browser.post(f"/x/{exam.door}/-/paper", body)
    assert sitting_of(exam).is_passed
    made.refresh_from_db()
    assert (made.status, made.exam_passed_at) == ("OPEN", None)


def test_an_enterprise_takes_no_bar_back_that_followed_a_change_of_post(district: District) -> None:
    own, person = client_of(district.enterprise), make_person(district)
    make_post(district, person, "loader")
    order_retraining(
        actor=district.enterprise, person=person, reason="other", programme=programme("transfer"), hours=1,
        needs_exam=False, off_post=False, due_date=timezone.localdate() + timedelta(days=3), now=timezone.now(),
    )  # fmt: skip
    assert own.post(
        f"/training/persons/{person.pk}/posts/new",
        {"role": role("process_operator").pk, "from_date": timezone.localdate()},
    ).status_code == 303  # fmt: skip
    made = RetrainingOrder.objects.get(reason="changed_post")
    assert (made.off_post, made.ordered_org_id) == (True, person.file.supervisor_id)
    assert own.post(f"/training/orders/{made.pk}", {"act": "withdraw", "reason": "不想学"}).status_code == 403
    made.refresh_from_db()
    assert made.status == "OPEN"


def test_a_heads_post_does_not_excuse_from_education_for_other_work(district: District) -> None:
    person = make_person(district)
    TrainingRecord.objects.filter(person=person).delete()
    ExamPass.objects.filter(person=person).delete()
    make_post(district, person, "main_head")
    today = timezone.localdate()
    assert any(one.kind == "entry" for one in may_hold(person, role("loader"), today).bars)
    assert not any(one.kind == "entry" for one in may_hold(person, role("main_head"), today).bars)
    assert entry_education_of([person], today)[person.pk].is_owed is False


@pytest.mark.parametrize(("kind", "code"), [("unlicensed", "entry-general"), ("producer", "entry-hazchem")])
def test_every_class_of_enterprise_has_a_programme_before_work(kind: str, code: str) -> None:
    found = [one for one in (programme("entry-general"), programme("entry-hazchem"))
             if one.concerns(roles={"loader"}, employment="own", kind=kind)]  # fmt: skip
    assert [one.code for one in found] == [code]


def test_another_device_goes_on_once_it_was_allowed_and_the_first_does_not(district: District) -> None:
    person = people(district, 1)[0]
    exam = make_exam(district.department, [person])
    first = begin(exam, sitting_of(exam))
    exams.release_device(actor=district.department, sitting=sitting_of(exam), reason="摔坏", now=timezone.now())
    second = enter(exam, sitting_of(exam), Client())
    at = f"/x/{exam.door}/-/paper"
    name, value = next(iter(right(sitting_of(exam)).items()))
    body = {"act": "save", name: value}
    told = second.post(at, body, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["kept"]) == (200, [1])
    assert first.post(at, body, headers={"Accept": "application/json"}).status_code == 302


def test_exams_arranged_ahead_give_no_third_try(district: District) -> None:
    person = people(district, 1)[0]
    made = [make_exam(district.department, [person], name=f"某考试{one}") for one in (1, 2, 3)]
    for exam in made[:2]:
        assert not sit(exam, sitting_of(exam), share=0.2).is_passed
    assert sitting_of(made[1]).is_resit
    browser = enter(made[2], sitting_of(made[2]))
    answer = browser.post(f"/x/{made[2].door}/-/start")
    assert answer.status_code == 409
    assert "补考机会已用完" in answer.content.decode()


def test_one_paper_that_cannot_be_closed_keeps_no_other_open(district: District) -> None:
    both = people(district, 2)
    exam = make_exam(district.department, both)
    rows = [sitting_of(exam, one) for one in both]
    for row in rows:
        begin(exam, row)
    real = sitting.mark_closed

    def poisoned(row: ExamSitting, **given: Any) -> None:
        if row.pk == rows[0].pk:
            raise ZeroDivisionError
        real(row, **given)

    with patch.object(sitting, "mark_closed", poisoned):
        assert sitting.close_overdue(now=timezone.now() + timedelta(hours=3)) == 1
    assert (sitting_of(exam, both[0]).handed_in_at, sitting_of(exam, both[1]).is_passed) == (None, False)


def test_a_missed_resit_is_followed_by_hours_though_the_programme_ended(district: District) -> None:
    person = people(district, 1)[0]
    exam = make_exam(district.department, [person])
    sit(exam, sitting_of(exam), share=0.2)
    later = timezone.now() + timedelta(days=200)
    programme_row = programme()
    programme_row.valid_to = timezone.localdate()
    programme_row.save()
    assert exam_results.look_at_resits(now=later) == 1, "a programme that ended stops no order of the house"
    assert exam_results.look_at_resits(now=later) == 0
    assert RetrainingOrder.objects.get().ordered_org_id == district.department.organisation_id


@pytest.mark.parametrize("path", ["/x/%00", "/x/ABC%00", "/x/ABC/%00", "/x/%E2%80%8B"])
def test_an_address_that_is_no_code_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_numbers_of_other_scripts_and_zero_bytes_do_no_harm(district: District) -> None:
    person = people(district, 1)[0]
    exam = make_exam(district.department, [person])
    browser = begin(exam, sitting_of(exam))
    at = f"/x/{exam.door}/-/paper"
    body = {"act": "save", "a-²-": "A", "a-1-²": "A", "a-1-": "\x00"}
    assert browser.post(at, body, headers={"Accept": "application/json"}).status_code in (200, 422)
    asked = SittingItem.objects.filter(sitting__exam=exam).select_related("version")[0]
    asked.version.kind = "text"
    asked.version.options = []
    assert sitting.read_answer(asked, "", "戴\x00好面罩") == "戴好面罩"


def test_right_answers_are_shown_to_others_when_nobody_can_answer_any_more(district: District) -> None:
    both = people(district, 2)
    exam = make_exam(district.department, both)
    row = sit(exam, sitting_of(exam, both[0]))
    own, office = client_of(district.enterprise), client_of(district.department)
    at = f"/training/sittings/{row.pk}"
    assert "答卷" in office.get(at).content.decode()
    assert "答卷" not in own.get(at).content.decode()
    Exam.objects.filter(pk=exam.pk).update(opens_at=timezone.now() - timedelta(hours=3),
                                           closes_at=timezone.now() - timedelta(seconds=30))  # fmt: skip
    assert "答卷" not in own.get(at).content.decode()
    Exam.objects.filter(pk=exam.pk).update(closes_at=timezone.now() - timedelta(minutes=3))
    assert "答卷" in own.get(at).content.decode()


def test_who_was_marked_absent_begins_no_more(district: District) -> None:
    people(district, 4)
    exam = spot(district)
    row = sitting_of(exam)
    ExamSitting.objects.filter(pk=row.pk).update(absent_at=timezone.now(), absent_reason="休班")
    with pytest.raises(StaleState):
        sitting.begin(sitting=row, key="k", now=timezone.now())
