"""Webhooks: who hears what, where they may go, and what follows failures."""

from __future__ import annotations

import ipaddress
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import District, house_actor, make_district
from tests.support.retention import retire
from tests.support.signing import signed_in

from quancheng.kernel import addresses
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import deliver, publish
from quancheng.kernel.exchange.models import Webhook, WebhookDelivery
from quancheng.kernel.exchange.webhooks import services
from quancheng.kernel.exchange.webhooks.send import is_signed, signature
from quancheng.kernel.people.models import Membership, Organisation
from quancheng.kernel.vault import services as vault
from quancheng.kernel.work.models import WorkItem
from quancheng.runtime.webhook_receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@dataclass
class Inbox:
    """What our own receiver got."""

    url: str
    server: Receiver
    told: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    """A real receiver on loopback, which the operator allowed."""
    settings.WEBHOOK_NETWORKS, settings.WEBHOOK_INSECURE = ["127.0.0.1/32"], True
    told: list[dict[str, Any]] = []
    server = Receiver(0, secret="", told=told.append)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Inbox(f"http://localhost:{server.server_port}/hook?x=1", server, told)
    server.shutdown()
    server.server_close()
    thread.join(5)


def name_means(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """The resolver, faked at the edge: every name means these addresses."""
    found = [ipaddress.ip_address(text) for text in texts]
    monkeypatch.setattr(addresses, "resolve", lambda host, port: found)


def register(actor: Actor, url: str, *patterns: str) -> services.Made:
    return services.create_webhook(
        actor=actor, name="示例接收方", url=url, patterns=patterns or ("*",), now=timezone.now()
    )


def happen(organisation: Organisation, *, kind: str = "work.item.urge") -> Event:
    """An event of a row of this organisation, delivered to subscribers as the worker would."""
    now = timezone.now()
    item = WorkItem.objects.create(
        owner_org=organisation, area=organisation.area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="t.do", title="不得外传的标题", entered_at=now, due_at=now,
    )  # fmt: skip
    with transaction.atomic():
        event = publish(kind, item, actor=house_actor(), now=now, facts={"to": None})
    deliver(event_id=event.pk, subscriber="exchange.webhooks", now=now)
    return event


# What is heard ---------------------------------------------------------------------------------------------------


def test_an_event_reaches_the_receiver_signed_and_without_content(district: District, inbox: Inbox) -> None:
    made = register(district.director, inbox.url)
    inbox.server.secret = made.secret
    event = happen(district.town_org)
    delivery = WebhookDelivery.objects.get()
    services.attempt(delivery_id=delivery.pk, now=timezone.now())
    (got,) = inbox.told
    assert (got["signed"], got["path"]) == (True, "/hook?x=1")
    assert got["host"].startswith("localhost:")
    assert got["body"] == {
        "id": str(event.pk),
        "kind": "work.item.urge",
        "subject_type": "work.workitem",
        "subject_id": str(event.subject_id),
        "at": event.at.isoformat(),
    }
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 1)


def test_a_receiver_hears_only_what_its_place_may_see(district: District, inbox: Inbox) -> None:
    head = district.department_head
    assert head.has(services.DUTY)
    mine = register(head, inbox.url).webhook
    happen(district.town_org)
    assert not WebhookDelivery.objects.exists()
    happen(district.department_org)
    assert WebhookDelivery.objects.get().webhook == mine


def test_patterns_choose_and_delivering_the_event_twice_queues_once(district: District, inbox: Inbox) -> None:
    register(district.director, inbox.url, "duty.task.*")
    happen(district.town_org)
    assert not WebhookDelivery.objects.exists()
    event = happen(district.town_org, kind="duty.task.accept")
    services.fan_out(event, timezone.now())
    assert WebhookDelivery.objects.count() == 1
    assert ProcrastinateJob.objects.filter(task_name="exchange.send_webhook").count() == 1


def test_without_any_receiver_no_job_is_queued_for_an_event(district: District) -> None:
    happen(district.town_org)
    assert not ProcrastinateJob.objects.filter(args__subscriber="exchange.webhooks").exists()


def test_what_the_place_may_no_longer_see_is_dropped_at_the_send(district: District, inbox: Inbox) -> None:
    inbox.server.secret = register(district.director, inbox.url).secret
    happen(district.town_org)
    Membership.objects.filter(pk=district.director.membership_id).update(valid_to=timezone.now())
    delivery = WebhookDelivery.objects.get()
    assert services.attempt(delivery_id=delivery.pk, now=timezone.now()) is None
    delivery.refresh_from_db()
    assert delivery.state == "dropped"
    assert inbox.told == []


# Failures --------------------------------------------------------------------------------------------------------


