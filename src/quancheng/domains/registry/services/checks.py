"""Checks by checklist, and what asks for them: stoppages, design re-verification, laboratories, self-checks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import CheckAnswer, CheckKind, FacilityKind, Kind, LabKind, Life
from quancheng.domains.registry.models import (
    Census,
    CheckRecord,
    Enterprise,
    Facility,
    Laboratory,
    Reverification,
    Stoppage,
    Unit,
)
from quancheng.domains.registry.queries.checks import items_of, open_self_checks
from quancheng.domains.registry.services.enterprises import ENTER, VERIFY, change_enterprise, note, require_keeper
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed

_TEXT_LIMIT = 2000
#: Files of chemical users for which one act opens a re-verification at most.
MOST_OPENED = 500
LAB_FIELDS = ("kind", "room", "section", "head", "safety_officer", "people_count", "trained_count")


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A checklist gone through: place of an item to answer and words; the day, the conclusion, the evidence."""

    answers: Mapping[str, tuple[str, str]]
    day: date
    text: str = ""
    evidence: Sequence[uuid.UUID] = ()


def record_check(
    *,
    actor: Actor,
    file: Enterprise,
    kind: str,
    spec: CheckSpec,
    now: datetime,
    stoppage: Stoppage | None = None,
    reverification: Reverification | None = None,
    laboratory: Laboratory | None = None,
    census: Census | None = None,
    client_id: uuid.UUID | None = None,
    step: str = "",
    follow: Callable[[uuid.UUID], None] | None = None,
) -> CheckRecord:
    """Keep a checklist as it was answered; the words of each item are kept with it, since lists change.

    :param follow: what goes with the record, by its id: once with it, or not at all. :param step: names that.
    :raises Invalid: an item without answer, a no without words, a day in the future; by field.
    :raises NotPermitted: neither the enterprise itself nor an office that supervises it.
    """
    require_keeper(actor, file)
    checklist, items = items_of(kind, census=census, on=spec.day)
    wrong: dict[str, Text] = {}
    if spec.day > Calendar().local_date(now):
        wrong["day"] = _("检查日期不能晚于今天。")
    if not items:
        raise Conflict(_("当日没有有效的检查清单，请在“法规标准”中录入。"))
    kept, bad = [], 0
    for item in items:
        answer, said = spec.answers.get(item.place, ("", ""))
        if answer not in CheckAnswer.values:
            wrong[f"answer_{item.place}"] = _("请选择检查结果。")
        elif answer == CheckAnswer.NO and not clean(said):
            wrong[f"note_{item.place}"] = _("不符合的，请写明具体情况。")
        bad += answer == CheckAnswer.NO
        kept.append({"place": item.place, "text": item.text, "basis": item.basis, "answer": answer,
                     "note": clean(said)[:500]})  # fmt: skip
    if unknown := set(spec.answers) - {item.place for item in items}:
        wrong["answers"] = _("清单中没有这些项：%(places)s。") % {"places": listed(sorted(unknown))}
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        row = CheckRecord.objects.create(
            kind=kind, file=file, stoppage=stoppage, reverification=reverification, laboratory=laboratory,
            census=census, checklist=checklist[:200], answers=kept, wrong_count=bad,
            text=spec.text.strip()[:_TEXT_LIMIT],
            day=spec.day, org_id=actor.organisation_id, by_user=actor.user_id, by_name=actor.name, recorded_at=now,
        )  # fmt: skip
        note(actor, "registry.check.record", file, now, {
            "check": row.pk, "of": kind, "wrong": bad, "remark": row.text,
            "laboratory": laboratory and laboratory.pk,
        })  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(spec.evidence), now=now)
        if follow is not None:
            follow(row.pk)
        return row.pk

    with transaction.atomic():
        said_of = {key: list(one) for key, one in spec.answers.items()}
        matters = [str(one.pk) for one in (stoppage, reverification, laboratory, census) if one is not None]
        body = {"file": file.pk, "kind": kind, "day": spec.day, "answers": said_of, "of": matters, "step": step}
        pk, _new = once(actor=actor, client_id=client_id, act="registry.check.record", body=body, now=now, make=make)
    return CheckRecord.objects.get(pk=pk)


