"""Boards on the spot: which an enterprise needs, who stands on them, printed with a code, outdated when data change."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.risk.cards_scene import make_scene
from tests.domains.risk.factories import make_measure
from tests.factories import NOW, client_of

from quancheng.domains.registry.models import Unit
from quancheng.domains.risk.models import CardMark, RiskBoard
from quancheng.domains.risk.queries import guarantors_of
from quancheng.domains.risk.queries.guarantors_of import Guarantor
from quancheng.domains.risk.services import boards, risks, watching
from quancheng.kernel.errors import NotPermitted
from quancheng.standards.risk import guarantors

pytestmark = pytest.mark.django_db


def words_of(content: bytes) -> tuple[str, tuple[int, int]]:
    paper = pypdfium2.PdfDocument(BytesIO(content))
    width, height = paper[0].get_size()
    text = "".join(page.get_textpage().get_text_range() for page in paper)
    return "".join(text.split()), (round(width / 72 * 25.4), round(height / 72 * 25.4))


@pytest.mark.clause("S1-3b")
def test_each_risk_point_of_larger_risk_has_a_board_with_three_persons_and_measures_and_a_code() -> None:
    scene = make_scene()
    own = client_of(scene.keeper)
    assert own.post(reverse("risk:boards_find")).status_code in (302, 303)
    board = RiskBoard.objects.get(kind="point")
    # The point counts by its inherent risk: measures do not take the board down. The other unit is not assessed.
    assert (board.name, board.direct_person) == ("示例储罐", "示例甲")
    page = reverse("risk:board", args=[board.pk])
    assert own.get(reverse("risk:board_pdf", args=[board.pk, "a3"])).status_code == 404
    named = {"act": "persons", "leader": "副总甲", "department_head": "部长乙", "direct_person": "班长丙"}
    assert own.post(page, named | {"version": "1", "leader": "长" * 61}).status_code == 422
    assert own.post(page, named | {"version": "1"}).status_code in (302, 303)
    assert own.post(page, named | {"version": "1", "leader": "别人"}).status_code == 409
    assert own.post(page, {"act": "print"}).status_code in (302, 303)
    for size, paper in (("a3", (420, 297)), ("a2", (594, 420))):
        text, measured = words_of(own.get(reverse("risk:board_pdf", args=[board.pk, size])).content)
        assert measured == paper
        shown = ("副总甲", "部长乙", "班长丙", "高液位报警有效", "配备泡沫站", "一般风险（黄）", "第1版", "当心火灾")
        for word in shown:
            assert word in text, word
    opened = Client().get(reverse("risk:mark", args=[CardMark.objects.get(board=board).code])).content.decode()
    for word in ("副总甲", "高液位报警有效", "12350", "一般风险（黄）"):
        assert word in opened, word
    assert client_of(scene.district.town).post(page, {"act": "print"}).status_code == 422
    assert client_of(scene.district.other_enterprise).get(page).status_code == 404


def test_a_printed_board_whose_data_changed_is_told_and_a_new_print_is_another_edition() -> None:
    scene = make_scene()
    boards.find_boards(file=scene.file, now=NOW)
    board = RiskBoard.objects.get(kind="enterprise")
    boards.print_board(actor=scene.keeper, board=board, now=NOW)
    boards.print_board(actor=scene.keeper, board=board, now=NOW)
    assert board.edition == 1
    assert boards.look_at_boards(now=NOW) == 0
    make_measure(scene.keeper, scene.event, text="新增独立切断阀", subcategory="1-3")
    town = client_of(scene.district.town)
    assert "风险或管控措施已变化" in town.get(reverse("risk:board", args=[board.pk])).content.decode()
    watching.look_at_all(now=NOW)
    listed = town.get(reverse("risk:boards") + "?outdated=1").content.decode()
    assert "风险或管控措施已变化" in listed
    answer = town.get("/api/v1/risk/boards?outdated=true").json()
    assert [one["id"] for one in answer["items"]] == [str(board.pk)]
    board.refresh_from_db()
    boards.print_board(actor=scene.keeper, board=board, now=NOW)
    assert (board.edition, board.outdated_at, board.changes) == (2, None, [])
    with pytest.raises(NotPermitted):
        boards.print_board(actor=scene.worker, board=board, now=NOW)


def test_the_sign_board_of_a_major_hazard_has_names_where_somebody_tells_them_and_blank_lines_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = make_scene()
    place = Unit.objects.get(file=scene.file)
    Unit.objects.filter(pk=place.pk).update(legal_grade=2, legal_r="55.5")
    boards.find_boards(file=scene.file, now=NOW)
    board = RiskBoard.objects.get(kind="hazard")
    own = client_of(scene.keeper)
    page = reverse("risk:board", args=[board.pk])
    blank = own.get(page).content.decode()
    assert "＿＿＿＿" in blank
    assert guarantors.duties("technical")[0].text.zh in blank
    own.post(page, {"act": "print"})
    text, _size = words_of(own.get(reverse("risk:board_pdf", args=[board.pk, "a3"])).content)
    for word in ("二级重大危险源", "55.50", "甲醇", "12350", place.name.replace(" ", "")):
        assert word in text, word

    def told(place_id: Any, on: Any) -> list[Guarantor]:
        return [Guarantor("main", "示例甲", "总经理", "010-12345678")]

    # In place of whoever registered, and only here.
    monkeypatch.setattr(guarantors_of, "_provider", [told])
    assert boards.look_at_boards(now=NOW) == 1
    assert "包保责任人已变化" in own.get(page).content.decode()
    own.post(page, {"act": "print"})
    text, _size = words_of(own.get(reverse("risk:board_pdf", args=[board.pk, "a2"])).content)
    assert "010-12345678" in text


def test_a_board_that_is_needed_no_more_ends_and_its_code_opens_nothing() -> None:
    scene = make_scene()
    boards.find_boards(file=scene.file, now=NOW)
    board = RiskBoard.objects.get(kind="point")
    boards.print_board(actor=scene.keeper, board=board, now=NOW)
    code = CardMark.objects.get(board=board).code
    risks.end_event(actor=scene.keeper, row=scene.event, reason="储罐拆除", now=NOW)
    boards.find_all_boards(now=NOW)
    board.refresh_from_db()
    assert board.ended_date is not None
    assert Client().get(reverse("risk:mark", args=[code])).status_code == 404
    assert Client().get(reverse("risk:mark", args=["0" * 16])).status_code == 404
