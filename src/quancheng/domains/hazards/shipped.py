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
from quancheng.standards.risk import check_cycles, rhythm

#: The screening guide's code in the register.
GUIDE = "HDG78"
#: The same as a checklist by which units are screened.
GUIDE_LIST = "CL-HDG78"
GUIDE_NUMBER = "应急〔2019〕78号"
_GUIDE_FORMS = ("daily", "seasonal", "holiday", "comprehensive", "analogy", "restart", "hazop")


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
    yield _guide_list()
    yield {
        "code": GUIDE,
        "kind": "document",
        "zh": "危险化学品企业安全风险隐患排查治理导则",
        "en": "Guide to screening chemical enterprises for risks and hidden dangers",
        "issuer": "应急管理部",
        "editions": [
            {
                "number": GUIDE_NUMBER,
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


def _guide_list() -> dict[str, Any]:
    """The guide as a checklist: areas, tables of its annex, and forms of screening with their least frequency.

    Its own items do not ship: who enters them does so as a newer edition.
    """
    return {
        "code": GUIDE_LIST,
        "kind": "checklist",
        "zh": "危险化学品企业排查治理导则检查表",
        "en": "Checklist of the guide to screening chemical enterprises",
        "issuer": "本平台",
        "editions": [
            {
                "number": "平台版1",
                "from": "2025-01-01",
                "mark": "G",
                "dates": "D",
                "note": "依据导则的14个管理方面、9张检查表名称和排查频次，导则原文检查项待录入。",
                "clauses": [
                    *(_part("A", "管理方面", one) | {"basis": GUIDE_NUMBER} for one in lists.guide_areas()),
                    *(_part("T", "检查表", one) | {"basis": GUIDE_NUMBER} for one in lists.guide_tables()),
                    *(_rhythm(number, one) for number, one in enumerate(_guide_rhythms(), start=1)),
                ],
            }
        ],
    }


def _guide_rhythms() -> tuple[rhythm.Form, ...]:
    """Forms of screening of the guide itself; those of other papers and our own are left out."""
    return tuple(one for one in rhythm.forms() if one.form in _GUIDE_FORMS)


def _rhythm(number: int, one: rhythm.Form) -> dict[str, Any]:
    """A form of screening with its least frequency, as an item that can be answered."""
    zh, en = one.text.zh, one.text.en
    if one.times and one.every:
        unit, bound = check_cycles.UNITS[one.unit], rhythm.BOUNDS[one.bound]
        if one.bound == "at_most":
            zh, en = f"{zh}，{bound.zh}{one.every}{unit.zh}", f"{en}: {bound.en} {one.every} ({unit.en})"
        else:
            zh = f"{zh}，每{one.every}{'个月' if one.unit == 'month' else unit.zh}{bound.zh}{one.times}次"
            en = f"{en}: {bound.en} {one.times} every {one.every} ({unit.en})"
    return {
        "place": f"F{number}",
        "title": "排查形式和频次",
        "summary": f"{zh}（{one.who.zh}）",
        "summary_en": f"{en} ({one.who.en})",
        "basis": GUIDE_NUMBER,
        # Seen in a summary of the guide, not in the guide.
        "mark": "P" if one.mark == "V" else one.mark,
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
