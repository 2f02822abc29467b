"""Hidden dangers reported, graded, planned and put right (隐患登记、定级、方案、整改)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckRecord, DesignDiagnosis, Finding
from quancheng.domains.hazards.queries.findings import earlier_like, open_on_measure
from quancheng.domains.hazards.queries.terms import was_ordered
from quancheng.domains.hazards.services import proof
from quancheng.domains.hazards.services.hand_overs import end_hand_overs
from quancheng.domains.hazards.services.judging import (
    asks_lesson,
    below_major,
    is_criterion,
    is_item,
    proposed_grade,
    usual_deadline,
    usual_grade,
)
from quancheng.domains.hazards.services.learning import LessonSpec, faults_of, keep_lesson
from quancheng.domains.hazards.services.majors import call_for_reports, end_reports
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.domains.hazards.services.review_reports import ReportSpec, hand_in_with_application
from quancheng.domains.hazards.services.stops import stop_of
from quancheng.domains.hazards.services.terms import over_longest
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskObject, RiskUnit
from quancheng.domains.risk.services.enterprise_colours import recolour_files
from quancheng.domains.risk.services.risks import mark_failed, mark_verified
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_by_id, files_of
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.queries import find_colleague
from quancheng.kernel.phone.services import DeviceTime
from quancheng.standards.hidden_dangers import levels
from quancheng.standards.hidden_dangers.kinds import code_list

REPORT, CONFIRM, SUPERVISE = (
    "hazards.findings.report", "hazards.findings.confirm", "hazards.findings.supervise",
)  # fmt: skip
#: Fields of a plan that people type, as ``standards.hidden_dangers.levels.Plan`` names them.
PLAN_FIELDS = (
    "measures", "person", "money", "money_note", "due_date", "emergency_plan", "goal", "materials", "body",
    "requirements", "safety_measures", "interim",
)  # fmt: skip
_NO_TEXTS = ("money", "due_date", "interim")
_CODED = ("source", "channel", "type", "category", "classification", "link")


@dataclass(frozen=True, slots=True)
class FindingSpec:
    """What is told of a danger when it is found. Photos are keys of uploads, the danger as it was seen first."""

    name: str
    description: str = ""
    place: str = ""
    unit: RiskUnit | None = None
    measure: Measure | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    found_at: datetime | None = None
    source: str = "daily"
    channel: str = ""
    type: str = "other"
    category: str = "other"
    classification: str = ""
    link: str = ""
    is_major: bool = False
    criterion: str = ""
    checklist_item: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    #: The check that found it, and the grade that its item proposes; who confirms the danger decides.
    check_record: CheckRecord | None = None
    grade: str = ""
    diagnosis: DesignDiagnosis | None = None
    #: Where it was written down without signal: when, by the device's clock.
    device: DeviceTime | None = None


def report_finding(
    *, actor: Actor, file: Enterprise, spec: FindingSpec, now: datetime, client_id: uuid.UUID | None = None,
    submit: bool = True, reopens: Finding | None = None, is_sent: bool = False, supervisor: uuid.UUID | None = None,
) -> Finding:  # fmt: skip
    """Report a danger found in an enterprise that the actor sees: by its own people, or by who supervises it.

    :param submit: at once, as most do; otherwise it stays a draft of who found it.
    :param is_sent: the actor was sent there by its supervisor and need not supervise it: he reads what he found.
    :param supervisor: who supervises it, where it is another than the enterprise's: a danger that was handed over.
    :raises Invalid: by field. :raises NotPermitted: the duty is missing, or the enterprise is nobody's to look at.
    """
    actor.require(REPORT)
    if actor.organisation_id is None:
        raise NotPermitted
    inside = file.pk == actor.organisation_id
    if not inside and not actor.supervises:
        raise NotPermitted
    found_at = spec.found_at or (spec.device.ours(now) if spec.device else now)
    _check(spec, file, found_at, now)
    pictures = files_by_id(spec.photos)
    digests = sorted(one.original_digest for one in pictures)
    channel = spec.channel or ("enterprise" if inside else _channel_of(actor))
    parent: RiskObject | None = spec.unit.object if spec.unit else None
    like = earlier_like(file=file, criterion=spec.criterion, item=spec.checklist_item, place=spec.place,
                        unit=spec.unit, found_at=found_at)  # fmt: skip
    with transaction.atomic():
        row = Finding(
            **file.row_scope(),
            file=file, supervisor_id=supervisor or file.supervisor_id, code=next_code(Finding, "Y", now=now),
            name=clean(spec.name)[:300], description=clean(spec.description)[:4000], place=clean(spec.place)[:200],
            object=parent, unit=spec.unit, measure=spec.measure, lon=spec.lon, lat=spec.lat, found_at=found_at,
            finder_id=actor.user_id, finder_name=actor.name, finder_org_id=actor.organisation_id,
            is_by_regulator=not inside, source=spec.source, channel=channel, type=spec.type, category=spec.category,
            classification=spec.classification, link=spec.link, is_major=spec.is_major or bool(spec.criterion),
            criterion=spec.criterion, checklist_item=spec.checklist_item, check_record=spec.check_record,
            grade=spec.grade, diagnosis=spec.diagnosis, is_repeat=like is not None, repeat_of=like,
            reopens=reopens, created_at=now,
        )  # fmt: skip
        facts = {
            "enterprise": file.pk, "name": row.name, "place": row.place, "major": row.is_major,
            "criterion": spec.criterion, "source": spec.source, "photos": digests,
        }  # fmt: skip
        device_at = spec.device.made_at if spec.device else None
        made = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id, device_at=device_at)
        if made.pk != row.pk or made.status != "DRAFT":
            return made
        if is_sent and not Finding.objects.visible_to(actor).filter(pk=made.pk).exists():
            share(actor=actor, row=made, why="found", to_org=actor.organisation_id, now=now)
        made.doubts = [*(spec.device.doubts() if spec.device else ())]
        if spec.photos:
            made.doubts += proof.check_photos(row=made, files=pictures, role=proof.BEFORE, now=now)
            attach_files(actor=actor, row=made, file_ids=spec.photos, now=now, role=proof.BEFORE)
        if made.doubts:
            Finding.objects.filter(pk=made.pk).update(doubts=made.doubts)
        if submit:
            submit_finding(actor=actor, row=made, now=now)
    return made


def submit_finding(*, actor: Actor, row: Finding, now: datetime, client_id: uuid.UUID | None = None) -> Finding:
    """Submit a draft; the measure that failed counts as failed from now on."""

    def make() -> None:
        move(actor=actor, row=row, name="submit", now=now)
        if row.measure is not None:
            mark_failed(actor=actor, row=row.measure, because=f"{row.code} {row.name}", now=now)

    return move_once(actor=actor, row=row, name="submit", given={}, client_id=client_id, now=now, make=make)


def grade_finding(
    *, actor: Actor, row: Finding, criterion: str, grade: str, rectifier: uuid.UUID | None, deadline: date | None,
    cause: str, now: datetime, measure: Measure | None = None, item: str = "", person: str = "",
    client_id: uuid.UUID | None = None,
) -> Finding:  # fmt: skip
    """Confirm what it is and who puts it right by when: the enterprise, or its supervisor (责令限期整改).

    A criterion that is met makes it major. What was thought major and meets none is general only if the supervisor
    says so. Where no grade is told the proposed one is taken, major excepted; whoever grades a repeated danger lower
    than proposed writes down the cause.

    :param item: the checklist's item of which it is a failure, where none was told before.
    :param person: who puts it right as another system names him, who need have no account here; then the term is what
        that system set, also where it has passed.
    :raises Invalid: by field; a criterion that is not in force; the enterprise grades down what was reported as major.
    """
    by_office = actor.organisation_id != row.owner_org_id
    wrong: dict[str, Text] = {}
    if criterion and not is_criterion(criterion, row.found_at):
        wrong["criterion"] = _("没有这条判定标准，或发现当日尚未施行、已经失效。")
    if measure is not None and measure.event.unit.object.file_id != row.file_id:
        wrong["measure"] = _("该措施不属于该企业。")
    if item and item != row.checklist_item and not is_item(item):
        raise Invalid(fields={**wrong, "item": _("没有这个检查表条目。")})
    item = item or row.checklist_item
    major = bool(criterion) or grade == levels.Grade.MAJOR
    if grade and grade not in {one.value for one in levels.Grade}:
        wrong["grade"] = _("请选择等级。")
    if row.is_major and not major:
        wrong["grade"] = (
            _("登记时认为是重大隐患的，请先按重大隐患责令整改，再用“降为一般隐患”写明理由。")
            if by_office else _("登记时认为是重大隐患的，只能由监管部门核定后降级。")
        )  # fmt: skip
    who = None
    if rectifier is not None:
        who = find_colleague(organisation_id=row.owner_org_id, user_id=str(rectifier))
        if who is None:
            wrong["rectifier"] = _("请选择该企业的人员。")
    elif not by_office and not person:
        wrong["rectifier"] = _("请选择整改责任人。")
    today = Calendar().local_date(now)
    if deadline is not None and deadline < today and not person:
        wrong["deadline"] = _("整改期限不能早于今天。")
    elif deadline is not None and not by_office and not person:
        # An office that orders a longer term has approved it by that; the enterprise itself may not.
        over = over_longest(row, deadline, major=major, today=today)
        if over is not None:
            wrong["deadline"] = over
    proposed, like = proposed_grade(row, criterion=criterion, item=item)
    order = list(levels.Grade)
    if like is not None and grade and order.index(levels.Grade(grade)) < order.index(proposed) and not clean(cause):
        wrong["cause"] = _("与%(code)s重复，建议定为“%(grade)s”；定得更低的，请写明原因和理由。") % {
            "code": like.code, "grade": told(proposed.word)
        }  # fmt: skip
    if wrong:
        raise Invalid(fields=wrong)
    usual = usual_deadline(row, major)
    settled = levels.Grade.MAJOR if major else below_major(proposed)
    changes: dict[str, Any] = {
        "criterion": criterion, "grade": grade or settled, "checklist_item": item, "is_major": major,
        "rectifier": who, "deadline": deadline or usual, "cause": clean(cause)[:2000], "manage": "in_term",
        **({} if like is None else {"is_repeat": True, "repeat_of": like}),
    }  # fmt: skip
    if measure is not None:
        changes |= {"measure": measure, "unit": measure.event.unit, "object": measure.event.unit.object}
    if person:
        changes["plan"] = {**row.plan, "person": person}
    given = {"rectifier": str(rectifier or person), "criterion": criterion}
    facts = {"grade": grade, "proposed": proposed, "repeats": like.code if like else ""}
    name = "order" if by_office else "confirm"

    def make() -> None:
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, facts=facts)
        if measure is not None:
            mark_failed(actor=actor, row=measure, because=f"{row.code} {row.name}", now=now)
        if major:
            call_for_reports(row=row, now=now)
            _recolour(row, now)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def plan_finding(
    *, actor: Actor, row: Finding, plan: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """Write the plan with its five implementations (五落实); a major one goes to the main person for approval.

    :param plan: of :data:`PLAN_FIELDS`; ``money`` in yuan. :raises Invalid: by field, every part that is lacking.
    """
    level = levels.Level.MAJOR if row.is_major else levels.Level.GENERAL
    texts: dict[str, Any] = {name: plan.get(name) or "" for name in PLAN_FIELDS if name not in _NO_TEXTS}
    written = levels.Plan(
        money=plan.get("money"), due_date=plan.get("due_date"), interim=tuple(plan.get("interim") or ()), **texts
    )
    try:
        gaps = levels.missing(written, level=level)
    except ValueError as bad:
        raise Invalid(fields={"money": _("资金不能为负数。")}) from bad
    wrong: dict[str, Text] = {
        gap.field: _("%(part)s：请填写%(name)s。") % {"part": told(gap.part), "name": told(gap.name)} for gap in gaps
    }
    today = Calendar().local_date(now)
    kept = plain({name: getattr(written, name) for name in PLAN_FIELDS})

    def make() -> None:
        _lock(row)
        if row.is_major != (level is levels.Level.MAJOR):
            raise StaleState(_("该隐患的等级刚刚改变，请按新的等级制定方案。"))
        # Once the term is over no day fits into it: then the longest term alone counts, and the plan is told as late.
        late_after = row.deadline if row.deadline and row.deadline < today else None
        if written.due_date is not None and written.due_date < today:
            wrong["due_date"] = _("整改期限不能早于今天。")
        elif row.deadline and not late_after and written.due_date and written.due_date > row.deadline:
            wrong["due_date"] = _("不能晚于限定的%(day)s，确有困难请在整改中申请延期。") % {
                "day": row.deadline.isoformat()
            }  # fmt: skip
        elif written.due_date:
            over = over_longest(row, written.due_date, major=row.is_major, today=today)
            if over is not None and (late_after or not (row.deadline and was_ordered(row))):
                wrong["due_date"] = over
        stop = stop_of(row, plan, written.interim, wrong)
        if wrong:
            raise Invalid(fields=wrong)
        changes: dict[str, Any] = {
            "plan": kept, "is_planned": True, "deadline": written.due_date, "cost_yuan": written.money,
            "span_days": max(1, (written.due_date - today).days) if written.due_date else None,
            "stop": stop, **({"resumed_at": None} if stop != row.stop else {}),
        }  # fmt: skip
        if late_after:
            changes["doubts"] = [*row.doubts, {"zh": f"整改期限{late_after}届满后才制定方案",
                                               "en": f"planned after its term ended on {late_after}"}]  # fmt: skip
        move(actor=actor, row=row, name="propose" if row.is_major else "plan", now=now, given={"plan": kept},
             changes=changes, facts={"late_after": late_after} if late_after else None)  # fmt: skip

    given = {"plan": kept}
    return move_once(actor=actor, row=row, name="write_plan", given=given, client_id=client_id, now=now, make=make)


def judge_plan(
    *, actor: Actor, row: Finding, approved: bool, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """The main person approves the plan of a major danger, or returns it with a reason."""
    given = {} if approved else {"reason": clean(reason)}
    changes: dict[str, Any] = {} if approved else {"is_planned": False}
    move(actor=actor, row=row, name="approve" if approved else "revise", now=now, given=given, changes=changes,
         client_id=client_id)  # fmt: skip
    return row


def finish_finding(
    *, actor: Actor, row: Finding, result: str, lesson: LessonSpec | None, photos: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None, device: DeviceTime | None = None, told_in: str = "",
) -> Finding:  # fmt: skip
    """Say that it is put right, with photos of after; or fix it on the spot (即查即改), which takes both photos.

    :param lesson: asked of a graver one, see :func:`asks_lesson`.
    :param told_in: the batch in which the system that keeps the danger told it: the exchange spec leaves the photo to
        that system, so where none came a doubt stands in its place. Of no use to people.
    :raises Invalid: no photo, or one that proves nothing (:func:`proof.check_photos`); no lesson of a serious one.
    """
    wrong: dict[str, Text] = {}
    is_told = bool(told_in and row.outside and row.status == "FIXING" and actor.is_system)
    if not clean(result):
        wrong["result"] = _("请写明整改情况。")
    if not photos and not is_told:
        wrong["evidence"] = _("请至少上传一张整改后的照片。")
    if asks_lesson(row):
        wrong |= faults_of(lesson or LessonSpec())
    name = "fix_now" if row.status == "REPORTED" else "finish"
    pictures = files_by_id(photos)
    if photos and not proof.has_photo(pictures):
        wrong["evidence"] = _("请至少上传一张整改后的照片，其他文件不能代替。")
    if name == "fix_now" and row.grade == levels.Grade.MAJOR:
        wrong["result"] = _("检查表建议等级为重大，请先由安全管理人员核实定级，不能即查即改。")
    if name == "fix_now" and not proof.has_photo(link.file for link in files_of(row, role=proof.BEFORE)):
        wrong["evidence"] = _("即查即改须有整改前的照片，请先在登记时上传。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        doubts = [*(device.doubts() if device else ())]
        doubts += proof.check_photos(row=row, files=pictures, role=proof.AFTER, now=now)
        if is_told and not pictures:
            doubts.append({"zh": "没有整改后照片（对接系统报送）", "en": "no photo of after (told by another system)"})
        changes: dict[str, Any] = {
            "result": clean(result)[:4000], "finished_at": now, "doubts": [*row.doubts, *doubts],
        }  # fmt: skip
        if name == "fix_now":
            changes |= {"manage": "on_spot", "deadline": Calendar().local_date(now), "rectifier_id": actor.user_id,
                        "grade": row.grade or usual_grade(row)}  # fmt: skip
        if lesson is not None and asks_lesson(row):
            keep_lesson(actor=actor, row=row, spec=lesson, now=now)
        attach_files(actor=actor, row=row, file_ids=photos, now=now, role=proof.AFTER)
        evidence = [one.original_digest for one in pictures] or [f"batch:{told_in}"]
        given = {"result": clean(result)[:4000], "evidence": evidence}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id,
             device_at=device.made_at if device else None)  # fmt: skip
    return row


def ask_extension(
    *, actor: Actor, row: Finding, until: date, reason: str, now: datetime, client_id: uuid.UUID | None = None,
    of_regulator: bool = False,
) -> Finding:  # fmt: skip
    """Ask for more time before the term ends: inside the enterprise, of a major one the supervisor.

    :param of_regulator: ask the supervisor also of a general one, which alone may give more than the longest term.
    :raises Invalid: the term has ended, the new day is not after it, or beyond the longest term inside the enterprise.
    """
    today = Calendar().local_date(now)
    if row.deadline is None or today > row.deadline:
        raise Invalid(_("整改期限已过，不能再申请延期。"), code="too_late")
    if until <= row.deadline:
        raise Invalid(fields={"until": _("新的期限应晚于原期限%(day)s。") % {"day": row.deadline.isoformat()}})
    name = "ask_regulator" if row.needs_regulator or of_regulator else "ask_extension"
    if name == "ask_extension":
        _refuse_over_longest(row, until, today)
    move(actor=actor, row=row, name=name, now=now, given={"reason": clean(reason), "until": until.isoformat()},
         client_id=client_id)  # fmt: skip
    return row


def judge_extension(
    *, actor: Actor, row: Finding, granted: bool, until: date | None, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Finding:  # fmt: skip
    """Grant or deny more time. :raises Invalid: granted without a day after the present term, or by the enterprise
    beyond the longest one."""
    given = {"reason": clean(reason), **({"until": until.isoformat()} if granted and until else {})}

    def make() -> None:
        name = ("grant" if granted else "deny") + ("_major" if row.status == "EXTENDING_MAJOR" else "")
        changes: dict[str, Any] = {}
        if granted:
            if until is None or (row.deadline is not None and until <= row.deadline):
                raise Invalid(fields={"until": _("请填写晚于原期限的日期。")})
            if name == "grant":
                _refuse_over_longest(row, until, Calendar().local_date(now))
            changes = {"deadline": until, "extension_count": row.extension_count + 1}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)

    act = "grant_longer" if granted else "deny_longer"
    return move_once(actor=actor, row=row, name=act, given=given, client_id=client_id, now=now, make=make)


def _refuse_over_longest(row: Finding, until: date, today: date) -> None:
    over = over_longest(row, until, major=row.is_major, today=today)
    if over is not None:
        raise Invalid(fields={"until": over}, code="over_longest")


def accept_finding(
    *, actor: Actor, row: Finding, comment: str, now: datetime, client_id: uuid.UUID | None = None,
    report: ReportSpec | None = None,
) -> Finding:  # fmt: skip
    """Accept what was done, as somebody else than who did it; a general one is closed by it, else it is the application
    to the supervisor to take it off the list.

    :param report: the expert's or agency's review report that goes with the application, where one is asked for.
    :raises NotPermitted: the rectifier himself. :raises Invalid: by field, a report is asked for and none stands.
    """
    if actor.user_id is not None and actor.user_id == row.rectifier_id:
        raise NotPermitted(_("整改责任人不能验收自己整改的隐患，请由其他人员验收。"), code="own_work")
    name = "pass" if row.needs_regulator else "accept"
    changes: dict[str, Any] = {
        "accepted_at": now, "accepted_by_id": actor.user_id, "comment": clean(comment)[:1000],
    }  # fmt: skip
    if name == "accept":
        changes["closed_at"] = now
        if row.is_stopped and not row.needs_resumption:
            # The enterprise stopped by itself for a danger of its own: its acceptance ends that too.
            changes["resumed_at"] = now
    given = {"comment": clean(comment)}

    def make() -> None:
        if name == "pass":
            hand_in_with_application(actor=actor, row=row, report=report, now=now)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        if name == "accept":
            _let_go(actor, row, now)
            end_hand_overs(row=row, now=now)

    # A page that is sent again after the report went in asks for none any more: the report tells no request apart.
    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def reject_finding(
    *, actor: Actor, row: Finding, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """Send it back to be put right: by the accepter, or by the supervisor at cancelling. The new term is at most half
    of the first (standards: REJECT_SHARE)."""
    share = levels.limits()["REJECT_SHARE"].amount or Decimal(1)
    days = max(1, int((row.span_days or 2) * share))
    day = Calendar().local_date(now) + timedelta(days=days)
    name = "refuse" if row.status == "CANCELLING" else "reject" if row.is_planned else "rework"
    changes: dict[str, Any] = {
        "deadline": day, "reject_count": row.reject_count + 1, "accepted_at": None, "accepted_by": None,
    }  # fmt: skip
    move(actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)}, changes=changes,
         client_id=client_id)  # fmt: skip
    return row


def cancel_finding(
    *, actor: Actor, row: Finding, comment: str, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """The supervisor takes it off the list after its own look (销号)."""
    with transaction.atomic():
        move(actor=actor, row=row, name="cancel", now=now, given={"comment": clean(comment)},
             changes={"closed_at": now}, client_id=client_id)  # fmt: skip
        _let_go(actor, row, now)
        end_hand_overs(row=row, now=now)
    return row


def discard_finding(
    *, actor: Actor, row: Finding, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """It is no danger, or was entered by mistake. :param name: ``withdraw``, ``discard`` or ``drop``."""
    with transaction.atomic():
        move(actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)}, changes={"closed_at": now},
             client_id=client_id)  # fmt: skip
        _let_go(actor, row, now)
        end_reports(row=row, now=now)
        end_hand_overs(row=row, now=now)
    return row


def merge_finding(
    *, actor: Actor, row: Finding, into: Finding, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """Two channels told the same danger: one goes on. :raises Conflict: another enterprise's, itself, or closed."""
    if into.pk == row.pk or into.file_id != row.file_id:
        raise Conflict(_("只能并入同一企业的另一条隐患。"))
    with transaction.atomic():
        for one in sorted((row, into), key=lambda each: each.pk):
            _lock(one)
        if into.is_closed:
            raise Conflict(_("“%(code)s”已办结，不能并入。") % {"code": into.code})
        move(actor=actor, row=row, name="merge", now=now, given={"into": into.code, "reason": clean(reason)},
             changes={"merged_into": into, "closed_at": now}, client_id=client_id)  # fmt: skip
        if row.measure_id and into.measure_id is None:
            Finding.objects.filter(pk=into.pk, measure__isnull=True).update(measure=row.measure_id)
        else:
            _let_go(actor, row, now)
        end_reports(row=row, now=now)
        end_hand_overs(row=row, now=now)
    return row


