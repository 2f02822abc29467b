"""One-time codes by time (动态口令). Source: RFC 6238-2011 over RFC 4226-2005; 30 s steps, six digits, SHA-1.

Pure: no clock, no database. SHA-1 is what every authenticator app speaks; HMAC does not suffer from its collisions.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
#: Steps before and after the present one that count, for clocks that are a little off.
DRIFT = 1
_SECRET_BYTES = 20
_CODE = re.compile(rf"^\d{{{DIGITS}}}$", re.ASCII)


def new_secret() -> str:
    """A random secret of 160 bits in base 32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def step_of(moment: datetime) -> int:
    """The number of the 30-second step in which an aware time lies."""
    return int(moment.timestamp()) // STEP_S


def code_at(secret: str, step: int) -> str:
    """The code of one step."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The step whose code was given, of those that count now; None where none matches. Compares in constant time."""
    text = re.sub(r"\s", "", code)
    if not _CODE.match(text):
        return None
    present, found = step_of(now), None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step), text):
            found = step
    return found


def address(secret: str, *, account: str, issuer: str) -> str:
    """The ``otpauth`` address that an authenticator app reads from a QR code."""
    label = f"{quote(issuer)}:{quote(account)}"
    more = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_S}, quote_via=quote)
    return f"otpauth://totp/{label}?{more}"
