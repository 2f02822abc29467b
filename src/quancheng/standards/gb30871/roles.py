"""Who signs, who approves, who keeps a copy, who needs which certificate.

Source: GB 30871-2022, tables B.1 and B.2 (annex B is informative: an enterprise may map the roles to its own houses)
and the order of signatures of annex A; certificates by 4.9 with the catalogue of special operations [V~, D].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, clause, several, table, text_of
from quancheng.standards.gb30871.kinds import level_of
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Role:
    """One part that somebody plays for a permit."""

    code: str
    name: Text
    clause: str
    mark: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who decides on a permit of one kind and level, who countersigns, who keeps copies 1 to 3, and in which order is
    signed. ``optional`` are steps that the enterprise's rules may leave out."""

    kind: str
    level: str
    approver: str
    countersign: tuple[str, ...]
    copies: tuple[str, str, str]
    steps: tuple[str, ...]
    optional: frozenset[str]
    clause: str
    mark: str

    @property
    def copy_2_after(self) -> str:
        """Who keeps the second copy after the end of work: of temporary electricity the supply unit."""
        return "POWER_UNIT" if self.kind == "TE" else self.copies[1]

    @property
    def approving_step(self) -> str:
        """The step by which the permit is issued: that of the approver, or of the unit that is the approver."""
        return "APPROVER" if "APPROVER" in self.steps else self.approver

    @property
    def steps_to_issue(self) -> tuple[str, ...]:
        """The steps that are signed before work, in order, those that may be left out not included."""
        end = self.steps.index(self.approving_step) + 1
        return tuple(step for step in self.steps[:end] if step not in self.optional)


@cache
def roles() -> dict[str, Role]:
    """All roles by code."""
    return {
        row["code"]: Role(row["code"], text_of(row), clause(row["clause"]), row["mark"]) for row in table("roles")
    }


#: Departments that countersign excavation or road closing, of those concerned.
DEPARTMENTS: dict[str, Text] = {
    "WATER": Text("水", "water"),
    "POWER": Text("电", "power"),
    "STEAM": Text("汽", "steam"),
    "PROCESS": Text("工艺", "process"),
    "EQUIPMENT": Text("设备", "equipment"),
    "FIRE": Text("消防", "fire"),
    "SAFETY": Text("安全", "safety"),
    "POWER_UNIT": Text("配送电单位", "power supply unit"),
}
#: Roles of which a higher one may sign for a lower one, mildest first: nobody is refused for ranking too high [D].
_LADDER = (
    {"LOCAL_UNIT"},
    {"SPECIALIST_DEPT", "SAFETY_DEPT"},
    {"RESP_LEADER", "PLANT_DIRECTOR", "CHIEF_ON_DUTY"},
)


@cache
def approvals() -> dict[tuple[str, str], Approval]:
    """Tables B.1 and B.2 by kind and level."""
    return {
        (row["kind"], row["level"]): Approval(
            row["kind"],
            row["level"],
            row["approver"],
            several(row["countersign"]),
            (row["copy_1"], row["copy_2"], row["copy_3"]),
            tuple(step.rstrip("?") for step in several(row["steps"])),
            frozenset(step[:-1] for step in several(row["steps"]) if step.endswith("?")),
            clause(row["clause"]),
            row["mark"],
        )
        for row in table("approvals")
    }


def approval(kind: str, level: str = "") -> Approval:
    """Who decides on a permit. BadInput for a kind or level that is none."""
    level_of(kind, level)
    return approvals()[kind, level]


def approvers(level: Level) -> tuple[str, ...]:
    """The roles that must approve a job of some level: that of table B.1, and the chief or leader on duty besides
    where special hot work is upgraded."""
    if level.need != "TICKET":
        return ()
    first = approval(level.kind, level.approval).approver
    return (first, "CHIEF_ON_DUTY") if level.extra_approver else (first,)


def may_approve(role: str, demanded: str) -> bool:
    """Whether somebody in a role may sign where another is demanded: the same, or one of a higher rung [D]. The power
    supply unit is replaced by nobody. BadInput for a role that is none."""
    for one in (role, demanded):
        if one not in roles():
            raise BadInput("role", Text(f"没有角色{one}", f"there is no role {one}"))
    if role == demanded:
        return True
    rungs = {one: number for number, rung in enumerate(_LADDER) for one in rung}
    return role in rungs and demanded in rungs and rungs[role] > rungs[demanded]


def at_least(role: str, demanded: str) -> str:
    """A role where it may approve, else the demanded one: a house may move an approver up, never down."""
    return role if role in roles() and may_approve(role, demanded) else demanded


#: Pairs of roles of one permit that one person may not hold, with the clause and mark.
SEPARATED: tuple[tuple[str, str, str, str], ...] = (
    ("APPROVER", "WORK_LEADER", "4.11", "D"),
    ("APPROVER", "REQUESTER", "4.11", "D"),
    ("APPROVER", "WORKER", "4.11", "D"),
    ("GUARDIAN", "WORKER", "4.10 f)", "V"),
    ("GUARDIAN", "APPROVER", "4.10 f)", "V"),
    ("GUARDIAN", "WORK_LEADER", "4.10 f)", "D"),
)


def separated(kind: str, level: str = "") -> tuple[tuple[str, str, str, str], ...]:
    """Pairs of roles that must be two persons: first, second, clause, mark. The analyst of special hot work and of
    confined spaces is not a worker."""
    more = (("ANALYST", "WORKER", "4.10 f)", "D"),) if kind == "CS" or (kind, level) == ("HW", "S") else ()
    return tuple((one, other, clause(number), mark) for one, other, number, mark in (*SEPARATED, *more))


# Certificates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """What a task needs: any one of ``needs``. ``when`` names the circumstance in which the rule holds, if any."""

    code: str
    kind: str
    tasks: tuple[str, ...]
    needs: tuple[str, ...]
    when: str
    clause: str
    mark: str
    text: Text


#: Certificates by the head of their codes: SO special operation, SE special equipment.
COMPANY_TRAINING = "COMPANY_TRAINING"


@cache
def certificate_rules() -> tuple[CertificateRule, ...]:
    """The map of tasks and certificates."""
    return tuple(
        CertificateRule(
            row["code"],
            row["kind"],
            several(row["task"]),
            several(row["needs"]),
            row["when"],
            clause(row["clause"]),
            row["mark"],
            text_of(row),
        )
        for row in table("certificates")
    )


def certificates_needed(
    kind: str, tasks: Iterable[str], circumstances: Iterable[str] = ()
) -> tuple[CertificateRule, ...]:
    """The rules that a person must satisfy who does some tasks in a job of some kind. ``circumstances``:
    ``hazard_place``, ``high_voltage``."""
    wanted, around = set(tasks), set(circumstances)
    return tuple(
        rule
        for rule in certificate_rules()
        if rule.kind in (kind, "*") and wanted & set(rule.tasks) and (not rule.when or rule.when in around)
    )


def satisfies(certificate: str, rule: CertificateRule) -> bool:
    """Whether a certificate of some code satisfies a rule; ``SO-1.EX`` is satisfied by every ``SO-1.EX.…``."""
    return any(certificate == need or certificate.startswith(f"{need}.") for need in rule.needs)


def tasks_known() -> frozenset[str]:
    """Every task that the map knows, with those of all kinds."""
    return frozenset(task for rule in certificate_rules() for task in rule.tasks)
