"""Ways to upper platforms set up, tried, switched, ended; and their counts beside ours (对账)."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow, Reconciliation
from quancheng.domains.hazards.models.exchange import Family, TimeStyle
from quancheng.domains.hazards.services.exchange_families import records_named, records_of
from quancheng.domains.hazards.services.exchange_queue import MANAGE, fill, require_manager
from quancheng.domains.hazards.services.exchange_sending import SECRET_KIND, peer_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.addresses import Target, judge
from quancheng.kernel.errors import Conflict, DomainError, Invalid, StaleState, Text
from quancheng.kernel.exchange.upward.cipher import Cipher, check_key
from quancheng.kernel.exchange.upward.transport import Peer, Variant, allowed, send
from quancheng.kernel.names import clean
from quancheng.kernel.outgoing import NoAnswer, ask
from quancheng.kernel.vault import services as vault
from quancheng.standards.dual_prevention_exchange import digest_of

log = logging.getLogger("quancheng.hazards.exchange")
CLOCK = system_actor("hazards.exchange", MANAGE)
FIELDS = ("name", "family", "variant", "url", "counts_url", "org_code", "cipher", "times", "is_park", "batch_rows")
#: Kept sealed; an empty one of a change leaves what stands.
SECRETS = ("key", "secret", "token")
#: Differences that a comparison keeps and shows.
MOST_SHOWN = 1_000
#: Rows of one answer when the rows of a table are compared, and answers of one table: more than any has.
_PAGE = 5_000
_MOST_PAGES = 400


class TrialFailed(DomainError):
    """A trial did not go through (409); nothing else happened."""

    status = 409
    code = "trial_failed"


def enter_adapter(
    *, actor: Actor, file: Enterprise | None, known: Mapping[str, Any], now: datetime
) -> ExchangeAdapter:
    """Set up a way up for an enterprise or, by an office, for the district. It is off until somebody switches it on;
    records are queued from now on, and :func:`.exchange_queue.fill` adds what stands already.

    :param known: of :data:`FIELDS` and :data:`SECRETS`. :raises Invalid: by field. :raises Conflict: there is one.
    """
    require_manager(actor, file)
    fields, sealed = _checked(known, None)
    scope: dict[str, Any] = {"owner_org_id": actor.organisation_id, "reach": "chain"}
    if file is not None:
        scope = file.row_scope()
    try:
        with transaction.atomic():
            row = ExchangeAdapter.objects.create(**scope, file=file, created_at=now, **fields, **sealed)
            _note(actor, "hazards.exchange.adapter.enter", row, now, {**fields, "keys": sorted(sealed)})
    except IntegrityError as twice:
        raise Conflict(_("已有一个在用的上级平台对接，请先停止它。")) from twice
    return row


def change_adapter(
    *, actor: Actor, row: ExchangeAdapter, version: int, known: Mapping[str, Any], now: datetime
) -> ExchangeAdapter:
    """Change a way up. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile, or it has ended."""
    require_manager(actor, row.file)
    fields, sealed = _checked(known, row)
    before = {name: getattr(row, name) for name in fields if getattr(row, name) != fields[name]}
    with transaction.atomic():
        mine = ExchangeAdapter.objects.visible_to(actor).filter(pk=row.pk, version=version, ended_at__isnull=True)
        if not mine.update(**fields, **sealed, version=version + 1):
            raise StaleState(_("他人刚刚修改或停止了此项，请刷新后核对再改。"))
        after = {name: fields[name] for name in before}
        facts = {"before": before, "after": after, "keys": sorted(sealed)}
        _note(actor, "hazards.exchange.adapter.change", row, now, facts)
    row.refresh_from_db()
    return row


def switch_adapter(*, actor: Actor, row: ExchangeAdapter, on: bool, now: datetime) -> None:
    """Begin or cease to send; what is written meanwhile waits. :raises RefusedAddress: we may not go there."""
    require_manager(actor, row.file)
    if on:
        judge(row.url, allowed())
    with transaction.atomic():
        mine = ExchangeAdapter.objects.visible_to(actor).filter(pk=row.pk, ended_at__isnull=True).exclude(is_on=on)
        if mine.update(is_on=on, failing_since=None, failure="", alarmed_at=None):
            if on:
                ExchangeRow.objects.filter(adapter=row, state="waiting").update(next_try_at=now, tries=0)
            _note(actor, "hazards.exchange.adapter.switch", row, now, {"on": on})
    row.refresh_from_db()


def end_adapter(*, actor: Actor, row: ExchangeAdapter, now: datetime) -> None:
    """Cease for good: its keys go, its queue is only read. :raises StaleState: it has ended."""
    require_manager(actor, row.file)
    with transaction.atomic():
        mine = ExchangeAdapter.objects.visible_to(actor).filter(pk=row.pk, ended_at__isnull=True)
        if not mine.update(ended_at=now, is_on=False, key="", secret="", token=""):
            raise StaleState(_("该对接已停止。"))
        _note(actor, "hazards.exchange.adapter.end", row, now, {})
    row.refresh_from_db()


def fill_adapter(*, actor: Actor, row: ExchangeAdapter, now: datetime) -> int:
    """Queue everything that stands; returns how many rows were added."""
    return fill(actor=actor, adapter=row, now=now)


def try_adapter(*, actor: Actor, row: ExchangeAdapter) -> None:
    """Send an empty batch: whether address, keys and cipher are taken. Changes nothing here or there.

    :raises TrialFailed: they are not, or nobody answered. :raises RefusedAddress: we may not go there.
    """
    require_manager(actor, row.file)
    first = next(iter(records_of(row).tables().values()))
    if row.variant == Variant.CITY:
        # Platforms of this kind take no empty call; nobody has this key, and 4001 says that ours was understood.
        told = send(peer_of(row), first, "", [("delete", {first.key: str(uuid.uuid4())})])
        answer = next(iter(told.rejected.values()), (0, ""))[1]
        failure = told.failure or ("" if "4001" in answer else answer)
    else:
        failure = send(peer_of(row), first, uuid.uuid4().hex, []).failure
    if failure:
        raise TrialFailed(_("没有成功：%(why)s") % {"why": failure})


# Comparing --------------------------------------------------------------------------------------------------------


def reconcile(*, actor: Actor, row: ExchangeAdapter, now: datetime) -> Reconciliation:
    """Ask the upper platform what it has, table by table, and write down what differs.

    The call is ours ([D]): counts and digests of all tables; where a table differs, keys and versions of its rows.

    :raises Invalid: it tells none, or did not answer. :raises RefusedAddress: we may not go there.
    """
    require_manager(actor, row.file)
    if not row.counts_url:
        raise Invalid(_("没有填写对账地址，不能对账。"))
    return _compare(actor, row, now)


def daily_adapters() -> list[uuid.UUID]:
    """Ways up whose platform tells its counts: they are compared each night."""
    rows = ExchangeAdapter.objects.filter(ended_at__isnull=True, is_on=True).exclude(counts_url="")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def reconcile_daily(*, adapter_id: uuid.UUID, now: datetime) -> Reconciliation | None:
    """The comparison of the night, by the house. None where the platform did not answer, or the way up has ended or was
    switched off meanwhile."""
    mine = ExchangeAdapter.objects.filter(pk=adapter_id, ended_at__isnull=True, is_on=True)
    row = mine.select_related("file").first()
    if row is None:
        return None
    try:
        return _compare(CLOCK, row, now)
    except DomainError as refused:
        log.warning("nothing to compare of %s: %s", adapter_id, refused.code)
        return None


def _compare(actor: Actor, row: ExchangeAdapter, now: datetime) -> Reconciliation:
    target, peer = judge(row.counts_url, allowed()), peer_of(row)
    codes = [row.file.registration_code] if row.file else []
    theirs = _asked(target, peer, {"companyCode": codes[0]} if codes else {})
    lines: list[dict[str, Any]] = []
    found: list[dict[str, str]] = []
    for one in records_of(row).tables().values():
        ours = _ours(row, one.code)
        told = _object(_object(theirs.get("tables")).get(one.alias))
        line: dict[str, Any] = {
            "table": one.code, "ours": len(ours), "our_digest": digest_of(ours.items()),
            "theirs": _count(told.get("count")), "their_digest": str(told.get("digest") or "")[:64],
            "lacking": 0, "other": 0, "alien": 0,
        }  # fmt: skip
        if line["our_digest"] != line["their_digest"] and (ours or line["theirs"]):
            known = dict(_rows_of(target, peer, one.alias, codes))
            for kind, key in _differences(ours, known):
                line[kind] += 1
                if len(found) < MOST_SHOWN:
                    found.append({"table": one.code, "key": key, "kind": kind})
        lines.append(line)
    count = sum(line["lacking"] + line["other"] + line["alien"] for line in lines)
    with transaction.atomic():
        made = Reconciliation.objects.create(
            adapter=row, at=now, by_name=actor.name, lines=lines, differences=found, difference_count=count
        )
        _note(actor, "hazards.exchange.reconcile", row, now, {"differences": count})
    return made


def _ours(row: ExchangeAdapter, code: str) -> dict[str, str]:
    """What the platform must have by our records: key and version of each row that it took."""
    rows = ExchangeRow.objects.filter(adapter=row, table=code, accepted_at__isnull=False)
    return {str(key): version for key, version in rows.values_list("external_id", "accepted_version")}


def _differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in sorted(ours.keys() | theirs.keys()):
        if key not in theirs:
            yield "lacking", key
        elif key not in ours:
            yield "alien", key
        elif ours[key] != theirs[key]:
            yield "other", key


def _rows_of(target: Target, peer: Peer, alias: str, codes: list[str]) -> Iterator[tuple[str, str]]:
    """:raises Invalid: what was answered cannot be read, or does not go on."""
    after = ""
    for _page in range(_MOST_PAGES):
        given = {"table": alias, "after": after, "limit": str(_PAGE)} | ({"companyCode": codes[0]} if codes else {})
        rows = _asked(target, peer, given).get("rows") or []
        if not isinstance(rows, list) or not all(isinstance(pair, list) and len(pair) >= 2 for pair in rows):
            raise _unsaid()
        for pair in rows:
            yield str(pair[0]), str(pair[1])
        if len(rows) < _PAGE:
            return
        if str(rows[-1][0]) == after:
            raise _unsaid()
        after = str(rows[-1][0])
    raise _unsaid()


def _object(told: Any) -> dict[str, Any]:
    """What should be an object; nothing said is none. :raises Invalid: it is something else."""
    if told is not None and not isinstance(told, dict):
        raise _unsaid()
    return told or {}


def _count(told: Any) -> int:
    try:
        return int(told or 0)
    except (TypeError, ValueError, OverflowError):
        raise _unsaid() from None


def _unsaid() -> Invalid:
    return Invalid(_("上级平台没有应答，或应答不能识别，请稍后再对账。"), code="no_answer")


def _asked(target: Target, peer: Peer, given: Mapping[str, str]) -> dict[str, Any]:
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in given.items())
    mark = "&" if "?" in target.path else "?"
    place = replace(target, path=f"{target.path}{mark}{query}" if query else target.path)
    try:
        proof = peer.token or peer.secret
        answer = ask(place, headers={"Authorization": f"Bearer {proof}"} if proof else {})
        told = json.loads(answer.body) if answer.status == 200 else None
    except (NoAnswer, ValueError):
        raise _unsaid() from None
    if not isinstance(told, dict):
        raise _unsaid()
    return told


# Checks -----------------------------------------------------------------------------------------------------------


def _checked(known: Mapping[str, Any], before: ExchangeAdapter | None) -> tuple[dict[str, Any], dict[str, str]]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name in ("name", "url", "counts_url", "org_code"):
        if name in given:
            given[name] = clean(given[name] or "")

    def told(name: str, default: Any = "") -> Any:
        return given.get(name, getattr(before, name, default))

    if not told("name") or len(told("name")) > 60:
        wrong["name"] = _("请填写上级平台名称，最多60字。")
    for name, choices in (("family", Family), ("variant", Variant), ("cipher", Cipher), ("times", TimeStyle)):
        if told(name, choices.values[0]) not in choices.values:
            wrong[name] = _("没有这个选项。")
    if before is not None and told("family") != before.family:
        wrong["family"] = _("数据类别不能改，请停止后另设。")
    elif not {"family", "variant"} & set(wrong) and told("variant") not in records_named(_family(told)).variants:
        wrong["variant"] = _("该数据类别没有这种对接方式。")
    for name in ("url", "counts_url"):
        if (told(name) or name == "url") and not _is_url(told(name)):
            wrong[name] = _("请填写完整的网址，例如 https://host.example/path 。")
    if len(told("org_code")) > 60:
        wrong["org_code"] = _("最多%(count)s个字。") % {"count": 60}
    if not 1 <= int(told("batch_rows", 500) or 0) <= 2000:
        wrong["batch_rows"] = _("每批1至2000行。")
    secrets = {name: str(known.get(name) or "").strip() for name in SECRETS}
    if told("cipher", "none") != Cipher.NONE:
        if secrets["key"]:
            try:
                check_key(told("cipher"), secrets["key"])
            except Invalid as refused:
                wrong |= refused.fields
        elif before is None or not before.key or given.get("cipher", before.cipher) != before.cipher:
            wrong["key"] = _("请填写密钥。")
    if told("variant") in (Variant.CITY, Variant.RELAY) and not (secrets["secret"] or (before and before.secret)):
        wrong["secret"] = _("请填写对接口令。")
    if any(len(value) > 300 for value in secrets.values()):
        wrong["secret"] = _("最多%(count)s个字。") % {"count": 300}
    if wrong:
        raise Invalid(fields=wrong)
    return given, {name: vault.seal(SECRET_KIND, value) for name, value in secrets.items() if value}


def _family(told: Callable[..., Any]) -> str:
    return str(told("family", Family.DUAL))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 500


def _note(actor: Actor, act: str, row: ExchangeAdapter, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=ExchangeAdapter._meta.label_lower, subject_id=row.pk,
        org_id=row.owner_org_id, facts=facts, now=now,
    )  # fmt: skip
