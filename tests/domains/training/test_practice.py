"""The practical part: judged by somebody else, and without it what needs the hands is not learned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import learn
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import Person, Programme, TrainingRecord
from quancheng.domains.training.services.measuring import measure
from quancheng.kernel.people.models import User


@pytest.fixture
def district(db: None) -> District:
    made = make_district()
    file = own_file(made)
    Enterprise.objects.filter(pk=file.pk).update(kind="user")
    return made


@pytest.fixture
def own(district: District) -> Client:
    return client_of(district.enterprise)


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
    himself = assess(own, row, outside="学徒甲 某公司")
    assert (himself.status_code, "不能是学员本人" in himself.content.decode()) == (422, True)
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
