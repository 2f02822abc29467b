"""Duties to report (信息报送): monthly by the 20th, quarterly, yearly, once; with every date in the plan's period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from quancheng.domains.duty.plans.dates import Calendar, Found, find_deadlines, month_end, safe_date
from quancheng.domains.duty.plans.lines import number_of
from quancheng.domains.duty.plans.model import Deadline, Doubt

_VERB = re.compile(
    r"报送|上报|呈报|抄报|报告(?=区|县|市|镇|省|安委)|报(?=[区县市镇省本我][^，。；]{1,20}(?:办|局|委|部|政府|备案|办公室|中心|科))|报至|提交(?=[区县市镇至给到])|报(?:安委办|安委会|应急局|应急办|领导小组办公室|专班)|反馈(?=[区县市镇至给到])|报备|备案(?=。|；|，|）|$)|发送至"
)
_OBJECT = re.compile(
    r"(?P<o>[\u4e00-\u9fff（）、“”《》和及]{0,16}?(?:工作)?(?:总结评估报告|总结报告|评估报告|总结|小结|进展情况|工作进展|进展|情况|报表|信息|实施方案|工作方案|方案|计划|台账|清单|评估报告|报告|名单|材料|统计表|汇总表|一览表|数据|简报|月报|季报|年报|联系人|联络员|表))"
)
_TO = re.compile(
    r"(?:向(?=[\u4e00-\u9fff（）]{2,24}(?:报送|报告|提交|反馈|上报))|报送(?:至|给|到)?|上报(?:至|给)?|报告|呈报|抄报|提交(?:至|给|到)?|反馈(?:至|给)?|发送至|报备至|报(?:至|给|到)?)"
    r"(?P<to>(?:[\u4e00-\u9fff（）]{0,22}?(?:安委会办公室|领导小组办公室|委员会办公室|指挥部办公室|专委会办公室|联席会议办公室|安委办|应急管理局"
    r"|应急局|应急办|政府办公室|党政办|办公室|工作专班|专班|领导小组|委员会|安委会|[局委部科股办]|政府|中心))(?![\u4e00-\u9fff]{0,3}办公室)(?:[\u4e00-\u9fff]{2,4}[股科室处])?(?:（[^）]{1,14}）)?)"
)
_URGENT = re.compile(r"事故(?:发生|信息)|险情|突发事件|立即|第一时间|隐患(?:线索)?(?:要|应)?(?:及时)?报")

FROM_ALL = Doubt("no_reporter", "未写明由谁报送，请核对报送单位。")
NO_PERIOD = Doubt("no_period", "实施期未知，无法列出各期报送日期。")


@dataclass(frozen=True, slots=True)
class ReportFound:
    """A report duty in a sentence: its time phrase, what is reported and to whom; bounds in the sentence."""

    start: int
    end: int
    deadline: Deadline
    what: str
    to: str


def is_report_sentence(text: str) -> bool:
    """Whether a sentence demands that something be reported upwards."""
    return (
        bool(_VERB.search(text))
        and bool(_OBJECT.search(text))
        and not (_URGENT.search(text) and not re.search(r"每|前", text))
    )


def find_reports(text: str, base: Calendar) -> list[ReportFound]:
    """Report duties of one sentence; one for each time phrase that belongs to a reporting verb."""
    text = re.sub(r"（(?:联系|报送|邮箱|电话|传真|附)[^）]*）", lambda found: "＿" * len(found.group()), text)
    if not is_report_sentence(text):
        return []
    times = [
        found
        for found in find_deadlines(text, base)
        if found.deadline.kind in ("dated", "recurring", "none", "dated_then_continuing")
    ]
    result: list[ReportFound] = []
    sent_to = _last_to(text)
    for index, found in enumerate(times):
        stop = times[index + 1].start if index + 1 < len(times) else len(text)
        part = text[found.end : stop]
        before = text[_part_start(text, found.start) : found.start]
        if not (_VERB.search(part) or _VERB.search(before) or _shares_verb(text, found, stop)):
            continue
        if _frequency_of_work(text, found, part) or _object_span_only(part, found):
            continue
        what = _what(before, part) or _what("", text[: found.start])
        what = re.sub(r"^.*(?:制定|形成|编制|完善|建立)(?=[\u4e00-\u9fff]{2})", "", what)
        to = _TO.search(part) or _TO.search(before)
        end = stop if index + 1 < len(times) else len(text)
        result.append(
            ReportFound(_part_start(text, found.start), end, found.deadline, what, to["to"] if to else sent_to)
        )
    return _shared_out(text, _without_repeats(result))


def _shared_out(text: str, found: list[ReportFound]) -> list[ReportFound]:
    """4月25日、8月30日前分别报送自查情况和整改情况: the first day is for the first thing."""
    listed = re.search(r"分别(?:报送|上报|提交)(?P<things>[^，。；]{4,60})", text)
    if listed is None:
        return found
    things = [thing for thing in re.split(r"、|和|及", listed["things"]) if thing]
    if len(things) != len(found):
        return found
    return [replace(one, what=thing) for one, thing in zip(found, things, strict=True)]


def _part_start(text: str, index: int) -> int:
    return max(text.rfind(mark, 0, index) for mark in "，；。：") + 1


def _last_to(text: str) -> str:
    found = [match["to"] for match in _TO.finditer(text)]
    return found[0] if found else ""


def _shares_verb(text: str, found: Found, stop: int) -> bool:
    """方案于4月15日前、总结于11月20日前报区安委办: the verb stands once, behind the last."""
    return bool(
        re.match(r"[、和及，]|将[^，。；]{2,30}[、和及，]?$|前?[^，。；]{0,24}[、和及，]$", text[found.end : stop])
    ) and bool(_VERB.search(text[stop:]))


def _frequency_of_work(text: str, found: Found, part: str) -> bool:
    """Whether the phrase dates the work, not the report: 每月开展检查，并将情况报区安委办."""
    if found.deadline.kind != "recurring":
        return False
    verb = _VERB.search(part)
    if verb is None:
        return False
    between = part[: verb.start()]
    return (
        bool(re.match(r"[^，。；]{0,6}(?:开展|组织|召开|检查|至少|进行|排查|调度|研判)", between))
        and "，" in between
        and not re.search(r"次月|前将|日前", between)
    )


def _object_span_only(part: str, found: Found) -> bool:
    """Whether the phrase belongs to what is reported (2024年工作总结), the time limit standing elsewhere."""
    return (
        found.deadline.kind == "dated"
        and bool(re.match(r"(?:度)?(?:工作)?(?:总结|情况|报告|的)", part))
        and not found.deadline.phrase.endswith(("前", "日", "旬", "底"))
    )


def _what(before: str, part: str) -> str:
    verb = _VERB.search(part)
    span = part[: verb.start()] if verb else part
    into = re.search(r"将(?P<o>[^，。；]{2,40}?)(?:书面|以书面形式|电子版|纸质版|盖章)?(?:$|统一|报|，)", span)
    if into:
        return into["o"].strip("，、")
    after = part[verb.end() :] if verb else ""
    for text in (after, span, before):
        found = _OBJECT.search(re.sub(r"^(?:至|给|到)?[区县市镇][^，。；]{1,14}(?:办公室|办|局)", "", text))
        if found:
            return re.sub(r"^(?:一次|1次|两次|送|并|要|将|前|和|及|，|、)+", "", found["o"])
    return ""


def _without_repeats(found: list[ReportFound]) -> list[ReportFound]:
    seen: set[tuple[str, str | None, date | None]] = set()
    kept = []
    for one in found:
        key = (one.deadline.kind, one.deadline.rule, one.deadline.date)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def begin_of(text: str, base: Calendar) -> date | None:
    """First day of a duty that begins within the period (自10月起); None where it runs from the start."""
    match = re.search(
        r"(?:自|从)(?:(?P<y>20\d\d)年)?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份)?(?:(?P<d>\d{1,2})[日号])?(?:起|开始)",
        text,
    )
    if match is None:
        return None
    month, day = number_of(match["m"]) or 0, int(match["d"] or 1)
    year = int(match["y"]) if match["y"] else base.year_for(month, 28) if 1 <= month <= 12 else None
    return safe_date(year, month, day) if year else None


def dates_of(deadline: Deadline, base: Calendar, *, begin: date | None = None) -> tuple[date, ...]:
    """Every day a report falls due on within the period, from ``begin`` on; one day for a dated one."""
    if deadline.kind in ("dated", "dated_then_continuing") and deadline.date is not None:
        return (deadline.date,)
    if deadline.kind != "recurring" or deadline.rule is None or base.first is None or base.last is None:
        return ()
    return tuple(day for day in occurrences(deadline.rule, base.first, base.last) if begin is None or day >= begin)


def occurrences(rule: str, first: date, last: date) -> Iterator[date]:
    """Days of one of our own recurrence rules within ``first..last``, at most eleven years of them.

    A day the month does not have (the 31st of June) falls on the month's last day: the report is still due.
    """
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    last = min(last, date(first.year + 11, 1, 1))
    interval = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] in ("DAILY", "WEEKLY"):
        weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(parts["BYDAY"]) if "BYDAY" in parts else None
        day = first
        while day <= last:
            if weekday is None or day.weekday() == weekday:
                yield day
            day += timedelta(days=1)
        return
    months = [int(month) for month in parts["BYMONTH"].split(",")] if "BYMONTH" in parts else list(range(1, 13))
    days = [int(day) for day in parts.get("BYMONTHDAY", "-1").split(",")]
    for year in range(first.year, last.year + 1):
        if parts["FREQ"] == "YEARLY" and (year - first.year) % interval:
            continue
        for month in months:
            if parts["FREQ"] == "MONTHLY" and ((year - first.year) * 12 + month - first.month + 1) % interval:
                continue
            end = month_end(year, month)
            for number in days:
                day = end if number == -1 else end.replace(day=min(number, end.day))
                if first <= day <= last:
                    yield day


def with_line(deadline: Deadline, line: int) -> Deadline:
    """The deadline with the source line it stands on."""
    return replace(deadline, line=line)
