"""What keeps a permit from its next move: each failing check with clause, value, limit and what would make it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.facts import (
    barred_guardians,
    barred_people,
    denied_at_place,
    facts_of,
    surroundings,
)
from quancheng.domains.permits.queries.house_asks import house_facts
from quancheng.domains.permits.queries.loading import Loaded, load_rows
from quancheng.kernel.access.actor import Actor
from quancheng.standards.gb30871 import roles
from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.checks.model import Answer, Check
from quancheng.standards.gb30871.facts import Signature
from quancheng.standards.gb30871.kinds import rank
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.upgrades import Surroundings
from quancheng.standards.wording import Text

#: The phase whose checks the next move runs, by state.
NEXT = {
    "DRAFT": "apply", "REQUESTED": "apply", "PREPARING": "sign", "APPROVING": "issue", "ISSUED": "start",
    "WORKING": "work", "SUSPENDED": "resume",
}  # fmt: skip
#: Phases in which a check is asked besides its own: the contractor at the application already; it, education and health
#: of the people at each signature and start too, since each may change after the application; certificates and health
#: while work runs, since they may be revoked; other work at the start and while work runs, since it may come after the
#: issue; whether the guardian guards here alone to the end; overdue records before work goes on.
_ALSO_ASKED = {
    "C-08": ("work",), "C-09": ("start", "work"), "C-10": ("work",), "C-11": ("work",), "C-22": ("work",),
    "C-23": ("start",), "C-26": ("apply", "sign", "start"), "C-27": ("sign", "start"),
    "C-28": ("sign", "start", "work"), "C-55": ("resume",),
}  # fmt: skip
#: What the signatures themselves must be is asked as each is given, not of those that are still to come.
_OF_SIGNATURES = frozenset({"C-13", "C-14", "C-15", "C-52"})


#: The check of health and age. Its own code, facts and values are for the enterprise that must heed them.
HEALTH = "C-28"
#: The check of education and black list, which the standard asks of workers before work alone.
LISTED = "C-27"
#: The check of isolation, which the standard asks of two kinds when they are signed.
ISOLATED = "C-34"
_LIFTED = Text("隔离已失效", "a point of isolation no longer holds")
_TESTING = Text("隔离为试运临时解除", "a point is lifted for a test")
_COMING_OUT = Text("盲板正在抽出", "the blind plate is being taken out")
_DENIED = Text("现场核查为“否”", "the look at the place says no")
_NOT_HERE = Text("人员在黑名单", "the person is black-listed"), Text("人员已离岗", "the person has left")
#: Where signers stood, and signatures given within seconds.
_OF_SIGNERS = frozenset({"C-14", "C-16"})
_WITHHELD = (
    Text("有人员不得从事该作业", "somebody on the permit may not do this work"),
    Text("由企业调整人员", "the enterprise assigns somebody else"),
)


@cache
def checks() -> tuple[Check, ...]:
    """The registry as this house runs it: the shipped checks, some of them asked in further phases."""
    shipped = (*registry.refusals(), *registry.prohibitions())
    return tuple(replace(row, phases=(*row.phases, *_ALSO_ASKED.get(row.code, ()))) for row in shipped)


def answers_of(
    rows: Loaded, phase: str, now: datetime, *, more: Sequence[Signature] = (), department: str = "",
    skew_s: Decimal = Decimal(0), around: Surroundings | None = None,
) -> tuple[Answer, ...]:  # fmt: skip
    """What the checks of a phase answer, with signatures that are about to be given beside those that were.

    :param skew_s: by how many seconds the device of who acts differs; 0 where it told no time.
    """
    rows = since_proof(rows, phase)
    facts = replace(facts_of(rows, phase, now), clock_skew_s=skew_s)
    if more:
        countersigned = facts.countersigned | ({department} if department else frozenset())
        facts = replace(facts, signatures=(*(facts.signatures or ()), *more), countersigned=countersigned)
    where = around or surroundings(rows.permit, now)
    facts = replace(facts, **house_facts(rows.permit, phase, where.parameters, now))
    found = registry.run(facts, phase, where, [one for one in checks() if one.code not in _OF_SIGNERS])
    # Who briefs and who is briefed sign at one moment, and perhaps in a room: neither haste nor place tells of them.
    signed = tuple(one for one in facts.signatures or () if one.step not in ("BRIEFER", "BRIEFED"))
    of_signers = [one for one in checks() if one.code in _OF_SIGNERS]
    found = (*found, *registry.run(replace(facts, signatures=signed), phase, where, of_signers))
    return (
        *found, *_guardians_unfit(rows, phase, now), *_barred(rows, phase, now), *_not_isolated(rows, phase, now)
    )  # fmt: skip


def since_proof(rows: Loaded, phase: str) -> Loaded:
    """Before work starts or goes on only what was tested and found since its isolation was proved anew after a test
    counts: what was kept out may have come in. What fails stays until a better value follows."""
    proved = rows.proved_at
    if proved is None or phase not in ("sign", "issue", "start", "resume"):
        return rows
    return replace(
        rows, gas=[one for one in rows.gas if one.verdict == "FAIL" or one.sampled_at >= proved],
        site_checks=[one for one in rows.site_checks if one.checked_at >= proved],
    )  # fmt: skip


def _guardians_unfit(rows: Loaded, phase: str, now: datetime) -> tuple[Answer, ...]:
    """C-28 of the guardians, whom the standard's predicate does not ask."""
    row = next(one for one in checks() if one.code == HEALTH)
    if not row.runs(phase, rows.permit.kind, now.date()):
        return ()
    return tuple(
        replace(_failing(row, code, f"guardians.contraindicated {code}"), mark="D", alarm="")
        for code in barred_guardians(rows, now)
    )


