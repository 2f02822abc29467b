"""Education at three levels: nobody is posted or works without it, and it is taught in its order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import days_ago, learn
from tests.domains.training.factories import educate, make_certificate, make_person, own_file, role
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.training.models import Person, PersonPost, RetrainingOrder
from quancheng.domains.training.queries.education import entry_education_of
from quancheng.domains.training.queries.judging import may_work
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.orders import note_exam_passed


@pytest.fixture
def district(db: None) -> District:
    made = make_district()
    file = own_file(made)
    type(file).objects.filter(pk=file.pk).update(kind="user")
    return made


@pytest.fixture
def newcomer(district: District) -> Person:
    return make_person(district, educated=False)


def post(client: Client, person: Person, code: str = "loader", **given: Any) -> Any:
    body = {"role": role(code).pk, "from_date": timezone.localdate(), **given}
    return client.post(f"/training/persons/{person.pk}/posts/new", body)


def teach(client: Client, person: Person, *, last: int = 0, **given: Any) -> None:
    """Eight hours at each of the levels, on three days, the last so many days ago."""
    for number, level in enumerate(("plant", "workshop", "team")):
        day = days_ago(last + 2 - number)
        answer = learn(client, person, "entry-general", hours="8", level=level, held_date=day, **given)
        assert answer.status_code == 303, answer.content.decode()


@pytest.mark.clause("S2-16b")
def test_nobody_is_posted_or_works_before_the_education_at_three_levels_is_done(
    district: District, own: Client, newcomer: Person
) -> None:
    refused = post(own, newcomer)
    assert refused.status_code == 409
    said = " ".join(refused.context["form"].errors["role"])
    assert "未完成：厂级0/8学时、车间级0/8学时、班组级0/8学时" in said
    assert PersonPost.objects.count() == 0
    at = f"/api/v1/training/persons/{newcomer.pk}/may-work?role=work_guardian"
    told = client_of(district.department).get(at).json()
    assert told["may"] is False
    assert "entry" in {one["kind"] for one in told["reasons"]}
    teach(own, newcomer, last=1)
    assert "考试未合格" in post(own, newcomer).content.decode()
    note_exam_passed(
        actor=district.enterprise, person=newcomer, programme=programme_of("entry-general"), score=81,
        now=timezone.now(),
    )  # fmt: skip
    assert post(own, newcomer).status_code == 303
    assert "entry" not in {one["kind"] for one in own.get(at).json()["reasons"]}


def test_a_special_operator_with_his_certificate_needs_the_education_too(district: District, newcomer: Person) -> None:
    make_certificate(district, newcomer, "SO-2-01")
    verdict = may_work(newcomer, "welder", NOW.date())
    assert [one.kind for one in verdict.bars] == ["entry"]
    educate(newcomer)
    assert may_work(newcomer, "welder", NOW.date()).may


def test_levels_are_taught_one_after_the_other(own: Client, newcomer: Person) -> None:
    early = learn(own, newcomer, "entry-general", hours="8", level="workshop")
    assert early.status_code == 422
    assert "厂级学时未满" in early.content.decode()
    none = learn(own, newcomer, "entry-general", hours="8", level="")
    assert "请选择教育级别" in none.content.decode()
    assert learn(own, newcomer, "entry-general", hours="8", level="plant").status_code == 303
    # Later levels on a day before the first was done are no education at three levels.
    before = learn(own, newcomer, "entry-general", hours="2", level="workshop", held_date=days_ago(1))
    assert before.status_code == 422
    assert learn(own, newcomer, "entry-general", hours="2", level="workshop").status_code == 303


def test_rooms_above_learn_since_when_it_is_done_and_how_long_it_holds(district: District) -> None:
    own_worker = make_person(district, order=2)
    outside = make_person(district, order=3, employment="contractor", employer_name="某检修公司")
    newcomer = make_person(district, order=4, educated=False)
    head = make_person(district, order=5, educated=False)
    PersonPost.objects.create(
        person=head, role=role("main_head"), title="总经理", from_date=date(2026, 1, 1), created_at=NOW
    )
    done = NOW.date() - timedelta(days=60)
    people = [own_worker, outside, newcomer, head]
    found = entry_education_of(people, NOW.date())
    assert (found[own_worker.pk].done, found[own_worker.pk].until) == (done, None)
    assert found[outside.pk].programme == "visitor"
    assert found[outside.pk].until == date(done.year + 1, done.month, done.day) - timedelta(days=1)
    assert found[newcomer.pk].done is None
    assert [found[one.pk].holds_on(NOW.date()) for one in people] == [True, True, False, True]
    later = entry_education_of(people, NOW.date() + timedelta(days=400))
    assert later[outside.pk].holds_on(NOW.date() + timedelta(days=400)) is False
    assert may_work(outside, "work_guardian", NOW.date() + timedelta(days=400)).bars[0].kind == "entry"
    before = entry_education_of([own_worker], done - timedelta(days=1))
    assert before[own_worker.pk].done is None


def test_who_changes_his_post_or_returns_after_a_year_repeats_workshop_and_team(
    district: District, own: Client
) -> None:
    person = make_person(district, order=2)
    assert post(own, person, "loader").status_code == 303
    assert post(own, person, "process_operator").status_code == 303
    row = RetrainingOrder.objects.get()
    assert (row.reason, row.programme.code, row.off_post) == ("changed_post", "transfer", True)
    at = f"/api/v1/training/persons/{person.pk}/may-work?role=loader"
    assert "order" in {one["kind"] for one in own.get(at).json()["reasons"]}
    assert learn(own, person, "transfer", hours="8", level="team").status_code == 422
    assert learn(own, person, "transfer", hours="8", level="workshop").status_code == 303
    row.refresh_from_db()
    assert row.status == "OPEN"
    Person.objects.filter(pk=person.pk).update(joined_date=days_ago(900))
    person.refresh_from_db()
    page = f"/training/persons/{person.pk}"
    assert own.post(page, {"act": "leave", "left_date": days_ago(380), "reason": "辞职"}).status_code == 303
    assert own.post(page, {"act": "return", "joined_date": timezone.localdate()}).status_code == 303
    assert RetrainingOrder.objects.filter(status="OPEN").count() == 1, "the same is owed once"
    other = make_person(district, order=3, joined_date=days_ago(900))
    page = f"/training/persons/{other.pk}"
    own.post(page, {"act": "leave", "left_date": days_ago(380), "reason": "辞职"})
    own.post(page, {"act": "return", "joined_date": timezone.localdate()})
    assert RetrainingOrder.objects.get(person=other).reason == "absent"
