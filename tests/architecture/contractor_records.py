"""Records of contractors for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.training import outside_scene as scene
from tests.domains.training.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.training.models import (
    Admission,
    BlackListing,
    Contractor,
    ContractorIncident,
    ContractorViolation,
    EntryStep,
    OutsideRule,
    Person,
    WorkContract,
)
from quancheng.domains.training.services.contractors import admissions, companies
from quancheng.domains.training.services.contractors.blacklist import propose_listing
from quancheng.domains.training.services.contractors.violations import record_incident, record_violation
from quancheng.domains.training.services.entries import record_step, register_entry

_MARK = "标记承包商有限公司"


def _contractor(district: District) -> Contractor:
    return Contractor.objects.filter(name=_MARK).first() or companies.enter_contractor(
        actor=district.enterprise, code=scene.code(901), name=_MARK, now=NOW
    )


def contractor(district: District) -> Record:
    """Everybody with the duty may know which companies there are."""
    return Record({"pk": _contractor(district).pk}, _MARK)


def qualification(district: District) -> Record:
    row = _contractor(district)
    if not row.qualifications.exists():
        scene.qualify(district, row, number="标记资质号")
    return Record({"pk": row.pk, "qualification_id": row.qualifications.first().pk}, "标记资质号")


def _admission(district: District) -> Admission:
    row = _contractor(district)
    return Admission.objects.filter(contractor=row).first() or admissions.begin_admission(
        actor=district.enterprise, file=own_file(district), contractor=row, works=["repair"], now=NOW
    )


def admission(district: District) -> Record:
    row = _admission(district)
    Admission.objects.filter(pk=row.pk).update(agreement_scope="标记协议范围")
    return Record({"pk": row.pk}, "标记协议范围")


def contract(district: District) -> Record:
    row = _admission(district)
    made = WorkContract.objects.filter(admission=row).first() or scene.contract(district, row, name="标记承包合同")
    return Record({"pk": row.pk, "contract_id": made.pk}, "标记承包合同")


def outside_rule(district: District) -> Record:
    """A setting, which whoever looks at people may read."""
    OutsideRule.objects.filter(code="warn_days").update(name="标记设置项")
    return Record({"pk": OutsideRule.objects.get(code="warn_days").pk}, "标记设置项")


def _outsider(district: District) -> Person:
    return Person.objects.filter(name="标记外来人员").first() or scene.outsider(
        district, _contractor(district), order=905, name="标记外来人员", employment="temporary", staff_no="标记卡"
    )


def outsider(district: District) -> Record:
    row = _outsider(district)
    if not EntryStep.objects.filter(person=row).exists():
        register_entry(actor=district.enterprise, person=row, trade=None, work_area="标记作业区域", zones="", now=NOW)
        record_step(actor=district.enterprise, person=row, kind="inspection",
                    known={"done_date": NOW.date(), "note": "标记检查"}, files=[], now=NOW)  # fmt: skip
    return Record({"pk": row.pk}, "标记外来人员")


def entry_step(district: District) -> Record:
    return Record({"pk": outsider(district).arguments["pk"], "kind": "training"}, "标记外来人员")


def violation(district: District) -> Record:
    made = ContractorViolation.objects.filter(text="标记违章").first() or record_violation(
        actor=district.enterprise, file=own_file(district), rule="ppe", at=NOW, text="标记违章",
        contractor=_contractor(district), now=NOW,
    )  # fmt: skip
    return Record({"pk": made.pk}, "标记违章")


def incident(district: District) -> Record:
    known = {"type": "fall", "at": NOW, "place": "标记事故地点", "text": "踏空"}
    made = ContractorIncident.objects.filter(place="标记事故地点").first() or record_incident(
        actor=district.enterprise, file=own_file(district), known=known, contractor=None, now=NOW
    )
    return Record({"pk": made.pk}, "标记事故地点")


def black_listing(district: District) -> Record:
    made = BlackListing.objects.filter(facts="标记列入事实").first() or propose_listing(
        actor=district.enterprise, file=own_file(district), contractor=_contractor(district), person=None,
        reason="forgery", facts="标记列入事实", term_years=1, now=NOW,
    )  # fmt: skip
    return Record({"pk": made.pk}, "标记列入事实")
