"""A grid officer is sent to see whether a danger was put right (网格复查派发), and says what he saw."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, PatrolRecheck, Seen
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services.rechecks import owe_recheck
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share, unshare
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.phone.services import DeviceTime

ASSIGN, WALK = "hazards.patrols.assign", queries.WALK
#: Why a danger and the errand are shared with the village or town whose officer goes.
SENT = "grid_recheck"


def assign_recheck(
    *, actor: Actor, finding: Finding, officer: uuid.UUID | None, due_date: date, ask: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PatrolRecheck:  # fmt: skip
    """Send a grid officer of the area to a danger that is said to be put right.

    :raises NotPermitted: no office that supervises. :raises Invalid: by field.
    :raises StaleState: the danger is not said to be put right. :raises Conflict: somebody is sent there already.
    """
    actor.require(ASSIGN)
    if not actor.supervises or actor.organisation_id is None:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    place = queries.lookers(finding).filter(user=officer).first() if officer is not None else None
    if place is None:
        wrong["officer"] = _("请选择隐患所在村（社区）、镇街的网格员。")
    if due_date < Calendar().local_date(now):
        wrong["due_date"] = _("查看期限不能早于今天。")
    body = {"finding": finding.pk, "officer": officer, "due": due_date, "ask": clean(ask)}

    def make() -> uuid.UUID:
        if finding.status not in queries.LOOKED_AT:
            raise StaleState(_("只有待验收、待销号或已销号的隐患可以派发复查。"))
        if wrong or place is None:
            raise Invalid(fields=wrong)
        row = PatrolRecheck(
            **finding.file.row_scope(owner=actor.organisation_id, reach="chain"), finding=finding,
            title=f"{finding.code} {finding.name}"[:340], org=place.organisation, officer=place.user,
            ask=clean(ask)[:500], sender_name=actor.name, due_date=due_date, created_at=now,
        )  # fmt: skip
        facts = {"finding": finding.pk, "officer": place.user_id, "due": due_date, "ask": row.ask}
        try:
            with transaction.atomic():
                enter(actor=actor, row=row, now=now, facts=facts)
        except IntegrityError:
            raise Conflict(_("已派发该村（社区）、镇街查看此隐患，尚未答复。")) from None
        for each in (row, finding):
            share(actor=actor, row=each, to_org=place.organisation_id, why=SENT, now=now)
        return row.pk

    with transaction.atomic():
        act = "hazards.patrol_recheck.assign"
        pk, _fresh = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return PatrolRecheck.objects.select_related("finding", "org", "officer").get(pk=pk)


def answer_recheck(
    *, actor: Actor, row: PatrolRecheck, seen: str, text: str, photos: Sequence[uuid.UUID], now: datetime,
    device: DeviceTime | None = None, client_id: uuid.UUID | None = None,
) -> PatrolRecheck:  # fmt: skip
    """Say what was seen. It closes nothing: that it was not put right is a doubt on the danger, and of one that is off
    the list the supervisor owes a look again.

    :raises NotPermitted: another village or town was sent. :raises Invalid: by field.
    """
    wrong: dict[str, Text] = {}
    if seen not in Seen.values:
        wrong["seen"] = _("请选择查看结果。")
    if seen != Seen.DONE and not clean(text):
        wrong["text"] = _("请写明看到的情况，或未能进入的原因。")
    if seen in (Seen.DONE, Seen.NOT_DONE) and not photos:
        wrong["photos"] = _("请至少上传一张现场照片。")
    given = {"seen": seen, "text": clean(text)[:1000]}

    def make() -> None:
        if wrong:
            raise Invalid(fields=wrong)
        finding = Finding.objects.select_for_update(no_key=True).get(pk=row.finding_id)
        changes = {
            **given, "answerer_name": actor.name, "seen_at": device.ours(now) if device else now, "closed_at": now,
            "doubts": [*(device.doubts() if device else ())], "reach": "party",
        }  # fmt: skip
        move(actor=actor, row=row, name="answer", now=now, given=given, changes=changes, facts={"answerer_name": ""},
             device_at=device.made_at if device else None)  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=photos, now=now)
        if seen == Seen.NOT_DONE:
            _doubt(row, finding, now)
        _close_to(actor, row, now)

    return move_once(actor=actor, row=row, name="answer", given=given, client_id=client_id, now=now, make=make)


def recall_recheck(
    *, actor: Actor, row: PatrolRecheck, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> PatrolRecheck:
    """Call the officer back before he answered; he reads the danger no longer."""
    said = clean(reason)[:1000]
    given = {"reason": said}

    def make() -> None:
        move(actor=actor, row=row, name="recall", now=now, given=given, changes={"text": said, "closed_at": now})
        _close_to(actor, row, now)

    return move_once(actor=actor, row=row, name="recall", given=given, client_id=client_id, now=now, make=make)


def _close_to(actor: Actor, row: PatrolRecheck, now: datetime) -> None:
    """The danger was open to the village for the errand alone; the errand, with what was seen, stays its to read."""
    unshare(actor=actor, row=row.finding, to_org=row.org_id, why=SENT, now=now)


def _doubt(row: PatrolRecheck, finding: Finding, now: datetime) -> None:
    day = Calendar().local_date(now)
    doubt = {
        "zh": f"{day}网格员现场查看：未整改（{row.org.label}）",
        "en": f"seen on the spot by a grid officer on {day}: not put right ({row.org.label})",
    }  # fmt: skip
    Finding.objects.filter(pk=finding.pk).update(doubts=[*finding.doubts, doubt], updated_at=now)
    if finding.status == "CLOSED":
        owe_recheck(row=finding, is_drawn=False, now=now)
