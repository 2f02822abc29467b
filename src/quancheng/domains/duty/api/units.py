"""Organisations as a program names them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import list_organisations


def organisations_of(*, actor: Actor, wanted: Sequence[uuid.UUID], field: str) -> list[Organisation]:
    """Organisations that the actor may know, in the order they were named.

    :raises Invalid: one is absent or out of scope, beside ``field``.
    """
    found = {org.pk: org for org in list_organisations(actor=actor).select_related("area").filter(pk__in=wanted)}
    if any(one not in found for one in wanted):
        raise Invalid(fields={field: _("请选择单位。")})
    return [found[one] for one in dict.fromkeys(wanted)]
