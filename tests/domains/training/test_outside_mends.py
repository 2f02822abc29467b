"""What a careless or crafty user does with contractors, gates and pools, and what it does not bring him."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.training.factories import own_file
from tests.domains.training.outside_scene import (
    TODAY,
    admit,
    agree,
    begin,
    contract,
    head_of,
    judge_all,
    make_contractor,
    outsider,
    qualify,
)
from tests.domains.training.test_entries import codes, ready
from tests.domains.training.test_pools import agency, body_of, engage
from tests.domains.training.test_violations import violate
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.training.models import (
    Admission,
    AgencyReport,
    Assignment,
    BlackListing,
    Contractor,
    OutsideRule,
    Person,
)
from quancheng.domains.training.queries.contractors import standing_of
from quancheng.domains.training.queries.entries import list_on_site
from quancheng.domains.training.queries.pools import list_reports
from quancheng.domains.training.services import entries, persons
from quancheng.domains.training.services.contractors import admissions, blacklist, expiry
from quancheng.domains.training.services.contractors.violations import record_violation
from quancheng.domains.training.services.pools import assignments, members
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = make_district()
    own_file(made)
    return made


def move(district: District, row: Admission, name: str, *, now: datetime = NOW, **given: Any) -> None:
    admissions.decide_admission(actor=head_of(district), row=row, name=name, given=given, now=now)


# Suspensions -------------------------------------------------------------------------------------------------------


def test_a_suspension_is_not_shed_by_leaving_and_coming_back(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    move(district, row, "suspend", reason="整顿", suspended_until=TODAY + timedelta(days=90))
    move(district, row, "exit", reason="退出")
    with pytest.raises(Conflict) as refused:
        begin(district, company)
    assert "尚未届满" in str(refused.value)
    Admission.objects.filter(pk=row.pk).update(suspended_until=TODAY - timedelta(days=1))
    begin(district, company)


def test_a_suspension_is_not_shed_by_lapsing_and_renewing(district: District) -> None:
    row = admit(district, make_contractor(district))
    move(district, row, "suspend", reason="整顿", suspended_until=TODAY + timedelta(days=400))
    later = NOW + timedelta(days=370)
    assert expiry.look_at_admissions(now=later) == 1
    row.refresh_from_db()
    agree(district, row, agreement_to=TODAY + timedelta(days=700))
    with pytest.raises(Conflict):
        move(district, row, "renew", text="续期", now=later)
    move(district, row, "renew", text="续期", now=NOW + timedelta(days=401))
    assert row.status == "ADMITTED"


def test_points_of_the_quarter_hold_for_a_company_that_comes_back(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    move(district, row, "exit", reason="完工")
    for rule in ("no_ticket", "guardian"):
        violate(district, row, rule)
    again = admit(district, company)
    again.refresh_from_db()
    assert again.status == "RESTRICTED"


def test_a_violation_written_down_after_its_quarter_counts_in_its_quarter(district: District) -> None:
    row = admit(district, make_contractor(district))
    Admission.objects.filter(pk=row.pk).update(valid_to=TODAY + timedelta(days=900))
    for rule in ("injury", "no_ticket"):
        record_violation(
            actor=district.enterprise, file=row.file, rule=rule, at=NOW, text="补录", contractor=row.contractor,
            now=NOW + timedelta(days=60),
        )  # fmt: skip
    row.refresh_from_db()
    assert row.status == "SUSPENDED"
    assert row.suspended_until is not None
    assert row.suspended_until > TODAY + timedelta(days=120)


def test_a_qualification_that_begins_later_does_not_count_yet(district: District) -> None:
    company = make_contractor(district)
    qualify(district, company, valid_from=TODAY + timedelta(days=10))
    row = begin(district, company)
    judge_all(district, row)
    assert "没有有效资质" in "".join(admissions.lacking(row, "accept", TODAY))
    assert admissions.lacking(row, "accept", TODAY + timedelta(days=10)) == []


def test_each_end_is_told_and_one_bad_row_keeps_no_other(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = admit(district, make_contractor(district)), admit(district, make_contractor(district, 2))
    Admission.objects.filter(pk=second.pk).update(valid_to=TODAY + timedelta(days=20))
    for days, told in ((0, 1), (1, 0), (271, 2), (272, 0)):
        at = NOW + timedelta(days=days)
        Admission.objects.filter(pk=second.pk).update(valid_to=TODAY + timedelta(days=20 if days < 9 else 800))
        assert (days, expiry.look_at_admissions(now=at)) == (days, told)
    assert expiry.look_at_admissions(now=NOW + timedelta(days=340)) == 1
    assert Notice.objects.filter(kind=expiry.NOTICE).exists()
    Admission.objects.update(valid_to=TODAY)
    real = expiry.move

    def sometimes(**known: Any) -> Any:
        if known["row"].pk == first.pk:
            raise RuntimeError("broken")
        return real(**known)

    monkeypatch.setattr(expiry, "move", sometimes)
    assert expiry.look_at_admissions(now=NOW + timedelta(days=1)) >= 1
    second.refresh_from_db()
    assert second.status == "EXPIRED"


# The gate ----------------------------------------------------------------------------------------------------------


def test_going_out_without_having_come_in_does_not_shorten_an_absence(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    Admission.objects.filter(pk=row.pk).update(
        valid_to=TODAY + timedelta(days=900), agreement_to=TODAY + timedelta(days=900)
    )
    person = outsider(district, company)
    ready(district, person)
    day = TODAY + timedelta(days=190)
    assert codes(person, day) == ["away"]
    for days, direction in ((100, "out"), (170, "out")):
        entries.pass_gate(
            actor=district.enterprise, person=person, direction=direction, gate="", now=NOW + timedelta(days=days)
        )
    assert codes(person, day) == ["away"]
    for days, direction in ((171, "in"), (172, "out"), (360, "out")):
        entries.pass_gate(
            actor=district.enterprise, person=person, direction=direction, gate="", now=NOW + timedelta(days=days)
        )
    assert codes(person, day) == []
    assert "away" in codes(person, TODAY + timedelta(days=362))


def test_somebody_inside_stays_on_the_list_when_he_is_marked_as_left_or_own(district: District, own: Client) -> None:
    company = make_contractor(district)
    admit(district, company)
    first, second = outsider(district, company), outsider(district, company, order=2)
    for one in (first, second):
        ready(district, one)
        entries.pass_gate(actor=district.enterprise, person=one, direction="in", gate="", now=NOW)
    persons.leave_person(actor=district.enterprise, person=first, left_date=TODAY, reason="完工", now=NOW)
    Person.objects.filter(pk=second.pk).update(employment="own", employer_name="", employer_code="")
    assert {one.pk for one in list_on_site(actor=district.officer)} == {first.pk, second.pk}
    page = own.get(reverse("training:on_site")).content.decode()
    assert first.name in page
    assert reverse("training:person", args=[second.pk]) in page
    later = NOW + timedelta(minutes=5)
    for one in (first, second):
        entries.pass_gate(actor=district.enterprise, person=one, direction="out", gate="", now=later)
    assert not list_on_site(actor=district.officer).exists()


def test_on_his_last_day_somebody_shows_his_certificate_too(district: District) -> None:
    company = make_contractor(district)
    admit(district, company)
    person = outsider(district, company)
    ready(district, person, "welder")
    persons.leave_person(actor=district.enterprise, person=person, left_date=TODAY, reason="完工", now=NOW)
    assert codes(person) == ["certificate"]
    assert codes(person, TODAY + timedelta(days=1)) == ["left"]


def test_dispatched_people_of_a_black_listed_company_do_not_enter(district: District) -> None:
    company = make_contractor(district)
    person = outsider(district, company, employment="dispatched")
    ready(district, person)
    assert codes(person) == []
    listing = propose(district, company)
    blacklist.decide_listing(actor=director(district), row=listing, name="notice", given={"text": "属实"}, now=NOW)
    assert codes(person) == ["black_listed"]


# The black list ----------------------------------------------------------------------------------------------------


def director(district: District) -> Any:
    return make_actor(district.office_org, "office.director")


def propose(district: District, company: Contractor) -> BlackListing:
    return blacklist.propose_listing(
        actor=district.officer, file=None, contractor=company, person=None, reason="fatal", facts="事实", term_years=1,
        now=NOW,
    )  # fmt: skip


def test_a_town_proposes_nobody_and_a_company_is_proposed_once(district: District) -> None:
    company = make_contractor(district)
    page = reverse("training:contractor_black_list", args=[company.pk])
    given = {"reason": "fatal", "facts": "事实", "term_years": "1"}
    assert client_of(district.town).post(page, given).status_code == 403
    with pytest.raises(NotPermitted):
        blacklist.propose_listing(
            actor=district.town, file=None, contractor=company, person=None, reason="fatal", facts="事实", term_years=1,
            now=NOW,
        )  # fmt: skip
    propose(district, company)
    assert client_of(district.officer).post(page, given).status_code == 409
    assert BlackListing.objects.count() == 1


@pytest.mark.parametrize("ending", ["cancel", "release", "end"])
def test_a_company_that_is_cleared_is_no_longer_shown_to_every_enterprise(
    district: District, own: Client, ending: str
) -> None:
    listing = propose(district, make_contractor(district))
    page = reverse("training:black_listing", args=[listing.pk])
    blacklist.decide_listing(actor=director(district), row=listing, name="notice", given={"text": "属实"}, now=NOW)
    assert own.get(page).status_code == 200
    if ending == "cancel":
        blacklist.decide_listing(actor=district.officer, row=listing, name="appeal", given={"text": "冤"}, now=NOW)
        blacklist.decide_listing(actor=director(district), row=listing, name="cancel", given={"text": "成立"}, now=NOW)
    else:
        BlackListing.objects.filter(pk=listing.pk).update(appeal_until=TODAY - timedelta(days=1))
        blacklist.look_at_listings(now=NOW)
        listing.refresh_from_db()
        if ending == "release":
            given = {"reason": "已整改"}
            blacklist.decide_listing(actor=director(district), row=listing, name="release", given=given, now=NOW)
        else:
            assert blacklist.look_at_listings(now=NOW + timedelta(days=400)) == 1
    assert own.get(page).status_code == 404


# What is typed -----------------------------------------------------------------------------------------------------


def test_what_no_column_holds_and_no_calendar_knows_is_refused_at_its_field(district: District, own: Client) -> None:
    row = admit(district, make_contractor(district))
    told = {
        "name": "检修", "number": "HT-01", "work": "repair", "amount_yuan": "100", "signed_date": "9999-12-31",
        "from_date": TODAY, "to_date": TODAY, "manager": "甲", "issuer": "乙", "undertaker": "丙",
    }  # fmt: skip
    assert own.post(reverse("training:admission_contract", args=[row.pk]), told).status_code == 422
    violation = {"rule": "ppe", "text": "未戴", "at": "0001-01-01T00:00"}
    assert own.post(reverse("training:admission_violation", args=[row.pk]), violation).status_code == 422
    service = {
        "provider": agency(district).pk, "number": "GJ-01", "kinds": ["training"], "from_date": TODAY,
        "to_date": TODAY, "amount_yuan": "100000000000", "visits_a_year": "1",
    }  # fmt: skip
    assert own.post(reverse("training:service_new"), service).status_code == 422
    agreement = own.post(reverse("training:admission_agreement", args=[row.pk]), {"deposit_yuan": "100000000000"})
    assert "deposit_yuan" in agreement.context["form"].errors


def test_the_gate_takes_odd_cards_days_and_names(district: District, own: Client) -> None:
    company = make_contractor(district)
    admit(district, company)
    person = outsider(district, company)
    ready(district, person)
    gate, check = reverse("training:gate"), reverse("api:check_gate")
    assert own.get(f"{gate}?card=%00").status_code == 404
    assert own.get(f"{check}?card=%00").status_code == 422
    assert own.get(check, {"card": person.staff_no, "day": "9999-12-31"}).status_code == 422
    gone = own.post(gate, {"card": person.staff_no, "direction": "in", "gate": "1&2#门"})
    assert gone.status_code == 303
    assert own.get(gone["Location"]).context["gate"] == "1&2#门"


@pytest.mark.parametrize("value", ["0.5", "0", "3651", "30.5"])
def test_a_figure_is_a_whole_number_up_to_the_greatest_of_its_unit(district: District, value: str) -> None:
    row = OutsideRule.objects.get(code="warn_days")
    page = reverse("training:outside_rule", args=[row.pk])
    body = {"act": "change", "name": row.name, "value": value, "version": row.version, "is_used": "on", "reason": "改"}
    assert client_of(district.officer).post(page, body).status_code == 422


# Pools -------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S1-6d")
@pytest.mark.clause("S3-7.4a")
@pytest.mark.clause("S5-T17")
def test_an_inspector_of_the_pool_is_sent_to_a_screening_reports_costs_and_is_appraised_by_page(
    district: District, own: Client
) -> None:
    member = engage(district, kind="inspector", certificate="督001", certificate_to=TODAY + timedelta(days=99))
    office = client_of(district.department)
    pool = office.get(reverse("training:pool"), {"kind": "inspector"}).content.decode()
    assert member.name in pool
    assert "督001" in office.get(reverse("training:pool_member", args=[member.pk])).content.decode()
    body = {"file": own_file(district).pk, "purpose": "screening", "field": "process", "visit_date": TODAY}
    assert office.post(reverse("training:pool_assign", args=[member.pk]), body).status_code == 303
    row = Assignment.objects.get()
    page = reverse("training:assignment", args=[row.pk])
    assert office.post(page, {"act": "accept"}).status_code == 303
    found = {"part": "operation", "field": "process", "place": "泵区", "text": "密封渗漏", "advice": "更换"}
    assert office.post(reverse("training:assignment_finding", args=[row.pk]), found).status_code == 303
    assert office.post(page, {"act": "finish", "text": "已排查", "hours": "4"}).status_code == 303
    assert office.post(page, {"act": "score", "score": "86", "text": "评价认真"}).status_code == 303
    paid = {"act": "pay", "fee_yuan": "1357", "cost_yuan": "246", "text": "凭证九"}
    assert office.post(page, paid).status_code == 303
    shown = office.get(page).content.decode()
    assert all(one in shown for one in ("密封渗漏", "1357", "246", "86", "评价认真", "凭证九"))
    heard = own.get(page).content.decode()
    assert "密封渗漏" in heard
    assert not any(one in heard for one in ("1357", "评价认真", "凭证九"))
    appraisal = {"act": "appraise", "year": TODAY.year, "result": "good", "reward": "续聘一年"}
    assert office.post(reverse("training:pool_member", args=[member.pk]), appraisal).status_code == 303
    years = office.get(reverse("training:pool_member", args=[member.pk]), {"tab": "appraisals"}).content.decode()
    assert "续聘一年" in years


def test_doubts_and_the_evidence_of_a_spot_check_are_for_offices(district: District, own: Client) -> None:
    assert own.post(reverse("training:agency_report_new"), body_of(agency(district), field="fire")).status_code == 303
    row = AgencyReport.objects.get()
    assert row.doubt_score > 0
    office = client_of(district.officer)
    evidence = SimpleUploadedFile("抽查取证.txt", b"evidence", content_type="text/plain")
    check = {"checked_date": TODAY, "result": "true", "text": "现场核对", "files": evidence}
    assert office.post(reverse("training:agency_check", args=[row.pk]), check).status_code == 303
    page = reverse("training:agency_report", args=[row.pk])
    for client, sees in ((office, True), (own, False)):
        assert ("抽查取证" in client.get(page, {"tab": "files"}).content.decode()) is sees
    assert list_reports(actor=district.officer).get().told_doubts == row.doubt_score
    assert list_reports(actor=district.enterprise).get().told_doubts is None


def test_an_interest_is_asked_again_when_the_member_accepts(district: District) -> None:
    member, file = engage(district), own_file(district)
    with pytest.raises(Invalid):
        engage(district, 9, unit_code="91990102MA00X0010A")
    row = assignments.assign_member(
        actor=district.department, file=file, member=member, purpose="screening", field="process", visit_date=TODAY,
        now=NOW,
    )  # fmt: skip
    members.declare_interest(
        actor=district.department, member=member, file=file, kind="shares", until_date=None, now=NOW
    )
    with pytest.raises(Conflict):
        assignments.move_assignment(actor=district.department, row=row, name="accept", given={}, now=NOW)
    given = {"reason": "须回避"}
    assignments.move_assignment(actor=district.department, row=row, name="cancel", given=given, now=NOW)


# The whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S1-4f")
@pytest.mark.clause("S4-C3.3.1f")
def test_a_contractor_is_seen_from_qualification_to_black_list_with_incidents_by_type(
    district: District, own: Client
) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    first = contract(district, row)
    person = outsider(district, company)
    ready(district, person)
    office = client_of(district.officer)
    held = company.qualifications.get().number
    assert held in office.get(reverse("training:contractor", args=[company.pk])).content.decode()
    admission = reverse("training:admission", args=[row.pk])
    assert company.name in office.get(reverse("training:admissions")).content.decode()
    assert own.post(reverse("training:gate"), {"card": person.staff_no, "direction": "in"}).status_code == 303
    assert person.name in office.get(reverse("training:on_site")).content.decode()
    violation = {"rule": "no_ticket", "at": "2026-09-08T08:30", "text": "无票动火", "contract": first.pk}
    assert own.post(reverse("training:admission_violation", args=[row.pk]), violation).status_code == 303
    evaluation = office.get(admission, {"tab": "violations"}).content.decode()
    assert "无票动火" in evaluation
    incident = {"contractor": company.pk, "at": "2026-09-08T08:30", "place": "装置", "text": "经过", "injured": "1"}
    for kind in ("fall", "struck", "mechanical"):
        new = reverse("training:contractor_incident_new")
        assert own.post(new, {**incident, "type": kind}).status_code == 303
    types = dict(office.get(reverse("training:contractor_incidents")).context["types"])
    assert types == {"高处坠落": 1, "物体打击": 1, "机械伤害": 1}
    listing = {"reason": "fatal", "facts": "事实", "term_years": "1"}
    assert office.post(reverse("training:contractor_black_list", args=[company.pk]), listing).status_code == 303
    act = {"act": "notice", "text": "属实"}
    page = reverse("training:black_listing", args=[BlackListing.objects.get().pk])
    assert client_of(director(district)).post(page, act).status_code == 303
    assert company.name in own.get(reverse("training:black_listings")).content.decode()
    assert standing_of(file=row.file, companies=[company.code], day=TODAY)[company.code].is_black_listed
