"""The supervision force: people entered and leaving, and what is planned for a year."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import StaffMember, StaffPlan
from quancheng.domains.duty.models.staff import JoinedBy
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation

KEEP = "duty.staff.keep"


def enter_member(
    *,
    actor: Actor,
    name: str,
    post: str,
    has_schooling: bool,
    has_practice: bool,
    schooling: str,
    joined_by: str,
    joined_date: date,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> StaffMember:
    """Enter a person of one's own organisation's supervision force.

    :raises Invalid: no name, an unknown way of joining, a day to come, or schooling claimed without saying which.
    """
    owner = _owner(actor)
    faults: dict[str, str] = {}
    if not clean(name):
        faults["name"] = _("请填写此项。")
    if joined_by not in JoinedBy.values:
        faults["joined_by"] = _("请选择来源。")
    if joined_date > Calendar().local_date(now):
        faults["joined_date"] = _("到岗日期不能晚于今天。")
    if has_schooling and not clean(schooling):
        faults["schooling"] = _("具有相关学历的，请写明学历和专业。")
    if faults:
        raise Invalid(fields=faults)

    def make() -> uuid.UUID:
        row = StaffMember.objects.create(
            owner_org=owner, area_id=owner.area_id, name=clean(name)[:60], post=clean(post)[:60],
            has_schooling=has_schooling, has_practice=has_practice, schooling=clean(schooling)[:120],
            joined_by=joined_by, joined_date=joined_date, created_at=now,
        )  # fmt: skip
        _record(actor, "duty.staff.enter", row, now, facts)
        return row.pk

    facts = {"schooling": has_schooling, "practice": has_practice, "joined_by": joined_by, "joined": joined_date}
    body = {**facts, "name": name, "post": post, "which": schooling}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="duty.staff.enter", body=body, now=now, make=make)
    return StaffMember.objects.get(pk=pk)


def leave_staff(*, actor: Actor, member: StaffMember, left_date: date, now: datetime) -> StaffMember:
    """Let a person leave the force from a day on.

    :raises Invalid: before he came, or in the future. :raises StaleState: he has left.
    """
    owner = _owner(actor)
    if member.owner_org_id != owner.pk:
        raise NotPermitted(_("该记录由其他单位管理。"), code="other_organisation")
    if not member.joined_date <= left_date <= Calendar().local_date(now):
        raise Invalid(fields={"left_date": _("离岗日期应在到岗日期和今天之间。")})
    with transaction.atomic():
        rows = StaffMember.objects.visible_to(actor).filter(pk=member.pk, left_date__isnull=True)
        if not rows.update(left_date=left_date):
            raise StaleState(_("该人员已离岗。"))
        _record(actor, "duty.staff.leave", member, now, {"left": left_date})
    member.refresh_from_db()
    return member


def plan_staff(*, actor: Actor, year: int, posts: int, hires: int, now: datetime) -> StaffPlan:
    """Set how many posts one's own organisation has and how many people it means to take on in a year."""
    owner = _owner(actor)
    with transaction.atomic():
        row, _created = StaffPlan.objects.update_or_create(
            owner_org=owner, year=year,
            defaults={"posts": posts, "hires": hires, "updated_at": now, "area_id": owner.area_id},
        )  # fmt: skip
        _record(actor, "duty.staff.plan", row, now, {"year": year, "posts": posts, "hires": hires})
    return row


def _owner(actor: Actor) -> Organisation:
    actor.require(KEEP)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    return Organisation.objects.get(pk=actor.organisation_id)


def _record(actor: Actor, act: str, row: Scoped, now: datetime, facts: dict[str, object]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id, facts=facts,
        now=now,
    )  # fmt: skip
