"""What bodies of several operations share: chemicals and files by what the client calls them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils.translation import gettext as _
from ninja import Field

from quancheng.domains.registry.models import Chemical
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import standing_area
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import Strict
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import list_organisations


class TextIn(Strict):
    text: str = Field(min_length=1, max_length=2000)


class StepIn(Strict):
    """What goes with a move: the opinion, or the reason where it leads back, and files uploaded before."""

    text: str = Field("", max_length=2000)
    reason: str = Field("", max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


def chemical_of(text: str, *, field: str) -> Chemical:
    """The one chemical of a CAS number, name or other name. :raises Invalid: none, or several."""
    found = find_chemical(text)
    if found is None:
        sentence = _("化学品目录中没有（或不止一个）“%(text)s”，请写CAS号或全称。") % {"text": text}
        raise Invalid(fields={field: sentence})
    return found


def area_of(area_id: uuid.UUID, *, field: str = "area_id") -> Area:
    """The standing division of this key. :raises Invalid: there is none."""
    found = standing_area(area_id)
    if found is None:
        raise Invalid(fields={field: _("没有这个区划。")})
    return found


def organisations_of(
    actor: Actor, wanted: Sequence[uuid.UUID], *, field: str, kinds: Sequence[str] = ()
) -> list[Organisation]:
    """The organisations of these keys, in their order. :raises Invalid: one that the actor does not know."""
    rows = list_organisations(actor=actor, kinds=kinds).select_related("area")
    found = {one.pk: one for one in rows.filter(pk__in=wanted)}
    if set(wanted) - set(found):
        raise Invalid(fields={field: NotFound().message})
    return [found[pk] for pk in dict.fromkeys(wanted)]


@contextmanager
def files_named(field: str = "evidence") -> Iterator[None]:
    """A file that the body names and that is absent belongs to its field: the address itself was found."""
    try:
        yield
    except NotFound as absent:
        raise Invalid(fields={field: absent.message}) from absent
