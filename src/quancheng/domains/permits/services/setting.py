"""What an office sets (设置): a row that is added and never changed, once per request, with an entry in the journal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.services.checking import is_far
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.once import once

Row = TypeVar("Row", bound=models.Model)


def first_day_faults(name: str, day: date, now: datetime) -> dict[str, Text]:
    """What is wrong with the day from which a setting is to count, by the name of its field: it is past, or years
    away."""
    if day < Calendar().local_date(now):
        return {name: _("起用日期不能早于今天。")}
    if is_far(Calendar().start_of(day), now):
        return {name: _("时间超出范围。")}
    return {}


def set_once(
    model: type[Row], *, actor: Actor, act: str, given: Mapping[str, Any], facts: Mapping[str, Any],
    body: Mapping[str, Any] | None = None, now: datetime, client_id: uuid.UUID | None,
    before: Callable[[], object] = lambda: None,
) -> Row:  # fmt: skip
    """Add a row of what the actor set, whose permission the caller has asked.

    :param given: columns, who set it among them; when is added. :param facts: for the journal.
    :param body: what was asked for, by which the same request is known; None: the facts.
    :param before: what must hold when it is written, in the same transaction.
    :raises Conflict: another body under the same identifier.
    """

    def make() -> uuid.UUID:
        before()
        made = model._default_manager.create(**given, entered_at=now)
        journal.record(
            actor=actor, act=act, subject_type=model._meta.label_lower, subject_id=made.pk,
            org_id=actor.organisation_id, now=now, facts=dict(facts),
        )  # fmt: skip
        key: uuid.UUID = made.pk
        return key

    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act=act, body=facts if body is None else body, now=now, make=make
        )
    return model._default_manager.get(pk=pk)
