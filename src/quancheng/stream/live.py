"""Live values (实时值) on their way from processors to web processes: who subscribes to what, and how a row is packed.

They travel over NATS without JetStream: whoever is not listening misses them, and finds the last value in the store.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

#: The newest value of a tag. ``level``: 0, or 1 + place in :data:`LEVELS` of the gravest limit that stands passed.
LIVE = np.dtype([("tag", "<u4"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1"), ("level", "u1")])
LEVELS = ("LL", "L", "H", "HH")
Rows = NDArray[np.void]
#: Rows of one message: well below what NATS takes at once (1 MB).
MOST_ROWS = 20_000


def subject_of(enterprise: UUID, *, space: str = "") -> str:
    """Where the values of an enterprise are told. :param space: as in ``StreamSettings``."""
    return f"{space}live.{enterprise}"


def pack(rows: Rows) -> bytes:
    """The bytes of a message."""
    return rows.tobytes()


def unpack(content: bytes) -> Rows:
    """The rows of a message; none where it is none of ours."""
    if len(content) % LIVE.itemsize:
        return np.empty(0, LIVE)
    return np.frombuffer(content, dtype=LIVE)
