"""What may stand beside what: the vectors of the specification, the tables, and the rules as data."""

from dataclasses import replace
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest

from quancheng.standards.segregation import (
    DANGER_ORDER,
    TRAITS,
    Good,
    Level,
    Rule,
    Side,
    compatibility,
    default_rules,
    good,
    known_goods,
    load_division,
    net_mass_limit,
    pairs,
    storage_way,
)
from quancheng.standards.wording import MARKS, Text


def judge(first: Good, second: Good):
    (pair,) = pairs([first, second])
    (turned,) = pairs([second, first])
    assert (pair.matrix, pair.advisory) == (turned.matrix, turned.advisory), "the order must not matter"
    return pair


def un(first: str, second: str):
    return judge(good(un=first), good(un=second))


def test_petrol_and_sulfuric_acid_go_together():
    pair = un("UN1203", "UN1830")
    assert (pair.matrix, pair.advisory, pair.reasons) == (Level.ALLOWED, Level.ALLOWED, ())


def test_cyanide_and_hydrochloric_acid_are_blocked_by_the_rules_though_the_matrix_allows():
    pair = un("1689", "1789")
    assert (pair.matrix, pair.advisory, pair.level) == (Level.ALLOWED, Level.BLOCK, Level.BLOCK)
    assert "氰化氢" in pair.reasons[0].text.zh
    assert (pair.reasons[0].source, pair.reasons[0].mark) == ("CYANIDE_ACID", "G")


def test_fireworks_and_petrol():
    assert un("0336", "1203").matrix == Level.FORBIDDEN
    assert un("0337", "1203").level == Level.ALLOWED
    assert un("0336", "0335").level == Level.ALLOWED
    assert load_division([good(un="0336"), good(un="0335")]) == "1.3"


def test_detonators_and_explosives_are_conditional():
    pair = un("0082", "0030")
    assert pair.matrix == Level.CONDITIONAL
    assert pair.level == Level.CONDITIONAL
    assert any("双隔仓" in reason.text.zh for reason in pair.reasons)


def test_all_goods_without_explosives_may_be_loaded_by_their_labels():
    labels = ["2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7A", "8", "9", "9A"]
    for first, second in combinations_with_replacement(labels, 2):
        assert judge(good(first), good(second)).matrix == Level.ALLOWED
        for division in ("1.1D", "1.2G", "1.3C", "1.4G", "1.5D", "1.6N"):
            assert judge(good(first), good(division)).matrix == Level.FORBIDDEN
        assert judge(good(first), good("1.4S")).matrix == Level.ALLOWED


def test_the_notes_of_the_matrix():
    assert judge(good("1.1D"), good("9", un="2990")).matrix == Level.ALLOWED
    assert judge(good(un="0503"), good(un="3268")).matrix == Level.ALLOWED
    pair = un("0082", "1942")
    assert pair.matrix == Level.ALLOWED
    assert "爆破炸药" in pair.reasons[0].text.zh
    assert un("0083", "1942").matrix == Level.FORBIDDEN
    assert un("0331", "1942").matrix == Level.FORBIDDEN
    assert un("0082", "1203").matrix == Level.FORBIDDEN


def test_goods_with_an_explosives_label_beside_their_own():
    assert judge(good("4.1+1"), good("4.1(1)")).matrix == Level.ALLOWED
    assert judge(good("4.1+1"), good("4.1")).matrix == Level.FORBIDDEN
    assert judge(good("5.2+1"), good("5.2")).matrix == Level.ALLOWED
    assert judge(good("5.2+1"), good("5.2+1")).matrix == Level.ALLOWED
    assert judge(good("5.2+1"), good("8")).matrix == Level.FORBIDDEN
    assert judge(good("5.2+1"), good("4.1+1")).matrix == Level.FORBIDDEN
    assert judge(good("4.1+1"), good("1.4S")).matrix == Level.FORBIDDEN


