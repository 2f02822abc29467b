"""Hours and completed online courses from a sheet: dry run, once, source kept, credited to what a person owes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.training.education_scene import entered
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, client_of, make_district
from tests.kernel.exchange.importing import book, checked, imported, reasons, undo, upload

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import ProgrammeStanding, TrainingRecord

CODE = "training.own_hours"
HEAD = ("工号（胸卡号）", "姓名", "来源编号", "培训方式", "培训大纲", "教育级别", "培训日期", "学时", "授课人",
        "培训地点", "培训内容", "成绩")  # fmt: skip
SKILLS = "岗位操作技能培训"


@pytest.fixture
def district(db: None) -> District:
    made = make_district()
    file = own_file(made)
    Enterprise.objects.filter(pk=file.pk).update(kind="user")
    return made


def day(number: int = 1) -> date:
    return timezone.localdate() - timedelta(days=number)


def line(**given: Any) -> tuple[Any, ...]:
    told = {
        "staff_no": "A1", "name": "某甲", "number": "平台001", "way": "网络课程", "programme": SKILLS, "level": "",
        "day": day(), "hours": 4, "teacher": "讲师", "place": "网络平台", "content": "事故案例", "score": None,
    }  # fmt: skip
    return tuple({**told, **given}.values())


def test_online_hours_are_credited_once_with_their_source_and_taken_back(district: District, own: Client) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    make_post(district, person, "loader")
    sheet = book(HEAD, line(), line(number="签到7", way="集中培训", day=day(2), score=95))
    run = checked(own, CODE, sheet)
    assert (run.errors, run.counts["new"], entered().count()) == ([], 2, 0), "a dry run writes nothing"
    run = imported(own, CODE, sheet)
    rows = {one.source_number: one for one in entered()}
    assert {key: (one.source, one.hours) for key, one in rows.items()} == {
        "平台001": ("online", Decimal(4)), "签到7": ("sheet", Decimal(4))
    }  # fmt: skip
    assert {one.signed_at for one in rows.values()} == {None}, "a sheet says nothing of a signature"
    standing = ProgrammeStanding.objects.get(person=person, programme__code="post-skills")
    assert (standing.had, standing.exam_passed) == (Decimal(8), True)
    page = own.get(f"/training/records/{rows['平台001'].pk}").content.decode()
    assert "平台001" in page
    assert "网络课程" in page
    again = checked(own, CODE, sheet)
    assert (again.errors, again.counts["unchanged"]) == ([], 2)
    told = own.get(f"/api/v1/training/training-records?person_id={person.pk}").json()["items"]
    assert {one["source_number"] for one in told if one["source_number"]} == {"平台001", "签到7"}
    assert undo(own, run).status_code == 303
    assert not entered().filter(struck_at__isnull=True).exists()
    assert entered().count() == 2, "struck out, and kept"
    assert ProgrammeStanding.objects.get(person=person, programme__code="post-skills").had == 0
    assert imported(own, CODE, sheet).counts["new"] == 2, "after the undo the same sheet comes in"


def test_each_wrong_cell_is_named_and_nothing_comes_in(district: District, own: Client) -> None:
    make_person(district, staff_no="A1", name="某甲")
    imported(own, CODE, book(HEAD, line()))
    sheet = book(
        HEAD,
        line(hours=5),  # 2: stands already with other hours
        line(staff_no="X9", number="2"),  # 3: nobody
        line(name="某乙", number="3", day=day(3)),  # 4: another name
        line(number="4", day=timezone.localdate() + timedelta(days=1)),  # 5: not yet
        line(number="5", hours=7),  # 6: eleven on one day
        line(number="6", hours="1.3", day=day(4)),  # 7: no half
        line(number="7", programme="没有的大纲", day=day(5)),  # 8
        line(number="8", programme="新上岗人员三级安全教育（其他单位）", day=day(6)),  # 9: no level
    )
    run = checked(own, CODE, sheet)
    assert {cell for cell, _code in reasons(run)} == {"C2", "A3", "B4", "G5", "H6", "H7", "E8", "F9"}
    assert entered().count() == 1


OFFICE = "training.office_hours"
OFFICE_HEAD = ("企业", *HEAD)


def test_an_office_enters_hours_of_people_of_its_enterprises_and_takes_them_back(
    district: District, own: Client
) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    make_post(district, person, "loader")
    name = district.enterprise_org.name
    office, town = client_of(district.department), client_of(district.other_town)
    sheet = book(OFFICE_HEAD, (name, *line(number="区班001", way="集中培训")))
    assert upload(own, OFFICE, sheet).status_code == 403
    run = imported(office, OFFICE, sheet)
    (row,) = entered()
    assert (row.person_id, row.source_number, row.office_id) == (person.pk, "区班001", district.department_org.pk)
    assert ProgrammeStanding.objects.get(person=person, programme__code="post-skills").had == 4
    assert district.department_org.label in own.get(f"/training/records/{row.pk}").content.decode()
    again = checked(office, OFFICE, sheet)
    assert (again.errors, again.counts["unchanged"]) == ([], 1)
    wrong = book(
        OFFICE_HEAD,
        (name, *line(staff_no="X9", number="2")),  # 2: nobody
        ("没有的示例公司", *line(number="3")),  # 3: no enterprise
        (name, *line(number="4", hours=7)),  # 4: eleven on one day
        (name, *line(number="区班001", way="集中培训", hours=3)),  # 5: stands otherwise
    )
    assert {cell for cell, _code in reasons(checked(office, OFFICE, wrong))} == {"B2", "A3", "I4", "D5"}
    beyond = checked(town, OFFICE, sheet)
    assert beyond.errors, "an office of another town knows nobody there"
    assert client_of(district.town).post(f"/training/records/{row.pk}", {"act": "strike", "reason": "x"}).status_code \
        in (403, 409)
    assert undo(office, run).status_code == 303
    row.refresh_from_db()
    assert row.struck_at is not None


def test_an_enterprise_imports_hours_of_its_own_people_alone(district: District, own: Client) -> None:
    make_person(district, staff_no="A1", name="某甲")
    other = client_of(district.other_enterprise)
    for client in (client_of(district.department), client_of(district.town)):
        assert upload(client, CODE, book(HEAD, line())).status_code == 403
    answer = upload(other, CODE, book(HEAD, line()))
    assert answer.status_code in (303, 422)
    assert TrainingRecord.objects.filter(source_number="平台001").count() == 0
