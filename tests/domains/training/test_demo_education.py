"""The demo's class on dangerous work and the one way of the four posts, on a small district."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from tests.domains.training.exam_factories import make_rule
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, make_district, make_file

from quancheng.domains.training import demo_education
from quancheng.domains.training.models import Course, Enrolment, PlanLine, Programme, TrainingRecord
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.courses import add_line, add_plan, publish_plan
from quancheng.kernel.access.actor import Actor


class _Desk:
    """What a desk of the demo gives, for one enterprise."""

    def __init__(self, district: District) -> None:
        self.of = {
            "emb": district.department, "emb.head": district.department_head, "enterprise1": district.enterprise
        }  # fmt: skip
        self.other = district.other_enterprise

    def actor(self, name: str) -> Actor:
        return self.of.get(name, self.other)

    def ago(self, days: int, *, hour: int = 1) -> datetime:
        day = timezone.now() - timedelta(days=days)
        return day if days == 0 else day.replace(hour=hour, minute=0, second=0, microsecond=0)

    def date_in(self, days: int) -> date:
        return timezone.localdate() + timedelta(days=days)

    def paper(self, actor: Actor, name: str, at: datetime) -> Any:
        return make_file(actor)


def test_the_demo_holds_a_class_on_dangerous_work_and_sets_the_four_unified(db: None) -> None:
    district = make_district()
    own_file(district)
    manager = make_person(district, order=1, staff_no="A1")
    make_post(district, manager, "safety_manager")
    desk: Any = _Desk(district)
    plan = add_plan(actor=district.department, title="示例计划", year=timezone.localdate().year, now=desk.ago(70))
    line = add_line(actor=district.department, plan=plan, now=desk.ago(70), known={
        "programme": programme_of("dangerous-work"), "title": "专题班", "month": 9, "audience": "企业", "people": 40,
        "hours": 8,
    })  # fmt: skip
    publish_plan(actor=district.department, plan=plan, now=desk.ago(69))
    demo_education._dangerous_work(desk, district.department, PlanLine.objects.get(pk=line.pk))
    assert Enrolment.objects.get(person=manager).outcome == "credited"
    assert TrainingRecord.objects.get(source="online").source_number == "示结业A1"
    demo_education.unify(desk, make_rule(district.department))
    one = Programme.objects.get(code="heads-unified")
    assert one.unified_course == Course.objects.get(programme=one)
    assert one.unified_by_id == district.department_org.pk
