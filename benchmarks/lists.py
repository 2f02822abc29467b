"""Lists, object pages, search and export with 100,000 tasks in the hands of units; writing a million rows by COPY.

A private server is filled with the demo district, multiplied until it holds that many assignments (tasks in the hands
of a unit); ``--scale 6`` gives as many tasks besides. Server time is from the request's entry to the last byte of the
answer, in process, through all middleware, as the application's role; each page is asked once to warm up and then
``rounds`` times, of which the 95th percentile counts. The page of a plan is left out: the copies hang on the demo's two
plans, and no plan has nine thousand tasks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import Result, Settings, percentile

ASSIGNMENTS = 100_000
ROUNDS = 40
TARGET_MS = 100.0
MOST_QUERIES = 15
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def run(settings: Settings) -> Result:
    """Fill, then ask; everything is thrown away at the end."""
    from tests.support.engines import Run

    from quancheng.runtime.cli import set_up_django

    set_up_django()
    result = Result()
    place = Run.begin()
    try:
        name = _point_django_at(place)
        _fill(result, settings)
        with place.server().connect(database=name) as link:
            began = time.perf_counter()
            link.execute("VACUUM ANALYZE")
            result.add("VACUUM ANALYZE afterwards", time.perf_counter() - began, "s")
            size = link.execute("SELECT pg_database_size(current_database())").fetchone()
            result.add("size of the database", float(size[0]) / 2**20 if size else 0.0, "MB")
        _ask_pages(result, settings.rounds or ROUNDS)
        _export(result)
    finally:
        from django.db import connections

        connections.close_all()
        place.finish()
    return result


def _point_django_at(place: Any) -> str:
    from django.conf import settings
    from django.db import connections

    from quancheng.runtime import databases

    server = place.server()
    name: str = place.clone(server)
    mine = databases.embedded_settings(
        folder=server.socket_folder, user=databases.APP, password=server.password(databases.APP), name=name
    )
    connections["default"].settings_dict.update(mine)
    # Nothing may touch the checkout's own state folder, and the client speaks under this name.
    own = place.folder / "bench"
    settings.VAR_DIR = own
    settings.SECRETS_DIR = own / "secrets"
    settings.ROOTS_DIR = own / "roots"
    settings.FILES_URL = (own / "files").as_uri()
    own.mkdir()
    return name


def _fill(result: Result, settings: Settings) -> None:
    from django.db import connection, transaction

    from quancheng.domains.duty import scale
    from quancheng.domains.duty.models import Assignment, Task
    from quancheng.runtime import demo

    began = time.perf_counter()
    demo.load(seed=1, now=NOW)
    result.add("demo district", time.perf_counter() - began, "s")
    factor = -(-ASSIGNMENTS * settings.scale // Assignment.objects.filter(task__origin="plan").count())
    began = time.perf_counter()
    with transaction.atomic():
        rows = scale.multiply(scale=factor)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    seconds = time.perf_counter() - began
    result.add(f"{rows:,} rows by COPY, checked", seconds, "s")
    result.add("a million rows by COPY", seconds * 1e6 / rows, "s", at_most=120)
    result.add("tasks", Task.objects.count(), "rows")
    result.add("assignments", Assignment.objects.count(), "rows")


def _ask_pages(result: Result, rounds: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from tests.support.signing import signed_in

    from quancheng.domains.duty.models import Assignment, Instalment, Task
    from quancheng.kernel.people.models import Membership

    clients = {
        username: signed_in(Membership.objects.get(user__username=username))
        for username in ("office", "officer", "emb", "street1")
    }
    task, assignment = Task.objects.order_by("pk")[5000], Assignment.objects.order_by("pk")[5000]
    instalment = Instalment.objects.order_by("pk")[500]
    pages = [
        ("Today, office", "office", "/"),
        ("Today, department", "emb", "/"),
        ("tasks", "office", "/duty/tasks"),
        ("tasks, page 150", "office", "/duty/tasks?page=150"),
        ("tasks, as a street", "street1", "/duty/tasks"),
        ("assignments", "office", "/duty/assignments"),
        ("assignments, count", "office", "/duty/assignments?part=count"),
        ("assignments, by state", "office", "/duty/assignments?status=IN_PROGRESS"),
        ("assignments, searched", "office", "/duty/assignments?q=运输"),
        ("assignments, sorted by unit", "office", "/duty/assignments?sort=org"),
        ("own assignments, department", "emb", "/duty/own"),
        ("task", "office", f"/duty/tasks/{task.pk}"),
        ("assignment", "office", f"/duty/assignments/{assignment.pk}"),
        ("instalment", "office", f"/duty/instalments/{instalment.pk}"),
        ("search box", "office", "/search?q=运输"),
    ]
    for name, who, address in pages:
        client = clients[who]
        ask = _asker(client, address)
        with CaptureQueriesContext(connection) as captured:
            status = ask()
            # Counted here: the next request empties the list.
            asked = len(captured)
        if status != 200:
            result.notes.append(f"{name} ({address}) answers {status} and was not measured")
            continue
        spent = []
        for _ in range(rounds):
            began = time.perf_counter()
            ask()
            spent.append((time.perf_counter() - began) * 1000)
        result.add(f"{name}: p95", percentile(spent, 0.95), "ms", at_most=TARGET_MS)
        result.add(f"{name}: queries", asked, "", at_most=MOST_QUERIES)


def _asker(client: Any, address: str) -> Callable[[], int]:
    def ask() -> int:
        part = {"HTTP_HX_REQUEST": "true"} if "part=" in address else {}
        answer = client.get(address, HTTP_HOST="localhost", **part)
        _ = answer.content
        return int(answer.status_code)

    return ask


def _export(result: Result) -> None:
    """As the page does it: 10,000 rows as it ships, and 100,000 with its limit raised for this measurement."""
    from tests.support.signing import signed_in

    from quancheng.kernel.pages import lists
    from quancheng.kernel.people.models import Membership

    client = signed_in(Membership.objects.get(user__username="office"))
    shipped = lists.EXPORT_ROWS
    try:
        for most in (shipped, ASSIGNMENTS):
            lists.EXPORT_ROWS = max(most, 10 * ASSIGNMENTS)
            page = lists.ListPage
            original = page._export

            def cut(self: Any, actor: Any, asked: Any, most: int = most, original: Any = original) -> Any:
                return original(self, actor, replace(asked, rows=asked.rows[:most]))

            page._export = cut  # type: ignore[method-assign]
            try:
                began = time.perf_counter()
                answer = client.get("/duty/assignments?export=xlsx", HTTP_HOST="localhost")
                result.add(f"export of {most:,} rows", time.perf_counter() - began, "s")
            finally:
                page._export = original  # type: ignore[method-assign]
            result.add(f"export of {most:,} rows: file", len(answer.content) / 2**20, "MB")
    finally:
        lists.EXPORT_ROWS = shipped
    result.notes.append(f"the page itself exports at most {shipped:,} rows; the larger figure is with the limit raised")
