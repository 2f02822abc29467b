"""Key supervised processes: certificates, control parameters with limits, automation, and what is not as it must be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.domains.registry.factories import make_facility, make_unit
from tests.domains.training.factories import make_certificate, make_person, make_post
from tests.factories import NOW, District, client_of, make_actor
from tests.kernel.exchange.importing import exported

from quancheng.domains.monitoring.models import AutomationRetrofit
from quancheng.domains.monitoring.queries.key_processes import ProcessPlace, get_place
from quancheng.domains.registry.models import Facility
from quancheng.domains.training.models import Person, PersonQualification
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.orders import order_retraining
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share

pytestmark = pytest.mark.django_db

LIST = "/monitoring/key-processes"
REST = "/api/v1/monitoring/key-processes"
#: Sulphonation asks for temperature, stirring and flow.
WATCHED = (("R1.TT", "temperature", "釜温"), ("R1.ST", "speed", "搅拌转速"), ("R1.FT", "flow", "滴加流量"))


def reactor(scene: Scene, **known: Any) -> Facility:
    given = {"code": "R-1", "name": "磺化釜", "kind": "reactor", "processes": ["P13"], "dcs": "yes", "esd": "yes",
             "sis": "yes", **known}  # fmt: skip
    return make_facility(scene.district.enterprise, scene.unit, **given)


def watch(scene: Scene, facility: Facility) -> None:
    for code, kind, name in WATCHED:
        make_tag(scene, code, name=name, kind=kind, facility=facility, range_lo=0.0, range_hi=200.0, h=120.0)


def place(actor: Actor, facility: Facility, *, on: date | None = None) -> ProcessPlace:
    return get_place(actor=actor, facility_id=facility.pk, on=on or timezone.localdate())


def tell(client: Client, facility: Facility, **known: Any) -> Any:
    given = {"process": "P13", "state": "done", "paper": "验收报告（示〔2026〕5号）", "paper_date": "2026-01-05"}
    given |= known
    return client.post(reverse("monitoring:retrofit_new", args=[facility.pk]), given)


def schooled(district: District, *, order: int = 1, **known: Any) -> Person:
    """Somebody with the education that operators of key processes need."""
    return make_person(district, order=order, **{"education": "senior", **known})


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.mark.clause("S1-4e")
def test_a_key_process_lists_what_is_not_watched_and_not_controlled_until_it_is(scene: Scene) -> None:
    """A tag without a limit is no alarm; an enterprise of another town sees nothing of it."""
    own, town = client_of(scene.district.enterprise), client_of(scene.district.town)
    made = reactor(scene, sis="no")
    make_tag(scene, "R1.TT", name="釜温", kind="temperature", facility=made, range_lo=0.0, range_hi=200.0, h=120.0)
    bare = make_tag(scene, "R1.ST", name="搅拌转速", kind="speed", facility=made, range_lo=0.0, range_hi=200.0)
    found = place(scene.district.enterprise, made)
    assert (found.watched, found.lacking, found.systems) == (["temperature"], ["flow", "speed"], ["sis"])
    assert found.bare == [bare]
    assert found.reasons == ["no_operators", "retrofit_untold", "parameters", "limits", "systems"]
    shown = town.get(LIST, {"lacking": "1"}).content.decode()
    for words in ("磺化釜", "搅拌转速", "没有登记该工艺的操作人员", "没有登记自动化改造情况", "监测点位没有报警限值"):
        assert words in shown
    page = own.get(reverse("monitoring:key_process", args=[made.pk]), {"tab": "parameters"}).content.decode()
    assert "釜温" in page
    assert "磺化釜" not in client_of(scene.district.other_town).get(LIST).content.decode()
    assert client_of(scene.district.other_town).get(f"{REST}/{made.pk}").status_code == 404


@pytest.mark.clause("S1-4e")
def test_a_process_is_told_with_the_cards_of_its_operators_and_conforms_once_all_is_there(scene: Scene) -> None:
    """With cards, limits and papers it conforms; it does no longer once nobody stands for a card."""
    district, own = scene.district, client_of(scene.district.enterprise)
    made = reactor(scene)
    watch(scene, made)
    person, other = (schooled(district, order=one, name=name) for one, name in ((1, "持证甲"), (2, "旁人乙")))
    make_certificate(district, person, "SO-9-13")
    make_post(district, person, "sulphonation_operator")
    # Who runs another process is none of its operators.
    make_certificate(district, other, "SO-9-04", number="示证0002")
    make_post(district, other, "nitration_operator")
    assert place(district.enterprise, made).runs[0].holding == 1
    assert tell(own, made, paper="").status_code == 422
    assert tell(own, made).status_code == 303
    page = own.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "持证甲" in page
    assert "旁人乙" not in page
    sheet = exported(own, f"{LIST}?export=xlsx")
    heads = next(row for row in sheet if "不符合项" in row)
    (line,) = [dict(zip(heads, row, strict=True)) for row in sheet if "R-1 磺化釜" in row]
    assert (line["不符合项"], line["本企业该工艺操作人员持证"]) == ("符合", "1/1")
    assert "磺化釜" not in own.get(LIST, {"lacking": "1"}).content.decode()
    PersonQualification.objects.filter(person=person).update(verified_at=None, verified_source="")
    assert place(district.enterprise, made).reasons == ["certificates"]
    assert "待核验" in own.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "磺化釜" in own.get(LIST, {"lacking": "1"}).content.decode()


def test_who_may_not_look_at_people_sees_how_many_hold_a_card_and_nobodys_name(scene: Scene) -> None:
    district, made = scene.district, reactor(scene)
    person = schooled(district, name="持证甲")
    make_certificate(district, person, "SO-9-13")
    make_post(district, person, "sulphonation_operator")
    worker = client_of(make_actor(district.enterprise_org, "enterprise.worker"))
    page = worker.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "持证甲" not in page
    (operator,) = worker.get(f"{REST}/{made.pk}").json()["runs"][0]["operators"]
    assert (operator["name"], operator["person_id"], operator["ends"], operator["may"]) == ("", None, None, True)
    assert "持证甲" in client_of(district.enterprise).get(f"{LIST}/{made.pk}").content.decode()


def test_a_process_without_a_card_of_its_own_is_left_to_people_to_check(scene: Scene) -> None:
    """No certificate is asked of who runs an azo process, so nothing here says that he may."""
    district, made = scene.district, reactor(scene, processes=["P18"])
    make_post(district, schooled(district, name="公用甲"), "process_operator")
    found = place(district.enterprise, made)
    assert "unspecific_operators" in found.reasons
    assert found.runs[0].holding == 0
    own = client_of(district.enterprise)
    sheet = exported(own, f"{LIST}?export=xlsx")
    heads = next(row for row in sheet if "不符合项" in row)
    (line,) = [dict(zip(heads, row, strict=True)) for row in sheet if "R-1 磺化釜" in row]
    assert line["本企业该工艺操作人员持证"] == "不要求单列操作证"
    assert "须人工核对" in own.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()


def test_a_process_in_two_units_is_not_in_order_by_operators_of_one_of_them(scene: Scene) -> None:
    made = reactor(scene)
    assert "shared_operators" not in place(scene.district.enterprise, made).reasons
    other = make_unit(scene.district.enterprise, scene.file, code="U-9", name="二车间")
    beside = make_facility(scene.district.enterprise, other, code="R-9", kind="reactor", processes=["P13"])
    for one in (made, beside):
        assert "shared_operators" in place(scene.district.enterprise, one).reasons


@pytest.mark.clause("S1-4e")
def test_an_operator_without_the_education_that_is_asked_since_his_day_is_told(scene: Scene) -> None:
    """Who took up the post before it was asked needs none."""
    district, made = scene.district, reactor(scene)
    person = schooled(district, education="junior")
    make_certificate(district, person, "SO-9-13")
    post = make_post(district, person, "sulphonation_operator")
    found = place(district.enterprise, made)
    assert "education" in found.reasons
    assert found.runs[0].holding == 1
    page = client_of(district.enterprise).get(reverse("monitoring:key_process", args=[made.pk])).content.decode()
    assert "学历不符合任职要求" in page
    type(post).objects.filter(pk=post.pk).update(from_date=date(2019, 5, 1))
    assert "education" not in place(district.enterprise, made).reasons


def test_an_operator_ordered_off_the_job_is_not_in_order(scene: Scene) -> None:
    district, made = scene.district, reactor(scene)
    person = schooled(district)
    make_certificate(district, person, "SO-9-13")
    make_post(district, person, "sulphonation_operator")
    assert "barred_operators" not in place(district.enterprise, made).reasons
    order_retraining(
        actor=district.enterprise, person=person, reason="spot_failed", programme=programme_of("retraining"),
        hours=0, needs_exam=True, off_post=True, due_date=NOW.date() + timedelta(days=7), now=NOW,
    )  # fmt: skip
    found = place(district.enterprise, made)
    assert "barred_operators" in found.reasons
    assert (found.runs[0].holding, found.runs[0].operators[0].may) == (0, False)


def test_by_a_share_of_the_file_all_operators_and_tags_count_and_nobody_is_named(scene: Scene) -> None:
    district, made = scene.district, reactor(scene)
    watch(scene, made)
    person = schooled(district, name="持证甲")
    make_certificate(district, person, "SO-9-13")
    make_post(district, person, "sulphonation_operator")
    share(actor=district.director, row=scene.file, why="support", now=NOW, to_org=district.other_town_org.pk)
    found = place(district.other_town, made)
    assert found.reasons == ["retrofit_untold"]
    assert (found.runs[0].holding, [one.name for one in found.runs[0].operators], found.tags) == (1, [""], [])
    client = client_of(district.other_town)
    assert "持证甲" not in client.get(reverse("monitoring:key_process", args=[made.pk])).content.decode()


def test_a_card_that_ends_soon_still_counts_and_is_told(scene: Scene) -> None:
    district, made = scene.district, reactor(scene)
    person = schooled(district)
    make_certificate(district, person, "SO-9-13")
    make_post(district, person, "sulphonation_operator")
    ends = timezone.localdate() + timedelta(days=10)
    PersonQualification.objects.filter(person=person).update(valid_to=ends, recheck_due=None, ends_date=ends)
    (operator,) = place(district.enterprise, made).runs[0].operators
    assert (operator.state, operator.ends, operator.may, operator.is_expiring) == ("expiring", ends, True, True)
    (operator,) = place(district.enterprise, made, on=ends + timedelta(days=1)).runs[0].operators
    assert (operator.state, operator.may) == ("expired", False)


@pytest.mark.clause("S1-4e")
def test_how_far_the_automation_is_is_kept_with_its_paper_and_told_late_after_its_day(scene: Scene) -> None:
    own, town, made = client_of(scene.district.enterprise), client_of(scene.district.town), reactor(scene)
    scan = SimpleUploadedFile("plan.txt", "方案".encode(), content_type="text/plain")
    assert tell(own, made, state="running", finish_date="").status_code == 422
    assert tell(own, made, state="done", paper_date="2999-01-01").status_code == 422
    assert AutomationRetrofit.objects.count() == 0
    assert tell(own, made, state="running", finish_date="2020-06-30", papers=scan).status_code == 303
    assert "retrofit_late" in place(scene.district.enterprise, made).reasons
    assert tell(own, made, state="running", finish_date="2999-06-30").status_code == 303
    assert "retrofit_open" in place(scene.district.enterprise, made).reasons
    page = town.get(reverse("monitoring:key_process", args=[made.pk]), {"tab": "retrofit"}).content.decode()
    assert "验收报告（示〔2026〕5号）" in page
    assert page.count("改造中") == 2
    assert "plan.txt" in page
    # A town looks and does not write; who does not see it learns nothing.
    assert tell(town, made).status_code == 403
    assert tell(client_of(scene.district.other_town), made).status_code == 404


@pytest.mark.clause("S1-4e")
def test_programs_read_the_same_and_tell_the_automation_once(scene: Scene) -> None:
    own, made = client_of(scene.district.enterprise), reactor(scene)
    (row,) = own.get(REST, {"lacking": "true", "process": "P13"}).json()["items"]
    assert (row["code"], row["conforms"], row["runs"][0]["operators"]) == ("R-1", False, [])
    assert own.get(REST, {"process": "P04"}).json()["items"] == []
    body = {"process": "P13", "state": "built_in", "paper": "设计专篇", "paper_date": "2019-03-01"}
    headers = {"Idempotency-Key": "0198aaaa-0000-7000-8000-000000000001"}
    for _time in range(2):
        answer = own.post(f"{REST}/{made.pk}/retrofits", body, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content
    assert AutomationRetrofit.objects.count() == 1
    wrong = own.post(f"{REST}/{made.pk}/retrofits", {**body, "process": "P01"}, content_type="application/json")
    assert wrong.json()["fields"].keys() == {"process"}
    assert own.get(f"{REST}/{made.pk}").json()["runs"][0]["retrofit"]["paper"] == "设计专篇"
