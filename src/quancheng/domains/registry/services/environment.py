"""Environmental attributes: of chemicals by who keeps the register, of enterprises by themselves and the office."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import NewSubstance, RiskGrade, WasteWay
from quancheng.domains.registry.models import (
    Chemical,
    ChemicalEnvironment,
    Enterprise,
    EnvironmentRecord,
    Unit,
    WasteArrangement,
)
from quancheng.domains.registry.queries.offices import ENVIRONMENT, is_office
from quancheng.domains.registry.services.enterprises import KEEP, note
from quancheng.domains.registry.services.locking import put_beside
from quancheng.domains.registry.services.offices import require_office
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

JUDGE = "registry.environment.judge"
CHEMICALS = "registry.chemicals.keep"
#: Years until an assessment is looked through again, where nobody says a day. [G] emergency plans of enterprises.
REVIEW_YEARS = 3
CHEMICAL_FIELDS = ("is_key", "is_new_pollutant", "new_substance", "new_substance_no", "source", "mark")
RECORD_FIELDS = (
    "identified_date", "assessed_date", "institute", "grade", "plan_no", "plan_date", "review_date",
    "registration_no", "registration_until", "remark",
)  # fmt: skip
WASTE_FIELDS = (
    "name", "waste_code", "way", "how", "year_t", "handler_name", "handler_licence_no", "until_date",
)  # fmt: skip
_SHIPPED = Path(__file__).parent.parent / "data" / "environment.csv"


# Chemicals -------------------------------------------------------------------------------------------------------


def set_chemical_environment(
    *, actor: Actor, chemical: Chemical, version: int, known: Mapping[str, Any], now: datetime
) -> ChemicalEnvironment:
    """Say how a chemical is managed for the environment.

    :param version: of what was read; 0 where nothing stood. :param known: of :data:`CHEMICAL_FIELDS`.
    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(CHEMICALS)
    given = {name: known[name] for name in CHEMICAL_FIELDS if name in known}
    before = ChemicalEnvironment.objects.filter(chemical=chemical).first()
    if wrong := chemical_faults(given, before):
        raise Invalid(fields=wrong)
    for name, limit in (("source", 200), ("new_substance_no", 60)):
        if name in given:
            given[name] = clean(given[name])[:limit]
    with transaction.atomic():
        put_beside(ChemicalEnvironment, {"chemical": chemical}, version=version, values=given, now=now)
        told = {name: getattr(before, name) for name in given} if before is not None else {}
        facts = {"before": told, "after": given} if told else given
        journal.record(
            actor=actor, act="registry.chemical.environment", subject_type=subject_type_of(Chemical),
            subject_id=chemical.pk, org_id=actor.organisation_id, facts=facts, now=now,
        )  # fmt: skip
    return ChemicalEnvironment.objects.get(chemical=chemical)


def remove_chemical_environment(*, actor: Actor, chemical_id: uuid.UUID, now: datetime) -> None:
    """Take back what was said by mistake. :raises Conflict: somebody changed it since."""
    actor.require(CHEMICALS)
    with transaction.atomic():
        if not ChemicalEnvironment.objects.filter(chemical=chemical_id, version=1).delete()[0]:
            raise Conflict(_("该记录已修改，不能撤销。"))
        journal.record(
            actor=actor, act="registry.chemical.environment", subject_type=subject_type_of(Chemical),
            subject_id=chemical_id, org_id=actor.organisation_id, facts={"removed": True}, now=now,
        )  # fmt: skip


def chemical_faults(known: Mapping[str, Any], before: ChemicalEnvironment | None) -> dict[str, Text]:
    """What is wrong with the attributes of a chemical, by field."""

    def told(name: str) -> Any:
        return known.get(name, getattr(before, name, ""))

    wrong: dict[str, Text] = {}
    if not clean(told("source") or ""):
        wrong["source"] = _("请写明依据，例如名录名称和年份、登记证。")
    if told("new_substance") not in ("", *NewSubstance.values):
        wrong["new_substance"] = _("请选择登记类别。")
    if clean(told("new_substance_no") or "") and not told("new_substance"):
        wrong["new_substance"] = _("填写登记号的，请选择登记类别。")
    if told("mark") not in ("V", "G", "D"):
        wrong["mark"] = _("请选择可信程度。")
    return wrong


def load_environment(*, now: datetime) -> int:
    """Enter what ships for chemicals of which nobody said anything. How many were entered."""
    known = set(ChemicalEnvironment.objects.values_list("chemical", flat=True))
    made = shipped_for(Chemical.objects.exclude(pk__in=known).exclude(cas=""), now=now)
    ChemicalEnvironment.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def shipped_for(chemicals: Iterable[Chemical], *, now: datetime) -> list[ChemicalEnvironment]:
    """What ships for these chemicals by their CAS numbers, not saved."""
    shipped = _shipped()
    return [
        ChemicalEnvironment(chemical=one, updated_at=now, **shipped[one.cas]) for one in chemicals if one.cas in shipped
    ]


