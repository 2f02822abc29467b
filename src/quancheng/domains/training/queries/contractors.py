"""Reads of contractors (承包商): the companies, their admissions, and how one stands at an enterprise on a day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.loops.admission import ADMITTED, ENDED
from quancheng.domains.training.models import (
    OF_OTHERS,
    Admission,
    AdmissionCheck,
    Contractor,
    ContractorFinding,
    ContractorQualification,
    Person,
    WorkContract,
)
from quancheng.domains.training.queries.blacklist import Barring, barring
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.words import listed

VIEW, KEEP, ADMIT = "training.contractors.view", "training.contractors.keep", "training.contractors.admit"
#: What a contractor in band C, or restricted by hand, does not do.
RESTRICTED_WORK = ("special_hot_work", "confined_space")


@dataclass(frozen=True, slots=True)
class Ground:
    """Why something is refused: a code for machines, a sentence in the reader's language."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a company stands at an enterprise on a day.

    :ivar code: its unified code as it was asked for.
    :ivar agreement_to: the last day of its safety agreement.
    :ivar restricted: what it may not do, of :data:`RESTRICTED_WORK`.
    :ivar grounds: why it may not work at all; empty where it may.
    """

    code: str
    contractor: Contractor | None
    admission: Admission | None
    agreement_to: date | None
    restricted: tuple[str, ...]
    is_black_listed: bool
    grounds: tuple[Ground, ...]

    @property
    def may_work(self) -> bool:
        return not self.grounds


def list_contractors(*, actor: Actor) -> QuerySet[Contractor]:
    """Companies of the district by name, with how many enterprises admitted each. :raises NotPermitted: no duty."""
    actor.require(VIEW)
    admitted = Count("admissions", filter=Q(admissions__status__in=ADMITTED))
    rows = Contractor.objects.visible_to(actor).select_related("owner_org")
    return rows.annotate(admitted_count=admitted).order_by("pinyin", "pk")


def get_contractor(*, actor: Actor, contractor_id: uuid.UUID) -> Contractor:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_contractors(actor=actor).filter(pk=contractor_id).first()
    if found is None:
        raise NotFound
    return found


def qualifications_of(contractor: Contractor) -> Sequence[ContractorQualification]:
    """Those that stand first, by end."""
    rows = ContractorQualification.objects.filter(contractor=contractor).select_related("entered_org")
    return list(rows.order_by("ended_at", "-valid_to", "pk"))


def get_qualification(*, contractor: Contractor, qualification_id: uuid.UUID) -> ContractorQualification:
    found = ContractorQualification.objects.filter(contractor=contractor, pk=qualification_id).first()
    if found is None:
        raise NotFound
    return found


def list_admissions(*, actor: Actor) -> QuerySet[Admission]:
    """Admissions that the actor may see, the newest first, with open findings counted."""
    actor.require(VIEW)
    open_ones = ContractorFinding.objects.filter(
        file=OuterRef("file"), contractor=OuterRef("contractor"), cleared_date__isnull=True
    )
    rows = Admission.objects.visible_to(actor).select_related("contractor", "enterprise", "area", "file")
    return rows.annotate(has_findings=Exists(open_ones)).order_by("-created_at", "pk")


def get_admission(*, actor: Actor, admission_id: uuid.UUID) -> Admission:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_admissions(actor=actor).filter(pk=admission_id).first()
    if found is None:
        raise NotFound
    return found


def admissions_seen(*, actor: Actor) -> QuerySet[Admission]:
    """Bare, for the door of files: none without the duty."""
    return Admission.objects.visible_to(actor) if actor.has(VIEW) else Admission.objects.none()


def checks_of(admission: Admission) -> dict[str, AdmissionCheck]:
    """Judged items by their code."""
    return {one.code: one for one in AdmissionCheck.objects.filter(admission=admission)}


def contracts_of(admission: Admission) -> list[WorkContract]:
    """Contracts of an admission, each followed by those under it."""
    found = WorkContract.objects.filter(admission=admission).select_related("contractor", "upper")
    rows = list(found.order_by("signed_date", "pk"))
    below: dict[uuid.UUID | None, list[WorkContract]] = {}
    for one in rows:
        below.setdefault(one.upper_id, []).append(one)

    def walk(upper: uuid.UUID | None) -> list[WorkContract]:
        return [each for one in below.get(upper, []) for each in (one, *walk(one.pk))]

    return walk(None)


def get_contract(*, admission: Admission, contract_id: uuid.UUID) -> WorkContract:
    found = WorkContract.objects.filter(admission=admission, pk=contract_id).select_related("contractor").first()
    if found is None:
        raise NotFound
    return found


def list_findings(*, actor: Actor) -> QuerySet[ContractorFinding]:
    """What the rules found, the newest first."""
    actor.require(VIEW)
    rows = ContractorFinding.objects.visible_to(actor).select_related(
        "contractor", "enterprise", "contract", "person", "area"
    )
    return rows.order_by("-found_date", "pk")


def findings_of(admission: Admission) -> list[ContractorFinding]:
    """Open findings of an admission's company at its enterprise, and of companies under its contracts."""
    below = WorkContract.objects.filter(admission=admission).values("contractor")
    mine = Q(contractor=admission.contractor_id) | Q(contractor__in=below)
    rows = ContractorFinding.objects.filter(mine, file=admission.file_id, cleared_date__isnull=True)
    return list(rows.select_related("contractor", "contract", "person").order_by("-found_date", "pk"))


