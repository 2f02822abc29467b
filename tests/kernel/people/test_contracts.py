"""Contracts of sign-in and of the three administrators that no other file holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from tests.factories import PASSWORD, make_actor, make_member, make_org
from tests.support.signing import signed_in

from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import passwords, second_factor, security, totp
from quancheng.kernel.people.models import Role, SignIn, SignInPolicy, User
from quancheng.kernel.vault import services as vault

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first", "second"),
    [("admin.system", "admin.security"), ("admin.security", "admin.audit"), ("admin.audit", "department.officer")],
)
def test_the_database_refuses_a_second_administrator_s_role_whatever_writes_it(first, second):
    place = make_member(make_org(), first)
    with pytest.raises(IntegrityError, match="two of the three"), transaction.atomic():
        place.roles.through.objects.bulk_create(
            [place.roles.through(membership_id=place.pk, role=Role.objects.get(pk=second))]
        )
    assert [role.code for role in place.roles.all()] == [first]


def test_whoever_ended_one_administrator_s_place_may_get_another(db):
    place = make_member(make_org(), "admin.system")
    place.valid_to = timezone.now()
    place.save()
    from tests.factories import house_actor

    from quancheng.kernel.people.services import add_membership

    add_membership(
        actor=house_actor(), user=place.user, organisation=make_org(), roles=["admin.audit"], now=timezone.now()
    )


def test_sign_in_failure_lock_and_sign_out_each_enter_the_journal(db):
    place = make_member(make_org(), "town.officer", username="jia", password=PASSWORD)
    client = Client()
    client.post("/login", {"username": "jia", "password": PASSWORD})
    client.post("/logout")
    for _guess in range(5):
        client.post("/login", {"username": "jia", "password": "Wrong-2026!"})
    acts = list(
        JournalEntry.objects.filter(act__startswith="people.sign_in.").order_by("seq").values_list("act", flat=True)
    )
    assert acts[:2] == ["people.sign_in.open", "people.sign_in.end"]
    assert acts[2:].count("people.sign_in.fail") == 5
    assert acts[2:].count("people.sign_in.lock") == 1
    named = JournalEntry.objects.filter(act="people.sign_in.fail").values_list("subject_id", "facts")
    assert {subject for subject, _facts in named} == {place.user_id}
    assert "Wrong-2026" not in str(list(named))
    assert "127.0.0.1" not in str(list(named))


def test_changes_of_permission_and_policy_enter_the_journal_with_before_and_after(db):
    office = make_org(kind="office")
    actor, now = make_actor(office, "admin.security"), timezone.now()
    place = make_member(office, "office.officer")
    security.grant_roles(actor=actor, place=place, roles=["office.director"], now=now)
    grant = JournalEntry.objects.get(act="people.membership.grant")
    assert (grant.facts["before"], grant.facts["after"]) == (["office.officer"], ["office.director"])
    role = Role.objects.get(pk="town.officer")
    wanted = role.duties[1:]
    security.set_role_duties(actor=actor, role=role, duties=wanted, known=role.duties, now=now)
    assert JournalEntry.objects.get(act="people.role.duties").facts["removed"] == [role.duties[0]]
    numbers = {name: getattr(SignInPolicy(), name) for name in security.LIMITS} | {"idle_minutes": 10}
    security.set_policy(actor=actor, numbers=numbers, second_factor="nobody", now=now)
    assert JournalEntry.objects.get(act="people.policy.change").facts == {"idle_minutes": 10}


@pytest.mark.parametrize(("length", "classes", "password", "good"), [
    (12, 2, "short-1a", False), (12, 2, "longenoughword", False), (12, 2, "long-enough-word", True),
    (8, 4, "Ab1defgh", False), (8, 4, "Ab1-efgh", True),
])  # fmt: skip
def test_length_and_classes_are_settings(length, classes, password, good):
    rules = SignInPolicy(password_length=length, password_classes=classes)
    assert (passwords.faults_of(password, username="jia", rules=rules) == []) is good


def test_a_factor_given_up_under_a_policy_that_demands_one_is_owed_at_once(db):
    SignInPolicy.objects.create(second_factor="everybody")
    place = make_member(make_org(), "town.officer")
    secret = totp.new_secret()
    User.objects.filter(pk=place.user_id).update(totp_secret=vault.seal(second_factor.KIND, secret))
    client = signed_in(place)
    code = totp.code_at(secret, totp.step_of(timezone.now()))
    assert client.post("/me/second-factor", {"act": "remove", "code": code}).status_code == 303
    assert client.get("/me")["Location"] == "/me/second-factor"


@pytest.mark.parametrize(
    ("demanded", "owes"), [("nobody", []), ("administrators", ["audit"]), ("everybody", ["audit", "town"])]
)
def test_a_policy_that_demands_a_factor_reaches_sessions_that_are_open(demanded, owes):
    for username, role in (("audit", "admin.audit"), ("town", "town.officer")):
        signed_in(make_member(make_org(), role, username=username))
    numbers = {name: getattr(SignInPolicy(), name) for name in security.LIMITS}
    actor = make_actor(make_org(kind="office"), "admin.security")
    security.set_policy(actor=actor, numbers=numbers, second_factor=demanded, now=timezone.now())
    assert sorted(SignIn.objects.filter(must_enrol=True).values_list("user__username", flat=True)) == owes


def test_the_api_is_closed_with_the_session_that_opened_it(db):
    place = make_member(make_org(), "town.officer")
    client = signed_in(place)
    assert client.get("/api/v1/me").status_code == 200
    SignIn.objects.update(idle_until=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/me").status_code == 401
    assert SignIn.objects.get().ended_why == "idle"
