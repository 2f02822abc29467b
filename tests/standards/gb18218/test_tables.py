"""The tables: every row there, every figure sound, and what we derived derived from the tables themselves."""

from __future__ import annotations

import hashlib
import string
from fractions import Fraction
from itertools import pairwise

import pytest

from quancheng.standards import cas
from quancheng.standards.gb18218 import TABLE_VERSION, numbers
from quancheng.standards.gb18218.tables import DATA, table1, table2, table3, table4, table5, table6
from quancheng.standards.gb18218.texts import sentences, words
from quancheng.standards.wording import MARKS

#: A figure that changed is another version of the tables; stored results name the one they rest on.
DIGESTS = {"2018.1": "3c98f1ca8329ef60ba396de57f820188f58c753c55976278fb465ccf866b006d"}


def test_an_altered_table_has_another_version():
    found = hashlib.sha256(b"".join((DATA / f"table{number}.csv").read_bytes() for number in range(1, 7))).hexdigest()
    assert DIGESTS.get(TABLE_VERSION) == found


def test_table_1_has_its_85_rows():
    assert list(table1()) == list(range(1, 86))
    assert all(item.name and item.name_en and item.threshold_t > 0 for item in table1().values())


def test_table_2_has_its_24_rows_and_table_4_a_beta_for_each():
    assert len(table2()) == 24
    assert set(table4()) == set(table2())
    # Written out a second time, against a slip of the pen.
    health = "J1 5, J2 50, J3 50, J4 50, J5 500"
    fire = "W1.1 1, W1.2 10, W1.3 50, W2 10, W3 150, W4 50, W5.1 10, W5.2 50, W5.3 1000, W5.4 5000"
    rest = "W6.1 10, W6.2 50, W7.1 10, W7.2 50, W8 50, W9.1 50, W9.2 200, W10 200, W11 200"
    assert ", ".join(f"{row.symbol} {row.threshold_t}" for row in table2().values()) == ", ".join((health, fire, rest))


def test_table_3_has_its_14_gases_all_of_them_in_table_1():
    assert len(table3()) == 14
    listed = {number: item for item in table1().values() for number in item.cas}
    for number, gas in table3().items():
        assert (listed[number].beta, listed[number].beta_from) == (gas.beta, "T3")


@pytest.mark.parametrize("number", [n for item in table1().values() for n in (*item.cas, *item.cas_also)])
def test_every_cas_number_has_its_check_digit(number):
    assert cas.read(number).is_valid
    assert cas.read(number).number == number


def test_rows_that_share_a_number_are_the_known_ones():
    seen: dict[str, list[int]] = {}
    for item in table1().values():
        for number in item.cas:
            seen.setdefault(number, []).append(item.number)
    shared = {number: items for number, items in seen.items() if len(items) > 1}
    assert shared == {"9004-70-0": [37, 38, 39, 40, 41, 42], "6484-52-2": [43, 44]}
    assert [item.number for item in table1().values() if not item.cas] == [45, 74]


def test_beta_of_a_row_outside_table_3_is_the_highest_of_its_categories():
    for item in table1().values():
        assert set(item.symbols) <= set(table2())
        if item.beta_from == "T3":
            continue
        assert item.beta == max((table4()[symbol] for symbol in item.symbols), default=1), item.name
        assert item.beta_mark == "D"


def test_every_row_says_how_sure_we_are_of_it():
    for rows in (table1().values(), table2().values(), table3().values(), table5(), table6()):
        assert {row.mark for row in rows} <= set(MARKS)


def test_table_5_covers_every_number_of_people_once():
    rows = list(reversed(table5()))
    assert rows[0].persons_from == 0
    assert rows[-1].persons_to is None
    assert all(before.persons_to + 1 == after.persons_from for before, after in pairwise(rows))
    assert [str(row.alpha) for row in rows] == ["0.5", "1.0", "1.2", "1.5", "2.0"]


def test_table_6_covers_every_r_once():
    rows = table6()
    assert [row.grade for row in rows] == [1, 2, 3, 4]
    assert rows[0].r_below is None
    assert rows[-1].r_from == 0
    assert all(low.r_below == high.r_from for high, low in pairwise(rows))


def test_every_sentence_has_both_languages_with_the_same_values():
    for code, both in (*sentences().items(), *words().items()):
        assert both.zh, code
        assert both.en, code
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in both]
        assert names[0] == names[1], code


def test_what_is_shown_is_cut_and_never_rounded_up():
    assert str(numbers.shown(Fraction(2, 3))) == "0.666666666666"
    assert str(numbers.shown(1 - Fraction(1, 10**30))) == "0.999999999999"
    assert numbers.plain(Fraction(1000)) == "1000"
    assert numbers.plain(Fraction(0)) == "0"
