"""Reads of filings: what a file says now, what changed since it was last filed, lists, rules."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.registry.models import Enterprise, Filing, FilingRuleSetting, LicenceItem
from quancheng.domains.registry.queries.completeness import Rows, read_rows
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of, plain
from quancheng.kernel.errors import NotFound
from quancheng.standards import filing as standard
from quancheng.standards.filing import SECTIONS, FilingRule

#: The mark of what the district asks by itself; only that may be loosened or switched off.
OWN_MARK = "D"
#: One part of a filing: rows by what names them.
Section = Mapping[str, Mapping[str, Any]]
#: Columns that a filing says of each part, beside what names the row.
_BASE = (
    "kind", "more_kinds", "size", "life", "registered_address", "address", "registered_lon", "registered_lat", "lon",
    "lat", "boundary", "emergency_phone", "industry", "staff_count", "exposed_population", "exposed_source",
)  # fmt: skip
_LEASE = ("use", "area_m2", "from_date", "to_date", "has_agreement")
_UNIT = ("name", "kind", "boundary", "exclusion", "video", "gas_detection", "shut_off", "platform")
_FACILITY = (
    "name", "kind", "volume_m3", "max_fill", "pressure_mpa", "temp_c", "commissioned_date", "design", "processes",
    "dcs", "esd", "sis", "alarm", "shut_off", "earthing", "inerting", "seepage",
)  # fmt: skip
_STOCK = ("product", "concentration", "licensed_t", "design_t")
_LICENCE = ("valid_from", "valid_to", "issuer", "way_of_trade", "scope")
_POST = ("certificate_no", "valid_to")
_PRODUCT = ("english", "registration_no", "certificate_no", "certificate_until", "hazard_classes", "un_no")
#: Without the number that the office itself gives: its acceptance is no change of the enterprise's.
_HAZARD = ("grade",)
#: Stands in each snapshot since its rows are told apart wholly; one without it is read by :func:`_in_present_form`.
_FORM: Section = {"2": {}}
Snapshot = Mapping[str, Section]
_NOUGHT = re.compile(r"-?0(\.0+)?")


def snapshots(rows: Mapping[uuid.UUID, Rows]) -> dict[uuid.UUID, dict[str, Any]]:
    """What files say, as plain JSON: part, row, column. One query for the scopes of their licences.

    The present stock is no part of it: it changes daily and has its own record. Nor are telephone numbers of people.
    """
    scopes: dict[uuid.UUID, list[str]] = {}
    wanted = [licence.pk for one in rows.values() for licence in one.licences]
    for pk, name in (
        LicenceItem.objects.filter(licence__in=wanted)
        .order_by("chemical__name")
        .values_list("licence_id", "chemical__name")
        if wanted
        else ()
    ):
        scopes.setdefault(pk, []).append(name)
    return {pk: plain(_snapshot(one, scopes)) for pk, one in rows.items()}


def _snapshot(rows: Rows, scopes: Mapping[uuid.UUID, Sequence[str]]) -> dict[str, Section]:
    organisation: Any = rows.file.enterprise
    base = {"name": organisation.name, "credit_code": organisation.credit_code or ""} | _of(rows.file, _BASE)
    leases = sorted(rows.leases, key=lambda one: one.pk)
    # The oldest keeps the short name when one of the same number joins it.
    licences = sorted(rows.licences, key=lambda one: (one.valid_to or date.max, one.pk))
    return {
        "form": _FORM,
        "base": {"": base},
        "people": {f"{one.role} {one.name}": {"post": one.post} for one in rows.contacts},
        "leases": _named(
            (f"{one.landlord_name} {one.place}", one.use or one.from_date or "", _of(one, _LEASE)) for one in leases
        ),
        "units": {one.code: _of(one, _UNIT) for one in rows.units},
        "facilities": {f"{one.unit.code} {one.code}": _of(one, _FACILITY) for one in rows.facilities},
        "stock": {
            f"{one.facility.unit.code} {one.facility.code} {one.chemical.name} {one.product}".strip(): _of(one, _STOCK)
            for one in rows.holdings
        },
        "licences": _named(
            (f"{one.kind} {one.number}", one.valid_to or "", {**_of(one, _LICENCE), "items": scopes.get(one.pk, [])})
            for one in licences
        ),
        "posts": {f"{one.post} {one.name}": _of(one, _POST) for one in rows.holders},
        "products": {one.name: _of(one, _PRODUCT) for one in rows.products},
        "hazards": {one.unit.code: _of(one, _HAZARD) for one in rows.hazards},
    }


def _named(rows: Iterable[tuple[str, object, Mapping[str, Any]]]) -> Section:
    """Rows by name; a further one of the same name is told apart by what comes second, else by a number."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, more, columns in rows:
        key = longer = f"{name} {more}".strip() if name in found else name
        number = 2
        while key in found:
            key, number = f"{longer} ({number})", number + 1
        found[key] = columns
    return found


