"""Words of this room in templates."""

from __future__ import annotations

from django import template

from quancheng.domains.hazards.models import CheckTask
from quancheng.domains.hazards.models.exchange import TableCode
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.check_cycles import told_rhythm

register = template.Library()


@register.filter
def table_name(code: str) -> str:
    """A table of the exchange in words."""
    return str(TableCode(code).label) if code in TableCode.values else code


@register.filter
def rhythm(task: CheckTask) -> str:
    """How often a check is due."""
    return told(told_rhythm(task.every, task.cycle_unit))
