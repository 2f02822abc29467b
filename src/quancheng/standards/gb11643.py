"""What a resident identity number says of who bears it: the day of birth and the sex.

Source: GB 11643-1999. Whether a number can be one at all (length, check character) the vault asks before it is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

MALE: Literal["male"] = "male"
FEMALE: Literal["female"] = "female"


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHARACTERS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Told:
    """:ivar birth_date: digits 7 to 14. :ivar sex: ``male`` where digit 17 is odd, else ``female``."""

    birth_date: date
    sex: Literal["male", "female"]


def read(number: str) -> Told:
    """:param number: 18 characters, checked before. :raises ValueError: too short, or no such day."""
    if len(number) != 18:
        raise ValueError("not 18 characters")
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return Told(born, MALE if int(number[16]) % 2 else FEMALE)


def age_on(born: date, day: date) -> int:
    """Whole years on a day: who is born on 29 February turns a year older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_character(first: str) -> str:
    """The last character to the 17 digits before it (ISO 7064, MOD 11-2). :raises ValueError: not 17 digits."""
    if len(first) != 17 or not (first.isascii() and first.isdecimal()):
        raise ValueError("not 17 digits")
    return _CHARACTERS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]
