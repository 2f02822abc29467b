"""Records of departments' own checklists and of design diagnoses for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.factories import NOW, District

from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.kernel.law.services import ClauseSpec


def _draft(district: District, name: str) -> DepartmentChecklist:
    spec = services.ListSpec(name, "persons")
    row = services.draft_list(actor=district.department, spec=spec, now=NOW)
    item = ClauseSpec(place="", summary=f"{name}检查内容", grade="general")
    return services.save_items(actor=district.department, row=row, items=[(1, item)], now=NOW)


def draft(district: District) -> Record:
    """A draft: the department's own."""
    return Record({"pk": _draft(district, "标记拟订检查表").pk}, "标记拟订检查表")


def department_list(district: District) -> Record:
    """A published one: on the pages of its loop still the department's own."""
    row = services.submit_list(actor=district.department, row=_draft(district, "标记自定检查表"), now=NOW)
    services.publish_list(actor=district.department_head, row=row, effective_date=NOW.date(), now=NOW)
    return Record({"pk": row.pk}, "标记自定检查表")
