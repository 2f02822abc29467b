"""Reactions are assessed and reviewed by another; a clearing is reported with papers and verified on site."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from tests.domains.risk.factories import make_reaction
from tests.domains.risk.test_plans import picture
from tests.factories import NOW, client_of, make_actor, make_district, make_file

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.domains.risk.queries.reactions import list_plants
from quancheng.domains.risk.services import reactions
from quancheng.kernel.files.queries import files_of_many

pytestmark = pytest.mark.django_db


def test_a_reaction_is_reviewed_by_another_and_its_clearing_says_how_many_lack_something() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    row = make_reaction(district.enterprise, file)
    make_reaction(district.enterprise, file, title="重氮化反应", report_no="R-2")
    own = client_of(district.enterprise)
    eyes = client_of(make_actor(district.enterprise_org, "enterprise.safety"))
    page = reverse("risk:reaction", args=[row.pk])
    assert own.post(page, {"act": "submit"}).status_code in (302, 303)
    assert 'name="text"' in eyes.get(page, {"act": "approve"}).content.decode()
    assert own.post(page, {"act": "approve", "text": ""}).status_code == 403
    assert eyes.post(page, {"act": "approve", "text": "同意"}).status_code in (302, 303)
    row.refresh_from_db()
    assert row.status == "IN_FORCE"
    # Of both something is missing: one is a draft, the other has measures that are not done.
    Reaction.objects.filter(pk=row.pk).update(missing=2)
    office = district.department
    reactions.begin_clearings(actor=office, kinds=["reaction"], due=(NOW + timedelta(days=200)).date(), now=NOW)
    clearing = Clearing.objects.get()
    told: Any = list_plants(actor=office).get(pk=file.pk)
    assert (told.lacking_count, told.reaction_count) == (2, 2)
    page = reverse("risk:clearing", args=[clearing.pk])
    assert "2个反应，其中2个有缺项" in own.get(page).content.decode()
    Reaction.objects.filter(pk=row.pk).update(missing=0)
    assert "2个反应，其中1个有缺项" in own.get(page).content.decode()
    # It is reported with papers, and verified on a day.
    assert own.post(page, {"act": "report", "text": "全部完成评估"}).status_code == 422
    paper = SimpleUploadedFile("评估.png", picture(), content_type="image/png")
    assert own.post(page, {"act": "report", "text": "全部完成评估", "evidence": [paper]}).status_code in (302, 303)
    there = client_of(office)
    assert 'name="day"' in there.get(page, {"act": "verify"}).content.decode()
    assert there.post(page, {"act": "verify", "text": "属实"}).status_code == 422
    done = there.post(page, {"act": "verify", "text": "属实", "day": NOW.date().isoformat()})
    assert done.status_code in (302, 303)
    clearing.refresh_from_db()
    assert clearing.status == "CLEARED"


@pytest.mark.clause("S5-3.3a")
def test_each_reaction_is_registered_with_the_measures_it_demands_and_the_state_of_each() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    row = make_reaction(district.enterprise, file)
    reactions.submit_reaction(actor=district.enterprise, row=row, now=NOW)
    eyes = make_actor(district.enterprise_org, "enterprise.head")
    reactions.approve_reaction(actor=eyes, row=row, text="", now=NOW)
    demanded = row.missing
    assert demanded == len(row.controls) > 1
    own, office = client_of(district.enterprise), client_of(district.department)
    page = reverse("risk:reaction", args=[row.pk])
    assert own.get(page).content.decode().count("未填报") == demanded
    said = {"act": "control", "place": "0", "is_done": "yes", "text": "已投用，见联锁台账"}
    assert own.post(page, {**said, "text": ""}).status_code == 422
    assert own.post(page, said).status_code in (302, 303)
    shown = office.get(page).content.decode()
    assert "已投用，见联锁台账" in shown
    assert shown.count("未填报") == demanded - 1
    # As long as one is missing the office finds the reaction among those that lack something.
    lacking = office.get(reverse("risk:reactions"), {"lacking": "1"}).content.decode()
    assert row.title in lacking
    row.refresh_from_db()
    for place in range(1, demanded):
        reactions.set_control(
            actor=district.enterprise, row=row, place=place, is_done=True, text="已落实", evidence=[], now=NOW
        )  # fmt: skip
    lacking = office.get(reverse("risk:reactions"), {"lacking": "1"}).content.decode()
    assert row.title not in lacking
    told = office.get(f"/api/v1/risk/reactions/{row.pk}").json()
    assert (told["missing"], {one["is_done"] for one in told["controls"]}) == (0, {True})


@pytest.mark.clause("S5-M3")
def test_each_fine_chemical_enterprise_shows_the_four_clearings_cell_by_cell_under_their_heading() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    office = client_of(district.department)
    page = reverse("risk:plants")
    assert office.get(page).content.decode().count("未启动") == 4
    due = (NOW + timedelta(days=200)).date()
    reactions.begin_clearings(actor=district.department, kinds=list(ClearingKind.values), due=due, now=NOW)
    exempt = Clearing.objects.get(file=file, kind="people")
    reactions.answer_clearing(actor=district.department, row=exempt, name="exempt", reason="没有密集场所", now=NOW)
    told: Any = list_plants(actor=district.department).get(pk=file.pk)
    cells = [getattr(told, f"cell_{code}") for code in ClearingKind.values]
    assert sorted(cells) == ["EXEMPT", "OPEN", "OPEN", "OPEN"]
    shown = office.get(page).content.decode()
    for label in ClearingKind.labels:
        assert str(label) in shown
    assert "未启动" not in shown
    assert "不涉及" in shown
    assert "精细化工“四个清零”" in office.get(reverse("risk:clearings")).content.decode()


@pytest.mark.clause("S5-T9")
def test_each_clearing_of_each_enterprise_has_its_own_record_of_verification_on_site() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    due = (NOW + timedelta(days=200)).date()
    reactions.begin_clearings(actor=district.department, kinds=list(ClearingKind.values), due=due, now=NOW)
    own, office = client_of(district.enterprise), client_of(district.department)
    for place, code in enumerate(ClearingKind.values):
        row = Clearing.objects.get(file=file, kind=code)
        page = reverse("risk:clearing", args=[row.pk])
        # Not verified before it is reported.
        early = office.post(page, {"act": "verify", "text": "属实", "day": NOW.date().isoformat()})
        assert early.status_code == 409
        paper = SimpleUploadedFile(f"{code}.png", picture(), content_type="image/png")
        assert own.post(page, {"act": "report", "text": "已完成", "evidence": [paper]}).status_code in (302, 303)
        said = {"act": "verify", "text": f"现场核对第{place + 1}项", "day": NOW.date().isoformat()}
        assert own.post(page, said).status_code == 403
        assert office.post(page, said).status_code in (302, 303)
        assert f"现场核对第{place + 1}项" in own.get(page).content.decode()
    listed = office.get("/api/v1/risk/clearings", {"enterprise_id": str(file.pk), "status": "CLEARED"}).json()["items"]
    assert {one["kind"]: one["verified_text"] for one in listed} == {
        code: f"现场核对第{place + 1}项" for place, code in enumerate(ClearingKind.values)
    }
    assert {one["verified_date"] for one in listed} == {NOW.date().isoformat()}


def test_two_controls_told_at_once_both_stand_and_what_is_sent_again_holds_its_files_once() -> None:
    district = make_district()
    own, file = district.enterprise, open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    row = make_reaction(own, file)
    reactions.submit_reaction(actor=own, row=row, now=NOW)
    eyes = make_actor(district.enterprise_org, "enterprise.head")
    reactions.approve_reaction(actor=eyes, row=row, text="", now=NOW)
    demanded, twin, key = row.missing, Reaction.objects.get(pk=row.pk), uuid.uuid4()
    for _time in range(2):
        reactions.set_control(actor=own, row=row, place=0, is_done=True, text="已投用",
                              evidence=[make_file(own)], now=NOW, client_id=key)  # fmt: skip
    reactions.set_control(actor=own, row=twin, place=1, is_done=True, text="已落实", evidence=[], now=NOW)
    row.refresh_from_db()
    assert (row.missing, len(files_of_many(Reaction, [row.pk])[row.pk])) == (demanded - 2, 1)
    with translation.override("en"):
        reactions.begin_clearings(actor=district.department, kinds=["reaction"], due=NOW.date(), now=NOW)
    clearing = Clearing.objects.get()
    assert clearing.title.endswith(chinese(clearing.kind))
    for name, who in (("report", own), ("verify", district.department)):
        key = uuid.uuid4()
        for _time in range(2):
            common: dict[str, Any] = {"actor": who, "row": clearing, "text": "属实", "evidence": [make_file(who)],
                                      "now": NOW, "client_id": key}  # fmt: skip
            if name == "report":
                reactions.report_clearing(**common)
            else:
                reactions.verify_clearing(**common, day=NOW.date())
    assert len(files_of_many(Clearing, [clearing.pk])[clearing.pk]) == 2


def chinese(kind: str) -> str:
    with translation.override("zh-hans"):
        return str(ClearingKind(kind).label)
