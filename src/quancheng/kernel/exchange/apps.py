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
        from quancheng.kernel.exchange.imports import declare
        from quancheng.kernel.exchange.imports import services as imports
        from quancheng.kernel.exchange.models import ImportRun, Webhook
        from quancheng.kernel.exchange.webhooks import services
        from quancheng.kernel.files.holders import register_holder
        from quancheng.kernel.longwork.kinds import Kind, register_kind
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
        vault.register_column(f"exchange_webhook:{services.SECRET_KIND}", vault.reseal_of(Webhook, "secret"))
        register_kind(
            Kind(code=imports.COMMIT_KIND, label=_("导入数据"), run=imports.commit_as_work, is_atomic=True)
        )  # fmt: skip
        # Whole workbooks: few at a time.
        resealed = vault.reseal_of(ImportRun, "sealed", chunk=20)
        vault.register_column(f"exchange_importrun:{imports.SEALED_KIND}", resealed)
        register_holder(
            ImportRun._meta.label_lower,
            lambda actor, pk: ImportRun.objects.visible_to(actor).filter(pk=pk).first(),
        )
        nav.register(
            nav.NavItem(
                "registry", _("导入数据"), "exchange:imports", "upload", order=95, for_all=True,
                when=lambda actor: bool(declare.registers_for(actor)),
            )
        )  # fmt: skip
        subscribe("*", services.fan_out, name="exchange.webhooks", wanted=services.live_webhooks)
