"""What posts demand, how many have learned it, and whom the house reminds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import learn
from tests.domains.training.factories import make_certificate, make_person, make_post, own_file, role
from tests.factories import NOW, District, client_of

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import Person, PersonPost, ProgrammeStanding, TrainingRecord
from quancheng.domains.training.queries.coverage import Cover
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.measuring import measure, measure_all
from quancheng.domains.training.services.reminders import NOTICE, remind_of_hours
from quancheng.kernel.notices.models import Notice

TODAY = NOW.date()


def of_kind(district: District, kind: str) -> Enterprise:
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=kind)
    file.refresh_from_db()
    return file


def holds(district: District, person: Person, code: str, *, days: int = 10) -> None:
    PersonPost.objects.create(
        person=person, role=role(code), title=code, from_date=TODAY - timedelta(days=days), created_at=NOW
    )


def learned(person: Person, programme: str, hours: int, *, day: date = TODAY, score: int | None = 90) -> None:
    TrainingRecord.objects.create(
        **person.file.row_scope(), person=person, programme=programme_of(programme), held_date=day,
        hours=Decimal(hours), teacher="甲", place="乙", content="丙", source="paper", created_at=NOW, score=score,
    )  # fmt: skip
    measure([person.pk], now=NOW)


def rates(client: Client, code: str) -> dict[str, tuple[int, int, float | None]]:
    told: list[dict[str, Any]] = client.get(f"/api/v1/training/coverage-by-role?programme={code}").json()
    return {one["role"]: (one["people"], one["trained"], one["rate"]) for one in told}


def test_the_four_main_posts_learn_by_one_programme_and_their_coverage_is_told_by_role(
    district: District, own: Client
) -> None:
    of_kind(district, "producer")
    four = ("main_head", "actual_controller", "technology_head", "safety_director")
    people = [make_person(district, order=n) for n in range(1, 6)]
    for person, code in zip(people, (*four, "safety_director"), strict=True):
        holds(district, person, code)
    measure_all(now=NOW)
    for number in range(2):
        for day in range(6):
            learned(people[number], "heads-unified", 8, day=TODAY - timedelta(days=day), score=85 if day == 0 else None)
    learned(people[3], "heads-unified", 8)
    office = client_of(district.department)
    found = rates(office, "heads-unified")
    assert list(found) == list(four)
    assert found["main_head"] == found["actual_controller"] == (1, 1, 100.0)
    assert found["technology_head"] == (1, 0, 0.0)
    assert found["safety_director"] == (2, 0, 0.0)
    page = office.get("/training/coverage?programme=heads-unified").content.decode()
    assert "安全总监" in page
    assert "40%" in page
    assert "四类主要人员统一培训" in own.get("/training/coverage").content.decode()


def test_emergency_training_of_trading_units_is_counted_until_all_are_covered(district: District, own: Client) -> None:
    of_kind(district, "petrol_station")
    head, manager = make_person(district, order=1), make_person(district, order=2)
    holds(district, head, "main_head")
    holds(district, manager, "safety_manager")
    measure_all(now=NOW)
    office = client_of(district.department)
    assert rates(office, "emergency-trade") == {"main_head": (1, 0, 0.0), "safety_manager": (1, 0, 0.0)}
    learned(head, "emergency-trade", 8)
    learned(manager, "emergency-trade", 8, score=79)
    assert rates(office, "emergency-trade")["safety_manager"] == (1, 0, 0.0), "not passed"
    learned(manager, "emergency-trade", 1, score=80)
    told = office.get("/api/v1/training/coverage").json()
    assert next(one["rate"] for one in told if one["programme"] == "emergency-trade") == 100.0
    assert client_of(district.other_town).get("/api/v1/training/coverage").json() == []


@pytest.mark.clause("S4-C3.3.3b")
def test_injury_prevention_is_counted_for_its_three_types(district: District) -> None:
    of_kind(district, "user")
    for order, code in enumerate(("production_head", "safety_manager", "team_leader", "loader"), start=1):
        holds(district, make_person(district, order=order), code)
    measure_all(now=NOW)
    found = rates(client_of(district.town), "injury")
    assert {code: people for code, (people, _trained, _rate) in found.items() if people} == {
        "production_head": 1, "safety_manager": 1, "team_leader": 1
    }  # fmt: skip


def test_the_course_on_dangerous_work_is_covered_enterprise_by_enterprise(district: District, own: Client) -> None:
    file = of_kind(district, "fine_chemical")
    welder = make_person(district)
    make_certificate(district, welder, "SO-2-01")
    make_post(district, welder, "welder")
    office = client_of(district.department)
    at = "/training/coverage?programme=dangerous-work"
    page = office.get(at).content.decode()
    assert file.enterprise.name in page  # type: ignore[union-attr]
    assert "0%" in page
    assert learn(own, welder, "dangerous-work", hours="8", score=90).status_code == 303
    assert "100%" in office.get(at).content.decode()
    assert office.get("/training/coverage?programme=none").status_code == 404
    assert office.get("/training/coverage?x=1").status_code == 422


@pytest.mark.clause("S2-16a")
def test_the_matrix_says_what_each_post_demands_and_who_lacks_it(district: District, own: Client) -> None:
    file = of_kind(district, "user")
    person = make_person(district, name="缺课人")
    make_post(district, person, "loader", title="装卸工")
    page = own.get("/training/matrix").content.decode()
    assert "岗位操作技能培训" in page
    assert "新上岗人员三级安全教育（其他单位）" in page
    assert "缺课人" in page
    learn(own, person, "post-skills", hours="8", score=95)
    row = ProgrammeStanding.objects.get(person=person, programme__code="post-skills")
    assert (row.state, row.had, row.practice_passed) == ("pending", 8, False), "its practical part is not judged"
    trainer = make_person(district, order=2, name="带教人")
    hours = TrainingRecord.objects.get(programme__code="post-skills")
    body = {"act": "practice", "assessed_date": timezone.localdate(), "score": 90, "assessor": trainer.pk}
    assert own.post(f"/training/records/{hours.pk}", body).status_code == 303
    row = ProgrammeStanding.objects.get(person=person, programme__code="post-skills")
    assert (row.state, row.practice_passed) == ("done", True)
    listed = client_of(district.town).get("/training/standings?programme=post-skills&state=done").content.decode()
    assert "缺课人" in listed
    assert client_of(district.department).get(f"/training/files/{file.pk}/matrix").status_code == 200
    assert client_of(district.other_town).get(f"/training/files/{file.pk}/matrix").status_code == 404
    told = own.get(f"/api/v1/training/standings?person_id={person.pk}").json()["items"]
    assert {one["programme"] for one in told} == {"entry-general", "post-skills"}
    shown = own.get(f"/training/persons/{person.pk}?tab=education").content.decode()
    assert "须完成的培训" in shown
    entry = own.get(f"/api/v1/training/persons/{person.pk}/entry-education").json()
    assert (entry["induction_done"], [one["level"] for one in entry["levels"]]) == (True, ["plant", "workshop", "team"])


def test_hours_of_the_year_are_short_from_the_year_after_the_first_and_enterprises_are_told(
    district: District,
) -> None:
    of_kind(district, "user")
    person = make_person(district, educated=False)
    for level in ("plant", "workshop", "team"):
        TrainingRecord.objects.create(
            **person.file.row_scope(), person=person, programme=programme_of("entry-general"), level=level,
            held_date=date(2025, 3, 1), hours=Decimal(8), teacher="甲", place="乙", content="丙", source="paper",
            created_at=NOW, score=90,
        )  # fmt: skip
    measure([person.pk], now=NOW)
    row = ProgrammeStanding.objects.get(person=person)
    assert (row.state, row.year_needed, row.year_had) == ("year_short", 8, 0)

    def on(month: int, day: int) -> int:
        return remind_of_hours(now=datetime(2026, month, day, 1, tzinfo=UTC))

    assert on(10, 31) == 0
    assert on(11, 2) == 1
    assert on(11, 3) == 0, "once a step"
    assert on(12, 5) == 1
    assert Notice.objects.filter(kind=NOTICE).exists()
    assert on(12, 31) == 1, "the list of who did not make it"
    learned(person, "entry-general", 8)
    assert ProgrammeStanding.objects.get(person=person).state == "done"


def test_a_rate_is_a_hundred_only_where_everybody_is_covered() -> None:
    assert Cover(3000, 2999).rate == 99.9
    assert Cover(3, 3).rate == 100.0
    assert Cover().rate is None
