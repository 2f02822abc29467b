"""Admission of contractors at an enterprise (承包商准入): items, the agreement, contracts, the moves of its loop."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Admission,
    AdmissionCheck,
    AgreementClause,
    CheckResult,
    Contractor,
    ContractorQualification,
    RuleGroup,
    WorkContract,
)
from quancheng.domains.training.queries.blacklist import barring
from quancheng.domains.training.queries.contractors import KEEP, checks_of
from quancheng.domains.training.queries.outside_rules import figures, lines_of, names_of, unknown_codes
from quancheng.domains.training.services.contractors.finding import lock_file, look_at, qualification_counts
from quancheng.domains.training.services.contractors.violations import follow_score
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed

AGREEMENT_FIELDS = (
    "agreement_number", "agreement_signed_date", "agreement_from", "agreement_to", "agreement_scope",
    "agreement_clauses", "deposit_yuan", "signed_own", "signed_contractor",
)  # fmt: skip
CONTRACT_FIELDS = (
    "name", "number", "work", "amount_yuan", "signed_date", "from_date", "to_date", "manager", "issuer", "undertaker",
    "plan_date", "brief_date",
)  # fmt: skip
#: States in which papers may still be written.
_BEFORE = ("CANDIDATE", "DOC_REVIEW", "SITE_CHECK")
_WRITTEN = (*_BEFORE, "ADMITTED", "RESTRICTED", "SUSPENDED", "EXPIRED")


def begin_admission(
    *, actor: Actor, file: Enterprise, contractor: Contractor, works: Sequence[str], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Admission:  # fmt: skip
    """An enterprise takes a company up as a candidate.

    :raises NotPermitted: another enterprise. :raises Invalid: no kind of work. :raises Conflict: it is one already.
    """
    _require(actor, file)
    if not works or unknown_codes(RuleGroup.WORK, works):
        raise Invalid(fields={"works": _("请选择承包作业类别。")})
    _refuse_barred(file, contractor, now)
    _refuse_suspended(file, contractor, now)
    row = Admission(
        **file.row_scope(), file=file, contractor=contractor, works=sorted(set(works)), created_at=now,
        title=f"{contractor.name}准入"[:200],
    )  # fmt: skip
    try:
        with transaction.atomic():
            facts = {"contractor": contractor.code, "works": row.works}
            made: Admission = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
    except IntegrityError as twice:
        raise Conflict(_("该承包商的准入已在办理或有效。")) from twice
    return made


def judge_item(
    *, actor: Actor, row: Admission, code: str, result: str, score: int | None, number: str, valid_to: date | None,
    note: str, files: Sequence[uuid.UUID], now: datetime,
) -> AdmissionCheck:  # fmt: skip
    """Judge an item of the checklist, with its document. A later judgement takes the place of the earlier.

    :raises Invalid: by field; a hard item that is met shows a document. :raises StaleState: the admission ended.
    """
    _require(actor, row.file)
    items = {one.code: one for one in lines_of(RuleGroup.CHECK)}
    wrong: dict[str, Text] = {}
    if code not in items:
        wrong["code"] = _("请选择审查项目。")
    if result not in CheckResult.values:
        wrong["result"] = _("请选择审查结果。")
    if score is not None and not 0 <= score <= 100:
        wrong["score"] = _("得分应在0到100之间。")
    if result == CheckResult.NA and not clean(note):
        wrong["note"] = _("请写明不适用的理由。")
    before = AdmissionCheck.objects.filter(admission=row, code=code).first()
    has_files = bool(files) or (before is not None and bool(files_of_many(AdmissionCheck, [before.pk])))
    if not wrong and items[code].is_hard and result == CheckResult.MET and not has_files:
        wrong["files"] = _("否决项须上传证明文件。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _locked(row)
        given = {
            "result": result, "score": score, "number": clean(number)[:80], "valid_to": valid_to,
            "note": clean(note)[:500], "by_name": actor.name, "at": now,
        }  # fmt: skip
        made, _new = AdmissionCheck.objects.update_or_create(admission=row, code=code, defaults=given)
        attach_files(actor=actor, row=made, file_ids=list(files), now=now)
        _note(actor, "training.admission.judge", row, now, {"code": code, "result": result, "until": valid_to})
    return made


def write_agreement(
    *, actor: Actor, row: Admission, known: Mapping[str, Any], files: Sequence[uuid.UUID], now: datetime
) -> None:
    """The safety agreement (安全管理协议). :raises Invalid: by field; a subject that it does not settle."""
    _require(actor, row.file)
    wrong: dict[str, Text] = {}
    for name in ("agreement_number", "agreement_scope", "signed_own", "signed_contractor"):
        if not clean(known.get(name) or ""):
            wrong[name] = _("请填写此项。")
    for name in ("agreement_signed_date", "agreement_from", "agreement_to"):
        if known.get(name) is None:
            wrong[name] = _("请填写此项。")
    first, last = known.get("agreement_from"), known.get("agreement_to")
    if first and last and last < first:
        wrong["agreement_to"] = _("期限止不能早于期限起。")
    missing = [one.label for one in AgreementClause if one.value not in (known.get("agreement_clauses") or ())]
    if missing:
        wrong["agreement_clauses"] = _("协议缺少：%(missing)s。") % {"missing": listed(missing)}
    deposit = known.get("deposit_yuan")
    if deposit is not None and deposit < 0:
        wrong["deposit_yuan"] = _("金额不能为负数。")
    if not files and not files_of_many(Admission, [row.pk]):
        wrong["files"] = _("请上传签字盖章的协议。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {name: known.get(name) for name in AGREEMENT_FIELDS}
    for name in ("agreement_number", "agreement_scope", "signed_own", "signed_contractor"):
        given[name] = clean(str(given[name]))[: (500 if name == "agreement_scope" else 60)]
    with transaction.atomic():
        _locked(row)
        Admission.objects.filter(pk=row.pk).update(**given, updated_at=now)
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        _note(actor, "training.admission.agreement", row, now, {
            "number": given["agreement_number"], "from": first, "until": last,
        })  # fmt: skip
    row.refresh_from_db()


def decide_admission(
    *, actor: Actor, row: Admission, name: str, given: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Admission:  # fmt: skip
    """Make a move; it is refused while something that it needs is missing.

    What the points of the quarter bring holds for a company that comes back, too.

    :raises Conflict: papers are missing, unmet or over; with each of them. A suspension is not over, this or an
        earlier admission's.
    :raises Invalid: a suspension without its end, one that is not over yet.
    """
    today = Calendar().local_date(now)
    if name in ("submit", "accept", "admit", "renew") and (faults := lacking(row, name, today)):
        raise Conflict(_("暂不能办理：%(faults)s") % {"faults": "；".join(faults)})
    if name in ("admit", "renew", "restore"):
        _refuse_barred(row.file, row.contractor, now)
    if name in ("admit", "renew"):
        _refuse_suspended(row.file, row.contractor, now)
    changes: dict[str, Any] = {}
    if name in ("admit", "renew"):
        last = today + relativedelta(months=figures()["admission_months"])
        changes = {"valid_from": today, "valid_to": last, "text": clean(given.get("text") or "")[:2000],
                   "suspended_until": None}  # fmt: skip
    elif name == "suspend":
        until = given.get("suspended_until")
        if until is None or until <= today:
            raise Invalid(fields={"suspended_until": _("请填写暂停至哪一天，应晚于今天。")})
        changes = {"suspended_until": until}
    elif name == "restore":
        if row.suspended_until is not None and row.suspended_until >= today and row.status == "SUSPENDED":
            raise Conflict(_("暂停期至%(day)s，尚未届满。") % {"day": row.suspended_until})
        if row.valid_to is None or row.valid_to < today:
            raise Conflict(_("准入已到期，请先办理续期。"))
        changes = {"suspended_until": None}
    said = {key: value for key, value in given.items() if value not in (None, "")}
    with transaction.atomic():
        lock_file(row.file_id)
        move(actor=actor, row=row, name=name, now=now, given=said, changes=changes, client_id=client_id)
        if name in ("admit", "renew") and follow_score(file=row.file, company=row.contractor, day=today, now=now):
            row.refresh_from_db()
        look_at(file=row.file, now=now)
    return row


def lacking(row: Admission, name: str, today: date) -> list[str]:
    """What stands against a move, as sentences; empty for nothing."""
    items, judged = lines_of(RuleGroup.CHECK), checks_of(row)
    faults = []
    open_items = [one.shown for one in items if one.code not in judged]
    if open_items:
        faults.append(_("尚未审查：%(items)s") % {"items": listed(open_items)})
    if name == "submit":
        return faults
    unmet = [
        one.shown for one in items
        if one.is_hard and one.code in judged and judged[one.code].result == CheckResult.UNMET
    ]  # fmt: skip
    if unmet:
        faults.append(_("否决项不符合：%(items)s") % {"items": listed(unmet)})
    over = [
        one.shown for one in items
        if one.code in judged and (end := judged[one.code].valid_to) is not None and end < today
    ]  # fmt: skip
    if over:
        faults.append(_("文件已过期：%(items)s") % {"items": listed(over)})
    held = ContractorQualification.objects.filter(contractor=row.contractor_id, ended_at__isnull=True)
    counts = {one.work for one in held if qualification_counts(one, today)}
    if bare := [work for work in row.works if work not in counts]:
        names = names_of(RuleGroup.WORK)
        faults.append(_("没有有效资质：%(works)s") % {"works": listed(names.get(one, one) for one in bare)})
    if name in ("admit", "renew") and (row.agreement_to is None or row.agreement_to < today):
        faults.append(_("没有在有效期内的安全管理协议"))
    return faults


# Contracts ---------------------------------------------------------------------------------------------------------


def add_contract(
    *, actor: Actor, row: Admission, known: Mapping[str, Any], now: datetime, upper: WorkContract | None = None,
    contractor: Contractor | None = None, client_id: uuid.UUID | None = None,
) -> WorkContract:  # fmt: skip
    """Enter a contract of an admitted company, or one that it gave to another company under it.

    One under another is entered so that it can be seen: the rules find it at once.

    :raises Invalid: by field.
    """
    _require(actor, row.file)
    if upper is not None and upper.admission_id != row.pk:
        raise Invalid(_("上级合同不属于该承包商。"))
    company = row.contractor if upper is None else contractor
    given = _contract(known, company)
    layer = 1 if upper is None else upper.layer + 1

    def make() -> uuid.UUID:
        lock_file(row.file_id)
        _locked(row)
        made = WorkContract(
            admission=row, upper=upper, contractor=company, layer=layer, created_at=now, **given
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该合同编号已登记。")
            raise Conflict(sentence, fields={"number": sentence}) from twice
        _note(actor, "training.admission.contract", row, now, {
            "contract": made.pk, "layer": layer, "contractor": made.contractor_id, "amount": given["amount_yuan"],
        })  # fmt: skip
        look_at(file=row.file, now=now)
        return made.pk

    body = {"admission": row.pk, "upper": upper.pk if upper else None, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.admission.contract", body=body, now=now,
                        make=make)  # fmt: skip
    return WorkContract.objects.select_related("contractor").get(pk=pk)


def mend_contract(
    *, actor: Actor, row: Admission, contract: WorkContract, plan_date: date | None, brief_date: date | None,
    ended_date: date | None, now: datetime,
) -> None:  # fmt: skip
    """Write down when its plan was examined, its workers were briefed, or that it ended."""
    _require(actor, row.file)
    today = Calendar().local_date(now)
    wrong = {
        name: _("日期不能晚于今天。")
        for name, value in (("plan_date", plan_date), ("brief_date", brief_date), ("ended_date", ended_date))
        if value is not None and value > today
    }
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        lock_file(row.file_id)
        _locked(row)
        given = {"plan_date": plan_date, "brief_date": brief_date, "ended_date": ended_date}
        WorkContract.objects.filter(pk=contract.pk, admission=row).update(**given)
        _note(actor, "training.admission.contract_mend", row, now, {"contract": contract.pk, **given})
        look_at(file=row.file, now=now)


def _contract(known: Mapping[str, Any], company: Contractor | None) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    for name in ("name", "number", "manager", "issuer", "undertaker"):
        if not clean(known.get(name) or ""):
            wrong[name] = _("请填写此项。")
    for name in ("signed_date", "from_date", "to_date"):
        if known.get(name) is None:
            wrong[name] = _("请填写此项。")
    amount: Decimal | None = known.get("amount_yuan")
    if amount is None or amount < 0:
        wrong["amount_yuan"] = _("请填写合同金额，不能为负数。")
    if unknown_codes(RuleGroup.WORK, [known.get("work") or ""]):
        wrong["work"] = _("请选择承包作业类别。")
    if company is None:
        wrong["contractor"] = _("请选择分包单位。")
    first, last = known.get("from_date"), known.get("to_date")
    if first and last and last < first:
        wrong["to_date"] = _("完工日期不能早于开工日期。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {name: known.get(name) for name in CONTRACT_FIELDS}
    for name in ("name", "number", "manager", "issuer", "undertaker"):
        given[name] = clean(str(given[name]))[: (60 if name == "number" else 120)]
    return given


def _require(actor: Actor, file: Enterprise) -> None:
    actor.require(KEEP)
    if file.merged_into_id is not None:
        raise Conflict
    if actor.organisation_id != file.pk:
        raise NotPermitted


def _refuse_barred(file: Enterprise, contractor: Contractor, now: datetime) -> None:
    """:raises Conflict: the company is on the black list that counts here."""
    today = Calendar().local_date(now)
    if barring().bars_company(contractor, file.pk, today):
        raise Conflict(_("“%(name)s”已列入黑名单。") % {"name": contractor.name})


def _refuse_suspended(file: Enterprise, contractor: Contractor, now: datetime) -> None:
    """:raises Conflict: it is suspended there, under this admission or one that lapsed or was left."""
    today = Calendar().local_date(now)
    rows = Admission.objects.filter(file=file, contractor=contractor, suspended_until__gte=today)
    until = rows.order_by("-suspended_until").values_list("suspended_until", flat=True).first()
    if until is not None:
        raise Conflict(_("暂停期至%(day)s，尚未届满。") % {"day": until})


def _locked(row: Admission) -> None:
    """:raises StaleState: it ended meanwhile."""
    found = Admission.objects.select_for_update(no_key=True, of=("self",)).filter(pk=row.pk, status__in=_WRITTEN)
    if not found.values_list("pk").first():
        raise StaleState


def _note(actor: Actor, act: str, row: Admission, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=Admission.row_type(), subject_id=row.pk, org_id=row.file_id, facts=facts,
        now=now,
    )  # fmt: skip
