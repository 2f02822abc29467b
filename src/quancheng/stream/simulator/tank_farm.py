"""Tank farm (罐区): spheres of liquefied gas (球罐) and floating roof tanks (浮顶罐).

Two families, so that a farm may have either: ``spheres`` and ``floating_roofs``. ``units`` are tanks, ``points``
gas detectors of the dike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Fleet, Member
from quancheng.stream.simulator.physics import Floats, hour_of_day, outdoor_c, saturation_kpa, sun, yearly
from quancheng.stream.simulator.signals import uniforms
from quancheng.stream.simulator.tags import Limit, TagSpec, Wave, limits, switch

#: Highest operating pressure of the spheres, kPa gauge.
MAX_OPERATING_KPA = 1600.0
#: Height of the shell of the floating roof tanks, and the rate at which transfers are declared.
SHELL_MM, DECLARED_MM_H = 18_000.0, 400.0

SPH_LT = TagSpec(
    "sphere.LT", Text("球罐液位", "Sphere level"), "%", (0, 100), 10, limits(8, 15, 85, 90, "HH1"), 5, 30, 1,
    wave=Wave(sigma=0.05, resolution=0.01), is_safety_critical=True,
)  # fmt: skip
#: The second gauge, which has to agree with the first within two hundredths of the height.
SPH_LT2 = replace(
    SPH_LT, row="sphere.LT2", name=Text("球罐液位（第二套）", "Sphere level (second gauge)"),
    limits=(*SPH_LT.limits, Limit("DEV", 2, 2)), partner=SPH_LT.row,
)  # fmt: skip
SPH_LS = switch("sphere.LS", Text("高高液位开关", "High-high level switch"), priority=1, on_delay_s=2, off_delay_s=30)
SPH_PT = TagSpec(
    "sphere.PT", Text("球罐压力", "Sphere pressure"), "kPa", (0, 2500), 10,
    limits(50, 100, 0.9 * MAX_OPERATING_KPA, MAX_OPERATING_KPA), 5, 30, 20, wave=Wave(sigma=2, resolution=1),
)  # fmt: skip
SPH_TT = TagSpec(
    "sphere.TT", Text("液相温度", "Liquid temperature"), "Cel", (-40, 60), 30, limits(None, -5, 38, 42), 60, 60, 0.5,
    wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
SPRAY = switch("sphere.SPRAY", Text("喷淋冷却运行", "Spray cooling runs"), alarm_at=None)
FR_LT = TagSpec(
    "roof.LT", Text("浮顶罐液位", "Floating roof level"), "mm", (0, SHELL_MM), 10,
    limits(1500, 1800, 0.9 * SHELL_MM, 0.95 * SHELL_MM, "HH1"), 10, 60, 50,
    wave=Wave(sigma=0.6, tau_s=60, resolution=1),
    is_safety_critical=True,
)  # fmt: skip
FR_TT = TagSpec(
    "roof.TT", Text("多点温度", "Multi-point temperature"), "Cel", (-40, 80), 60, limits(None, None, 40, 45), 60, 60,
    0.5, wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
FR_RIM = TagSpec(
    "roof.RIM", Text("密封圈可燃气体", "Rim seal flammable gas"), "%LEL", (0, 100), 30,
    limits(None, None, 25, 50, "H2 HH1"), 5, 60, 2, wave=Wave(base=1.5, sigma=0.7, floor=0),
)  # fmt: skip
FR_FBG = TagSpec(
    "roof.FBG", Text("密封圈光纤感温", "Linear fire detection on seal"), "Cel", (-40, 200), 5,
    (*limits(None, None, 70, 85, "H1 HH1"), Limit("ROC", 10, 1)), 5, 60, 2, wave=Wave(sigma=0.2),
    is_safety_critical=True,
)  # fmt: skip
FR_TILT = TagSpec(
    "roof.TILT", Text("浮盘倾斜", "Roof tilt"), "mm", (0, 500), 600, limits(None, None, 100, 200), 0, 0, 10,
    wave=Wave(sigma=2, resolution=1, floor=0),
)  # fmt: skip
FR_N2 = TagSpec(
    "roof.N2", Text("氮封压力", "Inert blanketing"), "kPa", (0, 3), 10, limits(0.2, 0.3, 1.2, 1.8), 30, 60, 0.05,
    wave=Wave(sigma=0.02, tau_s=60, resolution=0.01),
)  # fmt: skip
FR_ROC = TagSpec(
    "roof.ROC", Text("液位变化率", "Level rate"), "mm/h", (-5000, 5000), 60,
    limits(None, None, 2 * DECLARED_MM_H, 3 * DECLARED_MM_H, "H3"), 60, 60, 50, wave=Wave(sigma=5, resolution=1),
)  # fmt: skip
DIKE = TagSpec(
    "farm.DIKE", Text("围堰可燃气体", "Dike gas"), "%LEL", (0, 100), 5, limits(None, None, 25, 50, "H2 HH1"), 5, 60, 2,
    wave=Wave(base=0.8, sigma=0.5, floor=0), is_safety_critical=True,
)  # fmt: skip
XV_COMMAND = switch("farm.XVC", Text("根部阀开阀指令", "Root valve commanded to open"), alarm_at=None, heartbeat_s=60)
XV = TagSpec(
    "farm.XV", Text("根部阀位置（0关1开2行程中）", "Root valve (0 closed, 1 open, 2 travelling)"), "enum", (0, 2), 60,
    (Limit("DISC", 30, 2),), mode="change", wave=Wave(resolution=1), partner=XV_COMMAND.row,
)  # fmt: skip
SPHERE_SPECS = (SPH_LT, SPH_LT2, SPH_LS, SPH_PT, SPH_TT, SPRAY, DIKE, XV_COMMAND, XV)
ROOF_SPECS = (FR_LT, FR_TT, FR_RIM, FR_FBG, FR_TILT, FR_N2, FR_ROC, DIKE, XV_COMMAND, XV)

#: Transfers are decided every four hours; a root valve travels 20 s.
_PLAN_S, _TRAVEL_S = 14_400, 20


class _TankFarms(Fleet):
    """What both kinds share: transfers by four-hour plans, root valves, the dike.

    Knobs per tank: ``transfer`` (signed rate where not NaN, in %/h or mm/h), ``level`` (set where not NaN),
    ``leak`` (same unit as transfer), ``valve_stuck`` (the valve stays where it is, whatever it is told);
    per detector ``gas_lel``.
    """

    tick_s = 5
    #: Rates of transfers, and between which levels they are planned.
    rate, low, high = (2.0, 6.0), 25.0, 80.0

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.order = self._knob("transfer", "unit", np.nan)
        self.set_level = self._knob("level", "unit", np.nan)
        self.leak = self._knob("leak", "unit")
        self.valve_stuck = self._knob("valve_stuck", "unit")
        self.gas = self._knob("gas_lel", "point")
        self.o_dike = self._each(DIKE, "point", "DIKE", "AT5{k:02d}")
        self.o_xv = self._each(XV, "unit", "TANK{k}", "XV{k}01", "ZS")
        self.o_command = self._each(XV_COMMAND, "unit", "TANK{k}", "XV{k}01", "CMD")
        self.level = self._draw(self.unit_keys, self.low + 5, self.high - 5, 1)
        self.is_open = np.zeros(len(self.owner), dtype=bool)
        self.travel_s = np.zeros(len(self.owner))
        self.now_rate = np.zeros(len(self.owner))

    def _transfer(self, at_s: int, closes_at: float) -> None:
        """Levels and valves; the inlet is shut by the interlock at its height."""
        dt, values = float(self.tick_s), self.board.values
        given = ~np.isnan(self.set_level)
        if given.any():
            self.level = np.where(given, self.set_level, self.level)
            self.set_level[:] = np.nan
        plan = at_s // _PLAN_S
        fate = uniforms(self.unit_keys, plan, 2)
        rate = self.rate[0] + (self.rate[1] - self.rate[0]) * uniforms(self.unit_keys, plan, 3)
        rate = np.where(fate < 0.25, rate, np.where(fate < 0.5, -rate, 0.0))
        rate = np.where(((self.level > self.high) & (rate > 0)) | ((self.level < self.low) & (rate < 0)), 0.0, rate)
        rate = np.where(np.isnan(self.order), rate, self.order)
        rate = np.where((self.level >= closes_at) & (rate > 0), 0.0, rate)
        wants = rate != 0
        moved = (wants != self.is_open) & (self.valve_stuck == 0)
        self.travel_s = np.where(moved & (self.travel_s <= 0), float(_TRAVEL_S), self.travel_s - dt)
        self.is_open = np.where((self.travel_s <= 0) & (self.valve_stuck == 0), wants, self.is_open)
        flows = self.is_open & wants
        self.now_rate = np.where(flows, rate, 0.0) - self.leak
        self.level += self.now_rate * dt / 3600
        values[self.o_xv] = np.where(self.travel_s > 0, 2.0, self.is_open)
        values[self.o_command] = wants
        values[self.o_dike] = self.gas


class Spheres(_TankFarms):
    """Spheres of propane.

    Further knobs per tank: ``temperature_c`` (set where not NaN), ``sun_k_h``, ``spray_failed``.
    """

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.set_c = self._knob("temperature_c", "unit", np.nan)
        self.sun_k_h = self._knob("sun_k_h", "unit")
        self.spray_failed = self._knob("spray_failed", "unit")
        each = self._each
        self.o_lt = each(SPH_LT, "unit", "TANK{k}", "LT{k}01")
        self.o_lt2 = each(SPH_LT2, "unit", "TANK{k}", "LT{k}02")
        self.o_ls = each(SPH_LS, "unit", "TANK{k}", "LS{k}03", "X")
        self.o_pt = each(SPH_PT, "unit", "TANK{k}", "PT{k}01")
        self.o_tt = each(SPH_TT, "unit", "TANK{k}", "TT{k}01")
        self.o_spray = each(SPRAY, "unit", "TANK{k}", "SPRAY{k}", "X")
        self.liquid_c: Floats | None = None
        self.is_sprayed = np.zeros(len(self.owner), dtype=bool)

    def advance(self, at_s: int) -> None:
        dt, values = float(self.tick_s), self.board.values
        self._transfer(at_s, closes_at=90.0)
        season = 14 + 11 * yearly(at_s, 210)
        if self.liquid_c is None:
            self.liquid_c = np.full(len(self.owner), season)
        self.liquid_c = np.where(np.isnan(self.set_c), self.liquid_c, self.set_c)
        self.set_c[:] = np.nan
        # The liquid follows the season in ten days; the skin, which makes the pressure, the sun within the hour.
        self.liquid_c += ((season - self.liquid_c) / 864_000 + self.sun_k_h / 3600) * dt
        shell_c = self.liquid_c + 12 * sun(at_s) * max(0.4, yearly(at_s, 172))
        works = self.spray_failed == 0
        self.is_sprayed = works & np.where(self.is_sprayed, shell_c > 28, shell_c > 30)
        self.liquid_c -= np.where(self.is_sprayed & (self.liquid_c > 26), 2.5 * dt / 3600, 0.0)
        skin_k = np.where(self.is_sprayed, 0.5, 2.5) * sun(at_s)
        values[self.o_lt] = self.level
        values[self.o_lt2] = self.level
        values[self.o_ls] = self.level >= 90.0
        values[self.o_tt] = self.liquid_c
        values[self.o_pt] = saturation_kpa("propane", self.liquid_c + skin_k)
        values[self.o_spray] = self.is_sprayed


class FloatingRoofs(_TankFarms):
    """Floating roof tanks. Further knobs per tank: ``fire_k_min``, ``tilt_mm``."""

    rate, low, high = (150.0, DECLARED_MM_H), 3500.0, 15_000.0

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.fire = self._knob("fire_k_min", "unit")
        self.tilt = self._knob("tilt_mm", "unit")
        each = self._each
        self.o_lt = each(FR_LT, "unit", "TANK{k}", "LT{k}01")
        self.o_tt = [each(FR_TT, "unit", "TANK{k}", f"TT{{k}}0{point}") for point in (1, 2, 3)]
        self.o_rim = each(FR_RIM, "unit", "TANK{k}", "AT{k}01")
        self.o_fbg = each(FR_FBG, "unit", "TANK{k}", "TT{k}11")
        self.o_tilt = each(FR_TILT, "unit", "TANK{k}", "ZT{k}01")
        self.o_n2 = each(FR_N2, "unit", "TANK{k}", "PT{k}01")
        self.o_roc = each(FR_ROC, "unit", "TANK{k}", "LT{k}01", "ROC")
        self.burnt_k = np.zeros(len(self.owner))
        self.still_tilt = self._draw(self.unit_keys, 8, 30, 4)
        self.blanket = self._draw(self.unit_keys, 0.6, 0.9, 5)

    def advance(self, at_s: int) -> None:
        dt, values = float(self.tick_s), self.board.values
        self._transfer(at_s, closes_at=0.95 * SHELL_MM)
        np.clip(self.level, 0.0, SHELL_MM, out=self.level)
        air = outdoor_c(at_s)
        bulk = 16 + 9 * yearly(at_s, 215)
        values[self.o_lt] = self.level
        for layer, o_tt in enumerate(self.o_tt):
            values[o_tt] = bulk + layer
        afternoon = max(0.0, 1 - abs(hour_of_day(at_s) - 14.5) / 4) * max(0.0, air - 15) / 20
        values[self.o_rim] = 8 * afternoon * uniforms(self.unit_keys, at_s // 600, 6)
        self.burnt_k = np.where(self.fire > 0, np.minimum(self.burnt_k + self.fire * dt / 60, 600), 0.0)
        values[self.o_fbg] = air + 10 * sun(at_s) + self.burnt_k
        values[self.o_tilt] = self.still_tilt + self.tilt
        breathing = 0.15 * (outdoor_c(at_s + 900) - outdoor_c(at_s - 900)) + 0.0008 * self.now_rate
        values[self.o_n2] = np.clip(self.blanket + breathing, 0.25, 1.9)
        values[self.o_roc] = self.now_rate
