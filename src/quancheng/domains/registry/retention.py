"""What of the registry goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import AccessPass, Application, ScanDay
from quancheng.domains.registry.queries.applications import answered_before
from quancheng.domains.registry.queries.codes import list_ended_passes, list_old_scans
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(
        Rule(
            code="registry.application",
            name=_("企业注册申请"),
            model=Application,
            kept="365 days",
            after=_("申请办结"),
            due=answered_before,
        )
    )
    for rule in (
        Rule("registry.pass", _("临时查看码"), AccessPass, "5 years", _("失效"), list_ended_passes),
        Rule("registry.scan", _("扫码日计数"), ScanDay, "5 years", _("当日"), list_old_scans),
    ):
        declare(rule)
