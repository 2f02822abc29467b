"""The throw-away pages, for the tests of the shell."""

from __future__ import annotations

from tests.support.pages import demo_pages

__all__ = ["demo_pages"]
