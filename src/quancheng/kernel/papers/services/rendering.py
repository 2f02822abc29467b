"""Copies of a paper: made from its frozen text, kept by content, made again wherever one is missing."""

from __future__ import annotations

import dataclasses
import io
import uuid
from collections.abc import Callable
from datetime import datetime

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of, open_file
from quancheng.kernel.files.services import attach_files, receive_file
from quancheng.kernel.papers.freezing import draft_of
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.render.docx import render_docx
from quancheng.kernel.papers.render.paper import FrozenPaper
from quancheng.kernel.papers.render.pdf import render_pdf

PRINTER = system_actor("papers.printer")
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
    return FORMATS[form][0](text_of(paper))


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
