"""Today (今日待办): the first page after sign-in answers what a person must do today; and the two ledgers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
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
from quancheng.kernel.counting import told
from quancheng.kernel.loops.declare import Loop, loop_of
from quancheng.kernel.notices.queries import list_notices
from quancheng.kernel.notices.texts import sentence_of
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.loopview import light_of
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.pages.times import due_text
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work import queries
from quancheng.kernel.work.models import WorkItem

Text = str | Promise
#: Rows on the page; the rest stands in the ledger that the page links to.
MOST_ROWS = 60
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: what, from when, until when, and the verb of its button."""

    item: WorkItem
    url: str
    state: Text
    verb: Text
    due_at: datetime | None
    is_review: bool


@dataclass(frozen=True, slots=True)
class Bunch:
    """What waits under one duty."""

    label: str
    lines: list[Waiting]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week ahead; ``url`` opens its rows."""

    date: date
    weekday: str
    count: int
    is_today: bool
    url: str


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The page; for administrators, who have no business content, a short way to their own pages."""
    actor, now = actor_of(request), timezone.now()
    mine = queries.list_my_items(actor=actor)
    lines = [_waiting(item) for item in mine[: MOST_ROWS + 1]]
    number, late = queries.count_my_items(actor=actor, now=now)
    context = {
        "bunches": _bunches(lines[:MOST_ROWS]),
        "has_more": len(lines) > MOST_ROWS,
        "number": told(number, queries.MOST_COUNTED),
        "late": told(late, queries.MOST_COUNTED),
        "days": _week(mine, now),
        "notices": [
            (sentence_of(notice.kind, notice.data), notice.created_at) for notice in list_notices(actor=actor)[:5]
        ],
        "actor": actor,
        "now": now,
    }
    return respond(request, page="web/today.html", part="web/_today.html", context=context)


def list_waiting(actor: Actor) -> QuerySet[WorkItem]:
    """What is counted beside the menu's entry."""
    return queries.list_my_items(actor=actor)


def _waiting(item: WorkItem) -> Waiting:
    loop = _loop(item)
    state = loop.states.get(item.state) if loop else None
    verb = _verb(loop, item.state) if loop else gettext_lazy("办理")
    due_at = item.due_at or item.review_at
    return Waiting(item, _url(item, loop), state.label if state else "", verb, due_at, item.due_at is None)


def _loop(item: WorkItem) -> Loop | None:
    try:
        return loop_of(item.loop_code, item.loop_version)
    except KeyError:  # a loop of a domain that is not built in any more; its items stay visible
        return None


def _verb(loop: Loop, state: str) -> Text:
    moves = loop.moves_from(state).values()
    return next((step.label for step in moves if step.primary), gettext_lazy("办理"))


def _url(item: WorkItem, loop: Loop | None) -> str:
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


def _week(mine: QuerySet[WorkItem], now: datetime) -> list[Day]:
    """How much is due on each of the next seven days. One query."""
    first, calendar = timezone.localdate(now), Calendar()
    days = [first + timedelta(days=number) for number in range(WEEK_DAYS)]
    counted = (
        mine.order_by()
        # By time and not by day, which no index knows.
        .filter(due_at__gte=calendar.start_of(first), due_at__lte=calendar.end_of(days[-1]))
        .annotate(due_on=TruncDate("due_at"))
        .values("due_on")
        .annotate(number=Count("pk"))
    )
    numbers = {row["due_on"]: row["number"] for row in counted}
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    ledger = reverse("web:inbox")
    return [
        Day(day, names[day.weekday()], numbers.get(day, 0), day == first, f"{ledger}?due_from={day}&due_to={day}")
        for day in days
    ]


def _light(item: WorkItem) -> Any:
    now = timezone.now()
    due_at = item.due_at or item.review_at
    return marks.light(light_of(due_at, now=now), due_text(due_at, now=now))


class InboxList(ListPage):
    """Everything that waits for this person (待办)."""

    code = "work.inbox"
    title = gettext_lazy("待办")
    empty_title = gettext_lazy("没有待办事项")
    empty_hint = gettext_lazy("有新的事项时会出现在这里，并发送消息提醒。")
    columns = (
        Column("title", gettext_lazy("事项"), sort="title", link=True, card="title", width="wide"),
        Column("state", gettext_lazy("环节"), value=lambda row: str(_waiting(row).state), card="meta"),
        Column("duty", gettext_lazy("职责"), value=lambda row: label_of(row.duty), sort="duty"),
        Column("light", gettext_lazy("时限"), value=lambda row: _due(row), render=_light, card="meta"),
        Column("due_at", gettext_lazy("办理期限"), sort="due_at", card="meta"),
        Column("person", gettext_lazy("领办人"), value=lambda row: row.person.name if row.person else ""),
        Column("entered_at", gettext_lazy("到达时间"), sort="entered_at"),
        Column("urged", gettext_lazy("催办次数"), value=lambda row: row.urged_count, sort="urged_count", numeric=True),
    )
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),
        Choice(
            name="taken",
            label=gettext_lazy("领办"),
            choices=(("mine", gettext_lazy("已领办")), ("free", gettext_lazy("未领办"))),
            narrows=lambda value: Q(person__isnull=value == "free"),
            pinned=True,
        ),
        Flag(
            name="late",
            label=gettext_lazy("只看超期"),
            condition=lambda actor: Q(due_at__lt=timezone.now()),
            pinned=True,
        ),
        Dates(name="due", label=gettext_lazy("办理期限"), field="due_at", times=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_my_items(actor=actor)

    def url_of(self, row: WorkItem) -> str:
        return _url(row, _loop(row))


class DoneList(ListPage):
    """What this person finished (已办)."""

    code = "work.done"
    title = gettext_lazy("已办")
    empty_title = gettext_lazy("还没有办结的事项")
    columns = (
        Column("title", gettext_lazy("事项"), sort="title", link=True, card="title", width="wide"),
        Column("state", gettext_lazy("环节"), value=lambda row: str(_waiting(row).state), card="meta"),
        Column("duty", gettext_lazy("职责"), value=lambda row: label_of(row.duty), sort="duty"),
        Column("due_at", gettext_lazy("办理期限"), sort="due_at"),
        Column("done_at", gettext_lazy("办结时间"), sort="done_at", card="meta"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),
        Dates(name="done", label=gettext_lazy("办结时间"), field="done_at", times=True, pinned=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_done_by_me(actor=actor)

    def url_of(self, row: WorkItem) -> str:
        return _url(row, _loop(row))


def _due(item: WorkItem) -> str:
    return due_text(item.due_at or item.review_at, now=timezone.now())
