"""From hazards as written to categories of table 2: every row of the mapping, and what is left open."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quancheng.standards.gb18218 import Stock, Unit, assess

D = Decimal
LIQUID, GAS, SOLID = ({"state": state} for state in ("liquid", "gas", "solid"))
LOW, HIGH = ({"state": "liquid", "boiling_point_c": D(c)} for c in ("35", "35.1"))
WARM = {"operating_temp_c": D("81"), "boiling_point_c": D("80")}
COOL = {"operating_temp_c": D("80"), "boiling_point_c": D("80")}
#: Hazard as written, what else is told, the symbol (empty: no row).
ROWS: list[tuple[str, dict[str, object], str]] = [
    ("急性毒性-经口,类别1", GAS, "J1"),
    ("急性毒性-经皮,类别1", LIQUID, "J2"),
    ("急性毒性-吸入,类别1", SOLID, "J2"),
    ("急性毒性-吸入,类别2", GAS, "J3"),
    ("急性毒性-吸入,类别3", GAS, "J3"),
    ("急性毒性-吸入,类别2", LOW, "J4"),
    ("急性毒性-吸入,类别3", LOW, "J4"),
    ("急性毒性-吸入,类别2", HIGH, "J5"),
    ("急性毒性-经口,类别2", LOW, "J5"),
    ("急性毒性-经口,类别2", SOLID, "J5"),
    ("急性毒性-吸入,类别3", HIGH, ""),
    ("急性毒性-经口,类别3", LIQUID, ""),
    ("急性毒性-经口,类别3", SOLID, ""),
    ("急性毒性-经口,类别4", GAS, ""),
    ("爆炸物,不稳定爆炸物", {}, "W1.1"),
    ("爆炸物,1.1项", {}, "W1.1"),
    *((f"爆炸物,{division}项", {}, "W1.2") for division in ("1.2", "1.3", "1.5", "1.6")),
    ("爆炸物,1.4项", {}, "W1.3"),
    ("易燃气体,类别1", {}, "W2"),
    ("易燃气体,类别2", {}, "W2"),
    ("气溶胶,类别1", {"is_net": True}, "W3"),
    ("气溶胶,类别2", {"is_net": True}, "W3"),
    ("气溶胶,类别3", {}, ""),
    ("氧化性气体,类别1", {}, "W4"),
    ("易燃液体,类别1", {}, "W5.1"),
    ("易燃液体,类别2", WARM, "W5.1"),
    ("易燃液体,类别3", WARM, "W5.1"),
    ("易燃液体,类别2", COOL, "W5.3"),
    ("易燃液体,类别2", {"key_process": True}, "W5.2"),
    ("易燃液体,类别3", {"near_explosive_range": True}, "W5.2"),
    ("易燃液体,类别3", {"operating_pressure_mpa": D("1.61")}, "W5.2"),
    ("易燃液体,类别3", {"operating_pressure_mpa": D("1.6")}, "W5.4"),
    ("易燃液体,类别2", {}, "W5.3"),
    ("易燃液体,类别3", {}, "W5.4"),
    ("易燃液体,类别4", {}, ""),
    *((f"自反应物质和混合物,{kind}型", {}, "W6.1") for kind in "AB"),
    *((f"自反应物质和混合物,{kind}型", {}, "W6.2") for kind in "CDE"),
    *((f"自反应物质和混合物,{kind}型", {}, "") for kind in "FG"),
    *((f"有机过氧化物,{kind}型", {}, "W7.1") for kind in "AB"),
    *((f"有机过氧化物,{kind}型", {}, "W7.2") for kind in "CDEF"),
    ("有机过氧化物,G型", {}, ""),
    ("自燃液体,类别1", {}, "W8"),
    ("自燃固体,类别1", {}, "W8"),
    ("氧化性液体,类别1", {}, "W9.1"),
    ("氧化性固体,类别1", {}, "W9.1"),
    *((f"氧化性{state},类别{number}", {}, "W9.2") for state in ("液体", "固体") for number in "23"),
    ("易燃固体,类别1", {}, "W10"),
    ("易燃固体,类别2", {}, ""),
    ("遇水放出易燃气体的物质和混合物,类别1", {}, "W11"),
    ("遇水放出易燃气体的物质和混合物,类别2", {}, "W11"),
    ("遇水放出易燃气体的物质和混合物,类别3", {}, ""),
    ("自热物质和混合物,类别1", {}, ""),
    ("加压气体", {}, ""),
    ("金属腐蚀物,类别1", {}, ""),
    ("皮肤腐蚀/刺激,类别1A", {}, ""),
    ("特异性靶器官毒性-一次接触,类别3(麻醉效应)", {}, ""),
    ("危害水生环境-急性危害,类别1", {}, ""),
    ("退敏爆炸物,类别1", {}, ""),
]


def judged(*classes: str, kind: str = "storage", **more: object):
    result = assess(Unit(kind, (Stock(name="示例品", quantity_t=D(1), hazard_classes=classes, **more),), 0))
    return result.steps[0].symbol, [doubt.code for doubt in result.doubts], result


@pytest.mark.parametrize(("written", "told", "symbol"), ROWS)
def test_a_hazard_gives_its_category(written, told, symbol):
    found, doubts, result = judged(written, **told)
    assert (found, doubts) == (symbol, [])
    assert (result.steps[0].threshold_t is None) == (symbol == "")


def test_the_rows_reach_every_category_of_table_2():
    from quancheng.standards.gb18218.tables import table2

    assert {symbol for _, _, symbol in ROWS} == {*table2(), ""}


@pytest.mark.parametrize(
    "written",
    ["易燃液体,类别2", "易燃液体，类别 2", "易燃液体，类别２", "易燃液体,类别Ⅱ", "易燃液体 2", "易燃液体,类别2*",
     "Flammable liquids, Category 2", "flam. liq. 2", "H225", " 易燃液体 ， 类别2 "],
)  # fmt: skip
def test_a_class_is_read_however_it_is_written(written):
    assert judged(written)[:2] == ("W5.3", [])


@pytest.mark.parametrize(
    ("written", "symbol"),
    [("H224", "W5.1"), ("H220", "W2"), ("H221", "W2"), ("H222", "W3"), ("H270", "W4"), ("H240", "W6.1"),
     ("H250", "W8"), ("H271", "W9.1"), ("H272", "W9.2"), ("H260", "W11"), ("H200", "W1.1"), ("H204", "W1.3"),
     ("H314", ""), ("H410", "")],
)  # fmt: skip
def test_h_codes_that_name_a_row_are_taken(written, symbol):
    assert judged(written, is_net=True)[0] == symbol


def test_several_routes_in_one_string_are_each_a_hazard():
    assert judged("急性毒性-经口/经皮/吸入,类别2", **LOW)[:2] == ("J4", [])
    assert judged("急性毒性-经口/经皮,类别2", **LOW)[:2] == ("J5", [])


def test_of_several_hazards_the_lowest_threshold_counts_whatever_their_order():
    both = ("易燃液体,类别3", "急性毒性-经口,类别2")
    assert judged(*both)[0] == judged(*reversed(both))[0] == judged("; ".join(both))[0] == "J5"


def test_the_state_follows_from_a_class_that_presumes_it():
    assert judged("急性毒性-吸入,类别2", "加压气体")[:2] == ("J3", [])
    assert judged("急性毒性-吸入,类别2", "易燃液体,类别1")[:2] == ("W5.1", [])
    assert judged("急性毒性-吸入,类别1", "氧化性固体,类别2")[:2] == ("J2", [])


@pytest.mark.parametrize(
    ("classes", "told", "symbol", "doubts"),
    [
        (("急性毒性-吸入,类别1",), {}, "J1", ["doubt.category"]),
        (("急性毒性-经口,类别2",), {}, "J3", ["doubt.category"]),
        (("急性毒性-吸入,类别2",), LIQUID, "J4", ["doubt.category"]),
        (("急性毒性-吸入,类别3",), LIQUID, "J4", ["doubt.category"]),
        (("急性毒性,类别2",), LOW, "J4", ["doubt.category"]),
        (("易燃液体",), {}, "W5.1", ["doubt.category"]),
        (("易燃液体,类别2",), {"operating_temp_c": D(90)}, "W5.1", ["doubt.category"]),
        (("H300",), SOLID, "J2", ["doubt.category"]),
        (("H228",), {}, "W10", ["doubt.category"]),
        (("有毒有害",), {}, "", ["doubt.unread"]),
        (("……",), {}, "", ["doubt.unread"]),
        (("气溶胶,类别1",), {}, "W3", ["doubt.net"]),
        (("易燃气体,类别1",), LIQUID, "W2", ["doubt.states"]),
        (("易燃液体,类别2", "易燃液体,类别3"), {}, "W5.3", ["doubt.contradiction"]),
        ((), {}, "", ["doubt.unknown"]),
        ((" ",), {}, "", ["doubt.unknown"]),
    ],
)
def test_what_is_left_open_is_doubted_and_the_gravest_used(classes, told, symbol, doubts):
    assert judged(*classes, **told)[:2] == (symbol, doubts)


def test_a_production_unit_must_tell_how_a_flammable_liquid_is_worked():
    symbol, doubts, result = judged("易燃液体,类别2", kind="production")
    assert (symbol, doubts) == ("W5.3", ["doubt.conditions"])
    assert "operating_temp_c" in result.doubts[0].text()
    told = {
        "operating_temp_c": D(25),
        "operating_pressure_mpa": D("0.1"),
        "key_process": False,
        "near_explosive_range": False,
    }
    assert judged("易燃液体,类别2", kind="production", **told)[:2] == ("W5.3", [])
    assert judged("易燃液体,类别2")[1] == []


def test_no_threshold_is_told_apart_from_unknown():
    _, doubts, result = judged("皮肤腐蚀/刺激,类别1A")
    assert doubts == []
    assert "没有临界量" in result.steps[0].why[0].text()
    assert result.s == 0
