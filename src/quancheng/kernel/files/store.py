"""The content-addressed store: a folder, or S3-compatible storage, as ``FILES_URL`` says.

An object's name is its digest, so that writing twice changes nothing and a name never changes its content.
"""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives import hashes
from django.conf import settings

from quancheng.kernel.vault.suites import chosen_suite

UNKNOWN = "FILES_URL=%s: known are file:///folder and s3://bucket/prefix"
_CHUNK = 1024 * 1024


class Store(Protocol):
    """Bytes by digest."""

    def put(self, digest: str, path: Path) -> None: ...

    def open(self, digest: str) -> IO[bytes]: ...

    def exists(self, digest: str) -> bool: ...

    def remove(self, digest: str) -> None: ...


def digest_of(path: Path) -> str:
    """``sha256:<hex>``, or ``sm3:<hex>`` under ``CRYPTO_SUITE=guomi``."""
    algorithm = chosen_suite().digest()
    running = hashes.Hash(algorithm)
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            running.update(block)
    return f"{algorithm.name}:{running.finalize().hex()}"


def name_of(digest: str) -> str:
    """Where an object lies: ``sha256/ab/cd/<hex>``."""
    algorithm, _mark, text = digest.partition(":")
    if algorithm not in ("sha256", "sm3") or len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise ValueError(f"no digest: {digest!r}")
    return f"{algorithm}/{text[:2]}/{text[2:4]}/{text}"


class FolderStore:
    """A folder of our own, readable by the account that runs the system alone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, digest: str, path: Path) -> None:
        """Copy a file in; complete or not at all, also when the power fails."""
        target = self.root / name_of(digest)
        if target.is_file():
            return
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with path.open("rb") as source, draft.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)
                shutil.copyfileobj(source, out, _CHUNK)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def open(self, digest: str) -> IO[bytes]:
        return (self.root / name_of(digest)).open("rb")

    def exists(self, digest: str) -> bool:
        return (self.root / name_of(digest)).is_file()

    def remove(self, digest: str) -> None:
        (self.root / name_of(digest)).unlink(missing_ok=True)


@dataclass(frozen=True)
class Bucket:
    """Where in S3-compatible storage our files lie."""

    name: str
    prefix: str
    endpoint: str | None
    region: str | None


class BucketStore:
    """S3-compatible storage through django-storages; credentials come from the usual AWS variables."""

    def __init__(self, bucket: Bucket) -> None:
        from storages.backends.s3 import S3Storage

        self.storage = S3Storage(
            bucket_name=bucket.name,
            location=bucket.prefix,
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            default_acl=None,
            file_overwrite=True,
            querystring_auth=False,
        )

    def put(self, digest: str, path: Path) -> None:
        from django.core.files import File

        if not self.exists(digest):
            with path.open("rb") as file:
                self.storage.save(name_of(digest), File(file))

    def open(self, digest: str) -> IO[bytes]:
        opened: IO[bytes] = self.storage.open(name_of(digest), "rb")
        return opened

    def exists(self, digest: str) -> bool:
        return bool(self.storage.exists(name_of(digest)))

    def remove(self, digest: str) -> None:
        self.storage.delete(name_of(digest))


def store() -> Store:
    """The store that ``FILES_URL`` names.

    :raises ValueError: an address that is neither ``file://`` nor ``s3://``.
    """
    parts = urlsplit(settings.FILES_URL)
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return BucketStore(bucket_of(settings.FILES_URL))
    raise ValueError(UNKNOWN % settings.FILES_URL)


def bucket_of(url: str) -> Bucket:
    """What is said by ``s3://bucket/prefix?endpoint=https://…&region=…``.

    :raises ValueError: not such an address.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(UNKNOWN % url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Bucket(
        name=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=query.get("endpoint") or None,
        region=query.get("region") or None,
    )
