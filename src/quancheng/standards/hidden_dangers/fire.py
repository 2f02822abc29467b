"""How comprehensive elements (综合判定要素) of the fire rules add up: counts, by which a person judges.

Source: GB 35181-2017, chapters 6 and 7 [G]. The edition of 2025 has a chapter of the same name whose wording is not
entered, so from 2025-11-01 on each answer carries a doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quancheng.standards.hidden_dangers.criteria import criteria, edition_on, known_criterion
from quancheng.standards.wording import Text

#: Kinds of places.
PLACES: dict[str, Text] = {
    "flammable": Text("易燃易爆场所", "flammable or explosive place"),
    "crowded": Text("人员密集场所", "crowded place"),
    "other": Text("其他场所", "other place"),
}
#: How many of the five elements for flammable places, and how many of any kind, make a major fire danger.
OF_FIVE = 3
OF_ANY = {"flammable": 4, "crowded": 4, "other": 6}
#: The edition whose counts these are.
_COUNTED_BY = "GB 35181-2017"
_DOUBT = Text(
    f"计数规则按{_COUNTED_BY}，当日施行的版本条文未录入，须核对",
    f"Counted by {_COUNTED_BY}; the wording in force on the day is not entered and must be checked",
)


@dataclass(frozen=True, slots=True)
class FireCount:
    """Whether enough elements came together, with the counts that say so."""

    reaches: bool
    steps: tuple[Text, ...]
    doubts: tuple[Text, ...]


def five_elements() -> tuple[str, ...]:
    """Codes of the five elements that count among themselves in a flammable place."""
    return tuple(one.code for one in criteria().values() if one.kind == "element")


def count_elements(found: Iterable[str], *, others: int = 0, place: str, on: date) -> FireCount:
    """Count the elements found in a place.

    :param found: codes of elements that ship; one named twice counts once.
    :param others: how many further elements of the standard, which do not ship, were found.
    :raises ValueError: an unknown place or code, a code that is no element, fewer than no others.
    """
    if place not in PLACES:
        raise ValueError(f"no kind of place {place!r}; there are {', '.join(PLACES)}")
    if others < 0:
        raise ValueError("a count is not negative")
    codes = set(found)
    if wrong := sorted(code for code in codes if known_criterion(code).kind != "element"):
        raise ValueError(f"no comprehensive elements: {', '.join(wrong)}")
    five, every, needed = len(codes), len(codes) + others, OF_ANY[place]
    steps = []
    if place == "flammable":
        steps.append(
            Text(f"易燃易爆场所五项要素中有{five}项，达到{OF_FIVE}项即构成",
                 f"{five} of the five elements for flammable places; {OF_FIVE} are enough")
        )  # fmt: skip
    steps.append(
        Text(f"{PLACES[place].zh}综合判定要素共{every}项，达到{needed}项即构成",
             f"{every} comprehensive elements in a {PLACES[place].en}; {needed} are enough")
    )  # fmt: skip
    edition = edition_on("FIRE", on)
    is_known = edition is not None and edition.number == _COUNTED_BY
    reaches = (place == "flammable" and five >= OF_FIVE) or every >= needed
    return FireCount(reaches, tuple(steps), () if is_known else (_DOUBT,))
