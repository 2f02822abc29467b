"""The demo district's leading and work group, their visits, leaders' duty lists, and the supervision force."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Protocol

from quancheng.domains.duty.models import Campaign
from quancheng.domains.duty.services import governance, staff, visits
from quancheng.domains.duty.services.governance import STATUTORY
from quancheng.domains.duty.services.visits import GroupSpec, VisitSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation, User


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    organisations: dict[str, Organisation]
    towns: list[Organisation]
    users: dict[str, User]


class Cast(Protocol):
    """Who acts, and the papers they hold."""

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID: ...

    def of_user(self, username: str) -> Actor: ...


def load(district: District, cast: Cast) -> None:
    """Leaders' lists and the force; two groups; visits closed, waiting, secret and planned."""
    _leaders(district, cast)
    _force(district, cast)
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


def _leaders(district: District, cast: Cast) -> None:
    """Four heads with a list of their own and some of it done; the rest of the district has none."""
    now = district.now
    entries = ["每季度研究一次危险化学品安全工作", "每月带队检查重点企业", "督办重大事故隐患整改", "保障监管力量和经费"]
    for number, username in enumerate(("emb.head", "trb.head", "street1.head", "enterprise1.head")):
        who = cast.of_user(username)
        if not who.has("duty.lists.file") or who.user_id is None:
            continue
        person = district.users[username]
        at = now - timedelta(days=200)
        kept = entries if number < 3 else list(STATUTORY)
        row = governance.file_duty_list(
            actor=who, year=now.year, kind="leader", entries=kept, person=person, now=at
        )
        for place, entry in enumerate(kept[: 4 - number]):
            day = now - timedelta(days=20 + 25 * place)
            governance.record_act(
                actor=who, duty_list=row, entry=entry, kind="inspect" if place else "meet", done_date=day.date(),
                place="辖区重点企业" if place else "", text="按清单履职，发现的问题已交办整改。",
                found_count=3 * place, solved_count=2 * place, evidence=[cast.paper_of(who, day)], now=day,
            )  # fmt: skip


def _force(district: District, cast: Cast) -> None:
    """Three departments and two towns with their people; some reach the professional share, some do not."""
    now = district.now
    surnames = "甄尹纪冉荀佟边麦栾宓"
    for place, (username, professionals, others) in enumerate(
        (("emb", 6, 2), ("trb", 2, 2), ("eeb", 3, 1), ("street1", 1, 2), ("street2", 2, 0))
    ):
        who = cast.of_user(username)
        staff.plan_staff(actor=who, year=now.year, posts=professionals + others + 1, hires=1, now=now)
        for number in range(professionals + others):
            is_professional = number < professionals
            joined = now - timedelta(days=30 if number == 0 else 400 + 90 * number)
            staff.enter_member(
                actor=who, name=f"{surnames[(place * 3 + number) % 10]}{'安然知行守正云舒'[2 * (number % 4) :][:2]}",
                post="科员", has_schooling=is_professional, has_practice=is_professional,
                schooling="安全工程本科" if is_professional else "", joined_date=joined.date(),
                joined_by="transferred" if number == 1 else "recruited", now=now,
            )  # fmt: skip
