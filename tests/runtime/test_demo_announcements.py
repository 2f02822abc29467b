"""The announcements of the demo district: a month of them, one late, one false with its finding, today's waiting."""

from __future__ import annotations

import pytest
from tests.runtime.test_demo_registry import load_registry

from quancheng.domains.hazards.models import Finding
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.risk import demo_announcements
from quancheng.domains.risk.models import Announcement, Doubt, GateScreen, SpotCheck
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver


@pytest.mark.slow
@pytest.mark.django_db
def test_a_month_was_announced_and_today_waits() -> None:
    district = load_registry()
    desk = Desk(district)
    demo_announcements.load(desk, [one.pk for one in district.enterprises])
    assert Announcement.objects.filter(status="PUBLISHED").count() == 90
    assert Announcement.objects.filter(is_late=True).count() == 1
    assert Announcement.objects.filter(status="OPEN", day=desk.today).count() == 3
    assert set(Doubt.objects.values_list("reason", "status")) == {("LATE", "FOUND"), ("HAZARDS", "FOUND")}
    for one in Delivery.objects.filter(subscriber="hazards.announced"):
        deliver(event_id=one.event_id, subscriber=one.subscriber, now=district.now)
    assert Finding.objects.filter(checklist_item="FC-35").count() == 2
    assert GateScreen.objects.get().file_id == district.enterprises[0].pk
    assert SpotCheck.objects.filter(status="DUE").count() == 1