def test_a_failure_is_tried_again_later_and_a_success_ends_it(district: District, inbox: Inbox) -> None:
    inbox.server.secret, inbox.server.fail = register(district.director, inbox.url).secret, 2
    happen(district.town_org)
    delivery = WebhookDelivery.objects.get()
    for expected in ("waiting", "waiting", "delivered"):
        services.attempt(delivery_id=delivery.pk, now=timezone.now())
        delivery.refresh_from_db()
        assert delivery.state == expected
    assert services.attempt(delivery_id=delivery.pk, now=timezone.now()) is None
    assert [got["answered"] for got in inbox.told] == [503, 503, 204]
    assert Webhook.objects.get().failures == 0
    waits = ProcrastinateJob.objects.filter(task_name="exchange.send_webhook", scheduled_at__isnull=False)
    assert waits.count() == 2


def test_a_redirect_is_a_failure_and_is_not_followed(district: District, inbox: Inbox) -> None:
    inbox.server.secret = register(district.director, inbox.url).secret
    inbox.server.fail, inbox.server.status = 1, 302
    happen(district.town_org)
    services.attempt(delivery_id=WebhookDelivery.objects.get().pk, now=timezone.now())
    assert [got["path"] for got in inbox.told] == ["/hook?x=1"]
    assert WebhookDelivery.objects.get().status == 302


def test_after_its_last_attempt_a_delivery_stands_as_failed(district: District, inbox: Inbox) -> None:
    register(district.director, inbox.url)
    happen(district.town_org)
    delivery = WebhookDelivery.objects.get()
    for _attempt in range(len(services.WAITS_S) + 1):
        services.attempt(delivery_id=delivery.pk, now=timezone.now())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 8, 401)


def test_too_many_failures_in_a_row_disable_the_webhook_until_somebody_enables_it(
    district: District, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "DISABLE_AFTER", 2)
    webhook = register(district.director, inbox.url).webhook
    for _event in range(3):
        happen(district.town_org)
    for delivery in WebhookDelivery.objects.order_by("created_at"):
        services.attempt(delivery_id=delivery.pk, now=timezone.now())
    webhook.refresh_from_db()
    assert webhook.disabled_why == "failures"
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"dropped"}
    happen(district.town_org)
    assert WebhookDelivery.objects.count() == 3
    services.enable_webhook(actor=district.director, webhook_id=webhook.pk, now=timezone.now())
    happen(district.town_org)
    assert WebhookDelivery.objects.filter(state="waiting").count() == 1


def test_a_receiver_that_does_not_answer_is_a_failure_with_its_reason(district: District, inbox: Inbox) -> None:
    register(district.director, inbox.url)
    happen(district.town_org)
    inbox.server.shutdown()
    inbox.server.server_close()
    outcome = services.attempt(delivery_id=WebhookDelivery.objects.get().pk, now=timezone.now())
    assert outcome is not None
    assert (outcome.status, outcome.error) == (None, "ConnectError")


