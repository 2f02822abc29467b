"""Major hazards without a key process: operators, what must be measured with limits, systems, automation."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.tag_scene import CHLORINE, GAS, LEVEL, Scene, make_scene, make_tag
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.domains.training.factories import make_person, make_post
from tests.factories import NOW, client_of, make_actor
from tests.kernel.exchange.importing import exported

from quancheng.domains.monitoring.models import AutomationRetrofit
from quancheng.domains.monitoring.queries.installations import InstallationPlace, get_place
from quancheng.domains.registry.models import Facility, Holding, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share

pytestmark = pytest.mark.django_db

LIST = "/monitoring/major-hazard-controls"
REST = "/api/v1/monitoring/major-hazard-controls"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def tank(scene: Scene, chemical: str = "甲醇", *, grade: int | None = 2, **known: Any) -> Facility:
    """A tank of a major hazard; the grade is set as an assessment would."""
    unit = make_unit(scene.district.enterprise, scene.file, code="MH", name="危险源罐区")
    made = make_facility(scene.district.enterprise, unit, code="V-1", name="危险源储罐", volume_m3=200, **known)
    if chemical:
        make_holding(scene.district.enterprise, made, chemical, design_t="100")
    Unit.objects.filter(pk=unit.pk).update(legal_grade=grade)
    return made


def place(actor: Actor, facility: Facility) -> InstallationPlace:
    return get_place(actor=actor, facility_id=facility.pk, on=timezone.localdate())


def states(found: InstallationPlace) -> dict[str, str]:
    return {one.asked.code: one.state for one in found.duties}


def watch(scene: Scene, facility: Facility) -> None:
    """All that a tank with a fixed roof must have measured, with its limits."""
    gas = {**GAS, "facility": facility, "parameter": "flammable"}
    heat = {"kind": "temperature", "range_lo": 0.0, "range_hi": 100.0, "h": 40.0}
    make_tag(scene, "V1.LT", **{**LEVEL, "facility": facility, "parameter": "level"})
    make_tag(scene, "V1.TT", name="罐温", facility=facility, parameter="temperature", **heat)
    make_tag(scene, "V1.AT", **gas)
    # Methanol is toxic by what is breathed in.
    make_tag(scene, "V1.BT", **{**CHLORINE, "facility": facility, "parameter": "toxic"})


def operator(scene: Scene, **known: Any) -> None:
    person = make_person(scene.district, name="操作甲", **{"education": "senior", **known})
    make_post(scene.district, person, "hazard_operator")


def tell(client: Any, facility: Facility, **known: Any) -> Any:
    given = {"process": "MH", "state": "done", "paper": "罐区自动化验收报告", "paper_date": "2026-01-05", **known}
    return client.post(reverse("monitoring:installation_retrofit", args=[facility.pk]), given)


@pytest.mark.clause("S4-C3.3.1c")
def test_a_tank_of_a_major_hazard_lists_who_runs_it_what_is_not_measured_and_not_fitted(scene: Scene) -> None:
    """Until operators, parameters with limits, systems and automation are there it does not conform, and says so."""
    own, town, made = client_of(scene.district.enterprise), client_of(scene.district.town), tank(scene)
    make_tag(scene, "V1.LT", name="液位", kind="level", facility=made, parameter="level", range_lo=0.0, range_hi=900.0)
    found = place(scene.district.enterprise, made)
    assert found.reasons == ["no_operators", "retrofit_untold", "parameters", "limits", "systems"]
    assert set(found.lacking) == {"temperature", "flammable", "toxic"}
    assert [tag.code for tag in found.bare] == ["V1.LT"]
    assert states(found) == {
        "emergency_stop": "gap", "shut_off": "gap", "video": "gap", "level_points": "gap", "records": "open"
    }  # fmt: skip
    shown = town.get(LIST, {"lacking": "1"}).content.decode()
    for words in ("危险源储罐", "没有登记重大危险源操作人员", "缺少应测参数", "一级、二级重大危险源具备紧急停车功能"):
        assert words in shown
    page = town.get(reverse("monitoring:installation", args=[made.pk]), {"tab": "systems"}).content.decode()
    for words in ("第13条第1项", "2011-12-01", "未设置或未投用", "须人工核对"):
        assert words in page
    other = client_of(scene.district.other_town)
    assert "危险源储罐" not in other.get(LIST).content.decode()
    assert other.get(f"{REST}/{made.pk}").status_code == 404
    operator(scene)
    (bare,) = place(scene.district.enterprise, made).tags
    bare.delete()
    watch(scene, made)
    Facility.objects.filter(pk=made.pk).update(esd="yes", shut_off="yes")
    Unit.objects.filter(pk=made.unit_id).update(video="yes")
    assert tell(own, made, paper="").status_code == 422
    assert tell(own, made).status_code == 303
    assert place(scene.district.enterprise, made).reasons == []
    assert "危险源储罐" not in own.get(LIST, {"lacking": "1"}).content.decode()
    sheet = exported(own, f"{LIST}?export=xlsx")
    heads = next(row for row in sheet if "不符合项" in row)
    (line,) = [dict(zip(heads, row, strict=True)) for row in sheet if "V-1 危险源储罐" in row]
    assert (line["不符合项"], line["本企业重大危险源操作人员学历符合"]) == ("符合", "1/1")


@pytest.mark.clause("S4-C3.3.1c")
def test_an_operator_without_the_education_that_is_asked_is_not_in_order(scene: Scene) -> None:
    """It is judged by his post; who may not look at people sees that somebody lacks it and nobody's name."""
    made = tank(scene)
    operator(scene, education="junior")
    found = place(scene.district.enterprise, made)
    assert "education" in found.reasons
    assert "certificates" not in found.reasons
    assert "unspecific_operators" not in found.reasons
    page = client_of(scene.district.enterprise).get(reverse("monitoring:installation", args=[made.pk]))
    assert "操作甲" in page.content.decode()
    assert "学历不符合任职要求" in page.content.decode()
    worker = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker"))
    (one,) = worker.get(f"{REST}/{made.pk}").json()["operators"]
    assert (one["name"], one["needs_schooling"], one["lacks_schooling"]) == ("", True, True)


