"""What a danger taught (举一反三), and what other units are asked to look for at themselves (同类自查)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, Lesson, Push, PushReply
from quancheng.domains.hazards.models.learning import ANSWERED
from quancheng.domains.hazards.queries.learning import MOST_UNITS, Asked, candidates
from quancheng.domains.hazards.services.judging import is_criterion
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import once
from quancheng.standards.hidden_dangers import levels

PUSH, ANSWER = "hazards.lessons.push", "hazards.findings.confirm"
#: Answers to why that are asked at most (5 whys); the last one is the root cause.
MOST_WHYS = 5
_LINE = 500


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """What is written down when a graver danger is put right.

    :param whys: answers to why, one after the other; the last one is the root cause.
    :param places: places of the same kind in the unit, each with what was found there.
    :param tell: which other units should hear of it.
    """

    whys: Sequence[str] = ()
    places: Sequence[tuple[str, str]] = ()
    rule: str = ""
    procedure: str = ""
    training: str = ""
    tell: str = ""


def faults_of(spec: LessonSpec) -> dict[str, Text]:
    """What a lesson lacks, by field."""
    wrong: dict[str, Text] = {}
    whys = [clean(one) for one in spec.whys if clean(one)]
    if not whys:
        wrong["whys"] = _("请至少写明根本原因。")
    elif len(whys) > MOST_WHYS:
        wrong["whys"] = _("最多%(count)s层，请合并。") % {"count": MOST_WHYS}
    if not spec.places:
        wrong["places"] = _("请列出同类部位和排查结果；没有同类部位的，写“全厂：无同类部位”。")
    elif any(not clean(place) or not clean(result) for place, result in spec.places):
        wrong["places"] = _("每个部位都要写明排查结果，写作“部位：结果”。")
    if not any(clean(one) for one in (spec.rule, spec.procedure, spec.training)):
        wrong["rule"] = _("制度、操作规程、培训教育至少改进一项。")
    return wrong


def keep_lesson(*, actor: Actor, row: Finding, spec: LessonSpec, now: datetime) -> Lesson:
    """Keep the lesson of a danger in its caller's transaction; one that was returned writes it anew."""
    kept: dict[str, Any] = {
        "whys": [clean(one)[:_LINE] for one in spec.whys if clean(one)],
        "places": [{"place": clean(place)[:_LINE], "result": clean(result)[:_LINE]} for place, result in spec.places],
        "rule": clean(spec.rule)[:_LINE], "procedure": clean(spec.procedure)[:_LINE],
        "training": clean(spec.training)[:_LINE], "tell": clean(spec.tell)[:_LINE], "writer_name": actor.name,
        "written_at": now,
    }  # fmt: skip
    made, _created = Lesson.objects.update_or_create(finding=row, defaults=kept)
    row.refresh_from_db()
    return made


@dataclass(frozen=True, slots=True)
class PushSpec:
    """A same-type self-check: what is looked for, by when, from which danger."""

    title: str
    text: str
    due_date: date | None = None
    finding: Finding | None = None


