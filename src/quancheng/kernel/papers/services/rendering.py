"""Copies of a paper: made from its frozen text, kept by content, made again wherever one is missing."""

from __future__ import annotations

import dataclasses
import io
import json
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import pypdfium2

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of, open_file
from quancheng.kernel.files.services import attach_files, receive_file
from quancheng.kernel.papers.freezing import draft_of
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.render.paper import FrozenPaper
from quancheng.kernel.papers.render.pdf import render_pdf
from quancheng.kernel.papers.render.word import render_docx

PRINTER = system_actor("papers.printer")
#: Screen points a PDF point: A4 becomes 893 by 1263, legible on a desk and a phone.
PREVIEW_SCALE = 1.5
# PDFium is not safe in threads.
_PDFIUM = threading.Lock()
FORMATS: dict[str, tuple[Callable[[FrozenPaper], bytes], str]] = {
    "pdf": (render_pdf, "application/pdf"),
    "docx": (render_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def text_of(paper: Paper) -> FrozenPaper:
    """What is printed: the frozen text where the paper is signed, marked where it is void; else the draft."""
    if paper.frozen is None:
        return draft_of(paper)
    frozen = FrozenPaper.from_dict(paper.frozen)
    return dataclasses.replace(frozen, is_void=True) if paper.status == "VOID" else frozen


def copy_of(paper: Paper, form: str) -> bytes:
    """One copy as bytes: the one that is kept, else a new one from the same text, which is the same.

    :raises NotFound: neither ``pdf`` nor ``docx``.
    """
    if form not in FORMATS:
        raise NotFound
    if paper.frozen is not None and paper.status != "VOID":
        link = files_of(paper, role=form).first()
        if link is not None:
            with open_file(actor=PRINTER, link_id=link.pk).stream as stream:
                return stream.read()
    return _drawn(json.dumps(text_of(paper).to_dict(), ensure_ascii=False), form)


@lru_cache(maxsize=16)
def _drawn(text: str, form: str) -> bytes:
    """The same text is drawn once for its page count, its pictures and its download."""
    return FORMATS[form][0](FrozenPaper.from_dict(json.loads(text)))


def keep_copies(*, paper_id: uuid.UUID, now: datetime) -> int:
    """Render a signed paper and keep the copies with it; what is kept already is left. Returns how many were made."""
    paper = Paper.objects.select_related("issuer", "owner_org", "template").filter(pk=paper_id).first()
    if paper is None or paper.frozen is None or paper.status == "VOID":
        return 0
    made = 0
    for form, (draw, _media_type) in FORMATS.items():
        if files_of(paper, role=form).exists():
            continue
        # Rendering and storing take their time outside of any transaction; only the link is written in one.
        content = io.BytesIO(draw(text_of(paper)))
        file = receive_file(actor=PRINTER, content=content, name=file_name(paper, form), now=now)
        attach_files(actor=PRINTER, row=paper, file_ids=[file.pk], role=form, now=now)
        made += 1
    return made


def file_name(paper: Paper, form: str) -> str:
    """What a copy is called when it is downloaded."""
    return f"{paper.number_text or paper.kind_name} {paper.title}"[:80].replace("/", "／") + f".{form}"


def count_pages(paper: Paper) -> int:
    """How many pages a paper has."""
    content = copy_of(paper, "pdf")
    with _PDFIUM, pypdfium2.PdfDocument(content) as document:
        return len(document)


def picture_of(paper: Paper, number: int) -> bytes:
    """One page as a PNG for the screen, counted from 1.

    :raises NotFound: the paper has no such page.
    """
    content = copy_of(paper, "pdf")
    with _PDFIUM, pypdfium2.PdfDocument(content) as document:
        if not 1 <= number <= len(document):
            raise NotFound
        picture = document[number - 1].render(scale=PREVIEW_SCALE).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()
