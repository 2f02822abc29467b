"""Records of inspected products, environmental management and storage places for the walk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, District

from quancheng.domains.registry.models import Chemical, Inspection, Unit
from quancheng.domains.registry.services.environment import arrange_waste, enter_environment
from quancheng.domains.registry.services.quality import record_inspection


def known_inspection(**changed: Any) -> dict[str, Any]:
    """One that failed, the smallest that may be recorded."""
    day = NOW.date() - timedelta(days=9)
    return {
        "product_name": "示例样品", "kind": "sampling", "sampled_date": day, "institute": "示例检验院",
        "standard": "GB/T 338-2011", "report_no": f"标记检验{Inspection.objects.count()}", "result": "failed",
        "failed_items": "水分", **changed,
    }  # fmt: skip


def inspection(district: District) -> Record:
    row = record_inspection(
        actor=district.department, file=_file(district), product=None, known=known_inspection(), now=NOW
    )
    return Record({"pk": row.pk, "act": "return"}, row.report_no)


def environment(district: District) -> Record:
    known = {"remark": "标记环境备注"}
    row = enter_environment(actor=district.enterprise, file=_file(district), unit=None, known=known, now=NOW)
    return Record({"pk": row.pk}, "标记环境备注")


def waste(district: District) -> Record:
    known = {"name": "标记废溶剂", "way": "reuse", "how": "蒸馏回收"}
    return Record({"pk": arrange_waste(actor=district.enterprise, file=_file(district), known=known, now=NOW).pk},
                  "标记废溶剂")  # fmt: skip


def chemical_environment(district: District) -> Record:
    """One of whom something ships; everybody who is signed in may know it."""
    return Record({"pk": Chemical.objects.get(cas="71-43-2").pk}, "《重点环境管理危险化学品目录》（2014年）")


def storage_place(district: District) -> Record:
    """By the name of its unit, of which nothing is asked beside the place."""
    unit = make_unit(district.enterprise, _file(district), code=f"S{Unit.objects.count()}", name="标记储存场所")
    make_facility(district.enterprise, unit)
    return Record({"pk": unit.pk}, "标记储存场所")
