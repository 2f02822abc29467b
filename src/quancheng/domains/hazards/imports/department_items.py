"""Items of a department's own checklist (部门检查表检查项) from a spreadsheet: one line an item of the chosen draft."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.queries import department_checklists as queries
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.judging import is_criterion
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.law.models import Asks
from quancheng.kernel.law.services import OWN, ClauseSpec
from quancheng.kernel.names import clean


class DraftForm(GivenForm):
    """Into which draft the items go."""

    list = forms.ChoiceField(label=gettext_lazy("检查表"), error_messages={"required": gettext_lazy("请选择检查表。")})

    def prepare(self) -> None:
        drafts = queries.list_editions(actor=self.actor).filter(status="DRAFT", owner_org=self.actor.organisation_id)
        field = self.fields["list"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "—"), *((str(one.pk), f"{one.title} {one.edition.number}") for one in drafts)]


def _number(text: str) -> str:
    """``7`` of 7, 07 or an exported code like ``B2026-0001-07``."""
    found = clean(text).rpartition("-")[2]
    if not found.isascii() or not found.isdigit() or not 1 <= int(found) <= 999:
        raise BadCell("number", _("序号为1至999。"))
    return str(int(found))


class ItemImport(Session):
    """One item a line, known by its number."""

    keys = ("number",)
    _columns = (
        SheetColumn("number", gettext_lazy("序号"), required=True, max_length=40, parse=_number, sample="1",
                    aliases=("条款", "编号")),
        SheetColumn("summary", gettext_lazy("检查内容"), required=True, max_length=2000, width=60,
                    aliases=("内容", "内容摘要")),
        SheetColumn("summary_en", gettext_lazy("英文内容"), max_length=2000),
        SheetColumn("basis", gettext_lazy("依据"), max_length=200),
        choice_column("grade", gettext_lazy("等级"), [(one.value, one.label) for one in services.GRADES],
                      required=True),
        SheetColumn("refers", gettext_lazy("对应判定标准"), many=True, max_length=40, sample="CH-12"),
        choice_column("asks", gettext_lazy("作答方式"), [one for one in Asks.choices if one[0]]),
    )  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _row(self) -> DepartmentChecklist:
        return queries.get_edition(actor=self.actor, edition_id=uuid.UUID(str(self.given["list"])))

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        wanted = {row.key for row in rows}
        found: dict[Key, Standing] = {}
        for one in queries.items_of(self._row):
            key = (str(services.number_of(one)),)
            if key in wanted:
                texts = {each.key: each.text_of(getattr(one, each.key)) for each in self._columns[1:]}
                found[key] = Standing(str(one.pk), {"number": key[0], **texts})
        return found

    def check(self, row: Row) -> Iterable[Fault]:
        for code in row.values["refers"] or ():
            if not is_criterion(code, self.now):
                yield Fault("refers", _("没有这条判定标准，或尚未施行、已经失效：%(codes)s。") % {"codes": code})

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        return self._write([row for row in rows if row.mark != "unchanged"])

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        self._write(restored)
        numbers = [int(row.key[0]) for row in added]
        services.remove_items(actor=self.actor, row=self._row, numbers=numbers, now=self.now)

    def _write(self, rows: Sequence[Row]) -> dict[Key, str]:
        items = [(int(row.values["number"]), self._spec(row.values)) for row in rows]
        if items:
            services.save_items(actor=self.actor, row=self._row, items=items, now=self.now)
        saved = {services.number_of(one): str(one.pk) for one in queries.items_of(self._row)}
        return {row.key: saved[int(row.key[0])] for row in rows}

    def _spec(self, values: Mapping[str, Any]) -> ClauseSpec:
        return ClauseSpec(
            place="", summary=values["summary"], summary_en=values["summary_en"] or "", basis=values["basis"] or "",
            grade=values["grade"], refers=values["refers"] or (), asks=values["asks"] or "",
        )  # fmt: skip


ITEMS = Register(
    code="hazards.department_items",
    title=gettext_lazy("本部门检查表检查项"),
    duty=OWN,
    session=ItemImport,
    form=DraftForm,
    hint=gettext_lazy("每行一项，录入所选草稿；已有序号的按表格更新。从现有检查表导出的表格可以直接用。"),
    rows_at="hazards:department_lists",
    order=67,
)
