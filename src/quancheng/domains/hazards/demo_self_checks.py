"""The demo's checks led by main persons, signed statistics, yearly assessments and building: rows in every state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from quancheng.domains.hazards.models import (
    AnswerCode,
    Matter,
    PaperKind,
    SelfCheck,
    SiteAssessment,
    StatisticsReport,
)
from quancheng.domains.hazards.queries import self_checks as check_queries
from quancheng.domains.hazards.queries import signed_statistics as statistics_queries
from quancheng.domains.hazards.services import building, self_checks, signed_statistics, site_assessments
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.services import generate_rule
from quancheng.standards.risk.running_assessment import elements

#: Days ago from which checks and statistics are owed.
_CHECKS_SINCE, _STATISTICS_SINCE = 80, 150
#: Criteria that the demo's main persons go through.
_CRITERIA = 12
#: Points that firms of the demo do not get, with the reason.
_LESS: Mapping[str, tuple[str, str]] = {
    "B3": ("3", "抽问两名班组长，一名答不全"), "B11": ("11.5", "抽查20条记录，3条未按时"),
    "B13": ("26", "移动端离线补传偏多"), "B14": ("4", "近一季度未见兑现记录"), "B16": ("2", ""),
}  # fmt: skip


def load(desk: Desk) -> None:
    """After all dangers and records, whose numbers the statistics take."""
    firms = {
        number: file
        for number, organisation in enumerate(desk.district.enterprises, start=1)
        if (file := Enterprise.objects.filter(pk=organisation.pk).first()) is not None
    }
    _checks(desk, firms)
    _mechanisms(desk, firms)
    _statistics(desk, firms)
    _assessments(desk, firms)
    _building(desk, firms)


def _owe(desk: Desk, generator: str, days: Sequence[int]) -> None:
    """What the schedule would have made by then."""
    rules = RecurringRule.objects.filter(generator=generator).order_by("code")
    for back in days:
        for key in rules.values_list("pk", flat=True):
            generate_rule(rule_id=key, now=desk.ago(back))


def _checks(desk: Desk, firms: Mapping[int, Enterprise]) -> None:
    """The first leads his checks himself, the second sends his safety officer, the third is late once, the fourth
    owes last month's."""
    self_checks.keep_rhythm(now=desk.ago(_CHECKS_SINCE))
    _owe(desk, self_checks.GENERATOR, (_CHECKS_SINCE, 60, 30, 0))
    for number in (1, 2, 3, 4):
        if number not in firms:
            continue
        head, safety = desk.actor(f"enterprise{number}.head"), desk.actor(f"enterprise{number}")
        rows = list(SelfCheck.objects.filter(file=firms[number]).select_related("file").order_by("last_date"))
        for place, row in enumerate(rows):
            is_running = row.last_date >= desk.today
            if number == 4 and place == len(rows) - 2:
                continue
            if number == 2 and safety.user_id is not None:
                self_checks.depute(actor=head, row=row, person_id=safety.user_id, reason="赴省里参加培训",
                                   now=_at(desk, row.first_date))  # fmt: skip
            if is_running and number != 1:
                continue
            day = desk.date_in(-1) if number == 3 and place == 0 else min(row.last_date, desk.today)
            _record(desk, safety if number == 2 else head, row, day)


def _record(desk: Desk, who: Actor, row: SelfCheck, day: date) -> None:
    clauses = check_queries.criteria_for(row.file, on=day)[:_CRITERIA]
    found = list(check_queries.findings_for(row).filter(is_major=True)[:1])
    answers = {one.place: (int(AnswerCode.CONFORMS), "") for one in clauses}
    if found and found[0].criterion in answers:
        answers[found[0].criterion] = (int(AnswerCode.FAILS), found[0].name[:300])
    spec = self_checks.SelfCheckSpec(
        checked=day, signed=who.name, answers=answers, places="罐区、装卸区、控制室",
        note="带队逐条对照，查看了现场和记录。",
        none_found=not found, findings=[one.pk for one in found],
    )  # fmt: skip
    self_checks.record_self_check(actor=who, row=row, spec=spec, now=_at(desk, day))


def _mechanisms(desk: Desk, firms: Mapping[int, Enterprise]) -> None:
    """The first two confirmed both matters, the third one of them."""
    titles = {Matter.SELF_CHECK: "重大事故隐患自查自改管理制度", Matter.POSTS: "全员安全生产责任制"}
    for number in (1, 2, 3):
        for matter, title in titles.items():
            if number in firms and not (number == 3 and matter == Matter.POSTS):
                who, at = desk.actor(f"enterprise{number}"), desk.ago(120 - number)
                self_checks.confirm_mechanism(
                    actor=who, file=firms[number], matter=matter, title=title, issued=desk.date_in(-200),
                    text="班组日查、部门周查、主要负责人月查，当日上报，限期整改。", now=at,
                    files=[desk.paper(who, title, at)],
                )  # fmt: skip


