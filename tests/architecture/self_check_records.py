"""Records of self-checks, signed statistics, assessments and building for the walk: of the first enterprise."""

from __future__ import annotations

from datetime import date

from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District, make_file

from quancheng.domains.hazards.models import BuildingAcceptance, SelfCheck, SiteAssessment, StatisticsReport
from quancheng.domains.hazards.services.self_checks import confirm_mechanism
from quancheng.domains.hazards.services.site_assessments import open_assessment
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.loops.services import enter

_CLOCK = system_actor("hazards", "hazards.self_checks.sign", "hazards.signed_statistics.sign", "hazards.building.keep")


def self_check(district: District) -> Record:
    file = own_file(district)
    row = SelfCheck(
        **file.row_scope(), file=file, months=1, title="标记带队排查", first_date=date(2026, 8, 1),
        last_date=date(2026, 8, 31), due_date=date(2026, 8, 31), created_at=NOW,
    )  # fmt: skip
    return Record({"pk": enter(actor=_CLOCK, row=row, now=NOW).pk}, "标记带队排查")


def mechanism(district: District) -> Record:
    file = own_file(district)
    made = confirm_mechanism(
        actor=district.enterprise, file=file, matter="self_check", title="标记自查制度", issued=date(2026, 1, 5),
        text="", files=[make_file(district.enterprise)], now=NOW,
    )  # fmt: skip
    return Record({"pk": made.file_id}, "标记自查制度")


def statistics_report(district: District) -> Record:
    file = own_file(district)
    row = StatisticsReport(
        **file.row_scope(), file=file, supervisor_id=file.supervisor_id, kind="quarter", title="标记统计报表",
        first_date=date(2026, 4, 1), last_date=date(2026, 6, 30), due_date=date(2026, 7, 15), created_at=NOW,
    )  # fmt: skip
    return Record({"pk": enter(actor=_CLOCK, row=row, now=NOW).pk}, "标记统计报表")


def statistics_figure(district: District) -> Record:
    """The rows behind a number: their page names the report."""
    file = own_file(district)
    row = StatisticsReport(
        **file.row_scope(), file=file, supervisor_id=file.supervisor_id, kind="quarter", title="标记统计明细",
        first_date=date(2026, 1, 1), last_date=date(2026, 3, 31), due_date=date(2026, 4, 15), created_at=NOW,
    )  # fmt: skip
    return Record({"pk": enter(actor=_CLOCK, row=row, now=NOW).pk, "code": "found"}, "标记统计明细")


def site_assessment(district: District) -> Record:
    made = open_assessment(actor=district.department, file=own_file(district), year=2026, now=NOW)
    SiteAssessment.objects.filter(pk=made.pk).update(title="标记成效评估")
    return Record({"pk": made.pk}, "标记成效评估")


def building_acceptance(district: District) -> Record:
    file = own_file(district)
    row = BuildingAcceptance(
        **{**file.row_scope(), "owner_org_id": file.supervisor_id}, file=file, supervisor_id=file.supervisor_id,
        title="标记建设验收", told="试运行正常", created_at=NOW,
    )  # fmt: skip
    return Record({"pk": enter(actor=_CLOCK, row=row, now=NOW).pk}, "标记建设验收")
