"""The demo's petrol and gas stations (演示区的加油站、加气站)."""

from __future__ import annotations

from datetime import date
from typing import Any

from quancheng.domains.registry.demo_parts import PROTECTED, STOPPED, SYSTEMS, TOWN, Firm, Goods, Group, Place

#: Name, street, metres from its middle, seepage, emergency shut-off, verified.
_PETROL: tuple[tuple[str, int, tuple[int, int], str, str, bool], ...] = (
    ("青岚区东湖加油站", 0, (420, -310), "double_wall", "yes", True),
    ("青岚区西关加油站", 1, (-380, 260), "double_wall", "yes", True),
    ("青岚区南屏加油站", 2, (510, -200), "pool", "yes", True),
    ("青岚区北塔加油站", 3, (-260, 430), "double_wall", "yes", False),
    ("青岚区和平路加油站", 4, (340, 120), "none", "no", True),
    ("青岚区清河湾加油站", 5, (-450, -380), "double_wall", "yes", True),
    ("青岚区石桥加油站", 6, (620, 240), "pool", "yes", True),
    ("青岚区望江加油站", 7, (-150, 500), "double_wall", "yes", True),
    ("青岚区新港加油站", 8, (-900, -720), "double_wall", "yes", True),
    ("青岚区云杉加油站", 9, (480, 360), "double_wall", "yes", False),
    ("青岚区梧桐里加油站", 10, (-220, -410), "pool", "yes", True),
    ("青岚区柳溪加油站", TOWN, (-700, 350), "double_wall", "yes", True),
    ("青岚区柳溪东加油站", TOWN, (1300, -260), "", "", False),
    ("青岚区环城路加油站", 4, (-610, -540), "double_wall", "no", True),
)


def stations() -> list[Firm]:
    """Fourteen petrol stations, one of LPG and one of LNG."""
    found = [_petrol(number, *row) for number, row in enumerate(_PETROL)]
    return [*found, _lpg(), _lng(), _gases()]


def _petrol(
    number: int, name: str, street: int, at: tuple[int, int], seepage: str, shut_off: str, verified: bool
) -> Firm:
    buried: dict[str, Any] = {
        "volume_m3": 30,
        "max_fill": "0.9",
        "seepage": seepage,
        "commissioned_date": date(2015, 5, 1),
        "design": "formal",
        "alarm": "yes" if seepage else "",
        "earthing": "yes",
        "shut_off": shut_off,
        "inerting": "na",
    }
    if seepage in ("double_wall", "pool"):
        buried["seepage_date"] = date(2025, 4 + number % 6, 12)
    moves: tuple[tuple[int, str, str], ...] = ((75, "in", "8.2"), (31 - number, "out", "6.4"))
    places = [
        Place(
            "T-1",
            "汽油罐（92号）",
            "tank",
            (Goods("汽油", "20.25", "20.25", "9.6", "92号车用汽油", moves=moves),),
            buried,
        ),
        Place("T-2", "汽油罐（95号）", "tank", (Goods("汽油", "20.25", "20.25", "11.3", "95号车用汽油"),), buried),
        Place(
            "T-3", "柴油罐", "tank", (Goods("柴油", "22.68", "22.68", f"{7 + number % 5}.4", "0号车用柴油"),), buried
        ),
    ]
    known: dict[str, Any] = {
        "size": "small",
        "staff_count": 8 + number % 6,
        "industry": "机动车燃油零售",
        "emergency_phone": "",
        "founded_date": date(2014, 3, 1),
    }
    if number == 12:
        known |= STOPPED
    if number == 8:
        # A station beside a market sold its licence's worth and more.
        places[1] = Place(
            "T-2", "汽油罐（95号）", "tank", (Goods("汽油", "15", "20.25", "18.9", "95号车用汽油"),), buried
        )
    dispensers = tuple(
        Place(f"D-{one}", f"{one}号加油机", "dispenser", (), {"shut_off": shut_off, "earthing": "yes"})
        for one in (1, 2)
    )
    return Firm(
        name,
        "petrol_station",
        street,
        at,
        f"{name.removeprefix('青岚区').removesuffix('加油站')}加油站路{number + 1}号",
        (
            Group("G1", "埋地罐区", "storage", "valves", tuple(places), {"boundary_note": "XV-101 XV-102", **SYSTEMS}),
            Group("F1", "加油区", "production", "plant", dispensers),
        ),
        known,
        own=4 if number == 7 else 0,
        plot=(70, 50) if number < 4 else None,
        people=2 if number != 12 else 0,
        verified=verified,
        entered_days=300 - 3 * number,
    )


