"""Everything about one permit on which a refusal may turn, as one value (作业票事实).

Whoever checks a permit fills in what is known. ``None`` is not known, and a check that needs it says so; an empty tuple
is known to be nothing. Times are aware, lengths metres, masses tonnes, concentrations as their units say. Persons are
told by codes of the caller; no name or identifier of a person enters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from quancheng.standards.gb30871.basis import BadInput, Slot, all_finite, local
from quancheng.standards.gb30871.endings import STOP_REASONS, Weather
from quancheng.standards.gb30871.gas import GasSample
from quancheng.standards.gb30871.guardians import GuardianCertificate
from quancheng.standards.gb30871.kinds import known_kind, level_of
from quancheng.standards.gb30871.levels import Height, HotWork, Lifting
from quancheng.standards.gb30871.related import Questions, RelatedPermit
from quancheng.standards.gb30871.roles import DEPARTMENTS, tasks_known
from quancheng.standards.gb30871.simops import RESULTS
from quancheng.standards.gb30871.tickets import HOT_WORK_METHODS
from quancheng.standards.gb30871.weather import Warned
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A worker's certificate: ``code`` as in ``data/certificates.csv``; both days are the last that count.

    ``holder_matches``: name and number of the holder are those of the worker.
    """

    code: str
    number: str = ""
    valid_to: date | None = None
    recheck_due: date | None = None
    holder_matches: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One who works. ``tasks`` as in ``data/certificates.csv``; ``last_on_site`` before this job; ``is_elsewhere``: on
    another running permit at another place; ``is_identified``: told on the spot by face, code or tag.
    ``is_educated`` and ``educated_to``, the last day: as a register of education holds it; without one, the months of
    the parameters count from ``entry_education_on``.

    :raises BadInput: a task that is none, for it would need no certificate.
    """

    code: str
    tasks: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    is_briefed: bool | None = None
    age: int | None = None
    contraindicated: bool | None = None
    medical_on: date | None = None
    entry_education_on: date | None = None
    is_educated: bool | None = None
    educated_to: date | None = None
    last_on_site: date | None = None
    is_blacklisted: bool | None = None
    is_elsewhere: bool | None = None
    is_identified: bool | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.tasks) - tasks_known() - {"OTHER"}):
            raise BadInput("tasks", Text(f"没有分工{unknown[0]}", f"there is no task {unknown[0]}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardian:
    """One who guards; ``is_elsewhere``: on another running permit that is not of the same job."""

    code: str
    certificate: GuardianCertificate | None = None
    is_elsewhere: bool | None = None
    is_briefed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of the permit: ``step`` of annex A, the signer's ``role``, where and when he stood."""

    step: str
    role: str
    person: str
    signed_at: datetime
    distance_m: Decimal | None = None
    position_age_s: Decimal | None = None
    accuracy_m: Decimal | None = None

    def __post_init__(self) -> None:
        local(self.signed_at, "signed_at")
        all_finite(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The analysis of hazards (JSA): when it was made or confirmed anew, and who took part."""

    confirmed_at: datetime
    steps: int
    participants: tuple[str, ...] = ()
    changed_at: datetime | None = None

    def __post_init__(self) -> None:
        local(self.confirmed_at, "confirmed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """A row of the form as it was decided. ``applies`` None: undecided. ``filled`` names its filled parameters."""

    code: str
    applies: bool | None = None
    confirmed_by: str = ""
    filled: frozenset[str] = frozenset()


#: Ways in which energy or matter is kept away.
ISOLATIONS: dict[str, Text] = {
    "BLIND": Text("盲板", "blind plate"),
    "SPOOL_REMOVED": Text("拆除短管", "spool removed"),
    "VALVE_LOCK": Text("关阀上锁", "locked valve"),
    "WATER_SEAL": Text("水封", "water seal"),
    "ELEC_LOTO": Text("断电上锁", "locked switch"),
    "RADIATION": Text("放射源关闭", "closed radiation source"),
    "MECH": Text("机械锁定", "mechanical lock"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """One point of isolation; ``blind_needed``: the point is a line that must be blinded or disconnected. None: nobody
    said, and a closed valve does not count as enough."""

    tag: str
    type: str
    is_verified: bool | None = None
    blind_needed: bool | None = None

    def __post_init__(self) -> None:
        if self.type not in ISOLATIONS:
            said = ", ".join(ISOLATIONS)
            raise BadInput("type", Text(f"应为以下之一：{said}", f"must be one of {said}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescue:
    """Who gets people out of a confined space: whether there is a plan and the team confirmed itself, for which time,
    its air sets, and the day of its last drill."""

    has_plan: bool
    is_confirmed: bool
    since: datetime
    until: datetime
    air_sets: int
    drilled_on: date | None = None

    def __post_init__(self) -> None:
        local(self.since, "since")
        local(self.until, "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A conflict with other work as found by ``simops``: the rule and its result.

    :raises BadInput: a result that is none, for it would neither forbid nor ask for a coordinator.
    """

    rule: str
    result: str
    other: str = ""

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            said = ", ".join(RESULTS)
            raise BadInput("result", Text(f"应为以下之一：{said}", f"must be one of {said}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crane:
    """One crane of a lift: its share of the load and its capacity at the radius, in tonnes."""

    load_t: Decimal
    capacity_t: Decimal

    def __post_init__(self) -> None:
        all_finite(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractor:
    """The working unit where it is a contractor; days are the last that count. ``is_restricted``: its score or its
    admission bars it from work of this kind and level."""

    is_admitted: bool | None = None
    admitted_to: date | None = None
    agreement_signed: bool | None = None
    is_blacklisted: bool | None = None
    is_restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The place: what locks it (a stop reason, ``""`` for nothing), people now and at most, a ban of the district."""

    locked_by: str | None = None
    people: int | None = None
    capacity: int | None = None
    is_banned: bool | None = None
    in_fixed_area: bool = False
    fixed_area_reviewed_on: date | None = None


#: What a lift may hang on or be tied to.
ANCHORS: dict[str, Text] = {
    "NONE": Text("不用锚点", "no anchor"),
    "GROUND": Text("专用地锚", "ground anchor"),
    "STRUCTURE": Text("建构筑物", "structure"),
    "PIPE": Text("管道", "pipe"),
    "RACK": Text("管架", "pipe rack"),
    "POLE": Text("电杆", "pole"),
    "MACHINE": Text("机电设备", "machine"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Impaired:
    """Something at the enterprise that does not do what it is there for: a fixed detector, or what is bypassed.

    ``distance_m`` from the work; None where a point is not told: then ``is_of_unit`` tells whether it is near."""

    zh: str
    en: str
    is_detector: bool
    is_bypass: bool
    #: What a portable one must tell to stand in for it: of ``gas.QUANTITIES``.
    quantity: str = "COMBUSTIBLE"
    distance_m: Decimal | None = None
    is_of_unit: bool = False

    def is_near(self, radius_m: Decimal) -> bool:
        return self.is_of_unit if self.distance_m is None else self.distance_m <= radius_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What stands at the place of work, as far as single rules ask."""

    welder_distance_m: Decimal | None = None
    welder_is_point: bool = False
    acetylene_upright: bool | None = None
    cylinders_apart_m: Decimal | None = None
    cylinders_fire_m: Decimal | None = None
    explosive_medium: bool | None = None
    under_pressure: bool | None = None
    unit_stable: bool | None = None
    oxygen_ventilation: bool | None = None
    work_below: bool | None = None
    protection_layers: int | None = None
    fall_m: Decimal | None = None
    anchor: str | None = None
    anchor_verified: bool | None = None
    generator_fed_in: bool | None = None
    cable_joints: bool | None = None
    traffic_plan: bool | None = None
    fire_lane: bool | None = None
    camera_online: bool | None = None
    camera_ex_rated: bool | None = None
    detector_paired: bool | None = None
    #: Everybody who blinds a line of toxic matter wears a detector of it.
    personal_detectors: bool | None = None
    manual_log_plan: bool = False
    cranes: tuple[Crane, ...] = ()

    def __post_init__(self) -> None:
        all_finite(self)
        if self.anchor is not None and self.anchor not in ANCHORS:
            said = ", ".join(ANCHORS)
            raise BadInput("anchor", Text(f"应为以下之一：{said}", f"must be one of {said}"))


#: Under what people stay in a confined space.
STAYS: dict[str, Text] = {
    "USUAL": Text("一般", "usual"),
    "HOT": Text("高温", "hot"),
    "APPARATUS": Text("佩戴呼吸器", "breathing apparatus"),
    "HOT_APPARATUS": Text("高温且佩戴呼吸器", "hot, with breathing apparatus"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftBegun:
    """The shift in which the work falls now: its name and begin, whether both leaders signed its hand-over; ``unit``
    whose shift it is, empty: of the whole site."""

    name: str
    began_at: datetime
    is_handed: bool
    unit: str = ""

    def __post_init__(self) -> None:
        local(self.began_at, "began_at")


_MOMENTS = (
    "now", "stopped_at", "briefed_at", "signed_offline_at", "uploaded_at", "reconfirmed_at", "started_at",
    "issued_at", "revalidated_at", "revalidated_since",
)  # fmt: skip


# Without slots: ``restated`` then copies the seventy fields of one in a thirtieth of the time.
@dataclass(frozen=True, kw_only=True)
class PermitFacts:
    """All facts of one permit. ``level`` is what was entered; what it should be follows from the facts of its kind.

    :raises BadInput: a kind, level, way of hot work or stop reason that is none.
    """

    kind: str
    level: str = ""
    is_upgraded: bool | None = None
    window: Slot | None = None
    #: Planned slots of work inside the window; empty: the whole window counts as work.
    slots: tuple[Slot, ...] = ()
    #: The moment of the check.
    now: datetime | None = None
    requester: str = ""
    work_leader: str = ""
    # The job by kind
    hot_work: HotWork | None = None
    methods: frozenset[str] = frozenset()
    height: Height | None = None
    lifting: Lifting | None = None
    hazard_place: bool | None = None
    high_voltage: bool = False
    outdoor: bool | None = None
    needs_plan: bool = False
    plan_attached: bool | None = None
    plates: int | None = None
    operations: frozenset[str] = frozenset()
    other_on_line: bool | None = None
    depth_m: Decimal | None = None
    dangerous_lines: bool | None = None
    space_measures: bool | None = None
    special_reason: bool = False
    linked: Slot | None = None
    people_inside: int | None = None
    #: Under what they stay there: of ``STAYS``; empty: nobody said.
    stay_class: str = ""
    rescue: Rescue | None = None
    # Gas
    gas: tuple[GasSample, ...] | None = None
    other_gases: tuple[str, ...] = ()
    large: bool | None = None
    in_vessel: bool | None = None
    outer_wall: bool | None = None
    oxygen_service: bool | None = None
    #: Work at height where gas may be toxic or oxygen lacking.
    toxic_place: bool | None = None
    sections: int = 1
    breathing_apparatus: bool = False
    #: Minutes that people stay where toxic gas may be; None: long.
    stay_min: Decimal | None = None
    oxygen_reason: str = ""
    #: The approver confirmed the reason for oxygen above 21 %.
    oxygen_confirmed: bool | None = None
    #: Since when work stands, and why, at a resumption.
    stopped_at: datetime | None = None
    stop_reason: str = ""
    # Papers
    analysis: Analysis | None = None
    circumstances: Mapping[str, bool | None] = field(default_factory=dict)
    measures: tuple[MeasureRow, ...] | None = None
    briefed_at: datetime | None = None
    isolations: tuple[Isolation, ...] | None = None
    #: Tags of points upon which it relies and that are lifted for a test, or not proved anew since.
    under_test: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] | None = None
    is_unaltered: bool | None = None
    #: Departments concerned by excavation or road closing, and those of them that countersigned.
    departments_concerned: frozenset[str] | None = None
    countersigned: frozenset[str] = frozenset()
    #: When conditions of work at height were confirmed anew after a break.
    reconfirmed_at: datetime | None = None
    #: Times of the records of continuous gas tests, while work runs.
    records: tuple[datetime, ...] | None = None
    started_at: datetime | None = None
    # People
    workers: tuple[Worker, ...] | None = None
    guardians: tuple[Guardian, ...] | None = None
    contractor: Contractor | None = None
    is_contractor: bool | None = None
    # Other work
    questions: Questions | None = None
    related: tuple[RelatedPermit, ...] = ()
    conflicts: tuple[Meeting, ...] | None = None
    coordinator: str = ""
    joint_analysis: bool | None = None
    # Place and house
    site: Site = field(default_factory=Site)
    weather: Weather | None = None
    #: Warnings in force where the work is that touch work of its kind.
    warnings: tuple[Warned, ...] = ()
    #: What does not work or is bypassed at the enterprise; whether its house asks that detectors near by work.
    impairments: tuple[Impaired, ...] = ()
    asks_whole_detectors: bool = False
    #: What portable ones that go with the work measure and tell; what those measure that tell nothing that counts, and
    #: since how many minutes the longest of them.
    paired: frozenset[str] = frozenset()
    paired_silent: frozenset[str] = frozenset()
    paired_silent_min: Decimal = Decimal(0)
    zone: Zone = field(default_factory=Zone)
    #: Booking (预约): when the job was booked, None: now; so many days ahead it must be, 0: the house does not ask; of
    #: an emergency, why.
    booked_at: datetime | None = None
    booking_days: int = 1
    is_emergency: bool = False
    emergency_reason: str = ""
    #: What the house asks besides: the plan meeting's decision (empty: none) with the day that decides, the quota in
    #: which there is no room with its day, how many there would be and may be, what is open at the unit, notes of what
    #: went wrong at like work that nobody read.
    plan_decision: str = ""
    plan_day: date | None = None
    quota: str = ""
    quota_day: date | None = None
    quota_jobs: int = 0
    quota_most: int = 0
    unit_load: int = 0
    unread_notes: int = 0
    #: Shifts of its unit and of the site that have begun; none: the enterprise names no shifts.
    shifts: tuple[ShiftBegun, ...] = ()
    issued_at: datetime | None = None
    #: When it was last revalidated for a shift; since when the enterprise asks for it (None: always).
    revalidated_at: datetime | None = None
    revalidated_since: datetime | None = None
    #: Who of workers and guardians was in no toolbox talk of the day, by code.
    talk_missing: tuple[str, ...] | None = None
    #: Stop-and-think cards with a no that nobody settled.
    cards_open: int = 0
    #: The role that approves by the risk of the job where the house moved the approver up; empty: table B.1.
    raised_approver: str = ""
    filing_needed: bool | None = None
    is_filed: bool | None = None
    leader_on_site: bool | None = None
    licence_valid: bool | None = None
    clock_skew_s: Decimal | None = None
    signed_offline_at: datetime | None = None
    uploaded_at: datetime | None = None
    #: Codes of prohibitions that somebody saw broken.
    observed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        known_kind(self.kind)
        all_finite(self, low=-(10**9))
        if self.level or self.kind not in ("HW", "WH", "LF"):
            level_of(self.kind, self.level)
        if unknown := sorted(self.methods - set(HOT_WORK_METHODS)):
            raise BadInput("methods", Text(f"没有方式{unknown[0]}", f"there is no way {unknown[0]}"))
        if self.stop_reason and self.stop_reason not in STOP_REASONS:
            said = ", ".join(STOP_REASONS)
            raise BadInput("stop_reason", Text(f"应为以下之一：{said}", f"must be one of {said}"))
        if self.stay_class and self.stay_class not in STAYS:
            said = ", ".join(STAYS)
            raise BadInput("stay_class", Text(f"应为以下之一：{said}", f"must be one of {said}"))
        if unfit := sorted(((self.departments_concerned or frozenset()) | self.countersigned) - set(DEPARTMENTS)):
            raise BadInput("departments_concerned", Text(f"没有部门{unfit[0]}", f"there is no department {unfit[0]}"))
        for number, moment in enumerate(self.records or ()):
            local(moment, f"records[{number}]")
        for name in _MOMENTS:
            if (moment := getattr(self, name)) is not None:
                local(moment, name)
