"""What people do with warnings (预警响应、报告、核查、解除), and the times that a district sets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import RiskWarning, WarningCheck, WarningColour, WarningTable
from quancheng.domains.monitoring.queries.warning_terms import MOST_S, NAMES, PARTS, terms_at
from quancheng.domains.monitoring.services.warning_clock import HOUSE, needs_call
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.standards.risk.colours import Colour

SET = "monitoring.terms"


def respond(
    *, actor: Actor, row: RiskWarning, response: str, now: datetime, client_id: uuid.UUID | None = None
) -> RiskWarning:
    """The enterprise says that it acts, and how. :raises Invalid: not said."""
    told = _told(response, "response", _("请写明已采取的措施。"), 2000)
    changes = {"response": told, "responded_at": now, "responded_by_id": actor.user_id, "is_unanswered": False}
    return move(actor=actor, row=row, name="respond", given={"response": told}, changes=changes, now=now,
                client_id=client_id)  # fmt: skip


def report(
    *, actor: Actor, row: RiskWarning, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> RiskWarning:
    """The enterprise reports what it did; a blue warning that is calm ends by it, others are looked at.

    :raises Invalid: not said. :raises Conflict: blue and not calm for long enough.
    """
    told = _told(text, "report", _("请写明处置情况。"), 4000)
    changes: dict[str, Any] = {"report": told, "reported_at": now, "reported_by_id": actor.user_id}
    if row.colour != WarningColour.BLUE:
        return move(actor=actor, row=row, name="report", given={"report": told}, changes=changes, now=now,
                    client_id=client_id)  # fmt: skip
    _require_calm(row, now)
    return _close(actor, row, "finish", {"report": told}, changes, now, client_id)


def accept(
    *, actor: Actor, row: RiskWarning, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> RiskWarning:
    """The office takes the report and ends the warning; a red one goes to its leader.

    :raises Conflict: it was not calm for long enough, or what the office owes of it was not done.
    """
    _require_calm(row, now)
    _require_checked(row)
    given = {"note": clean(note)[:500]} if clean(note) else {}
    if row.colour == WarningColour.RED:
        return move(actor=actor, row=row, name="submit", given=given, now=now, client_id=client_id)
    return _close(actor, row, "accept", given, {}, now, client_id)


def approve(*, actor: Actor, row: RiskWarning, now: datetime, client_id: uuid.UUID | None = None) -> RiskWarning:
    """The leader ends a red warning. :raises NotPermitted: he asked for it himself. :raises Conflict: not calm."""
    _require_calm(row, now)
    return _close(actor, row, "approve", {}, {}, now, client_id)


def send_back(
    *, actor: Actor, row: RiskWarning, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> RiskWarning:
    """The report is not enough: the enterprise goes on and reports anew, from now within its time."""
    told = _told(reason, "reason", _("请写明理由。"), 500)
    changes = {"report": "", "reported_at": None, "reported_by_id": None,
               "report_by": terms_at(now).due(row.colour, "report_s", now)}  # fmt: skip
    return move(actor=actor, row=row, name="return", given={"reason": told}, changes=changes, now=now,
                client_id=client_id)  # fmt: skip


def verify(
    *, actor: Actor, row: WarningCheck, verdict: str, note: str, call: str = "", now: datetime,
    client_id: uuid.UUID | None = None,
) -> WarningCheck:  # fmt: skip
    """The office writes down what it verified and decided.

    :raises Invalid: by field; of red, or after two escalations, a call must be on record.
    """
    wrong: dict[str, Text] = {}
    if verdict not in WarningCheck.Verdict.values:
        wrong["verdict"] = _("请选择核查结论。")
    if not clean(note):
        wrong["note"] = _("请写明核查情况和决定。")
    if row.needs_call and not clean(call):
        wrong["call"] = _("红色预警或两次升级后须有通话记录：与何人何时通话、对方怎么说。")
    if wrong:
        raise Invalid(fields=wrong)
    changes = {"verdict": verdict, "note": clean(note)[:2000], "call": clean(call)[:500], "done_at": now,
               "done_by_id": actor.user_id}  # fmt: skip
    given = {"verdict": verdict, "note": changes["note"], "call": changes["call"]}
    return move(actor=actor, row=row, name="verify", given=given, changes=changes, now=now, client_id=client_id)


def _told(text: str, name: str, missing: Text, limit: int) -> str:
    if not clean(text):
        raise Invalid(fields={name: missing})
    return clean(text)[:limit]


def calm_at(row: RiskWarning, now: datetime) -> datetime | None:
    """From when it may end; None while anything still speaks for a warning."""
    if row.calm_from is None:
        return None
    return row.calm_from + (terms_at(now).part(row.colour, "calm_s") or timedelta())


def _require_calm(row: RiskWarning, now: datetime) -> None:
    row.refresh_from_db(fields=["calm_from"])
    until = calm_at(row, now)
    if until is None:
        raise Conflict(_("引发预警的情况尚未消除，不能解除。"))
    if now < until:
        minutes = -int((now - until).total_seconds() // 60)
        raise Conflict(_("须平稳一段时间后才能解除，还差%(minutes)s分钟。") % {"minutes": minutes})


def _require_checked(row: RiskWarning) -> None:
    """Red, and what was escalated twice, does not end before somebody phoned and wrote it down."""
    if WarningCheck.objects.filter(warning=row, status="DUE").exists() and needs_call(row):
        raise Conflict(_("请先记录核查和通话情况。"))


def _close(
    actor: Actor, row: RiskWarning, name: str, given: Mapping[str, Any], changes: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None,
) -> RiskWarning:  # fmt: skip
    with transaction.atomic():
        move(actor=actor, row=row, name=name, given=given, changes={**changes, "closed_at": now}, now=now,
             client_id=client_id)  # fmt: skip
        for check in WarningCheck.objects.filter(warning=row, status="DUE"):
            move(actor=HOUSE, row=check, name="pass", now=now)
    return row


def set_table(
    *, actor: Actor, figures: Mapping[str, int | None], reason: str, from_date: date, now: datetime
) -> WarningTable:
    """Set from a day on what each colour asks for; warnings that stand keep their present times.

    :param figures: each of :data:`NAMES` in seconds; None where nothing is asked of the authority.
    :raises Invalid: by field; no time to respond, or a graver colour that gives more time than a milder one.
    """
    actor.require(SET)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    known = {name: figures.get(name) for name in NAMES}
    for name, seconds in known.items():
        if seconds is None:
            if not name.endswith("_authority_s"):
                wrong[name] = _("此项必填。")
        elif not 0 <= seconds <= MOST_S:
            wrong[name] = _("为0秒至7天。")
    if not wrong:
        for part in PARTS[:2]:
            times = [known[f"{colour.name.lower()}_{part}"] or 0 for colour in Colour]
            for before, after, colour in zip(times, times[1:], list(Colour)[1:], strict=False):
                if after < before:
                    wrong[f"{colour.name.lower()}_{part}"] = _("不能短于更高一级预警的时限。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = WarningTable.objects.create(
            figures=known, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(
            actor=actor, act="monitoring.warning_table.set", subject_type=subject_type_of(made), now=now,
            facts={"number": made.pk, "figures": known, "from": from_date, "reason": made.reason},
        )  # fmt: skip
    return made
