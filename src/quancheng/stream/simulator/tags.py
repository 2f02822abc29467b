"""What a tag (点位) is to the simulator: a row of a facility's table, and one instance of it with a code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from quancheng.standards.wording import Text

#: How a tag reports: at each scan; on change and at a heartbeat; once per happening (a sale); once a day, by hand.
MODES = ("periodic", "change", "event", "manual")
#: Types of alarms that a limit may stand for.
LIMIT_TYPES = ("LL", "L", "H", "HH", "BOOL", "ROC", "DEV", "DISC")
_CODE = re.compile(r"[A-Z0-9]+(?:\.[A-Z0-9]+){3}")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit (报警限值): type of alarm, value in the unit of the tag, priority 1 (highest) to 4.

    ``BOOL`` is raised while the value equals ``at``; ``ROC`` is per minute; ``DEV`` how far it may be from its
    partner, without one a share of the planned value in per cent; ``DISC`` seconds for which position and
    command may differ.
    """

    type: str
    at: float
    priority: int

    def __post_init__(self) -> None:
        if self.type not in LIMIT_TYPES or not 1 <= self.priority <= 4:
            raise ValueError(f"no limit: {self.type} {self.at} {self.priority}")


@dataclass(frozen=True, slots=True)
class Wave:
    """The part of a signal that no process moves, in the unit of the tag.

    Base, sine of the local day and of the year with their amplitudes and peaks (hour, day of the year),
    Ornstein-Uhlenbeck noise of standard deviation ``sigma`` and time constant ``tau_s``. ``resolution`` is the
    step of the instrument, ``floor`` the least that it can show.
    """

    base: float = 0.0
    daily: float = 0.0
    daily_peak_h: float = 15.0
    yearly: float = 0.0
    yearly_peak_day: float = 205.0
    sigma: float = 0.0
    tau_s: float = 300.0
    resolution: float = 0.1
    floor: float = float("-inf")


@dataclass(frozen=True, slots=True)
class TagSpec:
    """A row of a table of tags.

    :ivar row: name of the row within its family, as ``petrol.LT``.
    :ivar unit: code of the unit of measure; ``bool``, ``enum`` and ``1`` for what has none.
    :ivar span: lowest and highest value of the instrument.
    :ivar scan_s: seconds between samples; of a tag that reports on change the heartbeat; 0 for events.
    :ivar partner: row of the same part with which it is compared (``DEV``), or which commands it (``DISC``).
    :ivar condition: row of the same facility that must be true for the limits to stand; empty for always.
    """

    row: str
    name: Text
    unit: str
    span: tuple[float, float]
    scan_s: int
    limits: tuple[Limit, ...] = ()
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    deadband: float = 0.0
    mode: str = "periodic"
    wave: Wave = field(default_factory=Wave)
    condition: str = ""
    is_safety_critical: bool = False
    partner: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES or self.span[0] >= self.span[1] or (self.scan_s <= 0) != (self.mode == "event"):
            raise ValueError(f"no tag: {self.row}")

    @property
    def priority(self) -> int:
        """The highest priority of its limits; 4 where it has none."""
        return min((limit.priority for limit in self.limits), default=4)

    def limit(self, kind: str) -> Limit | None:
        return next((limit for limit in self.limits if limit.type == kind), None)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a site: its code ``{site}.{unit}.{loop}.{attr}`` and its row."""

    code: str
    spec: TagSpec


def code_of(site: str, unit: str, loop: str, attr: str) -> str:
    """Code of a tag. ValueError: longer than 64 characters, or a part with more than capitals and digits."""
    code = f"{site}.{unit}.{loop}.{attr}"
    if len(code) > 64 or not _CODE.fullmatch(code):
        raise ValueError(f"no code of a tag: {code!r}")
    return code


def limits(
    ll: float | None, l: float | None, h: float | None, hh: float | None,  # noqa: E741 - limits are known by letters
    priorities: str = "",
) -> tuple[Limit, ...]:  # fmt: skip
    """Limits of a measured value. Priorities as ``"H2 HH1"``; else 2 for ``LL`` and ``HH``, 3 for ``L`` and ``H``."""
    given = {part.rstrip("1234"): int(part[-1]) for part in priorities.split()}
    known = {"LL": ll, "L": l, "H": h, "HH": hh}
    return tuple(
        Limit(kind, at, given.get(kind, 3 if len(kind) == 1 else 2)) for kind, at in known.items() if at is not None
    )


def switch(
    row: str,
    name: Text,
    *,
    alarm_at: float | None = 1.0,
    priority: int = 3,
    on_delay_s: float = 0.0,
    off_delay_s: float = 0.0,
    heartbeat_s: int = 30,
    condition: str = "",
) -> TagSpec:
    """A contact: 0 or 1, reported on change and at a heartbeat. Priority 1 is safety critical (安全关键)."""
    return TagSpec(
        row, name, "bool", (0.0, 1.0), heartbeat_s,
        limits=() if alarm_at is None else (Limit("BOOL", alarm_at, priority),),
        on_delay_s=on_delay_s, off_delay_s=off_delay_s, mode="change", condition=condition,
        wave=Wave(resolution=1.0), is_safety_critical=alarm_at is not None and priority == 1,
    )  # fmt: skip