@pytest.mark.clause("S4-C3.3.1c")
def test_what_is_asked_follows_from_grade_and_contents(scene: Scene) -> None:
    """Chlorine asks for a shut-off and treatment at every grade, and for a system of its own for safety at 1 and 2."""
    made = tank(scene, "氯", grade=1, pressure_mpa=1)
    found = states(place(scene.district.enterprise, made))
    assert found["safety_system"] == "gap"
    assert found["leak_treatment"] == "open"
    assert found["video"] == "gap"
    Facility.objects.filter(pk=made.pk).update(sis="na", shut_off="yes")
    Unit.objects.filter(pk=made.unit_id).update(video="yes")
    found = states(place(scene.district.enterprise, made))
    assert (found["safety_system"], found["shut_off"], found["video"]) == ("open", "met", "met")
    Unit.objects.filter(pk=made.unit_id).update(legal_grade=3)
    found = states(place(scene.district.enterprise, made))
    assert "safety_system" not in found
    assert "emergency_stop" not in found
    assert "shut_off" in found
    Holding.objects.filter(facility=made).update(ended_date=NOW.date())
    assert "contents" in place(scene.district.enterprise, made).reasons


@pytest.mark.clause("S4-C3.3.1c")
def test_what_nobody_told_of_a_tank_is_left_to_people_and_never_conforms_for_it(scene: Scene) -> None:
    """Without hazard classes nobody knows whether detectors are due; without its volume, whether level alarms are."""
    own, made = scene.district.enterprise, tank(scene, "乙醇")
    held = Holding.objects.select_related("chemical").get(facility=made)
    chemical = held.chemical
    assert "contents" not in place(own, made).reasons
    type(chemical).objects.filter(pk=chemical.pk).update(hazard_classes=[])
    found = place(own, made)
    assert "contents" in found.reasons
    assert "flammable" in {one.due.parameter for one in found.parameters}
    page = client_of(own).get(reverse("monitoring:installation", args=[made.pk])).content.decode()
    assert "未填危险性类别" in page
    # The goods' own classes are enough, where the state decides nothing.
    Holding.objects.filter(pk=held.pk).update(hazard_classes=["皮肤腐蚀/刺激,类别1A"])
    type(chemical).objects.filter(pk=chemical.pk).update(state="", lists=[])
    found = place(own, made)
    assert "contents" not in found.reasons
    assert "flammable" not in {one.due.parameter for one in found.parameters}
    Holding.objects.filter(pk=held.pk).update(hazard_classes=["急性毒性-吸入,类别2"])
    assert "contents" in place(own, made).reasons, "it may be a gas"
    assert states(found)["level_points"] == "gap"
    Facility.objects.filter(pk=made.pk).update(volume_m3=None)
    assert states(place(own, made))["level_points"] == "open"
    Facility.objects.filter(pk=made.pk).update(volume_m3=100)
    assert "level_points" not in states(place(own, made))


