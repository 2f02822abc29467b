"""LPG and LNG filling stations (加气站): tanks whose pressure follows their temperature, boil-off, a CNG bank.

``units`` are LPG tanks (``lpg``) or LNG tanks with a CNG bank (``lng``), ``points`` gas detectors, each beside a flame
detector.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Flags, Fleet, Member
from quancheng.stream.simulator.petrol import PROFILE
from quancheng.stream.simulator.physics import (
    daily,
    ground_c,
    hour_of_day,
    outdoor_c,
    saturation_kpa,
    yearly,
)
from quancheng.stream.simulator.signals import uniforms
from quancheng.stream.simulator.tags import TagSpec, Wave, limits, switch

LPG_LT = TagSpec(
    "lpg.LT", Text("液化石油气储罐液位", "LPG tank level"), "%", (0, 100), 30, limits(5, 10, 80, 85, "HH1"), 5, 30, 1,
    wave=Wave(sigma=0.05), is_safety_critical=True,
)  # fmt: skip
LPG_PT = TagSpec(
    "lpg.PT", Text("储罐压力", "Tank pressure"), "kPa", (0, 2500), 10, limits(50, 150, 1400, 1600), 5, 30, 20,
    wave=Wave(sigma=2, resolution=1),
)  # fmt: skip
LPG_TT = TagSpec(
    "lpg.TT", Text("储罐温度", "Tank temperature"), "Cel", (-40, 60), 30, limits(None, -10, 45, 50), 30, 120, 0.5,
    wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
LNG_LT = TagSpec(
    "lng.LT", Text("液化天然气储罐液位", "LNG tank level"), "%", (0, 100), 30, limits(5, 15, 85, 90, "HH1"), 5, 30, 1,
    wave=Wave(sigma=0.05), is_safety_critical=True,
)  # fmt: skip
LNG_PT = TagSpec(
    "lng.PT", Text("储罐压力", "Tank pressure"), "kPa", (0, 1600), 10, limits(100, 300, 1000, 1100), 5, 30, 15,
    wave=Wave(sigma=1.5, resolution=1),
)  # fmt: skip
LNG_TT = TagSpec(
    "lng.TT", Text("罐底温度", "Bottom temperature"), "Cel", (-170, 50), 60, limits(None, None, -130, -120), 60, 120, 1,
    wave=Wave(sigma=0.1, tau_s=600),
)  # fmt: skip
LNG_VAC = TagSpec(
    "lng.VAC", Text("夹层真空度", "Annulus vacuum"), "Pa", (0, 1000), 3600, limits(None, None, 10, 50), 0, 0, 0.5,
    wave=Wave(sigma=0.05, resolution=0.01, floor=0.01),
)  # fmt: skip
CNG_PT = TagSpec(
    "lng.CNG", Text("储气瓶组压力", "CNG bank pressure"), "kPa", (0, 32000), 5, limits(None, None, 25000, 27500),
    2, 10, 300, wave=Wave(sigma=30, resolution=10),
)  # fmt: skip
LOWT = TagSpec(
    "gas.LOWT", Text("围堰低温探测", "Low temperature in dike"), "Cel", (-200, 60), 5,
    limits(-60, -20, None, None, "LL1"), 5, 60, 2, wave=Wave(sigma=0.2, tau_s=600), is_safety_critical=True,
)  # fmt: skip
GDS = TagSpec(
    "gas.GDS", Text("可燃气体浓度", "Flammable gas"), "%LEL", (0, 100), 5, limits(None, None, 25, 50, "H2 HH1"), 5, 60,
    2, wave=Wave(base=0.8, sigma=0.5, floor=0), is_safety_critical=True,
)  # fmt: skip
FLM = switch("gas.FLM", Text("火焰探测", "Flame detector"), priority=1, on_delay_s=2, off_delay_s=60)
ESD = switch("gas.ESD", Text("紧急切断按下", "Emergency stop"), priority=1)
HOSE = switch("gas.HOSE", Text("卸车软管已连接", "Unloading hose connected"), alarm_at=None)
UNL = switch("gas.UNL", Text("卸车中", "Unloading"), alarm_at=None)
GND = switch(
    "gas.GND", Text("卸车静电接地正常", "Grounded for unloading"), alarm_at=0.0, priority=1, on_delay_s=2,
    off_delay_s=5, condition="gas.HOSE",
)  # fmt: skip
PUMP_X = switch("gas.PUMP_X", Text("低温泵或烃泵运行", "Pump runs"), alarm_at=None)
PUMP_V = TagSpec(
    "gas.PUMP_V", Text("泵振动速度", "Pump vibration"), "mm/s", (0, 50), 600, limits(None, None, 4.5, 7.1), 60, 300,
    0.3, wave=Wave(sigma=0.15, resolution=0.01, floor=0), condition="gas.PUMP_X",
)  # fmt: skip
COMMON = (LOWT, GDS, FLM, ESD, HOSE, UNL, GND, PUMP_X, PUMP_V)
LPG_SPECS = (LPG_LT, LPG_PT, LPG_TT, *COMMON)
LNG_SPECS = (LNG_LT, LNG_PT, LNG_TT, LNG_VAC, CNG_PT, *COMMON)


class _GasStations(Fleet):
    """What both kinds share: sales, unloading, detectors.

    Knobs per tank: ``level_pct`` (set where not NaN), ``deliver_pct``; per point: ``flame``, ``cold_c``; per facility:
    ``is_unclipped``, ``stop``.
    """

    tick_s = 5
    #: Filling in % of the tank per minute; where it ends; sales in % a day.
    fill_pct_min, fill_to, sold_pct_day = 0.4, 80.0, 25.0

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.set_level = self._knob("level_pct", "unit", np.nan)
        self.deliver = self._knob("deliver_pct", "unit")
        self.flame = self._knob("flame", "point")
        self.cold = self._knob("cold_c", "point", np.nan)
        self.unclipped = self._knob("is_unclipped", "facility")
        self.stop = self._knob("stop", "facility")
        self.level = self._draw(self.unit_keys, 30, 70, 1)
        self.left_pct = np.zeros(len(self.owner))
        self.vibration = self._draw(self.unit_keys, 1.2, 2.6, 2)
        self.sold = np.zeros(len(self.owner))
        each = self._each
        self.o_gds = each(GDS, "point", "GDS", "AT3{k:02d}")
        self.o_lowt = each(LOWT, "point", "DIKE", "TT4{k:02d}")
        self.o_flm = each(FLM, "point", "FIRE", "FLM{k}", "X")
        self.o_esd = each(ESD, "facility", "ESD", "ESD1", "X")
        self.o_hose = each(HOSE, "facility", "UNL", "HOSE1", "X")
        self.o_unl = each(UNL, "facility", "UNL", "UNL1", "X")
        self.o_gnd = each(GND, "facility", "UNL", "GND1", "X")
        self.o_pump_x = each(PUMP_X, "unit", "PUMP{k}", "PUMP{k}", "X")
        self.o_pump_v = each(PUMP_V, "unit", "PUMP{k}", "VT{k}")

    def advance(self, at_s: int) -> None:
        values, dt = self.board.values, float(self.tick_s)
        given = ~np.isnan(self.set_level)
        if given.any():
            self.level = np.where(given, self.set_level, self.level)
            self.set_level[:] = np.nan
        selling = self._trade(at_s, dt)
        air = outdoor_c(at_s)
        values[self.o_lowt] = np.where(np.isnan(self.cold), air, self.cold)
        values[self.o_flm] = self.flame
        filling = self.left_pct > 0
        busy = np.zeros(self.n, dtype=bool)
        busy[self.owner[filling]] = True
        values[self.o_hose] = busy
        values[self.o_unl] = busy
        values[self.o_gnd] = busy & (self.unclipped == 0)
        tested = (at_s // 60 + (self.keys % np.uint64(43_200)).astype(np.int64)) % 43_200 == 0
        values[self.o_esd] = tested | (self.stop > 0)
        values[self.o_pump_x] = selling | filling
        values[self.o_pump_v] = np.where(selling | filling, self.vibration, 0.0)
        near = uniforms(self.point_keys, at_s // 120, 3) * 3
        values[self.o_gds] = np.where(busy[self.point_owner], near, 0.0)

    def _trade(self, at_s: int, dt: float) -> Flags:
        """Vehicles fill in turns of five minutes, busier by day; trucks come below 20 %. Which tanks sell."""
        share = PROFILE[int(hour_of_day(at_s))] * 24
        selling: Flags = (uniforms(self.unit_keys, at_s // 300, 4) < 0.4 * share) & (self.stop[self.owner] == 0)
        self.sold = np.where(selling & (self.level > 4), self.sold_pct_day * dt / 86_400 / 0.4, 0.0)
        self.level -= self.sold
        if at_s % 60 == 0:
            comes = (self.level < 20) & (self.left_pct <= 0) & (uniforms(self.unit_keys, at_s, 5) < 0.01)
            self.left_pct = np.where(comes, self.fill_to - 2 - self.level, self.left_pct)
        self.left_pct = np.where(self.deliver > 0, self.deliver, self.left_pct)
        self.deliver[:] = 0.0
        step = np.minimum(self.left_pct, self.fill_pct_min * dt / 60)
        self.level = np.clip(self.level + step, 0.0, 100.0)
        self.left_pct -= step
        return selling


class LpgStations(_GasStations):
    """LPG stations. Further knobs per tank: ``warmed_k`` added to its temperature, ``pressure_bias`` as a share."""

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.warmed = self._knob("warmed_k", "unit")
        self.bias = self._knob("pressure_bias", "unit")
        self.is_buried = (self.keys[self.owner] & np.uint64(1)).astype(bool)
        self.swing = np.where(self.is_buried, 0.5, self._draw(self.unit_keys, 4, 8, 6))
        self.o_lt = self._each(LPG_LT, "unit", "LPG{k}", "LT{k}01")
        self.o_pt = self._each(LPG_PT, "unit", "LPG{k}", "PT{k}01")
        self.o_tt = self._each(LPG_TT, "unit", "LPG{k}", "TT{k}01")

    def advance(self, at_s: int) -> None:
        super().advance(at_s)
        values = self.board.values
        mean = np.where(self.is_buried, ground_c(at_s), 14 + 13 * yearly(at_s, 205))
        liquid_c = mean + self.swing * daily(at_s, 16) + self.warmed
        values[self.o_lt] = self.level
        values[self.o_tt] = liquid_c
        blend = 0.5 * (saturation_kpa("propane", liquid_c) + saturation_kpa("butane", liquid_c))
        values[self.o_pt] = blend * (1 + self.bias)


class LngStations(_GasStations):
    """LNG stations with a CNG bank. Further knob per tank: ``vacuum_lost``, which triples the boil-off."""

    fill_to, sold_pct_day = 85.0, 30.0

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.vacuum_lost = self._knob("vacuum_lost", "unit")
        self.boil_kpa_day = self._draw(self.unit_keys, 10, 25, 6)
        self.pressure = self._draw(self.unit_keys, 450, 700, 7)
        self.vacuum = self._draw(self.unit_keys, 0.5, 3, 8)
        self.bank = self._draw(self.keys, 20_500, 24_000, 9)
        self.is_compressing = np.zeros(self.n, dtype=bool)
        self.o_lt = self._each(LNG_LT, "unit", "LNG{k}", "LT{k}01")
        self.o_pt = self._each(LNG_PT, "unit", "LNG{k}", "PT{k}01")
        self.o_tt = self._each(LNG_TT, "unit", "LNG{k}", "TT{k}01")
        self.o_vac = self._each(LNG_VAC, "unit", "LNG{k}", "PT{k}02")
        self.o_cng = self._each(CNG_PT, "facility", "CNG", "PT1")

    def advance(self, at_s: int) -> None:
        super().advance(at_s)
        values, dt = self.board.values, float(self.tick_s)
        boil = self.boil_kpa_day * np.where(self.vacuum_lost > 0, 3.0, 1.0) * dt / 86_400
        self.pressure += boil - self.sold * np.maximum(self.pressure - 400, 0.0) * 0.01
        self.pressure = np.where(self.pressure > 1150, 1050.0, self.pressure)
        self.vacuum = np.where(self.vacuum_lost > 0, np.minimum(self.vacuum + 40 * dt / 3600, 900), self.vacuum)
        selling = PROFILE[int(hour_of_day(at_s))] * 24 * 6.0 * (uniforms(self.keys, at_s // 300, 10) < 0.6)
        self.is_compressing = np.where(self.bank < 20_000, True, self.is_compressing & (self.bank < 24_500))
        self.bank += (np.where(self.is_compressing, 12.0, 0.0) - selling) * dt / 5
        values[self.o_lt] = self.level
        values[self.o_pt] = self.pressure
        values[self.o_tt] = -155 + 0.015 * self.pressure
        values[self.o_vac] = self.vacuum
        values[self.o_cng] = self.bank
