"""What a file is by its content; the name only counts where it contradicts."""

from __future__ import annotations

import zipfile
from pathlib import PurePath

from quancheng.domains.duty.documents.limits import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED, Refused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_NAMES = {".docx": "docx", ".docm": "docx", ".pdf": "pdf", ".txt": "txt", ".text": "txt", ".md": "txt", "": "txt"}


def kind_of(name: str, path: str, head: bytes, size: int) -> str:
    """docx, pdf or txt.

    :param head: the first 64 KiB of the file.
    :raises Refused: empty, protected, old, another kind, or not what the extension says.
    """
    if size == 0 or not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise Refused("document_empty")
    suffix = PurePath(name.lower()).suffix
    expected = _NAMES.get(suffix)
    actual = _actual(path, head, size)
    if expected is None:
        if suffix in (".doc", ".wps") and actual in ("ole", "docx"):
            if actual == "docx":
                return "docx"
            raise Refused("document_old_word")
        raise Refused("document_type")
    if actual == "encrypted":
        raise Refused("document_password")
    if actual == "ole":
        raise Refused("document_old_word" if expected == "docx" and _is_word(path) else "document_false_extension")
    if actual != expected:
        if expected == "docx" and actual == "damaged":
            raise Refused("document_unreadable")
        raise Refused("document_false_extension")
    return actual


def _actual(path: str, head: bytes, size: int) -> str:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_OLE):
        return "encrypted" if _holds(path, "EncryptedPackage".encode("utf-16-le"), size) else "ole"
    if head.startswith(b"PK"):
        return _zip_kind(path)
    if head.startswith(_PICTURES) or head.startswith(
        (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ", b"{\\rtf")
    ):
        return "other"
    sample = head[:4096]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "txt"
    return (
        "other"
        if (b"\x00" in sample and sample.count(0) < len(sample) * 0.3) or (sample.count(0) > 8 and not _utf16(sample))
        else "txt"
    )


def _utf16(sample: bytes) -> bool:
    return sample[1::2].count(0) > len(sample) * 0.3 or sample[::2].count(0) > len(sample) * 0.3


def _holds(path: str, needle: bytes, size: int) -> bool:
    with open(path, "rb") as file:
        return needle in file.read(min(size, 64 * 1024 * 1024))


def _is_word(path: str) -> bool:
    return _holds(path, "WordDocument".encode("utf-16-le"), 64 * 1024 * 1024)


def _zip_kind(path: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "damaged"
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused("document_zip_bomb")
    for member in members:
        if member.file_size > 1_000_000 and member.file_size > MAX_RATIO * max(1, member.compress_size):
            raise Refused("document_zip_bomb")
        if member.flag_bits & 1:
            raise Refused("document_password")
    names = {member.filename for member in members}
    return "docx" if "word/document.xml" in names else "other"
