"""Warehouses (库房): which of them form major hazards, what each holds by class, how it moved month by month."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone, translation

from quancheng.domains.registry.kinds import FacilityKind, Fitted
from quancheng.domains.registry.models import Enterprise, Facility, Holding, MajorHazard, StockMovement, StorageFinding
from quancheng.domains.registry.queries.storage import still_standing
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards import ghs

WAREHOUSES = (FacilityKind.BAY, FacilityKind.CYLINDERS)
#: Protections that a warehouse is asked for (四项防护).
PROTECTIONS = ("alarm", "shut_off", "earthing", "inerting")
#: Months of movements that a ledger shows.
MONTHS = 12


def list_warehouses(*, actor: Actor) -> QuerySet[Facility]:
    """Warehouses in service that the actor may see; those that form major hazards first, the gravest before others.

    Annotated with ``present_t``, ``design_t``, ``kinds`` (of chemicals), ``problems``, ``lacking`` (protections not
    there, or not told of) and ``filing``, the state of the major hazard's file.
    """
    held = Holding.objects.filter(facility=OuterRef("pk"), ended_date__isnull=True).order_by().values("facility")
    wrong = StorageFinding.objects.filter(still_standing(), facility=OuterRef("pk")).order_by().values("facility")
    filed = MajorHazard.objects.filter(unit=OuterRef("unit")).order_by(F("closed_at").desc(nulls_first=True))
    lacking = sum(
        (Case(When(**{f"{name}__in": (Fitted.YES, Fitted.NOT_NEEDED)}, then=Value(0)), default=Value(1))
         for name in PROTECTIONS), Value(0),
    )  # fmt: skip
    return (
        Facility.objects.filter(
            unit__file__in=Enterprise.objects.visible_to(actor), kind__in=WAREHOUSES,
            decommissioned_date__isnull=True, unit__ended_date__isnull=True,
        )
        .select_related("unit", "unit__file", "unit__file__enterprise", "unit__file__area", "unit__file__supervisor")
        .annotate(
            present_t=Subquery(held.annotate(total=Sum("present_t")).values("total")),
            design_t=Subquery(held.annotate(total=Sum("design_t")).values("total")),
            kinds=Coalesce(Subquery(held.annotate(number=Count("chemical", distinct=True)).values("number")), 0),
            problems=Coalesce(Subquery(wrong.annotate(number=Count("pk")).values("number")), 0),
            lacking=lacking,
            filing=Coalesce(Subquery(filed.values("status")[:1], output_field=CharField()), Value("")),
        )
        .order_by(F("unit__legal_grade").asc(nulls_last=True), "unit__file__enterprise__pinyin", "code", "pk")
    )  # fmt: skip


def get_warehouse(*, actor: Actor, facility_id: uuid.UUID) -> Facility:
    """Raise NotFound for absent, out of scope, and for what is no warehouse in service."""
    found = list_warehouses(actor=actor).filter(pk=facility_id).first()
    if found is None:
        raise NotFound
    return found


def holds_class(key: str) -> Q:
    """The condition of warehouses that hold something of a hazard class, by its key in ``standards.ghs``."""
    name = ghs.classes()[key].name.zh
    held = Holding.objects.filter(ended_date__isnull=True)
    # The classes of goods as kept stand before those of the substance.
    # A name begins an entry: 退敏爆炸物 is no 爆炸物.
    own = Q(classes__regex=rf"(^|[;；、,，\s]){re.escape(name)}")
    rows = held.annotate(
        classes=Case(
            When(hazard_classes__len__gt=0, then=_joined("hazard_classes")),
            default=_joined("chemical__hazard_classes"), output_field=CharField(),
        )
    )  # fmt: skip
    return Q(pk__in=rows.filter(own).values("facility"))


def _joined(column: str) -> Func:
    return Func(F(column), Value("；"), function="array_to_string", output_field=CharField())


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One hazard class of a warehouse with the chemicals that have it and their present sum in tonnes."""

    name: str
    chemicals: tuple[str, ...]
    present_t: Decimal
    design_t: Decimal


def by_class(holdings: Sequence[Holding]) -> list[ClassRow]:
    """What is held class by class, in the standard's order; a chemical stands under each of its classes."""
    language = translation.get_language() or "zh"
    rows: dict[str, list[Holding]] = defaultdict(list)
    for one in holdings:
        classes = one.hazard_classes or one.chemical.hazard_classes
        keys = dict.fromkeys(found.key for found in ghs.parse("；".join(classes)).hazards)
        for key in keys or ("",):
            rows[key].append(one)
    order = {key: place for place, key in enumerate(ghs.classes())}
    return [
        ClassRow(
            ghs.classes()[key].name.in_language(language) if key else "",
            tuple(dict.fromkeys(one.product or one.chemical.name for one in rows[key])),
            sum((one.present_t or Decimal(0) for one in rows[key]), Decimal(0)),
            sum((one.design_t or Decimal(0) for one in rows[key]), Decimal(0)),
        )
        for key in sorted(rows, key=lambda key: order.get(key, len(order)))
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One chemical in one month, tonnes: what was there, came, went, what counts changed, and what is left."""

    month: date
    name: str
    cas: str
    holding_id: uuid.UUID
    opening_t: Decimal
    in_t: Decimal
    out_t: Decimal
    count_t: Decimal
    closing_t: Decimal


def ledger(facility: Facility, *, now: datetime, months: int = MONTHS) -> list[MonthRow]:
    """Movements of a warehouse that a query gave, month by month, the newest first; months without any are left out.

    Also of chemicals that it no longer holds. Two queries.
    """
    since = _months_back(timezone.localtime(now).date(), months)
    here = timezone.get_default_timezone()
    holdings = {one.pk: one for one in Holding.objects.filter(facility=facility).select_related("chemical")}
    sums = (
        StockMovement.objects.filter(holding__in=holdings)
        .annotate(month=TruncMonth("at", tzinfo=here))
        .values("holding", "month")
        .annotate(
            came=Sum("quantity_t", filter=Q(kind="in")), went=Sum("quantity_t", filter=Q(kind="out")),
            counted=Sum("quantity_t", filter=Q(kind="count")),
        )
        .order_by("holding", "-month")
    )  # fmt: skip
    left = {pk: one.present_t or Decimal(0) for pk, one in holdings.items()}
    rows = []
    for one in sums:
        came, went, counted = (one[name] or Decimal(0) for name in ("came", "went", "counted"))
        pk, month = one["holding"], timezone.localtime(one["month"]).date()
        closing = left[pk]
        left[pk] = closing - came + went - counted
        if month < since:
            continue
        chemical = holdings[pk].chemical
        rows.append(
            MonthRow(month, holdings[pk].product or chemical.name, chemical.cas, pk, left[pk], came, went, counted,
                     closing)
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.month.toordinal(), row.name))


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months ago, the present one counted."""
    year, month = divmod(day.year * 12 + day.month - months, 12)
    return date(year, month + 1, 1)


def current_hazard(facility: Facility) -> MajorHazard | None:
    """The file of the major hazard that its unit is, if it is one."""
    return MajorHazard.objects.filter(unit=facility.unit_id).exclude(status="DELISTED").first()
