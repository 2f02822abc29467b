"""Deliveries that failed for good, for operators: kind, subscriber and failure, no business content."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from quancheng.kernel.events import queries, services
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of

SHOWN = 200


@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    actor_of(request).require("events.operate")
    context = {
        "deliveries": queries.list_failed_deliveries()[:SHOWN],
        "count": queries.count_failed_deliveries(),
        "shown": SHOWN,
    }
    return respond(request, page="events/failed.html", part="events/_failed.html", context=context)


@require_POST
def retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    services.retry_delivery(actor=actor_of(request), delivery_id=delivery_id, now=timezone.now())
    return redirect_to(request, reverse("events:failed"), toast=_("已重新排队投递。"))