def test_the_compatibility_table_is_symmetric():
    table = compatibility()
    assert len(table) == 144
    for (one, other), entry in table.items():
        assert table[(other, one)] == entry


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        ("1.1A", "1.1A", Level.ALLOWED),
        ("1.1A", "1.4S", Level.FORBIDDEN),
        ("1.1C", "1.1D", Level.ALLOWED),
        ("1.1B", "1.1C", Level.FORBIDDEN),
        ("1.1D", "1.6N", Level.CONDITIONAL),
        ("1.6N", "1.6N", Level.CONDITIONAL),
        ("1.3L", "1.3L", Level.CONDITIONAL),
        ("1.2K", "1.4S", Level.FORBIDDEN),
        ("1.2H", "1.4S", Level.ALLOWED),
        ("1.1", "1.1D", Level.FORBIDDEN),
        ("1.4", "3", Level.FORBIDDEN),
    ],
)
def test_compatibility_groups(first, second, level):
    assert judge(good(first), good(second)).matrix == level


def test_what_is_not_simply_allowed_says_why():
    for first in ("1.1", "1.1A", "1.4", "4.1+1", "5.2+1", "1.6N"):
        for second in ("1.1D", "1.4G", "3", "5.2"):
            pair = judge(good(first), good(second))
            if pair.matrix > Level.ALLOWED:
                assert pair.reasons[0].text.zh
                assert pair.reasons[0].text.en


@pytest.mark.parametrize(
    ("first", "second", "rule", "level"),
    [
        (good("5.1"), good("3"), "OXIDISER_FUEL", Level.BLOCK),
        (good("5.2"), good("4.1"), "OXIDISER_FUEL", Level.BLOCK),
        (good("5.1"), good("5.2"), "OXIDISER_PEROXIDE", Level.WARN),
        (good(un="1748"), good(un="1789"), "HYPOCHLORITE_ACID", Level.BLOCK),
        (good(un="1791"), good(un="1789"), "HYPOCHLORITE_ACID", Level.BLOCK),
        (good(un="1942"), good(un="1495"), "AMMONIUM_CHLORATE", Level.BLOCK),
        (good(un="1942"), good(un="1202"), "AMMONIUM_CHLORATE", Level.BLOCK),
        (good(un="1428"), good(un="1824"), "WET_WATER", Level.BLOCK),
        (good("4.3"), good(traits=["aqueous"]), "WET_WATER", Level.BLOCK),
        (good("4.2"), good("3"), "PYROPHORIC_FUEL", Level.BLOCK),
        (good("4.2"), good("5.1"), "PYROPHORIC_FUEL", Level.BLOCK),
        (good(un="1830"), good(un="1824"), "ACID_BASE", Level.WARN),
        (good(un="1075"), good(un="1072"), "FUEL_GAS_OXYGEN", Level.WARN),
        (good(un="1017"), good(un="1005"), "CHLORINE_GAS", Level.BLOCK),
        (good(un="1017"), good(un="1049"), "CHLORINE_GAS", Level.BLOCK),
        (good("6.1"), good(traits=["food"]), "TOXIC_FOOD", Level.SEPARATE),
        (good("9", un="2315"), good(traits=["food"]), "NINE_FOOD", Level.SEPARATE),
        (good("6.1", traits=["highly_toxic"]), good("8"), "HIGHLY_TOXIC_ALONE", Level.BLOCK),
    ],
)
def test_each_rule_finds_its_pair(first, second, rule, level):
    pair = judge(first, second)
    assert level <= pair.advisory
    assert (rule, level) in [(reason.source, reason.level) for reason in pair.reasons]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (good("6.1"), good(un="1789")),
        (good("9", un="3082"), good(traits=["food"])),
        (good("6.1", traits=["highly_toxic"]), good("6.1")),
        (good("2.1"), good("2.2")),
        (good("8", traits=["acid"]), good("8", traits=["acid"])),
    ],
)
def test_a_rule_leaves_other_pairs_alone(first, second):
    assert judge(first, second).level == Level.ALLOWED


