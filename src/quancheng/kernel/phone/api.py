"""REST operations of the phone: who is signed in, the key of his notes, his pack."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.exchange.rest import REFUSALS, Strict
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.phone.parts import pack_for
from quancheng.kernel.phone.services import KEPT_DAYS, DeviceTime, key_for

router = Router(tags=["phone"])


class DeviceIn(Strict):
    """The device's own clock, so that a wrong one is found: when the act was made, and when it was sent."""

    made_at: AwareDatetime
    sent_at: AwareDatetime

    def time(self, now: datetime) -> DeviceTime:
        return DeviceTime.told(made_at=self.made_at, sent_at=self.sent_at, now=now)


class SessionOut(Schema):
    """Who is signed in on this browser. ``csrf`` goes into the header ``X-CSRFToken`` of what it writes."""

    user_id: uuid.UUID
    name: str
    organisation: str
    duties: list[str]
    csrf: str
    server_now: datetime


class KeyIn(Strict):
    device: uuid.UUID = Field(description="made by the device when it was first used")


class KeyOut(Schema):
    """A key for AES-256-GCM, base64. The device may keep it, not to be read out, for ``kept_days`` days."""

    key: str
    kept_days: int


@router.get("/session", response={200: SessionOut, **REFUSALS}, operation_id="get_phone_session",
            summary="Who is signed in, and the server's time")  # fmt: skip
def session(request: HttpRequest, answer: HttpResponse) -> dict[str, Any]:
    answer.headers["Cache-Control"] = "no-store"
    actor = actor_of(request)
    if actor.user_id is None:
        raise NotPermitted
    return {
        "user_id": actor.user_id, "name": actor.name, "organisation": actor.organisation_name,
        "duties": sorted(actor.duties), "csrf": get_token(request), "server_now": timezone.now(),
    }  # fmt: skip


@router.post("/key", response={200: KeyOut, **REFUSALS}, operation_id="get_device_key",
             summary="The key of one's own notes on a device; for somebody signed in, not for a token")  # fmt: skip
def key(request: HttpRequest, payload: KeyIn, answer: HttpResponse) -> dict[str, Any]:
    answer.headers["Cache-Control"] = "no-store"
    if request.headers.get("Authorization"):
        raise NotPermitted
    found = key_for(actor=actor_of(request), device=payload.device, now=timezone.now())
    return {"key": base64.b64encode(found).decode(), "kept_days": KEPT_DAYS}


@router.get("/pack", response={200: dict[str, Any], 304: None, **REFUSALS}, operation_id="get_phone_pack",
            summary="What may be taken along: owed steps, places, checklists; 304 where the tag holds")  # fmt: skip
def pack(request: HttpRequest) -> HttpResponse:
    whole, tag = pack_for(actor=actor_of(request), now=timezone.now())
    quoted = f'"{tag}"'
    if request.headers.get("If-None-Match") == quoted:
        return HttpResponse(status=304, headers={"ETag": quoted})
    body = b'{"tag": "%s", "parts": %s}' % (tag.encode(), whole)
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["ETag"] = quoted
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer
