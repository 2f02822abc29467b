"""Checks recorded (排查记录): one service for the page, REST and the phone, which may send the same twice.

The record, the findings that it makes and the mark on its instance stand or fall together.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    FORMS,
    AnswerCode,
    CheckAnswer,
    CheckDue,
    CheckRecord,
    CheckStatus,
    CheckTask,
)
from quancheng.domains.hazards.queries.checks import posts_held_by, stops_at
from quancheng.domains.hazards.services.exchange_queue import hear_risk
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskUnit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Asks, Clause, Edition, LegalText
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.vault import services as vault
from quancheng.standards.coordinates import Point, distance_m

RECORD = "hazards.checks.record"
DEVICE = "device"
#: Role of the picture of a signature among a record's files.
SIGNATURE = "signature"
#: A clock may be so far wrong before its time is put right and the record says so.
CLOCK_TOLERANCE = timedelta(minutes=10)
#: How old a check may be when it is told: phones come back into the net within days. [D]
OLDEST = timedelta(days=31)
_MOST_FINDINGS = 50
_GRAVE = ("major", "serious")
#: Answers of who looked at an item.
_LOOKED = (AnswerCode.CONFORMS, AnswerCode.FAILS)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one item: its place in the edition, what it is, and what was seen where it fails."""

    place: str
    answer: int
    note: str = ""
    is_major: bool = False
    photos: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """What is told of one check.

    :ivar status: of :class:`CheckStatus`; where answers are given they decide, and it may be left out.
    :ivar at: the time on site by the client's clock; ``sent_at`` that clock when it sends. Now where nothing is told.
    :ivar edition: key of the edition of the checklist that the person began with; the present one where none is told.
    :ivar name: of the danger that was found, where no answer tells it; the note where none is told.
    :ivar signature: a picture of the name as it was written by finger (手写签名).
    :ivar form: of a check without task; else that of the task.
    """

    status: int | None = None
    note: str = ""
    at: datetime | None = None
    sent_at: datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    accuracy_m: int | None = None
    device: str = ""
    edition: uuid.UUID | None = None
    answers: Sequence[Answer] = field(default_factory=tuple)
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    signature: uuid.UUID | None = None
    name: str = ""
    type: str = "other"
    is_major: bool = False
    form: str = ""


@dataclass(slots=True)
class _Times:
    at: datetime
    client_at: datetime
    off_s: int


def record_check(
    *,
    actor: Actor,
    spec: CheckSpec,
    now: datetime,
    due: CheckDue | None = None,
    task: CheckTask | None = None,
    file: Enterprise | None = None,
    checklist: LegalText | None = None,
    unit: RiskUnit | None = None,
    client_id: uuid.UUID | None = None,
) -> CheckRecord:
    """Record one check: of an instance, of a task out of turn, or by a checklist without any task.

    An instance is done by it where it lies in its window, unless nothing was checked and no stoppage explains it. The
    same ``client_id`` again returns the first record. What is found, and each item that fails, becomes a hidden danger
    in the same transaction.

    :raises NotPermitted: somebody outside the enterprise, or another person than the one named.
    :raises Invalid: by field; items by ``item_`` and their place. :raises Conflict: the file is retired.
    """
    actor.require(RECORD)
    if due is not None:
        task = due.task
    owner = task.file if task is not None else file
    if owner is None or (task is None and checklist is None):
        raise LookupError("a check is of an instance, a task, or a checklist of a file")
    if owner.pk != actor.organisation_id or actor.user_id is None:
        raise NotPermitted
    if owner.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))
    if task is not None and task.person_id is not None and task.person_id != actor.user_id:
        raise NotPermitted(_("该任务指定由本人完成，不能由他人代查。"))
    text = checklist if task is None else task.checklist
    body = _body(spec, due, task, owner, text, unit)

    def make() -> uuid.UUID:
        return _make(actor=actor, spec=spec, now=now, due=due, task=task, owner=owner, text=text, unit=unit).pk

    with transaction.atomic():
        pk, _fresh = once(actor=actor, client_id=client_id, act="hazards.check.record", body=body, now=now, make=make)
    return CheckRecord.objects.select_related("file__enterprise", "task", "due").get(pk=pk)