def answer_census(
    *, actor: Actor, file: Enterprise, census: Census, spec: CheckSpec, now: datetime,
    client_id: uuid.UUID | None = None,
) -> CheckRecord:  # fmt: skip
    """An enterprise's own check for a census. :raises StaleState: none is asked of it now."""
    if file.pk != actor.organisation_id:
        raise NotPermitted(_("只能填报本单位的自查。"))
    if census.pk not in {one.pk for one in open_self_checks(file)}:
        raise StaleState(_("该摸底不在开展中，或不要求本单位自查。"))
    return record_check(
        actor=actor, file=file, kind=CheckKind.CENSUS, spec=spec, now=now, census=census, client_id=client_id
    )


# Stopped units ----------------------------------------------------------------------------------------------------


def stop(
    *, actor: Actor, file: Enterprise, unit: Unit | None, since: date, reason: str, resume: date | None,
    every_days: int, now: datetime, client_id: uuid.UUID | None = None,
) -> Stoppage:  # fmt: skip
    """An enterprise, or one unit of it, stands still from a day on; a check is owed at once and then every so often.

    :raises Invalid: by field. :raises Conflict: it stands still already, or has left the trade or is leaving it.
    """
    require_keeper(actor, file)
    if file.life in (Life.CLOSED, Life.EXITING):
        raise Conflict(_("该企业已关闭退出或正在办理退出，不能登记停产。"))
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请填写停产原因。")
    if since > today:
        wrong["since"] = _("停产日期不能晚于今天。")
    if resume is not None and resume < since:
        wrong["resume"] = _("预计恢复日期不能早于停产日期。")
    if not 1 <= every_days <= 366:
        wrong["every_days"] = _("检查间隔应在1到366天之间。")
    if unit is not None and unit.file_id != file.pk:
        wrong["unit"] = _("请选择本企业的单元。")
    if wrong:
        raise Invalid(fields=wrong)
    name = str(file.owner_org) if unit is None else f"{file.owner_org} {unit.name}"
    facts = {"since": since, "unit": unit and unit.pk, "reason": clean(reason)[:300]}
    try:
        with transaction.atomic():
            row = Stoppage(
                **file.row_scope(),
                code=next_code(Stoppage, "T", now=now), title=name[:160], file=file, unit=unit, since_date=since,
                reason=clean(reason)[:300], resume_date=resume, every_days=every_days,
                next_check_date=today + timedelta(days=min(every_days, 7)), created_at=now,
                life_before=file.life if unit is None else "",
            )  # fmt: skip
            made = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
            if made.pk == row.pk and unit is None:
                _set_life(file, Life.STOPPED, since, now)
    except IntegrityError as twice:
        raise Conflict(_("该单位（单元）已登记停产。")) from twice
    return made


def check_stoppage(
    *, actor: Actor, stoppage: Stoppage, spec: CheckSpec, now: datetime, client_id: uuid.UUID | None = None
) -> CheckRecord:
    """Go through the checklist of a stoppage; done by the enterprise itself it sets the day of the next one.

    :raises StaleState: it stands still no more.
    """
    if stoppage.is_closed:
        raise StaleState(_("该停产已结束。"))

    def follow(record: uuid.UUID) -> None:
        if actor.organisation_id == stoppage.owner_org_id:
            following = spec.day + timedelta(days=stoppage.every_days)
            changes = {"next_check_date": max(following, stoppage.next_check_date)}
            move(actor=actor, row=stoppage, name="check", now=now, given={"record": str(record)}, changes=changes)

    return record_check(
        actor=actor, file=stoppage.file, kind=CheckKind.STOPPED, spec=spec, now=now, stoppage=stoppage,
        client_id=client_id, follow=follow,
    )  # fmt: skip


