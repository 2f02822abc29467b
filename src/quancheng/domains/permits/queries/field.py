"""What phones told from the place, and where a permit stood at a time."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import QuerySet

from quancheng.domains.permits.models import FieldRecord, Permit, PermitPerson
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.loops.models import MoveRecord

#: What the clock says where a guardian looked at nothing for too long, and the check of records of gas.
NO_LOOK, NO_RECORD = "监护人超时未检查", "C-55"
_CODES = re.compile(r"(?:^|；)([A-Z]+-\d+) ")
#: Newest records that a page shows.
MOST = 50


def _moves(permit: Permit) -> QuerySet[MoveRecord]:
    """Moves of a permit, the newest first."""
    return MoveRecord.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk).order_by("-at", "-pk")


def state_at(permit: Permit, at: datetime) -> str:
    """In which state a permit was at a time; empty before it was. One query."""
    return _moves(permit).filter(at__lte=at).values_list("target", flat=True).first() or ""


def was_silent(permit: Permit, at: datetime) -> bool:
    """Whether work stood at a time because no record of it came in, and for nothing else. One query."""
    last = _moves(permit).filter(at__lte=at).values_list("move", "given").first()
    if last is None or last[0] != "stop":
        return False
    told = str(last[1].get("note", ""))
    if last[1].get("stop_reason") == "GUARDIAN_ABSENT" and told == NO_LOOK:
        return True
    # Codes of the checks that refused, as ``services.clock.note_of`` puts them; whoever is barred is told without one.
    return "有人员不得" not in told and set(_CODES.findall(told)) == {NO_RECORD}


def presented_since(permit: Permit, at: datetime) -> bool:
    """Whether a permit was presented for signing after a time. One query."""
    return _moves(permit).filter(move="present", at__gt=at).exists()


def people_on(permit: Permit) -> QuerySet[PermitPerson]:
    """Whom a phone may mean: everybody who is or was on the permit."""
    return PermitPerson.objects.filter(permit=permit).select_related("person").order_by("number", "pk")


def field_records_of(permit: Permit) -> Sequence[tuple[FieldRecord, Sequence[object]]]:
    """The newest records from phones of a permit that a query gave to the actor, each with its photos. Two queries."""
    rows = list(FieldRecord.objects.filter(permit=permit).order_by("-happened_at", "-pk")[:MOST])
    files = files_of_many(FieldRecord, [one.pk for one in rows]) if rows else {}
    return [(one, files.get(one.pk, ())) for one in rows]


def field_record(actor: Actor, pk: uuid.UUID) -> models.Model | None:
    """The record where the actor may see its permit; for the files that it holds."""
    if not actor.is_system and not actor.has(VIEW):
        return None
    return FieldRecord.objects.filter(pk=pk, permit__in=Permit.objects.visible_to(actor)).first()
