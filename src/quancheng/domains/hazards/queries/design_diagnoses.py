"""Reads of design diagnoses: by year with their defects; who of two key points and one major (两重点一重大) has none.

A defect is counted as any list counts a danger: drafts, and what was no danger, are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import DesignDiagnosis, DiagnosisKind, Finding
from quancheng.domains.registry.models import Enterprise, Facility, Reverification, Unit
from quancheng.domains.registry.queries.derived import with_two_key_one_major
from quancheng.domains.registry.queries.enterprises import is_kept_at, is_seen_at, keys_seen, seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

STANDING = Q(ended_at__isnull=True)
_COUNTED = Q(findings__isnull=False) & ~Q(findings__status__in=NOT_COUNTED)
#: Which of the three an enterprise has, by the names that :func:`list_screened` gives them.
MARKS = ("has_process", "has_chemical", "has_hazard")


def rows_seen(*, actor: Actor) -> QuerySet[DesignDiagnosis]:
    """Of the enterprises that the actor may see and of the doubles merged into them; ended ones too, in no order."""
    return DesignDiagnosis.objects.filter(is_seen_at(keys_seen(actor=actor)))


def list_diagnoses(*, actor: Actor) -> QuerySet[DesignDiagnosis]:
    """Standing ones of the enterprises that the actor may see, the newest first, each with how many defects were
    ``found``, are ``closed`` and ``open``, and the ``oldest`` day of an open one."""
    rows = rows_seen(actor=actor).filter(STANDING)
    open_ = _COUNTED & Q(findings__closed_at__isnull=True)
    return (
        rows.select_related("file__enterprise", "file__area")
        .annotate(
            found=Count("findings", filter=_COUNTED),
            closed=Count("findings", filter=_COUNTED & Q(findings__closed_at__isnull=False)),
            open=Count("findings", filter=open_), oldest=TruncDate(Min("findings__found_at", filter=open_)),
        )
        .order_by("-year", "-dated", "pk")
    )  # fmt: skip


def get_diagnosis(*, actor: Actor, diagnosis_id: uuid.UUID) -> DesignDiagnosis:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    rows = rows_seen(actor=actor).select_related("file__enterprise", "file__area", "by_org").prefetch_related("units")
    found = rows.filter(pk=diagnosis_id).first()
    if found is None:
        raise NotFound
    return found


def diagnoses_of(file: Enterprise, *, actor: Actor) -> Sequence[DesignDiagnosis]:
    """Standing ones of a file that the caller got through its own query, and of the doubles merged into it."""
    return list(list_diagnoses(actor=actor).filter(is_kept_at(file.pk)))


def defects_of(row: DesignDiagnosis, *, actor: Actor) -> Sequence[Finding]:
    """Its defects that the actor may see, open ones first."""
    rows = Finding.objects.visible_to(actor).filter(diagnosis=row).select_related("file__enterprise")
    return list(rows.order_by("closed_at", "code", "pk"))


def units_of(file: Enterprise) -> QuerySet[Unit]:
    """Units of a file that the caller got through its own query."""
    return Unit.objects.filter(file=file, ended_date__isnull=True).order_by("code", "pk")


def of_year(year: int) -> Q:
    """Dangers that are counted as defects of a year's diagnoses."""
    return Q(diagnosis__year=year, diagnosis__ended_at__isnull=True) & ~Q(status__in=NOT_COUNTED)


def defects(actor: Actor) -> Q:
    """Dangers that are counted as defects of any year's diagnoses."""
    return Q(diagnosis__isnull=False, diagnosis__ended_at__isnull=True) & ~Q(status__in=NOT_COUNTED)


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year's diagnoses in numbers; ``oldest``: the day of the oldest open defect."""

    year: int
    diagnoses: int
    files: int
    found: int
    closed: int
    open: int
    oldest: date | None


def by_year(*, actor: Actor, year: int | None = None) -> list[YearLine]:
    """Years with diagnoses, the newest first, or one of them. Two queries."""
    rows = rows_seen(actor=actor).filter(STANDING, kind=DiagnosisKind.DIAGNOSIS).order_by()
    dangers = Finding.objects.visible_to(actor).filter(defects(actor)).order_by()
    if year is not None:
        rows, dangers = rows.filter(year=year), dangers.filter(diagnosis__year=year)
    found: dict[int, Any] = {
        one["diagnosis__year"]: one
        for one in dangers.values("diagnosis__year").annotate(
            found=Count("pk"), closed=Count("pk", filter=Q(closed_at__isnull=False)),
            open=Count("pk", filter=Q(closed_at__isnull=True)),
            oldest=TruncDate(Min("found_at", filter=Q(closed_at__isnull=True))),
        )
    }  # fmt: skip
    none: dict[str, Any] = {"found": 0, "closed": 0, "open": 0, "oldest": None}
    counted = rows.values("year").annotate(diagnoses=Count("pk"), files=Count("file", distinct=True))
    return [
        YearLine(one["year"], one["diagnoses"], one["files"],
                 **{name: found.get(one["year"], none)[name] for name in none})
        for one in counted.order_by("-year")
    ]  # fmt: skip


def list_screened(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises of two key points and one major that the actor may see, with :data:`MARKS` and what proves their
    design: ``diagnosed`` or ``formal`` by a record here, ``verified`` by the office's re-verification; ``undesigned``
    tells that a facility in service is entered as one without regular design."""
    records = DesignDiagnosis.objects.filter(STANDING, is_kept_at(OuterRef("pk")))
    passed = Reverification.objects.filter(file=OuterRef("pk"), status="PASSED")
    bare = Facility.objects.filter(unit__file=OuterRef("pk"), decommissioned_date__isnull=True, design="none")
    rows = with_two_key_one_major(seen(actor=actor)).filter(
        Q(has_process=True) | Q(has_chemical=True) | Q(has_hazard=True)
    )
    return (
        rows.annotate(
            diagnosed=Exists(records.filter(kind=DiagnosisKind.DIAGNOSIS)),
            formal=Exists(records.filter(kind=DiagnosisKind.FORMAL)), verified=Exists(passed),
            undesigned=Exists(bare),
        )
        .select_related("enterprise", "area", "supervisor")
        .order_by("pinyin", "pk")
    )  # fmt: skip


#: Of :func:`list_screened`: nothing proves its design, so it is to be screened.
UNPROVEN = Q(diagnosed=False, formal=False, verified=False)


def screened(*, actor: Actor) -> dict[str, int]:
    """How many enterprises of two key points and one major there are, and by mark how many are to be screened."""
    lacking = {f"lacking_{mark}": Count("pk", filter=UNPROVEN & Q(**{mark: True})) for mark in MARKS}
    found: dict[str, int] = list_screened(actor=actor).order_by().aggregate(
        total=Count("pk"), unproven=Count("pk", filter=UNPROVEN), **lacking
    )  # fmt: skip
    return {name.removeprefix("lacking_"): number for name, number in found.items()}
