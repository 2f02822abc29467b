"""Records of experts and agencies for the walk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.architecture.records import Record
from tests.domains.training.factories import own_file
from tests.factories import NOW, District, make_file

from quancheng.domains.training.models import AgencyReport, Assignment, PoolMember, ServiceContract
from quancheng.domains.training.services.pools import agencies, assignments, members

_TODAY = NOW.date()


def _member(district: District, name: str, letter: str, **known: Any) -> PoolMember:
    given = {
        "kind": "expert", "name": name, "fields": ["process"], "letter": letter, "term_from": _TODAY,
        "term_to": _TODAY + timedelta(days=700), **known,
    }  # fmt: skip
    return PoolMember.objects.filter(name=name).first() or members.engage_member(
        actor=district.department, known=given, now=NOW
    )


def member(district: District) -> Record:
    """Whoever has the duty may know who stands in the pool."""
    return Record({"pk": _member(district, "标记专家", "标聘001").pk}, "标记专家")


def assignment(district: District) -> Record:
    row = Assignment.objects.filter(report="标记履职情况").first()
    if row is None:
        row = assignments.assign_member(
            actor=district.department, file=own_file(district), member=_member(district, "标记专家", "标聘001"),
            purpose="screening", field="process", visit_date=_TODAY, now=NOW,
        )  # fmt: skip
        Assignment.objects.filter(pk=row.pk).update(report="标记履职情况")
    return Record({"pk": row.pk}, "标记履职情况")


def report_file(district: District) -> Record:
    return Record({"pk": assignment(district).arguments["pk"], "ending": "docx"}, "标记履职情况")


def _agency(district: District) -> PoolMember:
    return _member(district, "标记评价机构", "标聘002", kind="agency", certificate="标APJ", scope="全部")


def agency_report(district: District) -> Record:
    known = {
        "number": "标评价编号", "kind": "current", "field": "process", "contract_date": _TODAY, "site_date": _TODAY,
        "report_date": _TODAY, "conclusion": "可接受", "problem_count": 0, "hazard_count": 0,
    }  # fmt: skip
    row = AgencyReport.objects.filter(number="标评价编号").first() or agencies.enter_report(
        actor=district.enterprise, file=own_file(district), agency=_agency(district), known=known,
        team=[{"name": "某评", "certificate": "P1"}], files=[make_file(district.enterprise)], photos=[], now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标评价编号")


def service(district: District) -> Record:
    known = {
        "number": "标记服务合同", "kinds": ["training"], "from_date": _TODAY, "to_date": _TODAY, "amount_yuan": 1,
        "visits_a_year": 1,
    }  # fmt: skip
    row = ServiceContract.objects.filter(number="标记服务合同").first() or agencies.enter_service(
        actor=district.enterprise, file=own_file(district), provider=_agency(district), known=known, files=[], now=NOW
    )
    return Record({"pk": row.pk}, "标记服务合同")
