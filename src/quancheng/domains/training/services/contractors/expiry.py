"""The clock of admissions: told before they or their agreement end, lapsed after."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Admission
from quancheng.domains.training.queries.contractors import KEEP
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import move
from quancheng.kernel.notices.services import gather, people_for

NOTICE = "training.admission.expiring"
CLOCK = system_actor("training", KEEP)


def look_at_admissions(*, now: datetime) -> int:
    """Let admissions lapse whose last day is over, and tell enterprises of ends within the days of the settings.

    Idempotent: an end is told once. Returns how many rows something was done with.
    """
    today = Calendar().local_date(now)
    done = 0
    over = Admission.objects.filter(status__in=("ADMITTED", "RESTRICTED", "SUSPENDED"), valid_to__lt=today)
    for row in over.order_by("pk"):
        move(actor=CLOCK, row=row, name="lapse", now=now)
        done += 1
    days = figures()["warn_days"]
    soon = today + timedelta(days=days)
    near = Admission.objects.filter(status__in=("ADMITTED", "RESTRICTED"), reminded_days__isnull=True).filter(
        Q(valid_to__lte=soon) | Q(agreement_to__lte=soon) | Q(checks__valid_to__lte=soon)
    )
    lines: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    with transaction.atomic():
        pks = list(near.values_list("pk", flat=True).distinct())
        for row in Admission.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk"):
            Admission.objects.filter(pk=row.pk).update(reminded_days=days)
            title = _("%(title)s：准入、协议或文件即将到期") % {"title": row.title}
            lines[row.file_id].append({
                "key": f"{row.pk}:{row.valid_to}", "title": title[:200], "subject_type": Admission.row_type(),
                "subject_id": row.pk,
            })  # fmt: skip
        for file_id, told in lines.items():
            for user in people_for(organisation_id=file_id, duty=KEEP):
                gather(user=user, kind=NOTICE, key=NOTICE, lines=told, now=now, day=today.isoformat())
    return done + sum(len(told) for told in lines.values())
