"""What rooms above add to an enterprise's page: tabs of theirs, offered from their ``ready`` and read when opened."""

from __future__ import annotations

from collections.abc import Callable

from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.objects import Tab

TabOf = Callable[[Enterprise, Actor], Tab]
_tabs: list[TabOf] = []


def register_enterprise_tab(tab: TabOf) -> None:
    """Offer a tab for the page of an enterprise; it costs nothing before it is opened."""
    _tabs.append(tab)


def tabs_of(row: Enterprise, actor: Actor) -> list[Tab]:
    return [tab(row, actor) for tab in _tabs]
