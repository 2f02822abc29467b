"""Special training of a class of units: planned, enrolled, held, examined, and counted by role and by unit."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import learn
from tests.domains.training.exam_factories import make_rule, sit
from tests.domains.training.factories import make_certificate, make_person, make_post, own_file, role
from tests.factories import District, client_of

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.training.forms.programmes import programme_as_form
from quancheng.domains.training.models import (
    Course,
    Enrolment,
    Exam,
    ExamSitting,
    PaperRule,
    Person,
    PlanLine,
    Programme,
    RetrainingOrder,
    TrainingSession,
    UnifiedWay,
)
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.unified import set_unified
from quancheng.kernel.errors import NotPermitted

AT = "/training/coverage"


def of_kind(district: District, kind: str) -> Enterprise:
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=kind)
    file.refresh_from_db()
    return file


def posted(own: Client, person: Person, code: str) -> None:
    body = {"role": role(code).pk, "from_date": timezone.localdate()}
    assert own.post(f"/training/persons/{person.pk}/posts/new", body).status_code == 303


def planned(office: Client, programme: str, title: str) -> PlanLine:
    """A plan of the office with one class, published by its pages."""
    made = office.post("/training/plans/new", {"year": timezone.localdate().year, "title": title})
    assert made.status_code == 303, made.content.decode()
    at = made["Location"]
    line = {"act": "line", "programme": programme_of(programme).pk, "title": title, "month": timezone.localdate().month,
            "audience": "辖区企业", "people": 20, "hours": 8}  # fmt: skip
    assert office.post(at, line).status_code == 303
    assert office.post(at, {"act": "publish"}).status_code == 303
    return PlanLine.objects.get(title=title)


def session_of(office: Client, line: PlanLine) -> TrainingSession:
    """A course of the office, with a session of eight hours that carries the plan out."""
    made = office.post("/training/courses/new", {
        "title": f"{line.title}课程", "programme": line.programme_id, "hours": "8", "teacher": "讲师甲",
        "content": "内容",
    })  # fmt: skip
    assert made.status_code == 303, made.content.decode()
    first = (timezone.localtime() + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    answer = office.post(f"{made['Location']}/sessions/new", {
        "plan_line": line.pk, "place": "区培训中心", "teacher": "讲师甲", "starts_at": f"{first:%Y-%m-%dT%H:%M}",
        "ends_at": f"{first + timedelta(hours=8):%Y-%m-%dT%H:%M}", "hours": "8", "capacity": 40,
    })  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()
    return TrainingSession.objects.get(pk=answer["Location"].rsplit("/", 1)[1])


def attended(own: Client, office: Client, row: TrainingSession, *people: Person) -> None:
    """The enterprise enrols, each signs in on the teacher's device, and the office closes the session."""
    at = f"/training/sessions/{row.pk}"
    assert own.post(at, {"act": "enrol", "people": [one.pk for one in people]}).status_code == 303
    now = timezone.now()
    TrainingSession.objects.filter(pk=row.pk).update(starts_at=now, ends_at=now + timedelta(hours=2))
    for one in people:
        body = {"act": "sign", "staff_no": one.staff_no, "name": one.name}
        assert office.post(at, body).status_code == 303
    TrainingSession.objects.filter(pk=row.pk).update(starts_at=now - timedelta(hours=8), ends_at=now)
    assert office.post(at, {"act": "close"}).status_code == 303
    assert Enrolment.objects.filter(session=row, outcome="credited").count() == len(people)


def examined(office: Client, district: District, programme: str, roles: list[str], name: str) -> Exam:
    """An exam that the office arranges for who holds these roles at the enterprise."""
    rule = make_rule(district.department, name=f"{name}规则")
    now = timezone.localtime()
    body = {
        "name": name, "programme": programme_of(programme).pk, "rule": rule.pk,
        "opens_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "closes_at": f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}", "enterprises": [own_file(district).pk],
        "roles": roles,
    }  # fmt: skip
    answer = office.post("/training/exams/new", body)
    assert answer.status_code == 303, answer.content.decode()
    return Exam.objects.get(name=name)


