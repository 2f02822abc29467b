"""Posts of enterprises for programs. Who holds them is not told: names stay on the pages."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Post
from quancheng.domains.risk.queries import posts as queries
from quancheng.domains.risk.services import posts as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])


class WorkPostOut(Schema):
    """A post of an enterprise; ``held_by`` is how many people hold it now."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    name: str
    layer: str
    department: str
    is_key: bool
    held_by: int
    version: int
    ended_date: date | None

    @staticmethod
    def resolve_held_by(obj: Any) -> int:
        return len(getattr(obj, "now_there", ()))


class WorkPostsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    layer: str = one_of(Layer.values)


class WorkPostIn(Strict):
    name: str = Field(min_length=1, max_length=80)
    layer: str = one_of(Layer.values, default=None)
    department: str = Field("", max_length=120)
    is_key: bool = False


@router.get("/posts", response={200: Page[WorkPostOut], **REFUSALS}, operation_id="list_work_posts",
            summary="Posts of the enterprises that the actor may see")  # fmt: skip
def list_work_posts(request: HttpRequest, given: Query[WorkPostsIn]) -> dict[str, Any]:
    rows = queries.list_posts(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "layer": given.layer}), given)


@router.post("/enterprises/{uuid:pk}/posts", response={201: WorkPostOut, **REFUSALS}, operation_id="enter_work_post",
             summary="Enter a post")  # fmt: skip
def enter_work_post(request: HttpRequest, pk: uuid.UUID, payload: WorkPostIn) -> Status[Post]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    made = services.enter_post(
        actor=actor, file=file, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)
