"""Lists, object pages, search and export with 100,000 tasks in the hands of units; writing a million rows by COPY.

A private server is filled with the demo district, multiplied until it holds that many assignments (tasks in the hands
of a unit); ``--scale 6`` gives as many tasks besides. Server time is from the request's entry to the last byte of the
answer, in process, through all middleware, as the application's role; each page is asked once to warm up and then
``rounds`` times, of which the 95th percentile counts. The page of a plan is left out: the copies hang on the demo's two
plans, and no plan has nine thousand tasks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import Result, Settings, percentile
from benchmarks.private import private_server

ASSIGNMENTS = 100_000
ROUNDS = 40
TARGET_MS = 100.0
MOST_QUERIES = 15
#: Seconds for 100,000 rows.
EXPORT_S = 10
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def run(settings: Settings) -> Result:
    """Fill, then ask; everything is thrown away at the end."""
    result = Result()
    with private_server() as private:
        _fill(result, settings)
        took = private.analyse(result)
        result.add("VACUUM ANALYZE afterwards", took, "s")
        _ask_pages(result, settings.rounds or ROUNDS)
        _export(result)
    return result


def _fill(result: Result, settings: Settings) -> None:
    from django.db import connection, transaction

    from quancheng.domains.duty import scale
    from quancheng.domains.duty.models import Assignment, Task
    from quancheng.runtime import demo

    began = time.perf_counter()
    demo.load(seed=1, now=NOW)
    result.add("demo district", time.perf_counter() - began, "s")
    factor = math.ceil(ASSIGNMENTS * settings.scale / Assignment.objects.filter(task__origin="plan").count())
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
    """As many rows as the page gives at once, as it makes them; and every row in the background, as a worker does."""
    import resource

    from django.http import QueryDict
    from django.utils import timezone

    from quancheng.domains.duty.views.lists import AssignmentList
    from quancheng.kernel.files.queries import open_file
    from quancheng.kernel.longwork.queries import result_of
    from quancheng.kernel.longwork.running import run_work
    from quancheng.kernel.pages import export, lists
    from quancheng.kernel.people.actors import actor_for
    from quancheng.kernel.people.models import Membership

    now, page = timezone.now(), AssignmentList()
    actor = actor_for(Membership.objects.get(user__username="office"), now=now)
    asked = page.read(QueryDict(""), actor)
    began = time.perf_counter()
    answer = export.spreadsheet(
        actor=actor, code=page.code, title=str(page.title), columns=asked.columns,
        rows=list(export.once_each(asked.rows[: lists.EXPORT_ROWS])), filters_text="", demo=True, now=now,
    )  # fmt: skip
    result.add(f"export of {lists.EXPORT_ROWS:,} rows, at once", time.perf_counter() - began, "s")
    result.add(f"export of {lists.EXPORT_ROWS:,} rows: file", len(answer.content) / 2**20, "MB")
    work = export.begin(actor=actor, page=AssignmentList, query="", now=now)
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    run_work(work_id=work.pk, now=now)
    spent, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    work.refresh_from_db()
    link = result_of(work)
    if link is None:
        result.notes.append(f"the export in the background ended as {work.state}: {work.message}")
        return
    name = f"export of {work.done:,} rows in the background"
    result.add(name, spent, "s", at_most=EXPORT_S * work.done / ASSIGNMENTS)
    result.add(f"{name}: processor", after.ru_utime - before.ru_utime, "s")
    result.add(f"{name}: memory on top of the pages'", (after.ru_maxrss - before.ru_maxrss) / 1024, "MB")
    with open_file(actor=actor, link_id=link.pk).stream as stream:
        result.add(f"{name}: file", stream.seek(0, 2) / 2**20, "MB")
