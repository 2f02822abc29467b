"""The clock of hidden dangers and of check tasks."""

from __future__ import annotations

import contextlib
import uuid

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.domains.hazards.services import exchange_adapters, exchange_batches, exchange_sending
from quancheng.domains.hazards.services.check_dues import make_dues
from quancheng.domains.hazards.services.department_checklists import name_lists
from quancheng.domains.hazards.services.expiry_reviews import owe_expiry_reviews
from quancheng.domains.hazards.services.guarantors import close_rounds
from quancheng.domains.hazards.services.patrols import lapse_patrols
from quancheng.domains.hazards.services.rechecks import draw_rechecks
from quancheng.domains.hazards.services.record_flags import flag_records
from quancheng.domains.hazards.services.round_sections import add_sections
from quancheng.domains.hazards.services.rounds import house
from quancheng.domains.hazards.services.running import keep_weeks
from quancheng.domains.hazards.services.self_checks import keep_rhythm
from quancheng.domains.hazards.services.signed_statistics import keep_reports
from quancheng.domains.hazards.services.sums import fold
from quancheng.domains.hazards.services.unit_stops import review_stops


@app.periodic(cron="40 5 * * *", periodic_id="hazards.rechecks")
@app.task(name="hazards.rechecks", queue="clock", queueing_lock="hazards.rechecks")
def rechecks(timestamp: int) -> None:
    draw_rechecks(now=timezone.now())


@app.periodic(cron="45 5 * * *", periodic_id="hazards.expiry_reviews")
@app.task(name="hazards.expiry_reviews", queue="clock", queueing_lock="hazards.expiry_reviews")
def expiry_reviews(timestamp: int) -> None:
    owe_expiry_reviews(now=timezone.now())


@app.periodic(cron="50 5 * * *", periodic_id="hazards.sections")
@app.task(name="hazards.sections", queue="clock", queueing_lock="hazards.sections")
def sections(timestamp: int) -> None:
    add_sections(actor=house(), now=timezone.now())


@app.periodic(cron="25 * * * *", periodic_id="hazards.sums")
@app.task(name="hazards.sums", queue="clock", queueing_lock="hazards.sums")
def sums(timestamp: int) -> None:
    fold()


@app.periodic(cron="1 * * * *", periodic_id="hazards.hourly_dues")
@app.task(name="hazards.hourly_dues", queue="clock", queueing_lock="hazards.hourly_dues")
def hourly_dues(timestamp: int) -> None:
    make_dues(now=timezone.now(), hourly=True)


@app.periodic(cron="5 * * * *", periodic_id="hazards.daily_dues")
@app.task(name="hazards.daily_dues", queue="clock", queueing_lock="hazards.daily_dues")
def daily_dues(timestamp: int) -> None:
    """Each hour, though nearly all is made after midnight: what an outage kept from being made does not wait a day."""
    make_dues(now=timezone.now(), hourly=False)


@app.periodic(cron="20 4 * * *", periodic_id="hazards.record_flags")
@app.task(name="hazards.record_flags", queue="clock", queueing_lock="hazards.record_flags")
def record_flags(timestamp: int) -> None:
    flag_records(now=timezone.now())


@app.periodic(cron="30 4 * * *", periodic_id="hazards.stop_reviews")
@app.task(name="hazards.stop_reviews", queue="clock", queueing_lock="hazards.stop_reviews")
def stop_reviews(timestamp: int) -> None:
    review_stops(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="hazards.exchange")
@app.task(name="hazards.exchange", queue="clock", queueing_lock="hazards.exchange")
def exchange(timestamp: int) -> None:
    """Each minute: whoever has something to send gets a job of his own, so that a slow peer holds up nobody else."""
    now = timezone.now()
    for pk in exchange_sending.due_adapters(now):
        lock = f"hazards.exchange.{pk}"
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            exchange_send.configure(lock=lock, queueing_lock=lock).defer(adapter_id=str(pk))
    exchange_sending.raise_alarms(now=now)


@app.periodic(cron="40 3 * * *", periodic_id="hazards.exchange_compare")
@app.task(name="hazards.exchange_compare", queue="clock", queueing_lock="hazards.exchange_compare")
def exchange_compare(timestamp: int) -> None:
    """Each night: what upper platforms have beside what they took; one job for each."""
    for pk in exchange_adapters.daily_adapters():
        lock = f"hazards.exchange_compare.{pk}"
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            exchange_reconcile.configure(lock=lock, queueing_lock=lock).defer(adapter_id=str(pk))


@app.task(name="hazards.exchange_reconcile", queue="slow")
def exchange_reconcile(adapter_id: str) -> None:
    exchange_adapters.reconcile_daily(adapter_id=uuid.UUID(adapter_id), now=timezone.now())


@app.task(name="hazards.exchange_send", queue="slow")
def exchange_send(adapter_id: str) -> None:
    exchange_sending.send_due(adapter_id=uuid.UUID(adapter_id), now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="hazards.exchange_in")
@app.task(name="hazards.exchange_in", queue="clock", queueing_lock="hazards.exchange_in")
def exchange_in(timestamp: int) -> None:
    """Each minute: large batches that came in, and those whose worker died; one job for each system."""
    for pk in exchange_batches.open_applications():
        lock = f"hazards.exchange_in.{pk}"
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            exchange_take.configure(lock=lock, queueing_lock=lock).defer(application_id=str(pk))


@app.task(name="hazards.exchange_take", queue="slow")
def exchange_take(application_id: str) -> None:
    exchange_batches.take_batches(application_id=uuid.UUID(application_id), now=timezone.now())


@app.periodic(cron="15 * * * *", periodic_id="hazards.running")
@app.task(name="hazards.running", queue="clock", queueing_lock="hazards.running")
def running(timestamp: int) -> None:
    """Each hour: Monday at 02:00 and Tuesday at 12:00 local time do the work, and what an outage left undone."""
    keep_weeks(now=timezone.now())


@app.periodic(cron="35 * * * *", periodic_id="hazards.guarantors")
@app.task(name="hazards.guarantors", queue="clock", queueing_lock="hazards.guarantors")
def guarantors(timestamp: int) -> None:
    """Each hour, so that what was done until midnight is closed before anybody is reminded of it."""
    close_rounds(now=timezone.now())


@app.periodic(cron="10 * * * *", periodic_id="hazards.self_checks")
@app.task(name="hazards.self_checks", queue="clock", queueing_lock="hazards.self_checks")
def self_checks(timestamp: int) -> None:
    """Each hour: who owes a check led by the main person how often, and statistics, before the schedule makes them."""
    keep_rhythm(now=timezone.now())
    keep_reports(now=timezone.now())


@app.periodic(cron="2 * * * *", periodic_id="hazards.list_names")
@app.task(name="hazards.list_names", queue="clock", queueing_lock="hazards.list_names")
def list_names(timestamp: int) -> None:
    """Each hour: a department's checklist is called by a new name from the day on that its new edition holds."""
    name_lists(now=timezone.now())


@app.periodic(cron="25 1 * * *", periodic_id="hazards.patrols")
@app.task(name="hazards.patrols", queue="clock", queueing_lock="hazards.patrols")
def patrols(timestamp: int) -> None:
    """Each night: walks that nobody made within their days are closed as missed."""
    lapse_patrols(now=timezone.now())
