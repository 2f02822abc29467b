"""Other names of divisions from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.areas import services
from quancheng.kernel.areas.models import Area
from quancheng.kernel.exchange.imports.columns import area_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

KINDS = services.ALIAS_KINDS


class AliasImport(Session):
    """One division a line, with everything else that it is or was called."""

    keys = ("area",)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def names(key: str, heading: object, sample: str = "") -> SheetColumn:
            return SheetColumn(key, heading, many=True, max_length=80, parse=clean, sample=sample, width=24)  # type: ignore[arg-type]

        return [
            area_column("area", gettext_lazy("全称"), required=True, aliases=("区划", "区划名称", "区划全称"),
                        sample="示例区甲街道"),
            names("short", gettext_lazy("简称"), "甲街"),
            names("historical", gettext_lazy("曾用名"), "甲镇、甲乡"),
            names("colloquial", gettext_lazy("俗称")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("name", gettext_lazy("名称")), ("level", gettext_lazy("层级")), ("code", gettext_lazy("区划代码")),
                ("valid_to", gettext_lazy("撤销日期")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        by_key = {column.key: column for column in self._columns}
        areas = Area.objects.filter(full_name__in={row.key[0] for row in rows}, valid_to__isnull=True)
        found: dict[Key, Standing] = {}
        for area in areas.prefetch_related("aliases"):
            held = {kind: [one.name for one in area.aliases.all() if one.kind == kind] for kind in KINDS}
            texts = {kind: by_key[kind].text_of(names) for kind, names in held.items()}
            found[(area.full_name,)] = Standing(str(area.pk), {"area": area.full_name, **texts})
        return found

    def check(self, row: Row) -> Iterable[Fault]:
        area = row.values["area"]
        seen: dict[str, str] = {}
        for kind in KINDS:
            for name in row.values.get(kind) or ():
                if name == area.name:
                    yield Fault(kind, _("“%(name)s”就是现在的名称。") % {"name": name})
                elif name in seen:
                    yield Fault(kind, _("“%(name)s”出现了两次。") % {"name": name})
                seen[name] = kind

    def save(self, row: Row) -> str:
        names = {kind: tuple(row.values.get(kind) or ()) for kind in KINDS}
        services.set_aliases(actor=self.actor, area=row.values["area"], names=names, now=self.now)
        return str(row.values["area"].pk)


ALIASES = Register(
    code="areas.aliases",
    title=gettext_lazy("区划别名和曾用名"),
    duty="people.organisations.manage",
    session=AliasImport,
    hint=gettext_lazy("每行一个已有的区划；有某一列时，该列的名称以表格为准。"),
    rows_at="people:areas",
    order=14,
)
