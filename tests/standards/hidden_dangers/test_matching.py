"""From a description to criteria: near ones first, with reasons, the same each time."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.criteria import applicable, criteria, criteria_on, trades
from quancheng.standards.hidden_dangers.data import rows
from quancheng.standards.hidden_dangers.matching import candidates

TODAY = date(2026, 11, 29)
WORDS = [one.text.zh for one in criteria().values()] + [row["term"] for row in rows("hidden_danger_synonyms")]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=3).map("，".join))


def codes(text: str, **asked: str) -> list[str]:
    return [one.criterion.code for one in candidates(text, on=TODAY, **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("卸氨用皮管代替万向管道", "CH-07"),
        ("操作工把安全阀根部阀关死了", "CH-15"),
        ("焊接作业没办票，没测气", "CH-18"),
        ("硫酸和氢氧化钠堆在一起", "CH-20"),
        ("加油站负责人合格证过期", "CH-01"),
        ("电工没有操作证", "CH-02"),
        ("UPS切换失败，单电源", "CH-14"),
        ("炮仗店楼上是居民楼", "FW-20"),
        ("烟花仓库存放超过核定药量", "FW-05"),
        ("木工车间除尘器没有泄爆", "GM-11.3"),
        ("冷库速冻间12人作业", "GM-12.2"),
        ("污水池清淤没审批没人监护", "GM-13.2"),
        ("过期气瓶还在充装", "SE-x2"),
        ("消防通道被堵", "FIRE-7.1.1"),
        ("实验室气瓶没固定", "EDU-L4"),
        ("废液倒进水池", "EDU-L6"),
    ],
)
def test_what_people_write_finds_the_criterion_first(text: str, wanted: str) -> None:
    assert codes(text)[0] == wanted


@pytest.mark.parametrize("text", ["", "天气很好", "。。。", "hello", "检查现场没有发现问题"])
def test_what_says_nothing_finds_nothing(text: str) -> None:
    assert codes(text) == []


def test_each_criterion_is_found_by_its_own_words() -> None:
    for standing in criteria_on(TODAY):
        one = standing.criterion
        found = candidates(one.text.zh, on=TODAY, trade=one.trade or None)
        assert one.code in [each.criterion.code for each in found][:3], one.code


def test_a_suggestion_says_why() -> None:
    (first, *_rest) = candidates("焊接作业没办票，没测气", on=TODAY)
    assert first.matched == ("焊接作业",)
    assert first.through == (("焊接", "动火"), ("没办票", "作业票审批"), ("没测气", "气体分析"))


def test_the_kind_of_place_leaves_out_what_is_not_about_it() -> None:
    text = "喷漆房可燃气报警不防爆，仓库混存，主要负责人没有考核合格证"
    for kind in enterprise_classes():
        known = {one.code for one in applicable(kind)}
        assert {code.split("-")[0] for code in codes(text, place_kind=kind)} <= known
    assert codes("主要负责人没有考核", place_kind="fireworks_retail")[0] == "FW-01"


def test_a_trade_leaves_out_other_trades_and_brings_in_its_own() -> None:
    text = "调漆间没有可燃气体报警"
    assert {"GM-7.7", "GM-8.6"} <= set(codes(text))
    for trade, wanted, other in (("machinery", "GM-7.7", "GM-8.6"), ("light", "GM-8.6", "GM-7.7")):
        found = codes(text, trade=trade, place_kind="producer")
        assert wanted in found
        assert other not in found


def test_older_wording_carries_its_caveat_and_no_day_before_a_criterion_finds_it() -> None:
    (first, *_rest) = candidates("消防通道被堵", on=TODAY)
    assert first.caveat is not None
    (first, *_rest) = candidates("消防通道被堵", on=date(2020, 1, 1))
    assert first.caveat is None
    assert candidates("消防通道被堵", on=date(2000, 1, 1)) == []


def test_unknown_trade_and_place_are_refused() -> None:
    with pytest.raises(ValueError, match="no trade"):
        candidates("气", on=TODAY, trade="fishing")
    with pytest.raises(ValueError, match="no enterprise class"):
        candidates("气", on=TODAY, place_kind="circus")


@given(TEXTS, st.sampled_from([None, *trades()]), st.sampled_from([None, *enterprise_classes()]))
def test_any_text_has_one_answer_in_order_with_a_reason_for_each(
    text: str, trade: str | None, place_kind: str | None
) -> None:
    found = candidates(text, on=TODAY, trade=trade, place_kind=place_kind)
    assert found == candidates(text, on=TODAY, trade=trade, place_kind=place_kind)
    assert len(found) <= 8
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.criterion.code for one in found}) == len(found)
    assert all(one.matched or one.through for one in found)


def test_synonyms_stand_once_and_mean_words_that_criteria_know() -> None:
    pairs = [(row["term"], row["means"]) for row in rows("hidden_danger_synonyms")]
    assert len(set(pairs)) == len(pairs)
    known = "，".join(
        (*(one.text.zh for one in criteria().values()), *(w for c in criteria().values() for w in c.words))
    )
    for _term, means in pairs:
        assert any(means[at : at + 2] in known for at in range(len(means) - 1)), means


def test_a_text_in_english_leads_to_criteria_by_their_english():
    found = candidates("Liquid ammonia loaded through hoses", on=date(2026, 9, 8))
    assert found[0].criterion.code == "CH-07"
    assert "ammonia" in found[0].matched
    stored = candidates("incompatible chemicals are stored together", on=date(2026, 9, 8))
    assert stored[0].criterion.code == "CH-20"
    assert candidates("it was found to be so", on=date(2026, 9, 8)) == []
