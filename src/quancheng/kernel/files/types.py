"""What may be stored: types found in the bytes, the extensions that fit them, and how large each may be.

Pure: also imported by the child process that inspects uploads, which knows no Django.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that we store.

    :ivar max_bytes: of one upload.
    :ivar photo: decoded and encoded anew before anybody sees it.
    """

    media_type: str
    label: str
    extensions: tuple[str, ...]
    max_bytes: int
    photo: bool = False


_OOXML = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.media_type: kind
    for kind in (
        Kind("image/jpeg", "JPEG", ("jpg", "jpeg", "jpe"), 30 * MIB, photo=True),
        Kind("image/png", "PNG", ("png",), 30 * MIB, photo=True),
        Kind("image/webp", "WebP", ("webp",), 30 * MIB, photo=True),
        Kind("image/gif", "GIF", ("gif",), 30 * MIB, photo=True),
        Kind("image/bmp", "BMP", ("bmp",), 30 * MIB, photo=True),
        Kind("application/pdf", "PDF", ("pdf",), 100 * MIB),
        Kind("application/ofd", "OFD", ("ofd",), 100 * MIB),
        Kind(f"{_OOXML}.wordprocessingml.document", "DOCX", ("docx",), 50 * MIB),
        Kind(f"{_OOXML}.spreadsheetml.sheet", "XLSX", ("xlsx",), 50 * MIB),
        Kind(f"{_OOXML}.presentationml.presentation", "PPTX", ("pptx",), 100 * MIB),
        Kind("application/msword", "DOC/WPS", ("doc", "wps"), 50 * MIB),
        Kind("application/vnd.ms-excel", "XLS/ET", ("xls", "et"), 50 * MIB),
        Kind("application/vnd.ms-powerpoint", "PPT/DPS", ("ppt", "dps"), 100 * MIB),
        Kind("text/plain", "TXT/CSV", ("txt", "csv", "text", "md", "log"), 20 * MIB),
        Kind("video/mp4", "MP4", ("mp4", "m4v"), 200 * MIB),
        Kind("video/quicktime", "MOV", ("mov", "qt"), 200 * MIB),
        Kind("audio/mpeg", "MP3", ("mp3",), 50 * MIB),
        Kind("audio/mp4", "M4A", ("m4a",), 50 * MIB),
        # What browsers record where they cannot write MP4.
        Kind("audio/webm", "WebM", ("webm", "weba"), 50 * MIB),
    )
}
LARGEST = max(kind.max_bytes for kind in KINDS.values())
#: Handed out for display; everything else is only ever downloaded.
INLINE = frozenset({"image/jpeg", "image/png"})

# What one upload may unpack to, and what looking at it may cost.
MAX_PIXELS = 80_000_000
MAX_SIDE_PX = 4000
MAX_UNPACKED = 400 * MIB
MAX_MEMBER = 200 * MIB
MAX_MEMBERS = 10_000
MAX_RATIO = 200
MEMORY_BYTES = 1536 * MIB
CPU_S = 30
WALL_S = 60
