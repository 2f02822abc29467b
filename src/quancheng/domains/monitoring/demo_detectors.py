"""The demo's portable detectors, its detector of lightning, and what is bypassed there; all invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.services.bypasses import (
    BypassSpec,
    agree_bypass,
    allow_bypass,
    ask_bypass,
    restore_bypass,
)
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.permits.services.figures import set_figure
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise

#: A detector of two channels, and one of lightning.
_CARRIED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("BX-01.LEL", {
        "name": "便携式检测仪 可燃气体", "name_en": "Portable detector, combustible gas", "kind": "flammable",
        "range_lo": 0.0, "range_hi": 100.0, "h": 25.0, "hh": 50.0, "is_portable": True, "calibration_gas": "74-82-8",
        "corrections": {"74-98-6": 1.6, "71-43-2": 2.3},
    }),
    ("BX-01.O2", {
        "name": "便携式检测仪 氧气", "name_en": "Portable detector, oxygen", "kind": "oxygen", "range_lo": 0.0,
        "range_hi": 30.0, "l": 19.5, "h": 23.5, "is_portable": True,
    }),
    ("LD-01", {
        "name": "雷电预警仪", "name_en": "Lightning detector", "kind": "lightning", "unit": "km",
        "is_by_exception": True, "place": "办公楼屋顶",
    }),
)  # fmt: skip


def load(desk: Desk, file: Enterprise, number: int) -> None:
    """Of one enterprise with three accounts: who asks for a bypass approves none."""
    safety, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
    now = desk.district.now
    for code, known in _CARRIED:
        until = desk.date_in(200) if known["kind"] != "lightning" else None
        enter_tag(
            actor=safety, file=file, code=f"DEMO{number:03d}.{code}", known={**known, "calibrated_until": until},
            now=desk.ago(20),
        )  # fmt: skip
    set_figure(
        actor=head, file=file, name="impairment_check", value="1", from_date=desk.date_in(0),
        reason="企业制度：附近探测器失效时必须配对便携检测仪", now=now,
    )  # fmt: skip
    _bypasses(desk, file, number)


def _bypasses(desk: Desk, file: Enterprise, number: int) -> None:
    """One that was put back, one that stands, one that waits for the second of two."""
    asks, now = desk.actor(f"worker{number}"), desk.district.now
    safety, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
    tags = list(Tag.objects.filter(file=file, kind="level", unit_place__isnull=False).order_by("code")[:3])
    ages = (timedelta(hours=50), timedelta(hours=3), timedelta(hours=1))
    for place, (tag, age) in enumerate(zip(tags, ages, strict=False)):
        at = now - age
        spec = BypassSpec(
            tag=tag, reason="液位计送检，高高液位联锁临时旁路", measure="专人监盘，每30分钟人工检尺并记录",
            until=at + timedelta(hours=24), ticket=f"JX-03{place:02d}",
        )  # fmt: skip
        row = ask_bypass(actor=asks, file=file, spec=spec, now=at)
        agree_bypass(actor=safety, row=row, now=at + timedelta(minutes=10))
        if place == 2:
            return
        allow_bypass(actor=head, row=row, now=at + timedelta(minutes=20))
        if place == 0:
            restore_bypass(actor=asks, row=row, note="装回后试验，联锁动作正常", now=at + timedelta(hours=20))
