"""Items of both records, codes of permits, states and alarms.

Source: AQ 3064.2-2025, tables A.1 to A.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.endings import STATES
from quancheng.standards.gb30871.kinds import kinds, levels
from quancheng.standards.hidden_dangers.data import both, rows
from quancheng.standards.wording import Text

#: TICKET_STATUS of table A.1, item 16.
STATUS: dict[str, Text] = {
    "0": Text("未签发", "not issued"), "1": Text("已签发", "issued"), "2": Text("作业中", "working"),
    "3": Text("已验收", "accepted"), "4": Text("作废", "void"), "5": Text("撤销", "cancelled"),
    "6": Text("暂停", "suspended"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One item of a record.

    :ivar number: its place in the printed table. :ivar length: most characters; 0 for no bound of its own [D].
    :ivar type: ``uuid``, ``text``, ``secret`` (text that is shown masked only), ``time``, ``number``, ``longitude``,
        ``latitude``, ``flag`` (0 or 1), ``type`` (TICKET_TYPE), ``status`` or ``alarm``.
    :ivar required: ``Y``, ``N``, or when: ``gas`` (issued hot work or confined space), ``issued``, ``accepted``,
        ``certificate`` (name and number go together).
    """

    number: int
    name: str
    label: Text
    type: str
    length: int
    required: str
    mark: str


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of record. ``order`` is its place in an upload, ``key`` the field of the envelope that holds its key."""

    code: str
    alias: str
    #: IDENTIFIER of the envelope [D].
    service_id: str
    name: Text
    order: int
    fields: tuple[Field, ...]
    key: str = "UUID"

    def field(self, name: str) -> Field:
        """KeyError for an unknown one."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class AlarmCode:
    """One code of an alarm. ``group`` is the class of table A.4; empty where the code is our own and stays here."""

    code: str
    group: str
    name: Text
    clause: str
    mark: str


_TABLES = (
    ("ticket", "SPECIAL_WORK_TICKET", Text("特殊作业票", "Permits of special work")),
    ("alarm", "SPECIAL_WORK_ALARM", Text("作业报警", "Work alarms")),
)


@cache
def tables() -> dict[str, Table]:
    """Tickets, then the alarms that name them."""
    known: dict[str, list[Field]] = {}
    for row in rows("aq3064_fields"):
        field = Field(
            int(row["number"]), row["name"], both(row), row["type"], int(row["length"]), row["required"], row["mark"]
        )
        known.setdefault(row["table"], []).append(field)
    return {
        code: Table(code, alias, alias, name, order, tuple(known[code]))
        for order, (code, alias, name) in enumerate(_TABLES, start=11)
    }


def table(code: str) -> Table:
    """One by our code or its identifier. ValueError for an unknown one."""
    for one in tables().values():
        if code in (one.code, one.service_id):
            return one
    raise ValueError(f"no table {code!r}; there are {', '.join(tables())}")


@cache
def alarm_codes() -> dict[str, AlarmCode]:
    """Those of table A.4 and our own, in order."""
    return {
        row["code"]: AlarmCode(row["code"], row["class"], both(row), row["clause"], row["mark"])
        for row in rows("aq3064_alarms")
    }


def exchanged(code: str) -> bool:
    """Whether an alarm is told to an upper platform: the codes of table A.4 alone. KeyError for an unknown one."""
    return bool(alarm_codes()[code].group)


@cache
def _types() -> dict[str, tuple[str, str]]:
    return {level.ticket_type: (kind, code) for kind in kinds() for code, level in levels(kind).items()}


def ticket_type(kind: str, level: str) -> str:
    """TICKET_TYPE of table A.2 for a kind and level of GB 30871. BadInput for a level that the kind has not.

    Whose level nobody told yet counts as the mildest of its kind [D].
    """
    known = levels(kind)
    return known[level].ticket_type if level in known else next(iter(known.values())).ticket_type


def kind_of(code: str) -> tuple[str, str]:
    """Kind and level behind a TICKET_TYPE. ValueError for an unknown code."""
    if code not in _types():
        raise ValueError(f"no TICKET_TYPE {code!r}; there are {', '.join(sorted(_types()))}")
    return _types()[code]


def status_of(state: str) -> str | None:
    """TICKET_STATUS for a state of ``gb30871.endings.STATES``; None before there is a ticket. KeyError for none."""
    return STATES[state]
