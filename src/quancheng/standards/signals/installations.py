"""What an installation of a major hazard must have beside its measured parameters (重大危险源监测监控和自动化要求):
emergency stop and shut-off, safety instrumented system, video, records (Order 40 of 2011, article 13; marks by row).

The parameters themselves are those of ``tags.monitored``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from quancheng.standards.signals.basis import Refused, table, text_of
from quancheng.standards.wording import Text

#: What decides whether something is asked for: what is held, and how large the tank is.
TRAITS: dict[str, Text] = {
    "toxic_gas": Text("毒性气体", "toxic gas"),
    "flammable_gas": Text("易燃气体", "flammable gas"),
    "liquefied_gas": Text("液化气体", "liquefied gas"),
    "highly_toxic": Text("剧毒化学品", "highly toxic substance"),
    "highly_toxic_liquid": Text("剧毒液体", "highly toxic liquid"),
    "watched": Text("按设施类别须视频监控", "of a kind at which video is due"),
    "guarded": Text("按设施类别须监测人员出入", "of a kind at which entry of persons is due"),
    "large_volume": Text("容积大于100立方米", "volume over 100 m³"),
}
#: A tank larger than this has its level told continuously, with high and low alarm [V].
LARGE_VOLUME_M3 = 100
#: Parameters of ``tags.PARAMETERS`` whose tags have a limit: those for which alarm points are prescribed [V]. What
#: switches, as a shut-off does, has none.
LIMITED = frozenset({"level", "pressure", "temperature", "flammable", "toxic", "room_temperature"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for. ``kinds`` of facilities and ``grades`` are empty where all are meant, ``traits``
    where nothing decides; of several traits one is enough.
    """

    code: str
    kinds: frozenset[str]
    grades: frozenset[int]
    traits: frozenset[str]
    text: Text
    basis: Text
    mark: str
    valid_from: date | None

    def holds(self, *, kind: str, grade: int, traits: Collection[str], on: date) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.grades or grade in self.grades)
            and (not self.traits or bool(self.traits & set(traits)))
            and (self.valid_from is None or self.valid_from <= on)
        )


@cache
def every() -> tuple[Asked, ...]:
    """All rows, in their order."""
    return tuple(
        Asked(
            code=row["code"],
            kinds=frozenset(filter(None, row["kinds"].split("|"))),
            grades=frozenset(int(one) for one in row["grades"].split("|") if one),
            traits=frozenset(filter(None, row["traits"].split("|"))),
            text=text_of(row),
            basis=text_of(row, "basis"),
            mark=row["mark"],
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        )
        for row in table("installations")
    )


def asked_of(kind: str, *, grade: int, traits: Collection[str], on: date) -> tuple[Asked, ...]:
    """What is asked of a facility of a kind of the registry, in a major hazard of a grade, on a day; each code once.

    :raises Refused: ``UNKNOWN_TRAIT``, ``BAD_GRADE``.
    """
    if strange := sorted(set(traits) - TRAITS.keys()):
        raise Refused("UNKNOWN_TRAIT", Text(f"没有特征“{strange[0]}”", f"there is no trait {strange[0]!r}"))
    if grade not in (1, 2, 3, 4):
        raise Refused("BAD_GRADE", Text(f"没有{grade}级重大危险源", f"there is no major hazard of grade {grade}"))
    found: dict[str, Asked] = {}
    for one in every():
        if one.holds(kind=kind, grade=grade, traits=traits, on=on):
            found.setdefault(one.code, one)
    return tuple(found.values())
