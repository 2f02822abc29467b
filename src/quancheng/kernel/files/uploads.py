"""Uploads in parts (分段上传): begun, continued at the offset that stands, received under the promised hash.

The bytes lie in ``var/incoming/parts`` until they are whole. Behind several web machines this folder must be shared, or
a device led to the same one again; otherwise an upload begins anew at 0, and is never wrong.
"""

from __future__ import annotations

import fcntl
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, TooLarge
from quancheng.kernel.files import types
from quancheng.kernel.files.models import Upload
from quancheng.kernel.files.services import REFUSALS, Taken, clean_name, receive_file, spool

#: Bytes of one part.
LARGEST_PART = 2 * types.MIB
#: Unfinished uploads of one person; where another begins, the one that rested longest starts again from nothing.
MOST_OPEN = 50


def begin_upload(
    *, actor: Actor, upload_id: uuid.UUID, name: str, size: int, sha256: str, taken: Taken, now: datetime
) -> Upload:
    """Begin an upload, or find the one that began under this key: its offset says where to go on.

    :param size: of the whole, bytes. :param sha256: of the whole, lower-case hexadecimal.
    :raises WrongType: an extension that we do not store. :raises TooLarge: larger than its type may be.
    :raises Conflict: the key stands for another file.
    """
    if actor.user_id is None:
        raise NotPermitted
    name = clean_name(name)
    _check(name, size)
    with transaction.atomic():
        row = Upload(
            id=upload_id, user_id=actor.user_id, name=name, size=size, sha256=sha256, taken_at=taken.at,
            latitude=taken.latitude, longitude=taken.longitude, touched_at=now,
        )  # fmt: skip
        Upload.objects.bulk_create([row], ignore_conflicts=True)
        found = Upload.objects.get(pk=upload_id)
        if (found.user_id, found.size, found.sha256) != (actor.user_id, size, sha256):
            raise Conflict(_("该上传标识已用于另一个文件，请重新选择文件。"), code="client_id_reused")
        open_ones = Upload.objects.filter(user=actor.user_id, file__isnull=True).exclude(pk=upload_id)
        remove_uploads(list(open_ones.order_by("-touched_at", "pk")[MOST_OPEN - 1 :]), now)
    return found


def get_upload(*, actor: Actor, upload_id: uuid.UUID) -> Upload:
    """One's own upload. :raises NotFound: absent, or somebody else's."""
    found = Upload.objects.select_related("file").filter(pk=upload_id, user=actor.user_id).first()
    if found is None:
        raise NotFound
    return found


def offset_of(upload: Upload) -> int:
    """How many bytes stand; the device goes on from there.

    All of them only once the file is stored: until then the last byte is asked for again, and with it the verdict.
    """
    if upload.file_id is not None:
        return upload.size
    try:
        return min(_path(upload.pk).stat().st_size, upload.size - 1)
    except FileNotFoundError:
        return 0


def add_part(
    *, actor: Actor, upload_id: uuid.UUID, offset: int, part: UploadedFile | IO[bytes], now: datetime
) -> Upload:
    """Write a part where it continues what stands; with the last byte hash the whole, look into it and store it.

    A part that stands already, or lies beyond what stands, changes nothing: the answer's offset says where to go on.

    :raises Invalid: ``hash_mismatch``: the whole is not what was promised; the upload begins anew at 0.
    :raises Conflict: ``upload_busy``: another request writes this upload just now. :raises TooLarge: too long a part.
    :raises WrongType: what the whole turns out to be; see :func:`receive_file`.
    """
    upload = get_upload(actor=actor, upload_id=upload_id)
    content = part.read(LARGEST_PART + 1)
    if len(content) > LARGEST_PART:
        raise TooLarge
    if upload.file_id is not None:
        return upload
    with _held(upload.pk) as file:
        upload.refresh_from_db()
        stands = file.seek(0, 2)
        if upload.file_id is not None:
            return upload
        if stands < upload.size:
            if not offset <= stands < offset + len(content):
                return upload
            # A kill may have left the beginning of this very part.
            file.write(content[stands - offset :][: upload.size - stands])
            file.flush()
            Upload.objects.filter(pk=upload.pk).update(touched_at=now)
        if file.seek(0, 2) >= upload.size:
            _finish(actor, upload, file, now)
    return upload


def list_old_uploads(before: datetime) -> QuerySet[Upload]:
    """For retention: uploads that nothing came to since."""
    return Upload.objects.filter(touched_at__lt=before)


def remove_uploads(rows: Sequence[Upload], now: datetime) -> None:
    """Forget uploads and what came of them; a file that was made of one stays."""
    for row in rows:
        path = _path(row.pk)
        row.delete()
        transaction.on_commit(lambda path=path: path.unlink(missing_ok=True), robust=True)  # type: ignore[misc]


def _finish(actor: Actor, upload: Upload, file: IO[bytes], now: datetime) -> None:
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    if found != upload.sha256:
        file.truncate(0)
        raise Invalid(_("收到的内容与设备上的不一致，将重新上传。"), code="hash_mismatch")
    file.seek(0)
    taken = Taken(upload.taken_at, upload.latitude, upload.longitude)
    stored = receive_file(actor=actor, content=file, name=upload.name, taken=taken, now=now)
    # A kill before this line leaves a stored file that no record takes, and the device sends once more.
    upload.file = stored
    Upload.objects.filter(pk=upload.pk).update(file=stored)
    _path(upload.pk).unlink(missing_ok=True)


def _check(name: str, size: int) -> None:
    extension = PurePath(name.lower()).suffix.lstrip(".")
    refused = "heic" if extension in ("heic", "heif", "avif") else "unknown_type"
    limits = [kind.max_bytes for kind in types.KINDS.values() if extension in kind.extensions]
    if not limits:
        refusal, text = REFUSALS[refused]
        raise refusal(text, code=f"file_{refused}")
    if size > max(limits):
        raise TooLarge(_("该文件过大，最多%(size)s MB。") % {"size": max(limits) // types.MIB})


def _path(upload_id: uuid.UUID) -> Path:
    folder = spool() / "parts"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / upload_id.hex


@contextmanager
def _held(upload_id: uuid.UUID) -> Iterator[IO[bytes]]:
    """The spooled bytes, for one request at a time."""
    with _path(upload_id).open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_("该文件正在上传，请稍候。"), code="upload_busy") from None
        yield file


