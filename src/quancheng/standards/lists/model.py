"""The lists and their entries, read once from the data files beside this module."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from quancheng.standards.lists.names import Content, parse_content
from quancheng.standards.wording import Text

DATA = Path(__file__).parent / "data"

#: The measures that go with special control, by the codes of :attr:`Entry.measures` [G].
MEASURES: dict[str, Text] = {
    "platform": Text("信息平台，全生命周期追溯", "information platform with tracing over the whole life"),
    "packaging": Text("包装管理", "packaging rules"),
    "access": Text("从严准入", "stricter market access"),
    "transport": Text(
        "强化运输管理(电子运单、限路限时)", "stronger transport control (electronic waybill, routes, hours)"
    ),
    "storage": Text("储存定置化", "fixed places of storage"),
}


@dataclass(frozen=True, slots=True)
class RegulatedList:
    """One list as a document: its code, names, edition, documents, number of entries and mark."""

    code: str
    name: Text
    edition: str
    documents: tuple[str, ...]
    entries: int
    mark: str
    file: str


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of a list, as its data file tells it.

    ``parts`` are the substances that the entry's own name joins, ``aliases`` the list's other names, ``also`` names in
    common use that the list does not print. ``cas_also`` are numbers in common use that the list does not print.
    ``content`` is the range in which the entry counts; ``any_content`` says that the entry counts at every content.
    """

    list: str
    no: str
    name: str
    name_en: str
    subgroup: str
    parts: tuple[str, ...]
    aliases: tuple[str, ...]
    also: tuple[str, ...]
    cas: tuple[str, ...]
    cas_also: tuple[str, ...]
    content: Content | None
    content_words: str
    any_content: bool
    outside_is_doubt: bool
    scope: Text | None
    form: Text | None
    formed: re.Pattern[str] | None
    pattern: re.Pattern[str] | None
    exclude: re.Pattern[str] | None
    by_cas_only: bool
    pharmaceutical: bool
    un: tuple[str, ...]
    measures: tuple[str, ...]
    hazards: tuple[str, ...]
    remark: str
    doubt: Text | None
    mark: str
    cas_mark: str
    valid_from: date
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        """Whether the entry is in force on a day; both its first and its last day count."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@cache
def regulated_lists() -> dict[str, RegulatedList]:
    """All lists by code, in the order in which memberships are told."""
    with (DATA / "lists.toml").open("rb") as file:
        told = tomllib.load(file)
    return {
        code: RegulatedList(
            code=code,
            name=Text(row["zh"], row["en"]),
            edition=row["edition"],
            documents=tuple(row["documents"]),
            entries=row["entries"],
            mark=row["mark"],
            file=row["file"],
        )
        for code, row in told.items()
    }


@cache
def entries(code: str) -> tuple[Entry, ...]:
    """The entries of one list in their order. KeyError, naming the known codes, for an unknown list."""
    lists = regulated_lists()
    if code not in lists:
        raise KeyError(f"no list {code!r}; there are {', '.join(lists)}")
    with (DATA / lists[code].file).open(encoding="utf-8", newline="") as file:
        return tuple(_entry(code, row) for row in csv.DictReader(file))


def _entry(code: str, row: dict[str, str]) -> Entry:
    def many(column: str) -> tuple[str, ...]:
        return tuple(part for part in row.get(column, "").split(";") if part)

    def pattern(column: str) -> re.Pattern[str] | None:
        return re.compile(row[column].casefold()) if row.get(column) else None

    def text(column: str) -> Text | None:
        return Text(row[column], row[f"{column}_en"]) if row.get(column) else None

    words = row.get("content", "")
    return Entry(
        list=code,
        no=row["no"],
        name=row["name"],
        name_en=row["name_en"],
        subgroup=row.get("subgroup", ""),
        parts=many("parts"),
        aliases=many("aliases"),
        also=many("also"),
        cas=many("cas"),
        cas_also=many("cas_also"),
        content=None if words in ("", "any") else parse_content(words),
        content_words="" if words == "any" else words,
        any_content=words == "any",
        outside_is_doubt=row.get("outside", "") == "doubt",
        scope=text("scope"),
        form=text("form"),
        formed=pattern("formed"),
        pattern=pattern("pattern"),
        exclude=pattern("exclude"),
        by_cas_only=row.get("by", "") == "cas",
        pharmaceutical=row.get("pharmaceutical", "") == "1",
        un=many("un"),
        measures=many("measures"),
        hazards=many("hazards"),
        remark=row.get("remark", ""),
        doubt=text("doubt"),
        mark=row["mark"],
        cas_mark=row.get("cas_mark", "") or row["mark"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row.get("valid_to") else None,
    )
