"""Check tasks (隐患排查任务) arranged, changed and ended by the enterprise."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import FORMS, CheckTask, WorkType
from quancheng.domains.hazards.queries.checks import checklists
from quancheng.domains.hazards.services.check_dues import cycle_of, drop_unopened, make_for
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Mode
from quancheng.domains.risk.models import Measure, RiskUnit
from quancheng.domains.risk.services.keeping import change_row, note, refuse_guarded
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import check_cycles, rhythm

KEEP = "hazards.checks.keep"
#: What people give of a task. ``object`` and ``unit`` follow the measure where there is one.
FIELDS = (
    "object", "unit", "measure", "checklist", "content", "every", "cycle_unit", "starts_at", "window_start",
    "window_end", "days", "post", "person", "form", "work_type", "task_number", "period",
)  # fmt: skip
_CYCLE = ("every", "cycle_unit", "starts_at", "window_start", "window_end", "days")
#: Of a cycle, our names by those of the standard.
_NAMES = {"unit": "cycle_unit"}
#: Most tasks of one act for many measures.
MOST_AT_ONCE = 500


def require_keeper(actor: Actor, file: Enterprise) -> None:
    """The enterprise arranges its own. :raises NotPermitted: somebody else. :raises Conflict: the file is retired."""
    actor.require(KEEP)
    if file.pk != actor.organisation_id and not actor.is_system:
        raise NotPermitted
    if file.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """Whether :func:`require_keeper` lets the actor pass."""
    return actor.has(KEEP) and file.pk == actor.organisation_id and file.merged_into_id is None


def enter_task(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> CheckTask:
    """Arrange a task; what of it falls due until tomorrow is made at once.

    :param known: of :data:`FIELDS`. :raises Invalid: by field, with the standard's words for a cycle.
    """
    require_keeper(actor, file)
    given = _fields(file, known, None)
    body = {"file": file.pk, **{name: getattr(value, "pk", value) for name, value in given.items()}}

    def make() -> uuid.UUID:
        made = CheckTask.objects.create(file=file, created_at=now, **given)
        note(actor, "hazards.task.enter", file.pk, made, now, body)
        make_for([made], now=now)
        return made.pk

    with transaction.atomic():
        pk, _fresh = once(actor=actor, client_id=client_id, act="hazards.task.enter", body=body, now=now, make=make)
    return CheckTask.objects.select_related("file__enterprise", "unit", "measure", "post", "checklist").get(pk=pk)


def arrange_for_measures(
    *, actor: Actor, file: Enterprise, measures: Sequence[Measure], known: Mapping[str, Any], now: datetime
) -> int:
    """One task for each measure that has none yet, with its own check text and the same post and cycle; in one act.

    :raises Invalid: by field, none left, or too many at once.
    """
    require_keeper(actor, file)
    wanted = [one for one in measures if one.mode == Mode.INSPECTION]
    busy = set(CheckTask.objects.filter(measure__in=wanted, ended_date__isnull=True).values_list("measure", flat=True))
    wanted = [one for one in wanted if one.pk not in busy]
    if not wanted:
        raise Invalid(_("所选管控措施都已安排排查任务。"))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(_("一次最多安排%(count)s项，请按单元分次安排。") % {"count": MOST_AT_ONCE})
    rows = []
    for one in wanted:
        given = _fields(file, {**known, "measure": one, "content": one.check_text}, None)
        rows.append(CheckTask(file=file, created_at=now, **given))
    with transaction.atomic():
        CheckTask.objects.bulk_create(rows)
        for row in rows:
            note(actor, "hazards.task.enter", file.pk, row, now, {"measure": row.measure_id, "content": row.content})
        make_for(rows, now=now)
    return len(rows)


def change_task(
    *, actor: Actor, row: CheckTask, version: int, changes: Mapping[str, Any], now: datetime
) -> CheckTask:
    """Change a task: instances that have not opened yet are made anew, what opened or passed stays as it was.

    :raises Invalid: by field. :raises StaleState: somebody saved meanwhile, or it ended.
    """
    require_keeper(actor, row.file)
    given = _fields(row.file, changes, row)
    with transaction.atomic():
        changed = change_row(
            actor=actor, act="hazards.task.change", file_id=row.file_id, row=row, version=version, changes=given,
            now=now, twice=("content", _("已有相同的任务。")),
        )  # fmt: skip
        if changed:
            drop_unopened([row.pk], now=now)
            make_for([row], now=now)
    return row


def end_task(*, actor: Actor, row: CheckTask, reason: str, now: datetime) -> None:
    """A task ends: nothing falls due any more; what opened stays owed until it closes.

    :raises Invalid: no reason. :raises StaleState: it ended already. :raises Conflict: another system keeps it.
    """
    require_keeper(actor, row.file)
    refuse_guarded(row, actor)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明终止的理由。")})
    with transaction.atomic():
        day = Calendar().local_date(now)
        won = CheckTask.objects.filter(pk=row.pk, ended_date__isnull=True).update(
            ended_date=day, ended_reason=clean(reason)[:300]
        )
        if not won:
            raise StaleState(_("该任务已终止。"))
        note(actor, "hazards.task.end", row.file_id, row, now, {"on": day, "reason": clean(reason)[:300]})
        drop_unopened([row.pk], now=now)
    row.refresh_from_db()


def remove_task(*, actor: Actor, row: CheckTask, now: datetime) -> None:
    """Take back a task that an import made. :raises Conflict: it was recorded already, or another system keeps it."""
    require_keeper(actor, row.file)
    refuse_guarded(row, actor)
    with transaction.atomic():
        if row.records.exists():
            raise Conflict(_("该任务已有排查记录，不能撤回，可以终止。"))
        row.dues.all().delete()
        note(actor, "hazards.task.remove", row.file_id, row, now, {"content": row.content})
        row.delete()


def doubts_of(row: CheckTask) -> list[Text]:
    """What is odd about a task that can be: its cycle, another of the same measure, slower than the guide's least
    (5.2, [G] where it says so). For who arranges it and for who supervises."""
    cycle = cycle_of(row)
    found: list[Text] = [told(one) for one in check_cycles.doubts(cycle)]
    if row.measure_id is not None:
        others = CheckTask.objects.filter(measure=row.measure_id, ended_date__isnull=True, post=row.post_id)
        cycles = [cycle, *(cycle_of(one) for one in others.exclude(pk=row.pk).order_by("pk"))]
        found += [told(one.text) for one in check_cycles.overlaps(cycles) if one.first == 0]
    layer = row.post.layer if row.post is not None else ""
    is_key = row.unit is not None and row.unit.object.kind == "hazard"
    slow = rhythm.slower_than_least(
        cycle, layer=layer, form=row.form, is_key=is_key, is_patrol=row.cycle_unit == "hour"
    )  # fmt: skip
    return [*found, *(told(one) for one in slow)]


def _fields(file: Enterprise, known: Mapping[str, Any], before: CheckTask | None) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}

    def now_is(name: str, default: Any = None) -> Any:
        return given.get(name, getattr(before, name, default) if before is not None else default)

    measure: Measure | None = now_is("measure")
    if measure is not None and "measure" in given:
        if measure.event.unit.object.file_id != file.pk:
            wrong["measure"] = _("该措施不属于该企业。")
        elif measure.ended_date is not None:
            wrong["measure"] = _("该措施已撤销。")
        given["unit"] = measure.event.unit
    unit: RiskUnit | None = now_is("unit")
    if unit is not None and "unit" in given:
        if unit.object.file_id != file.pk:
            wrong["unit"] = _("该单元不属于该企业。")
        elif unit.ended_date is not None:
            wrong["unit"] = _("该单元已撤销。")
        elif measure is not None and measure.event.unit_id != unit.pk:
            wrong["unit"] = _("该措施不属于所选单元。")
        given["object"] = unit.object
    if now_is("object") is not None and now_is("object").file_id != file.pk:
        wrong["object"] = _("该对象不属于该企业。")
    text = clean(now_is("content") or "")
    checklist = now_is("checklist")
    if not text and checklist is not None:
        text = checklist.name
    elif not text and measure is not None:
        text = measure.check_text
    given["content"] = text
    if not text:
        wrong["content"] = _("请填写排查内容，或选择管控措施、检查表。")
    elif len(text) > 1000:
        wrong["content"] = _("最多%(count)s个字。") % {"count": 1000}
    if checklist is not None and "checklist" in given and not checklists().filter(pk=checklist.pk).exists():
        wrong["checklist"] = _("请选择检查表。")
    _check_cycle(given, now_is, wrong)
    _check_who(file, now_is, wrong)
    if now_is("form", "daily") not in FORMS:
        wrong["form"] = _("请选择排查形式。")
    if now_is("period", "") and now_is("period", "") not in rhythm.special_periods():
        wrong["period"] = _("没有这个特殊时段。")
    kind, number = now_is("work_type", WorkType.DAILY), now_is("task_number")
    if kind not in WorkType.values:
        wrong["work_type"] = _("请选择任务类型。")
    elif (kind == WorkType.DAILY) != (number is None):
        wrong["task_number"] = _("包保责任人的任务须有任务编号，日常任务没有编号。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _check_cycle(given: dict[str, Any], now_is: Any, wrong: dict[str, Text]) -> None:
    if now_is("cycle_unit") != "hour":
        given |= {"window_start": None, "window_end": None}
    asked = {name: now_is(name) for name in _CYCLE}
    errors = check_cycles.check(
        every=asked["every"], unit=asked["cycle_unit"] or "", starts_at=asked["starts_at"],
        window_start=asked["window_start"], window_end=asked["window_end"], days=asked["days"] or "every",
    )  # fmt: skip
    for field, sentence in errors.items():
        wrong[_NAMES.get(field, field)] = told(sentence)


def _check_who(file: Enterprise, now_is: Any, wrong: dict[str, Text]) -> None:
    from quancheng.kernel.people.queries import find_colleague

    post, person = now_is("post"), now_is("person")
    if post is None and person is None:
        wrong["post"] = _("请选择责任岗位或责任人。")
    if post is not None and (post.file_id != file.pk or post.ended_date is not None):
        wrong["post"] = _("请选择本单位的岗位。")
    if person is not None and find_colleague(organisation_id=file.pk, user_id=str(person.pk)) is None:
        wrong["person"] = _("请选择本单位的人员。")
