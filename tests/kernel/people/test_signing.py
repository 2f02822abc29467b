"""Signing in: right, wrong, locked, throttled, in two steps; sessions and their ends."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from tests.factories import NOW, PASSWORD, house_actor, make_member, make_org
from tests.support.retention import retire

from quancheng.kernel.errors import Invalid, TooMany
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts, passwords, second_factor, services, signing, totp
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import SignIn, SignInPolicy, User
from quancheng.kernel.people.signin_models import device_name
from quancheng.kernel.people.signing import Origin, SignInRefused

HERE = Origin("192.0.2.7", "Mozilla/5.0 (test)")
pytestmark = pytest.mark.django_db


def enter(name="jia", password=PASSWORD, *, now=NOW, origin=HERE):
    return signing.sign_in(name=name, password=password, origin=origin, now=now)


@pytest.fixture
def place(db):
    return make_member(make_org(), "department.officer", name="甲某", username="jia", password=PASSWORD)


def acts():
    return list(JournalEntry.objects.order_by("seq").values_list("act", flat=True))


def test_the_right_password_opens_a_session_of_the_first_place(place):
    opened = enter("JIA").sign_in
    assert (opened.user_id, opened.membership_id, opened.address) == (place.user_id, place.pk, "192.0.2.7")
    assert acts()[-1] == "people.sign_in.open"
    entry = JournalEntry.objects.latest("seq")
    assert entry.user_id == place.user_id
    assert "192.0.2.7" not in str(entry.facts)


def test_the_telephone_number_opens_it_too_however_it_is_written(place):
    accounts.set_phone(actor=house_actor(), user_id=place.user_id, phone="000-5550123", now=NOW)
    assert enter("000 5550 123").user_id == place.user_id


@pytest.mark.parametrize("name", ["jia", "nobody", "", "x" * 300, "0005550999"])
def test_every_failure_gets_the_same_answer(place, name):
    with pytest.raises(SignInRefused) as refused:
        enter(name, "Wrong-2026!")
    assert refused.value.status == 422
    assert refused.value.fields == {}
    assert not SignIn.objects.exists()
    entry = JournalEntry.objects.latest("seq")
    assert entry.act == "people.sign_in.fail"
    assert "nobody" not in str(entry.facts)


def test_a_disabled_account_is_refused_with_the_right_password(place):
    accounts.set_active(actor=house_actor(), user=place.user, active=False, now=NOW)
    with pytest.raises(SignInRefused):
        enter()
    accounts.set_active(actor=house_actor(), user=place.user, active=True, now=NOW)
    assert enter().sign_in is not None


def test_an_account_without_a_password_cannot_be_entered(db):
    make_member(make_org(), "department.officer", username="jia")
    with pytest.raises(SignInRefused):
        enter(password="")


def test_five_failures_lock_for_fifteen_minutes_even_against_the_right_password(place):
    for _time in range(5):
        with pytest.raises(SignInRefused):
            enter(password="Wrong-2026!")
    assert acts().count("people.sign_in.lock") == 1
    with pytest.raises(SignInRefused):
        enter(now=NOW + timedelta(minutes=14, seconds=59))
    assert enter(now=NOW + timedelta(minutes=15)).sign_in is not None


def test_four_failures_do_not_lock_and_success_forgets_them(place):
    for _time in range(4):
        with pytest.raises(SignInRefused):
            enter(password="Wrong-2026!")
    assert enter().sign_in is not None
    for _time in range(4):
        with pytest.raises(SignInRefused):
            enter(password="Wrong-2026!")
    assert enter().sign_in is not None


def test_after_a_lock_ran_out_the_count_begins_anew(place):
    for _time in range(5):
        with pytest.raises(SignInRefused):
            enter(password="Wrong-2026!")
    later = NOW + timedelta(minutes=16)
    for _time in range(4):
        with pytest.raises(SignInRefused):
            enter(password="Wrong-2026!", now=later)
    assert enter(now=later).sign_in is not None


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_no_more_than_five_are_compared(monkeypatch):
    make_member(make_org(), "department.officer", username="jia", password=PASSWORD)
    compared, real = [], signing.check_password

    def counting(password, encoded):
        if password.startswith("Guess"):
            compared.append(encoded)
        return real(password, encoded)

    monkeypatch.setattr(signing, "check_password", counting)
    hashed = User.objects.get().password
    taken = []
    real_take = signing._take_attempt
    monkeypatch.setattr(signing, "_take_attempt", lambda *a: taken.append(real_take(*a)) or taken[-1])

    def guess(number):
        try:
            enter(password=f"Guess-{number}-Aa")
        except SignInRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 5
    assert len(compared) == 20  # every answer takes as long
    assert set(compared) == {hashed}
    assert User.objects.get().locked_until == NOW + timedelta(minutes=15)


def test_an_address_that_fails_too_often_is_refused_for_a_while_and_others_are_not(place):
    SignInPolicy.objects.create(address_failures=6, failures=20)
    for _time in range(6):
        with pytest.raises(SignInRefused):
            enter("nobody")
    with pytest.raises(TooMany):
        enter()
    assert enter(origin=Origin("192.0.2.8", "")).sign_in is not None
    assert enter(now=NOW + timedelta(minutes=16)).sign_in is not None


# The second factor ------------------------------------------------------------------------------------------------


def enrolled(place, now=NOW):
    secret = totp.new_secret()
    actor = actor_for(place, now=now)
    codes = second_factor.enrol(actor=actor, secret=secret, code=totp.code_at(secret, totp.step_of(now)), now=now)
    return secret, codes


def second(place, code, *, passed_at=NOW, now):
    return signing.second_step(user_id=place.user_id, passed_at=passed_at, code=code, origin=HERE, now=now)


def test_with_a_second_factor_the_password_alone_opens_nothing(place):
    secret, _codes = enrolled(place)
    assert secret not in User.objects.get().totp_secret
    assert enter().sign_in is None
    assert not SignIn.objects.exists()
    later = NOW + timedelta(seconds=60)
    opened = second(place, totp.code_at(secret, totp.step_of(later)), now=later)
    assert opened.method == "totp"


def test_a_code_works_once(place):
    secret, _codes = enrolled(place)
    later = NOW + timedelta(seconds=60)
    code = totp.code_at(secret, totp.step_of(later))
    second(place, code, now=later)
    with pytest.raises(SignInRefused):
        second(place, code, now=later)


def test_a_recovery_code_works_once(place):
    _secret, codes = enrolled(place)
    assert len(codes) == 10
    assert second(place, codes[0].upper(), now=NOW).method == "recovery"
    with pytest.raises(SignInRefused):
        second(place, codes[0], now=NOW)
    assert second_factor.count_codes(user=place.user) == 9


def test_the_second_step_waits_five_minutes_and_no_longer(place):
    _secret, codes = enrolled(place)
    with pytest.raises(SignInRefused):
        second(place, codes[0], now=NOW + timedelta(minutes=5))
    with pytest.raises(SignInRefused):
        second(place, codes[0], passed_at=NOW + timedelta(minutes=1), now=NOW)


def test_wrong_codes_lock_however_often_the_password_is_given_again(place):
    _secret, codes = enrolled(place)
    for _time in range(5):
        assert enter().sign_in is None
        with pytest.raises(SignInRefused):
            second(place, "000000", now=NOW)
    with pytest.raises(SignInRefused):
        second(place, codes[0], now=NOW)


def test_enrolling_needs_a_code_of_the_secret(place):
    with pytest.raises(Invalid):
        second_factor.enrol(actor=actor_for(place, now=NOW), secret=totp.new_secret(), code="000000", now=NOW)
    assert User.objects.get().totp_secret == ""


# Sessions ---------------------------------------------------------------------------------------------------------


def present(opened, now, **more):
    return signing.present_sign_in(sign_in_id=opened.pk, now=now, **more)


def test_a_session_ends_after_thirty_idle_minutes_and_acts_put_that_off(place):
    opened = enter().sign_in
    assert present(opened, NOW + timedelta(minutes=29)) is not None
    assert present(opened, NOW + timedelta(minutes=58)) is not None
    assert present(opened, NOW + timedelta(minutes=88)) is None
    opened.refresh_from_db()
    assert opened.ended_why == "idle"
    assert acts()[-1] == "people.sign_in.end"


def test_event_streams_do_not_keep_a_session_alive(place):
    opened = enter().sign_in
    assert present(opened, NOW + timedelta(minutes=20), is_act=False) is not None
    assert present(opened, NOW + timedelta(minutes=30)) is None


def test_a_session_ends_after_twelve_hours_whatever_is_done(place):
    opened = enter().sign_in
    for minutes in range(20, 12 * 60, 20):
        assert present(opened, NOW + timedelta(minutes=minutes)) is not None
    assert present(opened, NOW + timedelta(hours=12)) is None


def test_disabling_an_account_ends_its_sessions(place):
    opened = enter().sign_in
    accounts.set_active(actor=house_actor(), user=place.user, active=False, now=NOW)
    assert present(opened, NOW) is None
    assert not signing.is_signed_in(sign_in_id=opened.pk, now=NOW)


def test_switching_acts_through_another_place_and_through_no_stranger(place):
    other = make_member(make_org(), "town.officer")
    second_place = signing.Membership.objects.create(user=place.user, organisation=make_org(), valid_from=NOW)
    opened = enter().sign_in
    actor = actor_for(place, now=NOW)
    signing.switch_membership(actor=actor, sign_in_id=opened.pk, membership_id=second_place.pk, now=NOW)
    assert present(opened, NOW).membership_id == second_place.pk
    with pytest.raises(Invalid):
        signing.switch_membership(actor=actor, sign_in_id=opened.pk, membership_id=other.pk, now=NOW)


def test_a_place_that_ended_is_left_at_once(place):
    opened = enter().sign_in
    signing.Membership.objects.filter(pk=place.pk).update(valid_to=NOW + timedelta(minutes=1))
    assert present(opened, NOW).membership_id == place.pk
    assert present(opened, NOW + timedelta(minutes=1)).membership_id != place.pk


def test_a_second_factor_that_is_demanded_is_owed_at_sign_in(db):
    SignInPolicy.objects.create(second_factor="administrators")
    make_member(make_org(), "admin.audit", username="audit", password=PASSWORD)
    make_member(make_org(), "town.officer", username="town", password=PASSWORD)
    assert enter("audit").sign_in.must_enrol is True
    assert enter("town").sign_in.must_enrol is False


def test_clearing_out_ends_what_ran_out_unseen_and_forgets_old_attempts(place):
    enter()
    with pytest.raises(SignInRefused):
        enter("nobody")
    assert signing.end_run_out(now=NOW + timedelta(days=31)) == 1
    assert retire("people.sign_in_attempt", NOW + timedelta(days=31)) == 1
    assert retire("people.sign_in", NOW + timedelta(days=31)) == 0
    assert retire("people.sign_in", NOW + timedelta(days=31 + 181)) == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36 Edg/141.0",
         "Edge 141 · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/139.0 Mobile Safari/537.36", "Chrome 139 · Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_named_in_few_words(words, name):
    assert device_name(words) == name


def test_an_initial_password_is_cheap_to_make_and_takes_as_long_to_compare(place, monkeypatch):
    password = passwords.initial_password()
    user = services.create_user(
        actor=house_actor(), username="yi", name="乙某", password=password, is_random=True, now=NOW
    )
    assert passwords.is_cheap(user.password)
    assert not passwords.is_cheap(place.user.password)
    compared = []
    real = signing.check_password
    monkeypatch.setattr(signing, "check_password", lambda *a: compared.append(a[1]) or real(*a))
    assert enter("yi", password).user_id == user.pk
    for name in ("yi", "nobody"):
        with pytest.raises(SignInRefused):
            enter(name, "Wrong-2026!")
    # Each time a comparison that costs what any other does.
    assert compared == [user.password, signing._dummy(), user.password, signing._dummy(), signing._dummy()]
    assert user.must_change_password
