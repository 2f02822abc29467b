"""Permits that the actor may see, and what hangs on one."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from quancheng.domains.permits.models import (
    GasTest,
    IsolationLink,
    Permit,
    PermitAnalysis,
    PermitAudit,
    PermitBriefing,
    PermitMeasure,
    PermitPerson,
    PermitSignature,
    PermitSiteCheck,
    PermitWarning,
    ShiftPlan,
    WorkFiling,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of

VIEW, REQUEST, WORK, SIGN = "permits.view", "permits.request", "permits.work", "permits.sign"
SIGN_UNIT, SIGN_DEPARTMENT, SIGN_LEADER = "permits.sign_unit", "permits.sign_department", "permits.sign_leader"
#: Role in which a permit holds the plan of its work.
PLAN = "plan"
#: Role in which it holds pictures of names written by finger.
SIGNATURE = "signature"


def list_permits(*, actor: Actor) -> QuerySet[Permit]:
    """Permits that the actor may see, the latest window first.

    :raises NotPermitted: his duties do not ask him to: a permit names people.
    """
    actor.require(VIEW)
    rows: QuerySet[Permit] = Permit.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "unit", "facility").order_by("-window_start", "pk")


def get_permit(*, actor: Actor, permit_id: uuid.UUID) -> Permit:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_permits(actor=actor).select_related("file__enterprise", "file__area", "requester", "supersedes")
    found = rows.annotate(**_beside()).filter(pk=permit_id).first()
    if found is None:
        raise NotFound
    return found


def _beside() -> dict[str, Any]:
    """The newest audit, the filing of a permit, whether points are sealed with it and whether its enterprise names
    shifts as columns, since its page has no query to spare."""
    audit = PermitAudit.objects.filter(permit=OuterRef("pk"), is_newest=True).values(
        told=JSONObject(pk=Cast("id", CharField()), score="score")
    )
    filing = WorkFiling.objects.filter(permit=OuterRef("pk")).exclude(status="WITHDRAWN").values(
        told=JSONObject(pk=Cast("id", CharField()), status="status")
    )
    points = IsolationLink.objects.filter(permit=OuterRef("pk"), is_sealed=True)
    shifts = ShiftPlan.objects.filter(file=OuterRef("file"))
    return {
        "has_shifts": Exists(shifts), "audit_told": Subquery(audit[:1]), "filing_told": Subquery(filing[:1]),
        "has_points": Exists(points),
    }  # fmt: skip


def people_of(permit: Permit) -> Sequence[PermitPerson]:
    """Everybody on a permit that a query gave to the actor: leader, guardians, workers. One query."""
    return people_of_many([permit.pk])


def people_of_many(keys: Collection[uuid.UUID]) -> Sequence[PermitPerson]:
    """Everybody on these permits, of each in the order leader, guardians, workers. One query."""
    order = {"LEADER": 0, "GUARDIAN": 1, "WORKER": 2}
    rows = PermitPerson.objects.filter(permit__in=list(keys)).select_related("person")
    return sorted(rows, key=lambda one: (order[one.part], one.number))


def get_permit_person(*, permit: Permit, row_id: uuid.UUID) -> PermitPerson:
    found = PermitPerson.objects.filter(permit=permit, pk=row_id).select_related("person").first()
    if found is None:
        raise NotFound
    return found


def measures_of(permit: Permit) -> Sequence[PermitMeasure]:
    return list(PermitMeasure.objects.filter(permit=permit).order_by("code"))


def gas_of(permit: Permit) -> Sequence[GasTest]:
    """The newest first."""
    return list(GasTest.objects.filter(permit=permit).order_by("-sampled_at", "-pk"))


#: What each step of an analysis tells, how many steps it has at most, and in which states it is made.
STEP_PARTS, MOST_STEPS, ANALYSED_IN = ("step", "hazard", "measure"), 60, ("DRAFT", "REQUESTED", "PREPARING")


def analysis_of(permit: Permit) -> PermitAnalysis | None:
    """The newest."""
    return analyses_of_many([permit.pk]).get(permit.pk)


def analyses_of_many(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, PermitAnalysis]:
    """The newest of each permit. One query."""
    rows = PermitAnalysis.objects.filter(permit__in=list(keys)).order_by("permit", "-confirmed_at", "-pk")
    return {one.permit_id: one for one in rows.distinct("permit")}


def briefing_of(permit: Permit) -> PermitBriefing | None:
    """The newest, with ``attended_keys``: who was in it."""
    return briefings_of_many([permit.pk]).get(permit.pk)


def briefings_of_many(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, PermitBriefing]:
    """The newest of each permit, with ``attended_keys``. One query."""
    through = PermitBriefing.attended.through
    told = through.objects.filter(permitbriefing=OuterRef("pk")).order_by("permitperson")
    rows = PermitBriefing.objects.filter(permit__in=list(keys)).order_by("permit", "-briefed_at", "-pk")
    rows = rows.annotate(attended_keys=ArraySubquery(told.values("permitperson")))
    return {one.permit_id: one for one in rows.distinct("permit")}


def attended_in(briefing: Any) -> set[uuid.UUID]:
    """Who was in a briefing, as :func:`briefing_of` gave it."""
    return set(briefing.attended_keys) if briefing is not None else set()


def signatures_of(permit: Permit) -> Sequence[PermitSignature]:
    """All that were ever given, in their order: who briefed and who was briefed sign at the same moment."""
    return signatures_of_many([permit.pk])


def signatures_of_many(keys: Collection[uuid.UUID]) -> Sequence[PermitSignature]:
    rows = PermitSignature.objects.filter(permit__in=list(keys)).select_related("person__person")
    return sorted(rows.order_by("signed_at", "pk"), key=lambda one: (one.signed_at, one.step != "BRIEFER"))


def related_of_many(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Permit]]:
    """Permits of the same job. Two queries at most."""
    found: dict[uuid.UUID, list[Permit]] = {key: [] for key in keys}
    pairs = list(Permit.related.through.objects.filter(from_permit__in=list(keys)).values_list(
        "from_permit", "to_permit"
    ))  # fmt: skip
    rows = Permit.objects.in_bulk([other for _own, other in pairs]) if pairs else {}
    for own, other in sorted(pairs, key=str):
        found[own].append(rows[other])
    return found


def warnings_of(permit: Permit) -> Sequence[PermitWarning]:
    """Warnings of checks that somebody confirmed, in their order."""
    return list(PermitWarning.objects.filter(permit=permit).order_by("confirmed_at", "pk"))


def site_checks_of(permit: Permit) -> Sequence[PermitSiteCheck]:
    """The newest first."""
    return list(PermitSiteCheck.objects.filter(permit=permit).order_by("-checked_at", "-pk"))


def plans_of(permit: Permit) -> QuerySet[FileLink]:
    return files_of(permit, role=PLAN)


def pictures_of(permit: Permit) -> dict[str, uuid.UUID]:
    """Links of pictures of names by the digest of what was drawn."""
    return {one.file.original_digest: one.pk for one in files_of(permit, role=SIGNATURE)}