def by_role(client: Client, programme: str) -> dict[str, tuple[int, int, float | None, int]]:
    told: list[dict[str, Any]] = client.get(f"/api/v1/training/coverage-by-role?programme={programme}").json()
    return {one["role"]: (one["people"], one["trained"], one["rate"], one["vacant"]) for one in told}


def opened(client: Client, page: str, *wanted: str) -> str:
    """The list behind the number whose address has these parts."""
    found = [html.unescape(one) for one in re.findall(r'href="([^"]+)"', page)]
    return client.get(next(one for one in found if all(part in one for part in wanted))).content.decode()


@pytest.mark.clause("S1-5a")
def test_emergency_training_of_trading_units_is_planned_enrolled_tracked_and_covered_by_role(
    district: District, own: Client
) -> None:
    office = client_of(district.department)
    file = of_kind(district, "petrol_station")
    page = office.get(f"{AT}?programme=emergency-trade").content.decode()
    assert by_role(office, "emergency-trade") == {"main_head": (0, 0, None, 1), "safety_manager": (0, 0, None, 1)}
    assert district.enterprise_org.name in opened(office, page, "without=main_head"), "a unit that entered nobody"
    head = make_person(district, order=1, staff_no="A1", name="负责人甲")
    manager = make_person(district, order=2, staff_no="A2", name="管理员乙")
    posted(own, head, "main_head")
    posted(own, manager, "safety_manager")
    posted(own, make_person(district, order=3, staff_no="A3", name="装卸工丙"), "loader")
    assert by_role(office, "emergency-trade") == {"main_head": (1, 0, 0.0, 0), "safety_manager": (1, 0, 0.0, 0)}
    line = planned(office, "emergency-trade", "经营单位应急能力提升班")
    attended(own, office, session_of(office, line), head, manager)
    plan = office.get(f"/training/plans/{line.plan_id}").content.decode()
    told = re.findall(r'<td class="qc-num"[^>]*>(\d+)</td>', plan)
    assert told[-4:] == ["20", "8", "1", "2"], "one class held, two people trained"
    assert by_role(office, "emergency-trade")["main_head"] == (1, 0, 0.0, 0), "hours alone are not enough"
    first = examined(office, district, "emergency-trade", ["main_head", "safety_manager"], "应急能力考试")
    sat = {one.person_id: one for one in ExamSitting.objects.filter(exam=first).select_related("person")}
    assert set(sat) == {head.pk, manager.pk}
    assert sit(first, sat[head.pk]).is_passed
    assert sit(first, sat[manager.pk], share=0.5).is_passed is False
    found = by_role(office, "emergency-trade")
    assert found == {"main_head": (1, 1, 100.0, 0), "safety_manager": (1, 0, 0.0, 0)}
    page = office.get(f"{AT}?programme=emergency-trade").content.decode()
    due = opened(office, page, "standings", "role=safety_manager")
    assert ("管理员乙" in due, "负责人甲" in due, "装卸工丙" in due) == (True, False, False)
    has = opened(office, page, "standings", "role=main_head", "state=done")
    assert ("负责人甲" in has, "管理员乙" in has) == (True, False)
    assert district.enterprise_org.name in opened(office, page, "coverage/units", "state=part")
    again = examined(office, district, "emergency-trade", ["safety_manager"], "应急能力补考")
    assert sit(again, ExamSitting.objects.get(exam=again)).is_passed
    assert by_role(office, "emergency-trade")["safety_manager"] == (1, 1, 100.0, 0)
    units = office.get("/api/v1/training/coverage-by-enterprise?programme=emergency-trade").json()["items"]
    assert [(one["enterprise_id"], one["state"], one["people"], one["vacant"]) for one in units] == [
        (str(file.pk), "covered", 2, 0)
    ]  # fmt: skip
    told = office.get("/api/v1/training/standings?programme=emergency-trade&role=main_head").json()["items"]
    assert [one["person_id"] for one in told] == [str(head.pk)]
    assert client_of(district.other_town).get(AT + "?programme=emergency-trade").status_code == 200
    assert by_role(client_of(district.other_town), "emergency-trade")["main_head"] == (0, 0, None, 0), "none of his"
    of_kind(district, "user")
    assert by_role(office, "emergency-trade")["main_head"][3] == 0, "not asked of who trades nothing"


