"""A paper's copies: pictures of its pages for the screen, PDF and DOCX for keeping."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from quancheng.kernel.papers import queries
from quancheng.kernel.papers.services import rendering
from quancheng.kernel.people.actors import actor_of


@require_safe
def page_picture(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    paper = queries.get_paper(actor=actor_of(request), paper_id=pk)
    return _answer(rendering.picture_of(paper, number), "image/png")


@require_safe
def copy(request: HttpRequest, pk: uuid.UUID, form: str) -> HttpResponse:
    """A download; the browser is never left to show it."""
    paper = queries.get_paper(actor=actor_of(request), paper_id=pk)
    answer = _answer(rendering.copy_of(paper, form), rendering.FORMATS[form][1])
    answer["Content-Disposition"] = content_disposition_header(True, rendering.file_name(paper, form)) or "attachment"
    return answer


def _answer(content: bytes, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    # The right to see it may end: no shared cache, and the browser asks again.
    answer["Cache-Control"] = "private, no-cache"
    return answer
