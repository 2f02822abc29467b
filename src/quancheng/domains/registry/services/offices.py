"""Who acts in a matter that law gives to one kind of office."""

from __future__ import annotations

from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.offices import is_office
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted


def require_office(actor: Actor, codes: tuple[str, ...], duty: str) -> None:
    """:raises NotPermitted: the duty is missing, or the matter is another office's."""
    actor.require(duty)
    if not is_office(actor, codes, duty):
        raise NotPermitted(_("该事项由其他部门办理。"), code="other_organisation")
