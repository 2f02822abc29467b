"""Cells that several registers share: points in any system, files by name or code, chemicals, hazard classes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.models import Chemical, Enterprise
from quancheng.domains.registry.points import SYSTEM_WORDS, System, converted, point_fault
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.services.chemicals import class_fault
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Row, Session
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean
from quancheng.standards import ghs


class Points:
    """The points of a sheet's lines, brought into CGCS2000 so that they compare with what stands."""

    def __init__(self) -> None:
        degrees = gettext_lazy("十进制度，同时填写坐标系")
        self.columns = (
            choice_column("system", gettext_lazy("坐标系"), System.choices, words=SYSTEM_WORDS,
                          help=gettext_lazy("填写经纬度时必填；其他坐标系自动换算为CGCS2000")),
            SheetColumn("lon", gettext_lazy("经度"), kind="decimal", minimum=-180, maximum=180, help=degrees,
                        aliases=("实际地址经度",), sample="117.123456"),
            SheetColumn("lat", gettext_lazy("纬度"), kind="decimal", minimum=-180, maximum=180, help=degrees,
                        aliases=("实际地址纬度",), sample="39.123456"),
        )  # fmt: skip
        #: Why the point of a line, as it was typed, cannot be: by the line's number.
        self._wrong: dict[int, tuple[str, Text]] = {}

    def convert(self, row: Row) -> None:
        """Convert a line's point; one that cannot be is kept as it was typed and told by :meth:`faults`."""
        lon, lat, system = (row.values.get(name) for name in ("lon", "lat", "system"))
        if lon is None or lat is None or system is None:
            return
        said = point_fault(lon, lat, system)
        if said is not None:
            self._wrong[row.number] = ("lat" if abs(lat) > 90 else "lon", said)
            return
        point = converted(lon, lat, system)
        row.values |= {"lon": point[0], "lat": point[1], "system": System.CGCS2000.value}
        row.texts |= {column.key: column.text_of(row.values[column.key]) for column in self.columns}

    def faults(self, row: Row) -> Iterator[Fault]:
        """What is wrong with a line's point."""
        if (said := self._wrong.get(row.number)) is not None:
            yield Fault(*said)
        lon, lat = row.values.get("lon"), row.values.get("lat")
        if (lon is None) != (lat is None):
            yield Fault("lon" if lon is None else "lat", _("经度和纬度须同时填写。"))
        elif lon is not None and not row.values.get("system"):
            yield Fault("system", _("请写明坐标系（CGCS2000、WGS84、GCJ-02、BD-09）。"))


class Files:
    """Files that the actor may see, as a cell names them: by the enterprise's full name or code."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known: dict[str, Enterprise | None] = {}

    def look(self, texts: Collection[str]) -> None:
        """Look many up at once; what a cell names later is known then."""
        wanted = {clean(text) for text in texts} - self._known.keys()
        if not wanted:
            return
        codes: dict[str | None, set[Enterprise]] = {}
        names: dict[str, set[Enterprise]] = {}
        asked = {text.upper() for text in wanted}
        for file in queries.files_by_code_or_name(actor=self._actor, codes=asked, names=wanted):
            if file.enterprise is not None:
                codes.setdefault(file.enterprise.credit_code, set()).add(file)
                names.setdefault(file.enterprise.name, set()).add(file)
        for text in wanted:
            meant = codes.get(text.upper(), set()) | names.get(text, set())
            self._known[text] = meant.pop() if len(meant) == 1 else None

    def __call__(self, text: str) -> Enterprise:
        wanted = clean(text)
        self.look([wanted])
        file = self._known[wanted]
        if file is None:
            raise BadCell("unknown_enterprise", _("没有“%(name)s”的企业档案，请先登记该企业。") % {"name": wanted[:60]})
        return file


class OfFiles(Session):
    """A sheet whose lines are each about an enterprise, which is the first key; or about the actor's own."""

    #: The sheet speaks of the actor's own enterprise and has no column for it.
    is_own: ClassVar = False

    @cached_property
    def _own(self) -> Enterprise | None:
        return files.own_file(actor=self.actor)

    def _file_of(self, row: Row) -> Enterprise | None:
        return self._own if self.is_own else row.values.get("file")

    def key_of(self, texts: Mapping[str, str]) -> Key:
        return tuple(texts.get(key, "") for key in (self.keys[1:] if self.is_own else self.keys))


def file_column(find: Files, *, required: bool) -> SheetColumn:
    """The enterprise that a line is about."""
    return SheetColumn(
        "file", gettext_lazy("企业名称"), required=required, max_length=120, parse=find, look=find.look, width=30,
        text=lambda one: one.enterprise.name, aliases=("企业", "单位名称", "统一社会信用代码"),
        help=gettext_lazy("已有档案的企业的全称或统一社会信用代码"), sample="示例储运有限公司",
    )  # fmt: skip


def chemical_of(known: queries.Chemicals, text: str) -> Chemical:
    """:raises BadCell: no chemical of that CAS number or name, or several."""
    found = known.find(clean(text))
    if found is None:
        raise BadCell("unknown_chemical", _("化学品目录中没有（或不止一个）“%(text)s”，请写CAS号或全称。") % {
            "text": text[:60]
        })  # fmt: skip
    return found


def classes_of(text: str) -> str:
    """Hazard classes as the standard writes them, joined by semicolons. :raises BadCell: unknown or contradictory."""
    said: Text | None = class_fault([text])
    if said is not None:
        raise BadCell("hazard_class", said)
    return joined([text])


def joined(classes: Sequence[str]) -> str:
    """Hazard classes as the standard writes them, in one text."""
    return "；".join(one.label.zh for one in ghs.parse("；".join(classes)).hazards)


def classes_in(text: str | None) -> list[str]:
    """The other way."""
    return text.split("；") if text else []


def texts_of(columns: Sequence[SheetColumn], values: Mapping[str, object]) -> dict[str, str]:
    """What stands, as the cells of these columns would say it."""
    return {column.key: column.text_of(values.get(column.key)) for column in columns if column.is_read}
