"""The trial provider of identities, running beside a test, and the house set to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from tests.factories import house_actor

from quancheng.kernel.people import security
from quancheng.runtime.oidc_provider import CLIENT, SECRET, Provider


@contextmanager
def trial_provider(**people: str) -> Iterator[Provider]:
    """On a free port of loopback, with these subjects and names; nothing that was cached of another one."""
    cache.clear()
    server = Provider(0, {subject: {"name": name} for subject, name in people.items()})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def use_provider(server: Provider, **more: Any) -> None:
    """The house takes it into use."""
    given: dict[str, Any] = {
        "is_enabled": True,
        "name": "统一身份认证",
        "issuer": server.issuer,
        "client_id": CLIENT,
        "secret": SECRET,
        "scope": "openid profile",
        "subject_claim": "sub",
        "vouching": [],
        "creates_accounts": False,
        "forbids_password": False,
    }
    security.set_provider(actor=house_actor(), now=timezone.now(), **{**given, **more})
