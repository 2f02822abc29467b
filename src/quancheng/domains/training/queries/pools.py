"""Reads of pools (专家库、机构库): members, conflicts of interest, assignments, reports and services of agencies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import Avg, Count, F, IntegerField, Q, QuerySet, Sum, Value
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.loops.assignment import SERVED
from quancheng.domains.training.models import (
    AgencyReport,
    Assignment,
    DiagnosisFinding,
    MemberKind,
    PoolAppraisal,
    PoolInterest,
    PoolMember,
    ServiceContract,
    ServiceVisit,
    SpotCheck,
)
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

VIEW, KEEP, ASSIGN, ANSWER = (
    "training.pools.view", "training.pools.keep", "training.pools.assign", "training.pools.answer",
)  # fmt: skip
SERVE, SPOT = "training.services.keep", "training.agencies.check"


@dataclass(frozen=True, slots=True)
class Duty:
    """What a member did in a year: times, hours, average of the scores, fees."""

    count: int
    hours: Decimal
    average: Decimal | None
    fees: Decimal


def list_members(*, actor: Actor) -> QuerySet[PoolMember]:
    """The pool by name. :raises NotPermitted: no duty."""
    actor.require(VIEW)
    return PoolMember.objects.visible_to(actor).select_related("owner_org").order_by("pinyin", "pk")


def get_member(*, actor: Actor, member_id: uuid.UUID) -> PoolMember:
    found = list_members(actor=actor).filter(pk=member_id).first()
    if found is None:
        raise NotFound
    return found


def sees_record(actor: Actor, member: PoolMember) -> bool:
    """Interests, scores and fees are for offices and the member himself."""
    return actor.is_system or actor.supervises or (member.user_id is not None and member.user_id == actor.user_id)


def in_service(rows: QuerySet[PoolMember], day: date) -> QuerySet[PoolMember]:
    """Engaged on a day, certificate not over, not excluded."""
    return rows.filter(term_from__lte=day, term_to__gte=day, excluded_at__isnull=True).filter(
        Q(certificate_to__isnull=True) | Q(certificate_to__gte=day)
    )


def conflicts_of(member: PoolMember, file: Enterprise, day: date) -> list[str]:
    """Why a member stands back at an enterprise on a day, as sentences; empty where he need not."""
    found = []
    company = file.enterprise
    if company is not None:
        same_code = bool(member.unit_code) and member.unit_code == company.credit_code
        if same_code or (member.unit_name and member.unit_name == company.name):
            found.append(_("该企业是其所在单位。"))
    since = day - relativedelta(years=figures()["conflict_years"])
    holds = Q(until_date__isnull=True) | Q(until_date__gt=since)
    declared = PoolInterest.objects.filter(holds, member=member, file=file).order_by("kind", "pk")
    found += [_("已申报：%(kind)s。") % {"kind": one.get_kind_display()} for one in declared]
    own = _of_unit("provider", member)
    if ServiceContract.objects.filter(own, file=file, to_date__gt=since).exists():
        found.append(_("近年内受该企业委托提供服务。"))
    wrote = _of_unit("agency", member)
    if AgencyReport.objects.filter(wrote, file=file, report_date__gt=since).exists():
        found.append(_("近年内为该企业出具评价报告。"))
    return found


def _of_unit(column: str, member: PoolMember) -> Q:
    """What a member did himself or his unit did: the unit by its code, its name, or an agency of that name."""
    found = Q(**{column: member})
    if member.unit_code:
        found |= Q(**{f"{column}__unit_code": member.unit_code})
    if member.unit_name:
        found |= Q(**{f"{column}__unit_name": member.unit_name}) | Q(
            **{f"{column}__kind": MemberKind.AGENCY, f"{column}__name": member.unit_name}
        )
    return found


def list_assignments(*, actor: Actor) -> QuerySet[Assignment]:
    """Assignments that the actor may see: an expert those that are his. :raises NotPermitted: no duty."""
    actor.require(VIEW)
    rows = Assignment.objects.visible_to(actor).select_related("member", "enterprise", "file", "owner_org")
    return rows.annotate(finding_count=Count("findings")).order_by("-visit_date", "pk")


def get_assignment(*, actor: Actor, assignment_id: uuid.UUID) -> Assignment:
    found = list_assignments(actor=actor).filter(pk=assignment_id).first()
    if found is None:
        raise NotFound
    return found


def findings_of(row: Assignment) -> Sequence[DiagnosisFinding]:
    """Design first, then operation."""
    return list(DiagnosisFinding.objects.filter(assignment=row).order_by("part", "entered_at", "pk"))


def interests_of(member: PoolMember) -> Sequence[PoolInterest]:
    rows = PoolInterest.objects.filter(member=member).select_related("file__enterprise")
    return list(rows.order_by("-declared_at", "pk"))


def appraisals_of(member: PoolMember) -> Sequence[PoolAppraisal]:
    return list(PoolAppraisal.objects.filter(member=member).order_by("-year"))


def assignments_of(member: PoolMember, *, actor: Actor) -> Sequence[Assignment]:
    return list(list_assignments(actor=actor).filter(member=member)[:100])


def duty_of(member: PoolMember, year: int) -> Duty:
    """What he did in a year: the ground of its appraisal."""
    rows = Assignment.objects.filter(member=member, status__in=SERVED, visit_date__year=year)
    told = rows.aggregate(count=Count("pk"), hours=Sum("hours"), average=Avg("score"), fees=Sum("fee_yuan"))
    average = None if told["average"] is None else Decimal(f"{told['average']:.1f}")
    return Duty(told["count"], told["hours"] or Decimal(0), average, told["fees"] or Decimal(0))


# Agencies ------------------------------------------------------------------------------------------------------------


def list_reports(*, actor: Actor) -> QuerySet[AgencyReport]:
    """Reports of evaluation that the actor may see, the newest first; ``told_doubts`` for offices alone."""
    actor.require(VIEW)
    rows = AgencyReport.objects.visible_to(actor).select_related("agency", "enterprise", "file")
    told = F("doubt_score") if actor.is_system or actor.supervises else Value(None, output_field=IntegerField())
    return rows.annotate(checked=Count("spot_checks"), told_doubts=told).order_by("-report_date", "pk")


def get_report(*, actor: Actor, report_id: uuid.UUID) -> AgencyReport:
    found = list_reports(actor=actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def spot_checks_of(row: AgencyReport) -> Sequence[SpotCheck]:
    return list(SpotCheck.objects.filter(report=row).order_by("-checked_date", "pk"))


def list_services(*, actor: Actor) -> QuerySet[ServiceContract]:
    """Contracts of service, with their visits counted."""
    actor.require(VIEW)
    rows = ServiceContract.objects.visible_to(actor).select_related("provider", "enterprise", "file")
    return rows.annotate(visit_count=Count("visits")).order_by("-to_date", "pk")


def get_service(*, actor: Actor, contract_id: uuid.UUID) -> ServiceContract:
    found = list_services(actor=actor).filter(pk=contract_id).first()
    if found is None:
        raise NotFound
    return found


def visits_of(row: ServiceContract) -> Sequence[ServiceVisit]:
    return list(ServiceVisit.objects.filter(contract=row).order_by("-visited_date", "pk"))


def agencies(*, actor: Actor) -> QuerySet[PoolMember]:
    return list_members(actor=actor).filter(kind=MemberKind.AGENCY)