def _barred(rows: Loaded, phase: str, now: datetime) -> tuple[Answer, ...]:
    """C-27 of those whom its predicate does not ask: black-listed or gone, guardians and leader in every phase in which
    it is asked, everybody while work runs."""
    row = next(one for one in checks() if one.code == LISTED)
    day = now.date()
    if phase != "work" and not row.runs(phase, rows.permit.kind, day):
        return ()
    return tuple(
        _failing(row, one.code, f"people.barred {one.code}", _NOT_HERE[is_gone])
        for one, is_gone in barred_people(rows, now, workers=phase == "work")
    )


#: Phases in which a point of the register must be verified (4.2): what was verified when it was signed may be lifted.
_ISOLATED = ("sign", "issue", "start", "resume", "work")


def _not_isolated(rows: Loaded, phase: str, now: datetime) -> tuple[Answer, ...]:
    """C-34 of points in the register that the permit relies on, for every kind and to the end of the work. Where its
    own predicate is asked it tells of them already."""
    row = next(one for one in checks() if one.code == ISOLATED)
    if phase not in _ISOLATED or row.runs(phase, rows.permit.kind, now.date()):
        return ()
    lifted = {"LIFTED": _LIFTED, "TESTING": _TESTING}
    open_ones = [
        (point, _COMING_OUT if point.pk in rows.coming_out else lifted.get(point.status, row.text))
        for point in rows.relied_on if point.status != "VERIFIED" or point.pk in rows.coming_out
    ]  # fmt: skip
    found = [_failing(row, point.tag, f"isolations.is_verified {point.tag}", text) for point, text in open_ones]
    # A "no" at the place holds against the register, and of points that were stated alone.
    if (rows.relied_on or rows.permit.work.get("isolations")) and denied_at_place(rows, phase, now):
        found.append(replace(_failing(row, "", "isolations_verified"), value=_DENIED))
    return tuple(found)


def _failing(row: Check, value: str, fact: str, text: Text | None = None) -> Answer:
    """A check of the registry that fails by what this house knows besides the standard's facts."""
    return Answer(
        code=row.code, verdict=row.severity, outcome="FAIL", clause=row.clause, mark=row.mark, alarm=row.alarm,
        value=Text(value, value), limit=Text("", ""), fact=fact, text=text or row.text, remedy=row.remedy,
    )  # fmt: skip


def level_of_permit(rows: Loaded, now: datetime, around: Surroundings | None = None) -> Level | None:
    """The level that the facts demand; None where they do not tell."""
    return registry.level_demanded(facts_of(rows, "apply", now), around or surroundings(rows.permit, now))


def approval_row(permit: Permit, level: Level | None) -> roles.Approval:
    """The row of table B.1 that holds for a permit: by the stricter of what was entered and what approves."""
    if permit.kind not in ("HW", "WH", "LF"):
        return roles.approval(permit.kind)
    codes = [code for code in (permit.level, level.approval if level else "") if code]
    return roles.approval(permit.kind, max(codes, key=lambda code: rank(permit.kind, code)))


def steps_of(permit: Permit, level: Level | None) -> tuple[str, ...]:
    """Steps that are signed before work, in order: those of annex A, the chief or leader on duty before the approver
    where upgraded special hot work asks for him, and behind the unit that approves by table B.1 whom the risk of the
    job asks for besides. The last issues the permit."""
    row = approval_row(permit, level)
    steps = row.steps_to_issue
    if level is not None and level.extra_approver:
        steps = (*steps[:-1], "CHIEF_ON_DUTY", steps[-1])
    if "APPROVER" not in steps and _approver(permit, row) != row.approver:
        steps = (*steps, "APPROVER")
    return steps


