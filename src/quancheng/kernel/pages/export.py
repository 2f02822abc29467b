"""A list as a spreadsheet: what the page shows, in its columns and order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.sheets import SheetColumn, write_xlsx

if TYPE_CHECKING:
    from quancheng.kernel.pages.lists import Column

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(
    *,
    actor: Actor,
    code: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Any],
    filters_text: str,
    demo: bool,
    now: datetime,
) -> HttpResponse:
    """The file as a download; the export is an act, so the journal has it with its conditions and number of rows."""
    body = write_xlsx(
        [SheetColumn(column.key, str(column.label)) for column in columns],
        _values(columns, rows),
        title=title,
        filters_text=filters_text,
        demo=demo,
    )
    with transaction.atomic():
        journal.record(
            actor=actor,
            act=f"{code}.export",
            subject_type=code,
            facts={"rows": len(rows), "filters": filters_text, "columns": [column.key for column in columns]},
            now=now,
        )
    name = f"{title}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"
    disposition = f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{quote(name)}"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})


def _values(columns: Sequence[Column], rows: Iterable[Any]) -> Iterable[list[Any]]:
    for row in rows:
        yield [column.plain(row) for column in columns]
