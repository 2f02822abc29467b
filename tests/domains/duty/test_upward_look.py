"""The pages of parents, own plans, groups, visits, leaders' lists and the force in a real browser, desk and phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.duty.models import Task
from quancheng.domains.duty.services import governance, own_plans, parents, receipts, staff, visits
from quancheng.domains.duty.services.own_plans import CallSpec, ItemSpec
from quancheng.domains.duty.services.visits import GroupSpec, VisitSpec
from quancheng.kernel.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_every_page_of_supervision_fits_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    district, now = make_district(), timezone.now()
    office, today = district.director, timezone.localdate()
    given: dict[str, Any] = {"actor": office, "now": now}
    upper, plan = commit(district, NOW - timedelta(days=300)), commit(district, NOW)
    parents.link_parent(**given, plan=plan, parent=upper)
    parents.cite_parent(**given, plan=plan, title="全市集中治理方案", number="示市安〔2026〕2号", issuer="示例市安委会")
    above, below = Task.objects.filter(plan=upper).order_by("order")[0], Task.objects.filter(plan=plan)[0]
    parents.carry_out(**given, plan=plan, parent=above, children=[below])
    receipts.send_on(**given, plan=plan, org=None, name="示例区人民法院", capacity="copy")
    call = own_plans.call_for_plans(
        **given,
        spec=CallSpec(
            title="企业安全生产治本攻坚三年行动计划", topics=["本质安全改造", "隐患排查治理"], period_from=today,
            period_to=today + timedelta(days=900), due_date=today + timedelta(days=20),
            orgs=[district.enterprise_org],
        ),
    )  # fmt: skip
    own = call.plans.get()
    item = ItemSpec("罐区增设紧急切断装置", "本质安全改造", "委托有资质单位设计施工，分两期改造", "", today)
    own_plans.save_items(actor=district.enterprise, plan=own, items=[item], version=1, now=now)
    spec = GroupSpec("危险化学品安全工作领导小组", "leading", district.office_org, today)
    group = visits.found_group(**given, spec=spec)
    visits.name_member(
        **given, group=group, role="1head", org=district.department_org, name="甄一鸣", post="副区长"
    )
    visit = visits.plan_visit(
        **given, spec=VisitSpec(district.town_org, "重大隐患整改推进情况", today, group=group, reason="任务推进迟缓")
    )
    visits.record_visit(
        **given, visit=visit, visited_date=today, inspectors="甄一鸣", text="查阅台账。",
        findings=["台账缺失", "未带队"], evidence=[],
    )  # fmt: skip
    head = make_actor(district.town_org, "town.head", name="冉思齐")
    leader_list = governance.file_duty_list(
        actor=head, year=today.year, kind="leader", entries=["每季度研究安全工作", "每月带队检查"],
        person=User.objects.get(pk=head.user_id), now=now,
    )  # fmt: skip
    staff.enter_member(
        actor=district.department, name="边若谷", post="科员", has_schooling=True, has_practice=True,
        schooling="安全工程本科", joined_by="recruited", joined_date=today, now=now,
    )  # fmt: skip
    one = reverse("duty:plan", args=[plan.pk])
    pages = [
        (office, f"{one}?tab=parents"),
        (office, f"{one}?tab=receipts"),
        (office, f"{one}?act=carry_out"),
        (office, one),
        (office, reverse("duty:own_plans")),
        (office, reverse("duty:own_plan", args=[own.pk])),
        (district.enterprise, reverse("duty:own_plan_write", args=[own.pk])),
        (office, reverse("duty:plan_call_new")),
        (office, reverse("duty:group", args=[group.pk])),
        (office, reverse("duty:visit", args=[visit.pk])),
        (office, reverse("duty:visit", args=[visit.pk]) + "?act=settle"),
        (office, reverse("duty:measures")),
        (office, reverse("duty:leader_lists")),
        (office, reverse("duty:duty_list", args=[leader_list.pk])),
        (office, reverse("duty:force")),
    ]
    sessions = {who.user_id: client_of(who).cookies[settings.SESSION_COOKIE_NAME].value for who, _path in pages}
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as page:
            for number, (who, path) in enumerate(pages):
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sessions[who.user_id], "url": live_server.url}
                page.context.add_cookies([cookie])  # type: ignore[list-item]
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"upward-{size[0]}-{number:02}")
            assert page.complaints == []
