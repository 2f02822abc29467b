"""A rule counts as it stood on the day of the fact; a change of law is data, not a release."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import NOW, District, make_district

from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.law import queries, services
from quancheng.kernel.law.models import Edition, LegalText
from quancheng.kernel.law.services import ClauseSpec, EditionSpec

pytestmark = pytest.mark.django_db
NEW = EditionSpec(number="示例令第1号", effective_from=date(2027, 1, 1), mark="V", dates_mark="V")


@pytest.fixture
def district() -> District:
    return make_district()


def shipped(name: str) -> list[dict[str, Any]]:
    texts: list[dict[str, Any]] = json.loads((Path(services.__file__).parent / "data" / name).read_text())["texts"]
    return texts


def number_on(code: str, day: date) -> str:
    edition = queries.in_force(code, on=day)
    return edition.number if edition else ""


def test_the_register_ships_whole_and_loading_again_changes_nothing() -> None:
    # Criteria, checklists and what they rest on are brought by the rooms that use them.
    codes = {one["code"] for path in ("laws.json", "documents.json") for one in shipped(path)}
    assert LegalText.objects.filter(pk__in=codes).exclude(kind="standard").count() == 30
    assert LegalText.objects.filter(kind="standard").count() == 5
    assert services.load_shipped(now=NOW) == 0
    assert all(text.editions.exists() for text in queries.list_texts())


@pytest.mark.parametrize(
    ("code", "day", "number"),
    [
        ("PEN", date(2026, 1, 31), "国家安全生产监督管理总局令第15号（第77号修正）"),
        ("PEN", date(2026, 2, 1), "应急管理部令第18号"),
        ("HCSL", date(2026, 4, 30), ""),
        ("HCSL", date(2026, 5, 1), "2025年公布"),
        ("GB18218", date(2019, 2, 28), "GB 18218-2009"),
        ("GB18218", date(2019, 3, 1), "GB 18218-2018"),
        ("GB18218", date(2009, 11, 30), ""),
        ("PLAN", date(2026, 1, 1), ""),  # its first day is not known: not said to be in force
        ("NONE", date(2026, 1, 1), ""),
    ],
)
def test_the_edition_of_the_day_is_found(code: str, day: date, number: str) -> None:
    assert number_on(code, day) == number


def test_no_two_editions_of_a_text_are_in_force_at_once() -> None:
    for text in queries.list_texts():
        dated = sorted((one for one in text.editions.all() if one.effective_from), key=lambda one: one.effective_from)  # type: ignore[arg-type,return-value]
        for one, after in itertools.pairwise(dated):
            assert one.effective_to is not None
            assert one.effective_to < after.effective_from, text.code  # type: ignore[operator]


def test_a_decision_after_a_change_of_law_has_to_compare_both() -> None:
    law = queries.applicable_law("PEN", act_ended_on=date(2026, 1, 20), decided_on=date(2026, 3, 1))
    assert law.must_compare
    assert law.on_act is not None
    assert law.on_act.number.startswith("国家安全")
    same = queries.applicable_law("PEN", act_ended_on=date(2026, 2, 20), decided_on=date(2026, 3, 1))
    assert not same.must_compare
    with pytest.raises(ValueError, match="after it ended"):
        queries.applicable_law("PEN", act_ended_on=date(2026, 3, 2), decided_on=date(2026, 3, 1))


def test_a_clause_is_read_as_it_stood(district: District) -> None:
    text = LegalText.objects.get(code="APL")
    spec = replace(NEW, number="示例修订")
    services.add_edition(
        actor=district.director, text=text, spec=spec, clauses=[ClauseSpec("37", "新的写法。", mark="V")], now=NOW
    )
    before, after = (queries.clause_of("APL", "37", on=day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert before is not None
    assert after is not None
    assert before.summary.startswith("适用违法行为发生时的规定")
    assert after.summary == "新的写法。"
    assert queries.clause_of("APL", "999", on=date(2027, 1, 1)) is None
    assert queries.clause_of("APL", "37", on=date(1990, 1, 1)) is None


def test_a_new_edition_ends_the_one_before_and_is_journaled(district: District) -> None:
    text = LegalText.objects.get(code="GB30871")
    services.add_edition(actor=district.director, text=text, spec=NEW, now=NOW)
    assert number_on("GB30871", date(2026, 12, 31)) == "GB 30871-2022"
    assert number_on("GB30871", date(2027, 1, 1)) == "示例令第1号"
    assert JournalEntry.objects.get(act="law.edition.add").facts["ended"] == "GB 30871-2022"
    assert services.load_shipped(now=NOW) == 0
    assert number_on("GB30871", date(2027, 1, 1)) == "示例令第1号"


def test_overlapping_or_repeated_editions_are_refused(district: District) -> None:
    text = LegalText.objects.get(code="GB18218")
    told = {"actor": district.director, "text": text, "now": NOW}
    with pytest.raises(Conflict):
        services.add_edition(spec=replace(NEW, number="GB 18218-2018"), **told)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.add_edition(spec=replace(NEW, effective_from=date(2015, 1, 1)), **told)  # type: ignore[arg-type]
    older = replace(NEW, number="GB 18218-2000", effective_from=date(2001, 1, 1), effective_to=date(2009, 11, 30))
    services.add_edition(spec=older, **told)  # type: ignore[arg-type]
    assert number_on("GB18218", date(2009, 11, 30)) == "GB 18218-2000"
    assert number_on("GB18218", date(2026, 1, 1)) == "GB 18218-2018"


@pytest.mark.parametrize(
    ("wrong", "clauses", "field"),
    [
        ({"number": " "}, [], "number"),
        ({"effective_to": date(2026, 12, 31)}, [], "effective_to"),
        ({"mark": "?"}, [], "mark"),
        ({}, [ClauseSpec("1", "a"), ClauseSpec("1", "b")], "clauses"),
        ({}, [ClauseSpec("1", " ")], "clauses"),
    ],
)
def test_a_wrong_edition_is_refused_at_its_field(
    district: District, wrong: dict[str, object], clauses: list[ClauseSpec], field: str
) -> None:
    text = LegalText.objects.get(code="GB18218")
    with pytest.raises(NotPermitted):
        services.add_edition(actor=district.officer, text=text, spec=NEW, now=NOW)
    with pytest.raises(Invalid) as caught:
        services.add_edition(
            actor=district.director,
            text=text,
            spec=replace(NEW, **wrong),
            clauses=clauses,
            now=NOW,  # type: ignore[arg-type]
        )
    assert list(caught.value.fields) == [field]
    assert text.editions.count() == 2


def test_a_missing_date_is_entered_with_its_source_and_then_counts(district: District) -> None:
    edition = Edition.objects.get(text="PLAN")
    told = {"actor": district.director, "edition": edition, "effective_to": None, "now": NOW}
    with pytest.raises(Invalid):
        services.set_dates(effective_from=date(2018, 1, 1), source=" ", **told)  # type: ignore[arg-type]
    services.set_dates(effective_from=date(2018, 1, 1), source="文件原文第十条", **told)  # type: ignore[arg-type]
    assert number_on("PLAN", date(2018, 1, 1)) == "安监总政法〔2017〕150号"
    first = Edition.objects.get(text="GB18218", number="GB 18218-2009")
    with pytest.raises(Conflict):
        services.set_dates(
            actor=district.director, edition=first, effective_from=date(2009, 12, 1), effective_to=None,
            source="更正", now=NOW,
        )  # fmt: skip


def test_a_text_of_the_district_is_entered(district: District) -> None:
    told = {"kind": "checklist", "name": "示例区储存企业检查清单", "now": NOW}
    text = services.add_text(actor=district.director, code="LOCAL-1", **told)  # type: ignore[arg-type]
    lines = [ClauseSpec("1", "储罐液位报警完好。", basis="GB 18218-2018"), ClauseSpec("2", "围堰完好。")]
    edition = services.add_edition(actor=district.director, text=text, spec=NEW, clauses=lines, now=NOW)
    assert [one.place for one in queries.list_clauses(edition)] == ["1", "2"]
    assert [one.code for one in queries.list_texts(text="储存企业检查清单")] == ["LOCAL-1"]
    assert [one.code for one in queries.list_texts(text="国办发")] == ["INSP"]
    with pytest.raises(Conflict):
        services.add_text(actor=district.director, code="LOCAL-1", **told)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        services.add_text(actor=district.director, code="LOCAL-2", kind="poem", name="x", now=NOW)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6, unique=True), st.integers(0, 3200))
def test_of_editions_entered_in_order_exactly_the_last_begun_counts(starts: list[int], day: int) -> None:
    base, on = date(2010, 1, 1), date(2010, 1, 1) + timedelta(days=day)
    text = LegalText.objects.create(code=f"T{LegalText.objects.count()}", kind="standard", name="示例")
    actor = _director()
    for start in sorted(starts):
        spec = EditionSpec(number=str(start), effective_from=base + timedelta(days=start))
        services.add_edition(actor=actor, text=text, spec=spec, now=NOW)
    begun = [start for start in starts if start <= day]
    assert number_on(text.code, on) == (str(max(begun)) if begun else "")
    assert sum(edition.stands_on(on) for edition in text.editions.all()) == bool(begun)


def _director() -> Actor:
    return system_actor("test", "law.manage")


def test_a_room_brings_texts_by_a_function_and_what_stands_stays(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    clause = {"place": "1", "summary": "甲", "summary_en": "A", "grade": "serious", "refers": ["CH-12"]}
    entry = {
        "code": "CL-T", "kind": "checklist", "zh": "示例清单",
        "editions": [{"number": "一版", "from": "2026-01-01", "mark": "D", "clauses": [clause]}],
    }  # fmt: skip
    monkeypatch.setattr(services, "_SOURCES", [])
    services.register_data(texts := lambda: [entry])
    services.register_data(texts)
    assert services.load_shipped(now=NOW) == 1
    assert services.load_shipped(now=NOW) == 0
    found = queries.clause_of("CL-T", "1", on=date(2026, 6, 1))
    assert found is not None
    assert (found.grade, found.refers, found.summary_en) == ("serious", ["CH-12"], "A")
    clause["summary"] = "乙"
    assert services.load_shipped(now=NOW) == 0
    assert queries.clause_of("CL-T", "1", on=date(2026, 6, 1)).summary == "甲"  # type: ignore[union-attr]


def test_wording_of_the_day_is_that_in_force_or_the_last_before_it(district: District) -> None:
    services.add_text(actor=district.director, code="CR-T", kind="criteria", name="示例标准", now=NOW)
    text = LegalText.objects.get(pk="CR-T")
    first = EditionSpec(number="一版", effective_from=date(2020, 1, 1))
    services.add_edition(
        actor=district.director, text=text, spec=first, clauses=[ClauseSpec("1", "甲", grade="direct")], now=NOW
    )
    services.add_edition(actor=district.director, text=text, spec=NEW, now=NOW)

    def worded(day: date) -> list[tuple[str, bool]]:
        return [(one.number, one.stands_on(day)) for one in queries.worded_on(on=day, codes=["CR-T"])]

    assert worded(date(2019, 12, 31)) == []
    assert worded(date(2026, 12, 31)) == [("一版", True)]
    assert worded(date(2027, 1, 1)) == [("一版", False)]
    newer = Edition.objects.get(text=text, number=NEW.number)
    services.save_clauses(
        actor=district.director, edition=newer, clauses=[ClauseSpec("1", "乙", refers=("X-1",))], now=NOW
    )
    assert worded(date(2027, 1, 1)) == [(NEW.number, True)]
    assert worded(date(2026, 12, 31)) == [("一版", True)]
    with pytest.raises(Invalid):
        services.save_clauses(
            actor=district.director, edition=newer, clauses=[ClauseSpec("2", "丙", grade="huge")], now=NOW
        )
    with pytest.raises(Invalid):
        services.save_clauses(
            actor=district.director, edition=newer, clauses=[ClauseSpec("2", "丙", refers=("X" * 41,))], now=NOW
        )
