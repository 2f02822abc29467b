"""What the tables, their fields, their code lists and the reject codes are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.hidden_dangers.data import both, rows
from quancheng.standards.wording import Text

#: Largest picture, in bytes before base64.
MOST_PICTURE = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table.

    :ivar type: ``uuid``, ``fixed`` (exactly ``length`` characters), ``text``, ``code``, ``decimal``, ``time``,
        ``clock`` (time of day), ``picture`` (base64) or ``secret`` (text that is shown masked only).
    :ivar length: most characters; 0 for no bound of its own.
    :ivar required: ``Y``, ``N``, or when: ``hazard`` (no other object code), ``hours`` (hourly cycle), ``guarantor``
        (task of a 包保 person), ``from_task`` (a record is named), ``accepted`` (state 9), ``major`` (asked for only
        where the receiver is strict, [D]).
    :ivar parent: code of the table whose key it holds.
    :ivar variant: ``park`` where only park platforms take it.
    """

    name: str
    label: Text
    type: str
    length: int
    required: str
    codes: str
    parent: str
    variant: str
    mark: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``order`` is its place in an upload, parents first."""

    code: str
    alias: str
    service_id: str
    name: Text
    order: int
    mark: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """KeyError for an unknown one."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def key(self) -> str:
        """The field that holds a row's key."""
        return "id"

    @property
    def parents(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.parent)


@dataclass(frozen=True, slots=True)
class CodeWord:
    code: str
    word: Text
    mark: str


@cache
def tables() -> dict[str, Table]:
    """All tables by code, in the order of an upload."""
    known: dict[str, list[Field]] = {}
    for row in rows("exchange_fields"):
        field = Field(
            row["name"], both(row), row["type"], int(row["length"]), row["required"], row["codes"], row["parent"],
            row["variant"], row["mark"],
        )  # fmt: skip
        known.setdefault(row["table"], []).append(field)
    found = {}
    for row in sorted(rows("exchange_tables"), key=lambda each: int(each["order"])):
        fields = (*known["*"], *known[row["code"]])
        found[row["code"]] = Table(
            row["code"], row["alias"], row["service_id"], both(row), int(row["order"]), row["mark"], fields
        )
    return found


def table(code: str) -> Table:
    """One table by its code, its alias or its service id. ValueError for an unknown one."""
    for one in tables().values():
        if code in (one.code, one.alias, one.service_id):
            return one
    raise ValueError(f"no table {code!r}; there are {', '.join(tables())}")


@cache
def codes(name: str) -> tuple[CodeWord, ...]:
    """A code list in its order. ValueError for an unknown one."""
    listed = (row for row in rows("exchange_codes") if row["list"] == name)
    found = tuple(CodeWord(row["code"], both(row), row["mark"]) for row in listed)
    if not found:
        raise ValueError(f"no code list {name!r}")
    return found


@cache
def rejects() -> dict[int, Text]:
    """Reject codes with their sentences."""
    return {int(row["code"]): both(row) for row in rows("exchange_rejects")}


def reject_text(code: int) -> Text:
    """The sentence of a reject code; of one that is not ours a plain one."""
    return rejects().get(code, Text("接收方拒绝", "Rejected by the receiver"))
