"""Kinds of long work for tests; some hang, each in its own way, once they have said that they began."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.errors import Invalid
from quancheng.kernel.longwork.kinds import Kind, Outcome, Run, register_kind, unregister_kind

BEGAN = "QUANCHENG_TEST_BEGAN"
MARK = "01890000-0000-7000-8000-000000000001"


def write(run: Run) -> Outcome:
    """A file with a line for each number, and who it was."""
    numbers = range(int(run.params["numbers"]))
    run.progress.total = len(numbers)
    path = run.folder / "numbers.txt"
    with path.open("w") as file:
        file.write(f"{run.actor.name} {sorted(run.actor.duties)} {run.actor.is_chief}\n")
        file.writelines(f"{number}\n" for number in run.progress.over(numbers))
    return Outcome(message=_("任务已完成。"), file=path, name="结果.txt", media_type="text/plain")


def refuse(run: Run) -> Outcome:
    raise Invalid(fields={"numbers": _("请填写此项。")})


def fail(run: Run) -> Outcome:
    raise ZeroDivisionError


def mark(run: Run) -> Outcome:
    """A row, and then a failure where one is asked for."""
    ClientAct.objects.create(id=MARK, act="test.mark", body_digest="", at=run.now)
    if run.params.get("fail"):
        raise ZeroDivisionError
    return Outcome(message="ok", link="/")


def hang(run: Run) -> Outcome:
    """In a query, in Python, in a call that never returns; hanging no more where nobody asks for it."""
    if BEGAN in os.environ:
        ClientAct.objects.create(id=MARK, act="test.mark", body_digest="", at=run.now)
        Path(os.environ[BEGAN]).touch()
        if run.params["how"] == "query":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(600)")
        elif run.params["how"] == "python":
            while True:
                # Whoever passes over the failure of one step.
                with contextlib.suppress(Exception):
                    run.progress.done += 1
        time.sleep(600)
    return Outcome(message="done")


KINDS = [
    Kind(code="test.write", label="写", run=write),
    Kind(code="test.refuse", label="拒", run=refuse),
    Kind(code="test.fail", label="错", run=fail),
    Kind(code="test.mark", label="记", run=mark, is_atomic=True),
    Kind(code="test.hang", label="挂", run=hang, limit_s=600, is_atomic=True),
    Kind(code="test.hang_briefly", label="挂", run=hang, limit_s=2, is_atomic=True),
]


def register() -> None:
    for kind in KINDS:
        register_kind(kind)


def unregister() -> None:
    for kind in KINDS:
        unregister_kind(kind.code)
