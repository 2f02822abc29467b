"""The demo district's town: key points in two parts with their annexed charts, in progress; a campaign in rounds."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from quancheng.domains.duty.drafts import doubts_of
from quancheng.domains.duty.models import Assignment, Campaign, Plan, Receipt
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services import campaigns, linking, review, tasks, work
from quancheng.domains.duty.services.campaigns import CampaignSpec
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.services.receipts import receive
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation, User


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    organisations: dict[str, Organisation]
    villages: list[Organisation]
    users: dict[str, User]


class Cast(Protocol):
    """Who acts, and the papers they hold."""

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID: ...

    def of_user(self, username: str) -> Actor: ...

    def worker_of(self, organisation_id: uuid.UUID) -> Actor | None: ...


def load(district: District, cast: Cast) -> None:
    """The town's plan of the year, issued some months ago: most on time, one row late, a key period, a campaign."""
    head, officer = cast.of_user("town.head"), cast.of_user("town")
    then = district.now - timedelta(days=120)
    text = town_points(then.date(), town=district.organisations["TOWN"].name, person=officer.name, official=head.name)
    plan = review.register_plan(
        actor=head,
        lines=text.split("\n"),
        parsed=parse_plan(text).to_json(),
        source_name="镇安全生产工作要点.txt",
        source_sha256=sha256(text.encode()).hexdigest(),
        kind="key_points",
        now=then,
    )
    _review(head, plan, then)
    commit_plan(actor=head, plan=plan, now=then + timedelta(hours=3))
    for receipt in Receipt.objects.filter(plan=plan).select_related("plan").order_by("org__pinyin"):
        who = cast.worker_of(receipt.org_id)
        if who is not None:
            receive(actor=who, receipt=receipt, now=then + timedelta(hours=20))
    _work(district, cast, plan)
    _campaign(district, cast, plan)


def _review(head: Actor, plan: Plan, then: datetime) -> None:
    """Review as the town did: what the charts divide is split by sentence, the rest confirmed as read."""
    for draft in plan.drafts.order_by("order"):
        draft.refresh_from_db()
        if not draft.content.get("row") and len(draft.content.get("carried_by", ())) > 1:
            linking.split_sentences(actor=head, draft=draft, version=draft.version, now=then + timedelta(hours=1))
    linking.lead_rest(actor=head, plan=plan, names=plan.owner_org.name, now=then + timedelta(hours=1))
    doubtful = [draft for draft in plan.drafts.filter(dropped=False).order_by("order") if doubts_of(draft)]
    linking.confirm_many(actor=head, drafts=doubtful, now=then + timedelta(hours=2))


def _work(district: District, cast: Cast, plan: Plan) -> None:
    """Every third is done, every third half way, the rest just begun; a key period began last week."""
    head, officer = cast.of_user("town.head"), cast.of_user("town")
    rows = Assignment.objects.filter(task__plan=plan).select_related("task", "org").order_by("task__order")
    for number, assignment in enumerate(rows):
        begin = plan.imported_at + timedelta(days=2)
        work.accept(actor=officer, assignment=assignment, now=begin)
        task = assignment.task
        measured = task.targets.exists() or assignment.instalments.exists() or assignment.status == "CONTINUING"
        if task.kind == "event":
            today = district.now.date()
            days = {"first": today - timedelta(days=6), "last": today + timedelta(days=3)}
            window = tasks.Window(label="高温时段", **days)
            tasks.open_window(actor=head, task=task, window=window, now=district.now - timedelta(days=7))
            continue
        if number % 3 == 0 and not measured:
            proof = [cast.paper_of(officer, begin)]
            done = ProgressSpec(percent=100, text="已完成，资料已归档。", evidence=proof)
            at = begin + timedelta(days=60)
            work.report_progress(actor=officer, assignment=assignment, spec=done, submit=True, now=at)
            work.verify(actor=head, assignment=assignment, opinion="同意办结。", now=at + timedelta(days=1))
            tasks.complete_if_closed(task=task, now=at + timedelta(days=1))
        elif number % 3 == 1:
            figures = {str(one.pk): str(round(float(one.value) * 0.6)) for one in task.targets.all()}
            half = ProgressSpec(percent=70, text="已过半，正在推进剩余点位。", figures=figures)
            at = district.now - timedelta(days=5)
            work.report_progress(actor=officer, assignment=assignment, spec=half, now=at)


