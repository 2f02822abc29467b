"""Records of the domain ``duty`` for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.duty.factories import make_assignment, make_task
from tests.factories import District


def task(district: District) -> Record:
    """A task of the office that the department leads."""
    row = make_task(district, title="标记任务")
    return Record({"pk": row.pk}, "标记任务")


def assignment(district: District) -> Record:
    """The first town's share of another task."""
    row = make_assignment(district, title="标记分工", leads=[(district.town_org, "甲街道")])
    return Record({"pk": row.pk}, "标记分工")