# Where it may go -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254",
        "fe80::1", "fc00::1", "100.64.0.1", "224.0.0.1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "255.255.255.255", "240.0.0.1",
    ],
)  # fmt: skip
def test_no_address_that_is_not_public_is_taken(
    district: District, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    name_means(monkeypatch, address)
    with pytest.raises(Invalid) as refused:
        register(district.director, "https://hooks.example/x")
    assert list(refused.value.fields) == ["url"]
    assert not Webhook.objects.exists()


def test_a_public_address_is_taken_but_not_beside_a_private_one(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_means(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(Invalid):
        register(district.director, "https://hooks.example/x")
    name_means(monkeypatch, "8.8.8.8", "2001:4860:4860::8888")
    assert register(district.director, "https://hooks.example/x").webhook.url == "https://hooks.example/x"


def test_our_own_machine_is_refused_whatever_its_address(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    name_means(monkeypatch, "8.8.4.4")
    monkeypatch.setattr(addresses, "is_own", lambda address: str(address) == "8.8.4.4")
    with pytest.raises(Invalid):
        register(district.director, "https://hooks.example/x")


@pytest.mark.parametrize("name", ["NATS_URL", "TELEMETRY_URL"])
def test_our_engines_are_refused_even_in_a_network_that_the_operator_allowed(
    district: District, settings: Any, name: str
) -> None:
    settings.WEBHOOK_NETWORKS, settings.WEBHOOK_INSECURE = ["127.0.0.0/8"], True
    setattr(settings, name, "nats://127.0.0.1:45123")
    with pytest.raises(Invalid):
        register(district.director, "http://127.0.0.1:45123/")
    assert register(district.director, "http://127.0.0.1:45124/").webhook.pk


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x", "ftp://hooks.example/", "https://", "hooks.example", "https://u:p@hooks.example/",
        "https://hooks.example:99999/", "https://hooks.example/a b", "file:///etc/passwd", "https://hooks.example\\@x/",
        "https://[::1", "https://hooks.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_an_address_that_is_no_https_url_is_refused(
    district: District, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    name_means(monkeypatch, "8.8.8.8")
    with pytest.raises(Invalid):
        register(district.director, url)


def test_a_name_that_changes_its_meaning_after_registration_is_refused_at_the_send(
    district: District, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_means(monkeypatch, "8.8.8.8")
    register(district.director, "https://hooks.example/x")
    happen(district.town_org)
    name_means(monkeypatch, "10.1.2.3")
    outcome = services.attempt(delivery_id=WebhookDelivery.objects.get().pk, now=timezone.now())
    assert outcome is not None
    assert outcome.error == "refused address"
    assert inbox.told == []


def test_the_connection_goes_to_the_judged_address_and_no_second_look_up_happens(
    district: District, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name exists in no resolver: only the judged address can have been connected to."""
    name_means(monkeypatch, "127.0.0.1")
    url = f"http://receiver.invalid:{inbox.server.server_port}/hook"
    inbox.server.secret = register(district.director, url).secret
    happen(district.town_org)
    services.attempt(delivery_id=WebhookDelivery.objects.get().pk, now=timezone.now())
    assert [got["host"] for got in inbox.told] == [f"receiver.invalid:{inbox.server.server_port}"]


def test_a_signature_holds_for_its_body_secret_and_time_alone() -> None:
    header = signature("s", timestamp=1000, body=b"{}")
    assert is_signed("s", header, b"{}", now=1200)
    assert not is_signed("s", header, b"{} ", now=1200)
    assert not is_signed("t", header, b"{}", now=1200)
    assert not is_signed("s", header, b"{}", now=1301)
    assert not is_signed("s", header.replace("t=1000", "t=1200"), b"{}", now=1200)
    assert not is_signed("s", "", b"{}", now=1200)


# Who may ---------------------------------------------------------------------------------------------------------


def test_without_the_duty_no_webhook_is_made_and_another_organisations_is_absent(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_means(monkeypatch, "8.8.8.8")
    with pytest.raises(NotPermitted):
        register(district.officer, "https://hooks.example/x")
    made = register(district.director, "https://hooks.example/x")
    with pytest.raises(NotFound):
        services.disable_webhook(actor=district.department_head, webhook_id=made.webhook.pk, now=timezone.now())
    client = signed_in(district.department_head)
    assert client.get(f"/exchange/webhooks/{made.webhook.pk}").status_code == 404
    assert made.webhook.name not in client.get("/exchange/webhooks").content.decode()
    assert signed_in(district.officer).get("/exchange/webhooks").status_code == 403
    assert Client().get("/exchange/webhooks").status_code == 302


def test_the_pages_make_try_and_disable_a_webhook(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    name_means(monkeypatch, "8.8.8.8")
    client = signed_in(district.director)
    form = {"name": "数据局平台", "url": "https://hooks.example/x", "patterns": "duty.task.*\nwork.item.urge"}
    page = client.post("/exchange/webhooks/new", form).content.decode()
    webhook = Webhook.objects.get()
    secret = page.partition('id="webhook-secret">')[2].partition("<")[0]
    assert vault.reveal(services.SECRET_KIND, webhook.secret) == secret
    assert secret not in webhook.secret
    assert webhook.patterns == ["duty.task.*", "work.item.urge"]
    assert client.post(f"/exchange/webhooks/{webhook.pk}/ping").status_code == 303
    assert WebhookDelivery.objects.get().kind == "webhook.ping"
    shown = client.get(f"/exchange/webhooks/{webhook.pk}").content.decode()
    assert "webhook.ping" in shown
    assert secret not in shown
    assert client.post(f"/exchange/webhooks/{webhook.pk}/disable").status_code == 303
    assert WebhookDelivery.objects.get().state == "dropped"
    bad = client.post("/exchange/webhooks/new", {**form, "patterns": "Not A Pattern"})
    assert bad.status_code == 422
    assert 'value="数据局平台"' in bad.content.decode()


def test_secrets_are_sealed_anew_when_the_vaults_key_is_rotated(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_means(monkeypatch, "8.8.8.8")
    made = register(district.director, "https://hooks.example/x")
    before = Webhook.objects.get().secret
    assert vault.rotate(actor=house_actor(), now=timezone.now() + timedelta(seconds=1))
    after = Webhook.objects.get().secret
    assert after != before
    assert vault.reveal(services.SECRET_KIND, after) == made.secret


def test_ended_deliveries_go_after_ninety_days_and_waiting_ones_stay(district: District, inbox: Inbox) -> None:
    register(district.director, inbox.url)
    for _event in range(2):
        happen(district.town_org)
    ended, waiting = WebhookDelivery.objects.order_by("pk")
    WebhookDelivery.objects.filter(pk=ended.pk).update(state="failed")
    assert retire("exchange.delivery", timezone.now() + timedelta(days=89)) == 0
    assert retire("exchange.delivery", timezone.now() + timedelta(days=91)) == 1
    assert WebhookDelivery.objects.get().pk == waiting.pk
