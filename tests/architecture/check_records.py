"""Records of checks, stoppages, design re-verifications, laboratories and supplies of fuel for the walk."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.architecture.census_records import _census, _file
from tests.architecture.records import Record
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, District

from quancheng.domains.registry.models import Laboratory, Reverification, Stoppage, Unit
from quancheng.domains.registry.queries.checks import items_of
from quancheng.domains.registry.services import checks, fuel
from quancheng.domains.registry.services.checks import CheckSpec


def _unit(district: District, mark: str) -> Unit:
    code = f"C{Unit.objects.count() + 1}"
    return make_unit(district.enterprise, _file(district), code=code, name=mark)


def _stoppage(district: District) -> Stoppage:
    return checks.stop(
        actor=district.enterprise, file=_file(district), unit=_unit(district, "标记停产单元"), since=NOW.date(),
        reason="标记停产原因", resume=None, every_days=30, now=NOW,
    )  # fmt: skip


def stoppage(district: District) -> Record:
    return Record({"pk": _stoppage(district).pk, "act": "resume"}, "标记停产原因")


def check(district: District) -> Record:
    items = items_of("stopped", census=None, on=NOW.date())[1]
    spec = CheckSpec({one.place: ("yes", "") for one in items}, NOW.date(), "标记检查结论")
    row = checks.check_stoppage(actor=district.enterprise, stoppage=_stoppage(district), spec=spec, now=NOW)
    return Record({"pk": row.pk}, "标记检查结论")


def reverification(district: District) -> Record:
    """Opened by the bureau for the first enterprise."""
    found = Reverification.objects.first()
    if found is None:
        due = NOW.date() + timedelta(days=30)
        found = checks.open_reverification(actor=district.department, file=_file(district), due_date=due, now=NOW)
        Reverification.objects.filter(pk=found.pk).update(mended="标记整改")
    return Record({"pk": found.pk, "act": "pass"}, "标记整改")


def _laboratory(district: District) -> Laboratory:
    room = make_facility(district.enterprise, _unit(district, "示例单元"), kind="laboratory", code="L-1")
    known = {"kind": "teaching", "room": "标记房间", "head": "示例人"}
    return checks.enter_laboratory(actor=district.enterprise, facility=room, known=known, now=NOW)


def laboratory(district: District) -> Record:
    return Record({"pk": _laboratory(district).pk}, "标记房间")


def laboratory_room(district: District) -> Record:
    room = make_facility(district.enterprise, _unit(district, "标记实验单元"), kind="laboratory", code="L-2")
    return Record({"pk": room.pk}, "标记实验单元")


def fuel_supply(district: District) -> Record:
    known = {"supplier_name": "标记供应商", "monthly_t": Decimal(1), "stored_t": Decimal(1), "storage": "桶"}
    row = fuel.enter_supply(actor=district.enterprise, file=_file(district), known=known, now=NOW)
    return Record({"pk": row.pk}, "标记供应商")


def self_check(district: District) -> Record:
    """Asked of the first enterprise alone."""
    _file(district)
    return Record({"pk": _census(district).pk}, "标记自查项")
