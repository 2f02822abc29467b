"""Services of the administrators and of one's own account: who may, who may not, and races."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOW, PASSWORD, house_actor, make_actor, make_member, make_org

from quancheng.kernel.access import duties
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts, administration, passwords, security, services, signing
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Organisation, Role, SignInPolicy, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db):
    return make_org("示例区安全生产委员会办公室", kind="office")


def administrator(office, kind):
    return make_actor(office, f"admin.{kind}")


# Separation -------------------------------------------------------------------------------------------------------


def test_the_shipped_roles_of_administrators_share_no_duty_and_hold_no_business(db):
    held = {kind: set(Role.objects.get(pk=f"admin.{kind}").duties) for kind in ("system", "security", "audit")}
    assert all(held.values())
    assert not held["system"] & held["security"]
    assert not held["system"] & held["audit"]
    assert not held["security"] & held["audit"]
    business = {code for role in Role.objects.filter(administrator="") for code in role.duties}
    assert not business & set().union(*held.values()) - {
        duty.code for duty in duties.all_duties() if not security.is_administrative(duty)
    }


def test_the_system_administrator_grants_nothing_by_any_service(office):
    system = administrator(office, "system")
    place = make_member(office)
    with pytest.raises(NotPermitted):
        security.grant_roles(actor=system, place=place, roles=["office.officer"], now=NOW)
    with pytest.raises(NotPermitted):
        services.add_membership(
            actor=system, user=place.user, organisation=make_org(), roles=["department.officer"], now=NOW
        )
    assert not place.roles.exists()


def test_nobody_grants_to_himself_or_widens_his_own_role(office):
    keeper = administrator(office, "security")
    place = Membership.objects.get(pk=keeper.membership_id)
    with pytest.raises(NotPermitted):
        security.grant_roles(actor=keeper, place=place, roles=["admin.security"], now=NOW)
    role = Role.objects.get(pk="admin.security")
    with pytest.raises(NotPermitted):
        security.set_role_duties(actor=keeper, role=role, duties=role.duties, known=role.duties, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_grants_that_would_make_two_administrators_of_one_person_one_is_refused():
    office = make_org("示例区安委办", kind="office")
    keeper = make_actor(office, "admin.security")
    user = make_member(office).user
    second = make_org("示例局")
    places = [Membership.objects.get(user=user), None]
    places[1] = Membership.objects.create(user=user, organisation=second, valid_from=NOW)
    refused = []

    def grant(place, role):
        try:
            security.grant_roles(actor=keeper, place=place, roles=[role], now=NOW)
        except NotPermitted as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=grant, args=pair) for pair in zip(places, ("admin.system", "admin.audit"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["separated"]
    assert Role.objects.filter(memberships__user=user).count() == 1


def separated(change):
    """Whether the database itself refuses a change."""
    try:
        with transaction.atomic():
            change()
    except IntegrityError as refused:
        return "membership_administrators_apart" in str(refused) or "two of the three" in str(refused)
    return False


def test_a_role_that_becomes_an_administrators_is_refused_where_its_holder_is_another(office):
    place = make_member(office, "admin.system")
    other = Membership.objects.create(user=place.user, organisation=make_org("示例局"), valid_from=NOW)
    role = Role.objects.create(code="keeper.too", name="系统值守", administrator="system")
    other.roles.add(role)
    assert separated(lambda: Role.objects.filter(pk=role.pk).update(administrator="audit"))
    assert separated(lambda: Role.objects.filter(pk=role.pk).update(administrator=""))
    # Where the place has ended it holds nothing together, and it does not go on as long as it would.
    Membership.objects.filter(pk=other.pk).update(valid_to=NOW)
    assert not separated(lambda: Role.objects.filter(pk=role.pk).update(administrator="audit"))
    assert separated(lambda: Membership.objects.filter(pk=other.pk).update(valid_to=None))


def test_a_place_is_not_moved_to_a_person_whom_it_would_make_two_administrators(office):
    first, second = make_member(office, "admin.system"), make_member(make_org("示例局"), "admin.audit")
    assert separated(lambda: Membership.objects.filter(pk=second.pk).update(user=first.user))


def test_duties_not_built_in_today_stay_with_their_role(office):
    role = Role.objects.get(pk="department.officer")
    Role.objects.filter(pk=role.pk).update(duties=[*role.duties, "removed.domain.act"])
    role.refresh_from_db()
    shown = [code for code in role.duties if duties.is_declared(code)]
    security.set_role_duties(
        actor=administrator(office, "security"), role=role, duties=shown, known=role.duties, now=NOW
    )
    role.refresh_from_db()
    assert "removed.domain.act" in role.duties


# Accounts ---------------------------------------------------------------------------------------------------------


def test_passwords_of_administrators_are_reset_by_the_security_administrator_alone(office):
    system, keeper = administrator(office, "system"), administrator(office, "security")
    auditor = make_member(office, "admin.audit", password=PASSWORD).user
    clerk = make_member(make_org(), "department.officer", password=PASSWORD).user
    with pytest.raises(NotPermitted):
        accounts.reset_password(actor=system, user=auditor, now=NOW)
    with pytest.raises(NotPermitted):
        accounts.reset_password(actor=keeper, user=clerk, now=NOW)
    with pytest.raises(NotPermitted):
        accounts.reset_password(actor=keeper, user=User.objects.get(pk=keeper.user_id), now=NOW)
    fresh = accounts.reset_password(actor=system, user=clerk, now=NOW)
    clerk.refresh_from_db()
    assert clerk.check_password(fresh)
    assert not clerk.check_password(PASSWORD)
    assert fresh not in str(list(JournalEntry.objects.values_list("facts", flat=True)))


def test_five_former_passwords_may_not_come_again_and_the_sixth_may(db):
    place = make_member(make_org(), "department.officer", password=PASSWORD)
    actor = actor_for(place, now=NOW)
    known = [PASSWORD, *(f"Number-{number}-pass" for number in range(5))]
    for number in range(5):
        accounts.change_password(actor=actor, old=known[number], new=known[number + 1], now=NOW, sign_in_id=None)
    for former in known[1:]:
        with pytest.raises(Invalid):
            accounts.change_password(actor=actor, old=known[-1], new=former, now=NOW, sign_in_id=None)
    accounts.change_password(actor=actor, old=known[-1], new=PASSWORD, now=NOW, sign_in_id=None)
    assert User.objects.get(pk=place.user_id).check_password(PASSWORD)


def test_guessing_the_old_password_locks_like_sign_in(db):
    place = make_member(make_org(), "department.officer", password=PASSWORD)
    actor = actor_for(place, now=NOW)
    for _time in range(5):
        with pytest.raises(Invalid):
            accounts.change_password(actor=actor, old="Wrong-1234", new="Right-12345", now=NOW, sign_in_id=None)
    with pytest.raises(Invalid):
        accounts.change_password(actor=actor, old=PASSWORD, new="Right-12345", now=NOW, sign_in_id=None)
    assert User.objects.get().locked_until == NOW + timedelta(minutes=15)


def test_a_password_past_its_days_must_be_changed(db):
    rules = SignInPolicy(password_days=90)
    user = User(password_changed_at=NOW)
    assert not passwords.is_expired(user=user, rules=rules, now=NOW + timedelta(days=90))
    assert passwords.is_expired(user=user, rules=rules, now=NOW + timedelta(days=90, seconds=1))
    assert not passwords.is_expired(user=user, rules=SignInPolicy(), now=NOW + timedelta(days=9000))


@given(st.text(max_size=200))
def test_every_text_is_judged_as_a_password(text):
    rules = SignInPolicy()
    faults = passwords.faults_of(text, username="jia.mou", rules=rules)
    assert 0 <= passwords.classes_of(text) <= 4
    if not faults:
        assert 10 <= len(text) <= 128
        assert passwords.classes_of(text) >= 3
        assert "jia.mou" not in text.lower()


def test_initial_passwords_satisfy_the_rules_and_differ():
    made = {passwords.initial_password() for _time in range(50)}
    assert len(made) == 50
    assert not any(passwords.faults_of(each, username="", rules=SignInPolicy()) for each in made)


def test_a_session_is_ended_by_its_owner_or_the_security_administrator_only(office):
    place = make_member(make_org(), "department.officer", username="jia", password=PASSWORD)
    row = signing.sign_in(name="jia", password=PASSWORD, origin=signing.Origin(), now=NOW).sign_in
    for stranger in (administrator(office, "system"), make_actor(office, "office.officer")):
        with pytest.raises(NotFound):
            accounts.revoke_session(actor=stranger, sign_in_id=row.pk, now=NOW)
    assert signing.is_signed_in(sign_in_id=row.pk, now=NOW)
    accounts.revoke_session(actor=administrator(office, "security"), sign_in_id=row.pk, now=NOW)
    assert not signing.is_signed_in(sign_in_id=row.pk, now=NOW)
    with pytest.raises(NotFound):
        accounts.revoke_session(actor=actor_for(place, now=NOW), sign_in_id=row.pk, now=NOW)


# Organisations and places ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["91350211M000100Y46", " 91350211m000100y46 ", ""])
def test_credit_codes_with_the_right_check_character_are_taken(code):
    assert administration.check_credit_code(code) == (code.strip().upper() or None)


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_credit_code_is_found(place, mark):
    right = "91350211M000100Y46"
    wrong = right[:place] + mark + right[place + 1 :]
    if wrong == right:
        assert administration.check_credit_code(wrong) == right
    else:
        with pytest.raises(Invalid):
            administration.check_credit_code(wrong)


def test_what_is_wrong_with_a_credit_code_is_said():
    for wrong, said in {
        "91350211M000100Y4": "应为18位，现为17位",
        "91350211M00O100Y46": "第12位不能用字母O，可能是数字0",
        "91350211M000100Y47": "第18位是校验码，现为7，按前17位应为6",
        "913502A1M000100Y46": "第3至8位应为六位数字",
    }.items():
        with pytest.raises(Invalid) as refused:
            administration.check_credit_code(wrong)
        assert said in str(refused.value.fields["credit_code"])


def test_an_organisation_is_not_entered_with_a_wrong_credit_code(office):
    given = {"actor": administrator(office, "system"), "kind": "enterprise", "now": NOW}
    with pytest.raises(Invalid):
        services.create_organisation(name="示例甲化工厂", credit_code="91350211M000100Y47", **given)
    assert not Organisation.objects.filter(name="示例甲化工厂").exists()
    row = services.create_organisation(name="示例甲化工厂", credit_code=" 91350211m000100y46", **given)
    assert row.credit_code == "91350211M000100Y46"


def test_of_two_changes_to_an_organisation_the_later_is_refused(office):
    seen = Organisation.objects.get(pk=office.pk)
    later = NOW + timedelta(seconds=1)
    administration.update_organisation(
        actor=house_actor(), organisation=office, name=office.name, kind="office", short_name="安委办", now=later
    )
    with pytest.raises(StaleState):
        administration.update_organisation(
            actor=house_actor(), organisation=seen, name="别的名字", kind="office", now=later
        )


def test_a_place_twice_in_one_organisation_is_refused(office):
    system = administrator(office, "system")
    place = make_member(make_org("示例局"), "department.officer")
    with pytest.raises(Conflict):
        administration.request_place(
            actor=system, user=place.user, organisation=place.organisation, roles=["department.officer"], now=NOW
        )


def test_a_place_that_ended_gives_no_duties_from_then_on(office):
    system = administrator(office, "system")
    place = make_member(make_org("示例局"), "department.officer")
    administration.end_place(actor=system, place=place, now=NOW)
    assert not Membership.objects.current().filter(pk=place.pk).exists()
    with pytest.raises(StaleState):
        administration.end_place(actor=system, place=place, now=NOW)
