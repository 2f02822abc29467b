"""Envelopes that no processor could read, put into the stream again after a fix (存疑信封重放).

They belong to no source that anybody knows, so this is the operator's: a command, and no page.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from quancheng.stream.envelope import Newer, Unreadable, pack, unpack
from quancheng.stream.messages import StreamSettings


@dataclass(frozen=True, slots=True)
class Replayed:
    """Envelopes that the stream has again, and those that still cannot be read and stay aside."""

    done: int
    left: int


async def replay_envelopes(js: JetStreamContext, settings: StreamSettings) -> Replayed:
    """Go once through what stands aside. A kill in between leaves at most one envelope in both places, and the store
    keeps one of two equal readings.

    :raises nats.errors.Error: JetStream does not take it; what was not put back stays aside.
    """
    state = (await js.stream_info(settings.aside)).state
    done = left = 0
    for seq in range(state.first_seq, state.last_seq + 1):
        try:
            kept = await js.get_msg(settings.aside, seq)
        except NotFoundError:
            continue
        try:
            messages = unpack(kept.data or b"")
        except (Unreadable, Newer):
            left += 1
            continue
        now_ms = int(time.time() * 1000)
        partition = int((kept.subject or "").rpartition(".")[2])
        again = [msgspec.structs.replace(message, replayed_ms=now_ms) for message in messages]
        await js.publish(settings.subject(partition), pack(again))
        await js.delete_msg(settings.aside, seq)
        done += 1
    return Replayed(done, left)
