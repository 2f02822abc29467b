"""Who writes in an enterprise's risk list, and what the journal holds of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import keeps
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import Conflict, NotPermitted, StaleState, Text
from quancheng.kernel.once import once

KEEP, VIEW, ENTER = "risk.list.keep", "risk.list.view", "risk.list.enter"
Row = TypeVar("Row", bound=models.Model)


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor may write in the risk list of a file that he sees: the enterprise itself, or an office."""
    return keeps(actor, file, own=KEEP, office=ENTER)


def require_keeper(actor: Actor, file: Enterprise) -> None:
    """:raises NotPermitted: somebody else. :raises Conflict: the file was merged into another."""
    if file.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))
    if not may_keep(actor, file):
        raise NotPermitted
    inside = file.pk == actor.organisation_id or actor.is_system
    if not inside and not Enterprise.objects.visible_to(actor).filter(pk=file.pk).exists():
        raise NotPermitted


#: Hears of each row of the list that was written, in its transaction: (row, its file, who, when).
Listener = Callable[[models.Model, uuid.UUID, Actor, datetime], None]
#: Says why a row may not be changed by this actor, or None: it is kept in another system.
Guard = Callable[[models.Model, Actor], "Text | None"]
_listeners: list[Listener] = []
_guards: list[Guard] = []


def listen(listener: Listener) -> None:
    """Called by rooms above, when the apps get ready: what is written here goes on from there."""
    _listeners.append(listener)


def guard(rule: Guard) -> None:
    """Called by rooms above, when the apps get ready: rows of theirs that are not changed by hand here."""
    _guards.append(rule)


def refuse_guarded(row: models.Model, actor: Actor) -> None:
    """For every act that changes or ends a row with a guard: :func:`change_row` and :func:`end_row` ask by themselves.

    :raises Conflict: the row is kept in another system, which the sentence names.
    """
    for rule in _guards:
        if (said := rule(row, actor)) is not None:
            raise Conflict(said, code="kept_elsewhere")


def note(
    actor: Actor, act: str, file_id: uuid.UUID, row: models.Model, now: datetime, facts: Mapping[str, Any]
) -> None:
    """The journal's entry of an act on the risk list, in the enterprise's own chain."""
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, org_id=file_id, facts=facts,
        now=now,
    )  # fmt: skip
    for listener in _listeners:
        listener(row, file_id, actor, now)


def enter_row(
    *, actor: Actor, act: str, file: Enterprise, make: Callable[[], Row], body: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None, twice: tuple[str, str],
) -> uuid.UUID:  # fmt: skip
    """Make a row once for a client's identifier and note it; in the caller's transaction.

    :param twice: field and sentence of the refusal where such a row stands already.
    :raises Conflict: it does.
    """

    def write() -> uuid.UUID:
        try:
            with transaction.atomic():
                made = make()
        except IntegrityError as again:
            if not isinstance(again.__cause__, UniqueViolation):
                raise
            raise Conflict(twice[1], fields={twice[0]: twice[1]}) from again
        note(actor, act, file.pk, made, now, body)
        found: uuid.UUID = made.pk
        return found

    given = {"file": file.pk, **body}
    return once(actor=actor, client_id=client_id, act=act, body=given, now=now, make=write)[0]


def change_row(
    *, actor: Actor, act: str, file_id: uuid.UUID, row: Any, version: int, changes: Mapping[str, Any], now: datetime,
    twice: tuple[str, str], **besides: Any,
) -> dict[str, Any]:  # fmt: skip
    """Write what differs under the version that was read; in the caller's transaction. Returns what changed.

    :raises StaleState: somebody saved meanwhile. :raises Conflict: such a row stands already.
    """
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return {}
    refuse_guarded(row, actor)
    before = {name: getattr(row, name) for name in changed}
    try:
        with transaction.atomic():
            won = type(row)._default_manager.filter(pk=row.pk, version=version, ended_date__isnull=True).update(
                **changed, **besides, version=version + 1
            )  # fmt: skip
    except IntegrityError as again:
        if not isinstance(again.__cause__, UniqueViolation):
            raise
        raise Conflict(twice[1], fields={twice[0]: twice[1]}) from again
    if not won:
        raise StaleState(_("他人刚刚修改或撤销了此项，请刷新后核对再改。"))
    plain = {name: getattr(value, "pk", value) for name, value in changed.items()}
    before = {name: getattr(value, "pk", value) for name, value in before.items()}
    note(actor, act, file_id, row, now, {"before": before, "after": plain})
    row.refresh_from_db()
    return changed


def end_row(*, actor: Actor, act: str, file_id: uuid.UUID, row: Any, now: datetime, day: Any, reason: str) -> None:
    """Take a row out of the list from a day; it stays to be read. :raises StaleState: it is out already."""
    refuse_guarded(row, actor)
    if not type(row)._default_manager.filter(pk=row.pk, ended_date__isnull=True).update(ended_date=day):
        raise StaleState(_("此项已撤销。"))
    row.refresh_from_db()
    note(actor, act, file_id, row, now, {"on": day, "reason": reason})
