"""Registering receivers, handing events to them, and what follows a success or a failure."""

from __future__ import annotations

import fnmatch
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope, covers
from quancheng.kernel.addresses import Allowed, RefusedAddress, Target, judge
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, Text
from quancheng.kernel.events.models import Event
from quancheng.kernel.exchange.models import Webhook, WebhookDelivery
from quancheng.kernel.exchange.webhooks.send import Outcome, post
from quancheng.kernel.ids import uuid7
from quancheng.kernel.names import clean
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership
from quancheng.kernel.vault import services as vault

DUTY = "exchange.webhooks.manage"
SECRET_KIND = "webhook"  # noqa: S105 - the name of a kind
PING = "webhook.ping"
#: A delivery is tried so often, ever later; then it stands as failed.
WAITS_S = (5, 30, 120, 600, 1800, 7200, 21600)
#: Failures in a row, over all its deliveries, that disable a webhook.
DISABLE_AFTER = 20
#: Live webhooks that one organisation may have.
MOST = 10
_PATTERN = re.compile(r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$")


@dataclass(frozen=True, slots=True)
class Made:
    """A new webhook and its signing secret, which is shown once."""

    webhook: Webhook
    secret: str


def create_webhook(*, actor: Actor, name: str, url: str, patterns: Iterable[str], now: datetime) -> Made:
    """Register a receiver that hears what the actor's place may see.

    :raises Invalid: an address where no webhook may go, a malformed pattern, too many webhooks.
    """
    actor.require(DUTY)
    if actor.membership_id is None:
        raise NotPermitted
    name, wanted = clean(name)[:60], sorted({clean(pattern) for pattern in patterns} - {""})
    wrong: dict[str, Text] = {}
    if not name:
        wrong["name"] = _("请填写用途。")
    if not wanted or len(wanted) > 20 or not all(_PATTERN.match(pattern) for pattern in wanted):
        wrong["patterns"] = _("请填写事件种类，例如 duty.task.* ，最多20个。")
    if len(url) > 500:
        wrong["url"] = _("网址过长。")
    if wrong:
        raise Invalid(fields=wrong)
    target = _judge(url)
    secret = f"whs_{uuid.uuid4().hex}{uuid.uuid4().hex}"
    with transaction.atomic():
        Membership.objects.select_for_update(no_key=True).get(pk=actor.membership_id)
        if Webhook.objects.visible_to(actor).live().count() >= MOST:
            raise Invalid(_("本单位的事件推送已达%(most)s个。") % {"most": MOST}, code="too_many_webhooks")
        webhook = Webhook.objects.create(
            membership_id=actor.membership_id,
            name=name,
            url=target.url,
            patterns=wanted,
            secret=vault.seal(SECRET_KIND, secret),
            created_at=now,
        )
        _journal(actor, webhook, "create", now, host=target.host, patterns=wanted)
    return Made(webhook, secret)


def disable_webhook(*, actor: Actor, webhook_id: uuid.UUID, now: datetime) -> None:
    """Send nothing more; what waits is cancelled."""
    webhook = _managed(actor, webhook_id)
    with transaction.atomic():
        if Webhook.objects.filter(pk=webhook.pk, disabled_at__isnull=True).update(
            disabled_at=now, disabled_why="person"
        ):
            webhook.deliveries.filter(state="waiting").update(state="dropped")
            _journal(actor, webhook, "disable", now)


def enable_webhook(*, actor: Actor, webhook_id: uuid.UUID, now: datetime) -> None:
    """Send again, from the next event on.

    :raises RefusedAddress: the address is not, or no longer, allowed.
    """
    webhook = _managed(actor, webhook_id)
    _judge(webhook.url)
    with transaction.atomic():
        if Webhook.objects.filter(pk=webhook.pk, disabled_at__isnull=False).update(
            disabled_at=None, disabled_why="", failures=0
        ):
            _journal(actor, webhook, "enable", now)


def ping(*, actor: Actor, webhook_id: uuid.UUID, now: datetime) -> WebhookDelivery:
    """Send a message of kind ``webhook.ping``, so that the receiver can be tried."""
    webhook = _managed(actor, webhook_id)
    if webhook.disabled_at is not None:
        raise Invalid(_("该推送已停用。"), code="webhook_disabled")
    with transaction.atomic():
        delivery = WebhookDelivery.objects.create(
            webhook=webhook,
            event_id=uuid7(),
            kind=PING,
            subject_type=Webhook._meta.label_lower,
            subject_id=webhook.pk,
            scope=Scope(owner_org=str(actor.organisation_id), reach="own").to_dict(),
            at=now,
            created_at=now,
        )
        _queue(delivery.pk)
    return delivery


def live_webhooks() -> QuerySet[Webhook]:
    """Whoever listens at all: asked for with each event."""
    return Webhook.objects.live()


def fan_out(event: Event, now: datetime) -> None:
    """Subscriber of every event: one delivery for each receiver whose actor may see the row. Idempotent."""
    for webhook in Webhook.objects.live().order_by("pk"):
        if not any(fnmatch.fnmatchcase(event.kind, pattern) for pattern in webhook.patterns):
            continue
        actor = _actor_of(webhook, now)
        if actor is None or not covers(actor, Scope.from_dict(event.scope)):
            continue
        delivery = WebhookDelivery(
            webhook=webhook,
            event_id=event.pk,
            kind=event.kind,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            scope=event.scope,
            at=event.at,
            created_at=now,
        )
        WebhookDelivery.objects.bulk_create([delivery], ignore_conflicts=True)
        stored = WebhookDelivery.objects.get(webhook=webhook, event_id=event.pk)
        if stored.pk == delivery.pk:
            _queue(stored.pk)


def attempt(*, delivery_id: uuid.UUID, now: datetime) -> Outcome | None:
    """Try a delivery once. Right and address are judged anew; the request itself runs outside any transaction.

    Returns None where nothing had to be sent (any more).
    """
    delivery = WebhookDelivery.objects.select_related("webhook").filter(pk=delivery_id, state="waiting").first()
    if delivery is None:
        return None
    webhook = delivery.webhook
    actor = _actor_of(webhook, now)
    allowed = actor is not None and covers(actor, Scope.from_dict(delivery.scope))
    if webhook.disabled_at is not None or not allowed:
        WebhookDelivery.objects.filter(pk=delivery.pk, state="waiting").update(state="dropped")
        return None
    try:
        target = _judge(webhook.url)
    except RefusedAddress:
        outcome = Outcome(None, "refused address", 0)
    else:
        payload = {
            "id": str(delivery.event_id),
            "kind": delivery.kind,
            "subject_type": delivery.subject_type,
            "subject_id": str(delivery.subject_id),
            "at": delivery.at.isoformat(),
        }
        outcome = post(
            target,
            payload,
            secret=vault.reveal(SECRET_KIND, webhook.secret),
            delivery=str(delivery.pk),
            timestamp=int(now.timestamp()),
        )
    _note(delivery, outcome, now)
    return outcome


def list_ended_deliveries(before: datetime) -> QuerySet[WebhookDelivery]:
    """For retention: deliveries begun before, but none that still waits."""
    return WebhookDelivery.objects.filter(created_at__lt=before).exclude(state="waiting")


def list_ended(before: datetime) -> QuerySet[Webhook]:
    """For retention: receivers that were disabled before."""
    return Webhook.objects.filter(disabled_at__lt=before)


def _note(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    """Write down how it went and, after a failure, queue the next attempt or give up."""
    tries = delivery.attempts + 1
    is_last = tries > len(WAITS_S)
    state = "delivered" if outcome.is_delivered else "failed" if is_last else "waiting"
    with transaction.atomic():
        mine = WebhookDelivery.objects.filter(pk=delivery.pk, state="waiting", attempts=delivery.attempts)
        if not mine.update(
            state=state,
            attempts=tries,
            attempted_at=now,
            status=outcome.status,
            error=outcome.error,
            took_ms=outcome.took_ms,
        ):
            return
        webhook = Webhook.objects.filter(pk=delivery.webhook_id)
        if outcome.is_delivered:
            webhook.exclude(failures=0).update(failures=0)
            return
        webhook.update(failures=F("failures") + 1)
        if webhook.filter(failures__gte=DISABLE_AFTER, disabled_at__isnull=True).update(
            disabled_at=now, disabled_why="failures"
        ):
            WebhookDelivery.objects.filter(webhook_id=delivery.webhook_id, state="waiting").update(state="dropped")
        elif not is_last:
            _queue(delivery.pk, wait_s=WAITS_S[tries - 1])


def _queue(delivery_id: uuid.UUID, *, wait_s: int = 0) -> None:
    from quancheng.kernel.exchange.jobs import send_webhook

    task = send_webhook.configure(schedule_in={"seconds": wait_s}) if wait_s else send_webhook
    task.defer(delivery_id=str(delivery_id))


def _actor_of(webhook: Webhook, now: datetime) -> Actor | None:
    """The actor whose scope filters; None where the place has ended or lost the duty."""
    place = (
        Membership.objects.current()
        .filter(pk=webhook.membership_id)
        .select_related("user", "organisation__area")
        .prefetch_related("roles")
        .first()
    )
    actor = actor_for(place, now=now) if place is not None else None
    return actor if actor is not None and actor.has(DUTY) else None


def _managed(actor: Actor, webhook_id: uuid.UUID) -> Webhook:
    actor.require(DUTY)
    webhook = Webhook.objects.visible_to(actor).filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound
    return webhook


def _journal(actor: Actor, webhook: Webhook, act: str, now: datetime, **facts: object) -> None:
    journal.record(
        actor=actor,
        act=f"exchange.webhook.{act}",
        subject_type=Webhook._meta.label_lower,
        subject_id=webhook.pk,
        facts=facts,
        now=now,
    )


def _judge(url: str) -> Target:
    return judge(url, Allowed(settings.WEBHOOK_NETWORKS, settings.WEBHOOK_INSECURE))