def regrade_finding(
    *, actor: Actor, row: Finding, name: str, reason: str, criterion: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Finding:  # fmt: skip
    """Raise to major (``raise``) or, by the supervisor alone, lower to general (``downgrade``); a plan is made anew."""
    if name == "raise" and not is_criterion(criterion, row.found_at):
        raise Invalid(fields={"criterion": _("请选择符合的判定标准。")})
    up = name == "raise"
    changes: dict[str, Any] = {
        "is_major": up, "grade": levels.Grade.MAJOR if up else levels.Grade.SERIOUS,
        "criterion": criterion if up else "", "is_planned": False,
    }  # fmt: skip
    given = {"reason": clean(reason), **({"criterion": criterion} if up else {})}

    def make() -> None:
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        if up:
            call_for_reports(row=row, now=now)
        else:
            end_reports(row=row, now=now)
        _recolour(row, now)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def _lock(row: Finding) -> None:
    """One act at a time on a danger: what is decided by is read again behind the lock, in the caller's transaction."""
    Finding.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
    row.refresh_from_db()


def _let_go(actor: Actor, row: Finding, now: datetime) -> None:
    """The measure works again unless another open danger says that it does not."""
    if row.is_major:
        _recolour(row, now)
    if row.measure is None:
        return
    # Two dangers of one measure that close at once: the second sees that the first is closed.
    Measure.objects.select_for_update(no_key=True).filter(pk=row.measure.pk).values_list("pk").get()
    if not open_on_measure(row.measure, besides=row):
        mark_verified(actor=actor, row=row.measure, now=now)


def _recolour(row: Finding, now: datetime) -> None:
    """An open major danger makes its enterprise red at once, and its end no longer."""
    recolour_files(ids=[row.file_id], because="hazards.major", now=now)


def _channel_of(actor: Actor) -> str:
    return "district" if actor.whole_district else "street"


def _check(spec: FindingSpec, file: Enterprise, found_at: datetime, now: datetime) -> None:
    wrong: dict[str, Text] = {}
    if not clean(spec.name):
        wrong["name"] = _("请写明隐患是什么。")
    for name in _CODED:
        value = getattr(spec, name)
        if value and value not in {one.code for one in code_list(name).items}:
            wrong[name] = _("没有这个选项。")
    if (spec.source == "design") != (spec.diagnosis is not None):
        wrong["source"] = _("设计诊断发现的问题请在该次诊断的页面登记。")
    if found_at > now + proof.CLOCK_TOLERANCE:
        wrong["found_at"] = _("发现时间不能晚于现在。")
    if spec.criterion and not is_criterion(spec.criterion, found_at):
        wrong["criterion"] = _("没有这条判定标准，或发现当日尚未施行、已经失效。")
    if spec.checklist_item and spec.check_record is None and not is_item(spec.checklist_item):
        wrong["checklist_item"] = _("没有这个检查表条目。")
    if spec.unit is not None:
        if spec.unit.object.file_id != file.pk:
            wrong["unit"] = _("该单元不属于该企业。")
        elif spec.unit.ended_date is not None:
            wrong["unit"] = _("该单元已撤销，请改选其他单元或只写部位。")
    if spec.measure is not None and (spec.unit is None or spec.measure.event.unit_id != spec.unit.pk):
        wrong["measure"] = _("该措施不属于所选单元。")
    if file.merged_into_id is not None:
        wrong["name"] = _("该档案已合并到另一份档案，请在那份档案中登记。")
    if (spec.lon is not None and abs(spec.lon) > 180) or (spec.lat is not None and abs(spec.lat) > 90):
        wrong["lon"] = _("经纬度超出范围。")
    if (spec.lon is None) != (spec.lat is None):
        wrong["lon" if spec.lon is None else "lat"] = _("经度和纬度须同时填写。")
    if wrong:
        raise Invalid(fields=wrong)
