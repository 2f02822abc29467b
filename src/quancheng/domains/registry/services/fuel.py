"""Supplies of alcohol-based fuel entered and ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise, FuelSupply
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

FIELDS = ("supplier_name", "monthly_t", "stored_t", "storage", "since_date")


def enter_supply(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> FuelSupply:
    """Enter who supplies an enterprise; a supplier that has a file under that name here is bound to it.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: it stands already.
    """
    require_keeper(actor, file)
    given = {name: known.get(name) for name in FIELDS}
    wrong: dict[str, Text] = {}
    for name in ("supplier_name", "storage"):
        given[name] = clean(given[name] or "")[:120]
        if not given[name]:
            wrong[name] = _("请填写此项。")
    for name, least in (("monthly_t", Decimal("0.001")), ("stored_t", Decimal(0))):
        value = given[name]
        if value is None or not least <= value <= LARGEST_T:
            wrong[name] = _("请填写吨数，且在合理范围内。")
    if given["since_date"] is not None and given["since_date"] > Calendar().local_date(now):
        wrong["since_date"] = _("日期不能晚于今天。")
    supplier = Enterprise.objects.filter(enterprise__name=given["supplier_name"], merged_into__isnull=True).first()
    if supplier is not None and supplier.pk == file.pk:
        wrong["supplier_name"] = _("供应单位不能是本单位。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                row = FuelSupply.objects.create(file=file, supplier=supplier, created_at=now, **given)
        except IntegrityError as twice:
            sentence = _("已登记该供应单位。")
            raise Conflict(sentence, fields={"supplier_name": sentence}) from twice
        note(actor, "registry.fuel.enter", file, now, {"supply": row.pk, "name": row.supplier_name, **given})
        return row.pk

    with transaction.atomic():
        body = {"file": file.pk, **given}
        pk, _new = once(actor=actor, client_id=client_id, act="registry.fuel.enter", body=body, now=now, make=make)
    return FuelSupply.objects.get(pk=pk)


def end_supply(*, actor: Actor, supply: FuelSupply, now: datetime) -> None:
    """It is supplied no more; the row stays with the day. :raises StaleState: it ended already."""
    require_keeper(actor, supply.file)
    with transaction.atomic():
        standing = FuelSupply.objects.filter(pk=supply.pk, ended_date__isnull=True)
        if not standing.update(ended_date=Calendar().local_date(now)):
            raise StaleState(_("该供用关系已停用。"))
        note(actor, "registry.fuel.end", supply.file, now, {"supply": supply.pk, "name": supply.supplier_name})
