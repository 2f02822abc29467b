"""Properties of every unit: more never lowers, order does not matter, a chemical taken away takes its term along."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.gb18218 import Stock, Unit, assess
from quancheng.standards.gb18218.tables import table1

QUANTITIES = st.decimals(0, 100000, places=6)
NAMED = st.sampled_from([item.name for item in table1().values()])
CLASSES = st.sampled_from(
    ["急性毒性-吸入,类别1", "急性毒性-经口,类别2", "易燃液体,类别2", "易燃液体,类别3", "易燃气体,类别1",
     "有机过氧化物,C型", "皮肤腐蚀/刺激,类别1A", "爆炸物,1.1项", "氧化性固体,类别2", "看不懂"]
)  # fmt: skip
STOCKS = st.one_of(
    st.builds(Stock, name=NAMED, quantity_t=QUANTITIES),
    st.builds(
        Stock,
        name=st.just("示例品"),
        quantity_t=QUANTITIES,
        hazard_classes=st.lists(CLASSES, max_size=3).map(tuple),
        state=st.sampled_from(["", "gas", "liquid", "solid"]),
        boiling_point_c=st.none() | st.decimals(-50, 300, places=1),
        operating_temp_c=st.none() | st.decimals(-50, 300, places=1),
        key_process=st.none() | st.booleans(),
    ),
    st.builds(
        Stock,
        name=NAMED,
        quantity_t=QUANTITIES,
        concentration=st.decimals("0.01", 1, places=2),
        hazard_classes=st.lists(CLASSES, max_size=2).map(tuple),
    ),
)
UNITS = st.builds(
    Unit,
    kind=st.sampled_from(["production", "storage"]),
    stocks=st.lists(STOCKS, max_size=6).map(tuple),
    exposed_population=st.none() | st.integers(0, 300),
)


def r_of(result) -> Fraction:
    return result.r_exact or Fraction(0)


@given(UNITS, st.integers(0, 5), QUANTITIES)
def test_more_of_a_stock_never_lowers_s_r_or_the_grade(unit, place, more):
    if not unit.stocks:
        return
    place %= len(unit.stocks)
    stock = unit.stocks[place]
    larger = replace(stock, quantity_t=stock.quantity_t + more)
    before = assess(unit)
    after = assess(replace(unit, stocks=(*unit.stocks[:place], larger, *unit.stocks[place + 1 :])))
    assert after.s_exact >= before.s_exact
    assert r_of(after) >= r_of(before)
    assert after.s >= before.s
    assert (after.grade or 5) <= (before.grade or 5)
    assert after.is_major_hazard >= before.is_major_hazard


@given(UNITS, STOCKS)
def test_another_stock_never_lowers_s_or_r(unit, stock):
    before, after = assess(unit), assess(replace(unit, stocks=(*unit.stocks, stock)))
    assert after.s_exact >= before.s_exact
    assert r_of(after) >= r_of(before)


@given(UNITS, st.integers(0, 300), st.integers(0, 300))
def test_more_residents_never_lower_r(unit, some, more):
    before = assess(replace(unit, exposed_population=some))
    after = assess(replace(unit, exposed_population=some + more))
    assert after.s_exact == before.s_exact
    assert r_of(after) >= r_of(before)
    assert r_of(assess(replace(unit, exposed_population=None))) >= r_of(after)


@given(UNITS, st.randoms(use_true_random=False))
def test_order_does_not_matter(unit, random):
    shuffled = list(unit.stocks)
    random.shuffle(shuffled)
    one, other = assess(unit), assess(replace(unit, stocks=tuple(shuffled)))
    assert (one.s_exact, one.r_exact, one.grade, one.alpha) == (other.s_exact, other.r_exact, other.grade, other.alpha)
    assert sorted(doubt.note.text() for doubt in one.doubts) == sorted(doubt.note.text() for doubt in other.doubts)


@given(UNITS, st.integers(0, 5))
def test_a_chemical_taken_away_takes_its_term_along(unit, place):
    if not unit.stocks:
        return
    place %= len(unit.stocks)
    whole = assess(unit)
    rest = assess(replace(unit, stocks=(*unit.stocks[:place], *unit.stocks[place + 1 :])))
    assert whole.s_exact - (whole.steps[place].ratio or 0) == rest.s_exact


@given(UNITS, st.integers(2, 9))
def test_a_unit_of_n_times_everything_has_n_times_s_and_r(unit, n):
    larger = replace(unit, stocks=tuple(replace(stock, quantity_t=stock.quantity_t * n) for stock in unit.stocks))
    one, other = assess(unit), assess(larger)
    assert other.s_exact == n * one.s_exact
    if one.is_major_hazard:
        assert other.r_exact == n * one.r_exact


@given(UNITS)
def test_a_stock_in_parts_is_the_stock(unit):
    halves = tuple(
        replace(stock, quantity_t=part)
        for stock in unit.stocks
        for part in (stock.quantity_t / 2, stock.quantity_t - stock.quantity_t / 2)
    )
    one, other = assess(unit), assess(replace(unit, stocks=halves))
    assert (one.s_exact, one.r_exact) == (other.s_exact, other.r_exact)


@given(UNITS)
def test_noughts_behind_do_not_matter(unit):
    written = replace(
        unit, stocks=tuple(replace(stock, quantity_t=Decimal(f"{stock.quantity_t}000")) for stock in unit.stocks)
    )
    assert assess(written).s_exact == assess(unit).s_exact


@given(UNITS)
def test_what_is_shown_never_crosses_a_limit(unit):
    result = assess(unit)
    assert (result.s >= 1) == result.is_major_hazard == (result.grade is not None)
    if result.is_major_hazard:
        assert result.grade == 1 + sum(result.r < limit for limit in (100, 50, 10))
        assert result.s_exact - Fraction(result.s) < Fraction(1, 10**12)


@given(UNITS)
def test_the_sums_are_those_of_the_steps_and_every_step_says_why(unit):
    result = assess(unit)
    assert len(result.steps) == len(unit.stocks)
    assert result.s_exact == sum(step.ratio or 0 for step in result.steps)
    if result.is_major_hazard:
        weighed = sum((step.ratio or 0) * Fraction(step.beta or 0) for step in result.steps)
        assert result.r_exact == Fraction(result.alpha) * weighed
    for step in result.steps:
        assert step.why
        assert all(note.text(language) for note in step.why for language in ("zh", "en"))
        assert (step.threshold_t is None) == (step.beta is None) == (step.ratio is None)
    assert all(doubt.text(language) for doubt in result.doubts for language in ("zh", "en"))


@given(UNITS)
def test_nothing_is_left_out_of_s_in_silence(unit):
    result = assess(unit)
    doubted = {doubt.stock for doubt in result.doubts}
    for step in result.steps:
        if step.threshold_t is None and step.stock not in doubted:
            assert unit.stocks[step.stock].hazard_classes
