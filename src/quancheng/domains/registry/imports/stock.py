"""Units, facilities and what they hold (设施和存量) from one spreadsheet: every line a chemical in a facility."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import (
    Files,
    OfFiles,
    chemical_of,
    classes_in,
    classes_of,
    file_column,
    joined,
)
from quancheng.domains.registry.kinds import FacilityKind, UnitKind
from quancheng.domains.registry.models import Chemical, Enterprise, Facility, Holding, Unit
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.models.storage import StorageKind
from quancheng.domains.registry.quantities import in_tonnes, tonnes
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.queries import storage
from quancheng.domains.registry.services import facilities, stock, withdrawing
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import ENTER, KEEP
from quancheng.domains.registry.services.restrictions import refusal
from quancheng.domains.registry.services.stock import HoldingSpec
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError, Text
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean

_QUANTITIES = ("licensed", "design", "present")
#: Volumes hold at most so much; a tank of a million cubic metres does not exist.
_MOST_M3 = 500_000
#: Columns that lines of one unit, and lines of one facility, must agree in.
_SHARED = {"unit": ("unit_name", "unit_kind"), "facility": ("facility_name", "facility_kind", "volume_m3", "max_fill")}


@dataclass
class _Here:
    """The unit that the line before was about, with its facilities by code: most lines speak of the same one."""

    key: tuple[uuid.UUID, str]
    unit: Unit | None
    facilities: dict[str, Facility]


class StockImport(OfFiles):
    """One chemical in one facility a line; units and facilities that do not stand yet are entered with it."""

    keys = ("file", "unit_code", "facility_code", "chemical", "product")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._chemicals = queries.Chemicals()
        self._places = queries.Places({}, {}, {})
        #: What is wrong with a line beyond single cells: by the line's number.
        self._wrong: dict[int, list[Fault]] = {}
        #: Whether the city's catalogue prohibits a chemical in these links.
        self._asked: dict[tuple[Any, ...], Text | None] = {}
        self._first: dict[tuple[Any, ...], Row] = {}
        self._here: _Here | None = None

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        unit = gettext_lazy("写明单位，例如 25.2 t、800 kg、30 m³")
        return [
            file_column(Files(self.actor), required=not self.is_own),
            SheetColumn("unit_code", gettext_lazy("单元编号"), required=True, max_length=20, parse=clean, sample="U1"),
            SheetColumn("unit_name", gettext_lazy("单元名称"), max_length=80, parse=clean, keeps_empty=True,
                        help=gettext_lazy("新单元必填"), sample="液氯库"),
            SheetColumn("unit_kind", gettext_lazy("单元类别"), kind="choice", choices=dict(UnitKind.choices),
                        words={"生产": "production", "储存": "storage"}, keeps_empty=True,
                        help=gettext_lazy("新单元必填")),
            SheetColumn("facility_code", gettext_lazy("设施编号"), required=True, max_length=30, parse=clean,
                        aliases=("储罐编号", "位号"), sample="V-101"),
            SheetColumn("facility_name", gettext_lazy("设施名称"), max_length=80, parse=clean, keeps_empty=True,
                        help=gettext_lazy("不填时同设施编号")),
            SheetColumn("facility_kind", gettext_lazy("设施类别"), kind="choice", choices=dict(FacilityKind.choices),
                        keeps_empty=True, help=gettext_lazy("新设施必填")),
            SheetColumn("volume_m3", gettext_lazy("容积（立方米）"), kind="decimal", minimum=0.001,
                        maximum=_MOST_M3, keeps_empty=True),
            SheetColumn("max_fill", gettext_lazy("最大充装系数"), kind="decimal", minimum=0.01, maximum=1,
                        keeps_empty=True, help=gettext_lazy("大于0、不大于1，例如 0.85")),
            SheetColumn("chemical", gettext_lazy("化学品"), max_length=200, parse=self._chemical, width=24,
                        text=lambda one: one.name, aliases=("化学品名称", "CAS", "CAS号", "品名"),
                        help=gettext_lazy("名称、别名或CAS号，与化学品目录一致；只登记设施的不填"),
                        sample="7782-50-5"),
            SheetColumn("product", gettext_lazy("商品名称"), max_length=120, parse=clean),
            SheetColumn("concentration", gettext_lazy("含量（%）"), kind="decimal", minimum=0.0001, maximum=100),
            SheetColumn("hazard_classes", gettext_lazy("混合物危险性类别"), max_length=1000, width=30,
                        parse=classes_of, text=lambda value: value,
                        help=gettext_lazy("与纯品相同的不填；多项用分号分隔，例如 易燃液体,类别2")),
            SheetColumn("density", gettext_lazy("密度（吨/立方米）"), kind="decimal", minimum=0.001, maximum=30),
            SheetColumn("licensed", gettext_lazy("许可量"), max_length=40, parse=_quantity, help=unit),
            SheetColumn("design", gettext_lazy("设计最大量"), max_length=40, parse=_quantity, help=unit,
                        sample="65 t"),
            SheetColumn("present", gettext_lazy("实际存量"), max_length=40, parse=_quantity, help=unit, sample="60 t",
                        keeps_empty=True),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("area", gettext_lazy("所在镇街")), ("grade", gettext_lazy("法定等级")),
                ("present_at", gettext_lazy("存量时间")), ("present_by", gettext_lazy("存量填报人")),
            )),
        ][1 if self.is_own else 0:]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def _chemical(self, text: str) -> Chemical:
        return chemical_of(self._chemicals, text)

    # What stands --------------------------------------------------------------------------------------------------

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        self._places = queries.places_of(
            files={file.pk for row in rows if (file := self._file_of(row)) is not None},
            unit_codes={row.values.get("unit_code") or "" for row in rows},
        )
        found = {}
        for row in rows:
            unit, facility, holding = self._place(row)
            self._to_tonnes(row, holding)
            if facility is None or facility.decommissioned_date is not None:
                continue
            if row.values.get("chemical") is None or holding is not None:
                found[row.key] = self._standing(unit, facility, holding)
        return found

    def _place(self, row: Row) -> tuple[Unit | None, Facility | None, Holding | None]:
        file, values = self._file_of(row), row.values
        unit = self._places.units.get((file.pk, values.get("unit_code") or "")) if file else None
        facility = self._places.facilities.get((unit.pk, values.get("facility_code") or "")) if unit else None
        chemical = values.get("chemical")
        if facility is None or chemical is None:
            return unit, facility, None
        return unit, facility, self._places.holdings.get((facility.pk, chemical.pk, values.get("product") or ""))

    def _standing(self, unit: Unit | None, facility: Facility, holding: Holding | None) -> Standing:
        values: dict[str, Any] = {
            "unit_code": facility.unit.code, "unit_name": facility.unit.name, "unit_kind": facility.unit.kind,
            "facility_code": facility.code, "facility_name": facility.name, "facility_kind": facility.kind,
            "volume_m3": facility.volume_m3, "max_fill": facility.max_fill,
        }  # fmt: skip
        if not self.is_own:
            values["file"] = facility.unit.file
        if holding is not None:
            share = None if holding.concentration is None else holding.concentration * 100
            values |= {
                "chemical": holding.chemical, "product": holding.product, "density": holding.density,
                "concentration": share, "hazard_classes": joined(holding.hazard_classes),
                "licensed": in_tonnes(holding.licensed_t), "design": in_tonnes(holding.design_t),
                "present": in_tonnes(holding.present_t),
            }  # fmt: skip
        texts = {column.key: column.text_of(values.get(column.key)) for column in self._columns if column.is_read}
        row_id, version = (holding.pk, str(holding.version)) if holding else (facility.pk, "")
        return Standing(str(row_id), texts, version)

    def _to_tonnes(self, row: Row, holding: Holding | None) -> None:
        """Quantities in tonnes, as what stands is told, so that 65000 kg and 65 t are the same."""
        chemical, wrong = row.values.get("chemical"), self._wrong.setdefault(row.number, [])
        density = row.values.get("density") or (holding.density if holding and "density" not in row.given else None)
        density = density or (chemical.density if chemical else None)
        for name in _QUANTITIES:
            if row.values.get(name) is None:
                continue
            try:
                text = in_tonnes(tonnes(row.values[name], density=density, field=name))
            except DomainError as refused:
                wrong.append(Fault(name, refused.fields[name]))
                continue
            row.values[name] = row.texts[name] = text

    # Rules --------------------------------------------------------------------------------------------------------

    def check(self, row: Row) -> Iterable[Fault]:
        values = row.values
        yield from self._wrong.get(row.number, ())
        if self.is_own and self._own is None:
            yield Fault("unit_code", _("请先建立本单位档案，再导入设施和存量。"))
            return
        unit, facility, _holding = self._place(row)
        if unit is None:
            yield from (
                Fault(key, _("新单元须填写此项。")) for key in ("unit_name", "unit_kind") if not values.get(key)
            )
        if facility is None and not values.get("facility_kind"):
            yield Fault("facility_kind", _("新设施须填写此项。"))
        gone = facility is not None and facility.decommissioned_date is not None
        if gone and facility.decommission_record != withdrawing.TAKEN_BACK:  # type: ignore[union-attr]
            yield Fault("facility_code", _("该设施已退役，不能再登记存量。"))
        chemical = values.get("chemical")
        if chemical is not None and row.before is None and (said := self._prohibited(row, chemical)) is not None:
            yield Fault("chemical", said)
        if chemical is None:
            needs = (*_QUANTITIES, "product", "concentration", "hazard_classes", "density")
            yield from (
                Fault("chemical", _("填写了数量或含量，须写明化学品。")) for key in needs[:1] if _any(values, needs)
            )
        yield from self._disagreements(row)

    def _prohibited(self, row: Row, chemical: Chemical) -> Text | None:
        file = self._file_of(row)
        links = tuple(file.links) if file else ()
        key = (chemical.pk, links)
        if key not in self._asked:
            self._asked[key] = refusal(chemical=chemical, links=links, on=Calendar().local_date(self.now))
        return self._asked[key]

    def _disagreements(self, row: Row) -> Iterable[Fault]:
        """Lines of one unit, or of one facility, that say different things of it."""
        file = self._file_of(row)
        keys: dict[str, tuple[Any, ...]] = {"unit": ("unit", file and file.pk, row.values.get("unit_code"))}
        keys["facility"] = ("facility", *keys["unit"][1:], row.values.get("facility_code"))
        for what, key in keys.items():
            first = self._first.setdefault(key, row)
            for name in _SHARED[what]:
                said, before = row.values.get(name), first.values.get(name)
                if said is not None and before is not None and said != before:
                    yield Fault(name, _("与第 %(row)s 行同一编号的内容不一致。") % {"row": first.number})

    def warn_all(self, rows: Sequence[Row]) -> Iterable[tuple[Row, Fault]]:
        """What would lie together that may not, or be too much, once the sheet is written."""
        by_place: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            if row.values.get("chemical") is not None and (file := self._file_of(row)) is not None:
                key = (file.pk, row.values.get("unit_code"), row.values.get("facility_code"))
                by_place.setdefault(key, []).append(row)
        held: dict[uuid.UUID, list[Holding]] = {}
        for one in self._places.holdings.values():
            held.setdefault(one.facility_id, []).append(one)
        limits = storage.limits() if by_place else {}
        for lines in by_place.values():
            yield from self._warn_place(lines, held, limits)

    def _warn_place(
        self, lines: Sequence[Row], held: Mapping[uuid.UUID, Sequence[Holding]], limits: Mapping[str, storage.Limit]
    ) -> Iterable[tuple[Row, Fault]]:
        values, file = lines[0].values, self._file_of(lines[0])
        _unit, place, _holding = self._place(lines[0])
        if file is None:
            return
        if place is None:
            kind = next((row.values["facility_kind"] for row in lines if row.values.get("facility_kind")), "")
            place = Facility(code=values.get("facility_code") or "", kind=kind)
        own = {holding.pk for row in lines if (holding := self._place(row)[2]) is not None}
        beside = [storage.stock_of(one, place) for one in held.get(place.pk, ())]
        before = {one.key: one for one in storage.judge(beside, enterprise_kind=file.kind, set_limits=limits).faults}
        stocks = {row.number: self._stock(place, row) for row in lines}
        there = [*(one for one in beside if one.holding_id not in own), *stocks.values()]
        for fault in storage.judge(there, enterprise_kind=file.kind, set_limits=limits).faults:
            if not storage.is_more(fault, before.get(fault.key)):
                continue
            key = "chemical" if fault.kind == StorageKind.INCOMPATIBLE else "present"
            for row in lines:
                if storage.concerns(fault, stocks[row.number]):
                    yield row, Fault(key, storage.sentence(fault))

    def _stock(self, place: Facility, row: Row) -> storage.Stock:
        values, holding = row.values, self._place(row)[2]
        classes = values.get("hazard_classes")
        present = _number(values.get("present"))
        if present is None and holding is not None:
            present = holding.present_t
        return storage.Stock(
            place, values["chemical"], values.get("product") or "", tuple(classes.split("；")) if classes else (),
            values.get("density"), _number(values.get("licensed")), _number(values.get("design")), present,
            holding.pk if holding is not None else None,
        )  # fmt: skip

    # Writing ------------------------------------------------------------------------------------------------------

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        """Every line, and then each unit that any of them touched is assessed once."""
        with assessing(actor=self.actor, now=self.now, because="registry.import.stock"):
            return super().save_all(rows, gone)

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        with assessing(actor=self.actor, now=self.now, because="registry.import.undo", may_fall=True):
            super().undo_all(added, restored)

    def save(self, row: Row) -> str:
        file = self._file_of(row)
        assert file is not None  # noqa: S101 - a line without one was refused
        facility = self._saved_facility(file, row)
        chemical = row.values.get("chemical")
        if chemical is None:
            return str(facility.pk)
        values = row.values
        amounts = {f"{name}_t": _number(values.get(name)) for name in _QUANTITIES}
        spec = HoldingSpec(
            chemical=chemical, product=values.get("product") or "", density=values.get("density"),
            concentration=_share(values.get("concentration")),
            hazard_classes=classes_in(values.get("hazard_classes")),
            **amounts,
        )  # fmt: skip
        if row.before is None:
            return str(stock.hold(actor=self.actor, facility=facility, spec=spec, now=self.now).pk)
        holding = files.get_holding(actor=self.actor, holding_id=uuid.UUID(row.before.id))
        changed = stock.change_holding(
            actor=self.actor, holding=holding, version=holding.version, spec=spec, now=self.now
        )
        if spec.present_t is not None and spec.present_t != changed.present_t:
            stock.move_stock(
                actor=self.actor, holding=changed, kind=MovementKind.COUNT, quantity_t=spec.present_t, at=self.now,
                remark=_("表格导入"), now=self.now,
            )  # fmt: skip
        return row.before.id

    def _saved_facility(self, file: Enterprise, row: Row) -> Facility:
        """The line's facility with its unit as the line says, entered where they did not stand."""
        values, here = row.values, self._here_of(file, row.values["unit_code"])
        told = {"name": values.get("unit_name"), "kind": values.get("unit_kind")}
        given = {name: value for name, value in told.items() if value is not None}
        if here.unit is None:
            here.unit = facilities.enter_unit(
                actor=self.actor, file=file, known={"code": values["unit_code"], **given}, now=self.now
            )
        elif _differs(here.unit, given):
            here.unit = facilities.change_unit(actor=self.actor, unit=here.unit, changes=given, now=self.now)
        code = values["facility_code"]
        here.facilities[code] = self._as_told(here.unit, here.facilities.get(code), row)
        return here.facilities[code]

    def _as_told(self, unit: Unit, facility: Facility | None, row: Row) -> Facility:
        values = row.values
        given = {
            name: values[key] for name, key in (
                ("name", "facility_name"), ("kind", "facility_kind"), ("volume_m3", "volume_m3"),
                ("max_fill", "max_fill"),
            ) if values.get(key) is not None
        }  # fmt: skip
        if facility is None:
            known = {"code": values["facility_code"], "name": values["facility_code"], **given}
            return facilities.enter_facility(actor=self.actor, unit=unit, known=known, now=self.now)
        if facility.decommissioned_date is not None:
            withdrawing.enter_again(actor=self.actor, facility=facility, now=self.now)
            facility.refresh_from_db()
        if _differs(facility, given):
            return facilities.change_facility(actor=self.actor, facility=facility, changes=given, now=self.now)
        return facility

    def _here_of(self, file: Enterprise, code: str) -> _Here:
        if self._here is None or self._here.key != (file.pk, code):
            places = queries.places_of(files=[file.pk], unit_codes=[code], with_holdings=False)
            standing = {facility_code: one for (_unit, facility_code), one in places.facilities.items()}
            self._here = _Here((file.pk, code), places.units.get((file.pk, code)), standing)
        return self._here

    def remove(self, row: Row) -> None:
        row_id = uuid.UUID(row.saved_id)
        if row.values.get("chemical") is None:
            facility = files.get_facility(actor=self.actor, facility_id=row_id)
            if facility.decommissioned_date is None:
                withdrawing.withdraw_facility(actor=self.actor, facility=facility, now=self.now)
            return
        holding = files.get_holding(actor=self.actor, holding_id=row_id)
        withdrawing.withdraw_holding(actor=self.actor, holding=holding, now=self.now)


