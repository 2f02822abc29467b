"""Brokers entered, changed, stopped; topics mapped to sources (消息服务器桥接)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import BRIDGED, BridgeRule, Broker, BrokerState, Source
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.addresses import Allowed, judge_host
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.vault import services as vault

BRIDGE = "monitoring.bridge"
FIELDS = ("name", "host", "port", "is_tls", "user")
#: Under what the vault seals a broker's password.
SECRET_KIND = "broker"  # noqa: S105
#: Topics without a rule that are counted one by one, and what the rest are counted as.
MOST_TOPICS, OTHERS = 100, "…"
_LEVEL = re.compile(r"[^\s+#\x00-\x1f]*\Z")


def allowed() -> Allowed:
    """Which addresses beside public ones a broker may have, and whether without TLS."""
    return Allowed(settings.BROKER_NETWORKS, settings.BROKER_INSECURE)


def _office(actor: Actor) -> uuid.UUID:
    """Of who may set up bridges."""
    actor.require(BRIDGE)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    return actor.organisation_id


def enter_broker(*, actor: Actor, known: Mapping[str, Any], now: datetime) -> Broker:
    """Fetch messages from a broker from the next seconds on; those of topics without a rule are only counted.

    :param known: of :data:`FIELDS`, and ``password``. :raises Invalid: by field.
    """
    office, given = _office(actor), _given(known)
    with transaction.atomic():
        row = Broker.objects.create(
            owner_org_id=office, reach="own", created_at=now, password=_sealed(known), **given
        )
        BrokerState.objects.create(broker=row, updated_at=now)
        _note(actor, "monitoring.broker.enter", row, now, given)
    return row


def change_broker(*, actor: Actor, row: Broker, version: int, known: Mapping[str, Any], now: datetime) -> Broker:
    """Change how a broker is reached; an empty password leaves the one that is kept.

    :raises Invalid: by field. :raises StaleState: somebody saved or stopped it meanwhile.
    """
    _office(actor)
    given = _given(known)
    before = {name: getattr(row, name) for name in given if getattr(row, name) != given[name]}
    # A password is told to the host alone for which it was entered.
    sealed = {"password": _sealed(known)} if known.get("password") or before.keys() & {"host", "port", "user"} else {}
    with transaction.atomic():
        mine = Broker.objects.visible_to(actor).filter(pk=row.pk, version=version, stopped_at__isnull=True)
        if not mine.update(**given, **sealed, version=version + 1):
            raise StaleState(_("他人刚刚修改了此项，请刷新后核对再改。"))
        after = {name: given[name] for name in before}
        _note(actor, "monitoring.broker.change", row, now, {"before": before, "after": after, "secret": bool(sealed)})
    row.refresh_from_db()
    return row


def stop_broker(*, actor: Actor, row: Broker, now: datetime) -> None:
    """Fetch nothing more, for good: the password goes. :raises StaleState: it was stopped."""
    _office(actor)
    with transaction.atomic():
        mine = Broker.objects.visible_to(actor).filter(pk=row.pk, stopped_at__isnull=True)
        if not mine.update(stopped_at=now, password=""):
            raise StaleState(_("该桥接已停用。"))
        _note(actor, "monitoring.broker.stop", row, now, {})
    row.refresh_from_db()


def add_rule(
    *, actor: Actor, row: Broker, pattern: str, source: Source, form: str, now: datetime
) -> BridgeRule:
    """Say whose the topics of a pattern are. What comes by it speaks for the source's enterprise and for no other.

    :param pattern: a filter of MQTT; ``+`` stands for one level, ``#`` for all that follow.
    :param source: one that a query gave to the actor. :raises Invalid: by field. :raises Conflict: it has a rule.
    """
    _office(actor)
    if not may_keep(actor, source.file):
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if not is_pattern(pattern):
        wrong["pattern"] = _("主题格式不对：各级以 / 分隔，+ 代表一级，# 只能在最后，且不能只有通配符。")
    if form not in dict(BRIDGED):
        wrong["form"] = _("请选择报文格式。")
    elif form not in source.forms:
        wrong["form"] = _("该接入源没有选用这种报文格式。")
    if wrong:
        raise Invalid(fields=wrong)
    if row.stopped_at is not None:
        raise Conflict(_("该桥接已停用。"))
    try:
        with transaction.atomic():
            made = BridgeRule.objects.create(broker=row, pattern=pattern, source=source, form=form, created_at=now)
            _note(actor, "monitoring.broker.rule", row, now, {"pattern": pattern, "source": source.code, "form": form})
    except IntegrityError as twice:
        raise Conflict(_("该主题已有规则。"), fields={"pattern": _("该主题已有规则。")}) from twice
    return made


def drop_rule(*, actor: Actor, row: Broker, rule_id: int, now: datetime) -> None:
    """Let a rule go; its topics are only counted from then on. :raises NotFound: the broker has no such rule."""
    _office(actor)
    with transaction.atomic():
        rule = BridgeRule.objects.filter(broker=row, pk=rule_id).select_related("source").first()
        if rule is None:
            raise NotFound
        _note(actor, "monitoring.broker.drop_rule", row, now, {"pattern": rule.pattern, "source": rule.source.code})
        rule.delete()


def is_pattern(text: str) -> bool:
    """Whether a filter of MQTT (4.7.1) names something: one of wildcards alone would make all topics one source's."""
    levels = text.split("/")
    if not 1 <= len(text) <= 200 or not any(level not in ("", "+", "#") for level in levels):
        return False
    *front, last = levels
    return all(level == "+" or _LEVEL.match(level) for level in front) and (last in "+#" or bool(_LEVEL.match(last)))


