"""``read_document``: bytes of an upload in, source lines out; the untrusted part runs in a child with limits."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import quancheng
from quancheng.domains.duty.documents.errors import BY_CODE, DocumentError, TooComplex, TooLargeDocument, Unreadable
from quancheng.domains.duty.documents.limits import MAX_BYTES, WALL_SECONDS, Refused
from quancheng.domains.duty.documents.sniff import kind_of
from quancheng.domains.duty.documents.text import decode
from quancheng.domains.duty.plans.lines import Line, lines_of

_SOURCE = str(Path(next(iter(quancheng.__path__))).parent)

_CONTAINERS = (b"PK", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read.

    :param kind: docx, pdf or txt.
    :param sha256: of the bytes as they came, hexadecimal.
    :param size: bytes as they came.
    :param text: all lines joined by newlines; ``Line.start`` are offsets in it.
    """

    kind: str
    sha256: str
    size: int
    text: str
    lines: tuple[Line, ...]


def read_document(*, name: str, data: bytes) -> Document:
    """Read an uploaded document.

    :param name: the file name as given; only its extension is looked at.
    :raises DocumentError: one subclass, one sentence for each reason (``documents.errors``).
    """
    if len(data) > MAX_BYTES:
        raise TooLargeDocument()
    if _is_plain(name, data[:8]):
        return _made(_plain(data), hashlib.sha256(data).hexdigest(), len(data))
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        path = Path(folder) / "document"
        path.write_bytes(data)
        return _made(_in_child(str(path), name), hashlib.sha256(data).hexdigest(), len(data))


def read_file(path: str | os.PathLike[str]) -> Document:
    """Read a document from disk (command line). The file is not changed."""
    size = os.path.getsize(path)
    if size > MAX_BYTES:
        raise TooLargeDocument()
    with open(path, "rb") as file:
        if _is_plain(os.path.basename(path), file.read(8)):
            return read_document(name=os.path.basename(path), data=Path(path).read_bytes())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _made(_in_child(os.fspath(path), os.path.basename(path)), digest, size)


def read_pasted(text: str) -> Document:
    """Lines of pasted text; an empty one is refused like an empty file."""
    if not text.strip():
        raise BY_CODE["document_empty"]()
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise TooLargeDocument()
    return Document("txt", hashlib.sha256(data).hexdigest(), len(data), text, lines_of(text))


def _is_plain(name: str, head: bytes) -> bool:
    """Whether a file is called text and does not open like a container: decoding text needs no child."""
    return os.path.splitext(name.lower())[1] in ("", ".txt", ".text", ".md") and not head.startswith(_CONTAINERS)


def _plain(data: bytes) -> dict[str, Any]:
    try:
        kind_of("document.txt", "", data[:65536], len(data))
        return {"kind": "txt", "text": decode(data)}
    except Refused as refused:
        raise BY_CODE.get(refused.code, DocumentError)() from refused


def _in_child(path: str, name: str) -> dict[str, Any]:
    environment = {
        "PYTHONPATH": _SOURCE,
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", ""),
    }
    command = [
        sys.executable,
        "-m",
        "quancheng.domains.duty.documents.child",
        os.path.abspath(path),
        name or "document.txt",
    ]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=WALL_SECONDS)
    except subprocess.TimeoutExpired as problem:
        process.kill()
        process.communicate()
        raise TooComplex() from problem
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TooComplex()
    try:
        answer = json.loads(output)
    except ValueError as problem:
        raise Unreadable() from problem
    if "error" in answer:
        raise BY_CODE.get(answer["error"], DocumentError)()
    return answer if isinstance(answer, dict) else {}


def _made(answer: dict[str, Any], digest: str, size: int) -> Document:
    if "text" in answer:
        text = str(answer["text"])
        return Document("txt", digest, size, text, lines_of(text))
    lines: list[Line] = []
    start = 0
    for content, page, cells in answer["lines"]:
        lines.append(Line(len(lines) + 1, content, start, page, tuple(cells) if cells is not None else None))
        start += len(content) + 1
    return Document(str(answer["kind"]), digest, size, "\n".join(line.text for line in lines), tuple(lines))
