"""Spot checks by who supervises (作业抽查): the daily draw, one chosen by hand, what was seen; and what enterprises
confirm of their rules for dangerous work."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.audit import ANSWER_H
from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import (
    AuditFinding,
    Matter,
    MechanismDue,
    Permit,
    Severity,
    SpotCheck,
    SpotDraw,
    SpotMode,
    SpotRate,
    WorkMechanism,
)
from quancheng.domains.permits.queries import spot as queries
from quancheng.domains.permits.queries.audits import AUDIT, RULES
from quancheng.domains.permits.services.auditing import HOUSE, audit_permit, hold_against, stop_at_once
from quancheng.domains.permits.services.checking import invalid, is_far
from quancheng.domains.permits.services.setting import set_once
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import Organisation
from quancheng.standards.gb30871.audit.spot import Question, Rates, draw, questions, spot_score
from quancheng.standards.gb30871.basis import BadInput

log = logging.getLogger(__name__)
#: From when on the day's draw is made (local time): work of the morning has begun. [D]
DRAW_AT = time(9, 30)
ANSWERS = ("YES", "NO", "NA")
#: Clocks of devices may go ahead by so much.
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an inspector tells of a check. Online: camera, moment, what the video showed, and a problem with its
    severity where he saw one. On the spot: each question with its answer and note."""

    mode: str
    camera: str = ""
    seen_at: datetime | None = None
    seen: str = ""
    problem: str = ""
    severity: str = ""
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    note: str = ""
    files: Sequence[uuid.UUID] = ()


# Drawing -------------------------------------------------------------------------------------------------------------


def draw_daily(*, now: datetime) -> int:
    """What the clock does: once a day, after half past nine, each office whose enterprises work draws. Returns how many
    permits were chosen."""
    days = Calendar()
    today = days.local_date(now)
    if now < days.start_of(today) + timedelta(hours=DRAW_AT.hour, minutes=DRAW_AT.minute):
        return 0
    chosen = 0
    for office in queries.offices_with_work():
        if not queries.has_drawn(office, today):
            try:
                chosen += draw_for(office_id=office, now=now).chosen_count
            except IntegrityError:
                log.info("the office %s drew a moment ago", office)
    return chosen


def draw_by_hand(*, actor: Actor, now: datetime, client_id: uuid.UUID | None = None) -> SpotDraw:
    """Another draw out of turn, of one's own office. :raises Conflict: nothing runs that is not chosen already, or
    somebody drew the same at this moment."""
    actor.require(AUDIT)
    office_id = actor.organisation_id
    if office_id is None or not actor.supervises:
        raise NotPermitted

    def make() -> uuid.UUID:
        if not queries.candidates(office_id):
            raise Conflict(_("现在没有可以抽取的作业。"))
        try:
            return draw_for(office_id=office_id, now=now, actor=actor).pk
        except IntegrityError as twice:
            raise Conflict(_("刚刚已经抽取，请查看抽取记录。")) from twice

    pk, _new = once(actor=actor, client_id=client_id, act="permits.spot.draw", body={}, now=now, make=make)
    return SpotDraw.objects.get(pk=pk)


