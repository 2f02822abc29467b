"""A paper as it stands when it is frozen: everything that is printed, nothing that is looked up later."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from quancheng.kernel.papers.render.blocks import Block, block_from_dict, block_to_dict, listed, tupled

Form = Literal["red", "letter", "plain"]
Openness = Literal["", "public", "on_request", "closed"]
OPENNESS_WORDS: dict[str, str] = {"public": "此件公开发布", "on_request": "此件依申请公开", "closed": "此件不予公开"}
_VERSION = 1


@dataclass(frozen=True)
class Attachment:
    """An attachment (附件): its title in the list, and its text where it is printed behind the paper."""

    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FrozenPaper:
    """An official paper (公文) in its frozen text.

    :param issuer: organisation that issues it, as printed (发文机关).
    :param form: ``red`` with red heading and line (文件式), ``letter`` (信函格式), ``plain`` without either.
    :param heading: text of the red heading where it is not the issuer with 文件 (``red``) or the issuer (``letter``).
    :param number_code: 渝中安办督; ``number_year`` and ``number_serial`` None while it is a draft.
    :param title: may hold line breaks where the drafter wants them.
    :param addressees: main addressees (主送机关), without the colon.
    :param signed_by: organisations that sign (落款); empty: the issuer.
    :param date: day of signing (成文日期), None while it is a draft.
    :param note: note in brackets below the date (附注), beside the openness.
    :param signer: who approved it (签发人), on papers that go upwards only.
    :param copy_number: 份号, six digits, on secret papers.
    :param secrecy: as printed: ``秘密★1年``; :param urgency: 特急 or 加急.
    :param copy_to: 抄送机关; :param printed_by: 印发机关; :param printed_date: 印发日期.
    :param is_demo: 演示数据 across each page; :param is_void: 作废 across each page.
    """

    issuer: str
    title: str
    blocks: tuple[Block, ...]
    form: Form = "red"
    heading: str = ""
    number_code: str = ""
    number_year: int | None = None
    number_serial: int | None = None
    addressees: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    signed_by: tuple[str, ...] = ()
    date: dt.date | None = None
    note: str = ""
    openness: Openness = ""
    signer: str = ""
    copy_number: str = ""
    secrecy: str = ""
    urgency: str = ""
    copy_to: tuple[str, ...] = ()
    printed_by: str = ""
    printed_date: dt.date | None = None
    is_demo: bool = False
    is_void: bool = False

    @property
    def red_heading(self) -> bool:
        return self.form != "plain"

    @property
    def heading_text(self) -> str:
        """What the red heading says (发文机关标志)."""
        return self.heading or (f"{self.issuer}文件" if self.form == "red" else self.issuer)

    @property
    def number(self) -> str:
        """渝中安办督〔2026〕12号, with gaps in a draft; empty where the paper has no code."""
        if not self.number_code:
            return ""
        year = self.number_year or "    "
        return f"{self.number_code}〔{year}〕{self.number_serial or '  '}号"

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes below the date, without brackets."""
        return tuple(text for text in (OPENNESS_WORDS.get(self.openness, ""), self.note) if text)

    def to_dict(self) -> dict[str, Any]:
        """JSON values for freezing; the same paper gives the same values."""
        data: dict[str, Any] = {"version": _VERSION}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            data[item.name] = value.isoformat() if isinstance(value, dt.date) else listed(value)
        data["blocks"] = [block_to_dict(block) for block in self.blocks]
        data["attachments"] = [
            {"title": attachment.title, "blocks": [block_to_dict(block) for block in attachment.blocks]}
            for attachment in self.attachments
        ]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FrozenPaper:
        """The paper again.

        :raises ValueError: another version, an unknown or missing field.
        """
        values = {key: tupled(value) for key, value in data.items() if key != "version"}
        if data.get("version") != _VERSION:
            raise ValueError(f"a frozen paper of version {data.get('version')!r} cannot be read")
        values["blocks"] = tuple(block_from_dict(block) for block in data.get("blocks", ()))
        values["attachments"] = tuple(
            Attachment(item["title"], tuple(block_from_dict(block) for block in item["blocks"]))
            for item in data.get("attachments", ())
        )
        for name in ("date", "printed_date"):
            if values.get(name):
                values[name] = dt.date.fromisoformat(values[name])
        try:
            return cls(**values)
        except TypeError as wrong:
            raise ValueError(f"not a frozen paper: {wrong}") from wrong


