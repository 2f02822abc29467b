"""The demo's traders, carriers and places without licence (演示区的经营、运输单位和无证场所)."""

from __future__ import annotations

from datetime import date

from quancheng.domains.registry.demo_parts import CLOSED, PROTECTED, TOWN, Firm, Goods, Group, Place, spot


def traders() -> list[Firm]:
    """Who trades, stores for others, carries, sells fireworks or burns alcohol fuel."""
    return [_bonded(), *_traders(), *_carriers(), *_fireworks(), *_alcohol()]


def unlicensed() -> list[Firm]:
    """Three places that a patrol found (小化工): no licence, no code, little known."""
    rows = (
        ("石坝村无名调漆作坊", TOWN, (-900, -800), "柳溪镇石坝村北侧废弃厂房", (("甲苯", "0.6"), ("乙酸乙酯", "0.35"))),
        ("塘口村无证柴油储油点", TOWN, (800, 900), "柳溪镇塘口村停车场", (("柴油", "4.2"),)),
        ("石桥旧货场无证瓶装气储存点", 6, (-500, 600), "石桥街道旧货场内", (("液化石油气", "0.45"),)),
    )
    found = []
    for name, street, at, address, held in rows:
        goods = tuple(Goods(chemical, None, None, tonnes) for chemical, tonnes in held)
        place = Place(
            "X-1",
            "现场存放处",
            "bay",
            goods,
            {"design": "none", "alarm": "no", "shut_off": "no", "earthing": "no", "inerting": "no"},
        )
        found.append(
            Firm(
                name,
                "unlicensed",
                street,
                at,
                address,
                (Group("U1", "现场", "storage", "building", (place,)),),
                {"registered_address": "", "registered_lon": None, "registered_lat": None},
                people=0,
                verified=False,
                entered_days=95,
                has_code=False,
            )
        )
    return found


def _bonded() -> Firm:
    bay = {"design": "formal", "commissioned_date": date(2020, 9, 1), **PROTECTED}
    places = (
        # Oxidiser and solvent, and cyanide and acid, stand in one bay each: the segregation rules forbid both.
        Place(
            "A1",
            "1号库A仓",
            "bay",
            (
                Goods("过氧化氢溶液[含量>8%]", "60", "60", "31", moves=((52, "in", "12"),)),
                Goods("丙酮", "40", "40", "18"),
            ),
            bay,
        ),
        Place("A2", "1号库B仓", "bay", (Goods("硫酸", "80", "80", "44"), Goods("盐酸", "60", "60", "27")), bay),
        Place(
            "B1",
            "2号库A仓",
            "bay",
            (
                Goods("甲苯", "90", "90", "52", moves=((33, "in", "14"), (8, "out", "9"))),
                Goods("乙酸乙酯", "90", "90", "47"),
                Goods("甲醇", "60", "60", "22"),
            ),
            # Each within its licence, together more than the fire protection was accepted for.
            {**bay, "fire_limit_t": "110"},
        ),
        Place("B2", "2号库B仓", "bay", (Goods("氰化钠", "4", "4", "1.6"), Goods("盐酸", "10", "10", "3.2")), bay),
        Place("C1", "3号库", "bay", (Goods("次氯酸钠溶液[含有效氯>5%]", "30", "30", "12"),), {**bay, "alarm": "no"}),
    )
    groups = tuple(
        Group(f"W{number}", f"{number}号库", "storage", "building", tuple(one for one in places if one.code[0] == mark))
        for number, mark in enumerate("ABC", 1)
    )
    return Firm(
        "临澜保税港危化品仓储有限公司",
        "depot",
        8,
        (-500, 1300),
        "新港保税物流园5号",
        groups,
        {
            "size": "medium",
            "staff_count": 87,
            "emergency_phone": "0990-5550110",
            "exposed_population": 0,
            "exposed_source": "园区管委会统计",
            "exposed_date": date(2025, 6, 1),
            "more_kinds": ["trader_storage"],
        },
        links=("storage", "trade"),
        plot=(300, 220),
        people=3,
        entered_days=270,
    )


