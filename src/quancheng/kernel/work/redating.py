"""A year's working days are entered, changed or taken back: its deadlines are set anew, and who owes them is told."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q

from quancheng.kernel import journal
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.models import HolidayYear
from quancheng.kernel.events.services import publish
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.notices.services import gather, people_for
from quancheng.kernel.work.items import Dates, dates_of
from quancheng.kernel.work.models import WorkAct, WorkItem

CLOCK = system_actor("calendar")
#: Items read at a time; each is one transaction of its own.
BATCH = 500
#: A count may have looked so far past the year in which it began or ended: over a long holiday.
REACH = timedelta(days=31)
NOTICE = "work.redated"


def redate_items(*, now: datetime, year: int | None = None) -> int:
    """Set the open items anew whose dates rest on a guess over a year that is known by now; returns how many moved.

    :param year: what is known of it changed: items whose dates were counted over it are set anew as well, and rest on
        a guess again where it is known no longer.

    The legal date counts, earlier or later, but nobody is made late by it without notice: a date is never moved to
    before the end of the next working day. Every change is in the journal, in the item's history, and told to whoever
    owes it. Killed in between, the next run goes on: an item that was set anew rests on the guess no longer.
    """
    known = list(HolidayYear.objects.values_list("year", flat=True))
    wanted = Q(assumed_years__overlap=known)
    if year is not None:
        calendar = Calendar()
        begin = calendar.start_of(date(year, 1, 1)) - REACH
        end = calendar.end_of(date(year, 12, 31)) + REACH
        wanted |= Q(entered_at__lte=end) & (Q(due_at__gte=begin) | Q(review_at__gte=begin))
    touched = WorkItem.objects.open().filter(wanted).order_by("pk")
    count, last = 0, uuid.UUID(int=0)
    while pks := list(touched.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        count += sum(_redate(pk, year, now) for pk in pks)
        last = pks[-1]
    return count


def fill_assumptions() -> int:
    """Let open items that arose before guesses were kept say which years theirs rests on; returns how many do.

    The upgrade's own step, once; see ``runtime.migrate``. The dates stay as they are: they follow when the year is
    entered, like those of any other item.
    """
    known = set(HolidayYear.objects.values_list("year", flat=True))
    silent = WorkItem.objects.open().filter(assumed_years=[]).order_by("pk")
    count, last = 0, uuid.UUID(int=0)
    while items := list(silent.filter(pk__gt=last)[:BATCH]):
        last = items[-1].pk
        for item in items:
            # Without a year that is not known there was nothing to guess.
            until = max(at for at in (item.due_at, item.review_at) if at is not None) + REACH
            if known.issuperset(range((item.entered_at - REACH).year, until.year + 1)):
                continue
            found = _dates_now(item, Calendar())
            if found is not None and found.assumed_years:
                WorkItem.objects.filter(pk=item.pk).update(assumed_years=found.assumed_years)
                count += 1
    return count


def _dates_now(item: WorkItem, calendar: Calendar) -> Dates | None:
    """An item's dates as the calendar gives them now; None of a domain that is not built in any more."""
    try:
        row = apps.get_model(item.subject_type)._default_manager.get(pk=item.subject_id)
        state = loop_of(item.loop_code, item.loop_version).states[item.state]
    except (LookupError, ObjectDoesNotExist):
        return None
    return dates_of(row, state, calendar)


def _redate(pk: uuid.UUID, year: int | None, now: datetime) -> bool:
    with transaction.atomic():
        item = WorkItem.objects.select_for_update(no_key=True).filter(pk=pk, done_at__isnull=True).first()
        if item is None:
            return False
        calendar = Calendar()
        found = _dates_now(item, calendar)
        if found is None:
            # Its item stays as it is and holds up no other.
            return False
        if not item.assumed_years and year not in calendar.asked_years:
            return False
        due_at, review_at = _fair(item.due_at, found.due_at, now), _fair(item.review_at, found.review_at, now)
        WorkItem.objects.filter(pk=pk).update(due_at=due_at, review_at=review_at, assumed_years=found.assumed_years)
        if (due_at, review_at) == (item.due_at, item.review_at):
            return False
        years = {*item.assumed_years, *found.assumed_years, *calendar.asked_years.intersection({year})}
        _tell(item, Dates(due_at, review_at, sorted(years)), now)
        return True


def _fair(before: datetime | None, after: datetime | None, now: datetime) -> datetime | None:
    """The new date; but where it is earlier, not before the end of the next working day, nor later than it was."""
    if before is None or after is None or after >= before:
        return after
    calendar = Calendar()
    tomorrow = calendar.end_of(calendar.add_working_days(calendar.local_date(now), 1))
    return max(after, min(before, tomorrow))


def _tell(item: WorkItem, to: Dates, now: datetime) -> None:
    calendar = Calendar()
    was, will = item.due_at or item.review_at, to.due_at or to.review_at
    days = [calendar.local_date(at).isoformat() if at else "" for at in (was, will)]
    WorkAct.objects.create(item=item, act="redate", note=" → ".join(days), at=now)
    journal.record(
        actor=CLOCK, act="work.item.redate", subject_type=item.subject_type, subject_id=item.subject_id,
        org_id=item.owner_org_id, now=now,
        facts={"item": item.pk, "was": was, "now": will, "years": to.assumed_years},
    )  # fmt: skip
    publish("work.item.redate", item, actor=CLOCK, now=now)
    # Whoever took it, as long as he can still do it; the chiefs where nobody can.
    able = people_for(organisation_id=item.owner_org_id, duty=item.duty)
    users = [item.person_id] if item.person_id in able else able
    line = {
        "key": str(item.pk), "title": f"{item.title}（{days[0]} → {days[1]}）",
        "subject_type": item.subject_type, "subject_id": item.subject_id,
    }  # fmt: skip
    for user in users:
        gather(user=user, kind=NOTICE, key=NOTICE, lines=[line], now=now, day=calendar.local_date(now).isoformat())
