"""On which lists a chemical stands: the cross-list matrix, and every note on how to match."""

import time
from datetime import date

import pytest

from quancheng.standards.lists import Membership, entries, memberships, regulated_lists

DAY = date(2026, 11, 1)

#: name, CAS, key list, highly toxic or not, explosive precursor, class of drug precursor, special control
MATRIX = [
    ("氯", "7782-50-5", "1-1", True, None, None, "5"),
    ("氨", "7664-41-7", "1-2", False, None, None, "6"),
    ("碳酰氯", "75-44-5", "1-10", True, None, None, None),
    ("异氰酸甲酯", "624-83-9", "1-50", True, None, None, "7"),
    ("氰化钠", "143-33-9", "1-29", True, None, None, "9"),
    ("氰化氢", "74-90-8", "1-20", True, None, None, None),
    ("甲醇", "67-56-1", "1-13", False, None, None, "19"),
    ("乙醇", "64-17-5", None, False, None, None, "20"),
    ("汽油", "86290-81-5", "1-7", False, None, None, "16"),
    ("液化石油气", "68476-85-7", "1-3", False, None, None, "11"),
    ("环氧乙烷", "75-21-8", "1-15", False, None, None, "13"),
    ("乙醚", "60-29-7", "2-14", False, None, "第二类", None),
    ("甲苯", "108-88-3", "1-19", False, None, "第三类", None),
    ("丙酮", "67-64-1", None, False, None, "第三类", None),
    ("三氯甲烷", "67-66-3", "1-56", False, None, "第二类", None),
    ("高锰酸钾", "7722-64-7", None, False, "9.3", "第三类", None),
    ("硫酸", "7664-93-9", None, False, None, "第三类", None),
    ("氯酸钠", "7775-09-9", "2-1", False, "3.1", None, "4"),
    ("氯酸钾", "3811-04-9", "2-2", False, "3.2", None, "3"),
    ("硝酸铵", "6484-52-2", "1-54", False, None, None, "1"),
    ("硝化纤维素", "9004-70-0", "2-5", False, "9.1", None, "2"),
    ("硝酸胍", "506-93-4", "2-6", False, "9.5", None, None),
    ("溴", "7726-95-6", None, False, None, "第二类", None),
    ("钠", "7440-23-5", None, False, "7.2", None, None),
    ("过乙酸", "79-21-0", "1-40", False, "6.11", None, None),
    ("一甲胺", "74-89-5", "1-58", False, "7.13", None, None),
    ("硫酸二甲酯", "77-78-1", "1-28", False, None, None, "8"),
    ("磷化氢", "7803-51-2", "1-46", True, None, None, None),
    ("氢", "1333-74-0", "1-8", False, None, None, None),
    ("过氧化氢", "7722-84-1", None, False, "6.1", None, None),
]


def lists_of(**known: object) -> dict[str, Membership]:
    return {found.list: found for found in memberships(on=DAY, **known)}


def numbers_of(**known: object) -> list[tuple[str, str]]:
    return [(found.list, found.no) for found in memberships(on=DAY, **known)]


@pytest.mark.parametrize(("name", "cas", "key", "toxic", "explosive", "drug", "special"), MATRIX)
@pytest.mark.parametrize("by", ["cas", "name", "both"])
def test_the_matrix_across_the_lists(name, cas, key, toxic, explosive, drug, special, by):
    known = {"cas": {"cas": cas}, "name": {"name": name}, "both": {"cas": cas, "name": name}}[by]
    found = lists_of(**known)

    def no(code: str) -> str | None:
        return found[code].no if code in found else None

    assert no("KEY_CHEMICAL") == key
    assert ("HIGHLY_TOXIC" in found) == toxic
    assert no("EXPLOSIVE_PRECURSOR") == explosive
    assert (found["DRUG_PRECURSOR"].subgroup if "DRUG_PRECURSOR" in found else None) == drug
    assert no("SPECIAL_CONTROL") == special


@pytest.mark.parametrize("code", list(regulated_lists()))
def test_every_entry_is_found_by_its_number_and_by_each_of_its_names(code):
    for entry in entries(code):
        for cas in entry.cas:
            assert (code, entry.no) in numbers_of(cas=cas)
        if entry.by_cas_only:
            continue
        for name in (entry.name, *entry.parts, *entry.aliases, *entry.also):
            assert (code, entry.no) in numbers_of(name=name), name


def test_a_membership_says_where_and_why():
    (key, toxic, special) = memberships(cas=" 7782－50－5 ", on=DAY)
    assert (key.list_name.zh, key.no, key.name, key.how, key.matched) == (
        "重点监管的危险化学品名录",
        "1-1",
        "氯",
        "cas",
        "7782-50-5",
    )
    assert (key.mark, toxic.mark, special.un) == ("V", "G", ("1017",))
    assert key.is_certain
    assert memberships(name="LPG", on=DAY)[0].how == "common"
    assert memberships(name="液氯", on=DAY)[0].how == "alias"


