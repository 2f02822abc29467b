"""How pages of exams write things."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.models import SittingItem

register = template.Library()


@register.filter
def letter(place: int) -> str:
    """The letter of an option, counted from 1."""
    return LETTERS[place - 1]


@register.filter
def minutes_of(seconds: int) -> int:
    """Whole minutes, upwards."""
    return -(-seconds // 60)


@register.filter
def answer_of(item: SittingItem) -> str:
    """What was answered, in the bank's letters; of a case part by part."""
    words = {"T": _("对"), "F": _("错")}
    if item.version.kind != "case":
        text = str(item.answer.get("", ""))
        return words.get(text, text) if item.version.kind == "judge" else text
    told = []
    for number, part in enumerate(item.version.parts, start=1):
        text = str(item.answer.get(str(number), ""))
        told.append(f"{number}) {words.get(text, text) if part['kind'] == 'judge' else text or '—'}")
    return "  ".join(told)
