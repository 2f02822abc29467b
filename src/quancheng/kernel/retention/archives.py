"""Archives: rows as lines of canonical JSON, packed, sealed by the vault, kept in the file store by digest."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model

from quancheng.kernel.canonical import canonical, plain
from quancheng.kernel.files.store import digest_of, store
from quancheng.kernel.vault import services as vault

KIND = "archive"


def line_of(row: Model, children: Iterable[str]) -> bytes:
    """A row with the rows that go with it; sealed values stay sealed."""
    facts: dict[str, Any] = {"model": row._meta.label_lower, "row": _fields(row)}
    for name in children:
        facts[name] = [_fields(child) for child in getattr(row, name).order_by("pk")]
    return canonical(facts)


def write(lines: Iterable[bytes]) -> str:
    """Keep the lines in the file store; returns the digest. What was written before is written again elsewhere."""
    sealed = vault.seal_bytes(KIND, zlib.compress(b"\n".join(lines), 9))
    folder = Path(settings.VAR_DIR) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".archive") as draft:
        draft.write(sealed)
        draft.flush()
        digest = digest_of(Path(draft.name))
        store().put(digest, Path(draft.name))
    return digest


def drop(digest: str) -> None:
    """Delete what was written and became no archive, since its rows stay."""
    store().remove(digest)


def read(digest: str) -> Iterator[dict[str, Any]]:
    """The rows of an archive. :raises Unreadable: altered, or its key is missing. :raises FileNotFoundError: none."""
    with store().open(digest) as file:
        text = zlib.decompress(vault.open_bytes(KIND, file.read()))
    for line in text.split(b"\n"):
        yield json.loads(line)


def _fields(row: Model) -> dict[str, Any]:
    return {field.attname: plain(field.value_from_object(row)) for field in row._meta.concrete_fields}
