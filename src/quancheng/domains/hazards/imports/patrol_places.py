"""Patrol places (巡查点) from a spreadsheet: one line a place, of the villages and towns that the actor keeps."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.models import PatrolPlace
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services import patrol_places as services
from quancheng.domains.registry.imports.cells import Files, Points, texts_of
from quancheng.domains.registry.points import System
from quancheng.kernel.exchange.imports.columns import Organisations, dictionary_column, organisation_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_SAID = ("name", "type", "address", "lon", "lat", "person", "file")


class PlaceImport(Session):
    """One place a line, found by its name within its village or town."""

    keys = ("name", "owner")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._points = Points()

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        find = Files(self.actor)
        return [
            text("name", gettext_lazy("名称"), 120, required=True, width=28, sample="示例村废品收购站",
                 aliases=("巡查点",)),
            dictionary_column("type", gettext_lazy("巡查点类型"), queries.TYPES, required=True),
            text("address", gettext_lazy("地址"), 200, required=True, width=32),
            organisation_column("owner", gettext_lazy("所属村（社区）或镇街"),
                                Organisations(self.actor, kinds=("village", "town")), required=True),
            text("person", gettext_lazy("现场负责人"), 60),
            SheetColumn("file", gettext_lazy("关联企业"), max_length=120, parse=find, look=find.look, width=30,
                        text=lambda one: one.enterprise.name, help=gettext_lazy("已建档企业的全称或统一社会信用代码")),
            *self._points.columns,
            SheetColumn("last_at", gettext_lazy("最近巡查"), is_read=False),
            SheetColumn("ended_date", gettext_lazy("停用日期"), is_read=False),
            SheetColumn("code", gettext_lazy("统一社会信用代码"), is_read=False),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _owners(self) -> set[uuid.UUID]:
        return set(queries.owners_for(self.actor).values_list("pk", flat=True))

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        found = {}
        for row in rows:
            self._points.convert(row)
        names = [row.values.get("name") or "" for row in rows]
        for place in queries.places_named(actor=self.actor, names=names):
            told = self._standing(place)
            found[self.key_of(told.texts)] = told
        return found

    def _standing(self, place: PatrolPlace) -> Standing:
        values = {name: getattr(place, name) for name in _SAID}
        values |= {"owner": place.owner_org, "system": System.CGCS2000.value if place.lon is not None else None}
        return Standing(str(place.pk), texts_of(self._columns, values), str(place.version))

    def check(self, row: Row) -> Iterable[Fault]:
        yield from self._points.faults(row)
        owner = row.values.get("owner")
        if owner is not None and owner.pk not in self._owners:
            yield Fault("owner", _("只能登记本村（社区）或本镇街辖区内的巡查点。"))

    def save(self, row: Row) -> str:
        known = {name: row.values.get(name) for name in _SAID}
        if row.before is None:
            owner = row.values["owner"]
            return str(services.enter_place(actor=self.actor, owner=owner, known=known, now=self.now).pk)
        if known["file"] is None and ("file" not in row.given or row.texts.get("file")):
            # The enterprise that stands is not the actor's to see: the sheet says nothing of it.
            del known["file"]
        place = queries.get_place(actor=self.actor, place_id=uuid.UUID(row.before.id))
        services.change_place(actor=self.actor, row=place, version=place.version, changes=known, now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        place = queries.get_place(actor=self.actor, place_id=uuid.UUID(row.saved_id))
        services.remove_place(actor=self.actor, row=place, now=self.now)


PLACES = Register(
    code="hazards.patrol_places",
    title=gettext_lazy("巡查点"),
    duty=services.KEEP,
    session=PlaceImport,
    hint=gettext_lazy("每行一个巡查点，按所属单位和名称识别；已登记的按表中的列更新，表中没有的列不变。"),
    rows_at="hazards:patrol_places",
    order=67,
)
