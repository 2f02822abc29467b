"""Sources (接入源) entered, changed, given a secret, blocked and opened again."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.events import CONNECTED, CUT_OFF
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import keeps
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

KEEP, ENTER = "monitoring.keep", "monitoring.enter"
FIELDS = ("name", "kind", "forms", "mn", "points_per_s", "burst_points", "points_per_day", "most_bytes", "reorder_s")
GATEWAY = system_actor("gateway")
#: What an office sets and an enterprise only reads: [D].
LIMITS = {"points_per_s": (1, 200_000), "burst_points": (1, 2_000_000), "points_per_day": (1, 20_000_000_000),
          "most_bytes": (1_024, 1_048_576), "reorder_s": (0, 5)}  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,63}\Z")
_MN = re.compile(r"[A-Za-z0-9]{14,24}\Z")
#: HJ 212 gives a password six characters; none of these is read as another.
_PW_LENGTH, _PW_LETTERS = 6, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor may write sources and tags of a file that he sees: the enterprise itself, or an office."""
    return keeps(actor, file, own=KEEP, office=ENTER)


def is_station(forms: Collection[str]) -> bool:
    """Whether a source of these forms speaks HJ 212, and so is known by MN and PW."""
    return Form.HJ212 in forms


def enter_source(
    *, actor: Actor, file: Enterprise, code: str, known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Source:  # fmt: skip
    """Enter a source of an enterprise. It can sign in once it was given a secret.

    :param code: under which it signs in: 3 to 64 letters, digits, ``_ . -``; of one source in the whole house.
    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: the code is taken.
    """
    if not may_keep(actor, file):
        raise NotPermitted
    given = _given(actor, known, None)
    if not _CODE.match(code):
        raise Invalid(fields={"code": _("接入编码为3至64个字母、数字或 _ . - ，以字母或数字开头。")})

    def make() -> uuid.UUID:
        row = Source.objects.create(**file.row_scope(), file=file, code=code, created_at=now, **given)
        SourceState.objects.create(source=row, updated_at=now)
        _note(actor, "monitoring.source.enter", row, now, {"code": code, **given})
        return row.pk

    body = {"file": file.pk, "code": code, **given}
    try:
        with transaction.atomic():
            pk, _made = once(
                actor=actor, client_id=client_id, act="monitoring.source.enter", body=body, now=now, make=make
            )
    except IntegrityError as twice:
        raise _taken(twice) from twice
    return Source.objects.get(pk=pk)


def change_source(
    *, actor: Actor, row: Source, version: int, known: Mapping[str, Any], now: datetime
) -> Source:
    """Change what a source is. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    if not may_keep(actor, row.file):
        raise NotPermitted
    given = _given(actor, known, row)
    before = {name: getattr(row, name) for name in given if getattr(row, name) != given[name]}
    # The short password of a station opens no other door, and a key of another door is none of a station.
    ends = {"digest": b"", "secret_at": None} if is_station(row.forms) is not is_station(given["forms"]) else {}
    try:
        with transaction.atomic():
            mine = Source.objects.visible_to(actor).filter(pk=row.pk, version=version)
            if not mine.update(**given, **ends, version=version + 1):
                raise StaleState(_("他人刚刚修改了此项，请刷新后核对再改。"))
            after = {name: given[name] for name in before}
            _note(actor, "monitoring.source.change", row, now, {"before": before, "after": after})
    except IntegrityError as twice:
        raise _taken(twice) from twice
    row.refresh_from_db()
    return row


def renew_secret(*, actor: Actor, row: Source, now: datetime) -> str:
    """Give a source a new secret and return it: it is shown once and kept nowhere. The old one ends at once.

    That of a station of HJ 212 is its PW, of six characters.

    :raises Conflict: the source is blocked.
    """
    if not may_keep(actor, row.file):
        raise NotPermitted
    if is_station(row.forms):
        secret = "".join(secrets.choice(_PW_LETTERS) for _ in range(_PW_LENGTH))
    else:
        secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    with transaction.atomic():
        mine = Source.objects.visible_to(actor).filter(pk=row.pk, blocked_at__isnull=True)
        if not mine.update(digest=digest, secret_at=now):
            raise Conflict(_("该接入源已停用，请先恢复。"))
        _note(actor, "monitoring.source.secret", row, now, {})
    row.refresh_from_db()
    return secret


def block_source(*, actor: Actor, row: Source, reason: str, now: datetime) -> None:
    """Shut a source out, from the next seconds on; its secret goes. :raises Invalid: no reason."""
    if not may_keep(actor, row.file):
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        mine = Source.objects.visible_to(actor).filter(pk=row.pk, blocked_at__isnull=True)
        if not mine.update(blocked_at=now, blocked_reason=clean(reason)[:300], digest=b""):
            raise StaleState(_("该接入源已停用。"))
        _note(actor, "monitoring.source.block", row, now, {"reason": clean(reason)[:300]})
    row.refresh_from_db()


def open_source(*, actor: Actor, row: Source, now: datetime) -> None:
    """Let a blocked source be used again; it needs a new secret."""
    if not may_keep(actor, row.file):
        raise NotPermitted
    with transaction.atomic():
        mine = Source.objects.visible_to(actor).filter(pk=row.pk, blocked_at__isnull=False)
        if not mine.update(blocked_at=None, blocked_reason=""):
            raise StaleState(_("该接入源没有停用。"))
        _note(actor, "monitoring.source.open", row, now, {})
    row.refresh_from_db()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a gateway saw of a source since it last told: counts are added, the rest is written over."""

    number: int
    is_online: bool
    last_at: datetime | None
    messages: int
    received_bytes: int
    refused: Mapping[str, int]
    clock_ms: int | None


def note_seen(seen: Sequence[Seen], *, now: datetime) -> None:
    """Write how sources are. For gateways; in no scope, and in no journal."""
    numbers = sorted(one.number for one in seen)
    by_number = {one.number: one for one in seen}
    with transaction.atomic():
        rows = SourceState.objects.select_for_update(of=("self",)).filter(source__number__in=numbers)
        changed = []
        for row in rows.select_related("source").order_by("pk"):
            told = by_number[row.source.number]
            if row.is_online != told.is_online:
                row.is_online, row.since_at = told.is_online, now
                publish(CONNECTED if told.is_online else CUT_OFF, row.source, actor=GATEWAY, now=now)
            # Of several gateways one may tell again what it saw long ago.
            row.last_at = max(filter(None, (row.last_at, told.last_at)), default=None)
            row.messages += told.messages
            row.received_bytes += told.received_bytes
            for reason, count in told.refused.items():
                row.refused[reason] = row.refused.get(reason, 0) + count
            row.clock_ms = row.clock_ms if told.clock_ms is None else told.clock_ms
            row.updated_at = now
            changed.append(row)
        names = ("is_online", "since_at", "last_at", "messages", "received_bytes", "refused", "clock_ms", "updated_at")
        SourceState.objects.bulk_update(changed, names, batch_size=500)


def forget_presence(*, but: Collection[int] = ()) -> None:
    """Nobody is connected: a gateway begins, or ends. For gateways. :param but: numbers of sources that another has."""
    now = timezone.now()
    with transaction.atomic():
        rows = SourceState.objects.select_for_update(of=("self",)).filter(is_online=True).select_related("source")
        rows = rows.exclude(source__number__in=list(but))
        cut_off = [row.source for row in rows.order_by("pk")]
        SourceState.objects.filter(source__in=cut_off).update(is_online=False, since_at=now, updated_at=now)
        for source in cut_off:
            publish(CUT_OFF, source, actor=GATEWAY, now=now)


def _given(actor: Actor, known: Mapping[str, Any], row: Source | None) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {
        "name": clean(known.get("name") or ""), "kind": known.get("kind"), "forms": sorted(known.get("forms") or ()),
        "mn": (known.get("mn") or "").strip(),
    }  # fmt: skip
    if not given["name"]:
        wrong["name"] = _("请填写名称。")
    elif len(given["name"]) > 100:
        wrong["name"] = _("最多%(count)s个字。") % {"count": 100}
    if given["kind"] not in SourceKind.values:
        wrong["kind"] = _("请选择接入方式。")
    if not given["forms"] or not set(given["forms"]) <= set(Form.values):
        wrong["forms"] = _("请至少选择一种报文格式。")
    elif is_station(given["forms"]) and len(given["forms"]) > 1:
        wrong["forms"] = _("HJ 212 的口令只有6位，须单独登记为一个接入源，不与其他格式合用。")
    if given["mn"] and not _MN.match(given["mn"]):
        wrong["mn"] = _("设备唯一标识MN为14至24个字母或数字。")
    elif Form.HJ212 in given["forms"] and not given["mn"]:
        wrong["mn"] = _("使用 HJ 212 的须填写设备唯一标识MN。")
    for name, (least, most) in LIMITS.items():
        value = known.get(name)
        if value is None:
            continue
        if row is not None and value == getattr(row, name):
            continue
        if not actor.supervises:
            wrong[name] = _("上限由监管部门设置。")
        elif not least <= value <= most:
            wrong[name] = _("须在%(least)s至%(most)s之间。") % {"least": least, "most": most}
        given[name] = value
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _taken(twice: IntegrityError) -> Conflict:
    name = "mn" if "source_mn_once" in str(twice) else "code"
    sentence = _("已有接入源使用该标识。")
    return Conflict(sentence, fields={name: sentence})


def _note(actor: Actor, act: str, row: Source, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=Source.row_type(), subject_id=row.pk, org_id=row.file_id, facts=facts,
        now=now,
    )  # fmt: skip
