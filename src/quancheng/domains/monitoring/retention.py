"""What of this domain goes when. Sources, tags and what limits did stay with the file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import AsideMessage
from quancheng.domains.monitoring.queries.sources import list_old_asides
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule("monitoring.aside", _("存疑报文"), AsideMessage, "30 days", _("接收时间"), list_old_asides))
