"""How much a source may send: points a second with a burst, and a quota of points a day."""

from __future__ import annotations

from dataclasses import dataclass

from quancheng.stream.gateways.grants import Grant

#: A source that was held back so long without a pause sends more than it may, and not just after a silence.
PATIENCE_S = 30.0
#: What is then put aside is read at most at so many times its rate; the rest of it waits in the device.
ASIDE_FACTOR = 4
#: The day of a quota begins at midnight of UTC+8.
_DAY_SHIFT_S = 8 * 3600
_DAY_S = 24 * 3600

OVER_LIMIT = "over_limit"
OVER_QUOTA = "over_quota"


def day_of(wall_s: float) -> int:
    """Which day of a quota a time is in. :param wall_s: seconds since 1970."""
    return int((wall_s + _DAY_SHIFT_S) // _DAY_S)


class Bucket:
    """Tokens that come back at a rate. A demand above the burst is met by a full bucket, which then owes the rest."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def take(self, count: float, now: float) -> float:
        """Zero where they were taken; else the seconds until they can be, with nothing taken."""
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        wanted = min(count, self.burst)
        if self._tokens >= wanted:
            self._tokens -= count
            return 0.0
        # A hair more than exact, so that the second try is the last.
        return (wanted - self._tokens) / self.rate + 0.001

    def owe(self, count: float, most: float) -> None:
        """Tokens were taken elsewhere. :param most: no greater debt comes of it."""
        self._tokens = min(self._tokens, max(self._tokens - count, -most))


@dataclass(frozen=True, slots=True)
class Verdict:
    """``wait_s``: ask again then, and read no more meanwhile. Otherwise take it, or put it aside with the reason."""

    wait_s: float = 0.0
    reason: str = ""


TAKE = Verdict()
_ASIDE_LIMIT = Verdict(reason=OVER_LIMIT)
_ASIDE_QUOTA = Verdict(reason=OVER_QUOTA)


class Meter:
    """The limits of one source, whatever number of connections it has.

    Above its rate a source is held back first: nobody reads from it, and what it measures waits in its own memory.
    Only one that was held back for :data:`PATIENCE_S` in all, less the time in which it was not, loses messages to the
    store of what was put aside: it would never catch up, and old values would stand before new ones. What was
    used of the quota is kept here; what other gateways tell of it comes by :meth:`note_elsewhere`.
    """

    def __init__(self, grant: Grant, now: float, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        #: Seconds of being held back that are not made good by seconds of freedom.
        self._strain_s = 0.0
        self._held_at: float | None = None
        self._free_at = now
        self._day = -1
        self._used = 0
        #: Points of a day that came through other gateways.
        self._other_day, self._other = -1, 0
        self._set(grant, now)

    def _set(self, grant: Grant, now: float) -> None:
        self._grant = grant
        rate = max(1, grant.points_per_s)
        self._good = Bucket(rate, max(rate, grant.burst_points), now)
        self._excess = Bucket(rate * ASIDE_FACTOR, rate * ASIDE_FACTOR, now)

    def renew(self, grant: Grant, now: float) -> None:
        """Limits were changed; what was used of the day stays used."""
        old, self._grant = self._grant, grant
        if (old.points_per_s, old.burst_points) != (grant.points_per_s, grant.burst_points):
            self._set(grant, now)

    def used(self, day: int) -> int:
        """Points of a day that were taken here."""
        return self._used if day == self._day else 0

    def note_elsewhere(self, day: int, used: int, *, others: int = 1, is_news: bool = True) -> None:
        """So many points of a day came through other gateways: they count for the quota, and what is new for the rate.

        It is heard each second, so of two that both send all they may one could owe for ever what the other took. The
        debt is no more than the share of the others in a second of rate: what is left is ours. Nor is anybody shut out
        for what is heard late, after a time without connection.

        :param others: gateways that have the source besides. :param is_news: they came just now; else they are what is
            known at the beginning, and no debt.
        """
        more = used - (self._other if day == self._other_day else 0)
        self._other_day, self._other = day, used
        if is_news and more > 0:
            self._good.owe(more, self._good.rate * others / (others + 1))

    def judge(self, points: int, now: float, wall_s: float) -> Verdict:
        """What becomes of a message.

        :param now: of a clock that only goes forward.
        :param wall_s: seconds since 1970, for the day of the quota.
        """
        day = day_of(wall_s)
        if day != self._day:
            self._day, self._used = day, 0
        other = self._other if self._other_day == day else 0
        if self._used + other + points > self._grant.points_per_day:
            wait = self._excess.take(points, now)
            return Verdict(wait) if wait else _ASIDE_QUOTA
        wait = self._good.take(points, now)
        if not wait:
            self._used += points
            if self._held_at is not None:
                self._strain_s = min(self._strain_s + now - self._held_at, self._patience_s)
                self._held_at, self._free_at = None, now
            return TAKE
        if self._held_at is None:
            self._strain_s = max(0.0, self._strain_s - (now - self._free_at))
            self._held_at = now
        if self._strain_s + now - self._held_at < self._patience_s:
            return Verdict(wait)
        excess = self._excess.take(points, now)
        return Verdict(min(wait, excess)) if excess else _ASIDE_LIMIT
