"""Yearly assessment on site of how dual prevention was built and runs (运行成效评估): 100 points and 10 extra.

Names and points of the elements [V]; hints for the form and the reuse of the weekly grades [D]. Detailed rules of
deduction are not known: an assessor gives points and says why where they are not full. A table counts from a day on:
a later one comes beside it, and what was assessed by the earlier keeps it. Reusing the grades, we reuse the vetoes of
the weekly evaluation too: where one applies on site the total is nought and the grade the lowest [D].
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from quancheng.standards.risk.basis import BadInput, number, table, text_of
from quancheng.standards.risk.running_effect import DEFAULT, Grade, Parameters, grade_of, vetoes
from quancheng.standards.wording import Text

#: The element beyond 100.
EXTRA = "A7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A table of elements and points, in force from a day on."""

    code: str
    name: Text
    starts: date
    mark: str
    dates_mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One B element, with the A element that it belongs to."""

    a_code: str
    a_name: Text
    a_full: int
    code: str
    name: Text
    full: int
    hint: Text
    mark: str
    hint_mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an assessor gave: points, why not more, on what evidence."""

    points: int | Decimal
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentResult:
    """The sum: ``base`` of 100, ``extra`` of 10, ``total`` of both, nought where a veto applies. ``missing`` are
    elements that nobody assessed; while there are some, ``grade`` is None.
    """

    base: Decimal
    extra: Decimal
    total: Decimal
    is_vetoed: bool
    by_a: tuple[tuple[str, Decimal], ...]
    missing: tuple[str, ...]
    errors: Mapping[str, Text]
    grade: Grade | None


@cache
def templates() -> tuple[Template, ...]:
    """All tables, the earliest first."""
    found = [
        Template(
            code=row["code"],
            name=text_of(row),
            starts=date.fromisoformat(row["starts"]),
            mark=row["mark"],
            dates_mark=row["dates_mark"],
        )
        for row in table("running_templates")
    ]
    return tuple(sorted(found, key=lambda one: one.starts))


def template_on(day: date) -> Template:
    """The table in force on a day; the first one for days before it."""
    standing = [one for one in templates() if one.starts <= day]
    return standing[-1] if standing else templates()[0]


@cache
def elements(template: str = "") -> tuple[Element, ...]:
    """All elements of a table in order; of the newest where none is named."""
    wanted = template or templates()[-1].code
    return tuple(
        Element(
            a_code=row["a_code"],
            a_name=text_of(row, "a"),
            a_full=int(row["a_full"]),
            code=row["code"],
            name=text_of(row),
            full=int(row["full"]),
            hint=text_of(row, "hint"),
            mark=row["mark"],
            hint_mark=row["hint_mark"],
        )
        for row in table("running_assessment")
        if row["template"] == wanted
    )


def assess(
    given: Mapping[str, Given],
    *,
    template: str = "",
    vetoed: Collection[str] = (),
    parameters: Parameters = DEFAULT,
) -> AssessmentResult:
    """The sum of an assessment, by the codes of B elements. ``errors`` say at which element points are out of range or
    lack their reason (less than full of the 100; the extra needs none); points out of range do not count.

    :param vetoed: codes of the weekly evaluation's vetoes that apply.
    :raises BadInput: an element or a veto that there is not.
    """
    if strange := set(vetoed) - {veto.code for veto in vetoes()}:
        raise BadInput("vetoes", Text(f"没有否决项{min(strange)}", f"There is no veto {min(strange)}"))
    known = {one.code: one for one in elements(template)}
    if unknown := sorted(set(given) - set(known)):
        raise BadInput(unknown[0], Text("没有这一要素", "There is no such element"))
    errors: dict[str, Text] = {}
    by_a = {one.a_code: Decimal(0) for one in known.values()}
    for code, told in given.items():
        element = known[code]
        try:
            points = number(code, told.points, high=element.full)
        except BadInput as refused:
            errors[code] = refused.reason
            continue
        if points < element.full and element.a_code != EXTRA and not told.reason.strip():
            errors[code] = Text("未得满分，请写明扣分原因", "Not full: say why")
        by_a[element.a_code] += points
    base = sum((points for code, points in by_a.items() if code != EXTRA), Decimal(0))
    missing = tuple(one.code for one in known.values() if one.code not in given and one.a_code != EXTRA)
    total = Decimal(0) if vetoed else base + by_a[EXTRA]
    return AssessmentResult(
        base=base,
        extra=by_a[EXTRA],
        total=total,
        is_vetoed=bool(vetoed),
        by_a=tuple(by_a.items()),
        missing=missing,
        errors=errors,
        grade=None if missing or errors else grade_of(total, parameters),
    )
