"""Faults of sensors and gateways (仪表故障), injected with labels so that detectors can be scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from quancheng.stream.simulator.physics import DAY_S, Floats
from quancheng.stream.simulator.signals import Block, Index, key_of, keys_of, uniforms
from quancheng.stream.simulator.tags import Tag

#: Kinds of faults with the detector that should find each.
DETECTORS = {
    "stuck": "flatline",
    "drift": "redundancy, saturation curve or mass balance",
    "bias": "redundancy",
    "spike": "spike filter",
    "noise": "ratio of variances",
    "dropout": "stale",
    "scale": "range, or step at a change of configuration",
    "clock": "latency monitor",
    "replay": "idempotency",
    "poisoned": "bump test, no response to unloading",
    "saturated": "out of range",
}
KINDS = tuple(DETECTORS)
#: How many messages a replaying gateway sends again.
_REPLAYED = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one tag: the label.

    :ivar until_ms: end, not included; None until mended.
    :ivar size: drift in spans a day; bias and spike in spans; noise as factor on sigma; scale as factor (10 or 0.1);
        clock in seconds ahead; spikes and replays happen ``per_day`` times.
    """

    code: str
    kind: str
    from_ms: int
    until_ms: int | None = None
    size: float = 0.0
    per_day: float = 2.0

    def __post_init__(self) -> None:
        if self.kind not in DETECTORS:
            raise ValueError(f"unknown fault: {self.kind!r}")
        if self.until_ms is not None and self.until_ms <= self.from_ms:
            raise ValueError("a fault ends after it began")

    @property
    def detector(self) -> str:
        return DETECTORS[self.kind]


@dataclass(frozen=True, slots=True)
class Sent:
    """What leaves the gateway: places of tags, times in ms, values, quality codes."""

    index: Index
    at_ms: np.ndarray
    values: Floats
    qualities: np.ndarray


class FaultBench:
    """The faults of a simulation, at most one for each tag."""

    def __init__(self, tags: Sequence[Tag], seed: int) -> None:
        self._place = {tag.code: place for place, tag in enumerate(tags)}
        self._scan = np.array([max(tag.spec.scan_s, 1) for tag in tags], dtype=np.float64)
        self._seed = seed
        self._row_of = np.full(len(tags), -1, dtype=np.intp)
        self.labels: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self.labels)

    def inject(self, faults: Iterable[Fault]) -> None:
        """Add faults. KeyError: no such tag. ValueError: the tag has one already."""
        for fault in faults:
            place = self._place[fault.code]
            if self._row_of[place] >= 0:
                raise ValueError(f"{fault.code} has a fault already")
            self._row_of[place] = len(self.labels)
            self.labels.append(fault)
        rows = len(self.labels)
        self._kind = np.array([KINDS.index(fault.kind) for fault in self.labels])
        self._from = np.array([fault.from_ms for fault in self.labels])
        self._until = np.array([fault.until_ms or np.iinfo(np.int64).max for fault in self.labels])
        self._size = np.array([fault.size for fault in self.labels])
        self._per_day = np.array([fault.per_day for fault in self.labels])
        self._keys = keys_of(self._seed, ("fault " + fault.code for fault in self.labels))
        self._held = self._grown("_held", (rows,))
        self._spike_left = np.nan_to_num(self._grown("_spike_left", (rows,)))
        self._spike = self._grown("_spike", (rows,))
        self._last_at = self._grown("_last_at", (rows, _REPLAYED))
        self._last = self._grown("_last", (rows, _REPLAYED))

    def _grown(self, name: str, shape: tuple[int, ...]) -> Floats:
        """An array of memory in its new length, what was remembered kept."""
        grown = np.full(shape, np.nan)
        old = getattr(self, name, None)
        if old is not None:
            grown[: len(old)] = old
        return grown

    def _hits(self, index: Index, at_s: int) -> tuple[Index, Index]:
        """Places within ``index`` that have a fault now, and its row."""
        rows = self._row_of[index]
        at_ms = at_s * 1000
        hit = np.flatnonzero(rows >= 0)
        rows = rows[hit]
        now = (self._from[rows] <= at_ms) & (at_ms < self._until[rows])
        return hit[now], rows[now]

    def on_the_wire(self, block: Block, at_s: int, values: Floats, noise: Floats) -> Floats:
        """What happens to the current of a transmitter before the gateway converts it."""
        hit, rows = self._hits(block.index, at_s)
        if not hit.size:
            return values
        values = values.copy()
        span = (block.high - block.low)[hit]
        kind, size, x = self._kind[rows], self._size[rows], values[hit]
        days = (at_s * 1000 - self._from[rows]) / (DAY_S * 1000)
        x = np.where(kind == KINDS.index("drift"), x + size * span * days, x)
        x = np.where(kind == KINDS.index("bias"), x + size * span, x)
        x = np.where(kind == KINDS.index("noise"), x + (size - 1) * noise[hit], x)
        x = np.where(kind == KINDS.index("poisoned"), 0.1 * x, x)
        x = np.where(kind == KINDS.index("saturated"), block.high[hit], x)
        spiky = kind == KINDS.index("spike")
        if spiky.any():
            x[spiky] += self._spikes(rows[spiky], at_s, self._scan[block.index[hit[spiky]]]) * span[spiky]
        values[hit] = x
        return values

    def _spikes(self, rows: Index, at_s: int, scan_s: Floats) -> Floats:
        """Spikes in spans: one to three samples long, as often as their rate says."""
        keys = self._keys[rows]
        begins = (self._spike_left[rows] <= 0) & (uniforms(keys, at_s, 1) < self._per_day[rows] * scan_s / DAY_S)
        length = 1 + np.floor(3 * uniforms(keys, at_s, 2))
        sign = np.where(uniforms(keys, at_s, 3) < 0.5, -1.0, 1.0)
        left = np.where(begins, length, self._spike_left[rows])
        self._spike[rows] = np.where(begins, sign * self._size[rows], self._spike[rows])
        height = np.where(left > 0, self._spike[rows], 0.0)
        self._spike_left[rows] = np.maximum(left - 1, 0)
        return height

    def at_the_gateway(self, index: Index, at_s: int, values: Floats, qualities: np.ndarray) -> Sent:
        """What happens to converted values: frozen, lost, scaled, late or sent again."""
        at_ms = np.full(len(index), at_s * 1000, dtype=np.int64)
        hit, rows = self._hits(index, at_s)
        if not hit.size:
            return Sent(index, at_ms, values, qualities)
        values = values.copy()
        kind = self._kind[rows]
        stuck = kind == KINDS.index("stuck")
        fresh = stuck & np.isnan(self._held[rows])
        self._held[rows[fresh]] = values[hit[fresh]]
        values[hit[stuck]] = self._held[rows[stuck]]
        scaled = kind == KINDS.index("scale")
        values[hit[scaled]] *= self._size[rows[scaled]]
        skewed = kind == KINDS.index("clock")
        at_ms[hit[skewed]] += (self._size[rows[skewed]] * 1000).astype(np.int64)
        keep = np.ones(len(index), dtype=bool)
        keep[hit[kind == KINDS.index("dropout")]] = False
        sent = Sent(index[keep], at_ms[keep], values[keep], qualities[keep])
        replaying = kind == KINDS.index("replay")
        if not replaying.any():
            return sent
        return self._replay(sent, index[hit[replaying]], rows[replaying], at_s, values[hit[replaying]])

    def _replay(self, sent: Sent, places: Index, rows: Index, at_s: int, values: Floats) -> Sent:
        """Now and then the last messages come once more, newest first, behind the new one."""
        self._last[rows] = np.roll(self._last[rows], 1, axis=1)
        self._last_at[rows] = np.roll(self._last_at[rows], 1, axis=1)
        self._last[rows, 0], self._last_at[rows, 0] = values, at_s * 1000
        again = uniforms(self._keys[rows], at_s, 4) < self._per_day[rows] * self._scan[places] / DAY_S
        old_at, old = self._last_at[rows[again]], self._last[rows[again]]
        known = ~np.isnan(old_at)
        many = np.repeat(places[again], known.sum(axis=1))
        return Sent(
            np.concatenate([sent.index, many]),
            np.concatenate([sent.at_ms, old_at[known].astype(np.int64)]),
            np.concatenate([sent.values, old[known]]),
            np.concatenate([sent.qualities, np.full(len(many), 192, dtype=np.uint16)]),
        )


