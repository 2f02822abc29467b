"""Kinds of notices of people at work (消息类别)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from quancheng.domains.training.services import reminders
from quancheng.domains.training.services.expiry import NOTICE
from quancheng.kernel.notices.texts import declare_notice


def declare_notices() -> None:
    """Called while the apps get ready."""
    declare_notice(
        NOTICE, _("人员证书到期、复审"),
        ngettext_lazy(
            "您单位有%(count)s个人员证书即将到期、应复审或已失效。",
            "您单位有%(count)s个人员证书即将到期、应复审或已失效。", "count",
        ), number="count",
    )  # fmt: skip
    declare_notice(
        reminders.NOTICE, _("培训学时不足"),
        ngettext_lazy(
            "您单位有%(count)s项培训未达标或本年学时不足。",
            "您单位有%(count)s项培训未达标或本年学时不足。", "count",
        ), number="count",
    )  # fmt: skip
