"""Draws the mark's raster icons from the same geometry as ``mark.svg``: ``python -m quancheng.web.mark``.

A ring of four arcs in the four risk colours that closes on itself (闭环). Committed, so that the set-up draws nothing.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent / "static" / "web" / "img"
#: Clockwise from the top: colour, from and to in degrees as Pillow counts them (0 is three o'clock, clockwise).
ARCS = (("#d63939", -85, -5), ("#f76707", 5, 85), ("#f5b800", 95, 175), ("#206bc4", 185, 265))
#: Radius of the ring's middle and its width, of a square of 64.
RADIUS, WIDTH = 22, 10
#: The head of the last arc, which leads on to the first.
HEAD = ((29.2, 2.6), (38.4, 10.0), (29.2, 17.4))
SIZES = (32, 180, 192, 512)
OPAQUE = frozenset({180, 192, 512})
_FINER = 4


def draw(size: int) -> Image.Image:
    """The mark in ``size`` pixels square; large ones stand on white with a margin, as launchers crop them."""
    opaque = size in OPAQUE
    scale = size * _FINER / (92 if opaque else 64)
    shift = 14 if opaque else 0
    image = Image.new("RGBA", (size * _FINER, size * _FINER), "#ffffff" if opaque else (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    outer = RADIUS + WIDTH / 2
    near, far = (32 + shift - outer) * scale, (32 + shift + outer) * scale
    box = (near, near, far, far)
    for colour, start, end in ARCS:
        pen.arc(box, start, end, fill=colour, width=round(WIDTH * scale))
    pen.polygon([((x + shift) * scale, (y + shift) * scale) for x, y in HEAD], fill=ARCS[-1][0])
    return image.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for each in SIZES:
        draw(each).save(HERE / f"mark-{each}.png", optimize=True)
