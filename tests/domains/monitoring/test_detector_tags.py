"""Tags of detectors that are carried, with the gas of their calibration: page, sheet and REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.domains.monitoring.tag_scene import GAS, LEVEL, Scene, make_scene, make_tag
from tests.factories import NOW, client_of
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.services import tags as services
from quancheng.kernel.errors import Invalid

pytestmark = pytest.mark.django_db
HEADS = ("点位编码", "点位名称", "监测类型", "便携式", "标定气体CAS号", "修正系数", "经度", "纬度", "高限", "高高限")


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_a_tag_names_the_gas_of_its_calibration_its_makers_factors_and_where_it_hangs(scene: Scene) -> None:
    tag = make_tag(
        scene, "X.1", **GAS, is_portable=True, calibration_gas="甲烷", corrections="丙烷=1.6；71-43-2：2.3",
        lon=118.5, lat=37.4,
    )  # fmt: skip
    assert (tag.is_portable, tag.calibration_gas) == (True, "74-82-8")
    assert tag.corrections == {"74-98-6": 1.6, "71-43-2": 2.3}
    page = client_of(scene.district.enterprise).get(reverse("monitoring:tag", args=[tag.pk])).content.decode()
    assert "74-82-8" in page
    assert "71-43-2=2.3；74-98-6=1.6" in page
    # What was entered before has none of it, and is as it was.
    plain = make_tag(scene, "X.2", **GAS)
    assert (plain.is_portable, plain.calibration_gas, plain.corrections, plain.lon) == (False, "", {}, None)


def test_what_cannot_be_is_refused_at_its_field(scene: Scene) -> None:
    cases: tuple[tuple[dict[str, Any], str, str], ...] = (
        ({**LEVEL, "is_portable": True}, "is_portable", "可以是便携式"),
        ({**GAS, "is_portable": True, "facility": scene.tank}, "is_portable", "不装在设施上"),
        ({**LEVEL, "calibration_gas": "甲烷"}, "calibration_gas", "只有可燃气体"),
        ({**GAS, "calibration_gas": "某某气"}, "calibration_gas", "没有这种气体"),
        ({**GAS, "corrections": {"74-98-6": 1.6}}, "calibration_gas", "5.3.2"),
        ({**GAS, "calibration_gas": "甲烷", "corrections": "丙烷"}, "corrections", "气体=系数"),
        ({**GAS, "calibration_gas": "甲烷", "corrections": {"丙烷": 0}}, "corrections", "0.01至100"),
        ({**GAS, "calibration_gas": "甲烷", "corrections": {"丙烷": float("nan")}}, "corrections", "0.01至100"),
        ({**GAS, "calibration_gas": "甲烷", "corrections": {"某某气": 2}}, "corrections", "某某气"),
        ({**GAS, "lon": 181.0, "lat": 37.0}, "lon", "180"),
        ({**GAS, "lon": 118.0}, "lat", "同时填写"),
    )  # fmt: skip
    for known, field, words in cases:
        with pytest.raises(Invalid) as refused:
            make_tag(scene, "X.1", **known)
        assert words in str(refused.value.fields[field]), (field, refused.value.fields)
    assert not Tag.objects.exists()


def test_the_page_keeps_what_was_typed_and_changes_it(scene: Scene) -> None:
    tag = make_tag(scene, "X.1", **GAS, calibration_gas="甲烷", corrections={"丙烷": 1.6})
    browser = client_of(scene.district.enterprise)
    url = reverse("monitoring:tag_change", args=[tag.pk])
    assert "74-98-6=1.6" in browser.get(url).content.decode()
    given = {**GAS, "version": tag.version, "unit": "%LEL", "calibration_gas": "74-98-6", "is_portable": "on"}
    bad = browser.post(url, {**given, "corrections": "苯是2.3"})
    assert bad.status_code == 422
    assert "苯是2.3" in bad.content.decode()
    assert browser.post(url, {**given, "corrections": "苯=2.3"}).status_code == 303
    tag.refresh_from_db()
    assert (tag.is_portable, tag.calibration_gas, tag.corrections) == (True, "74-98-6", {"71-43-2": 2.3})
    listed = browser.get(reverse("monitoring:tags") + "?portable=1").content.decode()
    assert "X.1" in listed


def test_a_sheet_brings_them_and_what_it_exports_comes_in_unchanged(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    rows = (HEADS, ("P.1", "便携四合一", "可燃气体", "是", "甲烷", "丙烷=1.6", 118.5, 37.4, 25, 50))
    run = imported(browser, "monitoring.own_tags", book(*rows))
    assert run.state == "committed", run.errors
    tag = Tag.objects.get(code="P.1")
    assert (tag.is_portable, tag.calibration_gas, tag.corrections) == (True, "74-82-8", {"74-98-6": 1.6})
    assert (tag.lon, tag.lat) == (118.5, 37.4)
    heads = "code,name,kind,is_portable,calibration_gas,corrections,lon,lat,h,hh"
    told = exported(browser, f"{reverse('monitoring:tags')}?export=xlsx&cols={heads}")
    start = next(place for place, row in enumerate(told) if "点位编码" in row)
    again = checked(browser, "monitoring.own_tags", book(*told[start:]))
    assert (again.errors, again.counts.get("unchanged")) == ([], 1)
    wrong = ("P.2", "液位", "液位", "是", "", "丙烷", "", "", "", "")
    bad = checked(browser, "monitoring.own_tags", book(HEADS, wrong))
    assert {cell for cell, _code in reasons(bad)} == {"D2", "F2"}


def test_by_rest_the_factors_are_numbers_by_gas(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    body = {
        "code": "P.1", "name": "便携式", "kind": "flammable", "is_portable": True, "calibration_gas": "methane",
        "corrections": {"propane": 1.6}, "h": 25, "hh": 50,
    }  # fmt: skip
    url = f"/api/v1/monitoring/enterprises/{scene.file.pk}/tags"
    made = browser.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert (told["is_portable"], told["calibration_gas"], told["corrections"]) == (True, "74-82-8", {"74-98-6": 1.6})
    bad = browser.post(url, {**body, "code": "P.2", "corrections": {"propane": -1}}, content_type="application/json")
    assert bad.status_code == 422
    assert "corrections" in bad.json()["fields"]


def test_what_is_left_out_stands(scene: Scene) -> None:
    tag = make_tag(scene, "X.1", **GAS, is_portable=True, calibration_gas="甲烷", corrections={"丙烷": 1.6})
    services.change_tag(
        actor=scene.district.enterprise, row=tag, version=tag.version, known={"name": "新名称"}, now=NOW
    )
    tag.refresh_from_db()
    assert (tag.name, tag.is_portable, tag.corrections) == ("新名称", True, {"74-98-6": 1.6})
