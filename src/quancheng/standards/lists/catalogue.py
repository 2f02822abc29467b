"""The hazardous chemicals catalogue (危险化学品目录, 2015 edition with the adjustment of 2022): how it is built and
how its official table is read. What it lists comes from the table that an installation imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from quancheng.standards import cas
from quancheng.standards.ghs import Hazard, categories, parse
from quancheng.standards.lists.names import Content, normalise, parse_content
from quancheng.standards.wording import Text

#: Serial numbers of the 2015 edition [V], and how many of them are highly toxic [V].
SERIAL_NUMBERS = 2828
HIGHLY_TOXIC_ENTRIES = 148

#: The edition's first day, and the day from which all diesel is a hazardous chemical (2022 No. 8) [V].
IN_FORCE_FROM = date(2015, 5, 1)
DIESEL_FROM = date(2023, 1, 1)

#: The serial numbers that the rules name: diesel, and the class entry of goods with flammable solvents.
DIESEL = 1674
FLAMMABLE_SOLVENT_GOODS = 2828
#: Closed-cup flash point, in °C, up to which diesel (before 2023) and goods with flammable solvents count [V].
FLASH_POINT_LIMIT = 60

#: Share of listed hazardous ingredients from which a mixture is managed as hazardous [V].
MIXTURE_SHARE = 0.7

_HEADINGS = {
    "序号": "serial",
    "品名": "name",
    "别名": "aliases",
    "英文名": "name_en",
    "cas号": "cas",
    "危险性类别": "hazards",
    "备注": "remark",
}
_CONTENT = re.compile(r"[\[(]([^\[\]()]*\d%[^\[\]()]*)[\])]")
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One row of the official table. ``sub_no`` is a, b, ... for the grades under one serial number, else empty;
    ``problems`` tells the cells that could not be read whole."""

    serial: int
    sub_no: str
    name: str
    name_norm: str
    aliases: tuple[str, ...]
    name_en: str
    cas: tuple[str, ...]
    hazards: tuple[Hazard, ...]
    content: Content | None
    is_highly_toxic: bool
    remark: str
    problems: tuple[Text, ...]


class Table(NamedTuple):
    """The rows of the table and what is wrong with it as a whole."""

    rows: tuple[CatalogueRow, ...]
    problems: tuple[Text, ...]


def is_in_scope(hazard: Hazard) -> bool:
    """Whether a category makes a chemical hazardous in the sense of the catalogue (81 of the 95 categories) [V]."""
    category = categories().get((hazard.key, hazard.category))
    return category is not None and category.in_catalogue


def mixture_is_hazardous(listed_shares: Iterable[float], *, all_hazardous_listed: bool = True) -> bool:
    """Whether a mixture is managed as hazardous by the 70 % rule [V].

    ``listed_shares`` are the fractions (0 to 1, by mass or by volume) of its listed hazardous ingredients. The rule
    speaks only of mixtures whose hazardous ingredients are all listed; another mixture is identified by test and
    this answers False. ValueError for a share outside 0 to 1 or shares above 1 together.
    """
    shares = list(listed_shares)
    if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
        raise ValueError("shares are fractions from 0 to 1 and together at most 1")
    return all_hazardous_listed and sum(shares) >= MIXTURE_SHARE - 1e-9


def diesel_is_hazardous(flash_point: float | None, *, on: date) -> bool | None:
    """Whether diesel counts on a day: from 2023 always; before, up to a closed-cup flash point of 60 °C. None when
    that decides and is unknown, or before the edition was in force."""
    if on >= DIESEL_FROM:
        return True
    if on < IN_FORCE_FROM or flash_point is None:
        return None
    return flash_point <= FLASH_POINT_LIMIT


def read_table(rows: Sequence[Sequence[object]]) -> Table:
    """The rows of the official spreadsheet, cell by cell as a reader of spreadsheets gives them.

    Title rows above the heading are skipped; an empty serial number under a merged cell repeats the one above and
    makes grades of the rows; hazards stand one a line. Never raises: what cannot be read stands in ``problems`` of
    the row or of the table.
    """
    heading = _find_heading(rows)
    if heading is None:
        text = Text(
            "没有找到含“序号、品名、CAS号”的表头", "No heading with serial number, name and CAS number was found"
        )
        return Table((), (text,))
    start, columns = heading
    problems: list[Text] = []
    if len(rows) - start > _MOST_ROWS:
        problems.append(Text(f"超过{_MOST_ROWS}行，其余未读", f"More than {_MOST_ROWS} rows; the rest was not read"))
    read: list[CatalogueRow] = []
    serial: int | None = None
    for number, cells in enumerate(rows[start + 1 : start + 1 + _MOST_ROWS], start + 2):
        cell = {name: _text(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
        if not any(cell.values()):
            continue
        if cell.get("serial"):
            told = re.fullmatch(r"(\d{1,4})(?:\.0)?", normalise(cell["serial"]))
            if told is None:
                problems.append(Text(f"第{number}行序号“{cell['serial']}”不是数字", f"Row {number}: no serial number"))
                continue
            serial = int(told.group(1))
        if serial is None or not cell.get("name"):
            problems.append(Text(f"第{number}行缺序号或品名", f"Row {number}: serial number or name is missing"))
            continue
        read.append(_row(serial, cell))
    return Table(_lettered(read), tuple(problems))


def _find_heading(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    for at, cells in enumerate(rows[:30]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            if name := _HEADINGS.get(normalise(_text(cell))):
                columns.setdefault(name, place)
        if {"serial", "name", "cas"} <= columns.keys():
            return at, columns
    return None


def _row(serial: int, cell: dict[str, str]) -> CatalogueRow:
    problems = []
    pieces = [piece for piece in re.split(r"[\s;；/、,，]+", cell["cas"]) if piece not in ("", "-", "—")]
    numbers = [cas.read(piece) for piece in pieces]
    valid = tuple(number.number for number in numbers if number.is_valid)
    if len(valid) != len(pieces):
        problems.append(Text(f"CAS号“{cell['cas']}”有误", f"CAS number wrong: {cell['cas']!r}"))
    hazards = parse(cell.get("hazards", ""))
    problems += [
        Text(f"{each.piece}：{each.reason.zh}", f"{each.piece}: {each.reason.en}") for each in hazards.problems
    ]
    told = _CONTENT.search(normalise(cell["name"]))
    aliases = re.split(r"[;；\n]+", cell.get("aliases", ""))
    remark = cell.get("remark", "")
    return CatalogueRow(
        serial=serial,
        sub_no="",
        name=cell["name"],
        name_norm=normalise(cell["name"]),
        aliases=tuple(alias.strip() for alias in aliases if alias.strip() not in ("", "-", "—")),
        name_en=cell.get("name_en", ""),
        cas=valid,
        hazards=hazards.hazards,
        content=parse_content(told.group(1)) if told else None,
        is_highly_toxic="剧毒" in remark,
        remark=remark,
        problems=tuple(problems),
    )


def _lettered(rows: list[CatalogueRow]) -> tuple[CatalogueRow, ...]:
    """Rows under one serial number get a, b, ... in their order."""
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.serial] = counts.get(row.serial, 0) + 1
    seen: dict[int, int] = {}
    told = []
    for row in rows:
        place = seen[row.serial] = seen.get(row.serial, -1) + 1
        letter = chr(ord("a") + place) if place < 26 else str(place + 1)
        told.append(replace(row, sub_no=letter if counts[row.serial] > 1 else ""))
    return tuple(told)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
