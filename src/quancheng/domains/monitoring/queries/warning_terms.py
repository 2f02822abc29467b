"""What each colour of a warning asks for (预警响应时限): as shipped, or as the district set it from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import WarningColour, WarningTable
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk.colours import Colour
from quancheng.standards.signals.responses import FIVE_RULES, OPERATIONAL, Response

#: Of each colour: until the enterprise responds, until its report, until the authority acts, how long it must be calm.
PARTS = ("respond_s", "report_s", "authority_s", "calm_s")
#: A signal that is away or stuck for so long is an event of data quality.
QUALITY = "quality_s"
NAMES: tuple[str, ...] = (*(f"{colour.name.lower()}_{part}" for colour in Colour for part in PARTS), QUALITY)
#: Longest of any: a week.
MOST_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class WarningTerms:
    """Seconds by :data:`NAMES`; None: nothing is asked. :ivar is_shipped: nobody set them yet, all [D]."""

    figures: Mapping[str, int | None]
    is_shipped: bool = True

    def part(self, colour: int, part: str) -> timedelta | None:
        """One of :data:`PARTS` of a colour."""
        seconds = self.figures.get(f"{Colour(colour).name.lower()}_{part}")
        return None if seconds is None else timedelta(seconds=seconds)

    def due(self, colour: int, part: str, since: datetime) -> datetime:
        """When something is due; of what is not asked, at the end of a week, since each step has a date."""
        return since + (self.part(colour, part) or timedelta(seconds=MOST_S))

    @property
    def quality(self) -> timedelta:
        return timedelta(seconds=self.figures.get(QUALITY) or 4 * 3600)


def shipped() -> WarningTerms:
    """By the five rules; what they leave open, or want at once, is taken from the operational matrix [D]."""
    figures: dict[str, int | None] = {QUALITY: 4 * 3600}
    for colour in Colour:
        for part in PARTS:
            figures[f"{colour.name.lower()}_{part}"] = _of(FIVE_RULES[colour], OPERATIONAL[colour], part)
    figures["blue_calm_s"] = 0
    return WarningTerms(figures)


def _of(first: Response, second: Response, part: str) -> int | None:
    found: int | None = getattr(first, part)
    more: int | None = getattr(second, part)
    return found or more


def list_tables() -> QuerySet[WarningTable]:
    """Every table that was set, the newest first."""
    return WarningTable.objects.select_related("entered_by").order_by("-from_date", "-entered_at")


def terms_on(day: date) -> WarningTerms:
    """The table that is in force on a day."""
    found = list_tables().filter(from_date__lte=day).first()
    return shipped() if found is None else WarningTerms(dict(found.figures), is_shipped=False)


def terms_at(now: datetime) -> WarningTerms:
    """The table that is in force now."""
    return terms_on(Calendar().local_date(now))


def colour_word(colour: int) -> str:
    """A colour in words."""
    return str(WarningColour(colour).label)
