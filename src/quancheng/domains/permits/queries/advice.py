"""Advice (辅助提示): a draft of an analysis and measures that may be missing, of the enterprise's own records. Rules:
no model, nothing learnt."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PermitAnalysis, PermitMeasure
from quancheng.domains.permits.queries.cases import media_of
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.lessons import lessons_for, of_like_jobs
from quancheng.domains.permits.queries.permits import MOST_STEPS, STEP_PARTS
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.words import listed
from quancheng.standards.gb30871.parameters import Parameters

#: Of so many analyses a draft is made.
NEWEST = 5
#: Among so many of the kind those of the same medium are looked for: a medium is told in words, not in a column.
_LOOKED_AT = 50
#: A measure is hinted at where so many like jobs needed it, and at least half of those that were looked at [D].
LEAST = 2
#: What was void before it began was perhaps void because of its analysis or its measures.
_NEVER_BEGUN = Q(permit__status="VOID", permit__started_at__isnull=True)


@dataclass(frozen=True, slots=True)
class MeasureHint:
    """That like jobs needed a measure: the numbers of those that did, and of how many."""

    sources: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One suggested step and the numbers of the permits it comes from. ``measure`` may be empty: nobody told one."""

    step: str
    hazard: str
    measure: str
    sources: tuple[str, ...]


def is_on(permit: Permit, now: datetime) -> bool:
    """Whether the enterprise switched advice on. One query."""
    return switched_on(parameters_of(permit.file_id, Calendar().local_date(now)))


def switched_on(figures: Parameters) -> bool:
    """As :func:`is_on`, of an enterprise's figures that were read already."""
    return figures.advice > 0


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
    rows = rows.exclude(permit=permit.pk).exclude(_NEVER_BEGUN)
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


def hinted_measures(permit: Permit) -> Mapping[str, MeasureHint]:
    """Measures (安全措施) of the form that the newest like jobs of the kind mostly needed, by code, whatever was
    decided of them here. Two queries."""
    rows = PermitMeasure.objects.filter(permit__kind=permit.kind, applies__isnull=False).exclude(_NEVER_BEGUN)
    jobs = Permit.objects.filter(pk__in=of_like_jobs(rows, permit).values("permit")).order_by("-pk")
    looked_at = {one.pk: one.number or str(one) for one in jobs[:NEWEST]}
    needed: dict[str, list[str]] = {}
    for code, pk in PermitMeasure.objects.filter(permit__in=looked_at, applies=True).order_by(
        "code", "-permit"
    ).values_list("code", "permit"):  # fmt: skip
        needed.setdefault(code, []).append(looked_at[pk])
    of = len(looked_at)
    return {
        code: MeasureHint(tuple(numbers), of) for code, numbers in needed.items()
        if len(numbers) >= LEAST and 2 * len(numbers) >= of
    }  # fmt: skip


def hints_for(permit: Permit, now: datetime) -> Mapping[str, MeasureHint]:
    """As :func:`hinted_measures` where the enterprise switched advice on, else none. Three queries at most."""
    return hinted_measures(permit) if is_on(permit, now) else {}


def hint_said(hint: MeasureHint | None) -> str:
    """A hint at a measure as people read it; empty where there is none."""
    if hint is None:
        return ""
    told = {"number": len(hint.sources), "of": hint.of, "permits": listed(hint.sources)}
    return _("辅助提示：近%(of)s张同类作业票中有%(number)s张涉及本措施（%(permits)s）。") % told
