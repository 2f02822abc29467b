"""Reads of checks led by the main person, of how often they are owed, and of units' rules of self-checking."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.hazards.models import (
    CheckSide,
    Finding,
    Matter,
    Mechanism,
    SelfCheck,
    SelfCheckItem,
    SelfCheckRule,
)
from quancheng.domains.hazards.queries import criteria
from quancheng.domains.hazards.queries.statistics import NOT_COUNTED
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices, town_names
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law.models import Clause
from quancheng.standards.hidden_dangers.self_checks import LedRhythm, led_rhythm

#: Stands for no street or town at all in an address.
NO_TOWN = "none"


def list_checks(*, actor: Actor) -> QuerySet[SelfCheck]:
    """Checks of main persons that the actor may see, open ones first, then the newest, with their findings counted."""
    rows = SelfCheck.objects.visible_to(actor).select_related("file__enterprise", "file__area", "deputy", "leader")
    counted = rows.annotate(finding_count=Count("findings"))
    return counted.order_by(F("closed_at").desc(nulls_first=True), "-last_date", "pk")


def get_check(*, actor: Actor, check_id: uuid.UUID) -> SelfCheck:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_checks(actor=actor).filter(pk=check_id).first()
    if found is None:
        raise NotFound
    return found


def missed(today: date) -> Q:
    """Periods that went by without a check (未按期排查): still owed, or made up for afterwards."""
    return Q(status__in=("DUE", "DEPUTED"), last_date__lt=today) | Q(is_late=True)


def open_checks(*, actor: Actor) -> QuerySet[SelfCheck]:
    """What is still owed of what the actor may see, bare: for counts."""
    return SelfCheck.objects.visible_to(actor).filter(status__in=("DUE", "DEPUTED"))


def open_of(file_ids: Sequence[uuid.UUID], *, since: date) -> Sequence[SelfCheck]:
    """Open checks of these enterprises whose periods last until a day or longer. In no scope: for the clock."""
    rows = SelfCheck.objects.filter(status__in=("DUE", "DEPUTED"), file__in=list(file_ids), last_date__gte=since)
    return list(rows.order_by("pk"))


def standing(file_id: uuid.UUID, side: str, first: date, last: date) -> SelfCheck | None:
    """The check of a period that is owed or was made. In no scope: for the clock."""
    rows = SelfCheck.objects.filter(file=file_id, side=side, first_date=first, last_date=last)
    return rows.exclude(status="ENDED").order_by("closed_at", "pk").first()


def criteria_for(file: Enterprise, *, on: date) -> Sequence[Clause]:
    """The enterprise's list: criteria for major hidden dangers of the sets that are about any of its classes."""
    wanted = Q(pk__in=[])
    for kind in (file.kind, *file.more_kinds):
        wanted |= criteria.about(kind)
    return list(criteria.list_criteria(on=on).filter(wanted))


def findings_for(row: SelfCheck) -> QuerySet[Finding]:
    """Hidden dangers of the enterprise that a check of the period can have found: those found since it began."""
    rows = Finding.objects.filter(file=row.file_id, found_at__gte=Calendar().start_of(row.first_date))
    return rows.exclude(status__in=NOT_COUNTED).order_by("-is_major", "-found_at", "pk")


def items_of(row: SelfCheck) -> Sequence[SelfCheckItem]:
    """What was gone through, in the order of the criteria."""
    rows = row.items.select_related("clause__edition__text")
    return list(rows.order_by("clause__edition__text", "clause__position", "clause__place"))


def found_in(row: SelfCheck) -> QuerySet[Finding]:
    """The hidden dangers of a check."""
    return row.findings.order_by("-is_major", "found_at", "pk")


# How often ---------------------------------------------------------------------------------------------------------


def rule_on(day: date) -> SelfCheckRule | None:
    """What the district set by a day; None where what ships counts."""
    rows = SelfCheckRule.objects.filter(from_date__lte=day)
    return rows.order_by("-from_date", "-entered_at").first()


