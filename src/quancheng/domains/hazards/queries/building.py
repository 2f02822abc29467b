"""Reads of building dual prevention: which of the twelve steps are done, told by the database from facts and papers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    PAPERS_OF,
    BuildingAcceptance,
    BuildingPaper,
    CheckRecord,
    CheckTask,
    PaperKind,
)
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import Category, Mode
from quancheng.domains.risk.models import Measure, PostPerson, RiskAssessment, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.schedule.recurrence import clamped
from quancheng.standards.risk import building as standard

STANDING = Q(ended_date__isnull=True)
#: Names under which a file carries whether each step is done.
NAMES = {one.number: f"step_{one.number}" for one in standard.steps()}


def _month_before(day: date) -> date:
    back = day.year * 12 + day.month - 1 - standard.TRIAL_MONTHS
    return clamped(back // 12, back % 12 + 1, day.day)


def _units(file: Any) -> QuerySet[RiskUnit]:
    return RiskUnit.objects.filter(STANDING, object__ended_date__isnull=True, object__file=file)


def _events(file: Any) -> QuerySet[RiskEvent]:
    return RiskEvent.objects.filter(
        STANDING, unit__ended_date__isnull=True, unit__object__ended_date__isnull=True, unit__object__file=file
    )


def _bare_hazards(file: Any) -> QuerySet[Unit]:
    """Major hazards without an analysis object."""
    objects = RiskObject.objects.filter(STANDING, place=OuterRef("pk"))
    return Unit.objects.filter(~Exists(objects), file=file, legal_grade__isnull=False, ended_date__isnull=True)


def _ownerless(file: Any) -> QuerySet[RiskUnit]:
    """Units for which nobody answers: no post, or nobody at it."""
    return _units(file).filter(~Exists(PostPerson.objects.filter(post=OuterRef("post"), until_date__isnull=True)))


def _empty(file: Any) -> QuerySet[RiskUnit]:
    """Units without any event."""
    return _units(file).filter(~Exists(RiskEvent.objects.filter(STANDING, unit=OuterRef("pk"))))


def _partial(file: Any) -> QuerySet[RiskEvent]:
    """Events that lack a measure of one of the four categories."""
    lacking = Q(pk__in=[])
    for category in Category.values:
        lacking |= ~Q(Exists(Measure.objects.filter(STANDING, event=OuterRef("pk"), category=category)))
    return _events(file).filter(lacking)


def _inspected(file: Any) -> QuerySet[Measure]:
    """Measures that are kept effective by inspection."""
    return Measure.objects.filter(
        STANDING, mode=Mode.INSPECTION, event__ended_date__isnull=True, event__unit__ended_date__isnull=True,
        event__unit__object__ended_date__isnull=True, event__unit__object__file=file,
    )  # fmt: skip


def _untasked(file: Any) -> QuerySet[Measure]:
    return _inspected(file).filter(~Exists(CheckTask.objects.filter(STANDING, measure=OuterRef("pk"))))


def _records(file: Any, *, since: date | None = None, mobile: bool = False) -> QuerySet[CheckRecord]:
    rows = CheckRecord.objects.filter(file=file)
    if since is not None:
        rows = rows.filter(at__gte=Calendar().start_of(since))
    return rows.exclude(device_index="") if mobile else rows


def _started(file: Any, today: date) -> QuerySet[CheckTask]:
    """Tasks that began a month ago or before."""
    return CheckTask.objects.filter(file=file, starts_at__lt=Calendar().start_of(_month_before(today)
                                                                                + timedelta(days=1)))  # fmt: skip


def _number(rows: QuerySet[Any], path: str) -> Any:
    counted = rows.order_by().values(path).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def list_files(*, actor: Actor, today: date) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, each with ``step_1`` to ``step_12``: whether it is done."""
    file = OuterRef("pk")

    def paper(kind: PaperKind, since: date | None = None) -> Any:
        rows = BuildingPaper.objects.filter(file=file, kind=kind)
        return Exists(rows if since is None else rows.filter(dated__gte=since))

    recent, year = today - timedelta(days=standard.MOBILE_DAYS), today - timedelta(days=standard.YEAR_DAYS)
    rules = Q(paper(PAPERS_OF[2][0]))
    for kind in PAPERS_OF[2][1:]:
        rules &= Q(paper(kind))
    units, events = Q(Exists(_units(file))), Q(Exists(_events(file)))
    assessed = RiskAssessment.objects.filter(event__unit__object__file=file, day__gte=year)
    done: dict[int, Q] = {
        1: Q(paper(PaperKind.LEADERS)),
        2: rules,
        3: Q(paper(PaperKind.TRAINING)),
        4: units & ~Q(Exists(_ownerless(file))) & ~Q(Exists(_bare_hazards(file))),
        5: units & ~Q(Exists(_empty(file))),
        6: events & ~Q(Exists(_events(file).filter(inherent_level__isnull=True))),
        7: Q(events_all__gt=0) & Q(events_partial__lte=F("events_all") * (100 - standard.FOUR_PERCENT) / 100),
        8: Q(Exists(_inspected(file))) & ~Q(Exists(_untasked(file))),
        9: Q(paper(PaperKind.POINTS)) & Q(Exists(_records(file, since=recent, mobile=True))),
        10: Q(Exists(_started(file, today))) & Q(Exists(_records(file))),
        11: Q(Exists(BuildingAcceptance.objects.filter(file=file, status="ACCEPTED"))),
        12: Q(paper(PaperKind.INCENTIVE, year)) & Q(Exists(assessed)),
    }
    path = "unit__object__file"
    rows = seen(actor=actor).select_related("enterprise", "area", "supervisor")
    counted: Any = rows.annotate(events_all=_number(_events(file), path), events_partial=_number(_partial(file), path))
    told = {
        NAMES[number]: Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
        for number, condition in done.items()
    }
    found: QuerySet[Enterprise] = counted.annotate(**told).order_by("pinyin", "pk")
    return found


