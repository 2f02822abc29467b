"""Tokens: a part of a person's duties for a program, and every way in which one can be refused."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories import District, make_actor, make_district, make_member, make_org
from tests.support.signing import signed_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound, NotPermitted, NotSignedIn, TooMany
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership
from quancheng.kernel.tokens import services
from quancheng.kernel.tokens.models import Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def make(actor: Actor, **changes: Any) -> services.Made:
    given: dict[str, Any] = {
        "name": "值班大屏", "duties": ["work.urge"], "can_write": False, "days": 30, "now": timezone.now(),
    }  # fmt: skip
    return services.create_token(actor=actor, **{**given, **changes})


def use(secret: str, **changes: Any) -> Actor:
    given: dict[str, Any] = {"address": "198.51.100.7", "is_write": False, "now": timezone.now()}
    return services.actor_by_token(presented=secret, **{**given, **changes})


def test_a_token_acts_as_its_membership_with_the_duties_it_names_and_no_others(district: District) -> None:
    actor = district.director
    seen = use(make(actor).secret)
    assert (seen.user_id, seen.organisation_id, seen.general) == (actor.user_id, actor.organisation_id, True)
    assert seen.duties == {"work.urge"}
    assert actor.duties > seen.duties


def test_the_powers_of_a_chief_come_only_with_all_duties(district: District) -> None:
    chief = district.department_head
    assert chief.is_chief
    assert not use(make(chief, duties=[]).secret).is_chief
    assert use(make(chief, duties=chief.duties).secret).is_chief


def test_a_duty_taken_from_the_role_is_taken_from_the_token(district: District) -> None:
    secret = make(district.director).secret
    place = Membership.objects.get(pk=district.director.membership_id)
    place.roles.clear()
    assert use(secret).duties == frozenset()


def test_the_secret_is_kept_as_a_digest_only_and_the_making_is_in_the_journal(district: District) -> None:
    made = make(district.director)
    secret_part = made.secret.partition(".")[2]
    row = Token.objects.values().get()
    assert secret_part not in str(row)
    assert secret_part not in str(list(JournalEntry.objects.values()))
    assert JournalEntry.objects.filter(act="tokens.token.create", subject_id=made.token.pk).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"duties": ["tokens.revoke_others"]}, "duties"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"name": "  "}, "name"),
        ({"addresses": ["not-an-address"]}, "addresses"),
        ({"rate_per_minute": 0}, "rate_per_minute"),
    ],
)
def test_what_cannot_be_granted_is_refused_beside_its_field(
    district: District, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make(district.director, **changes)
    assert list(refused.value.fields) == [field]
    assert not Token.objects.exists()


def test_the_longest_period_is_a_year(district: District) -> None:
    assert make(district.director, days=366).token.expires_at - timezone.now() < timedelta(days=367)


@pytest.mark.parametrize("way", ["wrong secret", "wrong prefix", "expired", "revoked", "membership ended", "inactive"])
def test_every_wrong_token_gets_the_same_answer(district: District, way: str) -> None:
    actor = district.director
    made = make(actor)
    assert use(made.secret).user_id == actor.user_id
    presented, now = made.secret, timezone.now()
    if way == "wrong secret":
        presented = made.token.prefix + ".x" + made.secret.partition(".")[2]
    elif way == "wrong prefix":
        presented = "qct_00000000." + made.secret.partition(".")[2]
    elif way == "expired":
        now += timedelta(days=30)
    elif way == "revoked":
        services.revoke_token(actor=actor, token_id=made.token.pk, now=now)
    elif way == "membership ended":
        Membership.objects.filter(pk=actor.membership_id).update(valid_to=now)
    else:
        user = Membership.objects.get(pk=actor.membership_id).user
        user.is_active = False
        user.save(update_fields=["is_active"])
    with pytest.raises(NotSignedIn) as refused:
        use(presented, now=now)
    assert str(refused.value) == str(services.WRONG)


@pytest.mark.parametrize(
    ("address", "accepted"),
    [("192.0.2.9", True), ("::ffff:192.0.2.9", True), ("192.0.3.1", False), ("2001:db8::1", True), ("", False)],
)
def test_a_token_bound_to_addresses_is_refused_from_elsewhere(district: District, address: str, accepted: bool) -> None:
    made = make(district.director, addresses=["192.0.2.0/24", "2001:db8::/32"])
    if accepted:
        assert use(made.secret, address=address).user_id == district.director.user_id
    else:
        with pytest.raises(NotSignedIn):
            use(made.secret, address=address)


def test_a_reading_token_cannot_write_and_a_writing_one_can(district: District) -> None:
    with pytest.raises(NotPermitted) as refused:
        use(make(district.director).secret, is_write=True)
    assert refused.value.code == "token_read_only"
    assert use(make(district.director, can_write=True).secret, is_write=True).has("work.urge")


def test_more_requests_than_the_rate_are_refused_until_the_next_minute(district: District) -> None:
    made, now = make(district.director, rate_per_minute=3), timezone.now()
    for _request in range(3):
        use(made.secret, now=now)
    with pytest.raises(TooMany) as refused:
        use(made.secret, now=now + timedelta(seconds=59))
    assert 1 <= refused.value.facts["retry_after_s"] <= 60
    use(made.secret, now=now + timedelta(seconds=61))


def test_nobody_revokes_a_colleagues_token_but_the_security_administrator(district: District) -> None:
    made = make(district.director)
    with pytest.raises(NotFound):
        services.revoke_token(actor=district.officer, token_id=made.token.pk, now=timezone.now())
    security = make_actor(make_org("示例区大数据局", supervises=False), "admin.security")
    services.revoke_token(actor=security, token_id=made.token.pk, now=timezone.now())
    with pytest.raises(NotSignedIn):
        use(made.secret)
    assert JournalEntry.objects.filter(act="tokens.token.revoke", user_id=security.user_id).count() == 1


def test_an_administrators_token_stays_an_administrators(district: District) -> None:
    place = make_member(make_org("示例区大数据局", supervises=False), "admin.audit")
    auditor = actor_for(place, now=timezone.now())
    assert use(make(auditor, duties=[]).secret).administrator == "audit"


def test_no_more_tokens_than_the_limit(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 2)
    first = make(district.director)
    make(district.director)
    with pytest.raises(Invalid):
        make(district.director)
    services.revoke_token(actor=district.director, token_id=first.token.pk, now=timezone.now())
    make(district.director)


# Pages -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_secret_once_and_the_list_never(district: District) -> None:
    client = signed_in(district.director)
    form = {
        "name": "数据交换",
        "duties": ["work.urge"],
        "days": "10",
        "rate_per_minute": "60",
        "addresses": "192.0.2.1",
    }
    answer = client.post("/tokens/new", form)
    assert answer.status_code == 200
    token = Token.objects.get()
    page = answer.content.decode()
    secret = page.partition('id="token-secret">')[2].partition("<")[0]
    assert use(secret, address="192.0.2.1").user_id == district.director.user_id
    listed = client.get("/tokens/").content.decode()
    assert token.prefix in listed
    assert secret.partition(".")[2] not in listed
    assert "no-store" in answer["Cache-Control"]


def test_a_wrong_form_keeps_what_was_typed_and_says_where(district: District) -> None:
    answer = signed_in(district.director).post(
        "/tokens/new", {"name": "数据交换", "days": "900", "rate_per_minute": "60", "addresses": "x"}
    )
    assert answer.status_code == 422
    assert 'value="数据交换"' in answer.content.decode()
    assert not Token.objects.exists()


def test_the_list_shows_ones_own_tokens_and_revokes_them(district: District) -> None:
    mine, other = make(district.director), make(district.officer, duties=[])
    client = signed_in(district.director)
    page = client.get("/tokens/").content.decode()
    assert mine.token.prefix in page
    assert other.token.prefix not in page
    assert client.post(f"/tokens/{other.token.pk}/revoke").status_code == 404
    assert client.post(f"/tokens/{mine.token.pk}/revoke").status_code == 303
    with pytest.raises(DomainError):
        use(mine.secret)
    assert client.post(f"/tokens/{uuid.uuid4()}/revoke").status_code == 404


def test_nobody_signed_in_reaches_no_token_page() -> None:
    for path in ("/tokens/", "/tokens/new"):
        assert Client().get(path).status_code == 302
