"""What registers of people say of those on a permit counts, not what its requester wrote (GB 45673-2025, 5.9.1)."""

from __future__ import annotations

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_draft
from tests.domains.permits.test_refusals import refused, submit
from tests.domains.training import outside_scene
from tests.factories import make_district

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.queries.facts import facts_of
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import drafting
from quancheng.domains.training.models import Admission, ExamPass, Person, TrainingRecord

pytestmark = pytest.mark.django_db


def sent_by(permit: Permit, company) -> Person:
    """The worker of a permit becomes one whom a company sends."""
    worker = PermitPerson.objects.get(permit=permit, part="WORKER").person
    Person.objects.filter(pk=worker.pk).update(
        employment="contractor", employer_name=company.name, employer_code=company.code
    )
    return worker


def test_who_is_sent_by_a_company_that_was_not_admitted_is_refused_whatever_was_told():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    assert permit.work["is_contractor"] is False
    sent_by(permit, outside_scene.make_contractor(district))
    assert {"C-26", "C-27"} <= set(refused(submit(permit, crew)))
    facts = facts_of(load_rows(permit), "apply", NOW)
    assert facts.is_contractor is True
    assert facts.contractor.is_admitted is False


def test_whose_company_has_no_file_at_all_is_refused():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    worker = PermitPerson.objects.get(permit=permit, part="WORKER").person
    Person.objects.filter(pk=worker.pk).update(employment="contractor", employer_name="示例无档案公司")
    facts = facts_of(load_rows(permit), "apply", NOW)
    assert (facts.contractor.is_admitted, facts.contractor.agreement_signed) == (False, False)


def test_an_admitted_companys_people_still_need_the_four_steps():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    company = outside_scene.make_contractor(district)
    outside_scene.admit(district, company)
    sent_by(permit, company)
    found = refused(submit(permit, crew))
    assert "C-26" not in found
    assert "C-27" in found


@pytest.mark.parametrize(("kind", "level", "is_barred"), [("CS", "", True), ("HW", "S", True), ("HW", "II", False)])
def test_a_restricted_company_does_no_special_hot_work_and_enters_no_confined_space(kind, level, is_barred):
    district = make_district()
    crew = crew_of(district, kind)
    permit = make_draft(district, kind, crew, **({"level": level} if level else {}))
    company = outside_scene.make_contractor(district)
    admission = outside_scene.admit(district, company)
    Admission.objects.filter(pk=admission.pk).update(status="RESTRICTED")
    sent_by(permit, company)
    assert ("C-26" in refused(submit(permit, crew))) is is_barred


def test_whoever_is_sent_makes_the_work_a_contractors():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    worker = sent_by(permit, outside_scene.make_contractor(district))
    row = PermitPerson.objects.get(permit=permit, person=worker)
    drafting.remove_person(actor=crew.safety, permit=permit, row=row, now=NOW)
    drafting.add_person(actor=crew.safety, permit=permit, person=worker, part="WORKER", now=NOW)
    permit.refresh_from_db()
    assert permit.work["is_contractor"] is True


def test_education_that_an_enterprise_began_to_keep_counts_before_what_was_told():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    one = PermitPerson.objects.get(permit=permit, part="WORKER")

    def told():
        facts = facts_of(load_rows(permit), "apply", NOW)
        return next(each for each in facts.workers or () if each.code == one.code)

    assert told().is_educated is True
    assert told().entry_education_on != one.educated_on, "the day of the register"
    records = TrainingRecord.objects.filter(person=one.person)
    records.exclude(pk=records.earliest("pk").pk).delete()
    assert (told().is_educated, told().entry_education_on) == (False, None)
    assert "C-27" in refused(submit(permit, crew))
    records.all().delete()
    ExamPass.objects.filter(person=one.person).delete()
    assert (told().is_educated, told().entry_education_on) == (None, one.educated_on), "no register knows him"
