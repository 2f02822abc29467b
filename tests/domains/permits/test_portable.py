"""Portable detectors, and the gas with which a detector is calibrated: what a reading in %LEL then says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.domains.permits.factories import own_file
from tests.domains.permits.instrument_scene import Scene
from tests.domains.registry.factories import make_unit

pytestmark = pytest.mark.django_db
METHANE, PROPANE, BENZENE = "74-82-8", "74-98-6", "71-43-2"


@pytest.fixture
def scene(telemetry_url: str, settings: Any, at: list[datetime]) -> Any:
    return lambda to="ISSUED": Scene(telemetry_url, settings, to, at)


def test_a_reading_of_any_gas_is_judged_in_vol_where_the_gas_of_the_calibration_is_told(scene: Any) -> None:
    here = scene()
    # Calibrated with its own gas: 9 %LEL of propane are 0.189 %vol, 9.8 are 0.2058 (the limit is 0.2).
    tag = here.tag("A", medium=PROPANE, calibration_gas=PROPANE)
    here.tell(tag, 9.0, ago_s=9)
    assert here.take("A").status_code == 303
    row = here.tests().get()
    assert (row.verdict, row.gas, row.calibrated_with, row.correction) == ("PASS", "propane", "propane", None)
    here.tell(tag, 9.8, ago_s=1)
    assert here.take("A").status_code == 303
    assert here.tests().get(value=Decimal("9.8")).verdict == "FAIL"


def test_the_makers_factor_leads_from_the_gas_of_the_calibration_to_the_one_in_the_air(scene: Any) -> None:
    here = scene()
    # Of benzene 6 %LEL shown by a detector of methane are 6 × 2.5 × 1.2 / 100 = 0.18 %vol, 7 are 0.21.
    tag = here.tag("A", medium=BENZENE, calibration_gas=METHANE, corrections={BENZENE: 2.5})
    here.tell(tag, 6.0, ago_s=9)
    assert here.take("A").status_code == 303
    row = here.tests().get()
    assert (row.verdict, row.calibrated_with, row.correction) == ("PASS", "methane", Decimal("2.5"))
    here.tell(tag, 7.0, ago_s=1)
    assert here.take("A").status_code == 303
    assert here.tests().get(value=7).verdict == "FAIL"
    # Without the factor nobody knows what passes, and it is refused with what would make it right.
    other = here.tag("B", medium=BENZENE, calibration_gas=METHANE)
    here.tell(other, 6.0)
    answer = here.take("B")
    assert answer.status_code == 422
    assert "须填厂家修正系数" in answer.content.decode()
    assert "GB 30871-2022" in answer.content.decode()
    # What fails by the gas of the calibration or the medium itself fails all the same.
    here.tell(other, 60.0, ago_s=1)
    assert here.take("B").status_code == 303
    assert here.tests().get(instrument="B").verdict == "FAIL"


def test_a_portable_one_tells_of_the_inside_and_of_the_gas_that_the_analyst_names_wherever_it_is_registered(
    scene: Any,
) -> None:
    here = scene()
    far = make_unit(here.district.enterprise, own_file(here.district), code="U-9", name="仪表间")
    known = {"unit_place": far, "is_portable": True, "calibration_gas": METHANE, "corrections": {PROPANE: 1.6}}
    tag = here.tag("P1", medium="", **known)
    here.tell(tag, 5.0, ago_s=20)
    page = here.client.get(here.url).content.decode()
    assert "可以取用" in page
    # Who names no gas means that of the calibration.
    assert here.take("P1", position="INSIDE", distance_m="").status_code == 303
    row = here.tests().get()
    assert (row.gas, row.position, row.verdict) == ("methane", "INSIDE", "PASS")
    # 5 %LEL shown are 5 × 1.6 × 2.1 / 100 = 0.168 %vol of propane, 6 are 0.2016.
    here.tell(tag, 5.0, ago_s=10)
    assert here.take("P1", position="UPPER", gas="propane").status_code == 303
    here.tell(tag, 6.0, ago_s=1)
    assert here.take("P1", position="UPPER", gas="propane").status_code == 303
    found = here.tests().filter(gas="propane").order_by("sampled_at").values_list("value", "verdict")
    assert list(found) == [(Decimal(5), "PASS"), (Decimal(6), "FAIL")]
    # A fixed one measures what it was registered for, whatever somebody types.
    fixed = here.tag("F1", medium=METHANE, calibration_gas=METHANE)
    here.tell(fixed, 1.0)
    assert here.take("F1", gas="propane").status_code == 303
    assert here.tests().get(instrument="F1").gas == "methane"
    assert "固定安装的仪器" in here.take("F1", position="INSIDE").content.decode()
