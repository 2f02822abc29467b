"""Boards on the spot: found out which an enterprise needs, printed as an edition, outdated when data changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskBoard
from quancheng.domains.risk.queries.boards import Needed, board_changes, content_of, needed_boards
from quancheng.domains.risk.services.card_marks import mark_for
from quancheng.domains.risk.services.keeping import change_row, note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.names import clean

KEEP = "risk.cards.keep"
PERSONS = ("leader", "department_head", "direct_person")


def may_print(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor puts boards of a file that he sees up: the enterprise's own people with the duty."""
    return actor.has(KEEP) and actor.organisation_id == file.pk and file.merged_into_id is None


def find_boards(*, file: Enterprise, now: datetime) -> int:
    """Make a row for each board that an enterprise needs, end those that it needs no more; returns how many are new.

    In a transaction of its own. Nothing is printed by it.
    """
    needed = {(one.kind, one.unit and one.unit.pk, one.place and one.place.pk): one for one in needed_boards(file)}
    day = Calendar().local_date(now)
    with transaction.atomic():
        # Of two at once the second sees what the first made.
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.pk)
        standing = {(one.kind, one.unit_id, one.place_id): one for one in _standing([file.pk])}
        for key, row in standing.items():
            if key not in needed:
                RiskBoard.objects.filter(pk=row.pk).update(ended_date=day)
            elif row.name != needed[key].name:
                RiskBoard.objects.filter(pk=row.pk).update(name=needed[key].name)
        fresh = [_new(file, one, now) for key, one in needed.items() if key not in standing]
        RiskBoard.objects.bulk_create(fresh)
    return len(fresh)


def _new(file: Enterprise, one: Needed, now: datetime) -> RiskBoard:
    return RiskBoard(
        **file.row_scope(), file=file, kind=one.kind, name=one.name[:200], unit=one.unit, place=one.place,
        direct_person=one.direct_person[:60], created_at=now,
    )  # fmt: skip


def name_persons(
    *, actor: Actor, board: RiskBoard, version: int, changes: Mapping[str, Any], now: datetime
) -> RiskBoard:
    """Say who controls the risk: ``leader``, ``department_head``, ``direct_person``. :raises Invalid: too long."""
    _require_printer(actor, board)
    wrong: dict[str, Text] = {}
    given = {name: clean(str(changes[name] or "")) for name in PERSONS if name in changes}
    for name, value in given.items():
        if len(value) > 60:
            wrong[name] = _("最多%(count)s个字。") % {"count": 60}
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        change_row(actor=actor, act="risk.board.persons", file_id=board.file_id, row=board, version=version,
                   changes=given, now=now, twice=("leader", ""))  # fmt: skip
        if board.edition:
            _look(board, now)
    return board


def print_board(*, actor: Actor, board: RiskBoard, now: datetime) -> RiskBoard:
    """Note that a board is printed as it stands; another edition where it says something else than the last print."""
    _require_printer(actor, board)
    if board.ended_date is not None:
        raise Invalid(_("该位置已不需要此牌。"))
    content = content_of(board, on=Calendar().local_date(now))
    with transaction.atomic():
        row = RiskBoard.objects.select_for_update(no_key=True).get(pk=board.pk)
        if row.content != content:
            row.edition += 1
        RiskBoard.objects.filter(pk=row.pk).update(
            edition=row.edition, content=content, changes=[], outdated_at=None, printed_at=now,
            printed_by=actor.name[:130],
        )  # fmt: skip
        mark_for(post=None, board=row, now=now)
        facts = {"edition": row.edition, "content": digest_of(content)}
        note(actor, "risk.board.print", board.file_id, board, now, facts)
    board.refresh_from_db()
    return board


def look_at_boards(*, files: Collection[uuid.UUID] | None = None, now: datetime) -> int:
    """Compare printed boards with what they should say now; returns how many turned outdated or sound again."""
    rows = _standing(files).filter(edition__gt=0).select_related("file__enterprise", "unit__object", "place")
    return sum(_look(row, now) for row in rows.order_by("file", "pk"))


def find_all_boards(*, now: datetime) -> None:
    """Each night: enterprises that have boards get those that they need since, and lose those that they do not."""
    files = Enterprise.objects.filter(risk_boards__isnull=False, merged_into__isnull=True).distinct()
    for file in files.select_related("enterprise").order_by("pk"):
        find_boards(file=file, now=now)


def _look(row: RiskBoard, now: datetime) -> bool:
    changes = board_changes(row.content or {}, content_of(row, on=Calendar().local_date(now)))
    if changes == row.changes:
        return False
    outdated = (row.outdated_at or now) if changes else None
    RiskBoard.objects.filter(pk=row.pk).update(changes=changes, outdated_at=outdated)
    row.changes, row.outdated_at = changes, outdated
    return True


def _standing(files: Collection[uuid.UUID] | None) -> Any:
    rows = RiskBoard.objects.filter(ended_date__isnull=True)
    return rows if files is None else rows.filter(file__in=files)


def _require_printer(actor: Actor, board: RiskBoard) -> None:
    actor.require(KEEP)
    if not may_print(actor, board.file):
        raise NotPermitted
