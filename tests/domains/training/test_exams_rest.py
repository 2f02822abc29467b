"""Exams are arranged, called off and marked by programs as by the pages, with the same refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.domains.training.exam_factories import make_rule, people, programme, sit
from tests.domains.training.factories import own_file
from tests.factories import District, client_of

from quancheng.domains.training.models import Exam, ExamSitting, SittingItem

BASE = "/api/v1/training"


def post(client: Any, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"{BASE}/{path}", json.dumps(body), content_type="application/json")


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
    gone = post(own, f"exams/{exam.pk}/cancel", {"reason": "设备检修"})
    assert gone.status_code == 200
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
    assert [one["place"] for one in told] == [item.place]

    def marks(place: int, got: str, client: Any = office) -> Any:
        return post(client, f"sittings/{row.pk}/marks", {"marks": [{"place": place, "got": got, "remark": "好"}]})

    over = marks(item.place, "99")
    assert (over.status_code, f"got{item.place}" in over.content.decode()) == (422, True)
    assert marks(999, "1").status_code == 422, "there is no such question"
    assert marks(item.place, "0", own).status_code in (403, 404)
    done = marks(item.place, str(item.marks))
    assert done.status_code == 200, done.content
    assert (done.json()["is_passed"], done.json()["marked_at"] is not None) == (True, True)
    assert marks(item.place, "0").status_code == 409, "the result stands"
