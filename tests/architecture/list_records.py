"""Records of departments' own checklists and of design diagnoses for the walk."""

from __future__ import annotations

from datetime import date

from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District, make_file

from quancheng.domains.hazards.models import DepartmentChecklist, DesignDiagnosis
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.design_diagnoses import DiagnosisSpec, enter_diagnosis
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
    """A published one: its words are everybody's, the pages of its loop still the department's own."""
    row = services.submit_list(actor=district.department, row=_draft(district, "标记自定检查表"), now=NOW)
    services.publish_list(actor=district.department_head, row=row, effective_date=NOW.date(), now=NOW)
    return Record({"pk": row.pk}, "标记发布手续")


def diagnosis(district: District) -> Record:
    """Of the first enterprise."""
    number = f"BJ-{DesignDiagnosis.objects.count()}"
    spec = DiagnosisSpec("diagnosis", 2022, "标记设计院", "甲级", number, date(2022, 5, 1),
                         [make_file(district.enterprise)])  # fmt: skip
    row = enter_diagnosis(actor=district.enterprise, file=own_file(district), spec=spec, now=NOW)
    return Record({"pk": row.pk}, "标记设计院")
