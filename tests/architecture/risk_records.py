"""Records of risk for the walk: all of the first enterprise."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.risk.factories import make_event, make_grading, make_measure, make_object, make_post, make_unit
from tests.factories import NOW, District

from quancheng.domains.risk.models import EnterpriseRisk, Grading, Policy, RiskEvent, RiskObject, RiskUnit, SitePlan
from quancheng.domains.risk.services.plans import add_plan, draw_mark
from quancheng.domains.risk.services.policies import follow_colour


def _object(district: District, mark: str = "示例对象") -> RiskObject:
    code = f"O{RiskObject.objects.count() + 1}"
    return make_object(district.enterprise, _file(district), code=code, name=mark)


def _unit(district: District, mark: str = "示例单元") -> RiskUnit:
    return make_unit(district.enterprise, _object(district), name=mark)


def _event(district: District, mark: str = "示例事件") -> RiskEvent:
    return make_event(district.enterprise, _unit(district), name=mark)


def risk_object(district: District) -> Record:
    return Record({"pk": _object(district, "标记风险对象").pk}, "标记风险对象")


def risk_unit(district: District) -> Record:
    return Record({"pk": _unit(district, "标记风险单元").pk}, "标记风险单元")


def risk_event(district: District) -> Record:
    return Record({"pk": _event(district, "标记风险事件").pk}, "标记风险事件")


def risk_assess(district: District) -> Record:
    return Record({"pk": _event(district, "标记评估事件").pk, "method": "ls"}, "标记评估事件")


def measure(district: District) -> Record:
    row = make_measure(district.enterprise, _event(district), text="标记管控措施")
    return Record({"pk": row.pk}, "标记管控措施")


def work_post(district: District) -> Record:
    return Record({"pk": make_post(district.enterprise, _file(district), name="标记岗位").pk}, "标记岗位")


def risk_file(district: District) -> Record:
    """The risks of the first enterprise, known by an object of its."""
    row = _object(district, "标记风险档案")
    return Record({"pk": row.file_id}, "标记风险档案")


def _draft(district: District) -> Grading:
    file = _file(district)
    under_way = Grading.objects.filter(file=file, status="DRAFT").first()
    return under_way or make_grading(district.enterprise, file)


def grading(district: District) -> Record:
    """A round that the enterprise fills in."""
    row = _draft(district)
    return Record({"pk": row.pk}, row.code)


def grading_line(district: District) -> Record:
    row = _draft(district)
    return Record({"pk": row.pk, "code": "A1"}, row.code)


def policy(district: District) -> Record:
    """A plan that a red enterprise owes."""
    file = _file(district)
    EnterpriseRisk.objects.update_or_create(
        file=file, defaults={"graded_level": 1, "present_level": 1, "forced": [], "at": NOW}
    )
    row = follow_colour(file=file, now=NOW) or Policy.objects.exclude(status="ENDED").get(file=file)
    return Record({"pk": row.pk}, row.code)


def _plan(district: District) -> SitePlan:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#eef2f3").save(out, format="PNG")
    file = _object(district, "标记图上对象").file
    return add_plan(
        actor=district.enterprise, file=file, name=f"标记平面图{SitePlan.objects.count()}", edition=NOW.date(),
        upload=SimpleUploadedFile("plan.png", out.getvalue()), now=NOW,
    )  # fmt: skip


def site_plan(district: District) -> Record:
    row = _plan(district)
    return Record({"pk": row.pk}, row.name)


def plan_sheet(district: District) -> Record:
    row = _plan(district)
    return Record({"pk": row.pk, "size": "a3"}, row.name)


def plan_mark(district: District) -> Record:
    row = _plan(district)
    subject = RiskObject.objects.filter(file=row.file_id).order_by("-created_at", "-pk").first()
    assert subject is not None
    mark = draw_mark(actor=district.enterprise, plan=row, subject_id=subject.pk, points=[(10, 10)], now=NOW)
    return Record({"pk": row.pk, "mark": mark.pk}, row.name)


def plan_subject(district: District) -> Record:
    row = _plan(district)
    subject = RiskObject.objects.filter(file=row.file_id).order_by("-created_at", "-pk").first()
    assert subject is not None
    return Record({"pk": row.pk, "subject": subject.pk}, row.name)
