"""What units answer to a round item by item (自查填报), and what is seen on site of those drawn (现场核查)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    AgencyRule,
    Finding,
    InspectionRound,
    ItemResult,
    RoundAnswer,
    RoundCheck,
    RoundItem,
    RoundTarget,
    SeenResult,
    VerifyMode,
)
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.sections import mandatory
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.hazards.services.judging import is_item
from quancheng.domains.hazards.services.rounds import ANSWER, VERIFY, house
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.law.models import Asks
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once

#: Role of a third party's report among the files of a unit's part.
REPORT = "agency"
_GRAVE = ("major", "serious")
_PROPOSED = ("low", "general", "serious", "major")


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item.

    :ivar known: an open danger of the unit that was found before and covers what is abnormal; then none is made.
    """

    position: int
    result: int
    note: str = ""
    known: uuid.UUID | None = None
    is_major: bool = False
    photos: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """What a unit answers to a round. ``reports`` are files of the third party's report."""

    items: Sequence[ItemAnswer]
    text: str = ""
    agency: str = ""
    report_number: str = ""
    reports: Sequence[uuid.UUID] = ()
    type: str = "other"


def receive_target(*, actor: Actor, row: RoundTarget, now: datetime, client_id: uuid.UUID | None = None) -> RoundTarget:
    """Sign for a round (签收)."""
    changes = {"received_at": now, "receiver_name": actor.name}
    return move(actor=actor, row=row, name="receive", now=now, changes=changes, client_id=client_id)


def answer_target(
    *, actor: Actor, row: RoundTarget, spec: AnswerSpec, now: datetime, client_id: uuid.UUID | None = None
) -> RoundTarget:
    """Answer every item. What is abnormal becomes a hidden danger of the source 监管部门监督检查 in the same
    transaction, or names one found before. Who has not signed yet signs by it. Late answers are taken until units
    are drawn for the looks on site, and are shown as late.

    :raises Invalid: by field; items by ``item_``, ``note_``, ``known_`` or ``photos_`` and their position.
    """
    actor.require(ANSWER)
    if row.owner_org_id != actor.organisation_id or actor.user_id is None:
        raise NotPermitted
    body = {
        "text": spec.text, "agency": spec.agency,
        "items": [[one.position, one.result, one.note, str(one.known or "")] for one in spec.items],
    }  # fmt: skip

    act_once(
        actor=actor, row=row, act="hazards.round_target.answers", body=body, now=now, client_id=client_id,
        do=lambda: _answer(actor, row, spec, now), lock=False,
    )  # fmt: skip
    return row


def _answer(actor: Actor, row: RoundTarget, spec: AnswerSpec, now: datetime) -> None:
    # Of two units that answer at once where one is enough, the second sees that it is owed no more.
    asked = InspectionRound.objects.select_for_update(no_key=True).get(pk=row.round_id)
    row.refresh_from_db()
    if asked.status != "RUNNING" and row.status in ("ISSUED", "RECEIVED", "LAPSED"):
        raise StaleState(_("现场核查对象已抽取或任务已结束，不再接收填报；本单位按逾期未填报计。"))
    items = {one.position: one for one in queries.items_of(row)}
    given = {one.position: one for one in spec.items}
    known = {one.pk: one for one in queries.open_findings_of(row.file_id)}
    wrong = _faults(row, spec, items, given, known)
    if wrong and not row.is_closed:
        raise Invalid(fields=wrong)
    if row.status == "ISSUED":
        receive_target(actor=actor, row=row, now=now)
    abnormal = [one for one in given.values() if one.result == ItemResult.ABNORMAL]
    text = clean(spec.text)[:4000]
    changes: dict[str, Any] = {
        "text": text, "agency": clean(spec.agency)[:120], "report_number": clean(spec.report_number)[:80],
        "abnormal_count": len(abnormal), "answered_at": now, "answerer_name": actor.name, "closed_at": now,
    }  # fmt: skip
    if spec.reports:
        attach_files(actor=actor, row=row, file_ids=spec.reports, now=now, role=REPORT)
    move(actor=actor, row=row, name="answer", now=now, changes=changes,
         given={"items": len(given), "abnormal": len(abnormal)})  # fmt: skip
    for position, answer in sorted(given.items()):
        _keep(actor, row, items[position], answer, known, spec.type, now)
    if asked.submit == "one":
        for other in asked.targets.filter(closed_at__isnull=True).exclude(pk=row.pk).order_by("pk"):
            move(actor=house(), row=other, name="end", now=now, changes={"closed_at": now})


def _keep(
    actor: Actor, row: RoundTarget, item: RoundItem, answer: ItemAnswer, known: Mapping[uuid.UUID, Finding],
    type_: str, now: datetime,
) -> None:  # fmt: skip
    finding: Finding | None = None
    if answer.result == ItemResult.ABNORMAL:
        finding = known[answer.known] if answer.known else _report(actor, row, item, answer, type_, now)
    kept = RoundAnswer.objects.create(
        target=row, item=item, result=answer.result, note=clean(answer.note)[:500], finding=finding,
        is_known=finding is not None and answer.known is not None,
    )  # fmt: skip
    if answer.photos:
        attach_files(actor=actor, row=kept, file_ids=answer.photos, now=now)


