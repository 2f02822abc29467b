"""In a real browser: an exam at a desk and on a phone with the network cut in the middle, a spot exam by QR code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from tests.domains.training.exam_factories import make_exam, make_rule, people, programme, right
from tests.domains.training.factories import own_file
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.training.models import Exam, ExamSitting, Question, RetrainingOrder, SittingFact, SittingItem
from quancheng.domains.training.services.exams import code_of
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(seen: Watched, server: Any, actor: Actor) -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])


def look(seen: Watched, name: str) -> None:
    seen.picture(f"exams-{name}")
    assert [one for one in seen.complaints if "ERR_INTERNET_DISCONNECTED" not in one] == []
    assert not seen.overflows(), name


def tick(page: Page, name: str, told: Any) -> None:
    for letter in told:
        page.locator(f"input[name='{name}'][value='{letter}']").check()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_exam_goes_on_through_a_cut_network_and_a_closed_page(
    browser: Browser, live_server: Any, size: tuple[int, int]
) -> None:
    district = make_district()
    own_file(district)
    counts, marks = {"single": 4, "multiple": 3, "judge": 3}, {"single": 10, "multiple": 10, "judge": 10}
    rule = make_rule(district.enterprise, counts=counts, marks=marks)
    exam = make_exam(district.enterprise, people(district, 1), rule=rule)
    row = ExamSitting.objects.get()
    form = "desk" if size == DESK else "phone"
    with watched_page(browser, size=size) as seen:
        page = seen.page
        seen.goto(f"{live_server.url}/x/{exam.door}")
        look(seen, f"{form}-door")
        page.get_by_label("工号（胸卡号）").fill("a1")
        page.get_by_label("考试码").fill(code_of(row).lower())
        page.get_by_role("button", name="进入考场").click()
        expect(page.get_by_role("button", name="开始答题")).to_be_visible()
        look(seen, f"{form}-start")
        page.get_by_role("button", name="开始答题").click()
        expect(page.locator("#sit-clock")).to_have_text(re.compile(r"^(60:00|59:\d\d)$"))
        answers = right(row)
        names = list(answers)
        for name in names[:3]:
            tick(page, name, answers[name])
        expect(page.locator("#sit-state")).to_contain_text("已答 3 / 10 题 · 已保存")
        look(seen, f"{form}-paper")
        seen.context.set_offline(True)
        for name in names[3:6]:
            tick(page, name, answers[name])
        expect(page.locator("#sit-state")).to_contain_text("网络中断")
        look(seen, f"{form}-offline")
        assert SittingItem.objects.filter(sitting=row).exclude(answer={}).count() == 3
        seen.context.set_offline(False)
        expect(page.locator("#sit-state")).to_contain_text("已答 6 / 10 题 · 已保存", timeout=10_000)
        assert SittingItem.objects.filter(sitting=row).exclude(answer={}).count() == 6
        again = seen.context.new_page()
        page.close()
        again.goto(f"{live_server.url}/x/{exam.door}/-/paper")
        expect(again.locator("#sit-state")).to_contain_text("已答 6 / 10 题")
        for name in names[6:9]:
            tick(again, name, answers[name])
        again.get_by_role("button", name="交卷").click()
        expect(again.locator("#sit-ask")).to_contain_text("还有 1 题没有作答")
        tick(again, names[9], answers[names[9]])
        expect(again.locator("#sit-state")).to_contain_text("已答 10 / 10 题 · 已保存")
        again.get_by_role("button", name="交卷").click()
        expect(again.get_by_text("100 / 100")).to_be_visible()
        seen.page = again
        look(seen, f"{form}-result")
    row.refresh_from_db()
    assert (row.is_passed, row.handed_in_by) == (True, "self")
    assert {"began", "offline", "online"} <= set(SittingFact.objects.values_list("kind", flat=True))


def test_a_spot_exam_is_drawn_on_site_and_sat_by_qr_code_on_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    own_file(district)
    people(district, 6)
    with watched_page(browser, size=PHONE) as seen:
        enter(seen, live_server, district.department)
        page = seen.page
        seen.goto(live_server.url + reverse("training:spot_new"))
        page.get_by_label("被检查企业").select_option(label="示例甲化工有限公司")
        page.get_by_label("检查事由").fill("9月双随机检查")
        page.get_by_label("培训大纲").select_option(value=str(programme("retraining").pk))
        look(seen, "spot-new")
        page.get_by_role("button", name="随机抽取并开考").click()
        expect(page.get_by_role("link", name="考试码和二维码").first).to_be_visible()
        look(seen, "spot-drawn")
        page.get_by_role("link", name="考试码和二维码").first.click()
        expect(page.locator(".exam-codes li")).to_have_count(3)
        look(seen, "spot-codes")
        exam = Exam.objects.get()
        rows = list(ExamSitting.objects.filter(exam=exam).select_related("person").order_by("created_at", "pk"))
        for number, row in enumerate(rows[:2]):
            with watched_page(browser, size=PHONE) as hand:
                # What the QR code says.
                hand.goto(f"{live_server.url}/x/{exam.door}/{code_of(row)}")
                hand.page.get_by_role("button", name="进入考场").click()
                look(hand, f"spot-start-{number}")
                hand.page.get_by_role("button", name="开始答题").click()
                expect(hand.page.locator("#sit-clock")).to_have_text(re.compile(r"^(10:00|09:\d\d)$"))
                answers = right(row, share=1.0 if number == 0 else 0.3)
                for name, told in answers.items():
                    tick(hand.page, name, told)
                expect(hand.page.locator("#sit-state")).to_contain_text("已答 10 / 10 题 · 已保存")
                look(hand, f"spot-paper-{number}")
                hand.page.get_by_role("button", name="交卷").click()
                word = "合格" if number == 0 else "离岗再培训"
                expect(hand.page.get_by_text(word).first).to_be_visible()
                look(hand, f"spot-result-{number}")
        seen.goto(live_server.url + reverse("training:exam", args=[exam.pk]))
        expect(page.locator("table .qc-badge", has_text="不合格")).to_be_visible()
        look(seen, "spot-results")
    assert RetrainingOrder.objects.get().person_id == rows[1].person_id


def test_pages_of_exams_stand_on_desk_and_phone_in_both_languages(browser: Browser, live_server: Any) -> None:
    district = make_district()
    own_file(district)
    rule = make_rule(district.enterprise)
    exam = make_exam(district.enterprise, people(district, 3), rule=rule)
    row = ExamSitting.objects.filter(exam=exam).first()
    assert row is not None
    addresses = [
        reverse("training:questions"), reverse("training:question_new", args=["case"]),
        reverse("training:question", args=[Question.objects.get(code="HD-052").pk]),
        reverse("training:paper_rules"), reverse("training:paper_rule_new"),
        reverse("training:paper_rule", args=[rule.pk]), reverse("training:exams"), reverse("training:exam_new"),
        reverse("training:exam", args=[exam.pk]), reverse("training:exam_slips", args=[exam.pk]),
        reverse("training:sittings"), reverse("training:sitting", args=[row.pk]), reverse("training:answers"),
        reverse("training:exam_figures"), reverse("training:own_exams"), f"/x/{exam.door}",
    ]  # fmt: skip
    for size in (DESK, PHONE):
        for english in (False, True):
            with watched_page(browser, size=size) as seen:
                enter(seen, live_server, district.enterprise)
                language = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en" if english else "zh-hans",
                            "url": live_server.url}  # fmt: skip
                seen.context.add_cookies([language])  # type: ignore[list-item]
                for number, url in enumerate(addresses):
                    answer = seen.goto(live_server.url + url)
                    assert answer is not None
                    assert answer.status == 200, url
                    look(seen, f"page-{number:02}-{size[0]}-{'en' if english else 'zh'}")

