"""A period of days, for lists of changes and of inspections (起止日期)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.queries import changes, comparing
from quancheng.domains.risk.queries.levels import end_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.filters import Control, Dates

#: Days back where nobody chose. [D]
USUAL_DAYS = 30


def usual(today: date) -> tuple[date, date]:
    """The period that is shown where nobody chose one: the last thirty days."""
    return today - timedelta(days=USUAL_DAYS - 1), today


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Dates):
    """From a day to a day, both counted; what is read from it, ``then`` says."""

    then: Callable[[QuerySet[Any], datetime, datetime], QuerySet[Any]]

    def days(self, given: QueryDict) -> tuple[date, date]:
        """:raises Invalid: no days, in the wrong order, or to come."""
        today = Calendar().local_date(timezone.now())
        first, last = self._read(given)
        if (last or first or today) > today or (first or today) > today:
            raise self.refuse(str(_("日期不能晚于今天。")))
        last = last or today
        first = first or last - timedelta(days=USUAL_DAYS - 1)
        return first, last

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        first, last = self.days(given)
        return self.then(rows, Calendar().start_of(first), end_of(last))

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        values = [given.get(name, "") for name in self.parameters]
        is_active = any(values)
        if not is_active:
            values = [day.isoformat() for day in usual(Calendar().local_date(timezone.now()))]
        return Control("dates", self.name, self.label, self.pinned, values, error=error, active=is_active)


CHANGED = Period(name="on", label=_("期间"), field="at", times=True, pinned=True, then=changes.between)
INSPECTED = Period(name="on", label=_("期间"), field="at", times=True, pinned=True, then=comparing.in_period)
