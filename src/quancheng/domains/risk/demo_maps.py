"""Outlines of the demo's towns and plans of two sites: drawn by code, plainly invented.

Everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from quancheng.domains.registry.demo_parts import STREET_AT, TOWN, Desk, District, spot
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskUnit
from quancheng.domains.risk.services.outlines import save_outlines
from quancheng.domains.risk.services.plans import add_plan, draw_mark

#: Pixels of a plan, and how many metres its width is.
_WIDTH, _HEIGHT, _METRES = 1600, 1000, Decimal(400)
#: Enterprises that have a plan, by their number; the second leaves its last unit undrawn.
_PLANNED = (1, 2)
_DAYS = 100
#: Metres of a town's side at most.
_REACH = 2600.0

Corner = tuple[float, float]


def load(desk: Desk, district: District, own: Sequence[uuid.UUID]) -> None:
    rings: dict[Any, Any] = {}
    areas = [*district.streets[:TOWN]]
    for place, area in enumerate(areas):
        rings[area] = _ring(place)
    if district.town_area is not None:
        rings[district.town_area] = _ring(TOWN)
    save_outlines(actor=desk.actor("officer"), rings=rings, source="示意，演示数据", now=desk.ago(_DAYS))
    for number in _PLANNED:
        file = Enterprise.objects.filter(pk=own[number - 1]).first()
        if file is not None:
            _plan(desk, desk.actor(f"enterprise{number}"), file, leaves_out=number == _PLANNED[-1])


def _plan(desk: Desk, who: Any, file: Enterprise, *, leaves_out: bool) -> None:
    units = list(
        RiskUnit.objects.filter(object__file=file, ended_date__isnull=True).order_by("object__code", "code", "pk")
    )
    boxes = _boxes(len(units))
    points = [(0, _HEIGHT - 40), (_WIDTH // 2, _HEIGHT - 40)]
    row = add_plan(
        actor=who, file=file, name="总平面图", edition=desk.today - timedelta(days=_DAYS),
        upload=SimpleUploadedFile("plan.png", _picture(boxes)), scale=(points, _METRES / 2),
        now=desk.ago(_DAYS),
    )  # fmt: skip
    drawn = units[:-1] if leaves_out and len(units) > 1 else units
    for unit, (left, top, right, bottom) in zip(drawn, boxes, strict=False):
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        draw_mark(actor=who, plan=row, subject_id=unit.pk, points=corners, now=desk.ago(_DAYS))


def _boxes(count: int) -> list[tuple[int, int, int, int]]:
    """Places for so many units between the roads: four in a row."""
    across = 4
    rows = max(2, -(-count // across))
    wide, high = (_WIDTH - 120) // across, (_HEIGHT - 200) // rows
    return [
        (60 + place % across * wide + 30, 60 + place // across * high + 30,
         60 + (place % across + 1) * wide - 30, 60 + (place // across + 1) * high - 30)
        for place in range(count)
    ]  # fmt: skip


def _picture(boxes: Sequence[tuple[int, int, int, int]]) -> bytes:
    """A wall, a gate, roads and a building at each place; no word, no real place."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "#e7ecdf")
    pen = ImageDraw.Draw(image)
    pen.rectangle((30, 30, _WIDTH - 30, _HEIGHT - 110), fill="#f4f4f0", outline="#4a575e", width=6)
    for left, top, right, bottom in boxes:
        pen.rectangle((left - 22, top - 22, right + 22, bottom + 22), outline="#cfd6da", width=14)
    for left, top, right, bottom in boxes:
        pen.rectangle((left, top, right, bottom), fill="#fff", outline="#566168", width=3)
        pen.ellipse((left + 20, top + 20, left + 90, top + 90), outline="#8a959b", width=3)
        pen.ellipse((left + 100, top + 20, left + 170, top + 90), outline="#8a959b", width=3)
    pen.rectangle((_WIDTH // 2 - 60, _HEIGHT - 116, _WIDTH // 2 + 60, _HEIGHT - 104), fill="#f4f4f0")
    pen.rectangle((0, _HEIGHT - 90, _WIDTH, _HEIGHT - 20), fill="#cfd6da")
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


def _ring(place: int) -> dict[str, Any]:
    """What lies nearer to the middle of this town than to any other's, within reach: a GeoJSON polygon."""
    east, north = STREET_AT[place]
    corners: list[Corner] = [(-_REACH, -_REACH), (_REACH, -_REACH), (_REACH, _REACH), (-_REACH, _REACH)]
    for other, (x, y) in enumerate(STREET_AT):
        if other != place:
            corners = _nearer(corners, (x - east, y - north))
    ring = [spot(place, (round(x), round(y))) for x, y in corners]
    told = [[float(lon), float(lat)] for lon, lat in ring]
    return {"type": "Polygon", "coordinates": [[*told, told[0]]]}


def _nearer(corners: Sequence[Corner], other: Corner) -> list[Corner]:
    """The part of a convex ring that is nearer to the origin than to another point."""
    half = (other[0] ** 2 + other[1] ** 2) / 2

    def beyond(corner: Corner) -> float:
        return corner[0] * other[0] + corner[1] * other[1] - half

    kept: list[Corner] = []
    for place, corner in enumerate(corners):
        following = corners[(place + 1) % len(corners)]
        one, two = beyond(corner), beyond(following)
        if one <= 0:
            kept.append(corner)
        if (one < 0 < two) or (two < 0 < one):
            share = one / (one - two)
            kept.append((corner[0] + (following[0] - corner[0]) * share,
                         corner[1] + (following[1] - corner[1]) * share))  # fmt: skip
    return kept
