"""Words of this room in templates."""

from __future__ import annotations

from django import template

from quancheng.domains.hazards.models.exchange import TableCode

register = template.Library()


@register.filter
def table_name(code: str) -> str:
    """A table of the exchange in words."""
    return str(TableCode(code).label) if code in TableCode.values else code
