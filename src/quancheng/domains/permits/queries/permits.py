"""Permits that the actor may see, and what hangs on one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from quancheng.domains.permits.models import (
    GasTest,
    Permit,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitPerson,
    PermitSignature,
    PermitSiteCheck,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of

VIEW, REQUEST, WORK, SIGN = "permits.view", "permits.request", "permits.work", "permits.sign"
SIGN_UNIT, SIGN_DEPARTMENT, SIGN_LEADER = "permits.sign_unit", "permits.sign_department", "permits.sign_leader"
#: Role in which a permit holds the plan of its work.
PLAN = "plan"


def list_permits(*, actor: Actor) -> QuerySet[Permit]:
    """Permits that the actor may see, the latest window first.

    :raises NotPermitted: his duties do not ask him to: a permit names people.
    """
    actor.require(VIEW)
    rows: QuerySet[Permit] = Permit.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "unit", "facility").order_by("-window_start", "pk")


def get_permit(*, actor: Actor, permit_id: uuid.UUID) -> Permit:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_permits(actor=actor).select_related("file", "requester", "supersedes")
    found = rows.filter(pk=permit_id).first()
    if found is None:
        raise NotFound
    return found


def people_of(permit: Permit) -> Sequence[PermitPerson]:
    """Everybody on a permit that a query gave to the actor: leader, guardians, workers. One query."""
    order = {"LEADER": 0, "GUARDIAN": 1, "WORKER": 2}
    rows = PermitPerson.objects.filter(permit=permit).select_related("person")
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


def analysis_of(permit: Permit) -> PermitAnalysis | None:
    """The newest."""
    return PermitAnalysis.objects.filter(permit=permit).order_by("-confirmed_at", "-pk").first()


def briefing_of(permit: Permit) -> PermitBriefing | None:
    """The newest, with who was in it."""
    rows = PermitBriefing.objects.filter(permit=permit).prefetch_related("attended__person")
    return rows.order_by("-briefed_at", "-pk").first()


def signatures_of(permit: Permit) -> Sequence[PermitSignature]:
    """All that were ever given, in their order: who briefed and who was briefed sign at the same moment."""
    rows = PermitSignature.objects.filter(permit=permit).select_related("person__person").order_by("signed_at", "pk")
    return sorted(rows, key=lambda one: (one.signed_at, one.step != "BRIEFER"))


def site_checks_of(permit: Permit) -> Sequence[PermitSiteCheck]:
    """The newest first."""
    return list(PermitSiteCheck.objects.filter(permit=permit).order_by("-checked_at", "-pk"))


def plans_of(permit: Permit) -> QuerySet[FileLink]:
    return files_of(permit, role=PLAN)


def touching(begin: datetime | None, end: datetime | None) -> Q:
    """Permits whose window touches a span."""
    found = Q()
    if begin is not None:
        found &= Q(window_end__gte=begin)
    if end is not None:
        found &= Q(window_start__lte=end)
    return found
