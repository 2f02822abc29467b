"""The generator of signals: repeatable randomness, noise of the right size, instruments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.wording import Text
from quancheng.stream.simulator import signals
from quancheng.stream.simulator.signals import Block, keys_of
from quancheng.stream.simulator.tags import Limit, TagSpec, Wave, code_of, limits, switch

NOON = 1_781_496_000  # 2026-06-15T12:00:00+08:00


def make_block(n: int = 1, *, span=(0.0, 100.0), scan_s: int = 60, **wave) -> Block:
    spec = TagSpec("test.X", Text("测", "Test"), "1", span, scan_s, wave=Wave(**wave))
    return Block(np.arange(n), [spec] * n, keys_of(1, map(str, range(n))))


def test_randomness_depends_on_key_counter_and_salt_alone():
    keys = keys_of(7, ["a", "b", "c"])
    assert signals.normals(keys, 5).tolist() == signals.normals(keys, 5).tolist()
    assert signals.normals(keys[1:2], 5)[0] == signals.normals(keys, 5)[1]
    assert signals.uniforms(keys, 5).tolist() != signals.uniforms(keys, 6).tolist()
    assert signals.uniforms(keys, 5).tolist() != signals.uniforms(keys, 5, 1).tolist()
    assert keys.tolist() != keys_of(8, ["a", "b", "c"]).tolist()


def test_draws_are_spread_as_they_should():
    keys = keys_of(7, map(str, range(20_000)))
    even, normal = signals.uniforms(keys, 3), signals.normals(keys, 3)
    assert 0 <= even.min() < even.max() < 1
    assert even.mean() == pytest.approx(0.5, abs=0.01)
    assert (normal.mean(), normal.std()) == (pytest.approx(0, abs=0.03), pytest.approx(1, abs=0.02))


def test_noise_has_its_deviation_and_its_time_constant():
    block = make_block(4000, sigma=2.0, tau_s=120)
    first = block.noise(0)
    later = [block.noise(60 * k) for k in range(1, 40)][-1]
    again = block.noise(60 * 40)
    assert (first.std(), later.std()) == (pytest.approx(2, abs=0.1), pytest.approx(2, abs=0.1))
    assert np.corrcoef(later, again)[0, 1] == pytest.approx(math.exp(-60 / 120), abs=0.05)


def test_sines_peak_where_they_are_told():
    block = make_block(base=20, daily=5, daily_peak_h=15, yearly=3, yearly_peak_day=165.5)
    at = [float(block.signal(NOON + 3600 * h, np.zeros(1))[0]) for h in (0, 3, 15)]
    assert at[1] == pytest.approx(28, abs=0.05)
    assert at[2] == pytest.approx(18, abs=0.05)
    assert at[2] < at[0] < at[1]


@given(st.floats(-1e6, 1e6))
def test_a_reading_stays_within_three_per_cent_of_the_span_and_on_the_steps(value):
    read = float(make_block(resolution=0.5).read(np.array([value]))[0])
    assert -3 <= read <= 103
    assert read * 2 == round(read * 2)
    if 0 <= value <= 100:
        assert read == pytest.approx(value, abs=0.2501)


def test_a_floor_holds_the_reading():
    assert make_block(floor=0.0).read(np.array([-2.0]))[0] == 0
    assert make_block().read(np.array([-2.0]))[0] == -2


def test_a_code_is_built_of_its_four_parts():
    assert code_of("JYZ001", "TANK1", "LT101", "PV") == "JYZ001.TANK1.LT101.PV"
    for bad in (("jyz", "T", "L", "PV"), ("A.B", "T", "L", "PV"), ("", "T", "L", "PV"), ("A" * 60, "T", "L", "PV")):
        with pytest.raises(ValueError, match="no code"):
            code_of(*bad)


def test_what_is_no_tag_or_limit_is_refused():
    with pytest.raises(ValueError, match="no limit"):
        Limit("HHH", 1, 1)
    with pytest.raises(ValueError, match="no limit"):
        Limit("H", 1, 5)
    with pytest.raises(ValueError, match="no tag"):
        TagSpec("x.X", Text("测", "Test"), "1", (1, 1), 5)
    with pytest.raises(ValueError, match="no tag"):
        TagSpec("x.X", Text("测", "Test"), "1", (0, 1), 5, mode="event")


def test_priorities_follow_the_letters():
    assert limits(None, 1, 2, 3, "H1") == (Limit("L", 1, 3), Limit("H", 2, 1), Limit("HH", 3, 2))
    gas = TagSpec("x.X", Text("测", "Test"), "1", (0, 9), 5, limits(None, None, 2, 3, "H2 HH1"))
    assert (gas.priority, gas.limit("HH").at, gas.limit("L")) == (1, 3, None)
    assert switch("x.S", Text("测", "Test"), alarm_at=None).priority == 4
