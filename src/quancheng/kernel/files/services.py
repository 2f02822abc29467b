"""Taking uploads in, and letting records hold them."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path, PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import DomainError, Invalid, NotFound, NotPermitted, StaleState, TooLarge, WrongType
from quancheng.kernel.files import types
from quancheng.kernel.files.holders import holder_of, is_closed, is_shown, row_for
from quancheng.kernel.files.inspection import inspect
from quancheng.kernel.files.models import FileLink, StoredFile
from quancheng.kernel.files.queries import OpenFile, get_link, open_original
from quancheng.kernel.files.sniff import Refused
from quancheng.kernel.files.store import digest_of, store
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

#: Files that one record may hold.
MOST_PER_ROW = 100
REFUSALS: dict[str, tuple[type[DomainError], Any]] = {
    "unknown_type": (
        WrongType,
        gettext_lazy("不支持该文件类型。可以上传图片、PDF、OFD、Office/WPS文档、文本、视频或录音。"),
    ),
    "markup": (WrongType, gettext_lazy("不接受网页、SVG等含脚本的文件，请改为PDF或图片上传。")),
    "macros": (WrongType, gettext_lazy("该文档含有宏，请另存为不含宏的格式后上传。")),
    "heic": (WrongType, gettext_lazy("不支持HEIC/AVIF照片，请在手机相机设置中选用“兼容性最佳”，或转换为JPEG后上传。")),
    "encrypted": (Invalid, gettext_lazy("该文件设有密码，请取消密码后上传。")),
    "damaged": (Invalid, gettext_lazy("该文件已损坏或不完整，请重新导出后上传。")),
    "bomb": (TooLarge, gettext_lazy("该文件解压或解码后过大，无法接收。")),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """Time and place as the device told them, for a picture that carries none itself (WGS 84 degrees)."""

    at: datetime | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


def receive_file(
    *,
    actor: Actor,
    content: IO[bytes] | UploadedFile,
    name: str,
    now: datetime,
    taken: Taken | None = None,
    client_id: uuid.UUID | None = None,
) -> StoredFile:
    """Store an upload. Nobody but who sent it can use it, until a record holds it (:func:`attach_files`).

    :raises WrongType: a type that we do not store, or an extension that contradicts the content.
    :raises TooLarge: more bytes than its type may have, or more than we unpack.
    :raises Invalid: empty, damaged or protected by a password.
    """
    # Everything slow happens before the transaction: writing, inspecting, hashing, storing.
    with tempfile.TemporaryDirectory(dir=spool()) as folder:
        path, out = Path(folder) / "file", Path(folder) / "shown"
        _save(content, path)
        name = clean_name(name)
        found = _inspect(path, out, name)
        shown = out if "shown_as" in found else path
        original_digest, digest = digest_of(path), digest_of(shown)
        place = store()
        for one, at in ((original_digest, path), (digest, shown)):
            place.put(one, at)

        def make() -> uuid.UUID:
            _lock(original_digest, digest)
            # The sweeper may have removed equal old content since; it holds the same locks.
            for one, at in ((original_digest, path), (digest, shown)):
                place.put(one, at)
            return _enter(actor, name, now, found, (digest, original_digest), shown.stat().st_size, taken).pk

        body = {"name": name, "digest": original_digest}
        with transaction.atomic():
            pk, _created = once(
                actor=actor, client_id=client_id, act="files.file.receive", body=body, now=now, make=make
            )
    return StoredFile.objects.get(pk=pk)


def receive_uploads(*, actor: Actor, uploads: Iterable[UploadedFile], now: datetime) -> list[uuid.UUID]:
    """Store the files of a form's field, in their order; a refusal names the file."""
    received = []
    for upload in uploads:
        try:
            received.append(receive_file(actor=actor, content=upload, name=upload.name or "", now=now).pk)
        except DomainError as refused:
            text = _("“%(name)s”：%(reason)s") % {"name": clean_name(upload.name or ""), "reason": refused.message}
            raise type(refused)(text, code=refused.code) from refused
    return received


