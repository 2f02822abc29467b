"""Clues of grid patrols (网格线索): raised by an officer, taken by the town, handed on, answered or made a danger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ClueKind, PatrolClue, PatrolPlace, PatrolVisit
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import Organisation

HANDLE = "hazards.patrols.handle"
#: Why a clue is shared with the body that it was handed to.
TO = "grid_clue"
#: The notice that tells an officer what became of what he found.
ANSWERED = "hazards.patrol_clue_answered"
#: How old what is told may be: phones come back into the net within days. [D]
OLDEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ClueSpec:
    """What is told of a clue: its kind, what was seen, photos (keys of uploads), when it was found (now if None)."""

    kind: str
    text: str
    photos: Sequence[uuid.UUID] = ()
    found_at: datetime | None = None


def raise_clue(
    *, actor: Actor, place: PatrolPlace, spec: ClueSpec, now: datetime, visit: PatrolVisit | None = None,
    client_id: uuid.UUID | None = None,
) -> PatrolClue:  # fmt: skip
    """Tell the town what was found at a place; a suspected major danger is to be taken at once.

    :raises NotPermitted: another organisation's place. :raises Invalid: by field. :raises Conflict: no town is known.
    :raises StaleState: the place is out of use.
    """
    actor.require(queries.WALK)
    if actor.organisation_id != place.owner_org_id:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if spec.kind not in ClueKind.values:
        wrong["kind"] = _("请选择线索类别。")
    if not clean(spec.text):
        wrong["text"] = _("请写明发现了什么。")
    if spec.found_at is not None and now - spec.found_at > OLDEST:
        wrong["found_at"] = _("发现时间已过去%(days)s天以上，不能再上报。") % {"days": OLDEST.days}
    if wrong:
        raise Invalid(fields=wrong)
    if visit is None and place.ended_date is not None:
        raise StaleState(_("该巡查点已停用。"))
    town = queries.town_over(place.owner_org)
    if town is None:
        raise Conflict(_("没有找到所属镇街，请联系系统管理员。"))
    with transaction.atomic():
        row = PatrolClue(
            owner_org_id=place.owner_org_id, area_id=place.area_id, links=place.links,
            code=next_code(PatrolClue, "XS", now=now), title=f"{place.name}：{clean(spec.text)}"[:200], place=place,
            visit=visit, kind=spec.kind, text=clean(spec.text)[:1000], raiser_id=actor.user_id, raiser_name=actor.name,
            found_at=min(spec.found_at or now, now), town=town, handler=town, take_by=_take_by(spec.kind, now),
            answer_by=_answer_by(spec.kind, now), created_at=now,
        )  # fmt: skip
        facts = {"place": place.pk, "kind": spec.kind, "text": row.text, "visit": visit.pk if visit else None}
        made: PatrolClue = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if made.pk == row.pk and spec.photos:
            attach_files(actor=actor, row=made, file_ids=spec.photos, now=now)
    return made


def take_clue(*, actor: Actor, row: PatrolClue, now: datetime, client_id: uuid.UUID | None = None) -> PatrolClue:
    """Take it: from now on it is to be answered."""
    changes = {"answer_by": _answer_by(row.kind, now)}
    move(actor=actor, row=row, name="take", now=now, changes=changes, client_id=client_id)
    return row


def transfer_clue(
    *, actor: Actor, row: PatrolClue, receiver: Organisation | None, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PatrolClue:  # fmt: skip
    """Hand it to the department that is competent, which takes it or sends it back to the town.

    :raises Invalid: no body that supervises, the one that has it, or no reason.
    """
    said = clean(reason)[:500]
    given = {"receiver": str(receiver.pk) if receiver else "", "reason": said}

    def make() -> None:
        if receiver is None or not queries.receivers_for(row, actor=actor).filter(pk=receiver.pk).exists():
            raise Invalid(fields={"receiver": _("请选择负有监管职责的单位。")})
        changes = {"handler": receiver, "take_by": _take_by(row.kind, now), "transfer_reason": said}
        move(actor=actor, row=row, name="transfer", now=now, given=given, changes=changes)
        share(actor=actor, row=row, to_org=receiver.pk, why=TO, now=now)

    return move_once(actor=actor, row=row, name="transfer", given=given, client_id=client_id, now=now, make=make)


def return_clue(
    *, actor: Actor, row: PatrolClue, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> PatrolClue:
    """Send it back to the town, which hands it to another body or answers it."""
    said = clean(reason)[:500]
    changes = {"handler_id": row.town_id, "take_by": _take_by(row.kind, now), "transfer_reason": said}
    move(actor=actor, row=row, name="return", now=now, given={"reason": said}, changes=changes, client_id=client_id)
    return row


def answer_clue(
    *, actor: Actor, row: PatrolClue, text: str, is_nothing: bool, now: datetime, client_id: uuid.UUID | None = None
) -> PatrolClue:
    """Say what was done about it, or why there is nothing in it; who found it is told."""
    said = clean(text)[:2000]
    name, asked = ("nothing", "reason") if is_nothing else ("answer", "text")
    given = {asked: said}

    def make() -> None:
        changes = {"answer": said, "answerer_name": actor.name, "closed_at": now}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, facts={"answerer_name": ""})
        _tell(row, now)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def find_danger(
    *, actor: Actor, row: PatrolClue, name: str, type: str, is_major: bool, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PatrolClue:  # fmt: skip
    """Make it a hidden danger of the enterprise that works at the place; its photos go with it, who found it reads it.

    :raises Invalid: by field. :raises StaleState: it was not taken, or the place has no file.
    """
    called = clean(name)[:300]
    given = {"name": called, "type": type, "is_major": is_major}

    def make() -> None:
        locked = PatrolClue.objects.select_for_update(no_key=True).get(pk=row.pk)
        file = locked.place.file
        while file is not None and file.merged_into is not None:
            # Another file goes on in place of the one that the place names.
            file = file.merged_into
        if file is None:
            raise StaleState(_("该巡查点没有关联企业档案，请办理后直接答复。"))
        place = locked.place
        spec = FindingSpec(
            name=called, description=_("网格线索%(code)s：%(text)s") % {"code": row.code, "text": row.text},
            place=place.name, lon=place.lon, lat=place.lat, found_at=row.found_at, source="regulator", channel="grid",
            type=type, is_major=is_major, photos=tuple(link.file_id for link in files_of(row)),
        )  # fmt: skip
        made = report_finding(actor=actor, file=file, spec=spec, now=now, is_sent=True)
        share(actor=actor, row=made, why="found", to_org=row.owner_org_id, now=now)
        changes: dict[str, Any] = {
            "finding": made, "answer": f"{made.code} {made.name}"[:2000], "answerer_name": actor.name, "closed_at": now,
        }  # fmt: skip
        move(actor=actor, row=row, name="find", now=now, given=given, changes=changes, facts={"answerer_name": ""})
        _tell(row, now)

    return move_once(actor=actor, row=row, name="find", given=given, client_id=client_id, now=now, make=make)


def _tell(row: PatrolClue, now: datetime) -> None:
    """Who found it hears what became of it."""
    if row.raiser_id is not None:
        notify(users=[row.raiser_id], kind=ANSWERED, data={"title": row.code}, now=now, subject_type=row.row_type(),
               subject_id=row.pk)  # fmt: skip


def _take_by(kind: str, now: datetime) -> datetime:
    calendar = Calendar()
    terms = queries.terms_on(calendar.local_date(now))
    if kind == ClueKind.MAJOR:
        return now + timedelta(hours=terms.major_take_hours)
    return calendar.end_of(calendar.local_date(now) + timedelta(days=terms.take_days))


def _answer_by(kind: str, now: datetime) -> datetime:
    calendar = Calendar()
    terms = queries.terms_on(calendar.local_date(now))
    days = terms.major_answer_days if kind == ClueKind.MAJOR else terms.answer_days
    return calendar.end_of(calendar.local_date(now) + timedelta(days=days))
