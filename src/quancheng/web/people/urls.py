"""Addresses of sign-in, one's own account and the administrators' pages."""

from __future__ import annotations

from django.urls import path

from quancheng.web.people import account_views, signing_views

app_name = "people"
prefix = ""

urlpatterns = [
    path("login", signing_views.sign_in, name="sign_in"),
    path("login/code", signing_views.second_step, name="second_step"),
    path("logout", signing_views.sign_out, name="logout"),
    path("me", account_views.profile, name="profile"),
    path("me/switch", signing_views.switch, name="switch"),
    path("me/password", account_views.password, name="password"),
    path("me/second-factor", account_views.second_factor_page, name="second_factor"),
    path("me/phone", account_views.phone, name="phone"),
    path("me/record", account_views.record, name="record"),
    path("me/sessions/<uuid:sign_in_id>/end", account_views.revoke, name="revoke_own"),
]