def draw_for(*, office_id: uuid.UUID, now: datetime, actor: Actor | None = None, seed: str = "") -> SpotDraw:
    """One draw of an office with a seed that is kept.

    :param actor: who asked for it out of turn; None: the day's own. :param seed: for a test.
    """
    rates = queries.rates()
    chance = seed or secrets.token_hex(16)
    permits = queries.candidates(office_id)
    scored = [spot_score(one, chance) for one in queries.facts_of_many(permits, now)]
    chosen = draw(tuple(scored), chance, rates)
    numbers = {str(one.pk): one for one in permits}
    today = Calendar().local_date(now)
    office = Organisation.objects.get(pk=office_id)
    with transaction.atomic():
        made = SpotDraw.objects.create(
            owner_org_id=office_id, area_id=office.area_id, reach="chain", drawn_date=today, seed=chance,
            rates=asdict(rates), is_extra=actor is not None, drawn_at=now, chosen_count=len(chosen),
            drawn_by_id=actor.user_id if actor else None,
            scored=[
                {"permit": one.key, "number": numbers[one.key].number, "score": one.score,
                 "lines": [list(line) for line in one.lines], "chosen": one.key in chosen}
                for one in sorted(scored, key=lambda each: (-each.score, each.key))
            ],
        )  # fmt: skip
        for one in scored:
            if one.key in chosen:
                _owe(numbers[one.key], office_id, now, draw_row=made, score=one.score)
        journal.record(
            actor=actor or HOUSE, act="permits.spot.draw", subject_type=SpotDraw._meta.label_lower, subject_id=made.pk,
            org_id=office_id, facts={"seed": chance, "of": len(scored), "chosen": sorted(chosen)}, now=now,
        )  # fmt: skip
    return made


def _owe(
    permit: Permit, office_id: uuid.UUID, now: datetime, *, draw_row: SpotDraw | None = None, score: int | None = None,
    actor: Actor | None = None,
) -> SpotCheck:  # fmt: skip
    row = SpotCheck(
        **permit.file.row_scope(owner=office_id, reach="chain"), permit=permit, draw=draw_row, score=score,
        title=permit.title, due_date=Calendar().local_date(now), created_at=now,
    )  # fmt: skip
    made: SpotCheck = enter(actor=actor or HOUSE, row=row, now=now, facts={"permit": permit.pk})
    return made


def choose(*, actor: Actor, permit: Permit, now: datetime) -> SpotCheck:
    """Look at a permit that nobody drew. :raises Conflict: it does not run, or somebody is to look at it already."""
    actor.require(AUDIT)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    if permit.status not in RUNNING:
        raise Conflict(_("只能抽查已签发、作业中和暂停的作业票。"))
    try:
        with transaction.atomic():
            return _owe(permit, actor.organisation_id, now, actor=actor)
    except IntegrityError as twice:
        raise Conflict(_("这张作业票已在待抽查中。")) from twice


# Recording -----------------------------------------------------------------------------------------------------------


def record_check(
    *, actor: Actor, row: SpotCheck, seen: Seen, now: datetime, client_id: uuid.UUID | None = None
) -> SpotCheck:
    """Write down what was seen; what is wrong goes to the enterprise at once. The rules run at the same moment.

    :raises Invalid: by field: a question without answer, a "no" without what is wrong, no camera or moment; and what
        a check of this mode does not read, so that nothing that was told is lost.
    """
    actor.require(AUDIT)
    asked = questions(row.permit.kind)
    missing = _wrong_online(seen, now) if seen.mode == SpotMode.ONLINE else _wrong_on_site(seen, asked)
    wrong = {**missing, **_unread(seen, asked)}
    if wrong:
        raise Invalid(fields=wrong)
    problems = _problems(seen, asked)
    body = {
        **{name: clean(getattr(seen, name)) for name in ("mode", "camera", "seen", "problem", "severity", "note")},
        "seen_at": seen.seen_at.isoformat() if seen.seen_at is not None else "",
        "answers": {code: list(told) for code, told in seen.answers.items()},
    }  # fmt: skip

    def do() -> None:
        audit = audit_permit(permit=row.permit, moment="NIGHT", now=now)
        changes = {
            "mode": seen.mode, "passed": not problems, "camera": clean(seen.camera)[:100], "seen_at": seen.seen_at,
            "seen": clean(seen.seen)[:1000], "note": clean(seen.note)[:1000], "checker_id": actor.user_id,
            "checker_name": actor.name, "checked_at": now, "audit_score": audit.score if audit else None,
            "answers": {code: [answer, clean(note)[:300]] for code, (answer, note) in seen.answers.items()},
            # From now on the enterprise reads what was seen; before, it was not to know.
            "reach": "party",
        }  # fmt: skip
        result = "failed" if problems else "passed"
        if seen.files:
            attach_files(actor=actor, row=row, file_ids=seen.files, now=now)
        move(actor=actor, row=row, name="record", now=now, given={"result": result}, changes=changes)
        for one in problems:
            _find(actor, row, one, now)
        if any(one.severity == "C" for one in problems):
            stop_at_once(row.permit, now, _("抽查发现严重问题"))

    act_once(actor=actor, row=row, act=f"{row.loop_code}.record", body=body, now=now, client_id=client_id, do=do)
    return row


