"""Dates and durations as people read them: 2026-11-23, 14:05, 还剩 3 天, 超期 2 小时."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def date_text(value: date | datetime | None) -> str:
    """Year-month-day in the district's calendar; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return value.isoformat()


def time_text(value: datetime | None) -> str:
    """Date and minute in the district's time; empty for None."""
    return "" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


def span_text(span: timedelta) -> str:
    """A length of time in its largest whole unit: minutes below an hour, hours below two days, then days."""
    seconds = abs(int(span.total_seconds()))
    if seconds < 3600:
        minutes = max(1, seconds // 60)
        return ngettext("%(count)d 分钟", "%(count)d 分钟", minutes) % {"count": minutes}
    if seconds < 48 * 3600:
        hours = seconds // 3600
        return ngettext("%(count)d 小时", "%(count)d 小时", hours) % {"count": hours}
    days = seconds // 86400
    return ngettext("%(count)d 天", "%(count)d 天", days) % {"count": days}


def due_text(due_at: datetime | None, *, now: datetime) -> str:
    """How far off a deadline is, in words; empty where there is none."""
    if due_at is None:
        return ""
    if due_at >= now:
        return _("还剩 %(span)s") % {"span": span_text(due_at - now)}
    return _("超期 %(span)s") % {"span": span_text(now - due_at)}
