"""Jobs of sign-in and of the auditor."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from quancheng.kernel import journal
from quancheng.kernel.journal import services as sealer
from quancheng.kernel.journal.verify import verify
from quancheng.kernel.people import moving, signing
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership


@app.periodic(cron="35 2 * * *", periodic_id="people.end_run_out")
@app.task(name="people.end_run_out", queue="clock")
def end_run_out(timestamp: int) -> None:
    """Every night: sessions that ran out unseen."""
    signing.end_run_out(now=timezone.now())


@app.task(name="people.restamp", queue="slow", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def restamp(organisation_id: str) -> None:
    """Let the rows of an organisation that moved follow it into its new area."""
    moving.restamp(organisation_id=uuid.UUID(organisation_id), now=timezone.now())


@app.periodic(cron="20 3 * * *", periodic_id="people.restamp_all")
@app.task(name="people.restamp_all", queue="clock")
def restamp_all(timestamp: int) -> None:
    moving.restamp_all(now=timezone.now())


@app.task(name="people.verify_journal", queue="slow")
def verify_journal(membership_id: str) -> None:
    """Prove the journal for the auditor who asked; the result is an entry of the journal."""
    place = (
        Membership.objects.current()
        .filter(pk=uuid.UUID(membership_id))
        .select_related("user", "organisation__area")
        .first()
    )
    if place is None:
        return
    now = timezone.now()
    actor = actor_for(place, now=now)
    actor.require("people.journal.read")
    sealer.seal(now=now)
    found = verify(now=now, roots_folder=Path(settings.ROOTS_DIR))
    with transaction.atomic():
        journal.record(
            actor=actor, act="journal.verify", now=timezone.now(),
            facts={
                "entries": found.entries, "chains": found.chains, "roots": found.roots,
                "faults": len(found.faults), "first": [str(fault) for fault in found.faults[:20]],
            },
        )  # fmt: skip
