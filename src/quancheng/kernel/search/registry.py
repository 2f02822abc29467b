"""Search providers: each domain offers its own, and each answers only with what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.urls import NoReverseMatch, reverse

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.names import clean

#: Longer texts are cut: names and codes are shorter.
LONGEST = 60
PER_GROUP = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. ``url`` is empty where it has no page that the actor could open."""

    group: str
    title: str
    subtitle: str
    url: str


class SearchProvider(Protocol):
    """Finds things of one sort by name, code or pinyin initials.

    :ivar code: unique, e.g. ``duty.tasks``; :ivar group: the heading; :ivar order: place of the group.
    """

    code: str
    order: int

    @property
    def group(self) -> Text: ...

    def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
        """At most ``limit`` hits, the best first; reads begin with ``visible_to(actor)``. One query."""
        ...


_providers: dict[str, SearchProvider] = {}


def register_search(provider: SearchProvider) -> None:
    """Offer a provider, from an app's ``ready``. Another one under a known code is a mistake of ours."""
    known = _providers.get(provider.code)
    if known is not None and type(known) is not type(provider):
        raise ValueError(f"search provider registered twice: {provider.code}")
    _providers[provider.code] = provider


def unregister_search(code: str) -> None:
    """Take a provider out again: for tests."""
    _providers.pop(code, None)


def find(*, actor: Actor, text: str, limit: int = PER_GROUP) -> list[tuple[str, list[Hit]]]:
    """Hits by group, in the order of the groups; groups with none are left out. Empty text finds nothing."""
    text = clean(text)[:LONGEST]
    if not text:
        return []
    found = []
    for provider in sorted(_providers.values(), key=lambda each: (each.order, each.code)):
        hits = provider.search(actor, text, limit)
        if hits:
            found.append((str(provider.group), hits))
    return found


def url_to(name: str, *args: object) -> str:
    """The address under a name; empty where the app that has it is not built in."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