def _make(
    *, actor: Actor, spec: CheckSpec, now: datetime, due: CheckDue | None, task: CheckTask | None, owner: Enterprise,
    text: LegalText | None, unit: RiskUnit | None,
) -> CheckRecord:  # fmt: skip
    wrong: dict[str, Text] = {}
    times = _times(spec, now, wrong)
    edition, is_old, items = _edition(spec, text, times.at, wrong)
    answers = _answers(spec, items, wrong)
    status = _status(spec, items, answers, wrong)
    failed = [one for one in answers.values() if one.answer == AnswerCode.FAILS]
    _photos(spec, items, failed, wrong)
    _pictured(spec, items, answers, wrong)
    _signature(spec, wrong)
    _place(spec, wrong)
    form = task.form if task is not None else spec.form or "daily"
    if form not in FORMS:
        wrong["form"] = _("请选择排查形式。")
    where = task.unit if task is not None else unit
    if where is not None and where.object.file_id != owner.pk:
        wrong["unit"] = _("该单元不属于该企业。")
    if due is not None and times.at < due.opens_at:
        wrong["at"] = _("该任务尚未到排查时间。")
    if wrong:
        raise Invalid(fields=wrong)
    photos = [*spec.photos, *(one for answer in answers.values() for one in answer.photos)]
    held = files_by_id(photos)
    post = task.post if task is not None else None
    row = CheckRecord.objects.create(
        file=owner, task=task, due=due, object=task.object if task else getattr(where, "object", None), unit=where,
        measure=task.measure if task else None, post=post, edition=edition, is_edition_old=is_old,
        content=task.content if task is not None else (text.name if text else ""), form=form,
        work_type=task.work_type if task else 0, status=status, note=clean(spec.note)[:1000],
        person_id=_key(actor.user_id), person_name=actor.name, is_own=_is_own(actor, task), at=times.at,
        client_at=times.client_at, sent_at=spec.sent_at, received_at=now, clock_off_s=times.off_s,
        is_late=due is not None and times.at >= due.closes_at, lon=spec.lon, lat=spec.lat,
        accuracy_m=spec.accuracy_m, distance_m=_distance(spec, where, owner),
        device=vault.seal(DEVICE, spec.device) if spec.device else "",
        device_index=vault.blind_index(DEVICE, spec.device) if spec.device else "",
        photos=sorted({one.original_digest for one in held if one.media_type.startswith("image/")}),
    )  # fmt: skip
    by_place = {one.place: one for one in items}
    CheckAnswer.objects.bulk_create(
        CheckAnswer(record=row, clause=by_place[one.place], answer=one.answer, note=clean(one.note)[:300])
        for one in answers.values()
    )
    if photos:
        attach_files(actor=actor, row=row, file_ids=photos, now=now)
    if spec.signature is not None:
        attach_files(actor=actor, row=row, file_ids=[spec.signature], now=now, role=SIGNATURE)
    _do(row, due, times.at)
    journal.record(
        actor=actor, act="hazards.check.record", subject_type=subject_type_of(row), subject_id=row.pk, org_id=owner.pk,
        now=now, facts={
            "task": row.task_id, "due": row.due_id, "status": status, "at": times.at, "late": row.is_late,
            "photos": row.photos, "signed": spec.signature is not None, "failed": [one.place for one in failed],
            "edition": row.edition_id,
        },
    )  # fmt: skip
    hear_risk(row, owner.pk, actor, now)
    if status == CheckStatus.FOUND:
        _report(actor, row, spec, [(by_place[one.place], one) for one in failed], now)
    return row


def _do(row: CheckRecord, due: CheckDue | None, at: datetime) -> None:
    """Mark the instance done. The window is told by the real time on site, also where the phone sent it later."""
    if due is None or row.is_late:
        return
    if row.status == CheckStatus.NOT_CHECKED and not stops_at(row.unit_id, at):
        return
    # Two who checked the same out of reach of each other: both records stay, the first did it.
    CheckDue.objects.filter(pk=due.pk, done_at__isnull=True).update(done_at=at, covered_by=None)
    due.refresh_from_db(fields=["done_at", "covered_by"])


