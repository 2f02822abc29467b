"""Time phrases of plan documents (完成时限) as days, windows and recurrence rules."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from quancheng.domains.duty.plans.lines import number_of
from quancheng.domains.duty.plans.model import Deadline, Doubt

_ANY_TIME = re.compile(r"[年月季周日天旬内期]|持续|常态|长期|五一|节前|元旦|20\d\d|小时|贯穿|全程|随时|经常|常规")
N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_YEAR = (
    r"(?:(?P<y{0}>20\d\d|二[〇零][〇零一二三四五六七八九]{{2}})年|"
    r"(?P<r{0}>今年|本年度?|当年|明年|次年|同年|翌年))年?度?"
)
Y1, Y2 = _YEAR.format(1), _YEAR.format(2)
_END = r"(?:以?前|之前|止|截止|前后)?"
_DASH = r"(?:至|到|—+|-+|~)"
_SEASON = r"(?:第?(?P<q{0}>[一二三四1-4])季度)"

_WINDOW = re.compile(
    rf"(?:自|从)?(?:{Y1})?(?:(?P<m1>{N})月(?:份)?)?(?:(?P<d1>{N})[日号]|(?P<x1>上旬|中旬|下旬|初|中|底|末))?(?:起|开始)?{_DASH}"
    rf"(?:{Y2})?(?:(?P<m2>{N})月(?:份)?)(?:(?P<d2>{N})[日号]|(?P<x2>上旬|中旬|下旬|初|中|底|末))?{_END}"
)
_MONTH = re.compile(
    rf"(?:{Y1})?(?P<m1>{N})月(?:份)?(?:(?P<d1>{N})[日号]|(?P<x1>上旬|中旬|下旬|初|中(?!旬|心|小|央)|底|末))?(?P<end>以?前|之前|止|截止|内)?"
)
_YEAR_END = re.compile(
    rf"(?:(?:到|至)?(?:{Y1}))(?P<end>年?底(?:以?前|之前)?|末(?:以?前|之前)?|内|全年|前|上半年(?:以?前|底前?|末前?)?|下半年(?:以?前|底前?)?|{_SEASON.format(1)}(?:末|底|内)?(?:以?前|之前)?)"
)
_BARE_YEAR = re.compile(
    r"(?P<lead>年底(?:以?前|之前)|年末(?:以?前|之前)|年底|年内|全年|上半年(?:底|末)?(?:以?前|之前)?|下半年(?:底|末)?(?:以?前|之前)?"
    rf"|{_SEASON.format(1)}(?:末|底|内)(?:以?前|之前)?|{_SEASON.format(2)}(?:以?前|之前)?)"
)
_TO_YEAR = re.compile(r"(?:到|至)(?P<y1>20\d\d)年(?=，|时|基本|全面|实现|完成|建成|全部|力争|形成|达到|累计|末)")
_YEAR_VERB = re.compile(
    r"(?P<y1>20\d\d)年(?:度)?(?=推动|推进|完成|实现|启动|建成|开展|组织|力争|基本|全面|率先|至少|新增|新建|建设|争取|达到|，|重点|集中|各|要)"
)
_TERM = re.compile(
    rf"(?P<what>(?:自|从|在|于)?(?:收到|接到|接|本)?[\u4e00-\u9fff《》]{{0,12}}?(?:之日起|起|后|通知后|确认后))?(?P<n>\d{{1,3}}|{N})(?P<unit>个?工作日|日|天|个月|小时|周)(?:以?内|之内)"
)
_DAY_RANGE = re.compile(rf"(?P<d1>{N})[日号]{_DASH}(?P<d2>{N})[日号]")
_HOLIDAY = re.compile(rf"(?:{Y1})?(?P<h>国庆节?|元旦|五一|“五一”|劳动节|春节)(?:节)?(?:以?前|之前|前夕)")

_EACH = re.compile(
    r"(?:于|在|须|应|要|至少)?(?:"
    r"(?P<day>每[日天])"
    r"|(?P<week>每(?:个)?(?:周|星期)(?P<weekday>[一二三四五六日天])?(?:下班)?(?:以?前)?)"
    r"|(?P<half_month>每半(?:个)?月)"
    rf"|(?P<quarter_end>每(?:个)?季度(?:末|最后一个?|末?第[三3]个?)(?:个)?月(?:的)?(?:份)?(?:(?P<qd>{N})[日号]|(?P<qx>上旬|中旬|下旬|底))?(?:以?前|之前)?)"
    rf"|(?P<quarter_next>每(?:个)?季度(?:结束)?(?:后)?(?:的)?(?:次月|首月|下月|第一个月)(?P<qn>{N})[日号](?:以?前|之前)?)"
    rf"|(?P<quarter>每(?:个|一)?季度?(?:末|底)?(?:(?P<qb>{N})[日号])?(?:以?前|之前)?(?![查检]))"
    rf"|(?P<months>每(?P<mn>[两二三四六\d])个?月)"
    rf"|(?P<half>每半年(?:末|底)?(?:以?前)?|每年(?:上、?下半年|上半年[和、]下半年))"
    rf"|(?P<years>每(?P<yn>[两二三四五\d])年)"
    rf"|(?P<month_days>每(?:个)?月(?:的)?(?P<md>{N})[日号](?:以?前|之前)?)"
    r"|(?P<month_part>每(?:个)?月(?:的)?(?P<mx>上旬|中旬|下旬|初|中|底|末|月底|月末)(?:以?前|之前)?)"
    rf"|(?P<next_month>(?:每月)?次月(?P<nd>{N})[日号](?:以?前|之前)?)"
    r"|(?P<month>每(?:个|一)?月(?:份)?|按月)"
    rf"|(?P<twice>每年(?P<tm1>{N})月(?P<td1>{N})[日号](?:以?前)?(?:、|和|及)(?P<tm2>{N})月(?P<td2>{N})[日号](?:以?前|之前)?)"
    rf"|(?P<fixed>每年(?:的)?(?P<fm>{N}(?:月)?(?:(?:、|和|及){N}(?:月)?)*)月(?:份)?(?:(?P<fd>{N})[日号]|(?P<fx>上旬|中旬|下旬|初|底|末))?(?:以?前|之前)?)"
    r"|(?P<year_end>每年(?:年)?(?:底|末)(?:以?前)?)"
    r"|(?P<quarterly>按季度?)"
    r"|(?P<year>每年度?|每一年|逐年)"
    r")"
)
_CONTINUE_AFTER = re.compile(
    r"(?P<mid>(?:完成|建成|到位|见效)?[，、]?)(?:并|且|并且|后|，并|，?以后|之后)?(?:持续|长期|常态化|不断|一直)(?P<verb>(?:推进|坚持|压紧|压实|抓好|抓实|深化|巩固|提升|实施|开展|保持|加强|落实|更新|完善|运行|整治|整改|监管|动态管理)*)"
)
_CONTINUE = re.compile(
    r"(?:并)?(?:持续推进|长期坚持|长期推进|持续坚持|常态化(?:严打|打击|整治|监管|检查|执法|培训|宣传|巡查|开展|推进|实施|坚持|运行|组织|抓好|落实|排查|做好)|常年坚持|持续实施|贯穿全年|全年推进|全年开展|全年持续|长期实施|全年实施)"
)
_LABEL_CONTINUE = re.compile(
    r"(?:长期|持续|常态化|常年|贯穿始终|全程|全过程|经常性|随时|日常|常规)(?:推进|坚持|开展|实施|落实|抓好|进行|执行|保持)*"
)
_STRIVE = re.compile(r"力争|争取|努力(?:在|于|实现)")
_FILTER_AFTER = re.compile(
    r"及以前|以来|以后|前?(?:以前)?(?:排查|设计诊断|安全设计诊断|诊断|检查|执法检查|自查)?(?:发现|查出|已发现|存在|形成|遗留|竣工|投产|建成)(?:的|问题|隐患)"
    r"|(?:印发|出台|发布|启动|开展|实施)的|度?(?:安全生产)?(?:工作)?(?:要点|方案|计划|考核)|版|修订"
)
_QUARTER_TEXT = re.compile(r"(?:季查|月查|周查|日查)")

WEEKDAYS = {"一": "MO", "二": "TU", "三": "WE", "四": "TH", "五": "FR", "六": "SA", "日": "SU", "天": "SU"}
_SPRING = {
    2020: (1, 24),
    2021: (2, 11),
    2022: (1, 31),
    2023: (1, 21),
    2024: (2, 9),
    2025: (1, 28),
    2026: (2, 16),
    2027: (2, 5),
    2028: (1, 25),
    2029: (2, 12),
    2030: (2, 2),
}

ASSUMED_YEAR = Doubt("assumed_year", "时限未写年份，按方案所属年份推定。")
BEFORE_MONTH = Doubt("month_before", "“某月前”可理解为当月底前，也可理解为上月底前，按当月底计，请核对。")
BEFORE_YEAR = Doubt("year_before", "“某年前”按上一年年底计，请核对。")
FROM_EVENT = Doubt("event_deadline", "时限从某一事项发生之日起算，请在事项发生后确定日期。")
BAD_DATE = Doubt("bad_date", "所写日期不存在，请核对原文。")
TOO_EARLY = Doubt("before_plan_date", "时限早于文件印发日期，请核对。")
OUT_OF_PERIOD = Doubt("out_of_period", "时限在方案实施期之外，请核对。")


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a phrase without a year is read by: the plan's first and last day and the day it was issued."""

    first: date | None = None
    last: date | None = None
    issued: date | None = None

    @property
    def year(self) -> int | None:
        if self.first is not None:
            return self.first.year
        return self.issued.year if self.issued else None

    def year_for(self, month: int, day: int) -> int | None:
        """The year that puts the day into the plan's period and not before its date, the first year otherwise."""
        year = self.year
        if year is None:
            return None
        floor = self.issued or self.first
        top = self.last.year if self.last else year
        if floor is not None and top > year:
            for candidate in range(year, min(top, year + 5) + 1):
                found = safe_date(candidate, month, day)
                if found is not None and found >= floor:
                    return candidate
        return year


