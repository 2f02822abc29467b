"""The kernel's own registers from spreadsheets: accounts, names of divisions, code lists; and what goes round."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import NOW, District, house_actor, make_district, make_member
from tests.kernel.exchange.importing import book, checked, commit, exported, imported, reasons, undo
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.areas.services import create_area
from quancheng.kernel.dictionaries.models import CodeItem
from quancheng.kernel.exchange.models import ImportLine, ImportRun
from quancheng.kernel.people import security
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Role, User
from quancheng.kernel.vault import services as vault

pytestmark = pytest.mark.django_db
HEADS = ["用户名", "姓名", "单位", "职务", "岗位", "手机号码"]
PHONE = "13800138000"
ROW = ["ligou", "李苟", "区应急局", "科员", "部门工作人员", PHONE]


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


@pytest.fixture
def admin(district: District) -> Client:
    return signed_in(make_member(district.office_org, "admin.system"))


def role_name(code: str) -> str:
    return Role.objects.get(code=code).name


def row(**changed: str) -> list[str]:
    given = dict(zip(HEADS, [*ROW[:4], role_name("department.officer"), PHONE], strict=True))
    return list({**given, **changed}.values())


def test_accounts_get_a_password_shown_once_and_roles_only_asked_for(district: District, admin: Client) -> None:
    run = checked(admin, "people.accounts", book(HEADS, row()))
    answer = commit(admin, run)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="import-secrets"' in page
    user = User.objects.get(username="ligou")
    assert user.must_change_password
    place = Membership.objects.get(user=user)
    assert (place.requested, place.roles.count(), place.post) == (["department.officer"], 0, "科员")
    assert vault.reveal(vault.PHONE, user.phone) == PHONE
    assert 'id="import-secrets"' not in admin.get(f"/exchange/imports/{run.pk}").content.decode()


def test_telephone_numbers_stand_nowhere_in_clear(district: District, admin: Client) -> None:
    run = imported(admin, "people.accounts", book(HEADS, row()))
    run.refresh_from_db()
    assert run.sealed.startswith("v1:")
    assert PHONE not in admin.get(f"/exchange/imports/{run.pk}").content.decode()
    assert PHONE not in str(list(ImportLine.objects.values_list("texts", "before")))
    bad = checked(admin, "people.accounts", book(HEADS, row(用户名="wang", 手机号码="12345")))
    assert reasons(bad) == [("F2", "rule")]
    assert "12345" not in str(ImportRun.objects.get(pk=bad.pk).errors)


def test_a_sheet_with_telephone_numbers_is_handed_back_to_its_uploader_alone(district: District, admin: Client) -> None:
    run = imported(admin, "people.accounts", book(HEADS, row()))
    other = signed_in(make_member(district.office_org, "admin.system"))
    for client, status in ((admin, 200), (other, 403)):
        for part in ("source", "errors"):
            assert client.get(f"/exchange/imports/{run.pk}/{part}.xlsx").status_code == status
        page = client.get(f"/exchange/imports/{run.pk}").content.decode()
        assert ("source.xlsx" in page) is (status == 200)


def test_an_account_goes_again_with_the_undo_until_roles_are_granted(district: District, admin: Client) -> None:
    run = imported(admin, "people.accounts", book(HEADS, row()))
    assert undo(admin, run).status_code == 303
    assert not User.objects.filter(username="ligou").exists()
    run = imported(admin, "people.accounts", book(HEADS, row()))
    guard = make_member(district.office_org, "admin.security")
    place = Membership.objects.get(user__username="ligou")
    security.grant_roles(actor=actor_for(guard, now=NOW), place=place, roles=["department.officer"], now=NOW)
    assert undo(admin, run).status_code == 409
    assert User.objects.filter(username="ligou").exists()


def test_the_three_administrators_stay_apart_and_names_and_numbers_stay_unique(
    district: District, admin: Client
) -> None:
    mixed = f"{role_name('admin.system')}、{role_name('department.officer')}"
    told = checked(admin, "people.accounts", book(HEADS, row(岗位=mixed)))
    assert ("E2", "rule") in reasons(told)
    imported(admin, "people.accounts", book(HEADS, row()))
    other = checked(
        admin, "people.accounts",
        book(HEADS, row(姓名="别人", 单位="甲街道办事处"), row(用户名="wang"), row(用户名="zhao", 岗位="没有的岗位")),
    )  # fmt: skip
    assert {("A2", "rule"), ("F3", "rule"), ("E4", "not_a_choice")} <= set(reasons(other))


def test_places_go_out_and_in_unchanged_and_a_change_is_only_asked_for(district: District, admin: Client) -> None:
    imported(admin, "people.accounts", book(HEADS, row()))
    guard = make_member(district.office_org, "admin.security")
    place = Membership.objects.get(user__username="ligou")
    security.grant_roles(actor=actor_for(guard, now=NOW), place=place, roles=["department.officer"], now=NOW)
    export = exported(signed_in(guard), reverse("people:grants") + "?q=李苟&export=xlsx")
    same = checked(admin, "people.accounts", book(*export))
    assert (same.state, same.counts["unchanged"]) == ("checked", 1), same.errors
    wanted = row(职务="科长", 岗位=role_name("department.head"))[:5]
    run = imported(admin, "people.accounts", book(HEADS[:5], wanted))
    place.refresh_from_db()
    assert (place.post, place.requested, place.roles.get().code) == (
        "科长", ["department.head"], "department.officer",
    )  # fmt: skip
    assert undo(admin, run).status_code == 303
    place.refresh_from_db()
    assert (place.post, place.requested) == ("科员", [])


def test_other_names_of_divisions_are_set_and_restored(district: District, admin: Client) -> None:
    heads = ["全称", "简称", "曾用名", "俗称"]
    name = district.street_area.full_name
    imported(admin, "areas.aliases", book(heads, [name, "甲街", "甲镇；甲乡", ""]))
    assert dict(district.street_area.aliases.values_list("name", "kind")) == {
        "甲街": "short", "甲镇": "historical", "甲乡": "historical",
    }  # fmt: skip
    export = exported(admin, reverse("people:areas") + "?export=xlsx&cols=name,full_name,short,historical,colloquial")
    same = checked(admin, "areas.aliases", book(*export))
    assert (same.state, same.counts["changed"]) == ("checked", 0), same.errors
    run = imported(admin, "areas.aliases", book(["全称", "曾用名"], [name, "老街"]))
    assert dict(district.street_area.aliases.values_list("name", "kind")) == {"甲街": "short", "老街": "historical"}
    assert undo(admin, run).status_code == 303
    assert district.street_area.aliases.filter(kind="historical").count() == 2
    lost = checked(admin, "areas.aliases", book(heads, ["没有的街道", "", "", ""], ["甲街道", "甲街道", "", ""]))
    assert reasons(lost) == [("A2", "unknown_area"), ("B3", "rule")]


def test_entries_of_code_lists_are_worded_anew_ended_by_the_undo_and_go_round(district: District) -> None:
    client = signed_in(district.director)
    heads = ["字典", "代码", "名称", "包含的各项", "其他写法"]
    first = CodeItem.objects.filter(code_list__is_fixed=False).select_related("code_list").order_by("pk")[0]
    list_name = first.code_list.name
    export = exported(client, f"{reverse('dictionaries:items')}?list={first.code_list_id}&export=xlsx")
    same = checked(client, "dictionaries.items", book(*export), reason="核对")
    assert (same.state, same.counts["changed"], same.counts["new"]) == ("checked", 0, 0), same.errors
    changed = [list_name, first.code, "换个说法", "甲、乙", "旧说法"]
    run = imported(
        client, "dictionaries.items", book(heads, [list_name, "newone", "新条目", "", ""], changed), reason="更正"
    )
    first.refresh_from_db()
    assert (first.label, first.parts) == ("换个说法", ["甲", "乙"])
    assert undo(client, run).status_code == 303
    label = first.label
    first.refresh_from_db()
    assert first.label != label
    assert CodeItem.objects.get(code="newone").valid_to is not None
    fixed = CodeItem.objects.filter(code_list__is_fixed=True).select_related("code_list").first()
    if fixed is not None:
        told = checked(
            client, "dictionaries.items", book(heads, [fixed.code_list.name, "x1", "甲", "", ""]), reason="无"
        )
        assert ("B2", "rule") in reasons(told)


def test_organisations_go_out_and_in_unchanged(district: District, admin: Client) -> None:
    export = exported(admin, reverse("people:organisations") + "?export=xlsx")
    run = checked(admin, "people.organisations", book(*export))
    assert (run.state, run.counts["new"], run.counts["changed"]) == ("checked", 0, 0), run.errors
    assert run.counts["unchanged"] >= 6


def test_a_division_is_found_by_path_and_code(district: District, admin: Client) -> None:
    create_area(
        actor=house_actor(), name="甲村", level="village", parent=district.street_area, code="500100001", now=NOW
    )
    heads = ["单位全称", "单位类别", "所在区划"]
    rows = [["甲村村民委员会", "村（社区）", "甲街道/甲村"], ["甲村二组", "村（社区）", "500100001"]]
    run = checked(admin, "people.organisations", book(heads, *rows))
    assert run.state == "checked", run.errors