def get_file(*, actor: Actor, file_id: uuid.UUID, today: date) -> Enterprise:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_files(actor=actor, today=today).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def is_done(row: Any, number: int) -> bool:
    """Whether a file of :func:`list_files` has done a step."""
    return bool(getattr(row, NAMES[number]))


def count_done(row: Any) -> int:
    return sum(is_done(row, number) for number in NAMES)


def lacks(number: int) -> Q:
    """Files of :func:`list_files` that have not done a step."""
    return Q(**{NAMES[number]: False})


def by_step(*, actor: Actor, today: date, town: str = "") -> tuple[int, dict[int, int]]:
    """How many enterprises there are, and by step how many have done it. One query."""
    rows = list_files(actor=actor, today=today)
    if town:
        rows = rows.filter(area__path__startswith=town)
    # Counted here: an aggregate cannot refer to what is told by EXISTS.
    of, done = 0, dict.fromkeys(NAMES, 0)
    for flags in rows.order_by().values_list(*NAMES.values()).iterator():
        of += 1
        for number, flag in zip(NAMES, flags, strict=True):
            done[number] += bool(flag)
    return of, done


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an enterprise: done, what of it is there and what is missing in words, papers that it asks for."""

    step: standard.BuildingStep
    is_done: bool
    told: str
    papers: tuple[PaperKind, ...]


def lines_of(row: Enterprise, *, today: date) -> list[Line]:
    """The twelve steps of a file of :func:`list_files`, each with its numbers."""
    held = set(BuildingPaper.objects.filter(file=row).values_list("kind", flat=True))
    told = _told(row, today)
    found = []
    for step in standard.steps():
        papers = PAPERS_OF.get(step.number, ())
        parts = [told[step.number]] if step.number in told else []
        parts += [
            _("%(paper)s：%(state)s") % {"paper": kind.label, "state": _("已上传") if kind in held else _("未上传")}
            for kind in papers
        ]
        found.append(Line(step, is_done(row, step.number), _("；").join(parts), papers))
    return found


def _told(row: Enterprise, today: date) -> dict[int, str]:
    """What is there and what is missing, by step, in words. One query."""
    file, recent = OuterRef("pk"), today - timedelta(days=standard.MOBILE_DAYS)
    unit, event, measure = "object__file", "unit__object__file", "event__unit__object__file"
    tasks = CheckTask.objects.filter(file=file).order_by("starts_at")
    assessed = RiskAssessment.objects.filter(event__unit__object__file=file).order_by("-day")
    of = Enterprise.objects.filter(pk=row.pk).values(
        told_units=_number(_units(file), unit), told_bare_units=_number(_ownerless(file), unit),
        told_hazards=_number(_bare_hazards(file), "file"), told_empty=_number(_empty(file), unit),
        told_events=_number(_events(file), event), told_partial=_number(_partial(file), event),
        told_unrated=_number(_events(file).filter(inherent_level__isnull=True), event),
        told_measures=_number(_inspected(file), measure), told_bare_measures=_number(_untasked(file), measure),
        told_records=_number(_records(file, since=recent), "file"),
        told_phone=_number(_records(file, since=recent, mobile=True), "file"),
        told_first=Subquery(tasks.values("starts_at")[:1]), told_last=Subquery(assessed.values("day")[:1]),
    ).get()  # fmt: skip
    first, last = of["told_first"], of["told_last"]
    begun = _("首项任务%(day)s起执行") % {"day": Calendar().local_date(first)} if first else _("还没有排查任务")
    anew = _("最近评估%(day)s") % {"day": last} if last else _("还没有评估")
    return {
        4: _("单元%(units)s个，无责任人的%(bare)s个；没有分析对象的重大危险源%(hazards)s处") % {
            "units": of["told_units"], "bare": of["told_bare_units"], "hazards": of["told_hazards"]},
        5: _("单元%(units)s个，没有风险事件的%(empty)s个") % {"units": of["told_units"], "empty": of["told_empty"]},
        6: _("风险事件%(events)s个，未评估的%(unrated)s个") % {
            "events": of["told_events"], "unrated": of["told_unrated"]},
        7: _("风险事件%(events)s个，四类措施不全的%(partial)s个") % {
            "events": of["told_events"], "partial": of["told_partial"]},
        8: _("隐患排查类措施%(measures)s项，没有任务的%(bare)s项") % {
            "measures": of["told_measures"], "bare": of["told_bare_measures"]},
        9: _("近30天排查记录%(records)s条，其中移动端%(phone)s条") % {
            "records": of["told_records"], "phone": of["told_phone"]},
        10: begun,
        12: anew,
    }  # fmt: skip


def papers_of(file_id: uuid.UUID) -> Sequence[BuildingPaper]:
    """Papers of an enterprise, the newest first; of a file that the caller got through its own query."""
    return list(BuildingPaper.objects.filter(file=file_id).order_by("-entered_at", "-pk"))


def list_papers(*, actor: Actor) -> QuerySet[BuildingPaper]:
    """Papers of the enterprises that the actor may see."""
    return BuildingPaper.objects.filter(file__in=seen(actor=actor).values("pk")).order_by("-entered_at", "pk")


def list_acceptances(*, actor: Actor) -> QuerySet[BuildingAcceptance]:
    """Acceptances that the actor may see, open ones first."""
    rows = BuildingAcceptance.objects.visible_to(actor).select_related("file__enterprise", "file__area", "supervisor")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "pk")


def get_acceptance(*, actor: Actor, acceptance_id: uuid.UUID) -> BuildingAcceptance:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_acceptances(actor=actor).filter(pk=acceptance_id).first()
    if found is None:
        raise NotFound
    return found


def standing_acceptance(file_id: uuid.UUID) -> BuildingAcceptance | None:
    """What is asked for or was accepted."""
    return BuildingAcceptance.objects.filter(file=file_id, status__in=("ASKED", "ACCEPTED")).first()
