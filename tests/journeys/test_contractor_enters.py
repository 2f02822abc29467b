"""In real browsers: a contractor is admitted on its papers, its worker is taught, examined and let in at the gate."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.domains.training.exam_factories import make_exam, make_rule, right
from tests.domains.training.factories import own_file
from tests.domains.training.outside_scene import code, head_of
from tests.factories import NOW, make_district
from tests.support.browser import DESK, PHONE, watched_page
from tests.support.hands import Hands

from quancheng.domains.training.models import (
    Admission,
    AgreementClause,
    Contractor,
    ExamSitting,
    GatePass,
    OutsideRule,
    Person,
    RuleGroup,
)
from quancheng.domains.training.services.exams import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.clause("S2-9")
def test_a_contractor_is_admitted_its_worker_taught_examined_and_let_in(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    district = make_district()
    file, head, today = own_file(district), head_of(district), NOW.date()
    paper = tmp_path / "证明.txt"
    paper.write_text("营业执照")
    with watched_page(browser, size=DESK) as desk:
        hands = Hands(desk, live_server, monkeypatch, NOW)
        hands.enter(district.enterprise)
        hands.send(reverse("training:contractor_new"), code=code(1), name="示例检修有限公司", business="设备检维修")
        company = Contractor.objects.get()
        hands.send(
            reverse("training:contractor_qualification_new", args=[company.pk]), work="repair",
            name="石油化工工程施工总承包三级", number="D199000001", holder_name=company.name, holder_code=company.code,
            files=paper, valid_from=(today - timedelta(days=100)).isoformat(),
            valid_to=(today + timedelta(days=900)).isoformat(),
        )  # fmt: skip
        hands.send(reverse("training:admission_new", args=[company.pk]), works=["repair"])
        page = reverse("training:admission", args=[Admission.objects.get().pk])
        # Without its papers it is not even put forward.
        hands.goto(f"{page}?act=submit")
        desk.expected.add(409)
        hands.page.locator("#qc-panel .qc-form-actions button").click()
        expect(hands.page.locator("#qc-panel")).to_contain_text("尚未审查")
        hands.look("contractor-papers-missing")
        for one in OutsideRule.objects.filter(group=RuleGroup.CHECK):
            more = {} if one.is_hard else {"score": "90"}
            hands.send(f"{page}/item", code=one.code, result="met", files=paper, **more)
        hands.send(
            f"{page}/agreement", agreement_number="安协2026-01", agreement_signed_date=today.isoformat(),
            agreement_from=today.isoformat(), agreement_to=(today + timedelta(days=300)).isoformat(),
            agreement_scope="装置检维修", agreement_clauses=list(AgreementClause.values), signed_own="某甲",
            signed_contractor="某乙", files=paper,
        )  # fmt: skip
        hands.act(page, "submit")
        hands.act(page, "accept", note="资料齐全")
        hands.enter(head)
        hands.act(page, "admit", text="现场核查符合")
        hands.look("contractor-admitted")
        hands.enter(district.enterprise)
        hands.send(
            reverse("training:person_new"), employment="contractor", name="某外来工", employer_name=company.name,
            employer_code=company.code, staff_no="W001", resident_id="110101199003077571",
        )  # fmt: skip
    worker = Person.objects.get(name="某外来工")
    entry = reverse("training:entry", args=[worker.pk])
    exam = make_exam(
        district.enterprise, [worker],
        rule=make_rule(district.enterprise, counts={"judge": 4}, marks={"judge": 25}),
    )  # fmt: skip
    sitting = ExamSitting.objects.get()
    with watched_page(browser, size=PHONE) as hand:
        hands.move_to(hand)
        hands.goto(f"/x/{exam.door}/{code_of(sitting)}")
        hands.page.get_by_role("button", name="进入考场").click()
        hands.page.get_by_role("button", name="开始答题").click()
        for name, told in right(sitting).items():
            for letter in told:
                hands.page.locator(f"input[name='{name}'][value='{letter}']").check()
        expect(hands.page.locator("#sit-state")).to_contain_text("已答 4 / 4 题 · 已保存")
        hands.page.get_by_role("button", name="交卷").click()
        expect(hands.page.get_by_text("100 / 100")).to_be_visible()
        hands.look("contractor-examined")
    with watched_page(browser, size=PHONE) as gate:
        hands.move_to(gate)
        gate.expected.add(409)
        hands.enter(district.enterprise)
        hands.goto(reverse("training:gate"))
        _at_the_gate(hands)
        expect(hands.page.get_by_text("未做入厂登记").first).to_be_visible()
        hands.look("contractor-turned-away")
        hands.send(f"{entry}/register", work_area="罐区")
        told: dict[str, dict[str, Any]] = {
            "training": {"plant_hours": "8", "area_hours": "4", "work_area": "罐区", "score": "100"},
            "responsibility": {"responsible": "设备部某甲", "files": paper},
            "inspection": {"is_passed": True, "note": "工机具、防护用品"},
            "assessment": {"is_passed": True, "note": "进场考核"},
        }
        for kind, given in told.items():
            hands.send(f"{entry}/steps/{kind}", done_date=today.isoformat(), **given)
        hands.goto(reverse("training:gate"))
        _at_the_gate(hands)
        hands.page.wait_for_load_state()
        hands.look("contractor-let-in")
    passes = GatePass.objects.filter(person=worker).order_by("at", "pk")
    assert [one.is_allowed for one in passes] == [False, True]
    assert file.pk == worker.file_id


def _at_the_gate(hands: Hands) -> None:
    """His card is read, and what the gate decided is written down."""
    hands.page.get_by_label("入厂证二维码内容或工号").fill("W001")
    hands.page.get_by_label("门岗", exact=True).fill("北门")
    hands.page.get_by_role("button", name="核验").click()
    hands.page.get_by_role("button", name="登记进入").click()
