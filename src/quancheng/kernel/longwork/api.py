"""One's own long work for machines: list, one, cancel, the file that came of it; and a list's export."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, client_id_of, page_of
from quancheng.kernel.files.queries import open_file
from quancheng.kernel.files.views import answer_with
from quancheng.kernel.longwork import queries, services
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.once import once
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["long work"])
prefix = "/long-work"


class WorkOut(Schema):
    """A piece of long work; ``state`` is waiting, running, done, failed or cancelled."""

    id: uuid.UUID
    kind: str
    title: str
    state: str
    done: int = Field(description="units done so far, of the work's own kind: rows, mostly")
    total: int | None = Field(description="null as long as it is not known")
    message: str
    link: str = Field(description="the page on which the result stands, where it is no file")
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None = Field(description="when the file is deleted; null where there is none")


class WorkIn(Paging):
    open: bool = Field(False, description="only what waits or runs")


@router.get("", response={200: Page[WorkOut], **REFUSALS}, operation_id="list_long_work", summary="Mine, latest first")
def mine(request: HttpRequest, given: Query[WorkIn]) -> dict[str, object]:
    rows = queries.list_work(actor=actor_of(request))
    return page_of(rows.open() if given.open else rows, given)  # type: ignore[attr-defined]


@router.get("/{uuid:pk}", response={200: WorkOut, **REFUSALS}, operation_id="get_long_work", summary="How far it is")
def one(request: HttpRequest, pk: uuid.UUID) -> LongWork:
    return queries.get_work(actor=actor_of(request), work_id=pk)


@router.post(
    "/{uuid:pk}/cancel", response={200: WorkOut, **REFUSALS}, operation_id="cancel_long_work", summary="Cancel it"
)
def cancel(request: HttpRequest, pk: uuid.UUID) -> LongWork:
    actor, now = actor_of(request), timezone.now()
    work = queries.get_work(actor=actor, work_id=pk)

    def act() -> uuid.UUID:
        return services.cancel_work(actor=actor, work=work, now=now).pk

    once(actor=actor, client_id=client_id_of(request), act="longwork.cancel", body={"work": pk}, now=now, make=act)
    return queries.get_work(actor=actor, work_id=pk)


@router.get(
    "/{uuid:pk}/file", response={200: None, **REFUSALS}, operation_id="read_long_work_file", summary="What came of it"
)
def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """As a download; 404 before the end, and after the file was deleted."""
    actor = actor_of(request)
    link = queries.result_of(queries.get_work(actor=actor, work_id=pk))
    if link is None:
        raise NotFound
    return answer_with(request, open_file(actor=actor, link_id=link.pk), inline=False)
