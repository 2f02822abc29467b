"""Hidden dangers tell the early-warning index what is open, what is late, and what was put right in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.hazards.factories import make_finding, own_file
from tests.factories import NOW, make_district

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries import index_facts

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
