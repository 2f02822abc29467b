"""Posts given to persons and taken from them (任职)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Person, PersonPost, WorkRole
from quancheng.domains.training.queries.judging import may_hold
from quancheng.domains.training.services.keeping import note, require_keeper
from quancheng.domains.training.services.measuring import measure
from quancheng.domains.training.services.orders import order_for_key_post, order_for_transfer
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean

#: A post may be given so many days ahead.
FARTHEST_D = 366


def assign_post(
    *, actor: Actor, person: Person, role: WorkRole, title: str, from_date: date, now: datetime
) -> PersonPost:
    """Give a person a post that he may hold (S1-5d).

    Asked is how he stands on the day on which it begins, today at the earliest.

    :raises Invalid: a role that is no post or does not count on that day, a day before he came or far ahead.
    :raises Conflict: he left, holds it already, or does not have what it requires: each reason with its basis.
    """
    require_keeper(actor, person.file)
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if role.is_task_only or not WorkRole.objects.on(max(from_date, today)).filter(pk=role.pk).exists():
        wrong["role"] = _("请选择岗位角色。")
    if (from_date - today).days > FARTHEST_D:
        wrong["from_date"] = _("任职日期不能晚于一年之后。")
    elif person.joined_date is not None and from_date < person.joined_date:
        wrong["from_date"] = _("任职日期不能早于到岗日期。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        # Who leaves at the same moment is waited for.
        held = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person.pk, left_date__isnull=True)
        if not held.exists():
            raise Conflict(_("该人员已离岗，不能任职。"))
        verdict = may_hold(person, role, max(from_date, today), posted=from_date)
        if not verdict.may:
            said = _("不能任此岗位：%(reasons)s") % {"reasons": "；".join(one.sentence for one in verdict.bars)}
            raise Conflict(said, code="may_not_hold", fields={"role": said})
        try:
            with transaction.atomic():
                made = PersonPost.objects.create(
                    person=person, role=role, title=clean(title)[:60] or role.name, from_date=from_date, created_at=now
                )
        except IntegrityError as twice:
            sentence = _("该人员已任此岗位。")
            raise Conflict(sentence, fields={"role": sentence}) from twice
        order_for_transfer(actor=actor, person=person, post=made, now=now)
        order_for_key_post(actor=actor, person=person, post=made, now=now)
        measure([person.pk], now=now)
        note(actor, "training.post.assign", person, now, {"role": role.code, "from": from_date})
        publish("training.person.changed", person, actor=actor, now=now, facts={"role": role.code})
    return made


def end_post(*, actor: Actor, person: Person, post: PersonPost, to_date: date, now: datetime) -> None:
    """A person holds a post no longer; the row stays with its last day.

    :raises Invalid: a day to come, or before it began. :raises StaleState: it ended already.
    """
    require_keeper(actor, person.file)
    if to_date > Calendar().local_date(now):
        raise Invalid(fields={"to_date": _("离任日期不能晚于今天。")})
    if to_date < post.from_date:
        raise Invalid(fields={"to_date": _("离任日期不能早于任职日期。")})
    with transaction.atomic():
        if not PersonPost.objects.filter(pk=post.pk, person=person, to_date__isnull=True).update(to_date=to_date):
            raise StaleState(_("该任职已结束。"))
        measure([person.pk], now=now)
        note(actor, "training.post.end", person, now, {"role": post.role.code, "to": to_date})
        publish("training.person.changed", person, actor=actor, now=now, facts={"role": post.role.code})
