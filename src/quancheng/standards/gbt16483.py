"""Safety data sheets (安全技术说明书) by GB/T 16483-2008 [G]: the sixteen sections found in a text, and what is
wrong with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from quancheng.standards.ghs import Hazard, label_of, parse
from quancheng.standards.wording import Text

#: The titles in their order; section 1 first.
TITLES: tuple[Text, ...] = (
    Text("化学品及企业标识", "Identification of the chemical and the enterprise"),
    Text("危险性概述", "Hazard identification"),
    Text("成分/组成信息", "Composition / information on ingredients"),
    Text("急救措施", "First-aid measures"),
    Text("消防措施", "Fire-fighting measures"),
    Text("泄漏应急处理", "Accidental release measures"),
    Text("操作处置与储存", "Handling and storage"),
    Text("接触控制和个体防护", "Exposure controls / personal protection"),
    Text("理化特性", "Physical and chemical properties"),
    Text("稳定性和反应性", "Stability and reactivity"),
    Text("毒理学信息", "Toxicological information"),
    Text("生态学信息", "Ecological information"),
    Text("废弃处置", "Disposal considerations"),
    Text("运输信息", "Transport information"),
    Text("法规信息", "Regulatory information"),
    Text("其他信息", "Other information"),
)

#: Years after which a sheet should have been revised even without news [D].
REVISION_YEARS = 5

#: A text longer than this is no sheet; the rest of it is not read.
LONGEST = 500_000

#: What stands under a heading of a table of contents by chance is no longer than this.
_TOO_SHORT = 20

_ALIASES = {
    1: ("化学品和企业标识", "化学品与企业标识", "化学品标识", "identification"),
    2: ("危险性说明", "危害性概述", "危险性概要", "hazardsidentification"),
    3: ("成分组成信息", "成分及组成信息", "组成成分信息", "composition", "compositioninformationoningredients"),
    4: ("急救", "firstaidmeasures"),
    5: ("灭火措施", "firefightingmeasures"),
    6: ("泄露应急处理", "泄漏应急处置", "意外释放措施"),
    7: ("操作处置和储存", "操作与储存", "搬运与储存"),
    8: ("接触控制个体防护", "接触控制与个体防护", "暴露控制和个体防护", "exposurecontrolspersonalprotection"),
    9: ("物理和化学特性", "理化性质", "物理化学性质"),
    10: ("稳定性与反应性", "稳定性和反应活性", "稳定性及反应性"),
    11: ("毒理学资料", "毒理信息"),
    12: ("生态学资料", "生态信息"),
    13: ("废弃处理", "废弃物处置"),
    14: ("运输资料",),
    15: ("法规资料", "法规"),
    16: ("其它信息", "其他资料"),
}
_DIGITS = "一二三四五六七八九十"
_HEADING = re.compile(
    rf"^[#*\s]*(?:第\s*(?P<a>[{_DIGITS}]{{1,3}}|\d{{1,2}})\s*(?:部分|章|节|项)|(?:section\s*)?(?P<b>\d{{1,2}})(?!\.?\d)"
    rf"|(?P<c>[{_DIGITS}]{{1,3}})(?=[\s、.,:]))?[\s、.,:\-)—–]*(?P<title>\D[^\n]{{0,60}}?)[\s:*。]*$",
    re.IGNORECASE,
)
_DATE = r"(\d{4})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
_REVISED = re.compile(rf"(?:修订|修改|更新|revision|revised)[^\n\d]{{0,12}}{_DATE}", re.IGNORECASE)
_WRITTEN = re.compile(rf"(?:编制|编写|制订|制定|发布|首次|issue)[^\n\d]{{0,12}}{_DATE}", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(?:0\d{2,3}[- )]{0,2}\d{7,8}|1[3-9]\d{9}|[48]00[- ]?\d{3,4}[- ]?\d{3,4}|\d{7,8})(?!\d)"
)
_EMERGENCY = re.compile("应急|紧急|事故|救援|emergency", re.IGNORECASE)
_ROUND_THE_CLOCK = re.compile(r"24\s*(?:小时|h\b|hours?)|昼夜|全天", re.IGNORECASE)
_UN = re.compile(r"(?:\bUN|联合国)[^\d\n]{0,20}(\d{4})(?!\d)", re.IGNORECASE)
_CLASS = re.compile(r"(?:类别|类项|项别|危险性分类|class)[^\d\n]{0,20}([1-9](?:\.[1-6])?[A-S]?)(?![\d])", re.IGNORECASE)
_NOT_DANGEROUS = re.compile(
    "不属于危险货物|非危险货物|不受(?:运输)?(?:管制|限制)|普通货物|not regulated", re.IGNORECASE
)
_SIGNAL = re.compile(r"(?:信号词|警示词|signal word)[\s:]*(危险|警告|danger|warning)", re.IGNORECASE)


class Section(NamedTuple):
    """One section as found: its number by its title, the heading as written, the number written there (None: none),
    and what stands under it."""

    number: int
    heading: str
    written_number: int | None
    body: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet taken apart. ``preamble`` is what stands before the first section; ``sections`` are in the order of
    the text and may miss, repeat or cross."""

    preamble: str
    sections: tuple[Section, ...]

    def section(self, number: int) -> Section | None:
        """The section of a number, the fullest when it stands twice (a table of contents); None when it is missing."""
        found = [each for each in self.sections if each.number == number]
        return max(found, key=lambda each: len(each.body)) if found else None

    @property
    def revised(self) -> date | None:
        """The day of the last revision, or of writing when no revision is told; None when no readable day is."""
        text = "\n".join([self.preamble, *(each.body for each in self.sections)])
        for pattern in (_REVISED, _WRITTEN):
            days = [day for found in pattern.finditer(text) if (day := _day(found)) is not None]
            if days:
                return max(days)
        return None

    @property
    def emergency_phones(self) -> tuple[str, ...]:
        """Telephone numbers on lines of section 1 that speak of emergencies."""
        first = self.section(1)
        lines = first.body.split("\n") if first else []
        told = (_PHONE.findall(line) for line in lines if _EMERGENCY.search(line))
        return tuple(dict.fromkeys(number for numbers in told for number in numbers))

    @property
    def un(self) -> str:
        """The UN number in section 14 as four digits; empty when there is none."""
        found = _UN.search(self._body(14))
        return found.group(1) if found else ""

    @property
    def transport_class(self) -> str:
        """The class or division in section 14; empty when there is none."""
        found = _CLASS.search(self._body(14))
        return found.group(1) if found else ""

    @property
    def is_not_dangerous_goods(self) -> bool:
        """Whether section 14 says that the product is no dangerous goods."""
        return _NOT_DANGEROUS.search(self._body(14)) is not None

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazard classes that can be read in section 2; a class without a category is passed over."""
        read: dict[Hazard, None] = {}
        for line in self._body(2).split("\n"):
            words = line.split(":", 1)[1] if re.match(r"^[^,;:]{0,20}(?:类别|分类)\s*:", line) else line
            for hazard in parse(words).hazards:
                if hazard.category or hazard.key == "pressure_gas":
                    read[hazard] = None
        return tuple(read)

    @property
    def signal(self) -> str:
        """The signal word in section 2, 危险 or 警告; empty when there is none."""
        found = _SIGNAL.search(self._body(2))
        if not found:
            return ""
        return {"danger": "危险", "warning": "警告"}.get(found.group(1).lower(), found.group(1))

    def _body(self, number: int) -> str:
        found = self.section(number)
        return found.body if found else ""


class Finding(NamedTuple):
    """What is wrong with a sheet: a code, the section concerned (0: the whole), the sentence, how sure the demand
    is.
    """

    code: str
    section: int
    text: Text
    mark: str


def read_sheet(source: str | Sequence[str]) -> Sheet:
    """Take a sheet apart by its headings; ``source`` is its text, or its lines or headings one by one.

    Headings may be numbered in any way (第一部分, 1., 一、) or not at all, in Chinese or English, with common
    variants of the titles. Never raises; a text without any heading gives a sheet without sections.
    """
    text = source if isinstance(source, str) else "\n".join(source)
    text = unicodedata.normalize("NFKC", text[:LONGEST]).replace("\r\n", "\n").replace("\r", "\n")
    preamble: list[str] = []
    found: list[tuple[int, str, int | None, list[str]]] = []
    for line in text.split("\n"):
        heading = _heading(line)
        if heading is not None:
            found.append((heading[0], line.strip(), heading[1], []))
        else:
            (found[-1][3] if found else preamble).append(line)
    sections = (Section(number, line, written, "\n".join(body).strip()) for number, line, written, body in found)
    return Sheet("\n".join(preamble).strip(), tuple(sections))


def check_sheet(sheet: Sheet, *, on: date, label: Iterable[Hazard] | None = None) -> tuple[Finding, ...]:
    """What a sheet lacks or contradicts on a day; ``label`` are the classes from which the product's label was drawn.

    Codes: missing, order, repeated, number (a heading's number is not its title's), empty, revision_missing,
    revision_future, revision_old, phone_missing, phone_hours, un_missing, class_missing, label_missing_hazard,
    label_extra_hazard, label_signal. A list of headings alone is checked for titles only where nothing stands under
    any heading.
    """
    findings = list(_titles(sheet))
    if not any(each.body for each in sheet.sections):
        return tuple(findings)
    for number in range(1, 17):
        section = sheet.section(number)
        if section is not None and not section.body:
            findings.append(_finding("empty", number, "本部分没有内容", "Nothing stands under this heading"))
    findings += _revision(sheet, on)
    findings += _phone(sheet)
    if sheet.section(14) is not None and not sheet.is_not_dangerous_goods:
        if not sheet.un:
            findings.append(_finding("un_missing", 14, "未写联合国编号(UN号)", "No UN number"))
        if not sheet.transport_class:
            findings.append(_finding("class_missing", 14, "未写运输危险性类别", "No transport class"))
    if label is not None and sheet.section(2) is not None:
        findings += _against_label(sheet, tuple(label))
    return tuple(findings)


def _titles(sheet: Sheet) -> Iterable[Finding]:
    order = list(dict.fromkeys(each.number for each in sheet.sections))
    for number, title in enumerate(TITLES, 1):
        if number not in order:
            yield _finding(
                "missing", number, f"缺第{number}部分：{title.zh}", f"Section {number} is missing: {title.en}"
            )
    for before, after in pairwise(order):
        if after < before:
            yield _finding(
                "order",
                after,
                f"第{after}部分排在第{before}部分之后",
                f"Section {after} stands after section {before}",
            )
    for number in sorted(set(order)):
        full = [each for each in sheet.sections if each.number == number and len(each.body) > _TOO_SHORT]
        if len(full) > 1:
            yield _finding("repeated", number, f"第{number}部分出现了{len(full)}次", f"Section {number} stands twice")
    for each in sheet.sections:
        if each.written_number is not None and each.written_number != each.number:
            yield _finding(
                "number",
                each.number,
                f"“{each.heading}”应为第{each.number}部分",
                f"{each.heading!r} should be section {each.number}",
            )


def _revision(sheet: Sheet, on: date) -> Iterable[Finding]:
    revised = sheet.revised
    if revised is None:
        yield _finding("revision_missing", 0, "没有修订日期", "No revision date")
    elif revised > on:
        yield _finding("revision_future", 0, f"修订日期{revised}在今天之后", f"The revision date {revised} lies ahead")
    elif revised < _years_before(on, REVISION_YEARS):
        yield _finding(
            "revision_old",
            0,
            f"修订日期{revised}，已超过{REVISION_YEARS}年",
            f"Last revised {revised}, more than {REVISION_YEARS} years ago",
            "D",
        )


def _phone(sheet: Sheet) -> Iterable[Finding]:
    first = sheet.section(1)
    if first is None:
        return
    if not sheet.emergency_phones:
        yield _finding("phone_missing", 1, "没有应急咨询电话", "No emergency telephone")
    elif not _ROUND_THE_CLOCK.search(first.body):
        yield _finding(
            "phone_hours", 1, "未写明应急电话是否24小时", "Whether the emergency telephone answers 24 hours is not told"
        )


def _against_label(sheet: Sheet, label: tuple[Hazard, ...]) -> Iterable[Finding]:
    told = {(hazard.key, hazard.category, hazard.effect): hazard for hazard in sheet.hazards}
    wanted = {(hazard.key, hazard.category, hazard.effect): hazard for hazard in label}
    for key, hazard in wanted.items():
        if key not in told:
            zh, en = hazard.label
            yield _finding(
                "label_missing_hazard", 2, f"标签有“{zh}”，本部分没有", f"On the label but not in section 2: {en}"
            )
    for key, hazard in told.items():
        if key not in wanted:
            zh, en = hazard.label
            yield _finding(
                "label_extra_hazard", 2, f"本部分有“{zh}”，标签没有", f"In section 2 but not on the label: {en}"
            )
    signal = label_of(label).signal
    word = signal.zh if signal else ""
    if sheet.signal and sheet.signal != word:
        yield _finding(
            "label_signal",
            2,
            f"信号词“{sheet.signal}”与标签“{word or '无'}”不一致",
            f"The signal word ({sheet.signal}) is not that of the label ({word or 'none'})",
        )


def _heading(line: str) -> tuple[int, int | None] | None:
    if len(line) > 90 or not line.strip():
        return None
    found = _HEADING.match(line)
    if found is None:
        return None
    number = _NUMBERS.get(_key(found["title"]))
    if number is None:
        return None
    written = found["a"] or found["b"] or found["c"]
    return number, _number(written) if written else None


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _DIGITS.index(text[0]) + 1
    return (10 * (_DIGITS.index(tens[0]) + 1) if tens else 10) + (_DIGITS.index(ones[0]) + 1 if ones else 0)


def _key(text: str) -> str:
    return re.sub(r"[\s/、,:\-()·]+", "", text).casefold()


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _finding(code: str, section: int, zh: str, en: str, mark: str = "G") -> Finding:
    return Finding(code, section, Text(zh, en), mark)


_NUMBERS = {
    _key(spelling): number
    for number, title in enumerate(TITLES, 1)
    for spelling in (title.zh, title.en, *_ALIASES[number])
}
