"""Problems: found, listed, explained, put into somebody's hands, rectified, verified, learned from, closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import Problem
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import Organisation

MANAGE = "duty.problems.manage"
_TEXT_LIMIT = 5000
_PARTIES = ("enterprise", "agency")
#: Moves that write one section, and the field they fill.
SECTIONS = {
    "state_cause": "cause",
    "plan_measure": "measure",
    "root": "root_measure",
    "analyse": "analysis",
}


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """A problem that was found: on which list, in which industry, where, how."""

    title: str
    text: str
    unit: Organisation
    source: str
    found_date: date
    list: str = "safety"
    industry: str = "chemicals"
    parent: Problem | None = None
    origin_id: uuid.UUID | None = None


def report_problem(*, actor: Actor, spec: ProblemSpec, now: datetime, client_id: uuid.UUID | None = None) -> Problem:
    """Enter a problem that was found. The unit itself sees it once it has to act.

    :raises Invalid: no title, text or source, or found in the future; by field.
    """
    actor.require(MANAGE)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    faults = {name: _("请填写此项。") for name in ("title", "text", "source") if not clean(getattr(spec, name))}
    if spec.found_date > Calendar().local_date(now):
        faults["found_date"] = _("发现日期不能晚于今天。")
    if faults:
        raise Invalid(fields=faults)
    concerns = spec.unit if spec.unit.kind in _PARTIES else None
    with transaction.atomic():
        problem = Problem(
            owner_org_id=actor.organisation_id,
            enterprise=concerns,
            area=spec.unit.area,
            links=list(spec.unit.links) if concerns else [],
            code=next_code(Problem, "W", now=now),
            list=spec.list,
            industry=spec.industry,
            title=clean(spec.title)[:200],
            text=spec.text.strip()[:_TEXT_LIMIT],
            source=clean(spec.source)[:120],
            found_date=spec.found_date,
            unit=spec.unit,
            parent=spec.parent,
            origin_id=spec.origin_id,
            created_at=now,
        )
        facts = {"title": problem.title, "unit": spec.unit.pk, "source": problem.source}
        return enter(actor=actor, row=problem, now=now, facts=facts, client_id=client_id)


def enlist(*, actor: Actor, problem: Problem, now: datetime, client_id: uuid.UUID | None = None) -> Problem:
    """Put a problem on its list (建立清单)."""
    return move(actor=actor, row=problem, name="enlist", now=now, client_id=client_id)


def write_section(
    *, actor: Actor, problem: Problem, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Problem:
    """Write the section that a step demands: the cause, the measure, the root measure or the analysis.

    :param name: one of :data:`SECTIONS`.
    """
    field = SECTIONS.get(name)
    if field is None:
        raise Invalid(_("没有这个操作。"))
    text = _text(text, field)
    return move(
        actor=actor, row=problem, name=name, now=now, given={field: text}, changes={field: text}, client_id=client_id
    )


def assign_problem(
    *,
    actor: Actor,
    problem: Problem,
    org: Organisation,
    due_date: date,
    now: datetime,
    person: str = "",
    client_id: uuid.UUID | None = None,
) -> Problem:
    """Settle who must rectify it by when; that unit sees the problem from now on.

    :raises Invalid: a deadline that has passed.
    """
    if due_date < Calendar().local_date(now):
        raise Invalid(fields={"due_date": _("整改时限不能早于今天。")})
    changes: dict[str, Any] = {"org": org, "due_date": due_date, "person": clean(person)[:60]}
    if org.pk == problem.enterprise_id:
        changes["reach"] = "party"
    with transaction.atomic():
        share(actor=actor, row=problem, to_org=org.pk, why="lead", now=now)
        given = {"org": org.name, "due_date": due_date.isoformat()}
        return move(actor=actor, row=problem, name="assign", now=now, given=given, changes=changes,
                    client_id=client_id)  # fmt: skip


def rectify(
    *,
    actor: Actor,
    problem: Problem,
    result: str,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Problem:
    """Submit what was done, with its evidence."""
    result = _text(result, "result")
    given: Mapping[str, Any] = {"result": result, "evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        move(actor=actor, row=problem, name="rectify", now=now, given=given, changes={"result": result},
             client_id=client_id)  # fmt: skip
        attach_files(actor=actor, row=problem, file_ids=list(evidence), now=now)
    return problem


def verify_problem(
    *,
    actor: Actor,
    problem: Problem,
    accept: bool,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Problem:
    """Accept what was rectified, by another person than who did it, or send it back with the reason."""
    given = {"reason": reason.strip()} if accept else {"reason": _text(reason, "reason")}
    name = "verify" if accept else "return"
    return move(actor=actor, row=problem, name=name, now=now, given=given, client_id=client_id)


def compare(
    *,
    actor: Actor,
    problem: Problem,
    text: str,
    units: Sequence[Organisation],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Problem:
    """Learn by analogy (举一反三): say where the same may be wrong, and open it at those units.

    A problem closes only after those that were opened from it.
    """
    text = _text(text, "analogy")
    given = {"analogy": text, "units": [str(unit.pk) for unit in units]}
    with transaction.atomic():
        move(actor=actor, row=problem, name="compare", now=now, given=given, changes={"analogy": text},
             client_id=client_id)  # fmt: skip
        known = set(problem.similar.values_list("unit_id", flat=True)) | {problem.unit_id}
        for unit in units:
            if unit.pk in known:
                continue
            spec = ProblemSpec(
                title=problem.title,
                text=problem.text,
                unit=unit,
                source=str(_("举一反三：%(code)s") % {"code": problem.code}),
                found_date=Calendar().local_date(now),
                list=problem.list,
                industry=problem.industry,
                parent=problem,
            )
            report_problem(actor=actor, spec=spec, now=now)
    return problem


def end_problem(
    *,
    actor: Actor,
    problem: Problem,
    name: str,
    now: datetime,
    reason: str = "",
    client_id: uuid.UUID | None = None,
) -> Problem:
    """``close`` a problem whose every section is written, or ``discard`` one that is not put on the list."""
    if name not in ("close", "discard"):
        raise Invalid(_("没有这个操作。"))
    given = {} if name == "close" else {"reason": _text(reason, "reason")}
    return move(actor=actor, row=problem, name=name, now=now, given=given, changes={"closed_at": now},
                client_id=client_id)  # fmt: skip


def _text(value: str, name: str) -> str:
    value = value.strip()
    if not value:
        raise Invalid(fields={name: _("此项必填。")})
    if len(value) > _TEXT_LIMIT:
        raise Invalid(fields={name: _("内容过长，请控制在 %(limit)s 字以内。") % {"limit": _TEXT_LIMIT}})
    return value
