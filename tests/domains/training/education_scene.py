"""Steps that several tests of education share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from quancheng.domains.training.models import Person, Programme, TrainingRecord
from quancheng.domains.training.queries.programmes import programme_of


def order(client: Client, person: Person, **given: Any) -> Any:
    """What an order's form sends."""
    body = {
        "reason": "violation", "programme": programme_of("retraining").pk, "hours": 8, "off_post": "on",
        "needs_exam": "on", "due_date": timezone.localdate() + timedelta(days=14), **given,
    }  # fmt: skip
    return client.post(f"/training/persons/{person.pk}/orders/new", body)


def learn(client: Client, person: Person, programme: str | Programme = "retraining", **given: Any) -> Any:
    """What the form of hours sends."""
    found = programme_of(programme) if isinstance(programme, str) else programme
    body = {
        "programme": found.pk, "held_date": timezone.localdate(), "hours": "8", "teacher": "讲师甲",
        "place": "培训室", "content": "事故案例", "level": "", **given,
    }  # fmt: skip
    return client.post(f"/training/persons/{person.pk}/records/new", body)


def days_ago(number: int) -> date:
    return timezone.localdate() - timedelta(days=number)


def entered() -> QuerySet[TrainingRecord]:
    """Hours that a test entered: without the education that everybody of the factories has."""
    return TrainingRecord.objects.exclude(content="三级安全教育")
