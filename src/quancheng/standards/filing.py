"""When an enterprise's file is to be filed with its lead department (档案备案): first, yearly, and after which changes
within how many days.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from quancheng.standards.enterprise_classes import DATA, enterprise_classes, holds
from quancheng.standards.wording import Text

FIRST, YEARLY, CHANGE = "first", "yearly", "change"
TRIGGERS: dict[str, Text] = {
    FIRST: Text("首次", "first filing"),
    YEARLY: Text("定期", "at intervals"),
    CHANGE: Text("变更", "on change"),
}
DAYS, WORKING_DAYS = "days", "working_days"
UNITS: dict[str, Text] = {DAYS: Text("日", "days"), WORKING_DAYS: Text("个工作日", "working days")}
#: Parts of a file that a filing says; a fact of a rule is one of them, or one with a column or kind of row behind it.
SECTIONS: dict[str, Text] = {
    "base": Text("基本情况", "Basic data"),
    "people": Text("责任人员", "People in charge"),
    "leases": Text("租赁", "Leases"),
    "units": Text("单元", "Units"),
    "facilities": Text("设施", "Facilities"),
    "stock": Text("储存品种和设计量", "Chemicals held and design quantities"),
    "licences": Text("证照", "Licences"),
    "posts": Text("法定岗位", "Posts by law"),
    "products": Text("产品", "Products"),
    "hazards": Text("重大危险源", "Major hazards"),
}


@dataclass(frozen=True, slots=True)
class FilingRule:
    """One rule: what calls for a filing, and within how long. ``lead_days``: the work begins so long before the last
    day. ``facts`` are those whose change calls. It holds from ``valid_from`` to ``valid_to`` (both counted).
    """

    code: str
    name: Text
    trigger: str
    classes: tuple[str, ...]
    excepted: tuple[str, ...]
    needs: str
    days: int
    unit: str
    lead_days: int
    facts: tuple[str, ...]
    basis: str
    clause: str
    mark: str
    valid_from: date
    valid_to: date | None
    note: Text

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@cache
def filing_rules() -> tuple[FilingRule, ...]:
    """All rules in their order; one code may stand more than once, for different classes."""
    with (DATA / "filing_rules.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_rule(row) for row in csv.DictReader(file))


def rules_for(
    kinds: Sequence[str], facts: Mapping[str, bool | None], *, on: date, trigger: str
) -> tuple[FilingRule, ...]:
    """The rules of a trigger that bind an enterprise of these classes on a day, for sure: a fact that nobody told
    binds nobody. ValueError for an unknown class, fact or trigger.
    """
    if trigger not in TRIGGERS:
        raise ValueError(f"no trigger {trigger!r}; there are {', '.join(TRIGGERS)}")
    known = enterprise_classes()
    if unknown := sorted(set(kinds) - set(known)):
        raise ValueError(f"no enterprise class: {', '.join(unknown)}")
    found = []
    for one in filing_rules():
        wanted, doubts = holds(one.needs, "", facts)
        if one.trigger == trigger and one.is_in_force(on) and wanted and not doubts and _binds(one, kinds):
            found.append(one)
    return tuple(found)


def called_by(rule: FilingRule, changed: Collection[str]) -> tuple[str, ...]:
    """Which of the facts that changed a rule looks at: ``base.address`` is part of ``base``."""
    return tuple(
        fact for fact in sorted(changed) if any(fact == one or fact.startswith(f"{one}.") for one in rule.facts)
    )


def _binds(rule: FilingRule, kinds: Sequence[str]) -> bool:
    return any(kind not in rule.excepted and (rule.classes == ("*",) or kind in rule.classes) for kind in kinds)


def _rule(row: Mapping[str, str]) -> FilingRule:
    return FilingRule(
        code=row["code"],
        name=Text(row["zh"], row["en"]),
        trigger=row["trigger"],
        classes=tuple(row["classes"].split("|")),
        excepted=tuple(one for one in row["except"].split("|") if one),
        needs=row["needs"],
        days=int(row["days"]),
        unit=row["unit"],
        lead_days=int(row["lead_days"]),
        facts=tuple(one for one in row["facts"].split("|") if one),
        basis=row["basis"],
        clause=row["clause"],
        mark=row["mark"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        note=Text(row["note"], row["note_en"]),
    )
