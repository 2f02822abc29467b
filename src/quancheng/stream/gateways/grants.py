"""Who may send what (接入授权): sources with their secrets and limits, kept in memory and read anew every few seconds.

A gateway never waits for the database: a source that was entered, changed or blocked a moment ago is known with the
next reading, and what was known stays known while the database is away.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

log = logging.getLogger(__name__)
REFRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What one source may do. ``digest`` is the SHA-256 of its secret, which is random and long."""

    source: int
    code: str
    enterprise: UUID
    digest: bytes
    #: Forms that it speaks; see ``envelope.FORMS``.
    forms: frozenset[str]
    #: Points a second in the long run, and at once after a silence.
    points_per_s: int
    burst_points: int
    points_per_day: int
    most_bytes: int
    #: Number of a station of HJ 212, which does without a code; empty: it is none.
    mn: str = ""


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It is no password: 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _checked(grant: Grant | None, secret: str) -> Grant | None:
    digest = digest_of(secret)
    if grant is None:
        # The same work for a code that nobody has.
        hmac.compare_digest(digest, digest)
        return None
    return grant if hmac.compare_digest(grant.digest, digest) else None


class Book:
    """All grants by the code under which a source signs in.

    :param load: reads them all from the database; runs in a thread.
    """

    def __init__(self, load: Callable[[], Mapping[str, Grant]]) -> None:
        self._load = load
        self._grants: Mapping[str, Grant] = {}
        self._stations: dict[str, str] = {}
        self.is_loaded = False

    def find(self, code: str, secret: str) -> Grant | None:
        """The grant of a code whose secret is right; one that was taken back is found no more.

        A station of HJ 212 is never found so: its short password must not be guessed at other doors.
        """
        grant = self._grants.get(code)
        return _checked(grant if grant is None or not grant.mn else None, secret)

    def find_station(self, mn: str, password: str) -> Grant | None:
        """The same by the number of a station (MN)."""
        return _checked(self._grants.get(self._stations.get(mn, "")), password)

    def current(self, grant: Grant) -> Grant | None:
        """The same source as it stands now; ``None`` where it was blocked or got another secret."""
        found = self._grants.get(grant.code)
        return found if found is not None and found.digest == grant.digest else None

    def of_source(self, source: int) -> Grant | None:
        """The grant of a source by its number."""
        return next((grant for grant in self._grants.values() if grant.source == source), None)

    async def refresh(self) -> None:
        """Read all grants anew. :raises Exception: whatever the database says."""
        self._grants = await asyncio.to_thread(self._load)
        self._stations = {grant.mn: grant.code for grant in self._grants.values() if grant.mn}
        self.is_loaded = True

    async def keep(self, every_s: float = REFRESH_S) -> None:
        """Read them anew for ever."""
        while True:
            try:
                await self.refresh()
            except Exception:
                log.exception("grants could not be read; those that are known go on")
            await asyncio.sleep(every_s)
