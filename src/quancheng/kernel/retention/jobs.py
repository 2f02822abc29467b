"""The clock of retention: every night one job a rule, so that one that fails holds up no other."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.kernel.retention import services
from quancheng.kernel.retention.declare import all_rules, rule_of

#: Local time of the nightly round, as the page says it.
HOUR, MINUTE = 3, 20


@app.periodic(cron=f"{MINUTE} {HOUR} * * *", periodic_id="retention.run")
@app.task(name="retention.run", queue="clock")
def run(timestamp: int) -> None:
    for rule in all_rules():
        with suppress(AlreadyEnqueued):
            run_rule.configure(queueing_lock=f"retention.{rule.code}").defer(code=rule.code)


@app.task(name="retention.run_rule", queue="slow", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def run_rule(code: str) -> None:
    rule = rule_of(code)
    if rule is not None:
        services.run_rule(rule=rule, now=timezone.now())
