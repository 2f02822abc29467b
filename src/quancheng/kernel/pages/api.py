"""Any list of the house as a spreadsheet, for machines: made in the background, fetched when it is done."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.exchange.rest import REFUSALS, Strict, client_id_of
from quancheng.kernel.longwork.api import WorkOut
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.pages import export
from quancheng.kernel.pages.lists import all_list_pages
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["exports"])
prefix = "/exports"


class ListOut(Schema):
    """A list that may be exported; ``parameters`` are those of its address, ``columns`` the values of ``cols``."""

    code: str
    title: str
    parameters: list[str]
    columns: list[str]


class ExportIn(Strict):
    list: str = Field(description="code of the list, out of GET /exports/lists")
    query: str = Field("", max_length=4000, description="as in the list's address: filters, sort, cols")


@router.get("/lists", response={200: list[ListOut], **REFUSALS}, operation_id="list_exportable", summary="My lists")
def lists(request: HttpRequest) -> list[ListOut]:
    actor, found = actor_of(request), []
    export.load_pages()
    for page in all_list_pages():
        try:
            page().admit(actor)
            page().queryset(actor)
        except NotPermitted:
            continue
        parameters = [name for each in page.filters for name in each.parameters]
        columns = [column.key for column in page.columns]
        found.append(ListOut(code=page.code, title=str(page.title), parameters=parameters, columns=columns))
    return found


@router.post("", response={202: WorkOut, **REFUSALS}, operation_id="start_export", summary="Export a list")
def start(request: HttpRequest, payload: ExportIn) -> Status[LongWork]:
    """Begun in the background: ask /long-work/{id} how far it is, then fetch /long-work/{id}/file."""
    actor = actor_of(request)
    page = export.page_of_code(payload.list)()
    page.admit(actor)
    asked = page.read(QueryDict(payload.query), actor)
    if asked.errors:
        raise Invalid(_("查询条件有误。"), fields={f"query.{name}": text for name, text in asked.errors.items()})
    work = export.begin(
        actor=actor, page=type(page), query=payload.query, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(202, work)
