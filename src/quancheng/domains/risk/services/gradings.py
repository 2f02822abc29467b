"""Rounds of grading (企业安全风险分级): begun, filled in, submitted, looked through line by line, published."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk import grading_scheme
from quancheng.domains.risk.grading_scheme import Question
from quancheng.domains.risk.kinds import GradingCause
from quancheng.domains.risk.models import Grading
from quancheng.domains.risk.queries.grading_facts import Known, hazards_of, known_answers, scheme_for
from quancheng.domains.risk.queries.grading_facts import register_forcing as register_forcing
from quancheng.domains.risk.queries.gradings import without_round
from quancheng.domains.risk.services.assessing import told
from quancheng.domains.risk.services.enterprise_colours import recolour_files
from quancheng.domains.risk.services.keeping import ENTER, note, require_keeper
from quancheng.domains.risk.services.policies import follow_colour
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.standards.risk.basis import BadInput, months_later
from quancheng.standards.risk.verdict import VALID_YEARS

JUDGE = "risk.gradings.judge"
CLOCK = system_actor("risk", JUDGE)
#: Days for filling in, and how long before its end a grading is made anew. [D]
FILL_DAYS, REVIEW_DAYS = 30, 60
OPEN = ("DRAFT", "SUBMITTED")


def begin_grading(
    *, actor: Actor, file: Enterprise, cause: str, text: str, now: datetime, due: date | None = None,
    client_id: uuid.UUID | None = None,
) -> Grading:  # fmt: skip
    """Begin a round: the enterprise its own, an office one of its area, the clock because of a trigger.

    :raises Conflict: one is under way. :raises Invalid: the class of the enterprise has no way of grading.
    """
    if not actor.is_system and not actor.has(JUDGE):
        require_keeper(actor, file)
    if cause not in GradingCause.values:
        raise Invalid(fields={"cause": _("请选择启动原因。")})
    if cause == GradingCause.OTHER and not clean(text):
        raise Invalid(fields={"text": _("请说明原因。")})
    scheme = scheme_for(file)
    if scheme is None:
        raise Conflict(_("“%(kind)s”没有适用的分级方法。") % {"kind": file.get_kind_display()})

    def make() -> uuid.UUID:
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.pk)
        if Grading.objects.filter(file=file, status__in=OPEN).exists():
            raise Conflict(_("该企业已有一轮分级正在办理。"))
        last = Grading.objects.filter(file=file).aggregate(last=Max("round_no"))["last"] or 0
        name = file.enterprise.name if file.enterprise else ""
        row = Grading(
            **file.row_scope(),
            code=next_code(Grading, "FJ", now=now), file=file, supervisor_id=file.supervisor_id,
            title=name[:200], scheme=scheme, round_no=last + 1, cause=cause, cause_text=clean(text)[:300],
            due_date=due or Calendar().local_date(now) + timedelta(days=FILL_DAYS), created_at=now,
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, facts={"cause": cause, "text": row.cause_text}).pk

    body = {"file": file.pk, "cause": cause, "text": clean(text)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.grading.begin", body=body, now=now, make=make)
    return Grading.objects.get(pk=pk)


def begin_gradings(*, actor: Actor, kinds: Sequence[str], now: datetime) -> int:
    """Begin a first round for each enterprise of these classes that the actor's office leads and that has none.

    :raises Conflict: there is no such enterprise.
    """
    actor.require(JUDGE)
    files = list(without_round(actor=actor, kinds=kinds))
    if not files:
        raise Conflict(_("没有需要启动分级的企业。"))
    with transaction.atomic():
        for file in files:
            begin_grading(actor=actor, file=file, cause=GradingCause.FIRST, text="", now=now)
    return len(files)


def may_fill(actor: Actor, row: Grading) -> bool:
    """Whether the actor fills in a draft that he sees: the enterprise, or the office that leads its supervision."""
    if row.status != "DRAFT":
        return False
    if row.owner_org_id == actor.organisation_id:
        return actor.has("risk.list.keep")
    return row.supervisor_id == actor.organisation_id and actor.has(ENTER)


def asked(row: Grading, on: date) -> list[tuple[Question, Known | None]]:
    """What is asked on a day, each with what the registry tells of it; what it tells wholly is left out."""
    known = known_answers(row.file, row.scheme, on)
    found = []
    for question in grading_scheme.questions(row.scheme, on):
        teller = known.get(question.code)
        if teller is None or not teller.is_whole:
            found.append((question, teller))
    return found


def fill_grading(
    *, actor: Actor, row: Grading, values: Mapping[str, Any], comments: Mapping[str, str], assessed_by: str,
    assessed_date: date | None, evidence: Sequence[uuid.UUID], now: datetime, seen: str = "",
) -> Grading:  # fmt: skip
    """Keep what was answered so far; a draft may have gaps, a submission may not.

    :param values: by the code of a question; None: not answered. :param seen: ``updated_at`` as it was read, if known.
    :raises Invalid: by ``value_<code>``: what a question cannot have, or one that the registry answers.
    :raises StaleState: somebody saved meanwhile.
    """
    if not may_fill(actor, row):
        raise NotPermitted
    if seen and seen != row.updated_at.isoformat():
        raise StaleState(_("他人刚刚修改了此轮分级，请刷新后核对再填。"))
    today = Calendar().local_date(now)
    questions = {question.code: question for question, _known in asked(row, today)}
    answers, wrong = dict(row.answers), {}
    for code, value in values.items():
        question = questions.get(code)
        if question is None:
            wrong[f"value_{code}"] = _("此项不在填报范围内，或由档案取数。")
            continue
        try:
            kept = grading_scheme.read_value(question, value)
        except BadInput as bad:
            wrong[f"value_{code}"] = told(bad.reason)
            continue
        comment = clean(comments.get(code, ""))[:300]
        before = answers.get(code)
        if before is not None and (before["value"], before["comment"]) == (kept, comment):
            continue
        answers[code] = _said(kept, "asked", today, actor.name, comment)
    if assessed_date is not None and assessed_date > today:
        wrong["assessed_date"] = _("评估日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        won = Grading.objects.filter(pk=row.pk, status="DRAFT", updated_at=row.updated_at).update(
            answers=answers, assessed_by=clean(assessed_by)[:200], assessed_date=assessed_date, updated_at=now
        )
        if not won:
            raise StaleState(_("他人刚刚修改了此轮分级，请刷新后核对再填。"))
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note(actor, "risk.grading.fill", row.file_id, row, now, {"answers": digest_of(answers)})
    row.refresh_from_db()
    return row


def submit_grading(
    *, actor: Actor, row: Grading, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Grading:
    """Hand a draft in, with what the registry tells that day. An office that does so for the enterprise says why.

    :raises Conflict: questions that nobody answered, by their codes; no day or body of the assessment.
    """

    def do() -> None:
        _submit(actor=actor, row=row, reason=clean(reason)[:500], now=now)

    body = {"reason": clean(reason)[:500]}
    act_once(actor=actor, row=row, act="risk.grading.submit", body=body, now=now, client_id=client_id, do=do)
    return row


def _submit(*, actor: Actor, row: Grading, reason: str, now: datetime) -> None:
    today = Calendar().local_date(now)
    known = known_answers(row.file, row.scheme, today)
    answers: dict[str, Any] = {}
    gaps = []
    for question in grading_scheme.questions(row.scheme, today):
        teller = known.get(question.code)
        if teller is not None and teller.is_whole:
            answers[question.code] = _said(teller.value, "registry", today, "", "", teller.rows)
        elif (given := row.answers.get(question.code)) is not None and given["value"] is not None:
            answers[question.code] = given
        else:
            gaps.append(question.code)
    if gaps:
        raise Conflict(_("还有%(count)s项没有回答：%(codes)s。") % {"count": len(gaps), "codes": "、".join(gaps)})
    if not row.assessed_by or row.assessed_date is None:
        raise Conflict(_("请先填写评估专家或机构和评估日期。"))
    own = row.owner_org_id == actor.organisation_id
    changes = {"answers": answers, "hazards": hazards_of(row.file_id), **_outcome(row, answers, today)}
    move(
        actor=actor, row=row, name="submit" if own else "enter", now=now, given={"reason": reason},
        changes=changes, facts=_facts(changes),
    )  # fmt: skip


def correct_grading(
    *, actor: Actor, row: Grading, code: str, value: Any, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Grading:  # fmt: skip
    """The office changes one answer, from whichever source; what stood before stays beside it with the reason.

    :raises NotFound: no such question. :raises Invalid: what it cannot have, or no reason.
    """
    today = Calendar().local_date(now)
    question = next((one for one in grading_scheme.questions(row.scheme, today) if one.code == code), None)
    if question is None:
        raise NotFound
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    try:
        kept = grading_scheme.read_value(question, value)
    except BadInput as bad:
        raise Invalid(fields={"value": told(bad.reason)}) from bad
    if kept is None:
        raise Invalid(fields={"value": _("请回答此项。")})
    asked_for = {"reason": clean(reason)[:300], "code": code, "value": kept}

    def do() -> None:
        before = row.answers.get(code, {})
        made = _said(kept, "asked", today, actor.name, before.get("comment", ""), before.get("rows", ()))
        made |= {"before": before.get("value"), "reason": asked_for["reason"]}
        answers = {**row.answers, code: made}
        changes = {"answers": answers, **_outcome(row, answers, today)}
        given = {**asked_for, "before": before.get("value")}
        move(
            actor=actor, row=row, name="correct", now=now, given=given, changes=changes, facts=_facts(changes)
        )  # fmt: skip

    act_once(actor=actor, row=row, act="risk.grading.correct", body=asked_for, now=now, client_id=client_id, do=do)
    return row


def publish_grading(
    *, actor: Actor, row: Grading, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Grading:
    """Publish a grading: it replaces the one in force; the enterprise's colour and its plan follow.

    It counts three years from the day of its assessment.

    :raises NotPermitted: who submitted it. :raises Conflict: it was assessed so long ago that it counts no more.
    """
    given = {"text": clean(text)[:500]}

    def do() -> None:
        today = Calendar().local_date(now)
        end = months_later(row.assessed_date or today, 12 * VALID_YEARS)
        if end <= today:
            raise Conflict(_("评估至今已满三年，请重新评估后再公布。"))
        Enterprise.objects.select_for_update(no_key=True).get(pk=row.file_id)
        found = _outcome(row, row.answers, today)
        changes = {
            **found, "published_at": now, "valid_to": end, "review_date": end - timedelta(days=REVIEW_DAYS),
        }  # fmt: skip
        older = Grading.objects.filter(file=row.file_id, status="PUBLISHED").exclude(pk=row.pk).first()
        if older is not None:
            move(actor=CLOCK, row=older, name="supersede", now=now, changes={"closed_at": now})
        move(
            actor=actor, row=row, name="publish", now=now, given=given, changes=changes, facts=_facts(changes)
        )  # fmt: skip
        recolour_files(ids=[row.file_id], because="risk.grading.publish", now=now)
        follow_colour(file=row.file, now=now)

    act_once(actor=actor, row=row, act="risk.grading.publish", body=given, now=now, client_id=client_id, do=do)
    return row


def answer_grading(
    *, actor: Actor, row: Grading, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Grading:
    """The moves that ask for a reason alone: ``return`` to who fills in, ``withdraw``. :raises Invalid: no reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {}
    if name == "withdraw":
        changes["closed_at"] = now
    if name == "return":
        changes["due_date"] = max(row.due_date, Calendar().local_date(now) + timedelta(days=10))
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def _said(
    value: str | None, source: str, day: date, who: str, comment: str, rows: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "value": value, "source": source, "day": day.isoformat(), "who": who, "comment": comment, "rows": list(rows),
    }  # fmt: skip


def _outcome(row: Grading, answers: Mapping[str, Any], on: date) -> dict[str, Any]:
    """:raises Invalid: two answers that cannot stand together, told at the question."""
    try:
        found = grading_scheme.outcome(row.scheme, answers, on)
    except BadInput as bad:
        sentence: Text = told(bad.reason)
        raise Invalid(sentence, fields={f"value_{bad.field}": sentence}) from bad
    return {"result": found, "score": found["score"], "level": found["level"]}


def _facts(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal holds: the outcome, and digests of what it rests on, for answers name people."""
    found: dict[str, Any] = {"level": changes["level"], "score": changes["score"]}
    found |= {name: digest_of(changes[name]) for name in ("answers", "result") if name in changes}
    return found
