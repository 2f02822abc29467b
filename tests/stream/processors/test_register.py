"""Tags as processors read them out of the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, make_district

from quancheng.domains.monitoring.models import Source, Tag, TagStatus
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.stream.processors.register import Register

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
    level, gas, switch = Register(1).rows(0, now=NOW)
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


def test_only_what_changed_is_read_anew(django_assert_num_queries: Any) -> None:
    district = make_district()
    mine = make_source(district, file=own_file(district))
    other = make_source(
        district, code="GW-OTHER", actor=district.other_enterprise,
        file=open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=NOW),
    )  # fmt: skip
    make_tag(mine, "LT1", calibrated_until=NOW.date())
    make_tag(other, "LT2")
    register = Register(1, fresh_s=0)
    first = register.rows(0, now=NOW)
    assert [one.keys for one in first] == [("LT1",), ("LT2",)]
    with django_assert_num_queries(1):
        assert register.rows(0, now=NOW) is first
    Tag.objects.filter(key="LT2").update(h=90)
    second = register.rows(0, now=NOW)
    assert {one.keys[0]: one.limits[2] for one in second if one.limits[2] == 90} == {"LT2": 90}
    # What did not change is the same as before.
    assert next(one for one in second if one.keys == ("LT1",)) is first[0]
    Source.objects.filter(pk=mine.pk).update(reorder_s=9)
    assert [one.wait_ms for one in register.rows(0, now=NOW) if one.keys == ("LT1",)] == [9_000]
    # A calibration ends with its day, though no row changed.
    (worn,) = [one for one in register.rows(0, now=NOW + timedelta(days=1)) if one.keys == ("LT1",)]
    assert worn.cap < first[0].cap
    Tag.objects.filter(key="LT1").update(status=TagStatus.ENDED)
    assert [one.keys for one in register.rows(0, now=NOW + timedelta(days=1))] == [("LT2",)]