def _report(
    actor: Actor, row: CheckRecord, spec: CheckSpec, failed: Sequence[tuple[Clause, Answer]], now: datetime
) -> None:
    """A hidden danger for each item that fails, or one for what was found; the measure that failed hangs on it."""
    standing = row.measure is not None and row.measure.ended_date is None
    unit = row.unit if row.unit is not None and row.unit.ended_date is None else None
    common: dict[str, Any] = {
        "unit": unit, "measure": row.measure if standing and unit is not None else None,
        "place": unit.name if unit is not None else "", "lon": row.lon, "lat": row.lat, "found_at": row.at,
        "source": row.form, "type": spec.type, "check_record": row,
        "category": {1: "main", 2: "technical", 3: "operation"}.get(row.work_type, "other"),
    }  # fmt: skip
    if not failed:
        name = clean(spec.name) or clean(spec.note)
        told = FindingSpec(
            name=name[:300], description=clean(spec.note) if spec.name else "", is_major=spec.is_major,
            photos=tuple(spec.photos), **common,
        )  # fmt: skip
        report_finding(actor=actor, file=row.file, spec=told, now=now)
        return
    for clause, answer in failed:
        note = clean(answer.note)
        told = FindingSpec(
            name=(note or _("不符合：%(item)s") % {"item": clause.summary})[:300],
            description=f"{clause.place} {clause.summary}"[:4000], is_major=answer.is_major,
            checklist_item=clause.place, grade=clause.grade if clause.grade in _PROPOSED else "",
            photos=tuple(answer.photos or spec.photos), **common,
        )  # fmt: skip
        report_finding(actor=actor, file=row.file, spec=told, now=now)


_PROPOSED = ("low", "general", "serious", "major")


def _times(spec: CheckSpec, now: datetime, wrong: dict[str, Text]) -> _Times:
    """The real time on site: the client's, less what its clock was ahead when it sent."""
    client_at = spec.at or now
    off = spec.sent_at - now if spec.sent_at is not None else timedelta()
    if abs(off) < CLOCK_TOLERANCE:
        off = timedelta()
    at = client_at - off
    if at > now:
        if spec.sent_at is None and at - now > CLOCK_TOLERANCE:
            # A clock that nothing puts right: what it is ahead at least.
            off = at - now
        at = now
    if now - at > OLDEST:
        wrong["at"] = _("排查时间已过去%(days)s天以上，不能再补记。") % {"days": OLDEST.days}
    return _Times(at, client_at, round(off.total_seconds()))


def _edition(
    spec: CheckSpec, text: LegalText | None, at: datetime, wrong: dict[str, Text]
) -> tuple[Edition | None, bool, list[Clause]]:
    """The edition begun with and its items; whether another was in force when the check was made."""
    if text is None:
        if spec.answers or spec.edition:
            wrong["edition"] = _("该任务没有检查表。")
        return None, False, []
    present = law.in_force(text.pk, on=Calendar().local_date(at))
    edition = present
    if spec.edition is not None:
        edition = Edition.objects.filter(law.PUBLISHED, pk=spec.edition, text=text).first()
    if edition is None and text.owner_id is not None and not spec.answers and not spec.edition:
        # A department withdrew its checklist: the task goes on by what it says itself.
        return None, False, []
    if edition is None:
        wrong["edition"] = _("没有这个版本的检查表，或检查表尚未施行。")
        return None, False, []
    return edition, present is None or present.pk != edition.pk, list(law.list_clauses(edition))


def _answers(spec: CheckSpec, items: Sequence[Clause], wrong: dict[str, Text]) -> dict[str, Answer]:
    given: dict[str, Answer] = {}
    known = {one.place for one in items}
    for one in spec.answers:
        if one.place not in known:
            wrong[f"item_{one.place}"] = _("检查表中没有这一项。")
        elif one.answer not in AnswerCode.values:
            wrong[f"item_{one.place}"] = _("请选择检查结果。")
        given[one.place] = one
    for place in known - set(given):
        wrong[f"item_{place}"] = _("请选择检查结果。")
    for item in items:
        told = given.get(item.place)
        if item.asks == Asks.VALUE and told is not None and told.answer in _LOOKED and not clean(told.note):
            wrong[f"note_{item.place}"] = _("请填写实测值或情况。")
    return given


def _status(
    spec: CheckSpec, items: Sequence[Clause], answers: Mapping[str, Answer], wrong: dict[str, Text]
) -> int:
    failed = [one for one in answers.values() if one.answer == AnswerCode.FAILS]
    if len(failed) > _MOST_FINDINGS:
        wrong["answers"] = _("一次最多登记%(count)s项不符合。") % {"count": _MOST_FINDINGS}
    status = spec.status
    if failed:
        status = CheckStatus.FOUND
    elif items and all(one.answer == AnswerCode.UNCHECKED for one in answers.values()):
        status = CheckStatus.NOT_CHECKED
    elif items and status is None:
        status = CheckStatus.NORMAL
    if status not in CheckStatus.values:
        wrong["status"] = _("请选择排查结果。")
        return CheckStatus.NORMAL
    has_word = clean(spec.note) or clean(spec.name)
    if status == CheckStatus.FOUND and not failed and not has_word:
        wrong["note"] = _("请写明发现了什么隐患。")
    elif status in (CheckStatus.NOT_CHECKED, CheckStatus.OTHER) and not clean(spec.note):
        wrong["note"] = _("请写明未排查的原因或其他情况。")
    return int(status)


