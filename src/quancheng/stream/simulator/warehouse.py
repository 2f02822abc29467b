"""Warehouse (仓库): climate of each room, gas, smoke, oxygen, doors, fans and what is stored.

``units`` are rooms; ``points`` is not used beyond one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.standards.wording import Text
from quancheng.stream.simulator.fleet import Board, Fleet, Member
from quancheng.stream.simulator.physics import daily, hour_of_day, yearly
from quancheng.stream.simulator.signals import key_of, uniforms
from quancheng.stream.simulator.tags import Limit, TagSpec, Wave, limits, switch

#: What every simulated room is permitted to hold, in tonnes.
PERMITTED_T = 100.0

T = TagSpec(
    "warehouse.T", Text("库房温度", "Room temperature"), "Cel", (-20, 60), 120, limits(None, 0, 30, 35), 60, 60, 0.5,
    wave=Wave(sigma=0.1, tau_s=600),
)  # fmt: skip
RH = TagSpec(
    "warehouse.RH", Text("库房湿度", "Room humidity"), "%RH", (0, 100), 120, limits(None, 20, 80, 85), 60, 60, 2,
    wave=Wave(sigma=0.8, tau_s=600, floor=0),
)  # fmt: skip
VOC = TagSpec(
    "warehouse.VOC", Text("挥发性有机物", "VOC by PID"), "ppm", (0, 200), 30, limits(None, None, 50, 100), 5, 60, 4,
    wave=Wave(sigma=0.4, floor=0),
)  # fmt: skip
LEL = TagSpec(
    "warehouse.LEL", Text("可燃气体浓度", "Flammable gas"), "%LEL", (0, 100), 5, limits(None, None, 25, 50, "H2 HH1"),
    5, 60, 2, wave=Wave(base=0.6, sigma=0.4, floor=0), is_safety_critical=True,
)  # fmt: skip
SMK = TagSpec(
    "warehouse.SMK", Text("烟雾减光率", "Smoke obscuration"), "%/m", (0, 20), 10, limits(None, None, 3, 6, "H2 HH1"),
    5, 60, 0.5, wave=Wave(base=0.2, sigma=0.05, resolution=0.01, floor=0), is_safety_critical=True,
)  # fmt: skip
SMK_X = switch("warehouse.SMK_X", Text("感烟探测", "Smoke detector"), priority=1, off_delay_s=60)
HEAT = TagSpec(
    "warehouse.HEAT", Text("感温探测", "Heat detector"), "Cel", (-20, 150), 10,
    (*limits(None, None, 60, None, "H1"), Limit("ROC", 8, 1)), 5, 60, 2, wave=Wave(sigma=0.2), is_safety_critical=True,
)  # fmt: skip
O2 = TagSpec(
    "warehouse.O2", Text("氧气浓度", "Oxygen"), "%vol", (0, 30), 10, limits(None, 19.5, 23.5, None, "L1 H1"), 5, 60,
    0.2, wave=Wave(base=20.9, sigma=0.05, resolution=0.01), is_safety_critical=True,
)  # fmt: skip
WATER = switch("warehouse.WATER", Text("地面积水", "Water on the floor"), on_delay_s=10, off_delay_s=60)
DOOR = switch("warehouse.DOOR", Text("库门开启", "Door open"), priority=4, on_delay_s=1800)
FAN = switch("warehouse.FAN", Text("排风机运行", "Fan runs"), alarm_at=None)
FAN_C = switch("warehouse.FAN_C", Text("排风机启动命令", "Fan commanded"), alarm_at=None)
AC = TagSpec(
    "warehouse.AC", Text("空调状态与命令不符", "Air conditioning differs from command"), "bool", (0, 1), 30,
    (Limit("DISC", 30, 3),), mode="change", wave=Wave(resolution=1),
)  # fmt: skip
INV = TagSpec(
    "warehouse.INV", Text("申报储存量", "Declared stock"), "t", (0, 200), 3600,
    limits(None, None, 0.8 * PERMITTED_T, PERMITTED_T, "HH1"), mode="change", wave=Wave(resolution=0.1),
)  # fmt: skip
SPECS = (T, RH, VOC, LEL, SMK, SMK_X, HEAT, O2, WATER, DOOR, FAN, FAN_C, AC, INV)


class Warehouses(Fleet):
    """Warehouses, 10 s at a time. Knobs per room.

    ``selfheat_k_h``: what is stored begins to heat itself at this rate, and faster by a factor e with each 12 K;
    ``warmed_k``, ``gas_lel``, ``oxygen`` (added, %vol), ``smoke``, ``water``, ``fan_failed``, ``door_open``.
    """

    tick_s = 10

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        super().__init__(board, members)
        knob = self._knob
        self.selfheat, self.warmed = knob("selfheat_k_h", "unit"), knob("warmed_k", "unit")
        self.gas, self.oxygen = knob("gas_lel", "unit"), knob("oxygen", "unit")
        self.smoke, self.water = knob("smoke", "unit"), knob("water", "unit")
        self.fan_failed, self.door_open = knob("fan_failed", "unit"), knob("door_open", "unit")
        each = self._each
        self.o_t = each(T, "unit", "ROOM{k}", "TT{k}01")
        self.o_rh = each(RH, "unit", "ROOM{k}", "MT{k}01")
        self.o_voc = each(VOC, "unit", "ROOM{k}", "AT{k}01")
        self.o_lel = each(LEL, "unit", "ROOM{k}", "AT{k}02")
        self.o_o2 = each(O2, "unit", "ROOM{k}", "AT{k}03")
        self.o_smk = each(SMK, "unit", "ROOM{k}", "SMK{k}01")
        self.o_smk_x = each(SMK_X, "unit", "ROOM{k}", "SMK{k}01", "X")
        self.o_heat = each(HEAT, "unit", "ROOM{k}", "TT{k}02")
        self.o_water = each(WATER, "unit", "ROOM{k}", "WATER{k}", "X")
        self.o_door = each(DOOR, "unit", "ROOM{k}", "DOOR{k}", "X")
        self.o_fan = each(FAN, "unit", "ROOM{k}", "FAN{k}", "X")
        self.o_fan_c = each(FAN_C, "unit", "ROOM{k}", "FAN{k}", "C")
        self.o_ac = each(AC, "unit", "ROOM{k}", "AC{k}", "X")
        self.o_inv = each(INV, "unit", "ROOM{k}", "INV{k}")
        self.hot_k = np.zeros(len(self.owner))
        self.base_voc = self._draw(self.unit_keys, 1, 5, 1)
        self.own_k = self._draw(self.unit_keys, -1.5, 1.5, 2)
        self.stock_t = self._draw(self.unit_keys, 0.35, 0.75, 3) * PERMITTED_T

    def advance(self, at_s: int) -> None:
        dt, values = float(self.tick_s), self.board.values
        growth = self.selfheat * np.exp(self.hot_k / 12)
        self.hot_k = np.where(self.selfheat > 0, np.minimum(self.hot_k + growth * dt / 3600, 400), 0.0)
        # Half the swing of the air outside, three hours later.
        room_c = 15 + 9 * yearly(at_s, 205) + 2.5 * daily(at_s, 18) + self.own_k + self.hot_k + self.warmed
        values[self.o_t] = room_c
        values[self.o_heat] = room_c
        values[self.o_rh] = np.clip(58 - 1.8 * (room_c - 15 - 9 * yearly(at_s, 205)), 5, 98)
        by_day = 8 <= hour_of_day(at_s) < 18
        handled = by_day * (uniforms(self.unit_keys, at_s // 1200, 4) < 0.15)
        values[self.o_voc] = self.base_voc * (1 + 0.15 * np.minimum(self.hot_k, 60)) + 15 * handled
        values[self.o_lel] = self.gas
        values[self.o_o2] = self.oxygen
        values[self.o_smk] = 8.0 * self.smoke
        values[self.o_smk_x] = self.smoke
        rains = uniforms(np.array([key_of(0, "rain")], dtype=np.uint64), at_s // 10_800)[0] < 0.05
        leaky = uniforms(self.unit_keys, 0, 5) < 0.02
        values[self.o_water] = (leaky & rains) | (self.water > 0)
        values[self.o_door] = handled | (self.door_open > 0)
        wanted = (at_s % 7200 < 1200) | (self.gas > 10)
        values[self.o_fan_c] = wanted
        values[self.o_fan] = wanted & (self.fan_failed == 0)
        values[self.o_ac] = self.fan_failed
        if at_s % 3600 < dt:
            move = 3 * (uniforms(self.unit_keys, at_s // 3600, 6) - 0.5) * by_day
            self.stock_t = np.clip(self.stock_t + move, 20, 0.79 * PERMITTED_T)
        values[self.o_inv] = np.rint(self.stock_t * 10) / 10