@pytest.mark.parametrize(
    ("cas", "no"),
    [("8002-05-9", "1-6"), ("8030-30-6", "1-7"), ("26471-62-5", "1-39"), ("8006-14-2", "1-5")],
)
def test_numbers_in_use_that_the_notice_does_not_print_match_with_a_doubt(cas, no):
    found = lists_of(cas=cas)["KEY_CHEMICAL"]
    assert found.no == no
    assert "未印" in found.doubts[0].zh


def test_scope_words_come_along():
    assert lists_of(name="粗苯")["KEY_CHEMICAL"].scope.zh == "含粗苯"
    assert lists_of(name="甲醇汽油")["KEY_CHEMICAL"].no == "1-7"
    petrol = lists_of(name="92号车用汽油")
    assert (petrol["KEY_CHEMICAL"].how, petrol["SPECIAL_CONTROL"].no) == ("group", "16")
    assert not petrol["KEY_CHEMICAL"].is_certain


def test_a_content_limit_keeps_weak_goods_off_the_list():
    assert lists_of(cas="7722-84-1", concentration=0.08) == {}
    assert lists_of(cas="7722-84-1", concentration=0.27)["EXPLOSIVE_PRECURSOR"].is_certain
    assert "未填写含量" in lists_of(cas="7722-84-1")["EXPLOSIVE_PRECURSOR"].doubts[0].zh
    assert lists_of(name="３０％双氧水")["EXPLOSIVE_PRECURSOR"].is_certain
    assert lists_of(name="过氧化氢溶液【含量≤8%】") == {}
    assert not lists_of(name="过氧化氢溶液[含量5%~30%]")["EXPLOSIVE_PRECURSOR"].is_certain


def test_a_pesticide_is_highly_toxic_above_its_content_only():
    assert lists_of(name="对硫磷", concentration=0.04) == {}
    assert lists_of(name="对硫磷", concentration=0.05)["HIGHLY_TOXIC"].is_certain
    assert lists_of(cas="60-57-1", concentration=0.95) == {}
    assert lists_of(cas="60-57-1", concentration=0.9)["HIGHLY_TOXIC"].no == "1351"


def test_entry_481_matches_by_its_number_only():
    assert lists_of(name="二甲双胍") == {}
    assert lists_of(name="马钱子碱") == {}
    found = lists_of(cas="57-24-9")["HIGHLY_TOXIC"]
    assert found.no == "481"
    assert found.doubts


def test_nitric_acid_counts_at_every_content():
    assert lists_of(cas="7697-37-2", concentration=0.02)["EXPLOSIVE_PRECURSOR"].is_certain


@pytest.mark.parametrize(("name", "share"), [("氢氟酸", 0.4), ("盐酸", 0.31), ("水合肼", 0.8), ("过氧乙酸", 0.15)])
def test_what_is_always_sold_in_water_is_not_doubted_for_it(name, share):
    assert all(found.is_certain for found in memberships(name=name, concentration=share, on=DAY))
    assert memberships(name=name, concentration=share, on=DAY)


def test_bromine_water_is_not_bromine():
    assert lists_of(name="溴水") == {}


def test_without_a_content_the_entry_means_the_industrial_product():
    assert lists_of(cas="7664-41-7", concentration=0.99)["KEY_CHEMICAL"].is_certain
    assert "70%" in lists_of(cas="7664-41-7", concentration=0.2)["KEY_CHEMICAL"].doubts[0].zh


def test_dicumyl_peroxide_and_peracetic_acid_have_their_grades():
    assert lists_of(cas="80-43-3", concentration=0.52) == {}
    assert lists_of(cas="80-43-3", concentration=1)["EXPLOSIVE_PRECURSOR"].no == "6.12"
    assert lists_of(cas="79-21-0", concentration=0.15)["EXPLOSIVE_PRECURSOR"].is_certain
    assert lists_of(cas="79-21-0", concentration=0.6)["EXPLOSIVE_PRECURSOR"].doubts


def test_passivated_ammonium_nitrate_is_not_specially_controlled():
    assert "SPECIAL_CONTROL" in lists_of(cas="6484-52-2", name="硝酸铵")
    assert "SPECIAL_CONTROL" not in lists_of(cas="6484-52-2", name="改性硝酸铵")