@dataclass(frozen=True, slots=True)
class Found:
    """A deadline at its place in the text searched."""

    start: int
    end: int
    deadline: Deadline


def safe_date(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none."""
    if not (1900 <= year <= 2999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def month_end(year: int, month: int) -> date:
    """Last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _year(
    groups: dict[str, str | None], which: str, base: Calendar, fallback: int | None = None
) -> tuple[int | None, bool]:
    """The year of a phrase and whether it was assumed."""
    printed, relative = groups.get(f"y{which}"), groups.get(f"r{which}")
    if printed:
        return number_of(printed), False
    if relative:
        if base.year is None:
            return None, True
        return base.year + (1 if relative in ("明年", "次年", "翌年") else 0), False
    return fallback, True


def _day_in_month(year: int, month: int, part: str | None, *, first: bool = False) -> tuple[date | None, bool]:
    """The day a part of a month ends on (or begins, ``first``) and whether that is a reading of ours."""
    if not 1 <= month <= 12:
        return None, False
    if first:
        return safe_date(year, month, {"中旬": 11, "下旬": 21, "中": 11, "底": 28, "末": 28}.get(part or "", 1)), False
    if part in ("上旬", "初"):
        return safe_date(year, month, 10), True
    if part in ("中旬", "中"):
        return safe_date(year, month, 20), True
    return month_end(year, month), part == "下旬"


def _month_found(match: re.Match[str], base: Calendar) -> Deadline | None:
    groups = match.groupdict()
    month = number_of(groups["m1"] or "") or 0
    day = number_of(groups["d1"]) if groups["d1"] else None
    year, assumed = _year(groups, "1", base, base.year_for(month, day or 28) if 1 <= month <= 12 else None)
    if not groups["d1"] and not groups["x1"] and not groups["end"] and not groups["y1"]:
        return None
    doubts = (ASSUMED_YEAR,) if assumed else ()
    if year is None:
        return Deadline(match.group(), "dated", None, None, True, doubts=doubts)
    if day is not None:
        exact = safe_date(year, month, day)
        return Deadline(match.group(), "dated", exact, doubts=doubts if exact else (*doubts, BAD_DATE))
    if not 1 <= month <= 12:
        return Deadline(match.group(), "dated", None, doubts=(BAD_DATE,))
    found, fuzzy = _day_in_month(year, month, groups["x1"])
    if not groups["x1"] and groups["end"] in ("前", "以前", "之前"):
        return Deadline(match.group(), "dated", found, None, True, doubts=(*doubts, BEFORE_MONTH))
    return Deadline(match.group(), "dated", found, None, fuzzy, doubts=doubts)


def _window_found(match: re.Match[str], base: Calendar) -> Deadline | None:
    groups = match.groupdict()
    if not (groups["m1"] or groups["y1"] or groups["d1"]):
        return None
    month2 = number_of(groups["m2"] or "") or 0
    month1 = (number_of(groups["m1"]) if groups["m1"] else month2) or 0
    year1, assumed1 = _year(groups, "1", base, None)
    year2, assumed2 = _year(groups, "2", base, None)
    if year1 is None and year2 is None:
        year1 = year2 = base.year
        if year2 is not None and month2 < month1:
            year2 += 1
    elif year2 is None and year1 is not None:
        year2 = year1 + (1 if month2 < month1 else 0)
    elif year1 is None and year2 is not None:
        year1 = year2 - (1 if month2 < month1 else 0)
    doubts = (ASSUMED_YEAR,) if assumed1 and assumed2 else ()
    if year1 is None or year2 is None or not (1 <= month1 <= 12 and 1 <= month2 <= 12):
        return Deadline(match.group(), "dated", None, doubts=(*doubts, BAD_DATE))
    start = (
        safe_date(year1, month1, number_of(groups["d1"]) or 1)
        if groups["d1"]
        else _day_in_month(year1, month1, groups["x1"], first=True)[0]
    )
    fuzzy = False
    if groups["d2"]:
        last = safe_date(year2, month2, number_of(groups["d2"]) or 0)
    else:
        last, fuzzy = _day_in_month(year2, month2, groups["x2"])
    if last is None:
        doubts = (*doubts, BAD_DATE)
    return Deadline(match.group(), "dated", last, None, fuzzy, start=start, doubts=doubts)


def _part_of_year(year: int | None, phrase: str, quarter: str | None, assumed: bool) -> Deadline:
    doubts = (ASSUMED_YEAR,) if assumed else ()
    if year is None:
        return Deadline(phrase, "dated", None, None, True, doubts=doubts)
    if quarter:
        month = 3 * (number_of(quarter) or 1)
        return Deadline(phrase, "dated", month_end(year, month), doubts=doubts)
    if "上半年" in phrase:
        return Deadline(phrase, "dated", date(year, 6, 30), doubts=doubts)
    return Deadline(phrase, "dated", date(year, 12, 31), doubts=doubts)


def _each_found(match: re.Match[str]) -> Deadline | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    rule, fuzzy = "", True
    if "day" in groups:
        rule, fuzzy = "FREQ=DAILY", False
    elif "week" in groups:
        weekday = groups.get("weekday")
        rule, fuzzy = (f"FREQ=WEEKLY;BYDAY={WEEKDAYS[weekday]}", False) if weekday else ("FREQ=WEEKLY;BYDAY=FR", True)
    elif "half_month" in groups:
        rule = "FREQ=MONTHLY;BYMONTHDAY=15,-1"
    elif "quarter_end" in groups or "quarter" in groups or "quarterly" in groups:
        day = groups.get("qd") or groups.get("qb")
        part = {"上旬": 10, "中旬": 20}.get(groups.get("qx", ""), -1)
        rule = f"FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY={number_of(day) if day else part}"
        fuzzy = not day and not re.search("末|底", match.group())
    elif "quarter_next" in groups:
        rule, fuzzy = f"FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY={number_of(groups['qn'])}", False
    elif "months" in groups:
        rule = f"FREQ=MONTHLY;INTERVAL={number_of(groups['mn'])};BYMONTHDAY=-1"
    elif "half" in groups:
        rule = "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"
    elif "years" in groups:
        rule = f"FREQ=YEARLY;INTERVAL={number_of(groups['yn'])};BYMONTH=12;BYMONTHDAY=31"
    elif "month_days" in groups or "next_month" in groups:
        rule, fuzzy = f"FREQ=MONTHLY;BYMONTHDAY={number_of(groups.get('md') or groups['nd'])}", False
    elif "month_part" in groups:
        span = groups["mx"]
        day_number = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}.get(span, -1)
        rule, fuzzy = f"FREQ=MONTHLY;BYMONTHDAY={day_number}", span not in ("底", "末", "月底", "月末")
    elif "month" in groups:
        rule = "FREQ=MONTHLY;BYMONTHDAY=-1"
    elif "twice" in groups:
        first, second = number_of(groups["td1"]), number_of(groups["td2"])
        if first != second:
            return None
        rule = f"FREQ=YEARLY;BYMONTH={number_of(groups['tm1'])},{number_of(groups['tm2'])};BYMONTHDAY={first}"
        fuzzy = False
    elif "fixed" in groups:
        months = [number_of(one) for one in re.findall(N, groups["fm"])]
        listed = ",".join(str(month) for month in months if month and 1 <= month <= 12)
        if not listed:
            return None
        if "fd" in groups:
            rule, fuzzy = f"FREQ=YEARLY;BYMONTH={listed};BYMONTHDAY={number_of(groups['fd'])}", False
        else:
            part_day = {"上旬": 10, "初": 10, "中旬": 20}.get(groups.get("fx", ""), -1)
            rule, fuzzy = f"FREQ=YEARLY;BYMONTH={listed};BYMONTHDAY={part_day}", groups.get("fx") not in ("底", "末")
    elif "year_end" in groups:
        rule, fuzzy = "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", False
    else:
        rule = "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"
    day_value = re.search(r"BYMONTHDAY=(\d+)", rule)
    if day_value and not 1 <= int(day_value.group(1)) <= 31:
        return None
    return Deadline(re.sub(r"^(?:于|在|须|应|要|至少)", "", match.group()), "recurring", None, rule, fuzzy)


