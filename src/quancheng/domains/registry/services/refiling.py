"""The clock of filings: which enterprise must file its file, by when, and because of what.

Called at the end of each act on a file (what changed since it was last filed), and each morning (first and yearly).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, Filing
from quancheng.domains.registry.queries.completeness import Rows, read_rows
from quancheng.domains.registry.queries.filings import SetFilingRule, changed_facts, set_rules, snapshots
from quancheng.domains.registry.services.locking import lock_files
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.numbering.codes import next_code
from quancheng.standards import filing as standard
from quancheng.standards.filing import CHANGE, FIRST, YEARLY

CLOCK = system_actor("registry", "registry.filings.prepare")
#: Files looked at in one go.
BATCH = 500
_OPEN = ("DRAFT", "PREPARED", "FILED")


@dataclass(frozen=True, slots=True)
class Call:
    """A filing that a rule calls for."""

    rule: SetFilingRule
    due_date: date
    changed: tuple[str, ...] = ()


# At the end of an act --------------------------------------------------------------------------------------------


def follow_changes(rows: Mapping[uuid.UUID, Rows], *, now: datetime) -> None:
    """Call for a filing where a file says otherwise than it was last filed, and a rule looks at what changed.

    A draft that stands already becomes due sooner where it must; one that a change called for and that says nothing
    new any more lapses. What waits for certification or for the office is compared anew once it moves.
    """
    filed = _last_received(list(rows))
    if not filed:
        return
    today, rules = Calendar().local_date(now), set_rules()
    said = snapshots({pk: rows[pk] for pk in filed})
    open_ones = {
        one.file_id: one
        for one in Filing.objects.filter(file__in=list(filed), closed_at__isnull=True).defer("snapshot")
    }
    for pk, former in filed.items():
        changed = changed_facts(former.snapshot or {}, said[pk])
        call = _call_for_change(rows[pk], changed, today, rules)
        open_one = open_ones.get(pk)
        if call is not None and open_one is None:
            _open(rows[pk].file, call, now)
        elif call is not None and open_one is not None and open_one.status == "DRAFT":
            if call.due_date < open_one.due_date:
                _sooner(open_one, call, now)
        elif call is None and open_one is not None and open_one.status == "DRAFT" and open_one.changed:
            move(actor=CLOCK, row=open_one, name="lapse", now=now, changes={"closed_at": now})


def _last_received(files: Collection[uuid.UUID]) -> dict[uuid.UUID, Filing]:
    received = Filing.objects.filter(file__in=files, status="RECEIVED")
    newest = received.order_by("file", "-received_at", "-pk").distinct("file")
    return {one.file_id: one for one in newest}


def _call_for_change(
    rows: Rows, changed: set[str], today: date, rules: Mapping[str, SetFilingRule]
) -> Call | None:
    """The rule that calls soonest."""
    if not changed or rows.file.life == Life.CLOSED:
        return None
    known = {name: value for name, value in rows.facts.items() if value is not None}
    calls = []
    for rule in standard.rules_for(rows.kinds, known, on=today, trigger=CHANGE):
        seen = standard.called_by(rule, changed)
        mine = rules[rule.code]
        if seen and mine.is_active:
            calls.append(Call(mine, _after(today, mine), seen))
    return min(calls, key=lambda one: one.due_date, default=None)


def _after(day: date, rule: SetFilingRule) -> date:
    if rule.rule.unit == standard.WORKING_DAYS:
        return Calendar().add_working_days(day, rule.days)
    return day + timedelta(days=rule.days)


# Each morning ----------------------------------------------------------------------------------------------------


def call_for_filings(*, now: datetime) -> int:
    """Call for first and yearly filings, and let those lapse whose enterprise has closed. Returns how many it called
    for. Idempotent: a file has one open filing at most.
    """
    today, rules = Calendar().local_date(now), set_rules()
    _lapse_closed(now)
    done, last = 0, uuid.UUID(int=0)
    free = (
        Enterprise.objects.exclude(life=Life.CLOSED)
        .exclude(Exists(Filing.objects.filter(file=OuterRef("pk"), closed_at__isnull=True)))
        .order_by("pk")
    )
    while pks := list(free.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        done += _call_batch(pks, today, rules, now)
        last = pks[-1]
    return done


def _call_batch(
    pks: Sequence[uuid.UUID], today: date, rules: Mapping[str, SetFilingRule], now: datetime
) -> int:  # fmt: skip
    received = dict(
        Filing.objects.filter(file__in=pks, status="RECEIVED")
        .order_by()
        .values_list("file_id")
        .annotate(last=Max("received_at"))
    )
    done = 0
    for pk, rows in read_rows(pks, on=today).items():
        call = _call_by_clock(rows, received.get(pk), today, rules)
        if call is not None:
            with transaction.atomic():
                lock_files([pk], now=now)
                if not Filing.objects.filter(file=pk, closed_at__isnull=True).exists():
                    _open(rows.file, call, now)
                    done += 1
    return done


def _call_by_clock(
    rows: Rows, received: datetime | None, today: date, rules: Mapping[str, SetFilingRule]
) -> Call | None:
    known = {name: value for name, value in rows.facts.items() if value is not None}
    trigger = FIRST if received is None else YEARLY
    calls = []
    for rule in standard.rules_for(rows.kinds, known, on=today, trigger=trigger):
        mine = rules[rule.code]
        if not mine.is_active:
            continue
        since = Calendar().local_date(received or rows.file.created_at)
        due = _after(since, mine)
        if trigger == FIRST:
            # Who was on file before the rule had its first morning gets the whole time.
            due = max(due, _after(today, mine)) if due < today else due
        elif due - timedelta(days=mine.lead_days) > today:
            continue
        calls.append(Call(mine, due))
    return min(calls, key=lambda one: one.due_date, default=None)


def _lapse_closed(now: datetime) -> None:
    waiting = Filing.objects.filter(status__in=("DRAFT", "PREPARED"), file__life=Life.CLOSED)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        row = Filing.objects.get(pk=pk)
        move(actor=CLOCK, row=row, name="lapse", now=now, changes={"closed_at": now})


def lapse_drafts(file_id: uuid.UUID, *, now: datetime) -> None:
    """Nothing was prepared yet, and nobody owes it any more: the file is retired. In the caller's transaction."""
    for row in Filing.objects.filter(file=file_id, status="DRAFT"):
        move(actor=CLOCK, row=row, name="lapse", now=now, changes={"closed_at": now})


# Parts -----------------------------------------------------------------------------------------------------------


def _open(file: Enterprise, call: Call, now: datetime) -> Filing:
    filing = Filing(
        **file.row_scope(),
        code=next_code(Filing, "B", now=now), file=file, supervisor_id=file.supervisor_id, rule=call.rule.rule.code,
        title=_title(call, file), changed=list(call.changed), due_date=call.due_date, created_at=now,
    )  # fmt: skip
    return enter(actor=CLOCK, row=filing, now=now, facts=_facts(call))


def _sooner(filing: Filing, call: Call, now: datetime) -> None:
    changes = {
        "due_date": call.due_date, "rule": call.rule.rule.code, "title": _title(call, filing.file),
        "changed": list(call.changed),
    }  # fmt: skip
    move(actor=CLOCK, row=filing, name="sooner", now=now, given=_facts(call), changes=changes)


def _facts(call: Call) -> dict[str, object]:
    return {"rule": call.rule.rule.code, "due_date": call.due_date, "changed": list(call.changed)}


def _title(call: Call, file: Enterprise) -> str:
    return f"{call.rule.rule.name.zh}：{file.enterprise.name if file.enterprise else ''}"[:200]
