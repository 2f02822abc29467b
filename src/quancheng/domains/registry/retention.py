"""What of the registry goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Application, PublicTry
from quancheng.domains.registry.queries.applications import answered_before, used_before
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(
        Rule(
            code="registry.application",
            name=_("企业注册申请"),
            model=Application,
            kept="1 year",
            after=_("申请办结"),
            due=answered_before,
        )
    )
    declare(
        Rule(
            code="registry.public_try",
            name=_("公开页面使用计数"),
            model=PublicTry,
            kept="30 days",
            after=_("使用页面"),
            due=used_before,
        )
    )
