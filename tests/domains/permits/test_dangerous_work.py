"""Special work is a mandatory part of every inspection (S1-4h, S2-5b) of the units that do such work."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.round_scene import TODAY, answer, drawn, make_round, target_of
from tests.domains.permits.factories import NOW, crew_of, make_draft, make_permit
from tests.domains.registry.factories import make_file
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import Finding, RoundAnswer, RoundItem, RoundSection, RoundTarget
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.rounds import Asked
from quancheng.domains.hazards.services.round_sections import add_sections
from quancheng.domains.hazards.services.rounds import house
from quancheng.domains.permits.models import DangerousWorkRule, Permit
from quancheng.domains.permits.services import working
from quancheng.kernel.law.models import Clause, Edition
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
SECTION = "CL-SW"
ITEMS = 24
LATER = NOW + timedelta(days=1)
EVERYBODY = Asked()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands a day after the permits were issued."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture
def district() -> District:
    return make_district()


def scene(district: District, **known: Any) -> tuple[Permit, Any, Any]:
    """A permit of the first enterprise, another enterprise that does no such work, and a round of both."""
    permit = make_permit(district, "CS")
    idle = make_file(district.department, area=district.street_area, kind="depot", name="示例无作业仓储有限公司")
    row = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date(), **known)
    return permit, idle, row


@pytest.mark.clause("S1-4h")
@pytest.mark.clause("S2-5b")
def test_a_round_asks_units_that_do_special_work_its_section_besides_and_no_other(district: District) -> None:
    permit, idle, row = scene(district)
    mine, other = target_of(row, permit.file), target_of(row, idle)
    chosen = row.items.filter(section__isnull=True).count()
    assert (mine.item_count, other.item_count) == (chosen + ITEMS, chosen)
    assert {one.section_id for one in queries.items_of(other)} == {None}, "what a unit does not do is not asked"
    own = client_of(district.enterprise)
    page = own.get(reverse("hazards:round_target", args=[mine.pk])).content.decode()
    assert "近12个月已签发特殊作业票1张" in page
    assert "GB 30871-2022 4.10" in page
    form = own.get(reverse("hazards:round_target_answer", args=[mine.pk])).content.decode()
    assert "特殊作业和检维修必检部分" in form
    assert "必检" in form

    # Without the section's items the part cannot be finished, whatever else was answered.
    go = reverse("hazards:round_target_answer", args=[mine.pk])
    forced = [one for one in queries.items_of(mine) if one.section_id]
    rest = {f"item_{one.position}": "0" for one in queries.items_of(mine) if not one.section_id}
    refused = own.post(go, {**rest, "type": "other"})
    assert refused.status_code == 422
    assert {f"item_{one.position}" for one in forced} <= set(refused.context["form"].errors)
    mine.refresh_from_db()
    assert mine.status == "ISSUED"
    # Nor is it taken out by "not applicable" throughout.
    none = {f"item_{one.position}": "2" for one in forced} | {f"note_{one.position}": "没有" for one in forced}
    refused = own.post(go, {**rest, **none, "type": "other"})
    assert refused.status_code == 422
    assert "S1-4h" in refused.content.decode()
    done = {f"item_{one.position}": "0" for one in forced}
    bad = next(one for one in forced if one.grade == "general")
    told = {**done, f"item_{bad.position}": "1", f"note_{bad.position}": "检测仪过期"}
    assert own.post(go, {**rest, **told, "type": "other"}).status_code in (302, 303)
    mine.refresh_from_db()
    assert (mine.status, mine.abnormal_count) == ("ANSWERED", 1)
    assert RoundAnswer.objects.filter(target=mine).count() == chosen + ITEMS
    found = Finding.objects.get(name="检测仪过期")
    assert (found.checklist_item, found.source) == (bad.place, "regulator")

    # Numbers of the round count the section, each opening its rows.
    office = client_of(district.department)
    shown = office.get(reverse("hazards:round", args=[row.pk]))
    numbers = {str(label): (value, url) for label, value, url in shown.context["numbers"]}
    for label, value in (("有特殊作业必检部分的单位", 1), ("特殊作业必检项次", ITEMS), ("特殊作业必检异常项", 1),
                         ("检查项次", chosen + ITEMS)):  # fmt: skip
        assert numbers[label][0] == value, label
        assert len(office.get(numbers[label][1]).context["lines"]) == min(value, 50), label
    rest_api = own.get(f"/api/v1/hazards/round-targets/{mine.pk}").json()
    assert [one["code"] for one in rest_api["sections"]] == [SECTION]
    assert sum(one["section"] == SECTION for one in rest_api["items"]) == ITEMS


@pytest.mark.clause("S4-C3.3.1g")
def test_a_towns_round_asks_the_section_and_its_look_on_site_sees_it(district: District) -> None:
    permit = make_permit(district, "CS")
    row = make_round(district.town, now=LATER, asked=EVERYBODY, start_date=LATER.date(), recheck_percent=100)
    mine = target_of(row, permit.file)
    forced = [one for one in queries.items_of(mine) if one.section_id]
    assert len(forced) == ITEMS
    answer(district.enterprise, mine, now=LATER)
    town = client_of(district.town)
    office = str(district.town.organisation_id)
    assert town.post(reverse("hazards:round", args=[row.pk]), {"act": "draw", "verifier": office}).status_code == 303
    look = row.checks.get()
    go = reverse("hazards:round_look", args=[look.pk])
    seen = {f"seen_{one.position}": "2" if one.section_id else "0" for one in queries.items_of(mine)}
    told = {**seen, "seen_date": LATER.date().isoformat(), "text": "已到现场"}
    assert town.post(go, told).status_code == 422
    assert town.post(go, {**told, f"seen_{forced[0].position}": "0"}).status_code == 303


def test_the_look_on_site_sees_something_of_the_section(district: District) -> None:
    permit, _idle, row = scene(district, recheck_percent=100)
    mine = answer(district.enterprise, target_of(row, permit.file), now=LATER)
    RoundTarget.objects.filter(round=row).exclude(pk=mine.pk).delete()
    look = drawn(district, row, now=LATER)
    office = client_of(district.department)
    go = reverse("hazards:round_look", args=[look.pk])
    items = queries.items_of(mine)
    seen = {f"seen_{one.position}": "2" if one.section_id else "0" for one in items}
    told = {**seen, "seen_date": LATER.date().isoformat(), "text": "已到现场"}
    refused = office.post(go, told)
    assert refused.status_code == 422
    assert "S2-5b" in refused.content.decode()
    first = next(one for one in items if one.section_id)
    assert office.post(go, {**told, f"seen_{first.position}": "0"}).status_code in (302, 303)


def test_the_section_stands_beside_risk_points_and_is_asked_once_where_it_was_chosen(district: District) -> None:
    permit, _idle, row = scene(district, item_type="by_risk_point", checklist="")
    mine = target_of(row, permit.file)
    places = [one.section_id is not None for one in queries.items_of(mine)]
    assert places == sorted(places), "risk points first"
    assert (mine.item_count, sum(places)) == (1 + ITEMS, ITEMS)
    page = client_of(district.department).get(reverse("hazards:round", args=[row.pk]), {"tab": "items"})
    assert "只检查有特殊作业的单位" in page.content.decode()
    again = make_round(district.department, now=LATER, asked=EVERYBODY, checklist=SECTION, start_date=LATER.date())
    assert target_of(again, permit.file).item_count == ITEMS


@pytest.mark.clause("S1-4h")
def test_the_section_chosen_as_the_rounds_own_checklist_keeps_its_force(district: District) -> None:
    permit = make_permit(district, "CS")
    idle = make_file(district.department, area=district.street_area, kind="depot", name="示例无作业仓储有限公司")
    row = make_round(district.department, now=LATER, asked=EVERYBODY, checklist=SECTION, start_date=LATER.date(),
                     recheck_percent=100)  # fmt: skip
    mine, other = target_of(row, permit.file), target_of(row, idle)
    assert (mine.sections.count(), other.sections.count()) == (1, 0)
    items = queries.items_of(mine)
    assert len(items) == len(queries.items_of(other)) == ITEMS
    none = {f"item_{one.position}": "2" for one in items} | {f"note_{one.position}": "没有" for one in items}
    own = client_of(district.enterprise)
    go = reverse("hazards:round_target_answer", args=[mine.pk])
    refused = own.post(go, {**none, "type": "other"})
    assert refused.status_code == 422
    assert "S1-4h" in refused.content.decode()
    rest = own.get(f"/api/v1/hazards/round-targets/{mine.pk}").json()
    assert {one["section"] for one in rest["items"]} == {SECTION}
    mine = answer(district.enterprise, mine, now=LATER)
    office = client_of(district.department)
    shown = office.get(reverse("hazards:round", args=[row.pk]))
    numbers = {str(label): (value, url) for label, value, url in shown.context["numbers"]}
    assert (numbers["有特殊作业必检部分的单位"][0], numbers["特殊作业必检项次"][0]) == (1, ITEMS)
    assert len(office.get(numbers["特殊作业必检项次"][1]).context["lines"]) == ITEMS
    # Who does no such work may say so of every item.
    member = client_of(make_actor(idle.enterprise, "enterprise.safety"))
    far = reverse("hazards:round_target_answer", args=[other.pk])
    assert member.post(far, {**none, "type": "other"}).status_code == 303


@pytest.mark.clause("S2-5b")
def test_a_look_at_a_unit_as_a_whole_sees_the_section_item_by_item_all_the_same(district: District) -> None:
    permit, idle, row = scene(district, recheck_percent=100, verify_mode="unit")
    mine = answer(district.enterprise, target_of(row, permit.file), now=LATER)
    RoundTarget.objects.filter(round=row, file=idle).delete()
    look = drawn(district, row, now=LATER)
    office = client_of(district.department)
    go = reverse("hazards:round_look", args=[look.pk])
    form = office.get(go).context["form"]
    forced = [one for one in queries.items_of(mine) if one.section_id]
    assert len([name for name in form.fields if name.startswith("seen_") and name[5:].isdigit()]) == ITEMS
    told = {"matches": "yes", "seen_date": LATER.date().isoformat(), "text": "已到现场"}
    refused = office.post(go, told)
    assert refused.status_code == 422
    unseen = {f"seen_{one.position}": "2" for one in forced}
    refused = office.post(go, {**told, **unseen})
    assert refused.status_code == 422
    assert "S2-5b" in refused.content.decode()
    bare = {"text": "已到现场", "seen_date": LATER.date().isoformat(), "matches": True}
    api = office.post(
        f"/api/v1/hazards/round-checks/{look.pk}/record", json.dumps(bare), content_type="application/json"
    )
    assert api.status_code == 422, "REST asks for it as the page does"
    first = forced[0].position
    seen = {**unseen, f"seen_{first}": "1", f"seen_note_{first}": "作业票没有带到现场"}
    assert office.post(go, {**told, **seen}).status_code == 303
    look.refresh_from_db()
    assert look.status == "DIFFERED"
    assert Finding.objects.get(name="作业票没有带到现场").source == "regulator"


def test_who_begins_such_work_while_a_round_is_open_gets_the_section_in_time_and_keeps_it(district: District) -> None:
    crew = crew_of(district, "WH")
    row = make_round(district.department, now=NOW, asked=EVERYBODY, due_date=TODAY + timedelta(days=10))
    mine = row.targets.get(file__enterprise=district.enterprise_org)
    before = mine.item_count
    assert add_sections(actor=house(), now=NOW) == 0
    make_permit(district, "WH", crew=crew)
    assert add_sections(actor=house(), now=LATER) == 1
    assert add_sections(actor=house(), now=LATER) == 0, "once"
    told = list(Notice.objects.filter(kind="hazards.round_section_added").values_list("user_id", flat=True))
    assert district.enterprise.user_id in told
    assert len(told) == len(set(told)), "each once"
    assert "增加了特殊作业必检部分" in client_of(district.enterprise).get(reverse("notices:list")).content.decode()
    mine.refresh_from_db()
    assert (mine.item_count, len(queries.items_of(mine))) == (before + ITEMS, before + ITEMS)
    assert RoundItem.objects.filter(round=row, section__isnull=False).count() == ITEMS


def test_a_unit_whose_term_is_nearly_over_gets_it_with_its_next_round(district: District) -> None:
    crew = crew_of(district, "WH")
    row = make_round(district.department, now=NOW, asked=EVERYBODY, due_date=TODAY + timedelta(days=2))
    make_permit(district, "WH", crew=crew)
    assert add_sections(actor=house(), now=LATER) == 0
    assert not RoundSection.objects.filter(target__round=row).exists()


def test_drafts_and_work_of_long_ago_mark_nobody_and_the_office_sets_how_long_it_counts(district: District) -> None:
    make_draft(district, "WH", crew=crew_of(district, "WH", order=740))
    row = make_round(district.department, now=NOW, asked=EVERYBODY)
    assert not RoundSection.objects.filter(target__round=row).exists(), "a draft is no work"
    permit = make_permit(district, "CS")
    old = LATER - timedelta(days=500)
    Permit.objects.filter(pk=permit.pk).update(window_start=old, window_end=old + timedelta(hours=8))
    two = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date())
    assert not RoundSection.objects.filter(target__round=two).exists()
    office = client_of(district.director)
    url = reverse("permits:dangerous_work_rule")
    assert office.post(url, {"months": "0", "from_day": "2020-01-01", "reason": ""}).status_code == 422
    told = {"months": "24", "from_day": LATER.date().isoformat(), "reason": "两年内有作业的都查"}
    assert office.post(url, told).status_code in (302, 303)
    assert DangerousWorkRule.objects.get().months == 24
    assert "两年内有作业的都查" in office.get(url).content.decode()
    three = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date())
    assert RoundSection.objects.get(target__round=three).because[0]["zh"] == "近24个月已签发特殊作业票1张"
    assert client_of(district.enterprise).get(url).status_code == 403


def test_a_filing_marks_a_unit_too(district: District) -> None:
    crew = crew_of(district, "WH")
    own = client_of(crew.safety)
    told = {
        "code": "F4", "content": "年度停车检修", "place": "一车间", "apply_unit": "设备部", "work_unit": "检修公司",
        "starts_at": (LATER + timedelta(days=9)).strftime("%Y-%m-%dT08:00"),
        "ends_at": (LATER + timedelta(days=20)).strftime("%Y-%m-%dT18:00"), "people_count": "60", "leader": "某带班",
    }  # fmt: skip
    assert own.post(reverse("permits:filing_new"), told).status_code == 303
    row = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date())
    because = RoundSection.objects.get(target__round=row).because
    assert because == [{"zh": "近12个月作业报备1件", "en": "1 filings of work in the last 12 months"}]


def test_an_administrator_words_the_section_anew_and_rounds_issued_afterwards_ask_that(district: District) -> None:
    permit, _idle, row = scene(district)
    newer = Edition.objects.create(
        text_id=SECTION, number="平台版2", effective_from=LATER.date(), mark="D", dates_mark="D", entered_at=LATER
    )
    Clause.objects.create(edition=newer, place="SW-01", summary="只问一项", mark="D", position=1)
    assert len(queries.items_of(target_of(row, permit.file))) > ITEMS, "what was issued stays"
    two = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date())
    items = [one for one in queries.items_of(target_of(two, permit.file)) if one.section_id]
    assert [(one.text, one.mark) for one in items] == [("只问一项", "D")]


def test_a_permit_that_was_issued_and_voided_marks_too_and_rest_forces_the_section(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    row = make_round(district.department, now=LATER, asked=EVERYBODY, start_date=LATER.date())
    mine = target_of(row, permit.file)
    assert mine.sections.count() == 1
    items = [{"position": one.position, "result": 0} for one in queries.items_of(mine)]
    api = client_of(district.enterprise)
    base = f"/api/v1/hazards/round-targets/{mine.pk}/answer"
    some = [one for one in items if one["position"] < 8001]
    refused = api.post(base, json.dumps({"items": some, "text": "x"}), content_type="application/json")
    assert refused.status_code == 422, "REST forces it as the page does"
    done = api.post(base, json.dumps({"items": items, "text": "x"}), content_type="application/json")
    assert done.status_code == 200, done.content
