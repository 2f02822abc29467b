"""The weekly running effect (运行效果): counted on Monday at 02:00 for the week before, frozen on Tuesday at 12:00."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    PARAMETERS,
    CheckRecord,
    Counted,
    RunningAction,
    RunningAppeal,
    RunningRule,
    RunningVeto,
    RunningWeek,
)
from quancheng.domains.hazards.queries import running as queries
from quancheng.domains.hazards.queries.running_counts import Counts, count_week, evaluated_files, span_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import running_effect as standard
from quancheng.standards.risk.basis import BadInput

JUDGE, APPEAL, RULES = "hazards.running.judge", "hazards.running.appeal", "hazards.running.rules"
#: When the week before is counted, and when it is counted for the last time and frozen (local time). [D]
COUNT_AT, FREEZE_AT = time(2, 0), time(12, 0)
#: Enterprises of one batch.
BATCH = 5000
#: Working days to act by, by the code of the action. [D]
TERMS = {"REMIND": 3, "INTERVIEW": 5, "VISIT": 5, "ENFORCE": 10}
#: Records that are looked at from afar.
SAMPLE = 10
#: Days after a week within which one may object to it. [D]
APPEAL_DAYS = 28


def keep_weeks(*, now: datetime) -> int:
    """What the clock does each hour: count the last week when it is time, count anew and freeze what is due; after an
    outage also the weeks before. Returns how many evaluations were written."""
    calendar = Calendar()
    today = calendar.local_date(now)
    this_monday = today - timedelta(days=today.weekday())
    monday, written = queries.earliest_to_catch_up(today), 0
    while monday < this_monday:
        after = monday + timedelta(days=7)
        is_over = now >= calendar.start_of(after) + _clock(COUNT_AT)
        freezes = now >= calendar.start_of(after + timedelta(days=1)) + _clock(FREEZE_AT)
        started = RunningWeek.objects.filter(monday=monday)
        if freezes and (not started.exists() or started.filter(frozen_at__isnull=True).exists()):
            written += score_week(monday=monday, now=now, freeze=True)
        elif is_over and not freezes and not started.exists():
            written += score_week(monday=monday, now=now, freeze=False)
        monday = after
    return written


def score_week(
    *, monday: date, now: datetime, freeze: bool, files: Collection[uuid.UUID] | None = None
) -> int:
    """Evaluate a week that is over, for all who are evaluated or for these; returns how many rows were written.

    What is frozen stays. What objections corrected stays corrected. Who was counted and then closed or merged is
    counted to the end: his week freezes like the others.
    """
    if files is None:
        waiting = RunningWeek.objects.filter(monday=monday, frozen_at__isnull=True).values_list("file", flat=True)
        wanted = sorted({*evaluated_files(monday).values_list("pk", flat=True), *waiting})
    else:
        wanted = list(files)
    parameters = queries.parameters_on(monday)
    figures = {name: getattr(parameters, name) for name in PARAMETERS}
    written = 0
    for start in range(0, len(wanted), BATCH):
        written += _score(wanted[start : start + BATCH], monday=monday, figures=figures, now=now, freeze=freeze)
    if freeze:
        _owe_actions(monday, now=now)
    return written


def _score(
    batch: Sequence[uuid.UUID], *, monday: date, figures: Mapping[str, int], now: datetime, freeze: bool
) -> int:
    with transaction.atomic():
        standing = {
            row.file_id: row for row in RunningWeek.objects.select_for_update().filter(monday=monday, file__in=batch)
        }
        open_files = [pk for pk in batch if pk not in standing or standing[pk].frozen_at is None]
        before = dict(
            RunningWeek.objects.filter(monday=monday - timedelta(days=7), file__in=open_files).values_list("file", "e")
        )
        rows = []
        for file, counts in count_week(monday, open_files).items():
            old = standing.get(file)
            row = RunningWeek(file_id=file, monday=monday, corrections=old.corrections if old else {})
            if old is not None:
                row.pk = old.pk
            try:
                _fill(row, counts, figures)
            except BadInput:
                # An upheld objection fits the new counts no longer: what stood with it stands.
                if old is None:
                    raise
                row = old
            row.change = row.e - before[file] if file in before else None
            row.counted_at, row.frozen_at = now, now if freeze else None
            rows.append(row)
        RunningWeek.objects.bulk_create(
            rows, batch_size=2000, update_conflicts=True, unique_fields=["file", "monday"],
            update_fields=[
                "counts", "vetoes", "figures", "indicators", "e", "grade", "is_vetoed", "task_share", "danger_share",
                "change", "counted_at", "frozen_at",
            ],
        )  # fmt: skip
    return len(rows)


def _fill(row: RunningWeek, counts: Counts, figures: Mapping[str, int]) -> None:
    row.counts = {name: counts.numbers.get(name, 0) for name in Counted.values}
    row.vetoes, row.figures, row.indicators = counts.vetoes, dict(figures), counts.indicators
    _evaluate(row)


def _evaluate(row: RunningWeek) -> None:
    """Set what follows from the counts. :raises BadInput: counts that cannot be."""
    result = queries.result_of(row)
    settled = row.settled
    row.e, row.grade, row.is_vetoed = result.shown, result.grade.code, result.alpha == 0
    row.task_share = _share(settled["done"], settled["planned"])
    row.danger_share = _share(settled["accepted"], settled["due"])


def _share(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _clock(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def _owe_actions(monday: date, *, now: datetime) -> None:
    """Owe what the standard calls for after a frozen week, once for each week and kind."""
    calendar = Calendar()
    today = calendar.local_date(now)
    house = system_actor("hazards", JUDGE)
    called = RunningWeek.objects.filter(monday=monday, frozen_at__isnull=False, actions__isnull=True)
    for row in called.filter(grade="poor").select_related("file__enterprise").order_by("pk"):
        for action in queries.actions_after(row):
            if action.code not in TERMS:
                continue
            file = row.file
            due = calendar.add_working_days(today, TERMS[action.code])
            made = RunningAction(
                **file.row_scope(owner=file.supervisor_id, reach="chain"),
                week=row, code=action.code, due_date=due, created_at=now,
                title=f"{_name(file)}：{action.text.zh}（{monday:%Y-%m-%d}，{row.e}分）"[:340],
                sample=_draw(row) if action.code == "INTERVIEW" else [],
            )  # fmt: skip
            enter(actor=house, row=made, now=now, facts={"week": row.pk, "code": action.code})


def _draw(row: RunningWeek) -> list[uuid.UUID]:
    """Ten of the week's records by a draw that anybody can repeat from the key of the week."""
    begin, end = span_of(row.monday)
    rows = CheckRecord.objects.filter(file=row.file_id, at__gte=begin, at__lt=end)
    known = list(rows.values_list("pk", flat=True))

    def place(pk: uuid.UUID) -> str:
        return hashlib.sha256(f"{row.pk} {pk}".encode()).hexdigest()

    return sorted(sorted(known, key=place)[:SAMPLE])


