"""Safety data sheets taken apart and checked."""

from datetime import date

import pytest

from quancheng.standards.gbt16483 import TITLES, check_sheet, read_sheet
from quancheng.standards.ghs import parse

DAY = date(2026, 11, 1)

BODIES = {
    1: "产品名称：甲醇\n企业名称：青岚市望江化工有限公司\n应急咨询电话(24小时)：0532-83889090",
    2: "危险性类别：易燃液体,类别2；急性毒性-经口,类别3\n信号词：危险\n高度易燃液体和蒸气",
    14: "UN编号：UN1230\n联合国危险性类别：3\n包装类别：II",
    16: "修订日期：2025年3月1日",
}


def text(bodies: dict[int, str] = BODIES, style: str = "第{n}部分 {title}", skip: int = 0) -> str:
    numerals = [*"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五", "十六"]
    parts = ["化学品安全技术说明书"]
    for number, title in enumerate(TITLES, 1):
        if number != skip:
            parts.append(style.format(n=number, zh=numerals[number - 1], title=title.zh, en=title.en))
            parts.append(bodies.get(number, "无资料"))
    return "\n".join(parts)


def codes(source, **kwargs) -> list[str]:
    return [finding.code for finding in check_sheet(read_sheet(source), on=DAY, **kwargs)]


@pytest.mark.parametrize(
    "style",
    [
        "第{n}部分 {title}",
        "第{zh}部分　{title}",
        "{n}. {title}",
        "{n}、{title}：",
        "{zh}、{title}",
        "{title}",
        "Section {n}: {en}",
        "## {n} {title}",
    ],
)
def test_the_sixteen_sections_are_found_however_they_are_numbered(style):
    sheet = read_sheet(text(style=style))
    assert [each.number for each in sheet.sections] == list(range(1, 17))
    assert sheet.preamble == "化学品安全技术说明书"
    assert codes(text(style=style)) == []


def test_what_the_sheet_says_is_read():
    sheet = read_sheet(text())
    assert sheet.revised == date(2025, 3, 1)
    assert sheet.emergency_phones == ("0532-83889090",)
    assert (sheet.un, sheet.transport_class, sheet.signal) == ("1230", "3", "危险")
    assert [hazard.label.zh for hazard in sheet.hazards] == ["易燃液体,类别2", "急性毒性-经口,类别3"]


def test_a_list_of_headings_is_checked_for_titles_only():
    headings = [title.zh for title in TITLES]
    assert codes(headings) == []
    assert codes(headings[:-1]) == ["missing"]
    assert codes([*headings[:4], headings[5], headings[4], *headings[6:]]) == ["order"]


@pytest.mark.parametrize("number", range(1, 17))
def test_each_missing_section_is_named(number):
    findings = check_sheet(read_sheet(text(skip=number)), on=DAY)
    assert ("missing", number) in [(finding.code, finding.section) for finding in findings]


def test_common_variants_of_titles_are_known():
    variants = (
        text()
        .replace("成分/组成信息", "成分组成信息")
        .replace("泄漏应急处理", "泄露应急处理")
        .replace("消防措施", "灭火措施")
    )
    assert codes(variants) == []


def test_a_table_of_contents_is_no_repetition():
    assert codes("\n".join(title.zh for title in TITLES) + "\n" + text()) == []
    assert "repeated" in codes(text() + "\n" + text())


def test_a_wrong_number_is_told():
    assert codes(text().replace("第5部分 消防措施", "第6部分 消防措施")) == ["number"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({16: "无"}, "revision_missing"),
        ({16: "修订日期：2021-10-31"}, "revision_old"),
        ({16: "修订日期：2027/1/1"}, "revision_future"),
        ({16: "修订日期：2025年13月45日"}, "revision_missing"),
        ({1: "产品名称：甲醇\n企业电话：0532-1234567"}, "phone_missing"),
        ({1: "应急电话：0532-83889090"}, "phone_hours"),
        ({14: "危险性类别：3"}, "un_missing"),
        ({14: "UN1230"}, "class_missing"),
        ({7: ""}, "empty"),
    ],
)
def test_each_lack_is_told(change, code):
    assert codes(text({**BODIES, **change})) == [code]


def test_five_years_to_the_day_are_not_too_old():
    assert codes(text({**BODIES, 16: "修订日期 2021.11.01"})) == []


def test_what_is_no_dangerous_goods_needs_no_number():
    assert codes(text({**BODIES, 14: "本品不属于危险货物"})) == []


def test_section_2_must_equal_the_label():
    same = parse("易燃液体,类别2;急性毒性-经口,类别3*").hazards
    assert codes(text(), label=same) == []
    assert codes(text(), label=parse("易燃液体,类别2;急性毒性-经口,类别3;致癌性,类别1A").hazards) == [
        "label_missing_hazard"
    ]
    assert codes(text(), label=parse("易燃液体,类别3").hazards) == [
        "label_missing_hazard",
        "label_extra_hazard",
        "label_extra_hazard",
        "label_signal",
    ]


@pytest.mark.parametrize("bad", ["", "\x00", "\n" * 1000, "第部分", "第百部分 消防措施", "1" * 5000, "\ud800", []])
def test_a_bad_text_raises_nothing(bad):
    findings = check_sheet(read_sheet(bad), on=DAY)
    assert sum(1 for finding in findings if finding.code == "missing") >= 15


def test_a_long_text_is_read_in_no_time():
    assert read_sheet("第 " * 300_000).sections == ()
    assert read_sheet("修订" + " " * 400_000).revised is None


def test_a_leap_day_has_a_day_five_years_before():
    assert check_sheet(read_sheet(text()), on=date(2028, 2, 29)) == ()
