"""Pages of education in a real browser: at a desk and on a phone, in both languages, nothing overflows or complains."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, client_of, make_district, make_file
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.training.models import TrainingSession
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.courses import add_course, add_line, add_plan, publish_plan
from quancheng.domains.training.services.orders import order_retraining
from quancheng.domains.training.services.procedures import issue_document
from quancheng.domains.training.services.records import Learned, record_hours
from quancheng.domains.training.services.sessions import door_code, enrol, plan_session
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scene(district: District) -> dict[str, str]:
    """A person with hours and an order, a session that is on, a plan and a procedure; addresses by name."""
    own, now = district.enterprise, timezone.now()
    today = timezone.localdate()
    person = make_person(district, staff_no="A001", name="张某", workshop="储运车间", team="甲班")
    post = make_post(district, person, "loader", title="装卸工")
    learned = Learned(
        programme=programme_of("post-skills"), held_date=today, hours=Decimal(4), teacher="安全管理部门讲师",
        place="二号培训室", content="装卸岗操作规程、静电接地、初期泄漏处置", score=86,
    )  # fmt: skip
    record_hours(actor=own, person=person, learned=learned, now=now)
    order = order_retraining(
        actor=own, person=person, reason="violation", programme=programme_of("retraining"), needs_exam=True,
        off_post=True, due_date=today + timedelta(days=9), now=now, explained="未按规程进行装卸前静电接地",
    )  # fmt: skip
    course = add_course(
        actor=own, title="岗位操作规程和初期应急处置", programme=programme_of("post-skills"), hours=Decimal(1),
        teacher="讲师", content="操作规程\n初期处置", is_practical=True, now=now,
    )  # fmt: skip
    session = plan_session(
        actor=own, course=course, place="二号培训室", teacher="讲师", starts_at=now + timedelta(minutes=1),
        ends_at=now + timedelta(minutes=60), hours=Decimal(1), capacity=30, plan_line=None, now=now,
    ) if (timezone.localtime(now) + timedelta(minutes=60)).date() == today else None  # fmt: skip
    plan = add_plan(actor=own, title="年度安全培训计划", year=today.year, now=now)
    add_line(actor=own, plan=plan, now=now, known={
        "programme": programme_of("post-skills"), "title": "岗位操作技能班", "month": today.month, "audience": "操作工",
        "people": 12, "hours": 8,
    })  # fmt: skip
    publish_plan(actor=own, plan=plan, now=now)
    document = issue_document(
        actor=own, file=own_file(district), kind="procedure", role=post.role, title="装卸岗操作规程", edition="A/3",
        approved_by="总经理", in_force_date=today, text=[make_file(own)], now=now,
    )  # fmt: skip
    found = {
        "person": f"/training/persons/{person.pk}?tab=education", "order": f"/training/orders/{order.pk}",
        "plan": f"/training/plans/{plan.pk}", "course": f"/training/courses/{course.pk}",
        "document": f"/training/documents/{document.pk}?tab=unread", "matrix": "/training/matrix",
        "coverage": "/training/coverage?programme=post-skills", "standings": "/training/standings",
        "hours": f"/training/persons/{person.pk}/records/new", "programmes": "/training/programmes",
    }  # fmt: skip
    if session is not None:
        enrol(actor=own, session=session, persons=[person], now=now)
        found |= {"session": f"/training/sessions/{session.pk}", "door": f"/training/sessions/{session.pk}/door"}
    return found


def test_pages_of_education_at_a_desk_and_on_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    own_file(district)
    pages = scene(district)
    offices = {"regulators": "/training/regulators", "regulator_coverage": "/training/regulators/coverage",
               "regulator": f"/training/regulators/{district.town.user_id}?act=study"}  # fmt: skip

    def walk(seen: Any, actor: Actor, found: dict[str, str], mark: str) -> None:
        session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
        seen.context.add_cookies([
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en" if mark == "phone" else "zh-hans",
             "url": live_server.url},
        ])  # fmt: skip
        for name, at in found.items():
            answer = seen.goto(live_server.url + at)
            assert answer is not None
            assert answer.status == 200, (name, answer.status)
            seen.picture(f"education-{name}-{mark}")
            assert not seen.overflows(), (name, mark)

    for size, mark in ((DESK, "desk"), (PHONE, "phone")):
        with watched_page(browser, size=size, english=mark == "phone") as seen:
            walk(seen, district.enterprise, pages, mark)
            walk(seen, district.town, offices, mark)
            assert seen.complaints == []
    row = TrainingSession.objects.first()
    if row is not None:
        with watched_page(browser, size=PHONE) as phone:
            phone.goto(live_server.url + f"/training/sign-in/{door_code(row, now=timezone.now())}")
            phone.page.get_by_label("工号（胸卡号）").fill("A001")
            phone.page.get_by_label("姓名").fill("张某")
            phone.picture("education-sign-in")
            phone.page.get_by_role("button", name="签到").click()
            phone.page.get_by_text("签到成功").first.wait_for()
            phone.picture("education-signed-in")
            assert phone.complaints == []
