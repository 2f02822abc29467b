"""Ledgers (台账): declared columns and filters over a query set that a query function returned for the actor.

A list filters, sorts, chooses columns, saves the view and exports exactly what is shown. Everything lies in the
address, so it can be sent to a colleague; an unknown name in it is refused. Works without JavaScript.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Expression, F, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, TooLarge
from quancheng.kernel.exchange.imports.declare import get_register
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import services
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Filter, narrow_all
from quancheng.kernel.pages.models import SavedView
from quancheng.kernel.pages.respond import redirect_to, respond, wants_part
from quancheng.kernel.pages.times import date_text, time_text
from quancheng.kernel.pages.words import grouped
from quancheng.kernel.people.actors import actor_of

Text = str | Promise
Order = str | F | Expression

#: A count is exact up to here; beyond it reads 约.
EXACT_COUNT = 100_000
#: Rows that may be paged through; who needs later ones narrows the list or exports.
LAST_ROW = 10_000
#: Rows written into a spreadsheet while the person waits; more are written in the background.
EXPORT_ROWS = 10_000
RESERVED = frozenset({"sort", "cols", "page", "part", "export"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    :param key: its name in addresses; unless ``value`` is given also the attribute that is shown, dots followed.
    :param value: row to plain value: what is exported, and shown where ``render`` is not given.
    :param render: row to HTML (escaped unless safe).
    :param sort: what the database orders by, ascending; empty means the column cannot be sorted.
    :param shown: on the page until the person chooses otherwise.
    :param numeric: right-aligned with tabular figures.
    :param link: the cell leads to the row's page; one column of a list should.
    :param card: its place on a phone's card: ``title``, ``meta`` or empty for not shown there.
    :param total: an aggregate of the whole filtered list, told beside the count.
    :param width: ``wide`` wraps, ``narrow`` does not grow; empty leaves it to the browser.
    """

    key: str
    label: Text
    _: KW_ONLY
    value: Callable[[Any], Any] | None = None
    render: Callable[[Any], Any] | None = None
    sort: tuple[Order, ...] | Order | None = None
    shown: bool = True
    numeric: bool = False
    link: bool = False
    card: str = ""
    total: Any = None
    width: str = ""

    def plain(self, row: Any) -> Any:
        """The value as a spreadsheet takes it: text, number, date, aware time or None."""
        if self.value is not None:
            return self.value(row)
        found = row
        for name in self.key.split("."):
            found = getattr(found, name, None)
        return found

    def html(self, row: Any) -> Any:
        """The value as the page shows it."""
        if self.render is not None:
            return self.render(row)
        return shown_text(self.plain(row))

    def order(self, *, descending: bool) -> list[Any]:
        """Expressions to order by; empty values last in either direction."""
        parts = self.sort if isinstance(self.sort, tuple) else (self.sort,)
        ordered: list[Any] = []
        for part in parts:
            field = F(part) if isinstance(part, str) else part
            if field is not None:
                ordered.append(field.desc(nulls_last=True) if descending else field.asc(nulls_last=True))
        return ordered


@dataclass(frozen=True, slots=True)
class BulkAction:
    """An act on the rows ticked: a POST of ``ids`` to ``url``, which confirms and answers row by row.

    :param duty: shown to holders only; None shows it to everybody.
    """

    label: Text
    url: Callable[[], str]
    _: KW_ONLY
    duty: str | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column head as the template draws it."""

    key: str
    label: Text
    numeric: bool
    width: str
    sort_url: str
    #: ``ascending``, ``descending`` or ``none``, as ``aria-sort`` says it; empty where it cannot be sorted.
    sorted: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands between a cell's tags, and its tag's attributes, which are its column's."""

    html: Any
    attributes: Any


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the template draws it."""

    pk: str
    url: str
    cells: list[Cell]
    acts: Any = ""


@dataclass(frozen=True, slots=True)
class ViewTab:
    name: Text
    url: str
    current: bool
    view_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The address, read and checked: what the list shows."""

    given: QueryDict
    columns: list[Column]
    sort: str
    page: int
    rows: QuerySet[Any]
    errors: dict[str, str]


