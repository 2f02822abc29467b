"""One person, one file: entered, found, changed, gone, come back; his numbers are hidden, his health told to few."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone
from tests.domains.training.factories import identity, make_person, make_post, role
from tests.factories import NOW, District, client_of, make_actor
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.training.models import HealthLimit, Person, PersonPost, WorkRole
from quancheng.domains.training.models.persons import PersonQuerySet
from quancheng.domains.training.queries import persons as queries
from quancheng.domains.training.queries.binding import register_binding
from quancheng.domains.training.queries.retention import list_gone
from quancheng.domains.training.services import persons as services
from quancheng.domains.training.services.forgetting import forget
from quancheng.domains.training.services.shipped import load_shipped
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
LIST = "/training/persons"


def enter(client: Client, **given: Any) -> Any:
    body = {"employment": "own", "name": "某甲", "resident_id": identity(), "phone": "19900001234", **given}
    return client.post(f"{LIST}/new", body)


def faults(answer: Any) -> str:
    return " ".join(str(one) for errors in answer.context["form"].errors.values() for one in errors)


def shown(client: Client, person: Person, tab: str = "") -> str:
    return str(client.get(f"{LIST}/{person.pk}" + (f"?tab={tab}" if tab else "")).content.decode())


def act(client: Client, person: Person, move: str, **given: Any) -> Any:
    return client.post(f"{LIST}/{person.pk}", {"act": move, **given})


def test_a_person_is_entered_once_and_sex_and_age_follow_from_the_number(own: Client) -> None:
    assert enter(own, resident_id=identity(2, born="19900101").lower(), workshop="储运车间").status_code == 303
    row = Person.objects.get()
    assert (row.sex, row.birth_date, row.name, row.initials) == ("female", date(1990, 1, 1), "某甲", "mj")
    page = shown(own, row)
    assert "990102********" in page
    assert "199****1234" in page
    assert identity(2, born="19900101") not in page
    assert "19900101" not in page
    again = enter(own, resident_id=identity(2, born="19900101"), name="某乙")
    assert (again.status_code, Person.objects.count()) == (409, 1)
    assert "已有人员档案" in faults(again)


def test_nothing_in_the_database_holds_the_number_in_plain(own: Client) -> None:
    enter(own)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM training_person t")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT facts::text FROM journal_journalentry WHERE act LIKE 'training.%%'")
        told = " ".join(row[0] for row in cursor.fetchall())
    for secret in (identity(), "19900001234"):
        assert secret not in stored
        assert secret not in told


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (identity()[:-1] + ("1" if identity()[-1] != "1" else "2"), "校验码"),
        (identity()[:17], "现为17位"),
        ("", "请填写此项"),
        (identity(born="20150101"), "未满16周岁"),
        (identity(born="19990231"), "出生日期"),
    ],
)
def test_a_number_that_cannot_be_one_is_refused_and_told_why(own: Client, number: str, said: str) -> None:
    answer = enter(own, resident_id=number)
    assert (answer.status_code, Person.objects.count()) == (422, 0)
    assert said in faults(answer)


def test_who_is_sent_by_another_names_his_employer(own: Client) -> None:
    assert "用人单位" in faults(enter(own, employment="contractor"))
    assert enter(own, employment="contractor", employer_name="示例检维修有限公司").status_code == 303
    assert "示例检维修有限公司" in shown(own, Person.objects.get())


def test_the_enterprise_and_its_supervisors_see_him_and_nobody_else(district: District) -> None:
    row = make_person(district, name="某秘")
    for actor in (district.enterprise, district.town, district.department, district.director):
        assert "某秘" in client_of(actor).get(LIST).content.decode()
        assert client_of(actor).get(f"/api/v1/training/persons/{row.pk}").json()["name"] == "某秘"
    for actor in (district.other_enterprise, district.other_town):
        assert "某秘" not in client_of(actor).get(LIST).content.decode()
        assert client_of(actor).get(f"{LIST}/{row.pk}").status_code == 404
    worker = make_actor(district.enterprise_org, "enterprise.worker")
    assert client_of(worker).get(f"{LIST}/{row.pk}").status_code == 403
    assert queries.find_persons(actor=worker, text="某秘", limit=5) == []
    assert [one.pk for one in queries.find_persons(actor=district.town, text="mm", limit=5)] == [row.pk]
    assert [one.pk for one in queries.find_persons(actor=district.town, text=identity(), limit=5)] == [row.pk]


def test_an_office_does_not_write_in_his_file(district: District) -> None:
    row = make_person(district)
    office = client_of(district.department)
    assert office.get(f"{LIST}/new").status_code == 403
    assert act(office, row, "leave", left_date=NOW.date()).status_code == 403
    assert Person.objects.get().left_date is None


def test_numbers_are_shown_in_full_for_a_reason_that_the_journal_keeps(district: District, own: Client) -> None:
    row = make_person(district, phone="19900001234")
    at = f"{LIST}/{row.pk}/numbers"
    assert own.post(at, {"reason": "看"}).status_code == 422
    page = own.post(at, {"reason": "办理特种作业取证"}).content.decode()
    assert identity() in page
    assert "19900001234" in page
    assert JournalEntry.objects.filter(act="training.person.show_numbers").count() == 1
    assert client_of(district.town).get(at).status_code == 403
    assert identity() in client_of(district.director).post(at, {"reason": "事故调查核对"}).content.decode()
    assert JournalEntry.objects.filter(act="vault.unmask").count() == 1


def test_a_change_leaves_the_number_that_was_not_typed_and_an_older_page_is_told(own: Client) -> None:
    enter(own)
    row = Person.objects.get()
    given = {"employment": "own", "name": "某甲", "education": "college", "version": row.version}
    assert act(own, row, "change", **given).status_code == 303
    row = Person.objects.get()
    assert (row.education, queries.vault.reveal("resident_id", row.resident_id)) == ("college", identity())
    assert act(own, row, "change", **{**given, "education": "bachelor"}).status_code == 409


def test_his_photo_is_shown_to_whoever_has_the_duty_alone(district: District, own: Client) -> None:
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (30, 40)).save(picture, "PNG")
    assert enter(own, photo=SimpleUploadedFile("p.png", picture.getvalue(), "image/png")).status_code == 303
    row = Person.objects.get()
    link = queries.photo_of(row)
    assert link is not None
    assert f"/files/{link.pk}/show" in shown(own, row)
    assert client_of(district.department).get(f"/files/{link.pk}/show").status_code == 200
    worker = make_actor(district.enterprise_org, "enterprise.worker")
    assert client_of(worker).get(f"/files/{link.pk}/show").status_code == 404


def test_health_is_told_to_the_enterprise_alone_and_ends_on_a_day(district: District, own: Client) -> None:
    row = make_person(district)
    today = timezone.localdate()
    given = {"limit": "height", "source": "2026年度在岗职业健康检查", "from_date": today - timedelta(days=9)}
    assert act(own, row, "limit", **given).status_code == 303
    assert "高处作业" in shown(own, row, "health")
    assert client_of(district.department).get(f"{LIST}/{row.pk}?tab=health").status_code == 422
    assert "登记职业禁忌" in shown(own, row)
    told = shown(client_of(district.department), row)
    assert "高处作业" not in told
    assert "登记职业禁忌" not in told
    limit = HealthLimit.objects.get()
    assert queries.limits_on(row, today) == {"height"}
    at = f"{LIST}/{row.pk}/limits/{limit.pk}/end"
    assert own.post(at, {"until_date": today - timedelta(days=1)}).status_code == 303
    assert queries.limits_on(row, today) == set()


def test_who_leaves_holds_no_post_and_takes_up_the_same_file_when_he_returns(district: District, own: Client) -> None:
    row = make_person(district)
    make_post(district, row)
    today = timezone.localdate()
    assert act(own, row, "leave", left_date=today + timedelta(days=1), reason="x").status_code == 422
    assert act(own, row, "leave", left_date=today, reason="合同到期").status_code == 303
    assert PersonPost.objects.get().to_date == today
    assert own.get(f"{LIST}/{row.pk}/posts/new").status_code == 200
    answer = own.post(f"{LIST}/{row.pk}/posts/new", {"role": role("process_operator").pk, "from_date": today})
    assert answer.status_code == 409
    assert act(own, row, "return", joined_date=today).status_code == 303
    assert Person.objects.get().left_date is None


def test_a_post_ends_once_and_not_before_it_began(district: District, own: Client) -> None:
    row = make_person(district)
    post = make_post(district, row, title="罐区操作工")
    at = f"{LIST}/{row.pk}/posts/{post.pk}/end"
    assert "罐区操作工" in own.get(LIST + "?role=process_operator").content.decode()
    assert own.post(at, {"to_date": post.from_date - timedelta(days=1)}).status_code == 422
    assert own.post(at, {"to_date": post.from_date}).status_code == 303
    assert own.post(at, {"to_date": post.from_date}).status_code == 409
    assert "罐区操作工" not in own.get(LIST + "?role=process_operator").content.decode()


HEAD = ("工号", "姓名", "身份证号码", "联系电话", "用工类型", "用人单位", "学历")


def test_a_sheet_enters_changes_and_is_taken_back(district: District, own: Client) -> None:
    sheet = book(
        HEAD, ("A1", "某一", identity(1), "19900001111", "本单位职工", "", "大专"),
        ("C1", "某二", identity(2), "", "承包商人员", "示例检维修有限公司", ""),
    )  # fmt: skip
    run = imported(own, "training.own_persons", sheet)
    assert identity(1) not in str(list(run.lines.values_list("texts", flat=True)))
    assert Person.objects.filter(employment="contractor").get().employer_name == "示例检维修有限公司"
    again = checked(own, "training.own_persons", book(HEAD[:2] + HEAD[4:5], ("A1", "某一一", "本单位职工")))
    assert again.counts["changed"] == 1
    assert undo(own, run).status_code == 303
    assert Person.objects.count() == 0


def test_a_line_that_cannot_be_is_refused_in_its_cell(district: District, own: Client) -> None:
    make_person(district, order=7, staff_no="A7")
    sheet = book(
        HEAD, ("A1", "某一", identity(1)[:-1] + "Y", "", "本单位职工", "", ""),
        ("A2", "某二", identity(7), "", "本单位职工", "", ""), ("A7", "某七", identity(8), "", "本单位职工", "", ""),
        ("A3", "某三", "", "", "承包商人员", "", ""), ("A4", "某四", identity(4), "", "临时工", "", ""),
    )  # fmt: skip
    run = checked(own, "training.own_persons", sheet)
    assert {cell for cell, _code in reasons(run)} == {"C2", "C3", "C4", "C5", "F5", "E6"}
    assert Person.objects.count() == 1


def test_the_export_has_masked_numbers_and_comes_in_again_unchanged(district: District, own: Client) -> None:
    make_person(district, staff_no="A1", phone="19900001234", education="college", joined_date=NOW.date())
    wanted = ("staff_no", "name", "employment", "education", "joined_date", "resident_id", "phone", "state", "age")
    url = f"{LIST}?export=xlsx" + "".join(f"&cols={one}" for one in wanted)
    told = str(exported(own, url))
    assert identity() not in told
    assert "990102********" in told
    for sheet in (url, f"{LIST}?export=xlsx"):
        run = checked(own, "training.own_persons", own.get(sheet).content)
        assert (run.errors, run.counts["unchanged"]) == ([], 1)


def test_who_left_five_years_ago_is_forgotten_with_all_that_hangs_on_him(district: District) -> None:
    row = make_person(district)
    make_post(district, row)
    services.leave_person(actor=district.enterprise, person=row, left_date=NOW.date(), reason="", now=NOW)
    assert not list_gone(NOW).exists()
    gone = list(list_gone(NOW + timedelta(days=1)))
    forget(gone)
    assert (Person.objects.count(), PersonPost.objects.count()) == (0, 0)


def test_a_file_with_records_is_not_taken_back(district: District) -> None:
    row = make_person(district)
    make_post(district, row)
    with pytest.raises(Conflict):
        services.remove_person(actor=district.enterprise, person=row, now=NOW)


@pytest.fixture
def binding(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A room above that names whoever is told."""
    monkeypatch.setattr("quancheng.domains.training.queries.binding._bindings", {})
    named = Person.objects.values_list("pk", flat=True)
    return lambda keys: register_binding("test", "某票", lambda: named.filter(pk__in=keys))


