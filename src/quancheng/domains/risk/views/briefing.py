"""The risk briefing (风险简报) as a page, and as Word and PDF; its text is a paper, so Chinese only."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views import View

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.briefing_text import document_of
from quancheng.domains.risk.filters.periods import CHANGED
from quancheng.domains.risk.queries.briefing import briefing
from quancheng.kernel.areas.queries import home
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.papers.render.blocks import block_to_dict
from quancheng.kernel.papers.render.paper import ReportDoc
from quancheng.kernel.papers.render.pdf import render_report_pdf
from quancheng.kernel.papers.render.word import render_report_docx
from quancheng.kernel.people.actors import actor_of

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
}  # fmt: skip


def _document(request: HttpRequest) -> tuple[ReportDoc, dict[str, Any]]:
    actor = actor_of(request)
    for name in request.GET:
        if name not in ("town", *CHANGED.parameters):
            raise unknown_parameter(name)
    towns = town_choices(actor)
    town = request.GET.get("town", "")
    if town and town not in {path for path, _name in towns}:
        raise unknown_parameter("town")
    first, last = CHANGED.days(request.GET)
    whole = home()
    area = dict(towns).get(town) or (whole.name if whole is not None and actor.whole_district else "")
    today = Calendar().local_date(timezone.now())
    with translation.override("zh-hans"):
        told = briefing(actor=actor, town=town, area=area or "本单位监管范围", first=first, last=last, today=today)
        document = document_of(told, prepared_by=actor.organisation_name, today=today)
    context = {
        "towns": [(path, name, path == town) for path, name in towns], "majors": told.majors,
        "control": CHANGED.control(request.GET, actor, ""), "query": request.GET.urlencode(),
    }  # fmt: skip
    return document, context


class BriefingPage(View):
    """A briefing of an area for a period, generated from data."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        document, context = _document(request)
        context |= {"document": document, "blocks": [block_to_dict(one) for one in document.blocks]}
        return render(request, "risk/briefing.html", context)


class BriefingPaper(View):
    """The same as a file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, ending: str) -> HttpResponse:
        if ending not in _TYPES:
            raise NotFound
        document, _context = _document(request)
        body = render_report_docx(document) if ending == "docx" else render_report_pdf(document)
        name = quote(f"{document.title}.{ending}")
        disposition = f"attachment; filename=\"briefing.{ending}\"; filename*=UTF-8''{name}"
        return HttpResponse(body, content_type=_TYPES[ending], headers={"Content-Disposition": disposition})