def _report(actor: Actor, row: RoundTarget, item: RoundItem, answer: ItemAnswer, type_: str, now: datetime) -> Finding:
    pictures = [one.pk for one in files_by_id(answer.photos)]
    spec = _spec_of(item, clean(answer.note), row, type_=type_, is_major=answer.is_major, photos=pictures)
    return report_finding(actor=actor, file=row.file, spec=spec, now=now)


def _spec_of(
    item: RoundItem, note: str, row: RoundTarget, *, type_: str = "other", is_major: bool = False,
    photos: Sequence[uuid.UUID] = (),
) -> FindingSpec:  # fmt: skip
    """A danger from an item: source 监管部门监督检查 (``dangerSrc`` 11 of the district, 10 when it is uploaded)."""
    unit = item.unit if item.unit is not None and item.unit.ended_date is None else None
    return FindingSpec(
        name=(note or _("不符合：%(item)s") % {"item": item.text})[:300],
        description=_("%(round)s：%(place)s %(item)s") % {"round": row.title, "place": item.place, "item": item.text},
        place=unit.name if unit is not None else "", unit=unit, source="regulator", type=type_, is_major=is_major,
        checklist_item=item.place if is_item(item.place) else "",
        grade=item.grade if item.grade in _PROPOSED else "", photos=tuple(photos),
    )  # fmt: skip


def _faults(
    row: RoundTarget, spec: AnswerSpec, items: Mapping[int, RoundItem], given: Mapping[int, ItemAnswer],
    known: Mapping[uuid.UUID, Finding],
) -> dict[str, Text]:  # fmt: skip
    wrong: dict[str, Text] = {}
    asked = row.round
    for position in set(given) - set(items):
        wrong[f"item_{position}"] = _("任务中没有这一项。")
    for position, item in items.items():
        answer = given.get(position)
        if answer is None or answer.result not in ItemResult.values:
            wrong[f"item_{position}"] = _("请选择自查结果。")
            continue
        abnormal = answer.result == ItemResult.ABNORMAL
        if abnormal and not answer.known and not clean(answer.note):
            wrong[f"note_{position}"] = _("异常的，请写明是什么问题。")
        if answer.result == ItemResult.NOT_APPLICABLE and not clean(answer.note):
            wrong[f"note_{position}"] = _("不适用的，请写明理由。")
        if item.asks and answer.result != ItemResult.NOT_APPLICABLE:
            if item.asks == Asks.VALUE and not clean(answer.note):
                wrong[f"note_{position}"] = _("请填写实测值或情况。")
            elif item.asks == Asks.PHOTO and not answer.photos:
                wrong[f"photos_{position}"] = _("检查表要求对第%(place)s项拍照。") % {"place": item.place}
        if answer.known is not None and not abnormal:
            wrong[f"known_{position}"] = _("只有异常项可以关联此前登记的隐患。")
        elif answer.known is not None and answer.known not in known:
            wrong[f"known_{position}"] = _("只能关联本单位未销号的隐患。")
        grave = item.grade in _GRAVE or answer.is_major
        if abnormal and not answer.known and grave and not answer.photos:
            wrong[f"photos_{position}"] = _("较大或重大等级的异常项，请至少上传一张照片。")
    for forced in mandatory(row, items.values()).values():
        # All of it "not applicable" would take the section out; the unit is asked since it does such work.
        results = [given[one.position].result for one in forced if one.position in given]
        if len(results) == len(forced) and set(results) == {ItemResult.NOT_APPLICABLE}:
            wrong.setdefault(f"item_{forced[0].position}", _(
                "本单位有特殊作业，必检部分不能全部选“不适用”（重点工作要求S1-4h）；请按实际情况逐项填报。"
            ))  # fmt: skip
    told = {"agency": clean(spec.agency), "report_number": clean(spec.report_number), "reports": spec.reports}
    if asked.agency == AgencyRule.REQUIRED:
        lacking = {"agency": _("请填写第三方机构名称。"), "report_number": _("请填写评估报告编号。"),
                   "reports": _("请上传评估报告。")}  # fmt: skip
        wrong |= {name: label for name, label in lacking.items() if not told[name]}
    elif asked.agency == AgencyRule.NONE and any(told.values()):
        wrong["agency"] = _("该任务由企业自查，不填第三方机构。")
    return wrong


@dataclass(frozen=True, slots=True)
class SeenItem:
    """What was seen of one answer on site."""

    position: int
    seen: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class LookSpec:
    """What a look on site tells: item by item, or of the unit as a whole by ``matches``, as the round says. Then the
    items of its mandatory sections besides."""

    text: str
    seen_date: date
    items: Sequence[SeenItem] = field(default_factory=tuple)
    matches: bool | None = None
    photos: Sequence[uuid.UUID] = ()


