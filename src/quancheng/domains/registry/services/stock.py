"""What is held, set and moved, in tonnes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Chemical, Enterprise, Facility, Holding, StockMovement
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries.storage_places import is_merged
from quancheng.domains.registry.services.assessing import asked_once, assessing
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.domains.registry.services.restrictions import refusal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

_FIELDS = ("concentration", "hazard_classes", "density", "licensed_t", "design_t")
_KEPT = (*_FIELDS, "present_t", "present_at", "present_by", "version")


@dataclass(frozen=True, slots=True)
class HoldingSpec:
    """One chemical in one facility; quantities in tonnes, ``concentration`` a mass fraction."""

    chemical: Chemical
    product: str = ""
    concentration: Decimal | None = None
    hazard_classes: Sequence[str] = ()
    density: Decimal | None = None
    licensed_t: Decimal | None = None
    design_t: Decimal | None = None
    present_t: Decimal | None = None


def hold(
    *, actor: Actor, facility: Facility, spec: HoldingSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Holding:
    """Enter that a facility holds a chemical; the grade of its unit follows in the same transaction.

    :raises Invalid: negative or impossible quantities, a facility out of service, or a chemical that the city's
        catalogue prohibits (禁限控目录); by field.
    :raises Conflict: it is entered already.
    """
    file = facility.unit.file
    require_keeper(actor, file)
    wrong = _faults(spec)
    today = Calendar().local_date(now)
    refused = asked_once(
        ("refusal", spec.chemical.pk, tuple(file.links), today),
        lambda: refusal(chemical=spec.chemical, links=file.links, on=today),
    )
    if refused is not None:
        wrong["chemical"] = refused
    if facility.decommissioned_date is not None:
        wrong["facility"] = _("该设施已退役，不能再登记存量。")
    elif spec.present_t and _is_merged(facility.unit_id):
        wrong["present_t"] = _("该储存场所已归并停用，不能再存入。")
    if wrong:
        raise Invalid(fields=wrong)

    made: list[Holding] = []

    def make() -> uuid.UUID:
        with assessing(actor=actor, now=now, because="registry.stock.hold") as pending:
            holding = _held(file, facility, spec, now)
            made.append(holding)
            facts = {name: getattr(holding, name) for name in _FIELDS}
            facts |= {"holding": holding.pk, "facility": facility.pk, "chemical": spec.chemical.name}
            note(actor, "registry.stock.hold", file, now, facts)
            if spec.present_t is not None:
                # Nobody else knows the row yet: it need not be locked.
                _write(actor, holding, MovementKind.COUNT, spec.present_t, spec.present_t, now, now, "")
            pending.add(facility.unit_id)
        return holding.pk

    body = {name: getattr(spec, name) for name in (*_FIELDS, "product", "present_t")}
    body |= {"facility": facility.pk, "chemical": spec.chemical.pk, "hazard_classes": list(spec.hazard_classes)}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="registry.stock.hold", body=body, now=now, make=make)
    if not made:
        return Holding.objects.select_related("facility", "facility__unit", "chemical", "file").get(pk=pk)
    # Figures as the table keeps them; what the row belongs to is known.
    made[0].refresh_from_db(fields=_KEPT)
    return made[0]


def _held(file: Enterprise, facility: Facility, spec: HoldingSpec, now: datetime) -> Holding:
    try:
        with transaction.atomic():
            return Holding.objects.create(
                file=file, facility=facility, chemical=spec.chemical, product=clean(spec.product)[:120],
                concentration=spec.concentration, hazard_classes=list(spec.hazard_classes), density=spec.density,
                licensed_t=spec.licensed_t, design_t=spec.design_t, created_at=now, updated_at=now,
            )  # fmt: skip
    except IntegrityError as twice:
        sentence = _("该设施已登记此化学品，请修改原有记录。")
        raise Conflict(sentence, fields={"chemical": sentence}) from twice


def change_holding(*, actor: Actor, holding: Holding, version: int, spec: HoldingSpec, now: datetime) -> Holding:
    """Change what is licensed and designed of a chemical in its facility; the present quantity is moved, not changed.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    """
    file = holding.file
    require_keeper(actor, file)
    if wrong := _faults(spec):
        raise Invalid(fields=wrong)
    given = {name: getattr(spec, name) for name in _FIELDS} | {"hazard_classes": list(spec.hazard_classes)}
    changed = {name: value for name, value in given.items() if getattr(holding, name) != value}
    with assessing(actor=actor, now=now, because="registry.stock.change") as pending:
        won = Holding.objects.filter(pk=holding.pk, version=version, ended_date__isnull=True).update(
            **changed, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState(_("该存量记录刚被他人修改，请刷新后重试。"))
        before = {name: getattr(holding, name) for name in changed}
        note(actor, "registry.stock.change", file, now, {"holding": holding.pk, "before": before, "after": changed})
        pending.add(holding.facility.unit_id)
    holding.refresh_from_db()
    return holding


def move_stock(
    *, actor: Actor, holding: Holding, kind: str, quantity_t: Decimal, at: datetime, remark: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> StockMovement:  # fmt: skip
    """Enter goods in, goods out, or a count; ``quantity_t`` in tonnes, of a count what was found.

    :raises Invalid: nothing moved, more out than is there, a time in the future, or impossible; by field.
    """
    file = holding.file
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if kind not in MovementKind.values:
        wrong["kind"] = _("请选择变动类别。")
    if quantity_t < 0 or (quantity_t == 0 and kind != MovementKind.COUNT):
        wrong["quantity"] = _("数量应大于0。")
    if quantity_t > LARGEST_T:
        wrong["quantity"] = _("数量超出合理范围（一千万吨以内），请核对单位。")
    if at > now:
        wrong["at"] = _("发生时间不能晚于现在。")
    if kind == MovementKind.IN and _is_merged(holding.facility.unit_id):
        wrong["kind"] = _("该储存场所已归并停用，不能再存入。")
    if wrong:
        raise Invalid(fields=wrong)
    body = {"holding": holding.pk, "kind": kind, "quantity": quantity_t, "at": at, "remark": remark}

    def make() -> uuid.UUID:
        with assessing(actor=actor, now=now, because="registry.stock.move") as pending:
            pending.add(holding.facility.unit_id)
            if kind == MovementKind.COUNT:
                return _count(actor, holding, quantity_t, at, now, remark).pk
            return _shift(actor, holding, kind, quantity_t, at, now, remark).pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="registry.stock.move", body=body, now=now, make=make)
    holding.refresh_from_db()
    return StockMovement.objects.get(pk=pk)


def end_holding(*, actor: Actor, holding: Holding, now: datetime) -> None:
    """The facility no longer holds the chemical. Its design stays counted until the facility is decommissioned.

    :raises Conflict: stock is left.
    """
    file = holding.file
    require_keeper(actor, file)
    with assessing(actor=actor, now=now, because="registry.stock.end") as pending:
        won = (
            Holding.objects.filter(pk=holding.pk, ended_date__isnull=True)
            .exclude(present_t__gt=0)
            .update(ended_date=Calendar().local_date(now), updated_at=now, version=F("version") + 1)
        )
        if not won:
            raise Conflict(_("仍有存量或已停止储存，请先登记出库或盘点为零。"))
        note(actor, "registry.stock.end", file, now, {"holding": holding.pk})
        pending.add(holding.facility.unit_id)


def _is_merged(unit_id: uuid.UUID) -> bool:
    return asked_once(("merged", unit_id), lambda: is_merged(unit_id))


def _count(
    actor: Actor, holding: Holding, found: Decimal, at: datetime, now: datetime, remark: str
) -> StockMovement:  # fmt: skip
    locked = Holding.objects.select_for_update(no_key=True).get(pk=holding.pk)
    return _write(actor, locked, MovementKind.COUNT, found - (locked.present_t or 0), found, at, now, remark)


def _shift(
    actor: Actor, holding: Holding, kind: str, quantity: Decimal, at: datetime, now: datetime, remark: str
) -> StockMovement:  # fmt: skip
    locked = Holding.objects.select_for_update(no_key=True).get(pk=holding.pk)
    standing = locked.present_t or Decimal(0)
    balance = standing + quantity if kind == MovementKind.IN else standing - quantity
    if balance < 0:
        sentence = _("出库量超过结存（%(standing)s 吨），请先盘点。") % {"standing": standing.normalize()}
        raise Invalid(fields={"quantity": sentence})
    return _write(actor, locked, kind, quantity, balance, at, now, remark)


def _write(
    actor: Actor, holding: Holding, kind: str, quantity: Decimal, balance: Decimal, at: datetime, now: datetime,
    remark: str,
) -> StockMovement:  # fmt: skip
    made = StockMovement.objects.create(
        holding=holding, kind=kind, quantity_t=quantity, balance_t=balance, at=at, by_name=actor.name[:60],
        by_user=actor.user_id, note=clean(remark)[:200], recorded_at=now,
    )  # fmt: skip
    Holding.objects.filter(pk=holding.pk).update(
        present_t=balance, present_at=at, present_by=actor.name[:60], updated_at=now, version=F("version") + 1
    )
    facts = {"holding": holding.pk, "kind": kind, "quantity_t": quantity, "balance_t": balance, "at": at}
    file = Enterprise(pk=holding.file_id)
    note(actor, "registry.stock.move", file, now, facts)
    return made


def _faults(spec: HoldingSpec) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name in ("licensed_t", "design_t", "present_t"):
        value = getattr(spec, name)
        if value is not None and value < 0:
            wrong[name] = _("数量不能为负数。")
        elif value is not None and value > LARGEST_T:
            wrong[name] = _("数量超出合理范围（一千万吨以内），请核对单位。")
    if spec.concentration is not None and not 0 < spec.concentration <= 1:
        wrong["concentration"] = _("含量应大于0%、不大于100%。")
    if spec.density is not None and not 0 < spec.density <= 30:
        wrong["density"] = _("密度应大于0、不大于30吨/立方米。")
    return wrong
