"""A certificate counts once a second person verified it, and no longer than it was rechecked; who looks is warned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.training.factories import identity, kind, make_certificate, make_person, printed
from tests.factories import NOW, District, client_of, make_actor

from quancheng.domains.training.models import CertificateAlias, CertificateKind, Person, PersonQualification
from quancheng.domains.training.models.certificates import COUNTS
from quancheng.domains.training.queries import certificates as queries
from quancheng.domains.training.services import qualifications as services
from quancheng.domains.training.services.expiry import look_at_qualifications
from quancheng.domains.training.services.persons import change_person, leave_person
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.events.models import Event
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

TODAY = NOW.date()


@pytest.fixture
def person(district: District) -> Person:
    return make_person(district)


def act(client: Client, row: PersonQualification, move: str, **given: Any) -> Any:
    return client.post(f"/training/certificates/{row.pk}", {"act": move, **given})


def test_a_certificate_is_entered_with_its_scan_and_counts_once_another_person_verified_it(
    district: District, own: Client, person: Person
) -> None:
    scan = SimpleUploadedFile("证书.txt", "证书".encode(), content_type="text/plain")
    body = {**printed(number="T" + identity()), "kind": kind("SO-2-01").pk, "evidence": scan}
    assert own.post(f"/training/persons/{person.pk}/certificates/new", body).status_code == 303
    row = PersonQualification.objects.get()
    assert row.state_on(TODAY) == "draft"
    assert row.recheck_due == date(row.valid_from.year + 3, row.valid_from.month, row.valid_from.day) - timedelta(1)
    page = own.get(f"/training/certificates/{row.pk}").content.decode()
    assert "证书.txt" in page
    assert "T990102********" in page
    assert identity() not in page
    assert act(own, row, "verify", source="card", version=row.version).status_code == 403
    office = client_of(district.department)
    assert act(office, row, "verify", source="national", version=row.version).status_code == 422
    told = {"source": "national", "snapshot": "证书状态：有效", "version": row.version}
    assert act(office, row, "verify", **told).status_code == 303
    row.refresh_from_db()
    assert row.state_on(TODAY) == "verified"
    assert "证书状态：有效" in own.get(f"/training/certificates/{row.pk}").content.decode()
    assert act(office, row, "verify", **told).status_code == 409


def test_a_colleague_verifies_what_another_entered(district: District, person: Person) -> None:
    row = make_certificate(district, person, verified=False)
    head = make_actor(district.enterprise_org, "enterprise.head")
    services.verify_qualification(actor=head, row=row, version=row.version, source="card", snapshot="", now=NOW)
    row.refresh_from_db()
    services.change_qualification(
        actor=head, row=row, version=row.version, known=printed(number="", issuer="示例市应急管理局"), now=NOW
    )
    row.refresh_from_db()
    assert (row.state_on(TODAY), queries.masked_number(row)) == ("draft", "示证0001")
    with pytest.raises(NotPermitted):
        services.verify_qualification(actor=head, row=row, version=row.version, source="card", snapshot="", now=NOW)


def test_the_number_is_sealed_and_must_be_made_of_his_own_identity(district: District, person: Person) -> None:
    with pytest.raises(Invalid) as refused:
        make_certificate(district, person, number="T" + identity(2))
    assert "number" in refused.value.fields
    make_certificate(district, person, number="T" + identity())
    with connection.cursor() as cursor:
        cursor.execute("SELECT q::text FROM training_personqualification q")
        assert identity() not in cursor.fetchone()[0]
    with pytest.raises(Invalid) as refused:
        make_certificate(district, make_person(district, order=2), number="T" + identity())
    assert "number" in refused.value.fields


@pytest.mark.parametrize("changed", [{"name": "某换名"}, {"resident_id": identity(2)}])
def test_another_name_or_identity_sends_what_stands_back_to_be_verified(
    district: District, own: Client, person: Person, changed: dict[str, str]
) -> None:
    row = make_certificate(district, person)
    draft = make_certificate(district, person, "SO-2-03", verified=False, number="示证0002")
    given = {"act": "change", "employment": "own", "name": person.name, "version": person.version}
    at = f"/training/persons/{person.pk}"
    assert own.post(at, {**given, "team": "一班"}).status_code == 303
    row.refresh_from_db()
    assert (row.state_on(TODAY), queries.holder_matches(person, row)) == ("verified", True)
    assert own.post(at, {**given, **changed, "version": 2}).status_code == 303
    person, row = Person.objects.get(), PersonQualification.objects.get(pk=row.pk)
    assert (row.state_on(TODAY), row.verified_source, queries.holder_matches(person, row)) == ("draft", "", None)
    entry = JournalEntry.objects.get(act="training.qualification.unverify")
    assert entry.facts["qualification"] == str(row.pk)
    event = Event.objects.get(kind="training.qualification.changed")
    assert (event.subject_id, event.facts) == (row.pk, {"kind": "SO-2-01"})
    assert act(own, row, "verify", source="card", version=row.version).status_code == 403
    office = client_of(district.department)
    # Somebody who was looking at it under the former name.
    assert act(office, draft, "verify", source="card", version=draft.version).status_code == 409
    assert act(office, row, "verify", source="card", version=row.version).status_code == 303
    assert "须重新核验" in own.get(f"/training/certificates/{row.pk}").content.decode()


def test_a_number_made_of_another_identity_is_told_and_not_verified(district: District, person: Person) -> None:
    row = make_certificate(district, person, number="T" + identity())
    assert queries.holder_matches(person, row) is True
    known = {"employment": "own", "name": person.name, "resident_id": identity(2)}
    person = change_person(actor=district.enterprise, person=person, version=person.version, known=known, now=NOW)
    row = PersonQualification.objects.get()
    assert queries.holder_matches(person, row) is False
    with pytest.raises(Conflict):
        services.verify_qualification(
            actor=district.department, row=row, version=row.version, source="card", snapshot="", now=NOW
        )
    assert PersonQualification.objects.get().verified_at is None


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (f"持证人 {identity()} 有效", f"持证人 {identity()[:6]}********{identity()[-4:]} 有效"),
        (f"T{identity()}，", f"T{identity()[:6]}********{identity()[-4:]}，"),
        ("99010219880512001x", "990102********001x"),
        ("990102 19880512 0012", "990102********0012"),
        ("990102880512001。", "990102********001。"),
        ("2024-05-01 2030-04-30 电话19900001234", "2024-05-01 2030-04-30 电话19900001234"),
        ("编号 12345678901234", "编号 12345678901234"),
    ],
)
def test_what_may_be_an_identity_number_is_masked_in_what_is_pasted(pasted: str, kept: str) -> None:
    assert queries.without_numbers(pasted) == kept
    assert queries.without_numbers(kept) == kept


def test_identity_numbers_are_neither_kept_in_an_answer_nor_shown_on_a_scan_to_all_offices(
    district: District, own: Client, person: Person
) -> None:
    files = {
        name: SimpleUploadedFile(f"{name}.txt", identity().encode(), content_type="text/plain")
        for name in ("scan", "snapshot")
    }
    at = f"/training/persons/{person.pk}/certificates/new"
    assert own.post(at, {**printed(), "kind": kind("SO-2-01").pk, "evidence": files["scan"]}).status_code == 303
    row = PersonQualification.objects.get()
    office, town = client_of(district.department), client_of(district.town)
    told = {"source": "national", "snapshot": f"{identity()} 有效", "version": row.version}
    assert act(office, row, "verify", **told, evidence=files["snapshot"]).status_code == 303
    row.refresh_from_db()
    assert (identity() in row.snapshot, row.snapshot[-2:]) == (False, "有效")
    links = list(FileLink.objects.filter(subject_id=row.pk))
    assert len(links) == 2
    for client, status, seen in ((own, 200, True), (office, 200, True), (town, 404, False)):
        assert {client.get(f"/files/{link.pk}").status_code for link in links} == {status}
        page = client.get(f"/training/certificates/{row.pk}").content.decode()
        assert ("scan.txt" in page, "snapshot.txt" in page) == (seen, seen)
        assert ("只向本企业人员档案的维护人和证书核验人显示" in page) is not seen


def test_one_number_of_a_kind_is_one_persons(district: District, person: Person) -> None:
    make_certificate(district, person)
    with pytest.raises(Conflict):
        make_certificate(district, person)
    with pytest.raises(Invalid) as refused:
        make_certificate(district, make_person(district, order=2))
    assert "真伪" in str(refused.value.fields["number"])


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"valid_to": TODAY + timedelta(days=2500)}, "valid_to"),
        ({"valid_to": None}, "valid_to"),
        ({"valid_to": TODAY - timedelta(days=500)}, "valid_to"),
        ({"issued_date": TODAY + timedelta(days=1)}, "issued_date"),
        ({"issued_date": date(2006, 1, 1)}, "issued_date"),
        ({"recheck_due": TODAY + timedelta(days=1800)}, "recheck_due"),
        ({"number": " "}, "number"),
        ({"valid_from": None}, "valid_from"),
    ],
)
def test_what_cannot_stand_on_a_certificate_is_refused(
    district: District, person: Person, known: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make_certificate(district, person, **known)
    assert set(refused.value.fields) == {field}


def test_a_recheck_that_was_missed_ends_it(district: District, person: Person) -> None:
    row = make_certificate(district, person, recheck_due=TODAY)
    assert row.state_on(TODAY) == "expiring"
    assert row.state_on(TODAY + timedelta(days=1)) == "unchecked"
    assert row.state_on(row.valid_to + timedelta(days=1)) == "expired"  # type: ignore[operator]


def test_the_newer_one_takes_the_place_of_the_older_once_it_is_verified_and_in_force(
    district: District, person: Person
) -> None:
    older = make_certificate(district, person)
    recheck = {"valid_from": TODAY, "issued_date": TODAY, "valid_to": TODAY + timedelta(days=2000)}
    newer = make_certificate(district, person, verified=False, **recheck)
    older.refresh_from_db()
    assert older.state_on(TODAY) in COUNTS
    services.verify_qualification(
        actor=district.department, row=newer, version=1, source="card", snapshot="", now=NOW
    )
    older.refresh_from_db()
    assert (older.state_on(TODAY), older.replaced_by_id) == ("replaced", newer.pk)
    ahead = TODAY + timedelta(days=30)
    make_certificate(district, person, valid_from=ahead, issued_date=TODAY, valid_to=ahead + timedelta(days=2100))
    newer.refresh_from_db()
    assert newer.state_on(TODAY) in COUNTS


def test_one_that_was_revoked_counts_no_more_and_says_why(district: District, own: Client, person: Person) -> None:
    row = make_certificate(district, person)
    assert act(own, row, "revoke", revoked_date=TODAY, reason="").status_code == 422
    assert act(own, row, "revoke", revoked_date=TODAY, reason="平台查无此证").status_code == 303
    row.refresh_from_db()
    assert row.state_on(TODAY) == "revoked"
    assert "平台查无此证" in own.get(f"/training/certificates/{row.pk}").content.decode()
    with pytest.raises(Conflict):
        services.change_qualification(
            actor=district.enterprise, row=row, version=row.version, known=printed(), now=NOW
        )
    with pytest.raises(StaleState):
        services.revoke_qualification(
            actor=district.department, row=row, revoked_date=TODAY, reason="再次", now=NOW
        )


def test_the_enterprise_is_told_at_90_60_30_and_7_days_and_once_when_it_ended(
    district: District, person: Person
) -> None:
    row = make_certificate(district, person, recheck_due=TODAY + timedelta(days=100))
    told = [100 - day for day in range(110) if look_at_qualifications(now=NOW + timedelta(days=day))]
    assert told == [90, 60, 30, 7, -1]
    line = Notice.objects.order_by("created_at").first()
    assert line is not None
    assert "复审" in line.data["lines"][0]["title"]
    row.refresh_from_db()
    assert row.reminded_days == -1


def test_nothing_is_told_of_who_left_or_of_what_nobody_verified(district: District, person: Person) -> None:
    make_certificate(district, person, verified=False, recheck_due=TODAY + timedelta(days=9))
    assert look_at_qualifications(now=NOW) == 0
    gone = make_person(district, order=2)
    make_certificate(district, gone, number="x2", recheck_due=TODAY + timedelta(days=9))
    leave_person(actor=district.enterprise, person=gone, left_date=TODAY, reason="", now=NOW)
    assert look_at_qualifications(now=NOW) == 0


def test_whoever_may_see_the_person_sees_his_certificates_and_nobody_else(district: District, person: Person) -> None:
    row = make_certificate(district, person)
    at = f"/training/certificates/{row.pk}"
    for actor in (district.enterprise, district.town, district.department):
        assert client_of(actor).get(f"/api/v1{at}").json()["kind"] == "SO-2-01"
    assert client_of(district.other_enterprise).get(at).status_code == 404
    assert client_of(make_actor(district.enterprise_org, "enterprise.worker")).get(at).status_code == 403
    page = client_of(district.town).get("/training/certificates?state=verified&kind=SO-2-01").content.decode()
    assert person.name in page
    assert person.name not in client_of(district.town).get("/training/certificates?state=expired").content.decode()


def test_the_catalogue_is_changed_by_the_office_with_a_reason_and_kept_by_a_newer_release(district: District) -> None:
    row = kind("SO-9-04")
    office = client_of(district.officer)
    at = f"/training/certificate-kinds/{row.pk}"
    given = {
        "act": "change", "group": row.group, "name": row.name, "valid_years": 6, "recheck_years": 3, "mark": "V",
        "years_mark": "V", "warn_days": "120 30", "version": row.version, "valid_to": "2030-12-31",
    }  # fmt: skip
    assert client_of(district.enterprise).post(at, {**given, "reason": "x"}).status_code == 403
    assert office.post(at, given).status_code == 422
    assert office.post(at, {**given, "reason": "新目录施行"}).status_code == 303
    row = kind("SO-9-04")
    assert (row.warn_days, row.valid_to, row.version) == ([120, 30], date(2030, 12, 31), 2)
    assert not CertificateKind.objects.on(date(2031, 1, 1)).filter(pk=row.pk).exists()
    new = {**given, "code": "LO-1", "group": "local", "name": "示例地方证书", "reason": "本市要求"}
    del new["act"], new["version"]
    assert office.post("/training/certificate-kinds/new", new).status_code == 303
    assert office.post("/training/certificate-kinds/new", new).status_code == 409
    assert kind("LO-1").group == "local"


def test_a_code_on_a_card_means_what_it_meant_when_it_was_issued(district: District) -> None:
    former, present = date(2018, 5, 1), date(2024, 5, 1)
    assert queries.kind_on_card("n2", issued=former) == kind("SE-N1")
    assert queries.kind_on_card("N2", issued=present) == kind("SE-N2")
    assert queries.kind_on_card("Q1", issued=former) is None
    assert queries.kind_on_card("Q1", issued=present) == kind("SE-Q1")
    assert queries.kind_on_card("A3", issued=former) == kind("SE-A")
    at = f"/training/certificate-kinds/{kind('SE-Q2').pk}"
    given = {"act": "alias", "card_code": "q9", "cards_until": "2019-05-31", "note": "按卡面核对"}
    assert client_of(district.officer).post(at, given).status_code == 303
    assert queries.kind_on_card("Q9", issued=former) == kind("SE-Q2")
    assert CertificateAlias.objects.count() == 37


@given(
    day=st.integers(-40, 40), valid=st.integers(0, 60), recheck=st.none() | st.integers(0, 60),
    verified=st.booleans(), revoked=st.none() | st.integers(-40, 40),
)  # fmt: skip
def test_a_certificate_counts_only_while_verified_unrevoked_begun_and_neither_of_its_ends_passed(
    day: int, valid: int, recheck: int | None, verified: bool, revoked: int | None
) -> None:
    start = TODAY
    ends = [start + timedelta(days=one) for one in (valid, recheck) if one is not None]
    row = PersonQualification(
        valid_from=start, valid_to=start + timedelta(days=valid),
        recheck_due=None if recheck is None else start + timedelta(days=recheck), ends_date=min(ends),
        verified_at=NOW if verified else None,
        revoked_date=None if revoked is None else start + timedelta(days=revoked),
    )  # fmt: skip
    asked = start + timedelta(days=day)
    counts = verified and start <= asked <= min(ends) and (revoked is None or asked < start + timedelta(days=revoked))
    assert (row.state_on(asked) in COUNTS) == counts


def test_the_database_tells_the_same_state_as_the_row(district: District, person: Person) -> None:
    make_certificate(district, person)
    make_certificate(district, person, "SE-N1", number="b", verified=False, valid_to=TODAY + timedelta(days=900))
    make_certificate(district, person, "SO-1-02", number="c", recheck_due=TODAY + timedelta(days=3))
    for step in (-500, 0, 2, 4, 901, 2000):
        day = TODAY + timedelta(days=step)
        for row in queries.list_qualifications(actor=district.enterprise, on=day):
            assert row.state == row.state_on(day)  # type: ignore[attr-defined]


@pytest.mark.parametrize("rows", [1, 6])
def test_the_list_costs_one_query_whatever_its_length(
    district: District, person: Person, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make_certificate(district, person, number=f"n{number}", valid_from=TODAY - timedelta(days=400 - number))
    with django_assert_num_queries(1):
        found = queries.list_qualifications(actor=district.enterprise, on=timezone.localdate())
        assert {(row.person.name, row.kind.code, row.enterprise_id) for row in found}
