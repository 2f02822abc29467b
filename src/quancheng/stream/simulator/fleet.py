"""What every facility family is built on: facilities of one kind, whichever sites they belong to, moved on together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quancheng.stream.simulator.physics import Floats
from quancheng.stream.simulator.signals import Index, Keys, key_of, uniforms
from quancheng.stream.simulator.tags import Tag, TagSpec, code_of

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Facility:
    """One facility (设施) of a site.

    :ivar kind: family, a key of ``families.FAMILIES``.
    :ivar area: begins the codes of its units, so that a site may have two of a kind; capitals and digits.
    :ivar units: how many tanks, rooms or reactors; what that is says each family.
    :ivar points: how many nozzles or detectors; what that is says each family.
    """

    kind: str
    area: str = ""
    units: int = 1
    points: int = 1

    def __post_init__(self) -> None:
        if self.units < 1 or self.points < 1:
            raise ValueError("a facility has at least one unit and one point")


@dataclass(frozen=True, slots=True)
class Member:
    """A facility with its site; ``key`` is the root of its randomness."""

    site: str
    facility: Facility
    key: int


def member_of(site: str, facility: Facility, seed: int) -> Member:
    return Member(site, facility, key_of(seed, site, facility.kind, facility.area))


class Board:
    """All tags of a simulation and their process values: the fleets write, the sampler reads."""

    def __init__(self) -> None:
        self.tags: list[Tag] = []
        self.sites: list[str] = []
        self.values: Floats = np.zeros(0)
        #: Happenings of the current second: places of tags and their values.
        self.fired: list[tuple[Index, Floats]] = []

    def add(self, spec: TagSpec, codes: Sequence[tuple[str, str, str, str]]) -> slice:
        """Enter tags of one row; each code as site, unit, loop, attribute. Gives the places of their values."""
        first = len(self.tags)
        for code in codes:
            self.tags.append(Tag(code_of(*code), spec))
            self.sites.append(code[0])
        return slice(first, len(self.tags))

    def close(self) -> None:
        """Make room for the values. ValueError: a code stands twice."""
        if len({tag.code for tag in self.tags}) != len(self.tags):
            raise ValueError("two tags have the same code: facilities of one kind in one site need areas")
        self.values = np.zeros(len(self.tags))

    def fire(self, places: slice, which: Flags, values: Floats) -> None:
        """Report happenings; ``values`` are of all tags of the row, ``which`` says where something happened."""
        if which.any():
            self.fired.append((np.flatnonzero(which) + places.start, values[which]))


@dataclass(frozen=True, slots=True)
class Knob:
    """What a scenario can turn: one number for each facility, unit or point; ``first`` is where a facility's begin."""

    values: Floats
    first: Index


class Fleet:
    """Facilities of one family. Subclasses enter their tags, then move on by ``tick_s`` seconds at a time."""

    tick_s = 5

    def __init__(self, board: Board, members: Sequence[Member]) -> None:
        self.board = board
        self.members = members
        self.n = len(members)
        self.keys = np.array([member.key for member in members], dtype=np.uint64)
        units = np.array([member.facility.units for member in members], dtype=np.intp)
        points = np.array([member.facility.points for member in members], dtype=np.intp)
        #: Facility of each unit, its number there (from 1), its key; the same for points.
        self.owner, self.number, self.unit_keys = self._spread(units)
        self.point_owner, self.point_number, self.point_keys = self._spread(points)
        self._first = {
            "facility": np.arange(self.n, dtype=np.intp),
            "unit": np.cumsum(units) - units,
            "point": np.cumsum(points) - points,
        }
        self.knobs: dict[str, Knob] = {}

    def advance(self, at_s: int) -> None:
        """Move the process on to a second and write the values of every tag."""
        raise NotImplementedError

    def turn(self, member: int, name: str, number: int, value: float) -> None:
        """Turn a knob of a facility; ``number`` of the unit or point, from 1. KeyError: no such knob."""
        knob = self.knobs[name]
        knob.values[knob.first[member] + number - 1] = value

    def first_unit(self) -> Index:
        """Place of the first unit of each facility among all units."""
        return self._first["unit"]

    def _spread(self, counts: Index) -> tuple[Index, Index, Keys]:
        owner = np.repeat(np.arange(self.n), counts)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        keys = self.keys[owner] + number.astype(np.uint64) * np.uint64(0xD1342543DE82EF95)
        return owner, number, keys

    def _knob(self, name: str, per: str, value: float = 0.0) -> Floats:
        counts = {"facility": self.n, "unit": len(self.owner), "point": len(self.point_owner)}
        values = np.full(counts[per], value)
        self.knobs[name] = Knob(values, self._first[per])
        return values

    def _each(self, spec: TagSpec, per: str, unit: str, loop: str, attr: str = "PV") -> slice:
        """Enter a row once per facility, unit or point; ``{k}`` in unit and loop is the number."""
        owner, number = {
            "facility": (np.arange(self.n), np.ones(self.n, dtype=np.intp)),
            "unit": (self.owner, self.number),
            "point": (self.point_owner, self.point_number),
        }[per]
        codes = []
        for place, k in zip(owner.tolist(), number.tolist(), strict=True):
            member = self.members[place]
            codes.append((member.site, member.facility.area + unit.format(k=k), loop.format(k=k), attr))
        return self.board.add(spec, codes)

    def _draw(self, keys: Keys, low: float, high: float, salt: int) -> Floats:
        """A lasting property of each: evenly spread between two numbers."""
        return low + (high - low) * uniforms(keys, 0, salt)
