"""The smallest valid rows of the domain ``duty``."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from tests.factories import NOW, District

from quancheng.domains.duty.models import Assignment, Task
from quancheng.domains.duty.services.tasks import TaskSpec, issue_task

_numbers = itertools.count(1)


def make_task(district: District, **given: Any) -> Task:
    """A dated task of the office for the department, due 2026-10-31, unless given otherwise."""
    number = next(_numbers)
    fields: dict[str, Any] = {
        "title": "开展危险化学品专项检查",
        "text": "对辖区危险化学品企业开展专项检查。",
        "kind": "dated",
        "start_date": date(2026, 9, 1),
        "due_date": date(2026, 10, 31),
        "code": f"T-{number:04}",
        "leads": [(district.department_org, "区应急局")],
        "origin": "manual",
        **given,
    }
    actor, now = fields.pop("actor", district.officer), fields.pop("now", NOW)
    return issue_task(actor=actor, spec=TaskSpec(**fields), now=now)


def make_assignment(district: District, **given: Any) -> Assignment:
    return Assignment.objects.get(task=make_task(district, **given))
