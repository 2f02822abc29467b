"""Colours of risks in templates."""

from __future__ import annotations

from django import template

from quancheng.domains.risk.views import words
from quancheng.kernel.pages.words import told

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