def _photos(spec: CheckSpec, items: Sequence[Clause], failed: Sequence[Answer], wrong: dict[str, Text]) -> None:
    """At least one photo of what is serious or major (5.4)."""
    grades = {one.place: one.grade for one in items}
    if spec.photos:
        return
    for one in failed:
        if (grades.get(one.place) in _GRAVE or one.is_major) and not one.photos:
            wrong["photos"] = _("有较大或重大等级的不符合项，请至少上传一张照片。")


def _pictured(
    spec: CheckSpec, items: Sequence[Clause], answers: Mapping[str, Answer], wrong: dict[str, Text]
) -> None:
    """A photo of what the checklist wants seen, whether it is met or not, asked for at each item.

    Photos of the record stand for all its items [D]: desk and phone have one place for them, and one picture may show
    several items. Where there are none, each item needs its own.
    """
    if spec.photos:
        return
    for item in items:
        told = answers.get(item.place)
        if item.asks == Asks.PHOTO and told is not None and told.answer in _LOOKED and not told.photos:
            wrong.setdefault(f"item_{item.place}", _("检查表要求对第%(place)s项拍照。") % {"place": item.place})


def _place(spec: CheckSpec, wrong: dict[str, Text]) -> None:
    if (spec.lon is None) != (spec.lat is None):
        wrong["lon" if spec.lon is None else "lat"] = _("经度和纬度须同时填写。")
    elif spec.lon is not None and spec.lat is not None and (abs(spec.lon) > 180 or abs(spec.lat) > 90):
        wrong["lon"] = _("经纬度超出范围。")
    if spec.accuracy_m is not None and not 0 <= spec.accuracy_m <= 100_000:
        wrong["accuracy_m"] = _("定位精度超出范围。")
    if len(spec.device) > 100:
        wrong["device"] = _("最多%(count)s个字。") % {"count": 100}


def place_of(unit: RiskUnit | None, file: Enterprise) -> tuple[Decimal, Decimal, str] | None:
    """Where a check is expected: longitude, latitude, and whether that is the unit's place or only the file's."""
    if unit is not None and unit.lon is not None and unit.lat is not None:
        return unit.lon, unit.lat, "unit"
    if file.lon is not None and file.lat is not None:
        return file.lon, file.lat, "file"
    return None


def _distance(spec: CheckSpec, unit: RiskUnit | None, file: Enterprise) -> int | None:
    """Whole metres from the unit, what the place itself is unsure by taken off; None where either is unknown, or only
    the enterprise's address is known, from which nothing can be told of a unit."""
    known = place_of(unit, file)
    if known is None or known[2] == "file" or spec.lon is None or spec.lat is None:
        return None
    far = distance_m(Point(float(known[0]), float(known[1])), Point(float(spec.lon), float(spec.lat)))
    return max(0, round(far) - (spec.accuracy_m or 0))


def _key(user_id: uuid.UUID | None) -> uuid.UUID:
    if user_id is None:
        raise NotPermitted
    return user_id


def _is_own(actor: Actor, task: CheckTask | None) -> bool:
    if task is None or task.person_id is not None or task.post_id is None:
        return True
    return posts_held_by(actor).filter(post=task.post_id).exists()


def _signature(spec: CheckSpec, wrong: dict[str, Text]) -> None:
    """A signature is a picture, and no photo of the record: a photo of a signature would be anybody's."""
    if spec.signature is None:
        return
    found = files_by_id([spec.signature])
    if spec.signature in spec.photos or not found or not found[0].media_type.startswith("image/"):
        wrong["signature"] = _("签名应为当场手写的图片。")


def _body(
    spec: CheckSpec, due: CheckDue | None, task: CheckTask | None, owner: Enterprise, text: LegalText | None,
    unit: RiskUnit | None,
) -> dict[str, Any]:  # fmt: skip
    """What the same identifier must mean again; ``sent_at`` differs each time that a phone sends."""
    return {
        "file": owner.pk, "task": getattr(task, "pk", None), "due": getattr(due, "pk", None),
        "checklist": getattr(text, "pk", None), "unit": getattr(unit, "pk", None), "status": spec.status,
        "note": spec.note, "name": spec.name, "at": spec.at, "photos": [str(one) for one in spec.photos],
        **({} if spec.signature is None else {"signature": str(spec.signature)}),
        "answers": [[one.place, one.answer, one.note] for one in spec.answers],
    }  # fmt: skip
