"""Reads of people from outside at the gate: their steps, whether they may enter on a day, who is in (S2-9)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    Direction,
    Employment,
    EntryStep,
    GatePass,
    Person,
    SiteEntry,
    StepKind,
)
from quancheng.domains.training.queries.blacklist import barring, used_up
from quancheng.domains.training.queries.contractors import Ground, Standing, companies_of, standing_of
from quancheng.domains.training.queries.judging import as_told, may_work
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.domains.training.queries.persons import VIEW, list_persons
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound

GATE, KEEP = "training.gate", "training.entries.keep"
#: Those whose company must be admitted; who is dispatched or taken on for a time stands under the enterprise itself.
OF_CONTRACTORS = (Employment.CONTRACTOR, Employment.THIRD_PARTY, Employment.OUTSOURCED, Employment.LEASED)


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether somebody may enter on a day, with every reason why not.

    :ivar site: for what he comes; None for own staff, and where nobody entered it.
    :ivar steps: the newest of each step; ``every`` one that was entered, the newest first.
    :ivar valid_to: the last day on which his steps count; None where one is missing, or none is asked.
    :ivar standing: how the company that sends him stands at the enterprise; None of own staff, and where it is unknown.
    """

    person: Person
    day: date
    site: SiteEntry | None
    steps: Mapping[str, EntryStep]
    valid_to: date | None
    grounds: tuple[Ground, ...]
    every: Sequence[EntryStep] = ()
    standing: Standing | None = None

    @property
    def may_enter(self) -> bool:
        return not self.grounds


#: Of whom the gate keeps records.
_FROM_OUTSIDE = ~Q(employment=Employment.OWN) | Q(site_entry__isnull=False)


def list_outsiders(*, actor: Actor) -> QuerySet[Person]:
    """People from outside at work that the actor may see, each with ``done_count`` of the four steps.

    What is done is counted, not how long it holds: that is asked at the gate and on his page.
    """
    return _counted(list_persons(actor=actor).filter(left_date__isnull=True).exclude(employment=Employment.OWN))


def _counted(rows: QuerySet[Person]) -> QuerySet[Any]:
    counts = [
        Cast(Exists(EntryStep.objects.filter(person=OuterRef("pk"), kind=kind)), IntegerField())
        for kind in StepKind.values
    ]
    rows = rows.annotate(done_count=sum(counts[1:], counts[0]), last_direction=_last_pass("direction"))
    return rows.select_related("enterprise", "area", "site_entry__trade")


def entries_of(persons: Collection[uuid.UUID]) -> list[SiteEntry]:
    """For what persons whom a query gave to the actor come; one query."""
    return list(SiteEntry.objects.filter(person__in=list(persons)).select_related("trade"))


def list_on_site(*, actor: Actor) -> QuerySet[Person]:
    """People from outside who are in now, with ``since``, by the gate's records alone: who was marked as left, or
    taken over as own staff, is in until he goes out."""
    rows = _in_now(_counted(list_persons(actor=actor).filter(_FROM_OUTSIDE)))
    return rows.annotate(since=_last_pass("at")).order_by("-since", "pk")


def on_site_of(file: uuid.UUID) -> QuerySet[Person]:
    """The same of one enterprise, whoever asks: for rooms above that call the roll there."""
    rows = Person.objects.filter(_FROM_OUTSIDE, file=file).annotate(last_direction=_last_pass("direction"))
    return _in_now(rows).order_by("name", "pk")


