"""Open dangers for pages of the room below (风险简报、重点时段检查名单)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import Finding
from quancheng.domains.risk.queries.open_items import OpenItem
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar


def open_at_units(files: Collection[uuid.UUID]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Open dangers of enterprises by file and registered unit, of objects that name one. One query."""
    rows = Finding.objects.filter(file__in=files, closed_at__isnull=True).exclude(status__in=NOT_COUNTED)
    place = Coalesce("object__place", "unit__object__place")
    found = rows.annotate(at=place).filter(at__isnull=False).values_list("file", "at").annotate(number=Count("pk"))
    return Counter({(file, at): number for file, at, number in found.order_by()})


class OpenDangers:
    """What this room tells; see ``risk.queries.open_items.OpenItems``."""

    def majors(self, *, actor: Actor, town: str) -> Sequence[OpenItem]:
        rows = self._open(actor).filter(is_major=True).select_related("file__enterprise")
        if town:
            rows = rows.filter(area__path__startswith=town)
        calendar = Calendar()
        return [
            OpenItem(
                one.file_id, one.file.enterprise.name if one.file.enterprise else "", one.code, one.name,
                calendar.local_date(one.found_at), one.deadline, reverse("hazards:finding", args=[one.pk]),
            )
            for one in rows.order_by("found_at", "pk")
        ]  # fmt: skip

    def count(self, *, actor: Actor, major: bool) -> Any:
        rows = self._open(actor).filter(file=OuterRef("pk"))
        if major:
            rows = rows.filter(is_major=True)
        counted = rows.order_by().values("file").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))

    def _open(self, actor: Actor) -> Any:
        return Finding.objects.visible_to(actor).filter(closed_at__isnull=True).exclude(status__in=NOT_COUNTED)
