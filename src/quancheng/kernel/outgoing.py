"""One request of ours to another system, and its answer: to the judged address alone, within time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from quancheng.kernel.addresses import Target

#: For each step of the connection, and for the whole.
STEP_S, WHOLE_S = 5.0, 10.0
LARGEST = 512 * 1024


class NoAnswer(Exception):
    """Nothing usable came back: no connection, no time left, too much, or cut off. Not a refusal: callers say what it
    means for what they were doing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and whole body of an answer; redirects are answers like others and are not followed."""

    status: int
    body: bytes


def ask(target: Target, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    """Ask and read the answer, at most :data:`LARGEST` bytes.

    :raises NoAnswer: whatever went wrong on the way.
    """
    place = f"[{target.ip}]" if ":" in target.ip else target.ip
    host = target.host if target.port in (80, 443) else f"{target.host}:{target.port}"
    begun, read = time.monotonic(), bytearray()
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=STEP_S) as client,
            # The certificate is checked for the name, although the connection goes to the address.
            client.stream(
                method,
                f"{target.scheme}://{place}:{target.port}{target.path}",
                content=body or None,
                headers={"Host": host, "Accept": "application/json", **(headers or {})},
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            for part in answer.iter_bytes():
                read += part
                if len(read) > LARGEST or time.monotonic() - begun > WHOLE_S:
                    raise NoAnswer
            return Answer(answer.status_code, bytes(read))
    except (httpx.HTTPError, ssl.SSLError, OSError) as failure:
        raise NoAnswer from failure
