"""Tags as processors read them out of the register."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, make_district

from quancheng.domains.monitoring.models import Source, Tag
from quancheng.stream.processors.register import tag_rows

pytestmark = pytest.mark.django_db


def make_tag(source: Source, key: str, **known: Any) -> None:
    Tag.objects.create(
        **{
            **source.file.row_scope(), "file": source.file, "source": source, "code": key, "key": key, "name": key,
            "kind": "level", "unit": "mm", "created_at": NOW, **known,
        }
    )  # fmt: skip


def test_what_a_tag_is_judged_by() -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    Source.objects.filter(pk=source.pk).update(reorder_s=5)
    make_tag(source, "LT1", roc_limit=6.0, roc_window_s=120, flat_after_s=86_400, flat_within=0.5, stale_after_s=180)
    make_tag(source, "GT1", kind="toxic", unit="mg/m3", is_by_exception=True)
    make_tag(source, "XS1", kind="discrete", unit="", is_by_exception=True, stale_after_s=0)
    level, gas, switch = sorted(tag_rows(range(8), 8, now=NOW), key=lambda one: one.number)
    assert (level.roc_limit, level.roc_window_ms, level.flat_after_ms, level.flat_within) == (
        6,
        120_000,
        86_400_000,
        0.5,
    )
    assert np.isnan(gas.roc_limit)
    # Detectors and interlocks wait for two seconds at most; who tells changes alone has three heartbeats of time.
    assert [one.wait_ms for one in (level, gas, switch)] == [5_000, 2_000, 2_000]
    assert [one.stale_ms for one in (level, gas, switch)] == [180_000, 90_000, 0]
