"""Entries of code lists from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.dictionaries import services
from quancheng.kernel.dictionaries.models import Certainty, CodeAlias, CodeItem, CodeList
from quancheng.kernel.dictionaries.services import ItemSpec
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean


class ReasonForm(GivenForm):
    """Why the entries change; kept with every version."""

    reason = forms.CharField(
        label=gettext_lazy("修改原因"), max_length=200,
        error_messages={"required": gettext_lazy("请写明修改原因。")},
    )  # fmt: skip


class ItemImport(Session):
    """One entry a line, found by its list and code."""

    keys = ("code_list", "code")

    @cached_property
    def _lists(self) -> dict[str, CodeList]:
        return {one.code: one for one in CodeList.objects.order_by("code")}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            choice_column("code_list", gettext_lazy("字典"), [(one.code, one.name) for one in self._lists.values()],
                          required=True),
            SheetColumn("code", gettext_lazy("代码"), required=True, max_length=60, parse=clean,
                        help=gettext_lazy("英文字母、数字和下划线，以后不能修改")),
            SheetColumn("label", gettext_lazy("名称"), required=True, max_length=120, parse=clean),
            SheetColumn("label_en", gettext_lazy("英文名称"), max_length=200),
            SheetColumn("meaning", gettext_lazy("含义"), max_length=2000),
            SheetColumn("parts", gettext_lazy("包含的各项"), many=True, ordered=True, max_length=120, parse=clean),
            SheetColumn("aliases", gettext_lazy("其他写法"), many=True, max_length=120, parse=clean,
                        help=gettext_lazy("导入和识别时视为同一条目")),
            choice_column("mark", gettext_lazy("确信程度"), Certainty.choices),
            SheetColumn("valid_from", gettext_lazy("启用日期"), kind="date"),
            SheetColumn("valid_to", gettext_lazy("停用日期"), kind="date"),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        found = CodeItem.objects.filter(
            code_list__in={row.key[0] for row in rows}, code__in={row.key[1] for row in rows}
        )
        return {(one.code_list_id, one.code): self._standing(one) for one in found.prefetch_related("aliases")}

    def _standing(self, one: CodeItem) -> Standing:
        values = {column.key: getattr(one, column.key) for column in self._columns if column.key != "aliases"}
        values |= {"code_list": one.code_list_id, "aliases": [alias.name for alias in one.aliases.all()]}
        texts = {column.key: column.text_of(values[column.key]) for column in self._columns}
        return Standing(str(one.pk), texts, str(one.version))

    def check(self, row: Row) -> Iterable[Fault]:
        values, code_list = row.values, self._lists[row.key[0]]
        if code_list.is_fixed and row.before is None:
            yield Fault("code", _("该字典由系统使用，不能增加条目。"))
        if code_list.is_fixed and values["valid_to"]:
            yield Fault("valid_to", _("该字典由系统使用，条目不能停用。"))
        if values["valid_from"] and values["valid_to"] and values["valid_to"] < values["valid_from"]:
            yield Fault("valid_to", _("停用日期不能早于启用日期。"))
        taken = CodeAlias.objects.filter(code_list=code_list, name__in=values["aliases"] or ())
        if other := taken.exclude(item__code=row.key[1]).first():
            yield Fault("aliases", _("别名“%(name)s”已用于其他条目。") % {"name": other.name})

    def save(self, row: Row) -> str:
        values = row.values
        spec = ItemSpec(
            code=values["code"],
            label=values["label"],
            label_en=values["label_en"] or "",
            meaning=values["meaning"] or "",
            parts=tuple(values["parts"] or ()),
            aliases=tuple(values["aliases"] or ()),
            mark=values["mark"] or Certainty.DEFAULT,
            valid_from=values["valid_from"],
            valid_to=values["valid_to"],
        )
        reason = self.given["reason"]
        if row.before is None:
            item = services.add_item(
                actor=self.actor, code_list=self._lists[row.key[0]], spec=spec, reason=reason, now=self.now
            )
            return str(item.pk)
        item = CodeItem.objects.get(pk=row.before.id)
        services.change_item(
            actor=self.actor, item=item, spec=spec, reason=reason, seen_version=int(row.before.version), now=self.now
        )
        return row.before.id

    def remove(self, row: Row) -> None:
        """An entry has its versions for good, so one that is taken back ends the day before."""
        row.values["valid_to"] = Calendar().local_date(self.now) - timedelta(days=1)
        if row.values["valid_from"] and row.values["valid_from"] > row.values["valid_to"]:
            row.values["valid_from"] = row.values["valid_to"]
        self.save(row)


ITEMS = Register(
    code="dictionaries.items",
    title=gettext_lazy("字典条目"),
    duty="dictionaries.manage",
    session=ItemImport,
    form=ReasonForm,
    hint=gettext_lazy("每行一个条目，按字典和代码识别。条目的历次写法都保留，撤销导入时新增的条目改为停用。"),
    rows_at="dictionaries:items",
    order=62,
)
