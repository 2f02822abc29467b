"""Hidden dangers tell the early-warning index what is open, what is late, and what was put right in time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.hazards.factories import make_finding, own_file
from tests.factories import NOW, make_district

from quancheng.domains.hazards.models import Finding, RunningWeek
from quancheng.domains.hazards.queries import index_facts
from quancheng.domains.risk.models import EnterpriseIndex
from quancheng.domains.risk.services.index import work_out

pytestmark = pytest.mark.django_db


def test_open_and_late_dangers_are_signs_and_a_late_major_one_is_a_floor() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district))
    later = NOW + timedelta(days=10)
    quiet = index_facts.open_dangers([row.file_id], NOW)[row.file_id]
    assert [one.sign for one in quiet.seen] == ["hazard.GENERAL"]
    Finding.objects.filter(pk=row.pk).update(deadline=NOW.date())
    late = index_facts.open_dangers([row.file_id], later)[row.file_id]
    assert [(one.sign, one.days_late) for one in late.seen] == [("hazard.GENERAL_LATE", 10)]
    assert index_facts.late_majors([row.file_id], later) == {}
    assert index_facts.on_time([row.file_id], later)[row.file_id].value == 0
    assert index_facts.closed([row.file_id], NOW) == {}
    Finding.objects.filter(pk=row.pk).update(is_major=True)
    assert list(index_facts.late_majors([row.file_id], later)) == [row.file_id]


def test_the_newest_published_week_is_the_management_score() -> None:
    district = make_district()
    file = own_file(district)
    assert index_facts.running_effect([file.pk], NOW) == {}
    for weeks, score in ((2, "61.0"), (1, "83.5")):
        RunningWeek.objects.create(
            file=file, monday=NOW.date() - timedelta(days=1 + 7 * weeks), counts={}, e=Decimal(score), grade="good",
            counted_at=NOW - timedelta(days=1),
        )  # fmt: skip
    assert index_facts.running_effect([file.pk], NOW)[file.pk].value == pytest.approx(0.835)
    assert index_facts.running_effect([file.pk], NOW + timedelta(days=60)) == {}
    work_out(ids=[file.pk], because="night", now=NOW)
    row = EnterpriseIndex.objects.get(file=file)
    assert row.score == Decimal("83.5")
    named = {one["code"]: one for one in row.parts if one["group"] == "management"}
    assert list(named) == ["effect"]
