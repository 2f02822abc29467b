"""Small files of every kind, made in memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def photo(*, size: tuple[int, int] = (40, 30), exif: bool = True, fmt: str = "JPEG") -> bytes:
    """A picture; with ``exif`` taken on 2026-09-07 at 16:30 local time at 29.5 N, 106.55 E by a named owner."""
    image = Image.new("RGB", size, (200, 40, 40))
    more: dict[str, Any] = {}
    if exif:
        facts = Image.Exif()
        facts[0x013B] = "Owner of the camera"
        facts.get_ifd(0x8769)[0x9003] = "2026:09:07 16:30:00"
        gps = facts.get_ifd(0x8825)
        gps.update({1: "N", 2: (29.0, 30.0, 0.0), 3: "E", 4: (106.0, 33.0, 0.0)})
        more["exif"] = facts
    out = io.BytesIO()
    image.save(out, format=fmt, **more)
    return out.getvalue()


def office(name: str = "word/document.xml", **members: bytes) -> bytes:
    """The least that is a package of that kind, with more members (``__`` in their names stands for ``/``)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "<document/>")
        for member, content in members.items():
            archive.writestr(member.replace("__", "/"), content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """20 MiB of nothing in a few KiB."""
    return office(word__media=b"\x00" * (20 * 1024 * 1024))


def decompression_bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 30,000 by 30,000 points."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


def ole(stream: str) -> bytes:
    """What old office documents begin with, and the name of a stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + stream.encode("utf-16-le") + b"\x00" * 200


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
