"""A district whose enterprise has something to tell an upper platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.domains.hazards.factories import own_file
from tests.domains.risk.factories import make_event, make_measure, make_object, make_unit
from tests.factories import NOW, District, make_actor, make_district
from tests.support.upper_platform import KEY, SECRET, Upper

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.services import exchange_adapters, exchange_sending
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver

CODE = "990100001"


@dataclass
class Scene:
    district: District
    file: Enterprise
    head: Actor
    unit: RiskUnit
    event: RiskEvent
    measure: Measure

    def rows(self, **asked: Any) -> dict[str, str]:
        """State of each row of the queue, by table."""
        return dict(ExchangeRow.objects.filter(**asked).values_list("table", "state"))

    def hear(self) -> None:
        """What workers do with the events of dangers."""
        for one in Delivery.objects.filter(subscriber="hazards.exchange", done_at__isnull=True):
            deliver(event_id=one.event_id, subscriber=one.subscriber, now=NOW)


def make_scene() -> Scene:
    """One unit, event and measure, entered before anybody was to be told."""
    district = make_district()
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(registration_code=CODE)
    file.refresh_from_db()
    unit = make_unit(district.enterprise, make_object(district.enterprise, file, place=None))
    event = make_event(district.enterprise, unit)
    measure = make_measure(district.enterprise, event)
    head = make_actor(district.enterprise_org, "enterprise.head", name="示例负责人")
    return Scene(district, file, head, unit, event, measure)


def make_adapter(scene: Scene, url: str, *, way: str = "a", on: bool = True, **more: Any) -> ExchangeAdapter:
    known = {
        "name": "示例上级平台", "variant": way.upper(), "url": f"{url}/{way}", "counts_url": f"{url}/counts",
        "org_code": "ORG001", "cipher": "none" if way == "b" else "aes_cbc", "key": KEY, "secret": SECRET,
        "is_park": True, **more,
    }  # fmt: skip
    row = exchange_adapters.enter_adapter(actor=scene.head, file=scene.file, known=known, now=NOW)
    if on:
        exchange_adapters.switch_adapter(actor=scene.head, row=row, on=True, now=NOW)
        exchange_adapters.fill_adapter(actor=scene.head, row=row, now=NOW)
    return row


def send(adapter: ExchangeAdapter, now: datetime = NOW) -> int:
    return exchange_sending.send_due(adapter_id=adapter.pk, now=now)


__all__ = ["CODE", "Scene", "Upper", "make_adapter", "make_scene", "send"]
