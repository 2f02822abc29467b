"""Plain text: decoding as UTF-8, UTF-16 or GB 18030, whichever fits without loss."""

from __future__ import annotations

from quancheng.domains.duty.documents.limits import MAX_CHARS, Refused


def decode(data: bytes) -> str:
    """Text of a file in one of the encodings Chinese offices use.

    :raises Refused: none fits, or the text is longer than we accept, or there is none.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried: tuple[str, ...] = ("utf-16",)
    elif data[:400].count(0) > len(data[:400]) * 0.2:
        tried = ("utf-16-le",) if data[1:400:2].count(0) > data[0:400:2].count(0) else ("utf-16-be",)
    else:
        tried = ("utf-8-sig", "gb18030")
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\ufffd") or sum(1 for char in text[:20000] if ord(char) < 9 or 14 <= ord(char) < 28) > 3:
            continue
        if len(text) > MAX_CHARS:
            raise Refused("document_too_large")
        if not text.strip():
            raise Refused("document_empty")
        return text
    raise Refused("document_unreadable")
