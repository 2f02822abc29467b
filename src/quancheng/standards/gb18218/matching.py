"""Which items of table 1 a chemical may be.

Source: GB 18218-2018, 4.1.2 a) and table 1.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache

from quancheng.standards import cas as cas_numbers
from quancheng.standards.gb18218.model import BadInput, Note
from quancheng.standards.gb18218.tables import Item, table1
from quancheng.standards.lists import MIXTURE_NAMES
from quancheng.standards.lists.names import base, normalise
from quancheng.standards.wording import Text

#: Said by a person who knows that no item of table 1 applies.
NO_ITEM = "none"


def item_name(item: Item) -> Text:
    """An item as people name it."""
    return _name(item.number)


@cache
def _name(number: int) -> Text:
    item = table1()[number]
    return Text(f"第{item.number}项“{item.name}”", f"item {item.number}, {item.name_en}")


@cache
def _by_cas() -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in table1().values():
        for number in (*item.cas, *item.cas_also):
            found[number].append(item)
    return {number: tuple(items) for number, items in found.items()}


@cache
def _by_name() -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in table1().values():
        told = {normalise(name) for name in (item.name, item.name_en, *item.aliases, *item.also)}
        for name in told | {base(item.name), base(item.name_en)}:
            found[name].append(item)
    return {name: tuple(items) for name, items in found.items()}


@lru_cache(maxsize=65536)
def candidates(cas: str, name: str, grade: str) -> tuple[tuple[Item, ...], tuple[Note, ...]]:
    """The items that CAS number, name and grade leave, and what is doubtful about that.

    :raises BadInput: a CAS number that is none; a grade that is no item.
    """
    number = _number(cas)
    by_cas = _by_cas().get(number, ()) if number else ()
    by_name, doubts = _named(name)
    if number and not by_cas and len(by_name) == 1 and by_name[0].cas:
        # The name is an item's, the number is another substance's.
        doubts.append(Note.of("doubt.cas_and_name", cas=number, items=tuple(map(item_name, by_name))))
    both = tuple(item for item in by_cas if item in by_name)
    if by_cas and by_name and not both:
        every = (*by_cas, *by_name)
        doubts.append(Note.of("doubt.cas_and_name", cas=number, items=tuple(map(item_name, every))))
        items = every
    else:
        items = both or by_cas or by_name
    items = tuple(item for item in items if not {normalise(name), base(name)} & set(map(normalise, item.not_names)))
    return _graded(items, grade, doubts)


def _number(cas: str) -> str:
    if not cas.strip():
        return ""
    read = cas_numbers.read(cas)
    if read.fault is None:
        return read.number
    if read.fault.code == "check":
        raise BadInput("cas", "bad.cas_check", found=read.fault.found, expected=read.fault.expected)
    raise BadInput("cas", "bad.cas_shape", found=read.fault.found)


def _named(name: str) -> tuple[tuple[Item, ...], list[Note]]:
    if not name.strip() or normalise(name) in MIXTURE_NAMES:
        return (), []
    known = _by_name()
    if found := known.get(normalise(name)):
        return found, []
    if found := known.get(base(name)):
        return found, [Note.of("doubt.remark", name=name.strip(), items=tuple(map(item_name, found)))]
    return (), []


def _told(items: tuple[Item, ...], grade: str) -> Item | None:
    """The item that a grade names: by its number, or by words of its name that no other possible item has."""
    if grade.isascii() and grade.isdigit():
        return table1().get(int(grade)) if len(grade) < 4 else None
    found = [item for item in items if normalise(grade) in normalise(item.name)]
    return found[0] if len(found) == 1 else None


def _graded(items: tuple[Item, ...], grade: str, doubts: list[Note]) -> tuple[tuple[Item, ...], tuple[Note, ...]]:
    if not grade:
        return items, tuple(doubts)
    if grade == NO_ITEM:
        return (), ()
    told = _told(items, grade)
    if told is None:
        raise BadInput("grade", "bad.grade")
    if told in items or not items:
        # A person may name an item that neither number nor name shows: a trade name, a group entry.
        return (told,), tuple(note for note in doubts if told not in items)
    every = (*items, told)
    return every, (*doubts, Note.of("doubt.grade_elsewhere", items=tuple(map(item_name, every))))
