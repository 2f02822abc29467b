"""Reads of announcements (承诺公告), of the study below them, of doubts, spot checks and screens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quancheng.domains.registry.models import Enterprise, Holding, Unit
from quancheng.domains.risk.announcement_rules import Rule
from quancheng.domains.risk.models import (
    Announcement,
    AnnouncementEdition,
    AnnouncementRule,
    Doubt,
    GateScreen,
    SpotCheck,
    SpotDraw,
    Study,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

# Rules ------------------------------------------------------------------------------------------------------------


def rule_on(day: date) -> Rule:
    """What counts on a day: what the district set last, or what ships."""
    row = AnnouncementRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at").first()
    if row is None:
        return Rule()
    return Rule(
        kinds=tuple(row.kinds), with_hazard=row.with_hazard, due_time=row.due_time, grace_minutes=row.grace_minutes,
        working_days_only=row.working_days_only, asks_below=row.asks_below, sums=row.sums, modes=row.modes,
        mark=row.mark, is_shipped=False,
    )  # fmt: skip


def past_rules() -> Sequence[AnnouncementRule]:
    """What was set, the newest first."""
    return list(AnnouncementRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


def owing(rule: Rule, day: date) -> QuerySet[Enterprise]:
    """Files that owe an announcement on a day and have no row for it.

    Who works or is in trial owes one; who stopped for long, as long as chemicals are held.
    """
    hazard = Q(Exists(Unit.objects.filter(file=OuterRef("pk"), ended_date__isnull=True, legal_grade__isnull=False)))
    held = Q(Exists(Holding.objects.filter(file=OuterRef("pk"), ended_date__isnull=True)))
    who = Q(kind__in=rule.kinds) | hazard if rule.with_hazard else Q(kind__in=rule.kinds)
    there = Announcement.objects.filter(file=OuterRef("pk"), day=day)
    rows = Enterprise.objects.filter(who, merged_into__isnull=True).exclude(Exists(there))
    rows = rows.filter(Q(life__in=("operating", "trial")) | Q(held, life="stopped"))
    return rows.select_related("enterprise").order_by("pk")


# Announcements ----------------------------------------------------------------------------------------------------

#: Conditions of the list.
ON_TIME = Q(status="PUBLISHED", is_late=False)
DOUBTED = Q(doubt_count__gt=0)
CORRECTED = Q(edition_no__gt=1)
UNCONTROLLED = Q(is_controlled=False)


def is_late(now: datetime) -> Q:
    """Published late, missed, or overdue at this moment."""
    return Q(is_late=True) | Q(status="MISSED") | Q(status="OPEN", late_after__lt=now)


def is_waiting(now: datetime) -> Q:
    """Not published, and its hour not over at this moment."""
    return Q(status="OPEN", late_after__gte=now)


def list_announcements(*, actor: Actor) -> QuerySet[Announcement]:
    """Announcements that the actor may see, the newest day first."""
    rows = Announcement.objects.visible_to(actor).select_related("area", "supervisor")
    return rows.order_by("-day", "title", "pk")


def get_announcement(*, actor: Actor, announcement_id: uuid.UUID) -> Announcement:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Announcement.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=announcement_id).first()
    if found is None:
        raise NotFound
    return found


def announcement_of(*, actor: Actor, file_id: uuid.UUID, day: date) -> Announcement | None:
    """That of an enterprise on a day, where the actor may see it."""
    rows = Announcement.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    return rows.filter(file=file_id, day=day).first()


def last_of(file: Enterprise) -> Sequence[Announcement]:
    """The last fortnight of a file that the caller got through its own query."""
    return list(Announcement.objects.filter(file=file).order_by("-day")[:14])


def editions_of(row: Announcement) -> Sequence[AnnouncementEdition]:
    """Editions of an announcement that the caller got through its own query, the newest first."""
    return list(row.editions.select_related("published_by").order_by("-number"))


def latest_edition(row: Announcement) -> AnnouncementEdition | None:
    return row.editions.order_by("-number").first()


def studies_of(row: Announcement) -> Sequence[Study]:
    """Workshops with their teams behind them; teams without a workshop come last."""
    rows = list(row.studies.select_related("person", "post").order_by("-layer", "name", "pk"))
    tops = [one for one in rows if one.parent_id is None]
    found: list[Study] = []
    for top in sorted(tops, key=lambda one: (one.layer != "workshop", one.name)):
        found += [top, *(one for one in rows if one.parent_id == top.pk)]
    return found


def list_studies(*, actor: Actor) -> QuerySet[Study]:
    """What teams and workshops studied, as far as the actor may see it, the newest day first."""
    rows = Study.objects.visible_to(actor).select_related("announcement", "person")
    return rows.order_by("-day", "name", "pk")


def get_study(*, actor: Actor, study_id: uuid.UUID) -> Study:
    """Raise NotFound for absent and for out of scope alike."""
    below = Prefetch("children", Study.objects.order_by("name", "pk"), to_attr="below")
    rows = Study.objects.visible_to(actor).select_related("announcement__file__enterprise", "person", "post", "parent")
    found = rows.prefetch_related(below).filter(pk=study_id).first()
    if found is None:
        raise NotFound
    return found


# Doubts and spot checks -------------------------------------------------------------------------------------------


def list_doubts(*, actor: Actor) -> QuerySet[Doubt]:
    """Doubts about announcements that the actor may see, the newest day first."""
    return Doubt.objects.visible_to(actor).select_related("area").order_by("-day", "reason", "pk")


def get_doubt(*, actor: Actor, doubt_id: uuid.UUID) -> Doubt:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Doubt.objects.visible_to(actor).select_related("announcement__file__enterprise", "supervisor")
    found = rows.filter(pk=doubt_id).first()
    if found is None:
        raise NotFound
    return found


def doubts_of(row: Announcement) -> Sequence[Doubt]:
    """Doubts about an announcement that the caller got through its own query."""
    return list(row.doubts.order_by("created_at", "pk"))


def list_spot_checks(*, actor: Actor) -> QuerySet[SpotCheck]:
    """Spot checks that the actor may see, the newest day first."""
    return SpotCheck.objects.visible_to(actor).select_related("area", "owner_org").order_by("-day", "title", "pk")


def get_spot_check(*, actor: Actor, check_id: uuid.UUID) -> SpotCheck:
    """Raise NotFound for absent and for out of scope alike."""
    rows = SpotCheck.objects.visible_to(actor).select_related("announcement__file__enterprise", "draw", "owner_org")
    found = rows.filter(pk=check_id).first()
    if found is None:
        raise NotFound
    return found


def list_draws(*, actor: Actor) -> QuerySet[SpotDraw]:
    """Draws that the actor may see, the newest first."""
    return SpotDraw.objects.visible_to(actor).select_related("drawn_by", "owner_org").order_by("-drawn_at", "-pk")


def get_draw(*, actor: Actor, draw_id: uuid.UUID) -> SpotDraw:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_draws(actor=actor).filter(pk=draw_id).first()
    if found is None:
        raise NotFound
    return found


def pool_of(*, actor: Actor, day: date, special_only: bool) -> Mapping[str, Announcement]:
    """Announcements of a day from which a sample is drawn: those published that the actor may see."""
    rows = list_announcements(actor=actor).filter(day=day, status="PUBLISHED")
    if special_only:
        rows = rows.filter(special_count__gt=0)
    return {str(one.pk): one for one in rows}


# Screens ----------------------------------------------------------------------------------------------------------


def screens_of(file: Enterprise) -> Sequence[GateScreen]:
    """Screens of a file that the caller got through its own query, those in use first."""
    rows = GateScreen.objects.filter(file=file).order_by("-made_at", "-pk")[:20]
    return sorted(rows, key=lambda one: one.revoked_at is not None)


def get_screen(*, file: Enterprise, screen_id: uuid.UUID) -> GateScreen:
    """One screen of a file that the caller got through its own query."""
    found = GateScreen.objects.filter(file=file, pk=screen_id).first()
    if found is None:
        raise NotFound
    return found
