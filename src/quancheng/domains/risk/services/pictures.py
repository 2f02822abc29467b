"""Pictures on which marks are set (厂区平面图、工艺管道及仪表流程图): taken in, looked into, held by their row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext as _

import quancheng
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid
from quancheng.kernel.files import types
from quancheng.kernel.files.models import StoredFile
from quancheng.kernel.files.queries import open_original
from quancheng.kernel.files.services import attach_files, hold_made, receive_file, spool, stage_made

#: Bytes of an uploaded sheet at most. [D]
MOST_BYTES = 20 * types.MIB
_SOURCE = Path(quancheng.__path__[0]).parent


@dataclass(frozen=True, slots=True)
class Sheet:
    """An upload that can be shown as a picture.

    :ivar made: the picture of a PDF's first page, and its digest; None where the upload is the picture itself.
    """

    source: StoredFile
    width_px: int
    height_px: int
    made: tuple[Path, str] | None = None


@contextmanager
def taken_in(*, actor: Actor, upload: UploadedFile, now: datetime) -> Iterator[Sheet]:
    """Store an upload; what is drawn of a PDF lies at hand until the block is left. Before any transaction: it is slow.

    :raises Invalid: at ``picture``: too large, or neither a picture nor a PDF that can be read.
    """
    with tempfile.TemporaryDirectory(dir=spool()) as folder:
        yield _sheet(actor, upload, now, Path(folder))


def hold_sheet(*, actor: Actor, row: models.Model, sheet: Sheet, now: datetime) -> None:
    """Let a row hold a sheet, in the caller's transaction: the picture in the role ``plan``, what it was drawn from in
    the role ``source``."""
    if sheet.made is None:
        attach_files(actor=actor, row=row, file_ids=[sheet.source.pk], now=now, role="plan")
        return
    attach_files(actor=actor, row=row, file_ids=[sheet.source.pk], now=now, role="source")
    path, digest = sheet.made
    hold_made(actor=actor, row=row, path=path, digest=digest, name="page.png", media_type="image/png", role="plan",
              now=now)  # fmt: skip


def _sheet(actor: Actor, upload: UploadedFile, now: datetime, folder: Path) -> Sheet:
    if (upload.size or 0) > MOST_BYTES:
        raise _bad_upload(_("图纸文件最大%(size)s MB，请缩小后上传。") % {"size": MOST_BYTES // types.MIB})
    try:
        source = receive_file(actor=actor, content=upload, name=upload.name or "", now=now)
    except DomainError as refused:
        raise _bad_upload(str(refused.message)) from refused
    if source.is_picture:
        return Sheet(source, source.width_px or 0, source.height_px or 0)
    if source.media_type != "application/pdf":
        raise _bad_upload(_("图纸应为图片（JPEG、PNG等）或PDF。"))
    original, page = folder / "source.pdf", folder / "page.png"
    with open_original(source) as stream:
        original.write_bytes(stream.read())
    answer = _first_page(original, page)
    if "refused" in answer:
        raise _bad_upload(_("读不出这份PDF的第一页，请另存为图片后上传。"))
    return Sheet(source, answer["width_px"], answer["height_px"], (page, stage_made(page)))


def _bad_upload(sentence: str) -> Invalid:
    return Invalid(fields={"picture": sentence})


def _first_page(path: Path, out: Path) -> dict[str, Any]:
    try:
        # Every argument is ours; the child gets no secret of our environment.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", "quancheng.domains.risk.plan_child", str(path), str(out)],
            env={"PYTHONPATH": str(_SOURCE), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=types.WALL_S,
            cwd=path.parent,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "unreadable"}
    if done.returncode != 0:
        # A foreign file that breaks the library or runs into a limit is told as unreadable, whatever broke.
        return {"refused": "unreadable"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
