"""Template tags of the registry: grades and quantities in words."""

from __future__ import annotations

from decimal import Decimal

from django import template

from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.views import words

register = template.Library()


@register.simple_tag
def graded(grade: int | None, s: Decimal | None, r: Decimal | None) -> str:
    """A result in words."""
    return words.graded(grade, s, r) or "—"


@register.simple_tag
def hazard(grade: int | None) -> str:
    """A grade in words."""
    return words.hazard(grade) or "—"


@register.simple_tag
def amount(value: Decimal | None) -> str:
    """A quantity grouped by thousands."""
    return shown(value) or "—"


@register.simple_tag
def act(code: str) -> str:
    """An act of the journal in words."""
    return words.act(code)
