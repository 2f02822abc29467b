"""Companies (承包商) entered and changed, and their qualifications."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Contractor, ContractorQualification, RuleGroup
from quancheng.domains.training.queries.contractors import KEEP
from quancheng.domains.training.queries.outside_rules import unknown_codes
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.once import once
from quancheng.kernel.people.administration import check_credit_code

QUALIFICATION_FIELDS = ("work", "name", "number", "holder_name", "holder_code", "valid_from", "valid_to")


def enter_contractor(
    *, actor: Actor, code: str, name: str, business: str = "", now: datetime, client_id: uuid.UUID | None = None
) -> Contractor:
    """Open the file of a company, once for the whole district.

    :raises Conflict: its code has one. :raises Invalid: by field; a wrong check character too.
    """
    actor.require(KEEP)
    if actor.organisation_id is None:
        raise NotPermitted
    owner = actor.organisation_id
    given = _named(name, business)
    checked = _code(code)

    def make() -> uuid.UUID:
        row = Contractor(
            owner_org_id=owner, reach=Reach.PUBLIC, code=checked, **given, created_at=now, updated_at=now
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该统一社会信用代码已有承包商档案，请直接申请准入。")
            raise Conflict(sentence, fields={"code": sentence}) from twice
        note(actor, "training.contractor.enter", row, now, {"code": checked, "name": row.name})
        return row.pk

    body = {"code": checked, **given}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="training.contractor.enter", body=body, now=now,
                         make=make)  # fmt: skip
    return Contractor.objects.get(pk=pk)


def change_contractor(
    *, actor: Actor, row: Contractor, version: int, name: str, business: str, now: datetime
) -> None:
    """Change what is told of a company: by the organisation that opened its file.

    :raises NotPermitted: another. :raises StaleState: changed since it was read.
    """
    actor.require(KEEP)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("承包商档案由建档单位修改。"))
    given = _named(name, business)
    with transaction.atomic():
        won = Contractor.objects.filter(pk=row.pk, version=version).update(
            **given, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState
        note(actor, "training.contractor.change", row, now, {"name": given["name"]})


def add_qualification(
    *, actor: Actor, contractor: Contractor, known: Mapping[str, Any], files: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> ContractorQualification:  # fmt: skip
    """Enter a qualification as it is printed, with its scan. Whoever deals with the company may.

    :raises Invalid: by field. :raises Conflict: it is entered.
    """
    actor.require(KEEP)
    if actor.organisation_id is None:
        raise NotPermitted
    organisation_id = actor.organisation_id
    given = _printed(known, files)

    def make() -> uuid.UUID:
        row = ContractorQualification(
            contractor=contractor, **given, entered_org_id=organisation_id, entered_at=now
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该资质证书已登记。")
            raise Conflict(sentence, fields={"number": sentence}) from twice
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        note(actor, "training.contractor.qualify", contractor, now, {"number": row.number, "until": row.valid_to})
        return row.pk

    body = {"contractor": contractor.pk, **given}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="training.contractor.qualify", body=body, now=now,
                         make=make)  # fmt: skip
    return ContractorQualification.objects.get(pk=pk)


def end_qualification(
    *, actor: Actor, contractor: Contractor, row: ContractorQualification, reason: str, now: datetime
) -> None:
    """It was cancelled, or entered by mistake: by who entered it, or who opened the company's file.

    :raises StaleState: it ended already.
    """
    actor.require(KEEP)
    if actor.organisation_id not in (row.entered_org_id, contractor.owner_org_id):
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        won = ContractorQualification.objects.filter(pk=row.pk, ended_at__isnull=True).update(
            ended_at=now, ended_reason=clean(reason)[:200]
        )
        if not won:
            raise StaleState
        note(actor, "training.contractor.unqualify", contractor, now, {"number": row.number})


def note(actor: Actor, act: str, row: Contractor, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=Contractor.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip


def _code(text: str) -> str:
    try:
        checked = check_credit_code(text)
    except Invalid as refused:
        raise Invalid(fields={"code": refused.fields["credit_code"]}) from refused
    if checked is None:
        raise Invalid(fields={"code": _("请填写统一社会信用代码。")})
    return checked


def _named(name: str, business: str) -> dict[str, str]:
    said = clean(name)[:120]
    if not said:
        raise Invalid(fields={"name": _("请填写承包商名称。")})
    return {
        "name": said, "pinyin": pinyin_key(said)[:800], "initials": initials(said)[:240],
        "business": clean(business)[:500],
    }  # fmt: skip


def _printed(known: Mapping[str, Any], files: Sequence[uuid.UUID]) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    first: date | None = known.get("valid_from")
    last: date | None = known.get("valid_to")
    needed = {
        "name": _("请填写资质名称和等级。"), "number": _("请填写证书编号。"),
        "holder_name": _("请填写证书上的持有单位。"),
    }  # fmt: skip
    wrong |= {name: sentence for name, sentence in needed.items() if not clean(known.get(name) or "")}
    if unknown_codes(RuleGroup.WORK, [known.get("work") or ""]):
        wrong["work"] = _("请选择承包作业类别。")
    if first is None:
        wrong["valid_from"] = _("请填写有效期起。")
    elif last is not None and last < first:
        wrong["valid_to"] = _("有效期止不能早于有效期起。")
    if not files:
        wrong["files"] = _("请上传证书扫描件。")
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "work": known["work"], "name": clean(known["name"])[:120], "number": clean(known["number"]).upper()[:60],
        "holder_name": clean(known["holder_name"])[:120],
        "holder_code": clean(known.get("holder_code") or "").upper()[:18], "valid_from": first, "valid_to": last,
    }  # fmt: skip
