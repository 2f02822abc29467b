"""Telling people: one notice per person, or gathered into one per person and day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.events.models import Event
from quancheng.kernel.notices import channels
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.notices.texts import is_declared
from quancheng.kernel.people.models import Membership, Organisation, Role, User
from quancheng.kernel.work.models import WorkItem

#: Titles listed in one gathered notice; further ones are counted.
MOST_LISTED = 50


def notify(
    *,
    users: Collection[uuid.UUID],
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
    subject_type: str = "",
    subject_id: uuid.UUID | None = None,
    through: Collection[str] | None = None,
) -> list[Notice]:
    """Tell some people something, in the caller's transaction; each once, however often he is named.

    :param kind: declared by :func:`quancheng.kernel.notices.texts.declare_notice`.
    :param data: what the kind's sentence names; titles, numbers and dates, no personal data.
    :param through: the outside channels that are used, of those that are registered; None for every one.
    """
    _require_kind(kind)
    notices = Notice.objects.bulk_create(
        [
            Notice(
                user_id=user,
                kind=kind,
                data=plain(dict(data)),
                subject_type=subject_type,
                subject_id=subject_id,
                created_at=now,
            )
            for user in sorted(set(users))
        ]
    )
    _send_outside(notices, through)
    return notices


def gather(
    *, user: uuid.UUID, kind: str, key: str, lines: list[dict[str, Any]], now: datetime, day: str
) -> Notice | None:
    """Tell a person several things of one day in one notice: later ones join it and make it unread again.

    :param lines: each with ``key`` (what makes it the same line), ``title`` and whatever the page shows of it.
    :param day: the local day as ISO text; another day begins another notice.
    """
    _require_kind(kind)
    if not lines:
        return None
    gather_key = f"{key}:{day}"[:80]
    with transaction.atomic():
        blank = Notice(user_id=user, kind=kind, gather_key=gather_key, data={"lines": [], "count": 0}, created_at=now)
        Notice.objects.bulk_create([blank], ignore_conflicts=True)
        notice = Notice.objects.select_for_update(no_key=True).get(user=user, gather_key=gather_key)
        known = {line["key"]: line for line in notice.data["lines"]}
        new = [line for line in lines if line["key"] not in known]
        known |= {line["key"]: plain(line) for line in lines}
        joined = list(known.values())[-MOST_LISTED:]
        first = not notice.data["lines"]
        notice.data = {"lines": joined, "count": notice.data["count"] + len(new)}
        if new:
            notice.created_at, notice.read_at = now, None
        Notice.objects.filter(pk=notice.pk).update(
            data=notice.data, created_at=notice.created_at, read_at=notice.read_at
        )
        if first:
            _send_outside([notice])
    return notice


def people_for(*, organisation_id: uuid.UUID, duty: str) -> list[uuid.UUID]:
    """Who of an organisation is told of a step: those who hold its duty, else the chiefs."""
    places = Membership.objects.current().filter(organisation_id=organisation_id)
    holders = places.filter(roles__duties__contains=[duty])
    chosen = holders if holders.exists() else places.filter(roles__in=Role.objects.filter(is_chief=True))
    return sorted(set(chosen.values_list("user_id", flat=True)))


def people_of(*, organisations: QuerySet[Organisation], duty: str) -> set[uuid.UUID]:
    """As :func:`people_for`, of many organisations at once. Two queries."""
    places = Membership.objects.current().filter(organisation__in=organisations.order_by().values("pk"))
    holders = places.filter(roles__duties__contains=[duty])
    found = set(holders.values_list("user_id", flat=True))
    chiefs = places.filter(roles__in=Role.objects.filter(is_chief=True))
    without = chiefs.exclude(organisation__in=holders.order_by().values("organisation"))
    return found | set(without.values_list("user_id", flat=True))


def read_notice(*, actor: Actor, notice: Notice, now: datetime) -> Notice:
    """Mark one as read; a second time changes nothing."""
    Notice.objects.visible_to(actor).unread().filter(pk=notice.pk).update(read_at=now)
    notice.refresh_from_db()
    return notice


def read_all(*, actor: Actor, now: datetime) -> int:
    """Mark all of one's notices as read; returns how many there were."""
    return Notice.objects.visible_to(actor).unread().filter(created_at__lte=now).update(read_at=now)


def list_read(before: datetime) -> QuerySet[Notice]:
    """For retention: notices that were read before."""
    return Notice.objects.filter(read_at__lt=before)


def send_out(*, notice_id: uuid.UUID, channel: str) -> bool:
    """Send one notice through an outside channel; one that was read meanwhile is not sent."""
    notice = Notice.objects.select_related("user").filter(pk=notice_id, read_at__isnull=True).first()
    if notice is None:
        return False
    channels.channel_of(channel).send(notice)
    return True


# Handlers of events ---------------------------------------------------------------------------------------------


def tell_urged(event: Event, now: datetime) -> None:
    """Whoever owes an item hears that he was urged (催办)."""
    item = WorkItem.objects.open().filter(pk=event.subject_id).first()
    if item is None:
        return
    users = [item.person_id] if item.person_id else people_for(organisation_id=item.owner_org_id, duty=item.duty)
    _tell_of_item(event, item, [user for user in users if user], "work.urged", now)


def tell_handed_on(event: Event, now: datetime) -> None:
    """Whoever was handed an item hears of it (转办)."""
    item = WorkItem.objects.open().filter(pk=event.subject_id).first()
    if item is None or item.person_id is None or str(item.person_id) != str(event.facts.get("to")):
        return
    _tell_of_item(event, item, [item.person_id], "work.handed_on", now)


def _tell_of_item(event: Event, item: WorkItem, users: list[uuid.UUID], kind: str, now: datetime) -> None:
    organisation = Organisation.objects.filter(pk=event.org_id).first() if event.org_id else None
    user = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    who = organisation.label if organisation else (user.name if user else "")
    notify(
        users=users,
        kind=kind,
        data={"title": item.title, "from": who},
        subject_type=item.subject_type,
        subject_id=item.subject_id,
        now=now,
    )


def _require_kind(kind: str) -> None:
    if not is_declared(kind):
        raise LookupError(f"nobody declared notices of the kind {kind}")


def _send_outside(notices: Collection[Notice], through: Collection[str] | None = None) -> None:
    """Queue the outside sending in the transaction that tells, so that a kill in between loses nothing."""
    names = [name for name in channels.channel_names() if through is None or name in through]
    if not names or not notices:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("a notice belongs to the transaction of its act")
    from quancheng.kernel.notices.jobs import send_out as job

    for notice in notices:
        for name in names:
            job.defer(notice_id=str(notice.pk), channel=name)