@dataclass(frozen=True, kw_only=True)
class ReportDoc:
    """A report for reading and further editing: situation pack, file of one enterprise.

    :param subtitle: period or subject, under the title.
    :param prepared_by: who prepared it, on the cover.
    :param cover: a page of its own for the title; False puts it above the text.
    :param contents: a table of contents after the cover.
    :param language: ``zh``, or ``en`` for readers who asked in English: numbers, contents and watermark follow.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    prepared_by: str = ""
    date: dt.date | None = None
    cover: bool = True
    contents: bool = False
    is_demo: bool = False
    language: Literal["zh", "en"] = "zh"


def arabic_date(day: dt.date) -> str:
    """2026年11月3日: Arabic figures, no leading zeros. Source: GB/T 9704-2012, 7.3.5.4."""
    return f"{day.year}年{day.month}月{day.day}日"


def title_lines(title: str, *, at_most: int = 20) -> list[str]:
    """The title in lines of like length that do not tear words we can tell (的通知, names in 《》, figures).

    Source: GB/T 9704-2012, 7.3.1: lines keep the sense whole, are well balanced and of a suitable length. Where the
    drafter broke the lines, they stay so.
    """
    lines: list[str] = []
    for part in title.strip().splitlines():
        lines.extend(_balanced(part.strip(), at_most=at_most))
    return lines


def _balanced(text: str, *, at_most: int) -> list[str]:
    if len(text) <= at_most:
        return [text]
    count = -(-len(text) // at_most)
    ideal = len(text) / count
    # Best cost of setting the text up to each place in a number of lines, and where the last line begins.
    best: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for line in range(1, count + 1):
        for end in range(1, len(text) + 1):
            options = [
                (best[line - 1, start][0] + (end - start - ideal) ** 2 + _tear(text, end), start)
                for start in range(max(0, end - at_most), end)
                if (line - 1, start) in best
            ]
            if options:
                best[line, end] = min(options)
    lines: list[str] = []
    end = len(text)
    for line in range(count, 0, -1):
        start = best[line, end][1]
        lines.insert(0, text[start:end])
        end = start
    return lines


_NEVER_FIRST = "，。、；：！？）〕》〉”’%号的"
_NEVER_LAST = "（〔《〈“‘"
_WHOLE = (
    *(
        "关于",
        "通知",
        "通报",
        "意见",
        "方案",
        "督促",
        "安全",
        "生产",
        "危险",
        "化学品",
        "监管",
        "工作",
        "印发",
        "开展",
        "整治",
    ),
    *(
        "全流程",
        "委员会",
        "办公室",
        "专项",
        "行动",
        "情况",
        "报告",
        "年度",
        "季度",
        "企业",
        "重大",
        "隐患",
        "风险",
        "评估",
        "有限公司",
    ),
)


def _tear(text: str, place: int) -> float:
    """What it costs to end a line before ``text[place]``."""
    if place in (0, len(text)):
        return 0.0
    before, after = text[place - 1], text[place]
    if after in _NEVER_FIRST or before in _NEVER_LAST or (before.isascii() and after.isascii()):
        return 1000.0
    for word in _WHOLE:
        for offset in range(1, len(word)):
            if text.startswith(word, place - offset) and place - offset >= 0:
                return 200.0
    return 0.0 if text.startswith(("关于", "《"), place) or before in "的》" else 12.0
