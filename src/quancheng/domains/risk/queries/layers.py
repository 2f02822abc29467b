"""What rooms above draw over the map of the district and plans of sites (图层): links between the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer with its own pages: of the map, and of the plan of an enterprise. ``duty`` shows it."""

    label: Text
    duty: str
    map_url: Callable[[], str]
    site_url: Callable[[Enterprise], str]


_layers: list[Layer] = []


def register(layer: Layer) -> None:
    """Called from an app's ``ready``."""
    _layers.append(layer)


def layers_of_map(actor: Actor) -> Sequence[tuple[Text, str]]:
    """Label and address of each layer of the district's map that the actor may open."""
    return [(one.label, one.map_url()) for one in _layers if actor.has(one.duty)]


def layers_of_site(actor: Actor, file: Enterprise) -> Sequence[tuple[Text, str]]:
    """The same of the plan of one site."""
    return [(one.label, one.site_url(file)) for one in _layers if actor.has(one.duty)]
