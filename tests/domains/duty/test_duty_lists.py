"""Duty lists of units and leaders, and what was done against them with evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.duty.models import DutyList, DutyRecord
from quancheng.domains.duty.services import governance as services
from quancheng.domains.duty.services.governance import STATUTORY
from quancheng.kernel.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def act_of(entry: str, **given: Any) -> dict[str, Any]:
    return {
        "act": "record", "entry": entry, "kind": "inspect", "done_date": str(timezone.localdate()),
        "place": "甲储罐区", "text": "带队检查储罐区。", "found_count": "3", "solved_count": "2",
        "evidence": SimpleUploadedFile("检查记录.txt", b"record"), **given,
    }  # fmt: skip


@pytest.mark.clause("S1-2a")
def test_a_main_persons_acts_are_recorded_against_the_statutory_list(district: District) -> None:
    """An enterprise's head gets the statutory duties as his list and records acts against them, with evidence."""
    head = make_actor(district.enterprise_org, "enterprise.head")
    unit, office = client_of(head), client_of(district.director)
    form = unit.get(reverse("duty:leader_list_new"))
    assert all(entry in form.content.decode() for entry in STATUTORY)
    given = {"year": "2026", "person": str(head.user_id), "entries": "\n".join(STATUTORY)}
    answer = unit.post(reverse("duty:leader_list_new"), given)
    assert answer.status_code == 303
    assert DutyList.objects.get().entries == list(STATUTORY)
    page = answer["Location"]
    assert unit.post(page, {**act_of(STATUTORY[4]), "evidence": ""}).status_code == 422
    assert unit.post(page, act_of("没有这一项")).status_code == 422
    assert unit.post(page, act_of(STATUTORY[4])).status_code == 303
    assert unit.post(page, act_of(STATUTORY[3], kind="invest", text="支付改造款。")).status_code == 303
    shown = office.get(page).content.decode()
    assert shown.count("尚无记录") == 5
    acts = office.get(page + "?tab=acts").content.decode()
    for text in ("带队检查储罐区。", "支付改造款。", "安全投入", "检查记录.txt"):
        assert text in acts
    assert client_of(district.other_enterprise).get(page).status_code == 404


@pytest.mark.clause("S5-T2", "S3-3.2.1", "S4-A2.3.1")
def test_each_leader_has_a_duty_list_whose_completion_and_problems_are_shown(district: District) -> None:
    """Leaders' lists stand in one table with completion, problems found and solved; units without one are named."""
    head = make_actor(district.town_org, "town.head", name="甄一鸣")
    town, office = client_of(head), client_of(district.director)
    given = {"year": "2026", "person": str(head.user_id), "entries": "每季度研究安全生产工作\n带队检查重点企业"}
    answer = town.post(reverse("duty:leader_list_new"), given)
    assert answer.status_code == 303
    assert town.post(answer["Location"], act_of("带队检查重点企业")).status_code == 303
    page = office.get(reverse("duty:leader_lists") + "?year=2026")
    (line,) = page.context["lines"]
    assert (line.row.person.name, line.done, line.percent, line.found, line.solved) == ("甄一鸣", 1, 50, 3, 2)
    assert line.last_date == timezone.localdate()
    assert "甄一鸣" in page.content.decode()
    missing = {org.pk for org in page.context["missing"]}
    assert district.town_org.pk not in missing
    assert {district.other_town_org.pk, district.department_org.pk, district.enterprise_org.pk} <= missing
    # A list filed again replaces its text; what was recorded stays.
    again = {**given, "entries": "带队检查重点企业\n督办重大隐患"}
    assert town.post(reverse("duty:leader_list_new"), again).status_code == 303
    assert DutyList.objects.count() == DutyRecord.objects.count() == 1


@pytest.mark.clause("S5-3.2b")
def test_a_departments_duties_under_three_manages_carry_their_evidence(district: District) -> None:
    """A department files its duties; for each the evidence of what was done is seen, and where there is none."""
    department, office = client_of(district.department), client_of(district.director)
    entries = "管行业必须管安全：制定检查计划\n组织行业专项检查"
    answer = department.post(reverse("duty:duty_list_new"), {"year": "2026", "kind": "duties", "entries": entries})
    assert answer.status_code == 303
    assert department.post(answer["Location"], act_of("组织行业专项检查", place="")).status_code == 303
    shown = office.get(answer["Location"]).content.decode()
    assert shown.count("尚无记录") == 1
    assert "检查记录.txt" in office.get(answer["Location"] + "?tab=acts").content.decode()
    assert office.post(answer["Location"], act_of("组织行业专项检查")).status_code == 422  # no act of the office's
    assert DutyRecord.objects.count() == 1


def test_a_leaders_list_is_of_somebody_of_the_organisation_and_acts_are_not_of_tomorrow(district: District) -> None:
    given: dict[str, Any] = {"actor": district.department, "year": 2026, "entries": ["一"], "now": NOW}
    with pytest.raises(Invalid):
        services.file_duty_list(**given, kind="leader")
    row = services.file_duty_list(**given, kind="duties")
    act: dict[str, Any] = {
        "duty_list": row, "entry": "一", "kind": "meet", "place": "", "text": "会议", "found_count": 0,
        "solved_count": 0, "now": NOW,
    }  # fmt: skip
    evidence = [make_file(district.department)]
    with pytest.raises(Invalid) as refused:
        services.record_act(
            actor=district.department, done_date=NOW.date() + timedelta(days=1), evidence=[], **act
        )
    assert set(refused.value.fields) == {"done_date", "evidence"}
    with pytest.raises(NotPermitted):
        services.record_act(actor=district.town, done_date=date(2026, 9, 1), evidence=evidence, **act)
