"""Words and figures as pages write them: 甲、乙 in Chinese, A, B in English; 12 345. Official papers stay Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from quancheng.standards.wording import Text


def listed(words: Iterable[str | Promise]) -> str:
    """The words one after another, with the separator of the language that is active."""
    return _("、").join(str(word) for word in words)


def first_of(texts: list[str]) -> str:
    """The first of them and how many there are, for a line of a list; its page has them all."""
    if len(texts) < 2:
        return "".join(texts)
    return _("%(first)s等%(count)s项") % {"first": texts[0], "count": len(texts)}


def told(text: Text) -> str:
    """What a standard says, in the reader's language."""
    return text.in_language(translation.get_language() or "zh")


def grouped(number: int | Decimal, *, places: int | None = None) -> str:
    """A number with thin grouping of its thousands, from 10,000 on.

    :param places: digits after the point; None for as many as it has, without trailing zeros.
    """
    if isinstance(number, int) and places is None:
        text = f"{number:,}"
    else:
        exact = Decimal(number)
        text = f"{exact.normalize():,f}" if places is None else f"{exact:,.{places}f}"
    return text.replace(",", "\u2009" if abs(Decimal(number)) >= 10_000 else "")
