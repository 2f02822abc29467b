"""Sources: entered with a secret that is shown once, narrowed by scope, blocked with a reason."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.monitoring.models import Source, SourceState
from quancheng.domains.monitoring.queries.sources import open_sources
from quancheng.domains.monitoring.services.sources import Seen, note_seen
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


def test_an_enterprise_enters_a_source_gets_its_secret_once_and_shuts_it_out() -> None:
    district = make_district()
    file = own_file(district)
    browser = client_of(district.enterprise)
    form = {"code": "GW-SL001-01", "name": "罐区采集网关", "kind": "gateway", "forms": ["json", "sparkplug"]}
    made = browser.post(reverse("monitoring:source_new", args=[file.pk]), form)
    row = Source.objects.get()
    assert made["Location"] == reverse("monitoring:source", args=[row.pk])
    assert open_sources() == []
    assert "未发密钥" in browser.get(made["Location"]).content.decode()
    asked = reverse("monitoring:source_secret", args=[row.pk])
    assert "只显示一次" in browser.get(asked).content.decode()
    shown = browser.post(asked).content.decode()
    secret = re.search(r'id="source-secret"[^>]*>([^<]+)<', shown)
    assert secret is not None
    row.refresh_from_db()
    assert bytes(row.digest) == hashlib.sha256(secret[1].encode()).digest()
    assert secret[1] not in browser.get(made["Location"]).content.decode()
    (known,) = open_sources()
    assert (known.code, known.enterprise, known.forms) == ("GW-SL001-01", file.pk, ["json", "sparkplug"])
    refused = browser.post(made["Location"], {"act": "block", "reason": ""})
    assert refused.status_code == 422
    browser.post(made["Location"], {"act": "block", "reason": "网关报废"})
    row.refresh_from_db()
    assert open_sources() == []
    assert (row.blocked_reason, bytes(row.digest)) == ("网关报废", b"")
    assert browser.post(asked).status_code == 409
    acts = set(JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True))
    assert acts == {f"monitoring.source.{act}" for act in ("enter", "secret", "block")}


def test_a_neighbour_and_another_street_do_not_see_it_and_its_supervisors_do() -> None:
    district = make_district()
    row = make_source(district)
    address = reverse("monitoring:source", args=[row.pk])
    for actor, status in (
        (district.other_enterprise, 404), (district.other_town, 404), (district.town, 200), (district.department, 200),
    ):  # fmt: skip
        assert client_of(actor).get(address).status_code == status
        listed = client_of(actor).get(reverse("monitoring:sources")).content.decode()
        assert (row.code in listed) is (status == 200)
    # A street watches; it neither changes a source nor gets its secret.
    assert client_of(district.town).post(reverse("monitoring:source_secret", args=[row.pk])).status_code == 403


def test_programs_enter_a_source_and_limits_are_the_offices() -> None:
    district = make_district()
    file = own_file(district)
    program, office = client_of(district.enterprise), client_of(district.department)
    body = {"code": "DEV-1", "name": "直连设备", "kind": "device", "forms": ["json"]}
    url = f"/api/v1/monitoring/enterprises/{file.pk}/sources"
    refused = program.post(url, {**body, "points_per_s": 9}, content_type="application/json")
    assert refused.status_code == 422
    assert "points_per_s" in refused.json()["fields"]
    made = program.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert (made.json()["has_secret"], made.json()["points_per_s"]) == (False, 2000)
    twice = office.post(url, {**body, "points_per_s": 9}, content_type="application/json")
    assert twice.status_code == 409
    other = office.post(url, {**body, "code": "DEV-2", "points_per_s": 9}, content_type="application/json")
    assert (other.json()["points_per_s"], other.json()["reorder_s"]) == (9, 0)
    slow = office.post(url, {**body, "code": "DEV-4", "reorder_s": 6}, content_type="application/json")
    assert slow.json()["fields"]["reorder_s"]
    place = f"/api/v1/monitoring/sources/{made.json()['id']}"
    told = program.post(f"{place}/secret", content_type="application/json").json()
    assert len(told["secret"]) > 40
    assert len(program.get("/api/v1/monitoring/sources").json()["items"]) == 2
    blocked = program.post(f"{place}/block", {"reason": "停"}, content_type="application/json")
    assert blocked.json()["has_secret"] is False
    hj212 = {**body, "code": "DEV-3", "forms": ["hj212"]}
    assert "mn" in program.post(url, hj212, content_type="application/json").json()["fields"]


def test_what_gateways_saw_is_added_up() -> None:
    district = make_district()
    row = make_source(district)
    row.refresh_from_db()
    for online, refused in ((True, {"too_large": 2}), (False, {"too_large": 1, "topic": 3})):
        note_seen([Seen(row.number, online, NOW, 10, 500, refused, -1500)], now=NOW)
    state = SourceState.objects.get(source=row)
    assert (state.is_online, state.messages, state.received_bytes, state.clock_ms) == (False, 20, 1000, -1500)
    assert state.refused == {"too_large": 3, "topic": 3}
    page = client_of(district.enterprise).get(reverse("monitoring:source", args=[row.pk])).content.decode()
    assert "报文过大 3" in page


def test_what_a_gateway_tells_again_of_long_ago_moves_no_last_message_back() -> None:
    row = make_source(make_district())
    row.refresh_from_db()
    for at in (None, NOW, NOW - timedelta(hours=3), None):
        note_seen([Seen(row.number, True, at, 0, 0, {}, None)], now=NOW)
    assert SourceState.objects.get(source=row).last_at == NOW


def test_a_station_of_hj212_stands_alone_and_gets_a_password_of_six_characters() -> None:
    district = make_district()
    file = own_file(district)
    browser = client_of(district.enterprise)
    new = reverse("monitoring:source_new", args=[file.pk])
    form = {"code": "ST-SL001", "name": "油气回收数采仪", "kind": "station", "mn": "320100XGJYZ0000000000001"}
    refused = browser.post(new, {**form, "forms": ["hj212", "json"]})
    assert refused.status_code == 422
    assert "单独登记" in refused.content.decode()
    browser.post(new, {**form, "forms": ["hj212"]})
    row = Source.objects.get()
    shown = browser.post(reverse("monitoring:source_secret", args=[row.pk])).content.decode()
    secret = re.search(r'id="source-secret"[^>]*>([^<]+)<', shown)
    assert secret is not None
    assert len(secret[1]) == 6
    assert row.mn in shown
    assert "VPN" in shown
    row.refresh_from_db()
    assert bytes(row.digest) == hashlib.sha256(secret[1].encode()).digest()
    # A short password opens no other door.
    browser.post(reverse("monitoring:source_change", args=[row.pk]), {**form, "forms": ["json"]})
    row.refresh_from_db()
    assert (row.forms, bytes(row.digest), row.secret_at) == (["json"], b"", None)
