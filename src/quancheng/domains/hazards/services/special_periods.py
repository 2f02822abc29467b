"""Special periods switched on and off (特殊时段): of the district, a town or an enterprise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckDue, SpecialPeriod
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import covers_area
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.standards.risk.rhythm import special_periods

if TYPE_CHECKING:
    from quancheng.kernel.areas.models import Area

PERIODS = "hazards.checks.periods"


def may_switch(actor: Actor, *, area: Area | None, file: Enterprise | None) -> bool:
    """Whether a period of that scope is the actor's to switch on: the whole district for who supervises all of it, a
    town for who supervises it, an enterprise for who supervises or is it."""
    if not actor.has(PERIODS):
        return False
    if file is not None:
        is_seen = Enterprise.objects.visible_to(actor).filter(pk=file.pk).exists()
        return is_seen and (actor.supervises or file.pk == actor.organisation_id)
    if area is not None:
        return actor.supervises and covers_area(actor, area)
    return actor.supervises and actor.whole_district


def may_switch_off(actor: Actor, row: SpecialPeriod) -> bool:
    """Who switched it on, or the district: an enterprise does not take back what its town asked of it."""
    is_own = row.by_org_id is not None and row.by_org_id == actor.organisation_id
    return (is_own or actor.whole_district) and may_switch(actor, area=row.area, file=row.file)


def switch_on(
    *, actor: Actor, code: str, name: str, first_date: date, last_date: date, doubles: bool, now: datetime,
    area: Area | None = None, file: Enterprise | None = None,
) -> SpecialPeriod:  # fmt: skip
    """Switch a period on: from its first day instances are made twice as often, where it ``doubles``.

    What was made before, at most until tomorrow, stays as it is.

    :param area: of one town only. :param file: of one enterprise only; not both.
    :raises NotPermitted: neither the actor's town nor its enterprise. :raises Invalid: by field.
    """
    actor.require(PERIODS)
    if not may_switch(actor, area=area, file=file):
        raise NotPermitted(_("只能在本辖区、本单位范围内启用特殊时段。"))
    wrong: dict[str, Text] = {}
    if area is not None and file is not None:
        wrong["file"] = _("镇街和企业只选一项。")
    if code not in special_periods():
        wrong["code"] = _("没有这个特殊时段。")
    if last_date < first_date:
        wrong["last_date"] = _("结束日期不能早于开始日期。")
    elif (last_date - first_date).days > 366:
        wrong["last_date"] = _("一个时段最长一年。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        row = SpecialPeriod.objects.create(
            code=code, name=clean(name)[:80] or special_periods()[code].name.zh, first_date=first_date,
            last_date=last_date, doubles=doubles, area=area, file=file, by_name=actor.name,
            by_org_id=actor.organisation_id, created_at=now,
        )  # fmt: skip
        _note(actor, "hazards.period.on", row, now)
    return row


def switch_off(*, actor: Actor, row: SpecialPeriod, now: datetime) -> SpecialPeriod:
    """Take a period back: its extra instances that have not opened yet go, unless another period asks for them too.

    :raises NotPermitted: another switched it on. :raises StaleState: it is off already.
    """
    actor.require(PERIODS)
    if not may_switch_off(actor, row):
        raise NotPermitted(_("该时段由其他单位启用，请联系启用单位。"))
    with transaction.atomic():
        if not SpecialPeriod.objects.filter(pk=row.pk, cancelled_at__isnull=True).update(cancelled_at=now):
            raise StaleState(_("该时段已取消。"))
        _note(actor, "hazards.period.off", row, now)
        if row.doubles:
            _drop_extra(row, now)
    row.refresh_from_db()
    return row


def _drop_extra(row: SpecialPeriod, now: datetime) -> None:
    others = SpecialPeriod.objects.filter(
        cancelled_at__isnull=True, doubles=True, first_date__lte=row.last_date, last_date__gte=row.first_date
    )
    rows = CheckDue.objects.filter(_in(row), is_extra=True, done_at__isnull=True, opens_at__gt=now)
    for other in others.select_related("area").order_by("pk"):
        rows = rows.exclude(_in(other))
    rows.delete()


def _in(period: SpecialPeriod) -> Q:
    """Instances of its days and place: an extra one is made for the day on which it is due itself."""
    calendar = Calendar()
    until = calendar.start_of(period.last_date + timedelta(days=1))
    found = Q(due_at__gte=calendar.start_of(period.first_date), due_at__lt=until)
    if period.file_id is not None:
        return found & Q(file=period.file_id)
    return found & Q(file__area__path__startswith=period.area.path) if period.area is not None else found


def _note(actor: Actor, act: str, row: SpecialPeriod, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, now=now,
        facts={"code": row.code, "from": row.first_date, "to": row.last_date, "doubles": row.doubles,
               "area": row.area_id, "file": row.file_id},
    )  # fmt: skip
