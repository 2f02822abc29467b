"""Exact numbers: sums are fractions, what is shown is a decimal.

A third has no decimal: three times 0.1 t of phosgene are exactly one threshold quantity of 0.3 t, and decimals of any
length would call it less.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_DOWN, Decimal, Inexact, localcontext
from fractions import Fraction
from typing import NamedTuple

#: Decimals that are shown. What has more is cut, never rounded up, so that nothing below a limit reads as reaching it.
PLACES = 12


class Quotient(NamedTuple):
    """A quotient that is worked out only where somebody reads it."""

    dividend: Decimal
    divisor: Decimal

    def exact(self) -> Fraction:
        return Fraction(self.dividend) / Fraction(self.divisor)


@contextmanager
def exactly() -> Iterator[None]:
    """Decimals without rounding: what would not fit raises ``decimal.Inexact`` (the limits of inputs forbid it)."""
    with localcontext() as context:
        context.prec = 400
        context.traps[Inexact] = True
        yield


def shown(value: Fraction) -> Decimal:
    """A fraction as a decimal: exact where it ends within :data:`PLACES` decimals, else cut there."""
    with localcontext() as context:
        context.prec, context.traps[Inexact] = 400, False
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return tidy(exact.quantize(Decimal(1).scaleb(-PLACES), rounding=ROUND_DOWN))


def plain(value: Decimal | Fraction) -> str:
    """A number as people write it: exact whatever its length, without exponent and without noughts behind."""
    text = format(value if isinstance(value, Decimal) else shown(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tidy(value: Decimal) -> Decimal:
    """The same number without noughts behind: 4, not 4.000; never with an exponent."""
    return Decimal(plain(value))
