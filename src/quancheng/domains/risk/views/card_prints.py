"""Cards and boards as PDF in their true size, with the code that opens them; many at once as long work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services.codes import spelled
from quancheng.domains.risk.card_sheets import Line, Sheet, colour_of, sheets_of
from quancheng.domains.risk.models import CardMark, PostCard, RiskBoard
from quancheng.domains.risk.queries import cards as queries
from quancheng.domains.risk.queries.card_facts import facts_of_posts
from quancheng.domains.risk.services.card_marks import mark_for
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.longwork.kinds import Outcome, Run
from quancheng.kernel.papers.render.pdf import render_layout

KIND = "risk.cards_pdf"
PDF = "application/pdf"
#: Paper of boards, landscape: width and height in millimetres.
BOARD_SIZES = {"a3": (420, 297), "a2": (594, 420)}
_LAYOUT = Path(__file__).parent.parent / "layout" / "cards.typ"
_GHS = Path(__file__).parent.parent.parent / "registry" / "static" / "registry" / "ghs"


def public_url(mark: CardMark, host: str) -> str:
    """The address that is printed: under the public name of the house, where one is set."""
    path = reverse("risk:mark", args=[mark.code])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else f"{host.rstrip('/')}{path}"


def picture(url: str) -> str:
    """A QR code as SVG without a size. A quarter of it may be unreadable."""
    return str(segno.make(url, error="q", micro=False).svg_inline(omitsize=True, border=2, light="#fff"))


def cards_pdf(
    cards: Sequence[PostCard], facts: Mapping[uuid.UUID, Mapping[str, Any]], marks: Mapping[uuid.UUID, CardMark], *,
    host: str, only: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """Sheets of editions in one document.

    :param facts: by edition. :param marks: by post. :param only: codes of sheets; empty for all.
    """
    shown = []
    for card in cards:
        told = sheets_of(card, facts[card.pk], language="zh", only=only)
        shown += [_sheet(card, one, facts[card.pk], marks[card.post_id], host) for one in told.values()]
    day = max((one.in_force_at or one.created_at for one in cards), default=None)
    return _compiled(shown, [], day=Calendar().local_date(day) if day else None)


def board_pdf(
    board: RiskBoard, content: Mapping[str, Any], mark: CardMark, *, host: str, size: str, day: date
) -> bytes:
    """One board, landscape, as it stands. ``size`` is a key of :data:`BOARD_SIZES`."""
    width, height = BOARD_SIZES[size]
    shown = {**content}
    if "people" in shown:
        grade = shown["grade"]
        shown["grade_text"] = f"{'一二三四'[grade - 1]}级重大危险源　R值 {shown['r'] or '—'}" if grade else ""
    else:
        shown["mark"] = colour_of(shown["level"])
        shown["shown_counts"] = [[colour_of(level), str(count)] for level, count in shown.get("counts", [])]
        shown["rows"] = [{**row, "mark": colour_of(row["level"])} for row in shown["rows"]]
    footer = f"{board.file.enterprise.name}　第{board.edition}版　{day.isoformat()}"  # type: ignore[union-attr]
    one = {"width": width, "height": height, "content": shown, "footer": footer, "code": spelled(mark.code),
           "qr": picture(public_url(mark, host)), "scale": _scale(content)}  # fmt: skip
    return _compiled([], [one], day=day)


def _scale(content: Mapping[str, Any]) -> float:
    """How much larger a board with little to say is set, so that it is read from afar."""
    letters = len(str(content.get("rows") or content.get("people")))
    return next((scale for most, scale in ((450, 1.8), (1000, 1.5), (2000, 1.2)) if letters <= most), 1.0)


def run_cards(run: Run) -> Outcome:
    """All cards in force of an enterprise in one PDF, as the person who asked sees them now."""
    file = get_enterprise(actor=run.actor, file_id=uuid.UUID(str(run.params["file"])))
    cards = queries.cards_in_force(file, actor=run.actor)
    if not cards:
        raise Invalid(_("该企业没有执行中的岗位卡。"))
    run.progress.total = len(cards)
    facts = facts_of_posts([one.post for one in cards])
    marks = {one.post_id: mark_for(post=one.post, board=None, now=run.now) for one in cards}
    by_card = {one.pk: facts[one.post_id] for one in cards}
    only = [str(one) for one in run.params["sheets"]]
    path = run.folder / "cards.pdf"
    path.write_bytes(cards_pdf(cards, by_card, marks, host=str(run.params["host"]), only=only))
    run.progress.step(len(cards))
    day = Calendar().local_date(run.now)
    name = f"{_('岗位卡')}-{file.enterprise.name}-{day:%Y%m%d}.pdf"  # type: ignore[union-attr]
    return Outcome(
        message=_("已生成%(count)s个岗位的卡。") % {"count": len(cards)}, file=path, name=name, media_type=PDF
    )


def _sheet(card: PostCard, sheet: Sheet, facts: Mapping[str, Any], mark: CardMark, host: str) -> dict[str, Any]:
    day = card.in_force_at or card.created_at
    return {
        "title": sheet.name, "width": sheet.size[0], "height": sheet.size[1], "post": facts["post"]["name"],
        "enterprise": card.file.enterprise.name,  # type: ignore[union-attr]
        "edition": f"第{card.edition}版", "level": colour_of(facts["level"]), "code": spelled(mark.code),
        "footer": f"{card.code} 第{card.edition}版 {Calendar().local_date(day).isoformat()}",
        "qr": picture(public_url(mark, host)), "sign": sheet.code in ("worker_card", "promise_card"),
        "groups": [
            {"name": name, "lines": [_line(one, sheet) for one in lines if not one.is_empty]}
            for name, lines in sheet.all_groups
        ],
    }  # fmt: skip


def _line(line: Line, sheet: Sheet) -> dict[str, Any]:
    value: Any = line.value
    widths: list[int] = []
    if line.kind == "level":
        value = colour_of(line.value)
    elif line.kind == "table":
        value = [[{"level": colour_of(cell["level"])} if isinstance(cell, dict) else cell for cell in row]
                 for row in line.value]  # fmt: skip
        widths = {2: [1, 2], 3: [1, 6, 6], 4: [1, 6, 5, 3], 6: [4, 3, 3, 4, 5, 10]}[len(value[0])]
    return {"label": line.label, "kind": line.kind, "value": value, "headings": list(line.headings), "widths": widths,
            "label-beside": sheet.code == "worker_card"}  # fmt: skip


def _compiled(sheets: list[dict[str, Any]], boards: list[dict[str, Any]], *, day: date | None) -> bytes:
    codes = {code for one in sheets for group in one["groups"] for line in group["lines"] if line["kind"] == "signs"
             for code in line["value"]}  # fmt: skip
    signs = {code: (_GHS / f"{code}.svg").read_text(encoding="utf-8") for code in sorted(codes)}
    data = {"sheets": sheets, "boards": boards, "signs": signs, "demo": "演示数据" if is_demo() else ""}
    return render_layout(_LAYOUT, data, day=day)
