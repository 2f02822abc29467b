"""Guardians' lists changed by the office: from a day on, with its basis, and never for work that has begun."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import GuardianCheck, GuardianItemChange
from quancheng.domains.permits.queries.guardian_items import item_changes, items_at, items_of
from quancheng.domains.permits.queries.phone_pack import pack
from quancheng.domains.permits.services import guarding
from quancheng.domains.permits.services.guardian_items import set_item
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "EX", "code": "SHORING", "zh": "坑壁支护无变形", "en": "shoring is not deformed",
    "clause": "本区作业管理规定第九条",
    "mark": "D", "is_on": "on", "valid_from": "2026-09-08", "reason": "上半年坍塌事故",
}  # fmt: skip


@pytest.fixture
def district():
    return make_district()


def change(district, **known):
    given = {**TYPED, "is_on": True, "valid_from": NOW.date(), "now": NOW, **known}
    return set_item(actor=district.director, **given)


def keys(items):
    return {one.key for one in items}


def test_an_item_is_put_on_the_list_by_the_office_with_its_basis(district, at):
    at[0] = NOW
    client, url = client_of(district.director), reverse("permits:guardian_item_new")
    assert client_of(district.enterprise).get(url).status_code == 403
    bare = client.post(url, {**TYPED, "clause": "", "code": "小写"})
    assert bare.status_code == 422
    assert "clause" in bare.context["form"].errors
    assert client.post(url, {**TYPED, "valid_from": "2026-09-01"}).status_code == 422
    assert client.post(url, TYPED).status_code == 303
    row = GuardianItemChange.objects.get()
    assert (row.key, row.mark, row.entered_at) == ("EX_SHORING", "D", NOW)
    page = client_of(district.enterprise).get(reverse("permits:guardian_items")).content.decode()
    assert "坑壁支护无变形" in page
    assert "本区作业管理规定第九条" in page
    assert "坑壁支护无变形" in client.get(reverse("permits:guardian_item", args=["EX_SHORING"])).content.decode()
    with pytest.raises(NotPermitted):
        set_item(actor=district.enterprise, **{**TYPED, "is_on": True, "valid_from": NOW.date()}, now=NOW)


def test_work_that_has_begun_keeps_the_list_with_which_it_began(district, at):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="WORKING")
    later = permit.started_at + timedelta(minutes=5)
    before = keys(items_of(permit, later))
    at[0] = later
    change(district, now=later)
    change(district, now=later, kind="*", code="TICKET", is_on=False)
    assert keys(items_of(permit, later)) == before
    assert keys(items_at("EX", later, item_changes())) == (before | {"EX_SHORING"}) - {"TICKET"}
    told = next(one for one in pack(crew.safety, later)["permits"] if one["id"] == permit.pk)
    assert {one["key"] for one in told["items"]} == before
    page = client_of(crew.safety).get(reverse("permits:look", args=[permit.pk])).content.decode()
    assert "坑壁支护无变形" not in page
    guardian = permit.people.get(part="GUARDIAN")
    look = {"actor": crew.safety, "permit": permit, "guardian": guardian, "now": later}
    guarding.look(**look, items=dict.fromkeys(before, True))
    assert set(GuardianCheck.objects.get().items) == before


def test_what_begins_afterwards_is_looked_at_by_the_new_list(district, at):
    change(district)
    change(district, kind="*", code="TICKET", is_on=False)
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="WORKING")
    at[0] = permit.started_at + timedelta(minutes=5)
    shipped = keys(watching.guardian_items("EX"))
    asked = (shipped | {"EX_SHORING"}) - {"TICKET"}
    look = {"actor": crew.safety, "permit": permit, "guardian": permit.people.get(part="GUARDIAN"), "now": at[0]}
    with pytest.raises(Invalid):
        guarding.look(**look, items=dict.fromkeys(shipped, True))
    guarding.look(**look, items={**dict.fromkeys(asked, True), "EX_SHORING": False}, remark="北侧支护松动")
    permit.refresh_from_db()
    assert permit.status == "SUSPENDED"
    shown = client_of(crew.safety).get(reverse("permits:permit", args=[permit.pk]), {"tab": "guarding"})
    assert "坑壁支护无变形" in shown.content.decode()


def test_a_change_of_a_later_day_begins_then_and_a_list_keeps_an_item(district):
    change(district, valid_from=NOW.date() + timedelta(days=3))
    assert "EX_SHORING" not in keys(items_at("EX", NOW, item_changes()))
    assert "EX_SHORING" in keys(items_at("EX", NOW + timedelta(days=3), item_changes()))
    assert "EX_SHORING" not in keys(items_at("HW", NOW + timedelta(days=3), item_changes()))
    with pytest.raises(Invalid) as unknown:
        change(district, code="NOWHERE", is_on=False)
    assert "code" in unknown.value.fields
    for one in watching.guardian_items("EX"):
        if one.kind != "*":
            change(district, code=one.code, is_on=False)
    common = [one.code for one in watching.guardian_items("EX") if one.kind == "*"]
    for code in common[:-1]:
        change(district, code=code, kind="*", is_on=False)
    change(district, code="SHORING", is_on=False, valid_from=NOW.date() + timedelta(days=3))
    with pytest.raises(Invalid) as last:
        change(district, code=common[-1], kind="*", is_on=False, valid_from=NOW.date() + timedelta(days=3))
    assert "is_on" in last.value.fields


def test_a_list_is_not_emptied_by_changes_of_different_days(district):
    shipped = watching.guardian_items("EX")
    *rest, last = shipped
    for one in rest:
        change(district, kind=one.kind, code=one.code, is_on=False, valid_from=NOW.date() + timedelta(days=3))
    with pytest.raises(Invalid) as refused:
        change(district, kind=last.kind, code=last.code, is_on=False)
    assert "5.10.6" in str(refused.value.fields["is_on"])
    assert keys(items_at("EX", NOW + timedelta(days=3), item_changes())) == {last.key}
