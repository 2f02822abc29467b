"""Design diagnoses entered (登记安全设计诊断), with their defects, which go through the loop of every danger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import DesignDiagnosis, DiagnosisKind, Finding
from quancheng.domains.hazards.services.findings import FindingSpec, discard_finding, report_finding
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.models import RiskUnit
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once

KEEP = "hazards.design.keep"
#: Source of a danger that a design diagnosis found.
SOURCE = "design"
_EARLIEST = 1980


@dataclass(frozen=True, slots=True)
class DiagnosisSpec:
    """What is entered of a diagnosis or of a regular design; ``files`` are keys of uploads, the report at least."""

    kind: str
    year: int
    institute: str
    qualification: str
    report_number: str
    dated: date
    files: Sequence[uuid.UUID]
    units: Sequence[Unit] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class DefectSpec:
    """One defect as the report names it."""

    name: str
    description: str = ""
    place: str = ""
    unit: RiskUnit | None = None
    type: str = "other"
    is_major: bool = False
    criterion: str = ""
    photos: Sequence[uuid.UUID] = ()


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """The enterprise itself, or who supervises it, of a file that the actor sees."""
    inside = file.pk == actor.organisation_id
    return actor.has(KEEP) and (inside or actor.supervises) and file.merged_into_id is None


def enter_diagnosis(
    *, actor: Actor, file: Enterprise, spec: DiagnosisSpec, now: datetime, client_id: uuid.UUID | None = None
) -> DesignDiagnosis:
    """Enter a diagnosis, or that a regular design exists, each with its document.

    :raises NotPermitted: another enterprise. :raises Conflict: the report stands already. :raises Invalid: by field.
    """
    actor.require(KEEP)
    if not may_keep(actor, file) or actor.organisation_id is None:
        raise NotPermitted
    _check(spec, file, now)
    known = {
        "kind": spec.kind, "year": spec.year, "institute": clean(spec.institute)[:120],
        "qualification": clean(spec.qualification)[:120], "report_number": clean(spec.report_number)[:80],
        "dated": spec.dated, "text": clean(spec.text)[:1000],
    }  # fmt: skip
    organisation_id = actor.organisation_id

    def make() -> uuid.UUID:
        Enterprise.objects.select_for_update(no_key=True).filter(pk=file.pk).values_list("pk").get()
        same = DesignDiagnosis.objects.filter(file=file, report_number=known["report_number"], ended_at__isnull=True)
        if same.exists():
            raise Conflict(fields={"report_number": _("该报告（文件）已经登记。")})
        made = DesignDiagnosis.objects.create(
            file=file, **known, by_name=actor.name, by_org_id=organisation_id, entered_at=now
        )
        made.units.set(spec.units)
        note(actor, "hazards.design.enter", file.pk, made, now, {**known, "units": [one.pk for one in spec.units]})
        attach_files(actor=actor, row=made, file_ids=spec.files, now=now)
        return made.pk

    body = {"file": file.pk, **known, "units": sorted(str(one.pk) for one in spec.units)}
    body["files"] = sorted(one.original_digest for one in files_by_id(spec.files))
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.design.enter", body=body, now=now, make=make)
    return DesignDiagnosis.objects.select_related("file__enterprise").get(pk=pk)


def add_defect(
    *, actor: Actor, row: DesignDiagnosis, spec: DefectSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """A defect becomes a hidden danger of the source 安全设计诊断, found on the day of the report.

    :raises Conflict: the record was ended, or is a regular design. :raises Invalid: by field, or it is there already.
    """
    actor.require(KEEP)
    if not may_keep(actor, row.file):
        raise NotPermitted
    name = clean(spec.name)[:300]
    body = {
        "diagnosis": row.pk, "name": name, "description": clean(spec.description), "place": clean(spec.place),
        "unit": spec.unit.pk if spec.unit else None, "type": spec.type, "major": spec.is_major,
        "criterion": clean(spec.criterion), "photos": sorted(one.original_digest for one in files_by_id(spec.photos)),
    }  # fmt: skip

    def make() -> uuid.UUID:
        # The record may have been ended, or its file merged, since it was read.
        stands = DesignDiagnosis.objects.select_for_update(no_key=True, of=("self",)).select_related("file")
        locked = stands.get(pk=row.pk)
        if not may_keep(actor, locked.file):
            raise NotPermitted
        if locked.ended_at is not None or locked.kind != DiagnosisKind.DIAGNOSIS:
            raise Conflict(_("只有有效的安全设计诊断可以登记问题。"))
        if row.findings.filter(name=name).exclude(status__in=NOT_COUNTED).exists():
            raise Invalid(fields={"name": _("该次诊断的这个问题已经登记。")})
        told = FindingSpec(
            name=name, description=spec.description, place=spec.place, unit=spec.unit, type=spec.type,
            is_major=spec.is_major, criterion=spec.criterion, photos=tuple(spec.photos), source=SOURCE,
            found_at=Calendar().start_of(row.dated), diagnosis=row, channel="expert",
        )  # fmt: skip
        return report_finding(actor=actor, file=row.file, spec=told, now=now).pk

    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.design.defect", body=body, now=now, make=make)
    return Finding.objects.select_related("file__enterprise").get(pk=pk)


def take_back_defect(*, actor: Actor, finding: Finding, now: datetime) -> None:
    """Undo of an import: what nobody has graded yet is no danger any more. :raises StaleState: it was."""
    name = "discard" if finding.owner_org_id == actor.organisation_id else "drop"
    discard_finding(actor=actor, row=finding, name=name, reason=_("撤销导入"), now=now)


def end_diagnosis(
    *, actor: Actor, row: DesignDiagnosis, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> DesignDiagnosis:
    """It was entered by mistake (作废). :raises Conflict: it has defects, or ended."""
    actor.require(KEEP)
    if not may_keep(actor, row.file) or row.by_org_id != actor.organisation_id:
        raise NotPermitted(_("只能由登记单位作废。"))
    said = clean(reason)[:300]
    if not said:
        raise Invalid(fields={"reason": _("请写明理由。")})

    def do() -> None:
        if row.ended_at is not None:
            raise Conflict(_("该记录已作废。"))
        if row.findings.exclude(status__in=NOT_COUNTED).exists():
            raise Conflict(_("该次诊断已有登记的问题，不能作废。"))
        DesignDiagnosis.objects.filter(pk=row.pk).update(ended_at=now, ended_reason=said)
        note(actor, "hazards.design.end", row.file_id, row, now, {"reason": said})

    act_once(actor=actor, row=row, act="hazards.design.end", body={"reason": said}, now=now, client_id=client_id,
             do=do)  # fmt: skip
    return row


def _check(spec: DiagnosisSpec, file: Enterprise, now: datetime) -> None:
    wrong: dict[str, Text] = {}
    today = Calendar().local_date(now)
    if spec.kind not in DiagnosisKind.values:
        wrong["kind"] = _("请选择类别。")
    if not _EARLIEST <= spec.year <= today.year:
        wrong["year"] = _("年度应在1980年至今年之间。")
    if spec.dated > today:
        wrong["dated"] = _("报告（文件）日期不能晚于今天。")
    lacking = {"institute": _("请填写设计单位。"), "qualification": _("请填写设计资质等级和证书编号。"),
               "report_number": _("请填写报告（文件）编号。")}  # fmt: skip
    wrong |= {name: said for name, said in lacking.items() if not clean(getattr(spec, name))}
    if not spec.files:
        wrong["files"] = _("请上传诊断报告或设计文件。")
    if any(one.file_id != file.pk for one in spec.units):
        wrong["units"] = _("该单元不属于该企业。")
    if wrong:
        raise Invalid(fields=wrong)
