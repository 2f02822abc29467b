"""``quancheng dev example-sheets``: spreadsheets to try the imports on, with rows that come in and rows that cannot.

Everybody in them is invented. The streets are those of the demo district.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

#: Where no real district is looked for, with the box that makes the points of the sheets ones of the district.
BOX = "117.0,39.0,117.4,39.3"
_UNLICENSED = "无证场所（“小化工”等）"
_ENTERPRISES: tuple[Sequence[Any], ...] = (
    ("企业名称", "统一社会信用代码", "企业类别", "所在镇街", "实际经营地址", "坐标系", "经度", "纬度"),
    ("示例东加油站", "91990102MA00E1006G", "加油站", "{street}", "示例路11号", "CGCS2000", 117.151, 39.121),
    ("示例南气体有限公司", "91990102MA00E1014B", "气体充装站", "{street}", "示例路12号", "GCJ-02", 117.162, 39.132),
    ("示例西制药有限公司", "91990102MA00E10226", "医药生产企业", "{street}", "示例路13号", "百度", 117.173, 39.143),
)
_BAD_ENTERPRISES: tuple[Sequence[Any], ...] = (
    ("示例北化工有限公司", "91990102MA00E10302", "精细化工企业", "{street}", "末位校验码不对", "CGCS2000", 117.1, 39.1),
    ("示例同码有限公司", "91990102MA00E1006G", "加油站", "{street}", "与第一行同一代码", "CGCS2000", 117.1, 39.1),
    ("示例无码加油站", "", "加油站", "{street}", "没有代码，又不是无证场所", "CGCS2000", 117.1, 39.1),
    ("示例颠倒作坊", "", _UNLICENSED, "{street}", "经度和纬度填反", "CGCS2000", 39.1, 117.1),
    ("示例未注明作坊", "", _UNLICENSED, "{street}", "没有写坐标系", "", 117.1, 39.1),
    ("示例远方作坊", "", _UNLICENSED, "没有的街道", "没有这个镇街", "", "", ""),
    ("=CONCATENATE(1,2)", "", _UNLICENSED, "{street}", "公式", "", "", ""),
)
_STOCK: tuple[Sequence[Any], ...] = (
    ("企业名称", "单元编号", "单元名称", "单元类别", "设施编号", "设施类别", "容积（立方米）", "最大充装系数", "化学品",
     "许可量", "设计最大量", "实际存量"),
    ("示例东加油站", "U1", "汽油罐区", "储存单元", "V-1", "储罐", 30, 0.9, "汽油", "22 t", "22.5 t", "18 m³"),
    ("示例东加油站", "U1", "汽油罐区", "储存单元", "V-2", "储罐", 30, 0.9, "柴油", "25 t", "25.2 t", "20 t"),
    ("示例南气体有限公司", "U1", "液氯库", "储存单元", "K-1", "库房、仓间", "", "", "7782-50-5", "6 t", "6000 kg",
     "5 t"),
)  # fmt: skip
_BAD_STOCK: tuple[Sequence[Any], ...] = (
    ("示例东加油站", "U1", "", "", "V-3", "储罐", 30, 0.9, "汽油", "22 t", 22.5, "18 t"),
    ("示例东加油站", "U1", "", "", "V-4", "储罐", 30, 85, "汽油", "22 t", "22 t", "18 t"),
    ("示例东加油站", "U1", "", "", "V-5", "储罐", 30, 0.9, "没有这种化学品", "22 t", "22 t", "18 t"),
    ("示例东加油站", "U1", "", "", "V-6", "储罐", 30, 0.9, "汽油", "-1 t", "22 箱", "99999999 t"),
    ("没有这家企业", "U1", "罐区", "储存单元", "V-7", "储罐", 30, 0.9, "汽油", "22 t", "22 t", "18 t"),
)
_CHEMICALS: tuple[Sequence[Any], ...] = (
    ("序号", "品名", "别名", "英文名", "CAS号", "危险性类别", "备注"),
    (1381, "氯", "液氯；氯气", "chlorine", "7782-50-5", "加压气体\n急性毒性-吸入,类别2", "剧毒"),
    (9001, "示例溶剂[含量＞8%]", "—", "example solvent", "", "易燃液体,类别2", ""),
)
_BAD_CHEMICALS: tuple[Sequence[Any], ...] = (
    (9002, "示例误号", "", "", "7782-50-6", "易燃液体,类别2", ""),
    (9003, "示例矛盾", "", "", "", "易燃气体,类别1\n易燃液体,类别2", ""),
    (9004, "示例误类", "", "", "", "没有的类别", ""),
)
_PLACES: tuple[Sequence[Any], ...] = (
    ("名称", "类别", "所在镇街", "地址", "坐标系", "经度", "纬度", "人数", "数据来源", "数据日期"),
    ("东小学", "学校、幼儿园", "{street}", "示例路21号", "CGCS2000", 117.152, 39.122, 860, "学籍", "2026-09-01"),
    ("南卫生院", "医院、养老机构", "{street}", "示例路22号", "GCJ-02", 117.163, 39.133, 120, "核查", "2026-09-01"),
    ("示例西小区", "住宅小区、村庄", "{street}", "示例路23号", "百度", 117.174, 39.144, "", "社区统计", "2026-09-01"),
)  # fmt: skip
_BAD_PLACES: tuple[Sequence[Any], ...] = (
    ("示例工厂", "工厂", "{street}", "类别不是敏感目标", "CGCS2000", 117.1, 39.1, 50, "现场核查", "2026-09-01"),
    ("示例未来学校", "学校、幼儿园", "{street}", "数据日期晚于今天", "CGCS2000", 117.1, 39.1, 50, "规划", "2199-01-01"),
    ("示例远方医院", "医院、养老机构", "{street}", "不在本区", "CGCS2000", 120.5, 36.1, 50, "现场核查", "2026-09-01"),
    ("示例无点村", "住宅小区、村庄", "{street}", "没有经纬度", "", "", "", "若干", "社区统计", "2026-09-01"),
)  # fmt: skip
_PRODUCTS: tuple[Sequence[Any], ...] = (
    ("企业名称", "产品名称", "成分和含量", "24小时应急咨询电话", "包装规格", "危险性类别", "联合国编号", "主要用途"),
    ("示例东加油站", "示例92号汽油", "汽油", "0999-1234567", "储罐 30 m³", "", "1203", "车用燃料"),
    ("示例西制药有限公司", "示例工业酒精", "64-17-5 95%；甲醇 5%", "0999-1234568", "塑料桶 25 L", "易燃液体,类别2",
     "1170", "溶剂"),
)  # fmt: skip
_BAD_PRODUCTS: tuple[Sequence[Any], ...] = (
    ("示例西制药有限公司", "示例超量", "乙醇 120%", "0999-1234568", "塑料桶 25 L", "", "1170", "含量超过100%"),
    ("示例西制药有限公司", "示例无号", "乙醇 95%", "请看网站", "大桶", "", "12", "电话、包装、联合国编号都不对"),
    ("没有这家企业", "示例无主", "乙醇 95%", "0999-1234568", "塑料桶 25 L", "", "1170", "没有这家企业"),
)


def example_sheets_command(arguments: list[str]) -> int:
    """Write workbooks into a folder: of each register one that comes in, and one with rows that cannot."""
    parser = argparse.ArgumentParser(
        prog="quancheng dev example-sheets", description="Write spreadsheets to try the imports of the registry on."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--street", default="柳溪镇", help="a town or street of the district (default 柳溪镇, of the demo)"
    )
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, good, bad in (
        ("enterprises", _ENTERPRISES, _BAD_ENTERPRISES), ("stock", _STOCK, _BAD_STOCK),
        ("chemicals", _CHEMICALS, _BAD_CHEMICALS), ("places", _PLACES, _BAD_PLACES),
        ("products", _PRODUCTS, _BAD_PRODUCTS),
    ):  # fmt: skip
        _write(given.folder / f"{name}.xlsx", good, given.street)
        _write(given.folder / f"{name}-bad.xlsx", (*good, *bad), given.street)
    print(
        f"ten workbooks written to {given.folder}; QUANCHENG_DISTRICT_BOX={BOX} makes their points ones of the district"
    )
    return 0


def _write(path: Path, rows: Sequence[Sequence[Any]], street: str) -> None:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError("a new workbook has a sheet")
    for row in rows:
        sheet.append([street if cell == "{street}" else cell for cell in row])
    book.save(path)
