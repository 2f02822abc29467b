"""What follows when certificates run out: the enterprise is told before, and once when one counts no more."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import PersonQualification
from quancheng.domains.training.queries.persons import KEEP
from quancheng.domains.training.services.catalogue import MOST_DAYS
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.events.services import publish
from quancheng.kernel.notices.services import gather, people_for
from quancheng.standards.licences import reminder_due

NOTICE = "training.qualification.expiring"
#: Kept as the last reminder once the end itself was told.
TOLD_EXPIRED = -1
BATCH = 500
CLOCK = system_actor("training", KEEP)


def look_at_qualifications(*, now: datetime) -> int:
    """Tell enterprises of certificates that run out or must be rechecked.

    Idempotent by certificate and reminder; after days without a round the nearest reminder alone is sent. Nothing is
    told of who left. Returns how many certificates something was told of.
    """
    today = Calendar().local_date(now)
    near = (
        PersonQualification.objects.standing()
        .filter(ends_date__lte=today + timedelta(days=MOST_DAYS), verified_at__isnull=False)
        .filter(person__left_date__isnull=True)
        .exclude(reminded_days=TOLD_EXPIRED)
        .order_by("pk")
    )
    done, last = 0, uuid.UUID(int=0)
    while pks := list(near.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        done += _look_at(pks, today, now)
        last = pks[-1]
    return done


def _look_at(pks: list[uuid.UUID], today: date, now: datetime) -> int:
    lines: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    with transaction.atomic():
        rows = PersonQualification.objects.standing().filter(pk__in=pks).select_related("person", "kind")
        for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            step = _step(row, today)
            if step is None:
                continue
            PersonQualification.objects.filter(pk=row.pk).update(reminded_days=step)
            lines[row.person.file_id].append(_line(row, step))
            if step == TOLD_EXPIRED:
                publish("training.qualification.lapsed", row, actor=CLOCK, now=now, facts={"kind": row.kind.code})
        for file_id, told in lines.items():
            for user in people_for(organisation_id=file_id, duty=KEEP):
                gather(user=user, kind=NOTICE, key=NOTICE, lines=told, now=now, day=today.isoformat())
    return sum(len(told) for told in lines.values())


def _step(row: PersonQualification, today: date) -> int | None:
    """The reminder that is due and was not sent; None for none."""
    if row.ends_date is None or row.reminded_days == TOLD_EXPIRED:
        return None
    if row.ends_date < today:
        return TOLD_EXPIRED
    step = reminder_due(row.ends_date, on=today, reminders=row.kind.warn_days)
    return step if step is not None and (row.reminded_days is None or step < row.reminded_days) else None


def _line(row: PersonQualification, step: int) -> dict[str, Any]:
    is_recheck = row.recheck_due is not None and row.recheck_due == row.ends_date and row.ends_date != row.valid_to
    sentence = _("%(name)s的%(kind)s，应于%(day)s前复审") if is_recheck else _("%(name)s的%(kind)s，有效期至%(day)s")
    title = sentence % {"name": row.person.name, "kind": row.kind.name, "day": row.ends_date}
    if step == TOLD_EXPIRED:
        title += _("，已失效")
    return {
        "key": f"{row.pk}:{row.ends_date}:{step}", "title": title[:200],
        "subject_type": PersonQualification.row_type(), "subject_id": row.pk,
    }  # fmt: skip
