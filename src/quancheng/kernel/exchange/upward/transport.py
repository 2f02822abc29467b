"""How a batch is told to an upper platform, in each of the ways, and what its answer means. No database here.

Variants A and B as public programs show them; of C the fields are known and the calls are ours ([D]). Of D the records
are those of AQ 3064.1-2025, A.1; how they travel, signed over the body, is ours ([D]): the standard leaves it open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.addresses import Allowed, Target, judge
from quancheng.kernel.exchange.upward.cipher import encrypt
from quancheng.kernel.outgoing import NoAnswer, ask
from quancheng.standards.dual_prevention_exchange import rejects


class Variant(models.TextChoices):
    """How an upper platform is spoken to (对接方式)."""

    PARK = "A", _("A 园区平台（JSON成批，密文）")
    CITY = "B", _("B 市级平台（表单，逐条）")
    RELAY = "C", _("C 省级转发（JSON成批，回执后到）")
    WORK = "D", _("D 园区平台（AQ 3064 业务数据，JSON成批）")


class Addressed(Protocol):
    """A table of records as a receiver knows it."""

    @property
    def alias(self) -> str: ...
    @property
    def service_id(self) -> str: ...
    @property
    def key(self) -> str:
        """The field under which a row holds its key."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """An upper platform with its keys in clear, as one call needs it; never kept, never logged."""

    variant: str
    url: str
    org_code: str
    cipher: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(slots=True)
class Told:
    """What became of a batch.

    :ivar status: HTTP status; None where no answer came.
    :ivar is_queued: the receiver took it and will judge the rows later.
    :ivar failure: why the batch, or what is in ``unanswered`` of it, has to be sent again; empty where it has not.
    :ivar rejected: outside key to reject code and reason.
    :ivar unanswered: outside keys to which nothing was said.
    """

    status: int | None = None
    message: str = ""
    peer_id: str = ""
    is_queued: bool = False
    failure: str = ""
    rejected: dict[str, tuple[int, str]] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()


def allowed() -> Allowed:
    """Which addresses beside public HTTPS ones an upper platform may have."""
    return Allowed(settings.UPPER_NETWORKS, settings.UPPER_INSECURE)


def send(peer: Peer, table: Addressed, data_id: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Told:
    """Tell a batch. :param rows: ``create``, ``update`` or ``delete`` with each row as the spec writes it.

    :raises RefusedAddress: the address is not, or no longer, one where we may go.
    """
    target = judge(peer.url, allowed())
    if peer.variant == Variant.CITY:
        return _send_forms(peer, target, table, rows)
    return _send_json(peer, target, table, data_id, [dict(row) for _act, row in rows])


def _send_json(peer: Peer, target: Target, table: Addressed, data_id: str, rows: list[dict[str, Any]]) -> Told:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    data: Any = rows if peer.cipher == "none" else encrypt(peer.cipher, peer.key, text)
    headers = {"Content-Type": "application/json"}
    body = {"serviceId": table.service_id, "orgCode": peer.org_code, "dataId": data_id, "data": data}
    if peer.variant == Variant.RELAY:
        if peer.token:
            headers["Authorization"] = f"Bearer {peer.token}"
        body = {"table": table.alias, "secretKey": peer.secret, "dataId": data_id, "data": data}
    elif peer.variant == Variant.WORK:
        body = {"IDENTIFIER": table.service_id, "PARK_CODE": peer.org_code, "DATA_ID": data_id, "DATA": data}
    keys = frozenset(str(row[table.key]) for row in rows)
    sent = json.dumps(body, ensure_ascii=False).encode()
    if peer.variant == Variant.WORK and peer.secret:
        headers["X-Sign"] = hmac.new(peer.secret.encode(), sent, hashlib.sha256).hexdigest()
    found = _ask(target, headers, sent)
    if isinstance(found, Told):
        found.unanswered = keys
        return found
    status, answer = found
    told = Told(status, str(answer.get("message") or "")[:300])
    if peer.variant == Variant.RELAY:
        told.peer_id, told.is_queued = str(answer.get("wbatchId") or "")[:64], bool(answer.get("wbatchId"))
    code = _code(answer.get("code"))
    told.rejected = rejected_in(answer)
    if code not in (0, 200) and not told.rejected:
        if code in rejects() and code != 4010:
            told.rejected = dict.fromkeys(keys, (code, told.message))
        else:
            told.failure, told.unanswered = told.message or f"code {code}", keys
    elif peer.variant == Variant.RELAY and not told.is_queued:
        told.failure, told.unanswered = "no wbatchId", keys
    return told


def rejected_in(answer: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """The rows that an answer or a receipt refuses."""
    rows = answer.get("rejected")
    found = {}
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict) and one.get("id"):
            found[str(one["id"])] = (_code(one.get("code")) or 0, str(one.get("message") or "")[:500])
    return found


def _send_forms(peer: Peer, target: Target, table: Addressed, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Told:
    """One call a row; after the first that gets no answer the others wait for the next attempt."""
    told = Told(message="")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for number, (act, row) in enumerate(rows):
        if act == "delete":
            given: dict[str, Any] = {"ids": row[table.key], "isLinkDelete": 2}
        else:
            given = {f"{table.alias}.{name}": value for name, value in row.items()}
        body = urlencode({"pwd": peer.secret, "orgCode": peer.org_code, **given}).encode()
        place = replace(target, path=f"{target.path.rstrip('/')}/{table.alias}/{act}")
        found = _ask(place, headers, body)
        if isinstance(found, Told):
            told.status, told.failure = found.status, found.failure
            told.unanswered = frozenset(str(one[table.key]) for _act, one in rows[number:])
            break
        told.status, answer = found
        if answer.get("operateSuccess") is not True:
            message = str(answer.get("operateMessage") or "")[:500]
            code = next((one for one in rejects() if str(one) in message), 0)
            told.rejected[str(row[table.key])] = (code, message)
    return told


def _ask(target: Target, headers: Mapping[str, str], body: bytes) -> Told | tuple[int, dict[str, Any]]:
    """Status and JSON of an answer, or a failure that is worth another attempt."""
    try:
        answer = ask(target, method="POST", headers=headers, body=body)
    except NoAnswer:
        return Told(failure="no answer")
    if answer.status != 200:
        return Told(answer.status, failure=f"HTTP {answer.status}")
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    return (answer.status, told) if isinstance(told, dict) else Told(answer.status, failure="not JSON")


def _code(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
