"""Environmental facilities of the demo's enterprises: assessed, with a problem, without an assessment.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskUnit
from quancheng.domains.risk.services import environmental

#: Name, kind, where, what is in it, and what the screening found; None where it was not assessed.
_FACILITIES = (
    ("罐区油气回收装置", "recovery", "罐区东侧", "油气、有机溶剂蒸气", ("none", "")),
    ("废气活性炭吸附装置", "carbon", "装卸区", "有机废气",
     ("general", "吸附箱未设温度报警，已列入整改，限一个月内完成")),
    ("危险废物贮存库", "waste_store", "厂区西北角", "废活性炭、废溶剂", None),
)  # fmt: skip


def load(desk: Desk, own: Sequence[Any]) -> None:
    """Three facilities for each of the first two enterprises with a risk list."""
    numbers = [number for number, pk in enumerate(own, start=1) if RiskUnit.objects.filter(object__file=pk).exists()]
    for number in numbers[:2]:
        file = Enterprise.objects.select_related("enterprise").get(pk=own[number - 1])
        who = desk.actor(f"enterprise{number}")
        for title, kind, place, media, found in _FACILITIES:
            known = {
                "title": title, "kind": kind, "facility": None, "place": place, "media": media,
                "in_use_date": desk.date_in(-900),
            }  # fmt: skip
            row = environmental.enter_facility(actor=who, file=file, known=known, now=desk.ago(90))
            if found is None:
                continue
            result = {
                "assessed_date": desk.date_in(-50), "assessed_by": "东海示例安全技术服务有限公司",
                "report_no": f"HB-{number}", "screening": found[0], "screening_text": found[1], "review_date": None,
            }  # fmt: skip
            paper = desk.paper(who, f"{title}安全风险评估报告", desk.ago(45))
            environmental.assess_facility(actor=who, row=row, known=result, evidence=[paper], now=desk.ago(45))
