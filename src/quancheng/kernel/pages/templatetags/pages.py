"""Template tags of the pages: marks, icons, times. They format; they decide nothing and query nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from quancheng.kernel.pages import loopview, marks, times, words
from quancheng.kernel.pages.filters import Control
from quancheng.kernel.pages.nav import Entry

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, extra: str = "") -> SafeString:
    """A symbol of the sprite. Icons are never alone: a word stands beside, or the control has a label.

    Kept once made: every page has some hundreds, and names come from templates alone.
    """
    return format_html(
        '<svg class="qc-icon {}" width="20" height="20" aria-hidden="true"><use href="{}#{}"></use></svg>',
        extra,
        static("web/icons.svg"),
        name,
    )


@register.simple_tag
def menu_entries(entries: Iterable[Entry]) -> SafeString:
    """The lines of a group of the menu. Made here and not by a template: every page has up to two hundred of them."""
    lines = (
        f"{_line(one.url, one.icon, str(one.label), one.current)}{menu_count(one)}</a></li>" for one in entries
    )  # fmt: skip
    return mark_safe("\n".join(lines))  # noqa: S308 - each line is escaped


@lru_cache(maxsize=4096)
def _line(url: str, icon_name: str, label: str, is_current: bool) -> SafeString:
    """What stands before the count of an entry; kept, since there are as many as addresses and languages."""
    current = mark_safe(' aria-current="page"') if is_current else ""
    return format_html('<li><a href="{}"{}>{}<span>{}</span>', url, current, icon(icon_name), label)


@register.simple_tag
def menu_count(entry: Entry, is_fresh: bool = False) -> SafeString:
    """How much waits behind an entry; ``is_fresh``: a newer one that takes the place of the one shown."""
    return _count(entry.code, entry.count, entry.hint, is_fresh)


@lru_cache(maxsize=4096)
def _count(code: str, count: str, hint: str, is_fresh: bool) -> SafeString:
    return format_html(
        '<span id="qc-nav-{}"{}{}>{}</span>', code, mark_safe(' hx-swap-oob="true"') if is_fresh else "",
        format_html(' title="{}"', hint) if hint else "",
        format_html('<span class="qc-count">{}</span>', count) if count else "",
    )  # fmt: skip


@register.simple_tag
def risk(level: str, word: str | None = None) -> SafeString:
    return marks.risk(level, word)


@register.simple_tag
def warning(level: str, word: str | None = None) -> SafeString:
    return marks.warning(level, word)


@register.simple_tag
def light(colour: str, word: str | None = None) -> SafeString:
    return marks.light(colour, word)


@register.simple_tag
def badge(word: str, tone: str = "plain") -> SafeString:
    return marks.badge(word, tone)


@register.simple_tag
def due(due_at: datetime | None, now: datetime | None = None) -> SafeString | str:
    """A deadline as a task light with its words; ``now`` is the page's time."""
    if due_at is None:
        return ""
    at = now or timezone.now()
    return marks.light(loopview.light_of(due_at, now=at), times.due_text(due_at, now=at))


@register.filter
def may_take_back(actor: Any, link: Any) -> bool:
    """Whether the reader of the page may still take back a file that a record holds."""
    return bool(actor and link.is_takeable_by(actor.user_id))


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-11-23."""
    return times.date_text(value)


@register.filter
def minute(value: datetime | None) -> str:
    """2026-11-23 14:05."""
    return times.time_text(value)


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago or ahead, without direction: for ``title`` texts."""
    return "" if value is None else times.span_text(timezone.now() - value)


@register.simple_tag
def stamp(value: datetime | None) -> SafeString | str:
    """A time as a ``<time>`` element that programs can read too."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), times.time_text(value))


@register.filter
def grouped(value: Any) -> Any:
    """A number with its thousands grouped; anything else as it is."""
    return words.grouped(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


@register.filter
def listed(value: Any) -> str:
    """Words one after another, as the language separates them."""
    return words.listed(value)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether a bound field is a single tick box, whose label stands beside it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def closed(controls: list[Control]) -> list[Control]:
    """Filters that stand behind 更多: neither pinned nor in use."""
    return [control for control in controls if not (control.pinned or control.active or control.error)]


@register.filter
def numbers_to(count: int | str) -> range:
    """0 to count - 1, for a row of like things."""
    return range(int(count))


@register.filter
def json_script_of(data: Any, name: str) -> SafeString:
    """Data for an island as a JSON script element with the id ``<name>-data``."""
    return json_script(data, f"{name}-data")
