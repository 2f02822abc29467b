"""A permit at its place, opened by the code on its paper or placard: for anybody, without script or shell.

Who is signed in and may see the permit lands on its own page, where the enterprise's people stop the work. Where the
enterprise switched it on, anybody else stops it here.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import PermitMark
from quancheng.domains.permits.queries import open_pages as queries
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.open_stop import REASONS, may_stop, stop_at_place
from quancheng.domains.permits.views import words as wording
from quancheng.kernel import throttle
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of
from quancheng.kernel.throttle import Bound

#: Stops by one address without an account.
STOPS = Bound(6, timedelta(minutes=10))


class OpenMark(OpenPage):
    """How the permit stands now."""

    place, busy = "permits.mark", "permit_busy"
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        mark = queries.find_mark(code)
        if mark is not None and queries.own_page_of(mark, actor_beyond_steps(request), VIEW):
            return redirect(reverse("permits:permit", args=[mark.permit_id]))
        return self._shown(request, mark)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Stop the work; whoever was faster stopped it as well."""
        mark = queries.find_mark(code)
        if mark is None:
            return self._shown(request, mark)
        throttle.count_use(
            place="permits.open_stop", address=origin_of(request).address or "", bound=STOPS, now=self.now,
            sentence=_("叫停过于频繁，请拨打现场电话。"), code=self.busy,
        )  # fmt: skip
        words = request.POST.get("words", "")
        try:
            stop_at_place(
                permit_id=mark.permit_id, reason=request.POST.get("reason", ""), words=words, now=self.now
            )
        except Invalid as refused:
            return self._shown(request, mark, wrong=refused.fields["reason"], words=words, status=422)
        return redirect(self.frame(request)["again"])

    def _shown(
        self, request: HttpRequest, mark: PermitMark | None, *, wrong: Text = "", words: str = "", status: int = 200
    ) -> HttpResponse:
        if mark is None:
            return self.page(request, "permits/open_none.html", {}, status=404)
        live = queries.live_of(mark.permit, self.now)
        context = {
            "live": live, "level": wording.level_shown(mark.permit),
            "sign_in_url": f"{reverse('people:sign_in')}?{urlencode({'next': request.path})}",
        }  # fmt: skip
        if may_stop(mark.permit, self.now):
            context |= {"reasons": REASONS, "wrong": wrong, "words": words, "chosen": request.POST.get("reason", "")}
        return self.page(request, "permits/open_permit.html", context, status=status)
