"""A list as a spreadsheet: what the page shows, in its columns and order; at once, or in the background."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.sheets import SheetColumn, stream_xlsx, write_xlsx
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.longwork.kinds import Outcome, Run
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work

if TYPE_CHECKING:
    from quancheng.kernel.pages.lists import Column, ListPage

KIND = "pages.export"
#: An export of a million rows takes some minutes.
LIMIT_S = 3600
#: Rows fetched at a time.
CHUNK = 2000
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
        _record(actor, code, len(rows), filters_text, columns, now)
    disposition = f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{quote(_name(title, now))}"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})


def begin(
    *, actor: Actor, page: type[ListPage], query: str, now: datetime, client_id: uuid.UUID | None = None
) -> LongWork:
    """Export a list in the background; where the same is under way already, that.

    :param query: the list's address after the question mark, which was read and found good.
    """
    params = {"list": page.code, "query": query}
    with transaction.atomic():
        same = LongWork.objects.visible_to(actor).open().filter(kind=KIND, params=params).first()
        if same is not None and client_id is None:
            return same
        title = _("导出：%(title)s") % {"title": page.title}
        return start_work(actor=actor, kind=KIND, title=title, params=params, now=now, client_id=client_id)


def run_export(run: Run) -> Outcome:
    """The list as the person sees it now, in one snapshot, flat in memory however long it is."""
    page = page_of_code(str(run.params["list"]))()
    page.admit(run.actor)
    path = run.folder / "export.xlsx"
    with _snapshot():
        asked = page.read(QueryDict(str(run.params["query"])), run.actor)
        if asked.errors:
            raise Invalid(fields=asked.errors)
        run.progress.total = asked.rows.order_by().count()
        filters_text, columns = page.spoken(asked, run.actor), asked.columns
        rows = run.progress.over(once_each(asked.rows).iterator(chunk_size=CHUNK))
        with path.open("wb") as file:
            for block in stream_xlsx(
                [SheetColumn(column.key, str(column.label)) for column in columns],
                _values(columns, rows),
                title=str(page.title),
                filters_text=filters_text,
                demo=is_demo(),
            ):
                file.write(block)
    count = run.progress.done
    return Outcome(
        message=_("共导出%(count)s条。") % {"count": count},
        file=path,
        name=_name(str(page.title), run.now),
        media_type=XLSX,
        finish=lambda: _record(run.actor, page.code, count, filters_text, columns, timezone.now()),
    )


def page_of_code(code: str) -> type[ListPage]:
    """:raises Invalid: there is no such list."""
    from quancheng.kernel.pages import lists

    load_pages()
    found = lists.list_page(code)
    if found is None:
        raise Invalid(fields={"list": _("没有这个列表。")})
    return found


def load_pages() -> None:
    """Load every address of the house and so every list; a worker has loaded none."""
    _loaded = get_resolver().url_patterns


def once_each(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows, whose related rows are fetched once for a chunk and not again for each row that names them.

    A page joins them, which is right for fifty rows; of a thousand most name the same few organisations and plans.
    """
    tree, (names, is_deferring) = rows.query.select_related, rows.query.deferred_loading
    if not isinstance(tree, dict) or not is_deferring:
        return rows
    asked = list(rows._prefetch_related_lookups)  # type: ignore[attr-defined]
    through = {each.prefetch_through if isinstance(each, Prefetch) else each for each in asked}
    own: list[Prefetch] = []
    ways: list[tuple[Any, dict[str, Any], str]] = [(rows.model, tree, "")]
    while ways:
        model, branches, before = ways.pop()
        for name, further in branches.items():
            field, path = model._meta.get_field(name), f"{before}{name}"
            if not field.concrete:
                return rows
            if path not in through:
                left = {each.removeprefix(f"{path}__") for each in names if each.startswith(f"{path}__")}
                fields = [each for each in left if each.partition("__")[0] not in further]
                own.append(Prefetch(path, queryset=field.related_model._base_manager.defer(*fields)))
            ways.append((field.related_model, further, f"{path}__"))
    own.sort(key=lambda each: each.prefetch_through)
    return rows.select_related(None).prefetch_related(None).prefetch_related(*own, *asked)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Everything read inside stands as it was at one moment; nothing is written."""
    begins = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if begins:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # All rows are wanted, not the first few soon.
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        yield


def _record(actor: Actor, code: str, rows: int, filters_text: str, columns: Sequence[Column], now: datetime) -> None:
    journal.record(
        actor=actor,
        act=f"{code}.export",
        subject_type=code,
        facts={"rows": rows, "filters": filters_text, "columns": [column.key for column in columns]},
        now=now,
    )


def _name(title: str, now: datetime) -> str:
    return f"{title}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"


def _values(columns: Sequence[Column], rows: Iterable[Any]) -> Iterable[list[Any]]:
    plain = [column.plain for column in columns]
    for row in rows:
        yield [value(row) for value in plain]
