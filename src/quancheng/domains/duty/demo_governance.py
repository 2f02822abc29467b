"""The demo district's meetings, campaign, problem list and records of governance, played through the services."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from quancheng.domains.duty.models import Meeting, Problem, Task
from quancheng.domains.duty.services import campaigns, governance, meetings, problems
from quancheng.domains.duty.services.work import accept
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    organisations: dict[str, Organisation]
    towns: list[Organisation]
    enterprises: list[Organisation]


class Cast(Protocol):
    """Who acts, and the papers they hold."""

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID: ...

    def of_user(self, username: str) -> Actor: ...

    def worker_of(self, organisation_id: uuid.UUID) -> Actor | None: ...


def load(district: District, cast: Cast) -> None:
    """Two meetings held and one planned, one campaign under way, five problems, lists with two missing, a veto."""
    _meetings(district, cast)
    _campaign(district, cast)
    _problems(district, cast)
    _records(district, cast)


def _orgs(district: District, *codes: str) -> list[Organisation]:
    return [district.organisations[code] for code in codes]


def _meetings(district: District, cast: Cast) -> None:
    office, now = cast.of_user("office"), district.now
    invited = [*_orgs(district, "EMB", "PSB", "TRB", "MSB", "EEB"), *district.towns[:4]]
    series = meetings.found_series(
        actor=office, title="危险化学品安全调度会", kind="dispatch", frequency="quarterly",
        themes=["开门红", "夯基础", "促攻坚", "保目标"], orgs=invited, now=now - timedelta(days=200),
    )  # fmt: skip
    joint = meetings.MeetingSpec(
        title="危险化学品联席会议", kind="joint", due_date=(now - timedelta(days=95)).date(), orgs=invited,
        place="区应急指挥中心三楼会议室",
    )  # fmt: skip
    first = meetings.plan_meeting(actor=office, spec=joint, now=now - timedelta(days=110))
    _hold(district, cast, first, now - timedelta(days=96), "对油气储存企业开展联合检查，建立问题清单。", ["EMB"])
    for receipt in first.receipts.all():
        who = cast.worker_of(receipt.org_id)
        if who is not None:
            meetings.receive_minutes(actor=who, receipt=receipt, now=now - timedelta(days=93))
    for task in Task.objects.filter(origin="meeting", origin_id=first.pk):
        for assignment in task.assignments.all():
            who = cast.worker_of(assignment.org_id)
            if who is not None:
                accept(actor=who, assignment=assignment, now=now - timedelta(days=92))
    meetings.end(actor=office, meeting=first, name="close", now=now - timedelta(days=88))
    urgent = meetings.MeetingSpec(
        title="高温雷电天气危险化学品安全研判会", kind="adhoc", trigger="气象部门发布高温、雷电预警",
        due_date=(now - timedelta(days=8)).date(), orgs=invited[:6],
    )  # fmt: skip
    second = meetings.plan_meeting(actor=office, spec=urgent, now=now - timedelta(days=9))
    _hold(district, cast, second, now - timedelta(days=8), "加密巡查装卸作业，落实防雷防静电措施。", ["EMB", "TRB"])
    for receipt in list(second.receipts.all())[:3]:
        who = cast.worker_of(receipt.org_id)
        if who is not None:
            meetings.receive_minutes(actor=who, receipt=receipt, now=now - timedelta(days=6))
    meetings.plan_year(actor=office, series=series, year=now.year, now=now)


def _hold(district: District, cast: Cast, meeting: Meeting, at: datetime, decision: str, leads: list[str]) -> None:
    """Hold, minute and circulate a meeting as the office did then: most came, one sent a substitute, one was away."""
    given: dict[str, Any] = {"actor": cast.of_user("office"), "meeting": meeting}
    place = meeting.place or "区应急指挥中心"
    meetings.hold(**given, held_at=at, place=place, chair="甄明远", now=at + timedelta(hours=2))
    entries = {one.pk: ("present", "") for one in meeting.attendees.order_by("org__pinyin")}
    away, sent = list(entries)[:2]
    entries |= {away: ("leave", ""), sent: ("substitute", "纪若谷")}
    meetings.record_attendance(**given, entries=entries, now=at + timedelta(hours=3))
    due = (district.now + timedelta(days=25)).date()
    meetings.decide(**given, text=decision, leads=_orgs(district, *leads), due_date=due, now=at + timedelta(hours=3))
    minutes = "会议通报了任务进展，研究了超期任务和突出问题，对下一步工作作出部署。"
    meetings.write_minutes(**given, minutes=minutes, now=at + timedelta(hours=20))
    meetings.circulate(**given, now=at + timedelta(hours=22))


def _campaign(district: District, cast: Cast) -> None:
    """A campaign of which three units in five have answered; one of them found something."""
    office, now = cast.of_user("office"), district.now
    spec = campaigns.CampaignSpec(
        title="涉危场所“两防”专项行动", leader="甄明远", target="排查覆盖率 100%，全年零事故",
        period_from=(now - timedelta(days=40)).date(), period_to=(now + timedelta(days=20)).date(),
        orgs=district.enterprises[:5],
        items=["防火防爆设施是否完好", "关键岗位人员是否在岗", "重大危险源包保责任人是否履职", "应急物资是否配齐"],
        text="对储存、使用危险化学品的重点单位逐户排查。",
    )  # fmt: skip
    campaign = campaigns.prepare_campaign(actor=office, spec=spec, now=now - timedelta(days=44))
    campaigns.start_campaign(actor=office, campaign=campaign, now=now - timedelta(days=40))
    items = list(campaign.items.order_by("order"))
    for number, unit in enumerate(campaign.units.order_by("org__pinyin")[:3]):
        who = cast.worker_of(unit.org_id)
        if who is None:
            continue
        at = now - timedelta(days=20 - 5 * number)
        answers = {item.pk: ("yes", "") for item in items}
        if number == 0:
            answers[items[-1].pk] = ("no", "防化服数量不足，缺少两套。")
        evidence = [cast.paper_of(who, at)]
        campaigns.answer_checklist(actor=who, unit=unit, answers=answers, evidence=evidence, now=at)
        if number < 2:
            campaigns.judge_unit(
                actor=office, unit=unit, name="accept", reason="", now=min(at + timedelta(days=2), now)
            )


def _problems(district: District, cast: Cast) -> None:
    """Four problems besides the campaign's: just listed, in rectification, verified, closed."""
    office, now = cast.of_user("office"), district.now
    texts = (
        ("储罐区可燃气体报警器未接入控制系统", "三处报警器未接入，联锁未投用。"),
        ("危险货物运输车辆动态监控未全程在线", "两台车辆夜间离线，未及时处理。"),
        ("液氯间泄漏吸收装置未定期试验", "装置半年未做联动试验。"),
        ("装卸区消防通道堆放杂物", "通道宽度不足四米。"),
    )
    for number, (title, text) in enumerate(texts):
        at = now - timedelta(days=60)
        spec = problems.ProblemSpec(
            title=title, text=text, unit=district.enterprises[number], source="联合检查", found_date=at.date(),
            industry="transport" if number == 1 else "chemicals",
        )  # fmt: skip
        problem = problems.report_problem(actor=office, spec=spec, now=at)
        _carry(district, cast, problem, steps=(1, 4, 7, 11)[number], at=at)


