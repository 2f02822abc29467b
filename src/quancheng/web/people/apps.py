from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeoplePagesConfig(AppConfig):
    name = "quancheng.web.people"
    label = "people_pages"
    verbose_name = "人员与权限页面"

    def ready(self) -> None:
        from quancheng.kernel.pages.nav import NavItem, register

        register(NavItem("admin", _("我的账号"), "people:profile", "user", for_all=True, order=900))
