"""Fixtures of the shell's tests: throw-away pages and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.support.browser import open_browser
from tests.support.pages import SOMEONE, Someone

from quancheng.kernel.pages import nav


@pytest.fixture
def demo_pages(settings: Any) -> Iterator[Someone]:
    """The throw-away pages and their menu; nobody is signed in until ``signed_in`` is asked for."""
    settings.ROOT_URLCONF = "tests.web.demo_urls"
    before = dict(nav._items)
    nav._items.clear()
    nav.register(nav.NavItem("today", "今日待办", "demo-list", "home", count=lambda actor: 12, order=1))
    nav.register(nav.NavItem("duty", "快办", "demo-fast", "checklist", duty="demo.fast.open"))
    yield SOMEONE
    SOMEONE.actor = None
    nav._items.clear()
    nav._items.update(before)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened
