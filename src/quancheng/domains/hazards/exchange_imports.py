"""The seven tables of the exchange from a spreadsheet (交换规范七张表): official headings, codes in words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.queries.exchange import record_of
from quancheng.domains.hazards.services.exchange_apply import Applier, Refused, is_anothers, subject_of
from quancheng.domains.hazards.services.exchange_sheets import standing_by_key, take_back, take_row
from quancheng.domains.registry.imports.cells import OfFiles, texts_of
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.pages.words import told
from quancheng.standards import dual_prevention_exchange as standard

_heading = lazy(told, str)
#: Told by the house itself, or by no sheet.
_LEFT_OUT = frozenset({
    "companyCode", "tyshxydm", "deleted", "createDate", "updateDate", "updateBy", "dangerImg", "dangerAcceptImg",
})  # fmt: skip
_SAMPLES = {"id": "9b1d0000-0000-4000-8000-000000000001"}


def fields_of(code: str) -> list[standard.Field]:
    """Fields of a table that a sheet has, in their order."""
    return [one for one in standard.table(code).fields if one.name not in _LEFT_OUT]


class TableImport(OfFiles):
    """One row of a table a line, found by its key (主键), of the actor's own enterprise."""

    is_own = True
    keys = ("file", "id")
    code: ClassVar[str] = ""

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [_column(one) for one in fields_of(self.code)]

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        file = self._own
        if file is None:
            return {}
        keys = {uuid.UUID(row.values["id"]) for row in rows if row.values.get("id")}
        found: dict[Key, Standing] = {}
        for key, subject in standing_by_key(self.code, keys, file).items():
            values = {**subject.facts, "id": str(key)}
            texts = texts_of(self._columns, {column.key: values.get(column.key) for column in self._columns})
            found[str(key),] = Standing(str(subject.pk), texts)
        return found

    def check(self, row: Row) -> Iterable[Fault]:
        file = self._own
        if file is None or not file.registration_code:
            yield Fault("id", _("请先在企业档案中填写化学品登记企业编码。"))
            return
        if is_anothers(self.code, uuid.UUID(row.values["id"]), file):
            yield Fault("id", standard.reject_text(4005).zh)
        read = self._read(row)
        known = {column.key for column in self._columns}
        for fault in read.faults:
            yield Fault(fault.field if fault.field in known else "id", told(fault.text))
        applier = Applier(self.actor, file, self.now)
        for parent in standard.table(self.code).parents:
            value = read.values.get(parent.name)
            try:
                if value is not None:
                    applier.parent(parent.parent, value)
            except Refused as refused:
                yield Fault(parent.name, refused.message)
        if self.code == "danger" and row.mark != "unchanged" and not read.faults:
            try:
                applier.check_danger(read.values, subject_of(self.code, uuid.UUID(read.values["id"]), file))
            except Refused as refused:
                yield Fault("id" if refused.number == 4006 else "dangerState", refused.message)

    def _read(self, row: Row) -> standard.Read:
        file = self._own
        assert file is not None  # noqa: S101 - a sheet without a file was refused
        values = {name: value for name, value in row.values.items() if value not in ("", [])}
        facts = {
            **values, "companyCode": file.registration_code, "deleted": "0", "createDate": self.now,
            "createBy": values.get("createBy") or self.actor.name, "updateDate": self.now,
            "updateBy": self.actor.name,
        }  # fmt: skip
        facts.pop("file", None)
        written = standard.write_row(self.code, facts, standard.Style(is_park=True))
        return standard.read_row(self.code, written.row)

    def save(self, row: Row) -> str:
        file = self._own
        assert file is not None  # noqa: S101 - a sheet without a file was refused
        values = self._read(row).values
        return str(take_row(actor=self.actor, file=file, code=self.code, values=values, now=self.now))

    def remove(self, row: Row) -> None:
        take_back(
            actor=self.actor, code=self.code, now=self.now,
            row=record_of(actor=self.actor, code=self.code, key=uuid.UUID(row.saved_id)),
        )  # fmt: skip


def _column(one: standard.Field) -> SheetColumn:
    """A field as a column: codes in words, times as dates, keys and times of day checked."""
    heading, needed = _heading(one.label), one.required == "Y" and one.name != "createBy"
    if one.type == "code":
        choices = [(each.code, _heading(each.word)) for each in standard.codes(one.codes)]
        return choice_column(one.name, heading, choices, required=needed, aliases=(one.name,))
    more: dict[str, Any] = {"required": needed, "aliases": (one.name,), "sample": _SAMPLES.get(one.name, "")}
    if one.type == "time":
        return SheetColumn(one.name, heading, kind="datetime", **more)
    if one.type == "decimal":
        return SheetColumn(one.name, heading, kind="decimal", **more)
    if one.type == "clock":
        return SheetColumn(one.name, heading, parse=_clock, text=standard.write_clock, **more)
    if one.type == "uuid":
        return SheetColumn(one.name, heading, parse=_key, max_length=36, width=38, **more)
    return SheetColumn(one.name, heading, max_length=one.length or 2000, **more)


def _clock(text: str) -> time:
    try:
        return standard.read_clock(text)
    except ValueError as bad:
        raise BadCell("clock", _("时刻应写作 8:00:00 的形式。")) from bad


def _key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as bad:
        raise BadCell("key", _("主键应为32或36位UUID。")) from bad


def _session(code: str) -> type[TableImport]:
    return type(f"{code.title()}Import", (TableImport,), {"code": code, "__doc__": TableImport.__doc__})


_DUTIES = {
    "unit": "risk.list.keep", "event": "risk.list.keep", "measure": "risk.list.keep", "task": "hazards.checks.keep",
    "stop": "hazards.checks.keep", "record": "hazards.checks.record", "danger": "hazards.findings.own",
}  # fmt: skip
REGISTERS = tuple(
    Register(
        code=f"hazards.exchange_{code}", title=_heading(one.name), duty=_DUTIES[code], session=_session(code),
        hint=gettext_lazy("交换规范的数据表，每行一条，按主键识别；上级记录须已登记。"),
        rows_at="hazards:exchange", seals=code == "record",
        sealed=frozenset({"mobileMe", "createByMobile", "updateByMobile"}) if code == "record" else frozenset(),
        order=70 + one.order,
    )
    for code, one in standard.tables().items()
)  # fmt: skip
