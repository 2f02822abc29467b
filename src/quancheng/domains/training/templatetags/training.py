"""How pages of exams write things."""

from __future__ import annotations

from django import template

from quancheng.domains.training.examining import LETTERS

register = template.Library()


@register.filter
def letter(place: int) -> str:
    """The letter of an option, counted from 1."""
    return LETTERS[place - 1]
