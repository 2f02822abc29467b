"""The way out of who has no licence or no safe conditions any more."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import files_named
from quancheng.domains.registry.loops.licence import LICENCE_EXIT
from quancheng.domains.registry.models import LicenceExit
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import licences as queries
from quancheng.domains.registry.services import expiry as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class ExitOut(Schema):
    """An exit; ``licence_id`` is null where it was opened for unsafe conditions."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    supervisor_id: uuid.UUID = Field(alias="owner_org_id")
    licence_id: uuid.UUID | None
    title: str
    reason: str
    status: str
    created_at: datetime
    closed_at: datetime | None


class ExitsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(LICENCE_EXIT.codes)


class ExitIn(Strict):
    """``evidence`` names files uploaded before."""

    reason: str = Field(min_length=1, max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class ExitStepIn(Strict):
    """``evidence`` is asked for with an order, a check and a decision."""

    text: str = Field(min_length=1, max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


@router.get(
    "/licence-exits",
    response={200: Page[ExitOut], **REFUSALS},
    operation_id="list_licence_exits",
    summary="Exits that the actor may see",
)
def list_exits(request: HttpRequest, given: Query[ExitsIn]) -> dict[str, Any]:
    asked = {"file": given.enterprise_id, "status": given.status}
    return page_of(narrowed(queries.list_exits(actor=actor_of(request)), asked), given)


@router.get(
    "/licence-exits/{uuid:pk}",
    response={200: ExitOut, **REFUSALS},
    operation_id="get_licence_exit",
    summary="One exit",
)
def get_exit(request: HttpRequest, pk: uuid.UUID) -> LicenceExit:
    return queries.get_exit(actor=actor_of(request), exit_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/licence-exits",
    response={201: ExitOut, **REFUSALS},
    operation_id="open_licence_exit",
    summary="Open the exit of an enterprise that does not meet the conditions for safe production",
)
def open_exit(request: HttpRequest, pk: uuid.UUID, payload: ExitIn) -> Status[LicenceExit]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)

    def make() -> uuid.UUID:
        return services.open_exit(actor=actor, file=file, now=timezone.now(), **payload.dict()).pk

    body = {"file": str(pk), **payload.model_dump(mode="json")}
    with files_named():
        made = only_once(request, actor=actor, act="registry.exit.open", body=body, make=make)
    return Status(201, queries.get_exit(actor=actor, exit_id=made))


@router.post(
    "/licence-exits/{uuid:pk}/{act}",
    response={200: ExitOut, **REFUSALS},
    operation_id="move_licence_exit",
    summary="Move an exit on: order, check, close, revoke, resume, drop",
)
def move_exit(
    request: HttpRequest,
    pk: uuid.UUID,
    act: Literal["order", "check", "close", "revoke", "resume", "drop"],
    payload: ExitStepIn,
) -> LicenceExit:
    actor = actor_of(request)
    row = queries.get_exit(actor=actor, exit_id=pk)
    with files_named():
        services.move_exit(
            actor=actor, row=row, name=act, text=payload.text, evidence=payload.evidence, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip
    return queries.get_exit(actor=actor, exit_id=pk)
