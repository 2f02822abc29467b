"""Exams are arranged, called off and marked by programs as by the pages, with the same refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone
from tests.domains.training.exam_factories import make_rule, people, programme, sit
from tests.domains.training.factories import make_person, own_file
from tests.factories import District, client_of

from quancheng.domains.training.models import Exam, ExamSitting, QuestionVersion, SittingItem
from quancheng.kernel.people.models import User

BASE = "/api/v1/training"


def post(client: Any, path: str, body: dict[str, Any], **more: Any) -> Any:
    return client.post(f"{BASE}/{path}", json.dumps(body), content_type="application/json", **more)


def asked(rule: Any, **given: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "name": "程序安排的考试", "programme_id": str(programme().pk), "rule_id": str(rule.pk),
        "opens_at": (now - timedelta(minutes=1)).isoformat(), "closes_at": (now + timedelta(hours=2)).isoformat(),
        **given,
    }  # fmt: skip


def test_an_enterprise_arranges_an_exam_of_its_people_and_calls_it_off(district: District, own: Any) -> None:
    rule, persons = make_rule(district.enterprise), people(district, 2)
    who = [str(one.pk) for one in persons]
    early = (timezone.now() - timedelta(hours=1)).isoformat()
    refused = post(own, "exams", asked(rule, persons=who, closes_at=early))
    assert refused.status_code == 422
    assert "closes_at" in refused.content.decode()
    assert post(own, "exams", asked(rule, persons=[])).status_code == 422
    wrong = post(own, "exams", asked(rule, persons=who, programme_id=str(programme("regulator-yearly").pk)))
    assert (wrong.status_code, "programme_id" in wrong.content.decode()) == (422, True), "by the body's own name"
    assert post(own, "exams", asked(rule, persons=[str(rule.pk)])).status_code == 422, "nobody of its people"
    assert post(own, "exams", asked(rule, enterprises=[str(own_file(district).pk)])).status_code == 422
    assert post(client_of(district.other_enterprise), "exams", asked(rule, persons=who)).status_code == 422
    made = post(own, "exams", asked(rule, persons=who))
    assert made.status_code == 201, made.content
    assert (made.json()["listed"], made.json()["name"]) == (2, "程序安排的考试")
    exam = Exam.objects.get()
    assert "door" not in made.json()
    assert post(own, f"exams/{exam.pk}/cancel", {"reason": ""}).status_code == 422
    assert post(client_of(district.other_enterprise), f"exams/{exam.pk}/cancel", {"reason": "x"}).status_code == 404
    key = {"Idempotency-Key": str(uuid4())}
    gone, again = (post(own, f"exams/{exam.pk}/cancel", {"reason": "设备检修"}, headers=key) for _ in range(2))
    assert gone.status_code == again.status_code == 200, "the same request again tells the same"
    assert gone.json()["cancelled_at"] is not None
    assert post(own, f"exams/{exam.pk}/cancel", {"reason": "设备检修"}).status_code == 409


def test_an_office_arranges_by_enterprise_and_an_examiner_marks_open_questions(district: District, own: Any) -> None:
    office = client_of(district.department)
    rule = make_rule(district.department)
    person = people(district, 1)[0]
    file = str(own_file(district).pk)
    assert post(office, "exams", asked(rule, persons=[str(person.pk)])).status_code == 422, "offices name enterprises"
    made = post(office, "exams", asked(rule, enterprises=[file]))
    assert made.status_code == 201, made.content
    exam = Exam.objects.get()
    row = sit(exam, ExamSitting.objects.select_related("person").get(exam=exam))
    # One question is given back to the examiner, as an open one is.
    item = SittingItem.objects.filter(sitting=row).order_by("place").first()
    assert item is not None
    SittingItem.objects.filter(pk=item.pk).update(got=None)
    ExamSitting.objects.filter(pk=row.pk).update(marked_at=None, is_passed=None, score=None, certificate_no="")
    assert own.get(f"{BASE}/sittings/{row.pk}/to-mark").status_code in (403, 404), "who sits it marks nothing"
    told = office.get(f"{BASE}/sittings/{row.pk}/to-mark").json()
    assert [(one["place"], one["closed"]) for one in told] == [(item.place, None)], "no case"

    def marks(place: int, got: str, client: Any = office, **more: Any) -> Any:
        told = {"marks": [{"place": place, "got": got, "remark": "好"}]}
        return post(client, f"sittings/{row.pk}/marks", told, **more)

    over = marks(item.place, "99")
    assert (over.status_code, f"got{item.place}" in over.content.decode()) == (422, True)
    assert marks(999, "1").status_code == 422, "there is no such question"
    assert marks(item.place, "0", own).status_code in (403, 404)
    key = {"Idempotency-Key": str(uuid4())}
    done, again = (marks(item.place, str(item.marks), headers=key) for _ in range(2))
    assert done.status_code == 200, done.content
    assert (again.status_code, again.json()) == (200, done.json()), "the same request again tells the same"
    assert (done.json()["is_passed"], done.json()["marked_at"] is not None) == (True, True)
    assert marks(item.place, "0").status_code == 409, "the result stands"


def test_an_examiner_of_an_enterprise_neither_reads_nor_marks_his_own_paper(district: District, own: Any) -> None:
    """Users and persons are told apart by their name at the enterprise alone."""
    rule = make_rule(district.enterprise)
    name = User.objects.get(pk=district.enterprise.user_id).name
    himself = make_person(district, order=1, staff_no="A1", name=name)
    other = make_person(district, order=2, staff_no="A2")
    made = post(own, "exams", asked(rule, persons=[str(himself.pk), str(other.pk)]))
    assert made.status_code == 201, made.content
    exam = Exam.objects.get()
    rows = {}
    for one in ExamSitting.objects.select_related("person").filter(exam=exam):
        row = sit(exam, one)
        item = SittingItem.objects.filter(sitting=row).order_by("place")[0]
        SittingItem.objects.filter(pk=item.pk).update(got=None)
        ExamSitting.objects.filter(pk=row.pk).update(marked_at=None, is_passed=None, score=None, certificate_no="")
        rows[row.person_id] = (row, item)
    row, item = rows[himself.pk]
    mark = f"/training/sittings/{row.pk}/mark"
    assert own.get(f"{BASE}/sittings/{row.pk}/to-mark").status_code == 403
    assert own.get(mark).status_code == 403
    assert mark not in own.get(f"/training/sittings/{row.pk}").content.decode()
    body = {"marks": [{"place": item.place, "got": "1"}]}
    assert post(own, f"sittings/{row.pk}/marks", body).status_code == 403
    assert own.post(mark, {f"got{item.place}": "1", f"remark{item.place}": ""}).status_code == 403
    # Marked by somebody else he reads it when the exam is over, as everybody does.
    ExamSitting.objects.filter(pk=row.pk).update(marked_at=timezone.now(), is_passed=True, score=90)
    assert own.get(f"{BASE}/sittings/{row.pk}/paper").status_code == 404
    theirs, its = rows[other.pk]
    assert own.get(f"/training/sittings/{theirs.pk}/mark").status_code == 200
    body = {"marks": [{"place": its.place, "got": "1"}]}
    assert post(own, f"sittings/{theirs.pk}/marks", body).status_code == 200


def test_an_examiner_is_told_what_the_closed_parts_of_a_case_got(district: District) -> None:
    office, rule = client_of(district.department), make_rule(district.department)
    people(district, 1)
    assert post(office, "exams", asked(rule, enterprises=[str(own_file(district).pk)])).status_code == 201
    exam = Exam.objects.get()
    row = sit(exam, ExamSitting.objects.select_related("person").get(exam=exam))
    item = SittingItem.objects.select_related("version").filter(sitting=row).order_by("place")[0]
    parts = [{"kind": "judge", "stem": "对不对", "answer": "T"}, {"kind": "short", "stem": "为什么", "answer": "说明"}]
    case = QuestionVersion.objects.create(
        question=item.version.question, number=99, kind="case", stem="某案例", parts=parts, made_at=timezone.now()
    )
    SittingItem.objects.filter(pk=item.pk).update(
        version=case, got=None, marks=Decimal(10), answer={"1": "T", "2": "因为"}
    )
    ExamSitting.objects.filter(pk=row.pk).update(marked_at=None, is_passed=None, score=None, certificate_no="")
    told = office.get(f"{BASE}/sittings/{row.pk}/to-mark")
    assert told.status_code == 200, told.content
    assert [Decimal(str(one["closed"])) for one in told.json()] == [Decimal(5)]
