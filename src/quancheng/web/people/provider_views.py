"""Pages of sign-in through the provider of identities (统一身份认证), and of its settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from quancheng.kernel.errors import DomainError, TooMany
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people import identities, security, signing
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import begin_session, origin_of
from quancheng.kernel.people.oidc import services as oidc
from quancheng.kernel.vault import services as vault
from quancheng.web.people.admin_forms import ProviderForm, lines
from quancheng.web.people.admin_views import form_page

#: In the browser's session: the way to the provider; the identity that waits for its owner's password; the ID token
#: that the provider wants back at sign-out; and, for one page, where sign-out goes on.
WAY, WAITING, TOKEN, OUT = "oidc_way", "oidc_waiting", "oidc_token", "oidc_out"
_TOKEN_KIND = "oidc_id_token"  # noqa: S105 - a kind of sealed value


@login_not_required
@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. A link and no form: the policy lets forms lead nowhere but here."""
    from quancheng.web.people.signing_views import safe_target

    try:
        begun = oidc.begin(redirect_uri=_here(request, "people:oidc_return"), now=timezone.now())
    except oidc.ProviderRefused as refused:
        messages.error(request, str(refused.message))
        return redirect("people:sign_in")
    request.session[WAY] = {**begun.kept, "next": safe_target(request, request.GET.get("next", ""))}
    return HttpResponseRedirect(begun.url)


@login_not_required
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """The browser comes back from the provider with a code, or with a refusal."""
    from quancheng.web.people.signing_views import owe_second_step

    kept: dict[str, str] = request.session.pop(WAY, {})
    now, origin = timezone.now(), origin_of(request)
    try:
        identity = oidc.finish(given=request.GET.dict(), kept=kept, origin=origin, now=now)
        passed = oidc.enter(identity=identity, origin=origin, now=now)
    except (oidc.ProviderRefused, signing.SignInRefused, TooMany) as refused:
        messages.error(request, str(refused.message))
        return redirect("people:sign_in")
    token, target = vault.seal(_TOKEN_KIND, identity.id_token), kept.get("next", "")
    if passed is None:
        request.session.flush()
        request.session[WAITING] = {
            "issuer": identity.issuer,
            "subject": vault.seal(identities.SUBJECT, identity.subject),
            "name": identity.name,
            "at": now.isoformat(),
        }
        return redirect(f"{reverse('people:sign_in')}?bind=1")
    if passed.sign_in is None:
        return owe_second_step(request, user_id=passed.user_id, target=target, carried={TOKEN: token})
    from quancheng.web.people.signing_views import enter_house

    begin_session(request, passed.sign_in)
    request.session[TOKEN] = token
    return enter_house(request, target)


def waiting(request: HttpRequest) -> dict[str, str] | None:
    """The identity that waits in this browser for its owner's password; None where there is none, or no longer."""
    found: dict[str, str] | None = request.session.get(WAITING)
    if found and datetime.fromisoformat(found["at"]) <= timezone.now() < datetime.fromisoformat(found["at"]) + oidc.WAY:
        return found
    return None


def bind_waiting(request: HttpRequest, found: dict[str, str] | None, sign_in: Any) -> None:
    """Bind it to whoever has just signed in with his password; where that is impossible, say so and let him in."""
    if not found:
        return
    try:
        oidc.bind_own(
            user_id=sign_in.user_id,
            issuer=found["issuer"],
            subject=vault.reveal(identities.SUBJECT, found["subject"]),
            now=timezone.now(),
        )
    except DomainError as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("已绑定统一身份，下次可直接用它登录。"))


def way_out(request: HttpRequest) -> str:
    """Where sign-out goes on at the provider; empty where this session did not come from one."""
    token = request.session.get(TOKEN)
    if not token:
        return ""
    return oidc.way_out(id_token=vault.reveal(_TOKEN_KIND, token), back=_here(request, "people:sign_in"))


@login_not_required
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Signed out here; the browser goes on to end its session at the provider, by itself or by the link."""
    url = request.session.pop(OUT, "")
    if not url:
        return redirect("people:sign_in")
    answer = render(request, "people/signed_out.html", {"url": url})
    answer["Refresh"] = f"0; url={url}"
    return answer


@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """The provider, kept by the security administrator."""
    actor = actor_of(request)
    standing = security.get_provider(actor=actor)
    initial = ProviderForm.of(standing) if standing else None
    form = ProviderForm(request.POST or None, initial=initial)

    def save(given: dict[str, Any]) -> HttpResponse:
        security.set_provider(
            actor=actor,
            is_enabled=given["is_enabled"],
            name=given["name"],
            issuer=given["issuer"],
            client_id=given["client_id"],
            secret=given["secret"],
            clears_secret=given["clears_secret"],
            scope=given["scope"],
            subject_claim=given["subject_claim"],
            vouching=lines(given["vouching"]),
            creates_accounts=given["creates_accounts"],
            forbids_password=given["forbids_password"],
            now=timezone.now(),
        )
        return redirect_to(request, reverse("people:provider"), toast=_("统一身份认证设置已保存。"))

    intro = _("在认证方登记的回调地址：%(back)s；退出后返回地址：%(out)s") % {
        "back": _here(request, "people:oidc_return"),
        "out": _here(request, "people:sign_in"),
    }
    return form_page(
        request, form=form, title=_("统一身份认证"), button=_("保存"), back="", save=save, actor=actor, intro=intro
    )


def _here(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse(name))
