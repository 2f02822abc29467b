"""The demo's plants, stores and users (演示区的生产、储存和使用单位)."""

from __future__ import annotations

from datetime import date
from typing import Any

from quancheng.domains.registry.demo_parts import PROTECTED, SYSTEMS, Firm, Goods, Group, Place

_OIL: dict[str, Any] = {
    "max_fill": "0.9",
    "design": "formal",
    "design_body": "临澜市演示化工设计院",
    "pipe_count": 6,
    "flange_count": 84,
    "commissioned_date": date(2012, 10, 1),
    **PROTECTED,
}


def plants() -> list[Firm]:
    """Plants, stores and users."""
    return [
        _depot(),
        _fine_chemical(),
        _pharmacy(),
        _second_pharmacy(),
        _waterworks(),
        _cold_store(),
        _waste(),
        *_laboratories(),
        _hospital(),
        _pipeline(),
        _city_gas(),
    ]


def _depot() -> Firm:
    # By design 7,000 t of petrol and 7,500 t of diesel: S = 36.5, and with 64 residents α = 1.5, R = 54.75.
    petrol = tuple(
        Place(
            f"V-10{one}",
            f"汽油{one}号内浮顶罐",
            "tank",
            (
                Goods(
                    "汽油",
                    "1750",
                    "1750",
                    f"{700 + 90 * one}",
                    moves=((150, "in", "420"), (92, "out", "380"), (35, "in", "260"), (9, "out", "310")),
                ),
            ),
            {"volume_m3": 2600, "inerting": "yes", **{k: v for k, v in _OIL.items() if k != "inerting"}},
        )
        for one in (1, 2, 3, 4)
    )
    diesel = tuple(
        Place(
            f"V-20{one}",
            f"柴油{one}号拱顶罐",
            "tank",
            (Goods("柴油", "3750", "3750", f"{1500 + 300 * one}", moves=((110, "in", "900"), (48, "out", "700"))),),
            {"volume_m3": 5000, **_OIL},
        )
        for one in (1, 2)
    )
    loading = Place("L-1", "汽车装车台", "loading", (), {"alarm": "yes", "shut_off": "yes", "earthing": "yes"})
    return Firm(
        "青岚区蓝湾石化储运有限公司",
        "depot",
        8,
        (0, 0),
        "新港大道1号",
        (
            Group(
                "TK1",
                "成品油罐区",
                "storage",
                "dike",
                (*petrol, *diesel),
                {"boundary_note": "1号防火堤", **SYSTEMS, "platform": "yes"},
            ),
            Group("LD1", "装车区", "production", "plant", (loading,)),
        ),
        {
            "size": "medium",
            "staff_count": 96,
            "emergency_phone": "0990-5550101",
            "founded_date": date(2011, 4, 8),
            "industry": "成品油仓储",
            "registration_code": "990100001",
            "exposed_population": 64,
            "exposed_source": "新港社区统计",
            "exposed_date": date(2025, 8, 20),
        },
        own=1,
        plot=(420, 300),
        people=4,
        entered_days=330,
    )


def _fine_chemical() -> Firm:
    tank = {
        "volume_m3": 500,
        "max_fill": "0.85",
        "design": "formal",
        "commissioned_date": date(2016, 7, 1),
        **PROTECTED,
        "inerting": "yes",
    }
    tanks = (
        Place(
            "V-01",
            "甲醇储罐",
            "tank",
            (Goods("甲醇", "340", "335", "210", moves=((70, "in", "60"), (22, "out", "85"))),),
            tank,
        ),
        Place("V-02", "甲醇储罐", "tank", (Goods("甲醇", "340", "335", "180"),), tank),
        Place("V-03", "甲苯储罐", "tank", (Goods("甲苯", "180", "174", "96"),), {**tank, "volume_m3": 240}),
    )
    reactor = {
        "volume_m3": "6.3",
        "temp_c": "85",
        "pressure_mpa": "0.3",
        "near_explosive_range": False,
        "dcs": "yes",
        "esd": "yes",
        "design": "formal",
        "commissioned_date": date(2017, 3, 1),
        "alarm": "yes",
        "inerting": "yes",
    }
    reactors = (
        Place(
            "R-101", "酯化反应釜", "reactor", (Goods("甲醇", None, "3.6", "2.9"),), {**reactor, "processes": ["none"]}
        ),
        Place(
            "R-102",
            "加氢反应釜",
            "reactor",
            (Goods("甲苯", None, "4.1", "3.5"), Goods("氢", None, "0.02", "0.01")),
            {**reactor, "processes": ["P08"], "sis": "no"},
        ),
    )
    return Firm(
        "临澜青禾精细化工有限公司",
        "fine_chemical",
        8,
        (1900, 700),
        "新港化工园区二路12号",
        (
            Group("TK1", "甲类罐区", "storage", "dike", tanks, {**SYSTEMS, "gas_detection": "no"}),
            Group("PR1", "一车间", "production", "plant", reactors),
        ),
        {
            "size": "small",
            "staff_count": 132,
            "emergency_phone": "0990-5550104",
            "exposed_population": 0,
            "exposed_source": "园区管委会统计",
            "exposed_date": date(2025, 5, 1),
            "industry": "专用化学品制造",
            "registration_code": "990100002",
        },
        own=2,
        plot=(260, 180),
        entered_days=322,
    )


