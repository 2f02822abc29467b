"""The clock of admissions: told before they or their agreement end, lapsed after."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Admission
from quancheng.domains.training.queries.contractors import KEEP
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import move
from quancheng.kernel.notices.services import gather, people_for

log = logging.getLogger(__name__)

NOTICE = "training.admission.expiring"
CLOCK = system_actor("training", KEEP)


def look_at_admissions(*, now: datetime) -> int:
    """Let admissions lapse whose last day is over, and tell enterprises of ends within the days of the settings.

    Idempotent: each end is told once, a later one of the same admission anew. One that fails to lapse is logged and
    keeps no other waiting. Returns how many rows something was done with.
    """
    today = Calendar().local_date(now)
    over = Admission.objects.filter(status__in=("ADMITTED", "RESTRICTED", "SUSPENDED"), valid_to__lt=today)
    done = sum(_lapsed(row, now) for row in over.order_by("pk"))
    soon = today + timedelta(days=figures()["warn_days"])
    near = Admission.objects.filter(status__in=("ADMITTED", "RESTRICTED")).filter(
        Q(valid_to__lte=soon) | Q(agreement_to__lte=soon) | Q(checks__valid_to__lte=soon)
    )
    lines: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    with transaction.atomic():
        pks = list(near.values_list("pk", flat=True).distinct())
        rows = Admission.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk")
        for row in rows.prefetch_related("checks"):
            ends = _ends(row, soon)
            if not set(ends) - set(row.told_ends):
                continue
            Admission.objects.filter(pk=row.pk).update(told_ends=ends)
            title = _("%(title)s：准入、协议或文件即将到期") % {"title": row.title}
            lines[row.file_id].append({
                "key": f"{row.pk}:{today}", "title": title[:200], "subject_type": Admission.row_type(),
                "subject_id": row.pk,
            })  # fmt: skip
        for file_id, told in lines.items():
            for user in people_for(organisation_id=file_id, duty=KEEP):
                gather(user=user, kind=NOTICE, key=NOTICE, lines=told, now=now, day=today.isoformat())
    return done + sum(len(told) for told in lines.values())


def _lapsed(row: Admission, now: datetime) -> int:
    try:
        with transaction.atomic():
            move(actor=CLOCK, row=row, name="lapse", now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("admission %s did not lapse", row.pk)
        return 0
    return 1


def _ends(row: Admission, soon: date) -> list[str]:
    """What ends until a day, each with its own day: one that was renewed is another end."""
    ends = [("admission", row.valid_to), ("agreement", row.agreement_to)]
    ends += [(one.code, one.valid_to) for one in row.checks.all()]
    return sorted(f"{name}:{day}" for name, day in ends if day is not None and day <= soon)
