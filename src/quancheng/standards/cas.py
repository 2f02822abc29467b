"""CAS registry numbers (化学文摘登记号): one form for what people type, and the check digit.

Source: the Chemical Abstracts Service's rule: digits before the last hyphen, from right to left, times 1, 2, 3, …,
summed, modulo 10. Whether a number was ever given to a substance is *not* checked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LABEL = re.compile(r"^CAS\s*(?:RN|NO\.?|NUMBER|登记号|号)?\s*[:#]?\s*", re.I)
#: Every hyphen and dash that spreadsheets and word processors put in the place of one.
_DASHES = re.compile("[‐‑‒–—―−－﹣-]")
_SHAPE = re.compile(r"(\d{2,7})-(\d{2})-(\d)")
_DIGITS = re.compile(r"\d{5,10}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: ``shape``, or ``check`` with the digit ``found`` and the one ``expected``."""

    code: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One digit of the sum, from the right: the digit and its weight, 1 for the first."""

    digit: int
    weight: int


@dataclass(frozen=True, slots=True)
class CasNumber:
    """A number as read: ``7782-50-5``; as typed, without blanks, where its shape is wrong."""

    number: str
    fault: Fault | None = None
    steps: tuple[Step, ...] = ()

    @property
    def is_valid(self) -> bool:
        return self.fault is None


def check_digit(digits: str) -> str:
    """The check digit of the 4 to 9 digits before it, hyphens left out."""
    return str(sum(int(digit) * weight for weight, digit in enumerate(reversed(digits), 1)) % 10)


def read(text: str) -> CasNumber:
    """Read a number as people type it: full width, any dash or none, leading noughts, "CAS:" before it."""
    plain = _LABEL.sub("", unicodedata.normalize("NFKC", text).strip())
    plain = "".join(_DASHES.sub("-", plain).split())
    if _DIGITS.fullmatch(plain) and plain.isascii():
        plain = f"{plain[:-3]}-{plain[-3:-1]}-{plain[-1]}"
    # Tables of fixed width fill up with noughts; no number begins with one.
    number = plain.lstrip("0")
    if not number.isascii() or not _SHAPE.fullmatch(number):
        return CasNumber(plain, Fault("shape", plain))
    digits = number.replace("-", "")
    steps = tuple(Step(int(digit), weight) for weight, digit in enumerate(reversed(digits[:-1]), 1))
    expected = check_digit(digits[:-1])
    fault = None if expected == digits[-1] else Fault("check", digits[-1], expected)
    return CasNumber(number, fault, steps)
