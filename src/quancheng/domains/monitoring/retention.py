"""What of this domain goes when. Sources, tags and what limits did stay with the file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import AsideMessage, SourceScore, TagDay
from quancheng.domains.monitoring.queries.rates import list_old_tag_days
from quancheng.domains.monitoring.queries.scores import list_old_scores
from quancheng.domains.monitoring.queries.sources import list_old_asides
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule("monitoring.aside", _("存疑报文"), AsideMessage, "30 days", _("接收时间"), list_old_asides))
    declare(Rule("monitoring.tag_day", _("点位在线率"), TagDay, "3 years", _("日期"), list_old_tag_days))
    declare(Rule("monitoring.score", _("数据质量评分"), SourceScore, "3 years", _("日期"), list_old_scores))
