"""Records of the domain ``duty`` for the walk."""

from __future__ import annotations

from datetime import date

from tests.architecture.records import Record
from tests.domains.duty.factories import make_assignment, make_task
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, District

from quancheng.domains.duty.models import OutsideReceipt, Plan, Receipt, Report
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services.own_plans import CallSpec, call_for_plans
from quancheng.domains.duty.services.receipts import send_on
from quancheng.domains.duty.services.reports import ReportText, make_pack, save_report
from quancheng.domains.duty.services.review import register_plan
from quancheng.domains.duty.services.staff import enter_member
from quancheng.domains.duty.services.tasks import Milestone, add_instalment
from quancheng.domains.duty.services.visits import (
    GroupSpec,
    VisitSpec,
    found_group,
    name_member,
    plan_visit,
    record_visit,
)


def _committed(district: District) -> Plan:
    """The one plan that several records are about."""
    return Plan.objects.exclude(status="REVIEW").first() or commit(district, NOW)


def task(district: District) -> Record:
    """A task of the office that the department leads."""
    row = make_task(district, title="标记任务")
    return Record({"pk": row.pk}, "标记任务")


def assignment(district: District) -> Record:
    """The first town's share of another task."""
    row = make_assignment(district, title="标记分工", leads=[(district.town_org, "甲街道")])
    return Record({"pk": row.pk}, "标记分工")


def instalment(district: District) -> Record:
    """The first town's milestone of another task."""
    held = make_assignment(district, title="分期任务", leads=[(district.town_org, "甲街道")])
    milestone = Milestone("m1", "标记期次", date(2030, 1, 1))
    row = add_instalment(actor=district.director, assignment=held, milestone=milestone, now=NOW)
    return Record({"pk": row.pk}, "标记期次")


def report(district: District) -> Record:
    """The department's report of a month."""
    _committed(district)
    row = Report.objects.get(org=district.department_org, period="2026-09", duty__kind="monthly")
    text = ReportText(progress="标记报告")
    save_report(actor=district.department, report=row, text=text, version=row.version, now=NOW)
    return Record({"pk": row.pk}, "标记报告")


def pack(district: District) -> Record:
    """A situation pack of the office."""
    plan = _committed(district)
    row = make_pack(actor=district.director, plans=[plan], first=NOW.date(), last=NOW.date(), now=NOW, title="标记通报")
    return Record({"pk": row.pk, "form": "docx"}, "标记通报")


def plan(district: District) -> Record:
    """A plan of the office, sent to the department and both towns."""
    row = _committed(district)
    return Record({"pk": row.pk}, row.title)


def _in_review(district: District, mark: str) -> Plan:
    """A plan of the office that waits for its review."""
    text = f"{mark}要点\n\n1.开展{mark}检查。\n责任单位：甲街道办事处\n完成时限：2026年10月底前\n"
    return register_plan(
        actor=district.director, lines=text.split("\n"), parsed=parse_plan(text).to_json(),
        source_name=f"{mark}.txt", source_sha256="0" * 64, now=NOW,
    )  # fmt: skip


def review(district: District) -> Record:
    """A plan in review."""
    return Record({"pk": _in_review(district, "标记审核").pk}, "标记审核")


def draft(district: District) -> Record:
    """The draft of a task of another plan in review."""
    return Record({"pk": _in_review(district, "标记待审").drafts.get().pk}, "标记待审")


def receipt(district: District) -> Record:
    """The first town's receipt of a plan."""
    row = Receipt.objects.get(plan=_committed(district), org=district.town_org)
    return Record({"pk": row.pk}, "标记签收")


def outside_receipt(district: District) -> Record:
    """A copy recipient's outside the house."""
    row = send_on(
        actor=district.director, plan=_committed(district), org=None, name="标记法院", capacity="copy", now=NOW
    )
    assert isinstance(row, OutsideReceipt)
    return Record({"pk": row.pk}, "标记法院")


def own_plan(district: District) -> Record:
    """The plan that the office demands of the first enterprise."""
    spec = CallSpec(
        title="标记计划", topics=["内容"], period_from=date(2026, 1, 1), period_to=date(2028, 12, 31),
        due_date=date(2026, 12, 1), orgs=[district.enterprise_org],
    )  # fmt: skip
    row = call_for_plans(actor=district.director, spec=spec, now=NOW).plans.get()
    return Record({"pk": row.pk}, "标记计划")


def group(district: District) -> Record:
    """A work group of the office in which the department is."""
    spec = GroupSpec("标记工作组", "work", district.office_org, NOW.date())
    row = found_group(actor=district.director, spec=spec, now=NOW)
    member = name_member(
        actor=district.director, group=row, role="3member", org=district.department_org, name="", post="", now=NOW
    )
    return Record({"pk": row.pk, "member_id": member.pk}, "标记工作组")


def visit(district: District) -> Record:
    """A visit of the office to the first town, made."""
    spec = VisitSpec(district.town_org, "标记督导", NOW.date())
    row = plan_visit(actor=district.director, spec=spec, now=NOW)
    record_visit(
        actor=district.director, visit=row, visited_date=NOW.date(), inspectors="某甲", text="情况",
        findings=["未设警示标志"], evidence=[], now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk, "finding_id": row.findings.get().pk, "act": "close"}, "标记督导")


def staff_member(district: District) -> Record:
    """A person of the department's force."""
    row = enter_member(
        actor=district.department, name="标记人员", post="", has_schooling=False, has_practice=False, schooling="",
        joined_by="other", joined_date=NOW.date(), now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记人员")
