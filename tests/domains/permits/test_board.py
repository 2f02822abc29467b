"""The permit board: what runs and what is late, whose it is, and the screen of the control room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from tests.domains.permits.factories import ELSEWHERE, NOW, START, crew_of, make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import PermitPerson, PermitScreen
from quancheng.domains.permits.queries.blocks import level_of_permit, next_signature
from quancheng.domains.permits.queries.board import next_step
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import guarding, screens
from quancheng.domains.permits.services.figures import set_figure
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db
BOARD = "/permits/board"


@pytest.fixture
def clock(monkeypatch):
    told = {"now": NOW + timedelta(minutes=20)}
    monkeypatch.setattr("django.utils.timezone.now", lambda: told["now"])
    return told


def cards(answer):
    columns = answer.context["columns"]
    return {card.permit.kind: card for _state, _label, held in columns for card, _level, _step in held}


def test_the_board_tells_ages_of_gas_and_check_and_what_is_late(clock):
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    items = dict.fromkeys((one.key for one in watching.guardian_items("CS")), True)
    guarding.look(actor=crew.safety, permit=permit, guardian=guardian, items=items, now=NOW + timedelta(minutes=15))
    client = client_of(district.enterprise)
    card = cards(client.get(BOARD))["CS"]
    assert (card.gas_min, card.is_gas_late, card.check_min) == (17, False, 5)
    assert not card.is_check_late
    assert not card.is_soon
    clock["now"] = NOW + timedelta(minutes=124)
    late = client_of(district.enterprise).get(BOARD)
    card = cards(late)["CS"]
    assert (card.gas_min, card.is_gas_late, card.is_check_late) == (121, True, True)
    assert "超时" in late.content.decode()
    clock["now"] = START + timedelta(hours=7, minutes=15)
    page = client_of(district.enterprise).get(BOARD)
    assert page.context["board"].soon == 1
    assert "还剩45分钟" in page.content.decode()


@pytest.mark.parametrize("kind", ["HW", "BL", "LF", "TE", "EX", "RC"])
def test_the_next_signature_on_the_board_is_the_one_that_is_asked_for(clock, kind):
    district = make_district()
    permit = make_permit(district, kind, to="APPROVING")
    rows = load_rows(permit)
    wanted = next_signature(rows, level_of_permit(rows, NOW))
    assert next_step(permit, rows.standing) == (wanted.step, wanted.department)


def test_offices_see_those_that_they_supervise_with_the_enterprise_and_narrow_them(clock):
    district = make_district()
    make_permit(district, "BL", to="WORKING")
    page = client_of(district.town).get(BOARD)
    assert "示例甲化工有限公司" in page.content.decode()
    assert cards(client_of(district.other_town).get(BOARD)) == {}
    assert cards(client_of(district.other_enterprise).get(BOARD)) == {}
    assert cards(client_of(district.department).get(BOARD, {"kind": "CS"})) == {}
    assert client_of(district.department).get(BOARD, {"town": "nowhere"}).status_code == 422


def test_a_screen_shows_the_board_without_sign_in_until_it_is_revoked(clock):
    district = make_district()
    crew = crew_of(district, "BL")
    make_permit(district, "BL", crew=crew, to="WORKING")
    client = client_of(crew.head)
    assert client.post("/permits/screens/new", {"name": "中控室"}).status_code == 303
    screen = PermitScreen.objects.get()
    answer = Client().get(f"/v/{screen.token}")
    page = answer.content.decode()
    assert "盲板抽堵作业" in page
    assert "某监护人" not in page
    assert 'content="5"' in page
    assert client.post(f"/permits/screens/{screen.pk}/revoke").status_code == 303
    assert Client().get(f"/v/{screen.token}").status_code == 404
    assert client.post(f"/permits/screens/{screen.pk}/revoke").status_code == 409


def test_a_screen_may_ask_day_and_night_and_unknown_addresses_are_counted(clock, settings):
    settings.CODE_RATE = 2
    district = make_district()
    crew = crew_of(district, "BL")
    screen = screens.make_screen(actor=crew.head, file=district_file(crew), name="中控室", now=NOW)
    assert [Client().get(f"/v/{screen.token}").status_code for _try in range(4)] == [200] * 4
    assert [Client().get("/v/" + "x" * 43).status_code for _try in range(3)] == [404, 404, 429]


def test_only_the_enterprise_itself_makes_screens(clock):
    district = make_district()
    crew = crew_of(district, "BL")
    assert client_of(district.town).get("/permits/screens/new").status_code == 403
    made = screens.make_screen(actor=crew.head, file=district_file(crew), name="中控室", now=NOW)
    assert client_of(district.other_enterprise).get(f"/permits/screens/{made.pk}/revoke").status_code == 404
    nameless = client_of(crew.head).post("/permits/screens/new", {"name": " "})
    assert nameless.status_code == 422


def district_file(crew):
    return crew.leader.file


def test_the_board_asks_as_many_questions_for_many_permits_as_for_one(clock, django_assert_max_num_queries):
    district = make_district()
    crew = crew_of(district, "BL")
    make_permit(district, "BL", crew=crew, to="WORKING")
    client = client_of(district.town)
    client.get(BOARD)
    with django_assert_max_num_queries(18):
        client.get(BOARD)


def test_running_work_stands_before_all_else_and_all_of_it_is_counted(clock, monkeypatch):
    monkeypatch.setattr("quancheng.domains.permits.queries.board.MOST", 1)
    district = make_district()
    make_permit(district, "EX", to="APPROVING")
    late = {"window_end": START + timedelta(hours=20)}
    make_permit(district, "BL", crew=crew_of(district, "BL", order=740), to="WORKING", at=ELSEWHERE, **late)
    answer = client_of(district.enterprise).get(BOARD)
    assert list(cards(answer)) == ["BL"]
    board = answer.context["board"]
    assert (board.counts["WORKING"], board.counts["APPROVING"], board.total, board.hidden) == (1, 1, 2, 1)


def test_gas_in_a_space_is_late_by_the_figure_of_the_enterprise(clock):
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    set_figure(
        actor=crew.head, file=permit.file, name="cs_log_min", value="15", from_date=NOW.date(), reason="公司规定",
        now=NOW,
    )  # fmt: skip
    assert cards(client_of(district.enterprise).get(BOARD))["CS"].is_gas_late
