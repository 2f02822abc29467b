"""Rules of retention as data: each app says what of its rows goes, when, and how.

What no rule names is kept for good. What may only be added (journal, moves, acts on items) always is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from django.db.models import Model, QuerySet

from quancheng.kernel.errors import Text

Due = Callable[[datetime], QuerySet[Any]]
#: Does away with the rows in the caller's transaction; they are locked.
Remove = Callable[[Sequence[Any], datetime], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of row and its end.

    :ivar code: for machines, e.g. ``people.sign_in``; :ivar name: for people, e.g. 登录会话.
    :ivar kept: ``"90 days"``, ``"5 years"``: as the model's docstring says it.
    :ivar after: since when that counts, in words.
    :ivar due: the rows whose day came before the moment given; never an open one.
    :ivar action: ``delete``, ``anonymise`` or ``archive`` (written to a sealed file, then deleted).
    :ivar remove: how, where deleting the rows is not all.
    :ivar children: names of relations whose rows are archived with each row and go with it.
    """

    code: str
    name: Text
    model: type[Model]
    kept: str
    after: Text
    due: Due
    action: Literal["delete", "anonymise", "archive"] = "delete"
    _: KW_ONLY
    remove: Remove | None = None
    children: tuple[str, ...] = ()

    def cutoff(self, now: datetime) -> datetime:
        """Rows whose day lies before this have been kept long enough."""
        number, unit = self.kept.split()
        return now - (relativedelta(years=int(number)) if unit.startswith("year") else relativedelta(days=int(number)))


_rules: dict[str, Rule] = {}


def declare(rule: Rule) -> None:
    """Declare a rule; called while the apps get ready. :raises ValueError: twice under one code."""
    if rule.code in _rules:
        raise ValueError(f"retention rule {rule.code} is declared twice")
    _rules[rule.code] = rule


def all_rules() -> list[Rule]:
    return [_rules[code] for code in sorted(_rules)]


def rule_of(code: str) -> Rule | None:
    return _rules.get(code)