def _mask(text: str) -> str:
    """Blank out what only looks like time: titles of documents 《…》, numbers 〔2024〕, standard numbers."""
    masked = re.sub(
        r"《[^》]{0,80}》|〔[^〕]{0,10}〕第?\d{0,4}号?|[A-Z]{1,4}(?:/[A-Z])?\d*[ ]?\d{3,6}(?:\.\d)?[-—]20\d\d"
        r"|[\w.+-]+@[\w.-]+|https?:\S+",
        lambda found: "＿" * len(found.group()),
        text,
    )
    masked = re.sub(
        r"“[^”]{1,14}”",
        lambda found: found.group() if re.search(r"前|底|五一", found.group()) else "＿" * len(found.group()),
        masked,
    )
    return masked


def find_deadlines(text: str, base: Calendar, *, labelled: bool = False) -> list[Found]:
    """Every time phrase of a canonical text, in printed order.

    :param labelled: the text is the value of 完成时限：, so that 长期 alone, or a bare 6月, is a deadline.
    """
    if not _ANY_TIME.search(text):
        return []
    return list(_found(text, base, labelled))


@lru_cache(maxsize=1024)
def _found(text: str, base: Calendar, labelled: bool) -> tuple[Found, ...]:
    masked = _mask(text)
    taken = [False] * len(masked)
    found: list[Found] = []

    def take(start: int, end: int, deadline: Deadline | None) -> None:
        if deadline is None or any(taken[start:end]):
            return
        taken[start:end] = [True] * (end - start)
        found.append(Found(start, end, deadline))

    def filtered(end: int) -> bool:
        return not labelled and bool(_FILTER_AFTER.match(masked, end))

    for match in _EACH.finditer(masked):
        if not _is_of_number(masked, match):
            take(match.start(), match.end(), _each_found(match))
    for match in _WINDOW.finditer(masked):
        if not filtered(match.end()):
            take(match.start(), match.end(), _window_found(match, base))
    for match in _HOLIDAY.finditer(masked):
        take(match.start(), match.end(), _holiday_found(match, base))
    for match in _MONTH.finditer(masked):
        if filtered(match.end()) or (not labelled and _loose_month(match, masked)):
            continue
        if labelled and not match["d1"] and not match["x1"] and not match["end"] and not match["y1"]:
            month = number_of(match["m1"]) or 0
            year = base.year_for(month, 28) if 1 <= month <= 12 else None
            if year:
                take(
                    match.start(),
                    match.end(),
                    Deadline(match.group(), "dated", month_end(year, month), doubts=(ASSUMED_YEAR,)),
                )
            continue
        take(match.start(), match.end(), _month_found(match, base))
    for match in _YEAR_END.finditer(masked):
        if filtered(match.end()) or (match["end"] == "前" and re.match(r"(?:的|已|形成|存在)", masked[match.end() :])):
            continue
        year, assumed = _year(match.groupdict(), "1", base)
        deadline = _part_of_year(year, match.group(), match["q1"], assumed and year is None)
        if match["end"] == "前" and year is not None:
            deadline = replace(
                deadline, date=date(year - 1, 12, 31), fuzzy=True, doubts=(*deadline.doubts, BEFORE_YEAR)
            )
        take(match.start(), match.end(), deadline)
    for match in _BARE_YEAR.finditer(masked):
        lead = match["lead"]
        if (lead == "全年" and not labelled) or (match.start() and masked[match.start() - 1] in "每各逐半"):
            continue
        if match["q2"] and not labelled and not lead.endswith(("前",)):
            continue
        if (
            lead in ("上半年", "下半年")
            and not labelled
            and not re.match(
                r"(?:完成|，|；|。|）|组织|开展|召开|要|各|至少|前|力争|对|制定|启动|建成)", masked[match.end() :]
            )
        ):
            continue
        if lead == "年底" and re.match(r"考核|绩效|总结", masked[match.end() :]):
            continue
        take(match.start(), match.end(), _part_of_year(base.year, lead, match["q1"] or match["q2"], True))
    for pattern in (_TO_YEAR, _YEAR_VERB):
        for match in pattern.finditer(masked):
            ahead = masked[match.start() - 1] if match.start() else "，"
            if (ahead in "，；。、：（＿" and not filtered(match.end())) or pattern is _TO_YEAR:
                take(
                    match.start(),
                    match.end(),
                    Deadline(match.group(), "dated", date(int(match["y1"]), 12, 31), None, pattern is _YEAR_VERB),
                )
    if labelled:
        for match in re.finditer(
            r"(?P<y1>20\d\d)(?:年度?)?(?:—|-|至|~)(?P<y2>20\d\d)年度?|(?P<y3>20\d\d)年(?:度)?(?!\d)|(?P<y4>20\d\d)[.](?P<m4>\d{1,2})(?:[.](?P<d4>\d{1,2}))?",
            masked,
        ):
            take(match.start(), match.end(), _plain_year(match))
    for match in _TERM.finditer(masked):
        if labelled or match["what"] or match["unit"] in ("个工作日", "工作日"):
            take(match.start(), match.end(), _term_found(match, base))
    for match in _CONTINUE.finditer(masked) if not labelled else _LABEL_CONTINUE.finditer(masked):
        if not any(one.deadline.kind == "dated" and one.end <= match.start() <= one.end + 14 for one in found):
            take(match.start(), match.end(), Deadline(match.group(), "continuing"))
    found.sort(key=lambda one: one.start)
    return tuple(_finish(text, masked, one, labelled=labelled) for one in found)


