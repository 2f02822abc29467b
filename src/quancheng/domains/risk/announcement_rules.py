"""Who owes a daily announcement by what hour (承诺公告口径), as it ships and as the district set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from quancheng.domains.registry.kinds import Kind
from quancheng.standards.risk.commitment import REASONS

#: Producers, traders who store, users with a licence (应急〔2018〕74号) [V]; who uses with a licence no class tells,
#: so of the users only pharmaceutical works are in. [D]
KINDS = (Kind.PRODUCER, Kind.FINE_CHEMICAL, Kind.PHARMACEUTICAL, Kind.DEPOT, Kind.TRADER_STORAGE)


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts on a day. ``mark`` says how sure we are: ten o'clock is verified for one province alone."""

    kinds: tuple[str, ...] = tuple(str(one) for one in KINDS)
    with_hazard: bool = True
    due_time: time = time(10)
    grace_minutes: int = 0
    working_days_only: bool = False
    asks_below: bool = True
    sums: bool = True
    modes: Mapping[str, str] = field(default_factory=dict)
    mark: str = "D"
    is_shipped: bool = True

    def mode(self, reason: str) -> str:
        """What follows from a reason for doubt: ``finding``, ``ask`` or ``off``."""
        return mode_of(self.modes, reason)


def mode_of(modes: Mapping[str, str], reason: str) -> str:
    """The district's choice for a reason, or the one that ships."""
    return modes.get(reason, REASONS[reason].mode)
