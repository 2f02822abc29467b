"""The child process that draws the first page of a PDF as a picture, under limits; knows no Django.

``python -m quancheng.domains.risk.plan_child FILE OUT``: writes a PNG to OUT and prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from quancheng.kernel.files.inspect_child import limit

#: Longer side of the picture.
SIDE_PX = 3000


def draw(path: str, out: str) -> dict[str, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        page = document[0]
        width, height = page.get_size()
        if min(width, height) <= 0 or max(width, height) / min(width, height) > 20:
            return {"refused": "shape"}
        picture = page.render(scale=SIDE_PX / max(width, height)).to_pil().convert("RGB")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a foreign file makes the library say: it is unreadable
        return {"refused": "unreadable"}
    picture.save(out, format="PNG", optimize=False)
    return {"width_px": picture.width, "height_px": picture.height}


def main() -> None:
    path, out = sys.argv[1:]
    limit()
    try:
        answer = draw(path, out)
    except MemoryError:
        answer = {"refused": "unreadable"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
