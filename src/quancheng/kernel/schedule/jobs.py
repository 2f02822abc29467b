"""The clock of recurring duties: one job a rule, so that a rule that fails holds up no other."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.kernel.schedule import services
from quancheng.kernel.schedule.models import RecurringRule


@app.periodic(cron="*/20 * * * *", periodic_id="schedule.generate")
@app.task(name="schedule.generate", queue="clock")
def generate(timestamp: int) -> None:
    for pk in RecurringRule.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        # Where the last round's job still waits, one is enough.
        with suppress(AlreadyEnqueued):
            generate_rule.configure(queueing_lock=f"schedule.{pk}").defer(rule_id=str(pk))


@app.task(name="schedule.generate_rule", queue="clock", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def generate_rule(rule_id: str) -> None:
    services.generate_rule(rule_id=uuid.UUID(rule_id), now=timezone.now())
