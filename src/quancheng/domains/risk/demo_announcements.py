"""Thirty days of announcements of the demo's enterprises: one late, one contradictory, today's waiting.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.announcement_rules import Rule
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Announcement
from quancheng.domains.risk.queries.announcements import rule_on
from quancheng.domains.risk.services import announcing, gate_screens, spot_checks
from quancheng.domains.risk.services.announcement_rules import set_announcement_rule
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar

_DAYS = 30
#: From so many days ago on teams and workshops are asked first; before, the enterprise announced alone.
_BELOW = 2
#: Numbers of the enterprises that announce, and the days ago on which they were late or denied what was known.
_OWN = (1, 2, 3)
_LATE = (2, 9)
_FALSE = (3, 5)
_OK = {"A1": "ok", "A2": "ok", "A3": "ok", "A4": "ok"}


def load(desk: Desk, own: Sequence[uuid.UUID]) -> None:
    """The rule of the trial, then of today; the days; a screen at the gate; a sample of yesterday's."""
    officer = desk.actor("officer")
    _rule(desk, officer, _DAYS + 1, asks_below=False, reason="试行：先由企业级公告")
    _rule(desk, officer, _BELOW, asks_below=True, reason="全面实行逐级研判")
    files = {
        number: Enterprise.objects.filter(pk=own[number - 1]).select_related("enterprise").first() for number in _OWN
    }
    for days in range(_DAYS, -1, -1):
        rule = rule_on(desk.date_in(-days))
        for number, file in files.items():
            if file is not None:
                _day(desk, number, file, days, rule)
    first = files[1]
    if first is not None:
        gate_screens.make_screen(actor=desk.actor("enterprise1.head"), file=first, name="南门", now=desk.ago(20))
    spot_checks.draw_spot_checks(
        actor=desk.actor("emb"), day=desk.date_in(-1), size=1, special_only=True, now=_at(desk, 1, 15),
        seed="demo-2026",
    )  # fmt: skip


def _rule(desk: Desk, officer: Actor, days: int, *, asks_below: bool, reason: str) -> None:
    rule = Rule()
    set_announcement_rule(
        actor=officer, kinds=rule.kinds, with_hazard=True, due_time=rule.due_time, grace_minutes=10,
        working_days_only=False, asks_below=asks_below, sums=True, modes={}, mark="D", reason=reason,
        from_date=desk.date_in(-days), now=_at(desk, days, 0),
    )  # fmt: skip


def _day(desk: Desk, number: int, file: Enterprise, days: int, rule: Rule) -> None:
    row = announcing.open_day(file=file, rule=rule, now=_at(desk, days, 0) if days else desk.district.now)
    if row is None or not days:
        # Today's wait: the first enterprise's is what its main person finds when signing in.
        return
    hour = 8 if (number, days) != _LATE else 11
    if hour > rule.due_time.hour:
        announcing.doubt_late(row=row, now=row.late_after + timedelta(minutes=5))
    who = desk.actor(f"enterprise{number}.head")
    for study in sorted(announcing.waiting_below(row), key=lambda one: one.layer != Layer.TEAM):
        announcing.answer_study(actor=who, row=study, answers=_OK, text="", skip_reason="", now=_at(desk, days, 7))
    _publish(desk, who, row, _at(desk, days, hour), number, days)


def _publish(desk: Desk, who: Actor, row: Announcement, now: datetime, number: int, days: int) -> None:
    facts = announcing.proposal_for(row, now=now)
    # What goes on changes from day to day, the same in each demo.
    turn = days * 7 + number * 3
    values: dict[str, int | None] = {
        "hot_2": turn % 3, "hot_1": int(turn % 5 == 0), "confined": int(turn % 4 == 0), "height": turn % 2,
        "temporary_power": turn % 3, "contractor": int(turn % 4 == 1), "draining": turn % 2,
    }  # fmt: skip
    reasons = {}
    if "level" not in facts:
        values["level"] = 3
    if (number, days) == _FALSE:
        values["hazards_1"] = facts["hazards_1"].value + 1
        reasons["hazards_1"] = "新罐区按自评计入"
    announcing.publish_announcement(
        actor=who, row=row, values=values, reasons=reasons, is_controlled=True, uncontrolled="", commitment_text="",
        authorisation="", skip_reason="", now=now,
    )  # fmt: skip


def _at(desk: Desk, days: int, hour: int) -> datetime:
    """A local hour so many days ago."""
    return Calendar().start_of(desk.date_in(-days)) + timedelta(hours=hour, minutes=6)
