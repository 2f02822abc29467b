"""The clock of risk."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.risk.services.analyses import look_at_analyses
from quancheng.domains.risk.services.announcing import look_at_announcements
from quancheng.domains.risk.services.reactions import look_at_reactions
from quancheng.domains.risk.services.regrading import look_at_gradings
from quancheng.domains.risk.services.watching import look_at_all, tend_all


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


@app.periodic(cron="*/10 * * * *", periodic_id="risk.announcements")
@app.task(name="risk.announcements", queue="clock", queueing_lock="risk.announcements")
def announcements(timestamp: int) -> None:
    look_at_announcements(now=timezone.now())


@app.periodic(cron="20 4 * * *", periodic_id="risk.analyses")
@app.task(name="risk.analyses", queue="clock", queueing_lock="risk.analyses")
def analyses(timestamp: int) -> None:
    look_at_analyses(now=timezone.now())
    look_at_reactions(now=timezone.now())
