"""Identification and grading of major hazard installations (危险化学品重大危险源辨识).

Source: GB 18218-2018. Clause numbers are general knowledge [G]; the tables' marks stand in their files. One unit is
assessed at a time, never an enterprise: :func:`assess` takes a :class:`Unit` and returns a :class:`Result` with its
steps and its doubts. What cannot be decided from what is given is never guessed in silence: the more dangerous choice
is used meanwhile and a doubt says so. ``docs/gb18218.md`` says what is decided and what is doubted.
"""

from quancheng.standards.gb18218.assess import Graded, Rate, assess, graded, quantity_of, rate_of
from quancheng.standards.gb18218.model import (
    EDITION,
    TABLE_VERSION,
    BadInput,
    Doubt,
    Note,
    Result,
    Step,
    Stock,
    Unit,
)
from quancheng.standards.gb18218.numbers import exactly, shown

__all__ = [
    "EDITION",
    "TABLE_VERSION",
    "BadInput",
    "Doubt",
    "Graded",
    "Note",
    "Rate",
    "Result",
    "Step",
    "Stock",
    "Unit",
    "assess",
    "exactly",
    "graded",
    "quantity_of",
    "rate_of",
    "shown",
]
