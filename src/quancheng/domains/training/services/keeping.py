"""Who writes in the files of persons, and how it is journaled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.persons import KEEP
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor writes in the files of persons there: the enterprise's own people alone, no office for it."""
    return actor.organisation_id == file.pk and actor.has(KEEP) and file.merged_into_id is None


def require_keeper(actor: Actor, file: Enterprise) -> None:
    """:raises NotPermitted: somebody else. :raises Conflict: the enterprise's file was merged into another."""
    actor.require(KEEP)
    if file.merged_into_id is not None:
        raise Conflict
    if actor.organisation_id != file.pk:
        raise NotPermitted


def note(actor: Actor, act: str, person: Person, now: datetime, facts: Mapping[str, Any]) -> None:
    """The journal's entry of an act on a person's file, in the enterprise's own chain. No personal data in plain."""
    journal.record(
        actor=actor, act=act, subject_type=Person.row_type(), subject_id=person.pk, org_id=person.file_id, facts=facts,
        now=now,
    )  # fmt: skip
