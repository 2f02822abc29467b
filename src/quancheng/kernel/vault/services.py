"""Sealing and opening personal identifiers, finding them by blind index, masking and unmasking.

A sealed value reads ``v1:<key id>:<base64>``; algorithm and key stand in the key id (``aes256gcm-001``).
"""

from __future__ import annotations

import base64
import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import keyed_digest
from quancheng.kernel.errors import Invalid
from quancheng.kernel.vault import keys
from quancheng.kernel.vault.suites import SUITES, Suite, Unreadable, chosen_suite

PHONE, RESIDENT_ID = "phone", "resident_id"
_VERSION = "v1"
_MOBILE = re.compile(r"^1\d{10}$")
_LANDLINE = re.compile(r"^0\d{2,3}-?\d{7,8}$")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def normalise(kind: str, value: str) -> str:
    """The one form of a value under which it is indexed: full-width digits, spaces and ``+86`` make no difference."""
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == PHONE:
        text = re.sub(r"[\s-]", "", text)
        return re.sub(r"^(?:\+|00)86(?=\d)", "", text)
    if kind == RESIDENT_ID:
        return re.sub(r"\s", "", text).upper()
    return text


def check_phone(value: str) -> str:
    """The normalised telephone number. :raises Invalid: neither a mobile nor a landline number."""
    number = normalise(PHONE, value)
    if not (_MOBILE.match(number) or _LANDLINE.match(number)):
        raise Invalid(fields={"phone": _("请填写11位手机号码，或带区号的固定电话。")})
    return number


def check_resident_id(value: str) -> str:
    """The normalised resident identity number. Source: GB 11643-1999, check digit by ISO 7064 MOD 11-2.

    :raises Invalid: wrong length, characters, date or check digit.
    """
    number = normalise(RESIDENT_ID, value)
    wrong = Invalid(fields={"resident_id": _("身份证号码有误，请核对18位号码。")})
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise wrong
    try:
        datetime.strptime(number[6:14], "%Y%m%d")  # noqa: DTZ007 - only whether such a day exists
    except ValueError as failure:
        raise wrong from failure
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    if _CHECKS[total % 11] != number[17]:
        raise wrong
    return number


def seal(kind: str, value: str) -> str:
    """Encrypt a value; the result opens only as the same kind."""
    suite = chosen_suite()
    key_id = keys.current_key(suite)
    _suite, key = keys.key_of(key_id)
    sealed = suite.encrypt(key, normalise(kind, value).encode(), bound_to=kind.encode())
    return f"{_VERSION}:{key_id}:{base64.b64encode(sealed).decode()}"


def reveal(kind: str, token: str) -> str:
    """Open a sealed value, without a record: for sending messages and for the person's own page.

    :raises Unreadable: altered, of another kind, or its key is missing from the keyring.
    """
    version, _mark, rest = token.partition(":")
    key_id, _mark, text = rest.partition(":")
    if version != _VERSION:
        raise Unreadable
    try:
        suite, key = keys.key_of(key_id)
        raw = base64.b64decode(text, validate=True)
    except (KeyError, ValueError) as failure:
        raise Unreadable from failure
    return suite.decrypt(key, raw, bound_to=kind.encode()).decode()


def seal_bytes(kind: str, content: bytes) -> bytes:
    """Encrypt a whole file as it is; its first line names the key."""
    suite = chosen_suite()
    key_id = keys.current_key(suite)
    _suite, key = keys.key_of(key_id)
    return f"{_VERSION}:{key_id}\n".encode() + suite.encrypt(key, content, bound_to=kind.encode())


def open_bytes(kind: str, sealed: bytes) -> bytes:
    """Open a sealed file. :raises Unreadable: altered, of another kind, or its key is missing from the keyring."""
    head, _mark, body = sealed.partition(b"\n")
    version, _mark_text, key_id = head.decode("ascii", "replace").partition(":")
    if version != _VERSION:
        raise Unreadable
    try:
        suite, key = keys.key_of(key_id)
    except KeyError as failure:
        raise Unreadable from failure
    return suite.decrypt(key, body, bound_to=kind.encode())


def is_current(sealed: bytes) -> bool:
    """Whether a sealed file stands under the key in use now."""
    return sealed.startswith(f"{_VERSION}:{keys.current_key(chosen_suite())}\n".encode())


def key_id_of(token: str) -> str:
    """Under which key a value is sealed."""
    return token.split(":", 2)[1]


def blind_index(kind: str, value: str) -> str:
    """The keyed index by which an exact value is found and kept unique; tells nothing of the value."""
    return _index(chosen_suite(), kind, value)


