"""Weather that a detector of an enterprise told (雷电预警仪): a warning over that enterprise alone, which ends by
itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from quancheng.domains.permits.models import Permit, WeatherWarning
from quancheng.domains.permits.services.clock import watch_running
from quancheng.domains.permits.services.working import CLOCK
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.areas.queries import home

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What a detector told at a time; the warning holds until a later one.

    :ivar detector: its code, by which its warnings of one colour are known again.
    """

    file: Enterprise
    kind: str
    colour: str
    detector: str
    at: datetime
    until: datetime
    text: str


def tell_detected(*, detected: Detected, now: datetime) -> WeatherWarning | None:
    """Raise a warning over an enterprise, or let the one of the same detector and colour hold longer. Work in the open
    that it stops is suspended at once. What was told before a former one of it ended raises none anew. For rooms
    above; None where the enterprise lies nowhere.
    """
    file = detected.file
    over = file.area or home()
    if over is None:
        return None
    is_new = False
    with transaction.atomic():
        Enterprise.objects.select_for_update(no_key=True).filter(pk=file.pk).values_list("pk").get()
        own = WeatherWarning.objects.filter(
            file=file, kind=detected.kind, colour=detected.colour, issuer=detected.detector[:80]
        )
        row = own.filter(ended_at__isnull=True, valid_to__gt=now).first()
        if row is not None:
            if detected.until > row.valid_to:
                own.filter(pk=row.pk).update(
                    valid_to=detected.until, issued_at=detected.at, text=detected.text[:500]
                )
            return row
        if own.filter(issued_at__gte=detected.at).exists():
            return None
        row = WeatherWarning.objects.create(
            **file.row_scope(), file=file, over=over, kind=detected.kind, colour=detected.colour,
            issuer=detected.detector[:80], text=detected.text[:500],
            reference=f"{detected.detector[:40]}/{detected.colour}/{detected.at:%Y%m%d%H%M%S}"[:80],
            valid_from=detected.at, valid_to=detected.until, issued_at=detected.at, entered_by=CLOCK.name[:130],
            entered_at=now,
        )  # fmt: skip
        journal.record(
            actor=CLOCK, act="permits.weather.detect", subject_type=WeatherWarning.row_type(), subject_id=row.pk,
            org_id=file.pk, now=now,
            facts={"kind": detected.kind, "colour": detected.colour, "detector": detected.detector},
        )  # fmt: skip
        is_new = True
    if is_new:
        try:
            watch_running(now=now, under=Q(file=file))
        except Exception:
            log.exception("a detected warning could not stop work at once; the clock does")
        stopped = Permit.objects.filter(file=file, stop_reason="WEATHER", stopped_at=now).count()
        WeatherWarning.objects.filter(pk=row.pk).update(stopped_count=F("stopped_count") + stopped)
    return row
