"""How tasks, their cycles and their states are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckDue, CheckRecord, CheckTask, SpecialPeriod
from quancheng.domains.hazards.queries.checks import state_of
from quancheng.domains.hazards.views.findings import coded
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import check_cycles
from quancheng.standards.risk.record_flags import FLAGS
from quancheng.standards.risk.rhythm import special_periods


def cycle(row: CheckTask) -> str:
    """``每 2 小时（08:00–20:00）``, ``每 7 天，法定工作日``."""
    text = told(check_cycles.told_rhythm(row.every, row.cycle_unit))
    if row.window_start is not None and row.window_end is not None:
        text += f" {row.window_start:%H:%M}–{row.window_end:%H:%M}"
    if row.days != "every":
        text += f" {told(check_cycles.DAYS[row.days])}"
    return text


def holder(row: CheckTask | CheckDue) -> str:
    """Who owes it: the post, and the person where one is named."""
    post = row.post.name if row.post is not None else ""
    person = row.person.name if row.person is not None else ""
    return " · ".join(part for part in (post, person) if part)


def form(code: str) -> str:
    return coded("source", code)


def scope_of(row: SpecialPeriod) -> str:
    """For whom a special period is."""
    if row.file is not None:
        return row.file.enterprise.name if row.file.enterprise else ""
    return row.area.name if row.area is not None else _("全区")


def period(code: str) -> str:
    return told(special_periods()[code].name) if code in special_periods() else code


def state(row: CheckDue, now: datetime | None = None) -> str:
    return {
        "done": _("已完成"), "covered": _("停用免查"), "open": _("待排查"), "missed": _("逾期未查"),
    }[state_of(row, now or timezone.now())]  # fmt: skip


def state_mark(row: CheckDue) -> Any:
    """The state with its light: green, yellow, red, and grey for what needs nothing."""
    code, word = state_of(row, timezone.now()), state(row)
    if code == "covered":
        return marks.badge(word, "quiet")
    return marks.light({"done": "green", "open": "yellow", "missed": "red"}[code], word)


def result_mark(row: CheckRecord) -> Any:
    return marks.badge(row.get_status_display(), "active" if row.status == 1 else "plain")


def flag(code: str) -> str:
    return told(FLAGS[code]) if code in FLAGS else code


def link(name: str, row: Any, text: Any = None) -> Any:
    return format_html('<a href="{}">{}</a>', reverse(f"hazards:{name}", args=[row.pk]), text or row)


def share(done: int, planned: int) -> str:
    """A rate of completion; a dash where nothing was planned."""
    return f"{done * 100 / planned:.1f}%" if planned else "—"


#: Days that the page of levels can look back over.
SPANS = (7, 30, 90)


def span_days(request: HttpRequest) -> int:
    """The span that an address asks for; seven days where it asks for none. Anything else is refused."""
    for name in request.GET:
        if name != "days":
            raise unknown_parameter(name)
    text = request.GET.get("days", "7")
    if text not in {str(days) for days in SPANS}:
        raise unknown_parameter("days")
    return int(text)


def span_of(now: datetime, days: int) -> tuple[datetime, datetime]:
    """From the begin of the first day until now."""
    calendar = Calendar()
    return calendar.start_of(calendar.local_date(now) - timedelta(days=days - 1)), now
