"""Programs that use the REST operations of ``duty``."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.tokens.services import create_token

BASE = "/api/v1/duty"


class Program:
    """A program that acts by a token of the actor's, with all his duties unless given others."""

    def __init__(self, actor: Actor, duties: list[str] | None = None) -> None:
        given = actor.duties if duties is None else duties
        made = create_token(actor=actor, name="程序", duties=given, can_write=True, days=1, now=timezone.now())
        self.client = Client(headers={"Authorization": f"Bearer {made.secret}"})

    def get(self, path: str, base: str = BASE, **query: Any) -> Any:
        return self.client.get(base + path, query)

    def post(self, path: str, body: object = None, *, key: object = None) -> Any:
        headers = {"Idempotency-Key": str(key)} if key else None
        content = json.dumps({} if body is None else body, default=str)
        return self.client.post(BASE + path, content, content_type="application/json", headers=headers)

    def done(self, path: str, body: object = None, *, key: object = None) -> Any:
        """The answer to an act that must succeed."""
        answer = self.post(path, body, key=key)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def ids(self, path: str, **query: Any) -> list[str]:
        """Identifiers of the rows of a list."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content.decode()
        return [one["id"] for one in answer.json()["items"]]
