"""An enterprise writes its risk list; colours follow from factors, from measures that fail, and from below upwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domains.registry.factories import make_facility, make_file
from tests.domains.registry.factories import make_unit as make_place
from tests.domains.risk.factories import (
    make_assessment,
    make_event,
    make_measure,
    make_object,
    make_unit,
)
from tests.factories import NOW, District, client_of, make_district
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import RiskAssessment, RiskColour, RiskEvent, RiskObject
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.services import assessing, risks
from quancheng.domains.risk.services.settings import set_rules
from quancheng.kernel.errors import Conflict, Invalid, StaleState

pytestmark = pytest.mark.django_db


@replayed
def own_file(district: District) -> Enterprise:
    return open_own_file(actor=district.enterprise, kind="depot", known={}, now=NOW)


def tree(district: District) -> tuple[RiskObject, RiskEvent]:
    parent = make_object(district.enterprise, own_file(district))
    return parent, make_event(district.enterprise, make_unit(district.enterprise, parent))


def test_an_enterprise_writes_its_list_by_hand_and_the_office_reads_its_colours() -> None:
    district = make_district()
    file = own_file(district)
    own = client_of(district.enterprise)
    assert own.get(reverse("risk:own")).headers["Location"] == reverse("risk:file", args=[file.pk])
    sent: dict[str, Any] = {
        "code": "O1",
        "name": "示例罐区",
        "kind": "storage",
        "department": "储运部",
        "head": "示例甲",
    }
    answer = own.post(reverse("risk:object_new", args=[file.pk]), sent)
    parent = RiskObject.objects.get()
    assert answer.headers["Location"] == reverse("risk:object", args=[parent.pk])
    own.post(reverse("risk:unit_new", args=[parent.pk]), {"code": "V-1", "name": "1号罐"})
    unit = parent.units.get()
    own.post(reverse("risk:event_new", args=[unit.pk]), {"name": "满罐溢油起火", "accident": "08", "layer": "company"})
    event = unit.events.get()
    measure = {"mode": "1", "text": "高高液位联锁", "category": "1", "subcategory": "1-4", "check_text": "试验联锁"}
    own.post(reverse("risk:measure_new", args=[event.pk]), measure)
    assessed = {
        "stage": "inherent", "likelihood": "4", "people": "5", "property": "3", "day": NOW.date().isoformat(),
        "assessed_by": "示例评估组", "breaks_law": "no", "accident_conditions_remain": "no", "dangerous_place": "yes",
        "workers": "3",
    }  # fmt: skip
    address = reverse("risk:assess", args=[event.pk, "ls"])
    assert own.post(address, assessed).status_code in (302, 303)
    made = RiskAssessment.objects.get()
    # The gravest column counts: 4 × 5.
    assert (made.score, made.level) == (20, 1)
    page = own.get(reverse("risk:event", args=[event.pk])).content.decode()
    assert "重大风险" in page
    assert "高高液位联锁" in page
    own.post(address, {**assessed, "stage": "residual", "likelihood": "2"})
    office = client_of(district.department)
    listed = office.get(reverse("risk:events")).content.decode()
    assert "满罐溢油起火" in listed
    assert "一般风险" in listed
    colours = office.get(reverse("risk:colours")).content.decode()
    assert "示例街道" in colours or district.street_area.name in colours
    assert office.get(reverse("risk:files") + "?level=3").content.decode().count("一般风险") >= 1
    # Another enterprise sees nothing of it.
    stranger = client_of(district.other_enterprise)
    assert "满罐溢油起火" not in stranger.get(reverse("risk:events")).content.decode()
    assert stranger.get(reverse("risk:event", args=[event.pk])).status_code == 404


def test_a_colour_that_is_wished_for_is_not_taken_and_what_is_wrong_stands_at_its_field() -> None:
    district = make_district()
    _parent, event = tree(district)
    own = client_of(district.enterprise)
    sent = {"stage": "inherent", "likelihood": "6", "people": "5", "day": "2036-01-01", "assessed_by": "示例评估组",
            "level": "4", "text": "自认为低风险"}  # fmt: skip
    answer = own.post(reverse("risk:assess", args=[event.pk, "ls"]), sent)
    assert answer.status_code == 422
    assert "自认为低风险" in answer.content.decode()
    assert not RiskAssessment.objects.exists()
    with pytest.raises(Invalid) as refused:
        assessing.assess(
            actor=district.enterprise, event=event, stage="inherent", method="LEC",
            values={"likelihood": 6, "exposure": 7, "consequence": 15}, facts={}, assessed_by="示例", day=NOW.date(),
            text="", now=NOW,
        )  # fmt: skip
    assert set(refused.value.fields) == {"exposure"}
    with pytest.raises(Invalid) as late:
        assessing.assess(
            actor=district.enterprise, event=event, stage="inherent", method="LS",
            values={"likelihood": 2, "severity": 2}, facts={}, assessed_by="示例", day=NOW.date() + timedelta(days=1),
            text="", now=NOW,
        )  # fmt: skip
    assert set(late.value.fields) == {"day"}
    make_assessment(district.enterprise, event, 2, 2)
    with pytest.raises(Invalid) as residual:
        make_assessment(district.enterprise, event, 5, 5, stage="residual")
    assert set(residual.value.fields) == {"stage"}


def test_a_rule_makes_the_inherent_risk_red_whatever_it_scores_and_says_so() -> None:
    district = make_district()
    _parent, event = tree(district)
    made = make_assessment(district.enterprise, event, 1, 2, breaks_law=True)
    assert made.level == 1
    page = client_of(district.enterprise).get(reverse("risk:event", args=[event.pk]) + "?tab=assessed").content.decode()
    assert "违反法律" in page
    assert made.inputs["breaks_law"] is True
    # Measures answer for the rule: the residual risk follows its own score.
    assert make_assessment(district.enterprise, event, 1, 2, stage="residual").level == 4
    event.refresh_from_db()
    assert (event.inherent_level, event.residual_level, event.static_level) == (1, 4, 4)


def test_a_failed_measure_raises_event_unit_and_object_until_it_is_verified_with_a_record_of_each() -> None:
    district = make_district()
    parent, event = tree(district)
    measure = make_measure(district.enterprise, event)
    make_assessment(district.enterprise, event, 3, 3)
    risks.mark_failed(actor=district.enterprise, row=measure, because="报警不响", now=NOW + timedelta(hours=1))
    for row in (parent, event, event.unit):
        row.refresh_from_db()
        assert (row.static_level, row.present_level) == (3, 2), row
    page = client_of(district.department).get(reverse("risk:object", args=[parent.pk])).content.decode()
    assert "较大风险" in page
    assert "已升高" in page
    history = (
        client_of(district.department).get(reverse("risk:event", args=[event.pk]) + "?tab=colours").content.decode()
    )
    assert "管控措施失效" in history
    read = queries.get_measure(actor=district.enterprise, measure_id=measure.pk)
    with pytest.raises(Invalid):
        risks.end_measure(actor=district.enterprise, row=read, reason="不想要了", now=NOW)
    risks.mark_verified(actor=district.enterprise, row=measure, now=NOW + timedelta(hours=2))
    parent.refresh_from_db()
    assert (parent.static_level, parent.present_level) == (3, 3)
    # What stood at any time can be read back.
    at = {one.subject: one.present_level for one in queries.colours_in(parent, at=NOW + timedelta(minutes=90))}
    assert at == {"event": 2, "unit": 2, "object": 2}
    assert RiskColour.objects.filter(subject_id=parent.pk).count() == 3


def test_what_is_taken_out_colours_no_more_and_a_major_hazards_object_stays() -> None:
    district = make_district()
    parent, event = tree(district)
    make_assessment(district.enterprise, event, 5, 5)
    other = make_event(district.enterprise, event.unit, name="法兰泄漏")
    make_assessment(district.enterprise, other, 2, 2)
    risks.end_event(actor=district.enterprise, row=event, reason="装置已拆除", now=NOW)
    parent.refresh_from_db()
    assert parent.present_level == 4
    with pytest.raises(StaleState):
        risks.end_event(actor=district.enterprise, row=event, reason="再撤一次", now=NOW)
    place = make_place(district.enterprise, parent.file)
    Unit.objects.filter(pk=place.pk).update(legal_grade=2)
    hazard = make_object(district.enterprise, parent.file, code="199900000001", kind="hazard", place=place)
    hazard.refresh_from_db()
    with pytest.raises(Invalid):
        risks.end_object(actor=district.enterprise, row=hazard, reason="不想评估", now=NOW)


def test_a_major_hazard_names_its_unit_and_codes_stand_once() -> None:
    district = make_district()
    file = own_file(district)
    with pytest.raises(Invalid) as refused:
        make_object(district.enterprise, file, kind="hazard")
    assert set(refused.value.fields) == {"place"}
    make_object(district.enterprise, file)
    with pytest.raises(Conflict):
        make_object(district.enterprise, file, name="同编码")
    elsewhere = make_file(district.department, area=district.street_area)
    theirs = make_place(district.department, elsewhere)
    with pytest.raises(Invalid) as alien:
        make_object(district.enterprise, file, code="O2", place=theirs)
    assert set(alien.value.fields) == {"place"}
    with pytest.raises(Invalid) as facility:
        make_unit(
            district.enterprise, RiskObject.objects.get(code="O1"), facility=make_facility(district.department, theirs)
        )
    assert set(facility.value.fields) == {"facility"}


def test_the_district_sets_its_limits_and_what_was_assessed_before_keeps_its_colour() -> None:
    district = make_district()
    _parent, event = tree(district)
    before = make_assessment(district.enterprise, event, 3, 3)
    office = district.officer
    set_rules(
        actor=office, ls_limits="variant", lec_convention="B", raise_per_failure=2, reason="本市规定",
        from_date=NOW.date(), now=NOW,
    )  # fmt: skip
    after = make_assessment(district.enterprise, event, 3, 3)
    before.refresh_from_db()
    assert (before.level, before.convention, after.level, after.convention) == (3, "default", 2, "variant")
    measure = make_measure(district.enterprise, event)
    risks.mark_failed(actor=district.enterprise, row=measure, because="失效", now=NOW)
    event.refresh_from_db()
    assert event.present_level == 1
    page = client_of(office).get(reverse("risk:rules")).content.decode()
    assert "本区设置" in page
    assert "本市规定" in page


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=4))
def test_an_object_has_the_colour_of_its_worst_event(factors: list[tuple[int, int]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        district = make_district()
        parent = make_object(district.enterprise, own_file(district))
        unit = make_unit(district.enterprise, parent)
        levels = []
        for number, (likelihood, severity) in enumerate(factors):
            event = make_event(district.enterprise, unit, name=f"事件{number}")
            levels.append(make_assessment(district.enterprise, event, likelihood, severity).level)
        parent.refresh_from_db()
        assert parent.static_level == parent.present_level == min(levels)
        transaction.set_rollback(True)


def test_a_program_keeps_the_list_and_reads_what_stood() -> None:
    district = make_district()
    file = own_file(district)
    own = client_of(district.enterprise)
    root = "/api/v1/risk"

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = own.post(root + path, body, content_type="application/json")
        assert answer.status_code == 201, answer.content.decode()
        return answer.json()

    sent = {"code": "O1", "name": "罐区", "kind": "storage", "department": "储运部", "head": "示例甲"}
    parent = post(f"/enterprises/{file.pk}/objects", sent)
    unit = post(f"/objects/{parent['id']}/units", {"code": "V-1", "name": "1号罐"})
    event = post(f"/units/{unit['id']}/events", {"name": "溢油起火", "accident": "08"})
    post(f"/events/{event['id']}/measures",
         {"mode": "2", "text": "查液位", "category": "1", "subcategory": "1-1", "check_text": "查"})  # fmt: skip
    made = post(f"/events/{event['id']}/assessments", {
        "stage": "inherent", "method": "LEC", "values": {"likelihood": 3, "exposure": 6, "consequence": 15},
        "assessed_by": "示例", "day": NOW.date().isoformat(),
    })  # fmt: skip
    assert (float(made["score"]), made["level"]) == (270.0, 2)
    listed = own.get(f"{root}/events?enterprise_id={file.pk}").json()["items"]
    assert [one["present_level"] for one in listed] == [2]
    past = own.get(f"{root}/objects/{parent['id']}/colours").json()["items"]
    assert {one["subject"] for one in past} == {"event", "unit", "object"}
    wrong = own.post(f"{root}/events/{event['id']}/assessments", {
        "stage": "inherent", "method": "LEC", "values": {"likelihood": 4, "exposure": 6, "consequence": 15},
        "assessed_by": "示例", "day": NOW.date().isoformat(),
    }, content_type="application/json")  # fmt: skip
    assert wrong.status_code == 422
    assert "likelihood" in str(wrong.json())


def test_nothing_that_holds_a_failed_measure_is_ended_and_nothing_is_added_below_what_ended() -> None:
    district = make_district()
    parent, event = tree(district)
    measure = make_measure(district.enterprise, event)
    make_assessment(district.enterprise, event, 3, 3)
    risks.mark_failed(actor=district.enterprise, row=measure, because="失效", now=NOW)
    for end, row in ((risks.end_event, event), (risks.end_unit, event.unit), (risks.end_object, parent)):
        with pytest.raises(Invalid):
            end(actor=district.enterprise, row=row, reason="不要了", now=NOW)  # type: ignore[operator]
    risks.mark_verified(actor=district.enterprise, row=measure, now=NOW)
    risks.end_object(actor=district.enterprise, row=parent, reason="拆除", now=NOW)
    own = client_of(district.enterprise)
    answer = own.post(reverse("risk:event_new", args=[event.unit_id]), {"name": "又一个"})
    assert answer.status_code == 422


def test_impossible_values_are_refused_at_their_fields() -> None:
    district = make_district()
    _parent, event = tree(district)
    own = client_of(district.enterprise)
    body = {"stage": "inherent", "method": "LS", "values": {"likelihood": "1e300000", "severity": 1},
            "assessed_by": "x", "day": NOW.date().isoformat()}  # fmt: skip
    answer = own.post(f"/api/v1/risk/events/{event.pk}/assessments", body, content_type="application/json")
    assert answer.status_code == 422
    with pytest.raises(Invalid) as far:
        make_unit(district.enterprise, event.unit.object, code="U9", lon=200, lat=10)
    assert set(far.value.fields) == {"lon"}
    with pytest.raises(Invalid) as kind:
        make_event(district.enterprise, event.unit, name="x", accident="99")
    assert set(kind.value.fields) == {"accident"}
    make_assessment(district.enterprise, event, 5, 5)
    with pytest.raises(Invalid) as low:
        risks.change_event(
            actor=district.enterprise, row=event, version=event.version, changes={"layer": "team"}, now=NOW
        )
    assert set(low.value.fields) == {"layer"}
