"""Records of the domain ``duty`` for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.duty.factories import make_assignment, make_task
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, District

from quancheng.domains.duty.models import Report
from quancheng.domains.duty.services.reports import ReportText, make_pack, save_report


def task(district: District) -> Record:
    """A task of the office that the department leads."""
    row = make_task(district, title="标记任务")
    return Record({"pk": row.pk}, "标记任务")


def assignment(district: District) -> Record:
    """The first town's share of another task."""
    row = make_assignment(district, title="标记分工", leads=[(district.town_org, "甲街道")])
    return Record({"pk": row.pk}, "标记分工")


def report(district: District) -> Record:
    """The department's report of a month."""
    commit(district, NOW)
    row = Report.objects.get(org=district.department_org, period="2026-09", duty__kind="monthly")
    text = ReportText(progress="标记报告")
    save_report(actor=district.department, report=row, text=text, version=row.version, now=NOW)
    return Record({"pk": row.pk}, "标记报告")


def pack(district: District) -> Record:
    """A situation pack of the office."""
    plan = commit(district, NOW)
    row = make_pack(actor=district.director, plans=[plan], first=NOW.date(), last=NOW.date(), now=NOW, title="标记通报")
    return Record({"pk": row.pk}, "标记通报")
