"""Rules over contracts, qualifications and persons of contractors (S1-12a): what they find is kept, and cleared."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.loops.admission import ADMITTED, ENDED
from quancheng.domains.training.models import (
    Admission,
    Contractor,
    ContractorFinding,
    ContractorQualification,
    FindingCode,
    Person,
    RequirementKind,
    SiteEntry,
    WorkContract,
    WorkRole,
)
from quancheng.domains.training.queries.contractors import companies_of, outside_persons
from quancheng.domains.training.queries.judging import may_work
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a rule found."""

    code: FindingCode
    key: str
    contractor_id: uuid.UUID
    contract_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def lock_file(file_id: uuid.UUID) -> None:
    """In a transaction: hold an enterprise until it ends. Always before a row of its admissions, never after."""
    Enterprise.objects.select_for_update(no_key=True).filter(pk=file_id).values_list("pk").get()


def find_all(*, now: datetime) -> int:
    """Each enterprise with contractors or people from outside; returns how many findings stand. Each night."""
    files = Enterprise.objects.filter(merged_into__isnull=True).filter(
        Q(pk__in=Admission.objects.values("file")) | Q(pk__in=ContractorFinding.objects.values("file"))
    )
    return sum(look_at(file=one, now=now) for one in files.order_by("pk"))


def look_at(*, file: Enterprise, now: datetime) -> int:
    """Ask the rules about one enterprise: what is new is written, what is gone is cleared.

    In one transaction; two at once wait for each other. Returns how many stand.
    """
    today = Calendar().local_date(now)
    with transaction.atomic():
        lock_file(file.pk)
        found = {one.key: one for one in _all(file, today)}
        standing = {one.key: one for one in ContractorFinding.objects.filter(file=file, cleared_date__isnull=True)}
        gone = [one.pk for key, one in standing.items() if key not in found]
        ContractorFinding.objects.filter(pk__in=gone).update(cleared_date=today)
        ContractorFinding.objects.bulk_create([
            ContractorFinding(
                **file.row_scope(), file=file, contractor_id=one.contractor_id, contract_id=one.contract_id,
                person_id=one.person_id, code=one.code, facts=one.facts, key=key, found_date=today,
            )
            for key, one in found.items() if key not in standing
        ])  # fmt: skip
    return len(found)


def _all(file: Enterprise, today: date) -> Iterator[Found]:
    admissions = list(Admission.objects.filter(file=file).exclude(status__in=ENDED).select_related("contractor"))
    contracts = list(
        WorkContract.objects.filter(admission__file=file, ended_date__isnull=True, to_date__gte=today)
        .select_related("contractor", "admission").order_by("pk")
    )  # fmt: skip
    companies = {one.contractor_id: one.contractor for one in admissions}
    companies |= {one.contractor_id: one.contractor for one in contracts}
    held = _held([*companies])
    yield from _of_contracts(contracts, admissions, held, today)
    yield from _split(file, today)
    yield from _of_qualifications(companies, held)
    yield from _of_persons(file, today)


def _held(companies: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ContractorQualification]]:
    rows = ContractorQualification.objects.filter(contractor__in=companies, ended_at__isnull=True)
    found: dict[uuid.UUID, list[ContractorQualification]] = defaultdict(list)
    for one in rows.order_by("pk"):
        found[one.contractor_id].append(one)
    return found


def _of_contracts(
    contracts: Sequence[WorkContract], admissions: Sequence[Admission],
    held: dict[uuid.UUID, list[ContractorQualification]], today: date,
) -> Iterator[Found]:  # fmt: skip
    admitted = {one.contractor_id for one in admissions if one.status in ADMITTED}
    for one in contracts:
        facts = {"name": one.name, "layer": one.layer}
        if one.layer > 1:
            yield Found(FindingCode.LAYERED, f"layered:{one.pk}", one.contractor_id, one.pk, facts=facts)
        if not any(each.work == one.work and qualification_counts(each, today) for each in held[one.contractor_id]):
            yield Found(FindingCode.UNQUALIFIED, f"unqualified:{one.pk}", one.contractor_id, one.pk, facts=facts)
        if one.contractor_id not in admitted:
            yield Found(FindingCode.UNADMITTED, f"unadmitted:{one.pk}", one.contractor_id, one.pk, facts=facts)
        if one.from_date <= today and (one.plan_date is None or one.brief_date is None):
            yield Found(FindingCode.NO_MEASURES, f"no_measures:{one.pk}", one.contractor_id, one.pk, facts=facts)