def password_of(sealed: str) -> str | None:
    """A broker's password in clear, for one connection."""
    return vault.reveal(SECRET_KIND, sealed) if sealed else None


@dataclass(frozen=True, slots=True)
class SeenBroker:
    """What a bridge saw since it last told: counts are added, the rest is written over."""

    pk: uuid.UUID
    is_online: bool
    last_at: datetime | None
    messages: int
    topics: Mapping[str, int]
    trouble: str


def note_brokers(seen: Sequence[SeenBroker], *, now: datetime) -> None:
    """Write how brokers are. For the bridge; in no scope, and in no journal."""
    told = {one.pk: one for one in seen}
    with transaction.atomic():
        for row in BrokerState.objects.select_for_update().filter(broker__in=told).order_by("pk"):
            one = told[row.broker_id]
            if row.is_online != one.is_online:
                row.is_online, row.since_at = one.is_online, now
            row.last_at = one.last_at or row.last_at
            row.messages += one.messages
            row.trouble = one.trouble[:300]
            for topic, count in one.topics.items():
                name = topic.replace("\0", "\ufffd")[:200]
                if name not in row.topics and len(row.topics) >= MOST_TOPICS:
                    name = OTHERS
                row.topics[name] = row.topics.get(name, 0) + count
                row.unmapped += count
            row.updated_at = now
            row.save()


def _given(known: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {
        "name": clean(known.get("name") or ""), "host": (known.get("host") or "").strip(), "port": known.get("port"),
        "is_tls": bool(known.get("is_tls")), "user": (known.get("user") or "").strip(),
    }  # fmt: skip
    if not 1 <= len(given["name"]) <= 60:
        wrong["name"] = _("请填写名称，最多%(count)s个字。") % {"count": 60}
    if not isinstance(given["port"], int) or not 1 <= given["port"] <= 65535:
        wrong["port"] = _("端口须在1至65535之间。")
    if not given["is_tls"] and not allowed().insecure:
        wrong["is_tls"] = _("未加密的连接须先由运维人员允许。")
    if not wrong:
        try:
            judge_host(given["host"], given["port"], allowed())
        except Invalid as refused:
            wrong["host"] = refused.message
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _sealed(known: Mapping[str, Any]) -> str:
    return vault.seal(SECRET_KIND, known["password"]) if known.get("password") else ""


def _note(actor: Actor, act: str, row: Broker, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=Broker.row_type(), subject_id=row.pk, org_id=row.owner_org_id, facts=facts,
        now=now,
    )  # fmt: skip
