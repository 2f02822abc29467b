"""Navigation (导航): the menu by duty.

Each app registers its entries in ``ready``; an actor sees those he has a use for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.urls import get_urlconf, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.counting import count_up_to, told
from quancheng.kernel.pages import errands
from quancheng.kernel.pages.words import listed

Text = str | Promise

#: Nobody reads a larger number beside a menu's entry, and counting it would cost every page.
MOST_COUNTED = 99
#: With more entries than this in all, only some groups stand open.
MOST_OPEN = 20
#: Groups in their order: by what people do, not by table.
GROUPS: dict[str, Text] = {
    "today": _("今日"),
    "duty": _("任务"),
    "risk": _("风险"),
    "hazards": _("隐患"),
    "permits": _("作业"),
    "training": _("人员"),
    "alarms": pgettext_lazy("several", "报警"),
    "monitoring": _("监测"),
    "flow": _("流向"),
    "transport": _("运输"),
    "enforcement": _("执法"),
    "emergency": _("应急"),
    "public": _("公众"),
    "registry": _("档案"),
    "statistics": _("统计"),
    "admin": _("管理"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu.

    :param group: a key of :data:`GROUPS`.
    :param url_name: a URL that takes no arguments; entries light up on every address below theirs.
    :param icon: name of a symbol of the icon sprite.
    :param duty: the duty, or any of the duties, that one must hold to see the entry; None for everybody signed in.
    :param administrator: the administrator whose entry it is (``system``, ``security``, ``audit``); business entries,
        which leave it empty, are not shown to administrators unless ``for_all`` is set.
    :param waiting: rows that wait behind the entry for this actor, whose number is shown; none shows nothing.
    :param order: place within the group.
    :param when: a further condition, where no duty says it.
    """

    group: str
    label: Text
    url_name: str
    icon: str
    duty: str | tuple[str, ...] | None = None
    order: int = 100
    administrator: str = ""
    for_all: bool = False
    waiting: Callable[[Actor], QuerySet[Any]] | None = None
    when: Callable[[Actor], bool] | None = None
    #: Its hint tells what is counted beside it (``kernel.pages.errands``).
    tells_errands: bool = False

    def is_for(self, actor: Actor) -> bool:
        """Whether the menu of this actor has the entry."""
        if self.administrator:
            return actor.administrator == self.administrator
        if actor.administrator and not self.for_all:
            return False
        if self.when is not None and not self.when(actor):
            return False
        if self.duty is None:
            return True
        wanted = (self.duty,) if isinstance(self.duty, str) else self.duty
        return any(actor.has(duty) for duty in wanted)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as one page shows it; ``count`` is empty where nothing waits, and 99+ beyond that."""

    label: Text
    url: str
    icon: str
    current: bool
    count: str
    #: The address's name as an element's id takes it.
    code: str = ""
    #: What else waits, in words.
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group with at least one entry."""

    code: str
    label: Text
    entries: list[Entry]
    #: A long menu shows what is for today and the group of this page; the others are opened by hand.
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickItem:
    """The button in the middle of a phone's bottom bar, e.g. 随手拍: the first that the actor holds the duty for."""

    label: Text
    url_name: str
    icon: str
    duty: str | None = None
    order: int = 100

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_items: dict[str, NavItem] = {}
_quick: dict[str, QuickItem] = {}


def register_quick(item: QuickItem) -> None:
    """Offer a button for the middle of the bottom bar."""
    _quick[item.url_name] = item


def quick_for(actor: Actor) -> QuickItem | None:
    """The actor's button; None where nothing was offered to him."""
    offered = sorted(_quick.values(), key=lambda item: (item.order, item.url_name))
    return next((item for item in offered if item.duty is None or actor.has(item.duty)), None)


def register(item: NavItem) -> None:
    """Add an entry; called in an app's ``ready``. The same URL twice with another content is a mistake of ours."""
    if item.group not in GROUPS:
        raise ValueError(f"unknown navigation group: {item.group}")
    known = _items.get(item.url_name)
    if known is not None and known != item:
        raise ValueError(f"navigation entry registered twice: {item.url_name}")
    _items[item.url_name] = item


def unregister(url_name: str) -> None:
    """Take an entry out again: for tests."""
    _items.pop(url_name, None)


def all_items() -> list[NavItem]:
    """Every entry in the order of the menu."""
    places = {code: place for place, code in enumerate(GROUPS)}
    return sorted(_items.values(), key=lambda item: (places[item.group], item.order, item.url_name))


def menu_for(actor: Actor, path: str) -> list[Group]:
    """The actor's menu; the entry whose address is the longest beginning of ``path`` is the current one. One query."""
    mine = [(item, _address(item.url_name, get_urlconf())) for item in all_items() if item.is_for(actor)]
    current = max((url for _item, url in mine if _is_within(path, url)), key=len, default=None)
    waiting = {item.url_name: item.waiting(actor) for item, _url in mine if item.waiting is not None}
    owed = errands.waiting(actor, timezone.now()) if any(item.tells_errands for item, _url in mine) else {}
    counts = count_up_to(MOST_COUNTED, {**waiting, **{f"errand {code}": rows for code, rows in owed.items()}})
    hint = listed(f"{errands.label_of(code)} {told(number, MOST_COUNTED)}"
                  for code in owed if (number := counts[f"errand {code}"]))  # fmt: skip
    groups: dict[str, list[Entry]] = {}
    for item, url in mine:
        number = counts.get(item.url_name, 0)
        count = told(number, MOST_COUNTED) if number else ""
        told_beside = hint if item.tells_errands else ""
        code = item.url_name.replace(":", "-")
        entry = Entry(item.label, url, item.icon, url == current, count, code, told_beside)
        groups.setdefault(item.group, []).append(entry)
    return [
        Group(
            code, GROUPS[code], entries,
            is_open=len(mine) <= MOST_OPEN or code == "today" or any(one.current for one in entries),
        )
        for code, entries in groups.items()
    ]  # fmt: skip


@cache
def _address(url_name: str, _urlconf: str | None) -> str:
    """The menu has a hundred addresses on every page, and none of them changes."""
    return reverse(url_name)


def _is_within(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url if url.endswith("/") else url + "/"))