def end_stoppage(
    *, actor: Actor, stoppage: Stoppage, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Stoppage:
    """``resume`` work, or ``end`` for good what stood still.

    An enterprise that resumes is what it was before; one that ends is leaving the trade, which its office confirms.

    :raises Invalid: nothing said. :raises StaleState: it ends with chemicals still on hand.
    """
    if name not in ("resume", "end"):
        raise Invalid(_("没有这个操作。"))
    if not text.strip():
        raise Invalid(fields={"text": _("请填写此项。")})
    was_open = not stoppage.is_closed
    with transaction.atomic():
        move(
            actor=actor, row=stoppage, name=name, now=now, given={"text": text.strip()[:_TEXT_LIMIT]},
            changes={"closed_at": now}, client_id=client_id,
        )  # fmt: skip
        if stoppage.unit_id is None and was_open:
            before = Life.TRIAL if stoppage.life_before == Life.TRIAL else Life.OPERATING
            life = before if name == "resume" else Life.EXITING
            _set_life(stoppage.file, life, Calendar().local_date(now), now)
    return stoppage


def _set_life(file: Enterprise, life: Life, since: date, now: datetime) -> None:
    """The state of life follows from the stoppage, by the house: nobody types it a second time."""
    file = Enterprise.objects.get(pk=file.pk)
    if life != Life.STOPPED and file.life != Life.STOPPED:
        return
    changes = {"life": life, "life_date": since}
    house = system_actor("registry", ENTER)
    change_enterprise(actor=house, file=file, version=file.version, changes=changes, now=now)


# Design re-verification -------------------------------------------------------------------------------------------


def open_reverifications(
    *, actor: Actor, kinds: Sequence[str], due_date: date, now: datetime
) -> int:  # fmt: skip
    """Open one for every enterprise of these classes that the actor's office supervises and has none open.

    Returns how many. :raises Invalid: by field; more than :data:`MOST_OPENED` at once.
    """
    actor.require(VERIFY)
    wrong: dict[str, Text] = {}
    if not kinds or set(kinds) - set(Kind.values):
        wrong["kinds"] = _("请选择企业类别。")
    if due_date < Calendar().local_date(now):
        wrong["due_date"] = _("复核时限不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    rows = (
        Enterprise.objects.visible_to(actor)
        .filter(supervisor=actor.organisation_id, kind__in=kinds, merged_into__isnull=True)
        .exclude(life=Life.CLOSED)
        .exclude(reverifications__closed_at__isnull=True, reverifications__isnull=False)
    )
    files = list(rows.select_related("owner_org").order_by("pk")[: MOST_OPENED + 1])
    if len(files) > MOST_OPENED:
        raise Invalid(fields={"kinds": _("一次最多%(most)s家，请分类别启动。") % {"most": MOST_OPENED}})
    with transaction.atomic():
        for file in files:
            open_reverification(actor=actor, file=file, due_date=due_date, now=now)
    return len(files)


def open_reverification(
    *, actor: Actor, file: Enterprise, due_date: date, now: datetime, client_id: uuid.UUID | None = None
) -> Reverification:
    """Open it for one enterprise. :raises Conflict: one is open. :raises NotPermitted: another office supervises it."""
    actor.require(VERIFY)
    if file.supervisor_id != actor.organisation_id:
        raise NotPermitted(_("该企业由其他部门监管。"), code="other_organisation")
    if due_date < Calendar().local_date(now):
        raise Invalid(fields={"due_date": _("复核时限不能早于今天。")})
    try:
        with transaction.atomic():
            row = Reverification(
                **file.row_scope(owner=file.supervisor_id),
                code=next_code(Reverification, "R", now=now), title=str(file.owner_org)[:160], file=file,
                due_date=due_date, created_at=now,
            )  # fmt: skip
            return enter(actor=actor, row=row, now=now, facts={"file": file.pk, "due": due_date}, client_id=client_id)
    except IntegrityError as twice:
        raise Conflict(_("该企业已有未办结的设计复核。")) from twice


def judge_reverification(
    *, actor: Actor, row: Reverification, name: str, spec: CheckSpec, mend_date: date | None, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Reverification:  # fmt: skip
    """``pass`` it or ``demand`` mending until a day, each by the checklist with its three items.

    :raises Invalid: it passes with an item answered no, or mending is demanded without any; by field.
    """
    bad = [place for place, (answer, _said) in spec.answers.items() if answer == CheckAnswer.NO]
    today = Calendar().local_date(now)
    if name == "pass" and bad:
        raise Invalid(_("有不符合项，不能通过；请责令整改或立案处理。"))
    if name == "demand" and not bad:
        raise Invalid(_("没有不符合项，不需要整改。"))
    if name == "demand" and (mend_date is None or mend_date < today):
        raise Invalid(fields={"mend_date": _("请选择整改时限，不能早于今天。")})

    def follow(record: uuid.UUID) -> None:
        changes: dict[str, Any] = {"closed_at": now} if name == "pass" else {"mend_date": mend_date}
        given = {"record": str(record), "mend_date": mend_date}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)

    record_check(
        actor=actor, file=row.file, kind=CheckKind.DESIGN, spec=spec, now=now, reverification=row,
        client_id=client_id, step=f"{name} {mend_date if name == 'demand' else ''}".strip(), follow=follow,
    )  # fmt: skip
    row.refresh_from_db()
    return row


def step_reverification(
    *, actor: Actor, row: Reverification, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Reverification:
    """``mended`` by the enterprise, or ``punish`` with the case that was opened. :raises Invalid: nothing said."""
    asked = "case" if name == "punish" else "text"
    said = text.strip()[: 200 if name == "punish" else _TEXT_LIMIT]
    if not said:
        raise Invalid(fields={asked: _("请填写此项。")})
    changes: dict[str, Any] = {"case": said, "closed_at": now} if name == "punish" else {"mended": said}
    if name == "mended":
        # The office looks again within ten days of its own.
        changes["due_date"] = Calendar().add_working_days(Calendar().local_date(now), 10)
    return move(
        actor=actor, row=row, name=name, now=now, given={asked: said}, changes=changes, client_id=client_id
    )


# Laboratories -----------------------------------------------------------------------------------------------------


def enter_laboratory(
    *, actor: Actor, facility: Facility, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Laboratory:
    """Register a laboratory over its facility, whose stock is what it holds.

    :param known: of :data:`LAB_FIELDS`. :raises Invalid: by field. :raises Conflict: it is registered.
    """
    file = facility.unit.file
    require_keeper(actor, file)
    given = _lab_fields(known, None)
    if facility.kind != FacilityKind.LABORATORY:
        raise Invalid(_("只有实验室类设施可以登记实验室信息。"))

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                made = Laboratory.objects.create(
                    file=file, facility=facility, created_at=now, updated_at=now, **given
                )
        except IntegrityError as twice:
            raise Conflict(_("该实验室已登记。")) from twice
        note(actor, "registry.laboratory.enter", file, now, {"laboratory": made.pk, **given})
        return made.pk

    with transaction.atomic():
        body = {"facility": facility.pk, **given}
        act = "registry.laboratory.enter"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return Laboratory.objects.get(pk=pk)


def change_laboratory(
    *, actor: Actor, laboratory: Laboratory, version: int, changes: Mapping[str, Any], now: datetime
) -> Laboratory:
    """Change what stands of a laboratory. :raises StaleState: somebody changed it since it was read."""
    require_keeper(actor, laboratory.file)
    given = _lab_fields(changes, laboratory)
    changed = {name: value for name, value in given.items() if getattr(laboratory, name) != value}
    if not changed:
        return laboratory
    with transaction.atomic():
        won = Laboratory.objects.filter(pk=laboratory.pk, version=version).update(
            **changed, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState
        before = {name: getattr(laboratory, name) for name in changed}
        facts = {"laboratory": laboratory.pk, "before": before, "after": changed}
        note(actor, "registry.laboratory.change", laboratory.file, now, facts)
    return Laboratory.objects.get(pk=laboratory.pk)


def _lab_fields(known: Mapping[str, Any], before: Laboratory | None) -> dict[str, Any]:
    given = {name: known[name] for name in LAB_FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name, limit in (("room", 120), ("section", 120), ("head", 60), ("safety_officer", 60)):
        if name in given:
            given[name] = clean(given[name])[:limit]
    for name in ("room", "head"):
        if not given.get(name, getattr(before, name, "")):
            wrong[name] = _("请填写此项。")
    if given.get("kind", getattr(before, "kind", "")) not in LabKind.values:
        wrong["kind"] = _("请选择实验室类别。")
    people = given.get("people_count", getattr(before, "people_count", None))
    trained = given.get("trained_count", getattr(before, "trained_count", None))
    if trained is not None and (people is None or trained > people):
        wrong["trained_count"] = _("已受教育人数不能多于常驻人数。")
    if wrong:
        raise Invalid(fields=wrong)
    return given
