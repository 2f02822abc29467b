"""The pages of code lists: everybody reads, who holds the duty changes, and the history is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.factories import District, make_district
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.dictionaries.models import CodeItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def five() -> CodeItem:
    return CodeItem.objects.get(code_list="slogans", code="five_in_place_danger")


def filled(**more: str) -> dict[str, str]:
    return {
        "act": "change", "label": "五落实", "label_en": "Five settled", "meaning": "按本地文件。", "mark": "D",
        "parts": "措施\n责任\n资金\n时限\n预案", "aliases": "五个落实", "reason": "本地文件",
        "seen_version": "1", **more,
    }  # fmt: skip


def test_the_list_is_searched_and_narrowed_by_everybody(district: District) -> None:
    client = signed_in(district.enterprise)
    text = client.get("/dictionaries/?list=links").content.decode()
    assert "废弃处置" in text
    assert "五落实" not in text
    assert "五落实" in client.get("/dictionaries/?q=落实").content.decode()
    assert "/dictionaries/new" not in text


def test_an_entry_is_changed_through_its_page_and_shows_its_history(district: District) -> None:
    client = signed_in(district.director)
    url = f"/dictionaries/{five().pk}"
    opened = client.get(f"{url}?act=change").content.decode()
    assert "整改措施\n整改责任" in opened.replace("\r", "")
    assert client.post(url, filled()).status_code == 303
    text = client.get(url).content.decode()
    assert "措施、责任、资金、时限、预案" in text
    assert "五个落实" in text
    assert re.search(r"第2版：五落实", text)
    assert re.search(r"第1版：五落实", text)
    assert "本地文件" in text


def test_a_second_editor_is_told_and_keeps_what_he_typed(district: District) -> None:
    client = signed_in(district.director)
    url = f"/dictionaries/{five().pk}"
    assert client.post(url, filled()).status_code == 303
    answer = client.post(url, filled(meaning="我的写法。"))
    assert answer.status_code == 409
    assert "我的写法。" in answer.content.decode()
    assert five().meaning == "按本地文件。"


def test_who_lacks_the_duty_changes_nothing(district: District) -> None:
    client = signed_in(district.officer)
    url = f"/dictionaries/{five().pk}"
    assert "?act=change" not in client.get(url).content.decode()
    assert client.post(url, filled()).status_code == 403
    assert client.get("/dictionaries/new").status_code == 403
    assert five().version == 1


def test_an_entry_is_added_and_a_taken_code_is_told_beside_its_field(district: District) -> None:
    client = signed_in(district.director)
    given = filled(code_list="slogans", code="local_words", label="本地用语", aliases="")
    answer = client.post("/dictionaries/new", given)
    assert answer.status_code == 303
    assert "本地用语" in client.get(answer.headers["Location"]).content.decode()
    again = client.post("/dictionaries/new", given)
    assert again.status_code == 409
    assert "该代码已存在。" in again.content.decode()
    fixed = client.post("/dictionaries/new", {**given, "code_list": "links", "code": "other"})
    assert fixed.status_code == 422
    assert CodeItem.objects.filter(code_list="slogans").count() == 39
