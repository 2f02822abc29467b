"""Petrol station (加油站): lying tanks, nozzles, deliveries by truck, vapour recovery.

``units`` are tanks, ``points`` nozzles; nozzle k draws from tank ((k - 1) mod tanks) + 1. Each tank's manhole and the
unloading pit have a gas detector. Beyond the usual table stand the hose contact, without which a missing ground
clip cannot be judged, and the volume of each sale, without which a stuck level cannot be told from a quiet night.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.standards.signals.tanks import LyingTank
from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Flags, Fleet, Member
from quancheng.stream.simulator.physics import Floats, ground_c, height_mm, hour_of_day, outdoor_c
from quancheng.stream.simulator.signals import normals, uniforms
from quancheng.stream.simulator.tags import Limit, TagSpec, Wave, limits, switch

TANK = LyingTank(diameter_m=2.52, length_m=6.1)
_RAW_PROFILE = np.array(
    [0.010] * 6 + [0.04, 0.07, 0.07] + [0.055] * 3 + [0.05] * 5 + [0.07, 0.075, 0.06, 0.045, 0.045, 0.03, 0.02]
)
#: Share of a day's sales in each local hour.
PROFILE = _RAW_PROFILE / _RAW_PROFILE.sum()

LT = TagSpec(
    "petrol.LT", Text("液位", "Product level"), "mm", (0, 2520), 30, limits(150, 250, 2126, 2275, "H2 HH1"),
    5, 30, 10, wave=Wave(sigma=0.4, tau_s=60), is_safety_critical=True,
)  # fmt: skip
WT = TagSpec(
    "petrol.WT", Text("水位", "Water level"), "mm", (0, 300), 60, limits(None, None, 30, 50), 60, 300, 3,
    wave=Wave(sigma=0.2, floor=0),
)  # fmt: skip
TT = TagSpec(
    "petrol.TT", Text("油温", "Product temperature"), "Cel", (-30, 60), 60, limits(None, -10, 35, 40), 60, 300, 0.5,
    wave=Wave(sigma=0.05, tau_s=600),
)  # fmt: skip
LD = switch("petrol.LD", Text("双层罐夹层渗漏", "Interstitial leak"), priority=1, on_delay_s=10, off_delay_s=60)
PLD = switch("petrol.PLD", Text("管道渗漏检测井有液", "Liquid in pipe sump"), priority=2, on_delay_s=10, off_delay_s=60)
PT = TagSpec(
    "petrol.PT", Text("罐内气相压力", "Ullage pressure"), "kPa", (-2, 4), 10, limits(-1.5, -1.0, 2.0, 3.0), 10, 60, 0.1,
    wave=Wave(sigma=0.02, tau_s=60, resolution=0.01),
)  # fmt: skip
AL = TagSpec(
    "petrol.AL", Text("气液比", "Air to liquid ratio"), "1", (0, 2), 0, limits(None, 1.0, 1.2, None), mode="event",
    wave=Wave(resolution=0.01),
)  # fmt: skip
VRP = TagSpec(
    "petrol.VRP", Text("油气管线液阻", "Vapour line back pressure"), "Pa", (0, 500), 10, limits(None, None, 155, 250),
    30, 60, 10, wave=Wave(sigma=1.5, tau_s=60, resolution=1, floor=0),
)  # fmt: skip
NMHC = TagSpec(
    "petrol.NMHC", Text("油气处理装置排放浓度", "Treated vapour outlet"), "g/m3", (0, 60), 60,
    limits(None, None, 20, 25), 60, 300, 1, wave=Wave(sigma=0.8, floor=0),
)  # fmt: skip
LEL = TagSpec(
    "petrol.LEL", Text("可燃气体浓度", "Flammable gas"), "%LEL", (0, 100), 5, limits(None, None, 25, 50, "H2 HH1"),
    5, 60, 2, wave=Wave(base=0.8, sigma=0.5, floor=0), is_safety_critical=True,
)  # fmt: skip
HOSE = switch("petrol.HOSE", Text("卸油软管已连接", "Unloading hose connected"), alarm_at=None)
GND = switch(
    "petrol.GND", Text("卸油静电接地正常", "Grounded for unloading"), alarm_at=0.0, priority=1, on_delay_s=2,
    off_delay_s=5, condition="petrol.HOSE",
)  # fmt: skip
GND_R = TagSpec(
    "petrol.GND_R", Text("接地回路电阻", "Ground loop resistance"), "ohm", (0, 1000), 5, limits(None, None, 10, 100),
    5, 10, wave=Wave(sigma=0.2), condition="petrol.HOSE",
)  # fmt: skip
UNL = switch("petrol.UNL", Text("卸油中", "Unloading"), alarm_at=None)
ESD = switch("petrol.ESD", Text("紧急切断按下", "Emergency stop"), priority=1)
PUMP_X = switch("petrol.PUMP_X", Text("潜油泵运行", "Submersible pump runs"), alarm_at=None)
PUMP_I = TagSpec(
    "petrol.PUMP_I", Text("潜油泵电流", "Pump current"), "A", (0, 15), 10, limits(None, 2, 9, 11), 5, 30, 0.3,
    wave=Wave(sigma=0.05, tau_s=60, resolution=0.01, floor=0), condition="petrol.PUMP_X",
)  # fmt: skip
NZL_F = TagSpec(
    "petrol.NZL_F", Text("加油流量", "Nozzle flow"), "L/min", (0, 60), 0, (Limit("H", 50, 3),), mode="event",
)  # fmt: skip
NZL_Q = TagSpec(
    "petrol.NZL_Q", Text("单次加油量", "Volume of a sale"), "L", (0, 1000), 0, mode="event", wave=Wave(resolution=0.01)
)
UPS = switch("petrol.UPS", Text("市电失电", "Mains lost"), priority=3, on_delay_s=5, off_delay_s=30)
SPECS = (
    LT, WT, TT, LD, PLD, PT, AL, VRP, NMHC, LEL, HOSE, GND, GND_R, UNL, ESD, PUMP_X, PUMP_I, NZL_F, NZL_Q, UPS,
)  # fmt: skip

#: Phases of a delivery: none, settling, ground clipped, hose connected, unloading, draining; seconds of each.
_NONE, _SETTLE, _CLIP, _HOSE, _UNLOAD, _DRAIN = range(6)
_PHASE_S = np.array([0, 900, 180, 240, 0, 300])
_UNLOAD_M3_MIN = 1.0
#: Below this fill grade a truck is called; at the overfill valve unloading ends.
_CALL_AT, _VALVE_AT = 0.35, 0.95
_MEAN_SALE_L = 32.0


class PetrolStations(Fleet):
    """Petrol stations, 5 s at a time.

    Knobs per tank: ``volume_m3`` (set where not NaN), ``deliver_m3`` (unload at once, asking nobody),
    ``leak_l_h``, ``interstitial``; per facility: ``is_closed`` (no sales), ``is_unclipped``, ``sump``, ``stop``,
    ``mains_lost``; per nozzle: ``vapour_pump_failed``.
    """

    tick_s = 5

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        tanks, nozzles = len(self.owner), len(self.point_owner)
        counts = np.array([member.facility.units for member in members])
        self.tank_of = self.first_unit()[self.point_owner] + (self.point_number - 1) % counts[self.point_owner]
        self.set_m3 = self._knob("volume_m3", "unit", np.nan)
        self.deliver = self._knob("deliver_m3", "unit")
        self.leak = self._knob("leak_l_h", "unit")
        self.wet = self._knob("interstitial", "unit")
        self.closed = self._knob("is_closed", "facility")
        self.unclipped = self._knob("is_unclipped", "facility")
        self.sump = self._knob("sump", "facility")
        self.stop = self._knob("stop", "facility")
        self.mains_lost = self._knob("mains_lost", "facility")
        self.pump_failed = self._knob("vapour_pump_failed", "point")
        self._enter_tags()
        self.volume = self._draw(self.unit_keys, 0.4, 0.8, 1) * TANK.capacity_m3
        self.water = self._draw(self.unit_keys, 2, 15, 2)
        self.product_c: Floats | None = None
        self.daily_l = self._draw(self.keys, 8_000, 25_000, 3)
        self.nozzles = np.bincount(self.point_owner, minlength=self.n)
        self.left_l = np.zeros(nozzles)
        self.sale_l = np.zeros(nozzles)
        self.run_s = np.zeros(nozzles)
        self.top_flow = np.zeros(nozzles)
        self.ullage = self._draw(self.unit_keys, 0.1, 0.5, 4)
        self.phase = np.zeros(self.n, dtype=np.intp)
        self.phase_s = np.zeros(self.n)
        self.target = np.zeros(self.n, dtype=np.intp)
        self.load = np.zeros(self.n)
        self.ground_r = self._draw(self.keys, 2, 6, 5)
        self.pit = np.zeros(self.n)
        self.at_tank = np.zeros(tanks)

    def _enter_tags(self) -> None:
        each = self._each
        self.o_lt = each(LT, "unit", "TANK{k}", "LT{k}01")
        self.o_wt = each(WT, "unit", "TANK{k}", "WT{k}01")
        self.o_tt = each(TT, "unit", "TANK{k}", "TT{k}01")
        self.o_ld = each(LD, "unit", "TANK{k}", "LD{k}01", "X")
        self.o_pt = each(PT, "unit", "TANK{k}", "PT{k}01")
        self.o_pump_x = each(PUMP_X, "unit", "TANK{k}", "PUMP{k}", "X")
        self.o_pump_i = each(PUMP_I, "unit", "TANK{k}", "PUMP{k}", "I")
        self.o_manhole = each(LEL, "unit", "GDS", "AT2{k:02d}")
        self.o_pit = each(LEL, "facility", "GDS", "AT200")
        self.o_pld = each(PLD, "facility", "PIPE", "PLD1", "X")
        self.o_vrp = each(VRP, "facility", "VR", "PT1")
        self.o_nmhc = each(NMHC, "facility", "VRU", "AT1")
        self.o_hose = each(HOSE, "facility", "UNL", "HOSE1", "X")
        self.o_gnd = each(GND, "facility", "UNL", "GND1", "X")
        self.o_gnd_r = each(GND_R, "facility", "UNL", "GND1", "R")
        self.o_unl = each(UNL, "facility", "UNL", "UNL1", "X")
        self.o_esd = each(ESD, "facility", "ESD", "ESD1", "X")
        self.o_ups = each(UPS, "facility", "UPS", "UPS1", "X")
        self.o_al = each(AL, "point", "VR", "AL{k}")
        self.o_flow = each(NZL_F, "point", "NZL{k}", "FT{k}", "F")
        self.o_sale = each(NZL_Q, "point", "NZL{k}", "FT{k}", "Q")

    def advance(self, at_s: int) -> None:
        values, dt = self.board.values, float(self.tick_s)
        given = ~np.isnan(self.set_m3)
        if given.any():
            self.volume = np.where(given, self.set_m3, self.volume)
            self.set_m3[:] = np.nan
        flow = self._sell(at_s, dt)
        tank_flow = np.bincount(self.tank_of, weights=flow, minlength=len(self.owner)).astype(np.float64)
        self.volume -= tank_flow * dt / 60_000 + self.leak * dt / 3_600_000
        unloading = self._deliver(at_s, dt)
        np.clip(self.volume, 0.0, TANK.capacity_m3, out=self.volume)
        self._warm(at_s, dt, unloading, tank_flow)
        self._smell(at_s, dt, unloading)

        values[self.o_lt] = height_mm(TANK, self.volume)
        values[self.o_wt] = self.water
        values[self.o_ld] = self.wet
        running = tank_flow > 0
        values[self.o_pump_x] = running
        values[self.o_pump_i] = np.where(running, 4.0 + np.minimum(tank_flow / 80, 2.0), 0.0)
        values[self.o_pld] = self.sump
        best = np.zeros(self.n)
        np.maximum.at(best, self.point_owner, flow)
        values[self.o_vrp] = 95 * (best / 38) ** 2
        regenerating = (at_s + (self.keys % np.uint64(14_400)).astype(np.int64)) % 14_400 < 600
        values[self.o_nmhc] = np.where(regenerating, 15.0, 5.5)
        hose = (self.phase == _HOSE) | (self.phase == _UNLOAD) | (self.phase == _DRAIN)
        clipped = ((self.phase == _CLIP) | hose) & (self.unclipped == 0)
        values[self.o_hose] = hose
        values[self.o_gnd] = clipped
        values[self.o_gnd_r] = np.where(clipped, self.ground_r, np.where(hose, 400.0, np.nan))
        values[self.o_unl] = self.phase == _UNLOAD
        tested = (at_s // 60 + (self.keys % np.uint64(43_200)).astype(np.int64)) % 43_200 == 0
        values[self.o_esd] = tested | (self.stop > 0)
        values[self.o_ups] = self.mains_lost

    def _sell(self, at_s: int, dt: float) -> Floats:
        """Flow of each nozzle in L/min over this tick; ended sales are reported."""
        hour = int(hour_of_day(at_s))
        rate = self.daily_l * PROFILE[hour] / 3600 / _MEAN_SALE_L / self.nozzles
        busy_tank = np.zeros(len(self.owner), dtype=bool)
        active = np.flatnonzero(self.phase >= _HOSE)
        busy_tank[self.target[active]] = True
        may = (
            (self.closed + self.stop + self.mains_lost)[self.point_owner] == 0
        ) & ~busy_tank[self.tank_of] & (self.volume[self.tank_of] > 1.2)  # fmt: skip
        idle = self.left_l <= 0
        start = idle & may & (uniforms(self.point_keys, at_s, 1) < rate[self.point_owner] * dt)
        if start.any():
            wanted = 8 + 48 * uniforms(self.point_keys, at_s, 2)
            self.left_l = np.where(start, wanted, self.left_l)
            self.sale_l = np.where(start, 0.0, self.sale_l)
            self.run_s = np.where(start, 0.0, self.run_s)
            self.top_flow = np.where(start, 34 + 10 * uniforms(self.point_keys, at_s, 3), self.top_flow)
        going = self.left_l > 0
        ramp = np.clip((self.run_s + dt / 2) / 8, 0.15, 1.0)
        flow = np.where(going, self.top_flow * ramp, 0.0)
        flow = np.where(going & (self.left_l < 2.0), np.minimum(flow, 12.0), flow)
        poured = np.minimum(flow * dt / 60, self.left_l)
        self.left_l = np.where(going & may, self.left_l - poured, 0.0)
        self.left_l[self.left_l < 1e-6] = 0.0
        self.sale_l += poured
        self.run_s += dt
        ended = going & (self.left_l <= 0)
        if ended.any():
            ratio = np.where(
                self.pump_failed > 0,
                0.2 + 0.4 * uniforms(self.point_keys, at_s, 4),
                1.08 + 0.05 * normals(self.point_keys, at_s, 5),
            )
            self.board.fire(self.o_al, ended, ratio)
            self.board.fire(self.o_flow, ended, self.top_flow)
            self.board.fire(self.o_sale, ended, self.sale_l)
        return poured * 60 / dt

    def _deliver(self, at_s: int, dt: float) -> Flags:
        """Move deliveries on; which facilities are unloading."""
        fill = self.volume / TANK.capacity_m3
        if at_s % 60 == 0:
            self._call_trucks(at_s, fill)
        asked = np.flatnonzero(self.deliver > 0)
        if asked.size:
            owners = self.owner[asked]
            self.phase[owners], self.phase_s[owners] = _UNLOAD, 0.0
            self.target[owners], self.load[owners] = asked, self.deliver[asked]
            self.deliver[asked] = 0.0
        active = self.phase > _NONE
        self.phase_s[active] += dt
        unloading: Flags = self.phase == _UNLOAD
        busy = np.flatnonzero(unloading)
        if busy.size:
            step = np.minimum(_UNLOAD_M3_MIN * dt / 60, self.load[busy])
            self.volume[self.target[busy]] += step
            self.load[busy] -= step
            full = self.volume[self.target[busy]] >= (_VALVE_AT + 0.001) * TANK.capacity_m3
            self.load[busy[full]] = 0.0
        timed = active & ~unloading & (self.phase_s >= _PHASE_S[self.phase])
        done = unloading & (self.load <= 1e-9)
        if done.any():
            tanks = self.target[done]
            wet = uniforms(self.keys[done], at_s, 7)
            self.water[tanks] += np.where(wet < 0.25, 3 + 28 * wet, 0.0)
        self.phase_s[timed | done] = 0.0
        self.phase = np.where(timed | done, (self.phase + 1) % 6, self.phase)
        return unloading

    def _call_trucks(self, at_s: int, fill: Floats) -> None:
        """Once a minute: a station with a low tank may see its truck arrive, mostly at night."""
        lowest = np.full(self.n, 2.0)
        np.minimum.at(lowest, self.owner, fill)
        hour = hour_of_day(at_s)
        per_minute = 0.008 if hour >= 21 or hour < 6 else 0.002
        comes = uniforms(self.keys, at_s, 8) < np.where(lowest < 0.15, 0.02, per_minute)
        starts = (self.phase == _NONE) & (lowest < _CALL_AT) & comes & (self.closed == 0)
        for station in np.flatnonzero(starts).tolist():
            of_station = np.flatnonzero(self.owner == station)
            tank = int(of_station[np.argmin(fill[of_station])])
            self.phase[station], self.phase_s[station], self.target[station] = _SETTLE, 0.0, tank
            free = 0.9 * TANK.capacity_m3 - self.volume[tank]
            self.load[station] = min(free, 10 + 20 * float(uniforms(self.keys[station : station + 1], at_s, 9)[0]))

    def _warm(self, at_s: int, dt: float, unloading: Flags, tank_flow: Floats) -> None:
        """Temperatures (six hours toward the truck's, three days toward the ground's), water and ullage pressure."""
        ground, air = ground_c(at_s), outdoor_c(at_s)
        if self.product_c is None:
            self.product_c = np.full(len(self.owner), ground)
        filling = np.zeros(len(self.owner), dtype=bool)
        filling[self.target[unloading]] = True
        self.product_c += (ground - self.product_c) * dt / 259_200
        self.product_c = np.where(filling, self.product_c + (air - self.product_c) * dt / 21_600, self.product_c)
        self.board.values[self.o_tt] = self.product_c
        self.water += 0.1 * dt / 86_400
        self.water = np.where(self.water > 26, 5.0, self.water)
        warming_c_h = 0.4 * (outdoor_c(at_s + 900) - outdoor_c(at_s - 900)) * 2
        failed = np.bincount(self.tank_of, weights=self.pump_failed, minlength=len(self.owner)) > 0
        drawn = tank_flow * np.where(failed, 0.02, 0.003)
        wanted = 0.3 + 0.05 * warming_c_h - drawn + np.where(filling, 0.8, 0.0)
        self.ullage += (np.clip(wanted, -2.0, 3.0) - self.ullage) * dt / 120
        self.board.values[self.o_pt] = self.ullage

    def _smell(self, at_s: int, dt: float, unloading: Flags) -> None:
        """Gas at the pit and at the manhole of the tank being filled: 2 to 10 %LEL while unloading."""
        gust = 2 + 8 * uniforms(self.keys, at_s // 120, 10)
        self.pit += (np.where(unloading, gust, 0.0) - self.pit) * dt / 45
        near = np.zeros(len(self.owner))
        near[self.target[unloading]] = 0.5 * gust[unloading]
        self.at_tank += (near - self.at_tank) * dt / 45
        self.board.values[self.o_pit] = self.pit
        self.board.values[self.o_manhole] = self.at_tank
