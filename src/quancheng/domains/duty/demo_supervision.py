"""The demo district's leading group with its office, its work group, and the supervision visits that they made."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Protocol

from quancheng.domains.duty.models import Campaign
from quancheng.domains.duty.services import visits
from quancheng.domains.duty.services.visits import GroupSpec, VisitSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    organisations: dict[str, Organisation]
    towns: list[Organisation]


class Cast(Protocol):
    """Who acts, and the papers they hold."""

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID: ...

    def of_user(self, username: str) -> Actor: ...


def load(district: District, cast: Cast) -> None:
    """Two groups; one visit closed, one whose findings wait, a secret one, and one planned."""
    office, now = cast.of_user("office"), district.now
    org = district.organisations
    at = now - timedelta(days=300)
    leading = visits.found_group(
        actor=office,
        spec=GroupSpec(
            "危险化学品安全工作领导小组", "leading", org["EMB"], at.date(), section="危化科",
            duties="统筹部署危险化学品安全工作，研究解决重大问题，督促成员单位履职。",
        ),
        now=at,
    )  # fmt: skip
    people = (
        ("1head", "GOV", "甄明远", "副区长"), ("2deputy", "EMB", "纪守正", "局长"), ("3member", "PSB", "", ""),
        ("3member", "TRB", "", ""), ("3member", "EEB", "", ""), ("3member", "MSB", "", ""),
        ("3member", "FIRE", "", ""),
    )  # fmt: skip
    for role, code, name, post in people:
        visits.name_member(actor=office, group=leading, role=role, org=org[code], name=name, post=post, now=at)
    at = now - timedelta(days=40)
    campaign = Campaign.objects.order_by("code").first()
    team = visits.found_group(
        actor=office, spec=GroupSpec("第一督导组", "work", org["SCO"], at.date(), campaign=campaign), now=at
    )
    for role, code, name, post in (("1head", "SCO", "冉思齐", "督导组长"), ("3member", "EMB", "边若谷", "科员")):
        visits.name_member(actor=office, group=team, role=role, org=org[code], name=name, post=post, now=at)
    plans = (
        (district.towns[2], "重大隐患整改推进情况", "open", 25, ("整改台账未按月更新", "两处隐患整改超期")),
        (org["EDU"], "学校实验室专项治理推进情况", "open", 6, ("摸底名册缺三所学校", "废液暂存间无标识")),
        (district.towns[5], "夜间装卸作业管控", "secret", 12, ()),
    )
    for unit, subject, kind, days, findings in plans:
        at = now - timedelta(days=days)
        spec = VisitSpec(unit, subject, at.date(), kind=kind, reason="任务推进迟缓", group=team)
        visit = visits.plan_visit(actor=office, spec=spec, now=at - timedelta(days=2))
        visits.record_visit(
            actor=office, visit=visit, visited_date=at.date(), inspectors="冉思齐、边若谷",
            text="查阅台账，抽查现场，与负责人座谈。", findings=findings, evidence=[cast.paper_of(office, at)], now=at,
        )  # fmt: skip
        if days == 6:
            continue
        for number, finding in enumerate(visit.findings.order_by("order")):
            visits.settle_finding(
                actor=office, visit=visit, finding=finding, outcome="warning" if number else "task",
                due_date=(now + timedelta(days=20)).date(), now=at + timedelta(days=1),
            )  # fmt: skip
        visits.end_visit(actor=office, visit=visit, name="close", reason="", now=at + timedelta(days=2))
    spec = VisitSpec(org["TRB"], "危险货物运输动态监控整治情况", (now + timedelta(days=5)).date(), group=team)
    visits.plan_visit(actor=office, spec=spec, now=now - timedelta(days=1))
