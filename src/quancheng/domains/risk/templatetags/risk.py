"""Colours of risks in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext

from quancheng.domains.risk.views import words
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.words import told
from quancheng.standards import ghs
from quancheng.standards.risk.colours import Colour


def pictogram(code: str) -> Any:
    """A GHS pictogram with its name in the reader's language."""
    name = told(ghs.pictograms()[code].name)
    address = static(f"registry/ghs/{code}.svg")
    return format_html('<img src="{}" alt="{}" title="{}" width="36" height="36">', address, name, name)


def level_words(level: int | None) -> Any:
    """A level on pages without the house's style sheet: the word and the colour's word."""
    if level is None:
        return gettext("未评估")
    found = Colour(level)
    return format_html("{}（{}）", marks.RISKS[found.name.lower()], told(found.colour_word))


register = template.Library()
register.simple_tag(words.colour, name="colour")
register.simple_tag(words.raised, name="raised")
register.simple_tag(words.reasons, name="reasons")
register.simple_tag(words.act, name="risk_act")
register.simple_tag(told, name="told")
register.simple_tag(words.accident, name="accident")
register.simple_tag(words.answer, name="answer")
register.simple_tag(words.before, name="before")
register.simple_tag(words.controlled, name="controlled")
register.simple_tag(words.doubt_reason, name="doubt_reason")
register.simple_tag(pictogram)
register.simple_tag(level_words)
