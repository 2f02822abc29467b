"""Builds the icon sprite from Tabler's outline icons: ``python -m quancheng.web.icons``.

The sprite is committed, so that a page needs one file and the set-up nothing; Tabler's icons are MIT licensed.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
SPRITE = HERE / "static" / "web" / "icons.svg"
_FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def wanted() -> list[tuple[str, str]]:
    """Pairs of our name and Tabler's, from ``icons.txt``."""
    lines = (HERE / "icons.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return [(ours, theirs) for ours, theirs in pairs]


def build() -> str:
    """The sprite's text. :raises FileNotFoundError: Tabler has no such icon."""
    symbols = []
    for ours, theirs in wanted():
        drawing = (SOURCE / f"{theirs}.svg").read_text(encoding="utf-8")
        inner = _FRAME.sub("", drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")])
        inner = " ".join(inner.split())
        symbols.append(
            f'<symbol id="{ours}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    head = '<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT licence, https://tabler.io/icons -->'
    return head + "\n" + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    SPRITE.write_text(build(), encoding="utf-8")
