"""The demo's led checks, signed statistics, assessments and building: a row in every state that people see."""

from __future__ import annotations

import pytest
from tests.runtime.test_demo_registry import load_registry

from quancheng.domains.hazards import demo_self_checks
from quancheng.domains.hazards.models import BuildingPaper, Mechanism, SelfCheck, SiteAssessment, StatisticsReport
from quancheng.domains.registry.demo_parts import Desk


@pytest.mark.slow
@pytest.mark.django_db
def test_every_state_has_its_row() -> None:
    district = load_registry()
    demo_self_checks.load(Desk(district))
    checks = SelfCheck.objects
    assert set(checks.values_list("status", flat=True)) == {"DUE", "DEPUTED", "DONE"}
    assert checks.filter(is_late=True).count() == 1
    own = checks.filter(file=district.enterprises[3].pk, last_date__lt=district.now.date())
    assert own.filter(status="DUE").exists()
    assert Mechanism.objects.count() == 5
    reports = StatisticsReport.objects
    assert set(reports.values_list("status", flat=True)) == {"DUE", "SIGNED", "RETURNED", "ACCEPTED"}
    assert reports.filter(is_corrected=True, is_late=True).exists()
    told = SiteAssessment.objects
    assert set(told.values_list("status", flat=True)) == {"DONE", "REVIEW", "SITE", "SELF", "DROPPED"}
    assert told.filter(status="DONE").count() == 2
    assert BuildingPaper.objects.count() == 11
