"""The unified social credit code of legal entities (统一社会信用代码).

Source: GB 32100-2015, clause 5 and annex A (structure and check character), and GB 11714-1997 (全国组织机构代码编制
规则) for the check character of the organisation code inside. Whether a code was ever issued is *not* checked.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: What may stand in a code; the place of a character is its value. I, O, S, V and Z are not used.
MARKS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
UNUSED = "IOSVZ"
#: What was probably meant by a letter that is not used.
_MEANT = {"I": "1", "O": "0", "S": "5", "Z": "2"}
_ORGANISATION_MARKS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    ``code``: ``length`` (``found`` characters instead of ``expected``), ``letter`` (a letter that is not used),
    ``mark`` (neither digit nor letter), ``area`` (places 3 to 8 are not six digits), ``organisation_check`` (place 17)
    or ``check`` (place 18). ``place`` counts from 1; ``expected`` is empty where nothing can be said.
    """

    code: str
    place: int | None = None
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One character of a weighted sum: place from 1, the character, its value, its weight."""

    place: int
    mark: str
    value: int
    weight: int

    @property
    def product(self) -> int:
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code as read: upper case, without blanks; its parts where it has 18 characters; what is wrong with it."""

    code: str
    faults: tuple[Fault, ...]
    #: The weighted sum of clause 5; empty where length or characters forbid it.
    steps: tuple[Step, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.faults

    @property
    def department(self) -> str:
        """The department that registers (登记管理部门代码), place 1."""
        return self.code[0:1]

    @property
    def category(self) -> str:
        """The kind of entity within the department (机构类别代码), place 2."""
        return self.code[1:2]

    @property
    def area(self) -> str:
        """The division of the registering office (登记管理机关行政区划码), places 3 to 8."""
        return self.code[2:8]

    @property
    def organisation_code(self) -> str:
        """The organisation code (主体标识码), places 9 to 17."""
        return self.code[8:17]


def check_character(first: str) -> str:
    """The 18th character that 17 characters of :data:`MARKS` demand.

    :raises ValueError: another length, or a character that is not used.
    """
    if len(first) != 17:
        raise ValueError("17 characters are needed")
    total = sum(MARKS.index(mark) * weight for mark, weight in zip(first, _WEIGHTS, strict=True))
    return MARKS[-total % 31]


def organisation_check_character(first: str) -> str:
    """The ninth character that eight digits or capital letters of an organisation code demand (X stands for 10).

    :raises ValueError: another length, or another character.
    """
    if len(first) != 8:
        raise ValueError("8 characters are needed")
    total = sum(
        _ORGANISATION_MARKS.index(mark) * weight for mark, weight in zip(first, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def read(text: str) -> CreditCode:
    """Read a code as people type it: full width, small letters, blanks and hyphens are taken.

    Where length or characters are wrong nothing is said about check characters. An organisation code whose own check
    character is wrong is a fault also where the 18th character agrees: then two characters are wrong.
    """
    code = "".join(unicodedata.normalize("NFKC", text).upper().split()).replace("-", "")
    faults = [_bad_mark(place, mark) for place, mark in enumerate(code, 1) if mark not in MARKS]
    if len(code) != 18:
        faults.insert(0, Fault("length", found=str(len(code)), expected="18"))
    elif all(mark in MARKS for mark in code[2:8]) and not code[2:8].isdigit():
        faults.append(Fault("area", 3, code[2:8]))
    if len(code) != 18 or any(mark not in MARKS for mark in code):
        return CreditCode(code, tuple(faults))
    expected = organisation_check_character(code[8:16])
    if code[16] != expected:
        faults.append(Fault("organisation_check", 17, code[16], expected))
    if code[17] != (expected := check_character(code[:17])):
        faults.append(Fault("check", 18, code[17], expected))
    steps = tuple(
        Step(place, mark, MARKS.index(mark), weight)
        for place, (mark, weight) in enumerate(zip(code[:17], _WEIGHTS, strict=True), 1)
    )
    return CreditCode(code, tuple(faults), steps)


def _bad_mark(place: int, mark: str) -> Fault:
    if mark in UNUSED:
        return Fault("letter", place, mark, _MEANT.get(mark, ""))
    return Fault("mark", place, mark)