def rhythm_on(day: date) -> LedRhythm:
    """Which classes owe a check how often on a day."""
    rule = rule_on(day)
    if rule is None:
        return led_rhythm()
    every = led_rhythm().high | led_rhythm().others
    high = frozenset(rule.high_kinds)
    return LedRhythm(high=high, others=every - high, high_months=rule.high_months, other_months=rule.other_months)


def kinds_of_rhythm() -> list[tuple[str, str]]:
    """Classes that can be called high-risk, with their names."""
    known = led_rhythm().high | led_rhythm().others
    return [(code, str(label)) for code, label in Kind.choices if code in known]


def past_rules() -> Sequence[SelfCheckRule]:
    """What was set, the newest first."""
    return list(SelfCheckRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


# By month and town -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TownLine:
    """Periods that ended in a month, of a town: owed, checked in time, made up for, and without any check."""

    path: str
    name: str
    owed: int
    done: int
    late: int
    missing: int


def outside_towns() -> Q:
    """Whose enterprise lies in no street or town."""
    inside = Q(pk__in=[])
    for path in town_names():
        inside |= Q(file__area__path__startswith=path)
    return ~inside


def by_town(*, actor: Actor, first: date, last: date, today: date) -> Sequence[TownLine]:
    """One line a street or town with the periods that end from first to last; what is no longer needed not counted."""
    rows = SelfCheck.objects.visible_to(actor).filter(last_date__gte=first, last_date__lte=last)
    rows = rows.filter(side=CheckSide.ENTERPRISE).exclude(status="ENDED").order_by()
    open_now = Q(status__in=("DUE", "DEPUTED"))
    towns = town_choices(actor)
    sums: dict[str, list[int]] = {}
    told = rows.values("file__area__path").annotate(
        owed=Count("pk"), done=Count("pk", filter=Q(status="DONE", is_late=False)),
        late=Count("pk", filter=Q(status="DONE", is_late=True)),
        missing=Count("pk", filter=open_now & Q(last_date__lt=today)),
    )  # fmt: skip
    for one in told:
        key = next((path for path, _name in towns if (one["file__area__path"] or "").startswith(path)), "")
        line = sums.get(key, [0, 0, 0, 0])
        counts = (one["owed"], one["done"], one["late"], one["missing"])
        sums[key] = [before + more for before, more in zip(line, counts, strict=True)]
    names = dict(towns)
    return [TownLine(key, names.get(key, ""), *line) for key, line in sorted(sums.items(), key=lambda pair: (
        pair[0] == "", pair[0]))]  # fmt: skip


# Rules of self-checking --------------------------------------------------------------------------------------------


def list_mechanisms(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, each with the day on which it first confirmed each matter, if it did:
    ``self_check_date`` and ``posts_date``."""

    def since(matter: str) -> Any:
        rows = Mechanism.objects.filter(file=OuterRef("pk"), matter=matter).order_by("confirmed_at", "pk")
        return Subquery(rows.values("confirmed_date")[:1])

    rows = seen(actor=actor).select_related("enterprise", "area", "supervisor")
    rows = rows.annotate(self_check_date=since(Matter.SELF_CHECK), posts_date=since(Matter.POSTS))
    return rows.order_by("pinyin", "pk")


def not_done_by(day: date) -> Q:
    """Who had not confirmed both matters by the end of a day; of rows of :func:`list_mechanisms`."""
    return (
        Q(self_check_date__isnull=True) | Q(self_check_date__gt=day) | Q(posts_date__isnull=True)
        | Q(posts_date__gt=day)
    )  # fmt: skip


def get_mechanism_file(*, actor: Actor, file_id: uuid.UUID) -> Enterprise:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_mechanisms(actor=actor).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def mechanisms_of(file_id: uuid.UUID) -> Sequence[Mechanism]:
    """What an enterprise confirmed, the newest first; of a file that the caller got through its own query."""
    return list(Mechanism.objects.filter(file=file_id).order_by("-confirmed_at", "-pk"))


def list_papers(*, actor: Actor) -> QuerySet[Mechanism]:
    """Confirmations of the enterprises that the actor may see."""
    return Mechanism.objects.filter(file__in=seen(actor=actor).values("pk")).order_by("-confirmed_at", "pk")
