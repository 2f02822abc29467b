"""The smallest valid check tasks, with the risk list, the post and the people that they hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.domains.hazards.factories import own_file
from tests.domains.risk.factories import make_event, make_measure, make_object, make_post, make_unit
from tests.factories import NOW, District, make_actor

from quancheng.domains.hazards.models import CheckDue, CheckTask
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, Post, RiskUnit
from quancheng.domains.risk.services.posts import put_at_post
from quancheng.kernel.access.actor import Actor


@dataclass
class Plant:
    """An enterprise with one unit, one inspection measure, and a post that a worker holds."""

    file: Enterprise
    unit: RiskUnit
    measure: Measure
    post: Post
    safety: Actor
    worker: Actor


def make_plant(district: District, *, number: int = 1) -> Plant:
    """:param number: of its object and post, where another plant stands beside it."""
    file, safety = own_file(district), district.enterprise
    unit = make_unit(safety, make_object(safety, file, code=f"P{number}"))
    measure = make_measure(safety, make_event(safety, unit))
    post = make_post(safety, file, name=f"班长{number}")
    worker = make_actor(district.enterprise_org, "enterprise.worker", name="示例班长")
    assert worker.user_id is not None
    put_at_post(actor=safety, post=post, user_id=worker.user_id, since=NOW.date(), now=NOW)
    return Plant(file, unit, measure, post, safety, worker)


def make_task(plant: Plant, *, now: datetime = NOW, **known: Any) -> CheckTask:
    """A task of every day, from today on; with ``measure=None`` none of a measure."""
    given: dict[str, Any] = {
        "measure": plant.measure, "content": "试验报警有声光", "every": Decimal(1), "cycle_unit": "day",
        "starts_at": NOW - timedelta(hours=1), "days": "every", "post": plant.post, **known,
    }  # fmt: skip
    return enter_task(actor=plant.safety, file=plant.file, known=given, now=now)


def first_due(task: CheckTask) -> CheckDue:
    found = task.dues.order_by("due_at").first()
    assert found is not None
    return found
