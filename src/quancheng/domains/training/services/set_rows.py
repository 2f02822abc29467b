"""Rows that ship as data and that the district adds to and changes, each under a code; the journal has who and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean

MOST_CODE = 40
Row = TypeVar("Row", bound=models.Model)


def add_row(
    *, actor: Actor, model: type[Row], code: str, pattern: str, written: Text, given: Mapping[str, Any], reason: str,
    now: datetime, act: str,
) -> Row:  # fmt: skip
    """Add a row behind the last one.

    :param pattern: of the code; ``written`` says it in words. :raises Invalid: another code. :raises Conflict: taken.
    """
    if len(code) > MOST_CODE or re.fullmatch(pattern, code) is None:
        raise Invalid(fields={"code": written})
    rows: Any = model._default_manager
    with transaction.atomic():
        last = rows.order_by("-position").first()
        try:
            with transaction.atomic():
                made: Row = rows.create(
                    code=code, position=(last.position if last else 0) + 10, changed_at=now, **given
                )
        except IntegrityError as twice:
            raise Conflict(fields={"code": _("该代码已存在。")}) from twice
        note(actor, f"{act}.add", made, {**given, "reason": clean(reason)}, now)
    return made


def change_row(
    *, actor: Actor, row: models.Model, version: int, changed: Mapping[str, Any], reason: str, now: datetime, act: str
) -> None:
    """Write what was changed of a row. :raises StaleState: somebody changed it since it was read."""
    rows: Any = type(row)._default_manager
    with transaction.atomic():
        if not rows.filter(pk=row.pk, version=version).update(**changed, version=F("version") + 1, changed_at=now):
            raise StaleState
        before = {name: getattr(row, name) for name in changed}
        note(actor, f"{act}.change", row, {"before": before, "after": changed, "reason": clean(reason)}, now)


def note(actor: Actor, act: str, row: Any, facts: Mapping[str, Any], now: datetime) -> None:
    """The journal's entry of an act on such a row."""
    journal.record(
        actor=actor, act=act, subject_type=row._meta.label_lower, subject_id=row.pk, now=now,
        facts={"code": row.code, **facts},
    )  # fmt: skip
