"""The rooms of governance: lists filed, support, study and rules recorded, proposals made and decided, vetoes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import (
    DutyList,
    DutyRecord,
    Proposal,
    RuleRecord,
    StudyRecord,
    SupportItem,
    Task,
    Veto,
)
from quancheng.domains.duty.models.governance import ActKind, DutyListKind, ProposalKind, SupportKind
from quancheng.domains.duty.queries.governance import ResultLine, list_results
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped, subject_type_of
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation, User
from quancheng.kernel.people.queries import list_colleagues

LISTS, RECORDS, STUDIES, SUPERVISE = "duty.lists.file", "duty.records.keep", "duty.studies.keep", "duty.supervise"
MOST_ENTRIES = 200
#: Characters of one entry.
MOST_ENTRY = 500
_PARTIES = ("enterprise", "agency")
#: Figures at which a rule proposes something: a design default, since the documents give none.
REWARD_SCORE, REWARD_DONE = Decimal(95), 3
TALK_LATE, KEY_RED = 3, 3

#: What the Work Safety Law (安全生产法, article 21) asks of an enterprise's main responsible person.
STATUTORY = (
    "建立健全并落实本单位全员安全生产责任制，加强安全生产标准化建设",
    "组织制定并实施本单位安全生产规章制度和操作规程",
    "组织制定并实施本单位安全生产教育和培训计划",
    "保证本单位安全生产投入的有效实施",
    "组织建立并落实安全风险分级管控和隐患排查治理双重预防工作机制，督促、检查本单位的安全生产工作，及时消除生产安全事故隐患",
    "组织制定并实施本单位的生产安全事故应急救援预案",
    "及时、如实报告生产安全事故",
)


def file_duty_list(
    *, actor: Actor, year: int, kind: str, entries: Sequence[str], now: datetime, person: User | None = None
) -> DutyList:
    """File a list of the actor's own organisation: its duties, its tasks of the year, or one leader's duties.

    A later version replaces the text; what was recorded against it stays.

    :param person: for a leader's list (``leader``): somebody of the organisation.
    :raises Invalid: no entry, too many, or one of too many characters; a leader's list without a leader of
        the organisation.
    """
    owner = _owner(actor, LISTS)
    if (kind == DutyListKind.LEADER) != (person is not None):
        raise Invalid(fields={"person": _("请选择本单位的领导。")})
    if person is not None and person.pk not in {one.user_id for one in list_colleagues(organisation_id=owner.pk)}:
        raise Invalid(fields={"person": _("请选择本单位的领导。")})
    kept = [clean(entry) for entry in entries if clean(entry)]
    if any(len(entry) > MOST_ENTRY for entry in kept):
        raise Invalid(fields={"entries": _("每项不超过 %(most)s 字。") % {"most": MOST_ENTRY}})
    if not 1 <= len(kept) <= MOST_ENTRIES or kind not in DutyListKind.values:
        raise Invalid(fields={"entries": _("请填写 1 到 %(most)s 项，每行一项。") % {"most": MOST_ENTRIES}})
    with transaction.atomic():
        row, _created = DutyList.objects.update_or_create(
            owner_org=owner, year=year, kind=kind, person=person,
            defaults={"entries": kept, "filed_at": now, **_scope_of(owner)},
        )  # fmt: skip
        whose = person.pk if person else None
        _record(actor, "duty.list.file", row, now, year=year, kind=kind, person=whose, entries=kept)
    return row


def withdraw_duty_list(*, actor: Actor, year: int, kind: str, now: datetime) -> None:
    """Take back a list of one's own organisation that was filed by mistake; the journal has what it said.

    :raises Conflict: something was done against it.
    """
    owner = _owner(actor, LISTS)
    with transaction.atomic():
        row = DutyList.objects.filter(owner_org=owner, year=year, kind=kind, person=None).first()
        if row is not None and row.records.exists():
            raise Conflict(_("该清单已有履职记录，不能撤回。"))
        if row is not None:
            _record(actor, "duty.list.withdraw", row, now, year=year, kind=kind, entries=row.entries)
            row.delete()


def record_act(
    *,
    actor: Actor,
    duty_list: DutyList,
    entry: str,
    kind: str,
    done_date: date,
    place: str,
    text: str,
    found_count: int,
    solved_count: int,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> DutyRecord:
    """Record what was done against an entry of one's own organisation's list, with its evidence.

    :raises Invalid: another entry than the list has, in the future, nothing written, or without evidence; by field.
    """
    owner = _owner(actor, LISTS)
    if duty_list.owner_org_id != owner.pk:
        raise NotPermitted(_("该清单由其他单位管理。"), code="other_organisation")
    faults: dict[str, str] = {}
    if entry not in duty_list.entries:
        faults["entry"] = _("请选择清单中的一项。")
    if kind not in ActKind.values:
        faults["kind"] = _("请选择履职方式。")
    if done_date > Calendar().local_date(now):
        faults["done_date"] = _("履职日期不能晚于今天。")
    if not text.strip():
        faults["text"] = _("请填写此项。")
    if not evidence:
        faults["evidence"] = _("请至少上传一份佐证材料。")
    if faults:
        raise Invalid(fields=faults)

    def make() -> uuid.UUID:
        row = DutyRecord.objects.create(
            owner_org=owner, **_scope_of(owner), duty_list=duty_list, entry=entry, kind=kind, done_date=done_date,
            place=clean(place)[:200], text=text.strip()[:5000], found_count=found_count, solved_count=solved_count,
            entered_by_id=actor.user_id, created_at=now,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        _record(actor, "duty.act.record", row, now, list=duty_list.pk, entry=entry, done_date=done_date)
        return row.pk

    # Not the evidence: sent again it is stored again, under other keys.
    body = {
        "list": duty_list.pk, "entry": entry, "kind": kind, "done": done_date, "place": place, "text": text,
        "found": found_count, "solved": solved_count,
    }  # fmt: skip
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="duty.act.record", body=body, now=now, make=make)
    return DutyRecord.objects.get(pk=pk)


def _scope_of(owner: Organisation) -> dict[str, Any]:
    """Where a unit's own record stands: an enterprise's is its supervisors' to see by area and link."""
    concerns = owner if owner.kind in _PARTIES else None
    return {"enterprise": concerns, "area_id": owner.area_id, "links": list(owner.links) if concerns else []}


