"""REST operations of files: an upload, which a record takes afterwards, and the content behind a link."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, page_of
from quancheng.kernel.files import queries, services, types, uploads
from quancheng.kernel.files.models import FileLink, StoredFile, Upload
from quancheng.kernel.files.services import Taken
from quancheng.kernel.files.views import answer_with
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["files"])
prefix = "/files"
#: Kinds of records are named like ``duty.problem``.
KIND = r"^[a-z_]{1,30}\.[a-z_]{1,30}$"


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


class BegunUploadIn(TakenIn):
    """What will come in parts. Its key is the ``Idempotency-Key``, made by the device."""

    name: str = Field(min_length=1, max_length=300)
    size: int = Field(ge=1, le=types.LARGEST, description="bytes of the whole")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the whole, lower-case hexadecimal")


class UploadPartIn(Strict):
    offset: int = Field(ge=0, description="where the part begins in the whole, bytes")


class UploadOut(Schema):
    """An upload in parts. ``offset`` says where to go on.

    ``sha256`` and ``file_id`` stand once the whole is stored under just that hash: not before may the device forget it.
    """

    id: uuid.UUID
    size: int
    offset: int
    sha256: str | None
    file_id: uuid.UUID | None

    @staticmethod
    def resolve_offset(row: Upload) -> int:
        return uploads.offset_of(row)

    @staticmethod
    def resolve_sha256(row: Upload) -> str | None:
        return row.sha256 if row.file_id is not None else None


class HeldOut(Schema):
    """A file that a record holds; ``id`` is what ``GET /files/{id}`` takes. ``digest`` names its algorithm."""

    id: uuid.UUID
    role: str
    name: str
    media_type: str = Field(alias="file.media_type")
    size: int = Field(alias="file.size", description="bytes")
    digest: str = Field(alias="file.digest", description="of what is handed out")
    taken_at: datetime | None = Field(alias="file.taken_at")
    latitude: Decimal | None = Field(alias="file.latitude")
    longitude: Decimal | None = Field(alias="file.longitude")
    added_at: datetime
    is_frozen: bool = Field(description="the record closed while it held the file: it stays")

    @staticmethod
    def resolve_name(row: FileLink) -> str:
        return queries.shown_name(row.file)

    @staticmethod
    def resolve_is_frozen(row: FileLink) -> bool:
        return row.frozen_at is not None


class HeldIn(Paging):
    subject_type: str = Field(
        pattern=KIND, description="kind of record, as events name it: duty.problem"
    )
    subject_id: uuid.UUID


@router.get(
    "",
    response={200: Page[HeldOut], **REFUSALS},
    operation_id="list_files",
    summary="Files that a record holds, the oldest first; 404 where the actor may not see the record",
)
def list_files(request: HttpRequest, given: Query[HeldIn]) -> dict[str, Any]:
    rows = queries.list_held(actor=actor_of(request), subject_type=given.subject_type, subject_id=given.subject_id)
    return page_of(rows, given)


@router.post("", response={201: FileOut, **REFUSALS}, operation_id="receive_file")
def receive(request: HttpRequest, file: File[UploadedFile], taken: Form[TakenIn]) -> Status[StoredFile]:
    """Store a file. Nobody but who sent it can use it, until a record holds it."""
    stored = services.receive_file(
        actor=actor_of(request),
        content=file,
        name=file.name or "",
        taken=_taken(taken),
        client_id=client_id_of(request),
        now=timezone.now(),
    )
    return Status(201, stored)


def _taken(given: TakenIn) -> Taken:
    if (given.latitude is None) != (given.longitude is None):
        raise Invalid(fields={"latitude": _("经度和纬度须一并提供。")})
    return Taken(given.taken_at, given.latitude, given.longitude)


@router.post("/uploads", response={200: UploadOut, **REFUSALS}, operation_id="begin_upload",
             summary="Begin an upload in parts, or learn where to go on with it")  # fmt: skip
def begin(request: HttpRequest, payload: BegunUploadIn) -> Upload:
    """The same again answers where the upload stands. ``Idempotency-Key`` is its key and must be given."""
    key = client_id_of(request)
    if key is None:
        raise Invalid(fields={"Idempotency-Key": _("分段上传须带请求头 Idempotency-Key。")})
    return uploads.begin_upload(
        actor=actor_of(request), upload_id=key, name=payload.name, size=payload.size, sha256=payload.sha256,
        taken=_taken(payload), now=timezone.now(),
    )  # fmt: skip


@router.get("/uploads/{uuid:upload_id}", response={200: UploadOut, **REFUSALS}, operation_id="get_upload",
            summary="Where one's own upload stands")  # fmt: skip
def get_upload(request: HttpRequest, upload_id: uuid.UUID) -> Upload:
    return uploads.get_upload(actor=actor_of(request), upload_id=upload_id)


@router.post("/uploads/{uuid:upload_id}/parts", response={200: UploadOut, **REFUSALS}, operation_id="add_upload_part",
             summary="Send a part of at most 2 MiB; the last one has the whole hashed and stored")  # fmt: skip
def add_part(request: HttpRequest, upload_id: uuid.UUID, part: File[UploadedFile], given: Form[UploadPartIn]) -> Upload:
    """A part that does not continue what stands changes nothing: the answer's ``offset`` says where to go on."""
    return uploads.add_part(
        actor=actor_of(request), upload_id=upload_id, offset=given.offset, part=part, now=timezone.now()
    )  # fmt: skip


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
