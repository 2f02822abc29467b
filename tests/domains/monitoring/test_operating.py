"""The platform watches over itself: what its processes tell, what is wrong, who is told, and nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.factories import make_source
from tests.factories import client_of, make_actor, make_district, make_org

from quancheng.domains.monitoring.models import HouseTrouble, ProcessFigure
from quancheng.domains.monitoring.queries.operating import ALARMS, ROLLUPS
from quancheng.domains.monitoring.services.house_watch import look_after, note_figures
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def now(settings: Any) -> datetime:
    settings.TELEMETRY_URL = ""
    return timezone.now()


def tell(now: datetime, name: str = "process", *, lag_ms: int = 100, free: tuple[int, ...] = (), full: float = 1.0,
         started: timedelta = timedelta(hours=1), pid: int = 7, count: int = 2) -> None:  # fmt: skip
    held = {str(number): {"epoch": 1, "lag_ms": lag_ms, "waiting": 0, "readings": 10}
            for number in (*range(count), ROLLUPS, ALARMS) if number not in free}  # fmt: skip
    figures: dict[str, Any] = {"partitions": held, "count": count, "stream_full": full, "stream_bytes": 5,
                               "stream_limit": 500, "stream_messages": 3}  # fmt: skip
    if name == "gateway":
        figures = {"connections": 4, "messages": 1234, "points": 5678, "bytes": 999, "refused": {"too_many": 2}}
    note_figures(name=name, machine="host-a", pid=pid, started_at=now - started, figures=figures, now=now)


def test_nothing_is_wrong_where_all_tell_that_they_are_well(now: datetime) -> None:
    tell(now)
    tell(now, "gateway")
    assert look_after(now=now) == []
    assert not HouseTrouble.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [({"lag_ms": 60_000}, None), ({"lag_ms": 61_000}, "lag"), ({"full": 50.0}, None), ({"full": 50.1}, "fill"),
     ({"free": (1,)}, "owner"), ({"free": (ROLLUPS,)}, "owner"), ({"free": (ALARMS,)}, "owner"),
     ({"free": (1,), "started": 20 * SECOND}, None)],
)  # fmt: skip
def test_each_trouble_begins_at_its_limit(now: datetime, given: dict[str, Any], code: str | None) -> None:
    tell(now, **given)
    assert look_after(now=now) == ([code] if code else [])


def test_two_machines_share_the_partitions(now: datetime) -> None:
    tell(now, free=(0,), pid=1)
    tell(now, free=(1, ROLLUPS), pid=2)
    assert look_after(now=now) == []


def test_the_operator_is_told_once_and_the_trouble_ends(now: datetime) -> None:
    operator = make_actor(make_org(kind="office"), "admin.system")
    tell(now, "gateway")
    tell(now)
    mine = Notice.objects.filter(user=operator.user_id)
    look_after(now=now)
    assert not mine.exists()
    later = now + 90 * SECOND
    tell(later)
    for _again in range(2):
        assert look_after(now=later) == ["gateway"]
    assert list(mine.values_list("kind", flat=True)) == ["monitoring.trouble_gateway"]
    row = HouseTrouble.objects.get()
    assert (row.began_at, row.ended_at) == (now, None)
    tell(later, "gateway", pid=8)
    look_after(now=later + SECOND)
    row.refresh_from_db()
    assert row.ended_at == later + SECOND


def test_a_store_that_is_away_is_a_trouble(now: datetime, settings: Any) -> None:
    settings.TELEMETRY_URL = "clickhouse://quancheng:x@127.0.0.1:9/default"
    assert look_after(now=now) == ["store"]


def test_time_without_the_clock_is_ours(now: datetime) -> None:
    look_after(now=now)
    look_after(now=now + timedelta(minutes=4))
    assert not HouseTrouble.objects.exists()
    look_after(now=now + timedelta(hours=8))
    row = HouseTrouble.objects.get()
    assert (row.code, row.began_at, row.ended_at) == (
        "clock", now + timedelta(minutes=4), now + timedelta(hours=8),
    )  # fmt: skip


def test_figures_of_processes_that_are_gone_go_after_a_day(now: datetime) -> None:
    tell(now - timedelta(days=2), pid=1)
    tell(now, pid=2)
    assert list(ProcessFigure.objects.filter(name="process").values_list("pid", flat=True)) == [2]


def test_the_page_is_the_system_administrators_and_names_no_enterprise(now: datetime) -> None:
    district = make_district()
    source = make_source(district)
    type(source.state).objects.filter(source=source).update(last_at=now, clock_ms=-2500)
    tell(now, free=(1,))
    tell(now, "gateway")
    look_after(now=now)
    address = reverse("monitoring:operating")
    page = client_of(make_actor(make_org(kind="office"), "admin.system")).get(address)
    text = page.content.decode()
    for word in ("分区无人处理", "host-a:7", "too_many 2", source.code, "时序库没有响应", "-2"):
        assert word in text
    assert source.file.enterprise.name not in text
    for actor in (district.enterprise, district.town, district.director):
        assert client_of(actor).get(address).status_code == 403
