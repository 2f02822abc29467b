"""Words and figures as pages write them: 甲、乙 in Chinese, A, B in English; 12 345. Official papers stay Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _


def listed(words: Iterable[str | Promise]) -> str:
    """The words one after another, with the separator of the language that is active."""
    return _("、").join(str(word) for word in words)


def grouped(number: int) -> str:
    """A whole number with thin grouping of its thousands, from 10,000 on."""
    return f"{number:,}".replace(",", "\u2009") if abs(number) >= 10_000 else str(number)