def _is_of_number(masked: str, match: re.Match[str]) -> bool:
    """Whether 每 counts things and no time: 每个, 每月度; or 每年 belongs to a title."""
    return masked[match.end() : match.end() + 1] in ("度",) and match.group().endswith("月")


def _loose_month(match: re.Match[str], masked: str) -> bool:
    """Whether a month in running text is no limit: 6月安全生产月, 12月份检查发现."""
    if match["d1"] or match["x1"] or match["end"]:
        following = masked[match.end() : match.end() + 2]
        if (
            match["d1"]
            and not match["end"]
            and following[:1] in ("发", "印", "的", "以", "，", "。")
            and not re.match(r"，?(?:完成|报)", masked[match.end() :])
        ):
            return following[:1] in ("发", "印", "的", "以")
        return False
    return not re.match(r"(?:完成|，|；|。|）|组织|开展|召开|要|前)", masked[match.end() :])


def _plain_year(match: re.Match[str]) -> Deadline | None:
    if match["y1"]:
        return Deadline(match.group(), "dated", date(int(match["y2"]), 12, 31), start=date(int(match["y1"]), 1, 1))
    if match["y3"]:
        return Deadline(match.group(), "dated", date(int(match["y3"]), 12, 31))
    year, month = int(match["y4"]), int(match["m4"])
    if not 1 <= month <= 12:
        return None
    day = safe_date(year, month, int(match["d4"])) if match["d4"] else month_end(year, month)
    return Deadline(match.group(), "dated", day)


