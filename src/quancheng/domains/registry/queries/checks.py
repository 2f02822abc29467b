"""Reads of checklists and checks, stoppages, design re-verifications and laboratories."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.registry.kinds import CheckKind
from quancheng.domains.registry.models import (
    Census,
    CensusArea,
    CheckRecord,
    Enterprise,
    Facility,
    Holding,
    Laboratory,
    Reverification,
    Stoppage,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law.queries import in_force, list_clauses

#: The text of ``kernel.law`` that holds the checklist of a kind; a census brings its own questions.
LISTS = {CheckKind.STOPPED: "CL-STOPPED", CheckKind.DESIGN: "CL-DESIGN", CheckKind.LABORATORY: "CL-LAB"}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist: its place, what it asks, on what it rests."""

    place: str
    text: str
    basis: str = ""


def items_of(kind: str, *, census: Census | None, on: date) -> tuple[str, list[Item]]:
    """Name and items of a kind's checklist as it stood on a day; no items where none was in force."""
    if kind == CheckKind.CENSUS:
        if census is None:
            return "", []
        return census.title, [Item(str(number), text) for number, text in enumerate(census.questions, 1)]
    edition = in_force(LISTS[CheckKind(kind)], on=on)
    if edition is None:
        return "", []
    return f"{edition.text.name}（{edition.number}）", [
        Item(one.place, one.summary, one.basis) for one in list_clauses(edition)
    ]


def list_checks(*, actor: Actor) -> QuerySet[CheckRecord]:
    """Checks of the enterprises that the actor may see, the newest first."""
    return (
        CheckRecord.objects.filter(file__in=Enterprise.objects.visible_to(actor))
        .select_related("file", "file__enterprise", "file__area", "org", "laboratory")
        .order_by("-recorded_at", "-pk")
    )


def get_check(*, actor: Actor, check_id: uuid.UUID) -> CheckRecord:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        list_checks(actor=actor).select_related("stoppage", "reverification", "census").filter(pk=check_id).first()
    )
    if found is None:
        raise NotFound
    return found


def get_visible_check(actor: Actor, pk: uuid.UUID) -> CheckRecord | None:
    """For the files that it holds."""
    return list_checks(actor=actor).filter(pk=pk).first()


def checks_of(file: Enterprise) -> QuerySet[CheckRecord]:
    """Checks of one file, the newest first."""
    return CheckRecord.objects.filter(file=file).select_related("org", "laboratory").order_by("-recorded_at", "-pk")


def open_self_checks(file: Enterprise) -> Sequence[Census]:
    """Censuses that run where the enterprise lies, look for its class, and ask it questions."""
    if file.area is None or file.merged_into_id is not None:
        return []
    above = [part for part in file.area.path.split("/") if part]
    paths = ["/" + "/".join(above[: number + 1]) + "/" for number in range(len(above))]
    here = CensusArea.objects.filter(census=OuterRef("pk"), area__path__in=paths).exclude(status="RELEASED")
    rows = Census.objects.filter(Exists(here), status="RUNNING").exclude(questions=[])
    kinds = [file.kind, *file.more_kinds]
    return list(rows.filter(Q(kinds=[]) | Q(kinds__overlap=kinds)).order_by("period_to", "pk"))


def get_self_check(*, file: Enterprise, census_id: uuid.UUID) -> Census:
    """A census that asks the enterprise now. :raises NotFound: there is none, or it asks somebody else."""
    found = next((one for one in open_self_checks(file) if one.pk == census_id), None)
    if found is None:
        raise NotFound
    return found


# Stoppages and re-verifications -----------------------------------------------------------------------------------


def list_stoppages(*, actor: Actor) -> QuerySet[Stoppage]:
    """What stands still, as far as the actor may see it; the check that is due first comes first."""
    checked = CheckRecord.objects.filter(stoppage=OuterRef("pk")).order_by("-recorded_at").values("day")[:1]
    return (
        Stoppage.objects.visible_to(actor)
        .select_related("file", "file__enterprise", "unit", "area", "enterprise")
        .annotate(last_check=Subquery(checked))
        .order_by(F("closed_at").desc(nulls_first=True), "next_check_date", "pk")
    )


def get_stoppage(*, actor: Actor, stoppage_id: uuid.UUID) -> Stoppage:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_stoppages(actor=actor).filter(pk=stoppage_id).first()
    if found is None:
        raise NotFound
    return found


def holdings_at(stoppage: Stoppage) -> QuerySet[Holding]:
    """Which hazardous chemicals are on hand where it stands still."""
    rows = Holding.objects.filter(file=stoppage.file_id, ended_date__isnull=True)
    if stoppage.unit_id is not None:
        rows = rows.filter(facility__unit=stoppage.unit_id)
    return rows.select_related("facility", "facility__unit", "chemical").order_by(
        "facility__unit__code", "facility__code", "chemical__pinyin", "pk"
    )


def list_reverifications(*, actor: Actor) -> QuerySet[Reverification]:
    """Design re-verifications that the actor judges, supervises or undergoes."""
    return (
        Reverification.objects.visible_to(actor)
        .select_related("file", "file__enterprise", "area", "owner_org", "enterprise")
        .order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")
    )


def get_reverification(*, actor: Actor, reverification_id: uuid.UUID) -> Reverification:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_reverifications(actor=actor).filter(pk=reverification_id).first()
    if found is None:
        raise NotFound
    return found


# Laboratories -----------------------------------------------------------------------------------------------------


def list_laboratories(*, actor: Actor) -> QuerySet[Laboratory]:
    """Laboratories of the institutions that the actor may see, with the day of their last check."""
    return (
        Laboratory.objects.filter(file__in=Enterprise.objects.visible_to(actor))
        .select_related("file", "file__enterprise", "file__area", "facility", "facility__unit")
        .annotate(last_check=Max("checks__day"))
        .order_by("file__enterprise__pinyin", "room", "pk")
    )


def get_laboratory(*, actor: Actor, laboratory_id: uuid.UUID) -> Laboratory:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_laboratories(actor=actor).filter(pk=laboratory_id).first()
    if found is None:
        raise NotFound
    return found


def laboratory_at(facility: Facility) -> uuid.UUID | None:
    """The registration of a facility that the caller got through its own query."""
    return Laboratory.objects.filter(facility=facility).values_list("pk", flat=True).first()


def held_in(laboratory: Laboratory) -> QuerySet[Holding]:
    """What the laboratory holds."""
    return (
        Holding.objects.filter(facility=laboratory.facility_id, ended_date__isnull=True)
        .select_related("facility", "facility__unit", "chemical")
        .order_by("chemical__pinyin", "pk")
    )
