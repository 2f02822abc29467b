"""The queue of the exchange for programs: who may read and send again may do so here as on its page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from tests.domains.hazards.exchange import Scene, make_adapter, make_scene
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.services import exchange_adapters
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
ROWS = "/api/v1/hazards/exchange-rows"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def refused(scene: Scene) -> ExchangeRow:
    """A unit that the upper platform refused."""
    adapter = make_adapter(scene, "https://192.0.2.1", on=False)
    exchange_adapters.fill_adapter(actor=scene.head, row=adapter, now=NOW)
    row = ExchangeRow.objects.get(table="unit")
    ExchangeRow.objects.filter(pk=row.pk).update(state="rejected", code=4009, reason="单元名称重复", title="示例储罐")
    return row


def again(client: Client, row: ExchangeRow, **more: Any) -> Any:
    return client.post(f"{ROWS}/{row.pk}/resend", content_type="application/json", **more)


def test_the_queue_is_listed_narrowed_and_read_with_its_reasons(scene: Scene, refused: ExchangeRow) -> None:
    head = client_of(scene.head)
    whole = head.get(f"{ROWS}?total=true").json()
    assert (whole["total"], {one["table"] for one in whole["items"]}) == (3, {"unit", "event", "measure"})
    (found,) = head.get(f"{ROWS}?state=rejected&code=4009").json()["items"]
    assert (found["id"], found["reason"], found["record_id"]) == (str(refused.pk), "单元名称重复", str(scene.unit.pk))
    assert head.get(f"{ROWS}/{refused.pk}").json() == found
    assert head.get(f"{ROWS}?table=measure&enterprise_id={scene.file.pk}").json()["items"][0]["state"] == "waiting"
    assert head.get(f"{ROWS}?state=lost").status_code == 422


def test_only_who_may_on_the_page_reads_and_sends_again(scene: Scene, refused: ExchangeRow) -> None:
    other = client_of(make_actor(scene.district.other_enterprise_org, "enterprise.head"))
    safety = client_of(scene.district.enterprise)
    worker = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker"))
    assert other.get(ROWS).json()["items"] == []
    assert other.get(f"{ROWS}/{refused.pk}").status_code == 404
    assert again(other, refused).status_code == 404
    assert safety.get(f"{ROWS}/{refused.pk}").status_code == 200
    assert again(safety, refused).status_code == 403
    assert [worker.get(where).status_code for where in (ROWS, f"{ROWS}/{refused.pk}")] == [403, 403]
    refused.refresh_from_db()
    assert refused.state == "rejected"


def test_a_row_is_sent_again_once_for_a_clients_identifier(scene: Scene, refused: ExchangeRow) -> None:
    head, key = client_of(scene.head), str(uuid.uuid4())
    for _twice in range(2):
        answer = again(head, refused, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["state"], answer.json()["code"]) == (200, "waiting", None)
    assert JournalEntry.objects.filter(act="hazards.exchange.resend").count() == 1
    ExchangeAdapter.objects.update(ended_at=NOW)
    assert again(head, refused).status_code == 409
