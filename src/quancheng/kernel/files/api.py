"""REST operations of files: an upload, which a record takes afterwards, and the content behind a link."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Strict, client_id_of
from quancheng.kernel.files import queries, services
from quancheng.kernel.files.models import StoredFile
from quancheng.kernel.files.services import Taken
from quancheng.kernel.files.views import answer_with
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["files"])
prefix = "/files"


class TakenIn(Strict):
    """When and where the device says that it was taken; counts only where the picture itself does not say."""

    taken_at: AwareDatetime | None = Field(None, description="with a time zone")
    latitude: Decimal | None = Field(None, ge=-90, le=90, description="degrees, WGS 84")
    longitude: Decimal | None = Field(None, ge=-180, le=180, description="degrees, WGS 84")


class FileOut(Schema):
    """An upload; ``id`` goes into the ``evidence`` of the act that takes it, within seven days."""

    id: uuid.UUID
    name: str
    media_type: str
    size: int = Field(description="bytes")
    digest: str
    taken_at: datetime | None
    latitude: Decimal | None
    longitude: Decimal | None


@router.post("", response={201: FileOut, **REFUSALS}, operation_id="receive_file")
def receive(request: HttpRequest, file: File[UploadedFile], taken: Form[TakenIn]) -> Status[StoredFile]:
    """Store a file. Nobody but who sent it can use it, until a record holds it."""
    if (taken.latitude is None) != (taken.longitude is None):
        raise Invalid(fields={"latitude": _("经度和纬度须一并提供。")})
    stored = services.receive_file(
        actor=actor_of(request),
        content=file,
        name=file.name or "",
        taken=Taken(taken.taken_at, taken.latitude, taken.longitude),
        client_id=client_id_of(request),
        now=timezone.now(),
    )
    return Status(201, stored)


@router.get("/{uuid:link_id}", response={200: None, **REFUSALS}, operation_id="read_file")
def read(request: HttpRequest, link_id: uuid.UUID) -> HttpResponseBase:
    """The content that a record holds, as a download."""
    file = queries.open_file(actor=actor_of(request), link_id=link_id)
    return answer_with(request, file, inline=False)


@router.post("/{uuid:link_id}/take-back", response={204: None, **REFUSALS}, operation_id="take_back_file")
def take_back(request: HttpRequest, link_id: uuid.UUID) -> Status[None]:
    """Take one's own evidence back from a record that is still open (撤回); a closed record keeps what it holds."""
    services.detach_file(actor=actor_of(request), link_id=link_id, now=timezone.now())
    return Status(204, None)
