"""What a guardian looks at again and again (监护人检查项), and what is accepted (验收条件), by kind.

That such lists exist is demanded by AQ 3064.2-2025, 5.10.6 and 5.10.7 [V]; the items and how often are ours [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import table, text_of
from quancheng.standards.gb30871.kinds import known_kind
from quancheng.standards.wording import Text

#: Minutes from one look to the next: confined spaces and special hot work, all others.
OFTEN_MIN, SELDOM_MIN = 30, 60


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: ``kind`` is ``*`` for those of every kind."""

    code: str
    kind: str
    clause: str
    mark: str
    text: Text

    @property
    def key(self) -> str:
        """Code that is one of its own over all kinds."""
        return self.code if self.kind == "*" else f"{self.kind}_{self.code}"


@cache
def guardian_items(kind: str) -> tuple[Item, ...]:
    """What the guardian of a kind looks at, what is common first."""
    return _items("guardian_items", kind)


@cache
def acceptance_items(kind: str) -> tuple[Item, ...]:
    """What must hold for work of a kind to be accepted, what is common first."""
    return _items("acceptance_items", kind)


def _items(name: str, kind: str) -> tuple[Item, ...]:
    known_kind(kind)
    return tuple(
        Item(row["code"], row["kind"], row["clause"], row["mark"], text_of(row))
        for row in table(name) if row["kind"] in ("*", kind)
    )  # fmt: skip


def every_min(kind: str, level: str) -> int:
    """Minutes from one look of the guardian to the next."""
    return OFTEN_MIN if kind == "CS" or (kind, level) == ("HW", "S") else SELDOM_MIN
