"""The smallest valid rows of the registry."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.factories import NOW
from tests.support.replay import replayed

from quancheng.domains.registry.models import Chemical, Enterprise, Facility, Holding, Unit
from quancheng.domains.registry.services import enterprises, facilities, stock
from quancheng.domains.registry.services.enterprises import EnterpriseSpec
from quancheng.domains.registry.services.stock import HoldingSpec
from quancheng.kernel.access.actor import Actor

#: Codes with their check digits, of a district that does not exist.
CODES = ("91990102MA00A001XJ", "91990102MA00A0028J")


def chemical(name: str) -> Chemical:
    return Chemical.objects.get(name=name)


@replayed
def make_file(
    actor: Actor, *, area: Any, name: str = "示例储运有限公司", kind: str = "depot", code: str = CODES[0], **known: Any
) -> Enterprise:
    spec = EnterpriseSpec(name=name, credit_code=code, kind=kind, area=area, known=known)
    return enterprises.enter_enterprise(actor=actor, spec=spec, now=NOW)


@replayed
def make_unit(actor: Actor, file: Enterprise, **known: Any) -> Unit:
    given = {"code": "U1", "name": "示例罐区", "kind": "storage", "boundary": "dike", **known}
    return facilities.enter_unit(actor=actor, file=file, known=given, now=NOW)


@replayed
def make_facility(actor: Actor, unit: Unit, **known: Any) -> Facility:
    given = {"code": "V-101", "name": "示例储罐", "kind": "tank", **known}
    return facilities.enter_facility(actor=actor, unit=unit, known=given, now=NOW)


@replayed
def make_holding(actor: Actor, facility: Facility, name: str, **known: Any) -> Holding:
    given = {key: Decimal(value) if key.endswith("_t") else value for key, value in known.items()}
    return stock.hold(actor=actor, facility=facility, spec=HoldingSpec(chemical=chemical(name), **given), now=NOW)