def _index(suite: Suite, kind: str, value: str) -> str:
    digest = suite.keyed_hash(keys.index_key(suite), f"{kind}\n{normalise(kind, value)}".encode())
    return f"{suite.digest.name}:{digest}"


def blind_indexes(kind: str, value: str) -> tuple[str, ...]:
    """The indexes under which a value may stand: of the chosen suite, then of others that were in use before.

    For values that cannot be indexed anew because nobody keeps them (recovery codes).
    """
    former = [suite for suite in SUITES.values() if suite != chosen_suite() and keys.has_index_key(suite)]
    return (blind_index(kind, value), *(_index(suite, kind, value) for suite in former))


def keyed(value: object) -> str:
    """The keyed digest that stands for a personal value in the journal."""
    return keyed_digest(keys.digest_key(), value)


def mask(kind: str, value: str) -> str:
    """A value as everybody may see it: 138****5678, 50010********1234, 张*."""
    if kind == PHONE:
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 9 else "****"
    if kind == RESIDENT_ID:
        return f"{value[:6]}********{value[-4:]}" if len(value) == 18 else "****"
    return f"{value[:1]}{'*' * max(1, len(value) - 1)}" if value else ""


def masked(kind: str, token: str) -> str:
    """The mask of a sealed value; empty for none, and a plain mark where it cannot be opened."""
    if not token:
        return ""
    try:
        return mask(kind, reveal(kind, token))
    except Unreadable:
        return _("（无法读取）")


def unmask(
    *,
    actor: Actor,
    kind: str,
    token: str,
    reason: str,
    now: datetime,
    subject_type: str,
    subject_id: uuid.UUID,
    org_id: uuid.UUID | None = None,
) -> str:
    """Open a sealed value for a person to read: an act, with its reason in the journal (never with the value).

    :raises NotPermitted: the duty is missing. :raises Invalid: no reason.
    """
    actor.require("vault.unmask")
    if len(reason.strip()) < 4:
        raise Invalid(fields={"reason": _("请写明查看原因（至少4个字）。")})
    with transaction.atomic():
        journal.record(
            actor=actor,
            act="vault.unmask",
            subject_type=subject_type,
            subject_id=subject_id,
            org_id=org_id,
            facts={"kind": kind, "reason": reason.strip()[:200]},
            now=now,
        )
    return reveal(kind, token)


# Rotation -------------------------------------------------------------------------------------------------------

#: Takes a function that seals a token anew (or returns it unchanged); returns how many it changed.
Reseal = Callable[[Callable[[str], str]], int]
_columns: dict[str, Reseal] = {}


def register_column(name: str, reseal_all: Reseal) -> None:
    """An app with a sealed column says how all its values are sealed anew.

    :param name: ``table:kind``, or ``table.column:kind``.
    :param reseal_all: as :func:`reseal_of` makes it.
    """
    _columns[name] = reseal_all


def reseal_of(
    model: type[models.Model], column: str, *, index: str = "", kind: str = "", chunk: int = 2000
) -> Reseal:
    """How the values of a sealed column are sealed anew, those that stand under the new key already left alone.

    :param index: its column of blind indexes, where values are found by that of the suite in use; of ``kind``. Left out
        where the indexes of former suites are asked too.
    :param chunk: rows read at a time, fewer where values are long.
    """

    def reseal_all(again: Callable[[str], str]) -> int:
        changed, names = 0, [column, index] if index else [column]
        rows = model._default_manager.exclude(**{column: ""}).order_by("pk").values_list("pk", *names)
        for pk, *stands in rows.iterator(chunk_size=chunk):
            wanted = [again(stands[0])]
            if index:
                wanted.append(blind_index(kind, reveal(kind, wanted[0])))
            if wanted != stands:
                # Somebody may have written another value meanwhile: that one stands under the new key.
                mine = model._default_manager.filter(pk=pk, **{column: stands[0]})
                changed += mine.update(**dict(zip(names, wanted, strict=True)))
        return changed

    return reseal_all


def rotate(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Make a new key of the chosen suite and seal every registered column anew; returns how many of each.

    May be run again after an interruption: what already stands under the new key stays as it is.
    """
    key_id = keys.rotate_key(chosen_suite())

    def again(kind: str) -> Callable[[str], str]:
        return lambda token: token if key_id_of(token) == key_id else seal(kind, reveal(kind, token))

    changed = {name: reseal_all(again(name.rpartition(":")[2])) for name, reseal_all in sorted(_columns.items())}
    with transaction.atomic():
        journal.record(actor=actor, act="vault.rotate", facts={"key": key_id, **changed}, now=now)
    return changed
