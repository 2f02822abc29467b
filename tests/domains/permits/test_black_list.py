"""Who is black-listed, or sent by a company that is, stands on no permit (GB 30871-2022, 4.4; GB 45673-2025, 5.9.1)."""

from __future__ import annotations

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_draft, make_permit, sign_next
from tests.domains.permits.test_refusals import LATER, refused, submit
from tests.domains.training.outside_scene import make_contractor
from tests.factories import make_actor, make_district

from quancheng.domains.permits.models import PermitPerson
from quancheng.domains.training.models import Person
from quancheng.domains.training.services.contractors import blacklist

pytestmark = pytest.mark.django_db


def bar(district, *, person=None, contractor=None, file=None):
    """Put on the district's list by its office, or on its own by an enterprise: one proposes, another decides."""
    org = district.office_org if file is None else district.enterprise_org
    first, second = ("office.officer", "office.director") if file is None else ("enterprise.safety", "enterprise.head")
    row = blacklist.propose_listing(
        actor=make_actor(org, first), file=file, contractor=contractor, person=person, reason="forgery",
        facts="伪造特种作业证", term_years=1, now=NOW,
    )  # fmt: skip
    decider = make_actor(org, second)
    return blacklist.decide_listing(actor=decider, row=row, name="notice", given={"text": "属实"}, now=NOW)


@pytest.mark.parametrize("is_own", [True, False])
def test_a_black_listed_person_is_refused_at_the_application(is_own):
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    worker = PermitPerson.objects.get(permit=permit, part="WORKER").person
    row = bar(district, person=worker, file=permit.file if is_own else None)
    assert "C-27" in refused(submit(permit, crew))
    assert row.status == "NOTICED"


def test_who_is_sent_by_a_black_listed_company_signs_and_works_no_more():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="APPROVING")
    worker = PermitPerson.objects.get(permit=permit, part="WORKER").person
    company = make_contractor(district)
    Person.objects.filter(pk=worker.pk).update(employment="contractor", employer_name=company.name)
    bar(district, contractor=company)
    assert "C-27" in refused(lambda: sign_next(crew, permit, LATER))
