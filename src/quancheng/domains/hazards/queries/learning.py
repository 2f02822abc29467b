"""Reads of same-type self-checks: which units are of the same kind and why, who answered what."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from quancheng.domains.hazards.loops.finding import NO_DANGER, NOT_COUNTED
from quancheng.domains.hazards.models import Finding, Push, PushReply
from quancheng.domains.hazards.models.learning import ANSWERED
from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.lists import key_processes
from quancheng.standards.wording import Text

#: Units that one self-check is sent to at most; who means more narrows it or sends two.
MOST_UNITS = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """By what units of the same kind are found; a unit is one where any of these holds, ``town`` narrows.

    :ivar criterion: a danger under it was found there. :ivar process: a key regulated process runs there.
    :ivar equipment: a word in the name of one of its facilities or risk units. :ivar kinds: classes of enterprises.
    """

    criterion: str = ""
    process: str = ""
    equipment: str = ""
    kinds: tuple[str, ...] = ()
    town: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is kept, and as it stands in an address."""
        return {"criterion": self.criterion, "process": self.process, "equipment": self.equipment,
                "kinds": list(self.kinds), "town": self.town}  # fmt: skip

    @property
    def is_empty(self) -> bool:
        return not (self.criterion or self.process or self.equipment or self.kinds)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit of the same kind, with the reasons for which it is one."""

    file: Enterprise
    because: list[Text] = field(default_factory=list)


def candidates(*, actor: Actor, asked: Asked, besides: Finding | None = None) -> list[Candidate]:
    """Working units in the actor's scope that are of the same kind, by name; the unit of the danger itself is none."""
    if asked.is_empty:
        return []
    files = seen(actor=actor).exclude(life=Life.CLOSED).select_related("enterprise", "area")
    if asked.town:
        files = files.filter(area__path__startswith=asked.town)
    if besides is not None:
        files = files.exclude(pk=besides.file_id)
    reasons: dict[uuid.UUID, list[Text]] = {}
    for keys, reason in _alike(files, asked):
        for key in keys:
            reasons.setdefault(key, []).append(reason)
    rows = files.filter(pk__in=list(reasons)).order_by("pinyin", "pk")
    return [Candidate(one, reasons[one.pk]) for one in rows]


def _alike(files: QuerySet[Enterprise], asked: Asked) -> list[tuple[set[uuid.UUID], Text]]:
    keys = files.order_by().values("pk")
    found: list[tuple[set[uuid.UUID], Text]] = []
    if asked.criterion:
        rows = Finding.objects.filter(file__in=keys, criterion=asked.criterion)
        rows = rows.exclude(status__in=NOT_COUNTED)
        found.append((set(rows.values_list("file", flat=True)),
                      Text(f"曾有{asked.criterion}的隐患", f"had a danger under {asked.criterion}")))  # fmt: skip
    standing = Facility.objects.filter(
        unit__file__in=keys, decommissioned_date__isnull=True, unit__ended_date__isnull=True
    )  # fmt: skip
    if asked.process:
        name = key_processes()[asked.process].name
        rows_of = standing.filter(processes__contains=[asked.process])
        found.append((set(rows_of.values_list("unit__file", flat=True)),
                      Text(f"有同类工艺：{name.zh}", f"runs the process: {name.en}")))  # fmt: skip
    if asked.equipment:
        named = set(standing.filter(name__icontains=asked.equipment).values_list("unit__file", flat=True))
        units = RiskUnit.objects.filter(object__file__in=keys, name__icontains=asked.equipment)
        named |= set(units.filter(ended_date__isnull=True).values_list("object__file", flat=True))
        found.append((named, Text(f"有同类设备：{asked.equipment}", f"has the equipment: {asked.equipment}")))
    if asked.kinds:
        for kind in asked.kinds:
            named_kind = enterprise_classes()[kind].name
            of_kind = set(files.filter(kind=kind).values_list("pk", flat=True))
            found.append((of_kind, Text(f"同类企业：{named_kind.zh}", f"class of enterprise: {named_kind.en}")))
    return found


def list_pushes(*, actor: Actor) -> QuerySet[Push]:
    """Self-checks that the actor may see, the newest first, with what was answered."""
    answered = Q(replies__status__in=ANSWERED)
    rows = Push.objects.visible_to(actor).select_related("owner_org", "finding").annotate(
        asked_count=Count("replies", distinct=True),
        answered_count=Count("replies", filter=answered, distinct=True),
        found_units=Count("replies", filter=Q(replies__status="FOUND"), distinct=True),
        found_sum=Sum("replies__found_count"),
    )  # fmt: skip
    return rows.order_by("-created_at", "pk")


def get_push(*, actor: Actor, push_id: uuid.UUID) -> Push:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_pushes(actor=actor).filter(pk=push_id).first()
    if found is None:
        raise NotFound
    return found


def list_replies(*, actor: Actor) -> QuerySet[PushReply]:
    """Answers owed and given that the actor may see, what is owed first."""
    rows = PushReply.objects.visible_to(actor).select_related("push__owner_org", "file__enterprise", "file__area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_reply(*, actor: Actor, reply_id: uuid.UUID) -> PushReply:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_replies(actor=actor).filter(pk=reply_id).first()
    if found is None:
        raise NotFound
    return found


def replies_of(row: Push, *, actor: Actor) -> Sequence[PushReply]:
    """The answers of one self-check in the actor's scope, what is owed first."""
    return list(list_replies(actor=actor).filter(push=row))


def pushes_of(row: Finding, *, actor: Actor) -> Sequence[Push]:
    """Self-checks that a danger led to."""
    return list(list_pushes(actor=actor).filter(finding=row))


def findings_for(row: PushReply) -> QuerySet[Finding]:
    """Dangers that an answer may name: the unit's own, found since it was asked, of no other self-check."""
    rows = Finding.objects.filter(file=row.file_id, found_at__gte=row.created_at)
    rows = rows.filter(Q(push_reply__isnull=True) | Q(push_reply=row)).exclude(status__in=NO_DANGER)
    return rows.order_by("-found_at", "pk")