def _campaign(district: District, cast: Cast, plan: Plan) -> None:
    """The campaign of two rounds that the chart orders: the first round answered by every village, the second open."""
    head, now = cast.of_user("town.head"), district.now
    campaign = Campaign.objects.filter(plan=plan, rounds=2).order_by("code").first()
    if campaign is None:
        return
    spec = CampaignSpec(
        title=campaign.title, leader=campaign.leader, target=campaign.target, text=campaign.text,
        period_from=campaign.period_from, period_to=campaign.period_to, orgs=district.villages[:3], rounds=2,
        items=["零售点是否持证经营", "是否存在超量储存", "是否落实专人看管"],
    )  # fmt: skip
    at = now - timedelta(days=80)
    campaigns.revise_campaign(actor=head, campaign=campaign, spec=spec, version=campaign.version, now=at)
    campaigns.start_campaign(actor=head, campaign=campaign, now=at)
    items = list(campaign.items.order_by("order"))
    for unit in campaign.units.order_by("org__pinyin"):
        who = cast.worker_of(unit.org_id)
        if who is None:
            continue
        day = at + timedelta(days=20)
        campaigns.answer_checklist(
            actor=who, unit=unit, answers={item.pk: ("yes", "") for item in items},
            evidence=[cast.paper_of(who, day)], now=day,
        )  # fmt: skip
        campaigns.judge_unit(actor=head, unit=unit, name="accept", reason="", now=day + timedelta(days=2))
    campaigns.open_round(actor=head, campaign=campaign, now=now - timedelta(days=10))


def town_points(issued: date, *, town: str, person: str, official: str) -> str:
    """The town's key points with two parts and two charts; the rows name the town's officer and its head."""
    year = issued.year
    name = town.removesuffix("人民政府")
    heads = "序号\t重点任务（一级）\t重点任务（二级）\t工作措施\t责任人\t分管领导"
    trade = [
        f"1\t健全责任体系\t1落实部门监管责任\t1.每季度召开1次工贸安全联席会议。\t{person}\t{official}",
        f"\t\t\t2将三个责任人履职情况纳入执法检查范围。\t{person}\t",
        f"\t\t2..落实企业主体责任\t1.评估主要负责人履职情况。2推行“总工程师”制度。\t{person}\t",
        f"2\t夯实基础建设\t1.小微企业互助\t1.协助组建小微企业安全互助小组。\t{person}\t{official}",
        f"\t\t2宣教培训\t1.完成警示教育片宣传。2.完成监管人员业务培训。\t{person}\t",
    ]
    chemicals = [
        f"1\t压实各方责任\t1.压实属地监管责任\t1.实行“实名制”监管并公布责任人。2.重点时段每日掌握情况、每周协调调度。"
        f"\t{person}\t{official}",
        f"2\t提升执法水平\t1加大执法力度\t1.信息录入率、线上执法率均达到100%。2.落实吹哨人奖励制度。\t{person}\t{official}",
        f"3\t开展专项整治\t\t1.开展烟花爆竹零售点专项检查2次。2.开展带病运行装置专项排查。\t{person}\t{official}",
    ]
    return "\n".join(
        [
            town,
            f"关于印发《{name}{year}年安全生产重点行业领域工作要点》的通知",
            "",
            f"柳溪府发〔{year}〕16号",
            "",
            "各村（社区）：",
            f"现将《{name}{year}年安全生产重点行业领域工作要点》印发给你们，请认真贯彻执行。",
            "",
            town,
            f"{year}年{issued.month}月{issued.day}日",
            "（此件公开发布）",
            "",
            f"{name}{year}年工贸行业安全监管工作要点",
            "",
            "一、总体思路",
            "以大排查、大整改为主线，同步推进责任体系和基础建设，把风险消除在萌芽状态。",
            "二、工作目标",
            "工贸行业“零死亡”。规模以上企业标准化达标率不低于80%。",
            "三、重点工作",
            "（一）健全责任体系",
            "1.落实部门监管责任。每季度召开1次工贸安全联席会议。将三个责任人履职情况纳入执法检查范围。",
            "2.落实企业主体责任。开展主要负责人履职评估。推行“总工程师”制度。",
            "（二）夯实基础建设",
            "1.建立小微企业互助机制。协助组建小微企业安全互助小组。",
            "2.强化宣教培训。组织企业观看警示教育片。组织监管人员参加业务培训。",
            "",
            f"附件：{name}{year}年工贸行业安全监管挂图作战责任表",
            heads,
            *trade,
            "",
            f"{name}{year}年危险化学品和烟花爆竹安全监管工作要点",
            "",
            "一、工作目标",
            "危险化学品和烟花爆竹领域不发生生产安全事故。",
            "二、总体思路",
            "坚持从根本上消除隐患，推动由事故处置向风险预防转变。",
            "三、重点工作",
            "（一）压实各方责任",
            "1.压实属地监管责任。实行“实名制”监管，及时公布监管责任人。重点时段每日掌握情况、每周协调调度。",
            "（二）提升执法水平",
            "1.加大执法力度。信息录入率、线上执法率均达到100%。落实吹哨人奖励制度。",
            "（三）开展专项整治。开展2次烟花爆竹零售点专项检查。排查治理带病运行装置。",
            "",
            f"附件：{name}{year}年危险化学品和烟花爆竹安全监管挂图作战责任表",
            heads,
            *chemicals,
            "",
        ]
    )
