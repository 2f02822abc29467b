"""What travels through the stream: messages of devices as they came, with what a gateway stamped on them.

A gateway reads no values: whoever decodes can be mended and can read the same messages again. Several messages travel
in one envelope, since each write to the disk costs the same for one as for a hundred.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

#: Forms of a body that a processor can read (报文格式).
FORMS = ("json", "thingsboard", "thingsboard-device", "sparkplug", "hj212")


class Received(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One message as a device sent it. The source is who was signed in, never what the message says of itself."""

    #: ``number`` of the source (``monitoring.Source``).
    source: int
    #: One of :data:`FORMS`.
    form: str
    #: Topic of MQTT; elsewhere what stands for it, or empty.
    topic: str
    #: Milliseconds since 1970, UTC, by the gateway's clock.
    arrived_ms: int
    body: bytes
    #: When it was put into the stream again, in the same milliseconds; 0: never.
    replayed_ms: int = 0


class Unreadable(ValueError):
    """Bytes that are no envelope of ours."""


class Newer(Exception):
    """An envelope of a later version: whoever reads it must be brought up to date first."""


_VERSION = 1
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, list[Received]]).decode


def pack(messages: Sequence[Received]) -> bytes:
    """The bytes of an envelope."""
    return _encode((_VERSION, messages))


def unpack(content: bytes) -> list[Received]:
    """The messages of an envelope. :raises Unreadable: it is none. :raises Newer: it is one of a later version."""
    try:
        version, messages = _decode(content)
    except msgspec.MsgspecError as trouble:
        raise Unreadable(str(trouble)) from trouble
    if version > _VERSION:
        raise Newer(f"version {version}")
    if version < _VERSION:
        raise Unreadable(f"version {version}")
    return messages


def partition_of(enterprise: UUID, partitions: int) -> int:
    """Which part of the stream holds an enterprise: all its signals in one, for one processor to see in order."""
    return zlib.crc32(enterprise.bytes) % partitions