def test_a_unit_without_a_safety_manager_is_not_covered_though_its_head_is(district: District, own: Client) -> None:
    of_kind(district, "petrol_station")
    office = client_of(district.department)
    head = make_person(district, order=1)
    posted(own, head, "main_head")
    assert learn(own, head, "emergency-trade", hours="8", score=90).status_code == 303
    at = "/api/v1/training/coverage-by-enterprise?programme=emergency-trade"
    row = office.get(at).json()["items"][0]
    assert (row["state"], row["people"], row["trained"], row["vacant"]) == ("part", 1, 1, 1)
    listed = office.get("/training/coverage/units?programme=emergency-trade&without=safety_manager").content.decode()
    assert district.enterprise_org.name in listed
    assert office.get(f"{at}&state=covered").json()["items"] == []
    assert office.get("/training/coverage/units?programme=none").status_code == 422
    assert own.get("/training/standings?enterprise=x").status_code == 422


@pytest.mark.clause("S2-5a")
def test_the_course_on_dangerous_work_is_planned_and_tracked_unit_by_unit(district: District, own: Client) -> None:
    office = client_of(district.department)
    of_kind(district, "fine_chemical")
    other = open_own_file(
        actor=district.other_enterprise, kind="gas_filling", known={}, now=timezone.now()
    )
    at = "/training/coverage/units?programme=dangerous-work"
    head_of = client_of(district.director)
    page = head_of.get(f"{AT}?programme=dangerous-work").content.decode()
    none = opened(head_of, page, "coverage/units", "state=unentered")
    assert district.enterprise_org.name in none
    assert district.other_enterprise_org.name in none, "all units that are asked, also where nobody is entered"
    manager = make_person(district, order=1, staff_no="A1", name="管理员乙")
    welder = make_person(district, order=2, staff_no="A2", name="焊工丁")
    posted(own, manager, "safety_manager")
    make_certificate(district, welder, "SO-2-01")
    make_post(district, welder, "welder")
    line = planned(office, "dangerous-work", "危险作业专题班")
    row = session_of(office, line)
    attended(own, office, row, manager, welder)
    assert "危险作业专题班课程" in own.get("/training/sessions?programme=dangerous-work").content.decode()
    exam = examined(office, district, "dangerous-work", ["welder", "safety_manager"], "危险作业考试")
    sat = {one.person_id: one for one in ExamSitting.objects.filter(exam=exam).select_related("person")}
    assert sit(exam, sat[manager.pk]).is_passed
    units = {one["enterprise_id"]: one for one in head_of.get(
        "/api/v1/training/coverage-by-enterprise?programme=dangerous-work").json()["items"]}  # fmt: skip
    mine = units[str(own_file(district).pk)]
    assert (mine["state"], mine["people"], mine["trained"]) == ("part", 2, 1)
    assert units[str(other.pk)]["state"] == "unentered"
    assert "50%" in head_of.get(at).content.decode()
    assert sit(exam, sat[welder.pk]).is_passed
    covered = head_of.get(f"{at}&state=covered").content.decode()
    assert district.enterprise_org.name in covered
    assert district.other_enterprise_org.name not in covered
    seen = head_of.get(f"{AT}?programme=dangerous-work").content.decode()
    assert "焊工丁" in opened(head_of, seen, "standings", f"enterprise={own_file(district).pk}", "state=done")
    assert own.get(at).status_code == 200
    assert district.other_enterprise_org.name not in own.get(at).content.decode()


