"""Records of planning zones and distances for the walk: all around the first enterprise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.risk.layout_scene import block, known_zone
from tests.factories import NOW, District

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import ExternalDistance, LayoutCase, LayoutCheck, PlanningZone
from quancheng.domains.risk.services.layout import tell_distance
from quancheng.domains.risk.services.layout_cases import open_case
from quancheng.domains.risk.services.zones import put_zone


def zone(district: District) -> Record:
    found = _zone(district)
    return Record({"pk": found.pk, "code": found.code}, found.name)


def layout_check(district: District) -> Record:
    return Record({"pk": _check(district).pk}, "标记间距报告")


def external_distance(district: District) -> Record:
    """An older report, by which nothing is judged any more."""
    return Record({"pk": _report(district, "标记防护报告", NOW.date() - timedelta(days=9)).pk}, "标记防护报告")


def layout_case(district: District) -> Record:
    check = _check(district)
    case = LayoutCase.objects.filter(file=check.file_id).first() or open_case(
        actor=district.department, check=check, org=None, grounds="标记布局理由", now=NOW
    )
    return Record({"pk": case.pk}, case.grounds)


def _zone(district: District) -> PlanningZone:
    found: Any = PlanningZone.objects.first()
    return found or put_zone(
        actor=district.department, known=known_zone(code="W-1", name="标记规划分区"), system="cgcs2000", now=NOW
    )


def _check(district: District) -> LayoutCheck:
    _zone(district)
    Enterprise.objects.filter(pk=_file(district).pk).update(boundary=block(0, 100))
    _report(district, "标记间距报告", NOW.date())
    return LayoutCheck.objects.get(file=_file(district), zone__isnull=False)


def _report(district: District, name: str, day: Any) -> ExternalDistance:
    known = {"way": "risk", "first_m": 500, "report": name, "report_date": day, "institute": "示例公司"}
    return tell_distance(actor=district.enterprise, file=_file(district), known=known, evidence=[], now=NOW)
