"""This domain's part of the demo district: posts, risk lists and their assessments.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from datetime import date

from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.risk import (
    demo_analyses,
    demo_announcements,
    demo_cards,
    demo_classings,
    demo_environmental,
    demo_gradings,
    demo_maps,
    demo_start_stops,
    demo_zones,
)
from quancheng.domains.risk.demo_texts import DANGERS, POSTS, Danger
from quancheng.domains.risk.models import Post, RiskEvent, RiskObject
from quancheng.domains.risk.services import assessing, posts, risks
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.people.queries import list_colleagues

#: Days ago on which the lists were written.
_DAYS = 120
#: Enterprises of the demo that keep their own list, by their number, and one that has only begun.
_OWN = (1, 2, 3, 4, 7, 8)
_BEGUN = 8
#: What the office entered for enterprises without an account: as many as it came to.
_BY_OFFICE = 6


def load(district: District) -> None:
    """Lists of the enterprises with accounts, then some that the office entered for those without."""
    desk = Desk(district)
    for number in _OWN:
        file = Enterprise.objects.filter(pk=district.enterprises[number - 1].pk).first()
        if file is not None:
            _list_of(desk, desk.actor(f"enterprise{number}"), file, begun=number == _BEGUN)
    without = Enterprise.objects.filter(life="operating", merged_into__isnull=True, units__isnull=False)
    without = without.exclude(pk__in=[one.pk for one in district.enterprises]).filter(supervisor__actor_code="EMB")
    for file in without.distinct().order_by("enterprise__pinyin")[:_BY_OFFICE]:
        _list_of(desk, desk.actor("emb"), file, begun=False)
    demo_gradings.load(desk, [one.pk for one in district.enterprises])
    demo_maps.load(desk, district, [one.pk for one in district.enterprises])
    demo_announcements.load(desk, [one.pk for one in district.enterprises])
    demo_cards.load(desk)
    demo_analyses.load(desk, [one.pk for one in district.enterprises])
    demo_start_stops.load(desk, [one.pk for one in district.enterprises])
    demo_classings.load(desk, [one.pk for one in district.enterprises])
    demo_environmental.load(desk, [one.pk for one in district.enterprises])
    demo_zones.load(desk, district)


def _list_of(desk: Desk, who: Actor, file: Enterprise, *, begun: bool) -> None:
    at = desk.ago(_DAYS)
    held = _posts(desk, who, file)
    for unit in file.units.filter(ended_date__isnull=True).order_by("code"):
        major = unit.legal_grade is not None
        known = {
            "code": f"{desk.count():012d}" if major else unit.code, "name": unit.name,
            "kind": "hazard" if major else unit.kind, "place": unit, "department": held["储运主管"].department,
            "head": desk.name(),
        }  # fmt: skip
        parent = risks.enter_object(actor=who, file=file, known=known, now=at)
        for facility in unit.facilities.filter(decommissioned_date__isnull=True).order_by("code"):
            _unit(desk, who, parent, facility, held, begun=begun)


def _posts(desk: Desk, who: Actor, file: Enterprise) -> dict[str, Post]:
    at, made = desk.ago(_DAYS + 5), {}
    staff = {one.post: one.user_id for one in list_colleagues(organisation_id=file.pk)}
    holders = {"主要负责人": "总经理", "安全总监": "安全总监", "班长": "班组长"}
    for name, layer, department, key in POSTS:
        known = {"name": name, "layer": layer, "department": department, "is_key": key}
        post = posts.enter_post(actor=who, file=file, known=known, now=at)
        if (user := staff.get(holders.get(name, ""))) is not None:
            posts.put_at_post(actor=who, post=post, user_id=user, since=_day(desk, _DAYS), now=desk.ago(_DAYS))
        made[name] = post
    return made


def _unit(
    desk: Desk, who: Actor, parent: RiskObject, facility: Facility, held: dict[str, Post], *, begun: bool
) -> None:
    post = held["班长"] if facility.kind in ("tank", "bay", "cylinders", "dispenser", "loading") else held["生产主管"]
    known = {"code": facility.code, "name": facility.name, "facility": facility, "post": post}
    unit = risks.enter_unit(actor=who, parent=parent, known=known, now=desk.ago(_DAYS - 1))
    for place, danger in enumerate(DANGERS[facility.kind]):
        named = {
            "name": f"{facility.name}：{danger.name}", "accident": danger.accident,
            "consequence": danger.consequence, "layer": "company" if danger.inherent[0] > 3 else "workshop",
        }  # fmt: skip
        event = risks.enter_event(actor=who, unit=unit, known=named, now=desk.ago(_DAYS - 2))
        for barrier in danger.barriers:
            said = {
                "mode": barrier.mode, "text": barrier.text, "category": barrier.subcategory[0],
                "subcategory": barrier.subcategory, "own_class": "", "check_text": barrier.check,
            }  # fmt: skip
            risks.enter_measure(actor=who, event=event, known=said, now=desk.ago(_DAYS - 3))
        if not (begun and place):
            _assess(desk, who, event, danger)


def _assess(desk: Desk, who: Actor, event: RiskEvent, danger: Danger) -> None:
    for stage, factors, days in (("inherent", danger.inherent, 110), ("residual", danger.residual, 109)):
        if factors is not None:
            assessing.assess(
                actor=who, event=event, stage=stage, method="LS",
                values={"likelihood": factors[0], "severity": factors[1]},
                facts={"breaks_law": False, "accident_conditions_remain": False, "dangerous_place": True, "workers": 4},
                assessed_by="风险辨识小组", day=_day(desk, days), text="", now=desk.ago(days),
            )  # fmt: skip


def _day(desk: Desk, days: int) -> date:
    """The local day of a moment so many days ago: near midnight it is not today's date less the days."""
    return Calendar().local_date(desk.ago(days))
