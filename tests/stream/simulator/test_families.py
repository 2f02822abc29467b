"""Facilities behave as their kind does."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stream.simulator.alarms import Series, series_of

from quancheng.stream.simulator.fleet import Facility
from quancheng.stream.simulator.petrol import PROFILE, TANK
from quancheng.stream.simulator.physics import saturation_kpa
from quancheng.stream.simulator.site import Simulation, Site, SitePlan, Turn

MIDNIGHT = 1_781_452_800_000  # 2026-06-15T00:00:00+08:00
MIN, HOUR = 60_000, 3_600_000
SITE = "XNQ000001"


def run(facility: Facility, *turns: tuple, hours: float, from_h: float = 0, seed: int = 2) -> dict[str, Series]:
    """Samples by code without the site; turns as (hour, knob, value, number)."""
    start = MIDNIGHT + round(from_h * HOUR)
    site = Site(SITE, [facility], seed=seed, start_ms=start)
    for hour, knob, value, *number in turns:
        site.schedule(Turn(start + round(hour * HOUR), SITE, facility.kind, knob, value, *number))
    found = series_of(site.samples(start + round(hours * HOUR)))
    return {code.removeprefix(f"{SITE}."): series for code, series in found.items()}


def values(series: Series) -> np.ndarray:
    return np.array([value for _, value in series])


def test_the_profile_of_sales_is_a_whole_day():
    assert len(PROFILE) == 24
    assert PROFILE.sum() == pytest.approx(1)
    assert PROFILE.argmax() == 18


def test_what_nozzles_pour_leaves_the_tank():
    found = run(Facility("petrol", units=1, points=4), hours=2, from_h=17)
    sold = sum(values(found[f"NZL{k}.FT{k}.Q"]).sum() for k in range(1, 5) if f"NZL{k}.FT{k}.Q" in found)
    level = values(found["TANK1.LT101.PV"])
    left = float(TANK.volume_m3(level[0]) - TANK.volume_m3(level[-1])) * 1000
    assert sold > 500
    assert left == pytest.approx(sold, abs=130)  # what is in the cars at the end, and the gauge
    flows = np.concatenate([values(found[f"NZL{k}.FT{k}.F"]) for k in range(1, 5)])
    assert flows.min() >= 5
    assert flows.max() <= 50


def test_a_low_tank_is_filled_by_a_truck_in_the_order_of_an_unloading():
    found = run(Facility("petrol", units=1, points=2), (0, "volume_m3", 3.0), hours=7, from_h=21)
    began = {}
    for code in ("UNL.GND1.X", "UNL.HOSE1.X", "UNL.UNL1.X"):
        began[code] = next(at for at, value in found[code] if value == 1)
    assert began["UNL.GND1.X"] < began["UNL.HOSE1.X"] < began["UNL.UNL1.X"]
    unloaded = [at for at, value in found["UNL.UNL1.X"] if value == 1]
    level = [(at, value) for at, value in found["TANK1.LT101.PV"] if unloaded[0] + MIN < at < unloaded[-1] - MIN]
    rise = (level[-1][1] - level[0][1]) / ((level[-1][0] - level[0][0]) / MIN)
    assert 55 < rise < 110
    assert values(found["GDS.AT200.PV"]).max() > 2.5
    assert values(found["TANK1.LT101.PV"]).max() < 2126 + 5
    assert 1.5 < values(found["UNL.GND1.R"]).min() <= values(found["UNL.GND1.R"]).max() < 7


def test_a_failed_vapour_pump_shows_in_its_ratio_alone():
    found = run(Facility("petrol", units=1, points=2), (0, "vapour_pump_failed", 1, 2), hours=6, from_h=12)
    assert values(found["VR.AL2.PV"]).max() <= 0.61
    assert values(found["VR.AL1.PV"]).mean() == pytest.approx(1.08, abs=0.04)


def test_a_slow_leak_moves_the_level_by_what_geometry_says():
    facility = Facility("petrol", units=1)
    leaking = [(0, "is_closed", 1), (0, "volume_m3", TANK.capacity_m3 / 2)]
    tight = values(run(facility, *leaking, hours=4)["TANK1.LT101.PV"])
    leaky = values(run(facility, *leaking, (0, "leak_l_h", 3.8), hours=4)["TANK1.LT101.PV"])
    assert (tight - leaky)[-1] == pytest.approx(4 * 0.25, abs=0.11)


def test_gas_tanks_stay_on_their_saturation_curves():
    found = run(Facility("lpg"), hours=2)
    blend = 0.5 * (saturation_kpa("propane", values(found["LPG1.TT101.PV"])).mean() + saturation_kpa(
        "butane", values(found["LPG1.TT101.PV"])).mean())  # fmt: skip
    assert values(found["LPG1.PT101.PV"]).mean() == pytest.approx(blend, rel=0.01)
    for kind in ("chlorine", "ammonia"):
        found = run(Facility(kind), hours=0.5)
        expected = saturation_kpa(kind, values(found["TANK1.TT101.PV"]).mean())
        assert values(found["TANK1.PT101.PV"]).mean() == pytest.approx(expected, rel=0.01)


def test_a_lost_vacuum_triples_the_boil_off():
    usual, lost = (
        values(run(Facility("lng"), *turns, hours=5, from_h=1)["LNG1.PT101.PV"])
        for turns in ([], [(0, "vacuum_lost", 1)])
    )
    rise = (lost[-100:] - usual[-100:]).mean()
    assert 2 * 10 * 5 / 24 * 0.9 <= rise <= 2 * 25 * 5 / 24 * 1.1


def test_the_interlock_of_a_sphere_closes_its_inlet():
    found = run(Facility("spheres"), (0, "level", 89.5), (0, "transfer", 6.0), hours=1)
    assert 90 <= values(found["TANK1.LT101.PV"]).max() < 90.3
    assert values(found["TANK1.LT101.PV"]) == pytest.approx(values(found["TANK1.LT102.PV"]), abs=0.5)
    assert found["TANK1.LS103.X"][-1][1] == 1
    assert found["TANK1.XV101.ZS"][-1][1] == 0
    assert 2.0 in values(found["TANK1.XV101.ZS"])


def test_a_floating_roof_rises_at_the_rate_of_its_transfer():
    found = run(Facility("floating_roofs"), (0, "level", 9000), (0, "transfer", 300), hours=2)
    level = values(found["TANK1.LT101.PV"])
    assert level[-1] - level[0] == pytest.approx(600, abs=5)
    assert values(found["TANK1.LT101.ROC"])[-30:].mean() == pytest.approx(300, abs=10)
    assert values(found["TANK1.TT103.PV"]).mean() - values(found["TANK1.TT101.PV"]).mean() == pytest.approx(2, abs=0.1)


def test_a_room_is_warmest_in_the_evening_and_driest_then():
    found = run(Facility("warehouse"), hours=24)
    warmth, damp = values(found["ROOM1.TT101.PV"]), values(found["ROOM1.MT101.PV"])
    hours = np.arange(len(warmth)) / len(warmth) * 24
    assert hours[warmth.argmax()] == pytest.approx(18, abs=2)
    assert np.corrcoef(warmth, damp)[0, 1] < -0.9
    assert 19.5 < values(found["ROOM1.AT103.PV"]).min() <= values(found["ROOM1.AT103.PV"]).max() < 23.5


def test_a_tripped_cooling_pump_shows_within_ten_seconds():
    found = run(Facility("semibatch_reactors"), (0.1, "pump_tripped", 1), hours=0.2)
    flow = dict(found["CW1.FI101.PV"])
    tripped = MIDNIGHT + 6 * MIN
    assert min(value for at, value in flow.items() if at < tripped) > 25.5
    assert max(value for at, value in flow.items() if at >= tripped + 10_000) < 21


def test_a_lost_blade_and_a_thick_batch_show_in_the_current():
    usual = values(run(Facility("semibatch_reactors"), hours=0.5)["R1.II101.PV"])
    lost = values(run(Facility("semibatch_reactors"), (0.1, "blade_lost", 1), hours=0.5)["R1.II101.PV"])
    thick = values(run(Facility("semibatch_reactors"), (0, "viscosity_pct_min", 2), hours=0.5)["R1.II101.PV"])
    assert lost[-600:].mean() == pytest.approx(0.75 * usual[-600:].mean(), rel=0.02)
    assert thick[-60:].mean() == pytest.approx(1.6 * usual[-60:].mean(), rel=0.05)


def test_a_closed_valve_stops_the_flow():
    found = run(Facility("valve_station"), (0.1, "close", 1), hours=0.3)
    assert found["LINE.XV1.ZS"][-1][1] == 0
    assert values(found["LINE.FI1.PV"])[-20:].max() < 10
    assert -1.2 < values(found["LINE.CP1.PV"]).mean() < -0.85


def test_a_scan_for_tests_of_load_overrides_that_of_measured_tags():
    plan = SitePlan(SITE, "", (Facility("petrol"),))
    site = Simulation([plan], seed=1, start_ms=MIDNIGHT, scan_s=5)
    assert {tag.spec.scan_s for tag in site.tags if tag.spec.mode == "periodic"} == {5}
