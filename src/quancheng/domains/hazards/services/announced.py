"""A doubt about a daily announcement (承诺公告疑点) becomes one hidden danger, as the district's rule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from quancheng.domains.hazards.services.findings import REPORT, FindingSpec, report_finding
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.queries.announcements import get_doubt
from quancheng.domains.risk.services.doubting import note_finding
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.events.models import Event
from quancheng.standards.risk.commitment import REASONS

#: The item of the checklists that an announcement late or untrue fails (FC-35).
ITEM = "FC-35"
HOUSE = system_actor("hazards", REPORT)


def hear_doubt(event: Event, now: datetime) -> None:
    """Register the danger in the name of the office that supervises; the doubt is told its code, so that it is once."""
    row = get_doubt(actor=HOUSE, doubt_id=event.subject_id)
    if row.status != "FOUND" or row.finding_code:
        return
    file = get_enterprise(actor=HOUSE, file_id=row.announcement.file_id)
    said = "；".join(one["zh"] for one in row.said)
    more = (row.text and f"企业说明：{row.text}", row.decision and f"核实：{row.decision}")
    told = "。".join(one for one in (said, *more) if one)
    spec = FindingSpec(
        name=f"安全承诺公告（{row.day:%Y-%m-%d}）：{REASONS[row.reason].name.zh}", description=told,
        place="安全承诺公告", found_at=event.at, source="regulator", type="safety", checklist_item=ITEM,
    )  # fmt: skip
    made = report_finding(actor=_in_the_name_of(row.supervisor_id, row.supervisor.name), file=file, spec=spec, now=now)
    note_finding(doubt_id=row.pk, code=made.code, url=reverse("hazards:finding", args=[made.pk]))


def _in_the_name_of(office_id: object, name: str) -> Actor:
    """The house, acting for the office to which the danger is then shown as found by it."""
    whose = {"name": name, "organisation_id": office_id, "organisation_name": name}
    return replace(HOUSE, **whose, supervises=True, whole_district=True)  # type: ignore[arg-type]
