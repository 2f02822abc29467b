"""Pages of webhooks: list, a new one, one with its deliveries, and what can be done with it."""

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

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.forms import WebhookForm
from quancheng.kernel.exchange.webhooks import queries, services
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of

SHOWN = 100


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(services.DUTY)
    context = {"webhooks": queries.list_webhooks(actor=actor)[:SHOWN]}
    return respond(request, page="exchange/webhooks.html", part="exchange/_webhooks.html", context=context)


@never_cache
@sensitive_variables("made")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; after a good one the signing secret, on this answer only."""
    actor = actor_of(request)
    actor.require(services.DUTY)
    form, status = WebhookForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.create_webhook(actor=actor, now=timezone.now(), **form.cleaned_data)
            except Invalid as refused:
                status = tell(form, refused)
            else:
                return render(request, "exchange/webhook_made.html", {"made": made})
    return render(request, "exchange/webhook_new.html", {"form": form}, status=status)


@require_safe
def webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    actor.require(services.DUTY)
    found = queries.get_webhook(actor=actor, webhook_id=webhook_id)
    context = {"webhook": found, "deliveries": queries.list_deliveries(webhook=found)[:SHOWN]}
    return respond(request, page="exchange/webhook.html", part="exchange/_deliveries.html", context=context)


@require_POST
def act(request: HttpRequest, webhook_id: uuid.UUID, name: str) -> HttpResponse:
    """Disable, enable, or send a trial message."""
    actor, now = actor_of(request), timezone.now()
    if name == "disable":
        services.disable_webhook(actor=actor, webhook_id=webhook_id, now=now)
        said = _("已停用。")
    elif name == "enable":
        services.enable_webhook(actor=actor, webhook_id=webhook_id, now=now)
        said = _("已启用。")
    else:
        services.ping(actor=actor, webhook_id=webhook_id, now=now)
        said = _("已发出测试消息，结果见推送记录。")
    return redirect_to(request, reverse("exchange:webhook", args=[webhook_id]), toast=said)