def _in_now(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(last_direction=Direction.IN)


def _last_pass(column: str) -> Subquery:
    """Of somebody's last allowed pass."""
    rows = GatePass.objects.filter(person=OuterRef("pk"), is_allowed=True)
    return Subquery(rows.order_by("-at", "-pk").values(column)[:1])


def list_passes(*, actor: Actor) -> QuerySet[GatePass]:
    """The gate's records, the newest first. :raises NotPermitted: no duty to see people."""
    actor.require(VIEW)
    rows = GatePass.objects.visible_to(actor).select_related("person", "enterprise")
    return rows.order_by("-at", "-pk")


def person_of_card(*, actor: Actor, text: str) -> Person:
    """Somebody by the code on his card or by his badge, at the actor's own enterprise. :raises NotFound: nobody."""
    rows = Person.objects.visible_to(actor).filter(file=actor.organisation_id).select_related("file", "enterprise")
    readable = bool(text) and "\x00" not in text
    found = rows.filter(Q(site_entry__card=text) | Q(staff_no=text)).first() if readable else None
    if found is None:
        raise NotFound(_("本单位没有这张卡（工号）的人员。"))
    return found


def entry_of(persons: Collection[Person], day: date) -> dict[uuid.UUID, Entry]:
    """Whether each may enter his enterprise on a day, with every reason. All of one enterprise.

    No scope is asked: the persons come from a query that gave them to an actor. A number of queries that does not
    grow with the persons, but for those whose trade needs certificates.
    """
    if not persons:
        return {}
    outsiders = [one for one in persons if one.employment != Employment.OWN]
    pks = [one.pk for one in outsiders]
    sites = {one.person_id: one for one in SiteEntry.objects.filter(person__in=pks).select_related("trade")}
    every = _steps(pks)
    last = _last_passes(pks)
    known = figures()
    file = next(iter(persons)).file
    companies = companies_of(outsiders)
    listed = barring()
    senders = {one.code: one for one in companies.values()}
    standing = standing_of(file=file, companies=senders, day=day, known=senders.values(), listed=listed)
    spent = used_up(outsiders, day, known)
    found: dict[uuid.UUID, Entry] = {}
    for one in persons:
        grounds: list[Ground] = []
        if listed.bars_person(one, day):
            grounds.append(Ground("black_listed", _("该人员已列入黑名单。")))
        if one.left_date is not None and one.left_date < day:
            grounds.append(Ground("left", _("该人员已离岗。")))
        if one.employment == Employment.OWN:
            found[one.pk] = Entry(one, day, None, {}, None, tuple(grounds))
            continue
        if one.employment in OF_CONTRACTORS:
            company = companies.get(one.pk)
            if company is None:
                grounds.append(Ground("unknown", _("单位没有承包商档案。")))
            else:
                grounds += standing[company.code].grounds
        elif (sender := companies.get(one.pk)) is not None:
            grounds += [each for each in standing[sender.code].grounds if each.code == "black_listed"]
        if one.pk in spent:
            banned = _("个人计分一年内两次扣完，禁止入厂。")
            again = _("个人计分已扣完，须重新培训。")
            grounds.append(Ground(f"points_{spent[one.pk]}", banned if spent[one.pk] == "banned" else again))
        site, mine = sites.get(one.pk), _newest(every[one.pk])
        valid_to = _valid_to(mine, known)
        grounds += _of_steps(site, mine, last.get(one.pk), day, valid_to, known)
        grounds += _of_trade(one, site, day)
        sender = companies.get(one.pk)
        sent_by = standing[sender.code] if sender is not None else None
        found[one.pk] = Entry(one, day, site, mine, valid_to, tuple(grounds), every[one.pk], sent_by)
    return found


def may_enter(person: Person, day: date) -> Entry:
    """One person: allowed, or every reason why not."""
    return entry_of([person], day)[person.pk]


def as_heard(entry: Entry, *, actor: Actor) -> Entry:
    """The same as the actor may hear it: what health forbids is for the enterprise alone."""
    if not any(one.code == "certificate" for one in entry.grounds) or entry.site is None or entry.site.trade is None:
        return entry
    if actor.organisation_id == entry.person.file_id:
        return entry
    kept = [one for one in entry.grounds if one.code != "certificate"]
    verdict = as_told(may_work(entry.person, entry.site.trade, entry.day), entry.person, actor=actor)
    kept += [Ground("certificate", one.sentence) for one in verdict.bars]
    return replace(entry, grounds=tuple(kept))


def passes_of(person: Person, *, most: int = 50) -> Sequence[GatePass]:
    return list(GatePass.objects.filter(person=person).order_by("-at", "-pk")[:most])


def _steps(pks: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[EntryStep]]:
    found: dict[uuid.UUID, list[EntryStep]] = defaultdict(list)
    for one in EntryStep.objects.filter(person__in=pks).order_by("-done_date", "-entered_at", "-pk"):
        found[one.person_id].append(one)
    return found


def _newest(steps: Sequence[EntryStep]) -> dict[str, EntryStep]:
    """Of each step the newest of rows that begin with it."""
    return {one.kind: one for one in reversed(steps)}


def _last_passes(pks: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each was last on the premises: his last way in, or the first way out after it. One query.

    Somebody who goes out without having come in was not there.
    """
    allowed = GatePass.objects.filter(is_allowed=True)
    out = allowed.filter(person=OuterRef("person"), direction=Direction.OUT, at__gte=OuterRef("at"))
    rows = allowed.filter(person__in=pks, direction=Direction.IN).order_by("person", "-at", "-pk").distinct("person")
    told = rows.annotate(out=Subquery(out.order_by("at", "pk").values("at")[:1]))
    return {pk: left or at for pk, at, left in told.values_list("person", "at", "out")}


def _valid_to(steps: Mapping[str, EntryStep], known: Mapping[str, int]) -> date | None:
    if len(steps) < len(StepKind.values):
        return None
    first = min(one.done_date for one in steps.values())
    return first + relativedelta(months=known["entry_months"], days=-1)


def _of_steps(
    site: SiteEntry | None, steps: Mapping[str, EntryStep], last: datetime | None, day: date, valid_to: date | None,
    known: Mapping[str, int],
) -> list[Ground]:  # fmt: skip
    grounds = []
    if site is None:
        grounds.append(Ground("no_entry", _("未做入厂登记（作业区域、工种）。")))
    for kind in StepKind:
        step = steps.get(kind.value)
        if step is None or step.done_date > day:
            grounds.append(Ground(f"step_{kind.value}", _("未完成“%(step)s”。") % {"step": kind.label}))
        elif not step.is_passed:
            grounds.append(Ground(f"step_{kind.value}", _("“%(step)s”不合格。") % {"step": kind.label}))
    if valid_to is not None and valid_to < day:
        grounds.append(Ground("over", _("入厂教育等已于%(day)s到期，须重新办理。") % {"day": valid_to}))
    taught = steps.get(StepKind.TRAINING)
    if taught is not None:
        grounds += _of_training(site, taught, last, day, known)
    return grounds


def _of_training(
    site: SiteEntry | None, taught: EntryStep, last: datetime | None, day: date, known: Mapping[str, int]
) -> list[Ground]:
    grounds = []
    for code, hours, label in (
        ("plant_hours", taught.plant_hours, _("公司级教育%(hours)s学时，不足%(least)s学时。")),
        ("area_hours", taught.area_hours, _("车间（区域）级教育%(hours)s学时，不足%(least)s学时。")),
    ):
        if (hours or 0) < known[code]:
            grounds.append(Ground(code, label % {"hours": hours or 0, "least": known[code]}))
    if (taught.score or 0) < known["exam_pass"]:
        told = {"score": taught.score or 0, "least": known["exam_pass"]}
        grounds.append(Ground("exam", _("入厂考试%(score)s分，低于%(least)s分。") % told))
    if site is not None and site.work_area != taught.work_area:
        area = _("作业区域已改为“%(area)s”，须重新进行区域教育。") % {"area": site.work_area}
        grounds.append(Ground("area", area))
    seen = max(taught.done_date, Calendar().local_date(last)) if last is not None else taught.done_date
    if seen + relativedelta(months=known["away_months"]) < day:
        grounds.append(Ground("away", _("离场已超过%(months)s个月，须重新教育。") % {"months": known["away_months"]}))
    return grounds


def _of_trade(person: Person, site: SiteEntry | None, day: date) -> list[Ground]:
    if site is None or site.trade is None or (person.left_date is not None and person.left_date < day):
        return []
    return [Ground("certificate", one.sentence) for one in may_work(person, site.trade, day).bars]



def steps_seen(*, actor: Actor) -> QuerySet[EntryStep]:
    """For the door of files: none without the duty to see people."""
    if not actor.has(VIEW):
        return EntryStep.objects.none()
    return EntryStep.objects.filter(person__in=Person.objects.visible_to(actor))
