"""Another office leads an enterprise: its open dangers, and what is owed on them, go on with that office."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.risk.test_following import handed, other_office
from tests.factories import NOW, make_actor, make_district, make_org

from quancheng.domains.hazards.models import ExpiryReview, Finding
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.expiry_reviews import owe_expiry_reviews
from quancheng.domains.hazards.services.hand_overs import hand_over, receive
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_open_dangers_follow_what_was_handed_over_or_closed_stays() -> None:
    district = make_district()
    file = own_file(district)
    office, lead = district.department, other_office(district)
    brigade = make_org("示例区消防救援大队", area=district.area, links=("transport",), code="FRB")
    fire = make_actor(brigade, "department.officer")
    late = make_finding(district.enterprise, file, name="液氨用软管", is_major=True, criterion="CH-07")
    Finding.objects.filter(pk=late.pk).update(status="FIXING", is_planned=True, deadline=NOW.date() - timedelta(days=3))
    assert owe_expiry_reviews(now=NOW) == 1
    theirs = make_finding(office, file, name="疏散通道堵塞")
    sent = hand_over(actor=office, row=theirs, receiver=brigade, reason="属消防", basis="消防法", now=NOW)
    receive(actor=fire, row=sent, text="", now=NOW)
    closed = make_finding(district.enterprise, file, name="标牌褪色")
    Finding.objects.filter(pk=closed.pk).update(status="CLOSED", closed_at=NOW, accepted_at=NOW,
                                                accepted_by=office.user_id)  # fmt: skip
    look = ExpiryReview.objects.get()
    due = WorkItem.objects.get(subject_id=look.pk, done_at__isnull=True).due_at
    handed(district.enterprise, file, lead)
    led = {row.name: row.supervisor_id for row in Finding.objects.all()}
    assert led == {late.name: lead.organisation_id, theirs.name: fire.organisation_id,
                   closed.name: office.organisation_id}  # fmt: skip
    look.refresh_from_db()
    owed = WorkItem.objects.get(subject_id=look.pk, done_at__isnull=True)
    assert (look.owner_org_id, owed.owner_org_id, owed.due_at) == (lead.organisation_id, lead.organisation_id, due)
    late.refresh_from_db()
    with pytest.raises(NotPermitted):
        services.regrade_finding(actor=office, row=late, name="downgrade", criterion="", reason="不构成", now=NOW)
