"""Reads of groups, supervision visits, and how often each measure was taken against whom."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from quancheng.domains.duty.models import GroupMember, Meeting, Visit, VisitFinding, WorkGroup
from quancheng.domains.registry.queries.timeline import columns, on_day
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.papers.models import Service
from quancheng.kernel.people.models import Organisation

#: Papers that are measures of supervision, by template, in the order of the ladder.
PAPERS = ("warning", "urging", "criticism", "talk", "listing", "exposure")
VISIT_KINDS = ("open", "secret")


def visits_to(actor: Actor, enterprise_id: uuid.UUID) -> QuerySet[Any, Any]:
    """Visits that were paid to an enterprise and that the actor may see, for the timeline of its file."""
    rows = Visit.objects.visible_to(actor).filter(org=enterprise_id, visited_date__isnull=False)
    title = JSONObject(title=F("subject"), note=F("inspectors"), url=Value("duty:visit"))
    return columns(rows, group="visit", at=on_day("visited_date"), what=F("code"), more=title, subject=F("pk"))


def list_groups(*, actor: Actor) -> QuerySet[WorkGroup]:
    """Groups that the actor may see, standing ones first."""
    members = GroupMember.objects.filter(left_date__isnull=True).select_related("org").order_by("role", "pk")
    return (
        WorkGroup.objects.visible_to(actor)
        .select_related("owner_org", "office", "campaign", "plan")
        .defer("plan__lines", "plan__parsed")
        .prefetch_related(Prefetch("members", queryset=members, to_attr="now"))
        .order_by("ended_date", "-founded_date", "pk")
    )


def get_group(*, actor: Actor, group_id: uuid.UUID) -> WorkGroup:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_groups(actor=actor).filter(pk=group_id).first()
    if found is None:
        raise NotFound
    return found


def list_group_meetings(*, actor: Actor, group: WorkGroup) -> QuerySet[Meeting]:
    """Meetings of a group that the actor may see, the latest first."""
    return Meeting.objects.visible_to(actor).filter(group=group).order_by("-due_date", "pk")


def list_visits(*, actor: Actor) -> QuerySet[Visit]:
    """Visits that the actor may see, the latest first, with their findings counted."""
    return (
        Visit.objects.visible_to(actor)
        .select_related("owner_org", "org__area", "group")
        .annotate(
            finding_count=Count("findings"),
            open_count=Count("findings", Q(findings__outcome="")),
        )
        .order_by("-planned_date", "pk")
    )


def get_visit(*, actor: Actor, visit_id: uuid.UUID) -> Visit:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_visits(actor=actor).filter(pk=visit_id).first()
    if found is None:
        raise NotFound
    return found


def list_findings(*, visit: Visit) -> list[VisitFinding]:
    """What a visit that the caller was given found, in order."""
    return list(visit.findings.select_related("task", "paper").order_by("order"))


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """How often each measure was taken against a unit in a period: papers by template, then visits by kind."""

    org: Organisation
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """Measures by unit, and in all: a paper to several units is one measure, and each unit has been told once."""

    lines: list[MeasureLine]
    totals: tuple[int, ...]


def count_measures(*, actor: Actor, first: date, last: date) -> MeasureTable:
    """Measures between two days, both inclusive, of the records that the actor may see. Four queries.

    A paper counts on the day of its signature, unless it was voided; a visit on the day it was made.
    """
    calendar = Calendar()
    found: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    papers = Service.objects.visible_to(actor).filter(
        paper__template__code__in=PAPERS,
        paper__signed_at__range=(calendar.start_of(first), calendar.end_of(last)),
        paper__voided_at__isnull=True,
    )
    visits = Visit.objects.visible_to(actor).filter(visited_date__range=(first, last))
    for rows in (
        papers.order_by().values_list("org_id", "paper__template__code").annotate(number=Count("pk")),
        visits.order_by().values_list("org_id", "kind").annotate(number=Count("pk")),
    ):
        for org_id, kind, number in rows:
            found[org_id][kind] += number
    lines = [
        MeasureLine(org, tuple(found[org.pk][kind] for kind in (*PAPERS, *VISIT_KINDS)))
        for org in Organisation.objects.filter(pk__in=found).by_name()
    ]
    once = dict(
        papers.order_by()
        .values_list("paper__template__code")
        .annotate(number=Count("paper", distinct=True))
        .values_list("paper__template__code", "number")
    )
    visited = {kind: sum(counted[kind] for counted in found.values()) for kind in VISIT_KINDS}
    totals = (*(once.get(kind, 0) for kind in PAPERS), *(visited[kind] for kind in VISIT_KINDS))
    return MeasureTable(sorted(lines, key=lambda line: (-line.total, line.org.pinyin)), totals)
