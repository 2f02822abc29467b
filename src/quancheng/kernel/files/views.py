"""Handing files out: as a download, or a picture for display; never anything that a browser would run."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from quancheng.kernel.files import queries, services, types
from quancheng.kernel.files.queries import OpenFile
from quancheng.kernel.pages.respond import own_path, redirect_to
from quancheng.kernel.people.actors import actor_of

_BLOCK = 256 * 1024
#: Even if a browser did render it, nothing in it would run or reach out.
_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
def download(request: HttpRequest, link_id: uuid.UUID) -> HttpResponseBase:
    return answer_with(request, queries.open_file(actor=actor_of(request), link_id=link_id), inline=False)


@require_safe
def show(request: HttpRequest, link_id: uuid.UUID) -> HttpResponseBase:
    """For ``<img>``: pictures that we encoded ourselves; anything else is a download."""
    file = queries.open_file(actor=actor_of(request), link_id=link_id)
    return answer_with(request, file, inline=file.media_type in types.INLINE)


@require_POST
def original(request: HttpRequest, link_id: uuid.UUID) -> HttpResponseBase:
    reason = request.POST.get("reason", "")
    file = services.take_original(actor=actor_of(request), link_id=link_id, reason=reason, now=timezone.now())
    return answer_with(request, file, inline=False)


@require_POST
def take_back(request: HttpRequest, link_id: uuid.UUID) -> HttpResponse:
    """Take one's own evidence back from a record that is still open, and return to its page."""
    services.detach_file(actor=actor_of(request), link_id=link_id, now=timezone.now())
    return redirect_to(request, own_path(request, request.POST.get("next", "")) or "/", toast=_("已撤回该附件。"))


def answer_with(request: HttpRequest, file: OpenFile, *, inline: bool) -> HttpResponseBase:
    """The file with headers under which a browser runs nothing of it; also what the API answers."""
    answer: HttpResponseBase
    if request.method == "HEAD":
        file.stream.close()
        answer = HttpResponse()
    elif isinstance(request, ASGIRequest):
        answer = StreamingHttpResponse(_blocks_async(file.stream))
    else:
        answer = StreamingHttpResponse(_blocks(file.stream))
    answer["Content-Type"] = file.media_type
    answer["Content-Length"] = str(file.size)
    answer["Content-Disposition"] = content_disposition_header(not inline, file.name) or "attachment"
    answer["Content-Security-Policy"] = _POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    # The right to see it may end: no shared cache, and the browser asks again.
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while block := stream.read(_BLOCK):
            yield block


async def _blocks_async(stream: IO[bytes]) -> AsyncIterator[bytes]:
    """Reads in another thread, so that a slow disk holds nobody else up."""
    try:
        while block := await asyncio.to_thread(stream.read, _BLOCK):
            yield block
    finally:
        stream.close()
