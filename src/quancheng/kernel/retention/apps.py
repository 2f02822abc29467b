"""Retention (保存期限)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "quancheng.kernel.retention"
    label = "retention"
    verbose_name = "保存期限"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.pages import nav
        from quancheng.kernel.retention.rules import declare_rules
        from quancheng.kernel.retention.services import MANAGE

        declare_duty(MANAGE, _("管理保存期限与保全"), roles=("admin.system",))
        nav.register(
            nav.NavItem(
                "admin", _("保存期限"), "retention:overview", "archive", duty=MANAGE, administrator="system", order=45
            )
        )
        declare_rules()
