"""The demo's lessons, cases, plan meetings, and what one enterprise switched on besides the standard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries import plans as plan_queries
from quancheng.domains.permits.queries.lessons import OVER
from quancheng.domains.permits.queries.quotas import OPEN
from quancheng.domains.permits.services import cases, figures, lessons, plans
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar

#: What the first enterprise asks for besides; all others ask for nothing.
_ASKED = {
    "lessons_read": 1, "plan_required": 1, "zone_hw_max": 2, "zone_special_max": 1, "risk_department_from": 30,
    "risk_leader_from": 60, "load_yellow": 1, "load_orange": 2, "load_red": 4, "load_stop": 8,
    "advice": 1,
}  # fmt: skip


def load(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """After the permits of all enterprises."""
    for number, file in files.items():
        safety, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        _notes(desk, file, safety, head)
        if number == 1:
            _switch_on(desk, file, safety, head)
        else:
            _meeting(desk, file, head, put_off=number == 3)
    _cases(desk, files)


def _notes(desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
    now = desk.district.now
    for permit in Permit.objects.filter(file=file, status__in=OVER, started_at__isnull=False).order_by("pk"):
        same: dict[str, Any] = {"permit": permit, "now": now}
        lessons.note_lesson(actor=safety, **same, told=lessons.Lesson(
            part="LEADER", went_well="交底到位，人员分工清楚", went_wrong="工具清点表漏项，收工时多花二十分钟",
            suggestion="开工前按清单清点并拍照",
        ))  # fmt: skip
        lessons.note_lesson(actor=head, **same, told=lessons.Lesson(part="UNIT", went_well="现场恢复及时"))
    for draft in Permit.objects.filter(file=file, status="DRAFT").order_by("pk"):
        lessons.read_lessons(actor=safety, permit=draft, now=now)


def _switch_on(desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
    today, now = Calendar().local_date(desk.district.now), desk.district.now
    for name, value in _ASKED.items():
        figures.set_figure(
            actor=head, file=file, name=name, value=str(value), from_date=today, reason="公司作业管理规定（演示）",
            now=now,
        )  # fmt: skip
    cases.set_case(actor=safety, file=file, now=now, told=cases.Case(
        code="Q-01", title="收集罐搅拌未断电（未遂）", kinds=["CS"], media=["TOXIC"], equipment="废水收集罐",
        cause="进罐前只关停未上锁，控制室误启动搅拌", lesson="断电上锁挂牌，钥匙由进罐人保管",
        hazard="搅拌误启动", measure="断电、上锁、挂牌，试启动确认", source="本企业未遂事件记录（演示）", mark="D",
        reason="本企业未遂事件",
    ))  # fmt: skip


def _meeting(desk: Desk, file: Enterprise, head: Actor, *, put_off: bool) -> None:
    """Today's meeting: everything agreed to and sealed, or a job put off."""
    now = desk.district.now
    open_ones = Permit.objects.filter(file=file, status__in=OPEN).order_by("pk")
    days = {Calendar().local_date(one.window_start) for one in open_ones}
    for day in sorted(days):
        for permit in plan_queries.jobs_on(file, day).filter(status__in=OPEN):
            told = {"choice": "PUT_OFF", "reason": "与道路修补冲突", "put_off_to": day + timedelta(days=1)}
            plans.decide_job(
                actor=head, permit=permit, day=day, now=now, **(told if put_off else {"choice": "AGREED"})
            )
        if not put_off:
            plans.seal_plan(
                actor=head, file=file, day=day, minutes="逐项核对作业条件和监护人，同意当日作业。",
                participants=["示例主要负责人", "示例当班班长"], now=now,
            )  # fmt: skip


def _cases(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    if not files:
        return
    cases.set_case(actor=desk.actor("officer"), now=desk.district.now, told=cases.Case(
        code="D-01", title="误拆相邻管线盲板（演示）", kinds=["BL"], media=["TOXIC", "FLAMMABLE"],
        equipment="公用工程管廊", cause="盲板无编号，相邻管线无标识", lesson="一板一号，拆除前双人核对管线",
        hazard="误拆盲板，介质喷出", measure="盲板挂牌编号，双人核对后拆除", source="本区事故通报（演示）", mark="D",
        reason="本区发生同类事件",
    ))  # fmt: skip
