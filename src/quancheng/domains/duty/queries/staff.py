"""Reads of the supervision force: people, the professional share, what is planned and what was reached."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from quancheng.domains.duty.models import StaffMember, StaffPlan
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.models import Organisation

#: The share of professionals that the documents demand, in per cent.
WANTED = 75
_KINDS = ("office", "department", "town")


@dataclass(frozen=True, slots=True)
class ForceLine:
    """One organisation's force on a day. ``units`` is how many enterprises lie in its charge."""

    org: Organisation
    in_post: int
    professional: int
    posts: int | None
    planned_hires: int
    hired: dict[str, int]
    units: int

    @property
    def share(self) -> int | None:
        """Professionals in per cent, rounded down; None where nobody is in post."""
        return 100 * self.professional // self.in_post if self.in_post else None

    @property
    def reaches(self) -> bool:
        return self.in_post > 0 and 100 * self.professional >= WANTED * self.in_post

    @property
    def gap(self) -> int:
        """Posts that are not filled."""
        return max(0, (self.posts or 0) - self.in_post)

    @property
    def hired_total(self) -> int:
        return sum(self.hired.values())

    @property
    def units_each(self) -> str:
        """Enterprises for each person in post, to one place; a dash where nobody is."""
        return f"{self.units / self.in_post:.1f}" if self.in_post else "—"


def list_staff(*, actor: Actor) -> QuerySet[StaffMember]:
    """People of the force that the actor may see, those in post first."""
    rows = StaffMember.objects.visible_to(actor).select_related("owner_org")
    return rows.order_by("-left_date", "owner_org__pinyin", "joined_date", "pk")


def get_member(*, actor: Actor, member_id: uuid.UUID) -> StaffMember:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_staff(actor=actor).filter(pk=member_id).first()
    if found is None:
        raise NotFound
    return found


def list_force(*, actor: Actor, day: date) -> list[ForceLine]:
    """Each organisation's force on a day and what its year planned, the weakest share first. Four queries.

    Whoever supervises the whole district is told of every authority, anybody else of his own.
    """
    orgs = people.list_organisations(actor=actor, kinds=_KINDS)
    if not (actor.supervises and actor.general and actor.whole_district):
        orgs = orgs.filter(pk__in=[actor.organisation_id] if actor.organisation_id else [])
    rows = StaffMember.objects.visible_to(actor).filter(joined_date__lte=day)
    staff: dict[uuid.UUID, list[StaffMember]] = defaultdict(list)
    hired: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    for member in rows.filter(Q(left_date__isnull=True) | Q(left_date__gt=day) | Q(joined_date__year=day.year)):
        if member.left_date is None or member.left_date > day:
            staff[member.owner_org_id].append(member)
        if member.joined_date.year == day.year:
            hired[member.owner_org_id][member.joined_by] += 1
    plans = {row.owner_org_id: row for row in StaffPlan.objects.visible_to(actor).filter(year=day.year)}
    enterprises = list(people.list_organisations(actor=actor, kinds=("enterprise",)).select_related("area"))
    lines = []
    for org in orgs.select_related("area"):
        plan = plans.get(org.pk)
        lines.append(
            ForceLine(
                org=org,
                in_post=len(staff[org.pk]),
                professional=sum(1 for one in staff[org.pk] if one.has_schooling and one.has_practice),
                posts=plan.posts if plan else None,
                planned_hires=plan.hires if plan else 0,
                hired=dict(hired[org.pk]),
                units=sum(1 for one in enterprises if _in_charge(org, one)),
            )
        )
    return sorted(lines, key=lambda line: (line.reaches, line.share if line.share is not None else -1, line.org.pinyin))


def _in_charge(org: Organisation, enterprise: Organisation) -> bool:
    """A town for what lies in its area; a department for the links it supervises; the office for all."""
    if org.kind == "town":
        # An enterprise may be registered in a village of the town.
        return org.area is not None and enterprise.area is not None and enterprise.area.path.startswith(org.area.path)
    return org.general or bool(set(org.links) & set(enterprise.links))