def test_a_number_does_not_tell_the_form():
    assert "粉末" in lists_of(cas="7429-90-5", name="铝锭")["EXPLOSIVE_PRECURSOR"].doubts[0].zh
    assert lists_of(cas="7429-90-5", name="铝粉")["EXPLOSIVE_PRECURSOR"].is_certain
    assert lists_of(cas="7647-01-0", name="氯化氢")["DRUG_PRECURSOR"].doubts
    assert lists_of(cas="7647-01-0", name="盐酸")["DRUG_PRECURSOR"].is_certain
    assert lists_of(cas="8006-14-2", name="天然气")["SPECIAL_CONTROL"].doubts
    assert lists_of(cas="8006-14-2", name="液化天然气")["SPECIAL_CONTROL"].is_certain


def test_salts_of_class_1_and_2_are_controlled_and_those_of_class_3_not():
    assert lists_of(name="盐酸伪麻黄碱")["DRUG_PRECURSOR"].subgroup == "第一类"
    assert lists_of(name="苯乙酸钠")["DRUG_PRECURSOR"].how == "salt"
    assert lists_of(name="硫酸钠") == {}
    assert lists_of(name="盐酸盐") == {}


def test_esters_named_by_an_entry_match_as_a_group():
    assert lists_of(name="3-氧-2-苯基丁酸甲酯")["DRUG_PRECURSOR"].no == "II-17"
    found = lists_of(name="2-甲基-3-[3,4-(亚甲二氧基)苯基]缩水甘油酸甲酯")["DRUG_PRECURSOR"]
    assert (found.no, found.how) == ("II-18", "group")


def test_acetoacetanilide_is_not_the_substance_it_is_confused_with():
    assert lists_of(cas="102-01-2") == {}
    assert lists_of(cas="102-01-2", name="α-乙酰乙酰苯胺")["DRUG_PRECURSOR"].doubts


def test_late_additions_are_to_be_confirmed():
    assert "待核" in lists_of(cas="13956-29-1")["DRUG_PRECURSOR"].doubts[0].zh
    assert lists_of(cas="140-29-4")["DRUG_PRECURSOR"].is_certain


def test_the_number_of_a_row_may_be_less_sure_than_its_name():
    assert lists_of(cas="67-64-1")["DRUG_PRECURSOR"].mark == "G"
    assert lists_of(name="丙酮")["DRUG_PRECURSOR"].mark == "V"


def test_a_hydrate_matches_the_anhydrous_entry_with_a_doubt():
    for name in ("六水合硝酸镁", "硝酸镁六水合物", "硝酸镁·六水合物"):
        found = lists_of(name=name)["EXPLOSIVE_PRECURSOR"]
        assert (found.no, found.how) == ("2.4", "hydrate")
    assert lists_of(name="水合肼")["EXPLOSIVE_PRECURSOR"].how == "name"


def test_a_trade_name_of_mixtures_never_matches_by_name():
    assert lists_of(name="天那水", aliases=["甲苯"]) == {}
    assert lists_of(name="天那水(稀释剂)") == {}
    assert lists_of(name="氨水") == {}


def test_a_name_against_another_number_is_doubted():
    found = numbers_of(name="氨", cas="7782-50-5")
    assert ("KEY_CHEMICAL", "1-1") in found
    named = next(each for each in memberships(name="氨", cas="7782-50-5", on=DAY) if each.no == "1-2")
    assert "CAS 号不符" in named.doubts[0].zh


def test_the_day_decides():
    assert numbers_of(cas="13956-29-1")
    assert memberships(cas="13956-29-1", on=date(2024, 8, 31)) == ()
    assert memberships(cas="7782-50-5", on=date(2011, 6, 20)) == ()
    assert [each.list for each in memberships(cas="7782-50-5", on=date(2011, 6, 21))] == ["KEY_CHEMICAL"]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "   ",
        "???",
        "[[(((",
        "\x00",
        "%",
        "100%",
        "½",
        "硝" * 5000,
        "一" * 5000,
        "(硝)" * 3000,
        "\ud800",
        "一水合物",
        "盐",
    ],
)
def test_a_bad_string_matches_nothing_and_raises_nothing(bad):
    assert memberships(cas=bad, name=bad, aliases=[bad, ""], on=DAY) == ()


@pytest.mark.parametrize("bad", [30, -0.1, float("nan")])
def test_a_concentration_that_is_no_fraction_is_refused(bad):
    with pytest.raises(ValueError, match="fraction from 0 to 1"):
        memberships(cas="7722-84-1", concentration=bad, on=DAY)


def test_a_call_is_quick():
    memberships(name="氯", on=DAY)
    took = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(1000):
            memberships(cas="9004-70-0", name="硝化棉", aliases=("硝化纤维素",), on=DAY)
        took.append((time.process_time() - start) / 1000)
    assert min(took) < 50e-6
