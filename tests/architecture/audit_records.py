"""Records of the audit of permits for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import District, make_actor

from quancheng.domains.permits.models import (
    AuditFinding,
    ExposedCase,
    Permit,
    PermitAudit,
    SpotCheck,
    SpotDraw,
    WorkFiling,
)
from quancheng.domains.permits.services.auditing import audit_permit
from quancheng.domains.permits.services.exposed import CaseSpec, write_case
from quancheng.domains.permits.services.filings import file_permit
from quancheng.domains.permits.services.spot import choose, draw_for

_MARK = "标记被审计的作业"
_SEED = "标记作业抽取种子"


def _audit(district: District) -> PermitAudit:
    found = PermitAudit.objects.filter(permit__content=_MARK, is_newest=True).first()
    if found is None:
        # Not hot work: a special period among the records would have it upgraded.
        permit = make_permit(district, "CS", crew=crew_of(district, "CS", order=780), content=_MARK)
        found = audit_permit(permit=permit, moment="ISSUE", now=NOW + timedelta(hours=1))
    assert found is not None
    return found


def audit(district: District) -> Record:
    return Record({"pk": _audit(district).pk}, _MARK)


def finding(district: District) -> Record:
    """One that its enterprise and the office that supervises it see; its page names the permit."""
    row = AuditFinding.objects.filter(permit=_audit(district).permit_id).order_by("rule").first()
    assert row is not None
    return Record({"pk": row.pk}, Permit.objects.get(pk=row.permit_id).number)


def rule(district: District) -> Record:
    """A rule of the audit: those who set rules see it."""
    return Record({"code": "A-025"}, "A-025")


def _draw(district: District) -> SpotDraw:
    found = SpotDraw.objects.filter(seed=_SEED).first()
    return found or draw_for(office_id=_audit(district).permit.file.supervisor_id, now=NOW, seed=_SEED)


def draw(district: District) -> Record:
    return Record({"pk": _draw(district).pk}, _SEED)


def check(district: District) -> Record:
    """One that is still to be made: the enterprise is not to know."""
    permit = _audit(district).permit
    row = SpotCheck.objects.filter(permit=permit).first()
    if row is None:
        office = make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")
        row = choose(actor=office, permit=permit, now=NOW)
        # The permit's own words are read by its enterprise elsewhere.
        SpotCheck.objects.filter(pk=row.pk).update(title="标记抽查事项")
    return Record({"pk": row.pk}, "标记抽查事项")


def filing(district: District) -> Record:
    """What an enterprise told of a job; its page names the job."""
    permit = _audit(district).permit
    row = WorkFiling.objects.filter(permit=permit).first()
    if row is None:
        row = file_permit(actor=district.enterprise, permit=permit, now=NOW)
    return Record({"pk": row.pk}, _MARK)


def permit(district: District) -> Record:
    """The permit that was audited."""
    return Record({"pk": _audit(district).permit_id}, _MARK)


def case(district: District) -> Record:
    """A case that is written: its own office alone reads it."""
    row = AuditFinding.objects.filter(permit=_audit(district).permit_id).order_by("rule").first()
    assert row is not None
    known = ExposedCase.objects.filter(finding=row).first()
    spec = CaseSpec(title="标记典型案例", what="某处作业前没有分析", rule="某条", outcome="已责令改正")
    made = known or write_case(actor=district.department, finding=row, spec=spec, now=NOW)
    return Record({"pk": made.pk}, "标记典型案例")
