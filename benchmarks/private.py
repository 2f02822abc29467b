"""A server of a benchmark's own: made, pointed at, swept as the server would sweep it, and thrown away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.harness import Result

SIZE = "size of the database"


@dataclass(frozen=True)
class Private:
    """A private server and the database on it."""

    server: Any
    name: str

    def analyse(self, result: Result) -> float:
        """What the server's own housekeeping would have done by then; answers how many seconds it took.

        The size is told once.
        """
        began = time.perf_counter()
        with self.server.connect(database=self.name) as link:
            link.execute("VACUUM ANALYZE")
            took = time.perf_counter() - began
            size = link.execute("SELECT pg_database_size(current_database())").fetchone()
        if not any(figure.name == SIZE for figure in result.figures):
            result.add(SIZE, float(size[0]) / 2**20 if size else 0.0, "MB")
        return took


@contextmanager
def private_server() -> Iterator[Private]:
    """Django works on a server that nobody else has, until the end."""
    from tests.support.engines import Run

    from quancheng.runtime.cli import set_up_django

    set_up_django()
    place = Run.begin()
    try:
        server = place.server()
        yield Private(server, _point_django_at(place, server))
    finally:
        from django.db import connections

        connections.close_all()
        place.finish()


def _point_django_at(place: Any, server: Any) -> str:
    from django.conf import settings
    from django.db import connections

    from quancheng.runtime import databases

    name: str = place.clone(server)
    mine = databases.embedded_settings(
        folder=server.socket_folder, user=databases.APP, password=server.password(databases.APP), name=name
    )
    mine["OPTIONS"] = {"options": f"{databases.GUARDS} {databases.OF_PAGES}"}
    connections["default"].settings_dict.update(mine)
    # Nothing may touch the checkout's own state folder, and the client speaks under this name.
    own = place.folder / "bench"
    settings.VAR_DIR = own
    settings.SECRETS_DIR = own / "secrets"
    settings.ROOTS_DIR = own / "roots"
    settings.FILES_URL = (own / "files").as_uri()
    own.mkdir()
    return name