def _statistics(desk: Desk, firms: Mapping[int, Enterprise]) -> None:
    """Taken in, waiting, returned, signed late with a correction; of the others nothing came."""
    signed_statistics.keep_reports(now=desk.ago(_STATISTICS_SINCE))
    _owe(desk, signed_statistics.GENERATOR, (_STATISTICS_SINCE, 60, 0))
    for number in (1, 2, 3, 4):
        if number not in firms:
            continue
        head, office = desk.actor(f"enterprise{number}.head"), desk.verifier(firms[number])
        for row in StatisticsReport.objects.filter(file=firms[number], status="DUE").order_by("due_date"):
            if row.due_date >= desk.today and number != 1:
                continue
            at = _at(desk, desk.today if number == 4 else min(row.due_date, desk.today))
            figures = statistics_queries.propose(row.file_id, row.first_date, row.last_date)
            reasons = {}
            if number == 4:
                figures["cost_yuan"] += Decimal("3600.00")
                reasons["cost_yuan"] = "两张发票在财务，尚未录入系统"
            signed_statistics.sign_report(actor=head, row=row, figures=figures, reasons=reasons, signed=head.name,
                                          note="", now=at)  # fmt: skip
            if office is not None and number == 1:
                signed_statistics.accept_report(actor=office, row=row, now=at)
            if office is not None and number == 3:
                text = "治理资金与台账不符，请核对后重新报送。"
                signed_statistics.return_report(actor=office, row=row, reason=text, now=at)


def _assessments(desk: Desk, firms: Mapping[int, Enterprise]) -> None:
    """Of firms of the emergency bureau: assessed this year and the last, waiting to be confirmed, on site, by itself,
    dropped."""
    office, chief = desk.actor("emb"), desk.actor("emb.head")
    mine = [number for number, file in firms.items() if file.supervisor_id == office.organisation_id][:5]
    for number, until in zip(mine, ("done", "review", "site", "self", "dropped"), strict=False):
        for year in (desk.today.year - 1, desk.today.year) if until == "done" else (desk.today.year,):
            row = site_assessments.open_assessment(actor=office, file=firms[number], year=year, now=desk.ago(50))
            _play(desk, row, until, office, chief, desk.actor(f"enterprise{number}"))


def _play(desk: Desk, row: SiteAssessment, until: str, office: Actor, chief: Actor, own: Actor) -> None:
    if until == "dropped":
        site_assessments.act(actor=office, row=row, name="drop", reason="企业停产检修，改为下月评估", now=desk.ago(48))
    if until in ("self", "dropped"):
        return
    full = {one.code: site_assessments.Points(Decimal(one.full)) for one in elements(row.template)}
    site_assessments.submit_self(actor=own, row=row, points=full, now=desk.ago(40))
    if until == "site":
        return
    less = {code: site_assessments.Points(Decimal(points), reason) for code, (points, reason) in _LESS.items()}
    visit = site_assessments.Visit(desk.date_in(-20), "示例评估组三人", "总体运行较好，培训和任务按时率需加强。")
    site_assessments.submit_site(actor=office, row=row, points={**full, **less}, visit=visit, now=desk.ago(20))
    if until == "done":
        site_assessments.act(actor=chief, row=row, name="confirm", reason="", now=desk.ago(15))


def _building(desk: Desk, firms: Mapping[int, Enterprise]) -> None:
    """The first uploaded every paper and asks to be accepted where its facts allow it, the second half of them."""
    for number, kinds in ((1, list(PaperKind)), (2, [PaperKind.LEADERS, PaperKind.RULE_RISK, PaperKind.TRAINING])):
        if number not in firms:
            continue
        who, at = desk.actor(f"enterprise{number}"), desk.ago(90)
        for kind in kinds:
            title = str(kind.label)
            building.add_paper(
                actor=who, file=firms[number], kind=kind, title=title, dated=desk.date_in(-95), text="", headed=True,
                files=[desk.paper(who, title, at)], now=at,
            )  # fmt: skip
    if 1 in firms:
        try:
            building.ask_acceptance(
                actor=desk.actor("enterprise1"), file=firms[1], text="试运行两个月，任务完成率98%。", now=desk.ago(2)
            )
        except DomainError:
            return  # a step is not done yet: its page says which


def _at(desk: Desk, day: date) -> datetime:
    """Noon of a day that is past, or now."""
    return desk.ago(max(0, (desk.today - day).days), hour=4)
