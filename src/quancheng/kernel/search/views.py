"""The search page, and the same as a part below the search box while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import respond, wants_part
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.search.registry import PER_GROUP, find

PAGE_LIMIT = 50


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    for name in request.GET:
        if name != "q":
            raise unknown_parameter(name)
    text = request.GET.get("q", "").strip()
    if not text and wants_part(request):
        # Nothing at all, not even a blank: the drop-down closes.
        return HttpResponse("")
    groups = find(actor=actor, text=text, limit=PER_GROUP if wants_part(request) else PAGE_LIMIT)
    context = {"text": text, "groups": groups, "count": sum(len(hits) for _group, hits in groups)}
    return respond(request, page="search/search.html", part="search/_found.html", context=context)
