"""Pages of signing in and out."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from quancheng.kernel.errors import DomainError, TooMany
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people import identities, signing
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import before_duty, begin_session, identify, origin_of
from quancheng.kernel.people.set_up import is_unborn
from quancheng.web.people import provider_views
from quancheng.web.people.forms import CodeForm, SignInForm

#: In the browser's session between the two steps: user, time of the first step, where to go.
PENDING = "second_step"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name or telephone number, and password."""
    target = safe_target(request, request.POST.get("next") or request.GET.get("next", ""))
    if getattr(request, "actor", None) is not None:
        return redirect(target or home_of(request))
    if request.method != "POST" and is_unborn():
        return redirect("people:set_up")
    if "bind" not in (request.POST if request.method == "POST" else request.GET):
        # Whoever comes back, or signs in by a page that did not say so, does not mean to bind anything.
        request.session.pop(provider_views.WAITING, None)
    bound = provider_views.waiting(request)
    form, status = SignInForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                passed = signing.sign_in(
                    name=form.cleaned_data["username"],
                    password=form.cleaned_data["password"],
                    origin=origin_of(request),
                    now=timezone.now(),
                )
            except (signing.SignInRefused, signing.PasswordClosed, TooMany) as refused:
                form.add_error(None, str(refused.message))
                status = refused.status
            else:
                if passed.sign_in is None:
                    carried = {provider_views.WAITING: bound} if bound else {}
                    return owe_second_step(request, user_id=passed.user_id, target=target, carried=carried)
                begin_session(request, passed.sign_in)
                provider_views.bind_waiting(request, bound, passed.sign_in)
                return enter_house(request, target)
    context = {"form": form, "next": target, "bound": bound, "provider": identities.name_of_provider()}
    return render(request, "people/sign_in.html", context, status=status)


def owe_second_step(request: HttpRequest, *, user_id: uuid.UUID, target: str, carried: dict[str, Any]) -> HttpResponse:
    """The first step is done: keep that and ask for the code.

    :param carried: what the browser's session keeps over both steps; an ID token says that the provider was the first.
    """
    request.session.flush()
    request.session[PENDING] = [str(user_id), timezone.now().isoformat(), target]
    request.session.update(carried)
    return redirect("people:second_step")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator app, after the password was right."""
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("people:sign_in")
    user_id, passed_at, target = pending
    bound, token = provider_views.waiting(request), request.session.get(provider_views.TOKEN)
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                opened = signing.second_step(
                    user_id=uuid.UUID(user_id),
                    passed_at=datetime.fromisoformat(passed_at),
                    code=form.cleaned_data["code"],
                    origin=origin_of(request),
                    now=timezone.now(),
                    by_provider=bool(token),
                )
            except DomainError as refused:
                form.add_error(None, str(refused.message))
                status = refused.status
            else:
                begin_session(request, opened)
                if token:
                    request.session[provider_views.TOKEN] = token
                provider_views.bind_waiting(request, bound, opened)
                return enter_house(request, target)
    return render(request, "people/second_step.html", {"form": form}, status=status)


@before_duty
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; other devices stay signed in."""
    sign_in_row = getattr(request, "sign_in", None)
    if sign_in_row is not None:
        signing.sign_out(sign_in_id=sign_in_row.pk, actor=actor_of(request), now=timezone.now())
    onwards = provider_views.way_out(request)
    request.session.flush()
    if onwards:
        request.session[provider_views.OUT] = onwards
        return redirect_to(request, reverse("people:signed_out"))
    return redirect_to(request, reverse("people:sign_in"), toast=_("已退出登录。"))


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act through another of one's places; the way leads home, since what was open may be out of scope now."""
    actor, sign_in_row = actor_of(request), getattr(request, "sign_in", None)
    try:
        chosen = uuid.UUID(request.POST.get("membership", ""))
    except ValueError:
        chosen = uuid.UUID(int=0)
    if sign_in_row is not None:
        signing.switch_membership(actor=actor, sign_in_id=sign_in_row.pk, membership_id=chosen, now=timezone.now())
    return redirect_to(request, _address("web:today") or "/", toast=_("已切换身份。"))


def home_of(request: HttpRequest) -> str:
    """The first page after sign-in: an administrator's own desk, or Today."""
    administrator = getattr(getattr(request, "actor", None), "administrator", "")
    desks = {"system": "people:users", "security": "people:grants", "audit": "people:journal"}
    return _address(desks.get(administrator, "web:today")) or reverse("people:profile")


def enter_house(request: HttpRequest, target: str) -> HttpResponse:
    """Go where somebody wanted, now that he is signed in."""
    identify(request)
    response = redirect(target or home_of(request))
    response.status_code = 303
    return response


def safe_target(request: HttpRequest, text: str) -> str:
    """An address of ours, or nothing: nobody is led elsewhere from here."""
    safe = url_has_allowed_host_and_scheme(text, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return text if safe and text.startswith("/") else ""


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