def push_self_check(
    *, actor: Actor, spec: PushSpec, asked: Asked, files: Collection[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Push:  # fmt: skip
    """Ask units of the same kind to look for the same at themselves, each once.

    :param files: those of the candidates that are meant; the rest of them is left out.
    :raises Invalid: by field; nobody is meant, too many are, or one that is no candidate of the actor's.
    """
    actor.require(PUSH)
    if actor.organisation_id is None:
        raise NotPermitted
    office = actor.organisation_id
    today = Calendar().local_date(now)
    limits = levels.limits()
    due = spec.due_date or today + timedelta(days=int(limits["LEARN_TERM"].amount or 15))
    wrong: dict[str, Text] = {}
    if not clean(spec.title):
        wrong["title"] = _("请填写自查事项。")
    if not clean(spec.text):
        wrong["text"] = _("请写明自查内容和要求。")
    if due < today:
        wrong["due_date"] = _("回复期限不能早于今天。")
    if asked.criterion and not is_criterion(asked.criterion, now):
        wrong["criterion"] = _("没有这条判定标准，或今天尚未施行、已经失效。")
    meant = [one for one in candidates(actor=actor, asked=asked, besides=spec.finding) if one.file.pk in set(files)]
    if not meant:
        wrong["files"] = _("请先按条件预览，并至少选择一家企业。")
    elif len(meant) != len(set(files)):
        wrong["files"] = _("所选企业有不符合条件的，请重新预览。")
    elif len(meant) > MOST_UNITS:
        wrong["files"] = _("一次最多推送%(most)s家企业，请缩小范围或分次推送。") % {"most": MOST_UNITS}
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        row = Push(
            owner_org_id=office, reach="chain", code=next_code(Push, "TC", now=now),
            title=clean(spec.title)[:200], text=clean(spec.text)[:4000], finding=spec.finding,
            criterion=asked.criterion, asked=asked.plain(), due_date=due,
            done_percent=int((limits["LEARN_SHARE"].amount or 1) * 100), created_at=now,
        )  # fmt: skip
        made: Push = enter(actor=actor, row=row, now=now, facts={"asked": row.asked, "units": len(meant)})
        for one in meant:
            reply = PushReply(
                **one.file.row_scope(), push=made, file=one.file, title=f"{made.code} {made.title}"[:240],
                because=[{"zh": reason.zh, "en": reason.en} for reason in one.because], due_date=due, created_at=now,
            )  # fmt: skip
            enter(actor=actor, row=reply, now=now, facts={"push": made.pk})
        return made.pk

    body = {"title": spec.title, "asked": asked.plain(), "files": sorted(str(one) for one in files)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="hazards.push.new", body=body, now=now, make=make)
    return Push.objects.get(pk=pk)


def stop_push(
    *, actor: Actor, row: Push, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Push:
    """Stop a self-check; what was not yet answered is owed no more."""
    house = system_actor("hazards", ANSWER)
    with transaction.atomic():
        move(actor=actor, row=row, name="stop", now=now, given={"reason": clean(reason)}, changes={"closed_at": now},
             client_id=client_id)  # fmt: skip
        for reply in PushReply.objects.filter(push=row, status="DUE").order_by("pk"):
            move(actor=house, row=reply, name="end", now=now, changes={"closed_at": now})
    return row


def answer_push(
    *, actor: Actor, row: PushReply, name: str, text: str, now: datetime, findings: Sequence[Finding] = (),
    client_id: uuid.UUID | None = None,
) -> PushReply:  # fmt: skip
    """Answer a self-check: ``clear`` (checked, none found), ``found`` with the dangers found, or ``not_applicable``.

    :raises Invalid: nothing said; no danger told, or one that is another unit's, older, or of another self-check.
    """
    asked = "reason" if name == "not_applicable" else "text"
    if not clean(text):
        raise Invalid(fields={asked: _("请写明检查了哪些部位、结果如何。") if asked == "text" else _("请写明理由。")})
    if name == "found" and not findings:
        raise Invalid(fields={"findings": _("请选择自查发现的隐患；还没有登记的，请先登记。")})
    if name != "found" and findings:
        raise Invalid(fields={"findings": _("发现隐患的，请选“发现同类隐患”。")})
    for one in findings:
        if one.file_id != row.file_id or one.found_at < row.created_at or one.push_reply_id not in (None, row.pk):
            raise Invalid(fields={"findings": _("只能选择本单位在推送之后发现、且未用于其他自查的隐患。")})
    given: dict[str, Any] = {asked: clean(text)}
    if findings:
        given["findings"] = [one.code for one in findings]
    changes: dict[str, Any] = {"text": clean(text)[:4000], "closed_at": now, "found_count": len(findings)}
    with transaction.atomic():
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)
        keys = [one.pk for one in findings]
        linked = Finding.objects.filter(pk__in=keys).exclude(push_reply__isnull=False).update(push_reply=row)
        if linked != sum(1 for one in findings if one.push_reply_id is None):
            raise StaleState(_("所选隐患刚刚用于另一项自查，请刷新后重选。"))
        _finish(row.push_id, now)
    return row


def _finish(push_id: uuid.UUID, now: datetime) -> None:
    """A self-check is done when enough units have answered; two answers at once see one another behind the lock."""
    push = Push.objects.select_for_update(no_key=True).get(pk=push_id)
    if push.status != "OPEN":
        return
    states = list(PushReply.objects.filter(push=push).values_list("status", flat=True))
    answered = sum(1 for one in states if one in ANSWERED)
    if answered * 100 >= len(states) * push.done_percent:
        house = system_actor("hazards", PUSH)
        move(actor=house, row=push, name="finish", now=now, changes={"closed_at": now},
             facts={"answered": answered, "asked": len(states)})  # fmt: skip


def told_in_lines(spec: Mapping[str, Any]) -> LessonSpec:
    """A lesson from texts as people type them: a why a line, a place with its result a line (“部位：结果”)."""
    places: list[tuple[str, str]] = []
    for line in str(spec.get("places", "")).splitlines():
        if line.strip():
            place, _colon, result = line.strip().replace(":", "：", 1).partition("：")
            places.append((place, result))
    return LessonSpec(
        whys=[line for line in str(spec.get("whys", "")).splitlines() if line.strip()], places=places,
        **{name: str(spec.get(name, "")) for name in ("rule", "procedure", "training", "tell")},
    )  # fmt: skip
