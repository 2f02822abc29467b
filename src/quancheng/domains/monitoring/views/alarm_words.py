"""How alarms are shown: priority, state, action, reason, and what happened to one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.loops.alarm import SILENT, UNACKNOWLEDGED
from quancheng.domains.monitoring.models import Action, Alarm, AlarmReview
from quancheng.domains.monitoring.models.events import VALUELESS
from quancheng.domains.monitoring.queries.alarms import acts_of
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.objects import HistoryLine
from quancheng.kernel.pages.times import span_text
from quancheng.kernel.pages.words import told
from quancheng.standards.signals.responses import REASONS

#: Words of the priorities, beside their numbers.
PRIORITIES: dict[int, Text] = {
    1: gettext_lazy("紧急"), 2: gettext_lazy("高"), 3: gettext_lazy("中"), 4: gettext_lazy("低"),
}  # fmt: skip
#: A shape for each stage, none of those of risk, warning and task lights.
_SHAPES = {
    "calls": mark_safe('<path d="M7 .8 13.2 7 7 13.2.8 7Z"/>'),
    "gone": mark_safe('<path d="M7 1.8 12.2 7 7 12.2 1.8 7Z" fill="none" stroke-width="2"/>'),
    "seen": mark_safe('<path d="M2 7.5 5.5 11 12 3.5" fill="none" stroke-width="2"/>'),
    "owed": mark_safe('<path d="M2 3.5h10M2 7h10M2 10.5h6" fill="none" stroke-width="1.75"/>'),
    "silent": mark_safe('<path d="M4 2.5v9M10 2.5v9" fill="none" stroke-width="2.5"/>'),
    "over": mark_safe('<path d="M3 7h8" fill="none" stroke-width="2"/>'),
}
_STAGES = {
    "UNACK": "calls", "RTNUN": "gone", "ACKED": "seen", "FEEDBACK": "owed", "REVIEW": "owed", "CLOSED": "over",
    **dict.fromkeys(SILENT, "silent"),
}  # fmt: skip


def priority(row: Any) -> Any:
    """The priority as number and word; the graver, the heavier."""
    return format_html(
        '<span class="mon-priority mon-p{}"><b>{}</b> {}</span>', row.priority, row.priority, PRIORITIES[row.priority]
    )


def priority_choices() -> list[tuple[str, str]]:
    return [(str(place), _("%(place)s级（%(word)s）") % {"place": place, "word": word})
            for place, word in PRIORITIES.items()]  # fmt: skip


def state(row: Alarm) -> Any:
    """The state as shape and word; carries what the page's script needs to know of the row."""
    told_of = ""
    if row.acknowledged_at is not None and row.acknowledged_by is not None:
        told_of = _("%(who)s已确认：%(title)s") % {"who": row.acknowledged_by.name, "title": row.title}
    return format_html(
        '<span class="mon-state mon-{}" data-alarm="{}" data-waits="{}" data-priority="{}" data-title="{}" '
        'data-told="{}"><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">{}</svg>{}</span>',
        _STAGES[row.status], row.pk, "1" if row.status in UNACKNOWLEDGED else "", row.priority, row.title, told_of,
        _SHAPES[_STAGES[row.status]], row.status_label,
    )  # fmt: skip


def value(row: Alarm, number: float | None) -> str:
    """A value with its unit; of a signal that is away or stuck none says anything."""
    if number is None or row.type in VALUELESS:
        return ""
    return f"{number:.6g} {row.tag.unit}".strip()


def action(code: str) -> str:
    return str(Action(code).label) if code in Action.values else ""


def reason(code: str) -> str:
    """Why an alarm came, with its code; empty where nobody said."""
    found = REASONS.get(code)
    return "" if found is None else f"{code} {told(found.name)}"


def lasted(row: Alarm, *, now: datetime | None = None) -> str:
    """How long the condition stood, or stands, in words."""
    return span_text((row.cleared_at or now or timezone.now()) - row.raised_at)


def link(row: Alarm) -> Any:
    return format_html('<a href="{}">{}</a>', reverse("monitoring:alarm", args=[row.pk]), row.title)


def history(row: Alarm) -> list[HistoryLine]:
    """What happened to an alarm: its moves, measures that were told later, reviews of the authority."""
    acts = [
        HistoryLine(at=one.at, who=one.who, what=_ACTS[one.act], note=_act_note(one.act, one.facts))
        for one in acts_of(row)
    ]
    moves = loopview.history_of(row, note_of=_note)
    return sorted([*moves, *acts], key=lambda line: line.at, reverse=True)


_ACTS: dict[str, Text] = {
    "monitoring.alarm.action": gettext_lazy("采取措施"),
    "monitoring.alarm.review": gettext_lazy("抽查核实"),
}


def _note(record: MoveRecord) -> str:
    given = {name: str(value) for name, value in record.given.items()}
    parts = [action(given.get("action", "")), given.get("comment", "")]
    known = given.get("reason", "")
    parts += [reason(known) or known, given.get("measures", "")]
    return "；".join(part for part in parts if part)


def _act_note(act: str, facts: dict[str, Any]) -> str:
    if act == "monitoring.alarm.review":
        verdict = str(facts.get("verdict", ""))
        known = AlarmReview.Verdict(verdict).label if verdict in AlarmReview.Verdict.values else verdict
        parts = [str(known), str(facts.get("note", ""))]
    else:
        parts = [action(str(facts.get("action", ""))), str(facts.get("comment", ""))]
    return "；".join(part for part in parts if part)
