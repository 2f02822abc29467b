"""Start-ups and shut-downs of the demo's enterprises in several states.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskUnit, StartStop
from quancheng.domains.risk.services import start_stops
from quancheng.kernel.access.actor import Actor
from quancheng.standards.risk import start_stop as standard


def load(desk: Desk, own: Sequence[Any]) -> None:
    """For the first enterprises with a risk list: one that is over, one that goes on, one told, a draft."""
    numbers = [number for number, pk in enumerate(own, start=1) if RiskUnit.objects.filter(object__file=pk).exists()]
    for number in numbers[:2]:
        file = Enterprise.objects.select_related("enterprise", "supervisor").get(pk=own[number - 1])
        who, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        office = desk.verifier(file)
        units = list(RiskUnit.objects.filter(object__file=file, ended_date__isnull=True).order_by("code", "pk")[:3])
        if office is None or not units:
            continue
        _over(desk, who, head, office, file, units[0])
        _going_on(desk, who, head, office, file, units[-1])
        waiting = _draft(desk, who, file, units[0], "after_long", desk.ago(1), planned=desk.ago(0) + timedelta(days=2))
        if number == numbers[0]:
            start_stops.submit_start_stop(actor=who, row=_confirmed(who, waiting, desk.ago(1)), now=desk.ago(1, hour=3))
            start_stops.approve_start_stop(actor=head, row=waiting, text="", now=desk.ago(1, hour=4))


def _draft(
    desk: Desk, who: Actor, file: Enterprise, unit: RiskUnit, kind: str, at: datetime, *, planned: datetime
) -> StartStop:
    name = {"after_overhaul": "检修后投用", "planned": "计划停用检修", "after_long": "长期停用后投用"}[kind]
    known = {
        "kind": kind, "title": f"{unit.name}{name}", "units": [unit], "facilities": [], "planned_from": planned,
        "planned_to": planned + timedelta(days=1), "actual_from": None, "leader": desk.name(), "analysis": None,
        "risks": "置换不彻底形成爆炸性气体；阀门、法兰泄漏",
        "measures": "按方案逐步操作，每步确认；专人监护，气体检测随行",
    }  # fmt: skip
    paper = desk.paper(who, f"{unit.name}开停车风险分析", at)
    return start_stops.enter_start_stop(actor=who, file=file, known=known, evidence=[paper], now=at)


def _confirmed(who: Actor, row: StartStop, at: datetime) -> StartStop:
    answers = {one.code: "yes" for one in standard.conditions(row.kind)}
    last = list(answers)[-1]
    answers[last] = "na"
    return start_stops.confirm_conditions(actor=who, row=row, answers=answers, texts={last: "本单元不涉及"}, now=at)


def _told(
    desk: Desk, who: Actor, head: Actor, office: Actor, file: Enterprise, unit: RiskUnit, kind: str, days: int
) -> StartStop:
    """Written, confirmed, approved and received in the days before it begins."""
    at = desk.ago(days + 2)
    row = _confirmed(who, _draft(desk, who, file, unit, kind, at, planned=desk.ago(days)), at)
    start_stops.submit_start_stop(actor=who, row=row, now=desk.ago(days + 2, hour=3))
    start_stops.approve_start_stop(actor=head, row=row, text="同意", now=desk.ago(days + 2, hour=4))
    return start_stops.receive_start_stop(actor=office, row=row, now=desk.ago(days + 1))


def _over(desk: Desk, who: Actor, head: Actor, office: Actor, file: Enterprise, unit: RiskUnit) -> None:
    row = _told(desk, who, head, office, file, unit, "after_overhaul", 20)
    began = desk.ago(20)
    start_stops.start_start_stop(actor=who, row=row, at=began, now=began)
    for hours, step, text in ((4, "置换完成，开始进料", ""), (12, "建立液位", "一处法兰轻微渗漏，已紧固")):
        at = began + timedelta(hours=hours)
        start_stops.watch_start_stop(actor=who, row=row, at=at, step=step, is_normal=not text, text=text, now=at)
    ended = began + timedelta(hours=20)
    start_stops.finish_start_stop(
        actor=who, row=row, at=ended, is_reached=True, text="各参数平稳，转入正常运行", evidence=[], now=ended
    )


def _going_on(desk: Desk, who: Actor, head: Actor, office: Actor, file: Enterprise, unit: RiskUnit) -> None:
    row = _told(desk, who, head, office, file, unit, "planned", 1)
    began = desk.ago(1)
    start_stops.start_start_stop(actor=who, row=row, at=began, now=began)
    at = began + timedelta(hours=6)
    start_stops.watch_start_stop(actor=who, row=row, at=at, step="物料退净", is_normal=True, text="", now=at)
