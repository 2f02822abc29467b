"""The guarded child: one untrusted document in, lines as JSON out. Knows no Django and no database."""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from quancheng.domains.duty.documents.limits import CPU_SECONDS, MAX_BYTES, MEMORY_BYTES, Refused
from quancheng.domains.duty.documents.sniff import kind_of


def guard() -> None:
    """Limit memory, processor time, file size and open files of this process; make it a leaf."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BYTES * 2, MAX_BYTES * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def read(path: str, name: str) -> dict[str, Any]:
    """Kind and lines ``[text, page, cells]`` of a document, or ``{"error": code}``."""
    try:
        size = os.path.getsize(path)
        if size > MAX_BYTES:
            raise Refused("document_too_large")
        with open(path, "rb") as file:
            head = file.read(65536)
        kind = kind_of(name, path, head, size)
        if kind == "docx":
            from quancheng.domains.duty.documents.docx import rows_of

            return {"kind": kind, "lines": [[row.text, None, row.cells] for row in rows_of(path)]}
        if kind == "pdf":
            from quancheng.domains.duty.documents.pdf import pages_of

            return {"kind": kind, "lines": [[row.text, page, row.cells] for page, row in pages_of(path)]}
        from quancheng.domains.duty.documents.text import decode

        with open(path, "rb") as file:
            return {"kind": kind, "text": decode(file.read())}
    except Refused as refused:
        return {"error": refused.code}
    except (MemoryError, RecursionError):
        return {"error": "document_too_complex"}


def main() -> int:
    """``child PATH NAME``: always answers on standard output, whatever the document does to us."""
    guard()
    try:
        answer = read(sys.argv[1], sys.argv[2])
    except Exception:  # noqa: BLE001 - an untrusted file may break any library in any way; the parent tells the user
        answer = {"error": "document_unreadable"}
    json.dump(answer, sys.stdout, ensure_ascii=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
