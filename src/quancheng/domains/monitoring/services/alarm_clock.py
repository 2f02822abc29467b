"""What time does to alarms (报警时钟): what is silent no more speaks again, floods end, what nobody answers is told
to the next.

One process runs this every second or two; all of it may run twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import Alarm, SuppressionRule, TagStatus
from quancheng.domains.monitoring.queries.alarm_terms import Terms, terms_at
from quancheng.domains.monitoring.services.alarm_clerk import HOUSE
from quancheng.domains.monitoring.services.alarm_context import end_floods
from quancheng.domains.monitoring.services.alarm_peaks import fill_peaks
from quancheng.domains.monitoring.services.escalation import escalate
from quancheng.domains.monitoring.services.holds import due_holds
from quancheng.domains.monitoring.services.silence import settling, silenced_by, standing_rule
from quancheng.domains.monitoring.services.warning_clock import escalate_warnings, watch_changed
from quancheng.kernel.loops.services import move

MOST = 100


def tick(*, now: datetime) -> None:
    """Do whatever is due."""
    # First, so that nothing that goes wrong below keeps anybody from being told.
    escalate(now=now)
    terms = terms_at(now)
    due_holds(now=now)
    speak_again(terms=terms, now=now)
    suppress(now=now)
    end_floods(now=now)
    end_with_tags(now=now)
    watch_changed(now=now)
    escalate_warnings(now=now)
    # Last: it asks the store, which may keep it waiting.
    fill_peaks(now=now)


def speak_again(*, terms: Terms, now: datetime) -> int:
    """Silent alarms whose silence is over: one of a site at a time, so that they make no flood; how many."""
    spoke, seen = 0, set()
    gap = now - timedelta(seconds=terms.unshelve_every)
    recent = set(Alarm.objects.filter(status="UNACK", hold__isnull=False, status_at__gt=gap).values_list("file_id"))
    for row in _silent():
        silence = silenced_by(row.tag, row.type, now=now)
        if isinstance(silence, SuppressionRule):
            settles_at = now + settling(row.tag)
            if row.held_until is None or settles_at - row.held_until > settling(row.tag) / 4:
                Alarm.objects.filter(pk=row.pk).update(held_until=settles_at)
        if silence is not None or (row.status == "SUPDES" and row.held_until is not None and row.held_until > now):
            continue
        if row.is_active:
            if row.file_id in seen or (row.file_id,) in recent:
                continue
            seen.add(row.file_id)
            changes = {
                "held_until": None, "last_raised_at": now, "step": -1, "acknowledged_at": None,
                "acknowledged_by_id": None, "action": "", "respond_by": now + terms.respond(row.priority),
                "feedback_by": now + terms.feedback(row.priority),
            }  # fmt: skip
            move(actor=HOUSE, row=row, name="speak_again", changes=changes, now=now)
        else:
            changes = {"held_until": None, "feedback_by": now + terms.feedback(row.priority)}
            move(actor=HOUSE, row=row, name="quiet", changes=changes, now=now)
        spoke += 1
    return spoke


def _silent() -> QuerySet[Alarm]:
    rows = Alarm.objects.filter(status__in=SILENT).select_related("tag", "hold")
    return rows.order_by("priority", "raised_at", "pk")[:MOST]


def suppress(*, now: datetime) -> int:
    """Open alarms that a rule of the design has come to hold over fall silent; how many."""
    rows = Alarm.objects.filter(
        status__in=("UNACK", "ACKED", "RTNUN"),
        tag__suppressions__ended_at__isnull=True,
        tag__suppressions__isnull=False,
    )
    done = 0
    for row in rows.select_related("tag").distinct()[:MOST]:
        rule = standing_rule(row.tag, row.type)
        if rule is None:
            continue
        with transaction.atomic():
            changes = {"held_until": now + settling(row.tag)}
            move(actor=HOUSE, row=row, name="suppress", given={"reason": rule.reason}, changes=changes, now=now)
        done += 1
    return done


def end_with_tags(*, now: datetime) -> int:
    """Alarms of tags that have ended end with them; how many."""
    rows = Alarm.objects.filter(tag__status=TagStatus.ENDED).exclude(status="CLOSED").select_related("tag")
    done = 0
    for row in rows[:MOST]:
        given = {"reason": row.tag.ended_reason or _("点位停用")}
        changes = {"closed_at": now, "cleared_at": row.cleared_at or now}
        move(actor=HOUSE, row=row, name="end", given=given, changes=changes, now=now)
        done += 1
    return done
