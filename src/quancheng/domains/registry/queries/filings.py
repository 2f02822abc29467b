"""Reads of filings: what a file says now, what changed since it was last filed, lists, rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.registry.models import Enterprise, Filing, FilingRuleSetting, LicenceItem
from quancheng.domains.registry.queries.completeness import Rows, read_rows
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import NotFound
from quancheng.standards import filing as standard
from quancheng.standards.filing import SECTIONS, FilingRule

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
_HAZARD = ("grade", "number")
#: One part of a filing: rows by what names them.
Section = Mapping[str, Mapping[str, Any]]
Snapshot = Mapping[str, Section]


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
    licences = {
        f"{one.kind} {one.number}": {**_of(one, _LICENCE), "items": scopes.get(one.pk, [])} for one in rows.licences
    }
    return {
        "base": {"": base},
        "people": {f"{one.role} {one.name}": {"post": one.post} for one in rows.contacts},
        "leases": {f"{one.landlord_name} {one.place}": _of(one, _LEASE) for one in rows.leases},
        "units": {one.code: _of(one, _UNIT) for one in rows.units},
        "facilities": {f"{one.unit.code} {one.code}": _of(one, _FACILITY) for one in rows.facilities},
        "stock": {
            f"{one.facility.code} {one.chemical.name} {one.product}".strip(): _of(one, _STOCK) for one in rows.holdings
        },
        "licences": licences,
        "posts": {f"{one.post} {one.name}": _of(one, _POST) for one in rows.holders},
        "products": {one.name: _of(one, _PRODUCT) for one in rows.products},
        "hazards": {one.unit.code: _of(one, _HAZARD) for one in rows.hazards},
    }


def _of(row: Any, columns: Iterable[str]) -> dict[str, Any]:
    """Columns that say something; an empty one is left out, so that it does not differ from one that was not asked."""
    values = {name: getattr(row, name) for name in columns}
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}


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


def set_rules() -> dict[str, SetFilingRule]:
    """Every rule of filing by code, as the district set it, else as shipped. One query."""
    own = {one.code: one for one in FilingRuleSetting.objects.all()}
    found: dict[str, SetFilingRule] = {}
    for rule in standard.filing_rules():
        mine = own.get(rule.code)
        found.setdefault(
            rule.code,
            SetFilingRule(rule, rule.days, True)
            if mine is None
            else SetFilingRule(rule, mine.days, mine.is_active, is_own=True),
        )
    return found


def shipped_rules() -> dict[str, FilingRule]:
    """Every rule by code as it ships, for names and bases: no query."""
    found: dict[str, FilingRule] = {}
    for rule in standard.filing_rules():
        found.setdefault(rule.code, rule)
    return found
