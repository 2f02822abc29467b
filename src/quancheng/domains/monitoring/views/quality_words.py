"""How figures of alarm quality are shown (报警系统绩效)."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.queries.alarm_sums import FIGURES, Figure
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.words import told

GRADES: dict[str, tuple[Text, str]] = {
    "met": (gettext_lazy("达标"), "done"), "manageable": (gettext_lazy("可管理"), "plain"),
    "missed": (gettext_lazy("未达标"), "active"),
}  # fmt: skip


def name(code: str) -> str:
    return told(FIGURES[code].target.name)


#: The same where the language is not known yet.
label = lazy(name, str)


def value(code: str, number: float | None) -> str:
    """A figure as people read it; a dash where nothing was there to measure."""
    if number is None:
        return "—"
    shown = FIGURES[code].shown
    if shown == "share":
        return f"{number * 100:.1f}%"
    if shown == "seconds":
        return seconds(number)
    return f"{number:.0f}" if shown == "count" else f"{number:.2f}"


def seconds(number: float) -> str:
    """A length of time in its two greatest units."""
    whole = round(number)
    if whole < 60:
        return _("%(s)s秒") % {"s": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("%(m)s分%(s)s秒") % {"m": minutes, "s": rest}
    hours, minutes = divmod(minutes, 60)
    return _("%(h)s小时%(m)s分") % {"h": hours, "m": minutes}


def target(figure: Figure) -> str:
    """What a figure should be, and what can still be managed."""
    if figure.target.target is None:
        return ""
    code = next(code for code, one in FIGURES.items() if one is figure)
    sign = "≥" if figure.target.is_least else "≤"
    if figure.target.target == 0:
        return "0"
    text = f"{sign} {value(code, figure.target.target)}"
    if figure.target.manageable is not None:
        return _("%(target)s（可管理 ≤ %(most)s）") % {
            "target": text, "most": value(code, figure.target.manageable),
        }  # fmt: skip
    return text


def grade(code: str) -> Any:
    """How a figure stands to its target, as a badge; nothing where it has none."""
    if code not in GRADES:
        return ""
    word, tone = GRADES[code]
    return marks.badge(word, tone)
