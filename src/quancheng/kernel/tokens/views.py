"""Pages of tokens: one's own (for the security administrator everybody's), a new one, and its end."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quancheng.kernel.access.duties import label_of
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.tokens import queries, services
from quancheng.kernel.tokens.forms import TokenForm


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    now = timezone.now()
    rows = [
        {
            "token": token,
            "duties": [label_of(duty) for duty in token.duties],
            "state": "revoked" if token.revoked_at else "expired" if token.expires_at <= now else "live",
        }
        for token in queries.list_tokens(actor=actor)[:200]
    ]
    context = {"rows": rows, "whole_house": actor.has("tokens.revoke_others")}
    return respond(request, page="tokens/list.html", part="tokens/_list.html", context=context)


@never_cache
@sensitive_variables("made")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; after a good one the secret, on this answer only."""
    actor = actor_of(request)
    form, status = TokenForm(request.POST or None, actor=actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.create_token(actor=actor, now=timezone.now(), **form.cleaned_data)
            except Invalid as refused:
                status = tell(form, refused)
            else:
                return render(request, "tokens/made.html", {"made": made})
    return render(request, "tokens/new.html", {"form": form}, status=status)


@require_POST
def revoke(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    services.revoke_token(actor=actor_of(request), token_id=token_id, now=timezone.now())
    return redirect_to(request, reverse("tokens:list"), toast=_("令牌已撤销，立即失效。"))
