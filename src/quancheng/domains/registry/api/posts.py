"""Posts by law: who holds them in one enterprise, and which are empty."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from quancheng.domains.registry.models import PostHolder
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries.posts import PostRow, get_holder, posts
from quancheng.domains.registry.queries.rights import Rights
from quancheng.domains.registry.services import posts as services
from quancheng.kernel.exchange.rest import REFUSALS, Strict, one_of, only_once
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class HolderOut(Schema):
    id: uuid.UUID
    post: str
    name: str
    certificate_no: str
    valid_to: date | None
    since_date: date | None


class PostOut(Schema):
    """One post: how many must hold it (null where nobody need), how many are lacking; in doubt it is no gap."""

    post: str
    basis: str
    needed: int | None
    lacking: int
    is_gap: bool
    doubts: list[str]
    holders: list[HolderOut]


class HolderIn(Strict):
    post: str = one_of(posts(), default=None)
    name: str = Field(min_length=1, max_length=60)
    certificate_no: str = Field("", max_length=80)
    valid_to: date | None = None
    since_date: date | None = None


def _plain(row: PostRow) -> dict[str, Any]:
    doubts = row.requirement.doubts if row.requirement else ()
    return {
        "post": row.post.code, "basis": row.post.basis, "needed": row.requirement.count if row.requirement else None,
        "lacking": row.lacking, "is_gap": row.is_gap, "doubts": [doubt.zh for doubt in doubts],
        "holders": list(row.holders),
    }  # fmt: skip


@router.get(
    "/enterprises/{uuid:pk}/posts",
    response={200: list[PostOut], **REFUSALS},
    operation_id="list_posts",
    summary="Posts that law asks of an enterprise, with who holds them",
)
def list_posts(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    rights = Rights(files.get_enterprise(actor=actor_of(request), file_id=pk), timezone.localdate())
    return [_plain(row) for row in rights.posts]


@router.post(
    "/enterprises/{uuid:pk}/posts",
    response={201: HolderOut, **REFUSALS},
    operation_id="name_post_holder",
    summary="Name somebody who holds a post by law",
)
def name_post_holder(request: HttpRequest, pk: uuid.UUID, payload: HolderIn) -> Status[PostHolder]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)

    def make() -> uuid.UUID:
        return services.name_holder(actor=actor, file=file, now=timezone.now(), **payload.dict()).pk

    body = {"file": str(file.pk), **payload.model_dump(mode="json")}
    made = only_once(request, actor=actor, act="registry.post.name", body=body, make=make)
    return Status(201, get_holder(file=file, holder_id=made))
