"""Liquid chlorine and liquid ammonia stores (液氯/液氨储存): saturated tanks, detectors, scrubber.

``units`` are tanks, ``points`` detectors; the first three stand 10, 25 and 60 m from the valves, every further one
15 m farther.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Fleet, Member
from quancheng.stream.simulator.physics import ground_c, outdoor_c, plume_mg_m3, saturation_kpa
from quancheng.stream.simulator.signals import normals, uniforms
from quancheng.stream.simulator.tags import TagSpec, Wave, limits, switch

PT = TagSpec(
    "toxic.PT", Text("储罐压力", "Tank pressure"), "kPa", (0, 1600), 5, limits(None, 200, 1000, 1100, "HH1"), 5, 30, 15,
    wave=Wave(sigma=1.5, resolution=1), is_safety_critical=True,
)  # fmt: skip
TT = TagSpec(
    "toxic.TT", Text("储罐温度", "Tank temperature"), "Cel", (-40, 60), 30, limits(None, -10, 35, 40), 30, 120, 0.5,
    wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
WT = TagSpec(
    "toxic.WT", Text("储罐充装量", "Fill by weight or level"), "%", (0, 100), 30, limits(None, 5, 75, 80, "HH1"), 10,
    30, 1, wave=Wave(sigma=0.05), is_safety_critical=True,
)  # fmt: skip
CL_GDS = TagSpec(
    "chlorine.GDS", Text("氯气浓度", "Chlorine"), "mg/m3", (0, 30), 2, limits(None, None, 1, 2, "H2 HH1"), 3, 60, 0.2,
    wave=Wave(base=0.04, sigma=0.03, tau_s=60, resolution=0.01, floor=0), is_safety_critical=True,
)  # fmt: skip
NH_GDS = TagSpec(
    "ammonia.GDS", Text("氨气浓度", "Ammonia"), "mg/m3", (0, 300), 5, limits(None, None, 20, 40, "H2 HH1"), 5, 60, 2,
    wave=Wave(base=0.6, sigma=0.4, tau_s=60, floor=0), is_safety_critical=True,
)  # fmt: skip
FAN = switch(
    "toxic.FAN", Text("吸收装置风机运行", "Scrubber fan runs"), alarm_at=0.0, priority=1, on_delay_s=10, off_delay_s=30,
    condition="toxic.GDS_HH",
)  # fmt: skip
GDS_HH = switch("toxic.GDS_HH", Text("任一探测器高高报", "Any detector at its second limit"), alarm_at=None)
NAOH = TagSpec(
    "toxic.NAOH", Text("吸收液浓度", "Strength of the scrubbing liquid"), "%wt", (0, 25), 3600,
    limits(None, 10, None, None), wave=Wave(sigma=0.05), deadband=0.3,
)  # fmt: skip
ROOM = TagSpec(
    "toxic.ROOM", Text("库房负压", "Negative pressure of the room"), "Pa", (-100, 50), 10, limits(None, None, -5, 0),
    30, 60, 1, wave=Wave(sigma=1.5, tau_s=60),
)  # fmt: skip
DIKE = TagSpec(
    "toxic.DIKE", Text("围堰温度", "Temperature in dike"), "Cel", (-60, 100), 10, limits(None, -20, None, None), 5, 60,
    2, wave=Wave(sigma=0.2, tau_s=600),
)  # fmt: skip
VAP = TagSpec(
    "toxic.VAP", Text("汽化器水温", "Vaporiser water temperature"), "Cel", (0, 100), 10, limits(None, 30, 45, 50), 30,
    60, 1, wave=Wave(sigma=0.3),
)  # fmt: skip
NCL3 = TagSpec(
    "chlorine.NCL3", Text("残液三氯化氮含量", "Nitrogen trichloride in residue"), "g/L", (0, 100), 86_400,
    limits(None, None, 40, 60), mode="manual", wave=Wave(base=14, sigma=3, tau_s=200_000, floor=0),
)  # fmt: skip
COMMON = (PT, TT, WT, GDS_HH, FAN, NAOH, ROOM, DIKE, VAP)
CHLORINE_SPECS = (*COMMON, CL_GDS, NCL3)
AMMONIA_SPECS = (*COMMON, NH_GDS)


class _ToxicStores(Fleet):
    """What both kinds share.

    Knobs per facility: ``leak_kg_s`` (vapour), ``fan_failed``; per tank: ``warmed_k``, ``level_pct`` (set where not
    NaN); per detector: ``slope_mg_m3_min``, a slow rise at it.
    """

    tick_s = 1
    substance = "chlorine"
    gds: TagSpec = CL_GDS
    gds_hh = 2.0

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self.leak = self._knob("leak_kg_s", "facility")
        self.fan_failed = self._knob("fan_failed", "facility")
        self.warmed = self._knob("warmed_k", "unit")
        self.set_level = self._knob("level_pct", "unit", np.nan)
        self.slope = self._knob("slope_mg_m3_min", "point")
        each = self._each
        self.o_pt = each(PT, "unit", "TANK{k}", "PT{k}01")
        self.o_tt = each(TT, "unit", "TANK{k}", "TT{k}01")
        self.o_wt = each(WT, "unit", "TANK{k}", "WT{k}01")
        self.o_gds = each(self.gds, "point", "GDS", "AT1{k:02d}")
        self.o_hh = each(GDS_HH, "facility", "GDS", "HH1", "X")
        self.o_fan = each(FAN, "facility", "SCR", "FAN1", "X")
        self.o_naoh = each(NAOH, "facility", "SCR", "AT1")
        self.o_room = each(ROOM, "facility", "ROOM", "PT1")
        self.o_dike = each(DIKE, "facility", "DIKE", "TT1")
        self.o_vap = each(VAP, "facility", "VAP", "TT1")
        self.level = self._draw(self.unit_keys, 30, 65, 1)
        self.away_m = np.where(
            self.point_number <= 3, np.array([10.0, 25.0, 60.0])[np.minimum(self.point_number, 3) - 1],
            60.0 + 15 * (self.point_number - 3.0),
        )  # fmt: skip
        self.conc = np.zeros(len(self.point_owner))
        self.drip = np.zeros(len(self.point_owner))
        self.hh_s = np.zeros(self.n)
        self.naoh = self._draw(self.keys, 12, 20, 2)

    def advance(self, at_s: int) -> None:
        values, dt = self.board.values, float(self.tick_s)
        self._spread_gas(at_s, dt)
        worst = np.zeros(self.n)
        np.maximum.at(worst, self.point_owner, self.conc)
        is_hh = worst >= self.gds_hh
        self.hh_s = np.where(is_hh, self.hh_s + dt, 0.0)
        fan = (self.hh_s >= 5) & (self.fan_failed == 0)
        values[self.o_gds] = self.conc
        values[self.o_hh] = is_hh
        values[self.o_fan] = fan
        self.naoh -= (0.05 / 86_400 + np.where(fan, 2.0 / 3600, 0.0)) * dt
        self.naoh = np.where(self.naoh < 11, 20.0, self.naoh)
        values[self.o_naoh] = self.naoh
        values[self.o_room] = np.where(fan, -40.0, -15.0)
        self._warm(at_s, dt)

    def _spread_gas(self, at_s: int, dt: float) -> None:
        """Concentration at each detector: the plume of the leak, swung by the wind, as a sensor of 8 s shows it."""
        if not self.leak.any() and not self.slope.any() and not self.conc.any():
            return
        wind = np.maximum(1.0, 2.5 + 0.5 * normals(self.keys, at_s // 10, 3))
        swing = 0.08 * normals(self.point_keys, at_s // 5, 4)
        leak = self.leak[self.point_owner]
        there = plume_mg_m3(leak, self.away_m, swing * self.away_m, wind[self.point_owner])
        arrived = np.where(leak > 0, there, 0.0)
        self.drip = np.where(self.slope != 0, self.drip + self.slope * dt / 60, 0.0)
        self.conc += (arrived + self.drip - self.conc) * dt / 8
        self.conc[self.conc < 1e-4] = 0.0

    def _warm(self, at_s: int, dt: float) -> None:
        values = self.board.values
        given = ~np.isnan(self.set_level)
        if given.any():
            self.level = np.where(given, self.set_level, self.level)
            self.set_level[:] = np.nan
        draws = uniforms(self.unit_keys, at_s // 3600, 5) < 0.5
        self.level = np.where(draws, self.level - 0.5 * dt / 3600, self.level)
        self.level = np.where(self.level < 12, 70.0, self.level)
        liquid_c = 0.7 * ground_c(at_s) + 0.3 * (14 + 0.2 * (outdoor_c(at_s) - 14)) + self.warmed
        values[self.o_tt] = liquid_c
        values[self.o_pt] = saturation_kpa(self.substance, liquid_c)
        values[self.o_wt] = self.level
        values[self.o_dike] = np.where(self.leak > 0, -25.0, outdoor_c(at_s))
        values[self.o_vap] = 38.0


class ChlorineStores(_ToxicStores):
    """Liquid chlorine; the laboratory enters nitrogen trichloride once a day."""

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        self._each(NCL3, "facility", "LAB", "AT1")


class AmmoniaStores(_ToxicStores):
    """Liquid ammonia."""

    substance, gds, gds_hh = "ammonia", NH_GDS, 40.0
