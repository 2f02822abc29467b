"""Who is asking."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Schema

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.rest import REFUSALS
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["me"])


class MeOut(Schema):
    """The actor of this request: a person's place in an organisation, and what it may do."""

    user_id: uuid.UUID
    name: str
    organisation_id: uuid.UUID | None
    organisation: str
    membership_id: uuid.UUID | None
    duties: list[str]
    links: list[str]
    general: bool
    supervises: bool
    whole_district: bool
    is_chief: bool
    administrator: str


@router.get("/me", response={200: MeOut, **REFUSALS}, operation_id="get_me", summary="Who am I")
def me(request: HttpRequest) -> dict[str, object]:
    actor: Actor = actor_of(request)
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "organisation_id": actor.organisation_id,
        "organisation": actor.organisation_name,
        "membership_id": actor.membership_id,
        "duties": sorted(actor.duties),
        "links": sorted(actor.links),
        "general": actor.general,
        "supervises": actor.supervises,
        "whole_district": actor.whole_district,
        "is_chief": actor.is_chief,
        "administrator": actor.administrator,
    }
