"""Readings that wait for others which they may have overtaken (乱序窗口), before they are judged.

They are in the store at once; what waits is a few seconds of the sources that are set so, and is saved with the state.
"""

from __future__ import annotations

import numpy as np

from quancheng.stream.processors.batch import NEVER, Longs
from quancheng.stream.processors.decoding import Readings, no_readings

#: Beyond so many readings of a partition those that wait longest are judged before their time.
MOST_HELD = 10_000


class Window:
    """What waits, in the order of arrival."""

    def __init__(self) -> None:
        self.held = no_readings()

    def take(self, readings: Readings, wait_ms: Longs, clock_ms: int) -> Readings:
        """Take readings; answers those that may be judged.

        Whoever has waited for the time of his tag goes, and with him all of this tag that are older than he.

        :param wait_ms: of each tag; 0: not at all. :param clock_ms: until when everything that arrived is here.
        """
        if not len(self.held.place) and not wait_ms[readings.place].any():
            return readings
        every = self.held.joined(readings)
        is_due = (every.arrived + wait_ms[every.place] <= clock_ms) | (wait_ms[every.place] == 0)
        (waiting,) = np.nonzero(~is_due)
        if (over := len(waiting) - MOST_HELD) > 0:
            is_due[waiting[np.argsort(every.arrived[waiting], kind="stable")[:over]]] = True
        newest = np.full(len(wait_ms), NEVER)
        np.maximum.at(newest, every.place[is_due], every.at[is_due])
        goes = every.at <= newest[every.place]
        self.held = every.only(~goes)
        return every.only(goes)
