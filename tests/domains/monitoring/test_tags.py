"""Tags: entered, checked by the law, changed with their history, taken out of service and back, confirmed, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.factories import make_source, tell_unknown
from tests.domains.monitoring.tag_scene import CHLORINE, GAS, LEVEL, Scene, make_scene, make_tag
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, client_of

from quancheng.domains.monitoring.models import AlarmHold, Tag, UnknownKey
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.errors import Conflict, DomainError, Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def form(**changed: Any) -> dict[str, Any]:
    return {"code": "JYZ001.G1.LT101.PV", **LEVEL, **changed}


def wrong(scene: Scene, known: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        make_tag(scene, **known)
    return {name: str(said) for name, said in refused.value.fields.items()}


def test_an_enterprise_enters_a_tag_on_two_pages_with_the_usual_settings_of_its_kind(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    first = browser.post(reverse("monitoring:tag_new", args=[scene.file.pk]), {"kind": "level"})
    filled = browser.get(first["Location"]).content.decode()
    assert all(said in filled for said in ('value="mm"', 'name="on_delay_s" value="60.0"', 'name="priority" value="2"'))
    made = browser.post(first["Location"], form(facility=scene.tank.pk, source=scene.source.pk, key="LT1"))
    row = Tag.objects.get()
    assert made["Location"] == reverse("monitoring:tag", args=[row.pk])
    assert (row.file_id, row.owner_org_id, row.area_id) == (scene.file.pk, scene.file.pk, scene.file.area_id)
    # What was left empty is the kind's: 5 % of the span, three scans but at least a minute.
    assert (row.unit, row.deadband, row.scan_s, row.stale_after_s, row.priority) == ("mm", 126.0, 30.0, 90, 2)
    assert (row.unit_place_id, row.parameter, row.status) == (scene.unit.pk, "level", "live")
    page = browser.get(made["Location"]).content.decode()
    assert all(said in page for said in ("1号罐液位", "2275 mm", "登记点位", "0 – 2520 mm", "GW-SL001-01"))
    again = browser.post(first["Location"], form(name="另一个"))
    assert again.status_code == 409
    assert "已有点位使用该编码" in again.content.decode()


def test_numbers_in_another_unit_are_kept_in_the_base_unit_and_what_the_source_sends_leads_there(scene: Scene) -> None:
    row = make_tag(
        scene, kind="pressure", name="罐压", unit="MPa", range_lo=0, range_hi=1.6, h=1.0, hh=1.1, deadband=0.01
    )
    assert (row.unit, row.range_hi, row.h, row.hh, row.deadband) == ("kPa", 1600.0, 1000.0, 1100.0, 10.0)
    assert (row.scale, row.shift) == (1000.0, 0.0)
    services.set_limits(actor=scene.district.enterprise, row=row, version=1, known={"h": 0.9, "unit": "MPa"}, now=NOW)
    assert (row.h, row.hh, row.scale, row.deadband) == (900.0, 1100.0, 1000.0, 10.0)
    with pytest.raises(Invalid) as refused:
        services.set_limits(actor=scene.district.enterprise, row=row, version=2, known={"h": 1, "unit": "mm"}, now=NOW)
    assert "压力没有单位“mm”" in str(refused.value.fields["unit"])
    ppm = make_tag(scene, "JYZ001.G1.AT1.PV", **{**CHLORINE, "unit": "ppm", "range_hi": 10, "h": 0.3, "hh": 0.6})
    assert ppm.unit == "mg/m3"
    assert ppm.h == pytest.approx(0.884, abs=0.001)


def test_limits_that_cannot_be_are_refused_at_their_field(scene: Scene) -> None:
    assert "HH限值应大于H限值" in wrong(scene, {**LEVEL, "hh": 2000})["hh"]
    assert "超出量程" in wrong(scene, {**LEVEL, "hh": 2600})["hh"]
    assert "有限" in wrong(scene, {**LEVEL, "h": float("nan")})["h"]
    assert set(wrong(scene, {"kind": "level", "name": "", "unit": "kPa", "scan_s": 0, "priority": 5})) == {
        "name", "unit", "scan_s", "priority",
    }  # fmt: skip
    assert "kind" in wrong(scene, {**LEVEL, "kind": "castle"})
    assert Tag.objects.count() == 0


@pytest.mark.parametrize(
    ("known", "changed", "field"),
    [
        (GAS, {"h": 25.1}, "h"), (GAS, {"hh": 60.0}, "hh"), (GAS, {"h": None}, "h"),
        (GAS, {"unit": "LEL.m", "range_hi": 5.0, "h": 1.1, "hh": 2.0}, "h"),
        (CHLORINE, {"h": 1.5}, "h"), (CHLORINE, {"hh": None}, "hh"),
        ({"name": "氧", "kind": "oxygen", "l": 18.0, "h": 23.5}, {}, "l"),
    ],
)  # fmt: skip
def test_an_enterprise_may_tighten_and_never_loosen_what_the_standard_sets(
    scene: Scene, known: dict[str, Any], changed: dict[str, Any], field: str
) -> None:
    said = wrong(scene, {**known, **changed})
    assert set(said) == {field}
    assert "GB/T 50493-2019, 5.5.2" in said[field]


def test_what_keeps_the_law_or_is_stricter_stands_and_shows_it_beside(scene: Scene) -> None:
    row = make_tag(scene, **{**GAS, "h": 20.0})
    assert row.is_loosened is False
    page = client_of(scene.district.town).get(reverse("monitoring:tag", args=[row.pk])).content.decode()
    assert all(said in page for said in ("20 %LEL", "25 %LEL", "GB/T 50493-2019", "不得更宽"))
    assert "10秒" in wrong(scene, {**CHLORINE, "on_delay_s": 30})["on_delay_s"]
    assert "medium" in wrong(scene, {**CHLORINE, "medium": ""})
    assert "medium" in wrong(scene, {**CHLORINE, "medium": "7782-50-6"})
    other = make_tag(scene, "X.1", **{**CHLORINE, "medium": "100-42-5", "h": 50.0, "hh": 100.0, "range_hi": 300.0})
    shown = client_of(scene.district.enterprise).get(reverse("monitoring:tag", args=[other.pk])).content.decode()
    assert "没有这种气体" in shown


def test_a_change_keeps_before_and_after_and_is_refused_over_a_newer_one(scene: Scene) -> None:
    row = make_tag(scene)
    browser = client_of(scene.district.enterprise)
    address = reverse("monitoring:tag_change", args=[row.pk])
    shown = browser.get(address).content.decode()
    assert 'name="version" value="1"' in shown
    given = {**LEVEL, "unit": "mm", "h": 2000, "deadband": row.deadband, "version": 1, "is_critical": "on"}
    assert browser.post(address, {**given, "hh": 1990}).status_code == 422
    assert browser.post(address, given).status_code == 303
    late = browser.post(address, {**given, "h": 1900})
    assert late.status_code == 409
    row.refresh_from_db()
    assert (row.h, row.version, row.is_critical) == (2000.0, 2, True)
    facts = JournalEntry.objects.get(act="monitoring.tag.change").facts
    assert (facts["before"]["h"], facts["after"]["h"]) == ("2126", "2000")
    page = browser.get(reverse("monitoring:tag", args=[row.pk])).content.decode()
    assert "高限：2126 → 2000" in page


def test_a_tag_whose_alarm_stands_keeps_its_source_until_it_is_put_out_of_service(scene: Scene) -> None:
    row = make_tag(scene)
    raised(row, "H", at=NOW, value=2200)
    browser = client_of(scene.district.enterprise)
    address = reverse("monitoring:tag_change", args=[row.pk])
    other = make_source(scene.district, code="GW-QUIET-01")
    given = {
        **LEVEL, "unit": "mm", "deadband": row.deadband, "version": row.version, "source": other.pk, "key": "quiet",
    }  # fmt: skip
    refused = browser.post(address, given)
    assert refused.status_code == 422
    assert "未恢复的报警" in refused.content.decode()
    # Two people put it out of service.
    AlarmHold.objects.create(
        **scene.file.row_scope(), file=scene.file, tag=row, kind="oos", status="STANDING", title=row.name,
        reason="检定", measure="每小时人工检尺", asked_at=NOW, until=NOW + timedelta(hours=2), status_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    assert browser.post(address, given).status_code == 303


def test_repair_has_a_reason_and_an_end_and_an_ended_tag_is_not_written_any_more(scene: Scene) -> None:
    row = make_tag(scene)
    browser = client_of(scene.district.enterprise)
    page = reverse("monitoring:tag", args=[row.pk])
    until = timezone.localtime() + timedelta(days=2)
    given = {"act": "service", "reason": "年度检定", "until": until.strftime("%Y-%m-%dT%H:%M")}
    assert browser.post(page, {**given, "reason": ""}).status_code == 422
    assert browser.post(page, {**given, "until": "2020-01-01T00:00"}).status_code == 422
    assert browser.post(page, given).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.service_reason) == ("service", "年度检定")
    assert "年度检定" in browser.get(page).content.decode()
    assert browser.post(page, {"act": "return"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.service_until) == ("live", None)
    with pytest.raises(StaleState):
        services.return_to_service(actor=scene.district.enterprise, row=row, now=NOW)
    assert browser.post(page, {"act": "end", "reason": "罐已拆除"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.ended_reason) == ("ended", "罐已拆除")
    with pytest.raises(StaleState):
        services.change_tag(
            actor=scene.district.enterprise, row=row, version=row.version, known={"h": 2000}, now=NOW
        )
    acts = set(JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True))
    assert acts == {f"monitoring.tag.{act}" for act in ("enter", "service", "return", "end")}


def test_a_tag_hangs_at_things_of_its_own_enterprise_alone(scene: Scene) -> None:
    other = open_own_file(actor=scene.district.other_enterprise, kind="depot", known={}, now=NOW)
    theirs = make_facility(scene.district.other_enterprise, make_unit(scene.district.other_enterprise, other))
    assert set(wrong(scene, {**LEVEL, "facility": theirs})) == {"facility"}
    assert set(wrong(scene, {**LEVEL, "key": "LT1"})) == {"key"}
    make_tag(scene, source=scene.source, key="LT1")
    with pytest.raises(Conflict):
        make_tag(scene, "X.2", source=scene.source, key="LT1")
    make_tag(scene, "X.3", source=scene.source)
    with pytest.raises(Conflict):
        make_tag(scene, "X.4", source=scene.source, key="X.3")


def test_a_street_reads_and_does_not_write_and_a_neighbour_does_not_see(scene: Scene) -> None:
    row = make_tag(scene)
    address = reverse("monitoring:tag", args=[row.pk])
    district = scene.district
    for actor, status in (
        (district.other_enterprise, 404), (district.other_town, 404), (district.town, 200), (district.department, 200),
    ):  # fmt: skip
        assert client_of(actor).get(address).status_code == status
        listed = client_of(actor).get(reverse("monitoring:tags")).content.decode()
        assert (row.code in listed) is (status == 200)
    assert client_of(district.town).get(reverse("monitoring:tag_change", args=[row.pk])).status_code == 403
    for act in ("change_tag", "set_limits"):
        with pytest.raises(NotPermitted):
            getattr(services, act)(actor=district.town, row=row, version=1, known={"h": 2000.0}, now=NOW)
    services.change_tag(actor=district.department, row=row, version=1, known={"place": "罐顶"}, now=NOW)
    assert (row.place, row.version) == ("罐顶", 2)


def test_an_unknown_name_becomes_a_tag_or_a_found_one_that_is_confirmed(scene: Scene) -> None:
    scene.source.refresh_from_db()
    tell_unknown({scene.source.number: {"罐1/LT": 12, "TT 2": 3, "PT3": 1}})
    browser = client_of(scene.district.enterprise)
    page = reverse("monitoring:source", args=[scene.source.pk])
    shown = browser.get(page).content.decode()
    assert all(said in shown for said in ("未登记点位", "罐1/LT", "TT 2", "先收数据"))
    assert "先收数据" not in client_of(scene.district.town).get(page).content.decode()
    first = browser.post(
        reverse("monitoring:tag_new", args=[scene.file.pk]) + f"?source={scene.source.pk}&key=PT3", {"kind": "pressure"}
    )
    filled = browser.get(first["Location"]).content.decode()
    assert 'value="PT3"' in filled
    given = {"code": "X.PT3", "name": "压力", "kind": "pressure", "source": scene.source.pk, "key": "PT3"}
    assert browser.post(first["Location"], given).status_code == 303
    assert set(UnknownKey.objects.values_list("key", flat=True)) == {"罐1/LT", "TT 2"}
    key = UnknownKey.objects.get(key="罐1/LT")
    find = reverse("monitoring:tag_find", args=[scene.source.pk, key.pk])
    assert client_of(scene.district.town).post(find).status_code == 403
    assert browser.post(find).status_code == 303
    row = Tag.objects.get(key="罐1/LT")
    assert (row.status, row.kind, row.code) == ("found", "", "GW-SL001-01.-1-LT")
    with pytest.raises(DomainError):
        services.change_tag(actor=scene.district.enterprise, row=row, version=1, known=LEVEL, now=NOW)
    change = reverse("monitoring:tag_change", args=[row.pk])
    assert browser.post(change, {**LEVEL, "source": scene.source.pk, "key": row.key, "version": 1}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.kind, row.unit, row.version) == ("live", "level", "mm", 2)


def test_the_list_narrows_and_costs_the_same_whatever_its_length(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    make_tag(scene, facility=scene.tank)
    make_tag(scene, "B.1", kind="temperature", name="没有限值的油温")
    make_tag(scene, "B.2", calibrated_until=timezone.localdate() - timedelta(days=1), name="过期的")
    browser = client_of(scene.district.enterprise)
    address = reverse("monitoring:tags")
    for query, codes in (
        ("kind=level", {"JYZ001.G1.LT101.PV", "B.2"}), ("unlimited=1", {"B.1"}), ("uncalibrated=1", {"B.2"}),
        ("unbound=1", {"B.1", "B.2"}), ("facility=T-1", {"JYZ001.G1.LT101.PV"}), ("unit=埋地", {"JYZ001.G1.LT101.PV"}),
        ("q=油温", {"B.1"}), ("status=ended", set()), ("enterprise=没有", set()),
    ):  # fmt: skip
        shown = browser.get(f"{address}?{query}").content.decode()
        assert {code for code in ("JYZ001.G1.LT101.PV", "B.1", "B.2") if f">{code}<" in shown} == codes, query
    assert browser.get(f"{address}?kind=castle").status_code == 422
    for number in range(20):
        make_tag(scene, f"C.{number}", facility=scene.tank)
    with django_assert_max_num_queries(15):
        browser.get(address)
