"""Clues of places without licence: reported, looked into, decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import LINKS_OF, ClueSource, Kind, Life
from quancheng.domains.registry.models import CensusVisit, Clue, Enterprise, Unit
from quancheng.domains.registry.points import point_fault
from quancheng.domains.registry.services import enterprises
from quancheng.domains.registry.services.enterprises import EnterpriseSpec, supervisor_for
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.models import Organisation

REPORT, JUDGE = "registry.clues.report", "registry.clues.judge"
_TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class ClueSpec:
    """A place that was found: what it is called, where it is, what was seen there."""

    title: str
    area: Area | None
    address: str
    text: str
    source: str = ClueSource.PATROL
    lon: Decimal | None = None
    lat: Decimal | None = None
    file: Enterprise | None = None
    visit: CensusVisit | None = None
    unit: Unit | None = None


def report_clue(
    *, actor: Actor, spec: ClueSpec, evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None
) -> Clue:
    """Report a place that stores or trades and stands in no register; the office that leads such places owes the look.

    :raises Invalid: by field. :raises NotPermitted: the actor reports nothing, or not in that area.
    """
    actor.require(REPORT)
    return raise_clue(actor=actor, spec=spec, evidence=evidence, now=now, client_id=client_id)


def raise_clue(
    *, actor: Actor, spec: ClueSpec, evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None
) -> Clue:
    """As :func:`report_clue`, for a caller that asked for another duty: a round of a census."""
    if wrong := _faults(spec):
        raise Invalid(fields=wrong)
    if not enterprises.covers_area(actor, spec.area):
        raise NotPermitted(_("只能登记本辖区内的场所。"))
    judge = supervisor_for(spec.file.kind if spec.file is not None else Kind.UNLICENSED)
    with transaction.atomic():
        row = Clue(
            owner_org=judge, area=spec.area, links=list(LINKS_OF[Kind.UNLICENSED]), reach="chain",
            code=next_code(Clue, "S", now=now), title=clean(spec.title)[:120], source=spec.source,
            address=clean(spec.address)[:200], lon=spec.lon, lat=spec.lat, text=spec.text.strip()[:_TEXT_LIMIT],
            file=spec.file, visit=spec.visit, unit=spec.unit,
            finder_id=actor.organisation_id or judge.pk, found_by=actor.name, found_at=now,
        )  # fmt: skip
        facts = {"title": row.title, "area": spec.area and spec.area.pk, "text": row.text}
        made = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if made.pk != row.pk:
            return made
        if actor.organisation_id not in (None, judge.pk):
            share(actor=actor, row=made, to_org=actor.organisation_id, why="finder", now=now)
        attach_files(actor=actor, row=made, file_ids=list(evidence), now=now)
    return made


def _faults(spec: ClueSpec) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name in ("title", "address", "text"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    if spec.area is None:
        wrong["area"] = _("请选择所在镇街。")
    if spec.source not in ClueSource.values:
        wrong["source"] = _("没有这个来源。")
    if (spec.lon is None) != (spec.lat is None):
        wrong["lon" if spec.lon is None else "lat"] = _("经度和纬度须同时填写。")
    elif spec.lon is not None and spec.lat is not None and (said := point_fault(spec.lon, spec.lat)) is not None:
        wrong["lon"] = said
    return wrong


def judge_clue(
    *,
    actor: Actor,
    clue: Clue,
    name: str,
    text: str,
    now: datetime,
    evidence: Sequence[uuid.UUID] = (),
    due_date: date | None = None,
    to_org: Organisation | None = None,
    client_id: uuid.UUID | None = None,
) -> Clue:
    """One step of a clue: ``verify``, ``dismiss``, ``legalize`` until a day, ``settle``, ``strike``, ``hand_over``;
    and of the office to which it is handed ``take_on`` or ``return``.

    Who is struck off has his file closed in the same transaction. Who returned a clue still reads it, as he gave a
    reason for it.

    :raises Invalid: by field. :raises StaleState: somebody was faster, or it holds no licence yet.
    """
    said = text.strip()[:_TEXT_LIMIT]
    today = Calendar().local_date(now)
    asked = "reason" if name in ("dismiss", "hand_over", "return") else "text"
    wrong: dict[str, Text] = {} if said or name == "take_on" else {asked: _("请填写此项。")}
    if name == "legalize" and (due_date is None or due_date < today):
        wrong["due_date"] = _("请选择办证期限，不能早于今天。")
    if name == "hand_over" and (to_org is None or to_org.pk == clue.owner_org_id):
        wrong["to_org"] = _("请选择接收移交的单位。")
    if wrong:
        raise Invalid(fields=wrong)
    given: dict[str, Any] = {asked: said, "evidence": [str(one) for one in evidence]}
    changes: dict[str, Any] = {}
    if name not in ("take_on", "return"):
        changes["verdict" if name in ("verify", "dismiss") else "decision"] = said
    if name == "legalize":
        changes["due_date"] = due_date
        given["due_date"] = due_date
    if name == "hand_over" and to_org is not None:
        changes["handed_to"] = to_org
        given["to_org"] = str(to_org.pk)
    if name == "return":
        changes["handed_to"] = None
    if name in ("dismiss", "settle", "strike", "take_on"):
        changes["closed_at"] = now
    if name == "settle" and not _is_licensed(clue, today):
        raise StaleState(_("该场所还没有经核验的有效证照。"), code="condition_unmet")
    with transaction.atomic():
        attach_files(actor=actor, row=clue, file_ids=list(evidence), now=now)
        move(actor=actor, row=clue, name=name, now=now, given=given, changes=changes, client_id=client_id)
        if name == "hand_over" and to_org is not None:
            share(actor=actor, row=clue, to_org=to_org.pk, why="handed_over", now=now)
        if name == "strike":
            _close_file(actor, clue, today, now)
    return clue


def file_place(
    *, actor: Actor, clue: Clue, name: str, credit_code: str, kind: str, now: datetime
) -> Clue:  # fmt: skip
    """Open a file for the place of a clue, or take the one that stands under its code, where the actor sees that.

    :raises Conflict: it has one, or the code is of an enterprise that is not the actor's. :raises Invalid: by field.
    """
    actor.require(JUDGE)
    if clue.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")
    with transaction.atomic():
        locked = Clue.objects.select_for_update(no_key=True).get(pk=clue.pk)
        if locked.file_id is not None:
            raise Conflict(_("该场所已有档案。"))
        if locked.is_closed:
            raise StaleState
        file = _standing(actor, credit_code) or _enter_place(actor, clue, name, credit_code, kind, now)
        Clue.objects.filter(pk=clue.pk).update(file=file, updated_at=now)
        enterprises.note(actor, "registry.clue.file", file, now, {"clue": clue.pk, "code": clue.code})
    clue.refresh_from_db()
    return clue


def _standing(actor: Actor, credit_code: str) -> Enterprise | None:
    """The file under a code; of a double the one into which it was merged."""
    code = check_credit_code(credit_code)
    found = Enterprise.objects.visible_to(actor).filter(enterprise__credit_code=code).first() if code else None
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def _enter_place(actor: Actor, clue: Clue, name: str, credit_code: str, kind: str, now: datetime) -> Enterprise:
    known = {"address": clue.address, "lon": clue.lon, "lat": clue.lat}
    spec = EnterpriseSpec(name=name, credit_code=credit_code, kind=kind, area=clue.area, known=known)
    return enterprises.enter_enterprise(actor=actor, spec=spec, now=now)


def _is_licensed(clue: Clue, today: date) -> bool:
    if clue.file is None:
        return False
    found = clue.file.licences.filter(replaced_by__isnull=True, verified_at__isnull=False)
    return any(one.state_on(today) in ("valid", "due") for one in found)


def _close_file(actor: Actor, clue: Clue, today: date, now: datetime) -> None:
    """Only a place of its own is closed: an unlisted store of an enterprise is struck off, the enterprise is not."""
    file = clue.file
    if file is None or file.kind != Kind.UNLICENSED or file.life == Life.CLOSED:
        return
    enterprises.change_enterprise(
        actor=actor, file=file, version=file.version, changes={"life": Life.CLOSED, "life_date": today}, now=now
    )
