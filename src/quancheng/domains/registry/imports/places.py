"""Sensitive places (敏感目标) from a spreadsheet: what each is, where, and how many people are there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import Points, texts_of
from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.models import SensitivePlace
from quancheng.domains.registry.points import System
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.queries.places import get_place
from quancheng.domains.registry.services import places as services
from quancheng.domains.registry.services import withdrawing
from quancheng.domains.registry.services.enterprises import covers_area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import area_column, choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_SAID = ("kind", "name", "area", "address", "lon", "lat", "population", "source", "source_date")


class PlaceImport(Session):
    """One place a line, found by its name within its street or town."""

    keys = ("name", "area")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._points = Points()

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("name", gettext_lazy("名称"), required=True, max_length=120, parse=clean, width=28,
                        aliases=("敏感目标", "目标名称"), sample="示例小学"),
            choice_column("kind", gettext_lazy("类别"), PlaceKind.choices, required=True, sample="学校"),
            area_column("area", gettext_lazy("所在镇街"), aliases=("镇街", "所属镇街", "所在区划"), required=True,
                        sample="甲街道"),
            SheetColumn("address", gettext_lazy("地址"), max_length=200, parse=clean, width=32),
            *self._points.columns,
            SheetColumn("population", gettext_lazy("人数"), kind="integer", minimum=0, maximum=10_000_000,
                        aliases=("人口", "人口数"), sample="1200",
                        help=gettext_lazy("人最多时的人数；没有统计的留空，不要填0")),
            SheetColumn("source", gettext_lazy("数据来源"), required=True, max_length=120, parse=clean,
                        sample="学校学籍"),
            SheetColumn("source_date", gettext_lazy("数据日期"), kind="date", required=True, sample="2026-09-01"),
            SheetColumn("point", gettext_lazy("经纬度（CGCS2000）"), is_read=False),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        for row in rows:
            self._points.convert(row)
        areas = [row.values["area"].pk for row in rows if row.values.get("area")]
        names = [row.values.get("name") or "" for row in rows]
        found = {}
        for place in queries.places_named(actor=self.actor, areas=areas, names=names):
            told = self._standing(place)
            found[self.key_of(told.texts)] = told
        return found

    def _standing(self, place: SensitivePlace) -> Standing:
        values = {name: getattr(place, name) for name in _SAID} | {"system": System.CGCS2000.value}
        return Standing(str(place.pk), texts_of(self._columns, values), str(place.version))

    def check(self, row: Row) -> Iterable[Fault]:
        values = row.values
        yield from self._points.faults(row)
        if values.get("lon") is None and values.get("lat") is None:
            yield Fault("lon", _("请填写经纬度。"))
        if not covers_area(self.actor, values.get("area")):
            yield Fault("area", _("只能登记本辖区内的敏感目标。"))
        if (day := values.get("source_date")) is not None and day > Calendar().local_date(self.now):
            yield Fault("source_date", _("数据日期不能晚于今天。"))

    def save(self, row: Row) -> str:
        known = {name: row.values.get(name) for name in _SAID} | {"address": row.values.get("address") or ""}
        if row.before is None:
            return str(services.enter_place(actor=self.actor, known=known, now=self.now).pk)
        place = get_place(actor=self.actor, place_id=uuid.UUID(row.before.id))
        services.change_place(actor=self.actor, place=place, version=place.version, changes=known, now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        place = get_place(actor=self.actor, place_id=uuid.UUID(row.saved_id))
        withdrawing.withdraw_place(actor=self.actor, place=place, now=self.now)


PLACES = Register(
    code="registry.places",
    title=gettext_lazy("敏感目标"),
    duty=services.KEEP,
    session=PlaceImport,
    hint=gettext_lazy("每行一个敏感目标，按镇街和名称识别；已登记的按表中的列更新，表中没有的列不变。"),
    rows_at="registry:places",
    order=46,
)
