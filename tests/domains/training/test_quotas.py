"""How many people of a post law makes units employ, and which units lack some."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.factories import make_certificate, make_person, own_file, role
from tests.factories import District, client_of

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.training.models import Person, PersonPost, StaffQuota
from quancheng.domains.training.services.shipped import load_shipped

AT, API = "/training/quotas", "/api/v1/training/quotas"


def of_kind(district: District, kind: str, *, staff: int | None = None) -> Enterprise:
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=kind, staff_count=staff)
    file.refresh_from_db()
    return file


def posted(own: Client, person: Person, code: str) -> Any:
    body = {"role": role(code).pk, "from_date": timezone.localdate()}
    return own.post(f"/training/persons/{person.pk}/posts/new", body)


def told(client: Client, role: str = "safety_engineer") -> dict[str, tuple[int, int, int, str]]:
    rows = client.get(f"{API}?role={role}").json()["items"]
    return {one["enterprise_id"]: (one["required"], one["held"], one["lacking"], one["state"]) for one in rows}


def engineer(district: District, order: int, **known: Any) -> Person:
    person = make_person(district, order=order)
    until = timezone.localdate() + timedelta(days=600)
    make_certificate(district, person, "EN-CHEM", **{"number": f"示注安{order:04}", "valid_to": until, **known})
    return person


@pytest.mark.clause("S4-C3.3.3c")
def test_units_lack_registered_safety_engineers_and_certified_loaders_of_fireworks_until_they_have_them(
    district: District, own: Client
) -> None:
    file = of_kind(district, "fireworks_wholesale", staff=40)
    office, name = client_of(district.department), district.enterprise_org.name
    assert told(office)[str(file.pk)] == (1, 0, 1, "lacking")
    assert name in office.get(f"{AT}?state=lacking").content.decode()
    assert posted(own, engineer(district, 1), "safety_engineer").status_code == 303
    assert told(office)[str(file.pk)] == (1, 1, 0, "met")
    assert name not in office.get(f"{AT}?state=lacking").content.decode()

    # Who loads and moves fireworks holds the certificate, or does not do it.
    assert told(office, "fireworks_loader")[str(file.pk)] == (1, 0, 1, "lacking")
    loader = make_person(district, order=2)
    refused = posted(own, loader, "fireworks_loader")
    assert (refused.status_code, "烟花爆竹储存作业" in refused.content.decode()) == (409, True)
    make_certificate(district, loader, "SO-10-05", number="示烟储0001")
    assert posted(own, loader, "fireworks_loader").status_code == 303
    assert told(office, "fireworks_loader")[str(file.pk)] == (1, 1, 0, "met")
    listed = own.get(f"{AT}?role=fireworks_loader").content.decode()
    assert name in listed
    assert "已配备" in listed
    other = make_person(district, order=3)
    PersonPost.objects.create(person=other, role=role("fireworks_loader"), title="装卸", created_at=timezone.now(),
                              from_date=timezone.localdate() - timedelta(days=1))  # fmt: skip
    assert told(office, "fireworks_loader")[str(file.pk)][3] == "unfit", "one more who loads without a certificate"
    assert name in office.get(f"{AT}?role=fireworks_loader&state=unfit").content.decode()

    of_kind(district, "user")
    assert str(file.pk) not in told(office), "not asked of this class"
    assert told(client_of(district.other_town)) == {}


@pytest.mark.parametrize(("staff", "managers", "required"), [(300, 7, 1), (301, 7, 2), (301, 6, 1), (None, 20, 1)])
def test_large_units_owe_a_share_of_their_safety_managers(
    district: District, staff: int | None, managers: int, required: int
) -> None:
    """15 % rounded up: 7 managers make 1.05, so two; 6 make 0.9, so one. What is not told owes no share."""
    file = of_kind(district, "producer", staff=staff)
    today = timezone.localdate()
    for order in range(1, managers + 1):
        person = make_person(district, order=order, educated=False)
        PersonPost.objects.create(person=person, role=role("safety_manager"), title="安全员", from_date=today,
                                  created_at=timezone.now())  # fmt: skip
    office = client_of(district.department)
    assert told(office)[str(file.pk)][0] == required
    PersonPost.objects.filter(role__code="safety_engineer").delete()
    assert posted(client_of(district.enterprise), engineer(district, 90), "safety_engineer").status_code == 303
    state = "unknown" if staff is None else "lacking" if required > 1 else "met"
    assert told(office)[str(file.pk)][3] == state, "nobody is said to have enough whose number is not known"
    Enterprise.objects.filter(pk=file.pk).update(life="closed")
    assert told(office) == {}, "a closed unit employs nobody"


def test_a_certificate_that_ended_or_is_not_verified_counts_for_nobody(district: District) -> None:
    file, today = of_kind(district, "depot"), timezone.localdate()
    ended = engineer(district, 1, valid_to=today - timedelta(days=1))
    waits = make_person(district, order=2)
    until = today + timedelta(days=600)
    make_certificate(district, waits, "EN-CHEM", verified=False, number="示注安0002", valid_to=until)
    for person in (ended, waits):
        PersonPost.objects.create(person=person, role=role("safety_engineer"), title="注安师", from_date=today,
                                  created_at=timezone.now())  # fmt: skip
    assert told(client_of(district.department))[str(file.pk)] == (1, 0, 1, "lacking")


def test_the_district_ends_a_quota_and_sets_another_from_a_day(district: District, own: Client) -> None:
    file, head = of_kind(district, "depot"), client_of(district.department_head)
    row, today = StaffQuota.objects.get(code="engineer-least"), timezone.localdate()
    at = f"/training/quota-rules/{row.pk}"
    assert "安全生产法第二十七条" in own.get(at).content.decode()
    body = {"act": "end", "valid_to": today - timedelta(days=1), "reason": "区规定两人", "version": row.version}
    assert own.post(at, body).status_code == 403
    assert head.post(at, {**body, "version": 99}).status_code == 409
    assert head.post(at, {**body, "reason": ""}).status_code == 422
    assert head.post(at, body).status_code == 303
    assert told(head).get(str(file.pk), (0,))[0] == 0
    new = {"code": "engineer-two", "role": role("safety_engineer").pk, "kinds": ["depot"], "least": 2,
           "basis": "区规定", "mark": "D", "valid_from": today, "reason": "区规定两人"}  # fmt: skip
    assert own.post("/training/quota-rules/new", new).status_code == 403
    assert head.post("/training/quota-rules/new", {**new, "least": 0}).status_code == 422
    proofless = {**new, "role": role("storekeeper").pk}
    refused = head.post("/training/quota-rules/new", proofless)
    assert (refused.status_code, "没有证书要求" in refused.content.decode()) == (422, True)
    assert head.post("/training/quota-rules/new", new).status_code == 303
    assert head.post("/training/quota-rules/new", new).status_code == 409
    assert told(head)[str(file.pk)][0] == 2
    load_shipped()
    row.refresh_from_db()
    assert row.valid_to == today - timedelta(days=1), "a release takes nothing back"
    rules = {one["code"]: one for one in own.get("/api/v1/training/quota-rules").json()["items"]}
    assert (rules["engineer-share"]["share_percent"], rules["engineer-share"]["staff_over"]) == (15, 300)
    assert own.get(f"{AT}?role=loader").status_code == 422


def test_each_enterprise_reads_of_itself_alone(district: District, own: Client) -> None:
    of_kind(district, "depot")
    open_own_file(actor=district.other_enterprise, kind="gas_filling", known={}, now=timezone.now())
    assert len(told(client_of(district.director))) == 2
    assert len(told(own)) == 1
    assert district.other_enterprise_org.name not in own.get(AT).content.decode()
