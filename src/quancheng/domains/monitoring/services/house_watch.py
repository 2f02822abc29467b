"""The platform watches over itself (运行监视): what its processes tell, what is wrong with them, who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from quancheng.domains.monitoring.models import HouseTrouble, ProcessFigure, TroubleCode
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.operating import FRESH, fresh_figures, is_owned, lag_ms, operators
from quancheng.kernel.notices.services import notify
from quancheng.stream.store.client import run

OPERATE = "monitoring.operate"
CLOCK = "clock"
#: The clock comes each minute; after so long without it the whole house was down. [D]
MISSED = timedelta(minutes=4)
#: What makes an operator come: readings that wait so long, a stream so full, in per cent. [D]
MOST_LAG_S, MOST_FULL = 60, 50
#: What a process that fell silent told last is kept so long.
KEPT = timedelta(days=1)


def note_figures(
    *, name: str, machine: str, pid: int, started_at: datetime, figures: Mapping[str, Any], now: datetime
) -> None:
    """Write over what a process told of itself; what others of its name told long ago goes. For processes."""
    ProcessFigure.objects.update_or_create(
        name=name, machine=machine[:100], pid=pid,
        defaults={"started_at": started_at, "noted_at": now, "figures": dict(figures)},
    )  # fmt: skip
    ProcessFigure.objects.filter(name=name, noted_at__lt=now - KEPT).delete()


def look_after(*, now: datetime) -> list[str]:
    """What the clock does each minute: troubles begin or end, and operators hear of it. Returns what is wrong."""
    _note_absence(now)
    found = _troubles(now)
    standing = {row.code: row for row in HouseTrouble.objects.filter(ended_at__isnull=True)}
    for code in sorted(standing.keys() - found.keys()):
        HouseTrouble.objects.filter(pk=standing[code].pk).update(ended_at=now)
    for code in sorted(found.keys() - standing.keys()):
        detail, since = found[code]
        with transaction.atomic():
            row = HouseTrouble(code=code, detail=detail[:200], began_at=since)
            HouseTrouble.objects.bulk_create([row], ignore_conflicts=True)
            _tell(code, detail, now)
    return sorted(found)


def _note_absence(now: datetime) -> None:
    """Where the clock did not come for a while nothing was watched: that time is nobody's but ours."""
    last = ProcessFigure.objects.filter(name=CLOCK).order_by("-noted_at").values_list("noted_at", flat=True).first()
    if last is not None and now - last > MISSED:
        HouseTrouble.objects.create(code=TroubleCode.CLOCK, began_at=last, ended_at=now)
        _tell(TroubleCode.CLOCK, f"{int((now - last).total_seconds() // 60)} min", now)
    note_figures(name=CLOCK, machine="", pid=0, started_at=now, figures={}, now=now)


def _troubles(now: datetime) -> dict[str, tuple[str, datetime]]:
    """What is wrong now: what there is to say, and since when. A process that never told anything is not missed."""
    found: dict[str, tuple[str, datetime]] = {}
    for name, code in (("gateway", TroubleCode.GATEWAY), ("process", TroubleCode.OWNER)):
        last = ProcessFigure.objects.filter(name=name).order_by("-noted_at").first()
        if last is not None and now - last.noted_at > FRESH:
            found[code] = ("", last.noted_at)
    processes = fresh_figures("process", now)
    if processes:
        free = [number for number, owned in is_owned(processes).items() if not owned]
        # One that begins has no partition yet: what is free is missed once it has had its time.
        if free and min(one.started_at for one in processes) < now - FRESH:
            found[TroubleCode.OWNER] = (", ".join(map(str, free)), now)
        lag = max((lag_ms(one) for one in processes), default=0)
        if lag > MOST_LAG_S * 1000:
            found[TroubleCode.LAG] = (f"{lag // 1000} s", now)
        full = max((float(one.figures.get("stream_full", 0)) for one in processes), default=0.0)
        if full > MOST_FULL:
            found[TroubleCode.FILL] = (f"{full:.0f} %", now)
    if settings.TELEMETRY_URL:
        try:
            run(readings.telemetry().command, "SELECT 1")
        except readings.StoreAway as away:
            found[TroubleCode.STORE] = (str(away), now)
    return found


def _tell(code: str, detail: str, now: datetime) -> None:
    notify(users=operators(OPERATE), kind=f"monitoring.trouble_{code}", data={"detail": detail or "—"}, now=now)
