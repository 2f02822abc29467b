"""Errands (计数待办): what is owed to a person in such numbers that it is counted and not listed one by one.

Work items stand for steps of loops, each with its own row. Some hundred checks a day of one workshop would drown them:
an app registers what it counts, the head of Today and the hint of the inbox's count tell how many, and a page of the
app lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.counting import count_up_to, told

Text = str | Promise
Rows = Callable[[Actor, datetime], QuerySet[Any]]
#: Nobody reads a larger number at the head of a page.
MOST_COUNTED = 999


@dataclass(frozen=True, slots=True)
class Errand:
    """What is counted.

    :param open: rows that wait for the actor now, bare and scoped to him; none for whom it does not concern.
    :param late: those of them that are late.
    :param url_name: where they are listed, narrowed by ``query`` (``late=1``). :param unit: what is counted, e.g. 项.
    """

    code: str
    label: Text
    url_name: str
    icon: str
    open: Rows
    late: Rows
    unit: Text = ""
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.url_name) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Owed:
    """An errand with its numbers, 999+ beyond the most."""

    label: Text
    unit: Text
    url: str
    icon: str
    open: str
    late: str


_errands: dict[str, Errand] = {}


def register(errand: Errand) -> None:
    """Offer an errand; called in an app's ``ready``."""
    _errands[errand.code] = errand


def unregister(code: str) -> None:
    """Take it out again: for tests."""
    _errands.pop(code, None)


def errands_of(actor: Actor, now: datetime) -> list[Owed]:
    """What waits for the actor, without what does not. One query; none where no errand concerns him."""
    asked: dict[str, QuerySet[Any]] = {}
    for code, one in sorted(_errands.items()):
        asked[f"{code} open"], asked[f"{code} late"] = one.open(actor, now), one.late(actor, now)
    found = count_up_to(MOST_COUNTED, asked)
    return [
        Owed(
            one.label, one.unit, one.url, one.icon, told(found[f"{code} open"], MOST_COUNTED),
            told(found[f"{code} late"], MOST_COUNTED) if found[f"{code} late"] else "",
        )
        for code, one in sorted(_errands.items()) if found[f"{code} open"]
    ]  # fmt: skip


def waiting(actor: Actor, now: datetime) -> dict[str, QuerySet[Any]]:
    """Rows that wait by code, to be counted together with others."""
    return {code: one.open(actor, now) for code, one in sorted(_errands.items())}


def label_of(code: str) -> Text:
    return _errands[code].label
