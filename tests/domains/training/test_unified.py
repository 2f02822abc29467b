"""The one way of the four main posts over time: set, changed, ended, and what counts on which day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.domains.training.education_scene import days_ago, learn
from tests.domains.training.exam_factories import begin, make_rule, right
from tests.domains.training.factories import make_person, own_file
from tests.domains.training.test_sessions import course as taught
from tests.domains.training.test_sessions import enrolled, made, signed, tomorrow_at
from tests.domains.training.test_special_training import arranged, held, of_kind, posted, sat_by, unify
from tests.factories import District, client_of, make_district

from quancheng.domains.training import jobs
from quancheng.domains.training.models import (
    Course,
    Exam,
    ExamPass,
    ExamSitting,
    Person,
    Programme,
    ProgrammeStanding,
    TrainingSession,
    UnifiedWay,
)
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.measuring import measure
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver


@pytest.fixture
def district(db: None) -> District:
    made = make_district()
    own_file(made)
    of_kind(made, "producer")
    return made


@pytest.fixture
def head(district: District) -> Client:
    return client_of(district.department_head)


@pytest.fixture
def person(district: District, own: Client) -> Person:
    made = make_person(district, staff_no="A1")
    posted(own, made, "main_head")
    return made


def material(district: District, title: str) -> Course:
    office = client_of(district.department)
    made = office.post("/training/courses/new", {
        "title": title, "programme": programme_of("heads-unified").pk, "hours": "8", "teacher": "讲师甲",
        "content": "内容",
    })  # fmt: skip
    file = {"act": "materials", "materials": SimpleUploadedFile("教材.txt", "教材正文".encode())}
    assert office.post(made["Location"], file).status_code == 303
    return Course.objects.get(title=title)


@pytest.fixture
def one(district: District, head: Client) -> Programme:
    """The programme of eight hours; its one way began ten days ago."""
    row = programme_of("heads-unified")
    Programme.objects.filter(pk=row.pk).update(first_hours=8)
    course, rule = material(district, "统编教材课"), make_rule(district.department, name="统一卷")
    assert unify(head, row, course, rule).status_code == 303
    began(row, 10)
    row.refresh_from_db()
    return row


def began(row: Programme, days: int) -> None:
    Programme.objects.filter(pk=row.pk).update(unified_from=days_ago(days))
    UnifiedWay.objects.filter(programme=row).update(from_date=days_ago(days))


def ended(row: Programme, days: int) -> None:
    Programme.objects.filter(pk=row.pk).update(unified_to=days_ago(days))
    UnifiedWay.objects.filter(programme=row).update(to_date=days_ago(days))


def end(client: Client, row: Programme, **given: Any) -> Any:
    row.refresh_from_db()
    body = {"act": "end_unify", "reason": "区决定", "version": row.version, **given}
    return client.post(f"/training/programmes/{row.pk}", body)


def had_by(person: Person, row: Programme) -> Decimal:
    measure([person.pk], now=timezone.now())
    return ProgrammeStanding.objects.get(person=person, programme=row).had


def test_hours_of_a_former_material_count_when_they_are_entered_after_the_change(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    former, later = one.unified_course, material(district, "新编教材课")
    assert former is not None
    assert unify(head, one, later, one.unified_rule, from_date=one.unified_from).status_code == 303
    assert learn(own, person, one, course=former.pk, held_date=days_ago(3), hours="4").status_code == 303
    assert had_by(person, one) == 4, "on that day it was the one material"
    assert learn(own, person, one, course=later.pk, held_date=days_ago(3), hours="2").status_code == 303
    assert had_by(person, one) == 4, "on that day it was not yet"
    today = timezone.localdate()
    for course in (former, later):
        assert learn(own, person, one, course=course.pk, held_date=today, hours="2").status_code == 303
    assert had_by(person, one) == 8, "on the day of the change both are"
    page = own.get(f"/training/programmes/{one.pk}?tab=unified").content.decode()
    assert "统编教材课" in page
    assert "新编教材课" in page


def test_the_one_way_ends_on_a_day_and_who_is_under_way_keeps_what_counted(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    office, course, rule = client_of(district.department), one.unified_course, one.unified_rule
    assert course is not None
    assert rule is not None
    assert learn(own, person, one, course=course.pk, held_date=days_ago(5), hours="4").status_code == 303
    assert learn(own, person, one, held_date=days_ago(5), hours="3").status_code == 303
    assert had_by(person, one) == 4
    assert end(head, one, to_date=days_ago(1)).status_code == 422, "never backwards"
    assert end(head, one).status_code == 422, "which day?"
    assert end(own, one, to_date=timezone.localdate()).status_code == 403
    assert end(head, one, to_date=timezone.localdate() + timedelta(days=9)).status_code == 303
    assert "停用日期" in own.get(f"/training/programmes/{one.pk}?tab=unified").content.decode()
    assert end(head, one).status_code == 303, "an end that has not come is taken back"
    one.refresh_from_db()
    assert one.unified_to is None
    assert end(head, one, to_date=timezone.localdate()).status_code == 303
    assert arranged(own, district, rule, "当天自考", person).status_code == 422, "the last day is one of it"
    ended(one, 1)
    one.refresh_from_db()
    told = own.get(f"/api/v1/training/programmes/{one.pk}").json()
    assert told["unified_to"] == str(days_ago(1))
    assert learn(own, person, one, hours="4").status_code == 303
    assert had_by(person, one) == 8, "what counted, and what any material taught after it; not the three between"
    theirs = make_rule(district.enterprise, name="本厂卷")
    assert arranged(own, district, theirs, "本厂考试", person).status_code == 303
    sat = sat_by("本厂考试", person)
    assert (sat.is_passed, sat.not_counted) == (True, "")
    assert ProgrammeStanding.objects.get(person=person, programme=one).state == "done"
    assert not ExamPass.objects.get(person=person, programme=one).is_unified
    assert end(head, one, to_date=timezone.localdate()).status_code in (403, 409), "there is none any more"
    assert office.post(f"/training/courses/{course.pk}", {"act": "end"}).status_code == 303, "no one's material now"


def test_one_way_that_begins_anew_leaves_the_days_of_the_former_as_they_were(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    course, rule = one.unified_course, one.unified_rule
    assert course is not None
    ended(one, 4)
    assert unify(head, one, course, rule).status_code == 303
    one.refresh_from_db()
    assert one.unified_before == [days_ago(10), days_ago(4)]
    for day, counted in ((5, 0), (2, 1), (0, 1)):
        assert learn(own, person, one, held_date=days_ago(day), hours="1").status_code == 303
        assert had_by(person, one) == counted, day
    assert learn(own, person, one, course=course.pk, held_date=days_ago(6), hours="1").status_code == 303
    assert had_by(person, one) == 2


def test_one_way_that_has_not_begun_is_taken_back_whole(district: District, head: Client, one: Programme) -> None:
    soon = timezone.localdate() + timedelta(days=3)
    Programme.objects.filter(pk=one.pk).update(unified_from=soon)
    UnifiedWay.objects.filter(programme=one).update(from_date=soon)
    assert end(head, one).status_code == 303
    one.refresh_from_db()
    assert (one.unified_from, one.unified_course, one.unified_by_id) == (None, None, None)
    assert not UnifiedWay.objects.exists()


def test_an_exam_before_the_first_day_of_the_one_way_was_not_by_it(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    soon = timezone.localdate() + timedelta(days=1)
    Programme.objects.filter(pk=one.pk).update(unified_from=soon)
    UnifiedWay.objects.filter(programme=one).update(from_date=soon)
    theirs = make_rule(district.enterprise, name="本厂卷")
    assert arranged(own, district, theirs, "此前的考试", person).status_code == 303
    assert sat_by("此前的考试", person).is_passed
    assert not ExamPass.objects.get(person=person, programme=one).is_unified


def test_a_newer_release_words_no_programme_anew_that_has_one_way(one: Programme) -> None:
    assert one.changed_at is not None


def test_a_change_of_the_one_way_measures_its_heads_in_a_job(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    assert learn(own, person, one, held_date=days_ago(2), hours="8").status_code == 303
    assert had_by(person, one) == 0
    ended(one, 3)
    assert unify(head, one, one.unified_course, one.unified_rule).status_code == 303
    standing = ProgrammeStanding.objects.get(person=person, programme=one)
    assert standing.had == 0, "nobody waits for it"
    last = Delivery.objects.filter(subscriber="training.unified").order_by("-pk").first()
    assert last is not None
    assert deliver(event_id=last.event_id, subscriber="training.unified", now=timezone.now())
    assert ProcrastinateJob.objects.filter(task_name="training.owing").count() == 1
    jobs.owing(code=one.code)
    assert ProgrammeStanding.objects.get(person=person, programme=one).had == 8


def test_the_offices_exam_goes_on_after_the_end_and_counts_as_any_other(
    district: District, own: Client, head: Client, person: Person, one: Programme
) -> None:
    office = client_of(district.department)
    assert learn(own, person, one, course=one.unified_course_id, held_date=days_ago(2)).status_code == 303
    assert held(office, district, one.unified_rule, "统一考试", "main_head").status_code == 303  # type: ignore[arg-type]
    ended(one, 1)
    passed = sat_by("统一考试", person)
    assert (passed.is_passed, passed.not_counted) == (True, "")
    assert passed.certificate_no


def test_one_way_that_begins_today_undoes_no_exam_and_no_hours_of_the_same_morning(
    district: District, own: Client, head: Client, person: Person
) -> None:
    row = programme_of("heads-unified")
    Programme.objects.filter(pk=row.pk).update(first_hours=8)
    course, rule = material(district, "统编教材课"), make_rule(district.department, name="统一卷")
    theirs = make_rule(district.enterprise, name="本厂卷")
    second = make_person(district, order=2, staff_no="A2")
    posted(own, second, "main_head")
    today = timezone.localdate()
    for one in (person, second):
        assert learn(own, one, row, held_date=today, hours="8").status_code == 303
    assert arranged(own, district, theirs, "上午的考试", person, second).status_code == 303
    assert sat_by("上午的考试", person).is_passed
    # The other has begun, and hands in after the one way was set.
    exam = Exam.objects.get(name="上午的考试")
    sitting = ExamSitting.objects.select_related("person").get(exam=exam, person=second)
    browser = begin(exam, sitting)
    assert unify(head, row, course, rule).status_code == 303
    handed = {"act": "hand_in", "all": "1", **right(sitting)}
    assert browser.post(f"/x/{exam.door}/-/paper", handed).status_code == 302
    for one in (person, second):
        measure([one.pk], now=timezone.now())
        standing = ProgrammeStanding.objects.get(person=one, programme=row)
        assert (standing.had, standing.exam_passed) == (8, True)
    sitting.refresh_from_db()
    assert (sitting.is_passed, sitting.not_counted) == (True, "")
    assert arranged(own, district, theirs, "下午的考试", person).status_code == 422, "from now on the one paper alone"
    told = own.get(f"/api/v1/training/programmes/{row.pk}").json()
    assert [(one["course_id"], one["rule_id"], one["to_date"]) for one in told["ways"]] == [
        (str(course.pk), str(rule.pk), None)
    ]
    listed = own.get("/api/v1/training/programmes?limit=200").json()["items"]
    assert [len(one["ways"]) for one in listed if one["code"] == row.code] == [1]


def test_a_session_that_began_before_the_one_way_was_set_counts_though_it_is_closed_afterwards(
    district: District, own: Client, head: Client, person: Person
) -> None:
    row = programme_of("heads-unified")
    course_of_day, rule = material(district, "统编教材课"), make_rule(district.department, name="统一卷")
    theirs = taught(own, "heads-unified")
    early, late = made(own, theirs), made(own, theirs, first=tomorrow_at(15))
    for one in (early, late):
        assert enrolled(own, one, person).status_code == 303
        signed(one, person, one.starts_at)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    TrainingSession.objects.filter(pk=early.pk).update(starts_at=midnight, ends_at=midnight + timedelta(seconds=1))
    assert unify(head, row, course_of_day, rule).status_code == 303
    now = timezone.now()
    TrainingSession.objects.filter(pk=late.pk).update(starts_at=now, ends_at=now + timedelta(milliseconds=1))
    for one in (early, late):
        assert own.post(f"/training/sessions/{one.pk}", {"act": "close"}).status_code == 303
    assert had_by(person, row) == early.hours, "what began afterwards is not by the one material"