FOUR = ("main_head", "actual_controller", "technology_head", "safety_director")


def unify(client: Client, programme: Programme, course: Course, rule: PaperRule, **given: Any) -> Any:
    programme.refresh_from_db()
    body = {"act": "unify", "course": course.pk, "rule": rule.pk, "from_date": timezone.localdate(), "reason": "区部署",
            "version": programme.version, **given}  # fmt: skip
    return client.post(f"/training/programmes/{programme.pk}", body)


def arranged(client: Client, district: District, rule: PaperRule, name: str, *people: Person) -> Any:
    """An enterprise's own exam on the programme of the four posts."""
    now = timezone.localtime()
    return client.post("/training/exams/new", {
        "name": name, "programme": programme_of("heads-unified").pk, "rule": rule.pk,
        "opens_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "closes_at": f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}", "persons": [one.pk for one in people],
    })  # fmt: skip


def held(office: Client, district: District, rule: PaperRule, name: str, *roles: str) -> Any:
    """The office's exam on that programme, of who holds these posts at the enterprise."""
    now = timezone.localtime()
    return office.post("/training/exams/new", {
        "name": name, "programme": programme_of("heads-unified").pk, "rule": rule.pk,
        "opens_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "closes_at": f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}", "enterprises": [own_file(district).pk],
        "roles": list(roles),
    })  # fmt: skip


def sat_by(name: str, person: Person) -> ExamSitting:
    exam = Exam.objects.get(name=name)
    return sit(exam, ExamSitting.objects.select_related("person").get(exam=exam, person=person))


