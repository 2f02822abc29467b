"""Scores of sources: made each night from what the store holds, shown with why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.watch_scene import Watched, make_watched, read, seen, told
from tests.factories import client_of

from quancheng.domains.monitoring.models import SourceScore
from quancheng.domains.monitoring.services.rates import keep_days
from quancheng.domains.monitoring.services.scores import score_sources
from quancheng.kernel.calendar import Calendar

pytestmark = pytest.mark.django_db


def begin_of(scene: Watched) -> datetime:
    return Calendar().start_of(Calendar().local_date(scene.now) - timedelta(days=1))


def walk(seed: int, middle: float) -> np.ndarray:
    return np.round(middle + np.cumsum(np.random.default_rng(seed).normal(0, 0.02, 8640)), 2)


@pytest.fixture
def scene(settings: Any, telemetry_url: str) -> Watched:
    made = make_watched(telemetry_url, settings, timezone.now().replace(second=0, microsecond=0))
    made.source.tags.update(scan_s=10)
    begin = begin_of(made)
    told(made, [made.level, made.heat, made.climate], begin, 1440)
    seen(made.source, is_online=True, last_at=made.now, since_at=begin)
    keep_days(now=made.now)
    return made


def test_what_sensors_tell_has_a_hundred_and_what_is_played_again_has_not(scene: Watched) -> None:
    begin = begin_of(scene)
    for seed, (tag, middle) in enumerate([(scene.level, 1800), (scene.heat, 20), (scene.climate, 21)]):
        read(scene, tag, begin, walk(seed, middle))
    assert score_sources(now=scene.now) == 1
    row = SourceScore.objects.get()
    assert (row.score, row.deductions, row.readings, row.expected) == (100, [], 25_920, 25_920)
    read(scene, scene.heat, begin, np.tile(walk(9, 20)[:100], 87)[:8640])
    assert score_sources(now=scene.now) == 1
    row.refresh_from_db()
    (one,) = row.deductions
    assert (row.score, one["code"], one["tags"]) == (90, "repeated", ["A.TT1"])
    page = client_of(scene.district.town).get(reverse("monitoring:source", args=[scene.source.pk]), {"tab": "quality"})
    assert "成段重复" in page.content.decode()


def test_what_is_missing_late_and_out_of_step_is_deducted_and_listed(scene: Watched) -> None:
    begin = begin_of(scene)
    for seed, (tag, middle) in enumerate([(scene.level, 1800), (scene.heat, 20)]):
        read(scene, tag, begin, walk(seed, middle), flags=1 if tag == scene.heat else 0)
    scene.source.state.clock_ms = -45_000
    scene.source.state.save(update_fields=["clock_ms"])
    score_sources(now=scene.now)
    row = SourceScore.objects.get()
    assert {one["code"]: one["points"] for one in row.deductions} == {"complete": 30, "late": 10, "clock": 10}
    assert row.score == 50
    town = client_of(scene.district.town)
    for query, count in (({"poor": "1"}, 1), ({"code": "clock"}, 1), ({"code": "twin"}, 0)):
        assert len(town.get(reverse("monitoring:scores"), query).context["lines"]) == count
    assert town.get("/api/v1/monitoring/scores", {"below": 60}).json()["items"][0]["score"] == 50
    stranger = client_of(scene.district.other_enterprise)
    assert not stranger.get(reverse("monitoring:scores")).context["lines"]


def test_tags_that_stand_still_together_are_found_by_their_minutes(scene: Watched) -> None:
    begin = begin_of(scene)
    for tag in (scene.level, scene.heat, scene.climate):
        scene.telemetry.command(
            f"INSERT INTO rollup_1m SELECT {tag.number}, toDateTime({int(begin.timestamp())} + number * 60, 'UTC'), "
            "1, 9, 1, if(number BETWEEN 600 AND 700, 4.2, 1 + number % 7), 6, 0, now64(3) FROM numbers(1440)"
        )
    score_sources(now=scene.now)
    found = {one["code"]: one["tags"] for one in SourceScore.objects.get().deductions}
    assert found["frozen"] == ["A.LT1", "A.TH1", "A.TT1"]


def test_only_the_newest_day_is_listed(scene: Watched) -> None:
    day = Calendar().local_date(begin_of(scene))
    score_sources(now=scene.now)
    score_sources(now=scene.now, day=day - timedelta(days=1))
    assert list(SourceScore.objects.filter(is_newest=True).values_list("day", flat=True)) == [day]
    assert SourceScore.objects.count() == 2
