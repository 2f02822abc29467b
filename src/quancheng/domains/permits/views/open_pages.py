"""A permit at its place, opened by the code on its paper or placard: for anybody, without script or shell.

Who is signed in and may see the permit lands on its own page, where the enterprise's people stop the work.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from quancheng.domains.permits.queries import open_pages as queries
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.views import words
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.people.middleware import actor_beyond_steps


class OpenMark(OpenPage):
    """How the permit stands now."""

    place, busy = "permits.mark", "permit_busy"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        mark = queries.find_mark(code)
        if mark is None:
            return self.page(request, "permits/open_none.html", {}, status=404)
        own = reverse("permits:permit", args=[mark.permit_id])
        if queries.own_page_of(mark, actor_beyond_steps(request), VIEW):
            return redirect(own)
        live = queries.live_of(mark.permit, self.now)
        context = {
            "live": live, "level": words.level_shown(mark.permit),
            "sign_in_url": f"{reverse('people:sign_in')}?{urlencode({'next': request.path})}",
        }  # fmt: skip
        return self.page(request, "permits/open_permit.html", context)
