"""The set-up of a new house, from the printed address to the first sign-in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.factories import make_member, make_org

from quancheng.kernel.areas import fetching
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import Conflict
from quancheng.kernel.house.queries import the_house
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import set_up
from quancheng.kernel.people.models import Membership, Organisation, SetUpDraft, SignInPolicy, User

pytestmark = pytest.mark.django_db

TABLE = """代码,名称
990101,示范区
990101001,江北街道
990101001001,江北社区居委会
990101002,石河镇
990101002200,石河村村委会
"""
PEOPLE = {
    "system_name": "甲某", "system_username": "sys", "security_name": "乙某", "security_username": "sec",
    "audit_name": "丙某", "audit_username": "aud", "director_name": "丁某", "director_username": "dir",
}  # fmt: skip


@pytest.fixture
def client(db):
    client = Client()
    token = set_up.issue_token(now=timezone.now())
    assert client.get(f"/set-up?token={token}")["Location"] == "/set-up"
    return client


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the inputs that the page shows: texts, hidden fields and ticked boxes."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", page):
        marks = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if (marks.get("type") == "checkbox" and " checked" not in tag) or marks.get("type") == "file":
            continue
        if marks.get("name") and marks["name"] != "csrfmiddlewaretoken":
            found.setdefault(marks["name"], []).append(marks.get("value", ""))
    return found


def district(client, **more):
    table = SimpleUploadedFile("table.csv", TABLE.encode())
    return client.post("/set-up/district", {"code": "990101", "name": "示范区", "table": table} | more)


def walk(client, people=PEOPLE):
    assert district(client)["Location"] == "/set-up/towns"
    towns = fields(client.get("/set-up/towns").content.decode())
    assert client.post("/set-up/towns", towns)["Location"] == "/set-up/departments"
    departments = fields(client.get("/set-up/departments").content.decode())
    assert client.post("/set-up/departments", departments)["Location"] == "/set-up/people"
    return client.post("/set-up/people", people)


def test_an_empty_house_is_set_up_from_the_printed_address_to_the_first_sign_in(client):
    assert walk(client)["Location"] == "/set-up/confirm"
    page = client.get("/set-up/confirm").content.decode()
    assert "江北街道办事处、石河镇人民政府" in page
    page = client.post("/set-up/confirm").content.decode()
    passwords = re.findall(r'<td class="qc-mono" data-card="meta">([\w-]{14})</td>', page)
    assert len(passwords) == 4

    house = the_house()
    assert (house.kind, house.district_code, house.district_name) == ("real", "990101", "示范区")
    assert Area.objects.get(is_home=True).name == "示范区"
    assert Area.objects.filter(level="village").count() == 2
    bureau = Organisation.objects.get(actor_code="EMB")
    assert (bureau.name, bureau.short_name, bureau.general) == ("示范区应急管理局", "区应急局", True)
    assert "区应急管理局" in bureau.aliases.values_list("name", flat=True)
    assert Organisation.objects.get(kind="town", area__name="石河镇").name == "石河镇人民政府"
    roles = dict(Membership.objects.values_list("user__username", "roles__code"))
    assert roles == {"sys": "admin.system", "sec": "admin.security", "aud": "admin.audit", "dir": "office.director"}
    assert SignInPolicy.objects.get().second_factor == "administrators"
    assert JournalEntry.objects.filter(act="house.found").exists()
    assert not SetUpDraft.objects.exists()

    fresh = Client()
    assert fresh.get("/set-up")["Location"] == "/login"
    assert fresh.post("/login", {"username": "dir", "password": passwords[3]}).status_code == 303
    assert fresh.get("/me")["Location"] == "/me/password"


def test_the_printed_address_works_once_and_for_one_browser(db):
    token = set_up.issue_token(now=timezone.now())
    assert Client().get(f"/set-up?token={token}").status_code == 302
    assert Client().get(f"/set-up?token={token}").status_code == 403
    assert Client().get("/set-up").status_code == 403
    assert Client().get("/set-up/people")["Location"] == "/set-up"


def test_an_old_address_is_refused(db):
    token = set_up.issue_token(now=timezone.now() - timedelta(hours=25))
    assert Client().get(f"/set-up?token={token}").status_code == 403


def test_a_new_address_keeps_the_draft_and_ends_the_former_browser(client):
    district(client)
    again = Client()
    again.get(f"/set-up?token={set_up.issue_token(now=timezone.now())}")
    assert again.get("/set-up")["Location"] == "/set-up/towns"
    assert client.get("/set-up").status_code == 403


def test_there_is_no_set_up_where_somebody_can_sign_in(client):
    make_member(make_org(), "town.officer")
    assert client.get("/set-up")["Location"] == "/login"
    with pytest.raises(Conflict):
        set_up.issue_token(now=timezone.now())


def test_sign_in_leads_to_the_set_up_while_there_is_nobody(db):
    assert Client().get("/login")["Location"] == "/set-up"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "12"}, "区县代码是6位数字"),
        ({"name": "某处"}, "以区、县、市或旗结尾"),
        ({"table": SimpleUploadedFile("a.csv", "990101001,江北街道\n990201001,他处".encode())}, "不属于区县"),
        ({"table": SimpleUploadedFile("a.csv", b"\x89PNG\xff\xfe")}, "表格"),
    ],
)
def test_a_wrong_district_is_told_and_what_was_typed_stays(client, given, said):
    answer = district(client, **given)
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (422, True)
    assert f'value="{given.get("code", "990101")}"' in page
    assert SetUpDraft.objects.get().steps == {}


def test_steps_cannot_be_skipped(client):
    assert client.get("/set-up/confirm")["Location"] == "/set-up"
    district(client)
    assert client.post("/set-up/people", PEOPLE)["Location"] == "/set-up"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"audit_name": ""}, "请填写此项"),
        ({"audit_username": "SYS"}, "用户名不能重复"),
        ({"audit_name": "甲某"}, "须由不同人员担任"),
    ],
)
def test_the_first_accounts_are_four_different_persons(client, change, said):
    answer = walk(client, PEOPLE | change)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert 'value="dir"' in answer.content.decode()


def test_two_departments_of_one_name_are_told_with_their_line(client):
    district(client)
    client.post("/set-up/towns", {"area": ["江北街道"], "name": ["江北街道办事处"], "code": ["990101001"]})
    given = {
        "chosen": ["0", "1"],
        "name": ["甲局", "甲局"],
        "short": ["", ""],
        "code": ["", ""],
        "kind": ["department"] * 2,
    }
    answer = client.post("/set-up/departments", given)
    assert (answer.status_code, "第 2 行" in answer.content.decode()) == (422, True)


def test_towns_may_be_typed_where_there_is_no_table(client):
    client.post("/set-up/district", {"code": "990101", "name": "示范县"})
    client.post("/set-up/towns", {"area": ["甲镇", ""], "name": ["", ""], "code": ["", ""]})
    client.post("/set-up/departments", fields(client.get("/set-up/departments").content.decode()))
    client.post("/set-up/people", PEOPLE)
    assert client.post("/set-up/confirm").status_code == 200
    assert Area.objects.get(level="street").path.startswith(Area.objects.get(is_home=True).path)
    assert Organisation.objects.get(kind="town").name == "甲镇人民政府"
    assert Organisation.objects.get(actor_code="SCO").short_name == "县安委办"


def test_a_district_is_chosen_from_the_fetched_divisions(client, tmp_path, monkeypatch):
    tables = {
        "provinces": "99,示范省\n", "cities": "9901,示范市\n", "areas": "990101,示范区\n990102,江南区\n",
        "streets": "990101001,江北街道\n", "villages": "",
    }  # fmt: skip
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    assert "需要先下载" in client.get("/set-up/district").content.decode()
    monkeypatch.setattr(fetching, "folder", lambda: tmp_path)
    page = client.get("/set-up/district?q=示范").content.decode()
    assert 'value="990101"' in page
    assert client.post("/set-up/district", {"pick": "990101"})["Location"] == "/set-up/towns"
    assert "江北街道办事处" in client.get("/set-up/towns").content.decode()


def test_the_divisions_are_fetched_in_the_background_and_asking_twice_asks_once(client):
    assert client.post("/set-up/fetch").status_code == 302
    assert client.post("/set-up/fetch").status_code == 302
    assert "正在下载" in client.get("/set-up/district?fetching=1").content.decode()
