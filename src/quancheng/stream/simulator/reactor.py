"""Batch reactors of pharma and fine chemicals (制药反应釜): two reagents, a jacket, cooling water.

``units`` are reactors; ``points`` is not used beyond one. Two families: ``semibatch_reactors``, where B is dosed over
three hours, and ``batch_reactors``, where all of it is there and the product may decompose. Each reactor runs
batches one after the other; beyond the usual table stands a contact that says whether a batch is in reaction, without
which limits around the set point cannot be judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Fleet, Member
from quancheng.stream.simulator.physics import Floats, ground_c
from quancheng.stream.simulator.signals import uniforms
from quancheng.stream.simulator.tags import TagSpec, Wave, limits, switch

SET_C = 60.0
#: Mol of A, and of B when all is there; m3 when all is there.
_MOL, _FULL_M3 = 4000.0, 3.0
_DENSITY, _CP = 950.0, 2.6  # kg/m3, kJ/(kg K)
_UA = 3.0  # kW/K
_HEAT, _ACTIVATION = 180.0, 75_000.0  # kJ/mol, J/mol
_DECOMPOSITION_HEAT, _DECOMPOSITION_ACTIVATION, _DECOMPOSITION_RATE = 250.0, 130_000.0, 1e-6  # rate in 1/s at 100 °C
_GAS, _ZERO_K = 8.314, 273.15
_JACKET_S, _DOSING_S, _FEED_C = 120.0, 10_800.0, 25.0
#: Adiabatic rise of the whole batch, rounded up (绝热温升).
ADIABATIC_RISE_K = 97.0


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe.

    :ivar rate_m3_mol_s: rate constant at 60 °C.
    :ivar is_dosed: B comes over three hours into 2 m3, else all is there.
    :ivar settles_s: seconds after charging from which limits around the set point make sense.
    """

    rate_m3_mol_s: float
    start_c: float
    jacket_c: float
    is_dosed: bool
    decomposes: bool
    settles_s: int


SEMIBATCH = Preset(6e-7, 60.0, 50.0, is_dosed=True, decomposes=False, settles_s=600)
BATCH = Preset(1e-7, 40.0, 40.0, is_dosed=False, decomposes=True, settles_s=1320)


class Kettles:
    """The contents of n reactors, by Euler steps of one second.

    The controller stops integrating while its output is at an end (the recipe's figures hold only so).

    :ivar temperature_c: true temperature; ``jacket_c`` that of the jacket.
    :ivar mol_b: unreacted B in mol; of 4,000 in all.
    """

    def __init__(self, n: int, preset: Preset) -> None:
        self.preset = preset
        self.temperature_c = np.full(n, preset.start_c)
        self.jacket_c = np.full(n, preset.jacket_c)
        self.mol_a, self.mol_b = np.full(n, _MOL), np.zeros(n)
        self.volume_m3, self.run_s, self.whole = np.zeros(n), np.zeros(n), np.ones(n)
        self.integral = np.zeros(n)
        self.feed_kg_s = np.zeros(n)
        self.start(np.ones(n, dtype=bool))

    def start(self, which: np.ndarray) -> None:
        """Charge the reactors anew."""
        preset = self.preset
        self.temperature_c = np.where(which, preset.start_c, self.temperature_c)
        self.jacket_c = np.where(which, preset.jacket_c, self.jacket_c)
        self.mol_a = np.where(which, _MOL, self.mol_a)
        self.mol_b = np.where(which, 0.0 if preset.is_dosed else _MOL, self.mol_b)
        self.volume_m3 = np.where(which, _FULL_M3 - 1.0 if preset.is_dosed else _FULL_M3, self.volume_m3)
        self.run_s = np.where(which, 0.0, self.run_s)
        self.whole = np.where(which, 1.0, self.whole)
        self.integral = np.where(which, 0.0, self.integral)

    def second(self, *, cooling: Floats, stirring: Floats, dosing: Floats, shown_k: Floats) -> None:
        """One second on.

        :param cooling, stirring, dosing: factors on heat transfer, on the rate constant and on the feed; 1 is normal.
        :param shown_k: what the sensor shows beyond the true temperature; the controller sees the sensor.
        """
        t, tj = self.temperature_c, self.jacket_c
        kelvin = t + _ZERO_K
        k = self.preset.rate_m3_mol_s * np.exp(-_ACTIVATION / _GAS * (1 / kelvin - 1 / 333.15)) * stirring
        reacted = np.minimum(k * self.mol_a * self.mol_b / self.volume_m3, np.minimum(self.mol_a, self.mol_b))
        # Dosing ends by the clock: dosed too fast, more than the recipe's share comes in.
        is_dosing = self.preset.is_dosed & (self.run_s < _DOSING_S)
        feed = np.where(is_dosing, dosing * _MOL / _DOSING_S, 0.0)
        feed_kg_s = feed / _MOL * _DENSITY
        heat = feed_kg_s * _CP * (_FEED_C - t) + _HEAT * reacted - _UA * cooling * (t - tj)
        if self.preset.decomposes:
            kd = _DECOMPOSITION_RATE * np.exp(-_DECOMPOSITION_ACTIVATION / _GAS * (1 / kelvin - 1 / 373.15))
            lost = np.minimum(kd, 1.0) * self.whole
            heat += _DECOMPOSITION_HEAT * lost * _MOL
            self.whole = self.whole - lost
        error = t + shown_k - SET_C
        wanted = 50 - 4 * error - self.integral
        output = np.clip(wanted, -10.0, 90.0)
        self.integral = np.where(output == wanted, self.integral + 4 * error / 600, self.integral)
        self.temperature_c = t + heat / (_DENSITY * self.volume_m3 * _CP)
        self.jacket_c = tj + (output - tj) / _JACKET_S
        self.mol_a = self.mol_a - reacted
        self.mol_b = self.mol_b - reacted + feed
        self.run_s = self.run_s + 1
        self.volume_m3 = self.volume_m3 + feed_kg_s / _DENSITY
        self.feed_kg_s = feed_kg_s


RECIPE_KG_H, RELIEF_KPA, NORMAL_A, NORMAL_RPM, NORMAL_M3_H = _DENSITY / 3.0, 600.0, 20.0, 90.0, 30.0
_WHILE = "reactor.RUN"
TT = TagSpec(
    "reactor.TT", Text("反应温度", "Reaction temperature"), "Cel", (-20, 200), 2,
    limits(SET_C - 15, SET_C - 5, SET_C + 5, min(SET_C + ADIABATIC_RISE_K - 10, SET_C + 15), "H2 HH1"), 5, 30, 1,
    wave=Wave(sigma=0.1, tau_s=60, resolution=0.01), condition=_WHILE, is_safety_critical=True,
)  # fmt: skip
PT = TagSpec(
    "reactor.PT", Text("反应压力", "Reactor pressure"), "kPa", (-100, 1000), 2,
    limits(None, None, 0.8 * RELIEF_KPA, 0.9 * RELIEF_KPA, "HH1"), 3, 30, 10, wave=Wave(sigma=0.5, tau_s=60),
    is_safety_critical=True,
)  # fmt: skip
II = TagSpec(
    "reactor.II", Text("搅拌电流", "Stirring current"), "A", (0, 50), 1,
    limits(0.6 * NORMAL_A, 0.75 * NORMAL_A, 1.3 * NORMAL_A, 1.5 * NORMAL_A, "LL1"), 3, 10, 0.5,
    wave=Wave(sigma=0.02 * NORMAL_A, tau_s=5, resolution=0.01, floor=0), condition=_WHILE, is_safety_critical=True,
)  # fmt: skip
SI = TagSpec(
    "reactor.SI", Text("搅拌转速", "Stirrer speed"), "rpm", (0, 200), 2,
    limits(0.8 * NORMAL_RPM, 0.9 * NORMAL_RPM, 1.1 * NORMAL_RPM, None), 3, 10, 1, wave=Wave(sigma=0.3, floor=0),
    condition=_WHILE,
)  # fmt: skip
FI = TagSpec(
    "reactor.FI", Text("滴加流量", "Dosing flow"), "kg/h", (0, 800), 2,
    limits(None, None, 1.1 * RECIPE_KG_H, 1.25 * RECIPE_KG_H), 5, 10, 5, wave=Wave(sigma=1.5, floor=0),
)  # fmt: skip
TJ = TagSpec(
    "reactor.TJ", Text("夹套温度", "Jacket temperature"), "Cel", (-30, 200), 2, limits(None, None, SET_C + 20, None), 5,
    30, 1,
    wave=Wave(sigma=0.1),
)  # fmt: skip
DT = TagSpec(
    "reactor.DT", Text("釜温与夹套温差", "Reactor less jacket"), "K", (-100, 300), 2, limits(None, None, 15, 25), 10,
    30, 1, wave=Wave(sigma=0.1), condition=_WHILE,
)  # fmt: skip
#: Without dosing the jacket alone holds the heat: 47 K is an ordinary batch.
DT_BATCH = replace(DT, limits=limits(None, None, 55, 65))
DTDT = TagSpec(
    "reactor.DTDT", Text("升温速率", "Rate of temperature"), "K/min", (-100, 100), 2,
    limits(None, None, 1.0, 2.0, "HH1"), 10, 30, 0.1, wave=Wave(sigma=0.03, resolution=0.01), condition=_WHILE,
    is_safety_critical=True,
)  # fmt: skip
O2 = TagSpec(
    "reactor.O2", Text("釜内氧含量", "Oxygen in the reactor"), "%vol", (0, 25), 10, limits(None, None, 5, 8), 5, 60,
    0.3, wave=Wave(base=1.8, sigma=0.15, resolution=0.01, floor=0),
)  # fmt: skip
PH = TagSpec(
    "reactor.PH", Text("酸碱度", "Acidity"), "1", (0, 14), 10, limits(None, 5.5, 8.5, None), 30, 60, 0.2,
    wave=Wave(base=7, sigma=0.05, resolution=0.01), condition=_WHILE,
)  # fmt: skip
CW_FI = TagSpec(
    "reactor.CW_FI", Text("冷却水流量", "Cooling water flow"), "m3/h", (0, 60), 5,
    limits(0.7 * NORMAL_M3_H, 0.85 * NORMAL_M3_H, None, None, "LL1"), 5, 30, 0.5, wave=Wave(sigma=0.2, floor=0),
    is_safety_critical=True,
)  # fmt: skip
CW_TI = TagSpec(
    "reactor.CW_TI", Text("冷却水温度", "Cooling water temperature"), "Cel", (0, 60), 5, limits(None, None, None, 33),
    5, 30, 0.5,
    wave=Wave(sigma=0.1),
)  # fmt: skip
BST = switch("reactor.BST", Text("爆破片破裂", "Rupture disc burst"), priority=1)
RUN = switch("reactor.RUN", Text("反应中", "Batch in reaction"), alarm_at=None)
SPECS = (TT, PT, II, SI, FI, TJ, DT, DTDT, O2, PH, CW_FI, CW_TI, BST, RUN)
BATCH_SPECS = tuple(DT_BATCH if spec is DT else spec for spec in SPECS)

#: Seconds of a whole cycle and of the reaction in it; the disc bursts at 0.9 of the design pressure.
_CYCLE_S, _REACTION_S, _BURST_KPA = 23_400, 14_400, 0.9 * 667.0


class _Reactors(Fleet):
    """Reactors, one second at a time. Knobs per reactor.

    ``cooling``, ``stirring``, ``dosing``: factors on heat transfer, rate constant and feed, 1 is normal;
    ``shown_k``: bias of the temperature sensor; ``viscosity_pct_min``: rise of the current, ``blade_lost``;
    ``pump_tripped``: cooling water falls to nothing in 10 s, heat transfer to 2 %; ``restart``: a new batch now.
    """

    tick_s = 1
    preset, dt_spec = SEMIBATCH, DT

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        knob = self._knob
        self.cooling, self.stirring = knob("cooling", "unit", 1.0), knob("stirring", "unit", 1.0)
        self.dosing, self.shown = knob("dosing", "unit", 1.0), knob("shown_k", "unit")
        self.viscosity, self.blade = knob("viscosity_pct_min", "unit"), knob("blade_lost", "unit")
        self.tripped, self.restart = knob("pump_tripped", "unit"), knob("restart", "unit")
        each = self._each
        self.o_tt = each(TT, "unit", "R{k}", "TT{k}01")
        self.o_pt = each(PT, "unit", "R{k}", "PT{k}01")
        self.o_ii = each(II, "unit", "R{k}", "II{k}01")
        self.o_si = each(SI, "unit", "R{k}", "SI{k}01")
        self.o_fi = each(FI, "unit", "R{k}", "FI{k}01")
        self.o_tj = each(TJ, "unit", "R{k}", "TT{k}02")
        self.o_dt = each(self.dt_spec, "unit", "R{k}", "TT{k}01", "DT")
        self.o_dtdt = each(DTDT, "unit", "R{k}", "TT{k}01", "DTDT")
        self.o_o2 = each(O2, "unit", "R{k}", "AT{k}01")
        self.o_ph = each(PH, "unit", "R{k}", "AT{k}02")
        self.o_cw_fi = each(CW_FI, "unit", "CW{k}", "FI{k}01")
        self.o_cw_ti = each(CW_TI, "unit", "CW{k}", "TI{k}01")
        self.o_bst = each(BST, "unit", "R{k}", "BST{k}", "X")
        self.o_run = each(RUN, "unit", "R{k}", "XS{k}01", "X")
        n = len(self.owner)
        self.kettles = Kettles(n, self.preset)
        #: Seconds since the batch was charged; beyond the reaction the contents cool and are changed.
        self.clock_s = np.floor(self._draw(self.unit_keys, _REACTION_S, _CYCLE_S, 1))
        self.kettles.temperature_c = np.full(n, 35.0)
        self.rate_k_min = np.zeros(n)
        self.water_m3_h = np.full(n, NORMAL_M3_H)
        self.burst = np.zeros(n)
        self.thick = np.ones(n)

    def advance(self, at_s: int) -> None:
        values, kettles = self.board.values, self.kettles
        self.clock_s += 1
        anew = (self.clock_s >= _CYCLE_S) | (self.restart > 0)
        if anew.any():
            kettles.start(anew)
            self.clock_s = np.where(anew, 0.0, self.clock_s)
            self.rate_k_min = np.where(anew, 0.0, self.rate_k_min)
            self.burst = np.where(anew, 0.0, self.burst)
            self.restart[:] = 0.0
        before = kettles.temperature_c
        wanted = np.where(self.tripped > 0, 0.0, NORMAL_M3_H)
        self.water_m3_h += np.clip(wanted - self.water_m3_h, -NORMAL_M3_H / 10, NORMAL_M3_H / 10)
        cooling = self.cooling * (0.02 + 0.98 * self.water_m3_h / NORMAL_M3_H)
        kettles.second(cooling=cooling, stirring=self.stirring, dosing=self.dosing, shown_k=self.shown)
        # A batch that ran away goes on reacting after its time; one that went well cools and is discharged.
        runs = (self.clock_s < _REACTION_S) | (kettles.temperature_c > SET_C + 5)
        kettles.temperature_c = np.where(runs, kettles.temperature_c, before + (30 - before) / 1200)
        kettles.jacket_c = np.where(runs, kettles.jacket_c, 25.0)
        self.rate_k_min += ((kettles.temperature_c - before) * 60 - self.rate_k_min) / 20
        shown_c = kettles.temperature_c + self.shown
        vapour = 8 * np.exp(np.minimum(kettles.temperature_c - SET_C, 150) / 25)
        self.burst = np.where(vapour >= _BURST_KPA, 1.0, self.burst)
        turns = np.minimum(self.stirring * 20, 1.0)
        values[self.o_tt] = shown_c
        values[self.o_pt] = np.where(self.burst > 0, 0.0, vapour)
        self.thick = np.where(self.viscosity > 0, self.thick + self.viscosity / 6000, 1.0)
        values[self.o_ii] = NORMAL_A * self.thick * np.where(self.blade > 0, 0.75, 1.0) * np.where(
            self.stirring < 0.5, 0.3, np.where(runs, 1.0, 0.9)
        )  # fmt: skip
        values[self.o_si] = NORMAL_RPM * np.where(self.stirring < 0.5, 0.0, turns)
        values[self.o_fi] = np.where(runs, kettles.feed_kg_s * 3600, 0.0)
        values[self.o_tj] = kettles.jacket_c
        values[self.o_dt] = shown_c - kettles.jacket_c
        values[self.o_dtdt] = self.rate_k_min
        values[self.o_ph] = 0.3 * (uniforms(self.unit_keys, at_s // 1800, 2) - 0.5)
        values[self.o_cw_fi] = self.water_m3_h
        values[self.o_cw_ti] = 0.5 * ground_c(at_s) + 14
        values[self.o_bst] = self.burst
        values[self.o_run] = runs & (self.clock_s >= self.preset.settles_s)


class SemibatchReactors(_Reactors):
    """B is dosed over three hours."""


class BatchReactors(_Reactors):
    """All of B is there from the beginning; beyond 100 °C the product decomposes."""

    preset, dt_spec = BATCH, DT_BATCH