def record_look(
    *, actor: Actor, row: RoundCheck, spec: LookSpec, now: datetime, client_id: uuid.UUID | None = None
) -> RoundCheck:
    """Say what was seen on site. What differs from the answer becomes a danger found by the regulator in the same
    transaction. From now on the unit reads of it.

    :raises Invalid: by field; items by ``seen_`` or ``seen_note_`` and their position.
    """
    actor.require(VERIFY)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    body = {"text": spec.text, "day": spec.seen_date, "matches": spec.matches,
            "items": [[one.position, one.seen, one.note] for one in spec.items]}  # fmt: skip

    act_once(
        actor=actor, row=row, act="hazards.round_check.look", body=body, now=now, client_id=client_id,
        do=lambda: _look(actor, row, spec, now), lock=False,
    )  # fmt: skip
    return row


def to_look_at(target: RoundTarget) -> Sequence[RoundAnswer]:
    """Answers that a look on site goes through one by one: all, or of a unit that is judged as a whole those of its
    mandatory sections."""
    answers = queries.answers_of(target)
    if target.round.verify_mode == VerifyMode.ITEM:
        return answers
    forced = {one.pk for each in mandatory(target, [one.item for one in answers]).values() for one in each}
    return [one for one in answers if one.item_id in forced]


def _look(actor: Actor, row: RoundCheck, spec: LookSpec, now: datetime) -> None:
    target = RoundTarget.objects.select_related("round", "file__enterprise").get(pk=row.target_id)
    answers = {one.item.position: one for one in to_look_at(target)}
    by_item = target.round.verify_mode == VerifyMode.ITEM
    given = {one.position: one for one in spec.items}
    wrong: dict[str, Text] = {}
    today, calendar = Calendar().local_date(now), Calendar()
    if not clean(spec.text):
        wrong["text"] = _("请写明核查了哪些部位、看到什么。")
    answered = calendar.local_date(target.answered_at) if target.answered_at else spec.seen_date
    if not answered <= spec.seen_date <= today:
        wrong["seen_date"] = _("核查日期应在企业填报之后，不晚于今天。")
    _faults_seen(target, answers, given, wrong)
    if not by_item and spec.matches is None:
        wrong["matches"] = _("请选择核查结论。")
    if wrong:
        raise Invalid(fields=wrong)
    differing = [one for one in given.values() if one.seen == SeenResult.DIFFERS]
    differs = bool(differing) or (not by_item and not spec.matches)
    said = clean(spec.text)[:4000]
    changes: dict[str, Any] = {
        "text": said, "seen_date": spec.seen_date, "seer_name": actor.name, "closed_at": now, "reach": "party",
    }  # fmt: skip
    if spec.photos:
        attach_files(actor=actor, row=row, file_ids=spec.photos, now=now)
    move(actor=actor, row=row, name="differ" if differs else "match", now=now, given={"text": said}, changes=changes,
         facts={"differing": sorted(one.position for one in differing)})  # fmt: skip
    for position, one in given.items():
        answer = answers[position]
        note, finding = clean(one.note)[:500], None
        if one.seen == SeenResult.DIFFERS:
            told = _spec_of(answer.item, note, target, photos=spec.photos)
            finding = report_finding(actor=actor, file=target.file, spec=told, now=now, is_sent=True)
        RoundAnswer.objects.filter(pk=answer.pk).update(seen=one.seen, seen_note=note, seen_finding=finding)
    if not by_item and not spec.matches:
        whole = FindingSpec(name=said[:300], description=_("%(round)s：现场核查与自查不符") % {"round": target.title},
                            source="regulator", photos=tuple(spec.photos))  # fmt: skip
        RoundCheck.objects.filter(pk=row.pk).update(
            finding=report_finding(actor=actor, file=target.file, spec=whole, now=now, is_sent=True)
        )


def _faults_seen(
    target: RoundTarget, answers: Mapping[int, RoundAnswer], given: Mapping[int, SeenItem], wrong: dict[str, Text]
) -> None:
    for position in set(given) - set(answers):
        wrong[f"seen_{position}"] = _("任务中没有这一项。")
    for position in answers:
        one = given.get(position)
        if one is None or one.seen not in SeenResult.values:
            wrong[f"seen_{position}"] = _("请选择核查结果；没有看的选“未核”。")
        elif one.seen == SeenResult.DIFFERS and not clean(one.note):
            wrong[f"seen_note_{position}"] = _("不符的，请写明看到什么。")
    if wrong:
        return
    for forced in mandatory(target, [one.item for one in answers.values()]).values():
        places = [one.position for one in forced]
        if all(given[place].seen == SeenResult.NOT_SEEN for place in places):
            wrong[f"seen_{places[0]}"] = _("特殊作业和检维修是必检内容（重点工作要求S2-5b），至少核查其中一项。")
    if answers and not wrong and all(one.seen == SeenResult.NOT_SEEN for one in given.values()):
        wrong["text"] = _("至少核查一项。")
