"""What rooms above add to a measure's page: actions and tabs of theirs, offered from their ``ready``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from quancheng.domains.risk.models import Measure
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.objects import Action, Tab

Actions = Callable[[Measure, Actor], Sequence[Action]]
Tabs = Callable[[Measure, Actor], Sequence[Tab]]
_actions: list[Actions] = []
_tabs: list[Tabs] = []


def register_measure(*, actions: Actions, tabs: Tabs) -> None:
    """Offer actions and tabs for the page of a measure."""
    _actions.append(actions)
    _tabs.append(tabs)


def actions_of(row: Measure, actor: Actor) -> list[Action]:
    return [action for offered in _actions for action in offered(row, actor)]


def tabs_of(row: Measure, actor: Actor) -> list[Tab]:
    return [tab for offered in _tabs for tab in offered(row, actor)]
