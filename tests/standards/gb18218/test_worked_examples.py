"""Worked examples, reckoned by hand: S, α, R and grade of units as districts have them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quancheng.standards.gb18218 import Stock, Unit, assess

D = Decimal


def tank(name: str, volume: str, density: str, fill: str = "1", **more: object) -> Stock:
    sizes = {"volume_m3": D(volume), "density_t_per_m3": D(density), "max_fill": D(fill)}
    return Stock(name=name, **sizes, **more)


def stock(name: str, q: str, **more: object) -> Stock:
    return Stock(name=name, quantity_t=D(q), **more)


def diesel(volume: str) -> Stock:
    return tank("柴油", volume, "0.84", hazard_classes=("易燃液体,类别3",))


SPHERES = (tank("液化石油气", "400", "0.55", "0.9"), tank("液化石油气", "400", "0.55", "0.9"))
TOXIC = stock("示例毒液", "600", hazard_classes=("急性毒性-经口,类别2", "易燃液体,类别3"))
MIXED = (stock("苯", "20"), stock("甲苯", "100"))
#: name: kind, stocks, residents, S, α, R, grade
EXAMPLES: dict[str, tuple[str, tuple[Stock, ...], int | None, str, str | None, str | None, int | None]] = {
    "two LPG spheres, 60 residents": ("storage", SPHERES, 60, "7.92", "1.5", "17.82", 3),
    "two LPG spheres, 120 residents": ("storage", SPHERES, 120, "7.92", "2", "23.76", 3),
    "20 chlorine cylinders": ("storage", (stock("液氯", "20"),), 120, "4", "2", "32", 3),
    "65 t of chlorine": ("storage", (stock("液氯", "65"),), 120, "13", "2", "104", 1),
    "3 t of chlorine": ("storage", (stock("液氯", "3"),), None, "0.6", None, None, None),
    "a petrol station": ("storage", (tank("汽油", "60", "0.75"), diesel("30")), 0, "0.23004", None, None, None),
    "the largest petrol station": ("storage", (tank("汽油", "210", "0.75"),), 0, "0.7875", None, None, None),
    "an oil depot": (
        "storage",
        (tank("汽油", "1000", "0.75"), tank("汽油", "1000", "0.75"), diesel("2000")),
        0,
        "7.836",
        "0.5",
        "3.918",
        4,
    ),
    "ammonia refrigeration, 35 residents": ("production", (stock("氨", "42"),), 35, "4.2", "1.2", "10.08", 3),
    "ammonia refrigeration, 29 residents": ("production", (stock("氨", "42"),), 29, "4.2", "1", "8.4", 4),
    "a small ammonia system": ("production", (stock("氨", "8"),), 29, "0.8", None, None, None),
    "S of exactly one": ("production", (*MIXED, stock("环氧乙烷", "4")), 0, "1", "0.5", "0.7", 4),
    "S just below one": ("production", (*MIXED, stock("环氧乙烷", "3.99")), 0, "0.999", None, None, None),
    "toxic and flammable: the lowest Q": ("storage", (TOXIC,), 55, "1.2", "1.5", "1.8", 4),
    "R of exactly 100": ("storage", (stock("氯", "62.5"),), 100, "12.5", "2", "100", 1),
    "R of exactly 50": ("storage", (stock("氯", "31.25"),), 100, "6.25", "2", "50", 2),
    "R of exactly 10": ("storage", (stock("氨", "50"),), 1, "5", "1", "10", 3),
    "methanol, hydrogen and carbon monoxide": (
        "production",
        (stock("甲醇", "260"), stock("氢", "1.2"), stock("一氧化碳", "3")),
        None,
        "0.91",
        None,
        None,
        None,
    ),
    "150 t of carbon monoxide": ("production", (stock("一氧化碳", "150"),), 15, "7.5", "1", "15", 3),
    # Beyond the nineteen ---------------------------------------------------------------------------------------------
    "an LNG station": ("storage", (tank("LNG", "180", "0.43", "0.9"),), 200, "1.3932", "2", "4.1796", 4),
    # 3 × 0.1 ÷ 0.3 = 1, which decimals of any length miss.
    "thirds that make one": ("storage", (stock("光气", "0.1"),) * 3, 0, "1", "0.5", "10", 3),
    # 4 ÷ 5 + 30 ÷ 150 = 1; α 0.5 × (2 × 0.8... β of J1 is 4, of aerosols 1: 3.2 + 0.2) = 1.7
    "an unlisted toxic gas and aerosols": (
        "storage",
        (
            stock("示例毒气", "4", hazard_classes=("急性毒性-吸入,类别1", "加压气体")),
            stock("示例喷雾", "30", hazard_classes=("气溶胶,类别1",), is_net=True),
        ),
        0,
        "1",
        "0.5",
        "1.7",
        4,
    ),
}


def test_there_are_the_nineteen_examples_and_more():
    assert len(EXAMPLES) >= 19


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_comes_out_as_reckoned_by_hand(example):
    kind, stocks, residents, s, alpha, r, grade = EXAMPLES[example]
    result = assess(Unit(kind, stocks, residents))
    assert result.s == D(s)
    assert result.is_major_hazard == (grade is not None)
    assert (result.alpha, result.r, result.grade) == (alpha and D(alpha), r and D(r), grade)
    assert result.doubts == ()


def test_the_steps_are_those_that_a_person_would_write():
    result = assess(Unit("storage", SPHERES, 60))
    step = result.steps[0]
    assert (step.name, step.q_t, step.threshold_t, step.beta, step.item) == ("液化石油气", 198, 50, D("1.5"), 52)
    assert step.clause.zh == "GB 18218-2018 4.1.2 a) 表1第52项"
    assert [note.text() for note in step.why] == [
        "400 m³ × 0.9 × 0.55 t/m³ = 198 t",
        "属于表1第52项“液化石油气(含丙烷、丁烷及其混合物)”，临界量50 t",
        "198 ÷ 50 = 3.96",
        "β按表4取其类别（W2）中最大的1.5；类别由本系统归入[D]",
    ]
    assert [note.text("en") for note in result.why] == [
        "S = 7.92 ≥ 1: a major hazard",
        "60 residents within 500 m: α by table 5 is 1.5",
        "R = α × Σ(β·q/Q) = 1.5 × 11.88 = 17.82",
        "R = 17.82: grade 3 by table 6",
    ]


@pytest.mark.parametrize(
    ("residents", "alpha"),
    [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2"), (10**6, "2")],
)
def test_alpha_at_its_limits(residents, alpha):
    assert assess(Unit("storage", (stock("氯", "5"),), residents)).alpha == D(alpha)


@pytest.mark.parametrize(
    ("q", "grade"),
    [("2.5", None), ("4.999999", None), ("5", 4), ("6.249999", 4), ("6.25", 3), ("31.249999", 3), ("31.25", 2),
     ("62.499999", 2), ("62.5", 1)],
)  # fmt: skip
def test_grades_of_chlorine_at_their_limits(q, grade):
    assert assess(Unit("storage", (stock("氯", q),), 100)).grade == grade
