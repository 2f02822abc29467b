"""Which characters a font file has. Reads the cmap table of TrueType and OpenType files and collections."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path


class BadFont(ValueError):
    """The file is no font we can read."""


@lru_cache(maxsize=16)
def coverage(path: Path, index: int = 0) -> frozenset[int]:
    """Code points that have a glyph.

    :param index: number of the face in a collection (.ttc).
    :raises BadFont: no font, or one without a Unicode table.
    """
    data = path.read_bytes()
    try:
        start = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
        count = struct.unpack_from(">H", data, start + 4)[0]
        for entry in range(count):
            tag, _sum, offset, _length = struct.unpack_from(">4sIII", data, start + 12 + 16 * entry)
            if tag == b"cmap":
                return _read_cmap(data, offset)
    except struct.error as short:
        raise BadFont(f"{path.name} is cut off") from short
    raise BadFont(f"{path.name} has no table of characters")


def _read_cmap(data: bytes, start: int) -> frozenset[int]:
    found: set[int] = set()
    count = struct.unpack_from(">H", data, start + 2)[0]
    for entry in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * entry)
        table = start + offset
        layout = struct.unpack_from(">H", data, table)[0]
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            if layout == 12:
                found |= _format_12(data, table)
            elif layout == 4:
                found |= _format_4(data, table)
    if not found:
        raise BadFont("the font has no Unicode table of characters")
    return frozenset(found)


def _format_12(data: bytes, table: int) -> set[int]:
    found: set[int] = set()
    groups = struct.unpack_from(">I", data, table + 12)[0]
    for group in range(groups):
        first, last, glyph = struct.unpack_from(">III", data, table + 16 + 12 * group)
        found.update(range(first if glyph else first + 1, last + 1))
    return found


def _format_4(data: bytes, table: int) -> set[int]:
    segments = struct.unpack_from(">H", data, table + 6)[0] // 2
    width = 2 * segments
    ends = struct.unpack_from(f">{segments}H", data, table + 14)
    starts = struct.unpack_from(f">{segments}H", data, table + 16 + width)
    deltas = struct.unpack_from(f">{segments}H", data, table + 16 + 2 * width)
    ranges = table + 16 + 3 * width
    offsets = struct.unpack_from(f">{segments}H", data, ranges)
    found: set[int] = set()
    for segment, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, last + 1):
            if offsets[segment] == 0:
                glyph = (code + deltas[segment]) & 0xFFFF
            else:
                place = ranges + 2 * segment + offsets[segment] + 2 * (code - first)
                glyph = struct.unpack_from(">H", data, place)[0]
            if glyph:
                found.add(code)
    return found
