"""A contractor is admitted on its papers, for a year; chains, split and borrowed papers are found and cleared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.training.factories import identity, own_file, role
from tests.domains.training.outside_scene import (
    TODAY,
    admit,
    agree,
    begin,
    code,
    contract,
    head_of,
    judge_all,
    make_contractor,
    outsider,
    qualify,
)
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.training.models import Admission, Contractor, ContractorFinding, OutsideRule
from quancheng.domains.training.queries.contractors import standing_of
from quancheng.domains.training.services.contractors import admissions, companies
from quancheng.domains.training.services.contractors.expiry import look_at_admissions
from quancheng.domains.training.services.contractors.finding import look_at
from quancheng.domains.training.services.outside_rules import load_outside_rules
from quancheng.domains.training.services.persons import enter_person
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = make_district()
    own_file(made)
    return made


def faults(answer: Any) -> str:
    return " ".join(str(one) for errors in answer.context["form"].errors.values() for one in errors)


def open_codes() -> set[str]:
    return set(ContractorFinding.objects.filter(cleared_date__isnull=True).values_list("code", flat=True))


def test_a_company_has_one_file_for_the_district_under_a_right_code(district: District, own: Client) -> None:
    new = reverse("training:contractor_new")
    other_end = "1" if code(1)[-1] == "0" else "0"
    wrong = own.post(new, {"code": code(1)[:-1] + other_end, "name": "示例检修"})
    assert (wrong.status_code, Contractor.objects.count()) == (422, 0)
    assert "统一社会信用代码有误" in faults(wrong)
    assert own.post(new, {"code": code(1).lower(), "name": "示例检修有限公司"}).status_code == 303
    other = client_of(district.other_enterprise)
    again = other.post(new, {"code": code(1), "name": "同一家"})
    assert (again.status_code, Contractor.objects.count()) == (409, 1)
    assert "示例检修有限公司" in other.get(reverse("training:contractors")).content.decode()
    row = Contractor.objects.get()
    with pytest.raises(NotPermitted):
        companies.change_contractor(
            actor=district.other_enterprise, row=row, version=1, name="改名", business="", now=NOW
        )
    assert client_of(district.officer).get(reverse("training:contractor", args=[row.pk])).status_code == 200


def test_a_contractor_is_admitted_by_page_on_its_papers_and_qualification(district: District, own: Client) -> None:
    company = make_contractor(district)
    new = reverse("training:admission_new", args=[company.pk])
    assert own.post(new, {}).status_code == 422
    assert own.post(new, {"works": ["repair"]}).status_code == 303
    row = Admission.objects.get()
    page = reverse("training:admission", args=[row.pk])
    early = own.post(page, {"act": "submit"})
    assert early.status_code == 409
    assert "尚未审查" in early.content.decode()
    item = reverse("training:admission_item", args=[row.pk])
    bare = own.post(item, {"code": "licence", "result": "met", "note": "在有效期内"})
    assert (bare.status_code, "否决项须上传证明文件" in faults(bare)) == (422, True)
    scan = SimpleUploadedFile("执照.txt", "营业执照".encode(), content_type="text/plain")
    assert own.post(item, {"code": "licence", "result": "met", "files": scan}).status_code == 303
    judge_all(district, row, accidents={"result": "unmet"})
    assert own.post(page, {"act": "submit"}).status_code == 303
    refused = own.post(page, {"act": "accept", "note": "资料齐全"})
    assert refused.status_code == 409
    assert "近12个月无死亡事故" in refused.content.decode()
    assert "没有有效资质" in refused.content.decode()
    judge_all(district, row)
    qualify(district, company)
    assert own.post(page, {"act": "accept", "note": "资料齐全"}).status_code == 303
    head = client_of(head_of(district))
    bare = head.post(page, {"act": "admit", "text": "现场核查符合"})
    assert (bare.status_code, "安全管理协议" in bare.content.decode()) == (409, True)
    with pytest.raises(Invalid) as short:
        agree(district, row, agreement_clauses=["scope"])
    assert "统一协调管理" in short.value.fields["agreement_clauses"]
    agree(district, row)
    assert own.post(page, {"act": "admit", "text": "自己批"}).status_code == 403
    assert head.post(page, {"act": "admit", "text": "现场核查符合"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.valid_to) == ("ADMITTED", TODAY.replace(year=TODAY.year + 1))
    for client in (client_of(district.officer), client_of(district.town)):
        assert company.name in client.get(page).content.decode()
    assert client_of(district.other_enterprise).get(page).status_code == 404
    listed = client_of(district.officer).get(reverse("api:list_admissions")).json()["items"]
    assert [(one["contractor_code"], one["status"]) for one in listed] == [(company.code, "ADMITTED")]


def test_it_stands_admitted_until_a_day_and_the_enterprise_is_told_before(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)

    def standing(days: int) -> list[str]:
        found = standing_of(file=row.file, companies=[company.code, code(9)], day=TODAY + timedelta(days=days))
        assert [one.code for one in found[code(9)].grounds] == ["unknown"]
        return [one.code for one in found[company.code].grounds]

    assert standing(0) == standing(300) == []
    assert standing(301) == ["agreement"]
    assert standing(366) == ["admission_over", "agreement"]
    assert look_at_admissions(now=NOW + timedelta(days=269)) == 0
    assert look_at_admissions(now=NOW + timedelta(days=270)) == 1
    assert look_at_admissions(now=NOW + timedelta(days=271)) == 0
    assert Notice.objects.filter(kind="training.admission.expiring").exists()
    assert look_at_admissions(now=NOW + timedelta(days=366)) == 1
    row.refresh_from_db()
    assert (row.status, standing(0)) == ("EXPIRED", ["not_admitted"])
    later = NOW + timedelta(days=366)
    with pytest.raises(Conflict):
        admissions.decide_admission(actor=head_of(district), row=row, name="renew", given={"text": "续"}, now=later)
    agree(district, row, agreement_to=TODAY + timedelta(days=700))
    admissions.decide_admission(actor=head_of(district), row=row, name="renew", given={"text": "续"}, now=later)
    assert standing(366) == []


def test_restricted_and_suspended_ones_stand_so_and_come_back_not_before_their_day(district: District) -> None:
    company = make_contractor(district)
    row, head = admit(district, company), head_of(district)
    admissions.decide_admission(actor=head, row=row, name="restrict", given={"reason": "评价C级"}, now=NOW)
    found = standing_of(file=row.file, companies=[company.code], day=TODAY)[company.code]
    assert (found.may_work, found.restricted) == (True, ("special_hot_work", "confined_space"))
    given = {"reason": "整顿", "suspended_until": TODAY + timedelta(days=90)}
    with pytest.raises(Invalid):
        admissions.decide_admission(actor=head, row=row, name="suspend", given={"reason": "整顿"}, now=NOW)
    admissions.decide_admission(actor=head, row=row, name="suspend", given=given, now=NOW)
    assert not standing_of(file=row.file, companies=[company.code], day=TODAY)[company.code].may_work
    with pytest.raises(Conflict):
        admissions.decide_admission(actor=head, row=row, name="restore", given={"reason": "已整改"}, now=NOW)
    later = NOW + timedelta(days=91)
    admissions.decide_admission(actor=head, row=row, name="restore", given={"reason": "已整改"}, now=later)
    assert row.status == "ADMITTED"
    admissions.decide_admission(actor=district.enterprise, row=row, name="exit", given={"reason": "完工"}, now=later)
    begin(district, company)


@pytest.mark.clause("S1-12a")
def test_a_chain_of_contracts_is_entered_by_page_and_what_is_wrong_with_it_is_found(
    district: District, own: Client
) -> None:
    company, lower = make_contractor(district), make_contractor(district, 2)
    row = admit(district, company)
    new = reverse("training:admission_contract", args=[row.pk])
    told = {
        "name": "储罐检修", "number": "HT-01", "work": "repair", "amount_yuan": "100000", "signed_date": TODAY,
        "from_date": TODAY, "to_date": TODAY + timedelta(days=60), "manager": "设备部", "issuer": "工程部",
    }  # fmt: skip
    assert own.post(new, told).status_code == 422
    assert own.post(new, {**told, "undertaker": "项目经理"}).status_code == 303
    assert open_codes() == {"no_measures"}
    first = row.contracts.get()
    mend = reverse("training:contract", args=[row.pk, first.pk])
    assert own.post(mend, {"plan_date": TODAY, "brief_date": TODAY}).status_code == 303
    assert open_codes() == set()
    under = reverse("training:contract_lower", args=[row.pk, first.pk])
    body = {**told, "number": "HT-01-1", "undertaker": "班组长", "contractor": lower.pk, "plan_date": TODAY,
            "brief_date": TODAY}  # fmt: skip
    assert own.post(under, body).status_code == 303
    assert open_codes() == {"layered", "unqualified", "unadmitted"}
    bare = outsider(district, company)
    enter = reverse("training:entry_register", args=[bare.pk])
    assert own.post(enter, {"work_area": "罐区", "zones": "", "trade": role("welder").pk}).status_code == 303
    look_at(file=row.file, now=NOW)
    page = own.get(reverse("training:admission", args=[row.pk]), {"tab": "findings"}).content.decode()
    assert "第2层合同" in page
    assert "未持有效证书" in page
    assert "没有有效的相应资质" in page
    office = client_of(district.officer).get(reverse("training:contractor_findings"), {"code": "layered"})
    assert lower.name in office.content.decode()
    other = client_of(district.other_enterprise).get(reverse("training:contractor_findings"))
    assert lower.name not in other.content.decode()
    again = row.contracts.get(layer=2)
    own.post(reverse("training:contract", args=[row.pk, again.pk]), {"ended_date": TODAY})
    assert open_codes() == {"uncertified"}


def test_contracts_of_a_kind_below_the_limit_that_reach_it_together_are_split(district: District) -> None:
    row = admit(district, make_contractor(district))
    for number, amount, days in (("A", 1_500_000, 0), ("B", 1_500_000, -30), ("C", 999_999, -60)):
        contract(district, row, number=number, amount_yuan=amount, signed_date=TODAY + timedelta(days=days))
    assert open_codes() == set()
    contract(district, row, number="D", amount_yuan=1, signed_date=TODAY)
    assert open_codes() == {"split"}
    OutsideRule.objects.filter(code="split_days").update(value=59)
    look_at(file=row.file, now=NOW)
    assert open_codes() == set()


def test_borrowed_qualifications_and_persons_of_two_companies_are_found(district: District) -> None:
    first, second = make_contractor(district), make_contractor(district, 2)
    row = admit(district, first)
    qualify(district, second, number="D199000001", holder_name="另一家公司")
    begin(district, second)
    look_at(file=row.file, now=NOW)
    assert open_codes() == {"holder"}
    qualify(district, first, number="D199000001")
    look_at(file=row.file, now=NOW)
    assert open_codes() == {"holder", "shared_qual"}
    outsider(district, first, order=5, employer_code=code(2))
    other_file = open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=NOW)
    person = outsider(district, first, order=6)
    enter_person(
        actor=district.other_enterprise, file=other_file, now=NOW,
        known={"employment": "contractor", "employer_name": second.name, "employer_code": second.code, "name": "某工6",
               "resident_id": identity(6)},
    )  # fmt: skip
    look_at(file=row.file, now=NOW)
    assert open_codes() == {"holder", "shared_qual", "code", "shared_person"}
    assert ContractorFinding.objects.get(code="shared_person").person_id == person.pk


def test_settings_are_changed_with_a_reason_and_stay_so(district: District) -> None:
    row = OutsideRule.objects.get(code="warn_days")
    page = reverse("training:outside_rule", args=[row.pk])
    office = client_of(district.officer)
    body = {"act": "change", "name": row.name, "value": "45", "version": row.version, "is_used": "on"}
    assert client_of(district.enterprise).post(page, {**body, "reason": "改"}).status_code == 403
    assert office.post(page, body).status_code == 422
    assert office.post(page, {**body, "reason": "本区规定"}).status_code == 303
    load_outside_rules()
    row.refresh_from_db()
    assert (row.value, JournalEntry.objects.get(act="training.outside_rule.change").facts["code"]) == (45, "warn_days")
