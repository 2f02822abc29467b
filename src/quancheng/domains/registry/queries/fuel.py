"""Reads of civil fuels: units of alcohol-based fuel and of town gas with their owners, supplies and users."""

from __future__ import annotations

import uuid

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, DecimalField, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from quancheng.domains.registry.kinds import ContactRole, Kind
from quancheng.domains.registry.models import Contact, Enterprise, FuelSupply, Holding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Classes of the room: alcohol-based fuel, town gas and similar civil fuels (醇基燃料、城镇燃气及类似民用燃气).
CIVIL = (Kind.ALCOHOL_FUEL, Kind.CITY_GAS, Kind.GAS_FILLING)
#: Who counts as the owner, the first that is named.
_OWNERS = (ContactRole.OWNER, ContactRole.CONTROLLER, ContactRole.LEGAL, ContactRole.HEAD)


def list_fuel_units(*, actor: Actor) -> QuerySet[Enterprise]:
    """Units of civil fuels that the actor may see, with owner, stock, suppliers and number of users."""
    named = Contact.objects.filter(file=OuterRef("pk"), left_date__isnull=True).order_by("pk").values("name")
    owners = [Subquery(named.filter(role=role)[:1]) for role in _OWNERS]
    held = Holding.objects.filter(file=OuterRef("pk"), ended_date__isnull=True).order_by().values("file")
    supplied = FuelSupply.objects.filter(file=OuterRef("pk"), ended_date__isnull=True)
    supplies = FuelSupply.objects.filter(file=OuterRef("pk"), ended_date__isnull=True).order_by().values("file")
    users = FuelSupply.objects.filter(supplier=OuterRef("pk"), ended_date__isnull=True).order_by().values("supplier")
    tonnes: DecimalField[int, int] = DecimalField(max_digits=22, decimal_places=6)
    return (
        Enterprise.objects.visible_to(actor)
        .filter(
            Q(kind__in=CIVIL) | Q(more_kinds__overlap=list(CIVIL)) | Exists(supplied), merged_into__isnull=True
        )
        .select_related("enterprise", "area", "supervisor")
        .annotate(
            owner_name=Coalesce(*owners, Value(""), output_field=TextField()),
            present=Subquery(held.annotate(sum=Sum("present_t")).values("sum"), output_field=tonnes),
            suppliers=Coalesce(
                Subquery(supplies.annotate(names=StringAgg("supplier_name", delimiter="、")).values("names")),
                Value(""), output_field=TextField(),
            ),
            monthly=Subquery(supplies.annotate(sum=Sum("monthly_t")).values("sum"), output_field=tonnes),
            stored=Subquery(supplies.annotate(most=Max("stored_t")).values("most"), output_field=tonnes),
            user_count=Coalesce(Subquery(users.annotate(number=Count("pk")).values("number")), 0),
        )
        .order_by("enterprise__kind", "enterprise__pinyin", "pk")
    )


def list_supplies(*, actor: Actor) -> QuerySet[FuelSupply]:
    """Supplies whose user or supplier the actor may see, user by user."""
    seen = Enterprise.objects.visible_to(actor)
    return (
        FuelSupply.objects.filter(Q(file__in=seen) | Q(supplier__in=seen), ended_date__isnull=True)
        .select_related("file", "file__enterprise", "file__area", "supplier", "supplier__enterprise")
        .order_by("file__enterprise__pinyin", "supplier_name", "pk")
    )


def get_supply(*, actor: Actor, supply_id: uuid.UUID) -> FuelSupply:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_supplies(actor=actor).filter(pk=supply_id).first()
    if found is None:
        raise NotFound
    return found
