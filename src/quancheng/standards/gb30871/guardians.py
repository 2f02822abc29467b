"""The guardian (监护人): who may be one, how many there are, what they do, when absence ends the work.

Source: GB 30871-2022, 4.10, 6.8, 9.2.12, 10.3, 11.9; hand-over by AQ 3064.2-2025, 5.6.4. That a certificate counts
through its last day, its marks and a second guardian are ours [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from quancheng.standards.gb30871.basis import Why, clause, finite, local, several, shown, table, text_of
from quancheng.standards.gb30871.kinds import known_kind
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: Least mark of the guardian's exam, of 100, and least years of work [D].
PASS_MARK, LEAST_YEARS = Decimal(80), Decimal(1)
#: Years that a guardian's certificate counts where it says nothing itself [D].
CERTIFICATE_YEARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianCertificate:
    """A guardian's certificate. ``kinds`` are those for which he was trained; ``valid_to`` is its last day, None where
    not known; ``exam_score`` of 100."""

    number: str
    kinds: frozenset[str]
    valid_to: date | None = None
    exam_score: Decimal | None = None
    experience_years: Decimal | None = None

    def __post_init__(self) -> None:
        for kind in self.kinds:
            known_kind(kind, "kinds")
        if self.exam_score is not None:
            finite(self.exam_score, "exam_score", high=100)
        if self.experience_years is not None:
            finite(self.experience_years, "experience_years", high=80)


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a guardian; ``kind`` is ``*`` for all."""

    code: str
    kind: str
    clause: str
    mark: str
    text: Text


@cache
def duties(kind: str) -> tuple[Duty, ...]:
    """What the guardian of a kind does. BadInput for a kind that is none."""
    known_kind(kind)
    return tuple(
        Duty(row["code"], row["kind"], clause(row["clause"]), row["mark"], text_of(row))
        for row in table("guardian_duties")
        if kind in several(row["kind"]) or row["kind"] == "*"
    )


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why somebody may not guard; ``alarm`` 50 for a missing or wrong certificate, 51 for an expired one."""

    alarm: str
    why: Why


def unfit(certificate: GuardianCertificate | None, kind: str, day: date) -> tuple[Unfit, ...]:
    """What speaks against somebody as guardian of a kind on a day; a certificate counts through its last day."""
    known_kind(kind)
    if certificate is None or not certificate.number.strip():
        return (Unfit("50", _why("GUARD-NONE", "V", "没有监护人证", "no guardian's certificate")),)
    found = []
    if kind not in certificate.kinds:
        found.append(Unfit("50", _why("GUARD-KIND", "D", "监护人证不含该作业类别", "not trained for this kind")))
    if certificate.valid_to is None:
        found.append(Unfit("51", _why("GUARD-DATE", "D", "监护人证有效期未知", "the last day is not known")))
    elif certificate.valid_to < day:
        last = f"{certificate.valid_to:%Y-%m-%d}"
        found.append(Unfit("51", _why("GUARD-EXPIRED", "D", f"监护人证{last}到期", f"the certificate ended on {last}")))
    if certificate.exam_score is not None and certificate.exam_score < PASS_MARK:
        score = shown(certificate.exam_score)
        found.append(Unfit("50", _why("GUARD-EXAM", "D", f"考核{score}分，不合格", f"exam failed with {score}")))
    if certificate.experience_years is not None and certificate.experience_years < LEAST_YEARS:
        found.append(Unfit("50", _why("GUARD-YEARS", "D", "实践经验不足1年", "less than one year of experience")))
    return tuple(found)


def _why(code: str, mark: str, zh: str, en: str) -> Why:
    return Why(code, clause("4.10"), mark, Text(zh, en), "guardian")


def guardians_recommended(kind: str, level: str = "") -> int:
    """Two for special hot work and confined spaces, one of the local and one of the working unit [D]; else one."""
    return 2 if known_kind(kind) == "CS" or (kind, level) == ("HW", "S") else 1


def guard_radius_m(kind: str, parameters: Parameters = STANDARD) -> Decimal:
    """How far a guardian may stand from the point of work, of a confined space from its opening."""
    return parameters.cs_guard_m if kind == "CS" else parameters.guard_radius_m


def absence(
    kind: str,
    distance_m: Decimal | None,
    since: datetime,
    now: datetime,
    parameters: Parameters = STANDARD,
    *,
    handed_over: bool = False,
) -> Why | None:
    """Whether absence since a time suspends the work (alarm 31): outside the radius, or nowhere (None), longer than
    allowed and without a recorded hand-over."""
    if handed_over or (distance_m is not None and distance_m <= guard_radius_m(kind, parameters)):
        return None
    seconds = Decimal((local(now) - local(since)).total_seconds())
    if seconds <= parameters.guardian_absent_s:
        return None
    text = Text(f"监护人离岗{shown(seconds)} s，停止作业", f"the guardian was away for {shown(seconds)} s: work stops")
    return Why("GUARD-ABSENT", clause("4.10 f)"), "V", text, "distance_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A guardian's hand-over (监护交接): both sign on the spot, work rests meanwhile, a short list is gone through."""

    at: datetime
    incoming: GuardianCertificate | None
    outgoing_signed: bool
    incoming_signed: bool
    is_work_stopped: bool
    is_checklist_done: bool
    is_incoming_briefed: bool


def hand_over_problems(hand_over: HandOver, kind: str) -> tuple[Why, ...]:
    """What is missing of a hand-over; until all is there the outgoing guardian stays (AQ 3064.2-2025, 5.6.4)."""
    missing = (
        ("outgoing_signed", hand_over.outgoing_signed, "交出人未签字", "the outgoing guardian has not signed"),
        ("incoming_signed", hand_over.incoming_signed, "接收人未签字", "the incoming guardian has not signed"),
        ("is_work_stopped", hand_over.is_work_stopped, "交接时未停止作业", "work goes on during the hand-over"),
        ("is_checklist_done", hand_over.is_checklist_done, "未逐项交接", "the list was not gone through"),
        ("is_incoming_briefed", hand_over.is_incoming_briefed, "接收人未接受交底", "the incoming one is not briefed"),
    )
    found = [
        Why("GUARD-HANDOVER", "AQ 3064.2-2025, 5.6.4", "D", Text(zh, en), fact)
        for fact, is_done, zh, en in missing
        if not is_done
    ]
    return (*(problem.why for problem in unfit(hand_over.incoming, kind, local(hand_over.at).date())), *found)
