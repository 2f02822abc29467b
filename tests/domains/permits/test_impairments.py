"""Fixed detectors that do not work and what is bypassed near the work (F-17, F-16)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.permits.instrument_scene import Scene
from tests.domains.registry.factories import make_unit
from tests.factories import client_of, make_actor

from quancheng.domains.monitoring.models import Bypass, Tag, TagStatus
from quancheng.domains.monitoring.queries.bypasses import impairments
from quancheng.domains.monitoring.services import bypasses
from quancheng.domains.permits.models import DetectorPairing
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.domains.permits.services.figures import set_figure
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
#: About 11 m and 44 m to the east of the work.
NEAR, FAR = 118.500125, 118.5005


@pytest.fixture
def scene(telemetry_url: str, settings: Any, at: list[datetime]) -> Any:
    return lambda to="ISSUED", kind="HW": Scene(telemetry_url, settings, to, at, kind)


def switch_on(here: Any, name: str = "impairment_check", value: str = "1") -> None:
    set_figure(
        actor=here.crew.head, file=here.permit.file, name=name, value=value, from_date=here.now.date(),
        reason="企业安全管理制度", now=here.now,
    )  # fmt: skip


def start(here: Any, **known: Any) -> Any:
    given = {"act": "start", "client_id": str(uuid.uuid4()), "from_state": "ISSUED", **known}
    return here.client.post(reverse("permits:permit", args=[here.permit.pk]), given)


def blocked(here: Any) -> dict[str, str]:
    here.permit.refresh_from_db()
    return {one.code: one.value.zh for one in blocks_of(here.permit, here.now)}


@pytest.mark.parametrize("kind", ["HW", "CS"])
def test_a_fixed_detector_out_of_work_near_by_asks_for_a_paired_one_or_refuses_the_start(scene: Any, kind: str) -> None:
    here = scene(kind=kind)
    here.tag("F1", status=TagStatus.SERVICE, service_until=here.now + timedelta(days=1))
    # Who did not switch it on is asked nothing.
    assert "C-75" not in blocked(here)
    switch_on(here)
    assert "检维修中" in blocked(here)["C-75"]
    refused = start(here)
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "C-75" in page
    assert "本系统要求 F-17" in page
    assert "配对一台在线的检测仪" in page
    # Of another gas it stands in for none.
    other = here.tag("O1", is_portable=True, kind="oxygen", unit="%vol", medium="", unit_place=None)
    here.tell(other, 20.9)
    paired = here.client.post(reverse("permits:detector_pair", args=[here.permit.pk]), {
        "instrument": "O1", "position": "OUTSIDE", "point": "作业点", "distance_m": "1", "analyst": "某分析人",
    })  # fmt: skip
    assert paired.status_code == 303, paired.content.decode()
    assert "C-75" in blocked(here)
    portable = here.tag("P1", is_portable=True, calibration_gas="74-82-8", unit_place=None)
    here.tell(portable, 1.0)
    paired = here.client.post(reverse("permits:detector_pair", args=[here.permit.pk]), {
        "instrument": "P1", "position": "OUTSIDE", "point": "作业点", "distance_m": "1", "analyst": "某分析人",
    })  # fmt: skip
    assert paired.status_code == 303, paired.content.decode()
    assert "C-75" not in blocked(here)
    DetectorPairing.objects.update(heard_at=here.now - timedelta(minutes=9))
    assert "C-75" in blocked(here)


def test_near_is_told_by_coordinates_and_without_them_by_the_unit(scene: Any) -> None:
    here = scene()
    switch_on(here)
    other = make_unit(here.district.enterprise, here.permit.file, code="U-8", name="罐区")
    late = {"calibrated_until": here.now.date() - timedelta(days=1), "unit_place": other}
    tag = here.tag("F1", **late)
    assert "C-75" not in blocked(here)
    Tag.objects.filter(pk=tag.pk).update(lon=FAR, lat=37.4)
    assert "C-75" not in blocked(here)
    Tag.objects.filter(pk=tag.pk).update(lon=NEAR)
    assert "检定过期" in blocked(here)["C-75"]
    # A shorter distance is the enterprise's to set, as is a longer one.
    switch_on(here, "impairment_radius_m", "5")
    assert "C-75" not in blocked(here)
    # Of the unit of the work it counts where one of both points is not told.
    Tag.objects.filter(pk=tag.pk).update(lon=None, lat=None, unit_place=here.unit)
    assert "C-75" in blocked(here)
    # A portable one is no fixed one, and one that works asks nothing.
    Tag.objects.filter(pk=tag.pk).update(is_portable=True)
    assert "C-75" not in blocked(here)
    here.tag("F2")
    assert "C-75" not in blocked(here)


def bypass(here: Any, **known: Any) -> Any:
    """Bypassed by three people of the enterprise."""
    org = here.district.enterprise_org
    asks, first, second = (make_actor(org, "enterprise.head", name=name) for name in ("某甲", "某乙", "某丙"))
    spec = bypasses.BypassSpec(
        reason="检修探头", measure="专人携便携检测仪值守", until=here.now + timedelta(hours=8), **known
    )
    row = bypasses.ask_bypass(actor=asks, file=here.permit.file, spec=spec, now=here.now)
    bypasses.agree_bypass(actor=first, row=row, now=here.now)
    return bypasses.allow_bypass(actor=second, row=row, now=here.now)


def test_a_permit_near_a_bypassed_detector_warns_and_goes_on_with_a_reason_alone(scene: Any) -> None:
    here = scene()
    tag = here.tag("F1")
    assert "C-76" not in blocked(here)
    row = bypass(here, tag=tag)
    assert "F1" in blocked(here)["C-76"]
    page = here.client.get(reverse("permits:permit", args=[here.permit.pk]) + "?tab=blocks").content.decode()
    assert "C-76" in page
    assert "旁路中" in page
    asked = start(here)
    assert asked.status_code == 422
    assert "C-76" in asked.content.decode()
    here.permit.refresh_from_db()
    assert here.permit.status == "ISSUED"
    assert start(here, **{"warn_C-76": "便携检测仪旁站，专人值守"}).status_code == 303
    assert here.permit.warnings.get().reason == "便携检测仪旁站，专人值守"
    # Put back, it warns nobody any more.
    bypasses.restore_bypass(actor=here.crew.safety, row=row, note="标定后投用，试验正常", now=here.now)
    assert "C-76" not in blocked(here)


def test_an_interlock_without_a_tag_counts_by_its_unit_and_a_bypassed_detector_asks_for_a_paired_one(
    scene: Any,
) -> None:
    here = scene()
    other = make_unit(here.district.enterprise, here.permit.file, code="U-8", name="罐区")
    bypass(here, what="LSHH-101 高高液位联锁", unit=other)
    assert "C-76" not in blocked(here)
    bypass(here, what="TSHH-201 超温联锁", unit=here.unit)
    assert "TSHH-201" in blocked(here)["C-76"]
    assert "LSHH-101" not in blocked(here)["C-76"]
    switch_on(here)
    # No detector is out of work.
    assert "C-75" not in blocked(here)
    bypass(here, tag=here.tag("F1"))
    assert "旁路中" in blocked(here)["C-75"]


def test_where_nobody_told_the_place_of_one_of_both_it_may_be_near(scene: Any) -> None:
    here = scene()
    bypass(here, what="LSHH-101 高高液位联锁")
    assert "LSHH-101" in blocked(here)["C-76"]
    Bypass.objects.all().update(unit=make_unit(here.district.enterprise, here.permit.file, code="U-8", name="罐区"))
    assert "C-76" not in blocked(here)
    type(here.permit).objects.filter(pk=here.permit.pk).update(unit=None)
    assert "C-76" in blocked(here)


def test_a_bypass_of_a_tag_is_in_its_own_unit_and_in_no_other(scene: Any) -> None:
    here = scene()
    other = make_unit(here.district.enterprise, here.permit.file, code="U-8", name="罐区")
    refused = client_of(here.crew.head).post(reverse("monitoring:bypass_new", args=[here.permit.file_id]), {
        "tag": here.tag("F1").pk, "unit": other.pk, "reason": "检修探头", "measure": "专人值守",
        "until": timezone.localtime(here.now + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M"),
    })  # fmt: skip
    assert refused.status_code == 422
    assert "请选择该单元或不填（本系统要求 F-16）" in refused.content.decode()
    assert not Bypass.objects.exists()


def test_who_works_near_by_when_it_is_bypassed_is_told_and_a_late_one_says_so(scene: Any) -> None:
    here = scene("WORKING")
    far = make_unit(here.district.enterprise, here.permit.file, code="U-8", name="罐区")
    bypass(here, what="LSHH-101 高高液位联锁", unit=far)
    told = Notice.objects.filter(kind="permits.impaired", subject_id=here.permit.pk)
    assert not told.exists()
    row = bypass(here, tag=here.tag("F1"))
    assert told.count() == told.values("user").distinct().count() > 0
    assert (found := impairments([row.file_id], here.now)[row.file_id])[1].why.zh == "旁路中"
    late = impairments([row.file_id], row.until)[row.file_id]
    assert [one.why.zh for one in late] == ["旁路超期未恢复"] * len(found)
