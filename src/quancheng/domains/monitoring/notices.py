"""Kinds of notices of monitoring (消息类别)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from quancheng.kernel.notices.texts import declare_notice

ALARM, ESCALATED, GATHERED = "monitoring.alarm", "monitoring.alarm_escalated", "monitoring.alarms_gathered"
#: Of what a window kept from somebody, and of what was found afterwards.
OPENED, PAST = "monitoring.alarm_opened", "monitoring.past_alarms"
BYPASS_ENDS, BYPASS_OVERDUE, BYPASS_STANDS = (
    "monitoring.bypass_ends", "monitoring.bypass_overdue", "monitoring.bypass_stands",
)  # fmt: skip
WARNING, WARNING_LAPSED = "monitoring.warning", "monitoring.warning_lapsed"


def declare_notices() -> None:
    """Called while the apps get ready."""
    declare_notice(ALARM, _("报警"), _("%(enterprise)s %(title)s（%(priority)s级报警），请确认并处置。"))
    declare_notice(
        ESCALATED, _("报警升级"),
        _("%(enterprise)s %(title)s（%(priority)s级报警）%(minutes)s分钟无人处置，已升级至第%(step)s步。"),
    )  # fmt: skip
    declare_notice(
        OPENED, _("报警补告"),
        _("%(enterprise)s %(title)s（%(priority)s级报警）发生时不在告知时段，%(minutes)s分钟后仍未恢复，请查看处置。"),
    )  # fmt: skip
    declare_notice(
        GATHERED, _("报警合并告知"),
        ngettext_lazy("有%(count)s条报警合并告知。", "有%(count)s条报警合并告知。", "count"), number="count",
    )  # fmt: skip
    declare_notice(
        PAST, _("补传报警"),
        ngettext_lazy(
            "补传的历史数据中发现%(count)s条超限，请核实当时情况。",
            "补传的历史数据中发现%(count)s条超限，请核实当时情况。", "count",
        ),
        number="count",
    )  # fmt: skip
    declare_notice(BYPASS_ENDS, _("旁路即将到期"), _("%(title)s将在%(minutes)s分钟后到期，请按时恢复投用。"))
    declare_notice(BYPASS_OVERDUE, _("旁路超期"), _("%(title)s已超期%(minutes)s分钟未恢复，请立即督促恢复。"))
    declare_notice(BYPASS_STANDS, _("企业旁路超期"), _("%(title)s已超期%(minutes)s分钟未恢复，请督促企业恢复。"))
    declare_notice(WARNING, _("风险预警"), _("%(title)s，请在时限内响应。"))
    declare_notice(WARNING_LAPSED, _("风险预警逾期未响应"), _("%(title)s逾期未响应，已升级。"))
