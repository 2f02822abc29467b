"""Records of exams for the walk over the access table."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from tests.architecture.records import Record
from tests.domains.training.exam_factories import make_exam, make_rule, sit
from tests.domains.training.factories import identity, own_file
from tests.factories import NOW, District

from quancheng.domains.training.models import Exam, ExamSitting, PaperRule, Person, Question
from quancheng.domains.training.services.persons import enter_person
from quancheng.domains.training.services.questions import enter_question


def question(district: District) -> Record:
    """Of an enterprise's own bank."""
    row = Question.objects.filter(stem="标记试题题干").first()
    if row is None:
        own_file(district)
        known = {"code": "MARK-1", "kind": "judge", "stem": "标记试题题干", "answer": "T", "subjects": ["law"]}
        row = enter_question(actor=district.enterprise, known=known, now=NOW)
    return Record({"pk": row.pk}, "标记试题题干")


def kind(district: District) -> Record:
    """No record, but a kind of question that anybody who keeps a bank may enter."""
    return Record({"kind": "single"}, "标记题型")


def rule(district: District) -> Record:
    row = PaperRule.objects.filter(name="标记组卷规则").first()
    if row is None:
        own_file(district)
        row = make_rule(district.enterprise, name="标记组卷规则")
    return Record({"pk": row.pk}, "标记组卷规则")


def exam(district: District) -> Record:
    return Record({"pk": _exam(district).pk}, "标记考试名称")


def door(district: District) -> Record:
    """Another exam, whose door is open to everybody and shows nothing of who sits it."""
    row = Exam.objects.filter(name="有门的考试").first() or _made(district, "有门的考试", "标记门内考生", 79)
    return Record({"door": row.door, "code": "AAAAAAAA"}, "标记门内考生")


def sitting(district: District) -> Record:
    """Of the first enterprise's exam, passed."""
    row = ExamSitting.objects.select_related("person", "exam").get(exam=_exam(district))
    if row.handed_in_at is None:
        sit(row.exam, row)
    return Record({"pk": row.pk}, "标记考生")


def paper(district: District) -> Record:
    """Of another exam, whose window is over: until then a paper is for who runs the exam."""
    row = Exam.objects.filter(name="过期的考试").first() or _made(district, "过期的考试", "标记答卷考生", 77)
    sat = ExamSitting.objects.select_related("person", "exam").get(exam=row)
    if sat.handed_in_at is None:
        sit(row, sat)
        now = timezone.now()
        Exam.objects.filter(pk=row.pk).update(opens_at=now - timedelta(hours=3), closes_at=now - timedelta(hours=1))
    return Record({"pk": sat.pk}, "标记答卷考生")


def _exam(district: District) -> Exam:
    return Exam.objects.filter(name="标记考试名称").first() or _made(district, "标记考试名称", "标记考生", 78)


def _made(district: District, name: str, who: str, order: int) -> Exam:
    rule(district)
    known = {"employment": "own", "name": who, "resident_id": identity(order), "staff_no": f"E00{order}"}
    person = Person.objects.filter(name=who).first() or enter_person(
        actor=district.enterprise, file=own_file(district), known={**known, "joined_date": None}, now=NOW
    )
    made = PaperRule.objects.get(name="标记组卷规则")
    return make_exam(district.enterprise, [person], name=name, rule=made, now=timezone.now())
