"""The clock's part of long work: what lost its job is said to have failed, and what is old goes."""

from __future__ import annotations

import shutil
import time
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.files import services as files
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.longwork.models import LongWork, State
from quancheng.kernel.notices.services import notify

#: A folder of files on their way that old is nobody's.
LEFT_S = 24 * 3600


def fail_orphans(*, now: datetime) -> int:
    """Work whose job is neither waiting nor running: it was given up after too many kills, or hung and was ended."""
    count = 0
    for work in LongWork.objects.open().order_by("pk"):
        if ProcrastinateJob.objects.filter(pk=work.job_id, status__in=("todo", "doing")).exists():
            continue
        with override(work.language), transaction.atomic():
            said = _("任务被系统终止：超过时限，或多次中断。请缩小范围后重新提交。")
            rows = LongWork.objects.filter(pk=work.pk, attempt=work.attempt).open()
            if rows.update(state=State.FAILED, ended_at=now, message=said):
                count += 1
                notify(
                    users=[work.user_id], kind="longwork.failed", data={"title": work.title}, now=now,
                    subject_type=subject_type_of(LongWork), subject_id=work.pk,
                )  # fmt: skip
    return count


def clear_out(*, now: datetime) -> int:
    """Delete files whose days are over, and what killed workers left on the disk. Rows go by their retention rule."""
    gone = 0
    due = LongWork.objects.filter(expires_at__lte=now).order_by("pk")
    for pk in list(due.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            for link in FileLink.objects.filter(subject_type=subject_type_of(LongWork), subject_id=pk):
                files.drop_made(link=link)
                gone += 1
            LongWork.objects.filter(pk=pk).update(expires_at=None)
    for folder in files.spool().glob("work-*"):
        if folder.stat().st_mtime < time.time() - LEFT_S:
            shutil.rmtree(folder, ignore_errors=True)
    return gone