@pytest.mark.clause("S3-7.2b")
def test_the_four_posts_have_one_syllabus_material_paper_and_certifying_office_and_nothing_else_counts(
    district: District, own: Client
) -> None:
    of_kind(district, "producer")
    office, head = client_of(district.department), client_of(district.department_head)
    one = programme_of("heads-unified")
    Programme.objects.filter(pk=one.pk).update(first_hours=8)
    people = [make_person(district, order=n, staff_no=f"A{n}") for n in range(1, 5)]
    for person, code in zip(people, FOUR, strict=True):
        posted(own, person, code)
    theirs, district_rule = make_rule(district.enterprise, name="本厂卷"), make_rule(district.department, name="统一卷")
    assert arranged(own, district, theirs, "统一前安排的考试", people[0]).status_code == 303
    assert arranged(own, district, district_rule, "统一前按该卷安排", people[1]).status_code == 303
    made = office.post("/training/courses/new", {
        "title": "四类人员统编教材课", "programme": one.pk, "hours": "8", "teacher": "讲师甲", "content": "内容",
    })  # fmt: skip
    course = Course.objects.get(pk=made["Location"].rsplit("/", 1)[1])
    assert unify(own, one, course, district_rule).status_code == 422, "nothing may be chosen by an enterprise"
    assert unify(head, one, course, district_rule).status_code == 422, "there is no material yet"
    material = {"act": "materials", "materials": SimpleUploadedFile("教材.txt", "教材正文".encode())}
    assert office.post(made["Location"], material).status_code == 303
    assert unify(head, one, course, theirs).status_code == 422, "a paper of an enterprise"
    yesterday = timezone.localdate() - timedelta(days=1)
    assert unify(head, one, course, district_rule, from_date=yesterday).status_code == 422
    assert unify(head, one, course, district_rule).status_code == 303
    assert unify(head, one, course, district_rule, version=one.version).status_code == 409
    page = own.get(f"/training/programmes/{one.pk}?tab=unified").content.decode()
    for shown in ("四类人员统编教材课", "统一卷", "示例区应急管理局", "统一大纲"):
        assert shown in page
    told = own.get(f"/api/v1/training/programmes/{one.pk}").json()
    assert (told["unified_course_id"], told["unified_rule_id"]) == (str(course.pk), str(district_rule.pk))

    # Another paper, with the hours or without, is no exam of the four posts.
    refused = arranged(own, district, theirs, "另一张卷", people[1])
    assert (refused.status_code, "须使用统一试卷" in refused.content.decode()) == (422, True)
    for person in people:
        assert learn(own, person, one, hours="4", score=100).status_code == 303
        assert learn(own, person, one, hours="4").status_code == 303
    old = sat_by("统一前安排的考试", people[0])
    assert (old.is_passed, old.not_counted, old.certificate_no) == (True, "paper", "")
    assert "未使用统一试卷" in own.get(f"/training/sittings/{old.pk}").content.decode()
    assert own.get(f"/training/sittings/{old.pk}/certificate").status_code == 409
    own_hand = sat_by("统一前按该卷安排", people[1])
    assert (own_hand.is_passed, own_hand.not_counted, own_hand.certificate_no) == (True, "holder", "")
    assert people[1].name in own.get("/training/sittings?state=not_counted").content.decode()
    assert people[1].name not in own.get("/training/sittings?state=passed").content.decode()
    told = own.get(f"/training/exams/{own_hand.exam_id}?tab=sittings").content.decode()
    assert "成绩不计入" in told, "nobody reads that he passed and no more"
    assert "不是统一发证单位组织" in told
    assert by_role(office, "heads-unified") == dict.fromkeys(FOUR, (1, 0, 0.0, 0)), "hours of another material"

    # The one paper before the hours of the one syllabus counts for nothing either.
    assert arranged(own, district, district_rule, "本厂自考", people[3]).status_code == 422, "by the one office alone"
    assert held(office, district, district_rule, "未学先考", "safety_director").status_code == 303
    early = sat_by("未学先考", people[3])
    assert (early.is_passed, early.not_counted, early.certificate_no) == (True, "syllabus", "")
    order = RetrainingOrder.objects.get(person=people[3], programme=one)
    assert order.exam_passed_at is None
    assert order.status == "OPEN"

    # Hours by the one material, then the one paper: held and certified by the one office.
    assert learn(own, people[2], one, course=course.pk, held_date=yesterday, hours="8").status_code == 303, "too early"
    Programme.objects.filter(pk=one.pk).update(unified_from=yesterday)
    UnifiedWay.objects.filter(programme=one).update(from_date=yesterday)
    for person in people[:2]:
        assert learn(own, person, one, course=course.pk, held_date=yesterday, hours="8").status_code == 303
    found = by_role(office, "heads-unified")
    assert found["main_head"] == (1, 0, 0.0, 0), "no exam yet"
    assert held(office, district, district_rule, "统一考试", "main_head", "actual_controller").status_code == 303
    passed = sat_by("统一考试", people[0])
    assert (passed.is_passed, passed.not_counted) == (True, "")
    assert passed.certificate_no
    certificate = own.get(f"/training/sittings/{passed.pk}/certificate").content.decode()
    assert "示例区应急管理局" in certificate.split("exam-signed")[1]
    assert by_role(office, "heads-unified") == {
        "main_head": (1, 1, 100.0, 0), "actual_controller": (1, 0, 0.0, 0), "technology_head": (1, 0, 0.0, 0),
        "safety_director": (1, 0, 0.0, 0),
    }  # fmt: skip
    assert sat_by("统一考试", people[1]).certificate_no
    assert by_role(office, "heads-unified")["actual_controller"] == (1, 1, 100.0, 0)
    assert office.post(made["Location"], {"act": "end"}).status_code == 409, "the one material is not ended"