def _approver(permit: Permit, row: roles.Approval) -> str:
    """The role of the approver: that which the risk of what was presented asks for, never below table B.1."""
    return roles.at_least(permit.risk_approver, row.approver)


def departments_of(permit: Permit) -> tuple[str, ...]:
    """Departments that countersign: of a closed road fire and safety always."""
    concerned = set(permit.work.get("departments_concerned", ()))
    return tuple(sorted(concerned | ({"FIRE", "SAFETY"} if permit.kind == "RC" else set())))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The signature that is next: its step, of a countersignature the department, and the role that must give it."""

    step: str
    role: str
    department: str = ""


def next_signature(rows: Loaded, level: Level | None) -> Wanted | None:
    """The next in order; None where all are given. Hot work is checked by the shift leader once it is issued."""
    permit, done = rows.permit, rows.standing
    row = approval_row(permit, level)
    for step in steps_of(permit, level):
        signed = [one for one in done if one.step == step]
        if step == "COUNTERSIGNER":
            have = {one.department for one in signed}
            missing = [one for one in departments_of(permit) if one not in have]
            if missing:
                return Wanted(step, step, missing[0])
            # A permit that concerns no department is signed once all the same: somebody says that none is.
            if not signed:
                return Wanted(step, step)
        elif not signed:
            return Wanted(step, _approver(permit, row) if step == "APPROVER" else step)
    if permit.status == "ISSUED" and "SHIFT_LEADER" in row.steps and not any(
        one.step == "SHIFT_LEADER" for one in done
    ):
        return Wanted("SHIFT_LEADER", "SHIFT_LEADER")
    return None


def blocks_of(
    permit: Permit, now: datetime, rows: Loaded | None = None, around: Surroundings | None = None
) -> tuple[Answer, ...]:
    """What keeps the permit from its next move now, and what only warns; empty where nothing does or none is left."""
    phase = NEXT.get(permit.status)
    if phase is None:
        return ()
    loaded = rows or load_rows(permit)
    hidden = _OF_SIGNATURES if permit.status in ("PREPARING", "APPROVING") else frozenset()
    found = answers_of(loaded, phase, now, around=around)
    return tuple(one for one in found if one.verdict != "PASS" and one.code not in hidden)


def to_confirm(rows: Loaded, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Answers that only warn and that nobody confirmed yet of this edition: who moves the permit gives a reason."""
    known = {(one.code, one.found) for one in rows.warnings if one.version == rows.permit.version}
    return tuple(one for one in answers if one.verdict == "WARN" and (one.code, found_of(one)) not in known)


def warned_at(
    rows: Loaded, phase: str, now: datetime, *, more: Sequence[Signature] = (), department: str = "",
) -> tuple[Answer, ...]:  # fmt: skip
    """What a move would have to be confirmed for; empty where something refuses it anyway."""
    answers = answers_of(rows, phase, now, more=more, department=department)
    return () if any(one.verdict == "BLOCK" for one in answers) else to_confirm(rows, answers)


def found_of(one: Answer) -> str:
    """What a check found, in one form for both languages: by it a finding is known again."""
    return (one.value.zh or one.fact)[:300]


def is_own(permit: Permit, actor: Actor) -> bool:
    """Whether somebody reads for the enterprise that works; all others learn nothing of health from a permit."""
    return actor.is_system or actor.organisation_id == permit.file_id


def for_reader(answers: Sequence[Answer], permit: Permit, actor: Actor) -> tuple[Answer, ...]:
    """Answers as somebody may read them: those of health name the person to his enterprise, and tell others only that
    somebody may not do the work, without code, fact and value."""
    if is_own(permit, actor):
        return tuple(_with_person(one) if one.code == HEALTH else one for one in answers)
    shown = [one for one in answers if one.code != HEALTH]
    hidden = [one for one in answers if one.code == HEALTH and one.verdict == "BLOCK"]
    if hidden:
        text, remedy = _WITHHELD
        none = Text("", "")
        shown.append(replace(
            hidden[0], code="", outcome="FAIL", alarm="", fact="", value=none, limit=none, text=text, remedy=remedy
        ))  # fmt: skip
    return tuple(shown)


def _with_person(one: Answer) -> Answer:
    """With whom it concerns where its value says nothing."""
    whose = one.fact.partition(" ")[2]
    return replace(one, value=Text(whose, whose)) if whose and not one.value.zh else one
