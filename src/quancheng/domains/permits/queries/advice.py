"""Advice (辅助提示): a draft of an analysis of the enterprise's own records. Rules: no model, nothing learnt."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PermitAnalysis
from quancheng.domains.permits.queries.cases import media_of
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.lessons import lessons_for, of_like_jobs
from quancheng.domains.permits.queries.permits import MOST_STEPS, STEP_PARTS
from quancheng.kernel.calendar import Calendar

#: Of so many analyses a draft is made.
NEWEST = 5
#: Among so many of the kind those of the same medium are looked for: a medium is told in words, not in a column.
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One suggested step and the numbers of the permits it comes from. ``measure`` may be empty: nobody told one."""

    step: str
    hazard: str
    measure: str
    sources: tuple[str, ...]


def is_on(permit: Permit, now: datetime) -> bool:
    """Whether the enterprise switched advice on. One query."""
    return parameters_of(permit.file_id, Calendar().local_date(now)).advice > 0


def plain(step: dict[str, str]) -> str:
    """By what two steps are the same: spaces, punctuation and case do not count."""
    return "|".join("".join(one for one in step[name].casefold() if one.isalnum()) for name in STEP_PARTS)


def draft_for(permit: Permit) -> Sequence[DraftStep]:
    """Steps of the newest analyses of like jobs of the same enterprise, then what went wrong at like jobs. Five queries
    at most. Nothing is stored."""
    found: dict[str, tuple[dict[str, str], dict[uuid.UUID, str]]] = {}
    for step, source in (*_analysed(_like(permit)), *_noted(permit)):
        _known, sources = found.setdefault(plain(step), (step, {}))
        # One that was not requested yet has no number.
        sources[source.pk] = source.number or str(source)
    return [DraftStep(**step, sources=tuple(sources.values())) for step, sources in found.values()][:MOST_STEPS]


def _like(permit: Permit) -> Sequence[PermitAnalysis]:
    same = _of_kind(permit)
    found = list(of_like_jobs(same, permit)[:NEWEST])
    media = frozenset() if found else media_of(permit)
    if not media:
        return found
    return [one for one in same[:_LOOKED_AT] if media & media_of(one.permit)][:NEWEST]


def _of_kind(permit: Permit) -> QuerySet[PermitAnalysis]:
    """The newest analysis of each other job of the kind, of the same enterprise alone."""
    newer = PermitAnalysis.objects.filter(permit=OuterRef("permit")).filter(
        Q(confirmed_at__gt=OuterRef("confirmed_at")) | Q(confirmed_at=OuterRef("confirmed_at"), pk__gt=OuterRef("pk"))
    )
    rows = PermitAnalysis.objects.filter(~Exists(newer), permit__file=permit.file_id, permit__kind=permit.kind)
    # What was void before it began was perhaps void because of its analysis.
    rows = rows.exclude(permit=permit.pk).exclude(permit__status="VOID", permit__started_at__isnull=True)
    return rows.select_related("permit__facility").order_by("-confirmed_at", "-pk")


def _analysed(rows: Sequence[PermitAnalysis]) -> Iterable[tuple[dict[str, str], Permit]]:
    for one in rows:
        for step in one.steps:
            yield {name: step.get(name, "") for name in STEP_PARTS}, one.permit


def _noted(permit: Permit) -> Iterable[tuple[dict[str, str], Permit]]:
    for one in lessons_for(permit):
        if one.went_wrong:
            told = {"step": _("吸取类似作业的教训"), "hazard": one.went_wrong[:300], "measure": one.suggestion[:300]}
            yield told, one.permit
