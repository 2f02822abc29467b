"""What the tests of outages, rates and scores share: a source with tags that told something, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag

from quancheng.domains.monitoring.models import Source, SourceState, Tag
from quancheng.domains.monitoring.services.sources import renew_secret
from quancheng.stream.store import client as store


@dataclass
class Watched(Scene):
    """A scene whose source was online until a moment, with two tags of the tank and one of the store."""

    now: datetime
    level: Tag
    heat: Tag
    climate: Tag
    telemetry: Any


def make_watched(
    telemetry_url: str, settings: Any, now: datetime, *, entered: timedelta = timedelta(days=40)
) -> Watched:
    settings.TELEMETRY_URL = telemetry_url
    scene = make_scene()
    given: dict[str, Any] = {"source": scene.source, "facility": scene.tank}
    level = make_tag(scene, "A.LT1", **given)
    heat = make_tag(scene, "A.TT1", kind="temperature", name="一号罐温度", range_lo=-20.0, range_hi=60.0, **given)
    climate = make_tag(scene, "A.TH1", kind="temperature", name="一号库温度", range_lo=-20.0, range_hi=60.0,
                       source=scene.source, facility=scene.store)  # fmt: skip
    Tag.objects.filter(file=scene.file).update(created_at=now - entered)
    for tag in (level, heat, climate):
        tag.refresh_from_db()
    renew_secret(actor=scene.district.enterprise, row=scene.source, now=now - entered)
    client = store.connect(telemetry_url)
    store.ensure_tables(client)
    return Watched(**vars(scene), now=now, level=level, heat=heat, climate=climate, telemetry=client)


def seen(source: Source, *, is_online: bool, last_at: datetime, since_at: datetime) -> None:
    """As a gateway tells how a source is."""
    SourceState.objects.filter(source=source).update(is_online=is_online, last_at=last_at, since_at=since_at)


def told(scene: Watched, tags: Sequence[Tag], begin: datetime, minutes: int) -> None:
    """As roll-ups stand when tags told something usable in each of so many minutes."""
    start = int(begin.timestamp()) // 60 * 60
    for tag in tags:
        scene.telemetry.command(
            f"INSERT INTO rollup_1m SELECT {tag.number}, toDateTime({start} + number * 60, 'UTC'), 1 + number % 7, "
            f"1 + number % 7, 1, 1 + number % 7, 6, 0, now64(3) FROM numbers({minutes})"
        )


def read(
    scene: Watched, tag: Tag, begin: datetime, values: Sequence[float], *, every_s: int = 10, flags: int = 0
) -> None:
    """As a processor stores readings, one each ``every_s``."""
    start = int(begin.timestamp() * 1000)
    rows = np.zeros(len(values), store.READING)
    rows["tag"], rows["at"] = tag.number, start + 1000 * every_s * np.arange(len(values))
    rows["value"], rows["quality"], rows["flags"], rows["rank"] = values, 192, flags, 3
    store.write(scene.telemetry, "readings", rows)