@cache
def _shipped() -> Mapping[str, dict[str, Any]]:
    with _SHIPPED.open(encoding="utf-8", newline="") as file:
        return {
            row["cas"]: {
                "is_key": row["key"] == "1", "is_new_pollutant": row["new_pollutant"] == "1",
                "source": row["source"], "mark": row["mark"],
            }
            for row in csv.DictReader(file)
        }  # fmt: skip


# Enterprises and units -------------------------------------------------------------------------------------------


def may_keep_environment(actor: Actor, file_id: uuid.UUID) -> bool:
    """Whether the actor writes in what an enterprise says of the environment: itself, and the ecology office."""
    if file_id == actor.organisation_id:
        return actor.has(KEEP)
    return is_office(actor, ENVIRONMENT, JUDGE)


def enter_environment(
    *, actor: Actor, file: Enterprise, unit: Unit | None, known: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> EnvironmentRecord:  # fmt: skip
    """Enter the risk assessment, plan and registration of an enterprise, or of one unit.

    :param known: of :data:`RECORD_FIELDS`; an assessment without a day of review gets one :data:`REVIEW_YEARS` later.
    :raises Invalid: by field. :raises Conflict: that one stands. :raises NotPermitted: another's.
    """
    _require_keeper(actor, file)
    given = _record_fields(known, None, now)
    if unit is not None and unit.file_id != file.pk:
        raise Invalid(fields={"unit": _("请选择本企业的单元。")})

    def make() -> uuid.UUID:
        row = EnvironmentRecord(
            file=file, unit=unit, created_at=now, updated_at=now, **_scope(file), **given
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该企业（单元）已登记，请修改原有记录。")
            raise Conflict(sentence, fields={"unit": sentence}) from twice
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note(actor, "registry.environment.enter", file, now, {"environment": row.pk, "unit": unit and unit.pk, **given})
        return row.pk

    body = {"file": file.pk, "unit": unit and unit.pk, **given}
    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="registry.environment.enter", body=body, now=now, make=make
        )
    return EnvironmentRecord.objects.get(pk=pk)


def change_environment(
    *, actor: Actor, record: EnvironmentRecord, version: int, changes: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (),
) -> EnvironmentRecord:  # fmt: skip
    """Change what stands; what was verified is to be verified anew.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    _require_keeper(actor, record.file)
    given = _record_fields(changes, record, now)
    changed = {name: value for name, value in given.items() if getattr(record, name) != value}
    if not changed and not evidence:
        return record
    with transaction.atomic():
        won = EnvironmentRecord.objects.filter(pk=record.pk, version=version).update(
            **changed, version=F("version") + 1, updated_at=now, verified_at=None, verified_by=None
        )
        if not won:
            raise StaleState
        attach_files(actor=actor, row=record, file_ids=list(evidence), now=now)
        before = {name: getattr(record, name) for name in changed}
        note(actor, "registry.environment.change", record.file, now, {
            "environment": record.pk, "before": before, "after": changed,
        })  # fmt: skip
    return EnvironmentRecord.objects.get(pk=record.pk)


def verify_environment(
    *, actor: Actor, record: EnvironmentRecord, version: int, remark: str, now: datetime
) -> EnvironmentRecord:
    """The ecology office confirms what stands. :raises NotPermitted: another office, or the actor's own record.

    :raises StaleState: changed since it was read.
    """
    require_office(actor, ENVIRONMENT, JUDGE)
    if record.file_id == actor.organisation_id:
        raise NotPermitted(_("不能核验本单位的档案。"))
    with transaction.atomic():
        won = (
            EnvironmentRecord.objects.visible_to(actor)
            .filter(pk=record.pk, version=version)
            .update(verified_at=now, verified_by=actor.organisation_id, updated_at=now)
        )
        if not won:
            raise StaleState
        facts = {"environment": record.pk, "version": version, "remark": clean(remark)[:500]}
        note(actor, "registry.environment.verify", record.file, now, facts)
    return EnvironmentRecord.objects.get(pk=record.pk)


def remove_environment(*, actor: Actor, record: EnvironmentRecord, now: datetime) -> None:
    """Take back a record that was entered by mistake. :raises Conflict: somebody changed or verified it since."""
    _require_keeper(actor, record.file)
    with transaction.atomic():
        untouched = EnvironmentRecord.objects.visible_to(actor).filter(
            pk=record.pk, version=1, verified_at__isnull=True
        )  # fmt: skip
        if not untouched.delete()[0]:
            raise Conflict(_("该记录已修改或核验，不能撤销。"))
        note(actor, "registry.environment.remove", record.file, now, {"unit": record.unit_id})


def record_faults(known: Mapping[str, Any], before: EnvironmentRecord | None, *, now: datetime) -> dict[str, Text]:
    """What is wrong with a record, by field; for a form, a sheet and a program alike."""

    def told(name: str) -> Any:
        return known[name] if name in known else getattr(before, name, None)

    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {
        name: _("日期不能晚于今天。")
        for name in ("identified_date", "assessed_date", "plan_date")
        if told(name) is not None and told(name) > today
    }
    if told("grade") not in (None, "", *RiskGrade.values):
        wrong["grade"] = _("请选择环境风险等级。")
    if (told("grade") or clean(told("institute") or "")) and told("assessed_date") is None:
        wrong["assessed_date"] = _("请填写环境风险评估日期。")
    if told("assessed_date") is not None and not told("grade"):
        wrong["grade"] = _("请选择环境风险等级。")
    review, assessed = told("review_date"), told("assessed_date")
    if review is not None and assessed is not None and review < assessed:
        wrong["review_date"] = _("复核日期不能早于评估日期。")
    if told("plan_date") is not None and not clean(told("plan_no") or ""):
        wrong["plan_no"] = _("请填写备案编号。")
    if told("registration_until") is not None and not clean(told("registration_no") or ""):
        wrong["registration_no"] = _("请填写登记编号。")
    return wrong


# Disposal --------------------------------------------------------------------------------------------------------


def arrange_waste(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> WasteArrangement:
    """Enter what becomes of a hazardous chemical that is thrown away.

    :param known: of :data:`WASTE_FIELDS`. :raises Invalid: by field. :raises Conflict: it stands already.
    """
    _require_keeper(actor, file)
    given = {name: known[name] for name in WASTE_FIELDS if known.get(name) is not None}
    wrong: dict[str, Text] = {}
    for name, limit in (("name", 120), ("how", 300), ("waste_code", 20), ("handler_name", 120),
                        ("handler_licence_no", 80)):  # fmt: skip
        given[name] = clean(given.get(name, ""))[:limit]
    for name in ("name", "how"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    if given.get("way") not in WasteWay.values:
        wrong["way"] = _("请选择处置方式。")
    if given.get("way") == WasteWay.ENTRUST:
        for name in ("handler_name", "handler_licence_no"):
            if not given[name]:
                wrong[name] = _("委托处置的，请填写受托单位和许可证编号。")
    if given.get("year_t") is not None and given["year_t"] < 0:
        wrong["year_t"] = _("数量不能为负数。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                row = WasteArrangement.objects.create(file=file, created_at=now, **_scope(file), **given)
        except IntegrityError as twice:
            sentence = _("该处置安排已登记。")
            raise Conflict(sentence, fields={"name": sentence}) from twice
        note(actor, "registry.waste.arrange", file, now, {"arrangement": row.pk, **given})
        return row.pk

    body = {"file": file.pk, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="registry.waste.arrange", body=body, now=now, make=make)
    return WasteArrangement.objects.get(pk=pk)


def end_waste(*, actor: Actor, row: WasteArrangement, now: datetime) -> None:
    """It is disposed of that way no more; the row stays with the day. :raises StaleState: it ended already."""
    _require_keeper(actor, row.file)
    with transaction.atomic():
        standing = WasteArrangement.objects.filter(pk=row.pk, ended_date__isnull=True)
        if not standing.update(ended_date=Calendar().local_date(now)):
            raise StaleState(_("该处置安排已停止。"))
        note(actor, "registry.waste.end", row.file, now, {"arrangement": row.pk, "name": row.name})


def _require_keeper(actor: Actor, file: Enterprise) -> None:
    """:raises NotPermitted: neither the enterprise itself nor the ecology office. :raises Conflict: it was merged."""
    if file.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))
    if file.pk == actor.organisation_id:
        actor.require(KEEP)
        return
    require_office(actor, ENVIRONMENT, JUDGE)


def _scope(file: Enterprise) -> dict[str, Any]:
    return file.row_scope() | {"links": list(dict.fromkeys([*file.links, "disposal"]))}


def _record_fields(known: Mapping[str, Any], before: EnvironmentRecord | None, now: datetime) -> dict[str, Any]:
    given = {name: known[name] for name in RECORD_FIELDS if name in known}
    for name, limit in (("institute", 120), ("plan_no", 60), ("registration_no", 60), ("remark", 500)):
        if name in given:
            given[name] = clean(given[name] or "")[:limit]
    if "grade" in given:
        given["grade"] = given["grade"] or ""
    if wrong := record_faults(given, before, now=now):
        raise Invalid(fields=wrong)
    assessed = given.get("assessed_date")
    changed = assessed is not None and assessed != getattr(before, "assessed_date", None)
    if changed and assessed is not None and given.get("review_date") in (None, getattr(before, "review_date", None)):
        given["review_date"] = _years_on(assessed, REVIEW_YEARS)
    if before is None and not any(given.values()):
        raise Invalid(fields={"assessed_date": _("请至少填写一项。")})
    return given


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
