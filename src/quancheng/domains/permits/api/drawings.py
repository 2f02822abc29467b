"""Drawings of pipes read over REST: the list, and one with the points upon it, each in the state of the register."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.permits.queries import drawings as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class DrawingsIn(Paging):
    """Which drawings are wanted; ``is_current``: editions in use alone, or all others."""

    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    is_current: bool | None = None


class DrawingOut(Schema):
    """One edition of a drawing of pipes; lengths in pixels of its picture. ``is_current``: it was not ended, and no
    newer edition stands; ``spot_count``: points upon it that did not end."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID | None
    number: str
    title: str
    edition_date: date
    ended_date: date | None
    is_current: bool
    width_px: int
    height_px: int
    spot_count: int
    added_at: datetime


class DrawingSpotOut(Schema):
    """Where a point of isolation lies, from the upper left corner, and its state in the register now; whoever placed it
    is not named."""

    isolation_id: uuid.UUID
    tag: str
    device: str
    status: str
    x: int
    y: int
    set_at: datetime


class DrawingWholeOut(DrawingOut):
    """One drawing with its points, ended ones too; ``picture_id`` is what ``GET /files/{id}`` takes."""

    picture_id: uuid.UUID | None
    spots: list[DrawingSpotOut]


@router.get(
    "/drawings",
    response={200: Page[DrawingOut], **REFUSALS},
    operation_id="list_pipe_drawings",
    summary="Drawings of pipes, the newest edition first",
)
def list_pipe_drawings(request: HttpRequest, given: Query[DrawingsIn]) -> dict[str, Any]:
    rows = queries.counted(queries.list_drawings(actor=actor_of(request)))
    asked = {"file": given.enterprise_id, "unit": given.unit_id, "is_current": given.is_current}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/drawings/{uuid:pk}",
    response={200: DrawingWholeOut, **REFUSALS},
    operation_id="get_pipe_drawing",
    summary="One drawing of pipes, with the points upon it in their states",
)
def get_pipe_drawing(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = queries.get_drawing(actor=actor_of(request), drawing_id=pk)
    spots, link = queries.spots_of(row), queries.picture_of(row)
    told = {name: getattr(row, name) for name in DrawingOut.model_fields if name != "spot_count"}
    return told | {
        "spot_count": sum(not one.point.is_closed for one in spots), "picture_id": link and link.pk,
        "spots": [
            {"isolation_id": one.point_id, "tag": one.point.tag, "device": one.point.device,
             "status": one.point.status, "x": one.x, "y": one.y, "set_at": one.set_at}
            for one in spots
        ],
    }  # fmt: skip
