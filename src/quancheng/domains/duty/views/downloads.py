"""Files that pages hand out: what their names and types are."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from quancheng.domains.duty.media import TYPES


def document_response(body: bytes, name: str) -> HttpResponse:
    """A download under a Chinese name; older programs get a plain one."""
    ending = name.rsplit(".", 1)[-1]
    disposition = f"attachment; filename=\"document.{ending}\"; filename*=UTF-8''{quote(name)}"
    return HttpResponse(body, content_type=TYPES[ending], headers={"Content-Disposition": disposition})
