"""Courses and yearly plans written by enterprises and offices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.training.models import Course, EducationLevel, PlanLine, Programme, TrainingPlan
from quancheng.domains.training.queries.courses import MATERIAL, TEACH
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

_HALF = Decimal("0.5")


def scope_of(actor: Actor) -> dict[str, Any]:
    """The scope of what an organisation teaches: an enterprise's for itself and who supervises it, an office's for all.

    :raises NotPermitted: neither an enterprise with a file nor an office.
    """
    if actor.supervises:
        return {"owner_org_id": actor.organisation_id, "reach": "public"}
    file = own_file(actor=actor)
    if file is None:
        raise NotPermitted(_("本单位还没有企业档案，请先建立。"))
    return file.row_scope()


def add_course(
    *, actor: Actor, title: str, programme: Programme, hours: Decimal, teacher: str, content: str, is_practical: bool,
    level: str = "", now: datetime, materials: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> Course:  # fmt: skip
    """Add a course with its materials. :raises Invalid: by field."""
    actor.require(TEACH)
    scope = scope_of(actor)
    wrong = _lacking({"title": title, "teacher": teacher, "content": content})
    if hours <= 0 or hours % _HALF:
        wrong["hours"] = _("学时应大于0，最小单位为0.5。")
    if programme.is_for_regulators and not actor.supervises:
        wrong["programme"] = _("请选择适用于从业人员的培训大纲。")
    if level not in ("", *EducationLevel.values):
        wrong["level"] = _("没有这个选项。")
    elif not level and programme.plant_hours + programme.workshop_hours + programme.team_hours:
        wrong["level"] = _("三级安全教育、调岗复岗教育须填写。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        row = Course.objects.create(
            **scope, title=clean(title)[:120], programme=programme, hours=hours, teacher=clean(teacher)[:60],
            level=level, content=content.strip()[:4000], is_practical=is_practical, created_at=now,
        )  # fmt: skip
        if materials:
            attach_files(actor=actor, row=row, file_ids=list(materials), now=now, role=MATERIAL)
        note_on(actor, "training.course.add", row, now, {"title": row.title, "programme": programme.code})
        return row.pk

    body = {"title": title, "programme": programme.code, "hours": hours}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="training.course.add", body=body, now=now, make=make)
    return Course.objects.get(pk=pk)


def add_materials(*, actor: Actor, course: Course, materials: Sequence[uuid.UUID], now: datetime) -> None:
    """Further files for a course. :raises Invalid: none."""
    _require_own(actor, course)
    if not materials:
        raise Invalid(fields={"materials": _("请选择文件。")})
    with transaction.atomic():
        attach_files(actor=actor, row=course, file_ids=list(materials), now=now, role=MATERIAL)
        note_on(actor, "training.course.materials", course, now, {"number": len(materials)})


def end_course(*, actor: Actor, course: Course, now: datetime) -> None:
    """Offer a course no more. :raises StaleState: it ended."""
    _require_own(actor, course)
    with transaction.atomic():
        Course.objects.select_for_update(no_key=True).get(pk=course.pk)
        today = Calendar().local_date(now)
        if any(one.has_one_way(today) for one in Programme.objects.filter(unified_course=course)):
            raise Conflict(_("该课程是四个统一的统一教材，请先改定统一教材。"))
        if not Course.objects.filter(pk=course.pk, ended_date__isnull=True).update(ended_date=today):
            raise StaleState(_("该课程已停开。"))
        note_on(actor, "training.course.end", course, now, {"title": course.title})


def add_plan(
    *, actor: Actor, title: str, year: int, now: datetime, client_id: uuid.UUID | None = None
) -> TrainingPlan:
    """Begin a yearly plan. :raises Invalid: by field. :raises Conflict: one of that name stands."""
    actor.require(TEACH)
    scope = scope_of(actor)
    wrong = _lacking({"title": title})
    if abs(year - Calendar().local_date(now).year) > 1:
        wrong["year"] = _("年度应为去年、今年或明年。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                row = TrainingPlan.objects.create(**scope, title=clean(title)[:120], year=year, created_at=now)
        except IntegrityError as twice:
            raise Conflict(fields={"title": _("本单位该年度已有同名计划。")}) from twice
        note_on(actor, "training.plan.add", row, now, {"title": row.title, "year": year})
        return row.pk

    with transaction.atomic():
        body = {"title": title, "year": year}
        pk, _made = once(actor=actor, client_id=client_id, act="training.plan.add", body=body, now=now, make=make)
    return TrainingPlan.objects.get(pk=pk)


def add_line(
    *, actor: Actor, plan: TrainingPlan, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> PlanLine:
    """Foresee a class. :param known: programme, title, month, audience, people, hours. :raises Invalid: by field."""
    _require_own(actor, plan)
    wrong = _lacking({"title": known["title"], "audience": known["audience"]})
    if not 1 <= known["month"] <= 12:
        wrong["month"] = _("月份应为1至12。")
    for name in ("people", "hours"):
        if known[name] < 1:
            wrong[name] = _("应大于0。")
    if known["programme"].is_for_regulators and not actor.supervises:
        wrong["programme"] = _("请选择适用于从业人员的培训大纲。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        made = PlanLine.objects.create(
            plan=plan, programme=known["programme"], title=clean(known["title"])[:120], month=known["month"],
            audience=clean(known["audience"])[:200], people=known["people"], hours=known["hours"],
        )  # fmt: skip
        note_on(actor, "training.plan.line", plan, now, {"title": made.title, "month": made.month})
        return made.pk

    body = {"plan": plan.pk, **known, "programme": known["programme"].pk}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="training.plan.line", body=body, now=now, make=make
        )
    return PlanLine.objects.get(pk=pk)


def publish_plan(*, actor: Actor, plan: TrainingPlan, now: datetime) -> None:
    """Let everybody concerned read it. :raises Conflict: it foresees nothing. :raises StaleState: it is published."""
    _require_own(actor, plan)
    if not plan.lines.exists():
        raise Conflict(_("请先填写计划班次。"))
    with transaction.atomic():
        if not TrainingPlan.objects.filter(pk=plan.pk, published_at__isnull=True).update(published_at=now):
            raise StaleState(_("该计划已发布。"))
        note_on(actor, "training.plan.publish", plan, now, {"title": plan.title})


def note_on(actor: Actor, act: str, row: Any, now: datetime, facts: Mapping[str, object]) -> None:
    journal.record(actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
                   facts=facts, now=now)  # fmt: skip


def _require_own(actor: Actor, row: Course | TrainingPlan) -> None:
    actor.require(TEACH)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")


def _lacking(given: Mapping[str, str]) -> dict[str, Text]:
    return {name: _("请填写此项。") for name, value in given.items() if not clean(value or "")}
