"""Reads of the index (综合风险指数): enterprises, their history, towns, warnings, parameters."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, Min, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import EnterpriseIndex, IndexRecord, IndexRule, IndexWarning, RiskEvent, RiskObject
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk.dynamic_index import MODEL_VERSION, Parameters, district_index


@dataclass(frozen=True, slots=True)
class Rules:
    """Parameters in force, the district's row behind them (None: as shipped), and how they are named."""

    parameters: Parameters
    rule: IndexRule | None

    @property
    def version(self) -> str:
        return MODEL_VERSION if self.rule is None else f"{MODEL_VERSION}/{self.rule.from_date:%Y%m%d}"


def rules_on(day: date) -> Rules:
    """The parameters in force on a day."""
    rule = IndexRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at", "-pk").first()
    return Rules(Parameters() if rule is None else parameters_of(rule), rule)


def parameters_of(rule: IndexRule) -> Parameters:
    """A row as the standard takes it."""
    return Parameters(
        limits={1: float(rule.red), 2: float(rule.orange), 3: float(rule.yellow)}, margin=float(rule.margin),
        calm_min=float(rule.calm_min), calm_red_min=float(rule.calm_red_min), weights=rule.weights, caps=rule.caps,
    )  # fmt: skip


def past_rules() -> Sequence[IndexRule]:
    """What was set, the newest first."""
    return list(IndexRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


def list_indexed(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see with their index, the highest first; those without one come last."""
    return (
        seen(actor=actor)
        .select_related("enterprise", "area", "index", "graded")
        .annotate(r=F("index__r"), warning=F("index__level"))
        .order_by(F("r").desc(nulls_last=True), "pinyin", "pk")
    )


def index_of(file_id: uuid.UUID) -> EnterpriseIndex | None:
    """The index of a file that the caller got through its own query."""
    return EnterpriseIndex.objects.filter(file=file_id).first()


def levels_of(files: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The colour of each file that has one; the caller got the files through its own query."""
    return dict(EnterpriseIndex.objects.filter(file__in=files).values_list("file", "level"))


def levels_of_places(units: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The present level of the risk of registered units, of those that stand for an object. One query."""
    rows = RiskObject.objects.filter(place__in=list(units), ended_date__isnull=True, present_level__isnull=False)
    return {place: level for place, level in rows.values_list("place", "present_level") if place and level}


def list_levels(file_id: uuid.UUID) -> tuple[int | None, int | None, int | None]:
    """The gravest static, present and residual level among the events of a file's risk list."""
    events = RiskEvent.objects.filter(
        unit__object__file=file_id, ended_date__isnull=True, unit__ended_date__isnull=True,
        unit__object__ended_date__isnull=True,
    )  # fmt: skip
    found = events.aggregate(static=Min("static_level"), present=Min("present_level"), residual=Min("residual_level"))
    return found["static"], found["present"], found["residual"]


def records_of(file_id: uuid.UUID, *, limit: int = 200) -> Sequence[IndexRecord]:
    """How the index of a file changed, the newest first; the caller got the file through its own query."""
    return list(IndexRecord.objects.filter(file=file_id).order_by("-at", "-pk")[:limit])


def calming() -> list[uuid.UUID]:
    """Files whose number lies low enough for their colour to be lowered once it has done so for long."""
    rows = EnterpriseIndex.objects.filter(calm_since_at__isnull=False).order_by("pk")
    return list(rows.values_list("pk", flat=True))


@dataclass(slots=True)
class AreaIndex:
    """One town: its index by the rule for districts, its enterprises by level, those without a number."""

    area: Area | None
    values: list[float] = field(default_factory=list)
    by_level: Counter[int] = field(default_factory=Counter)
    without: int = 0

    @property
    def shown(self) -> Decimal | None:
        found = district_index(self.values)
        return None if found is None else Decimal(repr(found)).quantize(Decimal("0.1"))


def by_town(*, actor: Actor) -> list[AreaIndex]:
    """Towns with what the actor may see, the highest first; the whole comes last."""
    places = Towns()
    found: dict[uuid.UUID | None, AreaIndex] = {}
    whole = AreaIndex(None)
    for area_id, r, level in seen(actor=actor).values_list("area_id", "index__r", "index__level"):
        town = places.of(area_id)
        for one in (found.setdefault(town.pk if town else None, AreaIndex(town)), whole):
            if r is None:
                one.without += 1
            else:
                one.values.append(float(r))
                one.by_level[level] += 1
    # Of towns that are equal the first by name comes first.
    ordered = sorted(by_name(found.values()), key=lambda one: -(one.shown if one.shown is not None else Decimal(-1)))
    return [*ordered, whole]


def list_warnings(*, actor: Actor) -> QuerySet[IndexWarning]:
    """Warnings that the actor may see: open ones first, the gravest before."""
    rows = IndexWarning.objects.visible_to(actor).select_related("file__enterprise", "area", "supervisor")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "level", "-created_at", "-pk")


def get_warning(*, actor: Actor, warning_id: uuid.UUID) -> IndexWarning:
    """Raise NotFound for absent and for out of scope alike."""
    rows = IndexWarning.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=warning_id).first()
    if found is None:
        raise NotFound
    return found
