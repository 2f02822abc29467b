"""Words of the standard, and of the audit, in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import finding_text as text_of
from quancheng.kernel.pages import marks
from quancheng.standards.wording import Text

register = template.Library()


@register.filter
def in_language(text: Text) -> str:
    """A sentence of the standard in the reader's language."""
    return said(text)


@register.filter
def finding_text(row: Any) -> str:
    return text_of(row)


@register.simple_tag
def outcome_mark(outcome: str) -> SafeString:
    """What a rule answered, as a word with a tone."""
    words = {"PASS": _("合格"), "FAIL": _("不合格"), "NA": _("不适用"), "NO_DATA": _("无数据")}
    tone = {"PASS": "done", "FAIL": "active"}.get(outcome, "quiet")
    return marks.badge(words[outcome], tone)
