"""Sign-in and one's own account, by their pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import Client
from django.utils import timezone
from tests.factories import PASSWORD, make_member, make_org
from tests.support.signing import signed_in

from quancheng.kernel.people import totp
from quancheng.kernel.people.middleware import identify
from quancheng.kernel.people.models import SignIn, SignInPolicy, User

pytestmark = pytest.mark.django_db
NEW = "Quite-New-2027"


@pytest.fixture
def place(db):
    return make_member(make_org(), "department.officer", name="甲某", username="jia", password=PASSWORD)


@pytest.fixture
def client(place):
    return Client()


def enter(client, password=PASSWORD, username="jia", **more):
    return client.post("/login", {"username": username, "password": password, **more})


def test_nobody_gets_in_without_signing_in_and_comes_back_to_where_he_wanted(client):
    answer = client.get("/me?x=1")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Fme%3Fx%3D1")
    answer = enter(client, next="/me")
    assert (answer.status_code, answer["Location"]) == (303, "/me")
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "evil"])
def test_sign_in_leads_nowhere_but_into_the_house(client, target):
    assert "evil" not in enter(client, next=target)["Location"]


def test_a_wrong_password_is_told_in_general_and_what_was_typed_stays_but_the_password(client):
    answer = enter(client, "Wrong-2026!<b>")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "用户名、口令或验证码不正确" in text
    assert 'value="jia"' in text
    assert "Wrong-2026" not in text


def test_empty_fields_are_named(client):
    answer = enter(client, "", username="")
    assert answer.status_code == 422
    assert answer.content.decode().count("请填写此项。") >= 2


def test_signing_in_gives_the_session_a_new_key(client):
    client.get("/login")
    session = client.session
    session["planted"] = "1"
    session.save()
    before = client.cookies["sessionid"].value
    enter(client)
    assert client.cookies["sessionid"].value != before
    assert "planted" not in client.session


def test_signing_out_ends_the_session_on_the_server(client):
    enter(client)
    stolen = client.cookies["sessionid"].value
    client.post("/logout")
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/me").status_code == 302
    assert SignIn.objects.get().ended_why == "signed_out"


def test_signing_out_by_a_link_is_not_possible(client):
    enter(client)
    assert client.get("/logout").status_code == 405
    assert client.get("/me").status_code == 200


def test_forms_without_the_token_are_refused(place):
    client = Client(enforce_csrf_checks=True)
    assert enter(client).status_code == 403


def test_whoever_must_change_his_password_reaches_nothing_else_first(client, place):
    User.objects.update(must_change_password=True)
    enter(client)
    assert client.get("/me")["Location"] == "/me/password"
    assert client.get("/me", HTTP_HX_REQUEST="true")["HX-Redirect"] == "/me/password"
    given = {"old_password": PASSWORD, "password": NEW, "again": NEW}
    wrong = client.post("/me/password", given | {"again": "Other-2027xx"})
    assert (wrong.status_code, "两次输入的新口令不一致" in wrong.content.decode()) == (422, True)
    assert client.post("/me/password", given).status_code == 303
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Short-1", "至少 10 位"),
        ("alllowercase", "至少 3 类"),
        ("Xx-jia-2026-x", "不能包含用户名"),
        (PASSWORD, "最近 5 次"),
        ("A1-" + "x" * 130, "过长"),
    ],
)
def test_a_password_against_the_rules_is_refused_with_the_rule(client, password, said):
    enter(client)
    answer = client.post("/me/password", {"old_password": PASSWORD, "password": password, "again": password})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert User.objects.get().check_password(PASSWORD)


def test_changing_the_password_signs_other_devices_out_and_keeps_this_one(client, place):
    enter(client)
    other = signed_in(place)
    client.post("/me/password", {"old_password": PASSWORD, "password": NEW, "again": NEW})
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 302


def test_the_second_factor_from_enrolment_to_the_next_sign_in(client, place):
    enter(client)
    page = client.get("/me/second-factor").content.decode()
    assert "data:image/png;base64," in page
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    now = timezone.now()
    answer = client.post("/me/second-factor", {"code": totp.code_at(secret, totp.step_of(now)), "act": "enrol"})
    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.content.decode())
    assert len(codes) == 10
    client.post("/logout")
    assert enter(client, next="/me")["Location"] == "/login/code"
    assert client.get("/me").status_code == 302
    assert client.post("/login/code", {"code": "000000"}).status_code == 422
    answer = client.post("/login/code", {"code": codes[0]})
    assert (answer.status_code, answer["Location"]) == (303, "/me")


def test_the_second_step_without_the_first_leads_back(client):
    assert client.get("/login/code")["Location"] == "/login"


def test_a_demanded_second_factor_comes_first(client):
    SignInPolicy.objects.create(second_factor="everybody")
    enter(client)
    assert client.get("/me")["Location"] == "/me/second-factor"
    assert client.get("/me/second-factor").status_code == 200


def test_sessions_are_listed_and_another_device_can_be_signed_out(client, place):
    enter(client)
    other = signed_in(place)
    page = client.get("/me").content.decode()
    assert page.count("<tr>") == 3
    there = SignIn.objects.get(device="test")
    assert client.post(f"/me/sessions/{there.pk}/end").status_code == 303
    assert other.get("/me").status_code == 302


def test_nobody_can_end_a_stranger_s_session(client, place):
    stranger = make_member(make_org(), "town.officer")
    signed_in(stranger)
    enter(client)
    row = SignIn.objects.get(user=stranger.user)
    assert client.post(f"/me/sessions/{row.pk}/end").status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None


def test_an_idle_session_is_led_to_sign_in(place):
    client = signed_in(place, now=timezone.now() - timedelta(minutes=31))
    assert client.get("/me").status_code == 302


def test_the_telephone_number_is_shown_to_its_owner_in_full_and_kept_sealed(client, place):
    enter(client)
    assert client.post("/me/phone", {"phone": "12"}).status_code == 422
    assert client.post("/me/phone", {"phone": "000-5550123"}).status_code == 303
    assert "0005550123" in client.get("/me").content.decode()
    assert "5550123" not in User.objects.get().phone


def test_a_number_that_another_account_has_is_refused_beside_the_field(client, place):
    other = make_member(make_org(), "town.officer")
    signed_in(other).post("/me/phone", {"phone": "000-5550123"})
    enter(client)
    answer = client.post("/me/phone", {"phone": "0005550123"})
    assert (answer.status_code, "该号码已用于另一个账号" in answer.content.decode()) == (409, True)


def test_everybody_sees_what_is_held_on_him_and_of_nobody_else(client, place):
    stranger = make_member(make_org(), "town.officer", name="丙某")
    enter(client)
    page = client.get("/me/record").content.decode()
    assert "甲某" in page
    assert stranger.user.name not in page
    assert "people.sign_in.open" in page


def test_every_answer_forbids_inline_scripts(client):
    assert "script-src 'self'" in client.get("/login")["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src)", client.get("/login").content.decode())


def test_knowing_who_asks_costs_few_queries(place, rf, django_assert_num_queries):
    """Session; sign-in with user, membership, area, house, home district and delegations; roles."""
    client = signed_in(place)
    request = rf.get("/me")
    request.COOKIES = {"sessionid": client.cookies["sessionid"].value}
    SessionMiddleware(lambda asked: None).process_request(request)
    with django_assert_num_queries(3):
        identify(request)
    assert request.actor.user_id == place.user_id


def test_nobody_costs_no_query(rf, django_assert_num_queries):
    request = rf.get("/login")
    SessionMiddleware(lambda asked: None).process_request(request)
    with django_assert_num_queries(0):
        identify(request)
    assert request.actor is None
