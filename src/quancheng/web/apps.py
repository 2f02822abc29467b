from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WebConfig(AppConfig):
    name = "quancheng.web"
    label = "web"
    verbose_name = "界面"

    def ready(self) -> None:
        from quancheng.kernel.pages import nav
        from quancheng.kernel.work.copies import list_unseen
        from quancheng.web.today import list_waiting

        today = (
            nav.NavItem("today", _("今日待办"), "web:today", "home", for_all=True, order=10),
            nav.NavItem("today", _("待办"), "web:inbox", "inbox", waiting=list_waiting, order=20, tells_errands=True),
            nav.NavItem("today", _("已办"), "web:done", "circle-check", order=30),
            nav.NavItem("today", pgettext_lazy("inbox", "抄送"), "web:copies", "copy", waiting=list_unseen, order=40),
        )
        for item in today:
            nav.register(item)
