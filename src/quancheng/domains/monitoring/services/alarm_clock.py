"""What time does to alarms (报警时钟): what is silent no more speaks again, floods end, what nobody answers is told
to the next.

One process runs this every second or two; all of it may run twice.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import Alarm, SuppressionRule, TagStatus
from quancheng.domains.monitoring.queries.alarm_terms import Terms, terms_at
from quancheng.domains.monitoring.services.alarm_clerk import CALLS_ANEW, HOUSE
from quancheng.domains.monitoring.services.alarm_context import end_floods
from quancheng.domains.monitoring.services.escalation import escalate
from quancheng.domains.monitoring.services.holds import due_holds
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.silence import settling, silenced_by, standing_rule
from quancheng.domains.monitoring.services.warning_clock import escalate_warnings, watch_changed
from quancheng.kernel.loops.services import move

log = logging.getLogger(__name__)


def tick(*, now: datetime) -> None:
    """Do whatever is due. A part that fails is logged, and the others go on.

    :raises OperationalError, InterfaceError: the database is away.
    """
    for part in (
        # First, so that nothing that takes long keeps anybody from being told.
        escalate, due_holds, speak_again, suppress, end_floods, end_with_tags, watch_changed, escalate_warnings,
    ):  # fmt: skip
        try:
            part(now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("%s failed", part.__name__)


def speak_again(*, now: datetime) -> int:
    """Silent alarms whose silence is over: one of a site at a time, so that they make no flood; how many."""
    terms = terms_at(now)
    gap = now - timedelta(seconds=terms.unshelve_every)
    recent = Alarm.objects.filter(status="UNACK", hold__isnull=False, status_at__gt=gap)
    seen = set(recent.values_list("file_id", flat=True))
    return each(_silent(now), lambda row: _speak(row, seen, terms=terms, now=now), what="speaking again")


def _speak(found: Alarm, seen: set[uuid.UUID], *, terms: Terms, now: datetime) -> bool:
    # As it stands now: the clerk may have heard of its signal meanwhile.
    row = Alarm.objects.select_for_update(of=("self",), no_key=True).select_related("tag").get(pk=found.pk)
    if row.status not in SILENT:
        return False
    silence = silenced_by(row.tag, row.type, now=now)
    if isinstance(silence, SuppressionRule):
        settles_at = now + settling(row.tag)
        if row.held_until is None or settles_at - row.held_until > settling(row.tag) / 4:
            Alarm.objects.filter(pk=row.pk).update(held_until=settles_at)
    if silence is not None or (row.status == "SUPDES" and row.held_until is not None and row.held_until > now):
        return False
    if not row.is_active:
        changes: dict[str, Any] = {"held_until": None, "feedback_by": now + terms.feedback(row.priority)}
        move(actor=HOUSE, row=row, name="quiet", changes=changes, now=now)
        return True
    if row.file_id in seen:
        return False
    seen.add(row.file_id)
    changes = {
        **CALLS_ANEW, "held_until": None, "last_raised_at": now, "respond_by": now + terms.respond(row.priority),
        "feedback_by": now + terms.feedback(row.priority),
    }  # fmt: skip
    move(actor=HOUSE, row=row, name="speak_again", changes=changes, now=now)
    return True


def _silent(now: datetime) -> QuerySet[Alarm]:
    """Those over which no hold stands."""
    rows = Alarm.objects.filter(status__in=SILENT).exclude(hold__status="STANDING", hold__until__gt=now)
    return rows.order_by("priority", "raised_at", "pk")


def suppress(*, now: datetime) -> int:
    """Open alarms that a rule of the design has come to hold over fall silent; how many."""
    ruled = SuppressionRule.objects.filter(ended_at__isnull=True).values("tag")
    rows = Alarm.objects.filter(status__in=("UNACK", "ACKED", "RTNUN"), tag__in=ruled).select_related("tag")
    return each(rows, lambda row: _suppress(row, now=now), what="suppressing")


def _suppress(row: Alarm, *, now: datetime) -> bool:
    rule = standing_rule(row.tag, row.type)
    if rule is None:
        return False
    changes = {"held_until": now + settling(row.tag)}
    move(actor=HOUSE, row=row, name="suppress", given={"reason": rule.reason}, changes=changes, now=now)
    return True


def end_with_tags(*, now: datetime) -> int:
    """Alarms of tags that have ended end with them; how many."""
    rows = Alarm.objects.filter(tag__status=TagStatus.ENDED).exclude(status="CLOSED").select_related("tag")
    return each(rows, lambda row: _end(row, now=now), what="ending")


def _end(row: Alarm, *, now: datetime) -> bool:
    given = {"reason": row.tag.ended_reason or _("点位停用")}
    changes = {"closed_at": now, "cleared_at": row.cleared_at or now}
    move(actor=HOUSE, row=row, name="end", given=given, changes=changes, now=now)
    return True
