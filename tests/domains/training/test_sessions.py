"""Courses, plans and sessions: who enrolled, who was there, who is credited, and what came of it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import entered
from tests.domains.training.factories import make_person
from tests.factories import District, client_of, make_actor

from quancheng.domains.training.models import (
    Course,
    Enrolment,
    Person,
    PlanLine,
    StudyRecord,
    TrainingPlan,
    TrainingSession,
)
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services import sessions as services
from quancheng.domains.training.services.records import Learned, record_hours


@pytest.fixture
def person(district: District) -> Person:
    return make_person(district, staff_no="A001", name="张某")


def course(client: Client, programme: str = "post-skills", **given: Any) -> Course:
    body = {
        "title": "岗位操作技能", "programme": programme_of(programme).pk, "hours": "2", "teacher": "讲师甲",
        "content": "操作规程\n初期处置", **given,
    }  # fmt: skip
    answer = client.post("/training/courses/new", body)
    assert answer.status_code == 303, answer.content.decode()
    return Course.objects.get(pk=answer["Location"].rsplit("/", 1)[1])


def tomorrow_at(hour: int) -> datetime:
    """Sessions are planned for tomorrow, so that whenever the test runs they are to come."""
    day = timezone.localtime() + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def session(client: Client, row: Course, *, first: datetime | None = None, **given: Any) -> Any:
    first = first or tomorrow_at(9)
    body = {
        "place": "培训室", "teacher": "讲师甲", "starts_at": f"{first:%Y-%m-%dT%H:%M}",
        "ends_at": f"{first + timedelta(minutes=100):%Y-%m-%dT%H:%M}", "hours": "2", "capacity": 2, **given,
    }  # fmt: skip
    return client.post(f"/training/courses/{row.pk}/sessions/new", body)


def made(client: Client, row: Course, **given: Any) -> TrainingSession:
    answer = session(client, row, **given)
    assert answer.status_code == 303, answer.content.decode()
    return TrainingSession.objects.get(pk=answer["Location"].rsplit("/", 1)[1])


def enrolled(client: Client, row: TrainingSession, *people: Person) -> Any:
    return client.post(f"/training/sessions/{row.pk}", {"act": "enrol", "people": [one.pk for one in people]})


def begun(row: TrainingSession, *, minutes_ago: int) -> None:
    """The session as it stands when it began so long ago."""
    first = timezone.now() - timedelta(minutes=minutes_ago)
    TrainingSession.objects.filter(pk=row.pk).update(starts_at=first, ends_at=first + timedelta(minutes=100))
    row.refresh_from_db()


def signed(row: TrainingSession, person: Person, at: datetime) -> Enrolment:
    return services.sign_in(session=row, staff_no=person.staff_no, name=person.name, now=at)


@pytest.mark.clause("S3-7.2c")
def test_hours_of_a_practical_course_go_to_who_was_there_and_passed_the_practice(
    district: District, own: Client, person: Person
) -> None:
    absent = make_person(district, order=2, staff_no="A002", name="李某")
    late = make_person(district, order=3, staff_no="A003", name="王某")
    row = made(own, course(own, is_practical="on"), capacity=3)
    first, last = row.starts_at, row.ends_at
    assert enrolled(own, row, person, absent, late).status_code == 303
    assert signed(row, person, first).is_late is False
    assert signed(row, late, first + timedelta(minutes=20)).is_late is True
    for who, score in ((person, 85), (late, 60)):
        seat = Enrolment.objects.get(person=who)
        at = f"/training/sessions/{row.pk}/seats/{seat.pk}/practice"
        assert own.post(at, {"score": score}).status_code == 303
    seat = Enrolment.objects.get(person=absent)
    assert own.post(f"/training/sessions/{row.pk}/seats/{seat.pk}/practice", {"score": 90}).status_code == 409
    Enrolment.objects.filter(person=person).update(assessed_by=None)  # Typed before it was kept who judged.
    row.refresh_from_db()
    services.close_session(actor=district.enterprise, session=row, now=last + timedelta(minutes=1))
    outcomes = dict(Enrolment.objects.values_list("person__name", "outcome"))
    assert outcomes == {"张某": "credited", "李某": "absent", "王某": "practice"}
    record = entered().get()
    assert (record.person, record.hours, record.score, record.source) == (person, Decimal(2), None, "session")
    assert (record.practice_score, record.assessor, record.is_practised) == (85, row.teacher, True)
    page = own.get(f"/training/persons/{person.pk}?tab=education").content.decode()
    assert "岗位操作技能" in page
    assert "扫码签到" in page
    assert "实操未合格，不计学时" in own.get(f"/training/sessions/{row.pk}").content.decode()


def test_a_class_of_several_days_is_enrolled_in_once_signed_in_and_credited_by_the_day(
    district: District, own: Client, person: Person
) -> None:
    at = f"/training/courses/{course(own).pk}/sessions/new"
    first = tomorrow_at(8)
    days = [(first + timedelta(days=n)).date().isoformat() for n in (1, 3)]
    body = {
        "place": "培训室", "teacher": "讲师甲", "starts_at": f"{first:%Y-%m-%dT%H:%M}",
        "ends_at": f"{first + timedelta(hours=2):%Y-%m-%dT%H:%M}", "hours": "2", "capacity": 2,
    }  # fmt: skip
    assert own.post(at, {**body, "more_days": "三天后"}).status_code == 422
    assert own.post(at, {**body, "more_days": first.date().isoformat()}).status_code == 422
    key = str(uuid.uuid4())
    for _ in range(2):
        assert own.post(at, {**body, "more_days": "\n".join(days), "client_id": key}).status_code == 303
    rows = list(TrainingSession.objects.order_by("starts_at"))
    assert [(one.day_number, one.day_count) for one in rows] == [(1, 3), (2, 3), (3, 3)]
    assert {one.first_day_id for one in rows} == {None, rows[0].pk}
    page = own.get(f"/training/sessions/{rows[2].pk}").content.decode()
    assert "第3天，共3天" in page
    assert f"/training/sessions/{rows[0].pk}" in page
    assert enrolled(own, rows[1], person).status_code == 303
    assert Enrolment.objects.filter(person=person).count() == 3
    for row in (rows[0], rows[2]):
        assert signed(row, person, row.starts_at).is_late is False
    for row in rows:
        row.refresh_from_db()
        services.close_session(actor=district.enterprise, session=row, now=rows[2].ends_at + timedelta(minutes=1))
    outcomes = [one.outcome for one in Enrolment.objects.order_by("session__starts_at")]
    assert outcomes == ["credited", "absent", "credited"]
    assert [one.held_date for one in entered().order_by("held_date")] == [
        timezone.localtime(rows[0].starts_at).date(), timezone.localtime(rows[2].starts_at).date()
    ]  # fmt: skip
    services.check_effect(actor=district.enterprise, session=rows[2], method="岗位抽考", rate=90, text="达到要求",
                          now=rows[2].ends_at + timedelta(days=1))  # fmt: skip
    assert set(TrainingSession.objects.values_list("status", flat=True)) == {"CHECKED"}, "looked back at once"


def test_the_practice_of_several_days_is_judged_on_the_last_and_the_days_before_count(
    district: District, own: Client, person: Person
) -> None:
    first = tomorrow_at(8)
    body = {
        "place": "培训室", "teacher": "讲师甲", "starts_at": f"{first:%Y-%m-%dT%H:%M}",
        "ends_at": f"{first + timedelta(hours=2):%Y-%m-%dT%H:%M}", "hours": "2", "capacity": 2,
        "more_days": (first + timedelta(days=1)).date().isoformat(),
    }  # fmt: skip
    assert own.post(f"/training/courses/{course(own, is_practical='on').pk}/sessions/new", body).status_code == 303
    rows = list(TrainingSession.objects.order_by("starts_at"))
    assert enrolled(own, rows[0], person).status_code == 303
    for row in rows:
        signed(row, person, row.starts_at)
        seat = Enrolment.objects.get(session=row, person=person)
        at = f"/training/sessions/{row.pk}/seats/{seat.pk}/practice"
        assert (at in own.get(f"/training/sessions/{row.pk}").content.decode()) is row.is_last_day
    seat = Enrolment.objects.get(session=rows[0], person=person)
    early = own.post(f"/training/sessions/{rows[0].pk}/seats/{seat.pk}/practice", {"score": 95})
    assert (early.status_code, "最后一天" in early.content.decode()) == (409, True)
    for row in rows:
        row.refresh_from_db()
        services.close_session(actor=district.enterprise, session=row, now=row.ends_at + timedelta(minutes=1))
    outcomes = [one.outcome for one in Enrolment.objects.order_by("session__starts_at")]
    assert outcomes == ["credited", "practice"], "the last day alone waits for the practice"


def test_who_scans_the_code_of_the_door_signs_in_with_badge_and_name(
    own: Client, person: Person
) -> None:
    row = made(own, course(own, "entry-general", level="plant"))
    enrolled(own, row, person)
    begun(row, minutes_ago=1)
    door = own.get(f"/training/sessions/{row.pk}/door")
    assert door.headers["Refresh"] == "30"
    found = re.search(r"/training/sign-in/[^<\s\"]+", door.content.decode())
    assert found is not None
    phone = Client()
    page = phone.get(found[0])
    assert page.status_code == 200
    ticket = page.context["pass"]
    wrong = phone.post(found[0], {"pass": ticket, "staff_no": "A001", "name": "别人"})
    assert wrong.status_code == 422
    assert "没有找到报名人员" in wrong.content.decode()
    assert "别人" in wrong.content.decode()
    assert phone.post(found[0], {"pass": ticket, "staff_no": "", "name": ""}).status_code == 422
    assert "签到成功" in phone.post(found[0], {"pass": ticket, "staff_no": "A001", "name": "张某"}).content.decode()
    again = phone.post(found[0], {"pass": ticket, "staff_no": "A001", "name": "张某"})
    assert again.status_code == 409
    assert "不需重复签到" in again.content.decode()
    old = services.door_code(row, now=timezone.now() - timedelta(seconds=90))
    assert phone.get(f"/training/sign-in/{old}").status_code == 404, "the code changed"
    assert phone.get("/training/sign-in/forged").status_code == 404
    assert phone.post(found[0], {"pass": "forged", "staff_no": "A001", "name": "张某"}).status_code == 404


def test_who_has_no_phone_signs_at_the_teachers_device_in_time(
    district: District, own: Client, person: Person
) -> None:
    row = made(own, course(own))
    enrolled(own, row, person)
    at = f"/training/sessions/{row.pk}"
    body = {"act": "sign", "staff_no": "A001", "name": "张某"}
    begun(row, minutes_ago=-60)
    assert "开课前30分钟开始签到" in own.post(at, body).content.decode()
    begun(row, minutes_ago=60)
    assert "课程已过半" in own.post(at, body).content.decode()
    begun(row, minutes_ago=5)
    assert client_of(district.department).post(at, body).status_code == 403
    assert own.post(at, body).status_code == 303
    assert Enrolment.objects.get().signed_by == "desk"
    assert own.post(at, {"act": "close"}).status_code == 409, "it is not over"


def test_nobody_sits_in_two_sessions_at_one_time_and_seats_are_counted(
    district: District, own: Client, person: Person
) -> None:
    one = course(own)
    first, second = made(own, one), made(own, one, first=tomorrow_at(10))
    others = [make_person(district, order=number) for number in (2, 3)]
    assert enrolled(own, first, person).status_code == 303
    clash = enrolled(own, second, person)
    assert clash.status_code == 409
    assert "同一时间已报名" in clash.content.decode()
    assert enrolled(own, first, *others).status_code == 409, "two seats"
    assert enrolled(own, first, others[0]).status_code == 303
    assert own.post(f"/training/sessions/{first.pk}", {"act": "enrol"}).status_code == 422


def test_a_session_holds_no_more_hours_than_its_time(own: Client) -> None:
    row = course(own)
    answer = session(own, row, hours="3", place="三号培训室")
    assert answer.status_code == 422
    assert "时长100分钟不足3学时" in answer.content.decode()
    assert "三号培训室" in answer.content.decode()
    assert session(own, row, ends_at=f"{tomorrow_at(8):%Y-%m-%dT%H:%M}").status_code == 422


def test_hours_beyond_a_days_most_are_not_credited(district: District, own: Client, person: Person) -> None:
    row = made(own, course(own))
    enrolled(own, row, person)
    signed(row, person, row.starts_at)
    learned = Learned(
        programme=programme_of("retraining"), held_date=timezone.localtime(row.starts_at).date(), hours=Decimal(9),
        teacher="甲", place="乙", content="丙",
    )  # fmt: skip
    record_hours(actor=district.enterprise, person=person, learned=learned, now=row.ends_at)
    row.refresh_from_db()
    services.close_session(actor=district.enterprise, session=row, now=row.ends_at)
    assert Enrolment.objects.get().outcome == "full"
    assert entered().count() == 1


@pytest.mark.clause("S2-16a")
def test_whether_a_session_had_an_effect_is_checked_and_written_down(district: District, own: Client) -> None:
    row = made(own, course(own))
    services.close_session(actor=district.enterprise, session=row, now=row.ends_at)
    at = f"/training/sessions/{row.pk}"
    assert row.status == "HELD"
    body = {"act": "check", "method": "岗位抽考", "rate": 101, "text": "两人不会佩戴呼吸器"}
    assert own.post(at, body).status_code == 422
    assert own.post(at, {**body, "rate": 80}).status_code == 303
    page = client_of(district.town).get(at).content.decode()
    assert "岗位抽考" in page
    assert "两人不会佩戴呼吸器" in page
    told = client_of(district.town).get(f"/api/v1/training/sessions/{row.pk}").json()
    assert (told["status"], told["effect_rate"]) == ("CHECKED", 80)


@pytest.mark.clause("S4-C3.3.4b")
def test_an_office_plans_classes_of_the_year_and_sees_what_became_of_them(
    district: District, own: Client, person: Person
) -> None:
    office = client_of(district.town)
    answer = office.post("/training/plans/new", {"year": timezone.localdate().year, "title": "镇街年度培训计划"})
    at = answer["Location"]
    line = {
        "act": "line", "title": "经营单位应急能力班", "programme": programme_of("emergency-trade").pk, "month": 9,
        "audience": "辖区经营单位负责人", "people": 30, "hours": 8,
    }  # fmt: skip
    assert office.post(at, {**line, "month": 13}).status_code == 422
    assert office.post(at, {"act": "publish"}).status_code == 409
    sent = {**line, "client_id": str(uuid.uuid4())}
    assert [office.post(at, sent).status_code for _ in range(2)] == [303, 303]
    assert own.get(at).status_code == 404, "not published"
    assert office.post(at, {"act": "publish"}).status_code == 303
    assert "经营单位应急能力班" in own.get(at).content.decode()
    row = made(office, course(office, "emergency-trade"), plan_line=PlanLine.objects.get().pk)
    assert enrolled(own, row, person).status_code == 303
    signed(row, person, row.starts_at)
    services.close_session(actor=district.town, session=row, now=row.ends_at)
    told = office.get(f"/api/v1/training/plans/{TrainingPlan.objects.get().pk}").json()
    assert [(one["held"], one["trained"]) for one in told["lines"]] == [(1, 1)]
    assert entered().get().person == person
    listed = own.get("/api/v1/training/plans").json()["items"]
    assert [one["classes"] for one in listed] == [1]
    assert own.get("/api/v1/training/sessions").json()["items"][0]["signed_in"] == 1


def test_regulators_sign_in_by_their_account_and_study(district: District) -> None:
    office = client_of(district.town)
    row = made(office, course(office, "regulator-practice", is_practical="on"))
    at = f"/training/sessions/{row.pk}"
    assert client_of(district.enterprise).get(f"{at}?act=enrol").status_code == 302
    assert office.post(at, {"act": "enrol", "people": [district.town.user_id]}).status_code == 303
    begun(row, minutes_ago=1)
    url = f"/training/sign-in/{services.door_code(row, now=timezone.now())}"
    page = office.get(url)
    assert "以我的账号签到" in page.content.decode()
    assert office.post(url, {"pass": page.context["pass"], "as": "account"}).status_code == 200
    seat = Enrolment.objects.get()
    assert office.post(f"{at}/seats/{seat.pk}/practice", {"score": 100}).status_code == 409, "nobody judges himself"
    colleague = client_of(make_actor(district.town_org, "town.officer"))
    assert colleague.post(f"{at}/seats/{seat.pk}/practice", {"score": 88}).status_code == 303
    row.refresh_from_db()
    services.close_session(actor=district.town, session=row, now=row.ends_at)
    found = StudyRecord.objects.get()
    assert (found.user_id, found.way, found.score) == (district.town.user_id, "site", 88)


def test_materials_hang_on_a_course_until_it_ends(district: District, own: Client) -> None:
    row = course(own, materials=SimpleUploadedFile("课件.txt", "课件正文".encode()))
    at = f"/training/courses/{row.pk}"
    assert "课件.txt" in own.get(f"{at}?tab=files").content.decode()
    more = SimpleUploadedFile("教材.txt", "教材正文".encode())
    assert own.post(at, {"act": "materials", "materials": more}).status_code == 303
    assert own.post(at, {"act": "materials"}).status_code == 422
    assert own.post(at, {"act": "end"}).status_code == 303
    assert session(own, row).status_code == 409
    assert client_of(district.other_enterprise).get(at).status_code == 404
    entry = programme_of("entry-general")
    body = {"title": "三级", "programme": entry.pk, "hours": "2", "teacher": "甲", "content": "x"}
    assert own.post("/training/courses/new", body).status_code == 422, "which level"
