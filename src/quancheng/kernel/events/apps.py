from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "quancheng.kernel.events"
    label = "events"
    verbose_name = "事件"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.events import queries
        from quancheng.kernel.pages import nav

        declare_duty("events.operate", _("处理投递失败的事件"), roles=("admin.system",))
        nav.register(
            nav.NavItem(
                "admin",
                _("投递失败"),
                "events:failed",
                "refresh",
                duty="events.operate",
                administrator="system",
                order=80,
                waiting=lambda actor: queries.list_failed_deliveries(),
            )
        )
