"""What the forms ask and what becomes of it: nothing that was left empty counts as no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import FOUND, NOW, WORK, crew_of, make_permit
from tests.factories import make_district

from quancheng.domains.permits.forms.asking import (
    FOUND as FOUND_ASKED,
)
from quancheng.domains.permits.forms.asking import (
    MOMENTARY,
    absent_of,
    asks_of,
    facts_told,
    typed_from,
)
from quancheng.domains.permits.forms.asking import WORK as WORK_ASKED
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.queries.facts import FOUND_KEYS, WORK_KEYS, check_told, facts_of, storable
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.standards.gb30871.related import Questions, open_questions

LATER = NOW + timedelta(minutes=20)


def told(kind: str, **typed: object) -> dict:
    asks = [*asks_of(WORK_ASKED, kind), absent_of(kind)]
    empty = {one.name: [] if one.type in ("many", "any") else False if one.type == "tick" else "" for one in asks}
    return facts_told(asks, {**empty, **typed})


@pytest.mark.parametrize("kind", Kind.values)
def test_a_form_left_empty_tells_nothing(kind):
    assert told(kind) == {}


@pytest.mark.parametrize("kind", Kind.values)
def test_every_question_of_related_permits_is_asked_and_can_be_answered(kind):
    asked = {one.path.partition(".")[2]: one for one in asks_of(WORK_ASKED, kind) if one.path.startswith("questions.")}
    assert set(asked) == set(Questions.__dataclass_fields__)
    none = {one.name: "0" if one.type == "flag" else 0 for one in asked.values()}
    assert open_questions(Questions(**told(kind, **none)["questions"]), kind) == ()


@pytest.mark.parametrize("kind", Kind.values)
def test_whatever_a_form_asks_the_standard_reads_and_the_form_shows_again(kind):
    asks = [*asks_of(WORK_ASKED, kind), absent_of(kind)]
    given = {
        one.name: {"flag": "0", "must": "0", "tick": True, "figure": 5, "count": 1, "least one": 1, "day": NOW.date(),
                   "text": "写明", "lines": "B-1", "one": (one.choices or [("", "")])[0][0],
                   "many": [one.choices[0][0]] if one.choices else [], "any": ["NONE"]}[one.type]
        for one in asks
    }  # fmt: skip
    facts = storable(facts_told(asks, given))
    level = {"HW": "II", "WH": "2", "LF": "3"}.get(kind, "")
    check_told(kind, level, facts, WORK_KEYS)
    shown = typed_from(asks, facts)
    empty = {one.name for one in asks if shown[one.name] in (None, "")}
    assert empty == set()
    found = [one for one in asks_of(FOUND_ASKED, kind) if one.path.partition(".")[0] in FOUND_KEYS]
    check_told(kind, level, storable(facts_told(found, {one.name: given.get(one.name, "") or "" if one.type not in (
        "count", "figure") else 1 for one in found})), FOUND_KEYS)  # fmt: skip


def test_of_several_things_none_is_said_expressly():
    assert told("EX", departments_concerned=["NONE"])["departments_concerned"] == []
    assert told("EX", departments_concerned=["NONE", "FIRE"])["departments_concerned"] == ["FIRE"]
    assert "departments_concerned" not in told("EX")


@pytest.mark.django_db
def test_a_start_asks_anew_what_the_draft_told_of_the_moment():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew)
    still = {name: value for name, value in FOUND["site"].items() if name != "under_pressure"}
    rows = load_rows(permit)
    rows.site_checks[0].found["site"] = still
    assert WORK["HW"]["site"]["under_pressure"] is False
    assert facts_of(rows, "issue", LATER).site.under_pressure is False
    for phase in ("start", "resume", "work"):
        facts = facts_of(rows, phase, LATER)
        assert facts.site.under_pressure is None
        # What the vessel holds does not change from hour to hour.
        assert facts.site.explosive_medium is False
    rows.site_checks[0].save(update_fields=["found"])
    with pytest.raises(Refused) as caught:
        working.start_work(actor=crew.safety, permit=permit, now=LATER)
    assert "P-12" in {one["code"] for one in caught.value.facts["answers"]}
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=LATER)
    working.start_work(actor=crew.safety, permit=permit, now=LATER)


def test_what_the_draft_tells_of_the_moment_the_check_of_the_place_asks_too():
    from quancheng.domains.permits.queries.facts import _CHANGING

    assert {one.path.partition(".")[2] for one in MOMENTARY} == set(_CHANGING)
    assert set(MOMENTARY) <= set(FOUND_ASKED) & set(WORK_ASKED)
