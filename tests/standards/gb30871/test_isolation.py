"""Which device keeps which energy away, and how each is tried."""

from __future__ import annotations

import pytest

from quancheng.standards.gb30871 import isolation
from quancheng.standards.gb30871.facts import ISOLATIONS
from quancheng.standards.gb30871.parameters import STANDARD, Loosened, with_changes


def test_every_energy_has_a_device_and_every_device_an_energy_and_a_trial() -> None:
    for energy in isolation.ENERGIES:
        assert any(isolation.fits(device, energy) for device in isolation.DEVICES)
    for device in isolation.DEVICES:
        assert any(isolation.fits(device, energy) for energy in isolation.ENERGIES)
        assert set(isolation.proofs_of(device)) <= set(isolation.PROOFS)
        assert isolation.as_type(device) in ISOLATIONS


@pytest.mark.parametrize(("device", "energy"), [
    ("VALVE_LOCK", "ELECTRIC"), ("ELEC_LOTO", "PROCESS"), ("BLIND", "RADIATION"), ("WATER_SEAL", "PROCESS"),
    ("BLIND", "SOUND"),
])  # fmt: skip
def test_a_device_that_does_not_keep_an_energy_away_does_not_fit(device: str, energy: str) -> None:
    assert not isolation.fits(device, energy)


def test_a_breaker_is_tried_by_starting_or_by_voltage_and_not_by_bleeding() -> None:
    assert isolation.proves("TRY_START", "ELEC_LOTO")
    assert isolation.proves("VOLTAGE_TEST", "ELEC_LOTO")
    assert not isolation.proves("BLEED", "ELEC_LOTO")
    assert not isolation.proves("BLEED", "WATER_SEAL")


def test_days_without_a_look_are_thirty_and_an_enterprise_sets_one_to_ninety() -> None:
    assert STANDARD.isolation_review_d == 30
    assert with_changes({"isolation_review_d": STANDARD.isolation_review_d * 3}).isolation_review_d == 90
    with pytest.raises(Loosened):
        with_changes({"isolation_review_d": STANDARD.isolation_review_d * 4})
