"""Special periods switched on and off by the district (特殊时段)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckDue, SpecialPeriod
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.standards.risk.rhythm import special_periods

PERIODS = "hazards.checks.periods"


def switch_on(
    *, actor: Actor, code: str, name: str, first_date: date, last_date: date, doubles: bool, now: datetime
) -> SpecialPeriod:
    """Switch a period on: from its first day instances are made twice as often, where it ``doubles``.

    What was made before, at most until tomorrow, stays as it is. :raises Invalid: by field.
    """
    actor.require(PERIODS)
    wrong: dict[str, Text] = {}
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
            last_date=last_date, doubles=doubles, by_name=actor.name, created_at=now,
        )  # fmt: skip
        _note(actor, "hazards.period.on", row, now)
    return row


def switch_off(*, actor: Actor, row: SpecialPeriod, now: datetime) -> SpecialPeriod:
    """Take a period back: its extra instances that have not opened yet go, unless another period asks for them too.

    :raises StaleState: it is off already.
    """
    actor.require(PERIODS)
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
    for other in others.order_by("pk"):
        rows = rows.exclude(_in(other))
    rows.delete()


def _in(period: SpecialPeriod) -> Q:
    """Instances of its days: an extra one is made for the day on which it is due itself."""
    calendar = Calendar()
    until = calendar.start_of(period.last_date + timedelta(days=1))
    return Q(due_at__gte=calendar.start_of(period.first_date), due_at__lt=until)


def _note(actor: Actor, act: str, row: SpecialPeriod, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, now=now,
        facts={"code": row.code, "from": row.first_date, "to": row.last_date, "doubles": row.doubles},
    )  # fmt: skip
