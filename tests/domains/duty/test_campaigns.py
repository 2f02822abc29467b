"""Campaigns: whom they cover, what each unit answered, what was found, how they end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.duty.models import Campaign, CampaignUnit, Problem, Task
from quancheng.domains.duty.queries.campaigns import figures_of
from quancheng.domains.duty.services import campaigns as services
from quancheng.domains.duty.services.campaigns import CampaignSpec
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.ids import uuid7
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def running(district: District, **given: Any) -> Campaign:
    """A campaign of the office that covers the department, a town and an enterprise, with two questions."""
    fields: dict[str, Any] = {
        "title": "自建房安全专项整治",
        "leader": "甄一鸣",
        "target": "全年零事故",
        "period_from": date(2026, 9, 1),
        "period_to": date(2030, 12, 31),
        "orgs": [district.department_org, district.town_org, district.enterprise_org],
        "items": ["是否逐栋排查建档", "关键岗位人员是否在岗"],
        **given,
    }
    campaign = services.prepare_campaign(actor=district.director, spec=CampaignSpec(**fields), now=NOW)
    return services.start_campaign(actor=district.director, campaign=campaign, now=NOW)


def answers_of(campaign: Campaign, *answers: tuple[str, str]) -> dict[Any, tuple[str, str]]:
    return {item.pk: answer for item, answer in zip(campaign.items.order_by("order"), answers, strict=True)}


def act(client: Client, url: str, name: str, **given: Any) -> int:
    return client.post(url, {"act": name, "client_id": str(uuid7()), **given}).status_code


@pytest.mark.clause("S4-A2.3.5d", "S5-3.0", "S5-1a")
def test_a_campaign_asks_each_unit_its_checklist_and_lists_what_was_found(district: District) -> None:
    office, department = client_of(district.director), client_of(district.department)
    answer = office.post(
        reverse("duty:campaign_new"),
        {"title": "两类问题四个环节自查", "leader": "甄一鸣", "target": "全年 0 起事故", "period_from": "2026-11-01",
         "period_to": "2030-12-31", "items": "是否排查全部风险点\n措施是否落实到位", "answers_itself": "on",
         "orgs": [str(district.department_org.pk), str(district.town_org.pk)]},
    )  # fmt: skip
    assert answer.status_code == 303
    campaign = Campaign.objects.get()
    assert act(office, answer["Location"], "start") == 303
    unit = CampaignUnit.objects.get(org=district.department_org)
    url = reverse("duty:campaign_unit", args=[unit.pk])
    first, second = campaign.items.order_by("order")
    given = {f"answer_{first.pk}": "yes", f"text_{first.pk}": "", f"answer_{second.pk}": "no", f"text_{second.pk}": ""}
    assert act(department, url, "submit", **given) == 422
    wrong = {**given, f"text_{second.pk}": "两处措施未落实"}
    assert act(department, url, "submit", **wrong) == 422  # without evidence
    assert act(department, url, "submit", **wrong, evidence=SimpleUploadedFile("台账.txt", b"list")) == 303
    page = office.get(url).content.decode()
    assert "两处措施未落实" in page
    assert not Problem.objects.exists()
    assert act(office, url, "accept", reason="") == 303
    problem = Problem.objects.get()
    assert (problem.unit, problem.text, problem.source) == (district.department_org, "两处措施未落实", campaign.title)
    shown = office.get(answer["Location"]).content.decode()
    assert "50%（1/2）" in shown
    assert "全年 0 起事故" in shown


def test_coverage_counts_units_whose_answers_are_in_and_leaves_out_those_released(district: District) -> None:
    campaign = running(district)
    by_org = {unit.org_id: unit for unit in campaign.units.all()}
    given = {"now": NOW, "answers": answers_of(campaign, ("yes", ""), ("none", ""))}
    unit = by_org[district.town_org.pk]
    services.answer_checklist(actor=district.town, unit=unit, evidence=[make_file(district.town)], **given)
    assert figures_of(campaign) == {"units": 3, "reached": 1, "coverage": 33, "answers": 2, "wrong": 0}
    services.judge_unit(
        actor=district.director, unit=by_org[district.department_org.pk], name="release", reason="无此类场所", now=NOW
    )
    assert figures_of(campaign)["coverage"] == 50


def test_whoever_answered_may_not_accept_and_what_was_returned_is_answered_anew(district: District) -> None:
    campaign = running(district, answers_itself=False, orgs=[district.enterprise_org])
    unit = campaign.units.get()
    assert unit.checker == district.office_org
    given: dict[str, Any] = {"unit": unit, "now": NOW}
    said = answers_of(campaign, ("no", "未建档"), ("yes", ""))
    services.answer_checklist(actor=district.officer, answers=said, evidence=[make_file(district.officer)], **given)
    with pytest.raises(NotPermitted):
        services.judge_unit(actor=district.officer, name="accept", reason="", **given)
    services.judge_unit(actor=district.director, name="return", reason="请补照片", **given)
    better = answers_of(campaign, ("yes", ""), ("yes", ""))
    services.answer_checklist(actor=district.officer, answers=better, evidence=[make_file(district.officer)], **given)
    services.judge_unit(actor=district.director, name="accept", reason="", **given)
    assert unit.answers.count() == 2
    assert not Problem.objects.exists()


def test_each_covered_unit_sees_its_own_answers_only(district: District) -> None:
    campaign = running(district)
    seen = CampaignUnit.objects.visible_to(district.enterprise)
    assert [unit.org for unit in seen] == [district.enterprise_org]
    assert client_of(district.enterprise).get(reverse("duty:campaign", args=[campaign.pk])).status_code == 200
    assert client_of(district.other_enterprise).get(reverse("duty:campaign", args=[campaign.pk])).status_code == 404
    item = WorkItem.objects.open().get(subject_id=seen.get().pk)
    assert (item.owner_org, item.duty) == (district.enterprise_org, "duty.campaigns.answer")


def test_a_campaign_issues_tasks_and_ends_only_after_its_report_and_its_last_unit(district: District) -> None:
    campaign = running(district, orgs=[district.town_org])
    office = client_of(district.director)
    url = reverse("duty:campaign", args=[campaign.pk])
    task = {"text": "建立自建房台账。", "leads": [str(district.town_org.pk)], "due_date": "2030-06-30"}
    assert act(office, url, "add_task", **task) == 303
    issued = Task.objects.get(origin="campaign")
    assert (issued.origin_id, issued.code) == (campaign.pk, f"{campaign.code}-01")
    assert act(office, url, "report") == 422
    assert act(office, url, "report", report="排查完成，正在整改。") == 303
    assert act(office, url, "close") == 409
    unit = campaign.units.get()
    said = answers_of(campaign, ("yes", ""), ("yes", ""))
    services.answer_checklist(
        actor=district.town, unit=unit, answers=said, evidence=[make_file(district.town)], now=NOW
    )
    services.judge_unit(actor=district.director, unit=unit, name="accept", reason="", now=NOW)
    assert act(office, url, "close") == 303
    campaign.refresh_from_db()
    assert campaign.is_closed
    # What was reported stays as it stood then.
    assert campaign.figures["coverage"] == 0


def test_a_campaign_without_questions_or_with_its_end_before_its_begin_is_refused(district: District) -> None:
    with pytest.raises(Invalid) as refused:
        running(district, items=[" "], period_to=date(2026, 8, 1), orgs=[])
    assert set(refused.value.fields) == {"items", "period_to", "orgs"}


def test_only_whoever_organises_a_campaign_issues_its_tasks(district: District) -> None:
    campaign = running(district)
    head = make_actor(district.town_org, "town.head")
    given: dict[str, Any] = {"text": "任务", "leads": [district.town_org], "due_date": date(2030, 1, 1), "now": NOW}
    with pytest.raises(NotPermitted):
        services.issue_campaign_task(actor=head, campaign=campaign, **given)
    for unit in campaign.units.all():
        services.judge_unit(actor=district.director, unit=unit, name="release", reason="不涉及", now=NOW)
    services.report_campaign(actor=district.director, campaign=campaign, report="总结", now=NOW)
    with pytest.raises(StaleState):
        services.issue_campaign_task(actor=district.director, campaign=campaign, **given)


def test_a_question_of_too_many_characters_is_refused_and_not_cut(district: District) -> None:
    office, long = client_of(district.director), "问" * 301
    given = {
        "title": "自查", "leader": "甄一鸣", "target": "零事故", "period_from": "2026-11-01", "rounds": "1",
        "period_to": "2030-12-31", "items": long, "orgs": [str(district.town_org.pk)],
    }  # fmt: skip
    refused = office.post(reverse("duty:campaign_new"), given)
    assert refused.status_code == 422
    assert refused.context["form"].errors["items"] == ["每项不超过 300 字。"]
    assert long in refused.content.decode()
    assert office.post(reverse("duty:campaign_new"), {**given, "items": long[1:]}).status_code == 303


def test_of_two_who_revise_a_scheme_the_second_is_told_and_changes_nothing(district: District) -> None:
    fields: dict[str, Any] = {
        "title": "自建房安全专项整治", "leader": "甄一鸣", "target": "全年零事故", "period_from": date(2026, 9, 1),
        "period_to": date(2030, 12, 31), "orgs": [district.town_org], "items": ["是否逐栋排查建档"],
    }  # fmt: skip
    campaign = services.prepare_campaign(actor=district.director, spec=CampaignSpec(**fields), now=NOW)
    url = reverse("duty:campaign", args=[campaign.pk])
    office = client_of(district.director)
    assert 'name="version" value="1"' in office.get(url, {"act": "revise"}).content.decode()
    given = {
        **fields, "period_from": "2026-09-01", "period_to": "2030-12-31", "orgs": [str(district.town_org.pk)],
        "rounds": "1", "items": "是否逐栋排查建档\n是否落实专人", "version": "1",
    }  # fmt: skip
    assert act(office, url, "revise", **given) == 303
    refused = office.post(url, {"act": "revise", **given, "items": "是否另有隐患", "target": "两个百分百"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "方案已被同事修改" in page
    assert "两个百分百" in page
    campaign.refresh_from_db()
    assert (campaign.target, campaign.version, campaign.items.count()) == ("全年零事故", 2, 2)
