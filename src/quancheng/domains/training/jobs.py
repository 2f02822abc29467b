"""The clock of people at work."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.domains.training.services.contractors.blacklist import look_at_listings
from quancheng.domains.training.services.contractors.expiry import look_at_admissions
from quancheng.domains.training.services.contractors.finding import find_all
from quancheng.domains.training.services.exam_figures import count_questions
from quancheng.domains.training.services.exam_results import look_at_resits
from quancheng.domains.training.services.expiry import look_at_qualifications
from quancheng.domains.training.services.measuring import measure_all, measure_owing, measure_unjudged
from quancheng.domains.training.services.pools.agencies import look_at_reports
from quancheng.domains.training.services.reminders import remind_of_hours
from quancheng.domains.training.services.sitting import close_overdue
from quancheng.kernel.events.models import Event


@app.periodic(cron="55 5 * * *", periodic_id="training.qualifications")
@app.task(name="training.qualifications", queue="clock", queueing_lock="training.qualifications")
def qualifications(timestamp: int) -> None:
    look_at_qualifications(now=timezone.now())


@app.periodic(cron="25 5 * * *", periodic_id="training.gaps")
@app.task(name="training.gaps", queue="clock", queueing_lock="training.gaps")
def gaps(timestamp: int) -> None:
    measure_all(now=timezone.now())


@app.periodic(cron="*/5 * * * *", periodic_id="training.unjudged")
@app.task(name="training.unjudged", queue="clock", queueing_lock="training.unjudged")
def unjudged(timestamp: int) -> None:
    measure_unjudged(now=timezone.now())


@app.periodic(cron="15 4 * * *", periodic_id="training.contractors")
@app.task(name="training.contractors", queue="clock", queueing_lock="training.contractors")
def contractors(timestamp: int) -> None:
    look_at_admissions(now=timezone.now())
    look_at_listings(now=timezone.now())
    look_at_reports()
    find_all(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="training.exams")
@app.task(name="training.exams", queue="clock", queueing_lock="training.exams")
def exams(timestamp: int) -> None:
    close_overdue(now=timezone.now())


@app.periodic(cron="45 1 * * *", periodic_id="training.exam_figures")
@app.task(name="training.exam_figures", queue="clock", queueing_lock="training.exam_figures")
def exam_figures(timestamp: int) -> None:
    now = timezone.now()
    look_at_resits(now=now)
    count_questions(now=now)


@app.periodic(cron="5 6 * * *", periodic_id="training.hours")
@app.task(name="training.hours", queue="clock", queueing_lock="training.hours")
def hours(timestamp: int) -> None:
    remind_of_hours(now=timezone.now())


@app.task(name="training.owing", queue="slow")
def owing(code: str) -> None:
    measure_owing(code=code, now=timezone.now())


def hear_unified(event: Event, now: datetime) -> None:
    """What counts for a programme changed. One measuring that waits already will see this too."""
    code = str(event.facts["programme"])
    with suppress(AlreadyEnqueued), transaction.atomic():
        owing.configure(queueing_lock=f"training.owing.{code}").defer(code=code)
