"""Credit codes, CAS numbers and UN numbers: what is taken, and what is said of what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards import cas, gb32100, un_number

CODE = "91350211M000100Y46"
SEVENTEEN = st.tuples(
    st.sampled_from(gb32100.MARKS),
    st.sampled_from(gb32100.MARKS),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(gb32100.MARKS, min_size=8, max_size=8),
)


def whole(department: str, category: str, area: str, eight: str) -> str:
    first = department + category + area + eight + gb32100.organisation_check_character(eight)
    return first + gb32100.check_character(first)


# Credit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [CODE, CODE.lower(), " 91350211-M000100Y4-6 ", "９１３５０２１１Ｍ０００１００Ｙ４６"])
def test_a_code_is_read_as_people_type_it(text):
    read = gb32100.read(text)
    assert (read.code, read.is_valid) == (CODE, True)
    assert (read.department, read.category, read.area, read.organisation_code) == ("9", "1", "350211", "M000100Y4")


def test_the_sum_is_shown_as_a_person_would_write_it():
    steps = gb32100.read(CODE).steps
    assert [step.weight for step in steps] == [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    assert (31 - sum(step.product for step in steps) % 31) % 31 == gb32100.MARKS.index("6")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (CODE[:-1], [gb32100.Fault("length", None, "17", "18")]),
        ("", [gb32100.Fault("length", None, "0", "18")]),
        (CODE[:11] + "O" + CODE[12:], [gb32100.Fault("letter", 12, "O", "0")]),
        (CODE[:11] + "V" + CODE[12:], [gb32100.Fault("letter", 12, "V", "")]),
        (CODE[:11] + "中" + CODE[12:], [gb32100.Fault("mark", 12, "中", "")]),
        (CODE[:17] + "7", [gb32100.Fault("check", 18, "7", "6")]),
        ("91350211M000100Y54", [gb32100.Fault("organisation_check", 17, "5", "4")]),
    ],
)
def test_what_is_wrong_is_told_by_its_code(text, faults):
    if "organisation_check" in faults[0].code:
        text = text[:17] + gb32100.check_character(text[:17])
    assert list(gb32100.read(text).faults) == faults


def test_an_area_of_other_than_six_digits_is_told():
    wrong = CODE[:5] + "A" + CODE[6:]
    assert gb32100.Fault("area", 3, wrong[2:8]) in gb32100.read(wrong).faults


@given(SEVENTEEN)
def test_a_code_made_by_the_rule_is_taken(parts):
    assert gb32100.read(whole(*parts)).is_valid


@given(SEVENTEEN, st.integers(0, 17), st.sampled_from(gb32100.MARKS))
def test_one_wrong_character_is_always_found(parts, place, mark):
    right = whole(*parts)
    wrong = right[:place] + mark + right[place + 1 :]
    assert gb32100.read(wrong).is_valid == (wrong == right)


@given(SEVENTEEN, st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_found(parts, place):
    right = whole(*parts)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert gb32100.read(wrong).is_valid == (wrong == right)


@given(st.text())
def test_no_text_breaks_the_reading(text):
    assert gb32100.read(text).code is not None
    assert cas.read(text).number is not None
    assert un_number.read(text).number is not None


# CAS numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "7782-50-5",
        " 7782-50-5 ",
        "７７８２－５０－５",
        "7782–50—5",
        "7782505",
        "007782-50-5",
        "CAS号：7782-50-5",
        "cas no. 7782-50-5",
    ],
)
def test_a_cas_number_is_read_as_people_type_it(text):
    assert cas.read(text) == cas.read("7782-50-5")
    assert cas.read(text).number == "7782-50-5"
    assert cas.read(text).is_valid


def test_a_wrong_check_digit_is_told_with_the_right_one():
    assert cas.read("7782-50-4").fault == cas.Fault("check", "4", "5")
    assert sum(step.digit * step.weight for step in cas.read("7782-50-4").steps) % 10 == 5


@pytest.mark.parametrize("text", ["", "氯", "7782-5-05", "12345678-50-5", "7782-50-5-1", "7782.5"])
def test_what_has_not_the_shape_of_a_cas_number_is_told(text):
    assert cas.read(text).fault.code == "shape"


@given(st.integers(1000, 999999999))
def test_a_number_made_by_the_rule_is_taken_with_and_without_hyphens(digits):
    whole_number = f"{digits}{cas.check_digit(str(digits))}"
    read = cas.read(whole_number)
    assert read.is_valid
    assert cas.read(read.number) == read


@given(st.integers(1000, 999999999), st.integers(0, 9))
def test_one_wrong_last_digit_is_found(digits, last):
    assert cas.read(f"{digits}{last}").is_valid == (str(last) == cas.check_digit(str(digits)))


# UN numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["UN1017", "1017", "un 1017", "UN No. 1017", "ＵＮ１０１７", "UN-1017", "联合国编号：1017", "UN号1017"]
)
def test_a_un_number_is_read_as_people_type_it(text):
    assert un_number.read(text) == un_number.UnNumber("UN1017")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("17", un_number.Fault("length", "17", "UN0017")),
        ("10171", un_number.Fault("length", "10171")),
        ("NA1993", un_number.Fault("prefix", "NA", "UN")),
        ("ID8000", un_number.Fault("prefix", "ID", "UN")),
        ("0000", un_number.Fault("unassigned", "0000")),
        ("氯", un_number.Fault("shape", "氯")),
        ("1017.0", un_number.Fault("shape", "1017.0")),
    ],
)
def test_what_is_no_un_number_is_told_by_its_code(text, fault):
    assert un_number.read(text).fault == fault
