"""Two files joined across towns, and taken apart after something arose: who sees what, and what is locked first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.registry.models import Enterprise, EnterpriseMerge, Facility, Licence, MajorHazard, Unit
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db

DOUBLE = "乙街无名仓库"


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def files(district: District) -> tuple[Enterprise, Enterprise]:
    """One in the first street, and its double in the other."""
    kept = make_file(district.department, area=district.street_area, credit_code=CODES[0])
    double = make_file(district.department, area=district.other_street_area, name=DOUBLE, kind="unlicensed", code="")
    return kept, double


def merged(district: District, kept: Enterprise) -> EnterpriseMerge:
    given = {"act": "merge", "other": DOUBLE, "reason": "同一经营者，迁址"}
    answer = client_of(district.department).post(f"/registry/enterprises/{kept.pk}", given)
    assert answer.status_code == 303, answer.content.decode()
    return EnterpriseMerge.objects.get()


def undo(district: District, merge: EnterpriseMerge) -> Any:
    given = {"act": "undo", "reason": "后来查明是两家"}
    return client_of(district.department).post(f"/registry/merges/{merge.pk}", given)


def test_what_moves_to_a_file_of_another_town_is_seen_there_and_no_longer_here_until_it_is_undone(
    district: District,
) -> None:
    kept, double = files(district)
    spec = LicenceSpec(kind="OPERATING", known={"number": "示例经营证1", "valid_to": date(2099, 12, 31)})
    licence = enter_licence(actor=district.department, file=double, spec=spec, now=NOW)
    path = f"/registry/licences/{licence.pk}"
    here, there = client_of(district.town), client_of(district.other_town)
    assert (here.get(path).status_code, there.get(path).status_code) == (404, 200)
    merge = merged(district, kept)
    assert (here.get(path).status_code, there.get(path).status_code) == (200, 404)
    # The score of a file is measured for each anew: it is no row that could not move.
    assert merge.stayed == {}
    assert undo(district, merge).status_code == 303
    assert (here.get(path).status_code, there.get(path).status_code) == (404, 200)
    licence = Licence.objects.get(pk=licence.pk)
    assert (licence.area_id, licence.links, licence.owner_org_id) == (double.area_id, double.links, double.pk)


def test_what_was_entered_since_under_a_unit_goes_back_with_it_and_a_step_that_is_owed_ends_first(
    district: District,
) -> None:
    kept, double = files(district)
    unit = make_unit(district.department, double)
    made = make_facility(district.department, unit)
    merge = merged(district, kept)
    facility = Facility.objects.get(pk=made.pk)
    unit = Unit.objects.get(pk=unit.pk)
    holding = make_holding(district.department, facility, "甲醇", design_t=1)
    assert holding.file_id == kept.pk
    graver = make_facility(district.department, unit, code="V-102")
    chlorine = make_holding(district.department, graver, "氯", design_t=65)
    hazard = MajorHazard.objects.get(unit=unit)
    answer = undo(district, merge)
    assert answer.status_code == 409
    assert "重大危险源备案" in answer.content.decode()
    unit.refresh_from_db()
    assert unit.file_id == kept.pk
    hazard.checks.update(status="CONFIRMED")
    MajorHazard.objects.filter(pk=hazard.pk).update(status="DELISTED", closed_at=NOW)
    WorkItem.objects.filter(owner_org=kept.pk).update(done_at=NOW)
    chlorine.facility.storage_findings.update(status="CLEARED", gone_at=NOW)
    answer = undo(district, merge)
    assert answer.status_code == 303, answer.content.decode()
    for row in (unit, holding, hazard):
        row.refresh_from_db()
    assert {unit.file_id, holding.file_id, hazard.owner_org_id, hazard.enterprise_id} == {double.pk}
    assert hazard.area_id == double.area_id


def test_a_double_that_owes_a_step_anywhere_is_not_retired(district: District) -> None:
    kept, double = files(district)
    WorkItem.objects.create(
        owner_org=double.enterprise, subject_type="duty.assignment", subject_id=double.pk, loop_code="duty.assignment",
        state="SENT", duty="duty.work", title="示例专项自查", entered_at=NOW, due_at=NOW,
    )  # fmt: skip
    given = {"act": "merge", "other": DOUBLE, "reason": "同一经营者"}
    answer = client_of(district.department).post(f"/registry/enterprises/{kept.pk}", given)
    assert answer.status_code == 409
    assert "示例专项自查" in answer.content.decode()
    assert not EnterpriseMerge.objects.exists()


def test_units_are_locked_before_their_files_as_by_whoever_assesses_a_unit(district: District) -> None:
    kept, double = files(district)
    make_unit(district.department, double)
    for act in (lambda: merged(district, kept), lambda: undo(district, EnterpriseMerge.objects.get())):
        with CaptureQueriesContext(connection) as told:
            act()
        first = {
            table: next(
                number for number, one in enumerate(told.captured_queries)
                if f'"registry_{table}"' in one["sql"].split("WHERE")[0]
                and (one["sql"].startswith("UPDATE") or " FOR " in one["sql"])
            )
            for table in ("unit", "enterprise")
        }  # fmt: skip
        assert first["unit"] < first["enterprise"]