class ListPage(View):
    """Base of ledgers. A subclass declares what stands below and gives ``queryset`` from its domain's ``queries``."""

    http_method_names = ["get", "head", "post"]

    #: Names the list in saved views, exports and the journal, e.g. ``duty.tasks``.
    code: ClassVar[str]
    title: ClassVar[Text]
    columns: ClassVar[tuple[Column, ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()
    #: Column key, with ``-`` before it for descending; empty keeps the query's own order.
    default_sort: ClassVar[str] = ""
    #: The duty without which the list is refused; None where scope alone decides.
    duty: ClassVar[str | None] = None
    bulk: ClassVar[tuple[BulkAction, ...]] = ()
    #: Rows end in a cell of their own acts, given by :meth:`acts`; it is neither chosen nor exported.
    has_acts: ClassVar[bool] = False
    #: Drawn anew when something happens that the reader may know of.
    is_live: ClassVar[bool] = False
    #: Codes of the registers that this list's rows may be imported into; who holds the duty gets a button.
    imports: ClassVar[tuple[str, ...]] = ()
    page_size: ClassVar[int] = 50
    #: The first page too is found among identifiers first: where a row shows so much of other tables that the database
    #: would join before it sorts.
    keys_first: ClassVar[bool] = False
    #: 32 px rows instead of 40.
    dense: ClassVar[bool] = False
    empty_title: ClassVar[Text] = gettext_lazy("这里还没有内容")
    empty_hint: ClassVar[Text] = ""
    template: ClassVar[str] = "web/list.html"
    part: ClassVar[str] = "web/_list.html"
    #: A template drawn above the rows and anew with them: sums of what is shown, from :meth:`summary_context`.
    summary: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        names = [name for each in cls.filters for name in each.parameters]
        clash = RESERVED.intersection(names) or len(names) != len(set(names))
        if clash:
            raise TypeError(f"{cls.__name__}: filter parameters clash: {sorted(names)}")
        if "code" in cls.__dict__:
            _pages[cls.code] = cls

    # What a domain gives -----------------------------------------------------------------------------------------

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        """The rows that the actor may see, from a query function."""
        raise NotImplementedError

    def url_of(self, row: Any) -> str:
        """The page of a row; empty where it has none."""
        return str(row.get_absolute_url()) if hasattr(row, "get_absolute_url") else ""

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        """Buttons beside the title: label and address. The first is the primary one."""
        return ()

    def acts(self, row: Any, actor: Actor) -> Any:
        """What the person may do with one row, as safe HTML; asked for where ``has_acts`` is set."""
        return ""

    def more_context(self, actor: Actor) -> dict[str, Any]:
        """What a list's own template needs besides."""
        return {}

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        """What the template named by ``summary`` needs; ``asked.rows`` are the rows of all pages."""
        return {}

    # Requests ----------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = self._actor(request)
        asked = self.read(request.GET, actor)
        if asked.errors:
            return respond(
                request, page=self.template, part=self.part, status=422, context=self._context(request, actor, asked)
            )
        if request.GET.get("export"):
            return self._export(request, actor, asked, may_begin=False)
        if request.GET.get("part") == "count":
            return self._count(request, actor, asked)
        response = respond(request, page=self.template, part=self.part, context=self._context(request, actor, asked))
        if wants_part(request) and "HX-Live" not in request.headers:
            page = {"page": str(asked.page)} if asked.page > 1 else {}
            response.headers["HX-Push-Url"] = _join(request.path, self._normal(request.GET), **page)
        return response

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Export, or save or delete a view of one's own."""
        actor = self._actor(request)
        act = request.POST.get("act")
        if act == "delete_view":
            services.delete_view(actor=actor, page=self.code, view_id=_view_id(request.POST.get("view", "")))
            return redirect_to(request, request.path, toast=_("视图已删除。"))
        if act not in ("save_view", "export"):
            raise unknown_parameter(act or "act")
        given = QueryDict(request.POST.get("query", ""))
        asked = self.read(given, actor)
        if asked.errors:
            raise Invalid(_("当前条件有误，请先更正再保存视图或导出。"), fields=asked.errors)
        if act == "export":
            return self._export(request, actor, asked, may_begin=True)
        query = self._normal(given)
        try:
            view = services.save_view(
                actor=actor, page=self.code, name=request.POST.get("name", ""), query=query, now=timezone.now()
            )
        except Invalid as refused:
            context = self._context(request, actor, asked) | {
                "view_error": next(iter(refused.fields.values()), refused.message),
                "view_name": request.POST.get("name", ""),
            }
            return respond(request, page=self.template, part=self.part, status=422, context=context)
        return redirect_to(request, _join(request.path, view.query), toast=_("视图已保存。"))

    def _actor(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        self.admit(actor)
        return actor

    def admit(self, actor: Actor) -> None:
        """:raises NotPermitted: the list is not for this actor."""
        if self.duty is not None:
            actor.require(self.duty)

    # Reading the address -----------------------------------------------------------------------------------------

    def read(self, given: QueryDict, actor: Actor) -> Asked:
        """Check every parameter.

        :raises Invalid: an unknown name, column or sort, or a page that is no number.
        :raises TooLarge: a page too deep.
        """
        known = RESERVED.union(*(each.parameters for each in self.filters))
        for name in given:
            if name not in known:
                raise unknown_parameter(name)
        if given.get("part", "") not in ("", "count"):
            raise unknown_parameter("part")
        if given.get("export", "") not in ("", "xlsx"):
            raise unknown_parameter("export")
        rows, errors = narrow_all(self.filters, self.queryset(actor), given, actor)
        sort = given.get("sort") or self.default_sort
        return Asked(given, self._chosen(given), sort, self._page(given), self._sorted(rows, sort), dict(errors))

    def _chosen(self, given: QueryDict) -> list[Column]:
        keys = [key for value in given.getlist("cols") for key in value.split(",") if key]
        if not keys:
            return [column for column in self.columns if column.shown]
        by_key = {column.key: column for column in self.columns}
        for key in keys:
            if key not in by_key:
                raise unknown_parameter(f"cols={key}")
        return [column for column in self.columns if column.key in keys]

    def _sorted(self, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
        if not sort:
            return rows
        column = next((each for each in self.columns if each.key == sort.removeprefix("-")), None)
        if column is None or column.sort is None:
            raise unknown_parameter(f"sort={sort}")
        return rows.order_by(*column.order(descending=sort.startswith("-")), "pk")

    def _page(self, given: QueryDict) -> int:
        text = given.get("page") or "1"
        if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) < 1:
            raise unknown_parameter("page")
        page = int(text)
        if (page - 1) * self.page_size >= LAST_ROW:
            raise Invalid(
                _("只能翻到前 %(rows)s 条，请用筛选条件缩小范围，或导出后查看。") % {"rows": LAST_ROW},
                code="page_too_deep",
            )
        return page

    def _normal(self, given: QueryDict) -> str:
        """The query in its normal form: names in the list's order, empty values and the page number left out."""
        order = [name for each in self.filters for name in each.parameters] + ["sort", "cols"]
        out = QueryDict(mutable=True)
        for name in order:
            values = [value for value in given.getlist(name) if value.strip()]
            if name == "cols":
                values = [",".join(column.key for column in self._chosen(given))] if values else []
            if values:
                out.setlist(name, values)
        return out.urlencode(safe=",")

    # Showing -----------------------------------------------------------------------------------------------------

    def _context(self, request: HttpRequest, actor: Actor, asked: Asked) -> dict[str, Any]:
        start = (asked.page - 1) * self.page_size
        found = self._found(asked, start)
        has_next = len(found) > self.page_size
        found = found[: self.page_size]
        query = self._normal(asked.given)
        controls = [each.control(asked.given, actor, asked.errors.get(each.name, "")) for each in self.filters]
        whole = len(found) if asked.page == 1 and not has_next else None
        last_page = LAST_ROW // self.page_size
        context: dict[str, Any] = {
            "page": self,
            "title": self.title,
            "path": request.path,
            "query": query,
            "controls": controls,
            "is_narrowed": any(control.active for control in controls),
            "errors": asked.errors,
            "heads": self._heads(request.path, asked, query),
            "lines": self._lines(found, asked.columns, actor),
            "count": None if whole is None or self._totals else {"number": whole, "about": False, "totals": []},
            "count_url": _join(request.path, query, part="count"),
            "first_number": start + 1 if found else 0,
            "last_number": start + len(found),
            "page_number": asked.page,
            "previous_url": _join(request.path, query, page=str(asked.page - 1)) if asked.page > 1 else "",
            "next_url": _join(request.path, query, page=str(asked.page + 1)) if has_next else "",
            "is_last_allowed": has_next and asked.page >= last_page,
            "choices": [(column.key, column.label, column in asked.columns) for column in self.columns],
            "kept": _pairs(QueryDict(query), without={"cols"}),
            "kept_for_filters": _pairs(QueryDict(query), only={"sort", "cols"}),
            "tabs": self._tabs(request.path, actor, query),
            "bulk": [each for each in self.bulk if each.duty is None or actor.has(each.duty)],
            "head_actions": [*self.head_actions(actor), *self._imports(actor)],
            "spoken": self.spoken(asked, actor) if not asked.errors else "",
            "now": timezone.now(),
        }
        if asked.page >= last_page:
            context["next_url"] = ""
        if self.summary and not asked.errors:
            context |= self.summary_context(actor, asked)
        return context | self.more_context(actor)

    def _found(self, asked: Asked, start: int) -> list[Any]:
        """The rows of a page and one more.

        An index gives the first page in the list's own order. Any other order, and whatever lies deeper, is looked for
        among identifiers alone, so that the database does not carry whole rows through its sort; then they are fetched.
        """
        places = slice(start, start + self.page_size + 1)
        if not asked.given.get("sort") and not start and not self.keys_first:
            return list(asked.rows[places])
        keys = list(asked.rows.values_list("pk", flat=True)[places])
        rows = {row.pk: row for row in asked.rows.order_by().filter(pk__in=keys)}
        return [rows[key] for key in keys if key in rows]

    def _imports(self, actor: Actor) -> list[tuple[Text, str]]:
        found = [get_register(code) for code in self.imports]
        mine = [entry for entry in found if entry is not None and actor.has(entry.duty)]
        return [
            (_("导入") if len(mine) == 1 else _("导入%(what)s") % {"what": entry.title},
             reverse("exchange:import_new", args=[entry.code]))
            for entry in mine
        ]  # fmt: skip

    @property
    def _totals(self) -> list[Column]:
        return [column for column in self.columns if column.total is not None]

    def _heads(self, path: str, asked: Asked, query: str) -> list[Head]:
        heads = []
        for column in asked.columns:
            state = url = ""
            if column.sort is not None:
                state = {column.key: "ascending", f"-{column.key}": "descending"}.get(asked.sort, "none")
                url = _join(path, query, sort=f"-{column.key}" if state == "ascending" else column.key)
            heads.append(Head(column.key, column.label, column.numeric, column.width, url, state))
        return heads

    def _lines(self, rows: Iterable[Any], columns: Sequence[Column], actor: Actor) -> list[Line]:
        dressed = [(column, _cell_attributes(column, is_first=column is columns[0])) for column in columns]
        return [self._line(row, dressed, actor) for row in rows]

    def _line(self, row: Any, dressed: Iterable[tuple[Column, Any]], actor: Actor) -> Line:
        url = self.url_of(row)
        cells = []
        for column, attributes in dressed:
            html = column.html(row)
            if column.link and url:
                html = format_html('<a href="{}">{}</a>', url, html)
            cells.append(Cell(conditional_escape(html), attributes))
        return Line(str(row.pk), url, cells, self.acts(row, actor) if self.has_acts else "")

    def _tabs(self, path: str, actor: Actor, query: str) -> list[ViewTab]:
        saved = SavedView.objects.of(user_id=actor.user_id, page=self.code)
        tabs = [ViewTab(view.name, _join(path, view.query), view.query == query, str(view.pk)) for view in saved]
        return [ViewTab(_("全部"), path, not query, ""), *tabs]

    def _count(self, request: HttpRequest, actor: Actor, asked: Asked) -> HttpResponse:
        """The second request: how many rows there are, and the totals."""
        plain = asked.rows.order_by()
        # Without what the rows show besides: a count needs none of it.
        number = plain.values("pk")[: EXACT_COUNT + 1].count()
        totals = []
        if self._totals:
            sums = plain.aggregate(**{f"total_{column.key}": column.total for column in self._totals})
            totals = [(column.label, shown_text(sums[f"total_{column.key}"] or 0)) for column in self._totals]
        count = {"number": min(number, EXACT_COUNT), "about": number > EXACT_COUNT, "totals": totals}
        context = {} if wants_part(request) else self._context(request, actor, asked)
        return respond(request, page=self.template, part="web/_list_count.html", context=context | {"count": count})

    def spoken(self, asked: Asked, actor: Actor) -> str:
        """What the list is limited to, in words."""
        said = (each.spoken(asked.given, actor) for each in self.filters)
        return "；".join(text for text in said if text)

    def _export(self, request: HttpRequest, actor: Actor, asked: Asked, *, may_begin: bool) -> HttpResponse:
        """The rows, columns and order on the page, as a spreadsheet; what takes too long is begun in the background."""
        from quancheng.kernel.pages import export

        if asked.rows.order_by()[: EXPORT_ROWS + 1].count() > EXPORT_ROWS:
            if not may_begin:
                raise TooLarge(
                    _("超过%(rows)s条，请用列表上的“导出”按钮在后台导出，或缩小范围。") % {"rows": EXPORT_ROWS},
                    code="export_too_large",
                )
            work = export.begin(actor=actor, page=type(self), query=self._normal(asked.given), now=timezone.now())
            return redirect_to(
                request, work.get_absolute_url(), toast=_("数据较多，已转入后台导出，完成后会收到消息。")
            )
        return export.spreadsheet(
            actor=actor,
            code=self.code,
            title=str(self.title),
            columns=asked.columns,
            rows=list(export.once_each(asked.rows)),
            filters_text=self.spoken(asked, actor),
            demo=is_demo(),
            now=timezone.now(),
        )


#: Every ledger by its code.
_pages: dict[str, type[ListPage]] = {}


def list_page(code: str) -> type[ListPage] | None:
    """The ledger of a code, once the addresses of the house are loaded."""
    return _pages.get(code)


def all_list_pages() -> list[type[ListPage]]:
    return [_pages[code] for code in sorted(_pages)]


def shown_text(value: Any) -> Any:
    """A plain value as people read it: dates as year-month-day, thin grouping of figures, a dash for nothing."""
    if value is None or value == "":
        return format_html('<span class="qc-none">{}</span>', "—")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, int | Decimal):
        return grouped(value)
    return value


def _cell_attributes(column: Column, *, is_first: bool) -> Any:
    """Attributes of a column's cells: class, the label that a phone shows, the place on a phone's card."""
    width = {"wide": "qc-wide", "narrow": "qc-narrow-cell"}.get(column.width, "")
    classes = " ".join(filter(None, ("qc-first" if is_first else "", "qc-num" if column.numeric else "", width)))
    card = format_html(' data-card="{}"', column.card) if column.card else ""
    return format_html(' class="{}" data-label="{}"{}', classes, column.label, card)


def _join(path: str, query: str, **more: str) -> str:
    """An address with the query and some parameters set."""
    given = QueryDict(query, mutable=True)
    for name, value in more.items():
        given[name] = value
    text = given.urlencode(safe=",")
    return f"{path}?{text}" if text else path


def _pairs(
    given: QueryDict, *, without: Iterable[str] = (), only: Iterable[str] | None = None
) -> list[tuple[str, str]]:
    """Parameters as hidden fields keep them."""
    return [
        (name, value)
        for name, values in given.lists()
        if name not in without and (only is None or name in only)
        for value in values
    ]


def _view_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise DomainError(_("没有这个视图。"), code="unknown_view") from None
