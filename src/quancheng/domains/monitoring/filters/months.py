"""A month and an enterprise, for pages and lists of figures (月份、企业)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.queries.annunciations import Month, before, month_of
from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Control, Filter
from quancheng.kernel.pages.given import known_key

#: Months that are offered.
OFFERED = 13


def this_month(now: datetime) -> date:
    return Calendar().local_date(now).replace(day=1)


def asked_month(text: str, *, now: datetime) -> Month:
    """The month in a parameter, as ``2026-11``; that of yesterday where it is empty: on its first day a month says
    nothing. :raises Invalid: none, or one to come.
    """
    if not text:
        return month_of(this_month(now - timedelta(days=1)), now=now)
    try:
        first = date.fromisoformat(f"{text}-01")
        if first.year < 2000:
            raise ValueError("before there were any")
        return month_of(first, now=now)
    except ValueError:
        raise unknown_parameter("month") from None


def months(chosen: date | None = None) -> list[tuple[str, str, bool]]:
    """The months that are offered, the newest first, and the chosen one."""
    first = this_month(timezone.now())
    offered = [before(first, back) for back in range(OFFERED)]
    if chosen is not None and chosen not in offered:
        offered.append(chosen)
    return [(f"{one:%Y-%m}", f"{one:%Y-%m}", one == chosen) for one in offered]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFilter(Filter):
    """A month that has begun (月份); that of yesterday where nobody chose. What it narrows, the list says."""

    def month(self, given: QueryDict) -> Month:
        """:raises Invalid: no month, or one to come."""
        return asked_month(given.get(self.name, ""), now=timezone.now())

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return rows.filter(month=self.month(given).first)

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = self.month(given)
        values = [given.get(self.name, "")]
        return Control("choice", self.name, self.label, self.pinned, values, [*months(chosen.first)],
                       error=error, active=bool(values[0]))  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return f"{self.label}：{self.month(given).first:%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFilter(Filter):
    """One enterprise, by the address that led here (企业)."""

    field: str

    def key(self, given: QueryDict) -> uuid.UUID | None:
        """:raises Invalid: it is no key."""
        text = given.get(self.name, "")
        found = known_key(text) if text else None
        if text and found is None:
            raise self.refuse(_("没有这家企业。"))
        return found

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        key = self.key(given)
        return rows if key is None else rows.filter(**{self.field: key})

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        text = given.get(self.name, "")
        key = known_key(text) if text else None
        found = None if key is None else list_enterprises(actor=actor).filter(pk=key).first()
        name = found.enterprise.name if found is not None and found.enterprise is not None else ""
        choices: list[Any] = [] if found is None else [(text, name, True)]
        return Control("choice", self.name, self.label, self.pinned, [text], choices, error=error, active=bool(text))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        control = self.control(given, actor, "")
        return f"{self.label}：{control.choices[0][1]}" if control.choices else ""
