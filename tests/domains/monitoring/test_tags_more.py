"""Tags by template, by program, by spreadsheet; exemptions; what must be monitored and is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.factories import tell_unknown
from tests.domains.monitoring.tag_scene import GAS, LEVEL, Scene, make_scene, make_tag
from tests.domains.registry.factories import make_facility, make_holding
from tests.factories import NOW, client_of, make_file
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.monitoring.models import Tag, TagExemption
from quancheng.domains.monitoring.queries.coverage import Coverage, coverage
from quancheng.domains.monitoring.queries.tags import is_unlawful
from quancheng.domains.monitoring.services import exemptions
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    found = make_scene()
    # The department of the test's district is the office in charge.
    Enterprise.objects.filter(pk=found.file.pk).update(supervisor=found.district.department_org)
    found.file.refresh_from_db()
    return found


def send(client: Client, method: str, url: str, body: dict[str, Any], **headers: Any) -> Any:
    return getattr(client, method)(f"/api/v1/monitoring{url}", body, content_type="application/json", headers=headers)


# Templates ------------------------------------------------------------------------------------------------------------


def test_a_template_makes_all_its_tags_at_a_facility_at_once(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    first = reverse("monitoring:tag_template", args=[scene.file.pk])
    second = browser.post(first, {"facility": scene.tank.pk, "template": "petrol_station"})["Location"]
    shown = browser.get(second).content.decode()
    assert "双层罐夹层渗漏" in shown
    picks = ["LT1x.PV", "TT1x.PV", "LD1x.X", "GND.X", "VR.P", "LEL.m"]
    given = {"prefix": "JYZ001.G1.T-1", "source": scene.source.pk, "picks": picks}
    assert browser.post(second, {**given, "picks": []}).status_code == 422
    assert browser.post(second, given).status_code == 303
    rows = {row.code.removeprefix("JYZ001.G1.T-1."): row for row in Tag.objects.all()}
    assert set(rows) == {"LT11.PV", "TT11.PV", "LD11.X", "GND.X", "VR.P", "LEL.1"}
    level = rows["LT11.PV"]
    assert (level.hh, level.deadband, level.on_delay_s, level.facility_id) == (2275.0, 10.0, 5.0, scene.tank.pk)
    # A switch that alarms when on is high at 1, one that alarms when off is low at 0; pascals became kilopascals.
    assert (rows["LD11.X"].h, rows["LD11.X"].l, rows["GND.X"].l) == (1.0, None, 0.0)
    assert (rows["VR.P"].unit, rows["VR.P"].h, rows["VR.P"].scale) == ("kPa", 0.155, 0.001)
    assert (rows["LEL.1"].is_critical, rows["LEL.1"].parameter) == (True, "flammable")
    again = browser.post(second, given)
    assert again.status_code == 422
    assert "已有点位使用该编码" in again.content.decode()
    assert Tag.objects.count() == 6


def test_a_template_asks_for_what_its_limits_are_relative_to(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    second = f"{reverse('monitoring:tag_picks', args=[scene.file.pk])}?facility={scene.tank.pk}&template=tank_farm"
    given = {"prefix": "A.B", "picks": ["SPH.LT", "SPH.PT"]}
    refused = browser.post(second, given)
    assert refused.status_code == 422
    assert "球罐压力：缺少参数" in refused.content.decode()
    assert Tag.objects.count() == 0
    assert browser.post(second, {**given, "p2_max_operating": 1600}).status_code == 303
    assert Tag.objects.get(code="A.B.SPH.PT").h == 1440.0
    assert Tag.objects.get(code="A.B.SPH.LT").unit == "%"


# Exemptions -----------------------------------------------------------------------------------------------------------


def test_the_office_in_charge_alone_lets_a_limit_stand_and_what_ended_is_told(scene: Scene) -> None:
    district, row = scene.district, make_tag(scene, **GAS)
    office, own = client_of(district.department), client_of(district.enterprise)
    page = reverse("monitoring:tag", args=[row.pk])
    until = timezone.localdate() + timedelta(days=30)
    papers = SimpleUploadedFile("批复.txt", "同意".encode(), content_type="text/plain")
    given = {"act": "exempt", "h": 30, "until_date": until.isoformat(), "reason": "改造期间", "document_no": "示批1号"}
    assert office.post(page, {**given, "papers": papers, "h": 20}).status_code == 422
    assert office.post(page, given).status_code == 422
    assert own.post(page, {**given, "papers": papers}).status_code != 303
    papers.seek(0)
    assert office.post(page, {**given, "papers": papers}).status_code == 303
    decision = TagExemption.objects.get()
    assert (decision.h, decision.hh, decision.office_id) == (30.0, None, district.department_org.pk)
    row.refresh_from_db()
    with pytest.raises(Invalid):
        services.set_limits(actor=district.enterprise, row=row, version=2, known={"h": 31.0}, now=timezone.now())
    services.set_limits(actor=district.enterprise, row=row, version=2, known={"h": 30.0}, now=timezone.now())
    assert (row.h, row.is_loosened, row.exempted_until) == (30.0, True, until)
    shown = own.get(page).content.decode()
    assert all(said in shown for said in ("示批1号", "30 %LEL", "25 %LEL"))
    assert "批复.txt" in own.get(f"{page}?tab=exemptions").content.decode()
    assert not Tag.objects.filter(is_unlawful(today=until)).exists()
    assert Tag.objects.filter(is_unlawful(today=until + timedelta(days=1))).exists()
    assert office.post(page, {"act": "exempt_end", "reason": "改造完成"}).status_code == 303
    assert "豁免已失效" in own.get(page).content.decode()
    listed = own.get(f"{reverse('monitoring:tags')}?unlawful=1").content.decode()
    assert row.code in listed
    with pytest.raises(Invalid):
        services.change_tag(actor=district.enterprise, row=Tag.objects.get(), version=4, known={"place": "x"}, now=NOW)


def test_who_is_not_in_charge_grants_nothing_and_what_the_standard_leaves_free_needs_nothing(scene: Scene) -> None:
    row, level = make_tag(scene, **GAS), make_tag(scene, "X.1", **LEVEL)
    paper = make_file(scene.district.director)
    known = {"h": 30.0, "until_date": NOW.date(), "reason": "r", "document_no": "1"}
    for actor in (scene.district.director, scene.district.town, scene.district.enterprise):
        with pytest.raises(NotPermitted):
            exemptions.grant_exemption(actor=actor, tag=row, known=known, evidence=[paper], now=NOW)
    with pytest.raises(Conflict):
        exemptions.grant_exemption(
            actor=scene.district.department, tag=level, known=known, evidence=[paper], now=NOW
        )
    assert not TagExemption.objects.exists()


# Programs -------------------------------------------------------------------------------------------------------------


def test_programs_enter_change_limit_and_end_a_tag(scene: Scene) -> None:
    program = client_of(scene.district.enterprise)
    url, key = f"/enterprises/{scene.file.pk}/tags", "5b8f7c52-4a3e-4c57-9d0a-0b1c2d3e4f50"
    # What is safety critical leaves only through a second person (test_alarms).
    known = {**GAS, "is_critical": False}
    body = {"code": "JYZ001.G1.AT1.PV", **known, "facility_id": str(scene.tank.pk)}
    refused = send(program, "post", url, {**body, "h": 40.0})
    assert refused.status_code == 422
    assert "GB/T 50493-2019" in refused.json()["fields"]["h"]
    assert send(program, "post", url, {**body, "colour": "red"}).status_code == 422
    made = send(program, "post", url, body, **{"Idempotency-Key": key})
    assert made.status_code == 201, made.content
    assert send(program, "post", url, body, **{"Idempotency-Key": key}).json()["id"] == made.json()["id"]
    told = made.json()
    assert (told["unit"], told["deadband"], told["unit_id"]) == ("%LEL", 2.0, str(scene.unit.pk))
    one = f"/tags/{told['id']}"
    tighter = send(program, "post", f"{one}/limits", {"version": 1, "h": 20})
    assert (tighter.json()["h"], tighter.json()["hh"], tighter.json()["version"]) == (20.0, 50.0, 2)
    assert send(program, "post", f"{one}/limits", {"version": 1, "h": 21}).status_code == 409
    assert send(program, "post", f"{one}/limits", {"version": 2, "h": None}).status_code == 422
    changed = send(program, "put", one, {**known, "name": "新名称", "version": 2})
    assert (changed.json()["name"], changed.json()["facility_id"]) == ("新名称", None)
    until = (timezone.now() + timedelta(days=1)).isoformat()
    assert send(program, "post", f"{one}/service", {"reason": "检定", "until": until}).json()["status"] == "service"
    assert send(program, "post", f"{one}/return", {}).json()["status"] == "live"
    assert send(program, "post", f"{one}/end", {"reason": "拆除"}).json()["status"] == "ended"
    listed = program.get("/api/v1/monitoring/tags?status=ended&kind=flammable&total=true").json()
    assert (listed["total"], listed["items"][0]["code"]) == (1, "JYZ001.G1.AT1.PV")
    assert client_of(scene.district.other_enterprise).get(f"/api/v1/monitoring{one}").status_code == 404
    assert send(client_of(scene.district.town), "post", url, {**body, "code": "Z.1"}).status_code == 403
    scene.source.refresh_from_db()
    tell_unknown({scene.source.number: {"LT9": 4}})
    unknown = program.get(f"/api/v1/monitoring/sources/{scene.source.pk}/unknown").json()["items"]
    assert (unknown[0]["key"], unknown[0]["count"]) == ("LT9", 4)


# Spreadsheets ---------------------------------------------------------------------------------------------------------

_HEADS = (
    "点位编码", "点位名称", "监测类型", "设施位号", "计量单位", "量程下限", "量程上限", "高限", "高高限", "介质CAS号",
)  # fmt: skip


def test_a_sheet_enters_and_changes_tags_and_its_undo_writes_back_what_stood(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    row = make_tag(scene, **LEVEL)
    sheet = book(
        _HEADS,
        (row.code, "改名的液位", "液位", "T-1", "cm", 0, 252, 200, 227.5, ""),
        ("JYZ001.G1.AT1.PV", "可燃气体", "flammable", "T-1", "", 0, 100, 20, 50, ""),
    )
    run = checked(browser, "monitoring.own_tags", sheet)
    preview = browser.get(f"/exchange/imports/{run.pk}").content.decode()
    assert all(said in preview for said in ("2126", "2000", "改名的液位"))
    run = imported(browser, "monitoring.own_tags", sheet)
    row.refresh_from_db()
    gas = Tag.objects.get(code="JYZ001.G1.AT1.PV")
    assert (row.name, row.h, row.hh, row.ll, row.unit) == ("改名的液位", 2000.0, 2275.0, 150.0, "mm")
    assert (gas.unit, gas.h, gas.deadband, gas.facility_id) == ("%LEL", 20.0, 2.0, scene.tank.pk)
    assert undo(browser, run).status_code in (200, 303)
    row.refresh_from_db()
    assert (row.name, row.h) == ("1号罐液位", 2126.0)
    assert list(Tag.objects.values_list("code", flat=True)) == [row.code]


def test_each_bad_cell_is_named_with_its_reason(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    run = checked(
        browser, "monitoring.own_tags",
        book(
            _HEADS,
            ("A.1", "可燃气体", "可燃气体", "T-1", "", 0, 100, 30, 50, ""),
            ("A.2", "氯", "有毒气体", "T-9", "", 0, 30, 1, 2, "7782-50-5"),
            ("A 3", "液位", "液位", "", "kPa", 0, 30, 1, 2, ""),
            ("A.4", "液位", "城堡", "", "", 0, 30, 1, 2, ""),
        ),
    )  # fmt: skip
    assert run.state == "bad"
    cells = {cell for cell, _code in reasons(run)}
    assert cells == {"H2", "D3", "A4", "E4", "C5"}
    assert any("GB/T 50493-2019, 5.5.2" in str(one) for one in run.errors)
    assert not Tag.objects.exists()


def test_what_the_list_exports_comes_in_unchanged(scene: Scene) -> None:
    make_tag(scene, facility=scene.tank, source=scene.source, key="LT1", calibrated_until=NOW.date(), roc_limit=2.5)
    make_tag(scene, "X.2", **GAS)
    browser = client_of(scene.district.enterprise)
    heads = "code,name,file,unit_place,facility,kind,parameter,unit,range_lo,range_hi,ll,l,h,hh,source,key,name_en"
    heads += ",place,quota_code,medium,scale,shift,deadband,on_delay_s,off_delay_s,roc_limit,roc_window_s,scan_s"
    heads += ",is_by_exception,stale_after_s,flat_after_s,flat_within,priority,is_critical,first_out_group,is_uploaded"
    heads += ",calibrated_until,status,exempted_until,area"
    rows = exported(browser, f"{reverse('monitoring:tags')}?export=xlsx&cols={heads}")
    start = next(place for place, row in enumerate(rows) if "点位编码" in row)
    run = checked(browser, "monitoring.own_tags", book(*rows[start:]))
    assert run.errors == []
    assert run.counts.get("unchanged") == 2, run.counts
    office = checked(client_of(scene.district.department), "monitoring.tags", book(*rows[start:]))
    assert (office.errors, office.counts.get("unchanged")) == ([], 2)


# What must be monitored and is ----------------------------------------------------------------------------------------


def _of(scene: Scene) -> Coverage:
    (found,) = coverage(actor=scene.district.department, files=[scene.file])
    return found


def test_a_place_is_covered_when_each_parameter_that_is_due_has_a_live_tag(scene: Scene) -> None:
    tank, store = _of(scene).places[1], _of(scene).places[0]
    assert (tank.kind, [one.due.parameter for one in tank.needs]) == (
        "fixed_roof_tank", ["level", "temperature", "flammable"],
    )  # fmt: skip
    assert store.kind == "warehouse"
    level = make_tag(scene, facility=scene.tank)
    make_tag(scene, "X.2", kind="temperature", name="油温", facility=scene.tank)
    gas = make_tag(scene, "X.3", **GAS, is_critical=False, facility=scene.tank)
    make_tag(scene, "X.4", kind="temperature", name="库温", facility=scene.store)
    assert (_of(scene).storage.met, _of(scene).storage.all) == (1, 2)
    assert "room_temperature" not in [one.due.parameter for one in _of(scene).places[0].lacking]
    services.put_into_service(
        actor=scene.district.enterprise, row=gas, reason="检定", until=NOW + timedelta(days=1), now=NOW
    )
    assert [one.due.parameter for one in _of(scene).places[1].lacking] == ["flammable"]
    services.end_tag(actor=scene.district.enterprise, row=level, reason="拆除", now=NOW)
    assert [one.due.parameter for one in _of(scene).places[1].lacking] == ["level", "flammable"]


def test_the_pages_tell_it_by_enterprise_and_by_sensor_to_who_sees_them(scene: Scene) -> None:
    make_tag(scene, facility=scene.tank, source=scene.source)
    address = reverse("monitoring:coverage")
    own = reverse("monitoring:file_coverage", args=[scene.file.pk])
    name = Organisation.objects.get(pk=scene.file.pk).name
    shown = client_of(scene.district.town).get(f"{address}?lacking=1").content.decode()
    assert name in shown
    assert f"{own}?show=lacking" in shown
    assert name not in client_of(scene.district.other_town).get(address).content.decode()
    page = client_of(scene.district.town).get(own).content.decode()
    assert all(said in page for said in ("JYZ001.G1.LT101.PV", "接入源未启用", "缺点位", "固定顶常压储罐"))
    assert "JYZ001.G1.LT101.PV" not in client_of(scene.district.town).get(f"{own}?show=lacking").content.decode()
    assert client_of(scene.district.other_town).get(own).status_code == 404
    assert client_of(scene.district.town).get(f"{address}?colour=red").status_code == 422


def test_gas_is_asked_for_where_what_is_held_gives_cause_and_chlorine_needs_more(scene: Scene) -> None:
    own = scene.district.enterprise
    lye = make_facility(own, scene.unit, code="T-2", name="碱罐")
    chlorine = make_facility(own, scene.unit, code="K-2", name="氯瓶间", kind="bay")
    make_holding(own, lye, "氢氧化钠")
    make_holding(own, chlorine, "氯")
    places = {one.facility.code: one for one in _of(scene).places}
    assert [one.due.parameter for one in places["T-2"].needs] == ["level", "temperature"]
    assert places["K-2"].kind == "cylinder_store"
    assert {"toxic", "absorber", "room_pressure"} <= {one.due.parameter for one in places["K-2"].needs}
    assert "flammable" not in [one.due.parameter for one in places["K-2"].needs]
    # Nobody told what the first tank and the first store hold: both are asked for gas.
    assert {"flammable", "toxic"} <= {one.due.parameter for one in places["K-1"].needs}


def test_repair_beyond_its_planned_end_is_counted_on_the_enterprises_today(scene: Scene) -> None:
    tag, client = make_tag(scene), client_of(scene.district.enterprise)
    now = timezone.now()
    services.put_into_service(
        actor=scene.district.enterprise, row=tag, reason="检定", until=now + timedelta(hours=1), now=now
    )
    assert "检维修超过预计时间的点位" not in client.get("/").content.decode()
    Tag.objects.filter(pk=tag.pk).update(service_until=now - timedelta(hours=2))
    head = client.get("/").content.decode()
    assert "检维修超过预计时间的点位 <strong>1</strong>" in head
    listed = f"{reverse('monitoring:tags')}?overdue=1"
    assert listed in head
    assert tag.code in client.get(listed).content.decode()
    assert "检维修超过预计时间的点位" not in client_of(scene.district.department).get("/").content.decode()
