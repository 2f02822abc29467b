"""Entering a loop and moving through it: the only code that writes a state.

Both are one transaction: the row, its record, the journal entry, the work item and the event stand or fall together.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.holders import holder_of
from quancheng.kernel.files.services import freeze_files
from quancheng.kernel.loops.declare import ANYBODY, SYSTEM, Holder, Loop, Move, loop_of
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.loops.returning import update_and_read
from quancheng.kernel.once import once
from quancheng.kernel.work import items

Row = TypeVar("Row", bound=LoopRow)


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """A move that the actor may make now."""

    name: str
    label: str
    needs: tuple[str, ...]
    primary: bool


def enter(
    *,
    actor: Actor,
    row: Row,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    client_id: uuid.UUID | None = None,
    device_at: datetime | None = None,
) -> Row:
    """Save a new row in the start state of its loop.

    :param facts: what the journal shall hold of it; no personal data in clear.
    :param client_id: the client's identifier of the request; the same again returns the first row.
    :param device_at: when it was made by the clock of a device that had no line.
    :raises Conflict: another body under the same client identifier.
    """
    loop = loop_of(row.loop_code)

    def make() -> uuid.UUID:
        row.status, row.loop_version = loop.start, loop.version
        row.status_at = row.updated_at = now
        row.save(force_insert=True)
        _write(
            actor=actor, row=row, loop=loop, name="", source="", now=now, given={}, facts=facts, device_at=device_at
        )  # fmt: skip
        return row.pk

    with transaction.atomic():
        body = {"facts": plain(dict(facts or {}))}
        pk, _created = once(actor=actor, client_id=client_id, act=f"{loop.code}.enter", body=body, now=now, make=make)
    return row if pk == row.pk else type(row).objects.get(pk=pk)  # type: ignore[attr-defined]


def move(
    *,
    actor: Actor,
    row: Row,
    name: str,
    now: datetime,
    given: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    client_id: uuid.UUID | None = None,
    device_at: datetime | None = None,
) -> Row:
    """Make one move on a row that a query gave to this actor; the row is refreshed in place.

    A move into a final state freezes the files that the row holds: from then on they are only added to.

    :param given: what the person gave (reason, evidence ...), kept with the move.
    :param changes: fields of the row that change in the same update.
    :raises NotPermitted: duty missing, another organisation's step, a colleague's item, or four eyes.
    :raises StaleState: the row is not, or no longer, in a state that the move starts from.
    :raises Invalid: something that the move needs was not given.
    """
    loop, given, changes = row.loop, dict(given or {}), dict(changes or {})
    step = loop.moves.get(name)
    if step is None:
        raise NotFound(_("没有这个操作。"), code="unknown_move")

    def make() -> uuid.UUID:
        _check(actor=actor, row=row, loop=loop, name=name, step=step, given=given)
        source = row.status
        fields = {**changes, "status": step.target, "updated_at": now}
        if step.target != source:
            fields["status_at"] = now
        manager = type(row).objects  # type: ignore[attr-defined]
        instead_of = items.instead_of(actor=actor, row=row)
        if not update_and_read(manager.visible_to(actor).filter(pk=row.pk, status=source), row=row, fields=fields):
            raise _stale(row)
        _write(
            actor=actor,
            row=row,
            loop=loop,
            name=name,
            source=source,
            now=now,
            given=given,
            facts={**plain(changes_as_facts(changes)), **dict(facts or {})},
            device_at=device_at,
            instead_of=instead_of,
        )
        if loop.states[row.status].is_final and holder_of(row.row_type()) is not None:
            freeze_files(row=row, now=now)
        return row.pk

    with transaction.atomic():
        # What the person gave, not what the service made of it: that depends on when it was asked.
        body = {"row": row.pk, "given": plain(given)}
        _pk, made = once(actor=actor, client_id=client_id, act=f"{loop.code}.{name}", body=body, now=now, make=make)
    if not made:
        row.refresh_from_db()
    return row


def follow_owner(row: LoopRow) -> None:
    """Let the open step go to the organisation that the row names now: the caller changed it in its own transaction,
    with a record of why. Time does not begin anew: the step keeps its deadline."""
    items.rehome(row=row, loop=row.loop)


def follow_person(row: LoopRow) -> None:
    """Let the open step go to the person whom the row names now, or to nobody in particular: the caller changed it in
    its own transaction, with a record of why. The step keeps its deadline."""
    items.repeople(row=row, loop=row.loop)


def take_out(*, actor: Actor, row: LoopRow, now: datetime) -> None:
    """Take out a row whose entry was a mistake and that nobody moved, with its work item; the records of it stay.

    :raises Conflict: it was moved, or somebody did something with its item.
    """
    with transaction.atomic():
        if MoveRecord.objects.filter(subject_type=row.row_type(), subject_id=row.pk).exclude(move="").exists():
            raise Conflict(_("“%(title)s”已在办理。") % {"title": row.loop.title(row)})
        items.take_out(row)
        journal.record(
            actor=actor, act=f"{row.loop_code}.take_out", subject_type=row.row_type(), subject_id=row.pk,
            org_id=row.owner_org_id, facts={"from": row.status}, now=now,
        )  # fmt: skip
        row.delete()


def changes_as_facts(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changed fields as plain facts: a model instance stands as its key."""
    return {key: getattr(value, "pk", value) for key, value in changes.items()}


