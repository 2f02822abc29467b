"""``quancheng plan parse FILE [--json]``: no database, no settings."""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Sequence

from quancheng.domains.duty.plans.model import ParsedPlan
from quancheng.domains.duty.plans.parse import parse_plan


def parse_command(args: Sequence[str]) -> int:
    """Parse a plan document and print it.

    :param args: what follows ``plan parse``.
    :returns: 0, or 2 with one line on standard error where the file cannot be read.
    """
    parser = argparse.ArgumentParser(prog="quancheng plan parse", description="读取一份方案文件，列出任务和报送要求。")
    parser.add_argument("file", help="DOCX、文字版 PDF 或 TXT 文件；- 表示标准输入的文字")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    parser.add_argument("--year", type=int, help="方案所属年份（文中未写明时）")
    options = parser.parse_args(list(args))
    if options.year is not None and not 1990 <= options.year <= 2100:
        print(f"年份 {options.year} 不在 1990 至 2100 之间。", file=sys.stderr)
        return 2
    # Imported here: `--help` and pure users of the parser need not pay for it.
    from quancheng.domains.duty.documents.errors import DocumentError
    from quancheng.domains.duty.documents.read import read_file, read_pasted

    try:
        document = read_pasted(sys.stdin.read()) if options.file == "-" else read_file(options.file)
    except DocumentError as problem:
        print(f"{options.file}：{_sentence(problem)}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"{options.file}：无法打开文件（{problem.strerror or problem}）。", file=sys.stderr)
        return 2
    except UnicodeDecodeError:
        print(f"{options.file}：输入的文字编码无法识别。", file=sys.stderr)
        return 2
    plan = parse_plan(document.lines, year=options.year)
    if options.json:
        json.dump(plan.to_json(), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        print(_table(plan))
    return 0


def _sentence(problem: Exception) -> str:
    """The refusal in Chinese; the command has no settings, so that translation is switched off first."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    return str(problem)


def _table(plan: ParsedPlan) -> str:
    meta = plan.meta
    period = f"{meta.period_from or '?'} 至 {meta.period_to or '?'}"
    lines = [
        meta.title or "（无标题）",
        f"发文机关：{meta.issuer or '未找到'}　文号：{meta.number or '未找到'}　日期：{meta.date or '未找到'}",
        f"实施期：{period}　公开：{meta.openness or '未写明'}　主送：{'，'.join(meta.addressees) or '未写明'}",
        "",
        f"任务 {len(plan.tasks)} 项，报送要求 {len(plan.reports)} 项",
        "",
        _row("编号", "行", "任务", "牵头单位", "配合单位", "时限", "把握"),
    ]
    for task in plan.tasks:
        lead = "、".join(task.lead_units or task.persons) or task.leading_official or "—"
        lines.append(
            _row(
                task.id,
                str(task.line),
                task.title,
                lead,
                "、".join(task.support_units) or "—",
                task.deadline.phrase or "—",
                f"{task.confidence:.0%}" + ("？" if task.doubts else ""),
            )
        )
    lines += [
        _row(
            report.id,
            str(report.line),
            f"报送{report.what}",
            "、".join(report.from_units) or "—",
            report.to or "—",
            report.deadline.phrase or "—",
            f"{len(report.dates)} 期",
        )
        for report in plan.reports
    ]
    lines += [f"第 {number} 行：{doubt.text}" for number, doubt in plan.warnings]
    lines += [doubt.text for doubt in meta.doubts]
    return "\n".join(lines)


def _row(*cells: str) -> str:
    widths = (5, 5, 36, 34, 24, 24, 6)
    return " ".join(_padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    """Cut or fill to a width in terminal columns; a Chinese character takes two."""
    taken, used = "", 0
    for char in text:
        size = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used + size > width:
            return taken + " " * (width - used)
        taken += char
        used += size
    return taken + " " * (width - used)


if __name__ == "__main__":
    sys.exit(parse_command(sys.argv[1:]))
