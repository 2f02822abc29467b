"""The four-colour plan of a site as a sheet for the wall (四色分布图), set by Typst."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst
from django.template.loader import render_to_string
from django.utils import translation

from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.queries.plans import PlanView, picture_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import open_file
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.papers.render.fonts import PACKAGED_FAMILY, font_set

#: Width and height of a sheet in millimetres, laid across.
SIZES = {"a3": (420, 297), "a2": (594, 420)}
_LAYOUT = Path(__file__).parent / "layout" / "site_plan.typ"
_HUES = {1: "#d63939", 2: "#f76707", 3: "#f5b800", 4: "#206bc4"}
_WORDS = {1: "重大风险", 2: "较大风险", 3: "一般风险", 4: "低风险"}
#: What is not drawn is named up to here, then counted.
_MOST_NAMED = 40


def site_plan_pdf(
    *, actor: Actor, view: PlanView, size: str, of: ColourOf, day: date | None, now: datetime
) -> bytes:
    """The sheet. Chinese only, as other papers. :raises NotFound: the picture is missing."""
    plan = view.plan
    link = picture_of(plan)
    if link is None:
        raise NotFound
    file = open_file(actor=actor, link_id=link.pk)
    with file.stream as stream:
        picture = base64.b64encode(stream.read()).decode()
    drawn = {"view": view, "href": f"data:{file.media_type};base64,{picture}", "family": PACKAGED_FAMILY}
    with translation.override("zh-hans"):
        svg = render_to_string("risk/_plan_svg.html", drawn | {"is_print": True})
    width, height = SIZES[size]
    today = Calendar().local_date(now)
    missing = [f"{one.row.code} {one.row.name}" for one in view.missing]
    data: dict[str, Any] = {
        "width": width, "height": height, "family": PACKAGED_FAMILY,
        "title": f"{plan.file.enterprise.name}安全风险四色分布图",  # type: ignore[union-attr]
        "facts": f"{plan.name}（{plan.edition_date}版）　{_OF[of]}　{day or today}{'日终' if day else ''}",
        "legend": [[hue, _WORDS[level]] for level, hue in _HUES.items()],
        "missing": "、".join(missing[:_MOST_NAMED]) + (f"等{len(missing)}项" if len(missing) > _MOST_NAMED else ""),
        "printed": f"打印日期 {today}",
        "is_demo": is_demo(),
    }  # fmt: skip
    # Files by their names, which the package's own types do not tell of.
    sheet: Any = {"main.typ": _LAYOUT.read_bytes(), "plan.svg": svg.strip().encode()}
    made = typst.compile(
        sheet,
        font_paths=font_set().book,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single file")
    return made


_OF = {ColourOf.PRESENT: "现状风险", ColourOf.RESIDUAL: "剩余风险", ColourOf.INHERENT: "固有风险"}