def sentence_of(row: ContractorFinding) -> str:
    """What was found, in the reader's language."""
    facts = row.facts
    code = row.code
    if code == "layered":
        return _("“%(name)s”为第%(layer)s层合同，承包工程不得再次分包、转包。") % facts
    if code == "split":
        return _("%(days)s天内同类承包合同%(count)s份，合计%(sum)s元，单份均低于限额%(limit)s元。") % facts
    if code == "unqualified":
        return _("承包“%(name)s”没有有效的相应资质。") % facts
    if code == "unadmitted":
        return _("承包“%(name)s”未经本企业准入。") % facts
    if code == "holder":
        return _("资质证书%(number)s的持有单位为“%(holder)s”，与承包商不一致。") % facts
    if code == "shared_qual":
        return _("资质证书%(number)s同时登记在“%(other)s”名下。") % facts
    if code == "shared_person":
        return _("该人员同时登记为“%(other)s”的人员。") % facts
    if code == "code":
        return _("人员档案中用人单位代码为%(found)s，与承包商不一致。") % facts
    if code == "uncertified":
        return _("按工种须持证，未持有效证书。")
    return _("“%(name)s”已开工，作业方案未审查或未做安全交底。") % facts


def outside_persons(file_id: uuid.UUID, contractor: Contractor | None = None) -> QuerySet[Person]:
    """People at work there who are sent by others; of one company where it is named."""
    rows = Person.objects.filter(file=file_id, left_date__isnull=True, employment__in=OF_OTHERS)
    if contractor is not None:
        rows = rows.filter(of_company(contractor))
    return rows


def of_company(contractor: Contractor) -> Q:
    """Persons whom the company sends: under its code, or under its name."""
    return Q(employer_code=contractor.code) | Q(employer_name=contractor.name)


def companies_of(persons: Collection[Person]) -> dict[uuid.UUID, Contractor]:
    """The company that sends each, by code or else by name; none for whose company nobody entered. One query."""
    codes = {one.employer_code for one in persons if one.employer_code}
    names = {one.employer_name for one in persons if one.employer_name}
    if not codes and not names:
        return {}
    rows = list(Contractor.objects.filter(Q(code__in=codes) | Q(name__in=names)))
    by_code, by_name = {one.code: one for one in rows}, {one.name: one for one in rows}
    found: dict[uuid.UUID, Contractor] = {}
    for one in persons:
        company = by_code.get(one.employer_code) or (None if one.employer_code else by_name.get(one.employer_name))
        if company is not None:
            found[one.pk] = company
    return found


def standing_of(
    *, file: Enterprise, companies: Collection[str], day: date, known: Collection[Contractor] | None = None,
    listed: Barring | None = None,
) -> dict[str, Standing]:  # fmt: skip
    """How companies stand at an enterprise on a day: for permits, gates and pages.

    No scope is asked: the caller works for that enterprise, or sees it.

    :param companies: unified codes; one that nobody entered stands as not admitted. Three queries at most.
    :param known: files of these companies, and ``listed`` the black lists, where the caller has read them.
    """
    found_files = Contractor.objects.filter(code__in=companies) if known is None else known
    files = {one.code: one for one in found_files}
    lists = listed or barring()
    rows = Admission.objects.filter(file=file, contractor__code__in=companies).exclude(status__in=ENDED)
    admissions = {one.contractor_id: one for one in rows}
    found = {}
    for code in companies:
        company = files.get(code)
        admission = admissions.get(company.pk) if company is not None else None
        is_barred = company is not None and lists.bars_company(company, file.pk, day)
        found[code] = _judged(code, company, admission, day, is_barred)
    return found


def _judged(
    code: str, company: Contractor | None, admission: Admission | None, day: date, is_barred: bool
) -> Standing:
    grounds: list[Ground] = []
    if is_barred and company is not None:
        grounds.append(Ground("black_listed", _("“%(name)s”已列入黑名单。") % {"name": company.name}))
    if company is None:
        grounds.append(Ground("unknown", _("单位没有承包商档案。")))
    elif admission is None:
        grounds.append(Ground("not_admitted", _("“%(name)s”未经本企业准入。") % {"name": company.name}))
    else:
        grounds += _of_admission(company.name, admission, day)
    restricted = RESTRICTED_WORK if admission is not None and admission.status == "RESTRICTED" else ()
    return Standing(
        code=code, contractor=company, admission=admission,
        agreement_to=admission.agreement_to if admission is not None else None, restricted=restricted,
        is_black_listed=is_barred, grounds=tuple(grounds),
    )  # fmt: skip


def _of_admission(name: str, admission: Admission, day: date) -> list[Ground]:
    told = {"name": name, "state": admission.status_label}
    if admission.status not in ADMITTED:
        return [Ground("not_admitted", _("“%(name)s”的准入状态为“%(state)s”。") % told)]
    found = []
    if admission.valid_to is None or admission.valid_to < day:
        over = _("“%(name)s”的准入已于%(day)s到期。") % {**told, "day": admission.valid_to}
        found.append(Ground("admission_over", over))
    elif admission.valid_from is not None and admission.valid_from > day:
        early = _("“%(name)s”的准入自%(day)s起。") % {**told, "day": admission.valid_from}
        found.append(Ground("admission_early", early))
    if admission.agreement_to is None or not (admission.agreement_from or day) <= day <= admission.agreement_to:
        found.append(Ground("agreement", _("“%(name)s”没有在有效期内的安全管理协议。") % told))
    return found


def works_text(codes: Collection[str], names: dict[str, str]) -> str:
    return listed(names.get(one, one) for one in codes)


def checks_seen(*, actor: Actor) -> QuerySet[AdmissionCheck]:
    return AdmissionCheck.objects.filter(admission__in=admissions_seen(actor=actor))


def qualifications_seen(*, actor: Actor) -> QuerySet[ContractorQualification]:
    rows = ContractorQualification.objects.all()
    return rows if actor.has(VIEW) else rows.none()
