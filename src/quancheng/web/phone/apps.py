from django.apps import AppConfig


class PhonePagesConfig(AppConfig):
    name = "quancheng.web.phone"
    label = "phone_pages"
    verbose_name = "手机离线页面"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from quancheng.kernel.pages.nav import NavItem, register

        register(NavItem("today", _("手机离线"), "phone_pages:shell", "phone", for_all=True, order=990))
