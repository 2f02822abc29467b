"""Sums of a month's alarms, and the figures that are made of them (报警系统绩效), for a site as for a district.

Sums of several sites are added, or the greatest counts, so that a district's shares are shares of all its alarms.
Percentiles cannot be added: who asks for several sites takes those of acknowledging from the alarms themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from quancheng.domains.monitoring.queries.annunciations import Annunciation, Month, Site
from quancheng.standards.signals import alarm_quality as standard
from quancheng.standards.signals.alarm_quality import TARGETS, WINDOW_S, Target
from quancheng.standards.wording import Text

#: More than so many in an hour, in ten minutes, are too many; acknowledged within so many seconds is at once.
HOUR_MOST, TEN_MOST, AT_ONCE_S = 30, 10, 60
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is counted of a site in a month; names ending in ``_s`` are seconds.

    ``days`` gone, ``points`` in use and their product; ``count`` of alarms that came, repetitions too, of priority 1
    ``high``, 2 ``medium``; ``hours`` and of these with over 30, ``tens`` (10 min) with over 10, the 95th percentile of
    them and the ``peak``; ``floods``, how long together and the longest; ``top``: those of the ten most frequent;
    alarms that chatter (tag and type), that were fleeting, most standing on a day, in pairs that come together;
    ``in_60``: of priority 1 acknowledged in 60 s; ``acknowledged`` and how long that took; ``ack_judged`` are those
    whose time is over or that were acknowledged, likewise answers; ``closed`` with a reason, ``false`` of these;
    ``overstayed``: silent beyond the end; ``loosened``: limits beyond the law's without an exemption.
    """

    days: float = 0.0
    points: int = 0
    point_days: float = 0.0
    count: int = 0
    high: int = 0
    medium: int = 0
    hours: int = 0
    hours_over: int = 0
    tens: int = 0
    tens_over: int = 0
    p95_tens: float = 0.0
    peak: int = 0
    floods: int = 0
    flood_s: float = 0.0
    flood_longest_s: float = 0.0
    top: int = 0
    chattering: int = 0
    fleeting: int = 0
    standing: int = 0
    duplicates: int = 0
    in_60: int = 0
    acknowledged: int = 0
    acknowledging_s: float = 0.0
    ack_p95_s: float | None = None
    ack_p99_s: float | None = None
    ack_judged: int = 0
    ack_on_time: int = 0
    answer_judged: int = 0
    answer_on_time: int = 0
    closed: int = 0
    false: int = 0
    in_alarm_s: float = 0.0
    overstayed: int = 0
    loosened: int = 0


NAMES = tuple(one.name for one in fields(Sums))
#: Of several sites the greatest counts; percentiles say nothing of several; all else is added.
GREATEST = ("p95_tens", "peak", "flood_longest_s", "standing")
OF_ONE = ("ack_p95_s", "ack_p99_s")
ADDED = tuple(name for name in NAMES if name not in (*GREATEST, *OF_ONE))


def together(sums: Sequence[Sums]) -> Sums:
    """The sums of several sites, or of several months."""
    told = {name: sum(getattr(one, name) for one in sums) for name in ADDED}
    most = {name: max((getattr(one, name) for one in sums), default=0) for name in GREATEST}
    return Sums(**told, **most)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is counted beside alarms: points in use, what was silent beyond its end, limits beyond the law's."""

    points: int = 0
    overstayed: int = 0
    loosened: int = 0


def sums_of(site: Site, month: Month, kept: Kept) -> Sums:
    """The sums of one site, by the rules of the standard."""
    came, end_s = site.came, month.length_s
    every = [*site.carried, *came]
    times = [one.raised_s for one in came]
    hours, tens = (standard.counts(times, 0, end_s, width) for width in (3600, WINDOW_S))
    found = standard.floods(times, now_s=end_s)
    lasted = [standard.covered_s([(one.start_s, one.end_s)], 0, end_s) for one in found]
    waits = [one.acknowledged_s - one.raised_s for one in came if one.acknowledged_s is not None]
    days = end_s / _DAY_S
    return Sums(
        days=days, points=kept.points, point_days=kept.points * days, count=len(came),
        high=sum(one.priority == 1 for one in came), medium=sum(one.priority == 2 for one in came),
        hours=len(hours), hours_over=sum(one > HOUR_MOST for one in hours),
        tens=len(tens), tens_over=sum(one > TEN_MOST for one in tens), p95_tens=standard.percentile(tens, 0.95),
        peak=standard.peak(times), floods=len(found), flood_s=sum(lasted), flood_longest_s=max(lasted, default=0.0),
        top=sum(count for _key, count in frequent(came)), chattering=len(standard.chattering(came)),
        fleeting=len(standard.fleeting(came)),
        standing=len(standard.most_standing(every, start_s=0, end_s=end_s)),
        duplicates=len(standard.duplicates(came, period_s=end_s)), in_60=sum(map(is_at_once, came)),
        acknowledged=len(waits), acknowledging_s=sum(waits),
        ack_p95_s=standard.percentile(waits, 0.95) if waits else None,
        ack_p99_s=standard.percentile(waits, 0.99) if waits else None,
        ack_judged=sum(one.ack_on_time is not None for one in came),
        ack_on_time=sum(one.ack_on_time is True for one in came),
        answer_judged=sum(one.answer_on_time is not None for one in came),
        answer_on_time=sum(one.answer_on_time is True for one in came),
        closed=sum(one.is_false is not None for one in came), false=sum(one.is_false is True for one in came),
        in_alarm_s=standard.covered_s([(one.raised_s, one.cleared_s) for one in every], 0, end_s),
        overstayed=kept.overstayed, loosened=kept.loosened,
    )  # fmt: skip


