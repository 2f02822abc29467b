"""Enterprises are graded: filled in, looked through, published; colours, new rounds and plans follow."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.registry.factories import chemical, make_facility, make_holding, make_unit
from tests.domains.risk.factories import fill_and_submit, make_grading
from tests.factories import NOW, District, client_of, make_district, make_file
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import EnterpriseRisk, Grading, Policy, RiskColour
from quancheng.domains.risk.queries import grading_facts
from quancheng.domains.risk.queries.grading_facts import Known, known_answers
from quancheng.domains.risk.services import gradings, policies, regrading
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@replayed
def own_file(district: District, kind: str = "depot") -> Enterprise:
    return open_own_file(actor=district.enterprise, kind=kind, known={}, now=NOW)


def published(district: District, file: Enterprise, **values: Any) -> Grading:
    row = fill_and_submit(district, make_grading(district.enterprise, file), **values)
    return gradings.publish_grading(actor=district.department, row=row, text="", now=NOW)


@pytest.mark.clause("S2-G2g")
@pytest.mark.clause("S3-4.3d")
def test_from_an_empty_form_to_an_orange_enterprise_whose_lines_are_all_explained() -> None:
    district = make_district()
    file = own_file(district)
    own, office = client_of(district.enterprise), client_of(district.department)
    begun = own.post(reverse("risk:grading_new", args=[file.pk]), {"cause": "first"})
    row = Grading.objects.get()
    page = reverse("risk:grading", args=[row.pk])
    assert begun.headers["Location"] == page
    # Not before everything is answered.
    refused = own.post(page, {"act": "submit"})
    assert refused.status_code == 409
    assert "没有回答" in refused.content.decode()
    fill = reverse("risk:grading_fill", args=[row.pk])
    shown = own.get(fill).content.decode()
    assert "外部安全防护距离不符合要求" in shown
    sent: dict[str, Any] = {
        f"value_{question.code}": "none" if question.kind == "choice" else "0"
        for question, _known in gradings.asked(row, NOW.date())
    }
    sent |= {"value_NO_STANDARD": "1", "value_B1a": "1", "comment_B1a": "园区外", "assessed_by": "示例评估机构"}
    wrong = own.post(fill, {**sent, "value_A2c": "x", "assessed_date": NOW.date().isoformat()})
    assert wrong.status_code == 422
    assert "园区外" in wrong.content.decode()
    row.refresh_from_db()
    assert row.answers == {}
    saved = own.post(fill, {**sent, "assessed_date": NOW.date().isoformat()})
    assert saved.headers["Location"] == page
    assert own.post(page, {"act": "submit"}).status_code in (302, 303)
    row.refresh_from_db()
    # 97 points would be blue: no standardization grade, so orange.
    assert (row.status, row.score, row.level) == ("SUBMITTED", 97, 2)
    assert WorkItem.objects.filter(subject_id=row.pk, owner_org=district.department_org).exists()
    line = reverse("risk:grading_line", args=[row.pk, "B1b"])
    assert office.post(line, {"value": "1", "reason": ""}).status_code == 422
    assert office.post(line, {"value": "1", "reason": "现场实测距离不足"}).status_code in (302, 303)
    lines = own.get(page + "?tab=lines").content.decode()
    assert "现场实测距离不足" in lines
    assert "园区外" in lines
    assert office.post(page, {"act": "publish", "text": ""}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.score, row.level) == ("PUBLISHED", 90, 2)
    assert row.valid_to is not None
    assert row.published_at is not None
    assert row.valid_to.year == row.published_at.year + 3
    outcome = own.get(page).content.decode()
    assert "没有有效的安全生产标准化等级" in outcome
    assert "每半年至少检查一次" in outcome
    listed = office.get(reverse("risk:graded") + "?level=2").content.decode()
    assert "示例甲化工有限公司" in listed
    past = RiskColour.objects.get(subject="file")
    assert (past.static_level, past.present_level) == (2, 2)
    own_page = own.get(reverse("risk:file", args=[file.pk]) + "?tab=grading").content.decode()
    assert row.code in own_page
    assert row.title in office.get(reverse("risk:grading_calendar")).content.decode()
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_who_submitted_may_not_publish_and_a_newer_round_replaces_the_older() -> None:
    district = make_district()
    file = own_file(district)
    first = published(district, file)
    assert first.level == 4
    second = make_grading(district.enterprise, file, cause="ACCIDENT")
    with pytest.raises(Conflict):
        make_grading(district.department, file, cause="other", text="又一轮")
    # The office enters it for the enterprise: then a colleague publishes.
    second = fill_and_submit(district, second, by=district.department, R4="1")
    with pytest.raises(NotPermitted):
        gradings.publish_grading(actor=district.department, row=second, text="", now=NOW)
    gradings.publish_grading(actor=district.department_head, row=second, text="", now=NOW)
    first.refresh_from_db()
    assert (first.status, second.status, second.level) == ("SUPERSEDED", "PUBLISHED", 1)
    risk = EnterpriseRisk.objects.get()
    assert (risk.graded_level, risk.present_level, risk.grading_id) == (1, 1, second.pk)
    assert RiskColour.objects.filter(subject="file").count() == 2


def test_registry_rows_answer_what_they_can() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    tank = make_facility(district.enterprise, unit, design="formal", shut_off="no", processes=["none"])
    make_holding(district.enterprise, tank, "氯", present_t="1")
    make_holding(district.enterprise, make_facility(district.enterprise, unit, code="V-102"), "汽油", present_t="1")
    Unit.objects.filter(pk=unit.pk).update(legal_grade=2)
    known = known_answers(file, "guide19", NOW.date())
    assert known["A1"].value == "2"
    assert known["A3"].value == "0"
    # Chlorine is toxic by inhalation and counted there alone; petrol is otherwise a key chemical.
    assert known["A2b"].rows == ("氯",) if "HIGHLY_TOXIC" in chemical("氯").lists else True
    assert "汽油" in known["A2c"].rows
    assert known["E1c"] == Known("1", ("示例罐区 V-101",))
    assert "R2" not in known
    Facility.objects.filter(code="V-102").update(design="none")
    assert known_answers(file, "guide19", NOW.date())["R2"].value == "1"


def test_a_case_that_a_room_above_tells_makes_red_at_once_and_its_end_calls_for_a_new_round() -> None:
    district = make_district()
    file = own_file(district)
    row = published(district, file)
    holds = {"now": "1"}

    def told(files: Any, on: Any) -> dict[Any, Known | None]:
        return {pk: Known(holds["now"], ("示例隐患",)) for pk in files}

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(grading_facts._forcing, "MAJOR_OPEN", told)
        regrading.look_at_gradings(now=NOW + timedelta(days=1))
        risk = EnterpriseRisk.objects.get()
        assert (risk.graded_level, risk.present_level) == (4, 1)
        assert Policy.objects.get().status == "DUE"
        newer = make_grading(district.enterprise, file, cause="RED_FLAG")
        assert "MAJOR_OPEN" not in {question.code for question, _known in gradings.asked(newer, NOW.date())}
        newer = fill_and_submit(district, newer)
        gradings.publish_grading(actor=district.department, row=newer, text="", now=NOW)
        assert newer.level == 1
        holds["now"] = "0"
        regrading.look_at_gradings(now=NOW + timedelta(days=2))
    again = Grading.objects.get(status="DRAFT")
    assert (again.cause, again.cause_text) == ("RED_CLOSED", "有未销号的重大事故隐患")
    row.refresh_from_db()
    assert row.status == "SUPERSEDED"


def test_changes_and_the_end_of_its_time_call_for_a_new_round_with_the_reason() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    make_facility(district.enterprise, unit)
    row = published(district, file)
    regrading.look_at_gradings(now=NOW + timedelta(days=1))
    assert not Grading.objects.filter(status="DRAFT").exists()
    Unit.objects.filter(pk=unit.pk).update(legal_grade=3)
    made = regrading.look_at_file(file.pk, now=NOW)
    assert made is not None
    assert (made.cause, made.cause_text) == ("NEW_MAJOR_HAZARD", "示例罐区（3级）")
    # What the office dropped with a reason is not begun again each night.
    gradings.answer_grading(actor=district.department, row=made, name="withdraw", reason="已核对", now=NOW)
    assert regrading.look_at_file(file.pk, now=NOW) is None
    assert row.review_date is not None
    assert row.valid_to is not None
    soon = NOW + (row.review_date - NOW.date())
    made = regrading.look_at_file(file.pk, now=soon)
    assert made is not None
    assert (made.cause, made.due_date) == ("ending", row.valid_to)
    regrading.look_at_gradings(now=NOW + (row.valid_to - NOW.date()) + timedelta(days=1))
    row.refresh_from_db()
    assert row.status == "EXPIRED"
    assert EnterpriseRisk.objects.get().present_level is None


@pytest.mark.clause("S3-4.3e")
def test_one_enterprise_one_policy_from_the_need_to_the_yearly_review() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    tank = make_facility(district.enterprise, unit)
    make_holding(district.enterprise, tank, "汽油", present_t="1")
    regrading.look_at_gradings(now=NOW)
    row = Policy.objects.get()
    own, office = client_of(district.enterprise), client_of(district.department)
    page = reverse("risk:policy", args=[row.pk])
    assert "汽油" in own.get(page).content.decode()
    refused = own.post(page, {"act": "submit", "goal": "降为黄色", "measures": "增设独立仪表；设备部长"})
    assert refused.status_code == 422
    assert "第1行" in refused.content.decode()
    assert "降为黄色" in refused.content.decode()
    sent = {"act": "submit", "goal": "降为黄色", "measures": "增设独立仪表；设备部长；2027-06-30"}
    assert own.post(page, sent).status_code in (302, 303)
    assert office.post(page, {"act": "return", "reason": "补充应急措施"}).status_code in (302, 303)
    own.post(page, sent)
    assert office.post(page, {"act": "approve", "text": ""}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.measures[0]["owner"]) == ("STANDING", "设备部长")
    assert row.title in office.get(reverse("risk:policies") + "?status=STANDING").content.decode()
    assert row.approved_at is not None
    assert policies.review_policies(now=row.approved_at + timedelta(days=360)) == 0
    assert policies.review_policies(now=row.approved_at + timedelta(days=367)) == 1
    row.refresh_from_db()
    assert row.status == "DUE"


@pytest.mark.parametrize("kind", ["petrol_station", "trader_paper", "user"])
def test_each_way_of_grading_comes_to_a_colour(kind: str) -> None:
    district = make_district()
    row = published(district, own_file(district, kind=kind))
    assert row.level == 4
    assert client_of(district.enterprise).get(reverse("risk:grading", args=[row.pk])).status_code == 200


def test_no_way_of_grading_no_round_and_bad_answers_are_told_at_their_question() -> None:
    district = make_district()
    file = own_file(district, kind="hospital")
    with pytest.raises(Conflict):
        make_grading(district.enterprise, file)
    Enterprise.objects.filter(pk=file.pk).update(kind="depot")
    file.refresh_from_db()
    row = make_grading(district.enterprise, file)
    with pytest.raises(Invalid) as told:
        gradings.fill_grading(
            actor=district.enterprise, row=row, values={"A2a": "-1", "E1a": "2", "NIX": "1"}, comments={},
            assessed_by="", assessed_date=NOW.date() + timedelta(days=1), evidence=[], now=NOW,
        )  # fmt: skip
    assert set(told.value.fields) == {"value_A2a", "value_E1a", "value_NIX", "assessed_date"}
    with pytest.raises(NotPermitted):
        gradings.fill_grading(
            actor=district.other_enterprise, row=row, values={}, comments={}, assessed_by="", assessed_date=None,
            evidence=[], now=NOW,
        )  # fmt: skip


def test_an_office_begins_rounds_for_whole_classes() -> None:
    district = make_district()
    own_file(district)
    office = client_of(district.department)
    address = reverse("risk:gradings_begin")
    assert office.post(address, {"kinds": ["producer"]}).status_code == 409
    assert office.post(address, {"kinds": ["depot"]}).status_code in (302, 303)
    assert Grading.objects.get().cause == "first"
    assert client_of(district.enterprise).get(address).status_code == 403


def test_the_same_publication_sent_again_does_not_end_the_newer_round() -> None:
    district = make_district()
    file = own_file(district)
    key, first = uuid.uuid4(), fill_and_submit(district, make_grading(district.enterprise, file))
    gradings.publish_grading(actor=district.department, row=first, text="", now=NOW, client_id=key)
    newer = published(district, file, R4="1")
    gradings.publish_grading(actor=district.department, row=first, text="", now=NOW, client_id=key)
    newer.refresh_from_db()
    assert (first.status, newer.status) == ("SUPERSEDED", "PUBLISHED")


def test_a_grading_handed_in_or_corrected_again_is_what_the_first_request_made_of_it() -> None:
    district = make_district()
    file = own_file(district)
    row = make_grading(district.enterprise, file)
    fill_and_submit(district, row)
    gradings.answer_grading(actor=district.department, row=row, name="return", reason="补充", now=NOW)
    handed, stale = uuid.uuid4(), Grading.objects.get(pk=row.pk)
    gradings.submit_grading(actor=district.enterprise, row=row, reason="", now=NOW, client_id=handed)
    gradings.answer_grading(actor=district.department, row=row, name="return", reason="再补充", now=NOW)
    Grading.objects.filter(pk=row.pk).update(assessed_by="")
    again = gradings.submit_grading(actor=district.enterprise, row=stale, reason="", now=NOW, client_id=handed)
    assert again.status == "DRAFT"
    Grading.objects.filter(pk=row.pk).update(assessed_by="示例评估机构")
    gradings.submit_grading(actor=district.enterprise, row=row, reason="", now=NOW)
    told: dict[str, Any] = {"code": "B1b", "value": "1", "reason": "现场实测距离不足", "client_id": uuid.uuid4()}
    for _time in range(2):
        gradings.correct_grading(actor=district.department, row=row, now=NOW, **told)
    assert row.answers["B1b"]["before"] == "0"


def test_a_plan_handed_in_twice_holds_its_files_once() -> None:
    district = make_district()
    file = own_file(district)
    tank = make_facility(district.enterprise, make_unit(district.enterprise, file))
    make_holding(district.enterprise, tank, "汽油", present_t="1")
    regrading.look_at_gradings(now=NOW)
    row, key = Policy.objects.get(), uuid.uuid4()
    for _time in range(2):
        policies.submit_policy(
            actor=district.enterprise, row=row, goal="降为黄色", measures=[("增设仪表", "设备部长", NOW.date())],
            evidence=[make_file(district.enterprise)], now=NOW, client_id=key,
        )  # fmt: skip
    assert len(files_of_many(Policy, [row.pk])[row.pk]) == 1
