"""Long work in a real browser: its progress moves where it stands, and ends by itself with what can be fetched."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.factories import District, client_of
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.kernel.longwork import services
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.running import run_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def start(district: District) -> LongWork:
    return services.start_work(
        actor=district.officer, kind="test.write", title="导出：承办情况", params={"numbers": 3}, now=timezone.now()
    )


@pytest.mark.slow
@pytest.mark.parametrize(("size", "english"), [(DESK, False), (PHONE, True), (PHONE, False), (DESK, True)])
def test_progress_moves_without_a_shift_and_ends_with_the_file(
    live_server: Any, district: District, browser: Browser, size: tuple[int, int], english: bool
) -> None:
    work = start(district)
    session = client_of(district.officer).cookies[settings.SESSION_COOKIE_NAME].value
    tail = f"{size[0]}-{'en' if english else 'zh'}"
    with watched_page(browser, size=size, english=english) as seen:
        cookies = {settings.SESSION_COOKIE_NAME: session} | ({"django_language": "en"} if english else {})
        seen.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = seen.page
        seen.goto(live_server.url + work.get_absolute_url())
        seen.picture(f"work-waiting-{tail}")
        page.evaluate(
            "() => { window.shift = 0; new PerformanceObserver((list) => { for (const each of list.getEntries())"
            " window.shift += each.value; }).observe({ type: 'layout-shift', buffered: false }); }"
        )
        LongWork.objects.filter(pk=work.pk).update(state="running", began_at=timezone.now(), done=1, total=3)
        page.get_by_text("33%", exact=True).wait_for()
        assert page.evaluate("window.shift") == 0
        seen.picture(f"work-running-{tail}")
        assert not seen.overflows()
        run_work(work_id=work.pk, now=timezone.now())
        link = page.get_by_role("link", name="Download the file" if english else "下载文件")
        link.wait_for()
        seen.picture(f"work-done-{tail}")
        with page.expect_download() as got:
            link.click()
        assert got.value.suggested_filename == "结果.txt"
        start(district)
        seen.goto(live_server.url + reverse("longwork:list"))
        seen.picture(f"work-list-{tail}")
        assert not seen.overflows()
        assert seen.complaints == []


def test_without_a_script_the_page_is_reloaded_and_the_work_cancelled(
    live_server: Any, district: District, browser: Browser
) -> None:
    work = start(district)
    session = client_of(district.officer).cookies[settings.SESSION_COOKIE_NAME].value
    with watched_page(browser, javascript=False) as seen:
        seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        seen.goto(live_server.url + work.get_absolute_url())
        LongWork.objects.filter(pk=work.pk).update(state="running", began_at=timezone.now(), done=1, total=3)
        seen.page.get_by_role("link", name="刷新进度").click()
        seen.page.get_by_text("33%", exact=True).wait_for()
        seen.page.get_by_text("更多操作").click()
        seen.page.get_by_role("button", name="取消任务").click()
        seen.page.get_by_text("没有留下任何结果").wait_for()
        assert seen.complaints == []
