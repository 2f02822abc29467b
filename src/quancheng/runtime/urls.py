"""Every address: each app's ``urls.py`` where it stands, the API, and the two machine pages.

An app's ``urls`` module may name its own ``prefix`` (``prefix = "tasks/"``, or ``""`` for the root); without one its
pages live under its label. What is printed on packages must be short: an app's ``short_urls.py`` stands at the root.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from quancheng.runtime import api_docs
from quancheng.runtime.api import api


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """For the supervisor and load balancers: this process answers and its database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def _pages() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for config in apps.get_app_configs():
        if config.name in settings.OUR_APPS and find_spec(f"{config.name}.urls"):
            prefix = getattr(import_module(f"{config.name}.urls"), "prefix", f"{config.label}/")
            found.append(path(prefix, include(f"{config.name}.urls")))
            if find_spec(f"{config.name}.short_urls"):
                found.append(path("", include(f"{config.name}.short_urls")))
    return found


urlpatterns = [
    path("alive", alive, name="alive"),
    path("api/v1/docs", api_docs.docs, name="api_docs"),
    path("api/v1/", api.urls),
    *_pages(),
]

handler400 = "quancheng.kernel.pages.errors.bad_request"
handler403 = "quancheng.kernel.pages.errors.permission_denied"
handler404 = "quancheng.kernel.pages.errors.not_found"
handler500 = "quancheng.kernel.pages.errors.server_error"
