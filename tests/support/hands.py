"""Hands for journeys in a browser: somebody sits down, fills in forms, sends them, and is told what refuses them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from tests.factories import client_of
from tests.support.browser import Watched

from quancheng.kernel.access.actor import Actor

PANEL = "#qc-panel"
#: Its label may lie under a bar that stays in sight, where a click by place would hit the bar.
TICK = "one => one.checked || one.click()"


def fill(page: Page, scope: str, **typed: Any) -> None:
    """Type into the fields of a form as a person does: text, a choice, boxes to tick."""
    for name, value in typed.items():
        field = page.locator(f'{scope} [name="{name}"]')
        kind = field.first.evaluate("one => one.type")
        if kind == "checkbox" and value is True:
            field.evaluate(TICK)
        elif kind in ("checkbox", "radio"):
            for each in value if isinstance(value, list) else [value]:
                page.locator(f'{scope} [name="{name}"][value="{each}"]').evaluate(TICK)
        elif kind in ("select-one", "select-multiple"):
            field.select_option(value)
        elif kind == "file":
            field.set_input_files(value)
        else:
            field.fill(str(value))


class Hands:
    """Whoever sits at one screen; the house's clock and the screen's stand where the story is."""

    def __init__(self, seen: Watched, server: Any, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
        self.seen, self.page, self.server, self.now = seen, seen.page, server, now
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def enter(self, actor: Actor) -> None:
        """Somebody else sits down at the screen."""
        session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.server.url}
        self.seen.context.add_cookies([cookie])  # type: ignore[list-item]

    def move_to(self, seen: Watched) -> None:
        """Go on at another screen."""
        self.seen, self.page = seen, seen.page

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def goto(self, path: str) -> None:
        self.page.clock.set_fixed_time(self.now)
        self.seen.goto(self.server.url + path)

    def look(self, name: str) -> None:
        self.seen.picture(name)
        assert self.seen.complaints == []
        assert not self.seen.overflows(), name

    def send(self, path: str, **typed: Any) -> None:
        """Fill in the form of a page and send it; it leads elsewhere."""
        self.goto(path)
        fill(self.page, "main form", **typed)
        self.page.locator("main .qc-form-actions button").click()
        expect(self.page.locator("main form .qc-field-wrong")).to_have_count(0)
        self.page.wait_for_url(lambda url: not url.endswith(path))

    def sent(self) -> None:
        """Send the form of an act; what refuses it is told."""
        panel = self.page.locator(PANEL)
        panel.locator(".qc-form-actions button").click()
        try:
            expect(panel).to_have_count(0)
        except AssertionError:
            raise AssertionError(panel.inner_text()) from None

    def act(self, url: str, name: str, **typed: Any) -> None:
        """Do something with a record: open its form, fill it in, send it."""
        self.goto(f"{url}?act={name}")
        fill(self.page, PANEL, **typed)
        self.sent()
