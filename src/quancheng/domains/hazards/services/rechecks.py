"""The regulator looks again at what was closed (复查): all major dangers, and general ones drawn by chance."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from django.db import transaction

from quancheng.domains.hazards.models import Finding, Recheck
from quancheng.domains.hazards.queries.findings import not_drawn_for
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.hazards.services.judging import is_criterion
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.standards.hidden_dangers import levels

SUPERVISE = "hazards.findings.supervise"


def draw_rechecks(*, now: datetime, chance: random.Random | None = None) -> int:
    """Owe a look again at every major danger that was closed, and at a tenth of the general ones drawn by chance, each
    within 30 days (standards: RECHECK). Each danger is drawn for once. Returns how many are owed.

    :param chance: a seeded source, for a test; otherwise one that nobody can foresee.
    """
    share = float(levels.limits()["RECHECK_GENERAL_SHARE"].amount or 0)
    source = chance or random.SystemRandom()
    made = 0
    for row in not_drawn_for():
        chosen = row.is_major or source.random() < share
        with transaction.atomic():
            if not Finding.objects.filter(pk=row.pk, is_drawn__isnull=True).update(is_drawn=chosen):
                continue
            if chosen and owe_recheck(row=row, is_drawn=not row.is_major, now=now) is not None:
                made += 1
    return made


def owe_recheck(*, row: Finding, is_drawn: bool, now: datetime) -> Recheck | None:
    """Owe one look again; None where one is owed already."""
    if Recheck.objects.filter(finding=row, closed_at__isnull=True).exists():
        return None
    days = int(levels.limits()["RECHECK"].amount or 30)
    made = Recheck(
        **row.scope_columns(owner=row.supervisor_id, reach="chain"), finding=row,
        title=f"{row.code} {row.name}"[:340], is_drawn=is_drawn,
        due_date=Calendar().local_date(now) + timedelta(days=days), created_at=now,
    )  # fmt: skip
    house = system_actor("hazards", SUPERVISE)
    found: Recheck = enter(actor=house, row=made, now=now, facts={"finding": row.pk, "drawn": is_drawn})
    return found


def record_recheck(
    *, actor: Actor, recheck: Recheck, passed: bool, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Recheck:
    """Say what was seen. Where the danger still stands, a new one takes it up again (虚假整改); the old one stays.

    The same request again takes nothing up a second time.
    """
    name = "pass" if passed else "fail"
    # From now on the enterprise reads what was seen; before, it was not to know.
    changes = {"text": clean(text)[:4000], "closed_at": now, "reach": "party"}
    given = {"text": clean(text)}

    def make() -> None:
        move(actor=actor, row=recheck, name=name, now=now, given=given, changes=changes)
        if not passed:
            _take_up_again(actor, recheck.finding, clean(text), now)

    return move_once(actor=actor, row=recheck, name=name, given=given, client_id=client_id, now=now, make=make)


def _take_up_again(actor: Actor, old: Finding, text: str, now: datetime) -> None:
    # What left the risk list meanwhile, or a criterion that lapsed, keeps nobody from taking it up again.
    unit = old.unit if old.unit is not None and old.unit.ended_date is None else None
    measure = old.measure if unit is not None and old.measure and old.measure.ended_date is None else None
    criterion = old.criterion if is_criterion(old.criterion, now) else ""
    spec = FindingSpec(
        name=old.name, description=text[:4000], place=old.place, unit=unit, measure=measure,
        lon=old.lon, lat=old.lat, source="regulator", type=old.type, category=old.category,
        classification=old.classification, link=old.link, is_major=old.is_major, criterion=criterion,
        checklist_item=old.checklist_item,
    )  # fmt: skip
    # A body that took the danger over supervises the new one as well, and sees it, though not the enterprise.
    report_finding(actor=actor, file=old.file, spec=spec, now=now, reopens=old, is_sent=True,
                   supervisor=old.supervisor_id)  # fmt: skip
