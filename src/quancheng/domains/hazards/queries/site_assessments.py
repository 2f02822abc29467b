"""Reads of yearly assessments: points side by side with the year before, who is not assessed yet this year."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.hazards.models import CheckTask, RunningWeek, Side, SiteAssessment, SiteScore
from quancheng.domains.hazards.queries.owed_periods import WORKING
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import RiskObject
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of
from quancheng.standards.risk import running_assessment as standard


def list_assessments(*, actor: Actor) -> QuerySet[SiteAssessment]:
    """Assessments that the actor may see, of the newest year first, open ones before the others."""
    rows = SiteAssessment.objects.visible_to(actor).select_related("file__enterprise", "file__area", "supervisor")
    return rows.order_by("-year", F("closed_at").desc(nulls_first=True), "pk")


def get_assessment(*, actor: Actor, assessment_id: uuid.UUID) -> SiteAssessment:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_assessments(actor=actor).filter(pk=assessment_id).first()
    if found is None:
        raise NotFound
    return found


def done_before(row: SiteAssessment) -> SiteAssessment | None:
    """The last one that was confirmed for a year before."""
    rows = SiteAssessment.objects.filter(file=row.file_id, year__lt=row.year, status="DONE")
    return rows.order_by("-year").first()


def of_file(*, actor: Actor, file_id: uuid.UUID) -> Sequence[SiteAssessment]:
    """What is known of an enterprise, the newest year first."""
    return list(list_assessments(actor=actor).filter(file=file_id).exclude(status="DROPPED")[:10])


def scores_of(row: SiteAssessment, side: str) -> dict[str, SiteScore]:
    """Points of a side by element."""
    return {one.element: one for one in row.scores.filter(side=side)}


def may_see_site(row: SiteAssessment, actor: Actor) -> bool:
    """The points of the office are the enterprise's to read when they are confirmed."""
    return row.status == "DONE" or actor.organisation_id != row.file_id


@dataclass(frozen=True, slots=True)
class Line:
    """One element with the points of both sides, those of the last year, and the files of both."""

    element: standard.Element
    own: SiteScore | None
    site: SiteScore | None
    before: Decimal | None
    own_files: Sequence[Any]
    site_files: Sequence[Any]


def lines_of(row: SiteAssessment, *, actor: Actor) -> list[Line]:
    """All elements of the table in order, as far as the actor may read them."""
    own = scores_of(row, Side.SELF)
    shown = may_see_site(row, actor)
    site = scores_of(row, Side.SITE) if shown else {}
    earlier = done_before(row)
    past = scores_of(earlier, Side.SITE) if earlier is not None else {}
    held: dict[str, list[Any]] = {}
    for link in files_of(row):
        held.setdefault(link.role, []).append(link)
    return [
        Line(
            one, own.get(one.code), site.get(one.code), past[one.code].points if one.code in past else None,
            held.get(role_of(Side.SELF, one.code), []),
            held.get(role_of(Side.SITE, one.code), []) if shown else [],
        )
        for one in standard.elements(row.template)
    ]  # fmt: skip


def role_of(side: str, element: str) -> str:
    """Under which the evidence of an element hangs on the assessment."""
    return f"{side}.{element}"


def may_read_role(actor: Actor, row: Model, role: str) -> bool:
    """Whether the actor, who sees the assessment, may read what it holds in a role: evidence of the office is as its
    points are."""
    own = not role.startswith(f"{Side.SITE}.")
    return own or (isinstance(row, SiteAssessment) and may_see_site(row, actor))


def vetoed_weeks(row: SiteAssessment) -> QuerySet[RunningWeek]:
    """Weeks of the year that a veto made nought: a hint for who assesses on site."""
    span = (date(row.year, 1, 1), date(row.year, 12, 31))
    return RunningWeek.objects.filter(file=row.file_id, is_vetoed=True, monday__range=span).order_by("-monday")


def list_progress(*, actor: Actor, year: int) -> QuerySet[Enterprise]:
    """Enterprises that are to be assessed (those with a risk list or check tasks, at work or on trial), each with
    ``state``, ``total`` and ``grade`` of the year, the key of its assessment, and ``before``: last year's total."""
    rows = SiteAssessment.objects.filter(file=OuterRef("pk")).exclude(status="DROPPED")

    def told(name: str, of: int) -> Any:
        found = rows.filter(year=of)
        return Subquery((found if name in ("status", "pk") else found.filter(status="DONE")).values(name)[:1])

    mine = Q(file=OuterRef("pk"), ended_date__isnull=True)
    given = Exists(RiskObject.objects.filter(mine)) | Exists(CheckTask.objects.filter(mine))
    files = seen(actor=actor).filter(given, life__in=WORKING).select_related("enterprise", "area", "supervisor")
    files = files.annotate(state=told("status", year), assessment=told("pk", year), total=told("total", year),
                           grade=told("grade", year), before=told("total", year - 1))  # fmt: skip
    return files.order_by("pinyin", "pk")