def qualification_counts(one: ContractorQualification, today: date) -> bool:
    """Whether a qualification holds on a day, by its term."""
    return one.valid_from <= today and (one.valid_to is None or one.valid_to >= today)


def _split(file: Enterprise, today: date) -> Iterator[Found]:
    """Contracts of a kind, signed one shortly after another, each below the limit and together at it or above."""
    known = figures()
    limit, days = known["split_yuan"], known["split_days"]
    rows = WorkContract.objects.filter(
        admission__file=file, layer=1, amount_yuan__lt=limit, signed_date__gte=today - timedelta(days=365),
        ended_date__isnull=True,
    ).order_by("work", "signed_date", "pk")  # fmt: skip
    by_work: dict[str, list[WorkContract]] = defaultdict(list)
    for one in rows:
        by_work[one.work].append(one)
    for work, all_of_it in by_work.items():
        for place, first in enumerate(all_of_it):
            last_day = first.signed_date + timedelta(days=days)
            near = [one for one in all_of_it[place:] if one.signed_date <= last_day]
            total = sum((one.amount_yuan for one in near), Decimal(0))
            if len(near) > 1 and total >= limit:
                facts = {"days": days, "count": len(near), "sum": f"{total:.0f}", "limit": limit}
                yield Found(FindingCode.SPLIT, f"split:{work}:{first.pk}", first.contractor_id, first.pk, facts=facts)
                break


def _of_qualifications(
    companies: dict[uuid.UUID, Contractor], held: dict[uuid.UUID, list[ContractorQualification]]
) -> Iterator[Found]:
    numbers = {one.number for rows in held.values() for one in rows}
    others = ContractorQualification.objects.filter(number__in=numbers, ended_at__isnull=True)
    names: dict[str, dict[uuid.UUID, str]] = defaultdict(dict)
    for number, pk, name in others.values_list("number", "contractor", "contractor__name").order_by("pk"):
        names[number][pk] = name
    for company_id, rows in held.items():
        company = companies[company_id]
        for one in rows:
            differs = one.holder_name != company.name or (one.holder_code and one.holder_code != company.code)
            if differs:
                facts = {"number": one.number, "holder": one.holder_name}
                yield Found(FindingCode.HOLDER, f"holder:{one.pk}", company_id, facts=facts)
            for other, name in names[one.number].items():
                if other != company_id:
                    facts = {"number": one.number, "other": name}
                    yield Found(FindingCode.SHARED_QUALIFICATION, f"shared:{one.pk}:{other}", company_id, facts=facts)


def _of_persons(file: Enterprise, today: date) -> Iterator[Found]:
    """The same identity at work for another company anywhere, a code that is not the company's, no certificate."""
    persons = list(outside_persons(file.pk).order_by("pk"))
    entered = SiteEntry.objects.filter(person__in=persons, trade__isnull=False).select_related("trade")
    trades = {one.person_id: one.trade for one in entered}
    companies = companies_of(persons)
    by_name = {one.name: one for one in Contractor.objects.filter(name__in={one.employer_name for one in persons})}
    elsewhere: dict[str, list[Person]] = defaultdict(list)
    rows = Person.objects.filter(id_index__in={one.id_index for one in persons}, left_date__isnull=True)
    for one in rows.exclude(employer_name="").order_by("pk"):
        elsewhere[one.id_index].append(one)
    for one in persons:
        named = by_name.get(one.employer_name)
        if named is not None and one.employer_code and one.employer_code != named.code:
            yield Found(FindingCode.CODE, f"code:{one.pk}", named.pk, person_id=one.pk,
                        facts={"found": one.employer_code})  # fmt: skip
        company = companies.get(one.pk) or named
        if company is None:
            continue
        trade = trades.get(one.pk)
        if trade is not None and _lacks_certificate(one, trade, today):
            yield Found(FindingCode.UNCERTIFIED, f"uncertified:{one.pk}", company.pk, person_id=one.pk,
                        facts={"trade": trade.code})  # fmt: skip
        for other in elsewhere[one.id_index]:
            if other.employer_name != one.employer_name and not _same(other, company):
                yield Found(FindingCode.SHARED_PERSON, f"person:{one.pk}", company.pk, person_id=one.pk,
                            facts={"other": other.employer_name})  # fmt: skip
                break


def _lacks_certificate(person: Person, trade: WorkRole, today: date) -> bool:
    return any(one.kind == RequirementKind.CERTIFICATE for one in may_work(person, trade, today).bars)


def _same(person: Person, company: Contractor) -> bool:
    return bool(person.employer_code) and person.employer_code == company.code
