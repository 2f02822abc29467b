"""Checklists: those of a day, on screen, on paper, as a sheet, and a district's own edition."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.factories import NOW, District, client_of, make_district
from tests.kernel.exchange.importing import book, exported, imported

from quancheng.domains.hazards.queries import checklists as queries
from quancheng.kernel.law import services as law
from quancheng.kernel.law.models import Edition, LegalText
from quancheng.kernel.law.services import ClauseSpec, EditionSpec
from quancheng.standards.hidden_dangers.checklists import checklists

pytestmark = pytest.mark.django_db
API = "/api/v1/hazards"


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def test_every_item_that_ships_is_in_the_register_with_grade_and_criteria() -> None:
    for one in checklists().values():
        sheet = queries.get_checklist(one.text_code, on=timezone.localdate())
        assert sheet.edition is not None
        assert sheet.edition.number == one.edition
        assert [
            (each.place, each.summary, each.summary_en, each.basis, each.grade, each.refers) for each in sheet.items
        ] == [
            (each.code, each.text.zh, each.text.en, each.basis, each.grade.value, list(each.criteria))
            for each in one.items
        ]  # fmt: skip


def test_the_list_names_items_edition_and_whom_each_is_for(district: District) -> None:
    client = client_of(district.enterprise)
    page = client.get("/hazards/checklists").content.decode()
    assert "加油站检查表" in page
    assert "/hazards/checklists/CL-SL" in page
    narrow = client.get("/hazards/checklists", {"place_kind": "petrol_station"}).content.decode()
    assert "CL-PS" in narrow
    assert "CL-SL" not in narrow


def test_a_checklist_is_read_and_printed(district: District) -> None:
    page = client_of(district.town).get("/hazards/checklists/CL-PS").content.decode()
    for told in ("PS-35", "卸油防溢阀", "CH-18", "□ 不适用", "data-print", "检查人签字", "被检查单位签字"):
        assert told in page
    assert "录入新版本" not in page
    assert "录入新版本" in client_of(district.director).get("/hazards/checklists/CL-PS").content.decode()
    client = client_of(district.town)
    client.post("/language", {"language": "en", "next": "/"})
    english = client.get("/hazards/checklists/CL-SL").content.decode()
    assert "Escape ways free" in english
    assert "fire part of the education guide" in english


def test_the_edition_in_force_on_the_day_counts(district: District) -> None:
    today, client = timezone.localdate(), client_of(district.department)
    text = LegalText.objects.get(pk="CL-PS")
    spec = EditionSpec(number="本区2027版", effective_from=today + timedelta(days=30), mark="D", dates_mark="D")
    lines = [ClauseSpec("PS-01", "本区自己的检查项", grade="serious", refers=("CH-17",))]
    law.add_edition(actor=district.director, text=text, spec=spec, clauses=lines, now=NOW)
    before = client.get("/hazards/checklists/CL-PS").content.decode()
    assert "本区自己的检查项" not in before
    later = client.get("/hazards/checklists/CL-PS", {"on": (today + timedelta(days=30)).isoformat()}).content.decode()
    assert "本区自己的检查项" in later
    assert "PS-02" not in later
    asked = {"on": (today + timedelta(days=30)).isoformat()}
    (item,) = client.get(f"{API}/checklists/CL-PS", asked).json()["items"]
    assert (item["grade"], item["criteria"]) == ("serious", ["CH-17"])
    assert "这一天没有施行的版本" in client.get("/hazards/checklists/CL-PS", {"on": "2001-01-01"}).content.decode()


def test_a_wrong_day_is_told_and_what_is_absent_is_not_found(district: District) -> None:
    client = client_of(district.enterprise)
    wrong = client.get("/hazards/checklists/CL-PS", {"on": "tomorrow"})
    assert wrong.status_code == 422
    assert "日期应为" in wrong.content.decode()
    assert client.get("/hazards/checklists/CL-PS", {"colour": "red"}).status_code == 422
    assert client.get("/hazards/checklists/CL-PS", {"export": "pdf"}).status_code == 422
    assert client.get("/hazards/checklists/WSL").status_code == 404
    assert client.get(f"{API}/checklists/NONE").status_code == 404


def test_a_sheet_of_the_items_is_the_draft_of_a_new_edition(district: District) -> None:
    client = client_of(district.director)
    heads, *rows = exported(client, "/hazards/checklists/CL-GF?export=xlsx")
    spec = {"act": "edition", "number": "本区版", "effective_from": timezone.localdate().isoformat(), "mark": "D",
            "dates_mark": "D"}  # fmt: skip
    assert client.post("/law/t/CL-GF", spec).status_code == 303
    edition = Edition.objects.get(text="CL-GF", number="本区版")
    imported(client, "law.clauses", book(heads, *rows), edition=str(edition.pk), mark="D")
    fields = ("place", "summary", "summary_en", "basis", "grade", "refers")
    shipped = Edition.objects.get(text="CL-GF", number="平台版1")
    assert list(edition.clauses.order_by("place").values_list(*fields)) == list(
        shipped.clauses.order_by("place").values_list(*fields)
    )


def test_a_program_reads_checklists(district: District) -> None:
    client = client_of(district.enterprise)
    found = {one["code"]: one for one in client.get(f"{API}/checklists").json()}
    assert (found["CL-FC"]["items"], found["CL-FC"]["edition"]) == (36, "平台版1")
    assert [one["code"] for one in client.get(f"{API}/checklists", {"place_kind": "laboratory"}).json()] == ["CL-SL"]
    whole = client.get(f"{API}/checklists/CL-TF").json()
    assert len(whole["items"]) == 36
    assert whole["items"][5]["criteria"] == ["CH-05"]
    assert client.get(f"{API}/checklists", {"place_kind": "circus"}).status_code == 422


def test_the_screening_guide_is_known_by_its_areas_and_tables(district: District) -> None:
    page = client_of(district.department).get("/law/t/HDG78").content.decode()
    for told in ("安全领导能力", "重点危险化学品特殊管控", "检查项待录入"):
        assert told in page
