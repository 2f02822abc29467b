"""Permits of another system from a spreadsheet (外部作业票): the items of AQ 3064.2-2025, table A.1, as headings."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.services.exchange_queue import MANAGE
from quancheng.domains.permits.queries.outside import by_keys, items_of
from quancheng.domains.permits.services.outside import is_kept_elsewhere, take_back, take_ticket
from quancheng.domains.registry.imports.cells import OfFiles, texts_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import Conflict
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.pages.words import told
from quancheng.standards import aq3064
from quancheng.standards.aq3064.tables import STATUS, Field
from quancheng.standards.dual_prevention_exchange import Read
from quancheng.standards.gb30871.kinds import kinds, levels
from quancheng.standards.wording import Text

_heading = lazy(told, str)
#: Told by the house itself.
_LEFT_OUT = frozenset({
    "COMPANY_NAME", "COMPANY_CODE", "DELETED", "CREATE_DATE", "CREATE_BY", "UPDATE_DATE", "UPDATE_BY",
})  # fmt: skip
_SECRET = frozenset({"WORKER_CERTI_NUM", "MAJOR_PERSON_MOBILE"})
_NO_YES = (("0", Text("否", "no")), ("1", Text("是", "yes")))


def _types() -> list[tuple[str, Text]]:
    """TICKET_TYPE with kind and level in words."""
    return [
        (level.ticket_type, Text(f"{kind.name.zh}{level.name.zh if level.code else ''}",
                                 f"{kind.name.en} {level.name.en if level.code else ''}".strip()))
        for kind in kinds().values() for level in levels(kind.code).values()
    ]  # fmt: skip


def _column(one: Field) -> SheetColumn:
    heading, needed = _heading(one.label), one.required == "Y"
    lists = {"type": _types(), "status": list(STATUS.items()), "flag": list(_NO_YES)}
    if one.type in lists:
        choices = [(code, _heading(word)) for code, word in lists[one.type]]
        return choice_column(one.name, heading, choices, required=needed, aliases=(one.name,))
    more: dict[str, Any] = {"required": needed, "aliases": (one.name,)}
    if one.type == "time":
        return SheetColumn(one.name, heading, kind="datetime", **more)
    if one.type in ("number", "longitude", "latitude"):
        return SheetColumn(one.name, heading, kind="decimal", **more)
    if one.type == "uuid":
        sample = "9b1d0000-0000-4000-8000-000000000001"
        return SheetColumn(one.name, heading, parse=_key, max_length=36, width=38, sample=sample, **more)
    return SheetColumn(one.name, heading, max_length=one.length or 2000, **more)


def _key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as bad:
        raise BadCell("key", _("主键应为32或36位UUID。")) from bad


class OutsideImport(OfFiles):
    """One permit a line, found by its key (主键), of the actor's own enterprise."""

    is_own = True
    keys = ("file", "ID")
    #: Keys of permits that a system maintains, as of the reading of the sheet.
    _elsewhere: Collection[str] = ()

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [_column(one) for one in aq3064.table("ticket").fields if one.name not in _LEFT_OUT]

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        file = self._own
        if file is None:
            return {}
        found = by_keys(file, {uuid.UUID(row.values["ID"]) for row in rows if row.values.get("ID")})
        self._elsewhere = {str(one.external_id) for one in found if is_kept_elsewhere(one)}
        return {
            (str(one.external_id),): Standing(str(one.pk), texts_of(self._columns, items_of(one))) for one in found
        }

    def check(self, row: Row) -> Iterable[Fault]:
        file = self._own
        if file is None or not file.registration_code:
            yield Fault("ID", _("请先在企业档案中填写化学品登记企业编码。"))
            return
        if row.values.get("ID") in self._elsewhere:
            yield Fault("ID", _("该记录由企业系统对接维护，不能按表格更新。"))
            return
        known = {column.key for column in self._columns}
        for fault in self._read(file, row)[0].faults:
            yield Fault(fault.field if fault.field in known else "ID", told(fault.text))

    def _read(self, file: Enterprise, row: Row) -> tuple[Read, Mapping[str, Any]]:
        facts = {name: value for name, value in row.values.items() if value not in ("", [], None)}
        facts.pop("file", None)
        facts |= {
            "COMPANY_NAME": file.enterprise.name if file.enterprise else None, "COMPANY_CODE": file.registration_code,
            "DELETED": "0", "CREATE_DATE": self.now, "CREATE_BY": self.actor.name, "UPDATE_DATE": self.now,
            "UPDATE_BY": self.actor.name,
        }  # fmt: skip
        written = aq3064.write_record("ticket", facts)
        return aq3064.read_record("ticket", written.row), written.row

    def save(self, row: Row) -> str:
        file = self._own
        assert file is not None  # noqa: S101 - a sheet without a file was refused
        result = take_ticket(actor=self.actor, file=file, row=self._read(file, row)[1], now=self.now)
        if result.code:
            raise Conflict(result.message)
        return str(next(iter(by_keys(file, {uuid.UUID(result.id)}))).pk)

    def remove(self, row: Row) -> None:
        take_back(actor=self.actor, permit_id=uuid.UUID(row.saved_id), now=self.now)


REGISTER = Register(
    code="permits.outside", title=gettext_lazy("外部作业票"), duty=MANAGE, session=OutsideImport,
    hint=gettext_lazy("AQ 3064.2 表A.1 的作业票，每行一张，按主键识别；只供查阅，不在本系统流转。"),
    rows_at="permits:outside", seals=True, sealed=_SECRET, order=60,
)  # fmt: skip
