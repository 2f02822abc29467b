"""A permit from its request to its close, and what refuses it on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import NOW, accepted, crew_of, make_draft, prepare, sign_all
from tests.factories import make_district

from quancheng.domains.permits.services import preparing, working

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC"])
def test_a_permit_of_each_kind_goes_from_request_to_close(kind):
    district = make_district()
    crew = crew_of(district, kind)
    permit = make_draft(district, kind, crew)
    prepare(crew, permit)
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    at = sign_all(crew, permit, now=at)
    assert permit.status == "ISSUED"
    working.start_work(actor=crew.safety, permit=permit, now=at)
    working.finish_work(actor=crew.safety, permit=permit, note="现场已恢复", now=at + timedelta(hours=1))
    working.accept_work(actor=crew.head, permit=permit, note="验收合格", now=at + timedelta(hours=2), **accepted(kind))
    working.close_permit(actor=crew.safety, permit=permit, now=at + timedelta(hours=3))
    permit.refresh_from_db()
    assert (permit.status, permit.number) == ("CLOSED", f"{kind}2026-0001")
