"""What a post requires, what the person has, and what that means: refused with its basis, told as a gap, or allowed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.training.factories import identity, kind, make_certificate, make_person, make_post, own_file, role
from tests.factories import NOW, District, client_of

from quancheng.domains.training.models import (
    CertificateKind,
    HealthLimit,
    Person,
    PersonPost,
    PersonQualification,
    RoleRequirement,
    WorkRole,
)
from quancheng.domains.training.queries import staffing
from quancheng.domains.training.queries.judging import Known, judge, may_hold, may_work
from quancheng.domains.training.services import persons as services
from quancheng.domains.training.services.measuring import measure_all
from quancheng.domains.training.services.qualifications import revoke_qualification
from quancheng.kernel.errors import Conflict

TODAY = NOW.date()
_KIND = CertificateKind(code="k", group="special_operation", name="焊接", name_en="Welding")


@pytest.fixture
def person(district: District) -> Person:
    return make_person(district)


def post(client: Client, person: Person, code: str, **given: Any) -> Any:
    body = {"role": role(code).pk, "from_date": timezone.localdate(), **given}
    return client.post(f"/training/persons/{person.pk}/posts/new", body)


def refusal(answer: Any) -> str:
    assert answer.status_code == 409, answer.status_code
    return " ".join(answer.context["form"].errors["role"])


@pytest.mark.clause("S1-5d")
def test_nobody_is_posted_as_welder_without_a_welding_certificate_in_force(
    district: District, own: Client, person: Person
) -> None:
    said = refusal(post(own, person, "welder"))
    assert "没有特种作业操作证“2.1 熔化焊接与热切割作业”" in said
    assert "安全生产法" in said
    make_certificate(district, person, "SO-2-03")
    assert "没有特种作业操作证" in refusal(post(own, person, "welder"))
    late = timezone.localdate() - timedelta(days=1)
    make_certificate(district, person, "SO-2-01", number="旧", valid_to=late, recheck_due=late)
    assert "已过期" in refusal(post(own, person, "welder"))
    unseen = make_certificate(district, person, "SO-2-01", number="新", verified=False)
    assert "待核验" in refusal(post(own, person, "welder"))
    asked = f"/api/v1/training/persons/{person.pk}/may-work?role=welder"
    assert client_of(district.department).get(asked).json()["may"] is False
    office = client_of(district.department)
    told = {"act": "verify", "source": "card", "version": unseen.version}
    assert office.post(f"/training/certificates/{unseen.pk}", told).status_code == 303
    assert PersonPost.objects.count() == 0
    assert post(own, person, "welder").status_code == 303
    answer = office.get(asked).json()
    unseen.refresh_from_db()
    assert (answer["may"], answer["good_until"]) == (True, str(unseen.ends_date))
    assert office.get(f"{asked}&day={unseen.ends_date + timedelta(days=1)}").json()["may"] is False  # type: ignore[operator]
    assert office.get(f"/api/v1/training/persons/{person.pk}/may-work?role=unknown").status_code == 404


@pytest.mark.clause("S4-C3.3.3a")
def test_education_and_certificates_of_who_holds_each_post_are_shown_by_post(
    district: District, own: Client, person: Person
) -> None:
    make_certificate(district, person, "SO-9-04", number="硝化")
    make_post(district, person, "nitration_operator", title="硝化岗")
    page = own.get("/training/staff").content.decode()
    assert "硝化岗" in page
    assert "学历、职称不符合：须高中、中专、技校及以上学历" in page
    page = client_of(district.department).get(f"/training/files/{person.file_id}/staff").content.decode()
    assert "有不符合项" in page
    row = client_of(district.town).get(f"/api/v1/training/enterprises/{person.file_id}/staffing").json()[0]
    assert (row["role"], row["education"], row["verdict"]["may"]) == ("nitration_operator", "", True)
    assert client_of(district.other_town).get(f"/training/files/{person.file_id}/staff").status_code == 404
    services.change_person(
        actor=district.enterprise, person=person, version=person.version, known={"education": "senior"}, now=NOW
    )
    assert "学历、职称不符合" not in own.get("/training/staff").content.decode()


@pytest.mark.clause("S3-5.2c")
def test_units_without_a_safety_manager_who_was_trained_and_passed_are_flagged(
    district: District, own: Client, person: Person
) -> None:
    at = "/training/staffing?unmanaged=1"
    name = district.enterprise_org.name
    office = client_of(district.department)
    make_post(district, person, "safety_manager")
    assert name in office.get(at).content.decode()
    certificate = make_certificate(district, person, "MG-SAFETY-G", valid_to=TODAY + timedelta(days=600))
    assert name not in office.get(at).content.decode()
    assert name in office.get("/training/staffing").content.decode()
    assert name not in client_of(district.other_town).get("/training/staffing").content.decode()
    revoke_qualification(
        actor=district.enterprise, row=certificate, revoked_date=TODAY, reason="注销", now=NOW
    )
    assert name in office.get(at).content.decode()


def test_a_head_may_take_office_and_is_assessed_within_six_months(district: District, person: Person) -> None:
    today = date(2026, 9, 8)
    verdict = may_hold(person, role("main_head"), today)
    assert verdict.may
    assert {one.until for one in verdict.reasons} == {date(2027, 3, 8)}, "certificate and hours"
    assert may_hold(person, role("main_head"), date(2027, 3, 8), posted=today).may
    assert not may_hold(person, role("main_head"), date(2027, 3, 9), posted=today).may
    make_certificate(district, person, "MG-HEAD", valid_to=TODAY + timedelta(days=600))
    assert may_hold(person, role("main_head"), date(2027, 3, 9), posted=today).reasons == ()


def test_who_is_not_fit_for_height_is_no_scaffolder_whatever_he_has(district: District, person: Person) -> None:
    make_certificate(district, person, "SO-3-01")
    assert may_work(person, "scaffolder", TODAY).may
    services.enter_limit(
        actor=district.enterprise, person=person, limit="height", source="体检", from_date=TODAY,
        until_date=TODAY + timedelta(days=30), now=NOW,
    )  # fmt: skip
    verdict = may_work(person, "scaffolder", TODAY)
    assert [one.kind for one in verdict.bars] == ["health"]
    assert "高处作业" in verdict.bars[0].text
    assert "职业病防治法" in verdict.bars[0].basis
    assert may_work(person, "scaffolder", TODAY + timedelta(days=31)).may


def test_an_office_does_not_learn_what_health_forbids_by_asking_role_after_role(
    district: District, own: Client, person: Person
) -> None:
    at = f"/api/v1/training/persons/{person.pk}/may-work?role="
    office = client_of(district.department)
    make_certificate(district, person, "SO-3-01")
    assert office.get(at + "scaffolder").json()["may"] is True
    services.enter_limit(
        actor=district.enterprise, person=person, limit="height", source="体检", until_date=None, now=NOW,
        from_date=TODAY - timedelta(days=1),
    )  # fmt: skip
    assert [one["kind"] for one in own.get(at + "scaffolder").json()["reasons"]] == ["health"]
    told = office.get(at + "scaffolder").json()
    assert (told["may"], [(one["kind"], one["basis"]) for one in told["reasons"]]) == (False, [("withheld", "")])
    assert "高处" not in str(told)
    # Where he may not for another reason, that he is not fit shows in nothing.
    told = office.get(at + "height_worker").json()
    assert (told["may"], [one["kind"] for one in told["reasons"]]) == (False, ["certificate"])
    PersonPost.objects.create(
        person=person, role=role("scaffolder"), title="架子工", from_date=TODAY, created_at=NOW
    )
    assert [one["kind"] for one in office.get(at + "scaffolder").json()["reasons"]] == ["health"]


def test_the_young_hold_no_special_operation_and_who_left_does_no_work(district: District) -> None:
    young = make_person(district, order=3, resident_id=identity(3, born="20090601"))
    reasons = {one.kind for one in may_work(young, "scaffolder", TODAY).bars}
    assert reasons == {"certificate", "age"}
    services.leave_person(actor=district.enterprise, person=young, left_date=TODAY, reason="", now=NOW)
    young.refresh_from_db()
    assert "left" in {one.kind for one in may_work(young, "loader", TODAY + timedelta(days=1)).bars}


def test_a_task_is_no_post(district: District, own: Client, person: Person) -> None:
    assert post(own, person, "confined_guardian").status_code == 422
    assert not may_hold(person, role("confined_guardian"), TODAY).may
    make_certificate(district, person, "OW-GUARD", valid_to=TODAY - timedelta(days=40))
    assert not may_work(person, "confined_guardian", TODAY).may
    make_certificate(
        district, person, "OW-GUARD", number="2", valid_from=TODAY, issued_date=TODAY, valid_to=TODAY + timedelta(300)
    )
    assert may_work(person, "confined_guardian", TODAY).may


def test_two_keys_and_one_major_ask_more_of_heads(district: District, person: Person) -> None:
    rows = list(RoleRequirement.objects.filter(role__code="safety_head").select_related("certificate"))
    head = role("safety_head")

    def judged(*, is_two_key: bool, posted: date = TODAY) -> tuple[str, ...]:
        known = Known((), (), is_two_key)
        verdict = judge(person, head, TODAY, posted=posted, known=known, required={head.pk: rows})
        return tuple(one.kind for one in verdict.reasons)

    assert judged(is_two_key=False) == ()
    assert judged(is_two_key=True) == ("education",)
    assert judged(is_two_key=True, posted=date(2019, 1, 1)) == ()
    person.education, person.major_field = "bachelor", "other"
    assert judged(is_two_key=True) == ("education",)
    person.title_level = "senior"
    assert judged(is_two_key=True) == ()


def test_gaps_are_kept_for_lists_at_each_act_and_each_night(district: District, own: Client, person: Person) -> None:
    certificate = make_certificate(district, person, "SE-N1", valid_to=TODAY + timedelta(days=20))
    make_post(district, person, "forklift_driver")
    gaps = "/training/persons?barred=1"
    assert person.name not in own.get(gaps).content.decode()
    assert measure_all(now=NOW + timedelta(days=20)) == 0
    assert measure_all(now=NOW + timedelta(days=21)) == 1
    assert person.name in own.get(gaps).content.decode()
    assert "已过期" in own.get(f"/training/persons/{person.pk}?tab=gaps").content.decode()
    assert measure_all(now=NOW) == 1
    revoke_qualification(actor=district.enterprise, row=certificate, revoked_date=TODAY, reason="注销", now=NOW)
    person.refresh_from_db()
    assert (person.gap_count, person.barred_count) == (1, 1)


def test_the_district_sets_what_a_role_requires_with_a_reason(district: District, person: Person) -> None:
    office, row = client_of(district.officer), role("storekeeper")
    at = f"/training/roles/{row.pk}"
    new = {"kind": "certificate", "alternative": 1, "certificate": kind("SO-11-01").pk, "applies": "always",
           "is_strict": "on", "basis": "本区规定", "reason": "本区要求"}  # fmt: skip
    assert client_of(district.enterprise).post(f"{at}/requirements/new", new).status_code == 403
    assert office.post(f"{at}/requirements/new", {**new, "certificate": ""}).status_code == 422
    assert office.post(f"{at}/requirements/new", new).status_code == 303
    with pytest.raises(Conflict) as refused:
        make_post(district, person, "storekeeper")
    assert "本区规定" in str(refused.value.message)
    made = RoleRequirement.objects.get(role=row, kind="certificate")
    today = timezone.localdate()
    end = f"/training/requirements/{made.pk}/end"
    assert office.post(end, {"valid_to": today, "reason": "取消"}).status_code == 303
    assert office.post(end, {"valid_to": today, "reason": "取消"}).status_code == 409
    assert may_hold(person, row, today + timedelta(days=1)).may
    change = {"act": "change", "name": row.name, "barred_by": ["alone"], "reason": "本区要求", "version": row.version}
    assert office.post(at, change).status_code == 303
    assert WorkRole.objects.get(pk=row.pk).barred_by == ["alone"]
    assert office.post(at, change).status_code == 409


def test_the_district_adds_a_role_of_its_own(district: District, person: Person) -> None:
    office = client_of(district.officer)
    new = {"code": "tank_cleaner", "name": "清罐工", "barred_by": ["confined"], "reason": "本区要求"}
    assert client_of(district.enterprise).post("/training/roles/new", new).status_code == 403
    assert office.post("/training/roles/new", {**new, "code": "Tank"}).status_code == 422
    assert office.post("/training/roles/new", new).status_code == 303
    assert office.post("/training/roles/new", new).status_code == 409
    assert may_work(person, "tank_cleaner", TODAY).may


def test_under_another_identity_what_was_verified_counts_no_more(district: District, person: Person) -> None:
    make_certificate(district, person, "SE-N1", valid_to=TODAY + timedelta(days=200))
    make_post(district, person, "forklift_driver")
    changed = services.change_person(
        actor=district.enterprise, person=person, version=person.version, known={"resident_id": identity(7)}, now=NOW
    )
    assert (changed.birth_date, changed.barred_count) == (person.birth_date, 1)
    assert [one.kind for one in may_work(changed, "forklift_driver", TODAY).bars] == ["certificate"]


@given(
    ends=st.lists(st.integers(-30, 400), max_size=4), limits=st.lists(st.integers(-30, 30), max_size=2),
    day=st.integers(0, 300),
)  # fmt: skip
def test_who_may_work_has_a_certificate_that_counts_that_day_and_no_limit_of_health(
    ends: list[int], limits: list[int], day: int
) -> None:
    asked = TODAY + timedelta(days=day)
    welder = WorkRole(code="w", name="焊工", name_en="w", barred_by=["height"])
    needed = RoleRequirement(role=welder, kind="certificate", certificate=_KIND, is_strict=True, basis="法")
    held = [
        PersonQualification(
            kind=_KIND, valid_from=TODAY - timedelta(days=60), valid_to=TODAY + timedelta(days=end),
            ends_date=TODAY + timedelta(days=end), verified_at=NOW,
        )
        for end in ends
    ]  # fmt: skip
    bars = [
        HealthLimit(limit="height", from_date=TODAY - timedelta(days=60), until_date=TODAY + timedelta(days=until))
        for until in limits
    ]
    known = Known(held, bars, is_two_key=False)
    verdict = judge(
        Person(birth_date=date(1990, 1, 1)), welder, asked, posted=None, known=known, required={welder.pk: [needed]}
    )
    assert verdict.may == (any(end >= day for end in ends) and not any(until >= day for until in limits))
    if verdict.may:
        assert verdict.good_until == TODAY + timedelta(days=max(ends))


@pytest.mark.parametrize("people", [1, 6])
def test_a_staffed_enterprise_costs_the_same_whatever_its_size(
    district: District, people: int, django_assert_max_num_queries: Any
) -> None:
    file = own_file(district)
    for order in range(people):
        make_post(district, make_person(district, order=order + 1), "loader")
    with django_assert_max_num_queries(14):
        assert len(staffing.staff_of(actor=district.department, file=file, on=TODAY)[0].holders) == people
