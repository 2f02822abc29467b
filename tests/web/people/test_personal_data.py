"""What is held on a person: he sees all of it, others see it masked, and whoever looks behind the mask is named."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories import house_actor, make_district, make_member
from tests.support.signing import signed_in

from quancheng.kernel.events.models import Event
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts

pytestmark = pytest.mark.django_db
#: No number that anybody could have: area code 000.
NUMBER, MASKED = "0005550177", "000****0177"


@pytest.fixture
def district(db):
    return make_district()


@pytest.fixture
def clerk(district):
    place = make_member(district.department_org, "department.officer", name="甲某")
    accounts.set_phone(actor=house_actor(), user_id=place.user_id, phone=NUMBER, now=timezone.now())
    return place


def test_the_directory_and_its_export_show_numbers_masked(district, clerk):
    client = signed_in(district.department_head)
    page = client.get("/people").content.decode()
    assert (MASKED in page, NUMBER in page) == (True, False)
    sheet = client.get("/people?export=xlsx")
    cells = [str(cell) for row in load_workbook(BytesIO(b"".join(sheet))).active.values for cell in row]
    assert (MASKED in cells, NUMBER in cells) == (True, False)
    person = client.get(f"/people/{clerk.user_id}").content.decode()
    assert (MASKED in person, NUMBER in person) == (True, False)


def test_the_directory_shows_an_enterprise_its_own_people_alone(district, clerk):
    client = signed_in(district.enterprise)
    assert "甲某" not in client.get("/people").content.decode()
    assert client.get(f"/people/{clerk.user_id}").status_code == 404
    assert client.post(f"/people/{clerk.user_id}/phone", {"reason": "夜间应急联络"}).status_code == 404
    assert client.get(f"/people/{district.enterprise.user_id}").status_code == 200


def test_the_way_behind_the_mask_is_offered_to_whoever_may_take_it(district, clerk):
    page, way = f"/people/{clerk.user_id}", f"/people/{clerk.user_id}/phone"
    assert way in signed_in(district.department_head).get(page).content.decode()
    assert way not in signed_in(district.department).get(page).content.decode()
    assert way not in signed_in(district.town).get(page).content.decode()


def test_programs_get_the_number_masked_and_in_full_for_a_reason_alone(district, clerk):
    head = signed_in(district.department_head)
    listed = head.get("/api/v1/people?limit=200").json()["items"]
    assert [one["phone"] for one in listed if one["user_id"] == str(clerk.user_id)] == [MASKED]
    address = f"/api/v1/people/{clerk.user_id}/phone"

    def ask(client, reason):
        return client.post(address, json.dumps({"reason": reason}), content_type="application/json")

    assert ask(head, "x").status_code == 422
    assert ask(signed_in(district.department), "夜间应急联络").status_code == 403
    assert ask(signed_in(district.enterprise), "夜间应急联络").status_code == 404
    assert not JournalEntry.objects.filter(act="vault.unmask").exists()
    assert ask(head, "夜间应急联络").json() == {"phone": NUMBER}
    assert JournalEntry.objects.get(act="vault.unmask").facts["reason"] == "夜间应急联络"


@pytest.mark.parametrize("address", ["/search?q=甲某", "/api/v1/me", "/api/v1/organisations", "/api/v1/people"])
def test_search_and_the_api_tell_no_number(district, clerk, address):
    answer = signed_in(district.director).get(address)
    assert (answer.status_code, NUMBER in answer.content.decode()) == (200, False)


def test_no_event_carries_a_number_and_no_journal_entry_does(district, clerk):
    assert "5550177" not in str(list(Event.objects.values_list("facts", flat=True)))
    assert "5550177" not in str(list(JournalEntry.objects.values_list("facts", flat=True)))


def test_each_person_sees_what_is_held_on_him_whence_and_who_looked(district, clerk):
    signed_in(district.department_head).post(f"/people/{clerk.user_id}/phone", {"reason": "夜间应急联络"})
    page = signed_in(clerk).get("/me/record").content.decode()
    for said in (NUMBER, "系统管理员登记", "5年后匿名化", "夜间应急联络", district.department_head.name, "127.0.0.1"):
        assert said in page, said
    stranger = signed_in(district.department).get("/me/record").content.decode()
    assert (NUMBER in stranger, "夜间应急联络" in stranger) == (False, False)


def test_the_record_can_be_taken_along_as_a_file_and_that_is_journaled(district, clerk):
    signed_in(district.department_head).post(f"/people/{clerk.user_id}/phone", {"reason": "夜间应急联络"})
    answer = signed_in(clerk).get("/me/record/file")
    assert "attachment" in answer["Content-Disposition"]
    given = json.loads(answer.content)
    assert {one["label"]: one["value"] for one in given["fields"]}["手机号码"] == NUMBER
    assert [one["reason"] for one in given["seen_in_full_by"]] == ["夜间应急联络"]
    assert [one["organisation"] for one in given["places"]] == [district.department_org.name]
    assert given["sessions"][0]["address"] == "127.0.0.1"
    entry = JournalEntry.objects.get(act="people.record.take")
    assert (entry.user_id, entry.facts) == (clerk.user_id, {})


def test_nobody_signed_in_sees_none_of_it(client, clerk):
    for name, arguments in (("people:people", []), ("people:person", [clerk.user_id]), ("people:record_file", [])):
        assert client.get(reverse(name, args=arguments)).status_code == 302
