"""What ships with the house goes into the law register: criteria by family and edition, checklists, and their bases.

The tables of :mod:`quancheng.standards.hidden_dangers` are the one copy; here they take the shape in which the register
is loaded. What stands in the register already, entered by whomever, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from quancheng.standards.hidden_dangers import checklists as lists
from quancheng.standards.hidden_dangers import criteria as module

#: The screening guide's code in the register.
GUIDE = "HDG78"


def texts() -> Iterator[dict[str, Any]]:
    """Texts of the register, each with its editions and their clauses."""
    for family in module.families().values():
        yield {
            "code": family.text_code,
            "kind": "criteria" if family.is_criteria else "checklist",
            "zh": family.name.zh,
            "en": family.name.en,
            "issuer": family.issuer,
            "editions": [_edition(one) for one in module.editions(family.code)],
        }
    for checklist in lists.checklists().values():
        yield {
            "code": checklist.text_code,
            "kind": "checklist",
            "zh": checklist.name.zh,
            "en": checklist.name.en,
            "issuer": "本平台",
            "editions": [
                {
                    "number": checklist.edition,
                    "from": checklist.starts.isoformat(),
                    "mark": checklist.mark,
                    "dates": checklist.mark,
                    "clauses": [_item(one) for one in checklist.items],
                }
            ],
        }
    yield {
        "code": GUIDE,
        "kind": "document",
        "zh": "危险化学品企业安全风险隐患排查治理导则",
        "en": "Guide to screening chemical enterprises for risks and hidden dangers",
        "issuer": "应急管理部",
        "editions": [
            {
                "number": "应急〔2019〕78号",
                "from": "2019-08-12",
                "mark": "P",
                "dates": "G",
                "note": "只录入14个管理方面和9张检查表的名称，检查项待录入。",
                "clauses": [
                    *(_part("A", "管理方面", one) for one in lists.guide_areas()),
                    *(_part("T", "检查表", one) for one in lists.guide_tables()),
                ],
            }
        ],
    }


def _edition(one: module.Edition) -> dict[str, Any]:
    those = [each for each in module.criteria().values() if (each.family, each.edition) == (one.family, one.number)]
    return {
        "number": one.number,
        "adopted": _day(one.adopted),
        "from": _day(one.starts),
        "to": _day(one.ends),
        "mark": one.mark,
        "dates": one.dates_mark,
        "note": one.note.zh,
        "clauses": [_criterion(each) for each in those],
    }


def _criterion(one: module.Criterion) -> dict[str, Any]:
    return {
        "place": one.code,
        "title": module.trades()[one.trade].zh if one.trade else "",
        "summary": one.text.zh,
        "summary_en": one.text.en,
        "basis": one.basis,
        "grade": one.kind,
        "mark": one.mark,
    }


def _item(one: lists.Item) -> dict[str, Any]:
    return {
        "place": one.code,
        "summary": one.text.zh,
        "summary_en": one.text.en,
        "basis": one.basis,
        "grade": one.grade.value,
        "refers": list(one.criteria),
        "mark": one.mark,
    }


def _part(letter: str, title: str, one: lists.GuidePart) -> dict[str, Any]:
    note = one.note
    return {
        "place": f"{letter}{one.number}",
        "title": title,
        "summary": f"{one.name.zh}（{note.zh}）" if note.zh else one.name.zh,
        "summary_en": f"{one.name.en} ({note.en})" if note.en else one.name.en,
        "mark": one.mark,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
