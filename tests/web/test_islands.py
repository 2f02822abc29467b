"""What the islands do in a real Chromium, and that every page works without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.support.browser import PHONE, Watched, watched_page
from tests.support.pages import Someone, organisation, sign_in

from quancheng.kernel.pages.models import SavedView
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(demo_pages: Someone) -> list[Organisation]:
    sign_in("demo.fast.open")
    return [organisation(number) for number in range(1, 31)]


def test_typing_in_the_filter_narrows_the_list_and_the_address_follows(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/")
    watched.page.fill("#f-q", "007")
    expect(watched.page.locator("#qc-list tbody tr")).to_have_count(1)
    expect(watched.page).to_have_url(f"{live_server.url}/demo/?q=007")
    expect(watched.page.locator("#f-q")).to_have_value("007")
    assert watched.page.evaluate("document.activeElement.id") == "f-q", "the person goes on typing"
    watched.page.go_back()
    expect(watched.page.locator("#qc-list tbody tr")).to_have_count(20)


def test_sorting_then_filtering_keeps_the_sorting(live_server: Any, rows: list[Organisation], watched: Watched) -> None:
    watched.goto(f"{live_server.url}/demo/")
    watched.page.click("th >> text=单位全称")
    expect(watched.page.locator("th[aria-sort=descending]")).to_have_count(1)
    watched.page.fill("#f-q", "工作局")
    expect(watched.page).to_have_url(f"{live_server.url}/demo/?q=%E5%B7%A5%E4%BD%9C%E5%B1%80&sort=-name")
    expect(watched.page.locator("#qc-list tbody tr").first).to_contain_text("030")


def test_the_count_arrives_without_moving_the_table(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => {"
        " for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    watched.goto(f"{live_server.url}/demo/")
    expect(watched.page.locator("#qc-count")).to_contain_text("共 31 条")
    assert watched.page.evaluate("window.shifts") < 0.02


def test_a_wrong_date_in_the_address_is_told_on_the_page(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.expected = {422}
    watched.goto(f"{live_server.url}/demo/?kind=castle")
    expect(watched.page.locator(".qc-summary")).to_contain_text("没有显示结果")
    watched.page.fill("#f-q", "007")
    expect(watched.page.locator(".qc-summary")).to_have_count(0)


def test_keys_search_walk_the_rows_and_explain_themselves(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/")
    watched.page.keyboard.press("j")
    watched.page.keyboard.press("j")
    expect(watched.page.locator("tr.qc-at")).to_have_count(1)
    assert watched.page.evaluate("[...document.querySelectorAll('#qc-list tbody tr')].findIndex(r => r.classList.contains('qc-at'))") == 1  # noqa: E501  # fmt: skip
    watched.page.keyboard.press("x")
    expect(watched.page.locator(".qc-bulk")).to_be_visible()
    watched.page.keyboard.press("?")
    expect(watched.page.locator("#qc-keys")).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("#qc-keys")).to_be_hidden()


def test_the_skip_link_is_the_first_stop_of_the_keyboard(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/")
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.className") == "qc-skip"
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "main"


def test_the_theme_turns_and_is_painted_by_the_server_at_the_next_page(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/")
    root = watched.page.locator("html")
    button = watched.page.locator("[data-theme-switch]")
    button.click()
    button.click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    watched.page.reload()
    assert 'data-bs-theme="dark"' in watched.page.content()
    button.click()
    expect(root).to_have_attribute("data-bs-theme", "light")  # Back to what the device says.


def test_the_language_switch_comes_back_to_the_same_page(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/?q=007")
    watched.page.click("button[name=language]")
    expect(watched.page).to_have_url(f"{live_server.url}/demo/?q=007")
    expect(watched.page.locator("html")).to_have_attribute("lang", "en")


def test_an_action_is_done_in_place_and_says_so(live_server: Any, rows: list[Organisation], watched: Watched) -> None:
    watched.expected = {422}
    watched.goto(f"{live_server.url}/demo/{rows[0].pk}")
    watched.page.click("text=更名")
    field = watched.page.locator("#id_name")
    expect(field).to_be_focused()
    field.fill(rows[0].name)
    watched.page.click("#qc-panel button.btn-primary")
    expect(watched.page.locator(".qc-summary")).to_be_visible()
    expect(field).to_have_value(rows[0].name)
    field.fill("短名称")
    watched.page.click("#qc-panel button.btn-primary")
    expect(watched.page.locator("h1")).to_have_text("短名称")
    expect(watched.page.locator(".qc-toast-success")).to_contain_text("已完成：更名")


def test_a_confirmed_action_asks_first_and_a_refusal_stays_on_the_page(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.expected = {409}
    watched.goto(f"{live_server.url}/demo/{rows[0].pk}")
    watched.page.click("summary >> text=更多操作")
    watched.page.click(".qc-menu-item >> text=撤销")
    expect(watched.page.locator("dialog[open]")).to_contain_text("撤销后不能恢复")
    watched.page.click("dialog[open] >> text=取消")
    expect(watched.page.locator(".qc-summary")).to_have_count(0)
    watched.page.click("summary >> text=更多操作")
    watched.page.click(".qc-menu-item >> text=撤销")
    watched.page.click("dialog[open] button[value=yes]")
    expect(watched.page.locator(".qc-summary")).to_contain_text("刚被他人撤销")


def test_a_server_that_does_not_answer_is_told_and_nothing_is_lost(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/")
    watched.page.route("**/demo/?*", lambda route: route.abort())
    watched.page.fill("#f-q", "007")
    expect(watched.page.locator(".qc-toast-error")).to_contain_text("没有连上服务器")
    expect(watched.page.locator("#f-q")).to_have_value("007")
    expect(watched.page.locator("#qc-list tbody tr")).to_have_count(20)
    watched.complaints.clear()


def test_a_long_form_keeps_its_draft_says_so_and_gives_it_back(
    live_server: Any, rows: list[Organisation], watched: Watched
) -> None:
    watched.goto(f"{live_server.url}/demo/gallery")
    form = watched.page.locator("form[data-draft]")
    form.locator("textarea").fill("写了一半的内容")
    expect(form.locator(".qc-draft")).to_contain_text("保存在本机")
    watched.page.reload()
    expect(form.locator("textarea")).to_have_value("写了一半的内容")
    expect(form.locator(".qc-draft")).to_contain_text("已恢复")
    form.locator(".qc-draft button").click()
    expect(form.locator("textarea")).to_have_value("")


def test_files_too_large_or_of_a_wrong_type_are_told_before_sending(
    live_server: Any, rows: list[Organisation], watched: Watched, tmp_path: Path
) -> None:
    watched.goto(f"{live_server.url}/demo/gallery")
    for name, size in (("good.pdf", 10), ("large.pdf", 1_100_000), ("bad.exe", 10)):
        (tmp_path / name).write_bytes(b"x" * size)
    watched.page.set_input_files("[data-upload] input", [tmp_path / n for n in ("good.pdf", "large.pdf", "bad.exe")])
    expect(watched.page.locator("[data-upload] li")).to_have_count(1)
    expect(watched.page.locator("#qc-toasts .qc-toast-warning")).to_have_count(2)
    assert watched.page.evaluate("document.querySelector('[data-upload] input').files.length") == 1


def test_a_saved_view_becomes_a_tab(live_server: Any, rows: list[Organisation], watched: Watched) -> None:
    watched.goto(f"{live_server.url}/demo/?kind=department")
    watched.page.click("summary >> text=视图")
    watched.page.fill("#qc-view-name", "只看部门")
    watched.page.click("text=保存视图")
    expect(watched.page.locator(".qc-tab[aria-current]")).to_have_text("只看部门")
    assert SavedView.objects.get().query == "kind=department"


def test_a_phone_shows_cards_a_bottom_bar_and_the_menu_as_a_sheet(
    live_server: Any, rows: list[Organisation], browser: Browser
) -> None:
    with watched_page(browser, size=PHONE) as seen:
        seen.goto(f"{live_server.url}/demo/")
        expect(seen.page.locator(".qc-bottom")).to_be_visible()
        expect(seen.page.locator(".qc-side")).to_be_hidden()
        expect(seen.page.locator(".qc-table thead")).to_be_hidden()
        seen.page.click(".qc-bottom >> text=台账")
        expect(seen.page.locator(".qc-side")).to_be_visible()
        seen.picture("menu-phone", full=False)
        seen.page.click(".qc-side >> text=快办")
        expect(seen.page).to_have_url(f"{live_server.url}/demo/fast")
        assert seen.complaints == []


def test_without_a_script_lists_filter_sort_and_count_and_actions_work(
    live_server: Any, rows: list[Organisation], browser: Browser
) -> None:
    with watched_page(browser, javascript=False) as seen:
        seen.goto(f"{live_server.url}/demo/")
        seen.page.fill("#f-q", "007")
        seen.page.press("#f-q", "Enter")
        expect(seen.page.locator("#qc-list tbody tr")).to_have_count(1)
        seen.page.click("#qc-list tbody a")
        seen.page.click("text=更名")
        seen.page.fill("#id_name", "无脚本更名")
        seen.page.click("#qc-panel button.btn-primary")
        expect(seen.page.locator("h1")).to_have_text("无脚本更名")
        seen.goto(f"{live_server.url}/demo/")
        seen.page.click("#qc-count a")
        expect(seen.page.locator("#qc-count")).to_have_text("共 31 条　统一社会信用代码 0")


def test_on_paper_only_the_table_remains(live_server: Any, rows: list[Organisation], watched: Watched) -> None:
    watched.goto(f"{live_server.url}/demo/?kind=department")
    watched.page.emulate_media(media="print")
    for hidden in (".qc-side", ".qc-top", ".qc-filters", ".qc-list-bar", ".qc-tick >> nth=0"):
        expect(watched.page.locator(hidden)).to_be_hidden()
    expect(watched.page.locator(".qc-print-only")).to_have_text("类别：部门")
    watched.picture("list-print")