@dataclass(frozen=True, slots=True)
class _Problem:
    rule: str
    severity: str
    clause: str
    text: tuple[str, str]
    note: str


def _unread(seen: Seen, asked: Sequence[Question]) -> dict[str, Text]:
    """What was told and a check of this mode does not read: a problem on the spot is a "no", online no question is
    asked; and questions that are none of the kind."""
    wrong: dict[str, Text] = {}
    if seen.mode == SpotMode.ON_SITE:
        told = [name for name in ("camera", "problem", "severity") if clean(getattr(seen, name))]
        wrong = dict.fromkeys([*told, *(["seen_at"] if seen.seen_at is not None else [])], _("现场抽查不填此项。"))
        known = {one.code for one in asked}
        for code in seen.answers:
            if code not in known:
                wrong[f"answer_{code}"] = _("没有这个检查项。")
    elif seen.mode == SpotMode.ONLINE:
        wrong = dict.fromkeys((f"answer_{code}" for code in seen.answers), _("在线抽查不填此项。"))
        if clean(seen.severity) and not clean(seen.problem):
            wrong["problem"] = _("请填写此项。")
    return wrong


def _wrong_online(seen: Seen, now: datetime) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name in ("camera", "seen"):
        if not clean(getattr(seen, name)):
            wrong[name] = _("请填写此项。")
    if seen.seen_at is None:
        wrong["seen_at"] = _("请填写时间。")
    elif is_far(seen.seen_at, now):
        wrong["seen_at"] = _("时间超出范围。")
    elif seen.seen_at > now + _AHEAD:
        wrong["seen_at"] = _("时间不能晚于现在。")
    if clean(seen.problem) and seen.severity not in Severity.values:
        wrong["severity"] = _("请选择严重程度。")
    return wrong


def _wrong_on_site(seen: Seen, asked: Sequence[Question]) -> dict[str, Text]:
    wrong: dict[str, Text] = {} if seen.mode == SpotMode.ON_SITE else {"mode": _("没有这个选项。")}
    for one in asked:
        answer, note = seen.answers.get(one.code, ("", ""))
        if answer not in ANSWERS:
            wrong[f"answer_{one.code}"] = _("请回答此项。")
        elif answer == "NO" and not clean(note):
            wrong[f"note_{one.code}"] = _("请写明不符合的情况。")
    return wrong


def _problems(seen: Seen, asked: Sequence[Question]) -> list[_Problem]:
    if seen.mode == SpotMode.ONLINE:
        said = clean(seen.problem)[:300]
        return [_Problem("", seen.severity, "", (said, said), said)] if said else []
    return [
        _Problem(one.code, one.severity, one.clause, (one.text.zh, one.text.en), clean(seen.answers[one.code][1])[:500])
        for one in asked if seen.answers[one.code][0] == "NO"
    ]  # fmt: skip


def _find(actor: Actor, row: SpotCheck, problem: _Problem, now: datetime) -> None:
    permit = row.permit
    # A question that is answered "no" is a finding that says what should be; an online one says what was seen.
    zh, en = problem.text
    if problem.rule:
        zh, en = f"不符合：{zh}", f"not so: {en}"
    finding = AuditFinding(
        **permit.file.row_scope(owner=row.owner_org_id), permit=permit, kind=permit.kind, rule=problem.rule,
        severity=problem.severity, clause=problem.clause[:120], title=f"{problem.rule} {zh}".strip()[:300],
        evidence={"text": [zh, en]}, note=problem.note, is_by_inspector=True, found_at=now,
        answer_by=now + timedelta(hours=ANSWER_H[problem.severity]),
    )  # fmt: skip
    facts = {"permit": permit.pk, "rule": problem.rule, "severity": problem.severity, "check": row.pk}
    made: AuditFinding = enter(actor=actor, row=finding, now=now, facts=facts)
    move(actor=actor, row=made, name="push", now=now)
    if problem.severity in ("C", "M"):
        hold_against(permit=permit, finding=made, person=None, note="", actor=actor, now=now)


