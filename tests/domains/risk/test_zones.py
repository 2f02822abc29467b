"""Planning zones are kept edition by edition, by hand and from files; what is no polygon is told and not kept."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.risk.layout_scene import block, known_zone, lon, make_zone, planner
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org

from quancheng.domains.risk.models import PlanningZone
from quancheng.domains.risk.queries.zones import in_force
from quancheng.domains.risk.services import zones as services
from quancheng.domains.risk.services.zones import end_zone, put_zone
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.standards.coordinates import Point, distance_m

pytestmark = pytest.mark.django_db
DAY = NOW.date()


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def sent(**changed: Any) -> dict[str, Any]:
    known = known_zone(**changed)
    return {**known, "polygon": json.dumps(known["polygon"]), "system": changed.get("system", "cgcs2000")}


def collection(*features: dict[str, Any]) -> SimpleUploadedFile:
    body = {"type": "FeatureCollection", "features": list(features)}
    return SimpleUploadedFile("zones.geojson", json.dumps(body).encode())


def feature(code: str, geometry: Any, **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"code": code, "name": f"片区{code}", **said}}


def test_a_plan_that_changes_makes_a_new_edition_and_the_old_one_is_still_read(district: District) -> None:
    desk = client_of(planner(district))
    assert desk.post(reverse("risk:zone_new"), sent()).status_code == 303
    first = PlanningZone.objects.get()
    assert (first.name, first.population, first.to_date, first.reach) == ("示例居住片区", 900, None, "public")
    change = reverse("risk:zone_change", args=[first.pk])
    later = DAY + timedelta(days=30)
    early = desk.post(change, sent(from_date=DAY - timedelta(days=1)))
    assert early.status_code == 422
    assert "不能早于现有版本" in early.content.decode()
    # Whatever code is sent: it is an edition of this zone.
    changed = sent(kind="industrial", name="示例工业片区", from_date=later, code="B-9")
    assert desk.post(change, changed).status_code == 303
    first.refresh_from_db()
    second = PlanningZone.objects.get(kind="industrial")
    assert (first.kind, first.to_date) == ("residential", later - timedelta(days=1))
    assert (second.code, second.to_date) == ("A-01", None)
    assert PlanningZone.objects.filter(in_force(DAY)).get() == first
    assert PlanningZone.objects.filter(in_force(later)).get() == second
    page = client_of(district.enterprise).get(reverse("risk:zone", args=[second.pk]) + "?tab=editions")
    assert "示例居住片区" in page.content.decode()
    assert JournalEntry.objects.filter(act="risk.zone.put").count() == 2
    # Taken out by the department that answers for it; what was entered for the same day before never counted.
    third = make_zone_again(second)
    second.refresh_from_db()
    assert second.to_date is not None
    assert second.to_date < second.from_date
    ended = desk.post(reverse("risk:zone", args=[third.pk]), {"act": "end", "day": later, "reason": "规划撤销"})
    assert ended.status_code == 303
    assert not PlanningZone.objects.filter(in_force(later + timedelta(days=1))).exists()


def make_zone_again(zone: PlanningZone) -> PlanningZone:
    who = make_actor(zone.owner_org, "department.officer")
    return make_zone(who, from_date=zone.from_date, kind="commercial")


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ({"type": "Point", "coordinates": [0, 0]}, "应为GeoJSON多边形"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01]]]}, "没有闭合"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0], [0, 0]]]}, "至少三个顶点"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]]}, "互相交叉"),
        ({"type": "Polygon", "coordinates": [[[0, 0], ["x", 0], [0, 1], [0, 0]]]}, "第2个顶点不是经纬度"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [5, 0], [5, 5], [0, 0]]]}, "第2个顶点：不在本区范围内"),
        ({"type": "Polygon", "coordinates": [[[0, 95], [0.01, 95], [0, 96], [0, 95]]]}, "第1个顶点：纬度不能超过90度"),
        ({"type": "Polygon", "coordinates": [block(0, 50)["coordinates"][0], block(10, 20)["coordinates"][0]]}, "内环"),
        ({"type": "Polygon", "coordinates": [[[0, 0]] * 600]}, "最多500个顶点"),
    ],
)
def test_what_is_no_polygon_of_the_district_is_told_by_hand_by_file_and_by_api(
    district: District, settings: Any, geometry: Any, said: str
) -> None:
    settings.DISTRICT_BOX = "-1,-1,1,1"
    who = planner(district)
    desk = client_of(who)
    by_hand = desk.post(reverse("risk:zone_new"), sent(polygon=geometry))
    assert by_hand.status_code == 422
    assert said in by_hand.content.decode()
    common = {name: value for name, value in sent().items() if name not in ("code", "name", "kind", "polygon")}
    upload = collection(feature("F-1", block(0, 50), kind="居住"), feature("F-2", geometry, kind="green"))
    by_file = desk.post(reverse("risk:zones_import"), {**common, "geojson": upload})
    assert by_file.status_code == 422
    assert "第2个图形“片区F-2”" in by_file.content.decode()
    assert said in by_file.content.decode()
    assert "第1个图形" not in by_file.content.decode()
    body = {"name": "x", "kind": "green", "geometry": geometry, "document": "x", "from_date": DAY.isoformat()}
    by_api = desk.put("/api/v1/risk/zones/F-3", body, content_type="application/json")
    assert by_api.status_code == 422
    assert said in by_api.json()["fields"]["polygon"]
    assert not PlanningZone.objects.exists()


def test_a_file_enters_all_its_zones_or_tells_every_fault_line_by_line(district: District) -> None:
    desk = client_of(planner(district))
    common = {name: value for name, value in sent().items() if name not in ("code", "name", "kind", "polygon")}
    bad = collection(
        feature("F-1", block(0, 50), kind="空想用途"),
        feature("F-2", block(60, 90), kind="medical", population_day="很多"),
        feature("F-2", block(60, 90), kind="medical"),
        feature("", block(60, 90), kind="medical"),
    )
    refused = desk.post(reverse("risk:zones_import"), {**common, "geojson": bad})
    said = refused.content.decode()
    assert refused.status_code == 422
    for sentence in (
        "第1个图形“片区F-1”：不认识的规划用途", "第2个图形“片区F-2”：人口应为整数",
        "第3个图形“片区F-2”：文件中分区编号重复", "第4个图形“片区”：请填写分区编号",
    ):  # fmt: skip
        assert sentence in said
    assert not PlanningZone.objects.exists()
    unread = desk.post(reverse("risk:zones_import"), {**common, "geojson": SimpleUploadedFile("z.json", b"{}")})
    assert "读不出GeoJSON" in unread.content.decode()
    good = collection(
        feature("F-1", block(0, 50), kind="居住", population_night=80), feature("F-2", block(60, 90), kind="medical")
    )
    assert desk.post(reverse("risk:zones_import"), {**common, "geojson": good}).status_code == 303
    kept = dict(PlanningZone.objects.values_list("code", "kind"))
    assert kept == {"F-1": "residential", "F-2": "medical"}
    assert PlanningZone.objects.get(code="F-1").population_night == 80


def test_coordinates_of_the_shifted_system_are_turned_into_cgcs2000(district: District) -> None:
    shifted = [[117.01, 39.01], [117.02, 39.01], [117.02, 39.02], [117.01, 39.01]]
    known = known_zone(polygon={"type": "Polygon", "coordinates": [shifted]})
    zone = put_zone(actor=planner(district), known=known, system="gcj02", now=NOW)
    east, north = zone.polygon["coordinates"][0][0]
    apart = distance_m(Point(117.01, 39.01), Point(east, north))
    assert 300 < apart < 900
    assert zone.polygon["coordinates"][0][0] == zone.polygon["coordinates"][0][-1]


def test_only_the_department_that_answers_for_a_zone_changes_it(district: District) -> None:
    zone = make_zone(planner(district))
    other = make_actor(make_org("示例区发改局", area=district.area, links=("transport",), code="DRC"),
                       "department.officer")  # fmt: skip
    for who in (district.enterprise, district.town, district.director):
        assert client_of(who).post(reverse("risk:zone_new"), sent(code="X")).status_code == 403
        assert client_of(who).get(reverse("risk:zone", args=[zone.pk])).status_code == 200
    with pytest.raises(NotPermitted):
        make_zone(other)
    with pytest.raises(NotPermitted):
        end_zone(actor=other, zone=zone, day=DAY, reason="无", now=NOW)
    assert client_of(other).get(reverse("risk:zone_change", args=[zone.pk])).status_code == 403
    assert make_zone(other, code="C-1").owner_org_id == other.organisation_id
    with pytest.raises(Invalid) as refused:
        make_zone(other, code="C-2", population_source="", population_date=None)
    assert set(refused.value.fields) == {"population_source", "population_date"}


def test_programs_put_a_zone_by_its_code_and_read_zones_as_geojson(district: District) -> None:
    desk = client_of(planner(district))
    body = {
        "name": "示例医疗片区", "kind": "medical", "geometry": block(0, 100), "document": "示例规划",
        "from_date": DAY.isoformat(), "population_day": 40, "population_source": "规划",
        "population_date": DAY.isoformat(),
    }  # fmt: skip
    put = desk.put("/api/v1/risk/zones/M-01", body, content_type="application/json")
    assert put.status_code == 200, put.content
    assert put.json()["geometry"] == block(0, 100)
    again = {**body, "kind": "green", "from_date": (DAY + timedelta(days=5)).isoformat()}
    assert desk.put("/api/v1/risk/zones/M-01", again, content_type="application/json").status_code == 200
    reader = client_of(district.other_enterprise)
    told = reader.get("/api/v1/risk/zones").json()
    assert told["type"] == "FeatureCollection"
    assert [(one["type"], one["properties"]["kind"]) for one in told["features"]] == [("Feature", "medical")]
    later = reader.get("/api/v1/risk/zones", {"day": (DAY + timedelta(days=9)).isoformat()}).json()
    assert [one["properties"]["kind"] for one in later["features"]] == ["green"]
    assert reader.get("/api/v1/risk/zones/M-01").json()["properties"]["population_day"] == 40
    assert reader.get("/api/v1/risk/zones/none").status_code == 404
    assert reader.put("/api/v1/risk/zones/M-01", body, content_type="application/json").status_code == 403


def test_the_same_request_twice_enters_imports_and_ends_a_zone_once(district: District) -> None:
    who = planner(district)
    desk, key = client_of(who), {name: str(uuid.uuid4()) for name in ("put", "file", "end")}
    common = {name: value for name, value in sent().items() if name not in ("code", "name", "kind", "polygon")}
    for _twice in range(2):
        assert desk.post(reverse("risk:zone_new"), {**sent(), "client_id": key["put"]}).status_code == 303
        upload = collection(feature("F-1", block(0, 50), kind="居住"), feature("F-2", block(60, 90), kind="medical"))
        given = {**common, "geojson": upload, "client_id": key["file"]}
        assert desk.post(reverse("risk:zones_import"), given).status_code == 303
    assert sorted(PlanningZone.objects.values_list("code", flat=True)) == ["A-01", "F-1", "F-2"]
    # Another polygon or name under the same mark is another request.
    for changed in ({"polygon": block(500, 950)}, {"name": "别的片区"}, {"population_day": 301}):
        other = desk.post(reverse("risk:zone_new"), {**sent(**changed), "client_id": key["put"]})
        assert other.status_code == 409, changed
    zone = PlanningZone.objects.get(code="A-01")
    ended = {"act": "end", "day": DAY, "reason": "规划撤销", "client_id": key["end"]}
    for _twice in range(2):
        assert desk.post(reverse("risk:zone", args=[zone.pk]), ended).status_code == 303
    assert desk.post(reverse("risk:zone", args=[zone.pk]), {**ended, "client_id": ""}).status_code == 409
    assert JournalEntry.objects.filter(act="risk.zone.end").count() == 1


def test_a_code_of_another_department_is_told_at_the_feature_even_when_its_zone_has_ended(district: District) -> None:
    hub = planner(district)
    zone = make_zone(hub)
    end_zone(actor=hub, zone=zone, day=DAY, reason="规划撤销", now=NOW)
    other = make_actor(make_org("示例区发改局", area=district.area, links=("transport",), code="DRC"),
                       "department.officer")  # fmt: skip
    common = {name: value for name, value in sent().items() if name not in ("code", "name", "kind", "polygon")}
    upload = collection(feature("A-01", block(0, 50), kind="green"))
    answer = client_of(other).post(reverse("risk:zones_import"), {**common, "geojson": upload})
    assert answer.status_code == 422
    assert "第1个图形“片区A-01”：该分区由示例区住建局维护" in answer.content.decode()
    assert PlanningZone.objects.count() == 1


def test_each_ring_of_a_file_is_looked_at_once_and_a_file_of_too_many_corners_is_refused(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(services, "check_ring", lambda ring: looked.append(len(ring)))
    desk = client_of(planner(district))
    common = {name: value for name, value in sent().items() if name not in ("code", "name", "kind", "polygon")}
    upload = collection(feature("F-1", block(0, 50), kind="居住"), feature("F-2", block(60, 90), kind="medical"))
    assert desk.post(reverse("risk:zones_import"), {**common, "geojson": upload}).status_code == 303
    assert looked == [4, 4]
    monkeypatch.setattr(services, "MOST_FILE_CORNERS", 9)
    upload = collection(feature("F-3", block(0, 50), kind="居住"), feature("F-4", block(60, 90), kind="medical"))
    refused = desk.post(reverse("risk:zones_import"), {**common, "geojson": upload})
    assert refused.status_code == 422
    assert "文件共有10个顶点，最多9个" in refused.content.decode()
    assert PlanningZone.objects.count() == 2


def test_a_program_reads_the_edition_of_a_code_on_a_day(district: District) -> None:
    who = planner(district)
    zone = make_zone(who)
    make_zone(who, code=zone.code, kind="green", from_date=DAY + timedelta(days=9))
    reader = client_of(district.other_enterprise)
    for days, kind in ((0, "residential"), (8, "residential"), (9, "green")):
        told = reader.get("/api/v1/risk/zones/A-01", {"day": (DAY + timedelta(days=days)).isoformat()}).json()
        assert told["properties"]["kind"] == kind, days
    assert reader.get("/api/v1/risk/zones", {"code": "A-01"}).status_code == 422


def test_zones_of_before_get_the_box_around_their_polygon(district: District) -> None:
    zone = make_zone(planner(district))
    box = (zone.west, zone.south, zone.east, zone.north)
    assert box == (lon(500), -lon(100), lon(900), lon(100))
    PlanningZone.objects.update(west=None, south=None, east=None, north=None)
    import_module("quancheng.domains.risk.migrations.0013_zone_boxes").fill(apps, None)
    zone.refresh_from_db()
    assert (zone.west, zone.south, zone.east, zone.north) == box