def attach_files(
    *, actor: Actor, row: models.Model, file_ids: Sequence[uuid.UUID], now: datetime, role: str = "evidence"
) -> list[FileLink]:
    """Let a row that the actor got through its own query hold files; holding one twice changes nothing.

    What is added to a record that closed already stands for good at once. The caller asked for the duty. A file must
    be the actor's own upload, or held by a record that he may see.

    :raises NotFound: a file that is neither. :raises Invalid: too many files.
    """
    kind = subject_type_of(row)
    if holder_of(kind) is None:
        raise LookupError(f"{kind} is no registered holder of files")
    wanted = list(dict.fromkeys(file_ids))
    with transaction.atomic():
        files = {file.pk: file for file in StoredFile.objects.filter(pk__in=wanted).select_for_update(no_key=True)}
        for pk in wanted:
            if pk not in files or not _may_use(actor, files[pk]):
                raise NotFound(_("没有找到所选附件，请重新上传。"))
        held = FileLink.objects.filter(subject_type=kind, subject_id=row.pk).count()
        if held + len(wanted) > MOST_PER_ROW:
            raise Invalid(_("一条记录最多保存%(count)s个附件。") % {"count": MOST_PER_ROW})
        FileLink.objects.bulk_create(
            [
                FileLink(
                    file=files[pk], subject_type=kind, subject_id=row.pk, role=role,
                    added_by_id=actor.user_id, added_at=now, frozen_at=now if is_closed(row) else None,
                )
                for pk in wanted
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        if wanted:
            journal.record(
                actor=actor, act="files.link.add", subject_type=kind, subject_id=row.pk, now=now,
                facts={"role": role, "files": [files[pk].original_digest for pk in wanted]},
            )  # fmt: skip
        links = FileLink.objects.filter(subject_type=kind, subject_id=row.pk, role=role, file_id__in=wanted)
        order = {pk: place for place, pk in enumerate(wanted)}
        return sorted(links.select_related("file"), key=lambda link: order[link.file_id])


def detach_file(*, actor: Actor, link_id: uuid.UUID, now: datetime) -> None:
    """Take evidence back from a record that is still open: whoever added it may.

    :raises NotPermitted: somebody else added it, or it is no evidence but the record's own document.
    :raises StaleState: the record closed: its evidence can only be added to.
    """
    with transaction.atomic():
        link = get_link(actor=actor, link_id=link_id)
        if link.added_by_id is None or link.added_by_id != actor.user_id or link.role != "evidence":
            raise NotPermitted(_("只能由上传人撤回本人上传的佐证材料。"), code="not_own_file")
        row = row_for(actor, link.subject_type, link.subject_id)
        # The row is locked so that it cannot close between the question and the act.
        if row is not None:
            row = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if row is None or link.frozen_at is not None or is_closed(row):
            raise StaleState(_("该记录已办结，佐证材料只能补充，不能替换或删除。"), code="evidence_frozen")
        link.delete()
        journal.record(
            actor=actor, act="files.link.remove", subject_type=link.subject_type, subject_id=link.subject_id, now=now,
            facts={"role": link.role, "file": link.file.original_digest},
        )  # fmt: skip


def release_files(*, row: models.Model) -> int:
    """Let go of what a row held, because the row itself is deleted; frozen evidence stays. Returns how many links."""
    links = FileLink.objects.filter(subject_type=subject_type_of(row), subject_id=row.pk, frozen_at__isnull=True)
    return links.delete()[0]


def freeze_files(*, row: models.Model, now: datetime) -> int:
    """What a row holds now stays for good; called in the transaction that closes it. Returns how many links."""
    links = FileLink.objects.filter(subject_type=subject_type_of(row), subject_id=row.pk, frozen_at__isnull=True)
    return links.update(frozen_at=now)


def take_original(*, actor: Actor, link_id: uuid.UUID, reason: str, now: datetime) -> OpenFile:
    """A photo as it came, with what the camera wrote: an act with its reason in the journal.

    :raises NotPermitted: the duty is missing. :raises Invalid: no reason.
    """
    link = get_link(actor=actor, link_id=link_id)
    actor.require("files.original")
    if len(reason.strip()) < 4:
        raise Invalid(fields={"reason": _("请写明调取原因（至少4个字）。")})
    file = link.file
    stream = open_original(file)
    with transaction.atomic():
        journal.record(
            actor=actor, act="files.original.take", subject_type=link.subject_type, subject_id=link.subject_id,
            facts={"file": file.original_digest, "reason": reason.strip()[:200]}, now=now,
        )  # fmt: skip
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    return OpenFile(stream, file.name, file.original_media_type, size)


def stage_made(path: Path) -> str:
    """Put a file that the house made itself into the store, before the transaction that lets a row hold it; its digest.

    Nothing looks into it: its bytes are ours.
    """
    digest = digest_of(path)
    store().put(digest, path)
    return digest


def hold_made(
    *, actor: Actor, row: models.Model, path: Path, digest: str, name: str, media_type: str, role: str, now: datetime
) -> FileLink:
    """Let a row hold a staged file, in the caller's transaction."""
    _lock(digest)
    # The sweeper may have removed equal old content since; it holds the same lock.
    store().put(digest, path)
    file = StoredFile.objects.create(
        digest=digest, original_digest=digest, size=path.stat().st_size, media_type=media_type,
        original_media_type=media_type, name=clean_name(name), uploaded_by_id=actor.user_id,
        organisation_id=actor.organisation_id, uploaded_at=now,
    )  # fmt: skip
    kind = subject_type_of(row)
    link = FileLink.objects.create(
        file=file, subject_type=kind, subject_id=row.pk, role=role, added_by_id=actor.user_id, added_at=now
    )
    journal.record(
        actor=actor, act="files.link.add", subject_type=kind, subject_id=row.pk, now=now,
        facts={"role": role, "files": [digest]},
    )  # fmt: skip
    return link


def drop_made(*, link: FileLink) -> None:
    """Delete a file whose days are over from the row that holds it, and its content where nothing else has it."""
    file = link.file
    link.delete()
    if not FileLink.objects.filter(file=file).exists():
        _remove(file)


def list_abandoned(before: datetime) -> QuerySet[StoredFile]:
    """For retention: uploads from before that no record took."""
    return StoredFile.objects.filter(~Exists(FileLink.objects.filter(file=OuterRef("pk"))), uploaded_at__lt=before)


def remove_abandoned(rows: Sequence[StoredFile], now: datetime) -> None:
    """Delete locked uploads that no record took, with their content where nothing else has it."""
    for file in rows:
        _remove(file)


def _remove(file: StoredFile) -> None:
    """Delete the row, and after the commit its content: a batch that is undone has lost none."""
    digests = {file.digest, file.original_digest}
    file.delete()
    transaction.on_commit(lambda: _drop_content(digests), robust=True)


def _drop_content(digests: set[str]) -> None:
    """Delete what no row has; whoever uploads equal content meanwhile waits for the lock."""
    with transaction.atomic():
        _lock(*digests)
        for digest in digests:
            if not StoredFile.objects.filter(Q(digest=digest) | Q(original_digest=digest)).exists():
                store().remove(digest)


# --- parts of receiving --------------------------------------------------------------------------------------------


def spool() -> Path:
    """Where uploads lie while they are looked into, and results while they are made; on the disk that is watched."""
    folder = Path(settings.VAR_DIR) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _save(content: IO[bytes] | UploadedFile, path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        while block := content.read(types.MIB):
            size += len(block)
            if size > types.LARGEST:
                raise TooLarge(_too_large(types.LARGEST))
            file.write(block)
    if size == 0:
        raise Invalid(_("该文件是空的，请检查后重新上传。"), code="empty")


def _inspect(path: Path, out: Path, name: str) -> dict[str, Any]:
    try:
        found = inspect(path, out)
    except Refused as refused:
        refusal, text = REFUSALS[refused.code]
        raise refusal(text, code=f"file_{refused.code}") from refused
    kind = types.KINDS[found["media_type"]]
    extension = PurePath(name.lower()).suffix.lstrip(".")
    if extension not in kind.extensions:
        raise WrongType(
            _("文件内容与扩展名不符：内容是%(kind)s，扩展名却是“%(extension)s”。")
            % {"kind": kind.label, "extension": extension[:10]},
            code="file_false_extension",
        )
    if path.stat().st_size > kind.max_bytes:
        raise TooLarge(_too_large(kind.max_bytes))
    return found


def _too_large(most: int) -> str:
    return _("该文件过大，最多%(size)s MB。") % {"size": most // types.MIB}


def clean_name(name: str) -> str:
    """The last part of a path of either style, without control characters, at most 200 characters with extension."""
    name = clean(name.replace("\\", "/").rpartition("/")[2]) or "file"
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: 199 - len(extension[:12])]}.{extension[:12]}" if dot and stem else name[:200]


def _enter(
    actor: Actor, name: str, now: datetime, found: dict[str, Any], digests: tuple[str, str], size: int,
    taken: Taken | None,
) -> StoredFile:  # fmt: skip
    digest, original_digest = digests
    file = StoredFile.objects.create(
        digest=digest,
        original_digest=original_digest,
        size=size,
        media_type=found.get("shown_as", found["media_type"]),
        original_media_type=found["media_type"],
        name=name,
        width_px=found.get("width_px"),
        height_px=found.get("height_px"),
        uploaded_by_id=actor.user_id,
        organisation_id=actor.organisation_id,
        uploaded_at=now,
        **_when_and_where(found, taken),
    )
    journal.record(
        actor=actor, act="files.file.receive", subject_type="files.storedfile", subject_id=file.pk, now=now,
        facts={"digest": original_digest, "media_type": file.original_media_type, "size": size},
    )  # fmt: skip
    return file


def _when_and_where(found: dict[str, Any], taken: Taken | None) -> dict[str, Any]:
    """What the picture says of itself counts before what the device tells."""
    if "taken_at" in found or "latitude" in found:
        at, source = parse_datetime(found.get("taken_at", "")), "photo"
        latitude, longitude = found.get("latitude"), found.get("longitude")
        place = {} if latitude is None else {"latitude": Decimal(str(latitude)), "longitude": Decimal(str(longitude))}
        return {"taken_at": at, "taken_source": source, **place}
    if taken is None:
        return {}
    facts: dict[str, Any] = {"taken_at": taken.at, "taken_source": "device"}
    if taken.latitude is None or taken.longitude is None:
        return facts
    if abs(taken.latitude) > 90 or abs(taken.longitude) > 180:
        raise Invalid(fields={"latitude": _("经纬度超出范围。")})
    return {**facts, "latitude": taken.latitude, "longitude": taken.longitude}


def _may_use(actor: Actor, file: StoredFile) -> bool:
    if actor.is_system or (file.uploaded_by_id is not None and file.uploaded_by_id == actor.user_id):
        return True
    links = FileLink.objects.filter(file=file)
    held = ((row_for(actor, link.subject_type, link.subject_id), link.role) for link in links)
    return any(row is not None and is_shown(actor, row, role) for row, role in held)


def _lock(*digests: str) -> None:
    """Whoever stores and whoever removes equal content take turns."""
    keys = sorted({int.from_bytes(hashlib.sha256(one.encode()).digest()[:8], "big", signed=True) for one in digests})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
