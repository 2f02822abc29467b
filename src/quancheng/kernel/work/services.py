"""What people do with an item itself: take it, hand it on, give it back, urge (领办、转办、退回、催办)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Membership, User
from quancheng.kernel.people.queries import holders_exist
from quancheng.kernel.work.models import WorkAct, WorkItem

#: What a person can do with an item, in the order in which people think of it.
ACTS = ("take", "hand_on", "give_back", "urge")


def available_acts(actor: Actor, item: WorkItem) -> list[str]:
    """Those of :data:`ACTS` that this actor could do with the item now. No query, but for a chief without the duty."""
    if item.done_at is not None or actor.user_id is None:
        return []
    acts = []
    is_mine = item.person_id is not None and item.person_id in _own_hands(actor)
    if item.owner_org_id == actor.organisation_id:
        able = _is_able(actor, item)
        if item.person_id is None and able:
            acts.append("take")
        if actor.is_chief or (able and (is_mine or item.person_id is None)):
            acts.append("hand_on")
        if item.person_id is not None and (is_mine or actor.is_chief):
            acts.append("give_back")
    if actor.has("work.urge") and not is_mine and "take" not in acts:
        acts.append("urge")
    return acts


def take_item(*, actor: Actor, item: WorkItem, now: datetime) -> WorkItem:
    """Take an item of one's organisation (领办): of two at once one wins and the other is told who.

    :raises NotPermitted: another organisation's item, or the duty is missing.
    :raises StaleState: done, or taken by a colleague.
    """
    _require_own(actor, item)
    _require_duty(actor, item)
    with transaction.atomic():
        free = WorkItem.objects.filter(pk=item.pk, done_at__isnull=True, person__isnull=True)
        if not free.update(person_id=actor.user_id):
            raise _taken_or_done(item)
        _act(actor=actor, item=item, act="take", now=now)
    item.refresh_from_db()
    return item


def hand_on(*, actor: Actor, item: WorkItem, to_user: User, note: str, now: datetime) -> WorkItem:
    """Give an item to a colleague who holds the duty (转办): its taker or a chief may, or anybody while it is free.

    :raises Invalid: the colleague is not of the organisation or lacks the duty.
    """
    _require_own(actor, item)
    if not actor.is_chief:
        _require_duty(actor, item)
    there = Membership.objects.current().filter(user=to_user, organisation_id=item.owner_org_id)
    if not there.filter(roles__duties__contains=[item.duty]).exists():
        raise Invalid(fields={"to_user": _("只能转给本单位具有该职责的人员。")})
    with transaction.atomic():
        mine = WorkItem.objects.filter(pk=item.pk, done_at__isnull=True)
        if not actor.is_chief:
            mine = mine.filter(person_id__in=_own_hands(actor)) | mine.filter(person__isnull=True)
        if not mine.update(person_id=to_user.pk):
            raise _taken_or_done(item)
        _act(actor=actor, item=item, act="hand_on", now=now, to_user=to_user.pk, note=note)
    item.refresh_from_db()
    return item


def give_back(*, actor: Actor, item: WorkItem, note: str, now: datetime) -> WorkItem:
    """Lay a taken item back to the organisation (退回): its taker or a chief may.

    :raises StaleState: it is done, or somebody else's.
    """
    _require_own(actor, item)
    with transaction.atomic():
        mine = WorkItem.objects.filter(pk=item.pk, done_at__isnull=True, person__isnull=False)
        if not actor.is_chief:
            mine = mine.filter(person_id__in=_own_hands(actor))
        if not mine.update(person=None):
            raise _taken_or_done(item)
        _act(actor=actor, item=item, act="give_back", now=now, note=note)
    item.refresh_from_db()
    return item


def urge(*, actor: Actor, item: WorkItem, note: str, now: datetime) -> WorkItem:
    """Remind whoever owes the item (催办): by whoever sees it, or its row, and holds the duty of supervision.

    The reminder reaches people through the event ``work.item.urge``.
    """
    actor.require("work.urge")
    with transaction.atomic():
        waiting = WorkItem.objects.filter(pk=item.pk, done_at__isnull=True)
        if not waiting.update(urged_at=now, urged_count=F("urged_count") + 1):
            raise StaleState(_("该事项已办结，无需催办。"))
        _act(actor=actor, item=item, act="urge", now=now, note=note)
    item.refresh_from_db()
    return item


def _own_hands(actor: Actor) -> list[uuid.UUID | None]:
    return [actor.user_id, *actor.acts_for]


def _require_own(actor: Actor, item: WorkItem) -> None:
    if item.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该事项由其他单位办理。"), code="other_organisation")


def _require_duty(actor: Actor, item: WorkItem) -> None:
    if not _is_able(actor, item):
        actor.require(item.duty)


def _is_able(actor: Actor, item: WorkItem) -> bool:
    """The duty itself; or being chief of an organisation in which nobody holds it."""
    if actor.has(item.duty):
        return True
    if not actor.is_chief:
        return False
    held = getattr(item, "held", None)
    return not (holders_exist(organisation_id=item.owner_org_id, duty=item.duty) if held is None else held)


def _instead_of(actor: Actor, item: WorkItem, act: str) -> str:
    """The absent colleague whose item, or with whose duty alone, a deputy acts; empty for all others, without a query.

    :param item: as it was before the act.
    """
    if not actor.acts_for or actor.organisation_id is None or actor.membership_id is None:
        return ""
    there = Membership.objects.current().filter(organisation_id=actor.organisation_id)
    if item.person_id in actor.acts_for:
        return there.filter(user_id=item.person_id).values_list("user__name", flat=True).first() or ""
    if act == "give_back" or (act == "hand_on" and actor.is_chief):
        return ""
    able = there.filter(roles__duties__contains=["work.urge" if act == "urge" else item.duty])
    if able.filter(pk=actor.membership_id).exists():
        return ""
    absent = able.filter(user_id__in=actor.acts_for).order_by("user__pinyin", "pk")
    return absent.values_list("user__name", flat=True).first() or ""


def _taken_or_done(item: WorkItem) -> StaleState:
    item.refresh_from_db()
    if item.done_at is not None:
        return StaleState(_("该事项已办结。"))
    name = item.person.name if item.person is not None else ""
    return StaleState(_("该事项现由%(name)s办理，请刷新后再操作。") % {"name": name})


def _act(
    *, actor: Actor, item: WorkItem, act: str, now: datetime, to_user: uuid.UUID | None = None, note: str = ""
) -> None:
    WorkAct.objects.create(
        item=item,
        act=act,
        user_id=actor.user_id,
        organisation_id=actor.organisation_id,
        to_user_id=to_user,
        instead_of=_instead_of(actor, item, act),
        note=clean(note)[:300],
        at=now,
    )
    journal.record(
        actor=actor,
        act=f"work.item.{act}",
        subject_type=item.subject_type,
        subject_id=item.subject_id,
        org_id=item.owner_org_id,
        facts={"item": item.pk, "to": to_user},
        now=now,
    )
    publish(f"work.item.{act}", item, actor=actor, now=now, facts={"to": to_user})
