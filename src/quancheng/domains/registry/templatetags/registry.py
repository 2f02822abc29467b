"""Template tags of the registry: grades and quantities in words."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.views import words
from quancheng.kernel.pages import marks
from quancheng.standards.wording import Text

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


@register.simple_tag
def text(said: Text) -> str:
    """What a standard says, in the reader's language."""
    return said.in_language(get_language() or "zh")


@register.simple_tag
def licence_kind(code: str) -> str:
    """A kind of licence by name."""
    return words.licence_kind(code)


@register.simple_tag
def licence_state(state: str, doubts: object = ()) -> SafeString:
    """Where a licence stands, as a mark; one that is missing and may not be needed is to be settled."""
    if state == "missing" and doubts:
        return marks.badge(_("待确认"), "quiet")
    return words.licence_mark(state)


@register.simple_tag
def source_mark(code: str) -> str:
    """How sure a datum is, in words."""
    return words.mark(code)


@register.simple_tag
def money(value: Decimal | None) -> str:
    """Yuan grouped by thousands."""
    return words.money(value) or "—"


@register.simple_tag
def sign(code: str) -> str:
    """Where a pictogram of GHS is."""
    return static(f"registry/ghs/{code}.svg")