def _holiday_found(match: re.Match[str], base: Calendar) -> Deadline:
    name = match["h"].strip("“”")
    month, number = {"国": (9, 30), "元": (12, 31), "春": (2, 1)}.get(name[0], (4, 30))
    year, assumed = _year(match.groupdict(), "1", base, base.year_for(month, number))
    doubts = (ASSUMED_YEAR,) if assumed else ()
    if year is None:
        return Deadline(match.group(), "dated", None, None, True, doubts=doubts)
    if name.startswith("国庆"):
        day: date | None = date(year, 9, 30)
    elif name == "元旦":
        day = date(year - 1 if match["y1"] else year, 12, 31)
    elif name == "春节":
        day = date(year, *_SPRING[year]) if year in _SPRING else None
    else:
        day = date(year, 4, 30)
    return Deadline(match.group(), "dated", day, None, True, doubts=doubts)


def _term_found(match: re.Match[str], base: Calendar) -> Deadline:
    amount = number_of(match["n"]) or 0
    unit = match["unit"]
    rule = {
        "天": f"P{amount}D",
        "日": f"P{amount}D",
        "周": f"P{amount}W",
        "个月": f"P{amount}M",
        "小时": f"PT{amount}H",
    }.get(unit, f"P{amount}D")
    what = match["what"] or ""
    if (
        re.search(r"印发|下发|发布|本方案|本通知|通知之日", what)
        and base.issued is not None
        and unit in ("天", "日", "周")
    ):
        return Deadline(
            match.group(), "dated", base.issued + timedelta(days=amount * (7 if unit == "周" else 1)), rule, True
        )
    return Deadline(match.group(), "none", None, rule, True, doubts=(FROM_EVENT,))