class OwnStockImport(StockImport):
    """The same for the enterprise that is signed in, whose sheet does not name it."""

    is_own = True


def _quantity(text: str) -> str:
    """A quantity with its unit as it was typed; what volume it is in tonnes is asked when the density is known."""
    try:
        tonnes(text, density=Decimal(1))
    except DomainError as refused:
        raise BadCell("quantity", refused.fields["quantity"]) from refused
    return text


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100


def _differs(row: Unit | Facility, given: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in given.items())


def _number(text: str | None) -> Decimal | None:
    return None if not text else Decimal(text.removesuffix("t").strip())


def _any(values: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(values.get(name) is not None for name in names)


_HINT = gettext_lazy(
    "每行一个设施中的一种化学品；没有的单元和设施随之登记。数量须写明单位，全部写入后每个单元辨识分级一次。"
)
STOCK = Register(
    code="registry.stock",
    title=gettext_lazy("设施和存量"),
    duty=ENTER,
    session=StockImport,
    hint=_HINT,
    rows_at="registry:stock",
    most_rows=20_000,
    order=42,
)
OWN_STOCK = Register(
    code="registry.own_stock",
    title=gettext_lazy("本单位设施和存量"),
    duty=KEEP,
    session=OwnStockImport,
    hint=_HINT,
    rows_at="registry:stock",
    order=41,
)
