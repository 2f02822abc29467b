"""Planning zones around the demo's enterprises, reports, and two cases of layout in different states.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from quancheng.domains.registry.demo_parts import TOWN, Desk, District, spot
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import LayoutCheck
from quancheng.domains.risk.services import layout_cases as cases
from quancheng.domains.risk.services.layout import tell_distance
from quancheng.domains.risk.services.layout_checks import check_all
from quancheng.domains.risk.services.zones import put_zone
from quancheng.domains.risk.zone_geometry import polygon_of

_DAYS = 90
_PLAN = "青岚区详细规划（演示）"
#: Code, name, kind, street, middle and size in metres, people by day and by night.
_ZONES: tuple[tuple[str, str, str, int, tuple[int, int], tuple[int, int], int | None, int | None], ...] = (
    ("QL-08-01", "新港化工园区", "chemical_park", 8, (1700, 300), (2800, 1900), 5200, 900),
    ("QL-08-02", "新港渔村居住片区", "residential", 8, (-820, -160), (700, 1000), 900, 2600),
    ("QL-08-03", "新港仓储物流片区", "warehouse", 8, (-150, 620), (900, 500), 420, 60),
    ("QL-06-01", "石桥水岸居住片区", "residential", 6, (-150, 480), (700, 380), 1800, 5200),
    ("QL-06-02", "石桥教育片区", "education", 6, (520, 380), (420, 320), 1600, 120),
    ("QL-05-01", "清河湾学校片区", "education", 5, (1080, 520), (380, 300), 1800, 200),
    ("QL-04-01", "区人民医院医疗片区", "medical", 4, (250, 300), (420, 360), 2300, 900),
    ("QL-09-01", "云杉居住片区", "residential", 9, (250, -520), (620, 460), None, None),
    ("QL-11-01", "柳溪生态农业片区", "agricultural", TOWN, (900, 900), (1800, 1400), 80, 30),
)  # fmt: skip
#: Whose report asks for what: the demo's enterprise by its number, metres by class.
_REPORTS = ((1, (400, 300, 200)), (3, (120, 90, 60)))


def load(desk: Desk, district: District) -> None:
    """Zones by the housing department, reports by two enterprises; then the two nearest shortfalls are taken up."""
    planner = desk.actor("hub")
    for code, name, kind, street, at, size, by_day, by_night in _ZONES:
        known: dict[str, Any] = {
            "code": code, "name": name, "kind": kind, "polygon": _ground(street, at, size), "document": _PLAN,
            "document_no": "青规示〔2024〕3号", "from_date": desk.date_in(-400), "population_day": by_day,
            "population_night": by_night, "population_source": "规划测算" if by_day is not None else "",
            "population_date": desk.date_in(-420) if by_day is not None else None,
        }  # fmt: skip
        put_zone(actor=planner, known=known, system="cgcs2000", now=desk.ago(_DAYS))
    for number, (first, second, third) in _REPORTS:
        file = Enterprise.objects.filter(pk=district.enterprises[number - 1].pk).first()
        if file is not None:
            said: dict[str, Any] = {
                "way": "risk", "first_m": first, "second_m": second, "third_m": third,
                "report": "外部安全防护距离评估报告", "report_no": f"WB-{number}", "report_date": desk.date_in(-100),
                "institute": "东海示例安全技术服务有限公司",
            }  # fmt: skip
            who = desk.actor(f"enterprise{number}")
            tell_distance(actor=who, file=file, known=said, evidence=[], now=desk.ago(_DAYS - 1))
    check_all(now=desk.ago(_DAYS - 2))
    _take_up(desk, planner)


def _take_up(desk: Desk, planner: Any) -> None:
    rows = LayoutCheck.objects.filter(verdict__lte=2, zone__kind__in=("residential", "education"))
    rows = rows.select_related("zone", "place", "file").order_by("verdict", "metres", "zone__code", "pk")
    seen: list[LayoutCheck] = []
    for row in rows:
        if row.file_id not in [one.file_id for one in seen]:
            seen.append(row)
    officer = desk.actor("officer")
    for number, check in enumerate(seen[:2]):
        case = cases.open_case(
            actor=officer, check=check, org=desk.district.organisations["HUB"],
            grounds="规划分区与企业间距不足，需会同规划、工信部门研究", now=desk.ago(40 - number),
        )  # fmt: skip
        if number == 0:
            cases.coordinate_case(
                actor=planner, row=case, name="coordinate", text="已召开协调会，企业委托机构复核外部安全防护距离",
                due=desk.today + timedelta(days=30), evidence=[], now=desk.ago(25),
            )  # fmt: skip


def _ground(street: int, at: tuple[int, int], size: tuple[int, int]) -> dict[str, Any]:
    """A block so many metres wide and deep around a place."""
    wide, deep = size[0] // 2, size[1] // 2
    corners = [(-wide, -deep), (wide, -deep), (wide, deep), (-wide, deep)]
    return polygon_of([spot(street, (at[0] + east, at[1] + north)) for east, north in corners])
