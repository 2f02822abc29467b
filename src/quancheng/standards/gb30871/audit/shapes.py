"""What is known of one permit when it is audited (审计事实): its facts, and how it was signed, guarded and worked.

``None`` is not known, and a rule that needs it answers NO_DATA; an empty tuple is known to be nothing. Times are aware,
distances metres. Persons, devices and images are told by codes of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from quancheng.standards.gb30871.basis import BadInput, Slot, all_finite, local
from quancheng.standards.gb30871.endings import STATES, STOP_REASONS, Weather
from quancheng.standards.gb30871.facts import MeasureRow, PermitFacts, Signature
from quancheng.standards.wording import Text

#: Who took part in the analysis of hazards.
SIDES: dict[str, Text] = {
    "LOCAL_UNIT": Text("所在单位", "local unit"),
    "WORK_UNIT": Text("作业单位", "working unit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Signature):
    """A signature with the device on which it was given and the digest of its image; empty: not known."""

    device: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedElsewhere:
    """A signature of the approver on another permit, and how far that place is from this one."""

    signed_at: datetime
    distance_m: Decimal

    def __post_init__(self) -> None:
        local(self.signed_at, "signed_at")
        all_finite(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(MeasureRow):
    """A row of the form with when, and how far from the place, it was confirmed."""

    confirmed_at: datetime | None = None
    distance_m: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A break between two stretches of work, and why work stood: a code of ``endings.STOP_REASONS``."""

    stopped_at: datetime
    resumed_at: datetime
    reason: str = "BREAK"

    def __post_init__(self) -> None:
        for name in ("stopped_at", "resumed_at"):
            local(getattr(self, name), name)
        if self.reason not in STOP_REASONS:
            raise BadInput("reason", Text(f"没有原因{self.reason}", f"there is no reason {self.reason}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A stretch in which the guardian was away; ``handed_over``: another guarded meanwhile, by a recorded hand-over."""

    slot: Slot
    handed_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upset:
    """A stretch of gas alarm, upset, evacuation or stop order at the place: a code of ``endings.STOP_REASONS``."""

    slot: Slot
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherAt:
    """The weather at a moment of the work."""

    at: datetime
    weather: Weather

    def __post_init__(self) -> None:
        local(self.at, "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A change of the permit or an alarm, and when the upper platform had it; None: not yet."""

    event_at: datetime
    uploaded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUsed:
    """The limit in %vol against which a gas was judged on the paper."""

    gas: str
    limit_vol: Decimal

    def __post_init__(self) -> None:
        all_finite(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """The recording of the work: percent of the working time that it covers, and whether the camera is Ex-rated."""

    coverage_percent: Decimal | None = None
    is_ex_rated: bool | None = None

    def __post_init__(self) -> None:
        all_finite(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """People and tools that went into a confined space and came out of it."""

    people_in: int
    people_out: int
    tools_in: int
    tools_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPermit:
    """One permit as it is audited at ``now``. What the permit itself says stands in ``facts``; signatures and measures
    told here take the place of those there.

    :raises BadInput: a state that is none, a time without zone.
    """

    facts: PermitFacts
    #: A state of ``endings.STATES``.
    state: str
    now: datetime
    applied_at: datetime | None = None
    issued_at: datetime | None = None
    finished_at: datetime | None = None
    accepted_at: datetime | None = None
    # How it was signed and prepared
    signatures: tuple[Signed, ...] | None = None
    #: Signatures that the approver gave on other permits at about the same time.
    elsewhere: tuple[SignedElsewhere, ...] | None = None
    measures: tuple[Confirmed, ...] | None = None
    #: What the analysis names as hazards and measures, in one text.
    hazards: str | None = None
    #: Other permits, at other places, whose analysis reads alike.
    alike_elsewhere: int | None = None
    #: Sides, of :data:`SIDES`, that took part in the analysis.
    sides: frozenset[str] | None = None
    briefing_distance_m: Decimal | None = None
    # How it was worked
    #: Stretches in which work ran; the last ends now where it still runs.
    stretches: tuple[Slot, ...] | None = None
    breaks: tuple[Break, ...] | None = None
    #: Moments at which position, video or gate saw work at the place.
    seen: tuple[datetime, ...] | None = None
    absences: tuple[Absence, ...] | None = None
    #: When the guardian wrote down his rounds.
    rounds: tuple[datetime, ...] | None = None
    #: People seen at the work who are not on the permit.
    unlisted: int | None = None
    upsets: tuple[Upset, ...] | None = None
    weathers: tuple[WeatherAt, ...] | None = None
    #: Content, place or method changed while the permit ran, and no new one was taken out.
    changed: bool | None = None
    accept_photos: int | None = None
    # Where
    inside_enterprise: bool | None = None
    place_distance_m: Decimal | None = None
    # The house
    filing_due: datetime | None = None
    filed_at: datetime | None = None
    #: Of an emergency repair: by when it is told by telephone, and when it was.
    phone_due: datetime | None = None
    phoned_at: datetime | None = None
    #: Share of the enterprise's jobs of 30 days that were booked as emergencies.
    emergency_percent: Decimal | None = None
    #: How many jobs that is a share of.
    bookings: int | None = None
    ticket_kept: bool | None = None
    video_kept: bool | None = None
    uploads: tuple[Upload, ...] | None = None
    missing_upstream: bool | None = None
    # Hot work
    #: Level I is managed as level II (5.1.4), by the paper.
    downgraded: bool = False
    limits_used: tuple[LimitUsed, ...] | None = None
    gas_without_unit: int | None = None
    #: Times of the continuous gas readings.
    continuous: tuple[datetime, ...] | None = None
    video: Video | None = None
    inside_fixed_area: bool | None = None
    # Confined space
    counts: Counts | None = None
    guardian_inside: bool | None = None
    most_inside: int | None = None
    # Blinds
    plate_registered: bool | None = None
    plate_updated: bool | None = None
    blind_days: int | None = None
    blind_checked: bool | None = None
    # Height, electricity, excavation, roads
    reconfirmations: tuple[datetime, ...] | None = None
    removed_at: datetime | None = None
    sketch: bool | None = None
    both_routes_closed: bool | None = None
    reopened_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise BadInput("state", Text(f"没有状态{self.state}", f"there is no state {self.state}"))
        if unfit := sorted((self.sides or frozenset()) - set(SIDES)):
            raise BadInput("sides", Text(f"没有{unfit[0]}", f"there is no side {unfit[0]}"))
        for name in _MOMENTS:
            if (moment := getattr(self, name)) is not None:
                local(moment, name)
        for name in ("seen", "rounds", "continuous", "reconfirmations"):
            for number, moment in enumerate(getattr(self, name) or ()):
                local(moment, f"{name}[{number}]")
        all_finite(self)

    @property
    def worked_to(self) -> datetime | None:
        """The last moment at which work is known to have run."""
        ends = [*(one.end for one in self.stretches or ()), *(self.seen or ())]
        return max(ends, default=None)

    @property
    def has_ended(self) -> bool:
        """Withdrawn before or during work: what the end of the window asks is not asked of it."""
        return STATES[self.state] in ("4", "5")


_MOMENTS = (
    "now", "applied_at", "issued_at", "finished_at", "accepted_at", "filing_due", "filed_at", "removed_at",
    "reopened_at",
)  # fmt: skip


def overlap(one: Slot, other: Slot) -> timedelta:
    """How long two stretches run together."""
    return max(min(one.end, other.end) - max(one.start, other.start), timedelta())
