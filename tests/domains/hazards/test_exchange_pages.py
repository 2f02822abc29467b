"""Pages of the exchange as people use them, and receipts as a relay sends them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.exchange import Scene, Upper, make_adapter, make_scene, send
from tests.domains.hazards.factories import make_finding
from tests.domains.risk.factories import make_measure
from tests.factories import NOW, client_of, make_actor
from tests.kernel.exchange.importing import exported
from tests.support.upper_platform import KEY, SECRET, upper_platform

from quancheng.domains.hazards import demo_exchange
from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeBatch, ExchangeRow, ReceivedRow
from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def upper_process() -> Iterator[Upper]:
    with upper_platform() as upper:
        yield upper


@pytest.fixture
def upper(upper_process: Upper, settings: Any) -> Upper:
    settings.UPPER_NETWORKS, settings.UPPER_INSECURE = ["127.0.0.1/32"], True
    upper_process.order()
    return upper_process


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def act(client: Client, row: ExchangeAdapter | ExchangeRow, name: str, **given: Any) -> Any:
    page = "hazards:exchange_adapter" if isinstance(row, ExchangeAdapter) else "hazards:exchange_row"
    return client.post(reverse(page, args=[row.pk]), {"act": name, **given})


def settings_of(place: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "示例园区平台", "family": "dual", "variant": "A", "url": f"{place}/a", "counts_url": f"{place}/counts",
        "org_code": "ORG001",
        "cipher": "aes_cbc", "key": KEY, "times": "compact", "batch_rows": "500", **more,
    }  # fmt: skip


def test_the_head_of_an_enterprise_connects_tries_fills_and_sends(scene: Scene, upper: Upper) -> None:
    head = client_of(scene.head)
    page = reverse("hazards:exchange_adapter_of", args=[scene.file.pk])
    refused = head.post(page, settings_of(upper.url, key="", url="园区平台"))
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "请填写密钥" in text
    assert 'value="园区平台"' in text
    assert head.post(page, settings_of(upper.url)).status_code == 303
    row = ExchangeAdapter.objects.get()
    shown = head.get(reverse("hazards:exchange_adapter", args=[row.pk])).content.decode()
    assert KEY not in shown
    assert KEY not in row.key
    assert act(head, row, "try").status_code == 303
    assert act(head, row, "fill").status_code == 303
    assert act(head, row, "on").status_code == 303
    send(row, NOW + timedelta(days=400))
    rows = exported(head, reverse("hazards:exchange") + "?export=xlsx")
    assert {line[2] for line in rows[-3:]} == {"已接收"}
    upper.order(fail=1)
    failed = act(head, row, "try")
    assert failed.status_code == 409
    assert "HTTP 503" in failed.content.decode()
    assert act(head, row, "reconcile").status_code == 303
    page = reverse("hazards:exchange_adapter", args=[row.pk]) + "?tab=reconciliation"
    assert "安全风险分析单元" in head.get(page).content.decode()
    ExchangeRow.objects.filter(table="unit").update(accepted_version="x")
    assert act(head, row, "reconcile").status_code == 303
    assert "差异重新上报" in head.get(page).content.decode()
    assert head.post(reverse("hazards:exchange_resend", args=[row.pk])).status_code == 303
    assert ExchangeRow.objects.get(table="unit").state == "waiting"
    assert act(head, row, "end").status_code == 303
    assert act(head, row, "on").status_code == 422
    row.refresh_from_db()
    assert (row.is_on, row.key) == (False, "")


def test_a_refused_row_says_why_and_is_sent_again_by_hand(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    upper.order(refuse={str(scene.unit.pk): "单元名称重复"})
    send(adapter)
    head, safety = client_of(scene.head), client_of(scene.district.enterprise)
    row = ExchangeRow.objects.get(table="unit")
    listed = head.get(reverse("hazards:exchange") + "?state=rejected").content.decode()
    assert "4009 单元名称重复" in listed
    assert "重新上报" not in safety.get(reverse("hazards:exchange_row", args=[row.pk])).content.decode()
    upper.order()
    assert act(head, row, "resend").status_code == 303
    send(adapter, NOW + timedelta(days=400))
    assert ExchangeRow.objects.get(table="unit").state == "accepted"
    other = client_of(scene.district.other_enterprise)
    assert other.get(reverse("hazards:exchange_row", args=[row.pk])).status_code in (403, 404)


@dataclass
class Box:
    """What the platform pushed: body and signature of each receipt."""

    url: str
    got: list[tuple[bytes, str]] = field(default_factory=list)


@pytest.fixture
def box() -> Iterator[Box]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.got.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers["X-Sign"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Box(f"http://127.0.0.1:{server.server_port}/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def test_a_relay_takes_a_batch_at_once_and_judges_its_rows_later(scene: Scene, box: Box, settings: Any) -> None:
    settings.UPPER_NETWORKS, settings.UPPER_INSECURE = ["127.0.0.1/32"], True
    with upper_platform("--receipts", box.url) as upper:
        upper.order(hold=True, refuse={str(scene.event.pk): "事件描述不完整"})
        adapter = make_adapter(scene, upper.url, way="c")
        page, client = reverse("interchange:receipt", args=[adapter.pk]), Client()
        send(adapter)
        assert scene.rows() == {"unit": "sent", "event": "waiting", "measure": "waiting"}
        upper.post("/receipts")
        body, sign = box.got[0]
        for wrong in ("0" * 64, "签名", "é"):
            assert client.post(page, body, "application/json", headers={"X-Sign": wrong}).status_code == 401
        assert scene.rows(table="unit") == {"unit": "sent"}
        for _twice in range(2):
            answer = client.post(page, body, "application/json", headers={"X-Sign": sign})
            assert (answer.status_code, answer.json()["code"]) == (200, 0)
        assert scene.rows(table="unit") == {"unit": "accepted"}
        assert ExchangeBatch.objects.get(table="unit").accepted_count == 1
        send(adapter, NOW + timedelta(minutes=2))
        upper.post("/receipts")
        body, sign = box.got[-1]
        client.post(page, body, "application/json", headers={"X-Sign": sign})
        event = ExchangeRow.objects.get(table="event")
        assert (event.state, event.code, event.reason) == ("rejected", 4009, "事件描述不完整")


def test_the_district_has_a_way_for_all_that_have_none_of_their_own(scene: Scene, upper: Upper) -> None:
    director = client_of(scene.district.director)
    page = reverse("hazards:exchange_adapter_new")
    assert client_of(scene.head).post(page, settings_of(upper.url)).status_code == 403
    assert director.post(page, settings_of(upper.url, secret=SECRET)).status_code == 303
    row = ExchangeAdapter.objects.get()
    assert (row.file, act(director, row, "fill").status_code) == (None, 303)
    # Rows are counted for the list alone: one of a way up may have hundreds of thousands.
    alone = queries.get_adapter(actor=scene.district.director, adapter_id=row.pk)
    assert not hasattr(alone, "waiting_count")
    assert scene.rows(adapter=row) == dict.fromkeys(("unit", "event", "measure"), "waiting")


def test_the_demo_has_rows_in_every_state_and_sends_nothing(scene: Scene) -> None:
    other = open_own_file(actor=scene.district.other_enterprise, kind="depot", known={}, now=NOW)
    Enterprise.objects.filter(pk=other.pk).update(registration_code="990100002")
    make_finding(scene.district.enterprise, scene.file, unit=scene.unit)
    make_measure(scene.district.enterprise, scene.event, text="第二道措施")
    heads = {"enterprise1.head": make_actor(scene.district.other_enterprise_org, "enterprise.head"),
             "enterprise2.head": scene.head}  # fmt: skip
    orgs = [scene.district.other_enterprise_org, scene.district.enterprise_org]
    desk: Any = SimpleNamespace(
        district=SimpleNamespace(enterprises=orgs), actor=heads.__getitem__,
        ago=lambda days: NOW - timedelta(days=days),
    )  # fmt: skip
    demo_exchange.load(desk)
    states = set(ExchangeRow.objects.values_list("table", "state"))
    assert states == {
        ("unit", "accepted"), ("event", "accepted"), ("measure", "accepted"), ("measure", "rejected"),
        ("danger", "waiting"),
    }  # fmt: skip
    assert not ExchangeAdapter.objects.get().is_on
    assert sorted(ReceivedRow.objects.values_list("outcome", "code")) == [("refused", 4001), *[("taken", None)] * 3]
