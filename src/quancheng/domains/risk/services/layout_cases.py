"""Cases of layout (布局问题): raised from a check, coordinated by a department, settled with what shows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import LayoutOutcome, LayoutVerdict
from quancheng.domains.risk.models import LayoutCase, LayoutCheck
from quancheng.domains.risk.queries.layout import check_now
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import Organisation

COORDINATE = "risk.layout.coordinate"
#: Kinds of organisations that may coordinate.
COORDINATORS = ("department", "office")


def is_wanting(check: LayoutCheck) -> bool:
    """Whether a check found something that a department takes up."""
    return check.verdict <= LayoutVerdict.BELOW or check.is_conflict


def open_case(
    *, actor: Actor, check: LayoutCheck, org: Organisation | None, grounds: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> LayoutCase:  # fmt: skip
    """Raise a check that the actor sees as a case for a department; for the actor's own where none is named.

    :raises Invalid: by field. :raises Conflict: nothing is wanting, or a case is open on the pair already.
    """
    actor.require(COORDINATE)
    wrong: dict[str, Text] = {}
    if not clean(grounds):
        wrong["grounds"] = _("请写明理由。")
    if org is not None and org.kind not in COORDINATORS:
        wrong["org"] = _("请选择负责协调的部门。")
    if wrong:
        raise Invalid(fields=wrong)
    owner = org.pk if org is not None else actor.organisation_id
    if owner is None:
        raise NotPermitted

    def make() -> uuid.UUID:
        file = Enterprise.objects.select_for_update(no_key=True, of=("self",)).get(pk=check.file_id)
        if not is_wanting(check):
            raise Conflict(_("该项核查结果没有不足或冲突，不需要协调。"))
        if LayoutCase.objects.filter(file=file, key=check.key).exclude(status="SETTLED").exists():
            raise Conflict(_("该项已在协调中。"))
        name = file.enterprise.name if file.enterprise else ""
        target = check.zone.name if check.zone else check.place.name if check.place else ""
        row = LayoutCase(
            **file.row_scope(owner=owner), code=next_code(LayoutCase, "BJ", now=now), file=file, key=check.key,
            zone=check.zone, place=check.place, title=f"{name}—{target}"[:300], metres=check.metres,
            required_m=check.required_m, verdict=check.verdict, is_conflict=check.is_conflict,
            grounds=clean(grounds)[:1000], opened_by=actor.name[:130], created_at=now,
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, facts={"metres": row.metres, "required": row.required_m}).pk

    body = {"check": check.key, "file": check.file_id, "org": owner, "grounds": clean(grounds)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.layout_case.open", body=body, now=now, make=make)
    return LayoutCase.objects.get(pk=pk)


def coordinate_case(
    *, actor: Actor, row: LayoutCase, name: str, text: str, due: date | None, evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> LayoutCase:  # fmt: skip
    """Begin to coordinate with a term (``coordinate``), or tell progress (``progress``), perhaps with a new one.

    :raises Invalid: by field.
    """
    wrong: dict[str, Text] = {}
    if not clean(text):
        wrong["text"] = _("请写明协调情况。")
    if name == "coordinate" and due is None:
        wrong["due"] = _("请选择协调期限。")
    elif due is not None and due < Calendar().local_date(now):
        wrong["due"] = _("协调期限不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    changes: dict[str, Any] = {"plan": clean(text)[:2000]}
    if due is not None:
        changes["due_date"] = due
    given = {"text": clean(text)[:500], "due": str(due or "")}
    _act(actor, row, name, given, changes, evidence, now, client_id)
    return row


def settle_case(
    *, actor: Actor, row: LayoutCase, outcome: str, text: str, document: str, document_date: date | None,
    evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None,
) -> LayoutCase:  # fmt: skip
    """Settle a case: moved, planned anew, measures, or no problem; all but the last with a document and its date.

    :raises Invalid: by field. :raises Conflict: it is told as moved or planned anew, and the check still finds it.
    """
    wrong: dict[str, Text] = {}
    if outcome not in LayoutOutcome.values:
        wrong["outcome"] = _("请选择落实方式。")
    if not clean(text):
        wrong["text"] = _("请写明落实情况和理由。")
    if outcome != LayoutOutcome.NONE and not clean(document):
        wrong["document"] = _("请填写文件名称和编号。")
    if outcome != LayoutOutcome.NONE and document_date is None:
        wrong["document_date"] = _("请选择文件日期。")
    elif document_date is not None and document_date > Calendar().local_date(now):
        wrong["document_date"] = _("文件日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    changes: dict[str, Any] = {
        "outcome": outcome, "settled": clean(text)[:2000], "document": clean(document)[:200],
        "document_date": document_date, "closed_at": now,
    }  # fmt: skip
    given = {"text": clean(text)[:500], "outcome": outcome, "document": clean(document)[:200]}

    def refuse() -> None:
        still = check_now(row)
        if outcome in (LayoutOutcome.MOVED, LayoutOutcome.REZONED) and still is not None and is_wanting(still):
            raise Conflict(_("核查结果仍有不足或冲突，请先更新企业坐标、边界或规划分区，再登记落实结果。"))

    _act(actor, row, "settle", given, changes, evidence, now, client_id, refuse)
    return row


def _act(
    actor: Actor, row: LayoutCase, name: str, given: dict[str, Any], changes: dict[str, Any],
    evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None, refuse: Any = None,
) -> None:  # fmt: skip
    def do() -> None:
        if refuse is not None:
            refuse()
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)

    # When it was closed is the clock's, not what the person gave.
    body = {key: value for key, value in changes.items() if key != "closed_at"}
    body["evidence"] = sorted(one.original_digest for one in files_by_id(evidence))
    act_once(actor=actor, row=row, act=f"risk.layout_case.{name}", body=body, now=now, client_id=client_id, do=do)
