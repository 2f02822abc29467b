"""Permits of every kind that pass every check of every phase, to be broken one fact at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.standards.gb30871.made import AROUND, TUESDAY, hot_work, slot, when

from quancheng.standards.gb30871 import facts as f
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.checks.model import Answer
from quancheng.standards.gb30871.checks.registry import run
from quancheng.standards.gb30871.endings import Weather
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.gas import GasSample
from quancheng.standards.gb30871.guardians import GuardianCertificate
from quancheng.standards.gb30871.levels import Height, Lifting
from quancheng.standards.gb30871.related import Questions
from quancheng.standards.gb30871.upgrades import Surroundings

START = when(f"{TUESDAY} 09:00")
WINDOW = slot(TUESDAY, "09:00", "16:00")
TODAY, LAST_YEAR, NEXT_YEAR = date(2026, 3, 3), date(2025, 9, 1), date(2027, 3, 3)
#: The last day of what has ended long ago.
OLD_DAY = date(2026, 1, 1)
LEVELS = {"HW": "II", "WH": "1", "LF": "3"}
TASKS = {
    "HW": ("ARC_WELD", "GAS_CUT"), "WH": ("SCAFFOLDER",), "LF": ("CRANE_OPERATOR",), "TE": ("WORKER",),
}  # fmt: skip
CERTIFICATES = {"HW": "SO-2.1", "WH": "SO-3.1", "LF": "SE-Q2", "TE": "SO-1.LOW"}


def reading(quantity: str, gas: str, value: str, unit: str, position: str, minutes: int = 10) -> GasSample:
    return GasSample(
        quantity=quantity, gas=gas, value=Decimal(value), unit=unit, position=position,
        sampled_at=START - timedelta(minutes=minutes), instrument="INS-1", calibration_due=NEXT_YEAR, analyst="analyst",
    )  # fmt: skip


GAS = {
    "HW": (reading("COMBUSTIBLE", "methane", "0.1", "%VOL", "OUTSIDE"),),
    "CS": (
        reading("COMBUSTIBLE", "methane", "0.1", "%VOL", "INSIDE"),
        reading("TOXIC", "hydrogen_sulfide", "2", "mg/m3", "INSIDE"),
        reading("OXYGEN", "oxygen", "20.8", "%VOL", "INSIDE"),
    ),
}
NONE = Decimal(0)
ANSWERED = Questions(
    height_m=NONE, confined_space=False, pit_m=NONE, dangerous_area=False, sparks=False,
    vehicle_without_arrestor=False, tool_not_ex=False, blinds=0, temporary_power=False, lift_t=NONE, dig_m=NONE,
    piling_or_levelling=False, road_blocked=False,
)  # fmt: skip
SITE = f.Site(
    welder_distance_m=Decimal(8), acetylene_upright=True, cylinders_apart_m=Decimal(5), cylinders_fire_m=Decimal(10),
    explosive_medium=False, under_pressure=False, unit_stable=True, oxygen_ventilation=False, work_below=False,
    anchor="NONE", generator_fed_in=False, cable_joints=False, traffic_plan=True, fire_lane=True, camera_online=True,
    camera_ex_rated=True, detector_paired=True,
    personal_detectors=True, cranes=(f.Crane(load_t=Decimal(20), capacity_t=Decimal(20)),),
)  # fmt: skip


def height(metres: float, **more: object) -> Height:
    """A height with nothing about it."""
    return Height(**{"height_m": Decimal(metres), "factors": frozenset(), "situations": frozenset(), **more})


def lifting(tonnes: float, **more: object) -> Lifting:
    """A load that is easy to lift."""
    easy = ("complex_shape", "low_stiffness", "slender", "precious", "special_conditions", "dangerous_equipment_near")
    return Lifting(**{"mass_t": Decimal(tonnes), **dict.fromkeys(easy, False), **more})


def signatures(kind: str, level: str) -> tuple[f.Signature, ...]:
    row = roles.approval(kind, level)
    return tuple(
        f.Signature(
            step=step,
            role=row.approver if step == "APPROVER" else step,
            person={"GUARDIAN": "guardian", "WORK_LEADER": "leader"}.get(step, f"signer {place}"),
            signed_at=START - timedelta(minutes=120 - place),
            distance_m=Decimal(3),
            position_age_s=Decimal(10),
            accuracy_m=Decimal(5),
        )
        for place, step in enumerate((*row.steps_to_issue, *(["SHIFT_LEADER"] if kind == "HW" else [])))
    )


def good(kind: str, **more: object) -> PermitFacts:
    """A permit of a kind that no check refuses, level II, 1 and 3 where there are levels."""
    level = LEVELS.get(kind, "")
    code = CERTIFICATES.get(kind, "COMPANY_TRAINING")
    worker = f.Worker(
        code="worker", tasks=TASKS.get(kind, ("OTHER",)), is_briefed=True, age=40, contraindicated=False,
        medical_on=LAST_YEAR, entry_education_on=LAST_YEAR, last_on_site=TODAY, is_blacklisted=False,
        is_elsewhere=False, is_identified=True,
        certificates=(f.Certificate(code=code, number="T-TEST-1", valid_to=NEXT_YEAR, recheck_due=NEXT_YEAR,
                                    holder_matches=True),),
    )  # fmt: skip
    card = GuardianCertificate(
        number="G-TEST-1", kinds=frozenset({kind}), valid_to=NEXT_YEAR, exam_score=Decimal(90),
        experience_years=Decimal(3),
    )  # fmt: skip
    rows = tickets.measures(kind)
    facts = PermitFacts(
        kind=kind,
        level=level,
        is_upgraded=False,
        window=WINDOW,
        now=START,
        requester="requester",
        work_leader="leader",
        hot_work=hot_work(),
        methods=frozenset({"ARC_WELD", "GAS_CUT"}),
        height=height(4),
        lifting=lifting(20),
        hazard_place=False,
        outdoor=True,
        plates=1,
        operations=frozenset({"INSERT"}),
        other_on_line=False,
        depth_m=Decimal(1),
        dangerous_lines=True,
        people_inside=2,
        gas=GAS.get(kind, ()),
        large=False,
        in_vessel=False,
        outer_wall=False,
        oxygen_service=False,
        toxic_place=False,
        analysis=f.Analysis(confirmed_at=START - timedelta(hours=5), steps=4, participants=("local", "working")),
        measures=tuple(f.MeasureRow(code=row.code, applies=True, confirmed_by="x", filled=frozenset(row.parameters))
                       for row in rows),
        briefed_at=START - timedelta(hours=2),
        isolations=(f.Isolation(tag="B-1", type="BLIND", is_verified=True, blind_needed=True),),
        signatures=signatures(kind, level),
        is_unaltered=True,
        # The leader of temporary electricity is an electrician himself.
        workers=(worker, replace(worker, code="leader", tasks=("WORK_LEADER",))) if kind == "TE" else (worker,),
        guardians=(f.Guardian(code="guardian", certificate=card, is_elsewhere=False, is_briefed=True),),
        is_contractor=True,
        contractor=f.Contractor(is_admitted=True, admitted_to=NEXT_YEAR, agreement_signed=True, is_blacklisted=False),
        questions=ANSWERED,
        conflicts=(),
        site=SITE,
        weather=Weather(wind_beaufort=3, fog=False, heavy_snow=False, rainstorm=False),
        zone=f.Zone(locked_by="", people=1, capacity=6, is_banned=False),
        filing_needed=False,
        leader_on_site=True,
        licence_valid=True,
        clock_skew_s=Decimal(1),
        stopped_at=START - timedelta(minutes=10),
        stop_reason="BREAK",
        departments_concerned=frozenset({"WATER"}),
        countersigned=frozenset({"WATER", "FIRE", "SAFETY"}),
        reconfirmed_at=START - timedelta(minutes=1),
        records=(START - timedelta(minutes=30),),
        talk_missing=(),
        issued_at=START - timedelta(minutes=90),
        started_at=START - timedelta(minutes=60),
    )  # fmt: skip
    return replace(facts, **more)  # type: ignore[arg-type]


def special(**more: object) -> PermitFacts:
    """Special hot work on a running line that no check refuses."""
    return good(
        "HW",
        **{
            "level": "S",
            "hot_work": hot_work(hazard_place=True, on_running_equipment=True),
            "hazard_place": True,
            "plan_attached": True,
            "signatures": signatures("HW", "S"),
            **more,
        },
    )


def answers(facts: PermitFacts, phase: str, around: Surroundings = AROUND) -> dict[str, Answer]:
    return {answer.code: answer for answer in run(facts, phase, around)}


def refused(facts: PermitFacts, phase: str, around: Surroundings = AROUND) -> dict[str, str]:
    """Codes that do not pass, with their outcome."""
    return {code: one.outcome for code, one in answers(facts, phase, around).items() if one.verdict != "PASS"}


def window(hours: float) -> Slot:
    return Slot(START, START + timedelta(hours=hours))
