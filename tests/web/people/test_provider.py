"""Sign-in through a provider of identities, by its pages, against the trial provider."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from tests.factories import PASSWORD, make_actor, make_member, make_org
from tests.support.provider import trial_provider, use_provider
from tests.support.signing import signed_in

from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import identities, second_factor, totp
from quancheng.kernel.people.models import ExternalIdentity, IdentityProvider, Membership, SignIn, SignInPolicy, User
from quancheng.kernel.people.oidc import services as oidc
from quancheng.kernel.vault import services as vault

pytestmark = pytest.mark.django_db
FORM = {
    "is_enabled": "on",
    "name": "统一身份认证",
    "client_id": "quancheng",
    "secret": "trial-secret",
    "scope": "openid profile",
    "subject_claim": "sub",
    "vouching": "",
}


@pytest.fixture
def provider(settings):
    settings.OIDC_NETWORKS, settings.OIDC_INSECURE = ["127.0.0.0/8"], True
    with trial_provider(s1="甲某", s2="乙某") as server:
        yield server


@pytest.fixture
def place(db):
    return make_member(make_org(), "department.officer", name="甲某", username="jia", password=PASSWORD)


@pytest.fixture
def security_client(db):
    return signed_in(make_actor(make_org(kind="office"), "admin.security"))


def go(client: Client, subject: str, **changed: str):
    """From our link to the provider, there as this person, and back; ``changed`` is what a stranger did to the way."""
    away = client.get("/login/provider?next=/me")
    there = httpx.get(away["Location"] + f"&as={subject}")
    back = urlsplit(there.headers["Location"])
    given = {key: values[0] for key, values in parse_qs(back.query).items()} | changed
    return client.get(back.path, given)


def enter(client: Client, password: str = PASSWORD, username: str = "jia"):
    """From the page as it stands in the browser; what waits for its owner is bound by a page that says so."""
    says = {"bind": "1"} if 'name="bind"' in client.get("/login?bind=1").content.decode() else {}
    return client.post("/login", {"username": username, "password": password, **says})


def bind(place: Membership, subject: str = "s1") -> None:
    client = Client()
    go(client, subject)
    enter(client)
    assert ExternalIdentity.objects.filter(user=place.user).exists()


def said(client: Client) -> str:
    return client.get("/login").content.decode()


def why() -> str:
    return JournalEntry.objects.filter(act="people.sign_in.fail").latest("seq").facts["why"]


# The way there --------------------------------------------------------------------------------------------------------


def test_without_a_provider_the_sign_in_page_offers_none(client):
    assert "/login/provider" not in said(client)
    assert client.get("/login/provider").status_code == 404


def test_the_browser_is_sent_with_state_nonce_and_a_challenge(client, place, provider):
    use_provider(provider)
    assert "/login/provider" in said(client)
    asked = parse_qs(urlsplit(client.get("/login/provider")["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["redirect_uri"] == ["http://testserver/login/provider/return"]
    again = parse_qs(urlsplit(client.get("/login/provider")["Location"]).query)
    assert all(again[name] != asked[name] for name in ("state", "nonce", "code_challenge"))


# Binding --------------------------------------------------------------------------------------------------------------


def test_an_identity_is_bound_by_a_password_once_and_opens_the_door_from_then_on(client, place, provider):
    use_provider(provider)
    answer = go(client, "s1")
    assert answer["Location"] == "/login?bind=1"
    assert client.get("/me").status_code == 302, "nobody is signed in by a name that happens to be the same"
    assert "还没有绑定本系统的账号" in client.get("/login?bind=1").content.decode()
    assert enter(client).status_code == 303
    bound = ExternalIdentity.objects.get()
    assert (bound.user, bound.bound_by) == (place.user, "password")
    assert "s1" not in (bound.subject_index, bound.subject)
    other = Client()
    assert go(other, "s1")["Location"] == "/me"
    assert other.get("/me").status_code == 200
    assert SignIn.objects.latest("started_at").method == "oidc"
    acts = JournalEntry.objects.filter(act__in=("people.identity.bind", "people.sign_in.open")).order_by("seq")
    assert [entry.act for entry in acts] == ["people.sign_in.open", "people.identity.bind", "people.sign_in.open"]
    assert acts[2].facts["method"] == "oidc"
    assert "s1" not in str(acts[1].facts)


def test_a_wrong_password_binds_nothing(client, place, provider):
    use_provider(provider)
    go(client, "s1")
    assert enter(client, "Wrong-2026!").status_code == 422
    assert not ExternalIdentity.objects.exists()


def test_binding_waits_for_the_second_factor_too(client, place, provider):
    use_provider(provider)
    secret = enrol(place.user)
    go(client, "s1")
    assert enter(client)["Location"] == "/login/code"
    assert not ExternalIdentity.objects.exists()
    client.post("/login/code", {"code": totp.code_at(secret, totp.step_of(timezone.now()))})
    assert ExternalIdentity.objects.get().user == place.user


def test_whoever_turns_back_binds_nothing(client, place, provider):
    use_provider(provider)
    go(client, "s1")
    client.get("/login")
    enter(client)
    assert not ExternalIdentity.objects.exists()


def test_a_sign_in_page_that_stood_open_before_binds_nothing(client, place, provider):
    use_provider(provider)
    go(client, "s1")
    assert client.post("/login", {"username": "jia", "password": PASSWORD}).status_code == 303
    assert not ExternalIdentity.objects.exists()


def test_the_provider_s_description_is_asked_for_anew_when_its_time_is_up(client, place, provider, monkeypatch):
    use_provider(provider)
    kept = []
    monkeypatch.setattr("quancheng.kernel.people.oidc.asking.cache.set", lambda *given: kept.append(given))
    client.get("/login/provider")
    client.get("/login/provider")
    assert not kept, "using what is kept does not keep it longer"


def test_an_identity_of_one_is_not_bound_to_another(client, place, provider):
    use_provider(provider)
    bind(place)
    stranger = make_member(make_org(), "town.officer", username="yi", password=PASSWORD)
    administrator = signed_in(make_actor(make_org(kind="office"), "admin.system"))
    page = f"/admin/users/{stranger.user_id}"
    answer = administrator.post(page, {"act": "bind", "subject": "s1"})
    assert (answer.status_code, "已绑定另一个账号" in answer.content.decode()) == (409, True)
    assert administrator.post(page, {"act": "bind", "subject": "s2"}).status_code == 303
    assert go(client, "s2").status_code == 303
    assert SignIn.objects.latest("started_at").user == stranger.user


def test_of_two_accounts_that_bind_one_identity_at_once_one_is_told(place, provider, monkeypatch):
    use_provider(provider)
    bind(place)
    stranger = make_member(make_org(), "town.officer")
    monkeypatch.setattr(identities, "find", lambda **_given: None)
    with pytest.raises(Conflict):
        oidc.bind_own(user_id=stranger.user_id, issuer=provider.issuer, subject="s1", now=timezone.now())
    assert ExternalIdentity.objects.get().user == place.user


def test_an_administrator_unbinds_and_sessions_end(client, place, provider):
    use_provider(provider)
    bind(place)
    go(client, "s1")
    administrator = signed_in(make_actor(make_org(kind="office"), "admin.system"))
    assert administrator.post(f"/admin/users/{place.user_id}", {"act": "unbind"}).status_code == 303
    assert client.get("/me").status_code == 302
    assert go(client, "s1")["Location"] == "/login?bind=1"


def test_an_account_is_made_only_where_the_setting_says_so_and_then_it_may_do_nothing(client, place, provider):
    use_provider(provider, creates_accounts=True)
    assert go(client, "s2").status_code == 303
    made = User.objects.get(name="乙某")
    assert not made.has_usable_password()
    assert not made.memberships.exists()
    assert client.get("/me").status_code == 200
    administrator = signed_in(make_actor(make_org(kind="office"), "admin.system"))
    listed = administrator.get("/admin/users?unplaced=1").content.decode()
    assert "乙某" in listed
    assert "jia" not in listed


# What is not believed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "https://other.example", "claims"),
        ("aud", "somebody-else", "claims"),
        ("aud", ["quancheng", "somebody-else"], "audience"),
        ("azp", "somebody-else", "audience"),
        ("exp", 1_700_000_000, "claims"),
        ("iat", 4_000_000_000, "claims"),
        ("nonce", "replayed", "nonce"),
        ("sub", "", "claims"),
    ],
)
def test_a_token_that_is_not_ours_for_this_way_is_refused(client, place, provider, claim, value, reason):
    use_provider(provider)
    bind(place)
    provider.spoil = {claim: value}
    assert go(client, "s1")["Location"] == "/login"
    assert why() == reason
    assert client.get("/me").status_code == 302
    assert "统一身份认证没有成功" in said(client)
    provider.spoil = {}
    assert go(client, "s1")["Location"] == "/me"


def test_a_signature_by_another_key_is_refused_and_a_changed_key_of_the_provider_is_learnt(client, place, provider):
    use_provider(provider)
    bind(place)
    published, provider.key = provider.key, provider.new_key()
    provider.key = provider.key.__class__.import_key({**provider.key.as_dict(private=True), "kid": published.kid})
    genuine = provider.id_token

    def forged(asked):
        token = genuine(asked)
        provider.key = published
        return token

    provider.id_token = forged
    assert go(client, "s1")["Location"] == "/login"
    assert why() == "signature"
    provider.id_token, provider.key = genuine, provider.new_key()
    from django.core.cache import cache

    cache.delete(f"oidc.keys_asked.{provider.issuer}/keys")
    assert go(client, "s1")["Location"] == "/me"


def test_an_unsigned_token_is_refused(client, place, provider):
    use_provider(provider)
    bind(place)
    genuine = provider.id_token
    provider.id_token = lambda asked: "eyJhbGciOiJub25lIn0." + genuine(asked).split(".")[1] + "."
    assert go(client, "s1")["Location"] == "/login"
    assert why() == "signature"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"state": "guessed"}, "state"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"code": "stolen"}, "token_refused"),
        ({"error": "access_denied"}, "provider:access_denied"),
    ],
)
def test_what_the_browser_brings_back_is_judged(client, place, provider, changed, reason):
    use_provider(provider)
    bind(place)
    assert go(client, "s1", **changed)["Location"] == "/login"
    assert why() == reason
    assert client.get("/me").status_code == 302


def test_the_way_back_works_once_and_only_in_the_browser_that_set_out(client, place, provider):
    use_provider(provider)
    bind(place)
    away = client.get("/login/provider")
    back = httpx.get(away["Location"] + "&as=s1").headers["Location"]
    thief = Client()
    assert thief.get(back)["Location"] == "/login"
    assert why() == "state"
    assert client.get(back)["Location"] != "/login"
    assert client.get(back)["Location"] == "/login"


def test_a_way_that_took_too_long_is_refused(client, place, provider, monkeypatch):
    use_provider(provider)
    bind(place)
    away = client.get("/login/provider")
    back = httpx.get(away["Location"] + "&as=s1").headers["Location"]
    session = client.session
    session["oidc_way"] = session["oidc_way"] | {"at": (timezone.now() - timedelta(minutes=11)).isoformat()}
    session.save()
    assert client.get(back)["Location"] == "/login"
    assert why() == "late"


def test_failures_count_for_the_address_and_a_busy_one_is_told(client, place, provider):
    use_provider(provider)
    bind(place)
    SignInPolicy.objects.create(address_failures=5)
    for _round in range(5):
        go(client, "s1", state="guessed")
    go(client, "s1")
    assert client.get("/me").status_code == 302
    assert "登录失败次数过多" in said(client)


@pytest.mark.parametrize("changed", [{"is_active": False}, {"locked_until": timezone.now() + timedelta(hours=1)}])
def test_a_disabled_or_locked_account_stays_closed(client, place, provider, changed):
    use_provider(provider)
    bind(place)
    User.objects.update(**changed)
    assert go(client, "s1")["Location"] == "/login"
    assert client.get("/me").status_code == 302


def test_a_provider_that_is_down_is_said_and_the_password_still_works(client, place, settings):
    settings.OIDC_NETWORKS, settings.OIDC_INSECURE = ["127.0.0.0/8"], True
    with trial_provider(s1="甲某") as server:
        use_provider(server)
    from django.core.cache import cache

    cache.clear()
    assert client.get("/login/provider")["Location"] == "/login"
    assert "暂时无法使用" in said(client)
    assert enter(client).status_code == 303


# The second factor ----------------------------------------------------------------------------------------------------


def enrol(user: User) -> str:
    secret = totp.new_secret()
    User.objects.filter(pk=user.pk).update(totp_secret=vault.seal("totp", secret))
    return secret


@pytest.mark.parametrize(("said_by_token", "asked"), [({}, True), ({"amr": ["pwd"]}, True), ({"amr": ["mfa"]}, False)])
def test_our_second_factor_is_asked_unless_the_provider_vouches_for_one(client, place, provider, said_by_token, asked):
    use_provider(provider, vouching=["mfa"])
    bind(place)
    secret = enrol(place.user)
    provider.spoil = said_by_token
    answer = go(client, "s1")
    assert answer["Location"] == ("/login/code" if asked else "/me")
    assert (client.get("/me").status_code == 302) is asked
    if asked:
        client.post("/login/code", {"code": totp.code_at(secret, totp.step_of(timezone.now()))})
        assert client.get("/me").status_code == 200
        assert SignIn.objects.latest("started_at").method == "oidc+totp"


def test_a_demanded_second_factor_is_enrolled_first_unless_the_provider_vouches(client, place, provider):
    use_provider(provider, vouching=["urn:example:two"])
    bind(place)
    SignInPolicy.objects.create(second_factor="everybody")
    go(client, "s1")
    assert client.get("/me")["Location"] == "/me/second-factor"
    provider.spoil = {"acr": "urn:example:two"}
    other = Client()
    go(other, "s1")
    assert other.get("/me").status_code == 200


def test_a_changed_policy_demands_no_second_factor_of_whoever_the_provider_vouched_for(client, place, provider):
    use_provider(provider, vouching=["mfa"])
    bind(place)
    go(client, "s1")
    provider.spoil = {"amr": ["mfa"]}
    other = Client()
    go(other, "s1")
    second_factor.owe(SignIn.objects.all(), rules=SignInPolicy(second_factor="everybody"))
    assert client.get("/me")["Location"] == "/me/second-factor"
    assert other.get("/me").status_code == 200


def test_the_password_can_be_closed_for_bound_accounts_and_only_whoever_knows_it_is_told(client, place, provider):
    use_provider(provider, forbids_password=True)
    bind(place)
    answer = enter(client)
    assert (answer.status_code, "请通过统一身份认证登录" in answer.content.decode()) == (422, True)
    assert "请通过统一身份认证登录" not in enter(client, "Wrong-2026!").content.decode()
    assert go(client, "s1")["Location"] == "/me"


def test_the_security_administrator_keeps_his_password_for_the_day_the_provider_is_down(client, provider):
    use_provider(provider, forbids_password=True)
    place = make_member(make_org(kind="office"), "admin.security", username="jia", password=PASSWORD)
    bind(place)
    assert enter(client).status_code == 303


# Signing out ----------------------------------------------------------------------------------------------------------


def test_signing_out_ends_our_session_and_leads_on_to_the_provider(client, place, provider):
    use_provider(provider)
    bind(place)
    go(client, "s1")
    stolen = client.cookies["sessionid"].value
    assert client.post("/logout")["Location"] == "/logout/provider"
    page = client.get("/logout/provider")
    onwards = page["Refresh"].partition("url=")[2]
    asked = parse_qs(urlsplit(onwards).query)
    assert onwards.startswith(f"{provider.issuer}/end?")
    assert asked["post_logout_redirect_uri"] == ["http://testserver/login"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert SignIn.objects.latest("started_at").ended_why == "signed_out"
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/me").status_code == 302
    assert client.get("/logout/provider")["Location"] == "/login"


def test_whoever_came_by_password_leaves_without_the_provider(client, place, provider):
    use_provider(provider)
    enter(client)
    assert client.post("/logout")["Location"] == "/login"


# Settings -------------------------------------------------------------------------------------------------------------


def test_the_security_administrator_sets_the_provider_and_the_secret_is_never_shown_again(security_client, provider):
    answer = security_client.post("/admin/provider", FORM | {"issuer": provider.issuer})
    assert answer.status_code == 303
    standing = IdentityProvider.objects.get()
    assert "trial-secret" not in standing.secret
    page = security_client.get("/admin/provider").content.decode()
    assert "trial-secret" not in page
    assert "http://testserver/login/provider/return" in page
    facts = JournalEntry.objects.get(act="people.provider.change").facts
    assert facts["issuer"] == provider.issuer
    assert "trial-secret" not in str(facts)
    security_client.post("/admin/provider", FORM | {"issuer": provider.issuer, "secret": "", "name": "市统一认证"})
    assert IdentityProvider.objects.get().secret == standing.secret


def test_a_secret_never_goes_to_another_issuer_and_can_be_cleared(security_client, provider):
    use_provider(provider, issuer="https://former.example", is_enabled=False)
    given = FORM | {"issuer": provider.issuer, "secret": ""}
    answer = security_client.post("/admin/provider", given)
    assert (answer.status_code, "请重新填写客户端密钥" in answer.content.decode()) == (422, True)
    assert IdentityProvider.objects.get().issuer == "https://former.example"
    assert security_client.post("/admin/provider", given | {"secret": "new-secret"}).status_code == 303
    standing = IdentityProvider.objects.get()
    assert (standing.issuer, vault.reveal(identities.SECRET, standing.secret)) == (provider.issuer, "new-secret")
    both = security_client.post("/admin/provider", given | {"secret": "x", "clears_secret": "on"})
    assert (both.status_code, "不能同时清除" in both.content.decode()) == (422, True)
    assert security_client.post("/admin/provider", given | {"clears_secret": "on"}).status_code == 303
    assert IdentityProvider.objects.get().secret == ""


@pytest.mark.parametrize("role", ["admin.system", "admin.audit", "office.director"])
def test_nobody_else_sets_the_provider(role, provider):
    other = signed_in(make_actor(make_org(kind="office"), role))
    assert other.get("/admin/provider").status_code == 403
    assert other.post("/admin/provider", FORM | {"issuer": provider.issuer}).status_code == 403


@pytest.mark.parametrize("claim", ["name", "phone_number", "email", "preferred_username", "mobile"])
def test_names_and_numbers_are_refused_as_identity(security_client, provider, claim):
    answer = security_client.post("/admin/provider", FORM | {"issuer": provider.issuer, "subject_claim": claim})
    assert (answer.status_code, "不能用姓名、号码、邮箱" in answer.content.decode()) == (422, True)
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:1/", "http://169.254.169.254", "ftp://idp.example", "not an address"]
)
def test_an_issuer_inside_our_own_network_is_refused(security_client, settings, issuer):
    settings.OIDC_NETWORKS, settings.OIDC_INSECURE = [], True
    answer = security_client.post("/admin/provider", FORM | {"issuer": issuer})
    assert answer.status_code == 422
    assert 'value="quancheng"' in answer.content.decode()
    assert not IdentityProvider.objects.exists()


def test_a_provider_that_calls_itself_otherwise_is_refused(security_client, provider):
    answer = security_client.post("/admin/provider", FORM | {"issuer": provider.issuer + "/"})
    assert (answer.status_code, "discovery_issuer" in answer.content.decode()) == (422, True)


def test_keys_that_lead_into_our_own_network_are_not_fetched(client, place, provider, monkeypatch):
    use_provider(provider)
    bind(place)
    from django.core.cache import cache

    cache.clear()
    monkeypatch.setattr(
        "quancheng.runtime.oidc_provider._Handler._description",
        lambda self: {
            **{"issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize"},
            **{"token_endpoint": f"{provider.issuer}/token", "jwks_uri": "http://169.254.169.254/keys"},
        },
    )
    assert go(client, "s1")["Location"] == "/login"
    assert why() == "keys_address"
