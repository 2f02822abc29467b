"""A task of the ordinary sort that hangs."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection
from procrastinate.contrib.django import app
from tests.kernel.longwork.kinds import BEGAN


@app.task(name="test.hang_in_query", queue="now")
def hang_in_query(limit_s: float) -> None:
    Path(os.environ[BEGAN]).touch()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")
