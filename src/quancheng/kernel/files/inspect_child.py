"""The child process that looks into one upload, under limits of memory, time and size; knows no Django.

``python -m quancheng.kernel.files.inspect_child FILE OUT``: prints one JSON object; a photo is written anew to OUT.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from quancheng.kernel.files import types
from quancheng.kernel.files.sniff import Refused, media_type_of

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011
_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/bmp": ("BMP",),
}


def limit() -> None:
    """No more memory, processor time or written bytes than one upload may cost; no core file."""
    for what, most in (
        (resource.RLIMIT_AS, types.MEMORY_BYTES),
        (resource.RLIMIT_CPU, types.CPU_S),
        (resource.RLIMIT_FSIZE, types.LARGEST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(path: str, out: str) -> dict[str, Any]:
    """Type, and for photos the size of the picture and its time and place as the camera wrote them.

    :raises Refused: not a type that we store, damaged, or too much to unpack.
    """
    with open(path, "rb") as file:
        media_type = media_type_of(file)
    found: dict[str, Any] = {"media_type": media_type}
    if types.KINDS[media_type].photo:
        found.update(_photo(path, out, media_type))
    return found


def _photo(path: str, out: str, media_type: str) -> dict[str, Any]:
    from PIL import Image, ImageOps

    # Ours is checked first and is an error; Pillow's own would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=_FORMATS[media_type]) as image:
            if image.width * image.height > types.MAX_PIXELS:
                raise Refused("bomb")
            facts = _camera(image)
            image.load()
            upright = ImageOps.exif_transpose(image)
    except Refused:
        raise
    except MemoryError as failure:
        raise Refused("bomb") from failure
    except Exception as failure:
        raise Refused("damaged") from failure
    upright.thumbnail((types.MAX_SIDE_PX, types.MAX_SIDE_PX))
    see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    clean = upright.convert("RGBA" if see_through else "RGB")
    clean.info = {}  # nothing of the original travels on: no place, no owner, no embedded preview
    if see_through or media_type in ("image/png", "image/gif"):
        clean.save(out, format="PNG", optimize=False)
        facts["shown_as"] = "image/png"
    else:
        clean.save(out, format="JPEG", quality=88)
        facts["shown_as"] = "image/jpeg"
    return {**facts, "width_px": clean.width, "height_px": clean.height}


def _camera(image: Any) -> dict[str, Any]:
    try:
        exif = image.getexif()
        return {**_taken(exif.get_ifd(_EXIF_IFD)), **_place(exif.get_ifd(_GPS_IFD))}
    except Exception:  # noqa: BLE001 - camera makers write what they like; a photo without facts is still a photo
        return {}


def _taken(ifd: dict[int, Any]) -> dict[str, str]:
    """The time of the shot; a camera that names no zone is taken to run on the district's time."""
    text = str(ifd.get(_TAKEN, "")).strip("\x00 ")
    try:
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return {}
    return {"taken_at": local.replace(tzinfo=_zone(str(ifd.get(_OFFSET, "")))).isoformat()}


def _zone(text: str) -> timezone | ZoneInfo:
    try:
        sign, hours, minutes = text[0], int(text[1:3]), int(text[4:6])
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    except (ValueError, IndexError):
        return ZoneInfo("Asia/Shanghai")


def _place(ifd: dict[int, Any]) -> dict[str, float]:
    """Latitude and longitude in degrees, as the receiver wrote them (WGS 84)."""
    if not {1, 2, 3, 4} <= set(ifd):
        return {}
    latitude, longitude = _degrees(ifd[2], ifd[1]), _degrees(ifd[4], ifd[3])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude, longitude) == (0, 0):
        return {}
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}


def _degrees(parts: Any, side: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return (-1 if str(side).upper() in ("S", "W") else 1) * (degrees + minutes / 60 + seconds / 3600)


def main() -> None:
    path, out = sys.argv[1:]
    limit()
    try:
        answer = look(path, out)
    except Refused as refused:
        answer = {"refused": refused.code}
    except MemoryError:
        answer = {"refused": "bomb"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
