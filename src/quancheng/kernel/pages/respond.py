"""One answer for two askers: a whole page for a browser, a part for htmx."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

Text = str | Promise


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, whatever it wants."""
    return request.headers.get("HX-Request") == "true"


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx wants a part: not when it restores history, replaces the body or selects from a whole page."""
    return (
        is_htmx(request)
        and request.headers.get("HX-History-Restore-Request") != "true"
        and request.headers.get("HX-Request-Type") != "full"
    )


def respond(
    request: HttpRequest, *, page: str, part: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render the whole ``page`` or, for htmx, the ``part``; caches are told that the two differ."""
    template = part if wants_part(request) else page
    response = render(request, template, dict(context or {}), status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request"))
    return response


def redirect_to(request: HttpRequest, url: str, *, toast: Text | None = None) -> HttpResponse:
    """Go to ``url`` after a successful write: 303 for a browser, ``HX-Redirect`` for htmx.

    :param toast: a sentence shown once on the next page.
    """
    if toast is not None:
        messages.success(request, str(toast))
    if is_htmx(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def own_path(request: HttpRequest, text: str) -> str:
    """An address that a form names to return to, where it lies in this house; else empty."""
    is_own = url_has_allowed_host_and_scheme(
        text, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return text if is_own else ""


def add_toast(response: HttpResponse, text: Text, *, kind: str = "info") -> HttpResponse:
    """Let an htmx answer show a short notice; ``kind`` is ``info``, ``success``, ``warning`` or ``error``.

    Other triggers that the answer already carries stay.
    """
    return add_trigger(response, "qc:toast", {"text": str(text), "kind": kind})


def add_trigger(response: HttpResponse, name: str, detail: Mapping[str, Any] | None = None) -> HttpResponse:
    """Let an htmx answer fire an event in the page; the header is ASCII, so Chinese travels escaped."""
    known = json.loads(response.headers.get("HX-Trigger", "{}"))
    known[name] = dict(detail or {})
    response.headers["HX-Trigger"] = json.dumps(known, ensure_ascii=True)
    return response


def client_id_of(request: HttpRequest) -> uuid.UUID | None:
    """The request identifier that a form carries, so that sending it twice acts once; None where it is no UUID."""
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return None
