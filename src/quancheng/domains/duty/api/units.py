"""Organisations and other rows as a program names them in a body."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import list_organisations

Row = TypeVar("Row")


def organisations_of(*, actor: Actor, wanted: Sequence[uuid.UUID], field: str) -> list[Organisation]:
    """Organisations that the actor may know, in the order they were named.

    :raises Invalid: one is absent or out of scope, beside ``field``.
    """
    found = {org.pk: org for org in list_organisations(actor=actor).select_related("area").filter(pk__in=wanted)}
    if any(one not in found for one in wanted):
        raise Invalid(fields={field: _("请选择单位。")})
    return [found[one] for one in dict.fromkeys(wanted)]


def organisation_of(*, actor: Actor, wanted: uuid.UUID, field: str) -> Organisation:
    """One organisation that the actor may know.

    :raises Invalid: it is absent or out of scope, beside ``field``.
    """
    return organisations_of(actor=actor, wanted=[wanted], field=field)[0]


def named(field: str, find: Callable[[], Row]) -> Row:
    """The row that a body names.

    :raises Invalid: it is absent or out of scope, beside ``field``: 404 would speak of the address.
    """
    try:
        return find()
    except NotFound as absent:
        raise Invalid(fields={field: _("没有这条记录。")}) from absent


def named_or_none(field: str, pk: uuid.UUID | None, find: Callable[[uuid.UUID], Row]) -> Row | None:
    """The same for what may be left out."""
    return None if pk is None else named(field, lambda: find(pk))
