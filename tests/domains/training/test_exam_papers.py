"""Papers and marks as pure functions: a paper keeps what was demanded, or says why it cannot."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quancheng.domains.training.examining import (
    LETTERS,
    MAJOR,
    Asked,
    Demand,
    Missing,
    Placed,
    build,
    cleaned,
    discrimination,
    lacks,
    marked,
    shared,
)

_SUBJECTS = (MAJOR, "law", "fire", "dust")
_KINDS = ("single", "multiple", "judge")


@st.composite
def pools(draw: st.DrawFn) -> list[Asked]:
    count = draw(st.integers(0, 40))
    return [
        Asked(f"q{place}", draw(st.sampled_from(_KINDS)),
              draw(st.frozensets(st.sampled_from(_SUBJECTS), min_size=1, max_size=3)), draw(st.integers(0, 6)))
        for place in range(count)
    ]  # fmt: skip


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    counts = {kind: draw(st.integers(0, 8)) for kind in _KINDS}
    least = draw(st.dictionaries(st.sampled_from(_SUBJECTS[1:]), st.integers(0, 4), max_size=2))
    return Demand(counts={kind: one for kind, one in counts.items() if one}, least=least,
                  major_share=draw(st.integers(0, 50)))  # fmt: skip


@given(pools(), demands(), st.text(min_size=1, max_size=8))
def test_a_paper_is_what_was_demanded_or_tells_what_is_missing(pool: list[Asked], demand: Demand, seed: str) -> None:
    made = build(pool, demand, seed)
    assert made == build(pool, demand, seed)
    if any(isinstance(one, Missing) for one in made):
        assert lacks(pool, demand) in (made, [])
        return
    by_key = {one.key: one for one in pool}
    placed = [one for one in made if isinstance(one, Placed)]
    chosen = [by_key[one.key] for one in placed]
    assert len({one.key for one in chosen}) == len(chosen)
    assert Counter(one.kind for one in chosen) == Counter(demand.counts)
    for subject, least in demand.minima().items():
        assert sum(subject in one.subjects for one in chosen) >= least
    assert sum(MAJOR in one.subjects for one in chosen) * 100 >= demand.major_share * len(chosen)
    assert all(sorted(one.order) == list(range(by_key[one.key].option_count)) for one in placed)


def test_another_seed_gives_another_paper_in_another_order() -> None:
    pool = [Asked(f"q{place}", "single", frozenset({"law", MAJOR}), 4) for place in range(60)]
    demand = Demand(counts={"single": 20}, major_share=10)
    papers = {str(build(pool, demand, f"s{one}")) for one in range(20)}
    assert len(papers) == 20


def test_a_bank_too_small_says_what_is_missing() -> None:
    pool = [Asked("a", "single", frozenset({"law"}), 4), Asked("b", "judge", frozenset({MAJOR}), 0)]
    made = build(pool, Demand(counts={"single": 3, "judge": 1}, least={"fire": 1}, major_share=50), "s")
    assert Missing(kind="single", wanted=3, there=1) in made
    assert Missing(subject="fire", wanted=1, there=0) in made
    assert Missing(subject=MAJOR, wanted=2, there=1) in made


_LETTER_SETS = st.frozensets(st.sampled_from(LETTERS[:5]), min_size=1).map(lambda one: "".join(sorted(one)))


@given(_LETTER_SETS, _LETTER_SETS | st.just(""), st.decimals("0.5", "20", places=1), st.booleans())
def test_marks_lie_between_none_and_all_and_nothing_wrong_is_rewarded(
    right: str, told: str, marks: Decimal, is_partial: bool
) -> None:
    got = marked(kind="multiple", right=right, given=told, marks=marks, is_partial=is_partial)
    assert 0 <= got <= marks + Decimal("0.25")
    assert (got == marks) if told == right else True
    if set(told) - set(right) or not told or (not is_partial and told != right):
        assert got == 0


@given(_LETTER_SETS, st.integers(1, 20))
def test_the_more_of_the_right_options_the_more_marks(right: str, marks: int) -> None:
    got = [
        marked(kind="multiple", right=right, given=right[:count], marks=Decimal(marks), is_partial=True)
        for count in range(len(right) + 1)
    ]
    assert got == sorted(got)
    assert (got[0], got[-1]) == (0, marks)


def test_one_right_option_is_all_or_nothing() -> None:
    assert marked(kind="single", right="B", given="B", marks=Decimal(2), is_partial=True) == 2
    assert marked(kind="single", right="B", given="A", marks=Decimal(2), is_partial=True) == 0
    assert marked(kind="judge", right="T", given="", marks=Decimal(2), is_partial=True) == 0


@given(st.integers(1, 200), st.integers(1, 40))
def test_marks_are_shared_without_rest(halves: int, count: int) -> None:
    spread = shared(Decimal(halves) / 2, count)
    assert sum(spread) == Decimal(halves) / 2
    assert max(spread) - min(spread) <= Decimal("0.5")


def test_answers_are_read_in_one_form() -> None:
    assert cleaned("multiple", "CAC", 4) == "AC"
    assert cleaned("single", "AB", 4) is None
    assert cleaned("single", "E", 4) is None
    assert cleaned("judge", "A", 0) is None
    assert cleaned("text", "  要点 ", 0) == "要点"


def test_a_question_discriminates_where_the_good_know_it_and_the_weak_do_not() -> None:
    told = [(Decimal(score), Decimal(1 if score > 60 else 0)) for score in range(10, 100, 10)]
    assert discrimination(told) == 1
    assert discrimination([(score, 1 - share) for score, share in told]) == -1
    assert discrimination(told[:8]) is None
