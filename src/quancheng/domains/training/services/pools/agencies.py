"""Reports of agencies with their doubts, spot checks with penalties, services under contract (S2-G2f, S4-B3.5.2b)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise, MajorHazard
from quancheng.domains.training.models import (
    AgencyEvaluator,
    AgencyReport,
    DiagnosisFinding,
    MemberKind,
    PoolMember,
    ReportKind,
    RuleGroup,
    ServiceContract,
    ServiceKind,
    ServiceVisit,
    SpotCheck,
    SpotResult,
)
from quancheng.domains.training.queries.outside_rules import figures, lines_of, unknown_codes
from quancheng.domains.training.queries.pools import SERVE, SPOT
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_of, links_of_same_content
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

REPORT_FIELDS = (
    "number", "kind", "field", "contract_date", "report_date", "site_date", "conclusion", "problem_count",
    "rectified_count", "hazard_count", "text", "filed_date",
)  # fmt: skip
PHOTO = "photo"
#: What an office found at a spot check: for offices alone.
EVIDENCE = "spot"
#: Characters of a piece of text by which likeness is told, and of how many reports.
_PIECE, _MOST = 6, 300


def enter_report(
    *, actor: Actor, file: Enterprise, agency: PoolMember, known: Mapping[str, Any],
    team: Sequence[Mapping[str, Any]], files: Sequence[uuid.UUID], photos: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> AgencyReport:  # fmt: skip
    """A user enters a report of its safety evaluation; its doubts are told at once.

    :param team: of each evaluator ``name``, ``certificate``, ``certificate_to``, ``speciality``.
    :raises NotPermitted: another enterprise. :raises Invalid: by field. :raises Conflict: the number stands.
    """
    _require_own(actor, file)
    given = _report(agency, known, team, files, now)

    def make() -> uuid.UUID:
        row = AgencyReport(
            **file.row_scope(), file=file, agency=agency, entered_by_name=actor.name, created_at=now,
            next_due=given["report_date"] + relativedelta(years=figures()["report_years"]), **given,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该机构的这份报告已登记。")
            raise Conflict(sentence, fields={"number": sentence}) from twice
        AgencyEvaluator.objects.bulk_create([
            AgencyEvaluator(
                report=row, name=clean(one["name"])[:60], certificate=clean(one["certificate"]).upper()[:60],
                certificate_to=one.get("certificate_to"), speciality=clean(one.get("speciality") or "")[:60],
            )
            for one in team
        ])  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        attach_files(actor=actor, row=row, file_ids=list(photos), now=now, role=PHOTO)
        look_at_report(row)
        _note(actor, "training.report.enter", row, now, {"number": row.number})
        return row.pk

    body = {"file": file.pk, "agency": agency.pk, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.report.enter", body=body, now=now, make=make)
    return AgencyReport.objects.get(pk=pk)


def look_at_report(row: AgencyReport) -> None:
    """Ask every rule of doubt, and keep what each found. In the caller's transaction."""
    points = {one.code: int(one.value or 0) for one in lines_of(RuleGroup.DOUBT)}
    found = [{"code": code, **facts} for code, facts in _doubts(row) if code in points]
    row.doubts = found
    row.doubt_score = sum(points[one["code"]] for one in found)
    AgencyReport.objects.filter(pk=row.pk).update(doubts=row.doubts, doubt_score=row.doubt_score)


def look_at_reports() -> int:
    """All reports that still count, anew: what an office finds later may cast doubt on them. Returns how many."""
    rows = AgencyReport.objects.select_related("agency").order_by("pk")
    done = 0
    for row in rows.iterator(chunk_size=200):
        with transaction.atomic():
            look_at_report(row)
        done += 1
    return done


