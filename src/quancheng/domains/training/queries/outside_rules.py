"""Reads of what is asked of people and companies from outside."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import QuerySet

from quancheng.domains.training.models import OutsideRule, RuleGroup
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

VIEW = "training.view"


def list_outside_rules(*, actor: Actor) -> QuerySet[OutsideRule]:
    """Every line, for whoever may look at people. :raises NotPermitted: the duty is missing."""
    actor.require(VIEW)
    return OutsideRule.objects.order_by("group", "position", "code", "pk")


def get_outside_rule(*, actor: Actor, rule_id: uuid.UUID) -> OutsideRule:
    found = list_outside_rules(actor=actor).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def figures() -> dict[str, int]:
    """Every figure by its code, as a whole number. One query."""
    rows = OutsideRule.objects.filter(group=RuleGroup.FIGURE).values_list("code", "value")
    return {code: int(value or Decimal(0)) for code, value in rows}


def lines_of(group: str, *, used: bool = True) -> list[OutsideRule]:
    """Lines of a group in their order; those in use alone unless told otherwise. One query."""
    rows = OutsideRule.objects.filter(group=group)
    return list((rows.filter(is_used=True) if used else rows).order_by("position", "code"))


def names_of(group: str) -> dict[str, str]:
    """Codes of a group with their names in the reader's language, those out of use too."""
    return {one.code: one.shown for one in lines_of(group, used=False)}


def unknown_codes(group: str, codes: Iterable[str]) -> set[str]:
    return set(codes) - {one.code for one in lines_of(group)}
