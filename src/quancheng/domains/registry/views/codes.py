"""What a safety information code opens: a page for anybody, and one for who identifies himself.

These pages stand without the shell and without JavaScript, for old phones; nothing of them is for search engines.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from quancheng.domains.registry.forms.codes import LookForm, SecretForm
from quancheng.domains.registry.models import AccessPass, Enterprise, SafetyCode
from quancheng.domains.registry.models.codes import Looker
from quancheng.domains.registry.queries import codes as queries
from quancheng.domains.registry.services import codes as services
from quancheng.domains.registry.services import passes
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of

_STATIC = Path(__file__).parent.parent / "static" / "registry"
#: Sheets of style: what all open pages have, what those of codes have besides.
_SHEETS = ("open.css", "code.css")
#: In the browser's session: which codes somebody may see more of, by what, until when.
_GRANTS = "codes"
#: How long a reason that somebody gave counts for looking again.
_LOOK_AGAIN = timedelta(hours=2)


def printed_url(request: HttpRequest, code: SafetyCode, extension: str = "") -> str:
    """The address that is printed: under the public name of the house, where one is set."""
    path = reverse("code:open", args=[code.code])
    if extension:
        path = reverse("code:extended", args=[code.code, extension])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def picture(url: str) -> SafeString:
    """A QR code as SVG without a size: the style sheet gives it one. A quarter of it may be unreadable."""
    drawn = segno.make(url, error="q", micro=False).svg_inline(omitsize=True, border=4, light="#fff")
    return mark_safe(drawn)  # noqa: S308 - drawn from an address of ours


def scans(codes: Sequence[SafetyCode]) -> dict[str, Any]:
    """Counts by day and who looked, for the tabs of product and enterprise."""
    days = queries.scan_days(codes, on=queries.today(timezone.now()))
    words = dict(Looker.choices)
    looks = [(one, words.get(one.looker, one.looker), services.spelled(one.code)) for one in queries.looks_at(codes)]
    return {"days": days, "looks": looks}


def of_enterprise(request: HttpRequest, file: Enterprise) -> dict[str, Any]:
    """The enterprise's own code with counts and looks of all its codes, for its tab."""
    codes = queries.codes_of(file)
    own = next((one for one in codes if one.product_id is None and one.withdrawn_at is None), None)
    told = {"own": own, **scans(codes)}
    if own is not None:
        url = printed_url(request, own)
        told |= {"own_spelled": services.spelled(own.code), "url": url, "picture": picture(url)}
    return told


class _CodePage(OpenPage):
    """Base: finds the code, and counts who asked for it."""

    code: SafetyCode

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        self.address = origin_of(request).address or ""
        services.knock(door="page", address=self.address, limit=settings.CODE_RATE, now=self.now)
        self.extension = str(arguments.pop("extension", request.GET.get("x", ""))).upper()[:24]
        found = self._find(str(arguments.pop("code")))
        if found is None:
            return self.unknown(request)
        self.code = found
        return None

    def _find(self, text: str) -> SafetyCode | None:
        found = queries.find_code(services.read_code(text))
        self.batch = queries.find_extension(found, self.extension) if found and self.extension else None
        return None if self.extension and self.batch is None else found

    def unknown(self, request: HttpRequest) -> HttpResponse:
        """The same for a code that never was, was withdrawn, or has no such extension."""
        return self.page(request, "registry/code_none.html", {}, status=404)

    def kept(self, request: HttpRequest) -> Mapping[str, str]:
        return {"x": "" if request.path.endswith(f"/{self.extension}") else self.extension}

    def frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().frame(request), "style": style_link()}

    def link(self, name: str) -> str:
        """Another page of this code, in the same language and size."""
        asked = {"lang": self.language, "big": "1" if self.is_large else "", "x": self.extension}
        told = urlencode({key: value for key, value in asked.items() if value})
        return f"{reverse(name, args=[self.code.code])}?{told}"


