"""Faulty instruments over arrays (仪表诊断): the rule of ``standards.signals.alarms.Diagnosis``."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from quancheng.standards.signals.quality import FAULTS
from quancheng.stream.processors.batch import NEVER, Batch, Flags, Longs, rounds
from quancheng.stream.processors.evaluation import INSTR, State, Told


@dataclass(slots=True)
class Instruments:
    """Since when the source of each tag calls its instrument faulty, by the times of its readings; -1: it does not.

    ``code``: the quality by which it last did.
    """

    after_ms: int
    since: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    code: Longs = field(default_factory=lambda: np.empty(0, np.int64))

    def fit(self, count: int) -> None:
        more = count - len(self.since)
        self.since, self.code = np.append(self.since, np.full(more, NEVER)), np.append(self.code, np.zeros(more, int))

    def forget(self, which: Flags) -> None:
        self.since[which] = NEVER

    def judge(self, state: State, batch: Batch, told: Told) -> None:
        """Look what readings say of their instruments."""
        fault = np.isin(batch.quality & 0xFC, FAULTS)
        (places,) = np.nonzero(fault | batch.usable & (self.since[batch.tags] != NEVER))
        if fault.any():
            # A tag that becomes faulty in this batch may be well again in it too.
            stirred = np.zeros(len(self.since), bool)
            stirred[batch.tags[places]] = True
            (places,) = np.nonzero(stirred[batch.tags] & (fault | batch.usable))
        for within in rounds(batch.tags[places]):
            one = places[within]
            tags, at = batch.tags[one], batch.at[one]
            active, since = state.is_active[tags, INSTR], self.since[tags]
            since = np.where(fault[one], np.where(since == NEVER, at, since), NEVER)
            raised = fault[one] & ~active & (at - since >= self.after_ms)
            turned = raised | active & ~fault[one]
            self.since[tags], self.code[tags] = since, batch.quality[one]
            state.is_active[tags, INSTR] = fault[one] & (active | raised)
            if turned.any():
                told.add(tags[turned], INSTR, raised[turned], at[turned], batch.quality[one][turned].astype(float))

    def look(self, state: State, by_exception: Flags, spoke_ms: Longs, told: Told) -> None:
        """Of tags that tell changes alone: a fault that was told once stands as long as their source speaks on.

        :param spoke_ms: of each tag, when its source last said something, -1: not yet.
        """
        due = by_exception & (self.since != NEVER) & ~state.is_active[:, INSTR]
        (tags,) = np.nonzero(due & (spoke_ms - self.since >= self.after_ms) & ~np.isnan(told.bounds[:, INSTR]))
        if len(tags):
            state.is_active[tags, INSTR] = True
            told.add(tags, INSTR, np.ones(len(tags), bool), spoke_ms[tags], self.code[tags].astype(float))
