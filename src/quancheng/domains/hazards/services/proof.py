"""Photos that prove something (防虚假整改): when and where each was taken, and whether it proved something before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding
from quancheng.kernel.errors import Invalid
from quancheng.kernel.files.models import StoredFile
from quancheng.kernel.files.queries import links_of_same_content
from quancheng.standards.coordinates import Point, distance_m

BEFORE, AFTER = "before", "after"
#: A clock may be so far wrong before a time speaks against a photo.
CLOCK_TOLERANCE = timedelta(minutes=10)
#: A photo of a danger that is older than this was not taken when it was found. [D]
OLD = timedelta(days=7)
#: Metres between the danger and a photo of it above which somebody should ask. [D]
FAR_M = 200


def check_photos(*, row: Finding, files: Iterable[StoredFile], role: str, now: datetime) -> list[dict[str, str]]:
    """What speaks against photos that shall prove a danger (``before``) or its removal (``after``).

    Returns doubts in both languages, which a person judges.

    :raises Invalid: a photo of after that is the one of before, that proved another danger, or that was taken before
        the danger was found.
    """
    doubts: list[dict[str, str]] = []
    for file in files:
        if not _is_picture(file):
            continue
        for link in links_of_same_content(file, subject_type=Finding.row_type()):
            if role == BEFORE and link.subject_id == row.pk and link.role == role:
                continue
            if role == AFTER:
                sentence = _("照片“%(name)s”已用于另一条隐患，不能再作为整改证明。")
                if link.subject_id == row.pk and link.role == BEFORE:
                    sentence = _("照片“%(name)s”就是整改前的照片，不能作为整改后的证明。")
                elif link.subject_id == row.pk:
                    sentence = _("照片“%(name)s”在上次验收中用过，请重新拍摄。")
                raise Invalid(fields={"evidence": sentence % {"name": file.name}}, code="photo_used")
            doubts.append({"zh": f"照片“{file.name}”曾用于另一条隐患", "en": f"photo “{file.name}” was used before"})
        if file.taken_at is None:
            doubts.append({"zh": f"照片“{file.name}”没有拍摄时间", "en": f"photo “{file.name}” has no time"})
        elif role == AFTER and file.taken_at < row.found_at - CLOCK_TOLERANCE:
            sentence = _("照片“%(name)s”拍摄于发现隐患之前，不能作为整改后的证明。") % {"name": file.name}
            raise Invalid(fields={"evidence": sentence}, code="photo_old")
        elif file.taken_at < row.found_at - OLD:
            days = (row.found_at - file.taken_at).days
            doubts.append({"zh": f"照片“{file.name}”拍摄于发现隐患{days}天前",
                           "en": f"photo “{file.name}” was taken {days} days before the danger was found"})  # fmt: skip
        elif file.taken_at > now + CLOCK_TOLERANCE:
            doubts.append(
                {"zh": f"照片“{file.name}”的拍摄时间晚于现在", "en": f"photo “{file.name}” is of a time to come"}
            )
        far = _distance(row, file.latitude, file.longitude)
        if far is not None and far > FAR_M:
            doubts.append({
                "zh": f"照片“{file.name}”拍摄地点距隐患部位约{far:.0f}米",
                "en": f"photo “{file.name}” was taken some {far:.0f} m away",
            })  # fmt: skip
    return doubts


def has_photo(files: Iterable[StoredFile]) -> bool:
    """Whether a picture is among these files."""
    return any(_is_picture(file) for file in files)


def _is_picture(file: StoredFile) -> bool:
    return file.media_type.startswith("image/")


def _distance(row: Finding, latitude: Decimal | None, longitude: Decimal | None) -> float | None:
    """Metres between the danger and where a photo was taken. WGS 84 and CGCS2000 differ by less than a metre."""
    lon, lat = (row.lon, row.lat) if row.lon is not None else (row.file.lon, row.file.lat)
    if lon is None or lat is None or latitude is None or longitude is None:
        return None
    return float(distance_m(Point(float(lon), float(lat)), Point(float(longitude), float(latitude))))
