"""A test at every check (逢查必考): drawn by chance, sat on a phone, off the post and back only after another."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import learn
from tests.domains.training.exam_factories import begin, people, programme, sit
from tests.domains.training.factories import own_file
from tests.factories import District, client_of

from quancheng.domains.training.examining import rank
from quancheng.domains.training.models import Exam, ExamSitting, Person, RetrainingOrder, SittingItem
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
SPOT = "/training/exams/spot"


@pytest.fixture
def officer(district: District) -> Client:
    return client_of(district.department)


def draw(client: Client, district: District, **given: Any) -> Any:
    body = {
        "file": str(own_file(district).pk), "count": "3", "programme": str(programme("retraining").pk),
        "occasion": "9月双随机检查", **given,
    }  # fmt: skip
    return client.post(SPOT, body)


def drawn(exam: Exam) -> list[ExamSitting]:
    rows = ExamSitting.objects.filter(exam=exam).select_related("exam", "person__file")
    return list(rows.order_by("created_at", "pk"))


@pytest.mark.clause("S2-16d")
def test_who_fails_a_spot_exam_is_off_the_post_until_he_learned_and_passed_another(
    officer: Client, district: District
) -> None:
    people(district, 8)
    assert draw(officer, district).status_code == 303
    exam = Exam.objects.get()
    rows = drawn(exam)
    assert (len(rows), exam.drawn_from, exam.minutes, exam.pass_mark) == (3, 8, 10, 80)
    good, bad = sit(exam, rows[0]), sit(exam, rows[1], share=0.5)
    assert (good.is_passed, bad.is_passed) == (True, False)
    assert SittingItem.objects.filter(sitting=bad).count() == 10
    order = RetrainingOrder.objects.get()
    assert (order.person_id, order.off_post, order.hours >= 8, order.needs_exam) == (bad.person_id, True, True, True)
    assert (order.reason, order.ordered_org_id) == ("spot_failed", district.department.organisation_id)
    assert not good.certificate_no
    url = f"/training/sittings/{bad.pk}"
    early = officer.post(url, {"act": "again"})
    assert (early.status_code, "学时还没有完成" in early.content.decode()) == (409, True)
    own = client_of(district.enterprise)
    at = f"/api/v1/training/persons/{bad.person_id}/may-work?role=loader"
    assert any(one["kind"] == "order" for one in own.get(at).json()["reasons"])
    assert bad.person is not None
    assert learn(own, bad.person, hours=str(order.hours)).status_code == 303
    assert officer.post(url, {"act": "again"}).status_code == 303
    second = Exam.objects.exclude(pk=exam.pk).get()
    row = drawn(second)[0]
    assert row.is_resit
    assert sit(second, row).is_passed
    order.refresh_from_db()
    assert (order.status, order.exam_passed_at is not None) == ("DONE", True)
    assert not any(one["kind"] == "order" for one in own.get(at).json()["reasons"])


def test_everybody_at_work_is_in_the_draw_and_it_can_be_drawn_again(officer: Client, district: District) -> None:
    made = people(district, 9)
    Person.objects.filter(pk=made[0].pk).update(left_date=timezone.localdate())
    draw(officer, district, count="5")
    exam = Exam.objects.get()
    pool = [one.pk for one in made[1:]]
    again = sorted(pool, key=lambda pk: rank(exam.draw_seed, str(pk)))
    assert exam.drawn_from == 8
    assert {one.person_id for one in drawn(exam)} == set(again[:5])
    entry = JournalEntry.objects.get(act="training.spot.draw")
    assert entry.facts["seed"] == exam.draw_seed
    row = drawn(exam)[0]
    assert officer.post(f"/training/sittings/{row.pk}", {"act": "absent", "reason": ""}).status_code == 422
    assert officer.post(f"/training/sittings/{row.pk}", {"act": "absent", "reason": "休班"}).status_code == 303
    assert {one.person_id for one in drawn(exam)} == set(again[:6])
    begin(exam, drawn(exam)[1])
    late = officer.post(f"/training/sittings/{drawn(exam)[1].pk}", {"act": "absent", "reason": "走了"})
    assert late.status_code == 409


def test_a_draw_that_is_sent_twice_is_drawn_once(officer: Client, district: District) -> None:
    people(district, 8)
    sent = {"client_id": str(uuid.uuid4())}
    first, second = draw(officer, district, **sent), draw(officer, district, **sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert (Exam.objects.count(), ExamSitting.objects.count()) == (1, 3)


@pytest.mark.parametrize(
    ("given", "sentence"), [({"count": "6"}, "3 至 5"), ({"count": "2"}, "3 至 5"), ({"occasion": " "}, "填写")]
)
def test_a_draw_says_what_is_wrong(officer: Client, district: District, given: dict[str, str], sentence: str) -> None:
    people(district, 8)
    answer = draw(officer, district, **given)
    assert (answer.status_code, Exam.objects.count()) == (422, 0)
    told = " ".join(str(one) for errors in answer.context["form"].errors.values() for one in errors)
    assert sentence in told


def test_an_enterprise_without_people_has_nobody_to_be_drawn(officer: Client, district: District) -> None:
    assert "没有登记在岗人员" in draw(officer, district).content.decode()


def test_the_result_is_read_by_the_enterprise_and_its_offices_and_drawn_by_offices_alone(
    officer: Client, district: District
) -> None:
    people(district, 4)
    draw(officer, district)
    exam = Exam.objects.get()
    own, other = client_of(district.enterprise), client_of(district.other_enterprise)
    assert own.get(f"/training/exams/{exam.pk}").status_code == 200
    assert own.get(f"/training/exams/{exam.pk}/slips").status_code == 403
    assert other.get(f"/training/exams/{exam.pk}").status_code == 404
    assert drawn(exam)[0].who in own.get("/training/sittings?kind=spot").content.decode()
    assert own.get(SPOT).status_code == 403
    assert client_of(district.town).get(f"/training/exams/{exam.pk}").status_code == 200
    assert client_of(district.other_town).get(f"/training/exams/{exam.pk}").status_code == 404
    slips = officer.get(f"/training/exams/{exam.pk}/slips").content.decode()
    assert slips.count("<svg") >= 3


def test_the_door_of_a_spot_exam_closes_after_two_hours(officer: Client, district: District) -> None:
    people(district, 4)
    draw(officer, district)
    exam = Exam.objects.get()
    Exam.objects.filter(pk=exam.pk).update(
        opens_at=timezone.now() - timedelta(hours=3), closes_at=timezone.now() - timedelta(hours=1)
    )
    assert "缺考" in officer.get(f"/training/exams/{exam.pk}").content.decode()


def test_questions_for_other_posts_are_not_asked(officer: Client, district: District) -> None:
    people(district, 4)
    draw(officer, district)
    exam = Exam.objects.get()
    for row in drawn(exam):
        begin(exam, row)
    posts = SittingItem.objects.values_list("question__posts", flat=True)
    assert all(one == [] for one in posts)
    assert SittingItem.objects.filter(question__subjects__contains=["major_hidden_danger"]).count() >= 3
