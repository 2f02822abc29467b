"""Reads of the exchange: the queue, ways up, batches, what came in, who may send."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import (
    CheckRecord,
    CheckTask,
    ExchangeAdapter,
    ExchangeApplication,
    ExchangeBatch,
    ExchangeRow,
    ExchangeToken,
    Finding,
    IntakeBatch,
    ReceivedRow,
    Reconciliation,
    UnitStop,
)
from quancheng.domains.hazards.models.exchange import SHEET
from quancheng.domains.hazards.queries.exchange_facts import RELATED
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

Row = TypeVar("Row", bound=Model)


def list_rows(*, actor: Actor) -> QuerySet[ExchangeRow]:
    """The queue as far as the actor may see it, the last change first."""
    rows = ExchangeRow.objects.visible_to(actor).select_related("file__enterprise", "adapter", "batch")
    return rows.order_by("-changed_at", "pk")


def get_row(*, actor: Actor, row_id: uuid.UUID) -> ExchangeRow:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_rows(actor=actor).filter(pk=row_id).first())


def list_adapters(*, actor: Actor) -> QuerySet[ExchangeAdapter]:
    """Ways up, with the rows that wait and that were refused; those that go on first."""
    counted = {name: Count("rows", filter=Q(rows__state=name)) for name in ("waiting", "sent", "accepted", "rejected")}
    return (
        _adapters(actor)
        .annotate(**{f"{name}_count": told for name, told in counted.items()})
        .order_by("-ended_at", "-created_at", "pk")
    )


def get_adapter(*, actor: Actor, adapter_id: uuid.UUID) -> ExchangeAdapter:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(_adapters(actor).filter(pk=adapter_id).first())


def _adapters(actor: Actor) -> QuerySet[ExchangeAdapter]:
    return ExchangeAdapter.objects.visible_to(actor).select_related("file__enterprise", "owner_org")


def batches_of(adapter: ExchangeAdapter) -> Sequence[ExchangeBatch]:
    """The last batches of a way up that the caller got through its own query."""
    return list(adapter.batches.order_by("-sent_at", "-pk")[:50])


def last_reconciliation(adapter: ExchangeAdapter) -> Reconciliation | None:
    return adapter.reconciliations.order_by("-at", "-pk").first()


def batch_of_receipt(*, adapter_id: uuid.UUID, peer_id: str) -> ExchangeBatch | None:
    """The batch that a receipt names; who sends it was asked for his signature."""
    rows = ExchangeBatch.objects.filter(adapter=adapter_id, peer_id=peer_id).exclude(peer_id="")
    return rows.order_by("-sent_at").first()


def adapter_for_receipt(adapter_id: uuid.UUID) -> ExchangeAdapter | None:
    """A way up that goes on, in no scope: for who proves himself by its secret."""
    return ExchangeAdapter.objects.filter(pk=adapter_id, ended_at__isnull=True).first()


def list_applications(*, actor: Actor) -> QuerySet[ExchangeApplication]:
    """Credentials, live ones first."""
    rows = ExchangeApplication.objects.visible_to(actor).select_related("file__enterprise", "created_by")
    # What stands for sheets is no system that could send.
    rows = rows.exclude(app_id__startswith=SHEET)
    return rows.order_by("-revoked_at", "-created_at", "pk")


def get_application(*, actor: Actor, application_id: uuid.UUID) -> ExchangeApplication:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_applications(actor=actor).filter(pk=application_id).first())


def list_received(*, actor: Actor) -> QuerySet[ReceivedRow]:
    """What came in, the last first."""
    rows = ReceivedRow.objects.visible_to(actor).select_related("file__enterprise", "application")
    return rows.order_by("-received_at", "pk")


def list_table(*, actor: Actor, code: str) -> QuerySet[Any]:
    """Records of a table of the exchange that the actor may see and that stand, the newest key first."""
    live = {"ended_date__isnull": True}
    files = Enterprise.objects.visible_to(actor).values("pk")
    objects = RiskObject.objects.visible_to(actor).filter(**live).values("pk")
    rows: dict[str, Callable[[], QuerySet[Any]]] = {
        "unit": lambda: RiskUnit.objects.filter(object__in=objects, **live),
        "event": lambda: RiskEvent.objects.filter(unit__object__in=objects, unit__ended_date__isnull=True, **live),
        "measure": lambda: Measure.objects.filter(
            event__unit__object__in=objects, event__unit__ended_date__isnull=True, event__ended_date__isnull=True,
            **live,
        ),
        "task": lambda: CheckTask.objects.filter(file__in=files, **live),
        "stop": lambda: UnitStop.objects.filter(file__in=files),
        "record": lambda: CheckRecord.objects.filter(file__in=files),
        "danger": lambda: Finding.objects.visible_to(actor).exclude(status__in=NOT_COUNTED),
    }  # fmt: skip
    return rows[code]().select_related(*RELATED[code]).order_by("-pk")


def record_of(*, actor: Actor, code: str, key: uuid.UUID) -> Any:
    """One record of a table by our key. Raise NotFound for absent and for out of scope alike."""
    return _found(list_table(actor=actor, code=code).filter(pk=key).first())


def list_old_batches(before: datetime) -> QuerySet[ExchangeBatch]:
    """For retention."""
    return ExchangeBatch.objects.filter(sent_at__lt=before)


def intake_batch(*, application: ExchangeApplication, batch_id: uuid.UUID) -> IntakeBatch | None:
    """A large batch of the system that asks, without its rows; None for another's and for none."""
    return IntakeBatch.objects.filter(application=application, pk=batch_id).defer("rows").first()


def list_old_intake_batches(before: datetime) -> QuerySet[IntakeBatch]:
    """For retention."""
    return IntakeBatch.objects.filter(received_at__lt=before)


def list_old_reconciliations(before: datetime) -> QuerySet[Reconciliation]:
    """For retention."""
    return Reconciliation.objects.filter(at__lt=before)


def list_old_tokens(before: datetime) -> QuerySet[ExchangeToken]:
    """For retention."""
    return ExchangeToken.objects.filter(expires_at__lt=before)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
