"""Canonical JSON and digests: the same facts give the same bytes, on every machine and in every year.

Sorted keys, NFC text, decimals as strings, times in UTC with microseconds and ``Z``, no floats that are not finite.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import math
import unicodedata
import uuid
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.functional import Promise


def plain(value: Any) -> Any:
    """The JSON value that stands for ``value``.

    :raises TypeError: a type that has no canonical form.
    :raises ValueError: NaN, an infinity, or a naive time.
    """
    if value is None or isinstance(value, bool | int):
        return value if not isinstance(value, Enum) else plain(value.value)
    if isinstance(value, str | Promise):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number that is not finite has no canonical form")
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("a number that is not finite has no canonical form")
        return format(value, "f")
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("a naive time has no canonical form")
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _plain_compound(value)


def _plain_compound(value: Any) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=lambda item: json.dumps(item, ensure_ascii=False))
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical(value: Any) -> bytes:
    """UTF-8 bytes of the canonical JSON of ``value``."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def keyed_digest(key: bytes, value: Any) -> str:
    """HMAC-SHA-256 of the canonical JSON: stands for personal data without telling them."""
    return hmac.new(key, canonical(value), hashlib.sha256).hexdigest()