def drop_check(
    *, actor: Actor, row: SpotCheck, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> SpotCheck:
    """Nobody could look: why."""
    given = {"reason": clean(reason)[:500]}
    move(actor=actor, row=row, name="drop", now=now, given=given, changes={"note": given["reason"]},
         client_id=client_id)  # fmt: skip
    return row


# Settings, and what enterprises confirm ------------------------------------------------------------------------------


def set_rates(
    *, actor: Actor, given: Mapping[str, int], reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> SpotRate:
    """How many are drawn from now on. :raises Invalid: a share or bound that cannot be."""
    actor.require(RULES)
    try:
        Rates(**given)
    except BadInput as bad:
        raise invalid(bad) from bad
    told = {**given, "reason": clean(reason)[:300]}
    return set_once(
        SpotRate, actor=actor, act="permits.spot.rates", given={**told, "entered_by_id": actor.user_id}, facts=given,
        body=told, now=now, client_id=client_id,
    )  # fmt: skip


def set_due(
    *, actor: Actor, day: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> MechanismDue:
    """By which day enterprises confirm."""
    actor.require(RULES)
    why, facts = clean(reason)[:300], {"due": day.isoformat()}
    return set_once(
        MechanismDue, actor=actor, act="permits.mechanism.due",
        given={"due_date": day, "reason": why, "entered_by_id": actor.user_id}, facts=facts,
        body={**facts, "reason": why}, now=now, client_id=client_id,
    )  # fmt: skip


def confirm_mechanism(
    *, actor: Actor, file: Enterprise, matter: str, title: str, issued: date, text: str, files: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> WorkMechanism:  # fmt: skip
    """The enterprise confirms one matter with its documents. :raises Invalid: no such matter, no document, a day to
    come. :raises NotPermitted: another's."""
    actor.require(queries.CONFIRM)
    if actor.organisation_id != file.pk:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if matter not in Matter.values:
        wrong["matter"] = _("没有这个选项。")
    if not clean(title):
        wrong["title"] = _("请填写此项。")
    if issued > Calendar().local_date(now):
        wrong["issued"] = _("日期不能晚于今天。")
    if not files:
        wrong["papers"] = _("请上传文件。")
    if wrong:
        raise Invalid(fields=wrong)
    act = "permits.mechanism.confirm"
    told = {"matter": matter, "title": clean(title)[:200], "text": clean(text)[:1000]}

    def make() -> uuid.UUID:
        with transaction.atomic():
            made = WorkMechanism.objects.create(
                **told, file=file, issued_date=issued, confirmed_at=now, confirmed_by_id=actor.user_id,
                by_name=actor.name,
            )  # fmt: skip
            attach_files(actor=actor, row=made, file_ids=files, now=now)
            _note(actor, act, WorkMechanism._meta.label_lower, made.pk, file.pk, now,
                  {"matter": matter, "title": made.title})  # fmt: skip
        return made.pk

    body = {**told, "issued": issued.isoformat()}
    pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return WorkMechanism.objects.get(pk=pk)


def _note(
    actor: Actor, act: str, subject_type: str, subject_id: uuid.UUID, org_id: uuid.UUID | None, now: datetime,
    facts: dict[str, Any],
) -> None:  # fmt: skip
    journal.record(
        actor=actor, act=act, subject_type=subject_type, subject_id=subject_id, org_id=org_id, facts=facts, now=now
    )
