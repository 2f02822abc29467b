"""The practical part: judged by somebody else, and without it what needs the hands is not learned."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import learn
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.forms.programmes import programme_as_form
from quancheng.domains.training.models import Person, Programme, TrainingRecord
from quancheng.domains.training.queries.education import entry_education_of
from quancheng.domains.training.services.measuring import measure
from quancheng.kernel.people.models import User


@pytest.fixture
def district(db: None) -> District:
    made = make_district()
    file = own_file(made)
    Enterprise.objects.filter(pk=file.pk).update(kind="user")
    return made


def told(client: Client, person: Person) -> tuple[str, bool]:
    at = f"/api/v1/training/standings?person_id={person.pk}&programme=post-skills"
    row = client.get(at).json()["items"][0]
    return row["state"], row["practice_passed"]


def assess(client: Client, row: TrainingRecord, **given: Any) -> Any:
    body = {"act": "practice", "assessed_date": timezone.localdate(), "score": 90, "assessor": "", "outside": ""}
    return client.post(f"/training/records/{row.pk}", {**body, **given})


def test_a_course_that_needs_practice_is_complete_when_somebody_else_judged_it(district: District, own: Client) -> None:
    trainee = make_person(district, order=1, name="学徒甲")
    trainer = make_person(district, order=2, name="师傅乙")
    make_post(district, trainee, "loader")
    assert learn(own, trainee, "post-skills", hours="8", score=95).status_code == 303
    row = TrainingRecord.objects.get(programme__code="post-skills")
    assert told(own, trainee) == ("pending", False)
    assert "待实操考核" in own.get(f"/training/persons/{trainee.pk}?tab=education").content.decode()
    assert assess(own, row).status_code == 422, "by nobody"
    assert assess(own, row, assessor=trainee.pk).status_code == 422, "by himself"
    for text in ("学徒甲 某公司", "学徒甲，某公司", "学徒甲(某公司)", "某公司 学徒甲", "学徒 甲 某公司"):
        himself = assess(own, row, outside=text)
        assert (himself.status_code, "不能是学员本人" in himself.content.decode()) == (422, True), text
    nameless = assess(own, row, outside="学徒甲某公司")
    assert (nameless.status_code, "姓名和单位" in nameless.content.decode()) == (422, True)
    assert assess(own, row, assessor=trainer.pk, outside="李某 某公司").status_code == 422, "one of the two"
    soon = timezone.localdate() + timedelta(days=1)
    assert assess(own, row, assessor=trainer.pk, assessed_date=soon).status_code == 422
    assert assess(client_of(district.department), row, assessor=trainer.pk).status_code in (403, 422)
    assert told(own, trainee) == ("pending", False)
    assert assess(own, row, assessor=trainer.pk, score=79).status_code == 303
    assert told(own, trainee) == ("pending", False), "judged, and not passed"
    User.objects.filter(pk=district.enterprise.user_id).update(name="学徒甲")
    entered = assess(client_of(district.enterprise), row, assessor=trainer.pk, score=88)
    assert (entered.status_code, "不能登记自己的" in entered.content.decode()) == (422, True)
    User.objects.filter(pk=district.enterprise.user_id).update(name="安全员")
    assert assess(own, row, assessor=trainer.pk, score=88).status_code == 303
    assert told(own, trainee) == ("done", True)
    assert "师傅乙" in own.get(f"/training/records/{row.pk}").content.decode()
    answer = own.get(f"/api/v1/training/training-records/{row.pk}").json()
    assert (answer["practice_score"], answer["is_practised"], answer["assessor"]) == (88, True, "师傅乙")


def test_nobody_is_ready_for_work_while_the_practice_of_his_entry_education_is_owed(
    district: District, own: Client
) -> None:
    """Permits ask the same education before work."""
    person, trainer = make_person(district, order=1), make_person(district, order=2)
    at = f"/api/v1/training/persons/{person.pk}/entry-education"
    assert own.get(at).json()["induction_done"] is True
    Programme.objects.filter(code="entry-general").update(needs_practice=True)
    measure([person.pk], now=timezone.now())
    assert own.get(at).json()["induction_done"] is False
    verdict = own.get(f"/api/v1/training/persons/{person.pk}/may-work?role=loader").json()
    assert verdict["may"] is False
    row = TrainingRecord.objects.filter(person=person, level="team").get()
    assert assess(own, row, assessor=trainer.pk).status_code == 303
    assert own.get(at).json()["induction_done"] is True


def test_who_was_complete_before_practice_was_asked_keeps_it_and_who_comes_later_owes_it(
    district: District, own: Client
) -> None:
    before, later = make_person(district, order=1), make_person(district, order=2, educated=False)
    assert may_begin(own, before) == (True, True)
    one = Programme.objects.get(code="entry-general")
    head = client_of(district.department_head)
    known = {name: value for name, value in programme_as_form(one).items() if value not in (None, False)}
    body = {"act": "change", "reason": "区规定", **known, "needs_practice": "on"}
    assert head.post(f"/training/programmes/{one.pk}", body).status_code == 303
    one.refresh_from_db()
    assert one.practice_from == timezone.localdate()
    measure([before.pk, later.pk], now=timezone.now())
    assert may_begin(own, before) == (True, True), "nobody loses by a tick what he had"
    for level, hours in (("plant", one.plant_hours), ("workshop", one.workshop_hours), ("team", one.team_hours)):
        for _lesson in range(0, hours, 8):
            TrainingRecord.objects.create(
                **later.file.row_scope(), person=later, programme=one, level=level, hours=min(hours, 8), score=95,
                held_date=timezone.localdate(), teacher="讲师", place="培训室", content="教育", source="paper",
                created_at=timezone.now(),
            )  # fmt: skip
    assert may_begin(own, later) == (False, False)
    verdict = own.get(f"/api/v1/training/persons/{later.pk}/may-work?role=loader").json()
    assert "实操考核未合格" in str(verdict), "what he lacks is named"
    assert "实操考核未合格" in own.get(f"/training/persons/{later.pk}?tab=education").content.decode()


def may_begin(client: Client, person: Person) -> tuple[bool, bool]:
    found = client.get(f"/api/v1/training/persons/{person.pk}/entry-education").json()
    return found["induction_done"], found["practice_passed"]


def test_a_practical_part_proves_no_day_before_it(district: District, own: Client) -> None:
    person, trainer = make_person(district, order=1), make_person(district, order=2)
    Programme.objects.filter(code="entry-general").update(needs_practice=True)
    row = TrainingRecord.objects.filter(person=person, level="team").get()
    assert assess(own, row, assessor=trainer.pk).status_code == 303
    today = timezone.localdate()
    assert entry_education_of([person], today)[person.pk].done == today
    assert entry_education_of([person], today - timedelta(days=1))[person.pk].done is None


def test_an_upgrade_lets_nobody_lose_his_standing_and_begins_tomorrow(district: District, own: Client) -> None:
    """The step of the release itself, on programmes as a former release left them."""
    trainee = make_person(district, order=1)
    make_post(district, trainee, "loader")
    assert learn(own, trainee, "post-skills", hours="8", score=95).status_code == 303
    assert told(own, trainee) == ("pending", False)
    import_module("quancheng.domains.training.migrations.0018_practice_of_sessions").begin(apps, None)
    assert Programme.objects.get(code="post-skills").practice_from == timezone.localdate() + timedelta(days=1)
    measure([trainee.pk], now=timezone.now())
    assert told(own, trainee) == ("done", True)