def available_moves(actor: Actor, row: LoopRow) -> list[MoveChoice]:
    """The moves that this actor could make on the row now, in the order of their declaration."""
    choices = []
    for name, step in row.loop.moves_from(row.status).items():
        try:
            _check_actor(actor=actor, row=row, step=step)
            _check_eyes(actor=actor, row=row, step=step)
        except NotPermitted:
            continue
        if step.when is not None and step.when(row) is not None:
            continue
        choices.append(MoveChoice(name, str(step.label), step.needs, step.primary))
    return choices


def history(row: LoopRow) -> list[MoveRecord]:
    """The moves of a row, the latest first. Two queries at most."""
    records = MoveRecord.objects.filter(subject_type=row.row_type(), subject_id=row.pk)
    return list(records.select_related("user", "organisation").order_by("-at", "-pk"))


def _check(*, actor: Actor, row: LoopRow, loop: Loop, name: str, step: Move, given: Mapping[str, Any]) -> None:
    if row.status not in step.froms:
        raise _stale(row)
    _check_actor(actor=actor, row=row, step=step)
    _check_eyes(actor=actor, row=row, step=step)
    missing = [need for need in step.needs if not given.get(need)]
    if missing:
        raise Invalid(fields={need: _("此项必填。") for need in missing})
    refusal = step.when(row) if step.when is not None else None
    if refusal is not None:
        raise StaleState(refusal, code="condition_unmet")


def _check_actor(*, actor: Actor, row: LoopRow, step: Move) -> None:
    holder = step.holder
    if holder.field == SYSTEM:
        if not actor.is_system:
            raise NotPermitted(_("该操作由系统自动执行。"))
        return
    actor.require(holder.duty)
    if holder.field != ANYBODY and not actor.is_system:
        if organisation_of(row, holder) != actor.organisation_id:
            raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")
        if not step.whoever:
            items.refuse_others_item(actor=actor, row=row, duty=holder.duty)


def _check_eyes(*, actor: Actor, row: LoopRow, step: Move) -> None:
    if not step.not_by or actor.user_id is None:
        return
    same = MoveRecord.objects.filter(
        subject_type=row.row_type(), subject_id=row.pk, move__in=step.not_by, user_id=actor.user_id
    )
    if same.exists():
        raise NotPermitted(_("您办理过前一环节，按规定须由另一人核验。"), code="four_eyes")


def organisation_of(row: LoopRow, holder: Holder) -> uuid.UUID | None:
    """The organisation that the row's field names, e.g. ``lead_org``."""
    value: uuid.UUID | None = getattr(row, f"{holder.field}_id")
    return value


def _stale(row: LoopRow) -> StaleState:
    """Say who moved the row and where it stands now."""
    last = (
        MoveRecord.objects.filter(subject_type=row.row_type(), subject_id=row.pk)
        .select_related("organisation")
        .order_by("-at", "-pk")
        .first()
    )
    if last is None:
        return StaleState()
    loop = loop_of(last.loop_code, last.loop_version)
    organisation = last.organisation.label if last.organisation else ""
    words = {"who": f"{organisation} {last.actor_name}".strip(), "state": str(loop.states[last.target].label)}
    return StaleState(
        _("该记录已由%(who)s处理，现为“%(state)s”，请刷新后再操作。") % words, facts={"state": last.target}
    )


def _write(
    *,
    actor: Actor,
    row: LoopRow,
    loop: Loop,
    name: str,
    source: str,
    now: datetime,
    given: Mapping[str, Any],
    facts: Mapping[str, Any] | None,
    device_at: datetime | None,
    instead_of: str = "",
) -> None:
    MoveRecord.objects.create(
        subject_type=row.row_type(),
        subject_id=row.pk,
        loop_code=loop.code,
        loop_version=loop.version,
        move=name,
        source=source,
        target=row.status,
        user_id=actor.user_id,
        organisation_id=actor.organisation_id,
        actor_name=f"{actor.name}（代{instead_of}）" if instead_of else actor.name,
        at=now,
        device_at=device_at,
        given=plain(dict(given)),
    )
    act = f"{loop.code}.{name or 'enter'}"
    journal.record(
        actor=actor,
        act=act,
        subject_type=row.row_type(),
        subject_id=row.pk,
        org_id=row.owner_org_id,
        facts={"from": source, "to": row.status, "given": dict(given), **dict(facts or {})},
        now=now,
    )
    items.follow(actor=actor, row=row, loop=loop, source=source, move=name, now=now, calendar=Calendar())
    publish(act, row, actor=actor, now=now, facts={"from": source, "to": row.status})
