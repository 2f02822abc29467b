from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "quancheng.kernel.notices"
    label = "notices"
    verbose_name = "消息"

    def ready(self) -> None:
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.notices import queries, services, texts
        from quancheng.kernel.pages import nav

        texts.declare_own()
        subscribe("work.item.urge", services.tell_urged, name="notices.urged")
        subscribe("work.item.hand_on", services.tell_handed_on, name="notices.handed_on")
        nav.register(
            nav.NavItem(
                "today",
                _("消息"),
                "notices:list",
                "bell",
                order=900,
                for_all=True,
                waiting=lambda actor: queries.list_unread(actor=actor),
            )
        )