class OpenCode(_CodePage):
    """What anybody gets: the product's hazards, first aid, label and data sheet, or the enterprise's line."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            services.count_scan(code=self.code, extension=self.extension, now=self.now)
        return self.page(request, "registry/code.html", self.contents(pictures()))

    def contents(self, signs: Mapping[str, str]) -> dict[str, Any]:
        on = queries.today(self.now)
        told: dict[str, Any] = {
            "spelled": services.spelled(self.code.code), "batch": self.batch, "now": self.now,
            "more_url": self.link("code:more"), "save_url": self.link("code:save"),
        }  # fmt: skip
        if self.code.product is not None:
            shown = queries.public_product(self.code.product, on=on, language=self.language)
            label = replace(shown.label, pictograms=[(signs[one], called) for one, called in shown.label.pictograms])
            told["product"] = replace(shown, label=label)
        else:
            own = queries.public_enterprise(self.code.file, on=on, language=self.language)
            listed = [(code, name, [(signs[one], called) for one, called in each]) for code, name, each in own.products]
            told["enterprise"] = replace(own, products=listed)
        return told


class SaveCode(OpenCode):
    """The same page as one file with its style and pictures in it, to be kept where there is no signal."""

    def get(self, request: HttpRequest) -> HttpResponse:
        whole = {"is_saved": True, "style": style_inline()}
        told = {**self.frame(request), **self.contents(pictures(inside=True)), **whole}
        text = render_to_string("registry/code.html", told, request)
        name = self.code.product.name if self.code.product else self.code.file.enterprise.name  # type: ignore[union-attr]
        answer = HttpResponse(text, content_type="text/html; charset=utf-8")
        answer.headers["Content-Disposition"] = (
            f"attachment; filename=\"{self.code.code}.html\"; filename*=UTF-8''{quote(name)}.html"
        )
        return answer


class MoreOfCode(_CodePage):
    """What a driver, the fire brigade or an inspector gets; asked for who he is, and each look written down."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        granted = self._granted(request)
        if granted is None:
            return self._ask(request)
        looker, given, reason = granted
        passes.note_look(
            code=self.code, extension=self.extension, looker=looker, reason=reason, now=self.now,
            actor=None if given else actor_beyond_steps(request), given=given,
        )  # fmt: skip
        view = queries.identified_view(
            self.code, looker=looker, on=queries.today(self.now), language=self.language
        )  # fmt: skip
        context = {
            "view": view, "product": self.code.product, "looker": dict(Looker.choices)[looker], "given": given,
            "back_url": self.link("code:open"), "batch": self.batch, "now": self.now,
        }  # fmt: skip
        return self.page(request, "registry/code_more.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_beyond_steps(request)
        if "secret" in request.POST:
            form = SecretForm(request.POST)
            if not form.is_valid():
                return self._ask(request, secret=form, status=422)
            given = passes.try_pass(
                code=self.code, secret=form.cleaned_data["secret"], address=self.address, now=self.now
            )  # fmt: skip
            if given is None:
                form.add_error("secret", _("临时查看码不正确、已失效或不适用于此码，请向应急值班室核对。"))
                return self._ask(request, secret=form, status=422)
            self._grant(request, {"pass": str(given.pk)})
            return self._seen()
        look = LookForm(request.POST, lookers=passes.lookers_of(actor))
        if not look.is_valid():
            return self._ask(request, look=look, status=422)
        if len(look.cleaned_data["reason"].strip()) < 4:
            look.add_error("reason", _("请写明查看事由（至少4个字）。"))
            return self._ask(request, look=look, status=422)
        until = (self.now + _LOOK_AGAIN).isoformat()
        self._grant(request, {**look.cleaned_data, "until": until})
        return self._seen()

    def _seen(self) -> HttpResponse:
        answer = redirect(self.link("code:more"))
        answer.status_code = 303
        return answer

    def _ask(
        self, request: HttpRequest, *, secret: SecretForm | None = None, look: LookForm | None = None, status: int = 200
    ) -> HttpResponse:
        lookers = passes.lookers_of(actor_beyond_steps(request))
        here = f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path
        context = {
            "secret": secret or SecretForm(), "back_url": self.link("code:open"),
            "look": (look or LookForm(lookers=lookers)) if lookers else None,
            "is_signed_in": actor_beyond_steps(request) is not None,
            "sign_in_url": f"{reverse('people:sign_in')}?{urlencode({'next': here})}",
        }  # fmt: skip
        return self.page(request, "registry/code_who.html", context, status=status)

    def _grant(self, request: HttpRequest, grant: dict[str, Any]) -> None:
        kept = dict(list(request.session.get(_GRANTS, {}).items())[-9:])
        kept[self.code.code] = grant
        request.session[_GRANTS] = kept

    def _granted(self, request: HttpRequest) -> tuple[str, AccessPass | None, str] | None:
        """As whom, by what pass and why this browser may look; None where it may not, or no longer."""
        grant = request.session.get(_GRANTS, {}).get(self.code.code)
        if grant is None:
            return None
        if "pass" in grant:
            given = passes.live_pass(code=self.code, pass_id=uuid.UUID(grant["pass"]), now=self.now)
            return (given.looker, given, "") if given else None
        if datetime.fromisoformat(grant["until"]) <= self.now:
            return None
        actor: Actor | None = actor_beyond_steps(request)
        return (grant["looker"], None, grant["reason"]) if grant["looker"] in passes.lookers_of(actor) else None


# How it looks ----------------------------------------------------------------------------------------------------


def style_link() -> SafeString:
    sheets = ((static(f"registry/{name}"),) for name in _SHEETS)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', sheets)


def style_inline() -> SafeString:
    """For the file that is kept: a policy of ours forbids style in a page, but a file of one's own has no policy."""
    return mark_safe(f"<style>{_style()}</style>")  # noqa: S308 - a file of ours


def pictures(*, inside: bool = False) -> dict[str, str]:
    """Where each pictogram is: an address, or the picture itself."""
    return {
        code: _data_uri(code) if inside else static(f"registry/ghs/{code}.svg")
        for code in (f"GHS0{number}" for number in range(1, 10))
    }


@cache
def _style() -> str:
    return "".join((_STATIC / name).read_text(encoding="utf-8") for name in _SHEETS)


@cache
def _data_uri(code: str) -> str:
    content = base64.b64encode((_STATIC / "ghs" / f"{code}.svg").read_bytes()).decode()
    return f"data:image/svg+xml;base64,{content}"

