"""Tags of the monitoring room's templates."""

from __future__ import annotations

from typing import Any

from django.template import Library

from quancheng.domains.monitoring.models import Alarm
from quancheng.domains.monitoring.views import alarm_words

register = Library()


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
