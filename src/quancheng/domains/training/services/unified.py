"""The one way of the four main posts set (四个统一): one syllabus, one material, one paper, one certifying office."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    Course,
    Exam,
    ExamPass,
    ExamSitting,
    PaperRule,
    Programme,
    TrainingRecord,
    TrainingSession,
    UnifiedWay,
)
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.courses import MATERIAL
from quancheng.domains.training.queries.unified import material_choices, names_the_four, paper_choices
from quancheng.domains.training.services.set_rows import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.names import clean

#: The one way of a programme was set, changed or ended: everybody whom it concerns is measured anew, in a job.
UNIFIED = "training.programme.unified"


def set_unified(
    *, actor: Actor, programme: Programme, version: int, course: Course, rule: PaperRule, from_date: date, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Say by which material the four main posts learn and by which paper they are examined; the actor's office numbers
    what certifies them (S3-7.2b). What was learned and passed before stands.

    :param course: of the actor's office, with its material. :param rule: of an office. :raises Invalid: by field.
    :raises NotPermitted: no office, or another than the one that set it.
    :raises Conflict: the programme has no syllabus or is not for the four posts.
    :raises StaleState: somebody changed it since it was read.
    """
    today = Calendar().local_date(now)
    is_set = programme.has_one_way(today)
    _require_office(actor, programme, is_set=is_set)
    if not names_the_four(programme):
        raise Conflict(_("该大纲没有包括四类主要人员。"))
    if not programme.syllabus or programme.pass_mark is None:
        raise Conflict(_("请先填写培训内容和合格分数。"))
    wrong: dict[str, Text] = {}
    if not material_choices(actor=actor, programme=programme).filter(pk=course.pk).exists():
        wrong["course"] = _("请选择本单位在该大纲下开设的课程。")
    elif not files_of(course, role=MATERIAL).exists():
        wrong["course"] = _("该课程还没有上传教材。")
    if not paper_choices(actor=actor).filter(pk=rule.pk).exists():
        wrong["rule"] = _("请选择监管部门制定的组卷规则。")
    begun = programme.is_unified_on(today)
    if begun and from_date != programme.unified_from:
        wrong["from_date"] = _("统一培训已经启用，启用日期不能再改。")
    elif not begun and from_date < today:
        wrong["from_date"] = _("启用日期不能早于今天。")
    if is_set and "rule" not in wrong and rule.pk != programme.unified_rule_id and _is_examined(programme, now):
        wrong["rule"] = _("按现行统一试卷的考试还没有结束或阅卷，请办结后再改。")
    if is_set and "course" not in wrong and course.pk != programme.unified_course_id and _is_taught(programme):
        wrong["course"] = _("按现行统一教材的培训班还没有结束，请办结后再改。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    # Once it began it goes on: another material or paper takes the place of the first from now, when nothing of the
    # first is still open.
    given: dict[str, Any] = {
        "unified_from": from_date, "unified_course_id": course.pk, "unified_rule_id": rule.pk,
        "unified_by_id": actor.organisation_id,
    }  # fmt: skip
    if not is_set and programme.unified_from is not None and programme.unified_to is not None:
        given["unified_before"] = [*programme.unified_before, programme.unified_from, programme.unified_to]
        given["unified_to"] = None
    elif not begun:
        given["unified_to"] = None
    with transaction.atomic():
        # Who ends the course or puts the rule away at this moment is waited for.
        given_still = Course.objects.select_for_update(no_key=True).filter(pk=course.pk, ended_date__isnull=True)
        used_still = PaperRule.objects.select_for_update(no_key=True).filter(pk=rule.pk, retired_at__isnull=True)
        if not list(given_still) or not list(used_still):
            raise StaleState
        _write(actor, "training.programme.unify", programme, version=version, given=given, reason=reason, now=now)
        _keep_way(programme, course=course, rule=rule, office=actor.organisation_id, from_date=from_date, today=today,
                  begun=begun, now=now)  # fmt: skip
        if not begun and from_date == today:
            # What was taught and passed this morning, when any way counted, is not undone.
            ExamPass.objects.filter(programme=programme, passed_date=today).update(is_unified=True)
            TrainingRecord.objects.filter(programme=programme, held_date=today).update(is_unified=True)
        publish(UNIFIED, course, actor=actor, now=now, facts={"programme": programme.code})


def end_unified(
    *, actor: Actor, programme: Programme, version: int, to_date: date | None, reason: str, now: datetime
) -> None:
    """Say on which day the one way holds last; from the next on any material and any exam count again.

    Nobody who is under way loses by it: hours by the one material, exams by the one paper and what certifies them
    stand, and go on with whatever is learned afterwards. What other materials taught while it was the one way does not
    begin to count. One that has not begun is taken back whole.

    :param to_date: the last day, today or later; None takes back an end that has not come.
    :raises Invalid: by field. :raises Conflict: there is no one way. :raises StaleState: somebody changed it.
    """
    today = Calendar().local_date(now)
    course = programme.unified_course
    if course is None or not programme.has_one_way(today):
        _require_office(actor, programme, is_set=False)
        raise Conflict(_("该大纲没有实行四个统一。"))
    _require_office(actor, programme, is_set=True)
    begun = programme.is_unified_on(today)
    wrong: dict[str, Text] = {}
    if begun and to_date is None and programme.unified_to is None:
        wrong["to_date"] = _("请填写停用日期。")
    elif begun and to_date is not None and to_date < today:
        wrong["to_date"] = _("停用日期不能早于今天。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    given: dict[str, Any] = {"unified_to": to_date}
    if not begun:
        names = ("unified_from", "unified_course_id", "unified_rule_id", "unified_by_id", "unified_to")
        given = dict.fromkeys(names)
    with transaction.atomic():
        _write(actor, "training.programme.end_unify", programme, version=version, given=given, reason=reason, now=now)
        latest = UnifiedWay.objects.filter(programme=programme, from_date__gte=programme.unified_from)
        way = latest.order_by("-from_date", "-pk").first()
        if way is not None and begun:
            UnifiedWay.objects.filter(pk=way.pk).update(to_date=to_date)
        elif way is not None:
            way.delete()
        publish(UNIFIED, course, actor=actor, now=now, facts={"programme": programme.code})


def _require_office(actor: Actor, programme: Programme, *, is_set: bool) -> None:
    """:raises NotPermitted: no office, or another than the one whose way it is."""
    actor.require(RULES)
    if not actor.supervises:
        raise NotPermitted
    if is_set and programme.unified_by_id != actor.organisation_id:
        raise NotPermitted(_("该大纲的四个统一由%(name)s设定。") % {"name": programme.unified_by})


def _write(
    actor: Actor, act: str, programme: Programme, *, version: int, given: dict[str, Any], reason: str, now: datetime
) -> None:
    """Write it, in the caller's transaction. A newer release leaves the programme alone from now on."""
    before = {name: getattr(programme, name) for name in given}
    rows = Programme.objects.filter(pk=programme.pk, version=version)
    if not rows.update(**given, version=F("version") + 1, changed_at=now):
        raise StaleState
    note(actor, act, programme, {"before": before, "after": given, "reason": clean(reason)}, now)


def _keep_way(
    programme: Programme, *, course: Course, rule: PaperRule, office: Any, from_date: date, today: date, begun: bool,
    now: datetime,
) -> None:  # fmt: skip
    """Keep from when to when which material and paper were the ones, in the caller's transaction."""
    stands = UnifiedWay.objects.filter(programme=programme, from_date__gte=programme.unified_from or date.max)
    last = stands.order_by("-from_date", "-pk").first() if programme.has_one_way(today) else None
    if last is not None and (last.course_id, last.rule_id, last.from_date) == (course.pk, rule.pk, from_date):
        return
    if last is not None and begun:
        if (last.course_id, last.rule_id) == (course.pk, rule.pk):
            return
        UnifiedWay.objects.filter(pk=last.pk).update(to_date=today)
        from_date = today
    elif last is not None:
        last.delete()
    UnifiedWay.objects.create(
        programme=programme, course=course, rule=rule, office_id=office, from_date=from_date,
        to_date=programme.unified_to if begun else None, set_at=now,
    )  # fmt: skip


def _is_examined(programme: Programme, now: datetime) -> bool:
    """Whether an exam by the one paper is still to be held, or a paper of it to be marked."""
    exams = Exam.objects.filter(
        programme=programme, rule=programme.unified_rule_id, owner_org=programme.unified_by_id,
        cancelled_at__isnull=True,
    )  # fmt: skip
    open_papers = ExamSitting.objects.filter(exam__in=exams, started_at__isnull=False, marked_at__isnull=True)
    return exams.filter(closes_at__gt=now).exists() or open_papers.exists()


def _is_taught(programme: Programme) -> bool:
    """Whether a session by the one material is not closed yet."""
    return TrainingSession.objects.filter(course=programme.unified_course_id, status="PLANNED").exists()
