"""What an alarm comes with: who was first in a group (首出), whether too many come (泛滥), what follows what (次生)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Alarm, AlarmFlood, FirstOut
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted, StaleState
from quancheng.standards.signals.alarm_quality import FLOOD_ENDS, FLOOD_STARTS, WINDOW_S

WINDOW = timedelta(seconds=WINDOW_S)
#: The lesser limit that a graver one of the same direction makes a consequence of.
_LESSER = {"HH": "H", "LL": "L"}


def join_group(row: Alarm, *, now: datetime) -> None:
    """Number an alarm among those of its group: by the device's time, since the group was all normal."""
    group = row.tag.first_out_group
    if not group:
        return
    found = FirstOut.objects.select_for_update().filter(file=row.file, group=group, ended_at__isnull=True).first()
    others = Alarm.objects.filter(first_out=found).exclude(pk=row.pk)
    if found is not None and not others.filter(cleared_at__isnull=True).exists():
        # All were normal before this one: it begins anew.
        FirstOut.objects.filter(pk=found.pk).update(ended_at=now)
        found = None
    if found is None:
        found = FirstOut.objects.create(file=row.file, group=group, began_at=row.raised_at)
    Alarm.objects.filter(pk=row.pk).update(first_out=found)
    # One that comes in later may have happened before.
    members = list(Alarm.objects.filter(first_out=found).order_by("raised_at", "noted_at", "pk"))
    for seq, one in enumerate(members, 1):
        if one.first_out_seq != seq:
            Alarm.objects.filter(pk=one.pk).update(first_out_seq=seq)
    row.refresh_from_db(fields=["first_out", "first_out_seq"])


def reset_group(*, actor: Actor, group: FirstOut, now: datetime) -> None:
    """An operator has seen who was first. :raises StaleState: it was reset already."""
    actor.require("monitoring.answer")
    if actor.organisation_id != group.file.enterprise_id:
        raise NotPermitted
    with transaction.atomic():
        if not FirstOut.objects.filter(pk=group.pk, ended_at__isnull=True).update(ended_at=now, ended_by=actor.user_id):
            raise StaleState(_("该首出组已复位。"))
        journal.record(
            actor=actor, act="monitoring.first_out.reset", subject_type="registry.enterprise",
            subject_id=group.file_id, org_id=group.file.owner_org_id,
            facts={"group": group.group, "began_at": group.began_at}, now=now,
        )  # fmt: skip


def join_flood(row: Alarm, *, now: datetime) -> None:
    """Count an alarm of a site; with the tenth in ten minutes a flood begins, and all of the window belong to it."""
    recent = Alarm.objects.filter(file=row.file, last_raised_at__gt=now - WINDOW)
    count = recent.count()
    flood = AlarmFlood.objects.filter(file=row.file, ended_at__isnull=True).first()
    if flood is None:
        if count < FLOOD_STARTS:
            return
        flood = AlarmFlood.objects.create(file=row.file, began_at=now, count=0, most=0)
        recent.filter(flood__isnull=True).exclude(pk=row.pk).update(flood=flood)
        joined = count
    else:
        joined = 1
    Alarm.objects.filter(pk=row.pk).update(flood=flood)
    row.flood = flood
    AlarmFlood.objects.filter(pk=flood.pk).update(count=F("count") + joined, most=max(flood.most, count))


def end_floods(*, now: datetime) -> int:
    """End floods in whose last ten minutes fewer than five alarms came; how many."""
    ended = 0
    for flood in AlarmFlood.objects.filter(ended_at__isnull=True):
        if Alarm.objects.filter(file=flood.file_id, last_raised_at__gt=now - WINDOW).count() < FLOOD_ENDS:
            ended += AlarmFlood.objects.filter(pk=flood.pk, ended_at__isnull=True).update(ended_at=now)
    return ended


def mark_consequence(row: Alarm) -> None:
    """The lesser alarm of the same tag is a consequence of the graver one that has come."""
    lesser = _LESSER.get(row.type)
    if lesser is not None:
        open_ones = Alarm.objects.filter(tag=row.tag_id, type=lesser).exclude(status="CLOSED")
        open_ones.update(consequence_of=row)
