"""Posts that must be filled by law: deputies and engineers of the technical team, registered safety engineers, safety
managers, the three named persons of each major hazard.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache

from quancheng.standards.enterprise_classes import DATA, holds, known_class
from quancheng.standards.wording import Text

#: Registered safety engineers as a share of the safety managers, where the staff is larger than [G].
ENGINEER_SHARE = Decimal("0.15")
ENGINEER_STAFF = 300
#: Full-time safety managers as a share of the staff; below this staff one is enough [G].
MANAGER_SHARE = Decimal("0.02")
MANAGER_STAFF = 50

#: The four deputies (四副).
FOUR_DEPUTIES = ("DEPUTY_SAFETY", "DEPUTY_EQUIPMENT", "DEPUTY_PROCESS", "DEPUTY_INSTRUMENT")
#: The three engineers (三师).
THREE_ENGINEERS = ("ENGINEER_EQUIPMENT", "ENGINEER_PROCESS", "ENGINEER_INSTRUMENT")


@dataclass(frozen=True, slots=True)
class Post:
    """One post for some classes (``*``: all). ``count`` is a number, or how it is counted: engineer_share,
    manager_share, per_major_hazard."""

    code: str
    name: Text
    classes: tuple[str, ...]
    needs: str
    count: str
    basis: str
    clause: str
    mark: str
    note: Text


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many holders a post must have in one enterprise. ``mark`` is that of the demand, ``count_mark`` that of
    the number.
    """

    post: Post
    count: int
    count_mark: str
    doubts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A post that has fewer holders than it must; with doubts in the requirement it is to be settled whether it
    must.
    """

    requirement: Requirement
    filled: int

    @property
    def lacking(self) -> int:
        """How many holders are missing."""
        return self.requirement.count - self.filled


@cache
def posts() -> tuple[Post, ...]:
    """All posts in their order; one code may stand more than once, for different classes."""
    with (DATA / "posts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Post(
                code=row["code"],
                name=Text(row["zh"], row["en"]),
                classes=tuple(row["classes"].split("|")),
                needs=row["needs"],
                count=row["count"],
                basis=row["basis"],
                clause=row["clause"],
                mark=row["mark"],
                note=Text(row["note"], row["note_en"]),
            )
            for row in csv.DictReader(file)
        )


def requirements(
    enterprise_class: str,
    facts: Mapping[str, bool | None] | None = None,
    *,
    staff: int | None = None,
    safety_managers: int | None = None,
    major_hazards: int | None = None,
) -> tuple[Requirement, ...]:
    """The posts that an enterprise must fill, with their numbers.

    ``staff`` is the whole staff, ``safety_managers`` how many of them manage safety, ``major_hazards`` how many it
    has (None: not told). What is not told leaves the post in with the least number and a doubt. ValueError for an
    unknown class or fact, and for a negative number.
    """
    known_class(enterprise_class)
    for name, value in (("staff", staff), ("safety_managers", safety_managers), ("major_hazards", major_hazards)):
        if value is not None and value < 0:
            raise ValueError(f"{name} must not be negative: {value}")
    told = dict(facts or {})
    if major_hazards is not None:
        told["major_hazard"] = major_hazards > 0
    due = []
    for post in posts():
        wanted, doubts = holds(post.needs, "", told)
        if not wanted or not ({enterprise_class, "*"} & set(post.classes)):
            continue
        count, mark, doubt = _count(post.count, staff, safety_managers, major_hazards)
        due.append(Requirement(post, count, mark or post.mark, doubts + ((doubt,) if doubt else ())))
    return tuple(due)


def gaps(
    enterprise_class: str,
    filled: Mapping[str, int],
    facts: Mapping[str, bool | None] | None = None,
    *,
    staff: int | None = None,
    safety_managers: int | None = None,
    major_hazards: int | None = None,
) -> tuple[Gap, ...]:
    """The posts with too few holders. ``filled`` holds by post code how many persons hold it. ValueError as
    :func:`requirements`, and for a code that is no post's."""
    if unknown := sorted(set(filled) - {post.code for post in posts()}):
        raise ValueError(f"no post: {', '.join(unknown)}")
    due = requirements(
        enterprise_class, facts, staff=staff, safety_managers=safety_managers, major_hazards=major_hazards
    )
    return tuple(Gap(each, filled.get(each.post.code, 0)) for each in due if filled.get(each.post.code, 0) < each.count)


def _count(
    rule: str, staff: int | None, safety_managers: int | None, major_hazards: int | None
) -> tuple[int, str, Text | None]:
    if rule == "per_major_hazard":
        if major_hazards is None:
            return 1, "", Text("未填写重大危险源个数", "The number of major hazards was not told")
        return major_hazards, "", None
    if rule == "engineer_share":
        if staff is None:
            return 1, "G", Text("未填写职工人数，按至少1人", "The staff was not told; at least 1")
        if staff <= ENGINEER_STAFF:
            return 1, "G", None
        if safety_managers is None:
            return 1, "G", Text("未填写安全管理人员人数，按至少1人", "The safety managers were not told; at least 1")
        return max(1, _share(ENGINEER_SHARE, safety_managers)), "G", None
    if rule == "manager_share":
        if staff is None:
            return 1, "G", Text("未填写职工人数，按至少1人", "The staff was not told; at least 1")
        return (1 if staff < MANAGER_STAFF else max(1, _share(MANAGER_SHARE, staff))), "G", None
    return int(rule), "", None


def _share(share: Decimal, of: int) -> int:
    return int((share * of).to_integral_value(rounding=ROUND_CEILING))
