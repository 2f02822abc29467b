"""Reads of gradings (企业分级), of plans (一企一策), and of what a grading explains line by line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk import grading_scheme
from quancheng.domains.risk.grading_scheme import Question
from quancheng.domains.risk.models import EnterpriseRisk, Grading, Policy, RiskColour
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk.verdict import scheme_of

#: Classes of enterprises for which there is a way of grading.
GRADED_KINDS = tuple(code for code in Kind.values if scheme_of(code) is not None)


def list_gradings(*, actor: Actor) -> QuerySet[Grading]:
    """Rounds that the actor may see, the newest first."""
    rows = Grading.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "area")
    return rows.defer("answers", "result").order_by("-created_at", "-pk")


def get_grading(*, actor: Actor, grading_id: uuid.UUID) -> Grading:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Grading.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=grading_id).first()
    if found is None:
        raise NotFound
    return found


def gradings_of(file: Enterprise) -> Sequence[Grading]:
    """All rounds of a file that the caller got through its own query."""
    return list(Grading.objects.filter(file=file).defer("answers", "result").order_by("-round_no"))


def list_graded(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises of graded classes that the actor may see with their colour, when it ends, and the open round; those
    without a colour come last.
    """
    open_round = Grading.objects.filter(file=OuterRef("pk"), status__in=("DRAFT", "SUBMITTED"))
    plan = Policy.objects.filter(file=OuterRef("pk")).exclude(status="ENDED")
    return (
        seen(actor=actor)
        .filter(kind__in=GRADED_KINDS)
        .select_related("enterprise", "area", "graded__grading")
        .annotate(
            level=F("graded__present_level"), graded_level=F("graded__graded_level"),
            ends=F("graded__valid_to"), review=F("graded__grading__review_date"),
            open_id=Subquery(open_round.values("pk")[:1]), open_status=Subquery(open_round.values("status")[:1]),
            plan_status=Subquery(plan.values("status")[:1]),
        )
        .order_by(F("level").asc(nulls_last=True), "pinyin", "pk")
    )  # fmt: skip


def next_reviews(*, actor: Actor) -> Sequence[Grading]:
    """Gradings in force that the actor may see, by the day on which they are to be made anew; the next 2000."""
    rows = list_gradings(actor=actor).filter(status="PUBLISHED")
    return list(rows.order_by("review_date", "title", "pk")[:2000])


def is_ending(*, on: date, days: int = 60) -> Q:
    """Whose grading ends within so many days."""
    return Q(graded__valid_to__lte=on + timedelta(days=days))


HAS_NONE = Q(graded__present_level__isnull=True)


def risk_of(file: Enterprise) -> EnterpriseRisk | None:
    """The colour of a file that the caller got through its own query."""
    return EnterpriseRisk.objects.filter(file=file).select_related("grading").first()


def colours_of_file(file: Enterprise) -> Sequence[RiskColour]:
    """How the colour of the enterprise changed, the newest first."""
    return list(RiskColour.objects.filter(subject="file", subject_id=file.pk).order_by("-at", "-pk")[:100])


# Plans -----------------------------------------------------------------------------------------------------------


def list_policies(*, actor: Actor) -> QuerySet[Policy]:
    """Plans that the actor may see, those that are due first come first."""
    rows = Policy.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "area")
    return rows.order_by("due_date", "-pk")


def get_policy(*, actor: Actor, policy_id: uuid.UUID) -> Policy:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Policy.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=policy_id).first()
    if found is None:
        raise NotFound
    return found


def policy_of(file: Enterprise) -> Policy | None:
    """The plan that stands or is due, of a file that the caller got through its own query."""
    return Policy.objects.filter(file=file).exclude(status="ENDED").first()


# One grading, line by line ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer and the points that it brought; ``value`` None: not answered yet."""

    question: Question
    value: str | None
    points: str
    said: Mapping[str, Any]


@dataclass(slots=True)
class Group:
    """The lines of one item; ``score`` of ``full`` points where the item has its own."""

    name: Any
    lines: list[Line] = field(default_factory=list)
    score: str | None = None
    full: int | None = None


def lines_of(row: Grading, on: date) -> list[Group]:
    """Every question of a round, by item, with what was answered, from where, when, by whom, and its points."""
    result = row.result or {}
    points = result.get("points", {})
    scores = {one["code"]: one for one in result.get("groups", [])}
    groups: dict[str, Group] = {}
    for question in grading_scheme.questions(row.scheme, on):
        said = row.answers.get(question.code) or {}
        group = groups.setdefault(question.group.zh, Group(question.group))
        group.lines.append(Line(question, said.get("value"), points.get(question.code, ""), said))
        for code in (question.code, question.code[:2]):
            if group.full is None and code in scores:
                group.score, group.full = scores[code]["score"], scores[code]["full"]
    return list(groups.values())


# The district ----------------------------------------------------------------------------------------------------


def without_round(*, actor: Actor, kinds: Sequence[str]) -> QuerySet[Enterprise]:
    """Operating enterprises of these classes that have no colour and no round under way."""
    under_way = Grading.objects.filter(file=OuterRef("pk"), status__in=("DRAFT", "SUBMITTED"))
    rows = seen(actor=actor).filter(HAS_NONE, ~Exists(under_way), kind__in=kinds, life__in=("operating", "trial"))
    return rows.filter(supervisor=actor.organisation_id).select_related("enterprise").order_by("pk")
