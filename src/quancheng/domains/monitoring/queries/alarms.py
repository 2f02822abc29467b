"""Reads of alarms (报警)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.monitoring.loops.alarm import SILENT, UNACKNOWLEDGED
from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmFlood,
    AlarmHold,
    AlarmReview,
    FirstOut,
    SuppressionRule,
    Tag,
)
from quancheng.domains.monitoring.queries.tags import unit_of
from quancheng.domains.registry.models import Enterprise, MajorHazard
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User
from quancheng.standards.signals.responses import reporter_may_close


def list_alarms(*, actor: Actor) -> QuerySet[Alarm]:
    """Alarms that the actor may see, the newest first."""
    rows: QuerySet[Alarm] = Alarm.objects.visible_to(actor)
    related = ("tag", "file__enterprise", "area", "acknowledged_by")
    return rows.select_related(*related).order_by("-raised_at", "pk")


def get_alarm(*, actor: Actor, alarm_id: uuid.UUID) -> Alarm:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        list_alarms(actor=actor)
        .select_related("tag__facility", "tag__unit_place", "hold", "first_out", "flood", "consequence_of",
                        "answered_by", "finding")
        .filter(pk=alarm_id)
        .first()
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


def list_holds(*, actor: Actor) -> QuerySet[AlarmHold]:
    """What is or was kept silent, as far as the actor may see it, the newest first."""
    rows: QuerySet[AlarmHold] = AlarmHold.objects.visible_to(actor)
    return rows.select_related("tag", "file__enterprise", "area", "asked_by", "allowed_by").order_by("-asked_at", "pk")


def get_hold(*, actor: Actor, hold_id: uuid.UUID) -> AlarmHold:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_holds(actor=actor).filter(pk=hold_id).first()
    if found is None:
        raise NotFound
    return found


def grade_of(tag: Tag) -> int | None:
    """Grade of the major hazard to whose unit the tag belongs; None where it belongs to none."""
    unit = unit_of(tag)
    if unit is None:
        return None
    standing = MajorHazard.objects.filter(unit=unit).exclude(status="DELISTED")
    return standing.values_list("grade", flat=True).order_by("grade").first()


def needs_review(row: Alarm, reason: str = "") -> bool:
    """Whether a second person must look at the answer before the alarm ends (major-hazard 5.3)."""
    return not reporter_may_close(reason=reason or row.reason, alarm_type=row.type, hazard_grade=row.hazard_grade)


def alarms_among(*, actor: Actor, ids: Collection[uuid.UUID]) -> list[Alarm]:
    """Those of these alarms that the actor may see, in the order of the list."""
    return list(list_alarms(actor=actor).filter(pk__in=ids))


def others_of(row: Alarm, *, actor: Actor, limit: int = 50) -> Sequence[Alarm]:
    """The other alarms of the tag, the newest first."""
    return list(list_alarms(actor=actor).filter(tag=row.tag_id).exclude(pk=row.pk)[:limit])


def members_of(group: FirstOut, *, actor: Actor) -> Sequence[Alarm]:
    """The alarms of a first-out group in their order."""
    return list(list_alarms(actor=actor).filter(first_out=group).order_by("first_out_seq", "raised_at", "pk"))


def alarms_of_flood(flood: AlarmFlood, *, actor: Actor, limit: int = 200) -> Sequence[Alarm]:
    """The alarms of a flood, the gravest first."""
    return list(list_alarms(actor=actor).filter(flood=flood).order_by("priority", "raised_at", "pk")[:limit])


def reviews_of(row: Alarm) -> Sequence[AlarmReview]:
    """What authorities found about an alarm that a query gave, the newest first."""
    return list(row.reviews.select_related("office", "reviewed_by").order_by("-at", "-pk"))


@dataclass(frozen=True, slots=True)
class AlarmAct:
    """Something done with an alarm that moved it nowhere."""

    at: datetime
    act: str
    who: str
    facts: dict[str, Any]


def acts_of(row: Alarm) -> list[AlarmAct]:
    """What was done with an alarm beside its moves, out of the journal, the newest first."""
    found = JournalEntry.objects.filter(
        subject_type=row.row_type(), subject_id=row.pk,
        act__in=("monitoring.alarm.action", "monitoring.alarm.review"),
    )  # fmt: skip
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    entries = found.annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:100]
    return [AlarmAct(one.at, one.act, one.who or one.system_name, one.facts) for one in entries]


def open_floods(*, actor: Actor) -> Sequence[AlarmFlood]:
    """Floods that last at sites which the actor may see, the newest first, with their lesser alarms counted."""
    rows = list_floods(actor=actor).filter(ended_at__isnull=True)
    lesser = Q(alarms__priority__gte=3) & ~Q(alarms__status="CLOSED")
    return list(rows.annotate(lesser=Count("alarms", filter=lesser))[:20])


def open_flood_ids() -> list[int]:
    """Floods that last now, of any site: a list takes out of its own rows what belongs to them."""
    return list(AlarmFlood.objects.filter(ended_at__isnull=True).values_list("pk", flat=True))


def _files(actor: Actor) -> QuerySet[Enterprise]:
    rows: QuerySet[Enterprise] = Enterprise.objects.visible_to(actor)
    return rows


def list_floods(*, actor: Actor) -> QuerySet[AlarmFlood]:
    """Floods of the sites that the actor may see, the newest first."""
    rows = AlarmFlood.objects.filter(file__in=_files(actor).values("pk"))
    return rows.select_related("file__enterprise", "file__area").order_by("-began_at", "pk")


def get_flood(*, actor: Actor, flood_id: int) -> AlarmFlood:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_floods(actor=actor).filter(pk=flood_id).first()
    if found is None:
        raise NotFound
    return found


def list_first_outs(*, actor: Actor) -> QuerySet[FirstOut]:
    """First-out groups of the sites that the actor may see, the newest first, with who was first."""
    rows = FirstOut.objects.filter(file__in=_files(actor).values("pk"))
    first = Alarm.objects.filter(first_out=OuterRef("pk"), first_out_seq=1).order_by("pk")
    return rows.select_related("file__enterprise", "file__area", "ended_by").annotate(
        first_title=Subquery(first.values("title")[:1]), count=Count("alarms")
    ).order_by("-began_at", "pk")  # fmt: skip


def get_first_out(*, actor: Actor, group_id: int) -> FirstOut:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_first_outs(actor=actor).filter(pk=group_id).first()
    if found is None:
        raise NotFound
    return found


def list_rules(*, actor: Actor) -> QuerySet[SuppressionRule]:
    """Rules of the design that silence, as far as the actor may see them: those that stand first."""
    rows: QuerySet[SuppressionRule] = SuppressionRule.objects.visible_to(actor)
    related = ("tag__file__enterprise", "by_tag", "area")
    return rows.select_related(*related).order_by("-ended_at", "-entered_at", "pk")


def get_rule(*, actor: Actor, rule_id: uuid.UUID) -> SuppressionRule:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_rules(actor=actor).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def tags_of(file: Enterprise) -> QuerySet[Tag]:
    """Tags of a file that a query gave which may have a rule, by code."""
    return Tag.objects.filter(file=file, status__in=("live", "service")).order_by("code", "pk")


@dataclass(frozen=True, slots=True)
class Silent:
    """What is kept silent now: shelves and takings out of service that stand, those asked for, rules that exist, and
    alarms that are silent for each reason."""

    shelves: int
    oos: int
    asked: int
    rules: int
    suppressed: int


def count_silent(*, actor: Actor) -> Silent:
    """Counted over all that the actor may see. Three queries."""
    holds = AlarmHold.objects.visible_to(actor).filter(status__in=("ASKED", "STANDING")).aggregate(
        shelves=Count("pk", filter=Q(status="STANDING", kind="shelf")),
        oos=Count("pk", filter=Q(status="STANDING", kind="oos")),
        asked=Count("pk", filter=Q(status="ASKED")),
    )  # fmt: skip
    return Silent(
        **holds,
        rules=SuppressionRule.objects.visible_to(actor).filter(ended_at__isnull=True).count(),
        suppressed=Alarm.objects.visible_to(actor).filter(status="SUPDES").count(),
    )


def unacknowledged(actor: Actor) -> QuerySet[Alarm]:
    """Alarms that wait for an acknowledgement; their number stands in the menu."""
    rows: QuerySet[Alarm] = Alarm.objects.visible_to(actor)
    return rows.filter(status__in=UNACKNOWLEDGED)


def open_at_units(files: Collection[uuid.UUID]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Open alarms of enterprises by file and unit; those without a unit, and what is kept silent, are left out. One
    query."""
    rows = Alarm.objects.filter(file__in=files).exclude(status__in=("CLOSED", *SILENT))
    # As ``unit_of`` tells it, counted by the database: whole alarms with their tags cost more than the rest of a check.
    place = Coalesce("tag__unit_place", "tag__facility__unit")
    found = rows.annotate(at=place).filter(at__isnull=False).values_list("file", "at").annotate(number=Count("pk"))
    return Counter({(file, at): number for file, at, number in found.order_by()})
