"""Which item of table 1 a chemical is, mixtures, quantities, β and the cut of the unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quancheng.standards.gb18218 import BadInput, Stock, Unit, assess
from quancheng.standards.gb18218.tables import table1

D = Decimal


def one(kind: str = "storage", population: int | None = 100, unit: dict[str, object] | None = None, **told: object):
    told = {"quantity_t": D(10)} | told
    result = assess(Unit(kind, (Stock(**told),), population, **(unit or {})))
    return result.steps[0], [doubt.code for doubt in result.doubts], result


@pytest.mark.parametrize("number", range(1, 86))
def test_every_item_is_found_by_name_and_by_number_and_grade(number):
    item = table1()[number]
    assert one(name=item.name)[0].item == number
    assert one(name=item.name, grade=str(number))[:2][0].item == number
    for cas in item.cas:
        step, doubts, _ = one(cas=cas, grade=str(number), concentration=D("0.95") if item.content_above else None)
        assert (step.item, step.threshold_t, step.beta, doubts) == (number, item.threshold_t, item.beta, [])


@pytest.mark.parametrize(
    ("name", "number"),
    [("液氨", 1), ("光气", 6), ("液氯", 12), ("一氧化碳", 13), ("环氧氯丙烷", 21), ("TNT", 35),
     ("天然气", 49), ("lng", 49), ("丙烷", 52), ("汽油", 66), ("乙醇汽油", 66), ("酒精", 67), ("Chlorine", 12),
     ("电石", 83), ("三乙基铝", 74), ("硝酸铵肥料", 45), ("氧", 56), ("氯化氢", 11), ("１,３－丁二烯", 47)],
)  # fmt: skip
def test_other_names_lead_to_the_item(name, number):
    step, doubts, _ = one(name=name)
    assert (step.item, doubts) == (number, [])


@pytest.mark.parametrize("cas", ["8006-61-9", "86290-81-5", "CAS 86290-81-5"])
def test_petrol_has_two_numbers(cas):
    assert one(cas=cas)[0].item == 66


@pytest.mark.parametrize(
    ("told", "number", "count"), [({"cas": "9004-70-0"}, 37, 6), ({"cas": "6484-52-2", "name": "硝酸铵"}, 43, 2)]
)
def test_where_items_share_a_number_the_gravest_is_used_and_the_choices_are_listed(told, number, count):
    step, doubts, result = one(**told)
    assert (step.item, doubts) == (number, ["doubt.items"])
    said = result.doubts[0].text()
    assert said.count("项“") == count + 1
    assert "grade" in said


def test_a_name_narrows_what_a_number_leaves():
    assert one(cas="9004-70-0", name="硝化纤维素溶液")[:2][0].item == 42
    assert one(cas="6484-52-2", grade="44")[0].threshold_t == 50
    assert one(cas="6484-52-2", grade="含可燃物 ≤ 0.2%")[0].item == 44
    assert one(cas="9004-70-0", grade="含水≥25%")[0].item == 41
    with pytest.raises(BadInput):
        one(cas="9004-70-0", grade="含")


def test_a_grade_that_is_another_substances_is_doubted_and_the_gravest_used():
    step, doubts, _ = one(cas="7782-50-5", grade="1")
    assert (step.item, doubts) == (12, ["doubt.grade_elsewhere", "doubt.items"])


def test_a_person_may_say_that_no_item_applies():
    step, doubts, _ = one(cas="1338-23-4", grade="none", hazard_classes=("有机过氧化物,D型",))
    assert (step.item, step.symbol, step.threshold_t, doubts) == (None, "W7.2", 50, [])


def test_an_item_of_one_make_up_must_be_confirmed():
    assert one(cas="1338-23-4")[:2][1] == ["doubt.composition"]
    assert one(cas="1338-23-4", grade="72")[1] == []


def test_name_and_number_of_two_substances_are_doubted_and_the_gravest_used():
    step, doubts, _ = one(cas="7664-41-7", name="氯")
    assert (step.item, doubts) == (12, ["doubt.cas_and_name", "doubt.items"])
    step, doubts, _ = one(cas="68334-30-5", name="氯")
    assert (step.item, doubts) == (12, ["doubt.cas_and_name"])


def test_hydrochloric_acid_is_not_anhydrous_hydrogen_chloride():
    assert one(cas="7647-01-0")[0].item == 11
    step, doubts, _ = one(cas="7647-01-0", name="盐酸", hazard_classes=("皮肤腐蚀/刺激,类别1B",))
    assert (step.item, step.threshold_t, doubts) == (None, None, [])


@pytest.mark.parametrize("name", ["天那水", "稀释剂"])
def test_a_trade_name_of_a_mixture_is_no_substance(name):
    assert one(name=name)[1] == ["doubt.unknown"]


def test_a_name_with_a_remark_is_doubted():
    step, doubts, _ = one(name="乙醇(无水)")
    assert (step.item, doubts) == (67, ["doubt.remark"])


def test_hazards_of_another_substance_are_doubted_and_table_1_counts():
    step, doubts, _ = one(name="氯", hazard_classes=("易燃液体,类别2",))
    assert (step.threshold_t, doubts) == (5, ["doubt.classes_differ"])
    assert one(name="氯", hazard_classes=("急性毒性-吸入,类别2", "加压气体", "皮肤腐蚀/刺激,类别2"))[1] == []


# Content and mixtures ------------------------------------------------------------------------------------------------


NITRIC, FORMALDEHYDE = ("7697-37-2", "氧化性液体,类别1"), ("50-00-0", "急性毒性-吸入,类别2")


@pytest.mark.parametrize(
    ("known", "share", "number"),
    [(NITRIC, "0.7", None), (NITRIC, "0.700001", 81), (FORMALDEHYDE, "0.9", None), (FORMALDEHYDE, "0.91", 8)],
)
def test_a_content_that_table_1_names_decides(known, share, number):
    cas, hazard = known
    step, doubts, _ = one(
        cas=cas, concentration=D(share), hazard_classes=(hazard, "加压气体")[: 1 if known is NITRIC else 2]
    )
    by_category = "W9.1" if known is NITRIC else "J3"
    assert (step.item, doubts) == (number, [])
    assert number or step.symbol == by_category


def test_a_content_that_is_not_told_is_doubted():
    step, doubts, _ = one(cas="7697-37-2")
    assert (step.item, doubts) == (81, ["doubt.content"])
    assert one(name="硝酸(65%)")[1] == ["doubt.remark", "doubt.content"]


def test_a_mixture_of_the_same_category_counts_whole_as_the_pure_substance():
    step, doubts, _ = one(name="乙醇", concentration=D("0.75"), hazard_classes=("易燃液体,类别2",))
    assert (step.item, step.q_t, step.threshold_t, doubts) == (67, 10, 500, [])


def test_a_mixture_of_another_category_counts_by_its_own():
    step, doubts, _ = one(name="乙醇", concentration=D("0.3"), hazard_classes=("易燃液体,类别3",))
    assert (step.item, step.symbol, step.threshold_t, step.beta, doubts) == (None, "W5.4", 5000, 1, [])
    told = {"concentration": D("0.2"), "hazard_classes": ("皮肤腐蚀/刺激,类别1B",)}
    step, doubts, _ = one(cas="7664-41-7", name="氨", **told)
    assert (step.threshold_t, doubts) == (None, [])


def test_the_pure_substances_own_classes_go_before_our_column():
    told = {"concentration": D("0.5"), "hazard_classes": ("易燃液体,类别3",)}
    assert one(name="乙醇", pure_hazard_classes=("易燃液体,类别3",), **told)[0].item == 67


def test_a_mixture_that_shares_some_categories_takes_the_lower_threshold_and_is_doubted():
    # Ethylene oxide is J3 and W2 at 10 t; W2 alone is 10 t as well.
    step, doubts, _ = one(cas="75-21-8", concentration=D("0.5"), hazard_classes=("易燃气体,类别1",))
    assert (step.threshold_t, doubts) == (10, ["doubt.mixture_partly"])
    # Styrene is W5.4 at 500 t; with J2 beside it, 50 t.
    told = {"hazard_classes": ("易燃液体,类别3", "急性毒性-经口,类别1")}
    step, doubts, _ = one(cas="100-42-5", concentration=D("0.5"), **told)
    assert (step.threshold_t, step.symbol, doubts) == (50, "J2", ["doubt.mixture_partly"])


def test_a_mixture_with_every_category_of_the_pure_substance_and_more_counts_as_it():
    told = {"hazard_classes": ("易燃气体,类别2", "加压气体", "急性毒性-吸入,类别3")}
    step, doubts, _ = one(cas="7664-41-7", concentration=D("0.998"), **told)
    assert (step.item, doubts) == (1, [])


def test_a_mixture_that_may_have_the_pure_substances_category_takes_the_lower_threshold():
    # Hydrogen fluoride is J2 at 1 t; acute toxicity 1 without a state may be J1 (5 t) or J2.
    step, doubts, _ = one(cas="7664-39-3", concentration=D("0.99"), hazard_classes=("急性毒性-经皮,类别1",))
    assert (step.item, step.threshold_t, doubts) == (20, 1, ["doubt.category", "doubt.mixture_partly"])
    # A class that nobody understands is no reason to leave chlorine out.
    step, doubts, _ = one(cas="7782-50-5", concentration=D("0.99"), hazard_classes=("有毒有害",))
    assert (step.item, step.threshold_t, doubts) == (12, 5, ["doubt.unread", "doubt.mixture_partly"])


def test_a_mixture_without_classes_counts_as_pure_and_is_doubted():
    step, doubts, _ = one(cas="7664-41-7", concentration=D("0.25"))
    assert (step.item, doubts) == (1, ["doubt.mixture"])
    assert one(cas="7446-11-9", concentration=D("0.5"), hazard_classes=("皮肤腐蚀/刺激,类别1A",))[1] == [
        "doubt.mixture_pure"
    ]


# Quantities ----------------------------------------------------------------------------------------------------------


def test_a_tank_counts_by_volume_filling_and_density():
    told = {"quantity_t": None, "volume_m3": D(180), "density_t_per_m3": D("0.43")}
    assert one(name="LNG", max_fill=D("0.9"), **told)[0].q_t == D("69.66")
    step, doubts, _ = one(name="LNG", **told)
    assert (step.q_t, doubts) == (D("77.4"), ["doubt.fill"])


def test_of_two_quantities_the_larger_counts_and_is_doubted():
    sizes = {"volume_m3": D(100), "density_t_per_m3": D("0.8"), "max_fill": D("0.9")}
    for told, q in (("60", "72"), ("80", "80")):
        step, doubts, _ = one(name="甲醇", quantity_t=D(told), **sizes)
        assert (step.q_t, doubts) == (D(q), ["doubt.quantities"])
    assert one(name="甲醇", quantity_t=D("72.00"), **sizes)[1] == []


def test_out_of_service_needs_a_record():
    step, doubts, _ = one(name="氯", out_of_service=True, decommissioning_record="停用记录 2026-01")
    assert (step.q_t, step.ratio, doubts) == (0, 0, [])
    step, doubts, _ = one(name="氯", out_of_service=True, decommissioning_record="  ")
    assert (step.q_t, doubts) == (10, ["doubt.no_record"])


def test_beta_is_overridden_with_a_reason_that_the_step_tells():
    step, _, result = one(name="氯", beta=D("5"), beta_reason="专家论证")
    assert (step.beta, result.r) == (5, 20)
    assert "β由人工改为5（按表为4），理由：专家论证" in [note.text() for note in step.why]
    for reason in ("", " "):
        with pytest.raises(BadInput) as bad:
            Stock(name="氯", quantity_t=D(1), beta=D(1), beta_reason=reason)
        assert bad.value.place == "beta_reason"


def test_unknown_population_is_doubted_where_it_matters_and_the_highest_alpha_used():
    _, doubts, result = one(name="氯", population=None)
    assert (result.alpha, result.grade, doubts) == (2, 3, ["doubt.population"])
    _, doubts, result = one(name="氯", quantity_t=D(1), population=None)
    assert (result.alpha, result.r, result.grade, doubts) == (None, None, None, [])


def test_what_the_standard_excludes_is_never_graded():
    outside = {"exclusion": "off_site_transport", "exclusion_reason": "厂外管道"}
    result = assess(Unit("storage", (Stock(name="氯", quantity_t=D(100)),), 100, **outside))
    assert (result.s, result.is_major_hazard, result.grade, result.steps) == (None, False, None, ())
    assert result.why[0].text() == "不适用本标准（厂外运输）：厂外管道"
    with pytest.raises(BadInput):
        Unit("storage", (), exclusion="nuclear")


@pytest.mark.parametrize(
    ("kind", "unit", "place", "doubts"),
    [
        ("storage", {"boundary": "dike"}, "tank", []),
        ("storage", {"boundary": "dike", "boundary_count": 2}, "tank", ["split.several"]),
        ("storage", {"boundary": "building", "boundary_count": 3}, "warehouse", ["split.several"]),
        ("storage", {"boundary": "building", "is_partial": True}, "warehouse", ["split.partial"]),
        ("storage", {"boundary": "valves"}, "tank", ["split.kind"]),
        ("storage", {}, "loading_rack", ["split.serving"]),
        ("production", {"boundary": "dike"}, "equipment", ["split.kind"]),
        ("production", {"boundary": "valves"}, "equipment", ["split.valves"]),
        ("production", {"boundary": "valves", "valve_tags": ("XV-101",)}, "equipment", []),
        ("production", {}, "cylinder_shed", ["split.cylinders"]),
        ("production", {"boundary": "plant"}, "pump_room", []),
    ],
)
def test_a_cut_that_the_standard_does_not_make_is_doubted(kind, unit, place, doubts):
    assert one(kind, unit=unit, name="氯", place=place)[1] == doubts


def test_a_wrong_number_is_refused_by_its_place():
    stocks = (Stock(name="氯", quantity_t=D(1)), Stock(cas="7782-50-4", quantity_t=D(1)))
    with pytest.raises(BadInput) as bad:
        assess(Unit("storage", stocks))
    assert bad.value.place == "stocks[1].cas"
    assert bad.value.note.text() == "CAS号校验位为4，应为5"
