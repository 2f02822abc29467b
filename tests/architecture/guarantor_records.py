"""Records of guarantors for the walk: of the first enterprise."""

from __future__ import annotations

from datetime import date, timedelta

from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.hazards.models import GuarantorRound
from quancheng.domains.registry.models import Unit
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.loops.services import enter


def hazard(district: District) -> Record:
    row = Unit.objects.create(
        file=own_file(district), code="ZB1", name="标记包保罐区", kind="storage", legal_grade=3,
        legal_at=NOW - timedelta(days=9), created_at=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记包保罐区")


def period(district: District) -> Record:
    file = own_file(district)
    row = GuarantorRound(
        owner_org_id=file.pk, enterprise_id=file.pk, area_id=file.area_id, links=file.links, reach="chain", file=file,
        role="operation", title="标记履职事项", first_date=date(2026, 8, 31), last_date=date(2026, 9, 6),
        due_date=date(2026, 9, 7), created_at=NOW,
    )  # fmt: skip
    made = enter(actor=system_actor("hazards", "hazards.guarantors.perform"), row=row, now=NOW)
    return Record({"pk": made.pk}, "标记履职事项")
