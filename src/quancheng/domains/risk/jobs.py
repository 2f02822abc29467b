"""The clock of risk."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.domains.risk.queries.index import calming
from quancheng.domains.risk.services.analyses import look_at_analyses
from quancheng.domains.risk.services.announcing import look_at_announcements
from quancheng.domains.risk.services.environmental import look_at_facilities
from quancheng.domains.risk.services.following import follow_supervisors
from quancheng.domains.risk.services.index import work_out, work_out_all
from quancheng.domains.risk.services.layout_checks import check_all, check_files, has_other_source
from quancheng.domains.risk.services.reactions import look_at_reactions
from quancheng.domains.risk.services.regrading import look_at_gradings
from quancheng.domains.risk.services.watching import look_at_all, look_at_file, tend_all
from quancheng.kernel.events.models import Event


@app.periodic(cron="*/10 * * * *", periodic_id="risk.cards")
@app.task(name="risk.cards", queue="clock", queueing_lock="risk.cards")
def cards(timestamp: int) -> None:
    look_at_all(now=timezone.now())


@app.periodic(cron="25 4 * * *", periodic_id="risk.boards")
@app.task(name="risk.boards", queue="clock", queueing_lock="risk.boards")
def boards(timestamp: int) -> None:
    tend_all(now=timezone.now())


@app.periodic(cron="10 4 * * *", periodic_id="risk.gradings")
@app.task(name="risk.gradings", queue="clock", queueing_lock="risk.gradings")
def gradings(timestamp: int) -> None:
    look_at_gradings(now=timezone.now())
    follow_supervisors(now=timezone.now())


@app.periodic(cron="*/10 * * * *", periodic_id="risk.announcements")
@app.task(name="risk.announcements", queue="clock", queueing_lock="risk.announcements")
def announcements(timestamp: int) -> None:
    look_at_announcements(now=timezone.now())


@app.periodic(cron="20 4 * * *", periodic_id="risk.analyses")
@app.task(name="risk.analyses", queue="clock", queueing_lock="risk.analyses")
def analyses(timestamp: int) -> None:
    look_at_analyses(now=timezone.now())
    look_at_reactions(now=timezone.now())
    look_at_facilities(now=timezone.now())


@app.periodic(cron="50 3 * * *", periodic_id="risk.layout_night")
@app.task(name="risk.layout_night", queue="slow", queueing_lock="risk.layout_night")
def layout_night(timestamp: int) -> None:
    """Editions and required distances begin and end with the day."""
    check_all(now=timezone.now())


@app.periodic(cron="40 1 * * *", periodic_id="risk.index")
@app.task(name="risk.index", queue="slow", queueing_lock="risk.index")
def index(timestamp: int) -> None:
    work_out_all(now=timezone.now())


@app.periodic(cron="*/10 * * * *", periodic_id="risk.index_calm")
@app.task(name="risk.index_calm", queue="clock", queueing_lock="risk.index_calm")
def index_calm(timestamp: int) -> None:
    """Lower the colours of those whose number has lain low for long enough: nothing else would tell."""
    work_out(ids=calming(), because="calm", now=timezone.now())


@app.task(name="risk.index_one", queue="now")
def index_one(file_id: str, because: str) -> None:
    work_out(ids=[uuid.UUID(file_id)], because=because, now=timezone.now())


@app.task(name="risk.layout_all", queue="slow", queueing_lock="risk.layout_all")
def layout_all() -> None:
    check_all(now=timezone.now())


@app.task(name="risk.layout_one", queue="slow")
def layout_one(file_id: str) -> None:
    check_files(ids=[uuid.UUID(file_id)], now=timezone.now())


@app.task(name="risk.cards_one", queue="now")
def cards_one(file_id: str) -> None:
    look_at_file(file_id=uuid.UUID(file_id), now=timezone.now())


def hear_colours(event: Event, now: datetime) -> None:
    """The colour of an object or a unit changed. One look that waits already will see this one too."""
    enterprise = event.scope.get("enterprise")
    if enterprise is None:
        return
    with suppress(AlreadyEnqueued), transaction.atomic():
        cards_one.configure(queueing_lock=f"risk.cards.{enterprise}").defer(file_id=enterprise)


def hear_index(event: Event, now: datetime) -> None:
    """Something happened that an index rests on. One working out that waits already will see this event's facts too."""
    enterprise = event.scope.get("enterprise")
    if enterprise is not None:
        queue_index(enterprise, because=event.kind)


def queue_index(file_id: uuid.UUID | str, *, because: str) -> None:
    """Let the index of a file be worked out soon, also for a room above that knows what no event tells."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        index_one.configure(queueing_lock=f"risk.index.{file_id}").defer(file_id=str(file_id), because=because[:60])


def _queue_layout() -> None:
    """One look that waits already will see this change too."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        layout_all.defer()


def hear_places(now: datetime) -> None:
    """A sensitive place changes. Queued when it stands: two who write places must not wait for each other's lock on
    the queue; the night catches up with what a crash between the two loses."""
    transaction.on_commit(_queue_layout)


def hear_layout(event: Event, now: datetime) -> None:
    """A zone or a required distance changed."""
    _queue_layout()


#: Of a file, what its distances follow from.
_OF_SITE = {"kind", "more_kinds", "life", "lon", "lat", "boundary"}


def hear_site(event: Event, now: datetime) -> None:
    """Where a file is, what it is, or how grave its major hazards are changed: its distances are measured anew."""
    enterprise = event.scope.get("enterprise")
    if enterprise is None or event.kind == "registry.enterprise.verified":
        return
    if event.kind == "registry.enterprise.changed" and not _OF_SITE & set(event.facts.get("fields", ())):
        return
    if event.kind.startswith("registry.major_hazard.") and not has_other_source(uuid.UUID(enterprise)):
        return
    with suppress(AlreadyEnqueued), transaction.atomic():
        layout_one.configure(queueing_lock=f"risk.layout.{enterprise}").defer(file_id=enterprise)