def _traders() -> list[Firm]:
    far = spot(4, (2200, 300))
    moved = {"registered_address": "和平路188号写字楼", "registered_lon": far[0], "registered_lat": far[1]}
    store = Place(
        "K-1",
        "油漆稀料库",
        "bay",
        (Goods("甲苯", "2", "2.5", "2.3"), Goods("乙酸乙酯", "2", "2", "1.1")),
        {"design": "diagnosed", "alarm": "yes", "shut_off": "na", "earthing": "no", "inerting": "na"},
    )
    return [
        # Registered two kilometres away from where it keeps its goods, in rooms of another's plant, above its licence.
        Firm(
            "青岚区南屏化工经营部",
            "trader_storage",
            2,
            (-620, 480),
            "南屏街道旧纺织厂内3号库",
            (Group("U1", "稀料库", "storage", "building", (store,)),),
            moved,
            verified=False,
            entered_days=240,
        ),
        Firm(
            "临澜汇川化工贸易有限公司",
            "trader_paper",
            4,
            (120, -60),
            "和平路66号1203室",
            known={"size": "micro"},
            entered_days=225,
        ),
        Firm(
            "临澜恒基能源贸易有限公司",
            "trader_paper",
            4,
            (-200, 180),
            "和平路101号806室",
            known={"size": "micro"},
            verified=False,
            entered_days=224,
        ),
        Firm(
            "临澜盛远商贸有限公司", "trader_paper", 0, (60, 140), "东湖路22号", known=CLOSED, people=0, entered_days=223
        ),
    ]


def _carriers() -> list[Firm]:
    return [
        Firm(
            "临澜平安危货运输有限公司",
            "carrier",
            6,
            (-300, -900),
            "石桥物流园11号",
            known={"size": "small", "staff_count": 64, "emergency_phone": "0990-5550106"},
            own=5,
            entered_days=305,
        ),
        Firm(
            "临澜远达危货运输有限公司",
            "carrier",
            5,
            (-900, 800),
            "清河湾物流路7号",
            known={"size": "small", "staff_count": 31},
            entered_days=210,
        ),
    ]


def _fireworks() -> list[Firm]:
    bay = Place("K-1", "A级库房", "bay", (), {"design": "formal", "alarm": "yes", "earthing": "yes"})
    return [
        Firm(
            "青岚区烟花爆竹批发有限公司",
            "fireworks_wholesale",
            TOWN,
            (1900, 1600),
            "柳溪镇桃园村北山坳",
            (Group("U1", "烟花爆竹仓库", "storage", "building", (bay,)),),
            {"size": "small", "staff_count": 16},
            plot=(150, 130),
            entered_days=200,
        ),
        Firm(
            "柳溪镇上柳村烟花爆竹零售点",
            "fireworks_retail",
            TOWN,
            (-250, -120),
            "柳溪镇上柳村口",
            entered_days=190,
            known={"size": "micro", "staff_count": 2},
            people=1,
        ),
        Firm(
            "西关街道环城烟花爆竹零售点",
            "fireworks_retail",
            1,
            (250, 520),
            "西关街道环城路40号",
            entered_days=189,
            known={"size": "micro", "staff_count": 2},
            people=1,
            verified=False,
        ),
    ]


def _alcohol() -> list[Firm]:
    def kitchen(tonnes: str, alarm: str) -> tuple[Group, ...]:
        goods = Goods("甲醇", None, "0.8", tonnes, "醇基燃料", "0.78")
        return (
            Group("U1", "燃料间", "storage", "building", (Place("V-1", "燃料罐", "tank", (goods,), {"alarm": alarm}),)),
        )

    return [
        Firm(
            "青岚区老灶饭店",
            "alcohol_fuel",
            7,
            (300, -250),
            "望江街道江边路31号",
            kitchen("0.35", "no"),
            entered_days=140,
            known={"size": "micro"},
            people=1,
            verified=False,
        ),
        Firm(
            "临澜明焰醇基燃料供应站",
            "alcohol_fuel",
            7,
            (-500, -400),
            "望江街道码头路4号",
            kitchen("0.6", "yes"),
            known={"size": "micro"},
            entered_days=138,
            people=1,
        ),
    ]
