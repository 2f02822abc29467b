"""Words of monitoring in templates."""

from __future__ import annotations

from typing import Any

from django import template

from quancheng.domains.monitoring.models import Alarm, Tag
from quancheng.domains.monitoring.views import alarm_words, words

register = template.Library()


@register.filter
def tag_name(row: Tag) -> str:
    """The name of a tag in the reader's language."""
    return words.tag_name(row)


@register.filter
def quantity(value: float, unit: str) -> str:
    """A value with its unit."""
    return words.quantity(value, unit)


@register.filter
def spaced(moment: str) -> str:
    """A moment of an address as people read it."""
    return moment.replace("T", " ")


@register.simple_tag
def without(asked: Any, number: int) -> str:
    """The address of a trend without one of its tags."""
    return str(asked.address(without=number))


@register.simple_tag
def alarm_priority(row: Alarm) -> Any:
    """The priority of an alarm as number and word."""
    return alarm_words.priority(row)


@register.simple_tag
def alarm_state(row: Alarm) -> Any:
    """The state of an alarm as shape and word."""
    return alarm_words.state(row)


@register.simple_tag
def alarm_reason(code: str) -> str:
    """Why an alarm came; empty where nobody said."""
    return alarm_words.reason(code)