def _lpg() -> Firm:
    # 2 x 50 m3, 0.9 full, 0.55 t/m3: 49.5 t, just below the 50 t of the standard.
    known = {
        "volume_m3": 50,
        "max_fill": "0.9",
        "pressure_mpa": "0.8",
        "commissioned_date": date(2009, 9, 1),
        "design": "diagnosed",
        "design_body": "临澜市演示化工设计院",
        **PROTECTED,
    }
    tanks = tuple(
        Place(
            f"V-{one}",
            f"液化石油气{one}号罐",
            "tank",
            (Goods("液化石油气", "24.75", "24.75", "13.1", moves=((60, "in", "6"), (20, "out", "7.5"))),),
            known,
        )
        for one in (1, 2)
    )
    bottles = Place("P-1", "瓶库", "cylinders", (Goods("液化石油气", "3", "3", "1.2", "15千克钢瓶"),), PROTECTED)
    return Firm(
        "青岚区西关液化石油气站",
        "gas_filling",
        1,
        (900, -700),
        "西关环路8号",
        (
            Group("U1", "储罐区", "storage", "dike", tanks, SYSTEMS),
            Group("U2", "瓶库", "storage", "building", (bottles,)),
        ),
        {
            "size": "small",
            "staff_count": 14,
            "emergency_phone": "0990-5550102",
            "exposed_population": 45,
            "exposed_source": "社区统计",
            "exposed_date": date(2025, 9, 1),
        },
        plot=(110, 90),
        entered_days=280,
    )


def _lng() -> Firm:
    known = {
        "volume_m3": 60,
        "max_fill": "0.9",
        "temp_c": "-162",
        "pressure_mpa": "0.6",
        "design": "formal",
        "commissioned_date": date(2019, 6, 1),
        **PROTECTED,
    }
    tank = Place(
        "V-1",
        "液化天然气储罐",
        "tank",
        (Goods("天然气", "23.2", "23.22", "12.4", "液化天然气", moves=((40, "in", "8"),)),),
        known,
    )
    return Firm(
        "青岚区新港液化天然气加气站",
        "gas_filling",
        8,
        (1300, -600),
        "新港大道66号",
        (Group("U1", "储罐区", "storage", "dike", (tank,), SYSTEMS),),
        {"size": "small", "staff_count": 11, "emergency_phone": "0990-5550103"},
        plot=(80, 60),
        entered_days=260,
    )


def _gases() -> Firm:
    shed = Place("K-1", "乙炔气瓶间", "cylinders", (Goods("乙炔", "1", "0.9", "0.5"),), PROTECTED)
    oxygen = Place(
        "K-2", "氧气瓶间", "cylinders", (Goods("氧[压缩的或液化的]", "4", "3.6", "1.8"),), {**PROTECTED, "alarm": "no"}
    )
    return Firm(
        "青岚区东湖气体充装站",
        "gas_filling",
        0,
        (-700, 650),
        "东湖工业路3号",
        (Group("U1", "气瓶棚", "storage", "shed", (shed, oxygen)),),
        {"size": "small", "staff_count": 22, "emergency_phone": "0990-5550107"},
        own=7,
        entered_days=310,
    )