def is_at_once(one: Annunciation) -> bool:
    """Of priority 1, and acknowledged within a minute."""
    return one.priority == 1 and one.acknowledged_s is not None and one.acknowledged_s - one.raised_s <= AT_ONCE_S


def frequent(came: Sequence[Annunciation]) -> list[tuple[str, int]]:
    """The ten alarms that came most often in the month, ties by key."""
    counted = Counter(one.key for one in came)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[: standard.BAD_ACTORS]


# Figures --------------------------------------------------------------------------------------------------------------


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its target, how it is told (``number``, ``count``, ``share``, ``seconds``), how it is made.

    ``is_worse_when_more`` False: less is worse.
    """

    target: Target
    shown: str
    of: Callable[[Sums], float | None]
    is_worse_when_more: bool = True

    def grade(self, sums: Sums) -> str:
        """``met``, ``manageable``, ``missed``; empty without a target or a value."""
        return standard.grade(self.target, self.of(sums))


def _known(code: str, shown: str, of: Callable[[Sums], float | None], more: bool = True) -> Figure:
    return Figure(TARGETS[code], shown, of, more)


#: In groups as they are shown. Targets that the standard does not have are [D].
FIGURES: dict[str, Figure] = {
    "per_day": _known("per_day", "number", lambda one: _share(one.count, one.days)),
    "per_hour": _known("per_hour", "number", lambda one: _share(one.count, one.days * 24)),
    "per_10_min": _known("per_10_min", "number", lambda one: _share(one.count, one.days * 144)),
    "per_10k": Figure(
        Target(Text("每万点每天报警数", "Alarms a day of 10,000 points"), None, mark="D"), "number",
        lambda one: _share(one.count * 10_000, one.point_days),
    ),
    "hours_over_30": _known("hours_over_30", "share", lambda one: _share(one.hours_over, one.hours)),
    "periods_over_10": _known("periods_over_10", "share", lambda one: _share(one.tens_over, one.tens)),
    "p95_per_10_min": _known("p95_per_10_min", "number", lambda one: one.p95_tens if one.days else None),
    "peak": _known("peak", "count", lambda one: one.peak),
    "floods": Figure(Target(Text("报警泛滥次数", "Floods"), 0, mark="D"), "count", lambda one: one.floods),
    "flood_longest": Figure(
        Target(Text("最长报警泛滥", "Longest flood"), None, mark="D"), "seconds", lambda one: one.flood_longest_s
    ),
    "in_flood": _known("in_flood", "share", lambda one: _share(one.flood_s, one.days * _DAY_S)),
    "high": _known("high", "share", lambda one: _share(one.high, one.count)),
    "medium": _known("medium", "share", lambda one: _share(one.medium, one.count)),
    "low": Figure(
        Target(Text("低优先级占比", "Share of priorities 3 and 4"), 0.8, is_least=True), "share",
        lambda one: _share(one.count - one.high - one.medium, one.count), False,
    ),
    "acknowledged": _known("acknowledged", "share", lambda one: _share(one.in_60, one.high), False),
    "ack_on_time": Figure(
        Target(Text("按期确认率", "Acknowledged on time"), 0.95, is_least=True, mark="D"), "share",
        lambda one: _share(one.ack_on_time, one.ack_judged), False,
    ),
    "answer_on_time": Figure(
        Target(Text("按期处置反馈率", "Answered on time"), 0.95, is_least=True, mark="D"), "share",
        lambda one: _share(one.answer_on_time, one.answer_judged), False,
    ),
    "mtta_s": _known("mtta_s", "seconds", lambda one: _share(one.acknowledging_s, one.acknowledged)),
    "ack_p95": Figure(
        Target(Text("确认时间95分位", "95th percentile of acknowledging"), None, mark="D"), "seconds",
        lambda one: one.ack_p95_s,
    ),
    "ack_p99": Figure(
        Target(Text("确认时间99分位", "99th percentile of acknowledging"), None, mark="D"), "seconds",
        lambda one: one.ack_p99_s,
    ),
    "top_10": _known("top_10", "share", lambda one: _share(one.top, one.count)),
    "chattering": _known("chattering", "count", lambda one: one.chattering),
    "fleeting": _known("fleeting", "count", lambda one: one.fleeting),
    "standing": _known("standing", "count", lambda one: one.standing),
    "duplicates": Figure(
        Target(Text("重复报警对数", "Pairs of duplicate alarms"), 0, mark="D"), "count", lambda one: one.duplicates
    ),
    "in_alarm": _known("in_alarm", "share", lambda one: _share(one.in_alarm_s, one.days * _DAY_S)),
    "false_rate": _known("false_rate", "share", lambda one: _share(one.false, one.closed)),
    "overstayed": Figure(
        Target(Text("超期未恢复的搁置、停用", "Silent beyond its end"), 0), "count", lambda one: one.overstayed
    ),
    "loosened": Figure(
        Target(Text("未经批准放宽的限值", "Limits loosened without approval"), 0), "count", lambda one: one.loosened
    ),
}  # fmt: skip
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("数量", "How many"), ("per_day", "per_hour", "per_10_min", "per_10k", "in_alarm")),
    (Text("集中程度", "How close together"),
     ("hours_over_30", "periods_over_10", "p95_per_10_min", "peak", "floods", "flood_longest", "in_flood")),
    (Text("优先级", "Priorities"), ("high", "medium", "low")),
    (Text("响应", "Answers"), ("acknowledged", "ack_on_time", "answer_on_time", "mtta_s", "ack_p95", "ack_p99")),
    (Text("报警质量", "Quality"), ("top_10", "chattering", "fleeting", "standing", "duplicates", "false_rate")),
    (Text("停报和限值", "Silence and limits"), ("overstayed", "loosened")),
)  # fmt: skip
