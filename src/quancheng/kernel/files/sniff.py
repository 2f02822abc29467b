"""The type of a file from its bytes. Pure: bytes in, a media type or nothing out."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO

from quancheng.kernel.files import types

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
)
_OOXML = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "OFD.xml": "application/ofd",
}
_OPENINGS = (b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"%PDF-", _OLE, b"PK", b"ID3", b"\x1a\x45\xdf\xa3")
#: The first bytes of text that a browser would rather run than read.
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<head", b"<body", b"<!--", b"<iframe", b"<math")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")
_CHUNK = types.MIB


class Refused(Exception):
    """A file that we do not store; ``code`` is one of those in ``services.REFUSALS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_guarded(head: bytes) -> bool:
    """Whether a file opens like a picture, a container or a recording, of which a child takes care under limits.

    Anything else is text or nothing that we store: it is decoded, which needs no guard.
    """
    return head.startswith(_OPENINGS) or head[4:8] == b"ftyp" or head[:1] == b"\xff"


def media_type_of(file: IO[bytes]) -> str:
    """The media type, one of ``types.KINDS``.

    :raises Refused: ``unknown_type``, ``encrypted``, ``macros``, ``damaged`` or ``bomb``.
    """
    file.seek(0)
    head = file.read(4096)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) > 30 and int.from_bytes(head[6:10], "little") == 0:
        return "image/bmp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(_OLE):
        return _ole(file)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(file)
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "audio/webm"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4)):
        return "audio/mpeg"
    return _text(file, head)


def _iso_media(brand: bytes) -> str:
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        raise Refused("heic")
    return "video/mp4"


def _ole(file: IO[bytes]) -> str:
    file.seek(0)
    content = file.read(types.KINDS["application/vnd.ms-powerpoint"].max_bytes)
    for name, found in _OLE_STREAMS:
        if name.encode("utf-16-le") in content:
            if found == "encrypted":
                raise Refused("encrypted")
            return found
    raise Refused("unknown_type")


def _zipped(file: IO[bytes]) -> str:
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as failure:
        raise Refused("damaged") from failure
    names = {member.filename for member in members}
    found = next((media_type for name, media_type in _OOXML.items() if name in names), "")
    if not found:
        raise Refused("unknown_type")
    unpacked = 0
    for member in members:
        unpacked += member.file_size
        swollen = member.file_size > types.MIB and member.file_size > types.MAX_RATIO * max(1, member.compress_size)
        if swollen or member.file_size > types.MAX_MEMBER:
            raise Refused("bomb")
        if member.flag_bits & 1:
            raise Refused("encrypted")
        if member.filename.lower().endswith("vbaproject.bin"):
            raise Refused("macros")
    if len(members) > types.MAX_MEMBERS or unpacked > types.MAX_UNPACKED:
        raise Refused("bomb")
    _read_through(file, members)
    return found


def _read_through(file: IO[bytes], members: list[zipfile.ZipInfo]) -> None:
    """Every member unpacks to what the directory says, with its checksum; nothing is kept."""
    try:
        with zipfile.ZipFile(file) as archive:
            for member in members:
                with archive.open(member) as stream:
                    while stream.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, zlib.error) as failure:
        raise Refused("damaged") from failure


def _text(file: IO[bytes], head: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or GB 18030, without control characters and without markup."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP):
        raise Refused("markup")
    file.seek(0)
    content = file.read(types.KINDS["text/plain"].max_bytes + 1)
    encodings = ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            raise Refused("unknown_type")
        return "text/plain"
    raise Refused("unknown_type")
