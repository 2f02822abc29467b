"""Exchange (数据交换): spreadsheets in and out, the REST API's base, webhooks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "quancheng.kernel.exchange"
    label = "exchange"
    verbose_name = "数据交换"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.exchange.webhooks import services
        from quancheng.kernel.pages import nav
        from quancheng.kernel.vault import services as vault

        declare_duty(
            "exchange.webhooks.manage",
            _("维护事件推送"),
            roles=("office.director", "department.head", "town.head", "enterprise.head"),
        )
        nav.register(
            nav.NavItem("admin", _("事件推送"), "exchange:webhooks", "send", duty="exchange.webhooks.manage", order=70)
        )
        vault.register_column(f"exchange_webhook:{services.SECRET_KIND}", services.reseal_secrets)
        subscribe("*", services.fan_out, name="exchange.webhooks", wanted=services.live_webhooks)
