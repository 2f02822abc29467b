"""Stocks as the segregation rules see them, from UN numbers, hazard classes and names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quancheng.standards.segregation import Level, pairs
from quancheng.standards.segregation.stocks import stock_good
from quancheng.standards.storage_limits import storage_limits


@pytest.mark.parametrize(
    ("name", "un", "classes", "labels", "traits"),
    [
        ("甲醇", "1230", (), ("3", "6.1"), set()),
        ("丙酮", "1090", ("易燃液体,类别2",), ("3",), set()),
        ("磷酸", "", ("皮肤腐蚀/刺激,类别1B",), ("8",), {"acid"}),
        ("氢氧化钾溶液", "", ("皮肤腐蚀/刺激,类别1A",), ("8",), {"base", "aqueous"}),
        ("氰化锌", "", ("急性毒性-经口,类别2",), ("6.1",), {"cyanide"}),
        ("硫化氢", "1053", ("易燃气体,类别1", "加压气体", "急性毒性-吸入,类别2"), ("2.1", "2.3"), set()),
        ("亚硝酸钾", "", ("氧化性固体,类别2",), ("5.1",), {"nitrite"}),
        ("高氯酸钾", "", ("氧化性固体,类别1",), ("5.1",), set()),
    ],
)  # fmt: skip
def test_labels_and_traits_follow_from_number_classes_and_name(
    name: str, un: str, classes: tuple[str, ...], labels: tuple[str, ...], traits: set[str]
) -> None:
    found = stock_good(name, un=un, hazard_classes=classes)
    assert found.good is not None
    assert (found.good.labels, set(found.good.traits), found.doubts) == (labels, traits, ())


def test_the_classes_of_a_mixture_stand_before_those_of_the_substance() -> None:
    found = stock_good("甲醇", un="1230", hazard_classes=("易燃液体,类别2",), mixture_classes=("皮肤腐蚀/刺激,类别2",))
    assert found.good is None


def test_what_has_neither_number_nor_class_is_a_doubt() -> None:
    found = stock_good("示例助剂")
    assert found.good is None
    assert "没有危险性类别" in found.doubts[0].zh


def test_an_explosive_without_its_group_stands_alone() -> None:
    explosive = stock_good("示例炸药", hazard_classes=("爆炸物,1.1项",))
    other = stock_good("甲醇", un="1230")
    assert explosive.doubts
    assert explosive.good is not None
    assert other.good is not None
    assert pairs([explosive.good, other.good])[0].level == Level.FORBIDDEN


def test_each_limit_says_where_it_is_from() -> None:
    for one in storage_limits().values():
        assert one.limit_m3 > Decimal(0)
        assert one.clause.zh
        assert one.mark in ("G", "D")