def _pharmacy() -> Firm:
    goods = (
        Goods("乙醇", "40", "38", "22", moves=((64, "in", "9"), (15, "out", "7"))),
        Goods("丙酮", "20", "18", "9.5"),
    )
    store = Place("K-1", "甲类溶剂库", "bay", goods, {**PROTECTED, "design": "formal"})
    reactor = Place(
        "R-1",
        "提取罐",
        "reactor",
        (Goods("乙醇", None, "6.5", "4.8"),),
        {"temp_c": "65", "processes": ["none"], "near_explosive_range": False, "dcs": "yes"},
    )
    return Firm(
        "青岚区云杉制药有限公司",
        "pharmaceutical",
        9,
        (-300, -400),
        "云杉医药园1号",
        (
            Group("U1", "溶剂库", "storage", "building", (store,)),
            Group("PR1", "提取车间", "production", "plant", (reactor,)),
        ),
        {
            "size": "medium",
            "staff_count": 410,
            "emergency_phone": "0990-5550105",
            "exposed_population": 120,
            "exposed_source": "社区统计",
            "exposed_date": date(2025, 9, 10),
            "registration_code": "990100003",
        },
        own=3,
        plot=(220, 200),
        entered_days=315,
    )


def _second_pharmacy() -> Firm:
    goods = (Goods("三氯甲烷", "5", "4.5", "2.1"), Goods("乙醚", "1", "0.8", "0.32"), Goods("丙酮", "12", "10", "6"))
    store = Place("K-1", "危险品库", "bay", goods, {**PROTECTED, "inerting": "", "design": "formal"})
    return Firm(
        "临澜安泽生物制药有限公司",
        "pharmaceutical",
        9,
        (1100, -700),
        "云杉医药园9号",
        (Group("U1", "危险品库", "storage", "building", (store,)),),
        {"life": "trial", "size": "medium", "staff_count": 230},
        plot=(180, 160),
        verified=False,
        entered_days=160,
    )


def _waterworks() -> Firm:
    goods = Goods("氯", "6", "6", "4.2", "液氯（1吨瓶）", moves=((58, "out", "1"), (30, "in", "2"), (6, "out", "1.2")))
    bay = Place(
        "K-1",
        "液氯瓶库",
        "bay",
        (goods,),
        {
            "design": "formal",
            "commissioned_date": date(2008, 5, 1),
            "alarm": "yes",
            "shut_off": "yes",
            "earthing": "na",
            "inerting": "na",
        },
    )
    lye = Place("V-1", "碱液池", "environmental", (Goods("氢氧化钠溶液[含量≥30%]", None, "12", "9"),))
    # The residents were counted before the school came: what stands near is proposed on its page.
    return Firm(
        "青岚区石桥自来水厂",
        "user",
        6,
        (150, 200),
        "石桥街道水厂路5号",
        (Group("U1", "加氯间", "storage", "building", (bay, lye)),),
        {
            "size": "medium",
            "staff_count": 74,
            "emergency_phone": "0990-5550108",
            "exposed_population": 20,
            "exposed_source": "2019年社区统计",
            "exposed_date": date(2019, 4, 1),
            "industry": "自来水生产",
        },
        own=8,
        plot=(200, 160),
        people=3,
        entered_days=318,
    )


def _cold_store() -> Firm:
    known = {
        "volume_m3": 12,
        "pressure_mpa": "1.2",
        "design": "none",
        "commissioned_date": date(2006, 11, 1),
        "alarm": "yes",
        "shut_off": "no",
        "earthing": "na",
        "inerting": "na",
    }
    places = (
        Place("V-1", "高压贮液器", "tank", (Goods("氨", "7", "7", "5.5"),), known),
        Place("V-2", "低压循环桶", "tank", (Goods("氨", "5", "5", "3.1", moves=((44, "in", "0.6"),)),), known),
    )
    return Firm(
        "青岚区清河湾冷链仓储有限公司",
        "user",
        5,
        (700, 300),
        "清河湾冷链路2号",
        (Group("U1", "氨制冷机房", "production", "plant", places),),
        {
            "size": "small",
            "staff_count": 58,
            "emergency_phone": "0990-5550109",
            "exposed_population": 160,
            "exposed_source": "社区统计",
            "exposed_date": date(2025, 10, 1),
            "industry": "低温仓储",
        },
        links=("use", "storage"),
        plot=(160, 120),
        entered_days=14,
    )


