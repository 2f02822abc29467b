"""A desk of a test's own behind one door, with the stream that answers when told."""

from __future__ import annotations

from tests.support.mqtt import FakeStream

from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Book, Grant
from quancheng.stream.gateways.mqtt.watch import Watch


class Behind:
    """What stands behind a door: who is known, what was kept, what was put aside."""

    def __init__(self, *grants: Grant) -> None:
        self.grants = {one.code: one for one in grants}
        self.book = Book(lambda: dict(self.grants))
        self.stream = FakeStream()
        self.aside: list[tuple[str, Received]] = []
        self.watch = Watch()
        self.desk = Desk(
            self.book, self.stream, partitions=4, watch=self.watch, patience_s=0.3,
            aside=lambda message, reason: self.aside.append((reason, message)),
        )  # fmt: skip

    def rejected(self, source: int = 1) -> dict[str, int]:
        """How often what of a source was refused, by reason."""
        return dict(self.watch._entries[source].rejected) if source in self.watch._entries else {}