@pytest.mark.clause("S4-C3.3.1c")
@pytest.mark.parametrize("pressure", ["1", "0.02", None])
def test_video_is_asked_of_every_tank_farm_and_programs_read_the_basis_in_both_languages(
    scene: Scene, pressure: str | None
) -> None:
    made = tank(scene, "氨", grade=4, pressure_mpa=pressure)
    duties = client_of(scene.district.enterprise).get(f"{REST}/{made.pk}").json()["duties"]
    (video,) = [one for one in duties if one["code"] == "video"]
    assert (video["state"], video["mark"]) == ("gap", "G")
    assert video["basis"] != video["basis_en"] != ""


def test_a_facility_with_a_key_process_or_of_no_major_hazard_stands_in_the_other_list_or_in_none(scene: Scene) -> None:
    made = tank(scene)
    client = client_of(scene.district.enterprise)
    assert client.get(f"{REST}/{made.pk}").status_code == 200
    Facility.objects.filter(pk=made.pk).update(processes=["P13"])
    assert client.get(f"{REST}/{made.pk}").status_code == 404
    Facility.objects.filter(pk=made.pk).update(processes=["none"])
    assert client.get(f"{REST}/{made.pk}").status_code == 200
    Unit.objects.filter(pk=made.unit_id).update(legal_grade=None)
    assert client.get(f"{REST}/{made.pk}").status_code == 404
    assert tell(client, made).status_code == 404


@pytest.mark.clause("S4-C3.3.1c")
def test_how_far_the_automation_is_is_told_once_by_programs_too_and_late_after_its_day(scene: Scene) -> None:
    own, town, made = client_of(scene.district.enterprise), client_of(scene.district.town), tank(scene)
    body = {"state": "running", "paper": "改造方案", "finish_date": "2020-06-30"}
    headers = {"Idempotency-Key": "0198aaaa-0000-7000-8000-000000000002"}
    for _time in range(2):
        answer = own.post(f"{REST}/{made.pk}/retrofits", body, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content
    assert AutomationRetrofit.objects.get().process == "MH"
    assert "retrofit_late" in place(scene.district.enterprise, made).reasons
    (row,) = own.get(REST, {"lacking": "true", "grade": 2}).json()["items"]
    assert (row["code"], row["grade"], row["retrofit"]["paper"]) == ("V-1", 2, "改造方案")
    assert own.get(REST, {"grade": 1}).json()["items"] == []
    page = town.get(reverse("monitoring:installation", args=[made.pk]), {"tab": "retrofit"}).content.decode()
    assert "改造方案" in page
    assert tell(town, made).status_code == 403
    assert tell(client_of(scene.district.other_town), made).status_code == 404


def test_by_a_share_of_the_file_all_tags_count_and_none_is_named(scene: Scene) -> None:
    made = tank(scene)
    watch(scene, made)
    district = scene.district
    share(actor=district.director, row=scene.file, why="support", now=NOW, to_org=district.other_town_org.pk)
    found = place(district.other_town, made)
    assert found.lacking == []
    assert found.tags == []
    page = client_of(scene.district.other_town).get(
        reverse("monitoring:installation", args=[made.pk]), {"tab": "parameters"}
    )
    assert "V1.LT" not in page.content.decode()
