"""Who is present where there are no lasting connections (在线判断): whoever was heard a while ago."""

from __future__ import annotations

import time

from quancheng.stream.gateways.mqtt.watch import Watch


class Presence:
    """Tells a watch who came and who went. :param present_s: silence after which a source counts as gone."""

    def __init__(self, watch: Watch, present_s: float) -> None:
        self._watch, self._present_s = watch, present_s
        self._heard: dict[int, float] = {}

    def heard(self, source: int) -> None:
        """A source sent something now."""
        if source not in self._heard:
            self._watch.came(source, int(time.time() * 1000))
        self._heard[source] = time.monotonic()

    def sweep(self, *, everybody: bool = False) -> None:
        """Who was silent too long has gone; or everybody, for the door closes."""
        until = time.monotonic() - self._present_s
        for source in [source for source, at in self._heard.items() if everybody or at < until]:
            del self._heard[source]
            self._watch.gone(source, int(time.time() * 1000))
