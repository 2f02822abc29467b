"""The clock of gradings: what calls for a new round, what ended, which colours a case forces now, who owes a plan."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, Project
from quancheng.domains.registry.queries.derived import HIGHLY_TOXIC, KEY_CHEMICALS
from quancheng.domains.risk.kinds import GradingCause
from quancheng.domains.risk.models import Grading
from quancheng.domains.risk.queries.grading_facts import forcing_facts, hazards_of
from quancheng.domains.risk.services.enterprise_colours import recolour_files
from quancheng.domains.risk.services.gradings import CLOCK, OPEN, begin_grading
from quancheng.domains.risk.services.policies import follow_colour, review_policies
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.services import move


@dataclass(frozen=True, slots=True)
class Call:
    """Why a new round is due (重新评估原因), and by when where its own time does not do."""

    cause: str
    text: str
    due: date | None = None


def look_at_gradings(*, now: datetime) -> None:
    """Each night: what ended ends, what calls for a new round begins one, colours and plans follow."""
    today = Calendar().local_date(now)
    for row in list(Grading.objects.filter(status="PUBLISHED", valid_to__lt=today).order_by("pk")):
        with transaction.atomic():
            move(actor=CLOCK, row=row, name="expire", now=now, changes={"closed_at": now})
            recolour_files(ids=[row.file_id], because="risk.grading.expire", now=now)
    published = Grading.objects.filter(status="PUBLISHED").order_by("file_id")
    for file_id in list(published.values_list("file_id", flat=True)):
        look_at_file(file_id, now=now)
    for file in _planners():
        with transaction.atomic():
            follow_colour(file=file, now=now)
    review_policies(now=now)


def hear(event: Event, now: datetime) -> None:
    """Something happened to a major hazard or a project: its enterprise is looked at."""
    if enterprise := event.scope.get("enterprise"):
        look_at_file(uuid.UUID(enterprise), now=now)


def look_at_file(file_id: uuid.UUID, *, now: datetime) -> Grading | None:
    """Colour an enterprise anew and begin a round where something calls for one and none is under way."""
    with transaction.atomic():
        file = Enterprise.objects.filter(pk=file_id).select_related("enterprise").first()
        if file is None:
            return None
        recolour_files(ids=[file_id], because="risk.grading.look", now=now)
        row = Grading.objects.filter(file=file_id, status="PUBLISHED").first()
        if row is None or file.merged_into_id is not None or file.life in (Life.CLOSED, Life.EXITING):
            return None
        if Grading.objects.filter(file=file_id, status__in=OPEN).exists():
            return None
        later = Grading.objects.filter(file=file_id, status="WITHDRAWN", round_no__gt=row.round_no)
        dropped = set(later.values_list("cause", flat=True))
        found = next((one for one in calls_of(row, Calendar().local_date(now)) if one.cause not in dropped), None)
        if found is None:
            return None
        return begin_grading(actor=CLOCK, file=file, cause=found.cause, text=found.text, due=found.due, now=now)


def calls_of(row: Grading, today: date) -> Iterable[Call]:
    """What calls for a new round after this one, the gravest first."""
    now_there = hazards_of(row.file_id)
    if added := [pk for pk in now_there if pk not in row.hazards]:
        yield Call(GradingCause.NEW_MAJOR_HAZARD, _units(row, added))
    if altered := [pk for pk, grade in now_there.items() if row.hazards.get(pk, grade) != grade]:
        yield Call(GradingCause.LEVEL_CHANGE, _units(row, altered))
    built = Project.objects.filter(
        owner_org=row.file_id, status="DONE", kind__in=("rebuilt", "extended"), closed_at__gt=row.published_at
    ).order_by("closed_at")
    if (project := built.first()) is not None:
        yield Call(GradingCause.EXPANSION, f"{project.code} {project.title}"[:300])
    if row.level == 1 and row.result is not None and not row.result["reds"]:
        known = forcing_facts([row.file_id], today)[row.file_id]
        was = [one for one in row.result["forced"] if one["level"] == 1]
        gone = [one for one in was if one["code"] in known and known[one["code"]].value == "0"]
        if was and len(gone) == len(was) and row.result["by_score"] != 1:
            yield Call(GradingCause.RED_CLOSED, "、".join(one["zh"] for one in gone)[:300])
    if row.review_date is not None and row.review_date <= today:
        yield Call(GradingCause.ENDING, f"{row.code}：{row.valid_to}", row.valid_to)


def _units(row: Grading, ids: list[str]) -> str:
    rows = row.file.units.filter(pk__in=ids).order_by("code").values_list("name", "legal_grade")
    return "、".join(f"{name}（{grade}级）" for name, grade in rows)[:300]


def _planners() -> list[Enterprise]:
    """Enterprises that may owe a plan and have none."""
    held = Q(
        holdings__ended_date__isnull=True, holdings__facility__decommissioned_date__isnull=True,
        holdings__chemical__lists__overlap=[KEY_CHEMICALS, HIGHLY_TOXIC],
    )  # fmt: skip
    red = Q(graded__present_level=1)
    grave = Q(units__legal_grade__in=(1, 2), units__ended_date__isnull=True)
    rows = Enterprise.objects.filter(Q(pk__in=Enterprise.objects.filter(held).values("pk")) | red | grave)
    live = rows.filter(life__in=(Life.OPERATING, Life.TRIAL), merged_into__isnull=True)
    without = live.exclude(policies__status__in=("DUE", "SUBMITTED", "STANDING"))
    return list(without.select_related("enterprise").distinct().order_by("pk"))
