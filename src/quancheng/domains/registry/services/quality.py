"""Inspections of products recorded; what failed answered by the enterprise, inspected anew, closed or punished."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import InspectionKind, InspectionResult
from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.domains.registry.queries.offices import QUALITY
from quancheng.domains.registry.services.enterprises import note
from quancheng.domains.registry.services.offices import require_office
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code

RECORD = "registry.quality.record"
#: Days to mend from the demand on, and days for the re-test after them. [G] supervision sampling: 60 and 75 in all.
MEND_DAYS, RETEST_DAYS = 60, 15
#: What an inspection says, beside its product.
FIELDS = (
    "product_name", "kind", "batch", "sampled_date", "institute", "standard", "report_no", "reported_date", "issuer",
    "result", "failed_items", "disposal", "due_date",
)  # fmt: skip
_LIMITS = {
    "product_name": 120, "batch": 60, "institute": 120, "standard": 200, "report_no": 60, "issuer": 120,
    "failed_items": 500, "disposal": 500,
}  # fmt: skip
_NEEDED = ("product_name", "institute", "standard", "report_no")
_TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class RetestSpec:
    """A re-test: when, by whom, under which number; of a failed one what failed, and the day by which it is mended."""

    day: date | None
    institute: str
    report_no: str
    reason: str = ""
    due_date: date | None = None


def record_inspection(
    *, actor: Actor, file: Enterprise, product: Product | None, known: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> Inspection:  # fmt: skip
    """Record what an institute found of a product; one that failed is owed an answer by the enterprise.

    :param known: of :data:`FIELDS`; without an issuer it is the actor's organisation, without a day to mend
        :data:`MEND_DAYS`. :raises Invalid: by field. :raises NotPermitted: another office's matter, or out of scope.
    :raises Conflict: the report was recorded, or the file was merged into another.
    """
    require_office(actor, QUALITY, RECORD)
    if not Enterprise.objects.visible_to(actor).filter(pk=file.pk).exists():
        raise NotPermitted
    if file.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))
    given = _checked(actor, file, product, known, now)
    row = Inspection(
        **file.row_scope(owner=actor.organisation_id or file.supervisor_id),
        title=f"{file.owner_org} {given['product_name']}"[:160], file=file,
        product=product, created_at=now, **given,
    )  # fmt: skip
    failed = given["result"] == InspectionResult.FAILED
    try:
        with transaction.atomic():
            row.code = next_code(Inspection, "Q", now=now)
            facts = {"file": file.pk, "product": product and product.pk, **given}
            made = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
            if made.pk != row.pk:
                return made
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
            changes = {} if failed else {"closed_at": now}
            move(actor=actor, row=row, name="demand" if failed else "file", now=now, changes=changes)
            told = {"inspection": row.pk, "product": product and product.pk, "name": row.title}
            note(actor, "registry.quality.record", file, now, told)
    except IntegrityError as twice:
        sentence = _("该报告已登记。")
        raise Conflict(sentence, fields={"report_no": sentence}) from twice
    return row


def answer_inspection(
    *, actor: Actor, row: Inspection, text: str, now: datetime, evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> Inspection:  # fmt: skip
    """The enterprise says what it did about a failed product. :raises Invalid: nothing said."""
    said = text.strip()[:_TEXT_LIMIT]
    if not said:
        raise Invalid(fields={"text": _("请填写此项。")})
    with transaction.atomic():
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        return move(
            actor=actor, row=row, name="answer", now=now, given={"text": said}, changes={"measures": said},
            client_id=client_id,
        )  # fmt: skip


def retest_inspection(
    *, actor: Actor, row: Inspection, name: str, spec: RetestSpec, now: datetime,
    evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> Inspection:  # fmt: skip
    """A re-test that passed (``close``), or that did not (``fail``): then it is to be mended anew until a day.

    :raises Invalid: by field. :raises StaleState: nothing waits for a re-test.
    """
    if name not in ("close", "fail"):
        raise NotFound(_("没有这个操作。"), code="unknown_move")
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    for field in ("institute", "report_no"):
        if not clean(getattr(spec, field)):
            wrong[field] = _("请填写此项。")
    if spec.day is None or not row.sampled_date <= spec.day <= today:
        wrong["day"] = _("复检日期应在抽样之后，且不能晚于今天。")
    if name == "fail" and not clean(spec.reason):
        wrong["reason"] = _("请写明不合格项目。")
    if name == "fail" and (spec.due_date is None or spec.due_date < today):
        wrong["due_date"] = _("请选择整改时限，不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    changes: dict[str, Any] = {
        "retest_date": spec.day, "retest_institute": clean(spec.institute)[:120],
        "retest_no": clean(spec.report_no)[:60],
    }  # fmt: skip
    if name == "close":
        changes["closed_at"] = now
    else:
        changes |= {"failed_items": clean(spec.reason)[:500], **_until(spec.due_date)}
    given = {"retest_no": changes["retest_no"], "reason": clean(spec.reason)[:500], "day": spec.day,
             "institute": changes["retest_institute"]}  # fmt: skip
    with transaction.atomic():
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        return move(
            actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id
        )  # fmt: skip


def step_inspection(
    *, actor: Actor, row: Inspection, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Inspection:
    """``return`` an answer, or ``punish`` with the case that was opened. :raises Invalid: nothing said."""
    if name not in ("return", "punish"):
        raise NotFound(_("没有这个操作。"), code="unknown_move")
    asked = "case" if name == "punish" else "reason"
    said = clean(text)[: 200 if name == "punish" else 500]
    if not said:
        raise Invalid(fields={asked: _("请填写此项。")})
    changes: dict[str, Any] = {"case": said, "closed_at": now} if name == "punish" else {}
    return move(
        actor=actor, row=row, name=name, now=now, given={asked: said}, changes=changes, client_id=client_id
    )  # fmt: skip


def void_inspection(
    *, actor: Actor, row: Inspection, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Inspection:
    """A record that was a mistake counts no more; its report may be recorded anew.

    One that is over keeps its state, since nothing is owed for it, and stands as void beside that.

    :raises Invalid: no reason. :raises NotPermitted: another office recorded it. :raises StaleState: it is void.
    """
    actor.require(RECORD)
    said = clean(reason)[:500]
    if not said:
        raise Invalid(fields={"reason": _("请填写此项。")})
    if not actor.is_system and row.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")
    changes = {"voided_at": now, "void_reason": said}
    if row.status in ("MENDING", "ANSWERED"):
        return move(
            actor=actor, row=row, name="void", now=now, given={"reason": said}, client_id=client_id,
            changes={**changes, "closed_at": now},
        )  # fmt: skip
    with transaction.atomic():
        open_still = Inspection.objects.visible_to(actor).filter(pk=row.pk, voided_at__isnull=True)
        if not open_still.exclude(status="VOIDED").update(**changes, updated_at=now):
            raise StaleState(_("该记录已作废。"))
        note(actor, "registry.quality.void", row.file, now, {"inspection": row.pk, "remark": said})
    row.refresh_from_db()
    return row


def faults_of(known: Mapping[str, Any], *, now: datetime) -> dict[str, Text]:
    """What is wrong with an inspection, by field; for a form, a sheet and a program alike."""
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {name: _("请填写此项。") for name in _NEEDED if not clean(known.get(name) or "")}
    if known.get("kind") not in InspectionKind.values:
        wrong["kind"] = _("请选择检验类别。")
    if known.get("result") not in InspectionResult.values:
        wrong["result"] = _("请选择检验结论。")
    sampled, reported = known.get("sampled_date"), known.get("reported_date")
    if sampled is None:
        wrong["sampled_date"] = _("请选择日期。")
    elif sampled > today:
        wrong["sampled_date"] = _("抽样日期不能晚于今天。")
    if reported is not None and (reported > today or (sampled is not None and reported < sampled)):
        wrong["reported_date"] = _("报告日期应在抽样之后，且不能晚于今天。")
    failed = known.get("result") == InspectionResult.FAILED
    if failed and not clean(known.get("failed_items") or ""):
        wrong["failed_items"] = _("请写明不合格项目。")
    if not failed and clean(known.get("failed_items") or ""):
        wrong["failed_items"] = _("结论为合格的，不填不合格项目。")
    return wrong


def _checked(
    actor: Actor, file: Enterprise, product: Product | None, known: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if known.get(name) is not None}
    for name, limit in _LIMITS.items():
        given[name] = clean(given.get(name, ""))[:limit]
    if product is not None and not given["product_name"]:
        given["product_name"] = product.name
    given["issuer"] = given["issuer"] or actor.organisation_name[:120]
    wrong = faults_of(given, now=now)
    if product is not None and product.file_id != file.pk:
        wrong["product"] = _("请选择本企业的产品。")
    today = Calendar().local_date(now)
    if given.get("result") == InspectionResult.FAILED:
        due = given.get("due_date") or today + timedelta(days=MEND_DAYS)
        if due < today:
            wrong["due_date"] = _("整改时限不能早于今天。")
        given |= _until(due)
    else:
        given.pop("due_date", None)
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _until(due: date | None) -> dict[str, date]:
    """The day by which it is mended, and the one by which that is looked at by a re-test."""
    assert due is not None  # noqa: S101 - it was refused without one
    return {"due_date": due, "retest_due_date": due + timedelta(days=RETEST_DAYS)}
