"""Exams, points of contractors and black lists as programs read them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.training.exam_factories import make_exam, people, sit
from tests.domains.training.factories import own_file
from tests.domains.training.outside_scene import admit, make_contractor
from tests.domains.training.test_violations import violate
from tests.factories import NOW, District, client_of

from quancheng.domains.training.models import Exam, ExamSitting

AT = "/api/v1/training"


def items(client: Any, address: str) -> list[dict[str, Any]]:
    answer = client.get(f"{AT}/{address}")
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_results_are_read_by_who_sees_the_people_and_papers_without_answers_once_the_exam_is_over(
    district: District,
) -> None:
    own, office = client_of(district.enterprise), client_of(district.department)
    other, other_town = client_of(district.other_enterprise), client_of(district.other_town)
    first, second = people(district, 2)
    exam = make_exam(district.enterprise, [first, second])
    sat = {one.person_id: one for one in ExamSitting.objects.filter(exam=exam).select_related("person")}
    assert sit(exam, sat[first.pk]).is_passed
    (told,) = items(own, "exams?programme=entry-hazchem")
    assert (told["id"], told["listed"], told["came"], told["passed"]) == (str(exam.pk), 2, 1, 1)
    assert "door" not in told
    assert items(office, f"exams?enterprise_id={own_file(district).pk}") != []
    assert items(own, "exams?kind=spot") == []
    (row,) = items(own, f"sittings?exam_id={exam.pk}&state=passed")
    assert (row["person_id"], row["is_passed"], row["state"]) == (str(first.pk), True, "passed")
    assert [one["person_id"] for one in items(office, "sittings?state=waiting")] == [str(second.pk)]
    paper = f"{AT}/sittings/{row['id']}/paper"
    assert own.get(paper).status_code == 200, "who runs the exam"
    assert office.get(paper).status_code == 404, "it is still open"
    now = timezone.now()
    Exam.objects.update(opens_at=now - timedelta(hours=3), closes_at=now - timedelta(hours=1))
    asked = office.get(paper).json()
    assert len(asked) == sat[first.pk].items.count()
    assert all(one["stem"] and one["got"] is not None for one in asked)
    assert '"answer"' not in json.dumps(asked)
    assert '"explanation"' not in json.dumps(asked)
    for client in (other, other_town):
        assert items(client, "exams") == []
        assert items(client, "sittings") == []
        for address in (f"exams/{exam.pk}", f"sittings/{row['id']}", f"sittings/{row['id']}/paper"):
            assert client.get(f"{AT}/{address}").status_code == 404
    assert own.get(f"{AT}/sittings?state=NONSENSE").status_code == 422


def test_the_points_of_a_contractor_and_a_violation_are_read_by_the_enterprise_and_its_offices(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    own, office = client_of(district.enterprise), client_of(district.department)
    row = admit(district, make_contractor(district))
    assert own.get(f"{AT}/admissions/{row.pk}/scores").json() == [
        {"contract_id": None, "points": 100, "band": "A"}
    ]
    made = violate(district, row, "no_ticket")
    (score,) = office.get(f"{AT}/admissions/{row.pk}/scores").json()
    assert score["points"] == 100 - made.points
    told = own.get(f"{AT}/violations/{made.pk}").json()
    assert told["contractor_id"] == str(row.contractor_id)
    for address in (f"violations/{made.pk}", f"admissions/{row.pk}/scores"):
        assert client_of(district.other_enterprise).get(f"{AT}/{address}").status_code == 404
