"""Marks (标志): the three colour systems, each with its own shape and always with its word, and plain badges.

Risk is a filled square, warning a triangle, task light a round dot. They never mix: a caller names the system, not a
colour. Everything here returns safe HTML without ``style=``; colours come from the style sheet.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

Text = str | Promise

#: Risk levels (风险分级), most severe first; low risk is blue, never green.
RISKS: dict[str, Text] = {
    "red": _("重大风险"),
    "orange": _("较大风险"),
    "yellow": _("一般风险"),
    "blue": _("低风险"),
}
#: Warning levels (预警级别), Ⅰ to Ⅳ.
WARNINGS: dict[str, Text] = {
    "red": _("Ⅰ级预警"),
    "orange": _("Ⅱ级预警"),
    "yellow": _("Ⅲ级预警"),
    "blue": _("Ⅳ级预警"),
}
#: Task lights (任务灯): on time, near, overdue.
LIGHTS: dict[str, Text] = {
    "green": _("正常"),
    "yellow": _("临近"),
    "red": _("超期"),
}
#: Tones of a badge: how much attention a state wants. No colour system of its own, only weight.
TONES = ("plain", "active", "done", "quiet")

_SQUARE = mark_safe('<rect x="1.25" y="1.25" width="11.5" height="11.5" rx="1"/>')
_TRIANGLE = mark_safe('<path d="M7 1.4 13.1 12.4H.9Z" stroke-linejoin="round"/>')
_DOT = mark_safe('<circle cx="7" cy="7" r="5.75"/>')


def _mark(system: str, colour: str, shape: SafeString, word: Text) -> SafeString:
    return format_html(
        '<span class="qc-mark qc-{} qc-{}-{}"><svg class="qc-shape" viewBox="0 0 14 14" width="14" height="14" '
        'aria-hidden="true">{}</svg><span>{}</span></span>',
        system,
        system,
        colour,
        shape,
        word,
    )


def risk(level: str, word: Text | None = None) -> SafeString:
    """A risk mark: square and word. KeyError on an unknown level."""
    return _mark("risk", level, _SQUARE, RISKS[level] if word is None else word)


def warning(level: str, word: Text | None = None) -> SafeString:
    """A warning mark: triangle and word. KeyError on an unknown level."""
    return _mark("warning", level, _TRIANGLE, WARNINGS[level] if word is None else word)


def light(colour: str, word: Text | None = None) -> SafeString:
    """A task light: round dot and word. KeyError on an unknown colour."""
    return _mark("light", colour, _DOT, LIGHTS[colour] if word is None else word)


def badge(word: Text, tone: str = "plain") -> SafeString:
    """A bordered word for a state; ``tone`` is one of :data:`TONES`."""
    if tone not in TONES:
        raise ValueError(f"unknown tone: {tone}")
    return format_html('<span class="qc-badge qc-badge-{}">{}</span>', tone, word)
