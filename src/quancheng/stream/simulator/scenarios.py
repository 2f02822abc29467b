"""The library of scenarios (情景库) SC01 to SC15, SC19, SC20: what happens at a site, and what
a platform has to make of it.

Each is data: acts and faults with times counted from its start, and expected alarms with the minutes within which they
are due, so that a test can replay it at any speed. SC16 to SC18 (thunderstorm, bearing wear, crowding) need
electric fields, vibration and positions and are not here; SC19 and SC20 are our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from quancheng.standards.wording import Text
from quancheng.stream.simulator.faults import Fault
from quancheng.stream.simulator.fleet import Facility
from quancheng.stream.simulator.petrol import TANK
from quancheng.stream.simulator.site import Outage, Push, Simulation, Turn
from quancheng.stream.simulator.valve_station import WAVE_M_S

#: A week: longer than anybody watches.
_END_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Reaction:
    """An alarm that is due, or must not come.

    :ivar tag: code without the site.
    :ivar alarm: type: HH, H, L, LL, ROC, BOOL, STALE, FLAT, DEV, DISC; or ``any`` where none may come.
    :ivar from_min, to_min: within which minutes after the start it is raised, delays included.
    """

    tag: str
    alarm: str
    from_min: float
    to_min: float
    is_forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the platform makes of the alarms, as a word, and by which minute."""

    what: str
    by_min: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    :ivar facilities: what its site must have at least.
    :ivar lasts_min: until when to watch.
    :ivar acts, faults: their times are ms from the start, sites empty, codes without the site.
    :ivar starts_at_h: local hour at which it makes sense; None for any.
    """

    code: str
    name: Text
    facilities: tuple[Facility, ...]
    lasts_min: float
    acts: tuple[Turn | Push | Outage, ...] = ()
    faults: tuple[Fault, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    starts_at_h: int | None = None

    def tags(self) -> set[str]:
        """Codes, without the site, of the tags that it touches or is watched by."""
        touched = {act.code for act in self.acts if isinstance(act, Push)} | {fault.code for fault in self.faults}
        return touched | {one.tag for one in self.reactions}

    def play(self, simulation: Simulation, *, site: str, at_ms: int) -> None:
        """Enter it into a simulation, to begin at a time. KeyError: the site lacks what it needs."""
        simulation.schedule(*self._acts_of(site, at_ms))
        simulation.inject(
            *(
                replace(
                    fault,
                    code=f"{site}.{fault.code}",
                    from_ms=at_ms + fault.from_ms,
                    until_ms=None if fault.until_ms is None else at_ms + fault.until_ms,
                )
                for fault in self.faults
            )
        )

    def _acts_of(self, site: str, at_ms: int) -> Iterator[Turn | Push | Outage]:
        for act in self.acts:
            if isinstance(act, Turn):
                yield replace(act, site=site, at_ms=at_ms + act.at_ms)
            elif isinstance(act, Push):
                code = f"{site}.{act.code}"
                yield replace(act, code=code, from_ms=at_ms + act.from_ms, until_ms=at_ms + act.until_ms)
            else:
                yield replace(act, site=site, from_ms=at_ms + act.from_ms, until_ms=at_ms + act.until_ms)


def _turn(minute: float, kind: str, knob: str, value: float, number: int = 1, area: str = "") -> Turn:
    return Turn(round(minute * 60_000), "", kind, knob, value, number, area)


def _push(minute: float, code: str, kind: str, size: float, *, until: float, period_s: int = 8) -> Push:
    return Push(code, kind, round(minute * 60_000), round(until * 60_000), size, period_s)


_PETROL = Facility("petrol", units=2, points=4)
_FLOODED = Facility("petrol", units=6, points=6)
#: Distance of the two valve stations and of the break from the first, in m.
LINE_M, BREAK_M = 20_000.0, 7_000.0


def _power_dip() -> Iterator[Push]:
    """Transmitters that come back with false values after a dip, one every seven seconds."""
    false: list[tuple[str, float]] = []
    for k in range(1, 7):
        false += [
            (f"TANK{k}.PT{k}01.PV", 3.2), (f"GDS.AT2{k:02d}.PV", 60.0), (f"TANK{k}.WT{k}01.PV", 60.0),
            (f"TANK{k}.LD{k}01.X", 1.0), (f"TANK{k}.LT{k}01.PV", 2300.0), (f"TANK{k}.TT{k}01.PV", 41.0),
        ]  # fmt: skip
    false += [("GDS.AT200.PV", 60.0), ("VR.PT1.PV", 260.0), ("VRU.AT1.PV", 26.0), ("PIPE.PLD1.X", 1.0)]
    yield _push(0, "UPS.UPS1.X", "hold", 1.0, until=20)
    for place, (code, value) in enumerate(false):
        yield _push((place + 2) * 0.1, code, "hold", value, until=20)


SCENARIOS = (
    Scenario(
        "SC01", Text("卸油冒罐", "Overfill at a petrol station"), (_PETROL,), 10,
        acts=(
            _turn(0, "petrol", "is_closed", 1),
            _turn(0, "petrol", "volume_m3", float(TANK.volume_m3(1900))),
            _turn(0, "petrol", "deliver_m3", 15),
        ),
        reactions=(
            Reaction("TANK1.LT101.PV", "H", 2.8, 3.8),
            Reaction("TANK1.LT101.PV", "HH", 4.3, 5.3),
        ),
        outcomes=(Outcome("warning.orange", 5.5), Outcome("event.overfill_valve_closed", 5.5)),
    ),
    Scenario(
        "SC02", Text("未接地卸油", "Unloading without ground"), (_PETROL,), 5,
        acts=(
            _turn(0, "petrol", "is_unclipped", 1),
            _turn(0, "petrol", "volume_m3", float(TANK.volume_m3(900))),
            _turn(0, "petrol", "deliver_m3", 8),
        ),
        reactions=(Reaction("UNL.GND1.X", "BOOL", 0, 0.2),),
        outcomes=(Outcome("incident.fused", 1),),
    ),
    Scenario(
        "SC03", Text("人孔井泄漏", "Leak at a manhole"), (_PETROL,), 40,
        acts=(
            _push(0, "GDS.AT201.PV", "hold", 2, until=40),
            _push(0, "GDS.AT201.PV", "ramp", 1.5, until=40),
            _push(20, "GDS.AT202.PV", "hold", 2, until=40),
            _push(20, "GDS.AT202.PV", "ramp", 2, until=40),
        ),
        reactions=(
            Reaction("GDS.AT201.PV", "H", 14.5, 16.5),
            Reaction("GDS.AT201.PV", "HH", 31, 33.5),
            Reaction("GDS.AT202.PV", "H", 30.5, 33),
        ),
        outcomes=(Outcome("warning.yellow", 17), Outcome("warning.orange", 34), Outcome("warning.red", 34)),
    ),
    Scenario(
        "SC04", Text("双层罐夹层泄漏", "Leak of a double wall"), (_PETROL,), 1500,
        acts=(_turn(0, "petrol", "interstitial", 1),),
        reactions=(Reaction("TANK1.LD101.X", "BOOL", 0.1, 1),),
        outcomes=(Outcome("hidden_danger", 1445),),
    ),
    Scenario(
        "SC05", Text("液氯阀门泄漏", "Leak of a chlorine valve"), (Facility("chlorine", units=2, points=3),), 5,
        acts=(_turn(0, "chlorine", "leak_kg_s", 0.1),),
        reactions=(Reaction("GDS.AT101.PV", "HH", 0, 0.6), Reaction("GDS.AT102.PV", "HH", 0, 1)),
        outcomes=(Outcome("index.90", 1), Outcome("emergency.footprint", 1)),
    ),
    Scenario(
        "SC06", Text("氨压缩机轴封泄漏", "Leak of an ammonia compressor's seal"),
        (Facility("ammonia", units=2, points=3),), 25,
        acts=(_turn(0, "ammonia", "slope_mg_m3_min", 2),),
        reactions=(Reaction("GDS.AT101.PV", "H", 9, 11.5), Reaction("GDS.AT101.PV", "HH", 19, 22)),
    ),
    Scenario(
        "SC07", Text("球罐日晒升温（喷淋有效）", "A sphere in the sun, spray works"),
        (Facility("spheres", units=2),), 180,
        acts=(_turn(0, "spheres", "temperature_c", 33), _turn(0, "spheres", "sun_k_h", 2)),
        reactions=(
            Reaction("TANK1.TT101.PV", "any", 0, 180, is_forbidden=True),
            Reaction("TANK1.PT101.PV", "any", 0, 180, is_forbidden=True),
        ),
        starts_at_h=11,
    ),
    Scenario(
        "SC07F", Text("球罐日晒升温（喷淋失效）", "A sphere in the sun, spray fails"),
        (Facility("spheres", units=2),), 180,
        acts=(
            _turn(0, "spheres", "spray_failed", 1),
            _turn(0, "spheres", "temperature_c", 33),
            _turn(0, "spheres", "sun_k_h", 2),
        ),
        reactions=(Reaction("TANK1.TT101.PV", "H", 145, 165),),
        starts_at_h=11,
    ),
    Scenario(
        "SC08", Text("浮顶罐密封圈火灾", "Fire at a rim seal"), (Facility("floating_roofs", units=2),), 10,
        acts=(_turn(0, "floating_roofs", "fire_k_min", 15),),
        reactions=(Reaction("TANK1.TT111.PV", "ROC", 0, 2), Reaction("TANK1.TT111.PV", "H", 1.5, 6.5)),
        outcomes=(Outcome("warning.red", 2),),
    ),
    Scenario(
        "SC09", Text("仓库物料自热", "Self-heating in a warehouse"), (Facility("warehouse", units=2),), 2400,
        acts=(_turn(0, "warehouse", "selfheat_k_h", 0.3),),
        reactions=(Reaction("ROOM1.TT101.PV", "ROC", 0, 1900), Reaction("ROOM1.TT102.PV", "H", 2000, 2400)),
        outcomes=(Outcome("warning.yellow", 1900),),
    ),
    Scenario(
        "SC10", Text("反应失控", "Runaway of a reactor"), (Facility("batch_reactors", units=1),), 80,
        acts=(_turn(0, "batch_reactors", "restart", 1), _turn(30, "batch_reactors", "pump_tripped", 1)),
        reactions=(
            Reaction("CW1.FI101.PV", "LL", 30, 31),
            Reaction("R1.TT101.DTDT", "H", 33, 36.5),
            Reaction("R1.TT101.PV", "HH", 38, 40.5),
            Reaction("R1.TT101.DTDT", "HH", 43, 47),
        ),
        outcomes=(Outcome("warning.red", 40),),
    ),
    Scenario(
        "SC11", Text("管道破裂", "Break of a pipeline"),
        (Facility("valve_station", area="A"), Facility("valve_station", area="B")), 10,
        acts=(
            _turn(BREAK_M / WAVE_M_S / 60, "valve_station", "break_kpa_min", 300, area="A"),
            _turn((LINE_M - BREAK_M) / WAVE_M_S / 60, "valve_station", "break_kpa_min", 300, area="B"),
        ),
        reactions=(
            Reaction("ALINE.PI1.DPDT", "L", 2, 3.2),
            Reaction("BLINE.PI1.DPDT", "L", 2, 3.2),
        ),
        outcomes=(Outcome("location.within_1_km", 5),),
    ),
    Scenario(
        "SC12", Text("网关中断六小时后补传", "Gateway cut off for six hours"), (_PETROL,), 440,
        acts=(Outage("", 0, 360 * 60_000),),
        reactions=(
            Reaction("TANK1.LT101.PV", "STALE", 1, 5),
            Reaction("TANK1.LT101.PV", "HH", 0, 440, is_forbidden=True),
        ),
        outcomes=(Outcome("index.data_factor", 10), Outcome("history.complete", 440)),
    ),
    Scenario(
        "SC13", Text("探测器抖动", "Chattering detector"), (_PETROL,), 20,
        acts=(
            _push(0, "GDS.AT201.PV", "hold", 25, until=20),
            _push(0, "GDS.AT201.PV", "beat", 3, until=20, period_s=16),
        ),
        reactions=(Reaction("GDS.AT201.PV", "H", 0, 1.5),),
        outcomes=(Outcome("proposal.chatter", 2), Outcome("occurrences.at_most_1", 20)),
    ),
    Scenario(
        "SC14", Text("电压暂降后报警泛滥", "Flood of alarms after a power dip"), (_FLOODED,), 20,
        acts=tuple(_power_dip()),
        reactions=(Reaction("UPS.UPS1.X", "BOOL", 0, 0.3),),
        outcomes=(Outcome("flood", 6), Outcome("first_out.UPS.UPS1.X", 6)),
    ),
    Scenario(
        "SC15", Text("液位计卡滞", "Stuck level while sales go on"), (_PETROL,), 70,
        faults=(Fault("TANK1.LT101.PV", "stuck", 0, _END_MS),),
        reactions=(Reaction("TANK1.LT101.PV", "FLAT", 0, 60),),
        starts_at_h=8,
    ),
    Scenario(
        "SC19", Text("两套液位计偏差", "Two level gauges disagree"), (Facility("spheres", units=2),), 6,
        faults=(Fault("TANK1.LT102.PV", "bias", 60_000, _END_MS, size=0.03),),
        reactions=(
            Reaction("TANK1.LT102.PV", "DEV", 1, 2),
            Reaction("TANK2.LT202.PV", "DEV", 0, 6, is_forbidden=True),
        ),
    ),
    Scenario(
        "SC20", Text("根部阀拒动", "A root valve does not follow"), (Facility("spheres", units=2),), 6,
        acts=(
            _turn(0, "spheres", "transfer", 0), _turn(0, "spheres", "transfer", 0, 2),
            _turn(2, "spheres", "valve_stuck", 1),
            _turn(2, "spheres", "transfer", 5), _turn(2, "spheres", "transfer", 5, 2),
        ),
        reactions=(
            Reaction("TANK1.XV101.ZS", "DISC", 2.4, 2.8),
            # The other valve is told the same, and travels in time.
            Reaction("TANK2.XV201.ZS", "DISC", 0, 6, is_forbidden=True),
        ),
    ),
)  # fmt: skip
BY_CODE = {scenario.code: scenario for scenario in SCENARIOS}
