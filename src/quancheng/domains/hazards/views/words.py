"""Words and links that pages of hidden dangers share."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from quancheng.domains.hazards.models import Finding
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.criteria import criteria
from quancheng.standards.hidden_dangers.kinds import code_list


def coded(name: str, code: str) -> str:
    """A code of a list in words."""
    found = next((one for one in code_list(name).items if one.code == code), None)
    return "" if found is None else told(found.name)


def finding_link(row: Finding | None) -> Any:
    """A danger by code and name, leading to its page; empty for none."""
    if row is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("hazards:finding", args=[row.pk]), row)


def criterion_link(code: str) -> Any:
    """A criterion by code and text, leading to its page; empty for none."""
    found = criteria().get(code)
    if found is None:
        return code
    return format_html('<a href="{}">{} {}</a>', reverse("hazards:criterion", args=[code]), code, told(found.text))
