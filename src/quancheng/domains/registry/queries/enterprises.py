"""Reads of enterprises: lists, one whole file, what is wrong with it, who changed what."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import (
    Assessment,
    Contact,
    Enterprise,
    EnterpriseMerge,
    Facility,
    Filing,
    Holding,
    MajorHazard,
    StockMovement,
    Unit,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import Conflict, NotFound, Text
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.pages.words import grouped
from quancheng.kernel.people.models import User
from quancheng.standards.coordinates import Point, distance_m

#: Registered and real address further apart than this differ (注册地址与实际地址不一致); metres. [D]
ADDRESS_APART_M = 500


def seen(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, bare and in no order: for maps and sums; no retired doubles."""
    return Enterprise.objects.visible_to(actor).filter(merged_into__isnull=True)


def list_enterprises(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, by name, with units counted and the score of the file; no retired doubles."""
    return _files(actor).filter(merged_into__isnull=True)


def _files(actor: Actor) -> QuerySet[Enterprise]:
    units = Unit.objects.filter(file=OuterRef("pk"), ended_date__isnull=True).order_by().values("file")
    return (
        Enterprise.objects.visible_to(actor)
        .select_related("enterprise", "area", "supervisor")
        .annotate(
            unit_count=Coalesce(Subquery(units.annotate(number=Count("pk")).values("number")), 0),
            score=F("completeness__score"),
        )
        .order_by("pinyin", "pk")
    )


def get_enterprise(*, actor: Actor, file_id: uuid.UUID) -> Enterprise:
    """Raise NotFound for absent and for out of scope alike."""
    merges = EnterpriseMerge.objects.filter(Q(kept=OuterRef("pk")) | Q(retired=OuterRef("pk")), undone_at__isnull=True)
    told = JSONObject(
        id="id", retired="retired_id", kept_name="kept__enterprise__name", retired_name="retired__enterprise__name"
    )
    rows = _files(actor).annotate(
        score_lines=F("completeness__lines"), gaps=F("completeness__gaps"), filed=_last_filings()
    )
    found = rows.annotate(merge_rows=ArraySubquery(merges.order_by("at").values(row=told))).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def get_own_file(*, actor: Actor) -> Enterprise:
    """The file of the actor's own organisation. :raises NotFound: it has none."""
    found = own_file(actor=actor)
    if found is None:
        raise NotFound
    return found


def keeps(actor: Actor, file: Enterprise, *, own: str, office: str) -> bool:
    """Whether the actor may write what hangs on a file that he sees: the enterprise itself by the duty ``own``, others
    by ``office``; nobody in one that was merged into another."""
    return file.merged_into_id is None and actor.has(own if file.pk == actor.organisation_id else office)


def keys_seen(*, actor: Actor) -> QuerySet[Enterprise] | list[uuid.UUID]:
    """Keys of the files that the actor may see, for what hangs on files, retired doubles too.

    A part of the query for an office, which sees many. An enterprise or an expert sees few: they are looked up at once,
    since by the keys themselves an index finds the rows of one file among millions.
    """
    rows = Enterprise.objects.visible_to(actor).values_list("pk", flat=True)
    return rows if actor.supervises or actor.is_system else list(rows)  # type: ignore[return-value]


def is_kept_at(key: Any, path: str = "file") -> Q:
    """Rows of a file, or of a double that was merged into it, also by way of another one.

    :param key: of the file, or an ``OuterRef``. :param path: from the row to its file.
    """
    into = f"{path}__merged_into"
    return Q(**{path: key}) | Q(**{into: key}) | Q(**{f"{into}__merged_into": key})


def is_seen_at(keys: Any, path: str = "file") -> Q:
    """The same of many files: :param keys: of :func:`keys_seen`."""
    into = f"{path}__merged_into"
    return Q(**{f"{path}__in": keys}) | Q(**{f"{into}__in": keys}) | Q(**{f"{into}__merged_into__in": keys})


def kept_by_double(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Doubles that were merged into these files, however many merges lie between, and into which."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    level = {pk: pk for pk in ids}
    while level:
        rows = Enterprise.objects.filter(merged_into__in=list(level)).values_list("pk", "merged_into")
        level = {pk: level[into] for pk, into in rows if into is not None}
        found |= level
    return found


def seen_files(*, actor: Actor, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these files the actor may open."""
    return set(Enterprise.objects.visible_to(actor).filter(pk__in=list(ids)).values_list("pk", flat=True))


def find_by_code(*, actor: Actor, code: str) -> Enterprise | None:
    """The file under a unified social credit code, where the actor may see it."""
    code = code.strip().upper()
    return list_enterprises(actor=actor).filter(enterprise__credit_code=code).first() if code else None


def _last_filings() -> ArraySubquery:
    """The last filings of a file, the newest first, as plain rows: who sees the file sees them."""
    columns = ("id", "code", "status", "number", "due_date", "received_at", "closed_at")
    rows = Filing.objects.filter(file=OuterRef("pk")).order_by("-created_at", "-pk")
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in columns}))[:3])


def list_places(*, actor: Actor) -> QuerySet[Area]:
    """Streets, towns and villages in which the actor may enter an enterprise."""
    places = Area.objects.filter(valid_to__isnull=True, level__in=("street", "village"))
    if not actor.whole_district:
        places = places.filter(path__startswith=actor.area_path)
    return places.order_by("path")


def own_file(*, actor: Actor) -> Enterprise | None:
    """The file of the actor's own organisation, if it has one."""
    if actor.organisation_id is None:
        return None
    return list_enterprises(actor=actor).filter(pk=actor.organisation_id).first()


def required_file(*, actor: Actor) -> Enterprise:
    """The file of the own organisation, under which what one enters stands. :raises Conflict: it has none yet."""
    found = own_file(actor=actor)
    if found is None:
        raise Conflict(_("本单位还没有企业档案，请先建立。"))
    return found


def contacts_of(file: Enterprise) -> Sequence[Contact]:
    """Who answers for the enterprise now."""
    return list(file.contacts.filter(left_date__isnull=True).order_by("role", "pk"))


def units_of(file: Enterprise) -> Sequence[Unit]:
    """Its units with their facilities counted."""
    counted = Count("facilities", filter=Q(facilities__decommissioned_date__isnull=True))
    return list(file.units.annotate(facility_count=counted).order_by("code", "pk"))


def holdings_of(file: Enterprise) -> QuerySet[Holding]:
    """What it holds, place by place."""
    return (
        Holding.objects.filter(file=file, ended_date__isnull=True)
        .select_related("facility", "facility__unit", "chemical")
        .order_by("facility__unit__code", "facility__code", "chemical__pinyin", "pk")
    )


def list_holdings(*, actor: Actor) -> QuerySet[Holding]:
    """What is held wherever the actor may see, enterprise by enterprise, place by place."""
    return (
        Holding.objects.filter(file__in=Enterprise.objects.visible_to(actor), ended_date__isnull=True)
        .select_related("facility", "facility__unit", "chemical", "file", "file__enterprise", "file__area")
        .order_by("file__pinyin", "file_id", "facility__unit__code", "facility__code", "chemical__pinyin", "pk")
    )


def list_units(*, actor: Actor) -> QuerySet[Unit]:
    """Units of the enterprises that the actor may see, enterprise by enterprise."""
    return (
        Unit.objects.filter(file__in=Enterprise.objects.visible_to(actor))
        .select_related("file", "file__enterprise")
        .order_by("file__pinyin", "file_id", "code", "pk")
    )


def list_facilities(*, actor: Actor) -> QuerySet[Facility]:
    """Facilities of the enterprises that the actor may see, unit by unit."""
    return (
        Facility.objects.filter(unit__file__in=Enterprise.objects.visible_to(actor))
        .select_related("unit", "unit__file", "unit__file__enterprise")
        .order_by("unit__file__pinyin", "unit__file_id", "unit__code", "code", "pk")
    )


def get_unit(*, actor: Actor, unit_id: uuid.UUID) -> Unit:
    """Raise NotFound for absent and for out of scope alike."""
    seen = Enterprise.objects.visible_to(actor)
    found = (
        Unit.objects.filter(pk=unit_id, file__in=seen).select_related("file", "file__enterprise", "file__supervisor")
    ).first()
    if found is None:
        raise NotFound
    return found


def facilities_of(unit: Unit) -> Sequence[Facility]:
    """Its facilities, those in service first."""
    return list(unit.facilities.order_by(F("decommissioned_date").desc(nulls_first=True), "code", "pk"))


def get_facility(*, actor: Actor, facility_id: uuid.UUID) -> Facility:
    """Raise NotFound for absent and for out of scope alike."""
    seen = Enterprise.objects.visible_to(actor)
    found = (
        Facility.objects.filter(pk=facility_id, unit__file__in=seen)
        .select_related("unit", "unit__file", "unit__file__enterprise")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def get_holding(*, actor: Actor, holding_id: uuid.UUID) -> Holding:
    """Raise NotFound for absent and for out of scope alike."""
    seen = Enterprise.objects.visible_to(actor)
    found = (
        Holding.objects.filter(pk=holding_id, file__in=seen)
        .select_related("facility", "facility__unit", "chemical", "file", "file__enterprise")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def movements_of(holding: Holding) -> QuerySet[StockMovement]:
    """Changes of a stock, the newest first."""
    return StockMovement.objects.filter(holding=holding).order_by("-at", "-pk")


def newest_assessment(unit: Unit, basis: str) -> Assessment | None:
    """The last calculation of a kind."""
    return Assessment.objects.filter(unit=unit, basis=basis).order_by("-at", "-pk").first()


def get_assessment(*, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        Assessment.objects.filter(pk=assessment_id, unit__file__in=Enterprise.objects.visible_to(actor))
        .select_related("unit", "unit__file", "unit__file__enterprise")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def assessments_of(unit: Unit) -> QuerySet[Assessment]:
    """All calculations of a unit, the newest first, without what went into them."""
    return Assessment.objects.filter(unit=unit).defer("inputs", "steps").order_by("-at", "-pk")


def hazards_of(*, actor: Actor, file: Enterprise) -> Sequence[MajorHazard]:
    """The files of its major hazards, open ones first."""
    return list(
        MajorHazard.objects.visible_to(actor)
        .filter(unit__file=file)
        .select_related("unit")
        .order_by(F("closed_at").desc(nulls_first=True), "code")
    )


# What is wrong with it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the file that should not be: a code, a sentence, and the address name of where it is mended."""

    code: str
    text: Text
    url_name: str = ""
    url_id: uuid.UUID | None = None


def findings_of(file: Enterprise, *, holdings: Sequence[Holding], units: Sequence[Unit]) -> list[Finding]:
    """Contradictions that the facts show by themselves; nobody types them."""
    found: list[Finding] = []
    apart = address_apart_m(file)
    if apart is not None and apart > ADDRESS_APART_M:
        sentence = _("注册地址与实际地址相距 %(metres)s 米，请核实。") % {"metres": grouped(round(apart))}
        found.append(Finding("address", sentence))
    for one in holdings:
        present = one.present_t or Decimal(0)
        place = f"{one.facility.code} {one.chemical.name}"
        values = {"place": place, "present": shown(present)}
        if one.licensed_t is not None and present > one.licensed_t:
            sentence = _("%(place)s：存量 %(present)s 吨，超过许可量 %(limit)s 吨。") % {
                **values, "limit": shown(one.licensed_t)
            }  # fmt: skip
            found.append(Finding("over_licence", sentence, "registry:holding", one.pk))
        if one.design_t is not None and present > one.design_t:
            sentence = _("%(place)s：存量 %(present)s 吨，超过设计最大量 %(limit)s 吨。") % {
                **values, "limit": shown(one.design_t)
            }  # fmt: skip
            found.append(Finding("over_design", sentence, "registry:holding", one.pk))
    for unit in units:
        if unit.present_grade is not None and _graver(unit.present_grade, unit.legal_grade):
            sentence = _("%(unit)s：按实际存量已达%(grade)s，高于法定等级。") % {
                "unit": unit.name, "grade": grade_word(unit.present_grade)
            }  # fmt: skip
            found.append(Finding("present_graver", sentence, "registry:unit", unit.pk))
    return found


def address_apart_m(file: Enterprise) -> float | None:
    """Metres between registered and real point on the sphere; None where either is not known."""
    if file.registered_lon is None or file.registered_lat is None or file.lon is None or file.lat is None:
        return None
    registered = Point(float(file.registered_lon), float(file.registered_lat))
    return distance_m(registered, Point(float(file.lon), float(file.lat)))


def shown(value: Decimal | None) -> str:
    """A quantity as people read it: grouped by thousands, without trailing zeros; empty for none."""
    return "" if value is None else grouped(value)


def grade_word(grade: int | None) -> str:
    """``二级`` for 2; what does not constitute a major hazard has none."""
    return "" if grade is None else str((_("一级"), _("二级"), _("三级"), _("四级"))[grade - 1])


def _graver(one: int, other: int | None) -> bool:
    return other is None or one < other


# Who changed what ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the journal about a file, as its page shows it."""

    at: datetime
    act: str
    who: str
    facts: dict[str, object]


def changes_of(
    file: Enterprise, *, about: tuple[str, uuid.UUID] | None = None, limit: int = 100
) -> list[Change]:
    """The last acts on a file, the newest first; both sides see who made them.

    :param about: only acts whose facts name a row, by the key under which they do: ``("product", id)``.
    """
    found = JournalEntry.objects.filter(subject_type=Enterprise.row_type(), subject_id=file.pk)
    if about is not None:
        key, row = about
        found = found.filter(**{f"facts__{key}": str(row)})
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    entries = found.annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:limit]
    return [Change(one.at, one.act, one.who or one.system_name, one.facts) for one in entries]
