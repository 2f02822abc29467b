"""The demo's sensitive places (演示区的敏感目标)."""

from __future__ import annotations

from datetime import date

from quancheng.domains.registry.demo_parts import TOWN, Desk, ground, spot
from quancheng.domains.registry.services.places import enter_place

#: Kind, name, street, metres from its middle, people (none where nobody counted), plot in metres where it is known.
_PLACES: tuple[tuple[str, str, int, tuple[int, int], int | None, tuple[int, int] | None], ...] = (
    ("school", "石桥小学", 6, (480, 330), 820, (120, 90)),
    ("housing", "石桥水岸小区", 6, (-180, 420), 2400, None),
    ("hospital", "石桥街道卫生服务中心", 6, (760, -300), 130, None),
    ("housing", "新港村", 8, (-520, 180), 64, None),
    ("housing", "新港渔家里", 8, (-900, -500), 210, None),
    ("market", "新港水产市场", 8, (-1080, -640), 600, (140, 100)),
    ("school", "清河湾第一中学", 5, (1050, 500), 1500, (200, 150)),
    ("housing", "清河湾冷链宿舍", 5, (960, 260), 160, None),
    ("school", "云杉实验学校", 9, (-620, -120), 1100, (180, 120)),
    ("housing", "云杉花园", 9, (250, -520), 1800, None),
    ("hospital", "青岚区人民医院", 4, (250, 300), 1400, (160, 120)),
    ("market", "和平路商场", 4, (520, -240), 3000, (110, 90)),
    ("public", "青岚汽车站", 4, (-480, -420), 1200, None),
    ("school", "和平路幼儿园", 4, (610, -420), 310, None),
    ("school", "东湖小学", 0, (300, -620), 940, (130, 100)),
    ("housing", "东湖新村", 0, (-500, 420), 2600, None),
    ("housing", "西关环路小区", 1, (640, -540), 1300, None),
    ("hospital", "西关养老院", 1, (1250, -600), 180, None),
    ("housing", "北塔燃气宿舍", 3, (-560, 520), 24, None),
    ("school", "临澜理工学院", 3, (700, -350), 8200, (500, 400)),
    ("school", "南屏中心小学", 2, (-350, 620), 760, None),
    ("housing", "旧纺织厂宿舍", 2, (-560, 380), None, None),
    ("market", "柳溪集市", TOWN, (-480, 120), 800, None),
    ("school", "柳溪中心学校", TOWN, (-360, -380), 670, (140, 110)),
    ("housing", "上柳村", TOWN, (-120, -60), 1450, None),
    ("water", "柳溪水库取水口", TOWN, (2300, -900), None, None),
    ("housing", "望江里", 7, (150, -350), 1900, None),
)


def load(desk: Desk) -> None:
    """Enter the places as the office's officer, before the enterprises."""
    who, at = desk.actor("officer"), desk.ago(340)
    for kind, name, street, metres, people, plot in _PLACES:
        lon, lat = spot(street, metres)
        known = {
            "kind": kind,
            "name": name,
            "area": desk.area(street),
            "lon": lon,
            "lat": lat,
            "population": people,
            "boundary": None if plot is None else ground(street, metres, plot),
            "source": "镇街统计",
            "source_date": date(2025, 8, 31),
        }
        enter_place(actor=who, known=known, now=at)
