"""What a sheet entered by mistake taken back, while nobody used it: for the undo of an import."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import (
    AccessPass,
    Chemical,
    Enterprise,
    Facility,
    Filing,
    Holding,
    MajorHazard,
    Product,
    SafetyCode,
    SensitivePlace,
    StockMovement,
    Unit,
)
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.services import chemicals, places, stock
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import ENTER, note, require_keeper
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict
from quancheng.kernel.loops.services import take_out
from quancheng.kernel.people.administration import remove_organisation

#: The record of a facility whose entry was taken back: nothing was ever built, so it may be entered again.
TAKEN_BACK = "撤销导入"


def withdraw_enterprise(*, actor: Actor, file: Enterprise, now: datetime) -> None:
    """Take out a file that was entered by mistake; its organisation too, where it was entered with it.

    A filing that the clock called for since and that nobody touched goes with it.

    :raises Conflict: somebody worked with it. :raises ProtectedError: something refers to it.
    """
    actor.require(ENTER)
    require_keeper(actor, file)
    used = file.verified_at is not None or file.version > 1
    if used or file.units.exists() or file.contacts.exists() or file.leases.exists():
        raise Conflict(_("该企业的档案已在使用，不能撤销登记。"))
    organisation = file.owner_org
    entered_with_it = organisation.created_at == file.created_at
    with transaction.atomic():
        for filing in Filing.objects.filter(file=file).exclude(rule=""):
            take_out(actor=actor, row=filing, now=now)
        note(actor, "registry.enterprise.withdraw", file, now, {"name": organisation.name})
        Enterprise.objects.visible_to(actor).filter(pk=file.pk).delete()
        if entered_with_it:
            house = system_actor("registry", "people.organisations.manage")
            remove_organisation(actor=house, organisation=organisation, now=now)


def withdraw_holding(*, actor: Actor, holding: Holding, now: datetime) -> None:
    """Take back that a facility holds a chemical, and with it the facility and the unit that were entered with it.

    What was counted stays in the records of movements; only the count that came with the entry is set to nothing.

    :raises Conflict: stock was moved since, or the unit is on file as a major hazard.
    """
    require_keeper(actor, holding.file)
    moved = StockMovement.objects.filter(holding=holding).exclude(recorded_at=holding.created_at)
    if moved.exists():
        raise Conflict(_("该存量已有出入库记录，不能撤销。"))
    facility = holding.facility
    with assessing(actor=actor, now=now, because="registry.import.undo", may_fall=True):
        if holding.present_t:
            stock.move_stock(
                actor=actor, holding=holding, kind=MovementKind.COUNT, quantity_t=Decimal(0), at=now,
                remark=TAKEN_BACK, now=now,
            )  # fmt: skip
        stock.end_holding(actor=actor, holding=holding, now=now)
        if facility.created_at == holding.created_at:
            withdraw_facility(actor=actor, facility=facility, now=now)
        else:
            _refuse_filed(facility.unit)


def withdraw_facility(*, actor: Actor, facility: Facility, now: datetime) -> None:
    """Take back a facility, and its unit where that came with it; one that still holds something stays.

    :raises Conflict: the unit is on file as a major hazard.
    """
    file, unit = facility.unit.file, facility.unit
    require_keeper(actor, file)
    with assessing(actor=actor, now=now, because="registry.import.undo", may_fall=True) as pending:
        _refuse_filed(unit)
        if Holding.objects.filter(facility=facility, ended_date__isnull=True).exists():
            return
        Facility.objects.filter(pk=facility.pk).update(
            decommissioned_date=Calendar().local_date(now), decommission_record=TAKEN_BACK
        )
        note(actor, "registry.facility.withdraw", file, now, {"facility": facility.pk})
        pending.add(unit.pk)
        working = Facility.objects.filter(unit=unit, decommissioned_date__isnull=True)
        if unit.created_at == facility.created_at and not working.exists():
            Unit.objects.filter(pk=unit.pk).update(ended_date=Calendar().local_date(now))
            note(actor, "registry.unit.withdraw", file, now, {"unit": unit.pk})


def enter_again(*, actor: Actor, facility: Facility, now: datetime) -> None:
    """A facility that was only taken back is entered after all, with its unit.

    :raises Conflict: it was really put out of service.
    """
    file = facility.unit.file
    require_keeper(actor, file)
    with transaction.atomic():
        won = Facility.objects.filter(pk=facility.pk, decommission_record=TAKEN_BACK).update(
            decommissioned_date=None, decommission_record="", created_at=now
        )
        if not won:
            raise Conflict(_("该设施已退役，不能再登记存量。"))
        ended = Unit.objects.filter(pk=facility.unit_id, ended_date__isnull=False)
        ended.update(ended_date=None, created_at=now)
        note(actor, "registry.facility.enter", file, now, {"facility": facility.pk, "again": True})


def withdraw_chemical(*, actor: Actor, chemical: Chemical, now: datetime) -> None:
    """Take a chemical out of the register. :raises ProtectedError: somebody holds it or refers to it."""
    actor.require(chemicals.KEEP)
    with transaction.atomic():
        journal.record(
            actor=actor, act="registry.chemical.withdraw", subject_type="registry.chemical", subject_id=chemical.pk,
            facts={"name": chemical.name, "cas": chemical.cas}, now=now,
        )  # fmt: skip
        chemical.delete()


def withdraw_place(*, actor: Actor, place: SensitivePlace, now: datetime) -> None:
    """Take back a sensitive place; the row stays as ended, and the place may be entered again.

    :raises Conflict: somebody changed it since.
    """
    if place.version > 1:
        raise Conflict(_("“%(name)s”登记后已有修改，不能撤销登记。") % {"name": place.name})
    places.end_place(actor=actor, place=place, now=now)


def withdraw_product(*, actor: Actor, product: Product, now: datetime) -> None:
    """Take out a product that was entered by mistake, with its code, which nobody can have printed to good use.

    :raises Conflict: it was changed, has a data sheet, or its code was extended, opened or given to somebody.
    """
    require_keeper(actor, product.file)
    code = SafetyCode.objects.filter(product=product).first()
    scanned = code is not None and (code.withdrawn_at or code.extensions.exists() or code.scans.exists())
    looked = AccessPass.objects.filter(product=product).exists()
    if product.version > 1 or product.ended_date or product.sheets.exists() or scanned or looked:
        raise Conflict(_("“%(name)s”已在使用，不能撤销登记。") % {"name": product.name})
    with transaction.atomic():
        note(actor, "registry.product.withdraw", product.file, now, {"product": product.pk, "name": product.name})
        product.delete()


def _refuse_filed(unit: Unit) -> None:
    if MajorHazard.objects.filter(unit=unit).exclude(status="DELISTED").exists():
        raise Conflict(_("单元“%(unit)s”已辨识为重大危险源，请按核销程序办理。") % {"unit": unit.name})