def record_support(
    *,
    actor: Actor,
    org: Organisation,
    kind: str,
    title: str,
    amount: Decimal | None,
    given_date: date,
    text: str,
    now: datetime,
) -> SupportItem:
    """Record support given to a unit, which sees it.

    :raises Invalid: funds without an amount, or no title.
    """
    owner = _owner(actor, RECORDS)
    faults: dict[str, str] = {}
    if not clean(title):
        faults["title"] = _("请填写此项。")
    if kind == SupportKind.FUNDS and amount is None:
        faults["amount"] = _("资金支持须填写金额。")
    if faults:
        raise Invalid(fields=faults)
    concerns = org if org.kind in _PARTIES else None
    with transaction.atomic():
        row = SupportItem.objects.create(
            owner_org=owner, enterprise=concerns, area_id=org.area_id, links=list(org.links) if concerns else [],
            reach="party" if concerns else "chain", org=org, kind=kind, title=clean(title)[:200], amount=amount,
            given_date=given_date, text=text.strip(), created_at=now,
        )  # fmt: skip
        share(actor=actor, row=row, to_org=org.pk, why="supported", now=now)
        _record(actor, "duty.support.record", row, now, org=org.pk, kind=kind, title=row.title, amount=amount)
    return row


def record_study(
    *,
    actor: Actor,
    topic: str,
    held_date: date,
    attendees: str,
    material: str,
    text: str,
    evidence: Sequence[uuid.UUID],
    now: datetime,
) -> StudyRecord:
    """Record a study session of the actor's organisation with its evidence.

    :raises Invalid: held in the future, or something is missing.
    """
    owner = _owner(actor, STUDIES)
    faults = {
        name: _("请填写此项。")
        for name, value in (("topic", topic), ("attendees", attendees), ("material", material))
        if not clean(value)
    }
    if held_date > Calendar().local_date(now):
        faults["held_date"] = _("学习日期不能晚于今天。")
    if not evidence:
        faults["evidence"] = _("请至少上传一份佐证材料。")
    if faults:
        raise Invalid(fields=faults)
    concerns = owner if owner.kind in _PARTIES else None
    with transaction.atomic():
        row = StudyRecord.objects.create(
            owner_org=owner, enterprise=concerns, area_id=owner.area_id, links=list(owner.links) if concerns else [],
            topic=clean(topic)[:200], held_date=held_date, attendees=clean(attendees)[:500],
            material=clean(material)[:300], text=text.strip(), created_at=now,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        _record(actor, "duty.study.record", row, now, topic=row.topic, held_date=held_date)
    return row


def record_rule(
    *,
    actor: Actor,
    title: str,
    number: str,
    text: str,
    in_force_from: date,
    task: Task,
    now: datetime,
) -> RuleRecord:
    """Enter a rule that grew out of a task which the actor was given."""
    owner = _owner(actor, RECORDS)
    if not clean(title) or not text.strip():
        raise Invalid(fields={"title" if not clean(title) else "text": _("请填写此项。")})
    with transaction.atomic():
        row = RuleRecord.objects.create(
            owner_org=owner, area_id=owner.area_id, title=clean(title)[:200], number=clean(number)[:60],
            text=text.strip(), in_force_from=in_force_from, task=task, created_at=now,
        )  # fmt: skip
        _record(actor, "duty.rule.record", row, now, title=row.title, task=task.pk)
    return row


def veto(
    *, actor: Actor, org: Organisation, event_date: date, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Veto:  # fmt: skip
    """Veto a unit's result of the year in which an accident happened.

    :raises Invalid: in the future, or no reason. :raises Conflict: the same accident twice.
    """
    owner = _owner(actor, SUPERVISE)
    faults: dict[str, str] = {}
    if event_date > Calendar().local_date(now):
        faults["event_date"] = _("事故日期不能晚于今天。")
    if not reason.strip():
        faults["reason"] = _("请填写此项。")
    if faults:
        raise Invalid(fields=faults)
    row = Veto(
        owner_org=owner, area_id=org.area_id, org=org, year=event_date.year, event_date=event_date,
        reason=reason.strip(), review_date=date(event_date.year, 12, 31), created_at=now,
    )  # fmt: skip
    facts = {"org": org.pk, "year": row.year, "event_date": event_date, "reason": row.reason}
    try:
        with transaction.atomic():
            share(actor=actor, row=row, to_org=org.pk, why="vetoed", now=now)
            return enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
    except IntegrityError as twice:
        raise Conflict(_("该单位的这起事故已经登记。")) from twice


def propose(*, actor: Actor, year: int, now: datetime) -> list[Proposal]:
    """Let the rules propose rewards, talks and key supervision from the year's results.

    A proposal that waits for its decision is not made again, and one that was decided is not repeated in the year.
    """
    owner = _owner(actor, SUPERVISE)
    known = set(Proposal.objects.filter(owner_org=owner, year=year).values_list("org_id", "kind"))
    made = []
    with transaction.atomic():
        for line in list_results(actor=actor, year=year, now=now):
            for kind, rule in _rules(line):
                if (line.org.pk, kind) in known:
                    continue
                facts = _facts(line)
                # Nobody reads what is proposed about him before somebody decided, so it stays with its office.
                row = Proposal(
                    reach="own",
                    owner_org=owner, area_id=line.org.area_id, org=line.org, year=year, kind=kind, rule=rule,
                    facts=facts, proposed_at=now,
                )  # fmt: skip
                made.append(enter(actor=actor, row=row, now=now, facts={"org": line.org.pk, "kind": kind, **facts}))
    return made


def _rules(line: ResultLine) -> list[tuple[str, str]]:
    """What the rules propose for a unit, each with the rule in the words of official papers."""
    result = line.result
    late = result.colours["orange"] + result.colours["red"]
    found = []
    if result.is_vetoed or result.colours["red"] >= KEY_RED:
        found.append((ProposalKind.KEY.value, f"一票否决，或超期15天以上的任务达到{KEY_RED}项"))
    elif late >= TALK_LATE:
        found.append((ProposalKind.TALK.value, f"超期或严重滞后的任务达到{TALK_LATE}项"))
    elif result.score is not None and result.score >= REWARD_SCORE and result.done >= REWARD_DONE and not late:
        found.append((ProposalKind.REWARD.value, f"得分{REWARD_SCORE}以上，办结{REWARD_DONE}项以上，无超期"))
    return found


def _facts(line: ResultLine) -> dict[str, Any]:
    result = line.result
    score = None if result.score is None else str(result.score)
    return {"score": score, "colours": result.colours, "done": result.done, "vetoed": result.is_vetoed}


def decide(
    *, actor: Actor, row: Proposal | Veto, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Proposal | Veto:
    """``adopt`` or ``drop`` a proposal; ``lift`` or ``expire`` a veto; always with the reason."""
    return move(actor=actor, row=row, name=name, now=now, given={"reason": reason.strip()}, client_id=client_id)


def _owner(actor: Actor, duty: str) -> Organisation:
    actor.require(duty)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    return Organisation.objects.get(pk=actor.organisation_id)


def _record(actor: Actor, act: str, row: Scoped, now: datetime, **facts: object) -> None:
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, org_id=row.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip
