"""A real Chromium for tests, and what a page must not do in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Set to a folder to keep pictures of the pages that tests visit.
PICTURES = os.environ.get("QUANCHENG_PICTURES", "")
DESK, LAPTOP, PHONE = (1440, 900), (1024, 768), (390, 844)


def chromium() -> str | None:
    """The system's Chromium; None where there is none."""
    return next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser; the test is skipped, saying so, where the machine has none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk")
    # The synchronous driver runs an event loop in this thread, which Django would take for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


#: Null while a page is being loaded; asked again and again, since the pages' policy lets no script wait by itself.
_OVERFLOWS = """
document.readyState !== "complete" || document.documentElement === null
  ? null : document.documentElement.scrollWidth > document.documentElement.clientWidth + 1
"""


@dataclass
class Watched:
    """A page and every complaint of the browser about it."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    #: Answers of 400 and more that the test asks for on purpose.
    expected: set[int] = field(default_factory=set)

    def goto(self, url: str) -> Response | None:
        return self.page.goto(url)

    def picture(self, name: str, *, full: bool = True) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=full)

    def overflows(self) -> bool:
        """Whether the page scrolls sideways, which none of ours may. A click may just have begun to load another."""
        for _try in range(100):
            found = self.page.evaluate(_OVERFLOWS)
            if found is not None:
                return bool(found)
            self.page.wait_for_timeout(100)
        raise AssertionError("the page was not there after ten seconds")


@contextmanager
def watched_page(
    browser: Browser,
    *,
    size: tuple[int, int] = DESK,
    dark: bool = False,
    english: bool = False,
    javascript: bool = True,
) -> Iterator[Watched]:
    """A page in a context of its own; complaints of the console, of the content policy and of scripts are kept."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale="en-GB" if english else "zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        has_touch=size == PHONE,
    )
    watched = Watched(context.new_page(), context)

    def said(message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # A refused request is the answer's business, which tests assert; all else is ours.
        if "Failed to load resource" in message.text and any(
            f"status of {n} " in message.text for n in watched.expected
        ):
            return
        # The software renderer speaks of its own speed when a picture of a map is taken.
        if "GL Driver Message" in message.text:
            return
        watched.complaints.append(f"{message.type}: {message.text} ({watched.page.url})")

    watched.page.on("console", said)
    watched.page.on("pageerror", lambda error: watched.complaints.append(f"script: {error}"))
    try:
        yield watched
    finally:
        context.close()
