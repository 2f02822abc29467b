"""Messages that would fill the memory of a processor."""

from __future__ import annotations

from quancheng.standards.signals.sparkplug import rebirth_command
from quancheng.stream.envelope import Received
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.decoding import MOST_NODES, Decoder

NOW = 1_800_000_000_000


def test_a_source_has_so_many_edge_nodes_and_none_of_messages_that_cannot_be_read() -> None:
    decoder = Decoder(Book())
    decoder.decode([Received(1, "sparkplug", "spBv1.0/g/NDATA/bad", NOW, b"\xff")], now_ms=NOW)
    assert decoder.pack() == []
    found = decoder.decode(
        [Received(source, "sparkplug", f"spBv1.0/g/NDATA/n{number}", NOW, rebirth_command(NOW))
         for source in (1, 2) for number in range(MOST_NODES + 6 * (source == 1))],
        now_ms=NOW,
    )  # fmt: skip
    assert len(decoder.pack()) == 2 * MOST_NODES
    assert [one.message.source for one in found.asides if one.reason == "NODES"] == [1] * 6
