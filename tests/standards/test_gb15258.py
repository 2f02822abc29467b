"""The label's elements, its size by package, and where it differs from the classes."""

import pytest

from quancheng.standards.gb15258 import (
    ELEMENTS,
    differences,
    is_large_enough,
    may_be_simplified,
    missing_elements,
    smallest_size,
)
from quancheng.standards.ghs import parse

FULL = {element.key: "有" for element in ELEMENTS}
METHANOL = parse("易燃液体,类别2;急性毒性-经口,类别3").hazards


@pytest.mark.parametrize(
    ("litres", "size"),
    [
        ("0.1", None),
        ("0.101", (50, 75)),
        (3, (50, 75)),
        ("3.01", (75, 100)),
        (50, (75, 100)),
        (200, (100, 150)),
        (500, (100, 150)),
        (1000, (150, 200)),
        (1001, (200, 300)),
        (30000, (200, 300)),
    ],
)
def test_sizes_by_package(litres, size):
    assert smallest_size(litres) == size


def test_a_larger_package_never_has_a_smaller_label():
    sizes = [smallest_size(litres) for litres in (0.2, 3, 4, 50, 60, 500, 600, 1000, 2000)]
    assert sizes == sorted(sizes)


def test_a_label_may_lie_or_stand():
    assert is_large_enough(200, 150, 100)
    assert is_large_enough(200, 100, 150)
    assert not is_large_enough(200, 99, 150)
    assert is_large_enough(0.05, 10, 10)


def test_nothing_is_missing_on_a_full_label():
    assert missing_elements(FULL) == ()


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.key)
def test_each_missing_element_is_told(element):
    for nothing in ("", "  ", None, []):
        assert missing_elements({**FULL, element.key: nothing}) == (element,)
    assert missing_elements({key: value for key, value in FULL.items() if key != element.key}) == (element,)


def test_a_small_package_bears_less():
    small = {element.key for element in missing_elements({}, litres="0.05")}
    assert small == {
        "name_zh",
        "pictograms",
        "signal_word",
        "hazard_statements",
        "supplier",
        "supplier_phone",
        "emergency_phone",
        "sds_reference",
    }
    assert may_be_simplified("0.1")
    assert len(missing_elements({}, litres=1)) == len(ELEMENTS)


def test_what_the_classes_do_not_ask_is_not_missing():
    keys = {element.key for element in missing_elements({}, hazards=parse("危害水生环境-长期危害,类别3").hazards)}
    assert "pictograms" not in keys
    assert "signal_word" not in keys
    assert "hazard_statements" in keys


def test_differences_from_the_classes():
    right = {"pictograms": ["GHS02", "GHS06"], "signal_word": "危险", "hazard_statements": "H225、H301"}
    assert differences(right, METHANOL) == ()
    wrong = differences({"pictograms": "GHS02,GHS07", "signal_word": "警告", "hazard_statements": ["h225"]}, METHANOL)
    assert [text.zh for text in wrong] == [
        "标签缺象形图GHS06",
        "标签多象形图GHS07",
        "标签缺危险性说明H301",
        "信号词应为“危险”，标签写“警告”",
    ]
    assert differences({}, METHANOL) == ()
    assert len(differences({"pictograms": None}, METHANOL)) == 2


@pytest.mark.parametrize("bad", [0, -1, "x", "nan", "", None])
def test_what_is_no_volume_is_refused_clearly(bad):
    with pytest.raises(ValueError, match="litres above 0"):
        smallest_size(bad)


def test_an_unknown_element_is_refused_clearly():
    with pytest.raises(ValueError, match="no label element: colour"):
        missing_elements({"colour": "红"})
