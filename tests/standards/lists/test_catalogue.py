"""The hazardous chemicals catalogue: its rules, and its official table with the quirks it has."""

from datetime import date

import pytest

from quancheng.standards.ghs import Hazard, categories
from quancheng.standards.lists import entries
from quancheng.standards.lists.catalogue import (
    HIGHLY_TOXIC_ENTRIES,
    SERIAL_NUMBERS,
    diesel_is_hazardous,
    is_in_scope,
    mixture_is_hazardous,
    read_table,
)

HEADING = ["序号", "品名", "别名", "英文名", "CAS号", "危险性类别", "备注"]


def test_the_highly_toxic_entries_lie_in_the_catalogue():
    serials = [int(entry.no) for entry in entries("HIGHLY_TOXIC")]
    assert len(serials) == HIGHLY_TOXIC_ENTRIES
    assert serials == sorted(serials)
    assert serials[-1] <= SERIAL_NUMBERS


def test_eighty_one_categories_make_a_chemical_hazardous():
    """The three routes of acute toxicity count once, and a category without its letter is that with one."""
    unlettered = {("skin", "1"), ("eye", "2"), ("pressure_gas", "")} | {
        (key, "1") for key in ("respiratory_sensitiser", "skin_sensitiser", "mutagenic", "carcinogenic", "reproductive")
    }
    counted = {
        ("acute", category) if key.startswith("acute_") else (key, category)
        for (key, category), each in categories().items()
        if each.in_catalogue and (key, category) not in unlettered
    }
    assert len(counted) == 81
    assert is_in_scope(Hazard("flammable_liquid", "3"))
    assert not is_in_scope(Hazard("flammable_liquid", "4"))
    assert not is_in_scope(Hazard("flammable_liquid"))


def test_all_diesel_counts_since_2023():
    assert diesel_is_hazardous(70, on=date(2023, 1, 1))
    assert diesel_is_hazardous(70, on=date(2022, 12, 31)) is False
    assert diesel_is_hazardous(60, on=date(2022, 12, 31))
    assert diesel_is_hazardous(None, on=date(2022, 12, 31)) is None
    assert diesel_is_hazardous(50, on=date(2015, 4, 30)) is None


def test_a_mixture_of_seventy_percent_counts():
    assert mixture_is_hazardous([0.4, 0.3])
    assert not mixture_is_hazardous([0.4, 0.29])
    assert not mixture_is_hazardous([0.9], all_hazardous_listed=False)
    with pytest.raises(ValueError, match="together at most 1"):
        mixture_is_hazardous([0.9, 0.2])


def test_the_official_table_is_read_with_its_quirks():
    table = read_table(
        [
            ["危险化学品分类信息表", None],
            [],
            HEADING,
            [1, "阿片", "鸦片", "opium", "8008-60-4", "特异性靶器官毒性-反复接触，类别2", ""],
            [
                "35.0",
                "氨溶液[含氨>10%]",
                "氨水",
                "ammonia solution",
                "1336-21-6",
                "皮肤腐蚀/刺激,类别1B\n危害水生环境-急性危害,类别1",
                None,
            ],
            [630, "高氯酸[浓度＞72%]", "过氯酸", "", "7601-90-3", "氧化性液体,类别1\n皮肤腐蚀/刺激,类别1A", ""],
            [None, "高氯酸[浓度50%～72%]", "", "", "7601-90-3", "氧化性液体,类别1*", ""],
            [1381, "氯", "液氯；氯气", "chlorine", "7782-50-5\n ", "加压气体\n急性毒性-吸入,类别2", "剧毒"],
            [2, "两号的", "", "", "584-84-9；91-08-7", "胡写", ""],
        ]
    )
    assert table.problems == ()
    assert [(row.serial, row.sub_no) for row in table.rows] == [
        (1, ""),
        (35, ""),
        (630, "a"),
        (630, "b"),
        (1381, ""),
        (2, ""),
    ]
    by_name = {row.name: row for row in table.rows}
    assert by_name["氨溶液[含氨>10%]"].content.low == pytest.approx(0.1)
    assert by_name["高氯酸[浓度50%～72%]"].hazards == (Hazard("oxidising_liquid", "1", "", True),)
    assert by_name["氯"].is_highly_toxic
    assert by_name["氯"].aliases == ("液氯", "氯气")
    assert by_name["氯"].hazards[0] == Hazard("pressure_gas")
    assert by_name["两号的"].cas == ("584-84-9", "91-08-7")
    assert "胡写" in by_name["两号的"].problems[0].zh


def test_a_table_that_is_none_says_why():
    assert "表头" in read_table([["甲", "乙"]]).problems[0].zh
    assert "表头" in read_table([]).problems[0].zh
    table = read_table([HEADING, ["x", "甲"], [None, "乙"], [3, ""], [4, "丙", "", "", "1-1-1"]])
    assert len(table.problems) == 3
    assert "CAS" in table.rows[0].problems[0].zh
