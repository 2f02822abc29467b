"""Records of inspected products for the walk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.factories import NOW, District

from quancheng.domains.registry.models import Inspection
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
