"""From a paper and its number to the text that is signed: what the renderer reads, now and in ten years."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.errors import Invalid
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.numbering.services import pattern_of
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.render.blocks import Block, Heading, Paragraph, heading_number
from quancheng.kernel.papers.render.paper import Attachment, FrozenPaper

#: 渝中安办督〔2026〕12号
_NUMBER = re.compile(r"^(?P<code>[^〔]{1,40})〔(?P<year>\d{4})〕0*(?P<serial>\d{1,6})号$")
_HEADINGS = (
    (1, re.compile(r"^([一二三四五六七八九十]{1,3}、)(.+)$")),
    (2, re.compile(r"^(（[一二三四五六七八九十]{1,3}）)(.+)$")),
)
#: Longer lines, and those that end as a sentence, are paragraphs that carry a number.
_HEADING_LIMIT = 36
_SENTENCE_END = "。；！？：;!?"
_MARKS = re.compile(r"[，、；,;]")


def freeze(paper: Paper, *, number: IssuedNumber, signed_on: date) -> dict[str, Any]:
    """The paper's text with number and date, as JSON values; the same paper gives the same values.

    :raises Invalid: the number does not read as those of official papers do.
    """
    read = _NUMBER.match(number.text)
    if read is None:
        sentence = _("文号“%(text)s”不符合公文文号格式，请联系系统管理员调整。") % {"text": number.text}
        raise Invalid(sentence, code="number_pattern")
    return _frozen(
        paper, code=read["code"], year=int(read["year"]), serial=int(read["serial"]), signed_on=signed_on
    ).to_dict()


def draft_of(paper: Paper) -> FrozenPaper:
    """The paper as it would be printed, with gaps for number and date: for previews."""
    _pattern, word = pattern_of(paper.issuer, paper.series)
    code = f"{paper.issuer.document_word}{word}" if paper.issuer.document_word else ""
    return _frozen(paper, code=code, year=None, serial=None, signed_on=None)


def blocks_of(body: str) -> tuple[Block, ...]:
    """The body's lines as blocks: short numbered lines become headings, the rest paragraphs.

    The renderer numbers headings itself; a line whose typed number is not the one that it would get stays as typed.
    """
    blocks: list[Block] = []
    counts = {1: 0, 2: 0}
    for line in body.split("\n"):
        found = _heading(line, counts)
        blocks.append(found or Paragraph(line))
    return tuple(blocks)


def _heading(line: str, counts: dict[int, int]) -> Heading | None:
    if len(line) > _HEADING_LIMIT or line[-1:] in _SENTENCE_END:
        return None
    for level, pattern in _HEADINGS:
        found = pattern.match(line)
        if found is None or found[1] != heading_number(level, counts[level] + 1):
            continue
        counts[level] += 1
        if level == 1:
            counts[2] = 0
        return Heading(level, found[2])
    return None


def copy_names(paper: Paper) -> tuple[str, ...]:
    """The names of the copy-to line (抄送)."""
    return tuple(part for part in _MARKS.split(paper.copy_to) if part)


def _frozen(paper: Paper, *, code: str, year: int | None, serial: int | None, signed_on: date | None) -> FrozenPaper:
    return FrozenPaper(
        issuer=paper.issuer.name,
        form=paper.template.form,  # type: ignore[arg-type]  # the column's choices are the renderer's
        title=paper.title,
        blocks=blocks_of(paper.body),
        number_code=code,
        number_year=year,
        number_serial=serial,
        addressees=tuple(addressee.org.name for addressee in paper.addressees.select_related("org").order_by("place")),
        attachments=tuple(Attachment(name) for name in paper.attachments),
        date=signed_on,
        openness=paper.openness,  # type: ignore[arg-type]
        urgency=paper.urgency,
        copy_to=copy_names(paper),
        printed_by=paper.owner_org.name,
        printed_date=signed_on,
        is_demo=is_demo(),
    )
