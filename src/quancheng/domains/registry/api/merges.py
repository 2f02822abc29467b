"""Two files of one enterprise joined, and taken apart again."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from quancheng.domains.registry.models import EnterpriseMerge
from quancheng.domains.registry.queries.census import get_merge as read_merge
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services import merging
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Strict, only_once
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class MergeOut(Schema):
    """A merge: which file stays, which is retired. ``moved`` and ``stayed`` count rows by kind."""

    id: uuid.UUID
    kept_id: uuid.UUID
    retired_id: uuid.UUID
    reason: str
    by_name: str
    at: datetime
    moved: dict[str, int]
    stayed: dict[str, int]
    undone_at: datetime | None
    undone_reason: str

    @staticmethod
    def resolve_moved(row: EnterpriseMerge) -> dict[str, int]:
        return {key: len(pks) for key, pks in row.moved.items()}


class MergeIn(Strict):
    double_id: uuid.UUID = Field(description="the file that is retired into the one of the address")
    reason: str = Field(min_length=1, max_length=500)


class MergeUndoIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


@router.post(
    "/enterprises/{uuid:pk}/merge",
    response={201: MergeOut, **REFUSALS},
    operation_id="merge_enterprises",
    summary="Retire another file as the double of this one; whatever hangs on it moves",
)
def merge(request: HttpRequest, pk: uuid.UUID, payload: MergeIn) -> Status[EnterpriseMerge]:
    actor = actor_of(request)
    kept = get_enterprise(actor=actor, file_id=pk)
    try:
        double = get_enterprise(actor=actor, file_id=payload.double_id)
    except NotFound as absent:
        raise Invalid(fields={"double_id": absent.message}) from absent

    def make() -> uuid.UUID:
        try:
            return merging.merge_files(
                actor=actor, kept=kept, double=double, reason=payload.reason, now=timezone.now()
            ).pk
        except Invalid as refused:
            refused.fields = {f"{key}_id" if key == "double" else key: said for key, said in refused.fields.items()}
            raise

    body = {"kept": str(pk), **payload.model_dump(mode="json")}
    made = only_once(request, actor=actor, act="registry.enterprise.merge", body=body, make=make)
    return Status(201, read_merge(actor=actor, merge_id=made))


@router.get("/merges/{uuid:pk}", response={200: MergeOut, **REFUSALS}, operation_id="get_merge", summary="One merge")
def get_merge(request: HttpRequest, pk: uuid.UUID) -> EnterpriseMerge:
    return read_merge(actor=actor_of(request), merge_id=pk)


@router.post(
    "/merges/{uuid:pk}/undo",
    response={200: MergeOut, **REFUSALS},
    operation_id="undo_merge",
    summary="Take two files apart again",
)
def undo(request: HttpRequest, pk: uuid.UUID, payload: MergeUndoIn) -> EnterpriseMerge:
    actor = actor_of(request)
    row = read_merge(actor=actor, merge_id=pk)

    def make() -> uuid.UUID:
        return merging.undo_merge(actor=actor, merge=row, reason=payload.reason, now=timezone.now()).pk

    body = {"merge": str(pk), **payload.model_dump(mode="json")}
    only_once(request, actor=actor, act="registry.enterprise.unmerge", body=body, make=make)
    return read_merge(actor=actor, merge_id=pk)
