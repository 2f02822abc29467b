"""Operators of key processes by all that their posts ask, not by their certificates alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.tag_scene import Scene, make_scene
from tests.domains.monitoring.test_key_processes import LIST, REST, place, reactor
from tests.domains.training.factories import educate, make_certificate, make_person, make_post
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.training.models import HealthLimit, Person, PersonPost
from quancheng.domains.training.services.measuring import measure_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def operator(scene: Scene, name: str = "操作甲") -> Person:
    person = make_person(scene.district, name=name)
    make_certificate(scene.district, person, "SO-9-13")
    make_post(scene.district, person, "sulphonation_operator")
    return person


def test_an_operator_whose_education_is_struck_out_is_not_in_order_though_he_has_the_card(scene: Scene) -> None:
    made, person = reactor(scene), operator(scene)
    own = client_of(scene.district.enterprise)
    assert place(scene.district.enterprise, made).runs[0].holding == 1
    record = person.training_records.order_by("pk").last()
    assert record is not None
    assert own.post(f"/training/records/{record.pk}", {"act": "strike", "reason": "登记有误"}).status_code == 303
    found = place(scene.district.enterprise, made)
    assert "unfit_operators" in found.reasons
    assert (found.runs[0].holding, found.runs[0].operators[0].bars) == (1, ("entry",))
    page = own.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "上岗前安全教育或考试未完成" in page
    assert "操作人员不符合任职要求" in own.get(LIST).content.decode()
    (told,) = own.get(f"{REST}/{made.pk}").json()["runs"][0]["operators"]
    assert (told["bars"], told["may"]) == (["entry"], False)
    educate(person)
    assert "unfit_operators" not in place(scene.district.enterprise, made).reasons


def test_who_may_not_look_at_people_learns_that_somebody_is_unfit_and_not_that_it_is_his_health(scene: Scene) -> None:
    made, person = reactor(scene), operator(scene)
    limit = PersonPost.objects.get(person=person).role.barred_by[0]
    HealthLimit.objects.create(person=person, limit=limit, source="2026年度在岗职业健康检查",
                               from_date=NOW.date() - timedelta(days=3), created_at=NOW)  # fmt: skip
    measure_all(now=timezone.now())
    assert place(scene.district.enterprise, made).runs[0].operators[0].bars == ("health",)
    worker = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker"))
    page = worker.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "有职业禁忌" not in page
    (told,) = worker.get(f"{REST}/{made.pk}").json()["runs"][0]["operators"]
    assert (told["name"], told["bars"], told["may"]) == ("", ["withheld"], False)
