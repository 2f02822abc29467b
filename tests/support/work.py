"""Long work without a worker, for tests of pages and operations that begin it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.running import run_work


def do_long_work(*, now: datetime | None = None) -> LongWork:
    """Do the one piece that waits, as a worker would, and return it."""
    work = LongWork.objects.get(state="waiting")
    run_work(work_id=work.pk, now=now or timezone.now())
    work.refresh_from_db()
    return work