@pytest.fixture
def unified(district: District, own: Client) -> Programme:
    """The programme of the four posts with its one way, from tomorrow on."""
    of_kind(district, "producer")
    office, head = client_of(district.department), client_of(district.department_head)
    one = programme_of("heads-unified")
    rule = make_rule(district.department, name="统一卷")
    made = office.post("/training/courses/new", {
        "title": "统编教材课", "programme": one.pk, "hours": "8", "teacher": "讲师甲", "content": "内容",
    })  # fmt: skip
    material = {"act": "materials", "materials": SimpleUploadedFile("教材.txt", "教材正文".encode())}
    assert office.post(made["Location"], material).status_code == 303
    course, soon = Course.objects.get(title="统编教材课"), timezone.localdate() + timedelta(days=1)
    assert unify(head, one, course, rule, from_date=soon).status_code == 303
    one.refresh_from_db()
    return one


def test_a_wrong_day_of_the_one_way_is_mended_until_it_began(district: District, unified: Programme) -> None:
    head, today = client_of(district.department_head), timezone.localdate()
    way = (unified.unified_course, unified.unified_rule)
    assert unify(head, unified, *way, from_date=today + timedelta(days=9)).status_code == 303
    unified.refresh_from_db()
    assert unified.unified_from == today + timedelta(days=9)
    assert unify(head, unified, *way, from_date=today).status_code == 303
    refused = unify(head, unified, *way, from_date=today + timedelta(days=9))
    assert (refused.status_code, "不能再改" in refused.content.decode()) == (422, True)


def test_the_one_paper_is_not_changed_while_an_exam_by_it_is_open(district: District, unified: Programme) -> None:
    office, head = client_of(district.department), client_of(district.department_head)
    way, today = (unified.unified_course, unified.unified_rule), timezone.localdate()
    assert unify(head, unified, *way, from_date=today).status_code == 303
    make_post(district, make_person(district, order=1), "main_head")
    assert held(office, district, way[1], "统一考试", "main_head").status_code == 303
    other = make_rule(district.department, name="统一卷乙")
    refused = unify(head, unified, way[0], other)
    assert (refused.status_code, "还没有结束或阅卷" in refused.content.decode()) == (422, True)
    Exam.objects.update(closes_at=timezone.now() - timedelta(minutes=1), opens_at=timezone.now() - timedelta(hours=2))
    assert unify(head, unified, way[0], other).status_code == 303


def test_the_one_way_keeps_its_syllabus_its_exam_and_whom_it_is_of(district: District, unified: Programme) -> None:
    head = client_of(district.department_head)
    known = {name: value for name, value in programme_as_form(unified).items() if value not in (None, False)}
    body = {"act": "change", "reason": "区规定", **known}
    at = f"/training/programmes/{unified.pk}"
    fewer = unified.kinds[:1] or ["user"]
    for name, value in (("pass_mark", ""), ("syllabus", ""), ("kinds", fewer)):
        refused = head.post(at, {**body, name: value})
        assert (refused.status_code, "不能取消或缩小" in refused.content.decode()) == (422, True), name
    refused = head.post(at, {name: value for name, value in body.items() if name != "is_owed"})
    assert refused.status_code == 422
    assert head.post(at, {**body, "within_days": 90}).status_code == 303


def test_no_other_office_takes_the_one_way_over(district: District, unified: Programme) -> None:
    other = replace(district.department_head, organisation_id=district.town.organisation_id)
    with pytest.raises(NotPermitted):
        set_unified(
            actor=other, programme=unified, version=unified.version, course=unified.unified_course,
            rule=unified.unified_rule, from_date=timezone.localdate(), reason="另设", now=timezone.now(),
        )  # fmt: skip


def test_a_closed_unit_is_neither_covered_nor_not_and_all_four_posts_are_asked(
    district: District, own: Client, unified: Programme
) -> None:
    office, at = client_of(district.department), "/api/v1/training/coverage-by-enterprise?programme=heads-unified"
    posted(own, make_person(district, order=1), "main_head")
    row = office.get(at).json()["items"][0]
    assert row["vacant"] == 3
    Enterprise.objects.filter(pk=own_file(district).pk).update(life="closed")
    assert office.get(at).json()["items"] == []
    assert office.get("/api/v1/training/coverage-by-enterprise?programme=regulator").status_code == 404
