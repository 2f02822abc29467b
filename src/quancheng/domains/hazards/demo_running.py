"""The demo's weekly running effect: eight weeks as the clock would have frozen them, and one objection."""

from __future__ import annotations

from datetime import timedelta

from quancheng.domains.hazards.models import RunningWeek
from quancheng.domains.hazards.services import running
from quancheng.domains.registry.demo_parts import Desk
from quancheng.kernel.calendar import Calendar

_WEEKS = 8


def load(desk: Desk) -> None:
    """Last, when all dangers and records are told."""
    calendar = Calendar()
    today = calendar.local_date(desk.district.now)
    this_monday = today - timedelta(days=today.weekday())
    for back in range(_WEEKS, 0, -1):
        monday = this_monday - timedelta(days=7 * back)
        frozen = calendar.start_of(monday + timedelta(days=8)) + timedelta(hours=12, minutes=15)
        if frozen <= desk.district.now:
            running.score_week(monday=monday, now=frozen, freeze=True)
    disputed = RunningWeek.objects.filter(file=desk.district.enterprises[0].pk).order_by("-monday").first()
    if disputed is not None and disputed.settled["done"] < disputed.settled["planned"]:
        running.appeal(
            actor=desk.actor("enterprise1"), week=disputed, about="done", claimed=disputed.settled["done"] + 1,
            text="有一项排查已在纸质台账记录，当日手机没电，附台账照片备查。", now=desk.district.now,
        )  # fmt: skip
