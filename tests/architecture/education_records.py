"""Records of education for the walk over the access table."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.architecture.records import Record
from tests.architecture.training_records import person as _marked
from tests.architecture.training_records import post
from tests.domains.training.factories import own_file
from tests.factories import NOW, District, make_file

from quancheng.domains.training.models import (
    Course,
    Enrolment,
    Person,
    Programme,
    RetrainingOrder,
    RuleDocument,
    StudyRecord,
    TrainingPlan,
    TrainingRecord,
    TrainingSession,
)
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.courses import add_course, add_line, add_plan, publish_plan
from quancheng.domains.training.services.orders import order_retraining
from quancheng.domains.training.services.procedures import issue_document
from quancheng.domains.training.services.records import Learned, record_hours
from quancheng.domains.training.services.sessions import enrol, plan_session
from quancheng.domains.training.services.study import record_study
from quancheng.kernel.people.models import Membership


def programme(district: District) -> Record:
    """Law, which whoever looks at persons may read."""
    row = Programme.objects.get(code="four-new")
    Programme.objects.filter(pk=row.pk).update(name="标记培训大纲")
    return Record({"pk": row.pk}, "标记培训大纲")


def _person(district: District) -> Person:
    return Person.objects.get(pk=_marked(district).arguments["pk"])


def order(district: District) -> Record:
    """What the first enterprise's person must learn again."""
    row = RetrainingOrder.objects.filter(note="标记再培训").first() or order_retraining(
        actor=district.enterprise, person=_person(district), reason="other", programme=programme_of("four-new"),
        needs_exam=False, off_post=False, due_date=NOW.date(), now=NOW, explained="标记再培训",
    )  # fmt: skip
    return Record({"pk": row.pk}, row.code)


def record(district: District) -> Record:
    """Hours of the same."""
    learned = Learned(
        programme=programme_of("retraining"), held_date=NOW.date(), hours=Decimal(2), teacher="讲师",
        place="标记培训室", content="标记内容",
    )  # fmt: skip
    row = TrainingRecord.objects.filter(place="标记培训室").first()
    row = row or record_hours(actor=district.enterprise, person=_person(district), learned=learned, now=NOW)
    return Record({"pk": row.pk}, "标记培训室")


def course(district: District) -> Record:
    """A course of the first enterprise."""
    row = Course.objects.filter(title="标记课程").first() or add_course(
        actor=district.enterprise, title="标记课程", programme=programme_of("post-skills"), hours=Decimal(2),
        teacher="讲师", content="内容", is_practical=True, now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记课程")


def plan(district: District) -> Record:
    """A plan of the same, published."""
    row = TrainingPlan.objects.filter(title="标记培训计划").first()
    if row is None:
        row = add_plan(actor=district.enterprise, title="标记培训计划", year=NOW.year, now=NOW)
        known = {"title": "班次", "programme": programme_of("post-skills"), "month": 9, "audience": "操作工",
                 "people": 3, "hours": 2}  # fmt: skip
        add_line(actor=district.enterprise, plan=row, known=known, now=NOW)
        publish_plan(actor=district.enterprise, plan=row, now=NOW)
    return Record({"pk": row.pk}, "标记培训计划")


def session(district: District) -> Record:
    """A session of the same, with one seat."""
    row = TrainingSession.objects.filter(place="标记培训地点").first()
    if row is None:
        taught = Course.objects.get(pk=course(district).arguments["pk"])
        row = plan_session(
            actor=district.enterprise, course=taught, place="标记培训地点", teacher="讲师",
            starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=3), hours=Decimal(2), capacity=5,
            plan_line=None, now=NOW,
        )  # fmt: skip
        enrol(actor=district.enterprise, session=row, persons=[_person(district)], now=NOW)
    return Record({"pk": row.pk}, "标记培训地点")


def seat(district: District) -> Record:
    found = session(district)
    row = Enrolment.objects.get(session=found.arguments["pk"])
    return Record({"pk": row.session_id, "seat_id": row.pk}, "标记从业人员")


def matrix(district: District) -> Record:
    """What posts of the first enterprise demand, and who lacks it."""
    post(district)
    return Record({"pk": own_file(district).pk}, "标记从业人员")


def document(district: District) -> Record:
    """A rule of the first enterprise."""
    row = RuleDocument.objects.filter(title="标记规章制度").first() or issue_document(
        actor=district.enterprise, file=own_file(district), kind="rule", role=None, title="标记规章制度", edition="A",
        approved_by="负责人", in_force_date=NOW.date(), text=[make_file(district.enterprise)], now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记规章制度")


def regulator(district: District) -> Record:
    """Somebody of the first town's office."""
    return Record({"pk": district.town.user_id}, "标记监管人员")


def study(district: District) -> Record:
    """What he learned."""
    row = StudyRecord.objects.filter(title="标记网络课程").first()
    if row is None:
        place = Membership.objects.select_related("organisation").get(pk=district.town.membership_id)
        row = record_study(
            actor=district.town, place=place, programme=programme_of("regulator-yearly"), way="online",
            title="标记网络课程", given_by="平台", held_date=NOW.date(), hours=Decimal(2), score=None, proof_number="",
            now=NOW,
        )  # fmt: skip
    return Record({"pk": row.pk}, "标记学习记录作废")