def test_limited_quantities_stay_off_explosives_only():
    small = good("3", traits=["limited_quantity"])
    assert judge(small, good("5.1")).level == Level.ALLOWED
    assert judge(small, good("1.4G")).level == Level.ALLOWED
    assert judge(small, good("1.1D")).level == Level.BLOCK
    assert judge(small, good("1.3C", un="0161")).level == Level.ALLOWED


def test_the_same_substance_goes_with_itself():
    for number in known_goods():
        assert un(number, number).level == Level.ALLOWED


def test_the_caller_may_change_the_rules():
    assert pairs([good("5.1"), good("3")], rules=[])[0].level == Level.ALLOWED
    softer = [replace(rule, level=Level.WARN) for rule in default_rules()]
    assert pairs([good("5.1"), good("3")], rules=softer)[0].level == Level.WARN
    own = Rule(
        "OWN", Side(labels=frozenset({"8"})), Side(labels=frozenset({"9"})), Level.SEPARATE, Text("甲", "a"), "D"
    )
    assert pairs([good("9"), good("8")], rules=[own])[0].advisory == Level.SEPARATE


def test_the_data_are_whole():
    assert len(default_rules()) == 15
    assert len({rule.id for rule in default_rules()}) == 15
    for rule in default_rules():
        assert rule.mark in MARKS
        assert rule.reason.en
        assert (rule.a.traits | rule.b.traits | rule.b.not_traits) <= TRAITS
    for number, each in known_goods().items():
        assert good(un=number).labels == each.labels
        assert good(each.labels).labels == each.labels
        assert each.traits <= TRAITS


def test_more_goods_never_make_a_load_safer():
    load = [good(un=number) for number in known_goods()]
    every = pairs(load)
    assert len(every) == len(load) * (len(load) - 1) // 2
    worst_of_ten = max(pair.level for pair in pairs(load[:10]))
    assert max(pair.level for pair in every) >= worst_of_ten


def test_a_mixed_load_counts_as_its_worst_division():
    assert load_division([good("3")]) is None
    assert load_division([good("1.4G"), good("1.6N"), good("1.3C")]) == "1.3"
    assert load_division([good("1.5D"), good("1.3C")]) == "1.5"
    assert load_division([good("1.5D"), good("1.2D")]) == "1.1"
    assert load_division([good("1")]) == "1.1"
    assert sorted(DANGER_ORDER) == [f"1.{number}" for number in range(1, 7)]


def test_net_explosive_mass():
    assert net_mass_limit("EX/II", "1.1", "A") == Decimal("6.25")
    assert net_mass_limit("EX/II", "1.1", "D") == 1000
    assert net_mass_limit("EX/III", "1.1", "A") == Decimal("18.75")
    assert net_mass_limit("EX/III", "1.4", "G") == 16000
    assert net_mass_limit("EX/II", "1.4", "S") is None
    with pytest.raises(ValueError, match="no limit"):
        net_mass_limit("FL", "1.1")


def test_a_store_has_three_ways_of_keeping_apart():
    assert storage_way(Level.ALLOWED) is None
    assert "分离" in storage_way(Level.BLOCK).zh
    assert all(storage_way(level) for level in Level if level)


@pytest.mark.parametrize(
    ("labels", "number", "traits"),
    [
        ("10", "", ()),
        ("1.9D", "", ()),
        ("", "99", ()),
        ("", "", ()),
        ("3", "", ("sour",)),
        ("", "9999", ()),
        ("\x00", "", ()),
    ],
)
def test_what_is_no_good_is_refused_clearly(labels, number, traits):
    with pytest.raises(ValueError, match=r"label|UN number|trait"):
        good(labels, un=number, traits=traits)


def test_labels_are_read_as_people_write_them():
    assert good("６．１＋８").labels == ("6.1", "8")
    assert good("第3类").labels == ("3",)
    assert good(["1.4s"]).explosive == ("1.4", "S")
