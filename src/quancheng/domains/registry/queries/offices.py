"""Matters that law gives to one kind of office (主管部门), told by the code of its organisation."""

from __future__ import annotations

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation

#: Market supervision and customs (市场监管、海关) for the quality of products, ecology (生态环境) for the environment.
QUALITY, ENVIRONMENT = ("MSB", "CUS"), ("EEB",)


def is_office(actor: Actor, codes: tuple[str, ...], duty: str) -> bool:
    """Whether the actor holds the duty for an office of these codes; of any office where the district has none."""
    if not actor.has(duty):
        return False
    if actor.is_system:
        return True
    offices = Organisation.objects.standing().filter(actor_code__in=codes, supervises=True)
    known = set(offices.values_list("pk", flat=True))
    return actor.organisation_id in known or not known
