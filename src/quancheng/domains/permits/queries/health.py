"""Whom health keeps from a job (职业禁忌): limits in the files of people, against what the roles of their tasks bar."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from quancheng.domains.permits.models import Part, PermitPerson
from quancheng.domains.training.models import HealthLimit, WorkRole

#: Roles of the house (``training.WorkRole``) by kind of permit and task of the standard; ``*`` is any kind.
_ROLES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("HW", "ARC_WELD"): ("welder",), ("HW", "GAS_WELD"): ("welder",), ("HW", "GAS_CUT"): ("welder",),
    ("HW", "PLASMA"): ("welder",), ("WH", "SCAFFOLDER"): ("scaffolder",), ("WH", "INSTALLER"): ("height_worker",),
    ("LF", "CRANE_OPERATOR"): ("crane_operator",), ("LF", "LIFT_COMMANDER"): ("crane_commander",),
    ("TE", "WORKER"): ("electrician_low", "electrician_high", "electrician_ex"),
    ("TE", "WORK_LEADER"): ("electrician_low", "electrician_high", "electrician_ex"),
    ("*", "FORKLIFT_DRIVER"): ("forklift_driver",), ("*", "PROCESS_OPERATOR"): ("process_operator",),
    ("*", "INSTRUMENT_FITTER"): ("instrument_worker",),
}  # fmt: skip
#: Who guards: in a confined space a role of its own.
_GUARDS = {"CS": ("confined_guardian",)}
_GUARD = ("work_guardian",)
#: What bars everybody on a kind of permit whatever his task: codes of ``training.health_limits`` [D].
_OF_KIND = {"WH": frozenset({"height"}), "CS": frozenset({"confined"}), "TE": frozenset({"electrical"})}

Bars = Mapping[str, frozenset[str]]


def bars_of_roles() -> Bars:
    """What each role bars, by its code. One query."""
    wanted = {code for codes in _ROLES.values() for code in codes} | {*_GUARD, *_GUARDS["CS"]}
    rows = WorkRole.objects.filter(code__in=wanted).values_list("code", "barred_by")
    return {code: frozenset(barred) for code, barred in rows}


def barred_by(kind: str, part: str, tasks: Iterable[str], bars: Bars) -> frozenset[str] | None:
    """The limits that keep somebody from his part of a job; None where one of his tasks has no role that says which
    do: then each does."""
    if part == Part.GUARDIAN:
        roles: list[tuple[str, ...]] = [_GUARDS.get(kind, _GUARD)]
    else:
        roles = [_ROLES.get((kind, task)) or _ROLES.get(("*", task), ()) for task in tasks]
    if not roles or any(code not in bars for one in roles for code in one) or not all(roles):
        return None
    told: frozenset[str] = frozenset().union(*(bars[code] for one in roles for code in one))
    return told | _OF_KIND.get(kind, frozenset())


def contraindicated(
    one: PermitPerson, kind: str, tasks: Collection[str], limits: Collection[HealthLimit], bars: Bars,
    first: date, last: date,
) -> bool | None:  # fmt: skip
    """Whether a limit that holds on a day of the job keeps somebody from it; None where nothing was ever recorded of
    his health: neither a limit nor a medical."""
    barred = barred_by(kind, one.part, tasks, bars)
    holding = [each for each in limits if each.from_date <= last and (each.until_date or date.max) >= first]
    if any(barred is None or each.limit in barred for each in holding):
        return True
    return False if limits or one.medical_on is not None else None


def limits_of(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[HealthLimit]]:
    """Limits by person, past ones too. One query."""
    found: dict[uuid.UUID, list[HealthLimit]] = {key: [] for key in keys}
    for row in HealthLimit.objects.filter(person__in=list(keys)):
        found[row.person_id].append(row)
    return found
