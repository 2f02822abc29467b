"""Key environmental facilities (重点环保设施): entered, assessed and screened, assessed anew, ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Screening
from quancheng.domains.risk.models import EnvironmentalAssessment, EnvironmentalFacility
from quancheng.domains.risk.services.analyses import ANEW_DAYS, CLOCK, DRAFT_DAYS, may_analyse
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.standards.risk.basis import months_later
from quancheng.standards.risk.environmental import REVIEW_MONTHS, facility_kinds

FIELDS = ("title", "kind", "facility", "place", "media", "in_use_date")
ASSESSED = ("assessed_date", "assessed_by", "report_no", "screening", "screening_text", "review_date")
_LENGTHS = {"title": 200, "place": 200, "media": 300}
_ASSESSED_LENGTHS = {"assessed_by": 200, "report_no": 80, "screening_text": 2000}


def enter_facility(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> EnvironmentalFacility:
    """Enter a facility of one's own enterprise; its assessment is owed within ``DRAFT_DAYS``.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: it stands already.
    """
    if not may_analyse(actor, file.pk):
        raise NotPermitted
    given = _given(file.pk, known, now)

    def make() -> uuid.UUID:
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.pk)
        _refuse_twice(file.pk, given["title"], None)
        row = EnvironmentalFacility(
            **_scope(file), code=next_code(EnvironmentalFacility, "HB", now=now), file=file,
            supervisor_id=file.supervisor_id, due_date=Calendar().local_date(now) + timedelta(days=DRAFT_DAYS),
            created_at=now, **given,
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, facts={"kind": row.kind}).pk

    body = {"file": file.pk, "title": given["title"], "kind": given["kind"]}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="risk.environmental.enter", body=body, now=now, make=make
        )
    return EnvironmentalFacility.objects.get(pk=pk)


def change_facility(
    *, actor: Actor, row: EnvironmentalFacility, known: Mapping[str, Any], now: datetime
) -> EnvironmentalFacility:
    """Correct what a facility is. :raises Invalid: by field. :raises StaleState: ended, or somebody was faster."""
    if not may_analyse(actor, row.file_id):
        raise NotPermitted
    given = _given(row.file_id, known, now)
    with transaction.atomic():
        Enterprise.objects.select_for_update(no_key=True).get(pk=row.file_id)
        _refuse_twice(row.file_id, given["title"], row.pk)
        won = EnvironmentalFacility.objects.filter(pk=row.pk, updated_at=row.updated_at).exclude(status="ENDED")
        if not won.update(**given, updated_at=now):
            raise StaleState(_("他人刚刚修改或停用了此项，请刷新后核对再改。"))
        note(
            actor, "risk.environmental.change", row.file_id, row, now, {"title": given["title"], "kind": given["kind"]}
        )
    row.refresh_from_db()
    return row


def assess_facility(
    *, actor: Actor, row: EnvironmentalFacility, known: Mapping[str, Any], evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> EnvironmentalFacility:  # fmt: skip
    """Record an assessment with what its screening found.

    :param known: of :data:`ASSESSED`; ``review_date`` empty: ``REVIEW_MONTHS`` after the assessment [D].
    :raises Invalid: by field; an older assessment than the one that stands.
    """

    def do() -> None:
        given = _assessed(row, known, now)
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        said = {name: given[name] for name in ("report_no", "screening")} | {"day": given["assessed_date"].isoformat()}
        move(actor=actor, row=row, name="assess", now=now, given=said, changes=given)
        EnvironmentalAssessment.objects.create(facility=row, by_name=actor.name[:130], entered_at=now, **given)

    body = {name: known.get(name) for name in ASSESSED}
    act_once(actor=actor, row=row, act="risk.environmental.assess", body=body, now=now, client_id=client_id, do=do)
    return row


def answer_facility(
    *, actor: Actor, row: EnvironmentalFacility, name: str, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> EnvironmentalFacility:  # fmt: skip
    """``order`` (the office), ``change`` (it was altered), ``end``. :raises Invalid: no reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {"closed_at": now} if name == "end" else {}
    if name in ("order", "change"):
        changes["due_date"] = Calendar().local_date(now) + timedelta(days=ANEW_DAYS)
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def look_at_facilities(*, now: datetime) -> int:
    """Each night: facilities whose assessment ends are to be assessed anew."""
    today = Calendar().local_date(now)
    due = list(EnvironmentalFacility.objects.filter(status="ASSESSED", review_date__lte=today).order_by("pk")[:5000])
    for row in due:
        changes = {"due_date": today + timedelta(days=ANEW_DAYS)}
        move(actor=CLOCK, row=row, name="expire", now=now, given={"reason": _("到期")}, changes=changes)
    return len(due)


def _scope(file: Enterprise) -> dict[str, Any]:
    """Its links hold ``disposal`` beside those of the file, so that the ecology office sees it."""
    return file.row_scope() | {"links": list(dict.fromkeys([*file.links, "disposal"]))}


def _refuse_twice(file_id: uuid.UUID, title: str, but: uuid.UUID | None) -> None:
    rows = EnvironmentalFacility.objects.filter(file=file_id, title=title).exclude(status="ENDED")
    if any(pk != but for pk in rows.values_list("pk", flat=True)):
        raise Conflict(_("已有同名设施。"), fields={"title": _("已有同名设施。")})


def _given(file_id: uuid.UUID, known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    _clean(given, _LENGTHS, wrong)
    if not given["title"]:
        wrong["title"] = _("请填写设施名称。")
    if given["kind"] not in facility_kinds():
        wrong["kind"] = _("请选择环保设施类别。")
    if given["facility"] is not None and given["facility"].unit.file_id != file_id:
        wrong["facility"] = _("登记设施不属于该企业。")
    if given["in_use_date"] is not None and given["in_use_date"] > Calendar().local_date(now):
        wrong["in_use_date"] = _("投用日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _assessed(row: EnvironmentalFacility, known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in ASSESSED}
    _clean(given, _ASSESSED_LENGTHS, wrong)
    day = given["assessed_date"]
    if day is None:
        wrong["assessed_date"] = _("请选择日期。")
    elif day > Calendar().local_date(now):
        wrong["assessed_date"] = _("评估日期不能晚于今天。")
    elif row.assessed_date is not None and day < row.assessed_date:
        wrong["assessed_date"] = _("不能早于上次评估日期%(day)s。") % {"day": row.assessed_date}
    if not given["assessed_by"]:
        wrong["assessed_by"] = _("请填写评估单位。")
    if given["screening"] not in Screening.values:
        wrong["screening"] = _("请选择排查结果。")
    elif given["screening"] != Screening.NONE and not given["screening_text"]:
        wrong["screening_text"] = _("请写明发现的问题和处置。")
    if day is not None:
        latest = months_later(day, REVIEW_MONTHS)
        given["review_date"] = given["review_date"] or latest
        if given["review_date"] <= Calendar().local_date(now):
            name = "review_date" if known.get("review_date") else "assessed_date"
            wrong.setdefault(name, _("这次评估已过有效期，请填写较新的评估。"))
        elif given["review_date"] > latest:
            wrong["review_date"] = _("下次评估不能晚于%(day)s。") % {"day": latest}
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _clean(given: dict[str, Any], lengths: Mapping[str, int], wrong: dict[str, Text]) -> None:
    for name, most in lengths.items():
        given[name] = clean(given[name] or "")
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
