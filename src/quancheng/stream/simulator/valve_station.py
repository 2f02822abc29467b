"""Pipeline valve station (管道阀室/站场): pressures, flow balance, cathodic protection.

``units`` is always one; ``points`` are gas detectors of the valve chamber.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Fleet, Member
from quancheng.stream.simulator.physics import daily, ground_c, hour_of_day
from quancheng.stream.simulator.signals import key_of, uniforms
from quancheng.stream.simulator.tags import Limit, TagSpec, Wave, limits, switch

#: Planned pressure and highest allowed operating pressure in kPa, speed of pressure waves in gas in m/s.
PLAN_KPA, MAOP_KPA, WAVE_M_S = 6000.0, 6300.0, 400.0

PI = TagSpec(
    "valve.PI", Text("管道压力", "Pipeline pressure"), "kPa", (0, 10_000), 2,
    limits(None, 0.6 * PLAN_KPA, 1.05 * MAOP_KPA, 1.1 * MAOP_KPA, "HH1"), 5, 30, 50, wave=Wave(sigma=4, resolution=1),
    is_safety_critical=True,
)  # fmt: skip
DPDT = TagSpec(
    "valve.DPDT", Text("压降速率", "Pressure drop rate"), "kPa/min", (-1000, 1000), 2,
    limits(None, -150, None, None, "L1"), 120, 60, 10, wave=Wave(sigma=3, tau_s=60, resolution=1),
    is_safety_critical=True,
)  # fmt: skip
FI = TagSpec(
    "valve.FI", Text("流量", "Flow"), "m3/h", (0, 2000), 2, (Limit("DEV", 2, 3), Limit("DEV", 5, 2)), 15, 15, 5,
    wave=Wave(sigma=2),
)  # fmt: skip
TI = TagSpec(
    "valve.TI", Text("管道温度", "Pipe temperature"), "Cel", (-30, 100), 30, limits(None, None, 60, None), 60, 60, 0.5,
    wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
XV = TagSpec(
    "valve.XV", Text("阀门位置（0关1开2行程中）", "Valve position (0 closed, 1 open, 2 travelling)"), "enum", (0, 2),
    60, (Limit("DISC", 30, 2),), mode="change", wave=Wave(resolution=1),
)  # fmt: skip
GDS = TagSpec(
    "valve.GDS", Text("阀室可燃气体", "Flammable gas in the chamber"), "%LEL", (0, 100), 5,
    limits(None, None, 25, 50, "H2 HH1"), 5, 60, 2, wave=Wave(base=0.8, sigma=0.5, floor=0), is_safety_critical=True,
)  # fmt: skip
CP = TagSpec(
    "valve.CP", Text("阴极保护电位", "Cathodic protection potential"), "V", (-3, 0), 600,
    limits(None, -1.20, -0.85, None),
    wave=Wave(base=-1.02, yearly=0.05, yearly_peak_day=20, sigma=0.01, resolution=0.001),
)  # fmt: skip
INTR = switch("valve.INTR", Text("入侵（门禁或振动光纤）", "Intrusion"), on_delay_s=2, off_delay_s=60)
WATER = switch("valve.WATER", Text("阀室进水", "Flooding in the chamber"), on_delay_s=10, off_delay_s=60)
SPECS = (PI, DPDT, FI, TI, XV, GDS, CP, INTR, WATER)


class ValveStations(Fleet):
    """Valve stations, 2 s at a time.

    Knobs per facility: ``break_kpa_min`` (pressure lost from now on, down to that of the air), ``close`` (valve),
    ``intrusion``, ``water``; per detector ``gas_lel``.
    """

    tick_s = 2

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.break_rate = self._knob("break_kpa_min", "facility")
        self.close = self._knob("close", "facility")
        self.intrusion = self._knob("intrusion", "facility")
        self.water = self._knob("water", "facility")
        self.gas = self._knob("gas_lel", "point")
        each = self._each
        self.o_up = each(PI, "facility", "LINE", "PI1")
        self.o_dn = each(PI, "facility", "LINE", "PI2")
        self.o_dpdt = each(DPDT, "facility", "LINE", "PI1", "DPDT")
        self.o_fi = each(FI, "facility", "LINE", "FI1")
        self.o_ti = each(TI, "facility", "LINE", "TI1")
        self.o_xv = each(XV, "facility", "LINE", "XV1", "ZS")
        self.o_gds = each(GDS, "point", "ROOM", "AT1{k:02d}")
        self.o_cp = each(CP, "facility", "LINE", "CP1")
        self.o_intr = each(INTR, "facility", "ROOM", "INTR1", "X")
        self.o_water = each(WATER, "facility", "ROOM", "WATER1", "X")
        self.plan = self._draw(self.keys, 0.97, 1.0, 1) * PLAN_KPA
        self.flow = self._draw(self.keys, 600, 1200, 2)
        self.lost = np.zeros(self.n)
        self.moved = np.zeros(self.n)
        self.travel_s = np.zeros(self.n)
        self.is_shut = np.zeros(self.n, dtype=bool)
        self.before: np.ndarray | None = None
        self.rate = np.zeros(self.n)

    def advance(self, at_s: int) -> None:
        dt, values = float(self.tick_s), self.board.values
        demand = daily(at_s, 3)
        change = np.where(uniforms(self.keys, at_s // 7200, 3) < 0.1, 2 * uniforms(self.keys, at_s // 7200, 4) - 1, 0.0)
        self.moved += (0.1 * self.plan * change * 0.5 - self.moved) * dt / 30
        whole = self.plan * (1 + 0.04 * demand) + self.moved
        self.lost = np.where(self.break_rate > 0, self.lost + self.break_rate * dt / 60, 0.0)
        shut = (self.close > 0) != self.is_shut
        self.travel_s = np.where(shut & (self.travel_s <= 0), 30.0, self.travel_s - dt)
        self.is_shut = np.where(self.travel_s <= 0, self.close > 0, self.is_shut)
        up = np.maximum(whole - self.lost, 0.0)
        if self.before is None:
            self.before = up
        self.rate += ((up - self.before) * 60 / dt - self.rate) * dt / 10
        self.before = up
        values[self.o_up] = up
        values[self.o_dn] = np.maximum(up - np.where(self.is_shut, 400.0, 15.0), 0.0)
        values[self.o_dpdt] = self.rate
        flow = self.flow * (1 - 0.1 * demand) * np.where(self.lost > 0, 1.3, 1.0)
        values[self.o_fi] = np.where(self.is_shut, 0.0, flow)
        values[self.o_ti] = ground_c(at_s) + 6
        values[self.o_xv] = np.where(self.travel_s > 0, 2.0, np.where(self.is_shut, 0.0, 1.0))
        values[self.o_gds] = self.gas
        by_day = 7 <= hour_of_day(at_s) < 18
        farming = by_day & (uniforms(self.keys, at_s // 300, 5) < 0.002)
        values[self.o_intr] = farming | (self.intrusion > 0)
        rains = uniforms(np.array([key_of(0, "rain")], dtype=np.uint64), at_s // 10_800)[0] < 0.05
        leaky = uniforms(self.keys, 0, 6) < 0.1
        values[self.o_water] = (leaky & rains) | (self.water > 0)
