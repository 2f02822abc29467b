"""Cards and boards follow what they speak of: at each change of colour at once, of anything else within ten minutes."""

from __future__ import annotations

import uuid
from datetime import datetime

from quancheng.domains.risk.services.boards import find_all_boards, look_at_boards
from quancheng.domains.risk.services.cards import look_at_cards
from quancheng.domains.risk.services.spots import tend_spots


def look_at_file(*, file_id: uuid.UUID, now: datetime) -> None:
    """The colour of an object or a unit changed: its enterprise's cards and boards are compared with what stands."""
    look_at_cards(files=[file_id], now=now)
    look_at_boards(files=[file_id], now=now)


def tend_all(*, now: datetime) -> None:
    """Each night: which boards are needed, which draws end, and who is drawn this quarter."""
    find_all_boards(now=now)
    tend_spots(now=now)


def look_at_all(*, now: datetime) -> None:
    """Every card in force and every printed board is compared with what stands."""
    look_at_cards(now=now)
    look_at_boards(now=now)
