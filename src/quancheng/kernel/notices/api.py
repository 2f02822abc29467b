"""One's own notices for machines."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, page_of
from quancheng.kernel.notices import queries, services, texts
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["notices"])


class NoticeOut(Schema):
    """One notice, worded in the language of the request."""

    id: uuid.UUID
    kind: str
    text: str
    subject_type: str
    subject_id: uuid.UUID | None
    created_at: datetime
    read_at: datetime | None

    @staticmethod
    def resolve_text(row: Notice) -> str:
        return texts.sentence_of(row.kind, row.data)


class NoticesIn(Paging):
    unread: bool = Field(False, description="only those not read yet")


@router.get(
    "", response={200: Page[NoticeOut], **REFUSALS}, operation_id="list_notices", summary="My notices, latest first"
)
def notices(request: HttpRequest, given: Query[NoticesIn]) -> dict[str, object]:
    rows = queries.list_notices(actor=actor_of(request))
    return page_of(rows.unread() if given.unread else rows, given)  # type: ignore[attr-defined]


@router.post(
    "/{uuid:pk}/read", response={200: NoticeOut, **REFUSALS}, operation_id="read_notice", summary="Mark one as read"
)
def read(request: HttpRequest, pk: uuid.UUID) -> Notice:
    actor = actor_of(request)
    notice = queries.get_notice(actor=actor, notice_id=pk)
    return services.read_notice(actor=actor, notice=notice, now=timezone.now())
