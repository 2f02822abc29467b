"""Pages of one's own account: password, second factor, telephone, sessions, delegations, what is held."""

from __future__ import annotations

import uuid

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people import account_queries, accounts, passwords, second_factor, totp
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import before_duty
from quancheng.web.people.forms import CodeForm, PasswordForm, PhoneForm

#: In the browser's session while an authenticator app is being enrolled: its secret.
ENROLLING = "totp_secret"


@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    mine = account_queries.get_own_account(actor=actor, now=timezone.now())
    context = {
        "account": mine,
        "present": getattr(request.sign_in, "pk", None),  # type: ignore[attr-defined]
        "code_form": CodeForm(prefix="renew"),
    }
    return render(request, "people/profile.html", context)


@before_duty
@never_cache
@sensitive_post_parameters("old_password", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form, status = PasswordForm(request.POST or None), 200
    sign_in = request.sign_in  # type: ignore[attr-defined]
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                accounts.change_password(
                    actor=actor,
                    old=form.cleaned_data["old_password"],
                    new=form.cleaned_data["password"],
                    now=timezone.now(),
                    sign_in_id=sign_in.pk,
                )
            except DomainError as refused:
                status = tell(form, refused, also=(403,))
            else:
                request.session.cycle_key()
                return redirect_to(request, reverse("people:profile"), toast=_("口令已更改，其他设备上的登录已退出。"))
    context = {"form": form, "rules": passwords.policy(), "is_owed": sign_in.user.must_change_password}
    return render(request, "people/password.html", context, status=status)


@before_duty
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Enrol an authenticator app; where one is in use, remove it or renew the recovery codes."""
    actor, sign_in, now = actor_of(request), request.sign_in, timezone.now()  # type: ignore[attr-defined]
    enrolled = bool(sign_in.user.totp_secret)
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            code, act = form.cleaned_data["code"], request.POST.get("act", "enrol")
            try:
                if act == "remove":
                    second_factor.remove(actor=actor, code=code, now=now)
                    return redirect_to(request, reverse("people:profile"), toast=_("已停用动态口令。"))
                if act == "renew":
                    codes = second_factor.renew_codes(actor=actor, code=code, now=now)
                else:
                    secret = request.session.get(ENROLLING, "")
                    codes = second_factor.enrol(actor=actor, secret=secret, code=code, now=now) if secret else []
                    request.session.pop(ENROLLING, None)
                if codes:
                    return render(request, "people/recovery_codes.html", {"codes": codes})
                return redirect("people:second_factor")
            except DomainError as refused:
                status = tell(form, refused, also=(403,))
    context = {"form": form, "is_enrolled": enrolled, "is_owed": sign_in.must_enrol}
    if enrolled:
        context["left"] = second_factor.count_codes(user=sign_in.user)
    else:
        secret = request.session.setdefault(ENROLLING, totp.new_secret())
        address = totp.address(secret, account=sign_in.user.username, issuer=_("全程"))
        context |= {
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "picture": segno.make(address, error="m").png_data_uri(scale=5, border=4),
        }
    return render(request, "people/second_factor.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    user = request.sign_in.user  # type: ignore[attr-defined]
    form, status = PhoneForm(request.POST or None, initial={"phone": accounts.phone_for(actor=actor, user=user)}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                accounts.set_phone(actor=actor, user_id=user.pk, phone=form.cleaned_data["phone"], now=timezone.now())
            except DomainError as refused:
                status = tell(form, refused, also=(403,))
            else:
                return redirect_to(request, reverse("people:profile"), toast=_("手机号码已保存。"))
    return render(request, "people/phone.html", {"form": form}, status=status)


@require_POST
def revoke(request: HttpRequest, sign_in_id: uuid.UUID) -> HttpResponse:
    """End a session of one's own on another device."""
    accounts.revoke_session(actor=actor_of(request), sign_in_id=sign_in_id, now=timezone.now())
    return redirect_to(request, reverse("people:profile"), toast=_("该设备上的登录已退出。"))


@never_cache
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """What is held on the person who asks (每人可查看本人被记录的信息)."""
    held = account_queries.get_own_record(actor=actor_of(request), now=timezone.now())
    return render(request, "people/record.html", {"held": held})


@never_cache
@require_safe
def record_file(request: HttpRequest) -> HttpResponse:
    """The same as a file (JSON), for oneself alone."""
    given = account_queries.take_own_record(actor=actor_of(request), now=timezone.now())
    return JsonResponse(
        given,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": 'attachment; filename="my-record.json"'},
    )
