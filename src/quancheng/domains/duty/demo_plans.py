"""The demo district's plans among each other: parents, copy recipients, and what enterprises plan themselves."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Protocol

from quancheng.domains.duty.models import OutsideReceipt, OwnPlan, Plan, Task
from quancheng.domains.duty.services import own_plans, parents, receipts
from quancheng.domains.duty.services.own_plans import CallSpec, ItemSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation

#: Which tasks of the scheme carry out which of the key points, by words of their titles.
_CARRIED = (
    ("危险货物运输车辆动态监控", "运输环节"),
    ("危险废物规范化", "废弃处置环节"),
    ("油气储存企业视频监控", "储存环节"),
)
_TOPICS = ["健全全员安全生产责任制", "重大事故隐患排查整治", "本质安全改造", "从业人员培训"]


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    enterprises: list[Organisation]


class Cast(Protocol):
    """Who acts, and the papers they hold."""

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID: ...

    def of_user(self, username: str) -> Actor: ...

    def worker_of(self, organisation_id: uuid.UUID) -> Actor | None: ...


def load(district: District, cast: Cast, *, upper: Plan, lower: Plan) -> None:
    """Three parents of the scheme with some tasks carried out; receipts outside the house; five enterprises' plans."""
    office, now = cast.of_user("office"), district.now
    at = lower.imported_at + timedelta(days=1)
    parents.link_parent(actor=office, plan=lower, parent=upper, now=at)
    year = at.year
    for title, number, issuer in (
        ("全市危险化学品安全风险集中治理方案", f"临安办〔{year}〕2号", "临澜市安全生产委员会办公室"),
        ("青岚区安全生产治本攻坚三年行动方案", f"青政办发〔{year - 1}〕16号", "青岚区人民政府办公室"),
    ):
        parents.cite_parent(actor=office, plan=lower, title=title, number=number, issuer=issuer, now=at)
    for theirs, ours in _CARRIED:
        above = Task.objects.filter(plan=upper, text__contains=theirs).first()
        below = list(Task.objects.filter(plan=lower, text__contains=ours))
        if above is not None and below:
            parents.carry_out(actor=office, plan=lower, parent=above, children=below, now=at)
    for receipt in list(OutsideReceipt.objects.filter(plan=lower).order_by("name"))[:2]:
        receipts.register_receipt(
            actor=office, receipt=receipt, received_by="机要收发", received_date=at.date(), now=at
        )
    _own_plans(district, cast, office, now)


def _own_plans(district: District, cast: Cast, office: Actor, now: datetime) -> None:
    """One accepted, one waiting, one returned, one incomplete draft, one not begun; the last two are late."""
    asked = now - timedelta(days=80)
    spec = CallSpec(
        title="企业安全生产治本攻坚三年行动计划", topics=_TOPICS, period_from=date(asked.year, 1, 1),
        period_to=date(asked.year + 2, 12, 31), due_date=(now - timedelta(days=20)).date(),
        orgs=district.enterprises[:5], text="经主要负责人签字，明确任务、措施、责任人和完成时间。",
    )  # fmt: skip
    call = own_plans.call_for_plans(actor=office, spec=spec, now=asked)
    for number, org in enumerate(district.enterprises[:4]):
        who = cast.worker_of(org.pk)
        if who is None:
            continue
        plan = OwnPlan.objects.select_related("call").get(call=call, org=org)
        at = now - timedelta(days=40 - number)
        own_plans.save_items(
            actor=who, plan=plan, items=_items(call.period_from.year, whole=number < 3), version=1, now=at
        )
        if number < 3:
            own_plans.submit_plan(actor=who, plan=plan, evidence=[cast.paper_of(who, at)], now=at)
        if number in (0, 2):
            name, reason = ("accept", "") if number == 0 else ("return", "改造任务没有分年度的措施，请补充。")
            own_plans.judge_plan(actor=office, plan=plan, name=name, reason=reason, now=at + timedelta(days=3))


def _items(year: int, *, whole: bool) -> list[ItemSpec]:
    texts = (
        ("修订全员安全生产责任制并逐岗签订责任书", "按岗位列出职责，年度考核挂钩", "总经理"),
        ("每月由主要负责人带队排查重大事故隐患", "建立台账，整改销号", "总经理"),
        ("完成储罐区紧急切断和气体检测改造", "委托有资质单位设计施工，分期验收", "设备部经理"),
        ("全员安全培训每年不少于24学时", "分岗位编制培训计划并考核", "安全总监"),
    )
    kept = texts if whole else texts[:2]
    return [
        ItemSpec(task, topic, measure, person if whole else "", date(year + place % 3, 12, 31))
        for place, (topic, (task, measure, person)) in enumerate(zip(_TOPICS, kept, strict=False))
    ]
