"""How data pass from enterprises up to ministry and province (五级贯通), level by level, by what rows tell (S5-T19).

Nothing is made up: a level to which nothing is connected says so, and has neither a delay nor a share.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Min, Q, QuerySet, Sum

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.models.exchange import SendState
from quancheng.domains.hazards.queries.exchange import list_adapters
from quancheng.domains.monitoring.models import FileDay, PassageLink, Source, UpperLevel
from quancheng.domains.monitoring.queries.coverage import list_files
from quancheng.domains.monitoring.queries.operating import fresh_figures, lag_ms
from quancheng.domains.monitoring.queries.rates import Minutes, area_rates
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar

LEVELS = ("enterprise", "town", "district", "city", "above")
#: Days of acknowledgements of which the usual delay is told.
DAYS = 7


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the five.

    :ivar due: enterprises, towns or ways that belong to it; ``reached``: those from which, or to which, data pass.
    :ivar usual_s: usual delay in seconds; ``worst_s``: of what waits longest now; None where nothing tells it.
    :ivar passed: parts that came through of ``whole``: minutes of values of yesterday, or rows of the exchange.
    :ivar missing: why there is no figure, a code; empty where there is one.
    """

    code: str
    due: int
    reached: int
    usual_s: float | None = None
    worst_s: float | None = None
    passed: int = 0
    whole: int = 0
    missing: str = ""

    @property
    def share(self) -> float | None:
        """In per cent, rounded down to a tenth; None where nothing was due."""
        return self.passed * 1000 // self.whole / 10 if self.whole else None


def passage(*, actor: Actor, now: datetime) -> list[Level]:
    """The five levels of what the actor may see, from the enterprise up. Ten queries at most.

    Levels of which only a part is in his scope have no figure: a part must not stand as the whole.
    """
    today = Calendar().local_date(now)
    towns = area_rates(actor=actor, today=today, days=1)
    lag = max((lag_ms(one) for one in fresh_figures("process", now)), default=None)
    enterprises, streets = _enterprises(actor, now, today)
    whole = sum((one.minutes for one in towns), Minutes())
    reached = sum(1 for one in towns if one.path and one.minutes.valid)
    # All streets that have an enterprise with something to be monitored, with and without rows.
    town = _inside("town", streets, reached, whole, lag)
    district = Level("district", 0, 0, missing="whole_only")
    if sees_whole(actor):
        district = _inside("district", 1, 1 if whole.valid else 0, whole, lag)
    upper = _upper(now) if sees_ways(actor) else [Level(one, 0, 0, missing="not_yours") for one in UpperLevel.values]
    return [enterprises, town, district, *upper]


def sees_whole(actor: Actor) -> bool:
    """Whether what the actor sees is all of the district, and not his street, links or own enterprise."""
    return actor.is_system or (actor.supervises and actor.whole_district and actor.general)


def sees_ways(actor: Actor) -> bool:
    """Whether the actor is told of ways up as a whole; the numbers name nobody."""
    return actor.is_system or (actor.supervises and actor.whole_district and actor.has("hazards.exchange.read"))


def _enterprises(actor: Actor, now: datetime, today: date) -> tuple[Level, int]:
    """With the number of streets in which the enterprises are."""
    files = list_files(actor=actor).order_by()
    told = Source.objects.filter(file__in=files.values("pk"), state__last_at__isnull=False).order_by()
    online = told.filter(state__is_online=True)
    told_at = online.values_list("state__last_at", flat=True)
    ages = sorted((now - at).total_seconds() for at in told_at if at is not None)
    sums = FileDay.objects.filter(file__in=files.values("pk"), day=today - timedelta(days=1)).aggregate(
        valid=Sum("valid_min"), due=Sum("due_min")
    )
    counted = files.aggregate(due=Count("pk"), streets=Count("area", distinct=True))
    reached = online.aggregate(number=Count("file", distinct=True))["number"]
    level = Level(
        "enterprise", counted["due"], reached, ages[len(ages) // 2] if ages else None, ages[-1] if ages else None,
        sums["valid"] or 0, sums["due"] or 0, "" if reached else "nothing_connected",
    )  # fmt: skip
    return level, counted["streets"]


def _inside(code: str, due: int, reached: int, whole: Minutes, lag: int | None) -> Level:
    """A level within the platform. :param lag: of what processes it, in milliseconds; None: nothing does."""
    delay = None if lag is None else lag / 1000
    missing = "no_values" if not reached else "no_process" if lag is None else ""
    return Level(code, due, reached, delay, delay, whole.valid, whole.due, missing)


def list_ways(*, actor: Actor) -> QuerySet[ExchangeAdapter]:
    """Ways up that the actor may see and that have not ended."""
    return list_adapters(actor=actor).filter(ended_at__isnull=True)


def levels_of_ways(*, actor: Actor) -> dict[uuid.UUID, str]:
    """To which level each way up that the actor may see leads, of those that somebody said it of."""
    seen = list_ways(actor=actor).order_by().values("pk")
    return dict(PassageLink.objects.filter(adapter__in=seen).values_list("adapter", "level"))


def _upper(now: datetime) -> list[Level]:
    standing = ExchangeAdapter.objects.filter(ended_at__isnull=True)
    levels = dict(PassageLink.objects.filter(adapter__in=standing).values_list("adapter", "level"))
    ways = list(standing.only("pk", "is_on", "failing_since").order_by("pk"))
    rows = ExchangeRow.objects.filter(adapter__in=list(levels))
    lately = Q(state=SendState.ACCEPTED, accepted_at__gte=now - timedelta(days=DAYS))
    sums = rows.order_by().values("adapter").annotate(
        whole=Count("pk"), passed=Count("pk", filter=Q(state=SendState.ACCEPTED)), lately=Count("pk", filter=lately),
        oldest=Min("waiting_since", filter=Q(state__in=(SendState.WAITING, SendState.SENT))),
        usual=Avg(F("accepted_at") - F("waiting_since"), filter=lately & Q(accepted_at__gte=F("waiting_since"))),
    )  # fmt: skip
    found = {one["adapter"]: one for one in sums}
    none = "unplaced" if any(one.pk not in levels for one in ways) else "no_way"
    return [
        _upper_level(code, [one for one in ways if levels.get(one.pk) == code], found, now, none)
        for code in UpperLevel.values
    ]


def _upper_level(
    code: str, ways: Sequence[ExchangeAdapter], found: Mapping[uuid.UUID, Any], now: datetime, none: str
) -> Level:
    """A way is through while it is on, does not fail, and something was acknowledged within :data:`DAYS`.

    :param none: why, where no way leads here.
    """
    if not ways:
        return Level(code, 0, 0, missing=none)
    on = [one for one in ways if one.is_on]
    well = [one for one in on if one.failing_since is None]
    reached = sum(1 for one in well if one.pk in found and found[one.pk]["lately"])
    known = [found[one.pk] for one in ways if one.pk in found]
    oldest = [one["oldest"] for one in known if one["oldest"] is not None]
    worst = (now - min(oldest)).total_seconds() if oldest else None
    if not reached:
        codes = ((not on, "way_off"), (not well, "way_failing"), (not known, "nothing_sent"), (True, "nothing_lately"))
        return Level(code, len(ways), 0, worst_s=worst, missing=next(why for holds, why in codes if holds))
    usual = [one["usual"].total_seconds() for one in known if one["usual"] is not None]
    passed, whole = sum(one["passed"] for one in known), sum(one["whole"] for one in known)
    return Level(code, len(ways), reached, max(usual, default=None), worst, passed, whole)
