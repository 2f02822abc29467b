"""What was put aside is read again after a fix: asked on a page, done by a gateway, judged as what it is by now."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from uuid import uuid4

import nats
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import client_of, make_district
from tests.stream.test_flow import make_tag, until

from quancheng.domains.monitoring.models import AsideMessage, LimitEvent, Source, SourceState
from quancheng.domains.monitoring.services.processing import Unread, keep_asides
from quancheng.kernel.journal.models import JournalEntry
from quancheng.runtime.databases import conninfo
from quancheng.stream.gateways.runner import GatewayRunner
from quancheng.stream.messages import StreamSettings
from quancheng.stream.processors.runner import Runner
from quancheng.stream.store import client as store

pytestmark = pytest.mark.django_db(transaction=True)


def aside(source: Source, body: bytes, *, reason: str = "INTERNAL", form: str = "json", hours: float = 0) -> None:
    at = timezone.now() - timedelta(hours=hours)
    keep_asides([Unread(source.number, at, form, "t", reason, "", "", body)])


def test_a_message_is_read_again_with_its_time_and_no_alarm_for_the_past(nats_url: str, telemetry_url: str) -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    tag = make_tag(source, "LT101", h=2126)
    tag.refresh_from_db()
    now = int(time.time()) * 1000
    two_days = now - 2 * 86_400_000
    told = {"LT101": 2200.0}
    aside(source, json.dumps({"d": [{"t": "LT101", "ts": two_days, "v": 2300.0}]}).encode(), hours=48)
    aside(source, json.dumps(told).encode(), form="thingsboard-device", reason="form", hours=47)
    aside(source, b"still not json", reason="MALFORMED")
    browser = client_of(district.enterprise)
    page = reverse("monitoring:source", args=[source.pk])
    shown = browser.get(f"{page}?tab=asides").content.decode()
    assert "平台程序出错" in shown
    assert "未选用的报文格式" in shown
    # What was missing: the form.
    source.forms = ["json", "thingsboard-device"]
    source.save()
    assert browser.post(reverse("monitoring:source_replay", args=[source.pk])).status_code == 303
    assert JournalEntry.objects.get(act="monitoring.source.replay").facts == {"reason": "", "count": 3}
    assert browser.post(reverse("monitoring:source_replay", args=[source.pk])).status_code == 409
    settings = StreamSettings(space=f"t{uuid4().hex}_", partitions=2, keep_bytes=64 * 1024**2, aside_bytes=1024**2)
    gateway = GatewayRunner(nats_url=nats_url, host="127.0.0.1", port=0, settings=settings)
    runner = Runner(nats_url=nats_url, telemetry=telemetry_url, database=conninfo(dict(connection.settings_dict)),
                    settings=settings, renew_s=0.2)  # fmt: skip

    async def act() -> None:
        tasks = [asyncio.ensure_future(gateway.run()), asyncio.ensure_future(runner.run())]
        try:
            await until(lambda: AsideMessage.objects.filter(replayed_at__isnull=False).count() == 3)
            await until(lambda: AsideMessage.objects.filter(replayed_at__isnull=True).exists())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            link = await nats.connect(nats_url)
            for name in (settings.signals, settings.aside):
                await link.jetstream().delete_stream(name)
            await link.close()

    asyncio.run(act())
    rows = store.raw(store.connect(telemetry_url), [tag.number], now - 3 * 86_400_000, now)
    assert [float(one["value"]) for one in rows] == [2300.0, 2200.0]
    # One without a time is of the moment at which it first arrived.
    assert abs(int(rows[1]["at"]) - (now - 47 * 3_600_000)) < 60_000
    assert not LimitEvent.objects.exists()
    again = AsideMessage.objects.get(replayed_at__isnull=True)
    assert (again.reason, bytes(again.body), again.asked_at) == ("MALFORMED", b"still not json", None)
    assert SourceState.objects.get(source=source).refused["MALFORMED"] == 1


def test_only_who_keeps_the_source_asks_and_only_for_what_can_be_read_again() -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    aside(source, b"")
    aside(source, b"x" * 65_536, reason="too_large")
    aside(source, b"\x08\x01", form="sparkplug", reason="WIRE")
    address = f"/api/v1/monitoring/sources/{source.pk}/asides"
    browser = client_of(district.enterprise)
    told = browser.get(address).json()
    assert len(told["items"]) == 3
    assert {one["size"] for one in told["items"]} == {0, 2, 65_536}
    refused = browser.post(f"{address}/replay", "{}", content_type="application/json")
    assert refused.status_code == 409
    aside(source, b"{", reason="MALFORMED")
    assert client_of(district.town).post(f"{address}/replay", "{}", content_type="application/json").status_code == 403
    other = client_of(district.other_enterprise)
    assert other.post(f"{address}/replay", "{}", content_type="application/json").status_code == 404
    other_reason = json.dumps({"reason": "CRC"})
    assert browser.post(f"{address}/replay", other_reason, content_type="application/json").status_code == 409
    asked = browser.post(f"{address}/replay", json.dumps({"reason": "MALFORMED"}), content_type="application/json")
    assert asked.json() == {"asked": 1}