def _finish(text: str, masked: str, one: Found, *, labelled: bool) -> Found:
    """Add what follows the phrase (并持续推进) and what precedes it (力争)."""
    deadline, end = one.deadline, one.end
    if deadline.kind == "dated":
        after = _CONTINUE_AFTER.match(masked, one.end)
        if after and ("并" in after.group() or after["mid"] or labelled or (after.start() == one.end and labelled)):
            tail = after.group()
            end = one.end + len(tail)
            deadline = replace(deadline, kind="dated_then_continuing")
        else:
            later = re.match(
                r"[^，。；]{0,24}[，、]?并(?:持续|长期|常态化)(?:推进|坚持|开展|实施|运行|巩固|抓好|保持|深化)",
                masked[one.end :],
            )
            if later and "月" not in later.group():
                deadline = replace(deadline, kind="dated_then_continuing")
    before = masked[max(0, one.start - 12) : one.start]
    clause = re.split(r"[，。；：]", before)[-1]
    after_text = re.split(r"[，。；]", masked[end : end + 12])[0]
    if _STRIVE.search(clause) or _STRIVE.match(after_text):
        deadline = replace(deadline, strive=True)
    phrase = text[one.start : end]
    if deadline.kind == "recurring":
        phrase = re.sub(r"^(?:于|在|须|应|要|至少)", "", phrase)
    elif deadline.kind != "continuing":
        phrase = re.sub(r"^(?:自|从)(?!.*(?:起|至|到))", "", phrase)
    return Found(one.start, end, replace(deadline, phrase=phrase.strip("，、")))


def check(deadline: Deadline, base: Calendar) -> Deadline:
    """Mark a day before the plan's own date or outside its period; the day itself stays as printed."""
    if deadline.date is None:
        return deadline
    doubts = deadline.doubts
    if base.issued is not None and deadline.date < base.issued:
        doubts = (*doubts, TOO_EARLY)
    elif base.last is not None and deadline.date > base.last:
        doubts = (*doubts, OUT_OF_PERIOD)
    return replace(deadline, doubts=tuple(dict.fromkeys(doubts)))
