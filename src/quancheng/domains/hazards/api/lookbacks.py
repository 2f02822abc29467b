"""Looks back for responsibility for programs: each tells as much as its page tells that reader."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.lookback import LOOKBACK
from quancheng.domains.hazards.models import Conclusion, Lookback
from quancheng.domains.hazards.models.lookbacks import Blamed, Fault, Link, Suggestion
from quancheng.domains.hazards.queries import lookbacks as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import lookbacks as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import list_organisations

router = Router(tags=["hazards"])


class LookbackLineOut(Schema):
    """A look back as a list tells it."""

    id: uuid.UUID
    code: str
    title: str
    finding_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    conducted_by_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    created_at: datetime
    closed_at: datetime | None


class ConclusionOut(Schema):
    """One conclusion: which link failed how, who answers, what is suggested."""

    id: uuid.UUID
    link: str
    fault: str
    level: str
    org_id: uuid.UUID | None
    who: str
    suggestion: str
    evidence: str


class FrozenOut(Schema):
    """A record as it stood when the look back was opened; ``changed`` where it is gone or reads otherwise now."""

    kind: str
    id: uuid.UUID
    at: datetime
    zh: str
    en: str
    digest: str
    changed: bool


class LookbackOut(LookbackLineOut):
    """``reason``, ``text`` and the frozen records are told to who conducts it; the blamed read their conclusions."""

    causes: list[str]
    conclusions: list[ConclusionOut]
    reason: str
    text: str
    frozen_digest: str
    frozen: list[FrozenOut]


class LookbacksIn(Paging):
    status: str = one_of(LOOKBACK.codes)
    enterprise_id: uuid.UUID | None = None
    finding_id: uuid.UUID | None = None


class LookbackIn(Strict):
    reason: str = Field(min_length=1, max_length=500)
    accident: str = Field("", max_length=200, description="the accident it led to, where it did")


class ConclusionIn(Strict):
    link: str = one_of(Link.values, default=None)
    fault: str = one_of(Fault.values, default=None)
    level: str = one_of(Blamed.values, default=None)
    org_id: uuid.UUID | None = Field(None, description="with a unit or an authority")
    who: str = Field(min_length=1, max_length=120)
    suggestion: str = one_of(Suggestion.values, default=None)
    evidence: str = Field(min_length=1, max_length=2000)


class LookbackActIn(Strict):
    act: str = one_of(("submit", "approve", "return", "drop"), default=None)
    text: str = Field("", max_length=4000, description="what it comes to, or the reason; approve needs none")


@router.get("/lookbacks", response={200: Page[LookbackLineOut], **REFUSALS}, operation_id="list_lookbacks",
            summary="Looks back that the actor may see, open ones first")  # fmt: skip
def list_lookbacks(request: HttpRequest, given: Query[LookbacksIn]) -> dict[str, Any]:
    asked = {"status": given.status, "file": given.enterprise_id, "finding": given.finding_id}
    return page_of(narrowed(queries.list_lookbacks(actor=actor_of(request)), asked), given)


@router.get("/lookbacks/{uuid:pk}", response={200: LookbackOut, **REFUSALS}, operation_id="get_lookback",
            summary="One look back, as far as the actor may read it")  # fmt: skip
def get_lookback(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor = actor_of(request)
    return _told(actor, queries.get_lookback(actor=actor, lookback_id=pk))


@router.post("/findings/{uuid:pk}/lookback", response={201: LookbackOut, **REFUSALS}, operation_id="open_lookback",
             summary="Open a look back; the records are frozen")  # fmt: skip
def open_lookback(request: HttpRequest, pk: uuid.UUID, payload: LookbackIn) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    finding = get_finding(actor=actor, finding_id=pk)

    def make() -> uuid.UUID:
        return services.open_lookback(
            actor=actor, finding=finding, reason=payload.reason, accident=payload.accident, now=timezone.now()
        ).pk

    body = {"finding": pk, **payload.dict()}
    made = only_once(request, actor=actor, act="hazards.lookback.open", body=body, make=make)
    return Status(201, _told(actor, queries.get_lookback(actor=actor, lookback_id=made)))


@router.post("/lookbacks/{uuid:pk}/conclusions", response={201: ConclusionOut, **REFUSALS},
             operation_id="conclude_lookback", summary="Add a conclusion to an open look back")  # fmt: skip
def conclude_lookback(request: HttpRequest, pk: uuid.UUID, payload: ConclusionIn) -> Status[Conclusion]:
    actor, now = actor_of(request), timezone.now()
    row = queries.get_lookback(actor=actor, lookback_id=pk)
    told = payload.dict(exclude={"org_id"})

    def make() -> uuid.UUID:
        org = among(list_organisations(actor=actor), payload.org_id, "org_id")
        return services.conclude(actor=actor, row=row, spec=services.ConclusionSpec(org=org, **told), now=now).pk

    body = {"lookback": pk, **payload.dict()}
    made = only_once(request, actor=actor, act="hazards.lookback.conclude", body=body, make=make)
    found = next((one for one in queries.conclusions_of(row, actor=actor) if one.pk == made), None)
    if found is None:
        raise Conflict(_("该认定已撤回。"), code="taken_back")
    return Status(201, found)


@router.post("/lookbacks/{uuid:pk}/acts", response={200: LookbackOut, **REFUSALS}, operation_id="act_on_lookback",
             summary="Submit, approve, return or drop a look back")  # fmt: skip
def act_on_lookback(request: HttpRequest, pk: uuid.UUID, payload: LookbackActIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_lookback(actor=actor, lookback_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
    if payload.act == "submit":
        services.submit_lookback(**common, text=payload.text)
    elif payload.act == "approve":
        services.approve_lookback(**common)
    else:
        services.end_lookback(**common, name=payload.act, reason=payload.text)
    return _told(actor, row)


def _told(actor: Actor, row: Lookback) -> dict[str, Any]:
    """What the page would tell this reader."""
    line = {name: getattr(row, name) for name in ("id", "code", "title", "finding_id", "status", "created_at",
                                                  "closed_at")}  # fmt: skip
    ours = actor.organisation_id == row.owner_org_id
    changed = set(queries.changed_since(row)) if ours else set()
    frozen = [{**one, "changed": one["id"] in changed} for one in row.frozen] if ours else []
    return {
        **line, "file_id": row.file_id, "owner_org_id": row.owner_org_id,
        "causes": [one.trigger for one in queries.causes_told(row)],
        "conclusions": list(queries.conclusions_of(row, actor=actor)), "reason": row.reason if ours else "",
        "text": row.text if ours else "", "frozen_digest": row.frozen_digest if ours else "", "frozen": frozen,
    }  # fmt: skip
