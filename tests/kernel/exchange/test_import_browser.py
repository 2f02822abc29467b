"""The wizard in a real Chromium, at a desk and on a phone, in both languages, with scripts and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from tests.factories import District, make_district, make_member
from tests.kernel.exchange.importing import book
from tests.support.browser import DESK, PHONE, Watched, watched_page
from tests.support.signing import signed_in

from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ["单位全称", "简称", "单位类别", "上级单位", "所在区划", "链条环节", "别名"]
NEW = ["示例区水务局", "区水务局", "部门", "", "示例区", "", "水务局、区水利局"]
CHANGED = ["示例区应急管理局", "应急局", "部门", "", "甲街道", "生产、储存", "区应急局"]
BAD = ["示例区林业局", "", "不知道", "没有的局", "没有的街道", "", ""]


@pytest.fixture
def district() -> District:
    return make_district()


def sign_in(watched: Watched, url: str, district: District) -> None:
    admin = signed_in(make_member(district.office_org, "admin.system"), now=timezone.now())
    watched.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": url} for name, morsel in admin.cookies.items()]
    )


def file_of(folder: Path, name: str, *rows: list[str]) -> str:
    path = folder / name
    path.write_bytes(book(HEADS, *rows))
    return str(path)


def walk(watched: Watched, url: str, folder: Path, mark: str) -> None:
    """From the choice of a register to the undo."""
    page: Page = watched.page
    watched.goto(f"{url}/exchange/imports")
    shoot(watched, f"{mark}-1-choose")
    page.locator(".qc-choices a").first.click()
    shoot(watched, f"{mark}-2-upload")
    page.set_input_files("input[type=file]", file_of(folder, f"{mark}-错误.xlsx", NEW, BAD))
    page.locator("form.qc-form button").click()
    expect(page.locator(".qc-badge-wrong").first).to_be_visible()
    shoot(watched, f"{mark}-3-errors")
    page.locator(".qc-actions a[href*='/imports/of/']").click()
    page.set_input_files("input[type=file]", file_of(folder, f"{mark}-单位.xlsx", NEW, CHANGED))
    page.locator("form.qc-form button").click()
    expect(page.locator("#import-lines ins").first).to_be_visible()
    shoot(watched, f"{mark}-4-preview")
    page.locator("form[action$='/commit'] button").click()
    expect(page.locator("form[action$='/undo'] button")).to_be_visible()
    shoot(watched, f"{mark}-5-result")
    assert Organisation.objects.filter(name="示例区水务局").exists()
    page.locator("form[action$='/undo'] button").click()
    expect(page.locator("form[action$='/undo'] button")).to_have_count(0)
    assert not Organisation.objects.filter(name="示例区水务局").exists()
    watched.goto(f"{url}/exchange/imports/records")
    shoot(watched, f"{mark}-6-records")


def shoot(watched: Watched, name: str) -> None:
    watched.picture(f"import-{name}")
    assert not watched.overflows(), name


@pytest.mark.slow
def test_the_wizard_fits_a_desk_and_a_phone_in_both_languages(
    live_server: Any, browser: Browser, district: District, tmp_path: Path
) -> None:
    for size, english, javascript in (
        (DESK, False, True),
        (PHONE, False, False),
        (DESK, True, False),
        (PHONE, True, True),
    ):
        mark = f"{size[0]}-{'en' if english else 'zh'}"
        with watched_page(browser, size=size, english=english, javascript=javascript) as watched:
            sign_in(watched, live_server.url, district)
            walk(watched, live_server.url, tmp_path, mark)
            assert watched.complaints == []