def _of(row: Any, columns: Iterable[str]) -> dict[str, Any]:
    """Columns that say something; an empty one is left out, so that it does not differ from one that was not asked.

    A nought says something: that nobody lives there is not the same as that nobody told.
    """
    values = {name: getattr(row, name) for name in columns}
    return {name: value for name, value in values.items() if value is not False and value not in (None, "", [])}


def snapshot_now(file_id: uuid.UUID, *, on: date) -> dict[str, Any]:
    """What one file says on a day."""
    return snapshots(read_rows([file_id], on=on))[file_id]


# What changed ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a later filing says otherwise.

    :ivar row: what names the row. :ivar column: empty where the whole row came or went. :ivar before: empty where
        nothing was said. :ivar kind: ``added``, ``removed``, ``changed``.
    """

    section: str
    row: str
    column: str
    before: Any
    after: Any
    kind: str


def differences(before: Snapshot | None, after: Snapshot | None) -> list[Difference]:
    """What differs between two filings, part by part in their order, row by row."""
    found = []
    if before and after and "form" in after and "form" not in before:
        before = _in_present_form(before, after)
    for section in SECTIONS:
        old, new = (before or {}).get(section, {}), (after or {}).get(section, {})
        for row in sorted({*old, *new}):
            if row not in new:
                found.append(Difference(section, row, "", None, None, "removed"))
            elif row not in old:
                found.append(Difference(section, row, "", None, None, "added"))
            else:
                found += [
                    Difference(section, row, column, old[row].get(column), new[row].get(column), "changed")
                    for column in sorted({*old[row], *new[row]})
                    if old[row].get(column) != new[row].get(column)
                ]
    return found


def _in_present_form(before: Snapshot, after: Snapshot) -> Snapshot:
    """A filing in the former form as it would be written today, so that what only its form says otherwise is no change.

    Then a chemical stood under its facility without the unit: it is the same row where a unit makes one of today's of
    it; of two that fell together the one that says the same. A nought was left out: where the former filing says
    nothing and the present one nought, nothing changed. The number of a major hazard was in it, and is passed over.
    """
    said = {section: {row: dict(columns) for row, columns in before.get(section, {}).items()} for section in SECTIONS}
    now = after.get("stock", {})
    units = sorted({*said["units"], *after.get("units", {})})
    stock: dict[str, dict[str, Any]] = {}
    for row, columns in said["stock"].items():
        meant = [name for name in (f"{unit} {row}" for unit in units) if name in now]
        told = {name: _without_noughts(now[name]) for name in meant}
        stock[next((name for name in meant if told[name] == columns), meant[0] if meant else row)] = columns
    said["stock"] = stock
    for columns in said["hazards"].values():
        columns.pop("number", None)
    for section, rows in said.items():
        for row, columns in rows.items():
            present = after.get(section, {}).get(row, {})
            noughts = {name: value for name, value in present.items() if _is_nought(value)}
            columns.update({name: value for name, value in noughts.items() if name not in columns})
    return said


def _without_noughts(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if not _is_nought(value)}


def _is_nought(value: Any) -> bool:
    """Whether it is the number nought, as plain JSON writes one."""
    return value == 0 if isinstance(value, int) else isinstance(value, str) and bool(_NOUGHT.fullmatch(value))


def says_the_same(filing: Filing, said: Snapshot) -> bool:
    """Whether a file says what was prepared; by the digest, but for what was prepared in the former form."""
    if digest_of(said) == filing.digest:
        return True
    return "form" not in (filing.snapshot or {}) and not differences(filing.snapshot, said)


def changed_facts(before: Snapshot, after: Snapshot) -> set[str]:
    """The facts of ``standards.filing`` that differ: part with column, and for people and posts with their kind."""
    found = set()
    for one in differences(before, after):
        if one.section in ("people", "posts"):
            found.add(f"{one.section}.{one.row.partition(' ')[0]}")
        else:
            found.add(f"{one.section}.{one.column}" if one.section == "base" else one.section)
    return found


# Lists -----------------------------------------------------------------------------------------------------------


def list_filings(*, actor: Actor) -> QuerySet[Filing]:
    """Filings that the actor may see, open ones first, the soonest due before others; without what they say."""
    return (
        Filing.objects.visible_to(actor)
        .select_related("enterprise", "area", "supervisor")
        .defer("snapshot")
        .order_by("-closed_at", "due_date", "pk")
    )


def get_filing(*, actor: Actor, filing_id: uuid.UUID) -> Filing:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Filing.objects.visible_to(actor).select_related("file", "file__enterprise", "enterprise", "supervisor")
    found = rows.filter(pk=filing_id).first()
    if found is None:
        raise NotFound
    return found


def filings_of(*, actor: Actor, file: Enterprise) -> list[Filing]:
    """The filings of one file, the newest first."""
    return list(
        Filing.objects.visible_to(actor).filter(file=file).defer("snapshot").order_by("-created_at", "-pk")[:100]
    )


def former_filing(filing: Filing) -> Filing | None:
    """The last one of the same file that was received before this one; None for the first."""
    rows = Filing.objects.filter(file=filing.file_id, status="RECEIVED").exclude(pk=filing.pk)
    if filing.received_at is not None:
        rows = rows.filter(received_at__lt=filing.received_at)
    return rows.order_by("-received_at", "-pk").first()


# Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetFilingRule:
    """A rule as this district has it; ``is_own`` where it was set here."""

    rule: FilingRule
    days: int
    is_active: bool
    is_own: bool = False

    @property
    def lead_days(self) -> int:
        """How long before its last day the work begins: never before half the term has passed, so that a filing that
        was just received does not call for the next one at once.
        """
        return min(self.rule.lead_days, self.days // 2)


def set_rules() -> dict[str, SetFilingRule]:
    """Every rule of filing by code, as the district set it, else as shipped. One query."""
    own = {one.code: one for one in FilingRuleSetting.objects.all()}
    found: dict[str, SetFilingRule] = {}
    for rule in standard.filing_rules():
        mine = own.get(rule.code)
        if mine is None:
            one = SetFilingRule(rule, rule.days, True)
        elif rule.mark == OWN_MARK:
            one = SetFilingRule(rule, mine.days, mine.is_active, is_own=True)
        else:
            # The law's own days hold whatever was set while a longer term could still be entered.
            one = SetFilingRule(rule, min(mine.days, rule.days), True, is_own=True)
        found.setdefault(rule.code, one)
    return found


def shipped_rules() -> dict[str, FilingRule]:
    """Every rule by code as it ships, for names and bases: no query."""
    found: dict[str, FilingRule] = {}
    for rule in standard.filing_rules():
        found.setdefault(rule.code, rule)
    return found
