"""Ways by which a notice leaves the house besides the inbox: each is an adapter behind one Protocol.

The inbox itself is the row. Adapters to the outside (text messages, WeCom, DingTalk) need contracts and keys of the
district; none ships, and whoever adds one registers it here.
"""

from __future__ import annotations

from typing import Protocol

from quancheng.kernel.notices.models import Notice


class Channel(Protocol):
    """An adapter: its name, and the sending of one notice, which may raise to be tried again."""

    name: str

    def send(self, notice: Notice) -> None: ...


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Let notices go out through an adapter too; called from an app's ``ready``."""
    _channels[channel.name] = channel


def unregister_channel(name: str) -> None:
    """Take an adapter out again: for tests."""
    _channels.pop(name, None)


def channel_names() -> list[str]:
    return sorted(_channels)


def channel_of(name: str) -> Channel:
    """KeyError where nobody registered it."""
    return _channels[name]
