"""The set-up, the first sign-in with its second factor, and the administrators' work in a real browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.factories import PASSWORD, make_district, make_member, make_org
from tests.support.browser import PHONE, watched_page
from tests.support.provider import trial_provider, use_provider

from quancheng.kernel.people import set_up, totp
from quancheng.kernel.people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "Quite-New-2027"


@pytest.mark.slow
def test_a_district_is_set_up_and_its_administrators_make_the_first_officer(browser, live_server):
    token = set_up.issue_token(now=timezone.now())
    with watched_page(browser) as watched:
        page = watched.page
        watched.goto(f"{live_server.url}/set-up?token={token}")
        watched.picture("set-up-1-district")
        page.fill("#code", "990101")
        page.fill("#name", "示范区")
        page.click("main form[enctype] button")
        page.locator("input[name=area]").first.fill("江北街道")
        page.locator("input[name=area]").nth(1).fill("石河镇")
        watched.picture("set-up-2-towns")
        page.click("text=下一步")
        watched.picture("set-up-3-departments")
        page.click("text=下一步")
        for key, name in (("system", "甲某"), ("security", "乙某"), ("audit", "丙某"), ("director", "丁某")):
            page.fill(f"#{key}_name", name)
            page.fill(f"#{key}_username", key)
        watched.picture("set-up-4-people")
        page.click("text=下一步")
        watched.picture("set-up-5-confirm")
        page.click("text=完成初始化")
        passwords = page.locator("tbody td:nth-child(4)").all_inner_texts()
        assert len(passwords) == 4
        watched.picture("set-up-6-done")
        sign_in(page, live_server, "system", passwords[0])
        page.fill("#id_old_password", passwords[0])
        page.fill("#id_password", NEW)
        page.fill("#id_again", NEW)
        watched.picture("password")
        page.click("main button.btn-primary")
        page.wait_for_selector("img[alt=动态口令二维码]")
        watched.picture("second-factor")
        secret = page.locator("code").inner_text().replace(" ", "")
        page.fill("#id_code", totp.code_at(secret, totp.step_of(timezone.now())))
        page.click("main button.btn-primary")
        watched.picture("recovery-codes")
        page.click("text=我已保存")
        watched.picture("profile")
        watched.goto(f"{live_server.url}/admin/users/new")
        for name, value in (("username", "wu"), ("name", "戊某"), ("organisation", "示范区应急管理局")):
            page.fill(f"#id_{name}", value)
        page.check("input[value='department.officer']")
        watched.picture("user-new")
        page.click("main button.btn-primary")
        page.wait_for_selector("#password")
        watched.picture("user-made")
        page.click("text=完成")
        watched.picture("user")
        for path in ("users", "organisations", "groups", "areas", "areas/import", "holes", "organisations/new"):
            watched.goto(f"{live_server.url}/admin/{path}")
            watched.picture(f"admin-{path.replace('/', '-')}")
            assert not watched.overflows(), path
        assert User.objects.get(username="wu").memberships.get().requested == ["department.officer"]
        assert not watched.complaints


@pytest.mark.slow
def test_sign_in_and_account_pages_fit_a_phone_in_both_languages_and_themes(browser, live_server, db):
    district = make_district()
    make_member(district.department_org, "department.officer", name="甲某", username="jia", password=PASSWORD)
    make_member(district.office_org, "admin.system", name="丁某", username="sys", password=PASSWORD)
    make_member(district.office_org, "admin.security", name="乙某", username="sec", password=PASSWORD)
    make_member(district.office_org, "admin.audit", name="丙某", username="aud", password=PASSWORD)
    for size, english, dark in ((PHONE, False, False), ((1440, 900), True, True)):
        mark = f"{size[0]}{'-en' if english else ''}{'-dark' if dark else ''}"
        for name, paths in (
            ("jia", ["me", "me/record", "me/delegations", "me/second-factor", "people"]),
            ("sys", ["admin/retention/", "admin/retention/holds/new"]),
            (
                "sec",
                [
                    "admin/grants",
                    "admin/roles",
                    "admin/roles/town.head",
                    "admin/policy",
                    "admin/provider",
                    "admin/sessions",
                ],
            ),
            ("aud", ["admin/journal", "admin/journal/verify"]),
        ):
            with watched_page(browser, size=size, english=english, dark=dark) as watched:
                if english:
                    watched.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
                watched.goto(f"{live_server.url}/login")
                assert ("Sign in" in watched.page.content()) == english
                watched.picture(f"login-{mark}")
                assert not watched.overflows()
                sign_in(watched.page, live_server, name, PASSWORD)
                for path in paths:
                    watched.goto(f"{live_server.url}/{path}")
                    watched.picture(f"{path.replace('/', '-')}-{mark}")
                    assert not watched.overflows(), (path, mark)
                assert not watched.complaints, (name, mark)


def sign_in(page, live_server, username, password):
    page.goto(f"{live_server.url}/login")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("main button.btn-primary")
    page.wait_for_load_state("networkidle")


def test_an_identity_is_bound_once_and_opens_and_closes_both_houses(browser, live_server, settings):
    """The whole way in a browser, whose content policy lets no form lead to the provider."""
    settings.OIDC_NETWORKS, settings.OIDC_INSECURE = ["127.0.0.0/8"], True
    make_member(make_org(), "department.officer", name="甲某", username="jia", password=PASSWORD)
    with trial_provider(s1="甲某", s2="乙某") as provider, watched_page(browser) as watched:
        use_provider(provider)
        page = watched.page
        watched.goto(f"{live_server.url}/login?next=/me")
        watched.picture("provider-1-sign-in")
        page.click("text=统一身份认证")
        page.click("text=甲某 (s1)")
        page.wait_for_selector("text=登录并绑定")
        watched.picture("provider-2-bind")
        page.fill("#id_username", "jia")
        page.fill("#id_password", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_selector("text=已绑定统一身份")
        watched.goto(f"{live_server.url}/me")
        watched.picture("provider-3-profile")
        leave(page)
        page.wait_for_url("**/login")
        page.click("text=统一身份认证")
        page.click("text=甲某 (s1)")
        page.wait_for_selector("h1")
        watched.goto(f"{live_server.url}/me")
        leave(page)
        page.wait_for_url("**/login")
        assert len(provider.signed_out) == 1
        assert provider.signed_out[0].count(".") == 2


def leave(page):
    page.click("details.qc-menu summary")
    page.click("button[data-sign-out]")


def test_the_settings_of_the_provider_on_a_desk_and_a_phone(browser, live_server, settings):
    settings.OIDC_NETWORKS, settings.OIDC_INSECURE = ["127.0.0.0/8"], True
    make_member(make_org(kind="office"), "admin.security", username="security", password=PASSWORD)
    with trial_provider(s1="甲某") as provider:
        use_provider(provider, vouching=["mfa"])
        for size, name in ((None, "desk"), (PHONE, "phone")):
            with watched_page(browser, **({"size": size} if size else {})) as watched:
                sign_in(watched.page, live_server, "security", PASSWORD)
                watched.goto(f"{live_server.url}/admin/provider")
                watched.picture(f"provider-settings-{name}")
                assert watched.page.input_value("#id_secret") == ""
