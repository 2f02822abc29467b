"""In a real browser: a plan comes in, a unit works, the office verifies, and what is late gets a letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.domains.duty.test_review import dress
from tests.factories import PASSWORD, District, make_district
from tests.support.browser import PHONE, Watched, watched_page

from quancheng.domains.duty.models import Assignment, Plan, Task
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.people.models import User
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.browser


def plan_text(today: date) -> str:
    """Three tasks: one for a department, one for the streets, one whose unit nobody knows yet."""
    return f"""示例区安全生产委员会办公室
关于印发{today.year}年危险化学品安全监管工作要点的通知
示安办〔{today.year}〕3号

区应急局，各街道办事处：
现将工作要点印发你们，请认真抓好落实。

示例区安全生产委员会办公室
{today.year}年{today.month}月{today.day}日
（此件公开发布）

{today.year}年危险化学品安全监管工作要点

一、重点任务
重点任务1：对加油站开展防渗专项检查。
责任单位：区应急局
完成时限：{today.year}年12月底前
重点任务2：开展辖区涉危单位摸底。
责任单位：各街道办事处
完成时限：{today.year}年12月底前
重点任务3：推进危险化学品信息共享。
责任单位：区大数据中心
完成时限：{today.year}年12月底前
"""


def username(actor: Actor) -> str:
    """Give the actor a password and tell his user name."""
    user = User.objects.get(pk=actor.user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user.username


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{server.url}/login")
    page.get_by_label("用户名或手机号码").fill(name)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日待办")).to_be_visible()


def in_state(page: Page, word: str) -> Locator:
    """The badge beside the title. The strip below names every state of the loop, the present one or not."""
    return page.locator(".qc-object > header .qc-badge", has_text=word)


@pytest.fixture
def district(transactional_db: None) -> District:
    return dress(make_district())


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with watched_page(browser) as found:
        found.expected.add(422)
        yield found
        assert found.complaints == []


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (120, 140, 160)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.clause("S1-0a")
def test_a_plan_becomes_tasks_that_are_worked_on_verified_and_when_late_answered_with_a_letter(
    district: District, live_server: LiveServer, watched: Watched, tmp_path: Path
) -> None:
    """A plan document is imported with its number, issuer, date and openness; each addressee owes a receipt."""
    page = watched.page
    names = {who: username(getattr(district, who)) for who in ("director", "officer", "department", "town")}
    clicks = fields = 0

    # The office imports, reviews and issues.
    sign_in(page, live_server, names["director"])
    page.locator("#nav-duty").click()
    page.get_by_role("link", name="计划文件").first.click()
    page.get_by_role("link", name="导入文件").click()
    source = tmp_path / "要点.txt"
    source.write_text(plan_text(timezone.localdate()), encoding="utf-8")
    page.get_by_label("文件", exact=False).first.set_input_files(source)
    page.get_by_role("button", name="读取并进入审核").click()
    expect(page.get_by_text("待确认 1 条")).to_be_visible()
    watched.picture("journey-review")
    doubtful = page.locator("article.duty-draft-doubtful")
    expect(doubtful).to_have_count(1)
    doubtful.get_by_label("“区大数据中心”是").fill("示例区应急管理局")
    doubtful.get_by_role("button", name="指定").click()
    clicks, fields = clicks + 1, fields + 1
    expect(page.get_by_label("“区大数据中心”是")).to_have_count(0)
    while (left := page.get_by_role("button", name="确认无误")).count():
        before = left.count()
        left.first.click()
        clicks += 1
        expect(left).to_have_count(before - 1)
    expect(page.get_by_text("待确认 0 条")).to_be_visible()
    page.get_by_role("button", name="一次下达全部任务").click()
    clicks += 1
    expect(page.get_by_text("已下达 3 项任务")).to_be_visible()
    print(f"\nreview of 3 tasks: {clicks} clicks, {fields} fields: {clicks / 3:.1f} and {fields / 3:.1f} a task")
    plan = Plan.objects.get()
    assert plan.issuer == "示例区安全生产委员会办公室"
    assert "公开" in plan.openness
    assert plan.number.startswith("示安办〔")
    assert {one.org.name for one in plan.receipts.all()} == {"示例区应急管理局", "甲街道办事处", "乙街道办事处"}

    # The department accepts and submits with a photo.
    sign_in(page, live_server, names["department"])
    page.get_by_role("link", name="加油站开展防渗专项检查").first.click()
    page.get_by_role("button", name="接收任务").click()
    expect(in_state(page, "办理中")).to_be_visible()
    page.get_by_role("link", name="提交办结").or_(page.get_by_role("button", name="提交办结")).first.click()
    page.get_by_label("进展情况").fill("已检查全部加油站，未发现渗漏。")
    page.get_by_label("佐证材料").set_input_files({"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.locator("#qc-panel").get_by_role("button", name="提交办结").click()
    expect(in_state(page, "待核验")).to_be_visible()
    watched.picture("journey-submitted")

    # The office verifies.
    sign_in(page, live_server, names["officer"])
    page.get_by_role("link", name="加油站开展防渗专项检查").first.click()
    page.get_by_role("link", name="核验通过").or_(page.get_by_role("button", name="核验通过")).first.click()
    page.locator("#qc-panel").get_by_role("button", name="核验通过").click()
    expect(in_state(page, "已完成")).to_be_visible()

    # A street let its task become late: the clock proposes, a person signs, the letter is served.
    task = Task.objects.get(title__contains="摸底")
    late = Assignment.objects.get(task=task, org=district.town_org)
    yesterday = timezone.now() - timedelta(days=9)
    WorkItem.objects.filter(subject_id=late.pk, done_at__isnull=True).update(due_at=yesterday)
    climb(now=timezone.now())
    sign_in(page, live_server, names["director"])
    page.goto(f"{live_server.url}/ladder/")
    page.get_by_role("link", name="摸底").first.click()
    watched.picture("journey-proposal")
    page.get_by_role("link", name="签发").or_(page.get_by_role("button", name="签发")).first.click()
    page.locator("#qc-panel").get_by_role("button", name="签发").click()
    watched.picture("journey-signed")
    expect(page.locator(".qc-badge", has_text="已签发")).to_be_visible()
    page.goto(f"{live_server.url}/papers/")
    page.locator("tbody a").first.click()
    expect(page.get_by_text(f"〔{timezone.localdate().year}〕").first).to_be_visible()
    watched.picture("journey-letter")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"
    send = page.get_by_role("button", name="全部平台送达")
    send.click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(send).to_have_count(0)

    # The street sees it, on a phone.
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    sign_in(page, live_server, names["town"])
    assert not watched.overflows()
    watched.picture("journey-phone")
    expect(page.get_by_text("提醒函").or_(page.get_by_text("督促函")).first).to_be_visible()
