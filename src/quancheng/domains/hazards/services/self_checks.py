"""Checks led by the main person (主要负责人带队排查): owed by the clock, deputed, recorded with a signature."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    AnswerCode,
    CheckSide,
    Matter,
    Mechanism,
    SelfCheck,
    SelfCheckItem,
    SelfCheckRule,
)
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.queries.owed_periods import WORKING, town_of, towns_by_path, working_files
from quancheng.domains.hazards.services.owed_periods import bind_periods
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, follow_owner, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import find_colleague, list_colleagues
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period
from quancheng.standards.hidden_dangers.self_checks import RHYTHMS, led_rhythm

SIGN, RECORD, RULES = "hazards.self_checks.sign", "hazards.self_checks.record", "hazards.self_checks.rules"
CONFIRM = "hazards.mechanisms.confirm"
#: The kind of row that the schedule makes.
GENERATOR = "hazards.self_checks"
_CLOCK = system_actor("hazards", SIGN, RECORD)


@dataclass(frozen=True, slots=True)
class SelfCheckSpec:
    """What the main person, or whom he sent, tells of a check. Answers are code and note by the place of a criterion.

    ``files`` are keys of uploads: photos of the check, a picture of the signature.
    """

    checked: date
    signed: str
    answers: Mapping[str, tuple[int, str]]
    places: str = ""
    note: str = ""
    none_found: bool = False
    findings: Sequence[uuid.UUID] = ()
    files: Sequence[uuid.UUID] = field(default_factory=tuple)


def keep_rhythm(*, now: datetime) -> int:
    """What the clock does each hour: each working enterprise is bound to what its classes owe now. Of the others
    ends what their running periods ask for; what is overdue stays owed, so that nobody is rid of it by a stop. Returns
    how many bindings changed."""
    today = Calendar().local_date(now)
    rhythm, rule, towns = queries.rhythm_on(today), queries.rule_on(today), towns_by_path()
    is_shared = rule is not None and rule.three_persons
    own: dict[uuid.UUID, tuple[uuid.UUID, str]] = {}
    by_side: dict[str, dict[uuid.UUID, tuple[uuid.UUID, str]]] = {CheckSide.DEPARTMENT: {}, CheckSide.TOWN: {}}
    columns = ("pk", "supervisor", "kind", "more_kinds", "area__path")
    for pk, office, kind, more, path in working_files().values_list(*columns):
        months = rhythm.months_for([kind, *more])
        if months is not None:
            own[pk] = (office, str(months))
        if is_shared and rhythm.high & {kind, *more}:
            by_side[CheckSide.DEPARTMENT][pk] = (office, CheckSide.DEPARTMENT.value)
            if town_of(path or "", towns) is not None:
                by_side[CheckSide.TOWN][pk] = (office, CheckSide.TOWN.value)
    changed = bind_periods(actor=_CLOCK, generator=GENERATOR, wanted=own, shape=_shape, now=now,
                           kinds=frozenset(str(one) for one in RHYTHMS))  # fmt: skip
    for side, wanted in by_side.items():
        changed += bind_periods(actor=_CLOCK, generator=GENERATOR, wanted=wanted, shape=_shape, now=now,
                                kinds=frozenset({str(side)}))  # fmt: skip
    idle = Enterprise.objects.filter(self_checks__status__in=("DUE", "DEPUTED")).exclude(
        life__in=WORKING, merged_into__isnull=True
    )
    for row in queries.open_of(list(idle.values_list("pk", flat=True).distinct()), since=today):
        move(actor=_CLOCK, row=row, name="end", now=now, changes={"closed_at": now})
    return changed


def _shape(rhythm: str) -> tuple[str, str, Mapping[str, object], Mapping[str, object]]:
    if rhythm in CheckSide.values:
        data = {"months": 1, "side": rhythm}
        return f"{CheckSide(rhythm).label}带队排查", "every_months", {"months": 1, "anchor": "2024-01", "day": 31}, data
    months = int(rhythm)
    # Anchored so that periods end with the quarter, the half-year, the year.
    figures = {"months": months, "anchor": f"2024-{months:02}", "day": 31}
    return f"主要负责人带队排查（每{months}个月）", "every_months", figures, {"months": months}


def make_check(rule: RecurringRule, period: Period, org: Organisation, due_date: date, now: datetime) -> SelfCheck:
    """One period of one enterprise, as the schedule asks for it."""
    file = Enterprise.objects.select_related("area").get(pk=org.pk)
    side = CheckSide(rule.data.get("side", CheckSide.ENTERPRISE))
    owner: uuid.UUID | None = file.pk
    if side == CheckSide.DEPARTMENT:
        owner = file.supervisor_id
    elif side == CheckSide.TOWN:
        # Where its town is gone since it was bound, the department answers.
        owner = town_of(file.area.path if file.area else "", towns_by_path()) or file.supervisor_id
    # Who was bound anew, e.g. under another office, owes a period once.
    known = queries.standing(file.pk, side, period.first, period.last)
    if known is not None:
        return _follow(known, owner, now)
    row = SelfCheck(
        **{**file.row_scope(), "owner_org_id": owner}, file=file, side=side, months=rule.data["months"],
        first_date=period.first, last_date=period.last, due_date=due_date, created_at=now,
        title=f"{side.label}带队排查重大事故隐患（{period.first:%Y-%m-%d}至{period.last:%m-%d}）",
    )  # fmt: skip
    try:
        with transaction.atomic():
            made: SelfCheck = enter(actor=_CLOCK, row=row, now=now, facts={"period": period.key})
    except IntegrityError:
        # Another made it this moment.
        known = queries.standing(file.pk, side, period.first, period.last)
        if known is None:
            raise
        return known
    return made


def _follow(row: SelfCheck, owner: uuid.UUID | None, now: datetime) -> SelfCheck:
    """What nobody was sent for yet goes to who owes it now."""
    if row.status != "DUE" or row.owner_org_id == owner:
        return row
    before = row.owner_org_id
    SelfCheck.objects.filter(pk=row.pk).update(owner_org=owner, updated_at=now)
    row.refresh_from_db()
    follow_owner(row)
    note(_CLOCK, "hazards.self_check.follow", row.file_id, row, now, {"before": before})
    return row


def depute(
    *, actor: Actor, row: SelfCheck, person_id: uuid.UUID, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> SelfCheck:  # fmt: skip
    """The main person sends somebody of the enterprise in his place, with a reason that the regulator reads.

    :raises Invalid: by field: nobody of the enterprise, himself, one without the duty, no reason.
    """
    wrong: dict[str, Text] = {}
    able = {one.user_id for one in list_colleagues(organisation_id=row.owner_org_id, duty=RECORD)}
    found = find_colleague(organisation_id=row.owner_org_id, user_id=str(person_id))
    if found is None:
        wrong["deputy"] = _("请选择本单位的人员。")
    elif found.pk == actor.user_id:
        wrong["deputy"] = _("不能委托本人。")
    elif found.pk not in able:
        wrong["deputy"] = _("该人员没有登记带队排查的职责，请先在人员管理中授予。")
    said = clean(reason)[:300]
    if not said:
        wrong["reason"] = _("请写明委托原因。")
    if wrong or found is None:
        raise Invalid(fields=wrong)
    given = {"deputy": str(found.pk), "reason": said}
    changes = {"deputy": found, "deputed_reason": said}
    return move(actor=actor, row=row, name="depute", now=now, given=given, changes=changes, client_id=client_id)


def recall(
    *, actor: Actor, row: SelfCheck, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> SelfCheck:
    """The main person leads the check himself after all."""
    said = clean(reason)[:300]
    changes = {"deputy": None, "deputed_reason": ""}
    return move(actor=actor, row=row, name="recall", now=now, given={"reason": said}, changes=changes,
                client_id=client_id)  # fmt: skip


def record_self_check(
    *, actor: Actor, row: SelfCheck, spec: SelfCheckSpec, now: datetime, client_id: uuid.UUID | None = None
) -> SelfCheck:
    """Close a period by the record of its check, signed with one's own name typed.

    :raises NotPermitted: neither the main person nor whom he deputed.
    :raises Invalid: by field: a day outside, another name, no criterion gone through, one that fails without a
        hidden danger registered, both dangers and "none found" or neither.
    """
    body = {
        "checked": spec.checked, "signed": spec.signed, "places": spec.places, "note": spec.note,
        "none_found": spec.none_found, "findings": sorted(str(one) for one in spec.findings),
        "answers": {place: [code, said] for place, (code, said) in sorted(spec.answers.items())},
    }  # fmt: skip

    # Behind the row's lock: of two that sign at once the second sees that it is signed.
    act_once(
        actor=actor, row=row, act="hazards.self_check.sign", body=body, now=now, client_id=client_id,
        do=lambda: _record(actor, row, spec, now),
    )  # fmt: skip
    return row


def _record(actor: Actor, row: SelfCheck, spec: SelfCheckSpec, now: datetime) -> None:
    # A deputation that was called back has left no deputy.
    name = "record" if row.deputy_id is None else "record_deputed"
    deputed = row.deputy_id is not None and actor.user_id == row.deputy_id
    if actor.organisation_id != row.owner_org_id or not (deputed or actor.has(SIGN)):
        raise NotPermitted(_("只能由带队责任人或其委托的人员登记并签字。"))
    today = Calendar().local_date(now)
    clauses = {one.place: one for one in queries.criteria_for(row.file, on=spec.checked)}
    answers = {place: one for place, one in spec.answers.items() if one[0] != AnswerCode.UNCHECKED}
    found = list(queries.findings_for(row).filter(pk__in=list(spec.findings)))
    wrong = _faults(actor, row, spec, answers, known=set(clauses), found=len(found), today=today)
    if wrong:
        raise Invalid(fields=wrong)
    passed = sum(code != AnswerCode.NOT_APPLICABLE for code, _note in answers.values())
    changes: dict[str, Any] = {
        "checked_date": spec.checked, "leader_id": actor.user_id, "signed_name": clean(spec.signed)[:130],
        "places": clean(spec.places)[:500], "note": clean(spec.note)[:1000], "none_found": spec.none_found,
        "is_late": spec.checked > row.last_date, "gone_through": passed, "closed_at": now,
    }  # fmt: skip
    given = {
        "signed": True, "checked": spec.checked, "none_found": spec.none_found, "places": changes["places"],
        "note": changes["note"], "findings": sorted(str(one.pk) for one in found),
        "answers": {place: [code, said] for place, (code, said) in sorted(answers.items())},
    }  # fmt: skip
    # Held before the move, which freezes what is held.
    if spec.files and not row.is_closed:
        attach_files(actor=actor, row=row, file_ids=spec.files, now=now)
    move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
    row.findings.set(found)
    SelfCheckItem.objects.bulk_create([
        SelfCheckItem(check_row=row, clause=clauses[place], answer=code, note=clean(said)[:300])
        for place, (code, said) in answers.items()
    ])  # fmt: skip


def _faults(
    actor: Actor, row: SelfCheck, spec: SelfCheckSpec, answers: Mapping[str, tuple[int, str]], *, known: set[str],
    found: int, today: date,
) -> dict[str, Text]:  # fmt: skip
    wrong: dict[str, Text] = {}
    if not row.first_date <= spec.checked <= today:
        wrong["checked"] = _("排查日期应在%(first)s至今天之间。") % {"first": row.first_date}
    if clean(spec.signed) != clean(actor.name):
        wrong["signed"] = _("请填写您本人的姓名作为签名。")
    if unknown := sorted(set(answers) - known):
        wrong["answers"] = _("本单位当日的判定标准中没有%(place)s。") % {"place": unknown[0]}
    if any(code not in AnswerCode.values for code, _note in answers.values()):
        wrong["answers"] = _("没有这个取值。")
    if not any(code in (AnswerCode.CONFORMS, AnswerCode.FAILS) for code, _note in answers.values()):
        wrong["answers"] = _("请逐条对照重大事故隐患判定标准，至少对照一条。")
    failing = [place for place, (code, _note) in answers.items() if code == AnswerCode.FAILS]
    for place in failing:
        if not clean(answers[place][1]):
            wrong[f"note_{place}"] = _("请写明不符合的情况。")
    if failing and not found:
        wrong["findings"] = _("有不符合判定标准的情形，请先登记隐患，再在此选择。")
    if found and spec.none_found:
        wrong["none_found"] = _("已选择隐患，不能同时声明未发现。")
    elif len(set(spec.findings)) != found:
        wrong["findings"] = _("只能选择本单位在该期间发现的隐患。")
    elif not found and not failing and not spec.none_found:
        wrong["none_found"] = _("请选择发现的隐患；没有的，声明未发现重大事故隐患。")
    return wrong


def set_rule(
    *, actor: Actor, high_kinds: Sequence[str], high_months: int, other_months: int, from_date: date, reason: str,
    now: datetime, three_persons: bool = False,
) -> SelfCheckRule:  # fmt: skip
    """Say which trades are high-risk and how often they and the others owe a check, from a day on.

    :raises Invalid: by field: an unknown class, months that do not fill a year, a day that is past, no reason.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    every = led_rhythm().high | led_rhythm().others
    if set(high_kinds) - every:
        wrong["high_kinds"] = _("没有这个选项。")
    for name, months in (("high_months", high_months), ("other_months", other_months)):
        if months not in RHYTHMS:
            wrong[name] = _("周期只能是1、2、3、4、6或12个月。")
    if not wrong and high_months > other_months:
        wrong["high_months"] = _("高危行业的周期不能长于其他行业。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("不能早于今天。")
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = SelfCheckRule.objects.create(
            high_kinds=sorted(set(high_kinds)), high_months=high_months, other_months=other_months,
            three_persons=three_persons, reason=clean(reason)[:300], from_date=from_date, entered_at=now,
            entered_by_id=actor.user_id,
        )  # fmt: skip
        facts = {"high": made.high_kinds, "high_months": high_months, "other_months": other_months, "from": from_date,
                 "three_persons": three_persons}  # fmt: skip
        journal.record(actor=actor, act="hazards.self_checks.rule", subject_type=subject_type_of(made),
                       subject_id=made.pk, facts=facts, now=now)  # fmt: skip
    return made


def confirm_mechanism(
    *, actor: Actor, file: Enterprise, matter: str, title: str, issued: date, text: str, files: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> Mechanism:  # fmt: skip
    """Confirm that the rules of a matter stand, with the documents.

    :raises NotPermitted: another enterprise's. :raises Invalid: by field: no document, a day to come.
    """
    actor.require(CONFIRM)
    user_id = actor.user_id
    if file.pk != actor.organisation_id or user_id is None:
        raise NotPermitted
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if matter not in Matter.values:
        wrong["matter"] = _("请选择机制类别。")
    if not clean(title):
        wrong["title"] = _("请填写制度名称。")
    if issued > today:
        wrong["issued"] = _("印发日期不能晚于今天。")
    if not files:
        wrong["files"] = _("请上传制度文件。")
    if wrong:
        raise Invalid(fields=wrong)
    body = {"file": file.pk, "matter": matter, "title": clean(title)[:200], "issued": issued,
            "text": clean(text)[:1000], "files": len(files)}  # fmt: skip

    def make() -> uuid.UUID:
        made = Mechanism.objects.create(
            file=file, matter=matter, title=clean(title)[:200], issued_date=issued, text=clean(text)[:1000],
            confirmed_date=today, confirmed_at=now, confirmed_by_id=user_id, by_name=actor.name,
        )  # fmt: skip
        note(actor, "hazards.mechanism.confirm", file.pk, made, now, body)
        attach_files(actor=actor, row=made, file_ids=files, now=now)
        return made.pk

    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="hazards.mechanism.confirm", body=body, now=now, make=make
        )
    return Mechanism.objects.get(pk=pk)
