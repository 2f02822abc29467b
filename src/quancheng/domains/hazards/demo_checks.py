"""Checks in the demo: tasks on every level of the enterprises with accounts, three months of their records.

Everything is invented and entered through the services, at the days on which it is said to have happened: some checks
come late, some are missed, two find a danger, one unit stands still, one row of records looks made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from quancheng.domains.hazards.models import CheckDue, CheckTask
from quancheng.domains.hazards.queries.checks import checklists
from quancheng.domains.hazards.queries.findings import measures_of, units_of
from quancheng.domains.hazards.services.check_dues import make_dues
from quancheng.domains.hazards.services.check_records import Answer, CheckSpec, record_check
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.hazards.services.record_flags import flag_records
from quancheng.domains.hazards.services.special_periods import switch_on
from quancheng.domains.hazards.services.unit_stops import stop_unit
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Post
from quancheng.domains.risk.services.posts import put_at_post
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause
from quancheng.standards.risk.check_cycles import CHINA

#: Enterprises with accounts by their number, each with its checklist.
_FIRMS = {1: "CL-TF", 2: "CL-FC", 3: "CL-WH", 4: "CL-PS", 7: "CL-GF"}
#: Days ago on which the tasks were arranged.
_DAYS = 91
#: The one that writes ten records in a breath, and the one with a unit that stands still.
_HASTY, _STOPPED = 3, 2
_SHARE_MISSED, _SHARE_LATE = 0.06, 0.05


def load(desk: Desk) -> None:
    """Tasks first, then week by week what the clock makes and people record."""
    arranged = desk.ago(_DAYS)
    firms = dict(_firms(desk))
    for number, file in firms.items():
        _arrange(desk.actor(f"enterprise{number}"), file, _FIRMS[number], arranged, desk.date_in(-_DAYS))
    _stop(desk, firms)
    items = {code: _items(code, arranged) for code in _FIRMS.values()}
    for days in range(_DAYS - 7, -1, -7):
        make_dues(now=desk.ago(days), hourly=False)
    make_dues(now=desk.district.now, hourly=True)
    for number, file in firms.items():
        _record(desk, number, file, items)
    _hasty(desk, firms)
    switch_on(
        actor=desk.actor("officer"), code="EVENT", name="示例区化工产业大会", first_date=desk.date_in(6),
        last_date=desk.date_in(9), doubles=True, now=desk.ago(1),
    )  # fmt: skip
    flag_records(now=desk.district.now)


def _firms(desk: Desk) -> Iterator[tuple[int, Enterprise]]:
    for number in _FIRMS:
        file = Enterprise.objects.filter(pk=desk.district.enterprises[number - 1].pk).first()
        if file is not None:
            yield number, file


def _arrange(safety: Actor, file: Enterprise, checklist: str, at: datetime, day: date) -> None:
    """Team each day and week, workshop each week, plant each month, company each quarter."""
    posts = {post.layer: post for post in Post.objects.filter(file=file, ended_date__isnull=True).order_by("-pk")}
    for layer in ("team", "workshop"):
        if layer in posts and safety.user_id is not None and not posts[layer].people.exists():
            put_at_post(actor=safety, post=posts[layer], user_id=safety.user_id, since=day, now=at)
    unit = units_of(file).first()
    text = checklists().filter(pk=checklist).first()
    rows: list[dict[str, Any]] = [
        {"measure": one, "content": "", "every": 7, "cycle_unit": "day", "layer": "team"}
        for one in measures_of(file).filter(mode="2", event__unit=unit)[:2]
    ]
    rows += [
        {"unit": unit, "content": "班组日排查", "every": 1, "cycle_unit": "day", "days": "working", "layer": "team",
         "since": 14},
        {"unit": unit, "content": "车间周排查", "every": 7, "cycle_unit": "day", "layer": "workshop"},
        {"checklist": text, "content": "", "every": 1, "cycle_unit": "month", "form": "comprehensive",
         "layer": "plant"},
        {"content": "主要负责人带队排查重大事故隐患", "every": 3, "cycle_unit": "month", "form": "professional",
         "layer": "company"},
    ]  # fmt: skip
    for row in rows:
        layer = row.pop("layer")
        post = posts.get(layer) or posts["company"]
        later = timedelta(days=_DAYS - row.pop("since", _DAYS))
        known = {"days": "every", "form": "daily", **row, "every": Decimal(row["every"]), "post": post,
                 "starts_at": at + later}  # fmt: skip
        enter_task(actor=safety, file=file, known=known, now=at)


def _items(code: str, at: datetime) -> list[Clause]:
    edition = law.in_force(code, on=at.astimezone(CHINA).date())
    return [] if edition is None else list(law.list_clauses(edition))


def _record(desk: Desk, number: int, file: Enterprise, items: dict[str, list[Clause]]) -> None:
    """People do most of what was due; the first weekly check that the chance names finds a danger."""
    chance, now = desk.district.chance, desk.district.now
    safety, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
    worker = desk.actor("worker1") if number == 1 else safety
    named = {user.pk: name for name, user in desk.district.users.items()}
    finds = number in (1, 4)
    rows = CheckDue.objects.filter(file=file, opens_at__lt=now, covered_by__isnull=True)
    rows = rows.select_related(
        "task__file", "task__checklist", "task__unit__object", "task__measure__event", "task__object", "post"
    )
    for due in rows.filter(~Q(task__cycle_unit="hour")).order_by("due_at", "pk"):
        drawn = chance.random()
        if drawn < _SHARE_MISSED or (due.closes_at > now and drawn < 0.6):
            continue
        late = drawn < _SHARE_MISSED + _SHARE_LATE and due.closes_at + timedelta(hours=9) < now
        at = due.closes_at + timedelta(hours=9) if late else due.due_at + timedelta(minutes=chance.randrange(5, 200))
        at = min(at, now)
        layer = due.post.layer if due.post is not None else "team"
        who = {"team": worker, "workshop": safety}.get(layer, head)
        if due.task.person_id is not None:
            if due.task.person_id not in named:
                continue
            who = desk.actor(named[due.task.person_id])
        spec = CheckSpec(status=0, at=at)
        if due.task.checklist_id is not None:
            spec = CheckSpec(at=at, answers=[Answer(one.place, 0) for one in items[due.task.checklist_id]])
        elif finds and not late and due.task.measure_id is not None and at > now - timedelta(days=20):
            spec, finds = CheckSpec(status=1, note=_FOUND[number], type="equipment", at=at), False
        record_check(actor=who, due=due, spec=spec, now=at)


_FOUND = {1: "呼吸阀阻火器积垢，开启不灵活", 4: "加油枪自封失灵，油满不跳枪"}


def _stop(desk: Desk, firms: dict[int, Enterprise]) -> None:
    if (file := firms.get(_STOPPED)) is None or (unit := units_of(file).last()) is None:
        return
    stop_unit(
        actor=desk.actor(f"enterprise{_STOPPED}"), unit=unit, begins_at=desk.ago(38), ends_at=None,
        reason="年度检修，更换密封和仪表", now=desk.ago(38),
    )  # fmt: skip


def _hasty(desk: Desk, firms: dict[int, Enterprise]) -> None:
    """Eleven checks within a minute: a sign for the regulator."""
    if (file := firms.get(_HASTY)) is None:
        return
    task = CheckTask.objects.select_related("file", "unit__object", "measure__event", "post", "object").filter(
        file=file, checklist__isnull=True, ended_date__isnull=True
    ).first()  # fmt: skip
    begin = desk.ago(3, hour=9)
    for number in range(11) if task is not None else ():
        at = begin + timedelta(seconds=4 * number)
        record_check(actor=desk.actor(f"enterprise{_HASTY}"), task=task, spec=CheckSpec(status=0, at=at), now=at)
