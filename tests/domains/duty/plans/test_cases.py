"""Plans of our own with every form of the grammar; the answers were counted by hand from the documents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from quancheng.domains.duty.documents.read import read_file
from quancheng.domains.duty.plans import ParsedPlan, parse_plan

CASES = Path(__file__).resolve().parents[3] / "cases" / "plans"
NAMES = sorted(folder.name for folder in CASES.iterdir() if (folder / "expected.json").exists())


def _case(name: str) -> tuple[dict[str, Any], ParsedPlan]:
    source = next(path for path in (CASES / name).iterdir() if path.stem == "plan")
    return json.loads((CASES / name / "expected.json").read_text()), parse_plan(read_file(source).lines)


def _levels(sections: list[dict[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for section in sections:
        found[str(section["level"])] += 1
        found += _levels(section["children"])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_head_of_the_document_is_read_as_counted_by_hand(name: str):
    expected, plan = _case(name)
    meta = plan.to_json()["meta"]
    assert {key: meta[key] for key in expected["meta"]} == expected["meta"]


@pytest.mark.parametrize("name", NAMES)
def test_the_headings_are_found_as_counted_by_hand(name: str):
    expected, plan = _case(name)
    assert dict(_levels(plan.to_json()["sections"])) == expected["sections"]
    assert [doubt.code for _, doubt in plan.warnings] == expected.get("warnings", [])


@pytest.mark.parametrize("name", NAMES)
def test_tasks_units_deadlines_and_targets_are_found_as_counted_by_hand(name: str):
    expected, plan = _case(name)
    found = []
    for task, answer in zip(plan.to_json()["tasks"], [*expected["tasks"], *[{}] * 99], strict=False):
        row = {
            "line": task["line"],
            "lead_units": task["lead_units"],
            "support_units": task["support_units"],
            "deadlines": [[one["kind"], one["date"], one["rule"]] for one in task["deadlines"]],
            "targets": [[one["value"], one["unit"]] for one in task["targets"]],
        }
        for key in ("persons", "leading_official"):
            if key in answer:
                row[key] = task[key]
        for key in ("strive", "fuzzy"):
            if key in answer:
                row[key] = task["deadline"][key]
        found.append(row)
    assert found == expected["tasks"]


@pytest.mark.parametrize("name", NAMES)
def test_report_duties_are_found_with_every_date_of_the_period(name: str):
    expected, plan = _case(name)
    found = [
        {
            "line": report["line"],
            "from_units": report["from_units"],
            "to": report["to"],
            "kind": report["deadline"]["kind"],
            "first": report["dates"][0] if report["dates"] else None,
            "count": len(report["dates"]),
        }
        for report in plan.to_json()["reports"]
    ]
    assert found == expected["reports"]