def close_action(
    *, actor: Actor, row: RunningAction, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> RunningAction:
    """Say what was done (``record``), or why nothing will be (``drop``). The enterprise reads it from then on."""
    said = clean(text)[:2000]
    given = {"text": said} if name == "record" else {"reason": said}
    changes = {"text": said, "closed_at": now, "reach": "party"}
    move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)
    return row


def appeal(
    *, actor: Actor, week: RunningWeek, about: str, claimed: int | None, text: str, now: datetime,
    files: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> RunningAppeal:  # fmt: skip
    """The enterprise objects to a count or a veto of its week.

    :param about: a code of ``Counted``, or of a veto that stands.
    :param claimed: what it is instead; nothing for a veto.
    :raises NotPermitted: somebody else. :raises Invalid: by field; too late. :raises Conflict: one is open already.
    """
    actor.require(APPEAL)
    if week.file_id != actor.organisation_id:
        raise NotPermitted
    said, wrong = clean(text)[:2000], dict[str, Text]()
    vetoed = {one["code"] for one in week.standing_vetoes}
    if about not in Counted.values and about not in vetoed:
        wrong["about"] = _("请选择有异议的计数或否决项。")
    elif about in Counted.values:
        if claimed is None or claimed < 0:
            wrong["claimed"] = _("请填写您认为正确的数。")
        elif claimed == week.settled[about]:
            wrong["claimed"] = _("与现在的计数相同。")
        else:
            wrong |= _impossible(week, {about: claimed}, "claimed")
    if not said:
        wrong["text"] = _("请写明理由。")
    last = week.monday + timedelta(days=6 + APPEAL_DAYS)
    if not wrong and Calendar().local_date(now) > last:
        raise Invalid(_("异议应在该周结束后%(days)s天内提出。") % {"days": APPEAL_DAYS})
    if wrong:
        raise Invalid(fields=wrong)
    file, value = week.file, (claimed or 0) if about in Counted.values else 0
    named = str(Counted(about).label) if about in Counted.values else about
    row = RunningAppeal(
        **file.row_scope(owner=file.supervisor_id), week=week, about=about, claimed=value, text=said, created_at=now,
        title=f"{_name(file)}：{week.monday:%Y-%m-%d} {named}"[:340],
    )  # fmt: skip
    facts = {"week": week.pk, "about": about, "claimed": value, "text": said, "files": [str(one) for one in files]}
    try:
        with transaction.atomic():
            made: RunningAppeal = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
            attach_files(actor=actor, row=made, file_ids=files, now=now)
    except IntegrityError as again:
        raise Conflict(_("对这一项已有一条异议正在核查。")) from again
    return made


def judge_appeal(
    *, actor: Actor, row: RunningAppeal, upheld: bool, text: str, value: int | None, now: datetime,
    client_id: uuid.UUID | None = None,
) -> RunningAppeal:  # fmt: skip
    """The office corrects the count, by what it found, or says why it stands; the week is evaluated anew at once.

    :raises Invalid: a value that cannot be.
    """
    said = clean(text)[:2000]
    changes = {"answer": said, "closed_at": now}
    if not upheld:
        move(actor=actor, row=row, name="refuse", now=now, given={"reason": said}, changes=changes, client_id=client_id)
        return row
    is_count = row.about in Counted.values
    settled = (row.claimed if value is None else value) if is_count else 0
    with transaction.atomic():
        week = RunningWeek.objects.select_for_update().select_related("file").get(pk=row.week_id)
        if settled < 0 or (is_count and (wrong := _impossible(week, {row.about: settled}, "value"))):
            raise Invalid(fields=wrong if settled >= 0 else {"value": _("不能小于零。")})
        move(actor=actor, row=row, name="uphold", now=now, given={"text": said}, changes=changes,
             facts={"value": settled}, client_id=client_id)  # fmt: skip
        week.corrections = {**week.corrections, row.about: settled}
        _evaluate(week)
        before, after = (week.monday + timedelta(days=days) for days in (-7, 7))
        known = RunningWeek.objects.filter(file=week.file_id, monday=before).values_list("e", flat=True).first()
        week.change = None if known is None else week.e - known
        week.save()
        # By the other row's own score: another objection may be correcting it at this moment.
        RunningWeek.objects.filter(file=week.file_id, monday=after).update(change=F("e") - week.e)
        note(actor, "hazards.running.correct", week.file_id, week, now, {"about": row.about, "value": settled})
    return row


def withdraw_appeal(
    *, actor: Actor, row: RunningAppeal, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> RunningAppeal:
    """The enterprise takes its objection back."""
    move(actor=actor, row=row, name="withdraw", now=now, given={"reason": clean(reason)[:300]},
         changes={"closed_at": now}, client_id=client_id)  # fmt: skip
    return row


def enter_veto(
    *, actor: Actor, file: Enterprise, monday: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> RunningVeto:
    """A regulator found that a major danger was known and not registered, or that somebody died (V4).

    :raises NotPermitted: no office that supervises the enterprise. :raises Invalid: by field, also a frozen week.
    :raises Conflict: it stands already.
    """
    person = _require_judge(actor, file)
    wrong: dict[str, Text] = {}
    said = clean(reason)[:500]
    if not said:
        wrong["reason"] = _("请写明事实。")
    if monday.weekday() or monday > Calendar().local_date(now):
        wrong["monday"] = _("请填写已开始的一周的星期一。")
    elif queries.is_frozen(file.pk, monday):
        wrong["monday"] = _("该周的结果已封存，请记在之后的一周。")
    if wrong:
        raise Invalid(fields=wrong)
    body = {"file": file.pk, "monday": monday, "reason": said}

    def make() -> uuid.UUID:
        made = RunningVeto.objects.create(
            file=file, monday=monday, code="V4", reason=said, entered_at=now, entered_by_id=person
        )
        note(actor, "hazards.running.veto", file.pk, made, now, body)
        return made.pk

    try:
        with transaction.atomic():
            pk, _new = once(actor=actor, client_id=client_id, act="hazards.running.veto", body=body, now=now, make=make)
    except IntegrityError as again:
        raise Conflict(_("该周已登记这一否决事实。"), fields={"monday": _("该周已登记这一否决事实。")}) from again
    _recount(file, monday, now)
    return RunningVeto.objects.get(pk=pk)


def cancel_veto(*, actor: Actor, row: RunningVeto, reason: str, now: datetime) -> None:
    """Take it back, while the week is not frozen. :raises Invalid: no reason, or too late. :raises StaleState: done."""
    _require_judge(actor, row.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    if queries.is_frozen(row.file_id, row.monday):
        raise Invalid(_("该周的结果已封存，请由企业提出异议后更正。"))
    with transaction.atomic():
        won = RunningVeto.objects.filter(pk=row.pk, cancelled_at__isnull=True).update(
            cancelled_at=now, cancelled_reason=clean(reason)[:300]
        )
        if not won:
            raise StaleState
        note(actor, "hazards.running.veto_cancel", row.file_id, row, now, {"reason": clean(reason)[:300]})
    _recount(row.file, row.monday, now)


def set_rules(*, actor: Actor, figures: Mapping[str, int], reason: str, from_date: date, now: datetime) -> RunningRule:
    """Set the parameters of the evaluation from a Monday on; what was evaluated keeps its own.

    :raises Invalid: by field; a day that is no Monday or past, figures that cannot be.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    today = Calendar().local_date(now)
    if from_date.weekday() or from_date < today - timedelta(days=today.weekday()):
        wrong["from_date"] = _("请填写本周或以后的星期一。")
    known = {name: int(figures[name]) for name in PARAMETERS}
    try:
        standard.Parameters(**known)
    except BadInput as bad:
        wrong[bad.field] = told(bad.reason)
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = RunningRule.objects.create(
            figures=known, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(actor=actor, act="hazards.running.rules", subject_type=subject_type_of(made),
                       subject_id=made.pk, facts={**known, "from": from_date}, now=now)  # fmt: skip
    return made


def _impossible(week: RunningWeek, given: Mapping[str, int], name: str) -> dict[str, Any]:
    """Why the counts could not be so, under the field that was typed."""
    try:
        queries.evaluated({**week.settled, **given}, [], week.figures)
    except BadInput as bad:
        return {name: told(bad.reason)}
    return {}


def _require_judge(actor: Actor, file: Enterprise) -> uuid.UUID:
    """The person of an office that supervises the enterprise."""
    actor.require(JUDGE)
    if not actor.supervises or not Enterprise.objects.visible_to(actor).filter(pk=file.pk).exists():
        raise NotPermitted
    if actor.user_id is None:
        raise NotPermitted
    return actor.user_id


def _name(file: Enterprise) -> str:
    return file.enterprise.name if file.enterprise else ""


def _recount(file: Enterprise, monday: date, now: datetime) -> None:
    """A week that was counted and is not frozen is counted anew for one enterprise."""
    if RunningWeek.objects.filter(file=file, monday=monday, frozen_at__isnull=True).exists():
        score_week(monday=monday, now=now, freeze=False, files=[file.pk])
