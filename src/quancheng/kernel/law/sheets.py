"""Clauses of an edition from a spreadsheet."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.sheets import SheetColumn, read_xlsx
from quancheng.kernel.law.models import Mark
from quancheng.kernel.law.services import ClauseSpec

COLUMNS = (
    SheetColumn("place", gettext_lazy("条款"), required=True, unique=True, max_length=40, sample="21"),
    SheetColumn("title", gettext_lazy("主题"), max_length=200),
    SheetColumn("summary", gettext_lazy("内容"), required=True, max_length=5000, aliases=("内容摘要", "检查内容")),
    SheetColumn("basis", gettext_lazy("依据"), max_length=200),
)


def read_clauses(content: bytes, *, mark: str = Mark.GENERAL) -> list[ClauseSpec]:
    """The clauses of a sheet, in its order.

    :raises Invalid: cells that cannot be taken, each with its address. :raises DomainError: no readable workbook.
    """
    found = read_xlsx(content, COLUMNS)
    if not found.is_good:
        cells = "；".join(f"{one.cell}：{one.reason}" for one in found.errors[:10])
        more = max(0, found.error_count - 10)
        text = _("条款表有误，未录入。%(cells)s") % {"cells": cells}
        raise Invalid(fields={"sheet": f"{text}（+{more}）" if more else text}, code="bad_sheet")
    return [
        ClauseSpec(
            place=row.values["place"],
            title=row.values["title"] or "",
            summary=row.values["summary"],
            basis=row.values["basis"] or "",
            mark=mark,
        )
        for row in found.good_rows
    ]