def _carry(district: District, cast: Cast, problem: Problem, *, steps: int, at: datetime) -> None:
    """Take a problem so many steps along its sections."""
    office = cast.of_user("office")
    who = cast.worker_of(problem.unit_id)
    given: dict[str, Any] = {"problem": problem, "now": at + timedelta(days=2)}
    due = (district.now + timedelta(days=15)).date()
    if steps >= 1:
        problems.enlist(actor=office, **given)
    if steps >= 4:
        problems.write_section(actor=office, **given, name="state_cause", text="点检制度执行不到位，责任未落到人。")
        problems.write_section(actor=office, **given, name="plan_measure", text="限期整改，组织联动试验并留存记录。")
        problems.assign_problem(actor=office, **given, org=problem.unit, due_date=due)
    if steps >= 7 and who is not None:
        given["now"] = at + timedelta(days=20)
        evidence = [cast.paper_of(who, at)]
        problems.rectify(actor=who, **given, result="已完成整改，记录已上传。", evidence=evidence)
        problems.verify_problem(actor=office, **given, accept=True, reason="现场核实。")
    if steps >= 11 and problem.status == "VERIFIED":
        given["now"] = at + timedelta(days=30)
        problems.compare(actor=office, **given, text="已对同类单位排查，未发现同类问题。", units=[])
        problems.write_section(actor=office, **given, name="root", text="纳入企业每日巡查清单和月度检查内容。")
        problems.write_section(actor=office, **given, name="analyse", text="现场管理薄弱是主因，列入下季度检查重点。")
        problems.end_problem(actor=office, **given, name="close")


def _records(district: District, cast: Cast) -> None:
    """Lists of every department and town but two units; support, study, a rule, a veto of last year."""
    office, now = cast.of_user("office"), district.now
    units = [org for org in district.organisations.values() if org.kind == "department"] + district.towns
    units.sort(key=lambda org: org.pinyin)
    for org in units[:-2]:
        who = cast.worker_of(org.pk)
        if who is None:
            continue
        for kind, entries in (
            ("duties", ["按职责监督管理本行业领域危险化学品安全", "组织开展专项检查和问题整改"]),
            ("tasks", ["制定年度工作计划", "每季度开展一次专项检查", "按月报送工作进展"]),
        ):
            governance.file_duty_list(
                actor=who, year=now.year, kind=kind, entries=entries, now=now - timedelta(days=150)
            )
    governance.record_support(
        actor=office, org=district.enterprises[0], kind="funds", title="气体检测和紧急切断改造补助",
        amount=Decimal(300_000), given_date=(now - timedelta(days=70)).date(), text="", now=now - timedelta(days=69),
    )  # fmt: skip
    emergency = cast.of_user("emb")
    at = now - timedelta(days=35)
    governance.record_study(
        actor=emergency, topic="安全生产重要论述专题学习", held_date=at.date(), attendees="机关全体干部",
        material="学习读本", text="结合典型事故案例开展讨论。", evidence=[cast.paper_of(emergency, at)], now=at,
    )  # fmt: skip
    task = Task.objects.filter(origin="plan", status="DONE").order_by("code").first()
    if task is not None:
        governance.record_rule(
            actor=office, title="危险化学品联席会议制度", number="", text="每季度召开一次，议定事项纳入督办。",
            in_force_from=(now - timedelta(days=90)).date(), task=task, now=now - timedelta(days=88),
        )  # fmt: skip
    governance.veto(
        actor=office, org=district.towns[-1], event_date=(now - timedelta(days=75)).date(),
        reason="辖区发生一起一般生产安全事故，经调查认定负有责任（演示数据）。", now=now - timedelta(days=50),
    )  # fmt: skip
