"""A district whose enterprise tells its permits to an upper platform, and what workers do with events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.domains.permits.factories import NOW, Crew, crew_of
from tests.factories import District
from tests.support.upper_platform import KEY, SECRET

from quancheng.domains.hazards.models import ExchangeAdapter
from quancheng.domains.hazards.services import exchange_adapters, exchange_sending
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import Person
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.vault import services as vault

CODE, PHONE = "990100001", "13900000000"


def hear(now: datetime = NOW) -> None:
    """What workers do with events of permits, alarms and findings, until nothing is left."""
    while open_ones := list(
        Delivery.objects.filter(subscriber__startswith="permits.", done_at__isnull=True).order_by("pk")
    ):
        for one in open_ones:
            deliver(event_id=one.event_id, subscriber=one.subscriber, now=now)


def connected(district: District, url: str = "", **more: Any) -> tuple[Crew, ExchangeAdapter]:
    """The crew of an enterprise with a code and a telephone, and its way up."""
    crew = crew_of(district)
    file = Enterprise.objects.get(pk=district.enterprise_org.pk)
    Enterprise.objects.filter(pk=file.pk).update(registration_code=CODE)
    Person.objects.filter(pk=crew.leader.pk).update(phone=vault.seal(vault.PHONE, PHONE))
    file.refresh_from_db()
    known = {
        "name": "示例园区平台", "family": "permits", "variant": "D", "url": f"{url or 'https://upper.example'}/d",
        "counts_url": f"{url}/counts" if url else "", "org_code": "PARK01", "cipher": "aes_cbc", "key": KEY,
        "secret": SECRET, "times": "dashed", **more,
    }  # fmt: skip
    row = exchange_adapters.enter_adapter(actor=crew.head, file=file, known=known, now=NOW)
    if url:
        exchange_adapters.switch_adapter(actor=crew.head, row=row, on=True, now=NOW)
    return crew, row


def send(row: ExchangeAdapter, now: datetime = NOW) -> int:
    return exchange_sending.send_due(adapter_id=row.pk, now=now)
