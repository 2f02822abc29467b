"""The phone's shell and its service worker: the same for everybody, so that they may be kept where there is no signal.

Nothing of a person stands in them: who is signed in, and what is his, the shell asks the API for.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from quancheng.kernel.house.queries import is_demo

_STATIC = Path(__file__).parent / "static"
#: What the shell needs besides its own files.
_SHARED = ("web/css/tokens.css", "web/icons.svg", "web/img/mark.svg", "web/img/mark-32.png", "web/img/mark-192.png")
_WORKER = "phone/js/worker.js"
#: The phone is the one page that records sound.
_DEVICE = "camera=(self), geolocation=(self), microphone=(self)"


@login_not_required
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The installable page. ``lang`` asks for one language, as the worker does; else the one chosen counts."""
    asked = request.GET.get("lang", "")
    lang = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE
    answer = HttpResponse(_page(lang))
    answer.headers["Permissions-Policy"] = _DEVICE
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with path and SHA-256 of every file that it keeps, and the digest of all as its version."""
    kept = dict(_files())
    for lang, _name in settings.LANGUAGES:
        kept[f"{reverse('phone_pages:shell')}?lang={lang}"] = hashlib.sha256(_page(lang).encode()).hexdigest()
    listed = json.dumps(kept, sort_keys=True)
    version = hashlib.sha256((listed + _script()).encode()).hexdigest()[:12]
    text = f'const VERSION = "{version}";\nconst FILES = {listed};\n{_script()}'
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@login_not_required
@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """The manifest of the phone's page; the house's own begins on Today."""
    start = reverse("phone_pages:shell")
    body: dict[str, Any] = {
        "name": _("全程 · 现场"),
        "short_name": _("全程现场"),
        "id": start,
        "start_url": start,
        # Signing in lies outside the shell.
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "lang": translation.get_language(),
        "background_color": "#f4f6f7",
        "theme_color": "#0b5e6b",
        "icons": [
            {"src": static(f"web/img/mark-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
            for size, use in ((192, "any"), (512, "any"), (512, "maskable"))
        ],
        "shortcuts": [
            {"name": _("随手拍"), "url": f"{start}#/report"},
            {"name": _("待传队列"), "url": f"{start}#/queue"},
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


def _page(lang: str) -> str:
    with translation.override(lang):
        return render_to_string("phone/shell.html", {"lang": lang, "is_demo": is_demo()})


@cache
def _files() -> tuple[tuple[str, str], ...]:
    """Address and SHA-256 of each static file of the shell; files do not change while a process runs."""
    own = sorted(str(path.relative_to(_STATIC)) for path in _STATIC.rglob("*") if path.is_file())
    names = [name for name in (*own, *_SHARED) if name != _WORKER]
    return tuple((static(name), hashlib.sha256(_found(name).read_bytes()).hexdigest()) for name in names)


@cache
def _script() -> str:
    return _found(_WORKER).read_text(encoding="utf-8")


def _found(name: str) -> Path:
    path = finders.find(name)
    if not isinstance(path, str):
        raise LookupError(f"no static file {name}")
    return Path(path)
