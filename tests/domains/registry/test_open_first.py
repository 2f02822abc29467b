"""Lists that promise open rows first give them first: a row without an end comes before those that ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, QuerySet
from tests.domains.registry.factories import make_facility, make_file, make_unit
from tests.factories import NOW, client_of, make_district

from quancheng.domains.registry.models import Clue, Facility
from quancheng.domains.registry.queries import applications, census, checks, hazards, projects
from quancheng.domains.registry.queries.enterprises import facilities_of
from quancheng.domains.registry.services.clues import ClueSpec, judge_clue, report_clue
from quancheng.kernel.access.actor import system_actor

LISTS: list[Callable[..., QuerySet[Any]]] = [
    applications.list_applications, census.list_censuses, census.list_clues, checks.list_reverifications,
    checks.list_stoppages, hazards.list_hazards, projects.list_projects,
]  # fmt: skip


@pytest.mark.parametrize("read", LISTS, ids=lambda read: read.__name__)
def test_a_list_begins_with_what_has_not_ended(read: Callable[..., QuerySet[Any]]) -> None:
    first = read(actor=system_actor("test")).query.order_by[0]
    assert first == F("closed_at").desc(nulls_first=True)


@pytest.mark.django_db
def test_an_open_clue_stands_above_one_that_was_dismissed_and_what_is_in_service_above_what_is_not() -> None:
    district = make_district()
    made = [
        report_clue(
            actor=district.town, spec=ClueSpec(title, district.street_area, "示例路3号", "三只大桶"), evidence=[],
            now=NOW + timedelta(hours=number),
        )
        for number, title in enumerate(("不属实的线索", "待核查的线索"))
    ]  # fmt: skip
    judge_clue(actor=district.department, clue=Clue.objects.get(pk=made[0].pk), name="dismiss", text="不实", now=NOW)
    page = client_of(district.department).get("/registry/clues").content.decode()
    assert page.index("待核查的线索") < page.index("不属实的线索")
    unit = make_unit(district.department, make_file(district.department, area=district.street_area))
    gone, standing = (make_facility(district.department, unit, code=code) for code in ("V-101", "V-102"))
    Facility.objects.filter(pk=gone.pk).update(decommissioned_date=NOW.date(), decommission_record="示例")
    assert [one.pk for one in facilities_of(unit)] == [standing.pk, gone.pk]
