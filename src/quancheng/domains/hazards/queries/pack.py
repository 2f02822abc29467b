"""What a phone takes along of hidden dangers: places where one may be found, those to put right, checklists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries.checklists import classes_of, get_checklist, list_checklists
from quancheng.domains.hazards.queries.checks import OWED, list_dues, mine_q
from quancheng.domains.hazards.queries.findings import shown_of
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.kinds import code_list

#: Rows of each kind that are taken along; what is left out is said. [D]
MOST_FILES, MOST_UNITS, MOST_FINDINGS, MOST_DUES = 400, 3000, 200, 300
#: How long a pack shall last. [D]
AHEAD = timedelta(days=7)


def pack(actor: Actor, now: datetime) -> dict[str, Any]:
    """Plain data within the actor's scope, and only for acts of which he holds the duty."""
    found: dict[str, Any] = {
        "files": [], "units": [], "findings": [], "dues": [], "checklists": [], "codes": {}, "more": [],
        "may_record": actor.has("hazards.checks.record") and not actor.supervises,
    }  # fmt: skip
    if actor.has("hazards.findings.report") and (actor.supervises or actor.organisation_id is not None):
        _places(actor, found)
    if actor.has("hazards.findings.rectify"):
        _cut(found, "findings", to_put_right(actor), MOST_FINDINGS)
        found["findings"] = [
            {**shown_of(row), "file": row.file.enterprise.name, "serious": row.is_serious} for row in found["findings"]
        ]
    if found["may_record"]:
        _dues(actor, now, found)
    if actor.has(READ):
        found["checklists"] = _checklists(now)
    return found


def to_put_right(actor: Actor) -> QuerySet[Finding]:
    """Dangers that the actor's own organisation is putting right, the most urgent first."""
    rows = Finding.objects.visible_to(actor).filter(owner_org=actor.organisation_id, status="FIXING")
    return rows.select_related("file__enterprise", "unit", "rectifier").order_by("deadline", "pk")


def _places(actor: Actor, found: dict[str, Any]) -> None:
    rows = seen(actor=actor).select_related("enterprise")
    if not actor.supervises:
        rows = rows.filter(enterprise=actor.organisation_id)
    _cut(found, "files", rows.order_by("pinyin", "pk"), MOST_FILES)
    files = found["files"]
    units = RiskUnit.objects.filter(
        object__file__in=[one.pk for one in files], ended_date__isnull=True, object__ended_date__isnull=True
    )
    _cut(found, "units", units.select_related("object", "post").order_by("object__file", "code", "pk"), MOST_UNITS)
    found["files"] = [
        {"id": one.pk, "name": one.enterprise.name, "code": one.enterprise.credit_code or ""} for one in files
    ]
    found["units"] = [
        {
            "id": one.pk, "file": one.object.file_id, "name": one.name, "code": one.code,
            "post": one.post.name if one.post else "",
        }
        for one in found["units"]
    ]  # fmt: skip
    found["codes"] = {
        name: [{"code": one.code, "name": told(one.name)} for one in code_list(name).items]
        for name in ("source", "type")
    }


def _dues(actor: Actor, now: datetime, found: dict[str, Any]) -> None:
    """What this person checks within the days of a pack, as far as it is drawn up."""
    rows = list_dues(actor=actor).filter(
        OWED, mine_q(actor), file=actor.organisation_id, closes_at__gt=now, opens_at__lte=now + AHEAD
    )
    _cut(found, "dues", rows.select_related("task__measure").order_by("due_at", "pk"), MOST_DUES)
    found["dues"] = [
        {
            "id": one.pk, "content": one.task.content, "file": one.file.enterprise.name,
            "unit": one.task.unit.name if one.task.unit else "", "opens_at": one.opens_at, "due_at": one.due_at,
            "closes_at": one.closes_at, "checklist": one.task.checklist_id,
            "measure": one.task.measure.text if one.task.measure else "",
        }
        for one in found["dues"]
    ]  # fmt: skip


def _checklists(now: datetime) -> list[dict[str, Any]]:
    on = Calendar().local_date(now)
    found = []
    for text in list_checklists(on=on):
        sheet = get_checklist(text.pk, on=on)
        if sheet.edition is None:
            continue
        items = [
            {"code": one.place, "text": one.summary, "text_en": one.summary_en, "basis": one.basis, "grade": one.grade,
             "asks": one.asks}
            for one in sheet.items
        ]
        found.append({
            "code": text.pk, "name": text.name, "name_en": text.name_en, "classes": list(classes_of(text)),
            "edition": sheet.edition.number, "edition_id": sheet.edition.pk, "items": items,
        })  # fmt: skip
    return found


def _cut(found: dict[str, Any], name: str, rows: QuerySet[Any], most: int) -> None:
    taken = list(rows[: most + 1])
    found[name] = taken[:most]
    if len(taken) > most:
        found["more"].append(name)
