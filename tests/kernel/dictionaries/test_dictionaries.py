"""Code lists: what ships is there, people may word it anew, and how it read before stays known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation
from tests.factories import NOW, District, make_district

from quancheng.kernel.dictionaries import queries, services
from quancheng.kernel.dictionaries.models import CodeItem, CodeItemVersion, CodeList
from quancheng.kernel.dictionaries.services import ItemSpec
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
FIVE = ItemSpec(code="five_in_place_danger", label="五落实", label_en="Five settled", mark="V", parts=("措施",))


@pytest.fixture
def district() -> District:
    return make_district()


def five() -> CodeItem:
    return CodeItem.objects.get(code_list="slogans", code="five_in_place_danger")


def test_the_slogans_ship_with_their_parts_marks_and_both_languages() -> None:
    slogans = list(queries.list_items("slogans"))
    assert len(slogans) == 38
    assert five().parts == ["整改措施", "整改责任", "整改资金", "整改时限", "应急预案"]
    assert all(item.label and item.label_en and item.meaning and item.mark in "VGDL" for item in slogans)
    assert {item.code for item in slogans if item.mark == "L"} >= {"three_intensities", "eight_lists"}
    assert [item.code for item in queries.list_items("links")] == [
        "production", "storage", "trade", "transport", "use", "disposal",
    ]  # fmt: skip


def test_a_number_in_a_slogan_is_the_number_of_its_parts() -> None:
    for item in queries.list_items("slogans"):
        count = {"三": 3, "四": 4, "五": 5}.get(item.label[0])
        if count and item.parts and item.code not in ("six_tags", "four_noes_two_straights"):
            assert len(item.parts) == count, item.label


def test_an_entry_is_found_by_code_label_and_alias() -> None:
    for text in ("links", "贮存", "储存", "storage"):
        found = queries.find_item("links", text)
        assert (found.code if found else None) == (None if text == "links" else "storage")
    spoken = queries.find_item("slogans", "“三部曲”")
    assert spoken is not None
    assert spoken.code == "trilogy"


def test_labels_follow_the_readers_language() -> None:
    with translation.override("en"):
        assert queries.labels_of("links")["storage"] == "Storage"
    assert queries.labels_of("links")["storage"] == "储存"


def test_loading_again_changes_nothing() -> None:
    assert services.load_shipped(now=NOW) == 0
    assert CodeItemVersion.objects.filter(version__gt=1).count() == 0


def test_a_change_keeps_how_it_read_and_a_new_release_does_not_undo_it(district: District) -> None:
    item = services.change_item(
        actor=district.director, item=five(), spec=FIVE, reason="按本地文件", seen_version=1, now=NOW
    )
    assert (item.version, item.parts, item.label_en) == (2, ["措施"], "Five settled")
    versions = list(queries.history_of(item))
    assert [version.version for version in versions] == [2, 1]
    assert versions[1].facts["parts"][0] == "整改措施"
    assert versions[0].changed_by_id == district.director.user_id
    assert services.load_shipped(now=NOW) == 0
    assert five().parts == ["措施"]
    assert JournalEntry.objects.get(act="dictionaries.item.change").facts["reason"] == "按本地文件"
    with pytest.raises(DatabaseError), transaction.atomic():
        CodeItemVersion.objects.filter(item=item).update(reason="")


def test_a_new_releases_wording_reaches_what_nobody_changed(tmp_path: Path) -> None:
    data = json.loads(services._FILES[0].read_text(encoding="utf-8"))
    data["items"][6]["meaning"] = "新的说明。"
    path = tmp_path / "slogans.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert services.load_file(path, now=NOW) == 1
    assert (five().meaning, five().version) == ("新的说明。", 2)


def test_the_second_of_two_editors_is_told(district: District) -> None:
    told = {"actor": district.director, "item": five(), "reason": "按本地文件", "seen_version": 1, "now": NOW}
    services.change_item(spec=FIVE, **told)  # type: ignore[arg-type]
    with pytest.raises(StaleState):
        services.change_item(spec=replace(FIVE, label="五个落实"), **told)  # type: ignore[arg-type]
    assert five().label == "五落实"


def test_an_entry_is_added_and_ended_by_date(district: District) -> None:
    slogans = CodeList.objects.get(code="slogans")
    spec = ItemSpec(code="local", label="本地用语", aliases=("本地", " 本地 "), valid_from=date(2026, 1, 1))
    told = {"actor": district.director, "reason": "本地文件", "now": NOW}
    item = services.add_item(code_list=slogans, spec=spec, **told)  # type: ignore[arg-type]
    ended = replace(spec, valid_to=date(2026, 6, 30))
    services.change_item(item=item, spec=ended, seen_version=1, **told)  # type: ignore[arg-type]
    assert queries.find_item("slogans", "本地", on=date(2026, 6, 30)) == item
    assert queries.find_item("slogans", "本地", on=date(2026, 7, 1)) is None
    assert queries.find_item("slogans", "本地", on=date(2025, 12, 31)) is None
    with pytest.raises(Conflict):
        services.add_item(code_list=slogans, spec=replace(spec, aliases=()), **told)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.add_item(code_list=slogans, spec=replace(spec, code="other", aliases=("五色图",)), **told)  # type: ignore[arg-type]
    assert not CodeItem.objects.filter(code_list=slogans, code="other").exists()


def test_lists_that_programs_act_by_are_neither_added_to_nor_cut(district: District) -> None:
    links = CodeList.objects.get(code="links")
    told = {"actor": district.director, "reason": "本地文件", "now": NOW}
    with pytest.raises(Conflict):
        services.add_item(code_list=links, spec=ItemSpec(code="x", label="又一环节"), **told)  # type: ignore[arg-type]
    storage = CodeItem.objects.get(code_list=links, code="storage")
    spec = ItemSpec(code="storage", label="储存（贮存）", valid_to=date(2026, 1, 1))
    with pytest.raises(Conflict):
        services.change_item(item=storage, spec=spec, seen_version=1, **told)  # type: ignore[arg-type]
    changed = services.change_item(item=storage, spec=replace(spec, valid_to=None), seen_version=1, **told)  # type: ignore[arg-type]
    assert changed.label == "储存（贮存）"


@pytest.mark.parametrize(
    ("wrong", "reason", "field"),
    [
        ({"label": " "}, "本地文件", "label"),
        ({"label": "长" * 121}, "本地文件", "label"),
        ({"mark": "X"}, "本地文件", "mark"),
        ({"code": "other"}, "本地文件", "code"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "本地文件", "valid_to"),
        ({}, " ", "reason"),
    ],
)
def test_a_wrong_change_is_refused_at_its_field(
    district: District, wrong: dict[str, object], reason: str, field: str
) -> None:
    told = {"item": five(), "seen_version": 1, "now": NOW}
    with pytest.raises(NotPermitted):
        services.change_item(actor=district.officer, spec=FIVE, reason="本地文件", **told)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as caught:
        services.change_item(actor=district.director, spec=replace(FIVE, **wrong), reason=reason, **told)  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]
    assert five().version == 1
