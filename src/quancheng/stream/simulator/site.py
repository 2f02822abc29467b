"""Sites in motion: all facilities moved on second by second, all tags sampled at their scans.

What comes out depends on the seed, the code of the site and the time of the start, and on nothing else: neither on the
size of the steps nor on which other sites run along.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quancheng.stream.simulator.families import FAMILIES
from quancheng.stream.simulator.faults import Fault, FaultBench
from quancheng.stream.simulator.fleet import Board, Facility, Fleet, member_of
from quancheng.stream.simulator.physics import Floats
from quancheng.stream.simulator.signals import Block, Index, key_of, keys_of
from quancheng.stream.simulator.tags import Tag, TagSpec

#: Quality codes (质量码): good, and beyond the span of the instrument but within 3 % of it.
GOOD, EU_EXCEEDED = 192, 84
#: Seconds over which the gateways of a district are spread, so that not all send at once.
_SPREAD_S = 60
#: How much faster than real time a gateway hands on what it kept.
_BACKFILL = 5


class Sample(NamedTuple):
    """One value of one tag; ``at_ms`` is its time of the epoch in ms (UTC), as the gateway's clock has it."""

    code: str
    at_ms: int
    value: float
    quality: int
    is_history: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples as columns, in the order in which they arrive.

    ``index`` points into the codes of the simulation; ``is_history`` marks what a gateway kept and sends later.
    """

    index: Index
    at_ms: NDArray[np.int64]
    value: Floats
    quality: NDArray[np.uint16]
    is_history: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def joined(cls, parts: Sequence[Batch]) -> Batch:
        if not parts:
            return _EMPTY
        return cls(
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.at_ms for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.quality for part in parts]),
            np.concatenate([part.is_history for part in parts]),
        )

    def chosen(self, which: NDArray[np.bool_]) -> Batch:
        return Batch(
            self.index[which], self.at_ms[which], self.value[which], self.quality[which], self.is_history[which]
        )


_EMPTY = Batch(
    np.zeros(0, np.intp), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint16), np.zeros(0, np.bool_)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SitePlan:
    """A site (企业/场所) to be simulated: its code (capitals and digits), its kind, its facilities."""

    code: str
    kind: str
    facilities: tuple[Facility, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn a knob of a facility at a time; ``number`` of the unit or point, from 1."""

    at_ms: int
    site: str
    kind: str
    knob: str
    value: float
    number: int = 1
    area: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """Move one tag for a while, whatever its process does.

    ``hold`` replaces the signal, ``ramp`` adds ``size`` per minute, ``beat`` adds and takes away ``size`` in turns of
    ``period_s``. Several may act on a tag: those that add, add to what is held.
    """

    code: str
    kind: str
    from_ms: int
    until_ms: int
    size: float
    period_s: int = 8

    def __post_init__(self) -> None:
        if self.kind not in ("hold", "ramp", "beat"):
            raise ValueError(f"unknown push: {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Outage:
    """The gateway of a site cannot send; it keeps its samples and sends them afterwards, oldest first."""

    site: str
    from_ms: int
    until_ms: int


class Simulation:
    """Sites that run together.

    :param start_ms: time of the first samples; whole seconds.
    :param scan_s: scan of every measured tag, instead of its own; for tests of load.
    """

    def __init__(self, sites: Sequence[SitePlan], *, seed: int, start_ms: int, scan_s: int | None = None) -> None:
        if start_ms % 1000:
            raise ValueError("a simulation starts at a whole second")
        self._board = Board()
        self._fleets: list[Fleet] = []
        self._member: dict[tuple[str, str, str], tuple[Fleet, int]] = {}
        for kind, family in FAMILIES.items():
            members = [
                member_of(site.code, facility, seed)
                for site in sites
                for facility in site.facilities
                if facility.kind == kind
            ]
            if members:
                fleet = family(self._board, members)
                self._fleets.append(fleet)
                for place, member in enumerate(members):
                    self._member[member.site, kind, member.facility.area] = (fleet, place)
        self._board.close()
        self.tags: tuple[Tag, ...] = tuple(_rescanned(self._board.tags, scan_s) if scan_s else self._board.tags)
        self.codes: list[str] = [tag.code for tag in self.tags]
        self._resolution = np.array([tag.spec.wave.resolution for tag in self.tags])
        self._place = {code: place for place, code in enumerate(self.codes)}
        self._site_names = sorted({site.code for site in sites})
        number = {name: at for at, name in enumerate(self._site_names)}
        self._site_of = np.array([number[name] for name in self._board.sites], dtype=np.intp)
        self._next_s = start_ms // 1000
        self._start_s = self._next_s
        self._arrange(seed)
        self._faults = FaultBench(self.tags, seed)
        self._turns: list[tuple[int, int, Turn]] = []
        self._order = count()
        self._pushes: list[Push] = []
        self._outages: list[tuple[Outage, deque[Batch]]] = []

    def _arrange(self, seed: int) -> None:
        """Sort tags by when they are sampled: measured ones by scan and phase, contacts together."""
        phase_of_site = np.array([key_of(seed, "phase", name) % _SPREAD_S for name in self._site_names], dtype=np.intp)
        keys = keys_of(seed, self.codes)
        groups: dict[tuple[int, int], list[int]] = {}
        contacts: list[int] = []
        beats: dict[tuple[int, int], list[int]] = {}
        for place, tag in enumerate(self.tags):
            scan, mode = tag.spec.scan_s, tag.spec.mode
            slot = (scan, int(phase_of_site[self._site_of[place]]) % scan) if scan else (0, 0)
            if mode in ("periodic", "manual"):
                groups.setdefault(slot, []).append(place)
            elif mode == "change":
                beats.setdefault(slot, []).append(len(contacts))
                contacts.append(place)
        self._blocks = {slot: self._block(places, keys) for slot, places in groups.items()}
        self._scans = sorted({scan for scan, _ in self._blocks})
        self._contacts = self._block(contacts, keys)
        self._beats = {slot: np.array(places, dtype=np.intp) for slot, places in beats.items()}
        self._beat_scans = sorted({scan for scan, _ in beats})
        self._last_contact = np.full(len(contacts), np.nan)

    def _block(self, places: list[int], keys: NDArray[np.uint64]) -> Block:
        index = np.array(places, dtype=np.intp)
        return Block(index, [self.tags[place].spec for place in places], keys[index])

    @property
    def labels(self) -> tuple[Fault, ...]:
        """The faults injected, whether begun or not."""
        return tuple(self._faults.labels)

    def inject(self, *faults: Fault) -> None:
        """Give sensors faults. KeyError: no such tag. ValueError: a tag has one already."""
        self._faults.inject(faults)

    def schedule(self, *acts: Turn | Push | Outage) -> None:
        """Enter process events. KeyError: no such tag, facility or knob. ValueError: in the past."""
        for act in acts:
            if (act.at_ms if isinstance(act, Turn) else act.from_ms) < self._next_s * 1000:
                raise ValueError("what has been simulated does not change any more")
            if isinstance(act, Turn):
                fleet, _ = self._member[act.site, act.kind, act.area]
                if act.knob not in fleet.knobs:
                    raise KeyError(act.knob)
                heapq.heappush(self._turns, (act.at_ms, next(self._order), act))
            elif isinstance(act, Push):
                if act.code not in self._place:
                    raise KeyError(act.code)
                self._pushes.append(act)
            else:
                if act.site not in self._site_names:
                    raise KeyError(act.site)
                self._outages.append((act, deque()))

    def step(self, until_ms: int) -> Batch:
        """Everything that arrives up to and including a time, as columns."""
        return Batch.joined(list(self.seconds(until_ms)))

    def samples(self, until_ms: int) -> Iterator[Sample]:
        """The same one by one; for tests and small sites."""
        for batch in self.seconds(until_ms):
            columns = (batch.index, batch.at_ms, batch.value, batch.quality, batch.is_history)
            for place, at_ms, value, quality, old in zip(*(column.tolist() for column in columns), strict=True):
                yield Sample(self.codes[place], at_ms, value, quality, old)

    def seconds(self, until_ms: int) -> Iterator[Batch]:
        """The same second by second, those without samples left out."""
        while self._next_s * 1000 <= until_ms:
            at_s = self._next_s
            self._next_s += 1
            if self._is_idle(at_s):
                continue
            batch = self._second(at_s)
            if self._outages:
                batch = self._withhold(batch, at_s)
            if len(batch):
                yield batch

    def _second(self, at_s: int) -> Batch:
        while self._turns and self._turns[0][0] <= at_s * 1000:
            act = heapq.heappop(self._turns)[2]
            fleet, member = self._member[act.site, act.kind, act.area]
            fleet.turn(member, act.knob, act.number, act.value)
        self._board.fired.clear()
        for fleet in self._fleets:
            if at_s % fleet.tick_s == 0 or at_s == self._start_s:
                fleet.advance(at_s)
        pushed = self._pushed(at_s) if self._pushes else None
        parts = [self._measured(block, at_s, pushed) for block in self._due(at_s)]
        parts.append(self._changed(at_s, pushed))
        for index, values in self._board.fired:
            steps = 1 / self._resolution[index]
            parts.append(self._sent(index, at_s, np.rint(values * steps) / steps, None))
        return Batch.joined(parts)

    def _is_idle(self, at_s: int) -> bool:
        """Whether nothing can happen in this second; most are so in a small site."""
        return not (
            self._pushes
            or self._outages
            or at_s == self._start_s
            or (self._turns and self._turns[0][0] <= at_s * 1000)
            or any(at_s % fleet.tick_s == 0 for fleet in self._fleets)
            or any((scan, at_s % scan) in self._blocks for scan in self._scans)
            or any((scan, at_s % scan) in self._beats for scan in self._beat_scans)
        )

    def _due(self, at_s: int) -> Iterator[Block]:
        for scan in self._scans:
            block = self._blocks.get((scan, at_s % scan))
            if block is not None:
                yield block

    def _pushed(self, at_s: int) -> tuple[Floats, Floats]:
        """What is held and what is added to each tag in this second."""
        at_ms = at_s * 1000
        self._pushes = [push for push in self._pushes if at_ms < push.until_ms]
        held, added = np.full(len(self.tags), np.nan), np.zeros(len(self.tags))
        for push in self._pushes:
            if push.from_ms > at_ms:
                continue
            place, run_s = self._place[push.code], (at_ms - push.from_ms) / 1000
            if push.kind == "hold":
                held[place] = push.size
            elif push.kind == "ramp":
                added[place] += push.size * run_s / 60
            else:
                added[place] += push.size if run_s % push.period_s < push.period_s / 2 else -push.size
        return held, added

    def _measured(self, block: Block, at_s: int, pushed: tuple[Floats, Floats] | None) -> Batch:
        index = block.index
        process = self._board.values[index]
        values = block.signal(at_s, process)
        if pushed is not None:
            held, added = pushed[0][index], pushed[1][index]
            values = np.where(np.isnan(held), values, held) + added
        noise = block.noise(at_s)
        values = values + noise
        if self._faults:
            values = self._faults.on_the_wire(block, at_s, values, noise)
        read = block.read(values)
        beyond = (read < block.low) | (read > block.high)
        return self._sent(index, at_s, read, beyond)

    def _changed(self, at_s: int, pushed: tuple[Floats, Floats] | None) -> Batch:
        """Contacts that changed, and those whose heartbeat is due."""
        index = self._contacts.index
        values = self._board.values[index]
        if pushed is not None:
            held, added = pushed[0][index], pushed[1][index]
            values = np.where(np.isnan(held), values, held) + added
        which = values != self._last_contact
        self._last_contact = values
        for scan in self._beat_scans:
            beat = self._beats.get((scan, at_s % scan))
            if beat is not None:
                which[beat] = True
        return self._sent(index[which], at_s, values[which], None)

    def _sent(self, index: Index, at_s: int, values: Floats, beyond: NDArray[np.bool_] | None) -> Batch:
        """Put through the gateway; what has no value at the moment is left out."""
        quality = np.full(len(index), GOOD, dtype=np.uint16)
        if beyond is not None:
            quality[beyond] = EU_EXCEEDED
        there = ~np.isnan(values)
        if not there.all():
            index, values, quality = index[there], values[there], quality[there]
        if self._faults:
            sent = self._faults.at_the_gateway(index, at_s, values, quality)
            index, at_ms, values, quality = sent.index, sent.at_ms, sent.values, sent.qualities
        else:
            at_ms = np.full(len(index), at_s * 1000, dtype=np.int64)
        return Batch(index, at_ms, values, quality, np.zeros(len(index), dtype=np.bool_))

    def _withhold(self, batch: Batch, at_s: int) -> Batch:
        """Keep what a cut-off gateway cannot send; hand on what one kept, five seconds of it in one."""
        parts = []
        for outage, kept in self._outages:
            at_ms = at_s * 1000
            if outage.from_ms <= at_ms < outage.until_ms:
                mine = self._site_of[batch.index] == self._site_names.index(outage.site)
                old = batch.chosen(mine)
                kept.append(Batch(old.index, old.at_ms, old.value, old.quality, np.ones(len(old), dtype=np.bool_)))
                batch = batch.chosen(~mine)
            elif at_ms >= outage.until_ms:
                parts += [kept.popleft() for _ in range(min(_BACKFILL, len(kept)))]
        self._outages = [(outage, kept) for outage, kept in self._outages if kept or at_s * 1000 < outage.until_ms]
        return Batch.joined([batch, *parts])


def _rescanned(tags: Iterable[Tag], scan_s: int) -> Iterator[Tag]:
    """The tags with another scan for all that are measured; rows stay shared."""
    specs: dict[TagSpec, TagSpec] = {}
    for tag in tags:
        spec = tag.spec
        if spec not in specs:
            specs[spec] = replace(spec, scan_s=scan_s) if spec.mode == "periodic" else spec
        yield Tag(tag.code, specs[spec])


class Site(Simulation):
    """One site by itself."""

    def __init__(self, code: str, facilities: Iterable[Facility], *, seed: int, start_ms: int, kind: str = "") -> None:
        super().__init__([SitePlan(code, kind, tuple(facilities))], seed=seed, start_ms=start_ms)
        self.code = code
