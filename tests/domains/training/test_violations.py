"""Violations take points, points restrict and suspend; the black list bars at once wherever it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.training.factories import identity, own_file
from tests.domains.training.outside_scene import (
    TODAY,
    admit,
    begin,
    contract,
    head_of,
    make_contractor,
    outsider,
)
from tests.domains.training.test_entries import codes, ready, step
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.training.models import Admission, BlackListing, ContractorViolation, Person
from quancheng.domains.training.queries.blacklist import scores_of
from quancheng.domains.training.queries.contractors import standing_of
from quancheng.domains.training.services.contractors import blacklist
from quancheng.domains.training.services.contractors.violations import record_violation, withdraw_violation
from quancheng.domains.training.services.forgetting import forget
from quancheng.domains.training.services.persons import enter_person
from quancheng.kernel.errors import Conflict, NotPermitted

pytestmark = pytest.mark.django_db
WHEN = "2026-09-08T08:30"


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = make_district()
    own_file(made)
    return made


def violate(
    district: District, row: Admission, rule: str, *, at: datetime = NOW, **known: Any
) -> ContractorViolation:
    company = known.pop("contractor", row.contractor)
    return record_violation(
        actor=district.enterprise, file=row.file, rule=rule, at=at, text="现场发现", contractor=company, now=at,
        **known,
    )  # fmt: skip


def test_points_are_taken_per_contract_and_quarter_and_restrict_then_suspend(district: District, own: Client) -> None:
    row = admit(district, make_contractor(district))
    first, second = contract(district, row), contract(district, row, number="HT-02", name="防腐")
    new = reverse("training:admission_violation", args=[row.pk])
    given = {"rule": "no_ticket", "at": WHEN, "text": "无票动火", "contract": first.pk, "permit_number": "HW-0001"}
    assert own.post(new, {**given, "text": ""}).status_code == 422
    assert own.post(new, given).status_code == 303
    row.refresh_from_db()
    assert row.status == "ADMITTED"
    violate(district, row, "hazard_reported", contract=first)
    violate(district, row, "guardian")
    row.refresh_from_db()
    scores = {one.contract_id: (one.points, one.band) for one in scores_of(
        file_id=row.file_id, contractor_id=row.contractor_id, day=TODAY)}  # fmt: skip
    assert scores == {first.pk: (77, "C")}
    assert row.status == "RESTRICTED"
    violate(district, row, "injury", contract=second)
    row.refresh_from_db()
    assert (row.status, row.suspended_until) == ("SUSPENDED", TODAY.replace(month=12))
    page = own.get(reverse("training:admission", args=[row.pk]), {"tab": "violations"}).content.decode()
    assert "无票动火" in page
    assert "55" in page
    following = TODAY.replace(month=10)
    fresh = scores_of(file_id=row.file_id, contractor_id=row.contractor_id, day=following)
    assert [(one.points, one.band) for one in fresh] == [(100, "A")]


def test_repeats_are_counted_for_company_and_person_and_one_may_be_withdrawn(district: District, own: Client) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    person, other = outsider(district, company), outsider(district, company, order=2)
    first = violate(district, row, "ppe", contractor=None, person=person)
    again = violate(district, row, "ppe", person=person)
    third = violate(district, row, "ppe", person=other)
    assert (first.contractor_id, first.repeat_count, first.person_repeat_count) == (company.pk, 1, 1)
    assert (again.repeat_count, again.person_repeat_count) == (2, 2)
    assert (third.repeat_count, third.person_repeat_count) == (3, 1)
    page = reverse("training:violation", args=[again.pk])
    assert client_of(district.department).post(page, {"act": "withdraw", "reason": "误记"}).status_code == 403
    assert own.post(page, {"act": "withdraw", "reason": ""}).status_code == 422
    assert own.post(page, {"act": "withdraw", "reason": "误记"}).status_code == 303
    later = violate(district, row, "ppe", at=NOW + timedelta(days=364))
    assert later.repeat_count == 3
    assert client_of(district.other_enterprise).get(page).status_code == 404
    rest = client_of(district.officer).get(reverse("api:list_violations"), {"contractor_code": company.code}).json()
    assert len(rest["items"]) == 4


def test_a_person_whose_points_are_used_up_is_taught_anew_and_banned_the_second_time(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    person = outsider(district, company)
    ready(district, person)
    violate(district, row, "smoking", person=person, at=NOW + timedelta(hours=1))
    Admission.objects.filter(pk=row.pk).update(status="ADMITTED", suspended_until=None)
    assert codes(person, TODAY + timedelta(days=1)) == ["points_taught"]
    step(district, person, "training", done_date=TODAY)
    assert codes(person, TODAY + timedelta(days=1)) == ["points_taught"]
    person.entry_steps.filter(kind="training").update(done_date=TODAY + timedelta(days=1))
    assert codes(person, TODAY + timedelta(days=2)) == []
    violate(district, row, "smoking", person=person, at=NOW + timedelta(days=3))
    Admission.objects.filter(pk=row.pk).update(status="ADMITTED", suspended_until=None)
    person.entry_steps.filter(kind="training").update(done_date=TODAY + timedelta(days=5))
    assert codes(person, TODAY + timedelta(days=6)) == ["points_banned"]


def test_incidents_with_contractors_are_kept_by_type_and_counted(district: District, own: Client) -> None:
    company = make_contractor(district)
    new = reverse("training:contractor_incident_new")
    given = {"type": "fall", "contractor": company.pk, "at": WHEN, "place": "装置", "text": "踏空", "injured": "1"}
    assert own.post(new, {**given, "type": "unknown"}).status_code == 422
    for kind in ("fall", "fall", "struck", "mechanical"):
        assert own.post(new, {**given, "type": kind}).status_code == 303
    office = client_of(district.officer)
    listed = office.get(reverse("training:contractor_incidents"))
    assert listed.context["types"] == [("高处坠落", 2), ("物体打击", 1), ("机械伤害", 1)]
    falls = office.get(reverse("api:list_contractor_incidents"), {"type": "fall"}).json()["items"]
    assert len(falls) == 2
    assert client_of(district.other_enterprise).get(reverse("training:contractor_incidents")).context["types"] == []


def test_the_own_list_bars_from_the_notice_on_and_after_the_appeal_by_page(district: District, own: Client) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    new = reverse("training:contractor_black_list", args=[company.pk])
    assert own.post(new, {"reason": "forgery", "facts": "伪造", "term_years": "9"}).status_code == 422
    assert own.post(new, {"reason": "forgery", "facts": "伪造证书", "term_years": "1"}).status_code == 303
    assert own.post(new, {"reason": "forgery", "facts": "再次", "term_years": "1"}).status_code == 409
    listing = BlackListing.objects.get()

    def barred(days: int = 0) -> bool:
        day = TODAY + timedelta(days=days)
        return standing_of(file=row.file, companies=[company.code], day=day)[company.code].is_black_listed

    assert not barred()
    page = reverse("training:black_listing", args=[listing.pk])
    head = client_of(head_of(district))
    assert head.post(page, {"act": "notice", "text": "属实"}).status_code == 303
    listing.refresh_from_db()
    assert (barred(), barred(364), barred(366)) == (True, True, False)
    assert own.post(page, {"act": "appeal", "text": "系他人冒用"}).status_code == 303
    assert head.post(page, {"act": "uphold", "text": "申诉不成立"}).status_code == 303
    assert barred()
    with pytest.raises(Conflict):
        begin(district, company)
    assert blacklist.look_at_listings(now=NOW + timedelta(days=366)) == 1
    listing.refresh_from_db()
    assert (listing.status, barred()) == ("RELEASED", False)


def test_the_districts_list_bars_companies_and_persons_at_every_enterprise(district: District) -> None:
    company = make_contractor(district)
    person = outsider(district, company, employment="temporary")
    ready(district, person)
    other_file = open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=NOW)
    same = enter_person(
        actor=district.other_enterprise, file=other_file, now=NOW,
        known={"employment": "temporary", "name": person.name, "resident_id": identity(1)},
    )  # fmt: skip
    office = client_of(district.officer)
    for url in (reverse("training:contractor_black_list", args=[company.pk]),
                reverse("training:entry_black_list", args=[person.pk])):  # fmt: skip
        assert office.post(url, {"reason": "fatal", "facts": "责任人员", "term_years": "0"}).status_code == 303
    with pytest.raises(NotPermitted):
        blacklist.propose_listing(
            actor=district.enterprise, file=None, contractor=company, person=None, reason="fatal", facts="x",
            term_years=1, now=NOW,
        )  # fmt: skip
    both = list(BlackListing.objects.order_by("created_at", "contractor"))
    proposer = make_actor(district.office_org, "office.director")
    for one in both:
        blacklist.decide_listing(actor=proposer, row=one, name="notice", given={"text": "属实"}, now=NOW)
    assert codes(person) == ["black_listed", "black_listed"]
    assert "black_listed" in codes(same)
    found = standing_of(file=other_file, companies=[company.code], day=TODAY)[company.code]
    assert found.is_black_listed
    stranger = client_of(district.other_enterprise).get(reverse("training:black_listings")).content.decode()
    assert company.name in stranger
    listed = BlackListing.objects.get(contractor__isnull=True)
    assert client_of(district.other_enterprise).get(
        reverse("training:black_listing", args=[listed.pk])
    ).status_code == 404  # fmt: skip
    assert blacklist.look_at_listings(now=NOW + timedelta(days=9)) == 0
    assert blacklist.look_at_listings(now=NOW + timedelta(days=40)) == 2
    forget([Person.objects.get(pk=person.pk)])
    listed.refresh_from_db()
    assert (listed.title == person.name, codes(same)[0]) == (False, "black_listed")


def test_who_proposed_does_not_approve_and_a_late_appeal_is_refused(district: District) -> None:
    head = head_of(district)
    company = make_contractor(district)
    listing = blacklist.propose_listing(
        actor=head, file=own_file(district), contractor=company, person=None, reason="forgery", facts="x",
        term_years=1, now=NOW,
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        blacklist.decide_listing(actor=head, row=listing, name="notice", given={"text": "同意"}, now=NOW)
    second = make_actor(district.enterprise_org, "enterprise.head")
    blacklist.decide_listing(actor=second, row=listing, name="notice", given={"text": "同意"}, now=NOW)
    with pytest.raises(Conflict):
        blacklist.decide_listing(
            actor=district.enterprise, row=listing, name="appeal", given={"text": "晚"}, now=NOW + timedelta(days=40)
        )
    violation = violate(district, begin_bare(district), "ppe", contractor=company)
    withdraw_violation(actor=district.enterprise, row=violation, reason="误记", now=NOW)


def begin_bare(district: District) -> Admission:
    return begin(district, make_contractor(district, 2))
