"""Where in the district posts by law are empty (岗位缺口)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.queries import posts as queries
from quancheng.domains.registry.views import words
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.people.actors import actor_of

PAGE_SIZE = 50


class PostGaps(View):
    """Enterprises that lack deputies, engineers and others by law, most gaps first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("post", "kind", "page"):
                raise unknown_parameter(name)
        post, kind, page = (request.GET.get(name, "") for name in ("post", "kind", "page"))
        if (post and post not in queries.posts()) or (kind and kind not in Kind.values):
            raise unknown_parameter("post" if post and post not in queries.posts() else "kind")
        if page and not (page.isascii() and page.isdecimal()):
            raise unknown_parameter("page")
        found = queries.district_gaps(actor=actor, post=post, kind=kind)
        pages = Paginator(found.files, PAGE_SIZE)
        # Known already: not asked again.
        pages.count = found.count
        files = pages.get_page(page or 1)
        context = {
            "files": files,
            "lines": queries.gaps_of(files),
            "unmeasured": found.unmeasured,
            "posts": [(code, words.post_name(code), code == post) for code in queries.posts()],
            "kinds": [(code, label, code == kind) for code, label in Kind.choices],
            "by_post": [(one.code, words.post_name(one.code), number) for one, number in found.by_post],
            "post": post,
            "kind": kind,
        }
        return render(request, "registry/post_gaps.html", context)
