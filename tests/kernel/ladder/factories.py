"""Something late, without any domain: work items as a loop would leave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories import NOW, District

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.ids import uuid7
from quancheng.kernel.work.models import WorkItem


def make_item(district: District, *, due_in_days: int = 0, now: datetime = NOW, **given: Any) -> WorkItem:
    """An open step of the department, due at the end of the day so many days from ``now``."""
    calendar = Calendar()
    fields: dict[str, Any] = {
        "owner_org": district.department_org,
        "area": district.area,
        "subject_type": "duty.assignment",
        "subject_id": uuid7(),
        "loop_code": "duty.assignment",
        "state": "IN_PROGRESS",
        "duty": "papers.reply",
        "title": "T-0001 开展储存场所专项检查",
        "entered_at": now - timedelta(days=90),
        "due_at": calendar.end_of(calendar.local_date(now) + timedelta(days=due_in_days)),
        "ladder": "task",
        **given,
    }
    return WorkItem.objects.create(**fields)
