"""One signed request to a receiver: to the judged address alone, no redirects, no proxy, within a time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from quancheng.kernel.addresses import Target

TIMEOUT_S = 15.0
SIGNATURE = "X-Quancheng-Signature"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request went. ``status`` is None where no answer came; ``error`` names what happened instead."""

    status: int | None
    error: str
    took_ms: int

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def signature(secret: str, *, timestamp: int, body: bytes) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA-256 over the time and the body, so that neither can be replaced."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def is_signed(secret: str, header: str, body: bytes, *, now: int, tolerance_s: int = 300) -> bool:
    """What a receiver checks; written here once, so that our own receiver and the tests share it."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    try:
        timestamp = int(parts.get("t", ""))
    except ValueError:
        return False
    expected = signature(secret, timestamp=timestamp, body=body)
    return abs(now - timestamp) <= tolerance_s and hmac.compare_digest(expected, header)


def post(target: Target, payload: Mapping[str, object], *, secret: str, delivery: str, timestamp: int) -> Outcome:
    """Send and wait for the head of the answer; its body is not read."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Host": target.host if target.port in (80, 443) else f"{target.host}:{target.port}",
        "Content-Type": "application/json",
        "User-Agent": "Quancheng-Webhook/1",
        "X-Quancheng-Delivery": delivery,
        "X-Quancheng-Event": str(payload["kind"]),
        SIGNATURE: signature(secret, timestamp=timestamp, body=body),
    }
    begun = time.monotonic()
    status, error = None, ""
    try:
        status = asyncio.run(asyncio.wait_for(_post(target, body, headers), TIMEOUT_S))
    except TimeoutError:
        error = "timeout"
    except (httpx.HTTPError, ssl.SSLError, OSError) as failure:
        error = type(failure).__name__
    return Outcome(status, error, int((time.monotonic() - begun) * 1000))


async def _post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    place = f"[{target.ip}]" if ":" in target.ip else target.ip
    url = f"{target.scheme}://{place}:{target.port}{target.path}"
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as client,
        # The certificate is checked for the name, although the connection goes to the address.
        client.stream(
            "POST", url, content=body, headers=dict(headers), extensions={"sni_hostname": target.host}
        ) as answer,
    ):
        return answer.status_code
