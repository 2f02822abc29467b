"""From the parser's task to a draft, and from a confirmed draft to what a task is issued from: pure shaping of data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import CONTINUING, DATED, EVENT, RECURRING, THEN_CONTINUING
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.kernel.people.matching import Matcher, UnitMatch

#: Recurring work is laid out for at most this many periods; what goes further is renewed after a review.
MAX_PERIODS = 400
#: A level's number in a chart, glued to its words or with two dots (2落实, 2..配合).
_LEVEL_MARK = re.compile(r"^\s*(\d{1,2})[.．、]{0,2}(?=[\u4e00-\u9fff“《])")
#: A chart's row of these words is organised as a campaign (专项行动), unless the reviewer says otherwise.
_CAMPAIGN = re.compile(r"专项(?:行动|整治|治理|检查|排查|执法)|集中(?:整治|执法|治理)|攻坚行动|大排查")
KINDS = (DATED, RECURRING, CONTINUING, THEN_CONTINUING, EVENT)


def parse_date(text: Any) -> date | None:
    """The date of an ISO string; None for None and the empty string. :raises ValueError: anything else."""
    if not text:
        return None
    return text if isinstance(text, date) else date.fromisoformat(str(text))


def draft_of_task(plan: Plan, task: Mapping[str, Any], order: float, matcher: Matcher, now: datetime) -> DraftTask:
    """A draft of a parsed task: dates laid out, units matched, what is unsure kept as doubts."""
    content = {
        "number": task["number"],
        "title": _short(task["title"] or task["body"]),
        "text": task["text"],
        "line": task["line"],
        "end_line": task["end_line"],
        "level1": task["path"][0] if task["path"] else "",
        "level2": task["path"][-1] if len(task["path"]) > 1 else "",
        "path": list(task["path"]),
        "persons": "、".join(task["persons"]),
        "leading_official": task["leading_official"],
        "targets": [target_of(target) for target in task["targets"]],
        "confidence": task["confidence"],
        "doubts": [dict(doubt) for doubt in task["doubts"]],
        **dates_of(plan, task),
    }
    row = task.get("row")
    if row:
        levels = [_LEVEL_MARK.sub(r"\1.", level) for level in row["levels"]] or [row["chart"]]
        content |= {
            "row": {**row, "levels": levels},
            "level1": levels[0],
            "level2": levels[-1] if len(levels) > 1 else "",
            "text": task["body"],
            "campaign": bool(_CAMPAIGN.search(task["body"]) or _CAMPAIGN.search(levels[0])),
        }
    units = [_unit(match, "lead") for match in matcher.match_all(task["lead_units"])]
    if not units and (task["persons"] or task["leading_official"]):
        units = [_issuer_of(plan, matcher)]
    units += [_unit(match, "support") for match in matcher.match_all(task["support_units"])]
    return DraftTask(plan=plan, order=order, content=content, units=units, original=dict(task), updated_at=now)


def _issuer_of(plan: Plan, matcher: Matcher) -> dict[str, Any]:
    """The lead of a chart's row that names persons alone: they are the issuer's own people."""
    issuer = matcher.match(plan.issuer) if plan.issuer else None
    found = issuer if issuer is not None and issuer.sure else matcher.match(plan.owner_org.name)
    reason = _("只写明责任人，暂由发文单位承办，请核对")
    return {**_unit(found, "lead"), "reason": reason, "sure": False}


def draft_of_report(plan: Plan, report: Mapping[str, Any], order: float, matcher: Matcher, now: datetime) -> DraftTask:
    """A draft of a report duty: who reports what to whom, with every day that it falls due on."""
    content = {
        "number": "",
        "title": _short(report["what"] or report["text"]),
        "text": report["text"],
        "line": report["line"],
        "end_line": report["line"],
        "to": report["to"],
        "kind": RECURRING if len(report["dates"]) > 1 else DATED,
        "deadline_phrase": report["deadline"]["phrase"],
        "rule": {"rrule": report["deadline"]["rule"]} if report["deadline"]["rule"] else {},
        "dates": list(report["dates"]),
        "due_date": report["dates"][-1] if report["dates"] else None,
        "start_date": _start(plan).isoformat(),
        "doubts": [dict(doubt) for doubt in report["doubts"]],
        "confidence": 1.0,
    }
    units = [_unit(match, "lead") for match in matcher.match_all(report["from_units"])]
    return DraftTask(
        plan=plan, order=order, is_report=True, content=content, units=units, original=dict(report), updated_at=now
    )


def _unit(match: UnitMatch, role: str) -> dict[str, Any]:
    data = asdict(match)
    return {
        **data,
        "role": role,
        "organisations": [str(pk) for pk in match.organisations],
        "group": str(match.group) if match.group else None,
    }


def target_of(target: Mapping[str, Any]) -> dict[str, Any]:
    op = {">": ">=", "<": "<="}.get(target["op"], target["op"])
    if op == "=" and target["value"] > 0 and target["unit"] != "%":
        # 建成50公里, 开展2次: who does more has done it.
        op = ">="
    return {
        "indicator": target["meaning"] or target["phrase"],
        "phrase": target["phrase"],
        "op": op,
        "value": str(target["value"]),
        "unit": target["unit"],
        "strive": target["strive"],
    }


def _short(text: str) -> str:
    head = text.strip().splitlines()[0] if text.strip() else ""
    return head if len(head) <= 60 else head[:59] + "…"


# Dates -----------------------------------------------------------------------------------------------------------


def _start(plan: Plan) -> date:
    given = [day for day in (plan.document_date, plan.period_from) if day is not None]
    return min(given) if given else plan.imported_at.date()


def _end(plan: Plan, start: date) -> date:
    return plan.period_to or date((plan.document_date or start).year, 12, 31)


def dates_of(plan: Plan, task: Mapping[str, Any]) -> dict[str, Any]:
    """Kind, dates, rule and milestones of a parsed task.

    Where the text gives no deadline, the end of the plan stands in and a doubt says so; continuing work is looked at
    again at the end of the plan.
    """
    start = _start(plan)
    end = _end(plan, start)
    main = task["deadline"]
    kind = main["kind"]
    dated = sorted(
        {(one["date"], one["phrase"], bool(one.get("strive"))) for one in task["deadlines"] if one.get("date")}
    )
    found: dict[str, Any] = {
        "deadline_phrase": "；".join(dict.fromkeys(one["phrase"] for one in task["deadlines"])) or main["phrase"],
        "strive": bool(main.get("strive")),
        "start_date": start.isoformat(),
        "due_date": main["date"] or (dated[-1][0] if dated else None),
        "review_date": None,
        "rule": {"rrule": main["rule"]} if main["rule"] else {},
        "milestones": [],
        "no_deadline": kind == "none",
    }
    if kind == "none":
        found |= {"kind": DATED, "due_date": end.isoformat()}
        return found
    found["kind"] = kind
    if kind == RECURRING:
        # What fell due before the document was issued was never ordered by it.
        found["milestones"] = periods_of(main["rule"] or "", max(start, plan.document_date or start), end)
        found["due_date"] = found["milestones"][-1]["due_date"] if found["milestones"] else end.isoformat()
    elif kind in (CONTINUING, EVENT):
        found |= {"due_date": None, "review_date": end.isoformat()}
        if kind == EVENT:
            found["rule"] = {"rrules": [one["rule"] for one in task["deadlines"] if one["kind"] == EVENT]}
    else:
        if len(dated) > 1:
            found["due_date"] = dated[-1][0]
            found["milestones"] = [
                {"key": f"m{number}", "label": phrase, "due_date": day, "strive": strive}
                for number, (day, phrase, strive) in enumerate(dated, 1)
            ]
        if kind == THEN_CONTINUING:
            due = parse_date(found["due_date"]) or end
            found["review_date"] = max(end, due + timedelta(days=1)).isoformat()
    return found


def periods_of(rule: str, start: date, end: date) -> list[dict[str, Any]]:
    """The due days of a recurrence rule (RFC 5545) from ``start`` to ``end``, labelled by their period."""
    if not rule:
        return []
    try:
        days = rrulestr(rule, dtstart=datetime.combine(start, datetime.min.time()))
    except ValueError:
        return []
    found = []
    for moment in days.between(
        datetime.combine(start, datetime.min.time()), datetime.combine(end, datetime.min.time()), inc=True
    ):
        day = moment.date()
        found.append({"key": _period_key(rule, day), "label": _period_label(rule, day), "due_date": day.isoformat(),
                      "strive": False})  # fmt: skip
        if len(found) == MAX_PERIODS:
            break
    return found


def _period_key(rule: str, day: date) -> str:
    return f"{day:%Y-%m}" if "MONTHLY" in rule or "YEARLY" in rule else day.isoformat()


def _period_label(rule: str, day: date) -> str:
    if "YEARLY" in rule:
        return _("%(year)s 年") % {"year": day.year}
    if "MONTHLY" in rule and "BYMONTH=3,6,9,12" in rule:
        return _("%(year)s 年第 %(quarter)s 季度") % {"year": day.year, "quarter": (day.month + 2) // 3}
    if "MONTHLY" in rule:
        return _("%(year)s 年 %(month)s 月") % {"year": day.year, "month": day.month}
    return day.isoformat()


# Checking --------------------------------------------------------------------------------------------------------


def faults_of(content: Mapping[str, Any], units: Sequence[Mapping[str, Any]], *, is_report: bool) -> dict[str, str]:
    """Why a draft cannot become a task, by field; empty where it can."""
    faults: dict[str, str] = {}
    if not str(content.get("text", "")).strip():
        faults["text"] = _("请填写任务内容。")
    if not str(content.get("title", "")).strip():
        faults["title"] = _("请填写任务名称。")
    if content.get("kind") not in KINDS:
        faults["kind"] = _("请选择时限类型。")
    faults |= _date_faults(content, is_report=is_report)
    leads = [unit for unit in units if unit["role"] == "lead"]
    if not leads and not content.get("carried_by"):
        faults["leads"] = _("请指定责任单位。")
    elif open_units(leads):
        faults["leads"] = _("还有责任单位没有对应到登记单位：%(names)s。") % {"names": "、".join(open_units(leads))}
    for number, target in enumerate(content.get("targets", ())):
        try:
            finite = Decimal(str(target.get("value"))).is_finite()
        except InvalidOperation:
            finite = False
        if not finite:
            faults[f"targets-{number}"] = _("指标值应为数字。")
    return faults


def _date_faults(content: Mapping[str, Any], *, is_report: bool) -> dict[str, str]:
    faults: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("start_date", "due_date", "review_date"):
        try:
            days[name] = parse_date(content.get(name))
        except ValueError:
            faults[name] = _("日期应写作 2026-10-31 的形式。")
            days[name] = None
    kind = content.get("kind")
    if kind in (DATED, RECURRING, THEN_CONTINUING) and not days["due_date"]:
        faults.setdefault("due_date", _("请填写完成时限。"))
    if kind in (CONTINUING, THEN_CONTINUING, EVENT) and not days["review_date"] and not days["due_date"]:
        faults.setdefault("review_date", _("请填写复核日期。"))
    if days["start_date"] and days["due_date"] and days["due_date"] < days["start_date"]:
        words = {"start": days["start_date"]}
        faults["due_date"] = _("完成时限早于计划起始日期（%(start)s），请核对。") % words
    if kind == RECURRING and not is_report and not content.get("milestones"):
        faults.setdefault("kind", _("周期性任务没有排出期次，请检查时限规则。"))
    return faults


def open_units(units: Iterable[Mapping[str, Any]]) -> list[str]:
    """Printed names that stand for no organisation yet."""
    return [str(unit["name"]) for unit in units if not unit["organisations"]]


def doubts_of(draft: DraftTask) -> list[str]:
    """What the reviewer should look at, in words; empty for a draft that is clear or was confirmed."""
    if draft.confirmed_at is not None:
        return []
    carried = bool(draft.content.get("carried_by"))
    found = [
        str(doubt["text"])
        for doubt in draft.content.get("doubts", ())
        if not (carried and doubt["code"] in ("no_unit", "no_lead"))
    ]
    found += [
        _("对应的正文任务请核对：%(reason)s") % {"reason": one["reason"]}
        for one in draft.content.get("serves", ())
        if not one["sure"]
    ]
    if draft.content.get("no_deadline") and not any("完成时限" in text for text in found):
        found.append(_("原文没有写明完成时限，暂按计划截止日期"))
    found += [f"{unit['name']}：{unit['reason']}" for unit in draft.units if not unit["sure"]]
    if not carried and not any(unit["role"] == "lead" for unit in draft.units):
        found.append(_("没有找到责任单位"))
    if float(draft.content.get("confidence") or 0) < 0.6 and not found:
        found.append(_("解析把握不大，请对照原文"))
    return found


def units_from(
    names: Sequence[str], role: str, existing: Sequence[Mapping[str, Any]], matcher: Matcher
) -> list[dict[str, Any]]:
    """The units of a role as a reviewer typed their names: those that stood before keep what they stand for."""
    before = {str(unit["name"]): dict(unit) for unit in existing if unit["organisations"]}
    found = []
    for name in dict.fromkeys(names):
        known = before.get(name)
        found.append({**known, "role": role} if known else _unit(matcher.match(name), role))
    return found


def split_names(text: str) -> list[str]:
    """Names as typed, separated by 、，；, a comma, a semicolon or a new line."""
    for mark in "，；,;\n":
        text = text.replace(mark, "、")
    return [name.strip() for name in text.split("、") if name.strip()]


def title_of(text: str) -> str:
    """The first clause of a text, at most 60 characters, for lists."""
    head = text.strip().splitlines()[0]
    for mark in "。；：":
        cut = head.find(mark)
        if 6 <= cut <= 60:
            return head[:cut]
    return head if len(head) <= 60 else head[:59] + "…"
