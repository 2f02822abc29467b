"""Workshops with what lies in them for a while (S3-4.7b), and whether the papers of storage places are complete
(S3-4.5c). Both are judged by the database on the rows of now, so that every change of stock is told at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf, Round

from quancheng.domains.registry.kinds import UnitKind
from quancheng.domains.registry.models import (
    Chemical,
    DataSheet,
    Enterprise,
    Facility,
    Holding,
    PlacePaper,
    ProductPart,
    StorageFinding,
    Unit,
)
from quancheng.domains.registry.models.storage import StorageKind
from quancheng.domains.registry.models.storage_checks import PaperKind
from quancheng.domains.registry.queries.storage import still_standing
from quancheng.domains.registry.queries.storage_places import STORING, list_storage_places, stored
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Days after which a stock that nobody told anew counts as not kept in the ledger [D].
LEDGER_DAYS = 31
#: From this content on, per cent by mass, a product's papers are those of the chemical itself [D].
MAIN_PART = 80
_LEDGER = timedelta(days=LEDGER_DAYS)


# Workshops -----------------------------------------------------------------------------------------------------------


def list_workshops(*, actor: Actor) -> QuerySet[Unit]:
    """Production units in service with a store, or a limit, that the actor may see; enterprise by enterprise.

    Annotated with ``present_t`` (what lies in their stores, tonnes), ``limit_t``, ``percent`` and ``finding``, the id
    of the open warning.
    """
    stores = Facility.objects.filter(unit=OuterRef("pk"), kind__in=STORING, decommissioned_date__isnull=True)
    held = stored().filter(facility__unit=OuterRef("pk"))
    warned = StorageFinding.objects.filter(still_standing(), unit=OuterRef("pk"), kind=StorageKind.OVER_TEMPORARY)
    total = held.values("facility__unit").annotate(total=Sum("present_t")).values("total")
    return (
        Unit.objects.filter(
            Exists(stores) | Q(workshop__isnull=False), kind=UnitKind.PRODUCTION, ended_date__isnull=True,
            file__in=Enterprise.objects.visible_to(actor), file__merged_into__isnull=True,
        )
        .select_related("file", "file__enterprise", "file__area", "file__supervisor", "workshop")
        .annotate(
            present_t=Coalesce(Subquery(total), Value(Decimal(0))), limit_t=F("workshop__limit_t"),
            finding=Subquery(warned.values("pk")[:1]),
        )
        .annotate(percent=Round(F("present_t") * 100 / NullIf(F("limit_t"), Value(Decimal(0))), precision=1))
        .order_by("file__owner_org__pinyin", "code", "pk")
    )  # fmt: skip


def get_workshop(*, actor: Actor, unit_id: uuid.UUID) -> Unit:
    """Raise NotFound for absent, out of scope, and for what is no workshop."""
    found = list_workshops(actor=actor).filter(pk=unit_id).first()
    if found is None:
        raise NotFound
    return found


def is_over() -> Q:
    """Workshops in which more lies than may."""
    return Q(present_t__gt=F("limit_t"))


def is_unset() -> Q:
    """Workshops with something in their stores and no limit."""
    return Q(limit_t__isnull=True, present_t__gt=0)


# Papers of storage places --------------------------------------------------------------------------------------------


def list_papers(*, actor: Actor, on: date) -> QuerySet[Unit]:
    """Storage places in service that hold something, each with what its papers lack.

    Annotated as :func:`list_storage_places`, and with ``no_ledger``, ``no_label`` and ``no_sheet``: names of the goods
    of which nobody told the stock within :data:`LEDGER_DAYS`, no label and no data sheet is there; ``has_plan``. A
    label or sheet is there by the enterprise's own product that is this chemical, or by a paper entered for the place;
    a mixture's papers are none of its raw materials.
    """
    held = _lying().filter(facility__unit=OuterRef("pk"))
    papers = valid_papers(on=on)
    of_goods = papers.filter(unit=OuterRef("facility__unit"), chemical=OuterRef("chemical"))
    others = ProductPart.objects.filter(product=OuterRef("product")).exclude(pk=OuterRef("pk"))
    own = ProductPart.objects.filter(
        Q(low__gte=MAIN_PART) | Q(low__isnull=True, high__isnull=True) & ~Exists(others),
        product__file=OuterRef("file"), chemical=OuterRef("chemical"), product__ended_date__isnull=True,
    )  # fmt: skip
    labelled = own.exclude(product__prevention="").exclude(product__response="").exclude(product__storage="")
    sheets = own.filter(Exists(DataSheet.objects.filter(product=OuterRef("product"), issued_at__isnull=False)))
    told = held.filter(Q(present_at__isnull=True) | Q(present_at__date__lt=on - _LEDGER))
    label = held.filter(~Exists(labelled), ~Exists(of_goods.filter(kind=PaperKind.LABEL)))
    sheet = held.filter(~Exists(sheets), ~Exists(of_goods.filter(kind=PaperKind.SHEET)))
    rows = list_storage_places(actor=actor, on=on).filter(Exists(held))
    return rows.annotate(
        no_ledger=_names(told), no_label=_names(label), no_sheet=_names(sheet),
        has_plan=Exists(papers.filter(unit=OuterRef("pk"), kind=PaperKind.PLAN)),
    )  # fmt: skip


def _lying() -> QuerySet[Holding]:
    """What lies in stores in service, and what may: a quantity that nobody told yet is not nothing."""
    return stored().filter(Q(present_t__gt=0) | Q(present_t__isnull=True, design_t__gt=0))


def _names(rows: QuerySet[Holding]) -> ArraySubquery:
    return ArraySubquery(rows.order_by("chemical__name").values("chemical__name").distinct())


def is_lacking() -> Q:
    """Places whose papers are not complete."""
    return Q(no_ledger__len__gt=0) | Q(no_label__len__gt=0) | Q(no_sheet__len__gt=0) | Q(has_plan=False)


def get_papers(*, actor: Actor, unit_id: uuid.UUID, on: date) -> Unit:
    """Raise NotFound for absent, out of scope, and for a place that holds nothing."""
    found = list_papers(actor=actor, on=on).filter(pk=unit_id).first()
    if found is None:
        raise NotFound
    return found


def valid_papers(*, on: date) -> QuerySet[PlacePaper]:
    """Papers that are there and have not run out: of each place, kind and goods the newest entry alone counts."""
    newer = PlacePaper.objects.filter(
        Q(chemical=OuterRef("chemical")) | Q(chemical__isnull=True),
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        unit=OuterRef("unit"), kind=OuterRef("kind"),
    )  # fmt: skip
    rows = PlacePaper.objects.filter(Q(until_date__isnull=True) | Q(until_date__gte=on), issued_date__lte=on)
    return rows.filter(~Exists(newer), is_there=True)


def papers_of(unit: Unit) -> Sequence[PlacePaper]:
    """All that was entered of a place that a query gave, the newest first."""
    rows = PlacePaper.objects.filter(unit=unit).select_related("chemical")
    return list(rows.order_by("-at", "-pk"))


def goods_of(unit: Unit) -> QuerySet[Chemical]:
    """What lies in the stores of a place that a query gave, by name."""
    held = _lying().filter(facility__unit=unit)
    return Chemical.objects.filter(pk__in=held.values("chemical")).order_by("name", "pk")


def visible_paper(actor: Actor, pk: uuid.UUID) -> PlacePaper | None:
    """A paper of a place that the actor may see; for the files that it holds."""
    files: Any = Enterprise.objects.visible_to(actor)
    return PlacePaper.objects.filter(pk=pk, unit__file__in=files.order_by().values("pk")).first()
