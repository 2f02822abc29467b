"""Classes of protected objects (防护目标) and the individual risk that each may bear (个人风险基准).

Source: GB 36894-2018. The figures agree with the trial standard of 2014 [V]; what belongs to a class is told here by
the number of people alone [G]: area, floors and nature of a building are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quancheng.standards.risk.basis import whole
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """A class of protected objects with its limits of individual risk, per year: new and in-service installations."""

    code: str
    name: Text
    new_limit: Decimal
    in_service_limit: Decimal
    mark: str


#: By code. ``first`` holds highly sensitive and important objects too: the three have the same limits.
CLASSES: dict[str, ObjectClass] = {
    one.code: one
    for one in (
        ObjectClass("first", Text("高敏感、重要和一般一类防护目标", "Highly sensitive, important and general class 1"),
                    Decimal("3E-7"), Decimal("3E-6"), "V"),
        ObjectClass("second", Text("一般二类防护目标", "General class 2"), Decimal("3E-6"), Decimal("1E-5"), "V"),
        ObjectClass("third", Text("一般三类防护目标", "General class 3"), Decimal("1E-5"), Decimal("3E-5"), "V"),
    )
}  # fmt: skip
#: Persons from which an object is of the first, of the second class. [G]
FIRST_FROM, SECOND_FROM = 100, 30


def class_of_people(persons: int) -> str:
    """The class of a general object by how many people are there.

    :raises BadInput: no whole number from 0 on.
    """
    persons = whole("persons", persons)
    if persons >= FIRST_FROM:
        return "first"
    return "second" if persons >= SECOND_FROM else "third"
