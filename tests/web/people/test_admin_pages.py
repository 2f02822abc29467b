"""The three administrators' pages: what each may do, and that none sees or does another's part."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import NOW, PASSWORD, make_actor, make_district, make_member
from tests.support.signing import signed_in

from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.jobs import verify_journal
from quancheng.kernel.people.models import Membership, Organisation, OrganisationGroup, Role, SignIn, SignInPolicy, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db):
    district = make_district()
    clerk = make_member(district.department_org, "department.officer", name="甲某", username="jia", password=PASSWORD)
    made = {
        kind: make_member(district.office_org, f"admin.{kind}", name=f"{kind}管理员")
        for kind in ("system", "security", "audit")
    }
    return SimpleNamespace(
        district=district, clerk=clerk, places=made, **{kind: signed_in(place) for kind, place in made.items()}
    )


PAGES = {
    "system": ["/admin/users", "/admin/users/new", "/admin/organisations", "/admin/organisations/new", "/admin/groups",
               "/admin/groups/new", "/admin/holes", "/admin/areas", "/admin/areas/import"],
    "security": ["/admin/grants", "/admin/roles", "/admin/roles/department.officer", "/admin/sessions",
                 "/admin/policy", "/admin/users"],
    "audit": ["/admin/journal", "/admin/journal/verify"],
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_each_page_opens_for_its_administrator_and_for_nobody_else(house, kind):
    clerk, director = signed_in(house.clerk), signed_in(house.district.director)
    for page in PAGES[kind]:
        assert getattr(house, kind).get(page).status_code == 200, page
        for other in PAGES:
            if page not in PAGES[other]:
                assert getattr(house, other).get(page).status_code == 403, (other, page)
        assert clerk.get(page).status_code == 403, page
        assert director.get(page).status_code == 403, page


def test_the_menu_of_an_administrator_shows_his_own_pages_alone(house):
    text = house.audit.get("/admin/journal").content.decode()
    assert 'href="/admin/journal/verify"' in text
    assert 'href="/admin/users"' not in text


# A new user, in two steps ------------------------------------------------------------------------------------------


def new_user(house, **more):
    given = {
        "username": "yi", "name": "乙某", "phone": "000-5550177", "organisation": "示例区应急管理局", "post": "科员",
        "roles": ["department.officer"],
    }  # fmt: skip
    return house.system.post("/admin/users/new", given | more)


def test_a_user_is_made_by_one_administrator_and_gets_his_roles_from_another(house):
    answer = new_user(house)
    assert answer.status_code == 200
    password = re.search(r'id="password">([^<]+)<', answer.content.decode())[1]
    user = User.objects.get(username="yi")
    place = user.memberships.get()
    assert user.check_password(password)
    assert user.must_change_password is True
    assert (place.requested, list(place.roles.all())) == (["department.officer"], [])
    assert house.security.get("/admin/grants?waiting=1").content.decode().count("乙某") >= 1
    page = f"/admin/grants/{place.pk}"
    assert house.security.post(page, {"act": "grant", "roles": ["department.officer"]}).status_code == 303
    place.refresh_from_db()
    assert (place.requested, [role.code for role in place.roles.all()]) == ([], ["department.officer"])
    assert JournalEntry.objects.filter(act="people.membership.grant", user_id=house.places["security"].user_id).exists()


def test_the_system_administrator_cannot_grant_and_the_security_administrator_cannot_make(house):
    new_user(house)
    place = Membership.objects.get(user__username="yi")
    refused = house.system.post(f"/admin/grants/{place.pk}", {"act": "grant", "roles": ["department.officer"]})
    assert refused.status_code == 403
    assert not place.roles.exists()
    assert house.security.post("/admin/users/new", {"username": "bing"}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("username", "JIA", "该用户名已被使用"),
        ("phone", "123", "11位手机号码"),
        ("organisation", "没有的局", "没有名为"),
        ("roles", ["enterprise.head"], "不适用于这类单位"),
        ("name", "", "请填写此项"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_made(house, field, value, said):
    answer = new_user(house, **{field: value})
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()
    assert not User.objects.filter(username="yi").exists()


def test_html_in_a_name_stays_text(house):
    new_user(house, name="<script>x</script>")
    text = house.system.get("/admin/users").content.decode()
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


@pytest.mark.parametrize("roles", [["admin.audit"], ["office.officer"], ["admin.system", "admin.audit"]])
def test_nobody_becomes_two_administrators_or_administers_and_does_business(house, roles):
    place = house.places["system"]
    page = f"/admin/grants/{place.pk}"
    same = house.security.post(page, {"act": "grant", "roles": ["admin.system"]})
    assert same.status_code == 303
    other = Membership.objects.create(
        user=place.user, organisation=house.district.department_org, valid_from=NOW
    )  # fmt: skip
    wanted = roles if roles != ["office.officer"] else ["department.officer"]
    refused = house.security.post(f"/admin/grants/{other.pk}", {"act": "grant", "roles": wanted})
    assert refused.status_code == 403
    assert not other.roles.exists()


def test_the_security_administrator_grants_nothing_to_himself(house):
    place = house.places["security"]
    refused = house.security.post(f"/admin/grants/{place.pk}", {"act": "grant", "roles": ["admin.audit"]})
    assert refused.status_code == 422
    assert [role.code for role in place.roles.all()] == ["admin.security"]


# Accounts ---------------------------------------------------------------------------------------------------------


def test_disabling_an_account_signs_it_out(house):
    client = signed_in(house.clerk)
    assert client.get("/me").status_code == 200
    page = f"/admin/users/{house.clerk.user_id}"
    assert house.system.post(page, {"act": "disable"}).status_code == 303
    assert client.get("/me").status_code == 302
    assert house.system.post(page, {"act": "enable"}).status_code == 303
    assert User.objects.get(pk=house.clerk.user_id).is_active is True


def test_the_system_administrator_has_no_hand_in_administrators_accounts(house):
    victim = house.places["audit"].user
    before = victim.password
    assert house.system.post(f"/admin/users/{victim.pk}/password").status_code == 403
    assert house.system.post(f"/admin/users/{victim.pk}", {"act": "disable"}).status_code == 422
    victim.refresh_from_db()
    assert (victim.password, victim.is_active) == (before, True)
    assert house.security.post(f"/admin/users/{victim.pk}/password").status_code == 200


def test_the_security_administrator_has_no_hand_in_business_accounts(house):
    assert house.security.post(f"/admin/users/{house.clerk.user_id}/password").status_code == 403
    assert User.objects.get(pk=house.clerk.user_id).check_password(PASSWORD)


def test_sessions_can_be_revoked_by_the_security_administrator_alone(house):
    client = signed_in(house.clerk)
    row = SignIn.objects.get(user=house.clerk.user)
    assert house.system.post("/admin/sessions/revoke", {"ids": [str(row.pk)]}).status_code == 403
    assert client.get("/me").status_code == 200
    assert house.security.post("/admin/sessions/revoke", {"ids": [str(row.pk)]}).status_code == 303
    assert client.get("/me").status_code == 302


def test_a_telephone_number_is_masked_for_administrators(house):
    new_user(house)
    text = house.system.get(f"/admin/users/{User.objects.get(username='yi').pk}").content.decode()
    assert "000****0177" in text
    assert "0005550177" not in text


def test_unmasking_needs_the_duty_and_a_reason_and_enters_the_journal(house):
    new_user(house)
    place = Membership.objects.get(user__username="yi")
    page = f"/people/{place.user_id}/phone"
    assert signed_in(house.clerk).post(page, {"reason": "夜间应急联络"}).status_code == 403
    head = signed_in(house.district.department_head)
    assert head.post(page, {"reason": ""}).status_code == 422
    answer = head.post(page, {"reason": "夜间应急联络"})
    assert (answer.status_code, "0005550177" in answer.content.decode()) == (200, True)
    entry = JournalEntry.objects.get(act="vault.unmask")
    assert entry.facts["reason"] == "夜间应急联络"
    assert "5550177" not in str(entry.facts)


# Roles and policy ---------------------------------------------------------------------------------------------------


def test_taking_a_duty_from_a_role_works_at_the_next_request(house):
    role = Role.objects.get(pk="admin.audit")
    page = "/admin/roles/admin.audit"
    given = {"known": role.duties, "duties": []}
    assert house.security.post(page, given).status_code == 303
    assert house.audit.get("/admin/journal").status_code == 403
    entry = JournalEntry.objects.get(act="people.role.duties")
    assert entry.facts["removed"] == sorted(role.duties)


@pytest.mark.parametrize(
    ("role", "duty"),
    [("department.officer", "people.users.manage"), ("admin.system", "people.journal.read"),
     ("admin.audit", "vault.unmask")],
)  # fmt: skip
def test_administrators_duties_and_business_duties_stay_apart(house, role, duty):
    row = Role.objects.get(pk=role)
    refused = house.security.post(f"/admin/roles/{role}", {"known": row.duties, "duties": [*row.duties, duty]})
    assert refused.status_code == 403
    row.refresh_from_db()
    assert duty not in row.duties


def test_the_security_administrator_does_not_widen_his_own_role(house):
    row = Role.objects.get(pk="admin.security")
    given = {"known": row.duties, "duties": row.duties}
    assert house.security.post("/admin/roles/admin.security", given).status_code == 403


def test_of_two_changes_to_a_role_the_later_is_told(house):
    row = Role.objects.get(pk="department.officer")
    stale = {"known": [*row.duties, "something.else"], "duties": []}
    assert house.security.post("/admin/roles/department.officer", stale).status_code == 409
    assert Role.objects.get(pk="department.officer").duties == row.duties


def policy(**more):
    given = {
        "password_length": 12, "password_classes": 3, "password_history": 5, "password_days": 0, "failures": 5,
        "lock_minutes": 15, "address_failures": 60, "idle_minutes": 10, "absolute_hours": 8,
        "second_factor": "administrators",
    }  # fmt: skip
    return given | more


def test_a_stricter_policy_reaches_live_sessions(house):
    assert house.security.post("/admin/policy", policy()).status_code == 303
    rules = SignInPolicy.objects.get()
    assert (rules.password_length, rules.second_factor) == (12, "administrators")
    row = SignIn.objects.filter(ended_at__isnull=True).first()
    assert (row.idle_until - row.seen_at).total_seconds() == 600


@pytest.mark.parametrize(
    "wrong", [{"idle_minutes": 1}, {"failures": 99}, {"second_factor": "cats"}, {"lock_minutes": ""}]
)
def test_a_policy_out_of_range_is_refused(house, wrong):
    assert house.security.post("/admin/policy", policy(**wrong)).status_code == 422
    assert not SignInPolicy.objects.exists()


# Organisations ----------------------------------------------------------------------------------------------------


def organisation(**more):
    given = {
        "name": "示例区水利局",
        "short_name": "区水利局",
        "kind": "department",
        "aliases": "区水务局\n区水利水务局",
    }
    return given | more


def test_an_organisation_is_entered_with_aliases_and_keeps_its_former_name(house):
    assert house.system.post("/admin/organisations/new", organisation()).status_code == 303
    row = Organisation.objects.get(name="示例区水利局")
    edit = f"/admin/organisations/{row.pk}/edit"
    assert house.system.post(edit, organisation(name="示例区水务局", aliases="区水利局")).status_code == 303
    row.refresh_from_db()
    assert row.name == "示例区水务局"
    assert set(row.aliases.values_list("name", flat=True)) == {"区水利局", "示例区水利局"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "示例区应急管理局", "已有同名单位"),
        ("credit_code", "91110000000000000X", "统一社会信用代码有误"),
        ("kind", "castle", "castle"),
        ("parent", "没有的单位", "没有名为"),
    ],
)
def test_a_wrong_field_of_an_organisation_is_named(house, field, value, said):
    answer = house.system.post("/admin/organisations/new", organisation(**{field: value}))
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()
    assert not Organisation.objects.filter(name="示例区水利局").exists()


def test_an_organisation_cannot_stand_above_itself(house):
    house.system.post("/admin/organisations/new", organisation())
    house.system.post(
        "/admin/organisations/new", organisation(name="示例区河道所", short_name="", aliases="", parent="示例区水利局")
    )
    row = Organisation.objects.get(name="示例区水利局")
    answer = house.system.post(f"/admin/organisations/{row.pk}/edit", organisation(parent="示例区河道所"))
    assert (answer.status_code, "上级单位不能是本单位或其下级" in answer.content.decode()) == (422, True)


def test_an_ended_organisation_stays_in_the_register_and_its_people_act_for_it_no_longer(house):
    client = signed_in(house.clerk)
    page = f"/admin/organisations/{house.district.department_org.pk}"
    assert house.system.post(page, {"act": "end"}).status_code == 303
    assert house.system.get(page).status_code == 200
    assert "尚未" in client.get("/me").content.decode() or "还没有任职" in client.get("/me").content.decode()


def test_a_name_for_many_stands_for_those_that_its_rule_finds(house):
    given = {"name": "各镇（街道）", "aliases": "各街道", "kinds": ["town"]}
    assert house.system.post("/admin/groups/new", given).status_code == 303
    group = OrganisationGroup.objects.get()
    text = house.system.get("/admin/groups").content.decode()
    assert f'href="/admin/groups/{group.pk}"' in text
    assert ">2</td>" in text
    assert house.system.post("/admin/groups/new", {"name": "空"}).status_code == 422


# Journal ----------------------------------------------------------------------------------------------------------


def test_the_auditor_finds_who_did_what_and_reads_no_business_content(house):
    JournalEntry.objects.create(
        at=NOW, actor_kind="person", act="duty.task.report", facts={"text": "某企业的秘密"}, digest="0" * 64
    )
    house.system.post(f"/admin/users/{house.clerk.user_id}", {"act": "disable"})
    text = house.audit.get("/admin/journal").content.decode()
    assert "people.user.disable" in text
    assert "duty.task.report" in text
    assert "某企业的秘密" not in text
    assert "system管理员" in text


def test_a_proof_of_the_journal_is_made_in_the_background_and_shown(house):
    assert house.audit.post("/admin/journal/verify").status_code == 303
    verify_journal(membership_id=str(house.places["audit"].pk))
    text = house.audit.get("/admin/journal/verify").content.decode()
    assert "完整无改动" in text


# Delegations ------------------------------------------------------------------------------------------------------


def test_work_is_delegated_to_a_colleague_and_taken_back(house):
    colleague = make_member(house.district.department_org, "department.officer", name="乙某")
    client = signed_in(house.clerk)
    given = {"to_user": str(colleague.user_id), "first_day": "2026-11-01", "last_day": "2099-12-31", "reason": "休假"}
    assert client.post("/me/delegations", given | {"last_day": "2026-10-01"}).status_code == 422
    assert client.post("/me/delegations", given).status_code == 303
    assert "乙某" in client.get("/me/delegations").content.decode()
    stranger = make_actor(house.district.town_org, "town.officer")
    assert signed_in(stranger).post("/me/delegations", given).status_code == 422


def test_holes_show_organisation_duty_and_count_and_no_title(house):
    from quancheng.kernel.work.models import WorkItem

    WorkItem.objects.create(
        owner_org=house.district.town_org, subject_type="duty.task", subject_id=house.clerk.pk, loop_code="x",
        state="S", duty="duty.tasks.nobody", title="某企业的秘密", entered_at=NOW, due_at=NOW,
    )  # fmt: skip
    text = house.system.get("/admin/holes").content.decode()
    assert "甲街道办事处" in text
    assert "duty.tasks.nobody" in text
    assert "某企业的秘密" not in text


# Divisions --------------------------------------------------------------------------------------------------------


def test_a_table_of_divisions_is_imported_and_told_and_a_faulty_one_changes_nothing(house):
    from quancheng.kernel.areas.models import Area

    Area.objects.filter(is_home=True).update(code="990101")

    def send(text):
        table = SimpleUploadedFile("t.csv", text.encode())
        return house.system.post("/admin/areas/import", {"table": table})

    before = Area.objects.count()
    answer = send("990101001,丙街道\n990102001,他区街道\n")
    assert (answer.status_code, "不属于区县" in answer.content.decode()) == (422, True)
    assert Area.objects.count() == before
    answer = send("990101001,丙街道\n990101001001,丙社区居委会\n")
    assert answer.status_code == 200
    assert Area.objects.get(code="990101001001").full_name == "示例区丙街道丙社区居委会"
    assert "丙街道" in house.system.get("/admin/areas?q=丙").content.decode()
