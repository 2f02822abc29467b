"""Who would be told now (现在会告知谁): for pages, with names as far as the actor may read them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quancheng.domains.monitoring.models import Alarm, TellingRule
from quancheng.domains.monitoring.queries import escalation
from quancheng.domains.monitoring.queries.telling import Planned, What, plan, what_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation, OrganisationKind, User

_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """One person, or none where nobody would be told."""

    organisation: str
    name: str
    outcome: str
    rule: TellingRule | None


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A step with when it is due, in seconds after the raising, and who would be told."""

    step: int
    after_s: int
    people: Sequence[PersonPreview]


def preview(
    *, actor: Actor, priority: int, kind: str, now: datetime, alarm: Alarm | None = None
) -> Sequence[StepPreview]:
    """Who would be told at each step of an alarm that a query gave, or of one that might be.

    Without an alarm: who of the actor's own organisation; of an enterprise at steps inside, of an office at the others.
    """
    steps = escalation.steps_at(now)
    found: list[tuple[int, int, list[Planned]]] = []
    for step in escalation.WHO:
        after = steps.due_s(step, priority)
        if after is None:
            continue
        if alarm is not None:
            planned = plan(what_of(alarm.tag, priority=priority, kind=kind), step, now=now).people
        else:
            planned = _own(actor, priority, kind, step, now=now)
        if planned:
            found.append((step, after, planned))
    return _named(actor, found)


def _own(actor: Actor, priority: int, kind: str, step: int, *, now: datetime) -> list[Planned]:
    whose = actor.organisation_id
    organisation = None if whose is None else Organisation.objects.filter(pk=whose).first()
    if whose is None or organisation is None:
        return []
    is_enterprise = Enterprise.objects.visible_to(actor).filter(pk=whose).exists()
    if is_enterprise != (step < escalation.OFFICE):
        return []
    # A town hears as the town in whose area the enterprise lies, an office as the one that supervises it.
    is_town = organisation.kind == OrganisationKind.TOWN
    what = What(
        file_id=whose, supervisor_id=_NOBODY if is_town else whose, area_path=actor.area_path if is_town else "",
        priority=priority, type=kind, unit_id=None,
    )  # fmt: skip
    return [one for one in plan(what, step, now=now).people if one.organisation_id == whose]


def _named(actor: Actor, found: Sequence[tuple[int, int, list[Planned]]]) -> list[StepPreview]:
    """With names: a person of another organisation is told of by its organisation alone, unless one supervises it."""
    planned = [one for _step, _after, people in found for one in people]
    names = dict(User.objects.filter(pk__in={one.person_id for one in planned}).values_list("pk", "name"))
    organisations = {
        one.pk: one for one in Organisation.objects.filter(pk__in={one.organisation_id for one in planned})
    }

    def shown(one: Planned) -> PersonPreview:
        readable = reads_names(actor, one.organisation_id)
        name = names.get(one.person_id, "") if one.person_id is not None and readable else ""
        return PersonPreview(organisations[one.organisation_id].label, name, one.outcome, one.rule)

    return [
        StepPreview(step, after, list(dict.fromkeys(shown(one) for one in people))) for step, after, people in found
    ]


def reads_names(actor: Actor, organisation_id: uuid.UUID | None) -> bool:
    """Whether the actor reads who of an organisation was told."""
    return actor.supervises or organisation_id == actor.organisation_id