#: Least and greatest duration in seconds and size of each kind when drawn; None lasts until mended.
_DRAWN: dict[str, tuple[tuple[float, float] | None, tuple[float, float]]] = {
    "stuck": ((1_800, 259_200), (0, 0)),
    "drift": ((172_800, 864_000), (0.005, 0.05)),
    "bias": (None, (0.02, 0.10)),
    "spike": ((86_400, 604_800), (0.10, 0.60)),
    "noise": ((600, 21_600), (5, 20)),
    "dropout": ((60, 86_400), (0, 0)),
    "scale": (None, (0.1, 10)),
    "clock": ((3_600, 86_400), (120, 28_800)),
    "replay": ((3_600, 86_400), (0, 0)),
    "poisoned": (None, (0, 0)),
    "saturated": ((1_800, 86_400), (0, 0)),
}


def draw_faults(tags: Sequence[Tag], *, seed: int, from_ms: int, until_ms: int, share: float) -> list[Fault]:
    """Faults for a share of the measured tags, begun evenly between two times; same seed, same faults.

    Poisoned beads fall on detectors of flammable gas only, contacts and happenings are spared.
    """
    found = []
    for tag in tags:
        if tag.spec.mode != "periodic":
            continue
        keys = np.array([key_of(seed, "draw", tag.code)], dtype=np.uint64)
        u = [float(uniforms(keys, 0, salt)[0]) for salt in range(6)]
        if u[0] >= share:
            continue
        kinds = [kind for kind in KINDS if kind != "poisoned" or tag.spec.unit == "%LEL"]
        kind = kinds[int(u[1] * len(kinds))]
        lasts, (least, most) = _DRAWN[kind]
        begins = from_ms + int(u[2] * (until_ms - from_ms)) // 1000 * 1000
        size = least + u[3] * (most - least)
        if kind == "scale":
            size = 10.0 if u[3] < 0.5 else 0.1
        elif kind in ("bias", "drift"):
            size *= -1 if u[4] < 0.5 else 1
        ends = None
        if lasts is not None:
            ends = begins + int(lasts[0] * (lasts[1] / lasts[0]) ** u[5]) * 1000
        per_day = 0.5 + 4.5 * u[4] if kind == "spike" else 96.0
        found.append(Fault(tag.code, kind, begins, ends, size, per_day))
    return found
