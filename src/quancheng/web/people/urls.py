"""Addresses of sign-in, one's own account and the administrators' pages."""

from __future__ import annotations

from django.urls import path

from quancheng.web.people import account_views, admin_views, provider_views, set_up_views, signing_views
from quancheng.web.people.admin_lists import (
    AreaList,
    GrantList,
    JournalList,
    OrganisationList,
    PeopleList,
    SessionList,
    UserList,
)
from quancheng.web.people.admin_objects import GrantPage, OrganisationPage, PersonPage, PlacePage, UserPage

app_name = "people"
prefix = ""

urlpatterns = [
    path("login", signing_views.sign_in, name="sign_in"),
    path("login/code", signing_views.second_step, name="second_step"),
    path("login/provider", provider_views.start, name="oidc_start"),
    path("login/provider/return", provider_views.come_back, name="oidc_return"),
    path("logout", signing_views.sign_out, name="logout"),
    path("logout/provider", provider_views.signed_out, name="signed_out"),
    path("set-up", set_up_views.set_up_page, name="set_up"),
    path("set-up/fetch", set_up_views.set_up_fetch, name="set_up_fetch"),
    path("set-up/<str:step>", set_up_views.set_up_step, name="set_up_step"),
    path("me", account_views.profile, name="profile"),
    path("me/switch", signing_views.switch, name="switch"),
    path("me/password", account_views.password, name="password"),
    path("me/second-factor", account_views.second_factor_page, name="second_factor"),
    path("me/phone", account_views.phone, name="phone"),
    path("me/record", account_views.record, name="record"),
    path("me/record/file", account_views.record_file, name="record_file"),
    path("me/sessions/<uuid:sign_in_id>/end", account_views.revoke, name="revoke_own"),
    path("me/delegations", admin_views.delegations, name="delegations"),
    path("me/delegations/<uuid:delegation_id>/revoke", admin_views.delegation_revoke, name="delegation_revoke"),
    path("people", PeopleList.as_view(), name="people"),
    path("people/<uuid:user_id>", PersonPage.as_view(), name="person"),
    path("people/<uuid:user_id>/phone", admin_views.unmask, name="unmask"),
    # The system administrator's (and, of accounts, the security administrator's).
    path("admin/users", UserList.as_view(), name="users"),
    path("admin/users/new", admin_views.user_new, name="user_new"),
    path("admin/users/<uuid:user_id>", UserPage.as_view(), name="user"),
    path("admin/users/<uuid:user_id>/password", admin_views.reset, name="reset"),
    path("admin/places/<uuid:membership_id>", PlacePage.as_view(), name="place"),
    path("admin/organisations", OrganisationList.as_view(), name="organisations"),
    path("admin/organisations/new", admin_views.organisation_new, name="organisation_new"),
    path("admin/organisations/<uuid:organisation_id>", OrganisationPage.as_view(), name="organisation"),
    path("admin/organisations/<uuid:organisation_id>/edit", admin_views.organisation_edit, name="organisation_edit"),
    path("admin/groups", admin_views.groups, name="groups"),
    path("admin/groups/new", admin_views.group_edit, name="group_new"),
    path("admin/groups/<uuid:group_id>", admin_views.group_edit, name="group"),
    path("admin/areas", AreaList.as_view(), name="areas"),
    path("admin/areas/import", admin_views.areas_import, name="areas_import"),
    path("admin/holes", admin_views.holes, name="holes"),
    # The security administrator's.
    path("admin/grants", GrantList.as_view(), name="grants"),
    path("admin/grants/<uuid:membership_id>", GrantPage.as_view(), name="grant"),
    path("admin/roles", admin_views.roles, name="roles"),
    path("admin/roles/<str:code>", admin_views.role, name="role"),
    path("admin/sessions", SessionList.as_view(), name="sessions"),
    path("admin/sessions/revoke", admin_views.sessions_revoke, name="sessions_revoke"),
    path("admin/policy", admin_views.policy, name="policy"),
    path("admin/provider", provider_views.settings_page, name="provider"),
    # The auditor's.
    path("admin/journal", JournalList.as_view(), name="journal"),
    path("admin/journal/verify", admin_views.journal_verify, name="journal_verify"),
]
