"""The demo's drawing of pipes: two tanks, a pump, lines and valves, plainly invented, with its enterprise's points.

No word of it names a real plant; it is drawn by code.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from quancheng.domains.permits.loops.isolation import OPEN_STATES
from quancheng.domains.permits.models import IsolationPoint
from quancheng.domains.permits.services.drawings import add_drawing, place_point
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor

_WIDTH, _HEIGHT = 1600, 1040
_INK, _LINE = "#22303a", 5
#: Where points lie, by their devices: plates at flanges, locked valves, the breaker of the pump's motor.
SPOTS: Mapping[str, Sequence[tuple[int, int]]] = {
    "BLIND": ((470, 300), (900, 560), (1130, 560), (1130, 300)), "VALVE_LOCK": ((1200, 820), (480, 820)),
    "ELEC_LOTO": ((900, 930),),
}  # fmt: skip


def load_drawing(desk: Desk, file: Enterprise, safety: Actor) -> None:
    """One drawing of the enterprise, upon which its points lie; none where it has no points."""
    now = desk.district.now
    points = list(IsolationPoint.objects.filter(file=file, status__in=OPEN_STATES).order_by("tag", "pk"))
    if not points:
        return
    row = add_drawing(
        actor=safety, file=file, number="示例-PID-01", title="示例罐组进出料管道仪表流程图（演示）",
        edition=desk.today - timedelta(days=90), upload=picture(), now=now,
    )  # fmt: skip
    for device, spots in SPOTS.items():
        for point, (x, y) in zip([one for one in points if one.device == device], spots, strict=False):
            place_point(actor=safety, drawing=row, point_id=point.pk, x=x, y=y, now=now)


def picture() -> SimpleUploadedFile:
    """The drawing as a PNG; its few words are Latin, for which the library brings letters along."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, _WIDTH - 20, _HEIGHT - 20), outline=_INK, width=3)
    _tank(pen, 560, "T-901")
    _tank(pen, 1220, "T-902")
    for line in (
        [(80, 300), (560, 300)], [(760, 430), (760, 560), (1220, 560), (1220, 430)], [(760, 560), (760, 760)],
        [(820, 820), (1500, 820)], [(960, 300), (1220, 300)], [(1420, 300), (1540, 300)], [(300, 820), (700, 820)],
    ):  # fmt: skip
        pen.line(line, fill=_INK, width=_LINE)
    for x, y, is_upright in (
        (300, 300, False), (1020, 560, False), (760, 640, True), (1050, 300, False), (1480, 300, False),
        (1200, 820, False), (480, 820, False),
    ):  # fmt: skip
        _valve(pen, x, y, is_upright=is_upright)
    for x, y in ((470, 300), (900, 560), (1130, 560), (1130, 300)):
        _flange(pen, x, y)
    pen.ellipse((700, 760, 820, 880), outline=_INK, width=_LINE)
    pen.polygon([(730, 775), (730, 865), (818, 820)], outline=_INK, width=3)
    pen.line([(760, 880), (760, 900)], fill=_INK, width=_LINE)
    pen.ellipse((728, 898, 792, 962), outline=_INK, width=4)
    for x in range(792, 900, 24):
        pen.line([(x, 930), (x + 12, 930)], fill=_INK, width=3)
    _words(pen, 747, 914, "M", 30)
    _gauge(pen, 200, 220, "FT 901", line=300)
    _gauge(pen, 960, 492, "PT 902", line=560)
    _words(pen, 600, 850, "P-901", 26)
    _words(pen, 90, 250, "L-901", 22)
    _words(pen, 1330, 775, "L-902", 22)
    pen.rectangle((1120, 940, _WIDTH - 20, _HEIGHT - 20), outline=_INK, width=3)
    _words(pen, 1140, 948, "DEMO P&ID 01: INVENTED,", 26)
    _words(pen, 1140, 980, "NOT A REAL PLANT", 26)
    out = io.BytesIO()
    image.save(out, format="PNG")
    return SimpleUploadedFile("pid.png", out.getvalue())


def _words(pen: ImageDraw.ImageDraw, x: int, y: int, text: str, size: int) -> None:
    pen.text((x, y), text, fill=_INK, font=ImageFont.load_default(size=size))


def _tank(pen: ImageDraw.ImageDraw, left: int, tag: str) -> None:
    """An upright tank with a domed roof."""
    right = left + (400 if left < 1000 else 200)
    pen.arc((left, 130, right, 250), 180, 360, fill=_INK, width=_LINE)
    pen.line([(left, 190), (left, 430), (right, 430), (right, 190)], fill=_INK, width=_LINE)
    _words(pen, left + (right - left) // 2 - 45, 340, tag, 30)


def _valve(pen: ImageDraw.ImageDraw, x: int, y: int, *, is_upright: bool) -> None:
    """Two triangles tip to tip."""
    ends = [(-28, -18), (28, 18), (28, -18), (-28, 18)]
    corners = [(x + dy, y + dx) if is_upright else (x + dx, y + dy) for dx, dy in ends]
    pen.polygon(corners, fill="#ffffff", outline=_INK, width=4)


def _flange(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Two flanges between which a plate may stand."""
    for dx in (-7, 7):
        pen.line([(x + dx, y - 26), (x + dx, y + 26)], fill=_INK, width=4)


def _gauge(pen: ImageDraw.ImageDraw, x: int, y: int, tag: str, *, line: int) -> None:
    """The circle of an instrument with its stem to the line below."""
    pen.line([(x, y + 40), (x, line)], fill=_INK, width=3)
    pen.ellipse((x - 44, y - 40, x + 44, y + 40), fill="#ffffff", outline=_INK, width=4)
    _words(pen, x - 34, y - 12, tag, 20)
