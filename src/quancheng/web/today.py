"""Today (今日待办): the first page after sign-in answers what a person must do today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import label_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.queries import days_between
from quancheng.kernel.counting import told
from quancheng.kernel.loops.declare import Loop, loop_of
from quancheng.kernel.notices.queries import list_notices
from quancheng.kernel.notices.texts import sentence_of
from quancheng.kernel.pages import workview
from quancheng.kernel.pages.errands import errands_of
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work import queries
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import available_acts

Text = str | Promise
#: Rows on the page; the rest stands in the ledger that the page links to.
MOST_ROWS = 60
#: Weeks of the calendar, this one first.
WEEKS = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: what, from when, until when, and the verb of its button."""

    item: WorkItem
    url: str
    state: Text
    verb: Text
    due_at: datetime | None
    is_review: bool
    #: Whom the reader stands in for with it (代); empty for his own and for what nobody took.
    instead_of: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """Something one may do with the item itself: done at once, or asked for on its own page."""

    name: str
    label: Text
    url: str

    @property
    def is_instant(self) -> bool:
        return self.name == "take"


@dataclass(frozen=True, slots=True)
class Bunch:
    """What waits under one duty."""

    label: str
    lines: list[Waiting]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar; ``url`` opens what is due on it.

    :ivar mark: 休 or 班 where the day differs from its weekday.
    """

    date: date
    count: int
    is_today: bool
    is_past: bool
    is_off: bool
    mark: str
    url: str


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The page; for administrators, who have no business content, a short way to their own pages."""
    return show_today(request)


def show_today(request: HttpRequest, *, counts: bool = False) -> HttpResponse:
    """Draw the page, or its part for htmx; ``counts`` brings the count of the shell up to date with it."""
    actor, now = actor_of(request), timezone.now()
    mine = queries.list_my_items(actor=actor)
    lines = [waiting_of(item, actor) for item in mine[: MOST_ROWS + 1]]
    number, late = queries.count_my_items(actor=actor, now=now)
    context = {
        "bunches": _bunches(lines[:MOST_ROWS]),
        "errands": errands_of(actor, now),
        "has_more": len(lines) > MOST_ROWS,
        "number": told(number, queries.MOST_COUNTED),
        "late": told(late, queries.MOST_COUNTED),
        "weeks": _weeks(mine, now),
        "weekdays": (_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")),
        "absent": sorted({line.instead_of for line in lines if line.instead_of}),
        "notices": [
            (sentence_of(notice.kind, notice.data), notice.created_at) for notice in list_notices(actor=actor)[:5]
        ],
        "actor": actor,
        "now": now,
        "counts": counts,
    }
    return respond(request, page="web/today.html", part="web/_today.html", context=context)


def list_waiting(actor: Actor) -> QuerySet[WorkItem]:
    """What is counted beside the menu's entry."""
    return queries.list_my_items(actor=actor)


def told_waiting(actor: Actor) -> str:
    """The same as the menu tells it; empty for nothing."""
    number = queries.count_my_items(actor=actor, now=timezone.now())[0]
    return told(number, queries.MOST_COUNTED) if number else ""


def waiting_of(item: WorkItem, actor: Actor) -> Waiting:
    """An item as a line for its reader."""
    loop = loop_of_item(item)
    verb = _verb(loop, item.state) if loop else gettext_lazy("办理")
    return Waiting(
        item=item,
        url=url_of_item(item),
        state=state_of(item),
        verb=verb,
        due_at=item.due_at or item.review_at,
        is_review=item.due_at is None,
        instead_of=item.person.name if item.person and item.person_id in actor.acts_for else "",
        acts=acts_of(item, actor),
    )


def acts_of(item: WorkItem, actor: Actor) -> tuple[Act, ...]:
    """What the reader may do with the item itself."""
    return tuple(
        Act(name, workview.LABELS[name], reverse("web:item_act", args=[item.pk, name]))
        for name in available_acts(actor, item)
    )


def state_of(item: WorkItem) -> Text:
    """The state that the item stands for, as its loop calls it."""
    loop = loop_of_item(item)
    state = loop.states.get(item.state) if loop else None
    return state.label if state else ""


def loop_of_item(item: WorkItem) -> Loop | None:
    try:
        return loop_of(item.loop_code, item.loop_version)
    except KeyError:  # a loop of a domain that is not built in any more; its items stay visible
        return None


def _verb(loop: Loop, state: str) -> Text:
    moves = loop.moves_from(state).values()
    return next((step.label for step in moves if step.primary), gettext_lazy("办理"))


def url_of_item(item: WorkItem) -> str:
    """The page of the item's row; empty where its loop names none."""
    loop = loop_of_item(item)
    if loop is None or not loop.url_name:
        return ""
    try:
        return reverse(loop.url_name, args=[item.subject_id])
    except NoReverseMatch:
        return ""


def _bunches(lines: Iterable[Waiting]) -> list[Bunch]:
    """By duty; the duty with the most urgent line first, and within it the most urgent first."""
    found: dict[str, list[Waiting]] = {}
    for line in lines:
        found.setdefault(line.item.duty, []).append(line)
    return [Bunch(label_of(duty), group) for duty, group in found.items()]


def _weeks(mine: QuerySet[WorkItem], now: datetime) -> list[list[Day]]:
    """How much is due on each day of this week and the next ones. Two queries."""
    today, calendar = timezone.localdate(now), Calendar()
    first = today - timedelta(days=today.weekday())
    days = [first + timedelta(days=number) for number in range(7 * WEEKS)]
    counted = (
        mine.order_by()
        # By time and not by day, which no index knows.
        .filter(due_at__gte=calendar.start_of(first), due_at__lte=calendar.end_of(days[-1]))
        .annotate(due_on=TruncDate("due_at"))
        .values("due_on")
        .annotate(number=Count("pk"))
    )
    numbers = {row["due_on"]: row["number"] for row in counted}
    named = {one.day: one.works for one in days_between(first=first, last=days[-1])}
    ledger = reverse("web:inbox")
    found = [
        Day(
            date=day,
            count=numbers.get(day, 0),
            is_today=day == today,
            is_past=day < today,
            is_off=not named.get(day, day.weekday() < 5),
            mark="" if day not in named else _("班") if named[day] else _("休"),
            url=f"{ledger}?due_from={day}&due_to={day}",
        )
        for day in days
    ]
    return [found[start : start + 7] for start in range(0, len(found), 7)]