def check_report(
    *, actor: Actor, row: AgencyReport, known: Mapping[str, Any], files: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> SpotCheck:  # fmt: skip
    """An office checked a report, and what it decided. :raises Invalid: by field; a false one without penalty."""
    actor.require(SPOT)
    if not actor.supervises:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    result = known.get("result") or ""
    if result not in SpotResult.values:
        wrong["result"] = _("请选择抽查结果。")
    if known.get("checked_date") is None or known["checked_date"] > Calendar().local_date(now):
        wrong["checked_date"] = _("请填写抽查日期，不能晚于今天。")
    if not clean(known.get("text") or ""):
        wrong["text"] = _("请写明抽查情况。")
    penalty = clean(known.get("penalty") or "")
    if result == SpotResult.TRUE and penalty:
        wrong["penalty"] = _("属实的不填处罚。")
    if result in (SpotResult.FALSE, SpotResult.RENTED) and not penalty:
        wrong["penalty"] = _("请写明处罚（处理）。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        made = SpotCheck.objects.create(
            report=row, checked_date=known["checked_date"], result=result, text=clean(known["text"])[:2000],
            penalty=penalty[:500], decision=clean(known.get("decision") or "")[:80],
            fine_yuan=known.get("fine_yuan"), by_name=actor.name, at=now,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(files), now=now, role=EVIDENCE)
        _note(actor, "training.report.check", row, now, {"result": result, "fine": known.get("fine_yuan")})
        return made.pk

    body = {"row": row.pk, **{name: value for name, value in known.items() if name != "files"}}
    with transaction.atomic():
        act = "training.report.check"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return SpotCheck.objects.get(pk=pk)


def enter_service(
    *, actor: Actor, file: Enterprise, provider: PoolMember, known: Mapping[str, Any], files: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> ServiceContract:  # fmt: skip
    """An enterprise buys services of an agency or expert. :raises Invalid: by field. :raises Conflict: it stands."""
    _require_own(actor, file)
    wrong: dict[str, Text] = {}
    kinds = sorted(set(known.get("kinds") or ()))
    if not kinds or set(kinds) - set(ServiceKind.values):
        wrong["kinds"] = _("请选择服务内容。")
    if not clean(known.get("number") or ""):
        wrong["number"] = _("请填写合同编号。")
    first, last = known.get("from_date"), known.get("to_date")
    if first is None or last is None or last < first:
        wrong["to_date"] = _("请填写合同期限，止不能早于起。")
    for name in ("amount_yuan", "visits_a_year"):
        if known.get(name) is None or known[name] < 0:
            wrong[name] = _("请填写，不能为负数。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {name: known[name] for name in ("from_date", "to_date", "amount_yuan", "visits_a_year")}

    def make() -> uuid.UUID:
        row = ServiceContract(
            **file.row_scope(), file=file, provider=provider, number=clean(known["number"])[:60], kinds=kinds,
            created_at=now, **given,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该合同编号已登记。")
            raise Conflict(sentence, fields={"number": sentence}) from twice
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        _note(actor, "training.service.enter", row, now, {"provider": provider.pk, "kinds": kinds})
        return row.pk

    body = {"file": file.pk, "provider": provider.pk, "number": clean(known["number"]), "kinds": kinds, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.service.enter", body=body, now=now, make=make)
    return ServiceContract.objects.get(pk=pk)


def record_visit(
    *, actor: Actor, row: ServiceContract, kind: str, visited_date: date, people: str, text: str, found: int,
    files: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None,
) -> ServiceVisit:  # fmt: skip
    """They came. :raises Invalid: by field; a service that the contract does not name."""
    _require_own(actor, row.file)
    wrong: dict[str, Text] = {}
    if kind not in row.kinds:
        wrong["kind"] = _("合同中没有这项服务。")
    if visited_date > Calendar().local_date(now) or not row.from_date <= visited_date <= row.to_date:
        wrong["visited_date"] = _("服务日期应在合同期限内，不能晚于今天。")
    needed = {"people": (people, _("请填写服务人员。")), "text": (text, _("请写明服务情况。"))}
    wrong |= {name: said for name, (value, said) in needed.items() if not clean(value)}
    if found < 0:
        wrong["found"] = _("请填写，不能为负数。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        made = ServiceVisit.objects.create(
            contract=row, kind=kind, visited_date=visited_date, people=clean(people)[:200], text=clean(text)[:2000],
            found=found, by_name=actor.name, at=now,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        _note(actor, "training.service.visit", row, now, {"kind": kind, "day": visited_date})
        return made.pk

    body = {"row": row.pk, "kind": kind, "day": visited_date, "people": people, "text": text, "found": found}
    with transaction.atomic():
        act = "training.service.visit"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return ServiceVisit.objects.get(pk=pk)


# Doubts --------------------------------------------------------------------------------------------------------------


def _doubts(row: AgencyReport) -> list[tuple[str, dict[str, Any]]]:
    """Every rule that finds something, with what it found by; no names of other enterprises."""
    known = figures()
    team = list(row.team.all())
    agency = row.agency
    found: list[tuple[str, dict[str, Any]]] = []
    over = [one.name for one in team if one.certificate_to is not None and one.certificate_to < row.site_date]
    agency_over = agency.certificate_to is not None and agency.certificate_to < row.report_date
    if over or agency_over:
        found.append(("certificate", {"names": over}))
    if row.field not in agency.fields:
        found.append(("scope", {}))
    numbers = [one.certificate for one in team]
    elsewhere = AgencyEvaluator.objects.filter(certificate__in=numbers, report__site_date=row.site_date)
    twice = sorted(set(elsewhere.exclude(report__file=row.file_id).values_list("certificate", flat=True)))
    if twice:
        found.append(("two_sites", {"certificates": twice}))
    photos = [link.file for link in files_of(row, role=PHOTO)]
    if not any(one.taken_at is not None and one.latitude is not None for one in photos):
        found.append(("no_photo", {}))
    reused = sum(
        any(link.subject_id != row.pk for link in links_of_same_content(one, subject_type=AgencyReport.row_type()))
        for one in photos
    )
    if reused:
        found.append(("reused_photo", {"count": reused}))
    like = _likeness(row)
    if like > known["report_similar"]:
        found.append(("similar", {"percent": like}))
    days = (row.report_date - row.contract_date).days
    if days < known["report_days"]:
        found.append(("fast", {"days": days}))
    hazards = MajorHazard.objects.filter(unit__file=row.file_id, unit__legal_grade__isnull=False).count()
    if hazards != row.hazard_count:
        found.append(("registry", {"told": row.hazard_count, "registered": hazards}))
    if row.problem_count == 0 and _found_after(row):
        found.append(("no_problem", {}))
    return found


def _likeness(row: AgencyReport) -> int:
    """The greatest likeness to a report of another enterprise, in per cent of common pieces of text."""
    mine = _pieces(row.text)
    if not mine:
        return 0
    others = AgencyReport.objects.exclude(file=row.file_id).exclude(text="").order_by("-report_date", "pk")
    most = 0
    for text in others.values_list("text", flat=True)[:_MOST]:
        theirs = _pieces(text)
        if theirs:
            most = max(most, 100 * len(mine & theirs) // len(mine | theirs))
    return most


def _pieces(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[place : place + _PIECE] for place in range(len(plain) - _PIECE + 1)}


def _found_after(row: AgencyReport) -> bool:
    """Whether a diagnosis within 90 days found three problems or one that may be major."""
    until = row.report_date + timedelta(days=90)
    rows = DiagnosisFinding.objects.filter(
        assignment__file=row.file_id, assignment__visit_date__gte=row.report_date, assignment__visit_date__lte=until
    )
    return rows.filter(is_major=True).exists() or rows.count() >= 3


def _report(
    agency: PoolMember, known: Mapping[str, Any], team: Sequence[Mapping[str, Any]], files: Sequence[uuid.UUID],
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    given: dict[str, Any] = {name: known.get(name) for name in REPORT_FIELDS}
    for name, most in (("number", 80), ("conclusion", 2000), ("text", 50_000)):
        given[name] = clean(known.get(name) or "")[:most]
    given["rectified_count"] = known.get("rectified_count") or 0
    wrong: dict[str, Text] = {}
    if agency.kind != MemberKind.AGENCY:
        wrong["agency"] = _("请选择评价机构。")
    if given["kind"] not in ReportKind.values:
        wrong["kind"] = _("请选择评价类别。")
    if unknown_codes(RuleGroup.FIELD, [given["field"] or ""]):
        wrong["field"] = _("请选择业务范围。")
    needed = {"number": _("请填写报告编号。"), "conclusion": _("请填写评价结论。")}
    wrong |= {name: said for name, said in needed.items() if not given[name]}
    for name in ("contract_date", "report_date", "site_date"):
        if given[name] is None or given[name] > Calendar().local_date(now):
            wrong[name] = _("请填写日期，不能晚于今天。")
    for name in ("problem_count", "hazard_count"):
        if given[name] is None or given[name] < 0:
            wrong[name] = _("请填写，不能为负数。")
    if not wrong and given["report_date"] < given["contract_date"]:
        wrong["report_date"] = _("报告日期不能早于合同签订日期。")
    if not wrong and given["rectified_count"] > given["problem_count"]:
        wrong["rectified_count"] = _("已整改数不能多于问题数。")
    if not team:
        wrong["team"] = _("请填写评价人员。")
    if not files:
        wrong["files"] = _("请上传报告。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _require_own(actor: Actor, file: Enterprise) -> None:
    actor.require(SERVE)
    if actor.organisation_id != file.pk:
        raise NotPermitted
    if file.merged_into_id is not None:
        raise Conflict


def _note(actor: Actor, act: str, row: Scoped, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.enterprise_id, facts=facts,
        now=now,
    )  # fmt: skip