def test_who_is_named_by_a_room_above_waits_and_holds_up_nobody_else(district: District, binding: Any) -> None:
    rows = [make_person(district, order=n, educated=False) for n in (1, 2)]
    for row in rows:
        services.leave_person(actor=district.enterprise, person=row, left_date=NOW.date(), reason="", now=NOW)
    binding([rows[0].pk])
    forget(list(list_gone(NOW + timedelta(days=1))))
    assert list(Person.objects.all()) == rows[:1]
    with pytest.raises(Conflict) as refused:
        services.remove_person(actor=district.enterprise, person=rows[0], now=NOW)
    assert "列在某票中" in str(refused.value)
    binding([])
    assert list(list_gone(NOW + timedelta(days=1))) == rows[:1]


def test_what_protects_a_person_without_having_said_so_refuses_all_the_same(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_person(district)

    def delete(self: Any) -> None:
        raise ProtectedError("protected", set())

    monkeypatch.setattr(PersonQuerySet, "delete", delete)
    with pytest.raises(Conflict):
        services.remove_person(actor=district.enterprise, person=row, now=NOW)
    assert not JournalEntry.objects.filter(act="training.person.remove").exists()


def test_a_badge_means_one_person(district: District) -> None:
    make_person(district, staff_no="A1")
    with pytest.raises(Conflict) as refused:
        make_person(district, order=2, staff_no="A1")
    assert "staff_no" in refused.value.fields
    row = Person.objects.get()
    with pytest.raises(Invalid):
        services.leave_person(
            actor=district.enterprise, person=row, left_date=NOW.date() + timedelta(days=1), reason="", now=NOW
        )
    with pytest.raises(StaleState):
        services.return_person(actor=district.enterprise, person=row, joined_date=NOW.date(), now=NOW)


def test_what_ships_is_loaded_once_and_what_a_person_changed_stays(district: District) -> None:
    WorkRole.objects.filter(code="welder").update(name="电焊工", changed_at=NOW)
    WorkRole.objects.filter(code="loader").update(name="改坏的")
    count = WorkRole.objects.count()
    load_shipped()
    assert WorkRole.objects.count() == count
    assert WorkRole.objects.get(code="welder").name == "电焊工"
    assert WorkRole.objects.get(code="loader").name == "装卸工"


@pytest.mark.parametrize("rows", [1, 8])
def test_the_list_costs_the_same_whatever_its_length(
    district: District, rows: int, django_assert_num_queries: Any
) -> None:
    for order in range(rows):
        make_person(district, order=order + 1)
    with django_assert_num_queries(2):
        [(row.enterprise.name, row.held) for row in queries.list_persons(actor=district.enterprise)]  # type: ignore[union-attr,attr-defined]
