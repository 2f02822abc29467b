"""The text of a risk briefing (风险简报), in Chinese as all papers are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from quancheng.domains.risk.queries.briefing import MOST_CHANGES, MOST_NEW, Briefing
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.papers.render.blocks import Block, Heading, Paragraph, Table
from quancheng.kernel.papers.render.paper import ReportDoc, arabic_date

_WORDS: dict[int | None, str] = {1: "重大（红）", 2: "较大（橙）", 3: "一般（黄）", 4: "低（蓝）", None: "没有等级"}


def document_of(told: Briefing, *, prepared_by: str, today: date) -> ReportDoc:
    """The briefing as a report; figures are those of the moment, reasons those of the records."""
    return ReportDoc(
        title=f"{told.area}安全风险简报", subtitle=f"{arabic_date(told.first)}至{arabic_date(told.last)}",
        prepared_by=prepared_by, date=today, blocks=tuple(_blocks(told)), cover=False, is_demo=is_demo(),
    )  # fmt: skip


def _blocks(told: Briefing) -> Iterator[Block]:
    calendar = Calendar()
    yield Heading(1, "总体情况")
    total = sum(told.after.values())
    known = total - told.after[None]
    grave = told.after[1] + told.after[2]
    yield Paragraph(
        f"期末共有{total}家企业，其中{known}家已评估；重大、较大风险{grave}家。"
        f"期间风险分析对象升高{told.ups}个，降低{told.downs}个；未销号重大隐患{len(told.majors)}项。"
    )
    yield Table(
        ("等级", "期初企业数", "期末企业数", "增减"),
        tuple(
            (word, str(told.before[level]), str(told.after[level]), _more(told.after[level] - told.before[level]))
            for level, word in _WORDS.items()
        ),
    )
    yield Heading(1, "变色情况")
    if told.changes:
        yield Table(
            ("企业", "对象", "期初", "期末", "依据"),
            tuple(
                (
                    one.file.enterprise.name, one.name, _WORDS[one.before], _WORDS[one.present_level],
                    "；".join(each["zh"] for each in one.reasons),
                )
                for one in told.changes
            ),
            widths=(3, 3, 1.6, 1.6, 4),
        )  # fmt: skip
        if told.ups + told.downs > len(told.changes):
            yield Paragraph(f"只列最近{MOST_CHANGES}项以内。")
    else:
        yield Paragraph("期间没有变色。")
    yield Heading(1, "风险最高的企业")
    if told.worst:
        yield Table(
            ("企业", "等级", "风险最高的对象", "失效措施"),
            tuple(
                (one.file.enterprise.name, _WORDS[one.level], "、".join(one.named), "；".join(one.failed) or "无")
                for one in told.worst
            ),
            widths=(3, 1.6, 3, 4),
        )
    else:
        yield Paragraph("没有已评估的企业。")
    yield Heading(1, "未销号的重大隐患")
    if told.majors:
        yield Table(
            ("企业", "编号", "隐患", "发现日期", "整改期限"),
            tuple(
                (one.enterprise, one.code, one.name, str(one.found_date), str(one.due_date or "未定"))
                for one in told.majors
            ),
            widths=(3, 2.4, 4, 2, 2),
        )
    else:
        yield Paragraph("没有未销号的重大隐患。")
    yield Heading(1, "新情况")
    if told.new_objects:
        yield Paragraph(f"期间新增风险分析对象{told.new_object_count}个。")
        yield Table(
            ("企业", "对象", "类别"),
            tuple((one.file.enterprise.name, one.name, str(one.get_kind_display())) for one in told.new_objects),  # type: ignore[union-attr]
        )
        if told.new_object_count > len(told.new_objects):
            yield Paragraph(f"只列{MOST_NEW}个，重大危险源在前。")
    if told.gradings:
        yield Paragraph(f"期间公布企业安全风险分级{told.grading_count}家。")
        yield Table(
            ("企业", "分级结果", "公布日期"),
            tuple(
                (one.title, _WORDS[one.level], str(calendar.local_date(one.published_at)))
                for one in told.gradings
                if one.published_at is not None
            ),
        )
        if told.grading_count > len(told.gradings):
            yield Paragraph(f"只列{MOST_NEW}家，等级高的在前。")
    if not told.new_objects and not told.gradings:
        yield Paragraph("期间没有新增的对象和分级。")


def _more(number: int) -> str:
    return f"{number:+d}" if number else "0"
