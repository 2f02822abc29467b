"""What the page of retention shows: rules, their last rounds, holds, archives. No content of any row."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.retention.declare import Rule, all_rules
from quancheng.kernel.retention.models import Archive, RetentionHold, RetentionRun
from quancheng.kernel.retention.services import MANAGE


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule with its last round and its last trial, None where there was none."""

    rule: Rule
    last: RetentionRun | None
    trial: RetentionRun | None


def list_rules(*, actor: Actor) -> list[Standing]:
    """Every rule by its code."""
    actor.require(MANAGE)
    runs = RetentionRun.objects.order_by("rule", "is_dry", "-started_at").distinct("rule", "is_dry")
    latest = {(run.rule, run.is_dry): run for run in runs}
    return [Standing(rule, latest.get((rule.code, False)), latest.get((rule.code, True))) for rule in all_rules()]


def list_holds(*, actor: Actor) -> list[RetentionHold]:
    """Live holds, the latest first."""
    actor.require(MANAGE)
    return list(RetentionHold.objects.filter(lifted_at__isnull=True).select_related("set_by").order_by("-set_at", "pk"))


def get_hold(*, actor: Actor, hold_id: uuid.UUID) -> RetentionHold:
    """:raises NotFound: there is no live hold of this identifier."""
    found = next((hold for hold in list_holds(actor=actor) if hold.pk == hold_id), None)
    if found is None:
        raise NotFound
    return found


def list_archives(*, actor: Actor) -> list[Archive]:
    """The latest archives."""
    actor.require(MANAGE)
    return list(Archive.objects.order_by("-made_at", "pk")[:50])


def list_gone(rows: Iterable[tuple[str, uuid.UUID]]) -> set[tuple[str, uuid.UUID]]:
    """Those of some rows, by type and identifier, that a rule has taken away. One query a type that has such a rule."""
    by_type: dict[str, set[uuid.UUID]] = defaultdict(set)
    for subject_type, subject_id in rows:
        by_type[subject_type].add(subject_id)
    gone = set()
    for model in {rule.model for rule in all_rules()}:
        label = model._meta.label_lower
        if wanted := by_type.get(label):
            stands = set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))
            gone |= {(label, pk) for pk in wanted - stands}
    return gone
