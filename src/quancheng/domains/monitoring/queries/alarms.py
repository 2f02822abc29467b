"""Reads of alarms (报警)."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import Alarm, AlarmHold, Tag
from quancheng.domains.registry.models import MajorHazard
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.signals.responses import reporter_may_close


def list_alarms(*, actor: Actor) -> QuerySet[Alarm]:
    """Alarms that the actor may see, the newest first."""
    rows: QuerySet[Alarm] = Alarm.objects.visible_to(actor)
    related = ("tag", "file__enterprise", "area", "acknowledged_by")
    return rows.select_related(*related).order_by("-raised_at", "pk")


def get_alarm(*, actor: Actor, alarm_id: uuid.UUID) -> Alarm:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        list_alarms(actor=actor)
        .select_related("tag__facility", "tag__unit_place", "hold", "first_out", "flood", "consequence_of",
                        "answered_by", "finding")
        .filter(pk=alarm_id)
        .first()
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


def list_holds(*, actor: Actor) -> QuerySet[AlarmHold]:
    """What is or was kept silent, as far as the actor may see it, the newest first."""
    rows: QuerySet[AlarmHold] = AlarmHold.objects.visible_to(actor)
    return rows.select_related("tag", "file__enterprise", "area", "asked_by", "allowed_by").order_by("-asked_at", "pk")


def get_hold(*, actor: Actor, hold_id: uuid.UUID) -> AlarmHold:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_holds(actor=actor).filter(pk=hold_id).first()
    if found is None:
        raise NotFound
    return found


def grade_of(tag: Tag) -> int | None:
    """Grade of the major hazard to whose unit the tag belongs; None where it belongs to none."""
    unit = tag.unit_place_id or (tag.facility.unit_id if tag.facility is not None else None)
    if unit is None:
        return None
    standing = MajorHazard.objects.filter(unit=unit).exclude(status="DELISTED")
    return standing.values_list("grade", flat=True).order_by("grade").first()


def needs_review(row: Alarm, reason: str = "") -> bool:
    """Whether a second person must look at the answer before the alarm ends (major-hazard 5.3)."""
    return not reporter_may_close(reason=reason or row.reason, alarm_type=row.type, hazard_grade=row.hazard_grade)