def _waste() -> Firm:
    tank = Place("V-1", "废酸储罐", "tank", (Goods("硫酸", None, "40", "18", "废硫酸", "0.35"),), {"volume_m3": 30})
    return Firm(
        "青岚区清源危废处置有限公司",
        "waste_handler",
        8,
        (2600, -500),
        "新港化工园区环保路1号",
        (Group("U1", "废液罐区", "storage", "dike", (tank,)),),
        {"size": "small", "staff_count": 52, "emergency_phone": "0990-5550111"},
        own=6,
        entered_days=300,
    )


def _laboratories() -> list[Firm]:
    goods = (
        Goods("乙醚", None, "0.05", "0.021"),
        Goods("丙酮", None, "0.2", "0.09"),
        Goods("盐酸", None, "0.3", "0.12"),
        Goods("三氯甲烷", None, "0.03", "0.014"),
    )
    room = Place("K-1", "化学试剂库", "laboratory", goods, {"alarm": "yes", "earthing": "yes", "inerting": "na"})
    few = Place("K-1", "药品室", "laboratory", goods[1:3], {"alarm": "no", "inerting": "na"})
    return [
        Firm(
            "临澜理工学院化学实验中心",
            "laboratory",
            3,
            (600, -300),
            "北塔街道学府路1号",
            (Group("U1", "试剂库", "storage", "building", (room,)),),
            {"staff_count": 40},
            entered_days=180,
        ),
        Firm(
            "青岚师范学院理化实验室",
            "laboratory",
            10,
            (450, 200),
            "梧桐里学院街20号",
            (Group("U1", "药品室", "storage", "building", (few,)),),
            verified=False,
            entered_days=178,
        ),
    ]


def _hospital() -> Firm:
    room = Place(
        "V-1", "液氧罐", "tank", (Goods("氧[压缩的或液化的]", None, "10", "6.2"),), {"volume_m3": 10, "alarm": "yes"}
    )
    return Firm(
        "青岚区人民医院",
        "hospital",
        4,
        (250, 300),
        "和平路10号",
        (Group("U1", "液氧站", "storage", "dike", (room,)),),
        {"staff_count": 620, "emergency_phone": "0990-5550112"},
        entered_days=170,
    )


def _pipeline() -> Firm:
    pipe = Place(
        "PL-1",
        "东湖至和平路段（穿越人员密集区）",
        "pipe",
        (Goods("天然气", None, "18", "16", "管输天然气"),),
        {
            "pressure_mpa": "4",
            "design": "formal",
            "commissioned_date": date(2004, 8, 1),
            "alarm": "yes",
            "shut_off": "yes",
        },
    )
    return Firm(
        "临澜天然气管道运营有限公司青岚站",
        "pipeline",
        4,
        (500, -300),
        "和平路南段阀室",
        (
            Group(
                "PL",
                "东湖至和平路段",
                "production",
                "valves",
                (pipe,),
                {
                    "boundary_note": "ESV-301 ESV-302",
                    "exclusion": "off_site_transport",
                    "exclusion_reason": "厂外管道输送，按管道保护法管理。",
                },
            ),
        ),
        {"staff_count": 18, "emergency_phone": "0990-5550113"},
        entered_days=250,
    )


def _city_gas() -> Firm:
    known = {
        "volume_m3": 150,
        "max_fill": "0.9",
        "temp_c": "-162",
        "pressure_mpa": "0.5",
        "design": "formal",
        "commissioned_date": date(2018, 10, 1),
        **PROTECTED,
    }
    tanks = tuple(
        Place(
            f"V-{one}",
            f"液化天然气{one}号罐",
            "tank",
            (Goods("天然气", None, "58", "39", "液化天然气", moves=((26, "in", "11"),)),),
            known,
        )
        for one in (1, 2, 3)
    )
    return Firm(
        "青岚区华焰城市燃气有限公司",
        "city_gas",
        3,
        (-800, 700),
        "北塔街道燃气路1号",
        (Group("U1", "应急储气罐区", "storage", "dike", tanks, SYSTEMS),),
        {
            "size": "medium",
            "staff_count": 145,
            "emergency_phone": "0990-5550114",
            "exposed_population": 24,
            "exposed_source": "社区统计",
            "exposed_date": date(2025, 7, 15),
        },
        links=("trade", "storage", "use"),
        plot=(180, 140),
        people=3,
        entered_days=120,
    )
